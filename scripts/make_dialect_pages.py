#!/usr/bin/env python3
"""make_dialect_pages.py [--check]: makes docs/dialects/index.md from the head comments of src/dialect/*.cc and the goldens.

--check writes nothing; exit status 1: the page is not what would be made.
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs/dialects/index.md"
SECTIONS = ("NAME", "SUMMARY", "SOURCES", "SAMPLES", "KNOWN GAPS")

INTRODUCTION = """# The programs whose logs are read

This page is made from the sources of the dialects (`scripts/make_dialect_pages.py`). A log is recognised without an option, and
logs of several programs may be mixed in one file. For a program that is not here, [write its dialect](../dialect.md): a text file
is enough.

"""


def sections_of(path):
    """{section: its lines}, from the comment at the head of a source."""
    found, current = {}, None
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line.startswith("//"):
            break
        text = line[2:].removeprefix(" ")
        if text in SECTIONS:
            current = found.setdefault(text, [])
        elif current is not None and not text.startswith("clang-format"):
            current.append(text.strip())
    return found


def paragraph(lines):
    return re.sub(r"\s+", " ", " ".join(lines)).strip()


def head_comment(path):
    lines = []
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        if not line.startswith("# "):
            break
        lines.append(line[2:])
    return paragraph(lines)


def page():
    names = sorted(p.stem for p in (ROOT / "src/dialect").glob("*.cc") if p.stem != "dialect")
    out = [INTRODUCTION, "| dialect | what it reads |\n| --- | --- |\n"]
    sections = {name: sections_of(ROOT / "src/dialect" / f"{name}.cc") for name in names}
    for name in names:
        first = paragraph(sections[name]["SUMMARY"]).split(". ")[0].split(": ")[0].rstrip(".")
        out.append(f"| [{name}](#{name}) | {first.replace('|', chr(92) + '|')} |\n")
    for name in names:
        known = sections[name]
        out.append(f"\n## {name}\n\n{paragraph(known['SUMMARY'])}\n\n")
        if (ROOT / "docs/dialects" / f"{name}.md").exists():
            out.append(f"Shape by shape: [{name}]({name}.md).\n\n")
        out.append(f"*Known from:* {paragraph(known['SOURCES'])}\n\n")
        out.append(f"*Known gaps:* {paragraph(known['KNOWN GAPS'])}\n\n")
        out.append(f"*Tested by* `tests/golden/dialect/{name}/`:\n\n")
        for golden in sorted((ROOT / "tests/golden/dialect" / name).glob("*.txt")):
            said = head_comment(golden)
            out.append(f"- `{golden.stem}`" + (f": {said}" if said else "") + "\n")
    return "".join(out)


def main():
    made = page()
    if sys.argv[1:] == ["--check"]:
        if PAGE.exists() and PAGE.read_text(encoding="utf-8") == made:
            return 0
        print(f"{PAGE.relative_to(ROOT)}: is not what its sources say (scripts/make_dialect_pages.py)")
        return 1
    PAGE.write_text(made, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())

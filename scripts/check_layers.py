#!/usr/bin/env python3
"""Checks the rules of the house that a compiler does not know. Prints each breach as FILE:LINE: RULE.

Exit status 0: none. The folder table is read from src/CMakeLists.txt, so it stands in one place.
"""
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
CODE = {".cc", ".h", ".py", ".sh", ".cmake", ".ts", ".tsx"}
MAX_LINES = 800
MAX_FUNCTION_LINES = 60
VAGUE_NAMES = re.compile(r"(^|_)(utils?|helpers?|managers?|misc|common)(_|$)")
VAGUE_TYPES = re.compile(r"\b(class|struct)\s+\w*(Utils?|Helper|Manager)\b")
SNAKE = re.compile(r"^[a-z][a-z0-9_]*$")
DIALECT_SECTIONS = ("NAME", "SUMMARY", "SOURCES", "SAMPLES", "KNOWN GAPS")
# Hosts of package registries and paths of one machine: a project that names them builds in one place only.
FOREIGN_HOST = re.compile(r"//(registry|deb|packages|ftp|archive|pypi|proxy)\.[a-z0-9.-]+\.[a-z]{2,}", re.IGNORECASE)
MACHINE_PATH = re.compile(r"""(?<![\w.])/(work|root|farm|Users)/\w""")
NO_FUNCTION = re.compile(
    r"\s*(namespace|class|struct|enum|union|extern|if|for|while|switch|else|do|try|case|return|template)\b"
    r"|.*\[[^\]]*\]\s*(\(|\{|mutable)")
LEFT_OVER = re.compile(r"\b(TODO|FIXME|XXX)\b|\bGTEST_SKIP\b|\bDISABLED_")


def tracked_files():
    """Every file that git knows or would add, as paths below ROOT."""
    out = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=ROOT, check=True,
                         capture_output=True).stdout.decode()
    return [pathlib.PurePosixPath(name) for name in sorted(set(out.split("\0"))) if name and (ROOT / name).is_file()]


def layer_table(text):
    """{folder: set of folders it may include}, from the mailtrail_layer lines."""
    table = {}
    for line in re.findall(r"^mailtrail_layer\(([^)]*)\)", text, re.MULTILINE):
        folder, *allowed = line.split()
        table[folder] = set(allowed)
    return table


def reachable(table, folder):
    """What `folder` may include: what its line names, and what these may include in their turn."""
    seen, todo = set(), list(table.get(folder, ()))
    while todo:
        name = todo.pop()
        if name not in seen:
            seen.add(name)
            todo.extend(table.get(name, ()))
    return seen


def check_table(table):
    for folder in sorted(table):
        for name in sorted(table[folder] - set(table)):
            yield "src/CMakeLists.txt", 1, f"layer {folder} allows {name}, which is no layer"
        if folder in reachable(table, folder):
            yield "src/CMakeLists.txt", 1, f"layer {folder} depends on itself"


def check_includes(path, lines, table):
    folder = path.parts[1]
    if folder not in table:
        yield path, 1, f"src/{folder} is no layer of src/CMakeLists.txt"
        return
    allowed = table[folder] | {folder, "base"}
    for number, line in enumerate(lines, 1):
        match = re.match(r'\s*#\s*include\s+"([^"]+)"', line)
        if not match:
            continue
        target = match[1].split("/")[0]
        if "/" not in match[1] or ".." in match[1]:
            yield path, number, f'#include "{match[1]}": name the file from src/ on, as "folder/file.h"'
        elif target not in allowed:
            yield path, number, f"{folder} may not include {target} (src/CMakeLists.txt)"


def long_functions(lines):
    """(line, length) of each function longer than MAX_FUNCTION_LINES. Goes by the layout that clang-format gives: a
    body ends at the next `}` under the beginning of its head."""
    for number, line in enumerate(lines):
        if not line.endswith("{") or ")" not in line:
            continue
        begin = number
        depth = line.count(")") - line.count("(")
        # Up over open parentheses, and from the initialisers of a constructor to its name.
        while (depth > 0 or lines[begin].lstrip().startswith(": ")) and begin > 0:
            begin -= 1
            depth += lines[begin].count(")") - lines[begin].count("(")
        head = lines[begin]
        if NO_FUNCTION.match(head) or NO_FUNCTION.match(line):
            continue
        indent = head[:len(head) - len(head.lstrip())]
        end = next((at for at in range(number + 1, len(lines)) if re.match(indent + r"\}", lines[at])), number)
        if end - begin + 1 > MAX_FUNCTION_LINES:
            yield begin + 1, end - begin + 1


def check_file(path, lines):
    if path.suffix in {".cc", ".h"} and (not SNAKE.match(path.stem) or VAGUE_NAMES.search(path.stem)):
        yield path, 1, "file names are snake_case nouns that say what is inside"
    if path.suffix in CODE and len(lines) > MAX_LINES:
        yield path, len(lines), f"{len(lines)} lines: split it (at most {MAX_LINES})"
    if path.suffix in {".cc", ".h"} and path.parts[0] != "tests":  # a test may be a long table of cases
        for number, length in long_functions(lines):
            yield path, number, f"a function of {length} lines: split it (at most {MAX_FUNCTION_LINES})"
    if path.suffix == ".h" and "#pragma once" not in lines:
        yield path, 1, "a header has #pragma once"
    for number, line in enumerate(lines, 1):
        if FOREIGN_HOST.search(line):
            yield path, number, "names the host of a package registry"
        if MACHINE_PATH.search(line):
            yield path, number, "names a path of one machine"
        if path.name != "check_layers.py" and LEFT_OVER.search(line):
            yield path, number, "left-over: finish it or take it out"
        if path.suffix in {".cc", ".h"} and VAGUE_TYPES.search(line):
            yield path, number, "a type is named by what it is, not Helper, Manager or Util"


def check_dialects():
    sources = {p.stem for p in (ROOT / "src/dialect").glob("*.cc")} - {"dialect"}
    goldens = {p.name for p in (ROOT / "tests/golden/dialect").glob("*") if p.is_dir()}
    for name in sorted(sources - goldens):
        yield f"src/dialect/{name}.cc", 1, f"has no goldens in tests/golden/dialect/{name}/"
    for name in sorted(goldens - sources):
        yield f"tests/golden/dialect/{name}", 1, f"has no src/dialect/{name}.cc"
    for name in sorted(sources & goldens):
        if not list((ROOT / "tests/golden/dialect" / name).glob("*.txt")):
            yield f"tests/golden/dialect/{name}", 1, "holds no golden"
        head = (ROOT / "src/dialect" / f"{name}.cc").read_text(encoding="utf-8").split("#include", 1)[0]
        for section in DIALECT_SECTIONS:
            if not re.search(rf"^// {section}\b", head, re.MULTILINE):
                yield f"src/dialect/{name}.cc", 1, f"its head comment has no section {section}"


def check_reports():
    """A report is two files: what it shows, and a golden that says so."""
    reports = {p.stem for p in (ROOT / "src/query/reports").glob("*") if p.suffix == ".report"}
    goldens = {p.stem for p in (ROOT / "tests/golden/report_file").glob("*") if p.suffix == ".txt"}
    for name in sorted(reports - goldens):
        yield f"src/query/reports/{name}.report", 1, f"has no golden tests/golden/report_file/{name}.txt"
    for name in sorted(goldens - reports):
        yield f"tests/golden/report_file/{name}.txt", 1, f"has no src/query/reports/{name}.report"
    for name in sorted(reports):
        if not SNAKE.match(name):
            yield f"src/query/reports/{name}.report", 1, "file names are snake_case nouns that say what is inside"


def main():
    table = layer_table((ROOT / "src/CMakeLists.txt").read_text(encoding="utf-8"))
    breaches = list(check_table(table)) + list(check_dialects()) + list(check_reports())
    count = 0
    for path in tracked_files():
        named = path.name in {"Makefile", "CMakeLists.txt", "CMakePresets.json", "run"}
        if path.suffix not in CODE and path.suffix != ".md" and not named:
            continue
        count += 1
        lines = (ROOT / path).read_text(encoding="utf-8").splitlines()
        breaches += check_file(path, lines)
        if path.parts[0] == "src" and len(path.parts) > 2 and path.suffix in {".cc", ".h"}:
            breaches += check_includes(path, lines, table)
    for path, number, rule in breaches:
        print(f"{path}:{number}: {rule}")
    print(f"{count} files, {len(table)} layers, {len(breaches)} breaches")
    return 1 if breaches or not table or not count else 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
"""refresh_readme.py [--check] MAILTRAIL: keeps the output that the documents show the output that the program gives.

In README.md and docs/*.md, what stands between the lines

    <!-- output: mailtrail report tests/data/postfix-a/mail.log.gz -->
    <!-- end -->

is a fenced block with the command and what it prints, run from the root of the repository. `| head -N` at the end of a
command keeps the first N lines. Without --check the blocks are written anew. With --check nothing is written: each
block is a case (`ok - COMMAND`, `not ok - COMMAND`), and so is each other command line `mailtrail ...` of a fenced block that
names nothing but files of the repository.
"""
import difflib
import os
import pathlib
import re
import shlex
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
BLOCK = re.compile(r"(?ms)^<!-- output: (?P<command>mailtrail .*?) -->\n(?P<shown>.*?)^<!-- end -->$")
FENCE = re.compile(r"(?ms)^```[a-z]*\n(.*?)^```$")


def documents():
    return [ROOT / "README.md", *sorted((ROOT / "docs").glob("**/*.md"))]


def output_of(mailtrail, command):
    """(exit status, what it prints), both streams, as on a terminal of 120 columns without colours."""
    match = re.fullmatch(r"(.*?)(?: \| head -(\d+))?", command)
    words = shlex.split(match[1])
    environment = dict(os.environ, LC_ALL="C.UTF-8", TZ="UTC", COLUMNS="120", NO_COLOR="1")
    done = subprocess.run([mailtrail, *words[1:]], cwd=ROOT, env=environment, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, timeout=120)
    lines = done.stdout.decode("utf-8", "replace").splitlines()
    if match[2] and len(lines) > int(match[2]):
        lines = lines[:int(match[2])] + ["..."]
    return done.returncode, "\n".join(line.rstrip() for line in lines).strip("\n")


def block_for(command, printed):
    return f"<!-- output: {command} -->\n```\n$ {command}\n{printed}\n```\n<!-- end -->"


def other_commands(text):
    """The command lines of fenced blocks outside the generated ones whose files are all in the repository."""
    for fence in FENCE.findall(BLOCK.sub("", text)):
        for line in fence.splitlines():
            command = re.sub(r"\s+#.*$", "", line.removeprefix("$ ").strip())
            if not command.startswith("mailtrail ") or "..." in command:
                continue
            files = [word for word in shlex.split(command)[1:] if "/" in word]
            if files and all((ROOT / word).exists() for word in files):
                yield command


def check(mailtrail):
    cases = 0
    good = True
    for path in documents():
        text = path.read_text(encoding="utf-8")
        results = []
        for match in BLOCK.finditer(text):
            status, printed = output_of(mailtrail, match["command"])
            wanted = block_for(match["command"], printed)
            difference = "\n".join(difflib.unified_diff(match[0].splitlines(), wanted.splitlines(), "shown", "printed",
                                                        lineterm=""))
            results.append((match["command"], status == 0 and not difference, difference or printed))
        for command in other_commands(text):
            status, printed = output_of(mailtrail, command)
            results.append((command, status in (0, 1), printed))
        for command, ok, details in results:
            cases += 1
            good &= ok
            print(f"{'ok' if ok else 'not ok'} - {path.relative_to(ROOT)}: {command}")
            if not ok:
                print(details)
    if not cases:
        print("not ok - the documents show no output at all")
    return good and cases > 0


def refresh(mailtrail):
    for path in documents():
        text = path.read_text(encoding="utf-8")

        def anew(match):
            status, printed = output_of(mailtrail, match["command"])
            if status != 0:
                sys.exit(f"{path}: {match['command']}: status {status}\n{printed}")
            return block_for(match["command"], printed)

        fresh = BLOCK.sub(anew, text)
        if fresh != text:
            path.write_text(fresh, encoding="utf-8")
            print(f"{path.relative_to(ROOT)}: refreshed")
    return True


def main():
    words = [word for word in sys.argv[1:] if word != "--check"]
    if len(words) != 1:
        sys.exit(__doc__)
    mailtrail = str(pathlib.Path(words[0]).resolve())
    return 0 if (check if "--check" in sys.argv else refresh)(mailtrail) else 1


if __name__ == "__main__":
    sys.exit(main())

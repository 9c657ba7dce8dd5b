#!/usr/bin/env python3
"""make_seeds.py FUZZER_SOURCE OUT_FOLDER: fills the folder with seeds for one fuzzer, made from the goldens.

The source may name its folders of tests/golden in a comment line `// SEEDS: dialect record`; without one, all are
taken.
Each golden gives its input (what stands above `----`, without the comments at its head) as a whole and line by line; of
one that has cases parted by `====`, each case does.
"""
import hashlib
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent


def golden_inputs(folders):
    for folder in folders:
        for path in sorted(folder.rglob("*.txt")):
            text = path.read_bytes()
            for case in re.split(rb"(?m)^====\n", text):
                head = re.split(rb"(?m)^----", case, maxsplit=1)[0]
                while head.startswith((b"# ", b"#\n")):
                    head = head.partition(b"\n")[2]
                yield head
                yield from head.splitlines()


def main():
    source, out = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    named = re.search(r"^// SEEDS:(.*)$", source.read_text(encoding="utf-8"), re.MULTILINE)
    golden = ROOT / "tests/golden"
    folders = [golden / name for name in named[1].split()] if named else [golden]
    for folder in folders:
        if not folder.is_dir():
            sys.exit(f"{source}: {folder} is no folder of goldens")
    out.mkdir(parents=True, exist_ok=True)
    seeds = {hashlib.sha1(seed).hexdigest(): seed for seed in golden_inputs(folders) if seed.strip()}
    for name, seed in seeds.items():
        (out / name).write_bytes(seed)
    if not seeds:
        sys.exit(f"{source}: no seeds")
    print(len(seeds))


if __name__ == "__main__":
    main()

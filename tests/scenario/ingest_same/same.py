"""same.py MAILTRAIL: see run.sh."""

import datetime
import gzip
import json
import os
import pathlib
import random
import struct
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

ROOT = pathlib.Path(__file__).resolve().parents[3]
KINDS = ("attempt", "recipient", "message", "journey", "rejection", "login", "event")
FORMS = ("mail.log", "mail.iso.log", "mail.rfc5424.log")
CHANGED = 1795500000  # 24 November 2026, after the last line: what tells the year of lines that state none
SHOWN = 12


class Checks:
    """The cases of this scenario, told when all are known."""

    def __init__(self):
        self.told = []

    def check(self, name, ok, why=""):
        self.told.append((name, bool(ok), str(why)))

    def same(self, name, wanted, got):
        """Status and output of a command on the logs, and of the same on the store."""
        why = ""
        if wanted != got:
            before, after = (one[1].decode("utf-8", "replace").splitlines() for one in (wanted, got))
            why = f"status {wanted[0]} and {got[0]}, {len(before)} and {len(after)} lines\n"
            at = next((i for i, pair in enumerate(zip(before, after)) if pair[0] != pair[1]), min(len(before), len(after)))
            for word, lines in (("log  ", before), ("store", after)):
                why += "".join(f"{word} {at + i + 1}: {line[:600]}\n" for i, line in enumerate(lines[at:at + 2]))
        self.check(name, wanted == got, why)

    def tell(self):
        failed = 0
        for name, ok, why in self.told:
            print(("ok - " if ok else "not ok - ") + name)
            if not ok:
                failed += 1
                for line in why.splitlines()[:SHOWN]:
                    print("#   " + line)
        return failed


def run(program, *words):
    done = subprocess.run([program, *map(str, words), "--timezone", "UTC"], capture_output=True, timeout=300, check=False)
    return done.returncode, done.stdout, done.stderr.decode("utf-8", "replace")


def write(path, content):
    path.write_bytes(content)
    os.utime(path, (CHANGED, CHANGED))
    return path


def real_log(name):
    return gzip.decompress((ROOT / "tests/data/postfix-a" / (name + ".gz")).read_bytes())


def journal_entries(text):
    """The entries that journald would keep of a log with ISO times."""
    for number, line in enumerate(text.decode().splitlines()):
        stamp, host, rest = line.split(" ", 2)
        tag, _, message = rest.partition(": ")
        program, _, pid = tag.rstrip("]").partition("[")
        micros = int(datetime.datetime.fromisoformat(stamp).timestamp() * 1_000_000)
        fields = {"__CURSOR": f"s=1;i={number:x}", "__REALTIME_TIMESTAMP": str(micros), "PRIORITY": "6",
                  "_HOSTNAME": host, "SYSLOG_IDENTIFIER": program, "MESSAGE": message}
        if pid:
            fields["SYSLOG_PID"] = pid
        yield number, fields


def journal_json(text):
    return b"".join(json.dumps(fields).encode() + b"\n" for _, fields in journal_entries(text))


def journal_export(text):
    """Every 50th message in the binary form of a field, which has its length before it."""
    out = bytearray()
    for number, fields in journal_entries(text):
        for name, value in fields.items():
            raw = value.encode()
            if name == "MESSAGE" and number % 50 == 0:
                out += name.encode() + b"\n" + struct.pack("<Q", len(raw)) + raw + b"\n"
            else:
                out += name.encode() + b"=" + raw + b"\n"
        out += b"\n"
    return bytes(out)


def golden_inputs(folder):
    """The logs of golden tests: what stands before `----`, without comments. One that is the beginning of another is
    left out: a store takes the two for one log."""
    logs = {}
    for path in sorted((ROOT / "tests/golden" / folder).rglob("*.txt")):
        lines = path.read_bytes().split(b"\n----\n")[0].split(b"\n")
        text = b"\n".join(line for line in lines if not line.startswith(b"#")).strip(b"\n")
        if text:
            logs[f"{path.parent.name}-{path.stem}.log"] = text + b"\n"
    for name, text in logs.items():
        others = (other for other_name, other in logs.items() if other_name != name)
        if not any(other.startswith(text) for other in others):
            yield name, text


def questions(program, logs):
    """The commands that are asked of both, by name; addresses and ids are those that the logs hold. Small logs together,
    which have nothing to do with each other, are asked as a whole alone: they use the same queue ids at the same time, and
    a trace of raw logs does not read all that another log says of such an id. Nor are they asked of one host: of a mail
    that went through two a store tells the part of the other as well."""
    asked = {"report": ("report", "--json"), "report as a page": ("report", "--color", "never"),
             "trace of all": ("trace", "", "-v", "-n", 100000, "--json"), "trace, the last mails": ("trace", "", "--json")}
    for kind in KINDS:
        asked[f"search per {kind}"] = ("search", "", "--per", kind, "--json")
    asked["search"] = ("search", "to:*@*", "--json")
    asked["search as a table"] = ("search", "-status:delivered", "--color", "never")
    asked["search with a limit"] = ("search", "", "--json", "-n", 7)
    if len(logs) > 1:
        return asked
    asked["report of a host"] = ("report", "--json", "--host", "mx1")
    rows = [json.loads(line) for line in run(program, "search", "", "--per", "recipient", "--json", *logs)[1].splitlines()]
    dice = random.Random(len(rows))
    wanted = set()
    for row in dice.sample(rows, min(len(rows), 2)):
        wanted.update(filter(None, (row.get("recipient"), row.get("sender"), row.get("message_id"))))
        wanted.update(row.get("queue_ids", ())[:1])
    for query in sorted(wanted):
        asked[f"trace {query}"] = ("trace", query, "-v", "--json")
        asked[f"search {query}"] = ("search", query, "--json")
        asked[f"trace {query} as a page"] = ("trace", query, "-v", "--color", "never")
    return asked


class Road:
    """One set of logs, and what the commands say of it."""

    def __init__(self, program, name, logs):
        self.program, self.name, self.logs = program, name, logs
        self.asked = questions(program, logs)
        self.wanted = {what: run(program, *words, *logs) for what, words in self.asked.items()}

    def compare(self, checks, how, store):
        for what, words in self.asked.items():
            got = run(self.program, *words, "--store", store)
            checks.same(f"{self.name}, {how}: {what}", self.wanted[what][:2], got[:2])

    def ingest(self, checks, store, logs=None):
        status, _, told = run(self.program, "ingest", "--store", store, *(logs or self.logs))
        checks.check(f"{self.name}: ingest into {store.name}", status == 0, told)


def at_once(program, folder, name, logs):
    checks = Checks()
    road = Road(program, name, logs)
    sizes = [len(out) for status, out, _ in road.wanted.values() if status == 0]
    checks.check(f"{name}: the logs answer", len(sizes) > 10 and max(sizes) > 10_000, sizes)
    road.ingest(checks, folder / (name + ".store"))
    road.compare(checks, "at once", folder / (name + ".store"))
    return checks


def in_pieces(program, folder, name, content, cuts):
    """The log grows between runs, also in the middle of a line."""
    checks = Checks()
    sub = folder / (name + ".pieces")
    sub.mkdir()
    log = sub / "mail.log"
    store = folder / (name + ".pieces.store")
    road = Road(program, name + " in pieces", [write(log, content)])
    for cut in [*cuts, len(content)]:
        write(log, content[:cut])
        road.ingest(checks, store)
    road.compare(checks, f"in {len(cuts) + 1} runs", store)
    return checks


def odd_places(content, seed, count):
    """Behind a line end, one byte before one, within a stamp, and anywhere."""
    dice = random.Random(seed)
    cuts = {dice.randrange(len(content)) for _ in range(count)}
    end = content.index(b"\n", len(content) // 2)
    return sorted(cuts | {end, end + 1, end + 4})


def main():
    program = sys.argv[1]
    with tempfile.TemporaryDirectory(prefix="mailtrail-same-") as name:
        folder = pathlib.Path(name)
        contents = {form: real_log(form) for form in FORMS}
        contents["mail.journal.json"] = journal_json(contents["mail.iso.log"])
        contents["mail.journal.export"] = journal_export(contents["mail.iso.log"])
        jobs = []
        for form, content in contents.items():
            jobs.append((at_once, form, [write(folder / form, content)]))
            if form not in ("mail.iso.log", "mail.rfc5424.log"):  # cut like the first, but for longer stamps
                jobs.append((in_pieces, form, content, odd_places(content, len(content), 2)))
        for golden in ("trace",):
            (folder / golden).mkdir()
            logs = [write(folder / golden / log, text) for log, text in golden_inputs(golden)]
            jobs.append((at_once, golden, logs))
        with ThreadPoolExecutor(2) as pool:
            all_checks = list(pool.map(lambda job: job[0](program, folder, *job[1:]), jobs))
    return 1 if sum(checks.tell() for checks in all_checks) else 0


if __name__ == "__main__":
    sys.exit(main())

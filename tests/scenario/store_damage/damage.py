"""damage.py MAILTRAIL KILLS: see run.sh."""

import ctypes
import gzip
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[3]
KINDS = ("attempt", "recipient", "message", "journey", "rejection", "login", "event")
NOBODY = 65534
failures = 0


def check(name, ok, told=""):
    global failures
    print(("ok - " if ok else "not ok - ") + name, flush=True)
    if not ok:
        failures += 1
        for line in str(told).splitlines()[:20]:
            print("#   " + line)


def skip(name, why):
    print(f"SKIPPED - {name}: {why}", flush=True)


class Bench:
    """A program, and a folder to work in."""

    def __init__(self, program, library, folder):
        self.program, self.folder = program, folder
        self.duckdb = ctypes.CDLL(library)

    def run(self, *words, **options):
        return subprocess.run([self.program, *map(str, words)], capture_output=True, timeout=300, check=False, **options)

    def sql(self, database, *statements):
        """Runs statements on a DuckDB file, made where there is none."""
        base, connection = ctypes.c_void_p(), ctypes.c_void_p()
        opened = self.duckdb.duckdb_open(os.fsencode(database), ctypes.byref(base))
        assert opened == 0, database
        assert self.duckdb.duckdb_connect(base, ctypes.byref(connection)) == 0
        for statement in statements:
            assert self.duckdb.duckdb_query(connection, statement.encode(), None) == 0, statement
        self.duckdb.duckdb_disconnect(ctypes.byref(connection))
        self.duckdb.duckdb_close(ctypes.byref(base))

    def answers(self, store):
        """Everything that the store tells, by command."""
        told = {kind: self.run("search", "", "--per", kind, "--json", "--store", store).stdout for kind in KINDS}
        told["trace"] = self.run("trace", "", "--json", "-n", 100000, "--store", store).stdout
        told["report"] = self.run("report", "--json", "--store", store).stdout
        told["lines"] = self.run("trace", "", "--store", store, "-n", 300).stdout
        return told

    def refused(self, name, needle, *words, **options):
        result = self.run(*words, **options)
        told = result.stderr.decode()
        lines = [line for line in told.splitlines() if line]
        check(name, result.returncode == 3 and len(lines) == 1 and needle in told and "(" in told,
              f"status {result.returncode}: {told}")
        return told

    def same(self, name, store, wanted):
        got = self.answers(store)
        different = [kind for kind, text in wanted.items() if got[kind] != text]
        check(name, not different and len(wanted["attempt"]) > 1000, different)


def make_logs(folder):
    logs = {}
    for name in ("mail.log", "mail.iso.log", "mail.rfc5424.log"):
        log = folder / name
        log.write_bytes(gzip.decompress((ROOT / "tests/data/postfix-a" / (name + ".gz")).read_bytes()))
        os.utime(log, (1795500000, 1795500000))
        logs[name] = log
    return logs


def fill(bench, logs, store):
    """Several runs: a log that grows, one beside it, a line that is too long, a run that is killed."""
    text = logs["mail.log"].read_bytes()
    half = text.index(b"\n", len(text) // 2) + 1
    log = bench.folder / "grows.log"
    long_line = text[:text.index(b": ") + 2] + b"x" * 200_000 + b"\n"
    log.write_bytes(text[:half] + long_line)
    os.utime(log, (1795500000, 1795500000))
    first = bench.run("ingest", "--store", store, "--timezone", "+02:00", log)
    check("the first run", first.returncode == 0, first.stderr.decode())
    with log.open("ab") as more:
        more.write(text[half:-5000 + text[-5000:].index(b"\n") + 1])
    words = [bench.program, "ingest", "--store", str(store), "--timezone", "+02:00", "--commit-bytes", "60000", str(log),
             str(logs["mail.iso.log"])]
    process = subprocess.Popen(words, stderr=subprocess.DEVNULL)
    time.sleep(0.4)
    process.kill()
    process.wait()
    second = bench.run("ingest", "--store", store, logs["mail.rfc5424.log"])
    check("another log after the kill", second.returncode == 0, second.stderr.decode())
    third = subprocess.run(words, capture_output=True, check=False)
    check("and the rest", third.returncode == 0, third.stderr.decode())
    return log, text[-5000 + text[-5000:].index(b"\n") + 1:]


def rebuild_after_ingests(bench, logs, kills):
    store = bench.folder / "store"
    log, rest = fill(bench, logs, store)
    wanted = bench.answers(store)
    before = (store / "mailtrail.duckdb").read_bytes()
    sound = bench.folder / "before-the-rebuild"
    shutil.copytree(store, sound)
    began = time.monotonic()
    done = bench.run("rebuild", "--store", store)
    took = time.monotonic() - began
    check("rebuild of a sound store", done.returncode == 0, done.stderr.decode())
    bench.same("the facts are those of the ingests", store, wanted)
    kept = [name for name in os.listdir(store) if name.startswith("mailtrail.duckdb.before-")]
    check("the old database is kept, byte for byte", len(kept) == 1 and (store / kept[0]).read_bytes() == before, kept)
    words = ("--timezone", "+02:00", *logs.values(), log)
    there, here = (bench.run("ingest", "--store", one, *words) for one in (sound, store))
    told = here.stderr.decode().replace(str(store), str(sound))
    check("an ingest of all logs again takes in what it would have without the rebuild",
          here.returncode == 0 and told == there.stderr.decode() and ", 3 known already" in told,
          there.stderr.decode() + told)
    bench.same("and its facts are the same", store, bench.answers(sound))

    killed = 0
    dice = random.Random(4711)
    wanted = bench.answers(store)
    os.remove(store / "mailtrail.duckdb")
    told = bench.refused("a database that is gone: ingest", "mailtrail rebuild", "ingest", log, "--store", store)
    bench.refused("a database that is gone: report", "mailtrail rebuild", "report", "--store", store)
    for _ in range(kills):
        process = subprocess.Popen([bench.program, "rebuild", "--store", str(store)], stderr=subprocess.DEVNULL)
        time.sleep(dice.uniform(0, took))
        killed += process.poll() is None
        process.kill()
        process.wait()
    check(f"some of {kills} rebuilds were killed at work", killed > 0 or kills == 0, told)
    again = bench.run("rebuild", "--store", store)
    check("rebuild after the kills", again.returncode == 0, again.stderr.decode())
    bench.same("the facts after the kills", store, wanted)

    whole = bench.folder / "never-rebuilt"
    shutil.copytree(store, whole)
    with log.open("ab") as more:
        more.write(rest)
    bench.run("rebuild", "--store", store)
    grown = bench.run("ingest", "--store", store, "--timezone", "+02:00", log)
    check("a log that grew meanwhile: only what is new",
          grown.returncode == 0 and f"{rest.count(10)} lines".encode() in grown.stderr, grown.stderr.decode())
    bench.run("ingest", "--store", whole, "--timezone", "+02:00", log)
    bench.same("the facts are as without the rebuild", store, bench.answers(whole))


DESCRIBED = r"""
name     = "acme"
programs = ["acme-mta"]

[[line]]
kind    = "reject"
pattern = 'refused (?P<client_ip>[0-9.]+): (?P<reply>.*)'

[[sample]]
line   = "Nov 24 03:00:14 mx1 acme-mta[7]: refused 192.0.2.7: 550 5.7.1 go away"
expect = { kind = "reject", client_ip = "192.0.2.7", reply = "550 5.7.1 go away" }
"""


def described_dialects(bench):
    """Lines of a program that a file of the user describes are facts of the store, and of the one that is rebuilt."""
    store, log, folder = (bench.folder / name for name in ("described", "acme.log", "dialects"))
    folder.mkdir()
    (folder / "acme.toml").write_text(DESCRIBED)
    log.write_text("".join(f"2026-11-24T03:00:{at:02}+00:00 mx1 acme-mta[7]: refused 192.0.2.{at}: 550 5.7.1 go away\n"
                           for at in range(10, 50)))
    os.environ["MAILTRAIL_DIALECTS"] = str(folder)
    try:
        for words in (("ingest", log), ("rebuild",)):
            done = bench.run(*words, "--store", store)
            told = bench.run("search", "", "--per", "rejection", "--json", "--store", store)
            check(f"described lines: {words[0]} reads them",
                  done.returncode == 0 and told.stdout.count(b"192.0.2.") >= 40 and told.stdout.count(b"\n") == 40,
                  done.stderr.decode() + told.stdout.decode())
    finally:
        del os.environ["MAILTRAIL_DIALECTS"]


def databases(bench, logs):
    """What may stand where the database should."""
    store = bench.folder / "databases"
    bench.run("ingest", "--store", store, logs["mail.log"])
    wanted = bench.answers(store)
    database = store / "mailtrail.duckdb"
    sound = database.read_bytes()

    def mended(name, *needles, use=("report",)):
        bad = database.read_bytes()
        for words in (use, ("ingest", logs["mail.iso.log"])):
            told = bench.refused(f"{name}: {words[0]}", needles[0], *words, "--store", store)
            check(f"{name}: {words[0]} says what to do", needles[-1] in told, told)
        check(f"{name}: the file is as it was", database.read_bytes() == bad)
        done = bench.run("rebuild", "--store", store, "--json")
        check(f"{name}: rebuild", done.returncode == 0, done.stderr.decode())
        kept = [one for one in store.glob("mailtrail.duckdb.before-*") if one.read_bytes() == bad]
        check(f"{name}: the file is kept", len(kept) >= 1)
        bench.same(f"{name}: the facts are there again", store, wanted)

    database.write_text("this is a text, and no database, " * 1000)
    mended("no database", "no database of mailtrail", "mailtrail rebuild")
    os.remove(database)
    bench.sql(database, "CREATE TABLE letters (text VARCHAR)", "INSERT INTO letters VALUES ('dear'), ('sir')")
    mended("another's database", "not one of mailtrail", "mailtrail rebuild")
    bench.sql(database, "UPDATE meta SET value = '99' WHERE name = 'schema'", "CHECKPOINT")
    bad = database.read_bytes()
    for words in (("report",), ("ingest", logs["mail.iso.log"])):
        bench.refused(f"a newer schema: {words[0]}", "newer mailtrail", *words, "--store", store)
    check("a newer schema: the file is as it was", database.read_bytes() == bad)
    database.write_bytes(sound)

    block = 262144
    damaged = bytearray(sound)
    for at in range(12288 + block, len(sound) - block, block):
        damaged[at + 1000:at + 3000] = b"\xa5" * 2000
    database.write_bytes(damaged)
    result = bench.run("search", "", "--json", "--store", store)
    told = result.stderr.decode()
    check("damage in the middle: detected on use", result.returncode == 3 and "damaged" in told and
          "mailtrail rebuild" in told, f"status {result.returncode}: {told}")
    done = bench.run("rebuild", "--store", store)
    check("damage in the middle: rebuild", done.returncode == 0, done.stderr.decode())
    bench.same("damage in the middle: the facts are there again", store, wanted)


def archives(bench, logs):
    store = bench.folder / "archives"
    bench.run("ingest", "--store", store, "--commit-bytes", 100_000, *logs.values())
    wanted = bench.answers(store)
    segment = store / "archive" / "00000001.mts"
    sound = segment.read_bytes()
    # A byte of packed text: the frame that stands in the middle.
    middle = sound.index(b"MTFR", len(sound) // 2)
    damaged = bytearray(sound)
    damaged[middle + 96 + 200] ^= 0x5A
    segment.write_bytes(damaged)
    done = bench.run("rebuild", "--store", store)
    told = done.stderr.decode()
    check("a damaged frame: status 3, and its segment and place are said",
          done.returncode == 3 and f"00000001.mts, byte {middle}" in told, told)
    got = bench.answers(store)
    check("a damaged frame: the rest is used",
          0.5 * len(wanted["attempt"]) < len(got["attempt"]) < 1.1 * len(wanted["attempt"]),
          f"{len(got['attempt'])} of {len(wanted['attempt'])}")
    nothing = bench.run("ingest", "--store", store, *logs.values())
    check("a damaged frame: the logs are known to their ends", b"nothing new" in nothing.stderr, nothing.stderr.decode())
    segment.write_bytes(sound)
    done = bench.run("rebuild", "--store", store)
    check("the frame is put back: rebuild", done.returncode == 0, done.stderr.decode())
    bench.same("the frame is put back: all facts are there", store, wanted)

    damaged = bytearray(sound)
    damaged[middle + 10] ^= 0x5A
    segment.write_bytes(damaged)
    os.remove(store / "archive" / "index")
    done = bench.run("rebuild", "--store", store)
    told = done.stderr.decode()
    check("a damaged header: status 3, and its segment and place are said",
          done.returncode == 3 and f"00000001.mts, byte {middle}" in told, told)
    check("a damaged header: what comes before is used", len(bench.answers(store)["attempt"]) > 1000)

    segment.write_bytes(sound)
    bench.run("rebuild", "--store", store)
    database = (store / "mailtrail.duckdb").read_bytes()
    os.rename(store / "archive", store / "elsewhere")
    bench.refused("no archive: rebuild", "no archive", "rebuild", "--store", store)
    for words in (("report",), ("ingest", logs["mail.log"])):
        bench.refused(f"no archive: {words[0]}", "archive is missing", *words, "--store", store)
    check("no archive: the database is as it was", (store / "mailtrail.duckdb").read_bytes() == database)
    check("no archive: none is begun", not list((store / "archive").glob("*.mts")))
    shutil.rmtree(store / "archive", ignore_errors=True)
    os.rename(store / "elsewhere", store / "archive")
    bench.same("the archive is put back: all facts are there", store, wanted)
    bench.refused("no store: rebuild", "no store", "rebuild", "--store", bench.folder / "nowhere")


def rights(bench, logs):
    """Only somebody who is not root is kept out."""
    if os.geteuid() != 0:
        return skip("a store of somebody else, and one that may not be written", "this needs root")
    store = bench.folder / "rights"
    bench.run("ingest", "--store", store, logs["mail.log"])
    os.chmod(bench.folder, 0o755)
    before = {path: path.read_bytes() for path in store.rglob("*") if path.is_file() and path.name != "lock"}
    as_nobody = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
    for words in (("report",), ("ingest", logs["mail.iso.log"]), ("rebuild",)):
        bench.refused(f"a store of somebody else: {words[0]}", str(store), *words, "--store", store, **as_nobody)
    for path in (store, *store.rglob("*")):
        os.chown(path, NOBODY, NOBODY)
        os.chmod(path, 0o555 if path.is_dir() else 0o444)
    for words in (("ingest", logs["mail.iso.log"]), ("rebuild",)):
        bench.refused(f"a store that may not be written: {words[0]}", str(store), *words, "--store", store, **as_nobody)
    check("neither harmed it", all(path.read_bytes() == text for path, text in before.items()))
    report = bench.run("search", "", "--json", "--store", store, **as_nobody)
    check("a store that may not be written is read", report.returncode == 0 and len(report.stdout) > 1000,
          report.stderr.decode())


def full_disk(bench, logs):
    disk = bench.folder / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=100m", "tmpfs", disk], capture_output=True, check=False)
    if mounted.returncode != 0:
        return skip("a full disk", "a small one could not be mounted: " + mounted.stderr.decode().strip())
    try:
        store = disk / "store"
        bench.run("ingest", "--store", store, *logs.values())
        wanted = bench.answers(store)
        used = sum(path.stat().st_size for path in store.rglob("*") if path.is_file())
        subprocess.run(["mount", "-o", f"remount,size={used // 1024 + 1200}k", disk], check=True)
        told = bench.refused("a full disk: rebuild", "full", "rebuild", "--store", store)
        check("a full disk: nothing is left behind", not list(store.glob("mailtrail.duckdb.new*")), told)
        bench.same("a full disk: the store is as it was", store, wanted)
        subprocess.run(["mount", "-o", "remount,size=100m", disk], check=True)
        again = bench.run("rebuild", "--store", store)
        check("with room again: rebuild", again.returncode == 0, again.stderr.decode())
        bench.same("with room again: the facts", store, wanted)
    finally:
        subprocess.run(["umount", disk], check=False)


def main():
    with tempfile.TemporaryDirectory(prefix="mailtrail-damage-") as name:
        program = pathlib.Path(sys.argv[1])
        beside = (program.parent / "lib/mailtrail", program.parent.parent / "lib/mailtrail")
        library = next(place / "libduckdb.so" for place in beside if (place / "libduckdb.so").exists())
        bench = Bench(program, library, pathlib.Path(name))
        logs = make_logs(bench.folder)
        rebuild_after_ingests(bench, logs, int(sys.argv[2]))
        described_dialects(bench)
        databases(bench, logs)
        archives(bench, logs)
        rights(bench, logs)
        full_disk(bench, logs)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())

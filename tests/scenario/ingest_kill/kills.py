"""kills.py MAILTRAIL KILLS: see run.sh."""

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
failures = 0


def check(name, ok, told=""):
    global failures
    print(("ok - " if ok else "not ok - ") + name)
    if not ok:
        failures += 1
        for line in str(told).splitlines()[:20]:
            print("#   " + line)


def run(program, *words, **options):
    return subprocess.run([program, *map(str, words)], capture_output=True, timeout=300, **options)


def answers(program, store):
    """Everything that the store tells, by command."""
    told = {}
    for kind in KINDS:
        told[kind] = run(program, "search", "", "--per", kind, "--json", "--store", store).stdout
    told["trace"] = run(program, "trace", "", "--json", "-n", 100000, "--store", store).stdout
    told["report"] = run(program, "report", "--json", "--store", store).stdout
    return told


def make_logs(folder):
    logs = []
    for name in ("mail.log", "mail.iso.log", "mail.rfc5424.log"):
        log = folder / name
        log.write_bytes(gzip.decompress((ROOT / "tests/data/postfix-a" / (name + ".gz")).read_bytes()))
        os.utime(log, (1795500000, 1795500000))
        logs.append(log)
    return logs


def kill_at_random(program, folder, logs, kills):
    """Rounds: a new store, and runs that are killed until one ends; then its answers are compared. A run that goes on
    from another has less to do: the delays are parts of a whole run, so that kills fall everywhere in it."""
    words = ["--commit-bytes", 150_000, *logs]
    began = time.monotonic()
    whole = run(program, "ingest", "--store", folder / "whole", *words)
    took = time.monotonic() - began
    check("ingest in one run", whole.returncode == 0, whole.stderr.decode())
    wanted = answers(program, folder / "whole")
    dice = random.Random(4711)
    left, at_work, rounds, differing = kills, 0, 0, []
    while left > 0:
        rounds += 1
        store = folder / f"killed-{rounds}"
        ended = False
        while left > 0 and not ended:
            left -= 1
            process = subprocess.Popen([program, "ingest", "--store", store, *map(str, words)],
                                       stderr=subprocess.DEVNULL)
            time.sleep(dice.uniform(0.02, 0.5) * took)
            ended = process.poll() is not None
            at_work += not ended
            process.kill()
            process.wait()
        last = run(program, "ingest", "--store", store, *words)
        if last.returncode != 0:
            differing.append(f"round {rounds}: the last ingest: {last.stderr.decode()}")
        got = answers(program, store)
        differing += [f"round {rounds}: {name}: {len(text)} and {len(got[name])} bytes"
                      for name, text in wanted.items() if text != got[name]]
        shutil.rmtree(store)
    print(f"# {at_work} of {kills} kills hit a run at work, in {rounds} rounds; a whole run takes {took:.2f} s")
    check(f"three of four kills hit a run at work ({kills} kills)", at_work * 4 >= kills * 3, f"{at_work} did")
    check("there is enough to compare", all(len(text) > 1000 for text in wanted.values()),
          {name: len(text) for name, text in wanted.items()})
    check(f"after {kills} kills every answer is that of one run", not differing, "\n".join(differing))


def refusals(program, folder, logs):
    """Each is one line that says what to do, status 3, and harms nothing."""

    def refused(name, store, needle, *words):
        result = run(program, *(words or ("ingest", logs[0])), "--store", store)
        told = result.stderr.decode()
        lines = [line for line in told.splitlines() if line]
        check(name, result.returncode == 3 and len(lines) == 1 and needle in told and "(" in told, told)

    foreign = folder / "foreign"
    foreign.mkdir()
    (foreign / "letter.txt").write_text("not a store\n")
    refused("a folder with other things", foreign, "is no mailtrail store")
    check("the folder is as it was", os.listdir(foreign) == ["letter.txt"])

    other = folder / "other"
    run(program, "ingest", "--store", other, logs[0])
    database = other / "mailtrail.duckdb"
    kept = database.read_bytes()
    database.write_text("this is a text, and no database, " * 1000)
    refused("a foreign file as the database", other, "mailtrail.duckdb")
    check("the file is as it was", database.read_text().startswith("this is a text"))

    damaged = bytearray(kept)
    for at in range(64, 12_000, 7):
        damaged[at] ^= 0x5A
    database.write_bytes(damaged)
    refused("a damaged database", other, "mailtrail.duckdb")
    database.write_bytes(kept)
    good = run(program, "search", "", "--store", other, "--json")
    check("the sound database answers again", good.returncode == 0 and len(good.stdout) > 1000, good.stderr.decode())
    refused("a store that is not there", folder / "nowhere", "no store", "report")
    in_use(program, folder, logs)
    if os.geteuid() == 0:
        full_disk(program, folder, logs)


def in_use(program, folder, logs):
    """An ingest that waits for more of a pipe: others ask it, or are told of it."""
    store, pipe = folder / "busy", folder / "pipe"
    run(program, "ingest", "--store", store, logs[0])
    os.mkfifo(pipe)
    process = subprocess.Popen([program, "ingest", "--store", str(store), str(pipe)], stderr=subprocess.DEVNULL)
    with open(pipe, "wb") as end:
        end.write(logs[1].read_bytes()[:100_000])
        end.flush()
        deadline = time.monotonic() + 20
        while not (store / "socket").exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        answer = run(program, "search", "", "--per", "journey", "--json", "--store", store)
        check("a search while an ingest runs is answered by it", answer.returncode == 0 and answer.stdout.count(b"\n") > 500,
              answer.stderr.decode())
        second = run(program, "ingest", "--store", store, logs[2])
        told = second.stderr.decode()
        check("a second ingest is told who is there", second.returncode == 3 and f"process {process.pid}" in told, told)
    check("the first ingest ends well", process.wait(60) == 0)


def full_disk(program, folder, logs):
    disk = folder / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", disk], capture_output=True, check=False)
    if mounted.returncode != 0:
        print("# a small disk could not be mounted here: the full disk was not tried: " + mounted.stderr.decode().strip())
        return
    try:
        result = run(program, "ingest", "--store", disk / "store", *logs)
        told = result.stderr.decode()
        check("a full disk is said in one line", result.returncode == 3 and len(told.splitlines()) == 1, told)
        subprocess.run(["mount", "-o", "remount,size=100m", disk], check=True)
        again = run(program, "ingest", "--store", disk / "store", *logs)
        check("with room again the same command does it", again.returncode == 0, again.stderr.decode())
        run(program, "ingest", "--store", folder / "roomy", *logs)
        check("and nothing is missing or doubled", answers(program, disk / "store") == answers(program, folder / "roomy"))
    finally:
        subprocess.run(["umount", disk], check=False)


def main():
    program, kills = sys.argv[1], int(sys.argv[2])
    with tempfile.TemporaryDirectory(prefix="mailtrail-kills-") as name:
        folder = pathlib.Path(name)
        logs = make_logs(folder)
        kill_at_random(program, folder, logs, kills)
        refusals(program, folder, logs)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())

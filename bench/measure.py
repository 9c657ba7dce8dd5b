#!/usr/bin/env python3
"""measure.py MAILTRAIL LOG TRUTH: measures and checks the program on one synthetic log.

Each command is run in turns with the others, so that what else the machine does falls on all alike; the median of the
wall times counts. What counts for a target is the ratio to a reference of the same run, since seconds differ between
machines.
"""
import collections
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

PFLOGSUMM_LINES = 2_000_000  # beyond this it is not run: a million lines take it about eight seconds and 100 MB


def measured(command):
    """(seconds, peak memory in bytes, standard output) of one run."""
    with tempfile.NamedTemporaryFile("r") as peak:
        # time(1) starts the command, since what this process holds would count for its child.
        begin = time.monotonic()
        done = subprocess.run(["/usr/bin/time", "-f", "%M", "-o", peak.name, *command], stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, env=dict(os.environ, LC_ALL="C"), check=False)
        seconds = time.monotonic() - begin
        if done.returncode != 0:
            sys.exit(f"{' '.join(map(str, command))}: status {done.returncode}")
        return seconds, int(peak.read().split()[-1]) * 1024, done.stdout


class Trial:
    def __init__(self, name, command, runs):
        self.name, self.command, self.runs = name, command, runs
        self.seconds, self.peak, self.output = [], 0, b""

    def run(self):
        if len(self.seconds) < self.runs:
            seconds, peak, self.output = measured(self.command)
            self.seconds.append(seconds)
            self.peak = max(self.peak, peak)

    @property
    def median(self):
        return statistics.median(self.seconds)


def trials_for(mailtrail, log, truth):
    address = truth["samples"][2]["address"]
    runs = 5 if truth["lines"] <= PFLOGSUMM_LINES else 3
    trials = [
        Trial("wc -l", ["wc", "-l", log], runs),
        Trial("grep -c", ["grep", "-c", "-F", address, log], runs),
        Trial("report", [mailtrail, "report", "--json", log], runs),
        Trial("trace", [mailtrail, "trace", address, "--json", log], runs),
    ]
    if truth["lines"] <= PFLOGSUMM_LINES and shutil.which("pflogsumm"):
        trials.append(Trial("pflogsumm", ["pflogsumm", log], 3))
    found = {trial.name: trial for trial in trials}
    found["ingest"] = Ingest(mailtrail, log, 3)
    return found


class Ingest:
    """The log into a fresh store, each run anew: its lines durable in the archive, its facts in the database."""

    def __init__(self, mailtrail, log, runs):
        self.mailtrail, self.log, self.runs = mailtrail, log, runs
        self.seconds, self.peak, self.archive, self.database = [], 0, 0, 0
        self.report = b""  # of the store

    def run(self):
        if len(self.seconds) == self.runs:
            return
        with tempfile.TemporaryDirectory(dir=os.path.dirname(self.log)) as folder:
            store = pathlib.Path(folder, "store")
            seconds, peak, _ = measured([self.mailtrail, "ingest", "--store", store, self.log])
            self.archive = sum(file.stat().st_size for file in store.glob("archive/*"))
            self.database = sum(file.stat().st_size for file in store.glob("mailtrail.duckdb*"))
            self.report = measured([self.mailtrail, "report", "--json", "--store", store])[2]
        self.seconds.append(seconds)
        self.peak = max(self.peak, peak)

    @property
    def median(self):
        return statistics.median(self.seconds)


def packed_size(log):
    """What `zstd -3` makes of the log, in bytes."""
    with subprocess.Popen(["zstd", "-3", "-q", "-c", log], stdout=subprocess.PIPE) as packing:
        size = sum(len(block) for block in iter(lambda: packing.stdout.read(1 << 20), b""))
    if packing.returncode != 0:
        sys.exit(f"zstd -3 {log}: status {packing.returncode}")
    return size


def same(breaches, name, got, wanted):
    if got != wanted:
        breaches.append(f"{name}: {got}, the truth is {wanted}")


def check_report(breaches, output, truth):
    report = json.loads(output)
    mail, told = report["mail"], report["notifications"]
    same(breaches, "lines", report["lines"]["total"], truth["lines"])
    same(breaches, "lines not understood", report["lines"]["unparsed"], 0)
    same(breaches, "journeys", mail["journeys"], truth["journeys"])
    same(breaches, "messages", mail["messages"], truth["journeys"])
    same(breaches, "recipients", mail["recipients"], sum(truth["recipients"].values()))
    for outcome, count in mail["outcomes"].items():
        same(breaches, f"recipients {outcome}", count, truth["recipients"].get(outcome, 0))
    same(breaches, "notifications", told["journeys"], truth["notifications"])
    same(breaches, "notifications delivered", told["delivered"], truth["notification_recipients"]["delivered"])
    same(breaches, "attempts", report["attempts"]["total"], truth["attempts"] + truth["notification_attempts"])
    same(breaches, "attempts deferred", report["attempts"]["deferred"], truth["deferred_attempts"])
    same(breaches, "rejections", report["refused"]["transactions"], truth["rejections"])
    same(breaches, "logins", report["logins"]["success"], truth["logins_ok"])
    same(breaches, "logins failed", report["logins"]["failed"], truth["logins_failed"])


def check_samples(breaches, mailtrail, log, truth):
    """The mails to each sample address: every one is found, with its outcome and its attempts, and no other."""
    for sample in truth["samples"]:
        address = sample["address"]
        if not sample["mails"]:
            continue
        rows = measured([mailtrail, "search", f"to:{address}", "--per", "recipient", "--json", log])[2]
        got = collections.Counter((row.get("message_id"), row.get("outcome"), row.get("attempts"))
                                  for row in map(json.loads, rows.splitlines()))
        wanted = collections.Counter((mail["message_id"], mail["outcome"], mail["attempts"])
                                     for mail in sample["mails"])
        same(breaches, f"mails to {address}: too few, too many", (dict(wanted - got), dict(got - wanted)), ({}, {}))


def check_trace(breaches, output, truth):
    """`trace` shows the journeys of its address and no other."""
    sample = truth["samples"][2]
    got = sorted(row["message_id"] for row in map(json.loads, output.splitlines()) if row["kind"] == "journey")
    wanted = sorted(mail["message_id"] for mail in sample["mails"])
    same(breaches, f"journeys of trace {sample['address']}", got, wanted)


def show(trials, truth, packed):
    """Prints the table; gives the targets that were missed. `packed`: the size of the log after `zstd -3`."""
    lines, missed = truth["lines"], []
    rows = []
    for name, trial in trials.items():
        rows.append((name, f"{lines / trial.median / 1e6:8.2f}", f"{trial.median:7.2f}",
                     f"{trial.peak / 2**20:7.0f}"))
    print(f"\n{lines:,} lines, {truth['bytes'] / 1e6:,.0f} MB, {os.cpu_count()} cores")
    print(f"{'':10} {'M lines/s':>9} {'seconds':>8} {'peak MB':>8}")
    for name, speed, seconds, peak in rows:
        print(f"{name:10} {speed:>9} {seconds:>8} {peak:>8}")

    def target(text, value, good, wanted):
        print(f"  {text}: {value} (target: {wanted}) {'met' if good else 'MISSED'}")
        if not good:
            missed.append(text)

    report, trace, grep = trials["report"], trials["trace"], trials["grep -c"]
    speed = lines / report.median / 1e6
    target("report, M lines/s", f"{speed:.2f}", speed >= 4, "at least 4")
    target("report, peak MB", f"{report.peak / 2**20:.0f}", report.peak < 400 * 2**20, "under 400")
    if "pflogsumm" in trials:
        ratio = trials["pflogsumm"].median / report.median
        target("report, times as fast as pflogsumm", f"{ratio:.0f}", ratio >= 30, "at least 30")
    ratio = trace.median / grep.median
    target("trace, times the time of grep -c", f"{ratio:.2f}", ratio < 3, "under 3")
    speed = lines / trace.median / 1e6
    target("trace, M lines/s", f"{speed:.2f}", speed >= 8, "at least 8")
    ingest = trials["ingest"]
    speed = lines / ingest.median / 1e6
    target("ingest, M lines/s", f"{speed:.2f}", speed >= 1, "at least 1")
    ratio = ingest.archive / packed
    target("archive, times what zstd -3 makes of the log", f"{ratio:.3f}", ratio <= 1.1, "at most 1.1")
    size = ingest.database / (truth["attempts"] + truth["notification_attempts"])
    target("database, bytes an attempt", f"{size:.0f}", size <= 150, "at most 150")
    return missed


def main():
    mailtrail, log, truth_file = sys.argv[1:4]
    truth = json.loads(pathlib.Path(truth_file).read_text(encoding="utf-8"))
    measured(["wc", "-c", log])  # both the program and its references read from memory
    trials = trials_for(mailtrail, log, truth)
    for _ in range(max(trial.runs for trial in trials.values())):
        for trial in trials.values():
            trial.run()
    missed = show(trials, truth, packed_size(log))
    breaches = []
    for output in (trials["report"].output, trials["ingest"].report):
        check_report(breaches, output, truth)
    check_trace(breaches, trials["trace"].output, truth)
    check_samples(breaches, mailtrail, log, truth)
    for breach in breaches:
        print(f"  WRONG {breach}")
    if not breaches:
        print("  every answer is as the truth of the log")
    return 1 if missed or breaches else 0


if __name__ == "__main__":
    sys.exit(main())

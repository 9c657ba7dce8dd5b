#!/usr/bin/env python3
"""check_truth.py: compares what mailtrail says became of each recipient with what is known to have become of it.

    check_truth.py MAILTRAIL TRUTH LOG...     one log (or the logs of one system) and its ground_truth.jsonl[.gz]
    check_truth.py --all MAILTRAIL            each folder of tests/data with its truth, in each form of its log, and each
                                              RUN.log.gz with RUN-logins.jsonl.gz beside it

The truth is one JSON object per message: `rcpts` with `addr` and `expect` (the final outcome, end to end), `expansion`
(the same per address after aliases), `queue_id` as the server told the client, `message_id`. The answer is what
`mailtrail search '' LOG... --per recipient --json` prints. A message is found by its queue id, or else by its message id;
a recipient by `recipient` or `orig_recipients`, in any case of letters. `rejected` means: refused while the client was
connected, so there must be no row. Prints the score for each outcome and every difference. Exit status 0: no
difference.

The truth of logins is one JSON object per login: `protocol`, `user`, `client_ip`, `ok`, `t0`, `t1`. The answer is what
`mailtrail search '' LOG --per login --json` prints; as many must be there of each kind, and no others.

    --strict   leave out expectations that were corrected after looking at the log (`expect_was`)
"""
import argparse
import collections
import gzip
import json
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
# What says nothing about an outcome: address probes are no mail, and some ends the maker of the truth could not know.
NOT_SCORED = {"mixed", "unknown", "none"}
PROBES = {"deliverable", "undeliverable"}


def read_truth(path):
    opened = gzip.open if str(path).endswith(".gz") else open
    with opened(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines if line.strip()]


def ask(mailtrail, logs, per="recipient"):
    """The rows: one for each recipient of each journey, or one for each of what `per` says."""
    command = [str(mailtrail), "search", "", *map(str, logs), "--per", per, "--json"]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)}: status {done.returncode}\n{done.stderr.decode('utf-8', 'replace')}")
    return [json.loads(line) for line in done.stdout.decode("utf-8").splitlines()]


def bare(text):
    """A message id without what stands around it."""
    return (text or "").strip().removeprefix("<").removesuffix(">")


class Answer:
    """The rows, findable by queue id, message id and sender."""

    def __init__(self, rows):
        self.rows = rows
        self.by_queue_id = collections.defaultdict(list)
        self.by_message_id = collections.defaultdict(list)
        for row in rows:
            for queue_id in row.get("queue_ids", ()):
                self.by_queue_id[queue_id].append(row)
            if row.get("message_id"):
                self.by_message_id[bare(row["message_id"])].append(row)

    def journey(self, record):
        """The rows of the message of a record. A queue id that came twice is told apart by message id, then sender."""
        wanted = bare(record.get("message_id"))
        rows = self.by_queue_id.get(record.get("queue_id") or "", [])
        if rows and len({row.get("journey") for row in rows}) > 1:
            rows = ([row for row in rows if wanted and bare(row.get("message_id")) == wanted] or
                    [row for row in rows if sent_by(row, record)] or rows)
        rows = rows or (self.by_message_id.get(wanted, []) if wanted else [])
        if rows or not record.get("accepted"):
            return rows
        # Thrown away at the door: the client was told an id that the log does not hold.
        addresses = [entry["addr"] for entry in record.get("rcpts", ())]
        return [row for row in self.rows if not row.get("queue_ids") and sent_by(row, record)
                and any(leads_to(row, name) for name in addresses)]


def sent_by(row, record):
    return row.get("sender", "").removesuffix("<>").lower() == (record.get("mail_from") or "").lower()


def leads_to(row, address):
    """Whether a row is about an address: it is the recipient, or led there by an alias or a forward. A name without a
    domain, as Sendmail logs where an alias leads, is the local user of that name."""
    names = [name.lower() for name in (row.get("recipient", ""), *row.get("orig_recipients", ()))]
    return address.lower() in names or address.lower().partition("@")[0] in [n for n in names if "@" not in n]


class Score:
    def __init__(self):
        self.right, self.total = collections.Counter(), collections.Counter()
        self.differences = []

    def add(self, record, address, expect, got):
        self.total[expect] += 1
        if expect == "rejected":
            right = got <= {"rejected"}
        elif expect == "probe":
            right = got <= PROBES
        else:
            right = got == {expect}
        if right:
            self.right[expect] += 1
        else:
            where = record.get("queue_id") or record.get("message_id") or record.get("cmd")
            self.differences.append(f"{record['scenario']} {where} {address}: expected {expect}, "
                                    f"got {', '.join(sorted(got)) or 'no row'}")


def score_bulk(score, answer, record):
    """A run of many like messages, by what each recipient was called: the address itself or with a number before it."""
    per_message = record.get("rcpts_per_message", 1)
    for entry in record["rcpts"]:
        name = re.compile(r"\d*" + re.escape(entry["addr"]), re.IGNORECASE)
        rows = [row for row in answer.rows
                if sent_by(row, record) and name.fullmatch(row.get("recipient", ""))]
        counts = collections.Counter(row.get("outcome") for row in rows)
        wanted = record["count"] * per_message
        score.total[entry["expect"]] += wanted
        score.right[entry["expect"]] += min(wanted, counts[entry["expect"]])
        if counts != {entry["expect"]: wanted}:
            score.differences.append(f"{record['scenario']} {record.get('cmd')}: expected {wanted} {entry['expect']}, "
                                     f"got {dict(counts)}")


def score_record(score, answer, record, strict):
    if record.get("bulk"):
        return score_bulk(score, answer, record)
    rows = answer.journey(record)
    entries = [(entry, False) for entry in record.get("rcpts", ())]
    entries += [(entry, True) for entry in record.get("expansion", ())]
    for entry, expanded in entries:
        expect = entry["expect"]
        if expect in NOT_SCORED or (strict and "expect_was" in entry):
            continue
        if expanded and not record["accepted"]:
            continue
        got = {row.get("outcome", "none") for row in rows if leads_to(row, entry["addr"])}
        if not got and record["accepted"]:
            # A log need not name the recipients of a message that no attempt was made for: one row stands for them.
            got = {row.get("outcome", "none") for row in rows if not row.get("recipient")}
        if expect == "redirected" and "expansion" in record:
            # What became of it at the new address is an entry of its own; here it counts that nothing else is claimed.
            others = {row.get("outcome") for row in rows if row.get("recipient", "").lower() == entry["addr"].lower()}
            got = others or {expect}
        score.add(record, entry["addr"], expect, got)


def evaluate(mailtrail, truth, logs, strict):
    score, answer = Score(), Answer(ask(mailtrail, logs))
    for record in read_truth(truth):
        if not record.get("connection_only"):
            score_record(score, answer, record, strict)
    return score


def check_logins(mailtrail, truth, log):
    """Compares the logins of a log, each kind by its number."""
    wanted = collections.Counter((row["protocol"], row["user"], row["client_ip"], "success" if row["ok"] else "failure")
                                 for row in read_truth(truth))
    got = collections.Counter(tuple(row.get(name) for name in ("protocol", "user", "client_ip", "result"))
                              for row in ask(mailtrail, [log], "login"))
    print(f"{log}: {sum((wanted & got).values())} of {sum(wanted.values())} logins as known, {sum(got.values())} said")
    for kind in sorted(set(wanted) | set(got), key=str):
        if wanted[kind] != got[kind]:
            print(f"  differs: {' '.join(map(str, kind))}: expected {wanted[kind]}, got {got[kind]}")
    return bool(wanted) and wanted == got


def show(name, score, strict):
    right, total = sum(score.right.values()), sum(score.total.values())
    share = 100 * right / total if total else 0.0
    print(f"{name}: {right} of {total} recipients as known, {share:.2f} % ({'strict' if strict else 'all'})")
    outcomes = sorted(score.total.items())
    print("  " + "  ".join(f"{outcome} {score.right[outcome]}/{count}" for outcome, count in outcomes))
    for difference in score.differences:
        print("  differs: " + difference)
    return total > 0 and not score.differences


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--all", action="store_true", help="every folder of tests/data")
    parser.add_argument("--strict", action="store_true", help="leave out corrected expectations")
    parser.add_argument("mailtrail", type=pathlib.Path)
    parser.add_argument("truth", type=pathlib.Path, nargs="?")
    parser.add_argument("log", type=pathlib.Path, nargs="*")
    options = parser.parse_args()
    if options.all:
        runs = [(truth, [log]) for truth in sorted((ROOT / "tests/data").glob("*/ground_truth.jsonl.gz"))
                for log in sorted(truth.parent.glob("*.log.gz"))]
    elif options.truth and options.log:
        runs = [(options.truth, options.log)]
    else:
        parser.error("give TRUTH and LOG..., or --all")
    good = bool(runs)
    for truth, logs in runs:
        score = evaluate(options.mailtrail, truth, logs, options.strict)
        good &= show(" ".join(str(log) for log in logs), score, options.strict)
    if options.all:
        logins = sorted((ROOT / "tests/data").glob("*/*-logins.jsonl.gz"))
        good &= bool(logins)
        for truth in logins:
            log = truth.with_name(truth.name.replace("-logins.jsonl.gz", ".log.gz"))
            good &= check_logins(options.mailtrail, truth, log)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())

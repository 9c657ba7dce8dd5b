#!/usr/bin/env python3
"""compare_pflogsumm.py: pflogsumm's grand totals beside those of `mailtrail report`, with every difference explained.

    compare_pflogsumm.py MAILTRAIL LOG     one log of Postfix with syslog's or rsyslog's ISO time stamps (or that, .gz)

For each figure of pflogsumm (1.1.5) the table shows the figure of mailtrail that a reader would set beside it, the
difference, and the keys that make it up: `+13 door` is 13 of it explained by the key `door`, which docs/pflogsumm.md
explains in words. The terms are counted from the rows that `mailtrail search` prints, never from pflogsumm's output,
so each difference is predicted and then checked. pflogsumm rounds figures above 524288 to k and m: what is predicted is
rounded likewise. Exit status 0: all differences are explained; 1: one is not (its row ends in UNEXPLAINED); 3: a program
failed.

    --markdown   print the table as Markdown
"""
import argparse
import collections
import gzip
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

# What pflogsumm takes for a refusal, a hold, a discard: its words in a line of smtpd or postscreen, or of cleanup.
DOOR = re.compile(r"/(?:smtpd|postscreen)\[\d+\]: (?:\w+: )?(reject(?:_warning)?|hold|discard): ")
CLEANUP = re.compile(r"/cleanup\[\d+\]: .*?\b((?:milter-)?reject|warning|hold|discard): (?:header|body|END-OF-MESSAGE) ")
KILO_FROM, MEGA_FROM = 524288, 536870912
FIGURES = ["received", "delivered", "forwarded", "deferred", "deferrals", "bounced", "rejected", "reject warnings", "held",
           "discarded", "bytes received", "bytes delivered", "senders", "sending hosts/domains", "recipients",
           "recipient hosts/domains"]


def run(command):
    done = subprocess.run(list(map(str, command)), stdin=subprocess.DEVNULL, capture_output=True, check=False)
    if done.returncode not in (0, 1):  # 1 is mailtrail's "nothing found"
        sys.stderr.write(done.stderr.decode("utf-8", "replace"))
        sys.exit(3)
    return done.stdout.decode("utf-8", "replace")


def pflogsumm_totals(log):
    """{figure: text as printed, such as `438` or `652k`}"""
    totals = {}
    for line in run(["pflogsumm", "--detail", "0", log]).splitlines():
        if re.match(r"(Per-|Host)", line):
            break
        found = re.match(r" *(\d+[km ]?) +([a-z/ ]+?)(?: +\((\d+)([km ]?) *(deferrals|%\)))?.*$", line)
        if found:
            totals[found[2]] = found[1].strip()
            if found[5] == "deferrals":
                totals["deferrals"] = (found[3] + found[4]).strip()
    totals.setdefault("deferrals", "0")
    missing = [figure for figure in FIGURES if figure not in totals]
    if missing:
        sys.exit(f"compare_pflogsumm.py: pflogsumm printed no figure for {', '.join(missing)}")
    return totals


def as_printed(number):
    """As pflogsumm prints an integer: above half a unit in the next unit, cut."""
    if number > MEGA_FROM:
        return f"{int(number / 1048576)}m"
    if number > KILO_FROM:
        return f"{int(number / 1024)}k"
    return str(number)


def lower_domain(address):
    """pflogsumm lowers the case of what follows the first @, no more."""
    local, at, domain = address.partition("@")
    return local + at + domain.lower() if domain else address


def client_domain(row):
    """What pflogsumm shows of a client: its domain, or its address where it has no name."""
    name = row.get("client_name", "unknown")
    if name in ("", "unknown"):
        return row.get("client_ip", "")
    cut = re.match(r"(.*)\.([^.]+)\.([^.]{3}|[^.]{2,3}\.[^.]{2})$", name)
    return f"{cut[2]}.{cut[3]}".lower() if cut else name


class Facts:
    """The rows of `mailtrail search`, and what each belongs to."""

    def __init__(self, mailtrail, log):
        def rows(per, query=""):
            text = run([mailtrail, "search", "--json", "--per", per, query, log])
            return [json.loads(line) for line in text.split("\n") if line]

        self.report = json.loads(run([mailtrail, "report", "--json", log]))
        self.attempts = sorted(rows("attempt"), key=lambda row: row["line"])
        self.stays = rows("message")
        self.rejections = rows("rejection")
        self.journeys = {row["id"]: row for row in rows("journey")}
        events = rows("event", "kind:receive OR kind:queue OR kind:hold OR kind:header")
        events.sort(key=lambda row: row["line"])
        self.events = collections.defaultdict(list)
        for event in events:
            self.events[event["kind"]].append(event)
        self.recipients = [row for row in rows("recipient") if self.kind(row["journey"]) == "mail"]
        self.stay_of = {}  # line of a receive event: its stay
        wanted = {row["line"] for row in self.events["receive"] + self.events["queue"]}
        for stay in self.stays:
            for line in stay["lines"]:
                if line["line"] in wanted:
                    self.stay_of[line["line"]] = stay
        with open(log, "rb") as lines:
            marks = {row["line"] for row in self.rejections + self.events["hold"] + self.events["header"]}
            self.text = {number: line.decode("utf-8", "replace") for number, line in enumerate(lines, 1) if number in marks}
        self.filtered = {stay["parent"] for stay in self.stays if stay.get("link") == "filter" and "parent" in stay}

    def kind(self, journey):
        row = self.journeys[journey]
        return "dsn" if row.get("notification") else "probe" if row.get("probe") else "mail"

    def outcome(self, word):
        return self.report["mail"]["outcomes"][word]

    def marked(self, words):
        """How many lines pflogsumm counts for one of these words."""
        return sum(1 for text in self.text.values() for found in [DOOR.search(text) or CLEANUP.search(text)]
                   if found and found[1] in words)

    def received(self):
        """The receive lines of smtpd and pickup, each with its stay or None."""
        for event in self.events["receive"]:
            if event["program"].rsplit("/", 1)[-1] in ("smtpd", "pickup"):
                yield event, self.stay_of.get(event["line"])


class Terms(collections.Counter):
    """What is added to mailtrail's figure to make pflogsumm's, by key."""

    def __str__(self):
        return ", ".join(f"{count:+d} {key}" for key, count in self.items() if count)


def compare_received(facts):
    terms, lines = Terms(), collections.Counter()
    for _, stay in facts.received():
        kind = facts.kind(stay["journey"]) if stay else "door"
        if kind != "mail":
            terms[kind] += 1
        else:
            lines[stay["journey"]] += 1
            if lines[stay["journey"]] > 1:
                terms[stay.get("link", "stay")] += 1
    for journey in facts.journeys:
        if facts.kind(journey) == "mail" and not lines[journey]:
            terms["no-client"] -= 1
    return facts.report["mail"]["journeys"], terms


def compare_attempts(facts, status, figure):
    """delivered and bounced: from recipients with that outcome to attempts (lines) that ended so."""
    terms, seen = Terms(), set()
    decided = {(row["journey"], row["recipient"].lower()) for row in facts.recipients if row["outcome"] == figure}
    for row in facts.attempts:
        kind = facts.kind(row["journey"])
        if row["status"] != status or "forwarded as " in row.get("reply", ""):
            continue
        key = (row["journey"], row["recipient"].lower())
        if kind != "mail":
            terms[kind] += 1
        elif status == "sent" and row["message_key"] in facts.filtered:
            terms["filter"] += 1
        elif status == "sent" and row.get("mailer") == "discard":
            terms["discard-transport"] += 1
        elif key not in decided:
            terms["returned-by-filter"] += 1
        elif key in seen:
            terms["twice"] += 1
        else:
            seen.add(key)
    terms["returned-by-filter" if status == "bounced" else "unseen"] -= len(decided - seen)
    return facts.outcome(figure), terms


def compare_deferred(facts):
    """From recipients that wait when the log ends to messages that were ever deferred."""
    terms, pairs, queue_ids = Terms(), {}, set()
    for row in facts.attempts:
        if row["status"] == "deferred":
            queue_ids.add(row["queue_id"])
            kind = facts.kind(row["journey"])
            key = (row["journey"], row["queue_id"], row["recipient"].lower())
            pairs[key] = row["outcome"] if kind == "mail" else kind
    waiting = sum(1 for outcome in pairs.values() if outcome == "deferred")
    for outcome in pairs.values():
        if outcome != "deferred":
            terms[outcome if outcome in ("dsn", "probe") else "later-" + outcome] += 1
    terms["same-message"] -= len(pairs) - len(queue_ids)
    terms["requeued-waiting"] -= facts.outcome("deferred") - waiting
    return facts.outcome("deferred"), terms


def compare_rejected(facts):
    terms = Terms()
    for row in facts.rejections:
        if row["action"] in ("reject", "defer"):
            found = DOOR.search(facts.text[row["line"]]) or CLEANUP.search(facts.text[row["line"]])
            if not found:
                terms["no-reject-word"] -= 1
    return facts.report["refused"]["transactions"], terms


def compare_warnings(facts):
    headers = sum(1 for row in facts.events["header"] if row.get("action") == "warn" and
                  CLEANUP.search(facts.text[row["line"]]))
    unknown = sum(1 for row in facts.rejections if row["action"] == "warn" and not DOOR.search(facts.text[row["line"]]))
    return facts.report["refused"]["other_actions"].get("warn", 0), Terms({"header-warning": headers, "warn-word": -unknown})


def compare_rules(facts, outcome):
    """held and discarded: from recipients with that outcome to lines of a rule that held or discarded."""
    action = {"held": "hold", "discarded": "discard"}[outcome]
    ruled = [row for row in facts.rejections + facts.events["hold"]
             if row.get("action", "hold") == action and facts.marks(row, action)]
    by_id = collections.Counter(row.get("queue_id", "NOQUEUE") for row in ruled)
    terms, recipients = Terms(), collections.Counter()
    for row in facts.recipients:
        if row["outcome"] == outcome:
            known = [queue_id for queue_id in row["queue_ids"] if queue_id in by_id]
            if known:
                recipients[known[0]] += 1
            else:
                terms["discard-transport" if outcome == "discarded" else "by-hand"] -= 1
    terms["same-message"] -= sum(count - 1 for count in recipients.values())
    for queue_id, count in by_id.items():
        if queue_id in recipients:
            terms["rule-twice"] += count - 1
        else:
            terms["released" if outcome == "held" else "no-stay"] += count
    return facts.outcome(outcome), terms


def marks(self, row, word):
    text = self.text[row["line"]]
    found = DOOR.search(text) or CLEANUP.search(text)
    return bool(found) and found[1] == word


Facts.marks = marks

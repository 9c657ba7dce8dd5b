#!/usr/bin/env python3
"""compare_pflogsumm.py: pflogsumm's grand totals beside those of `mailtrail report`, with every difference explained.

    compare_pflogsumm.py MAILTRAIL LOG     one log of Postfix with syslog's or rsyslog's ISO time stamps (or that, .gz)

For each figure of pflogsumm (1.1.5) the table shows the figure of mailtrail that a reader would set beside it, the
difference, and the keys that make it up: `+13 door` is 13 of it explained by the key `door`, which docs/pflogsumm.md
explains in words. The terms are counted from the rows that `mailtrail search` prints, never from pflogsumm's output,
so each difference is predicted and then checked; what has no proven cause gets the key `?` and counts as not explained.
pflogsumm rounds figures above 524288 to k and m: what is predicted is
rounded likewise. Exit status 0: all differences are explained; 1: one is not (its row ends in UNEXPLAINED); 3: a
program failed.

A queue id is taken for one host's: give the log of one host.

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
CLEANUP = re.compile(r"/cleanup\[\d+\]: .*?\b((?:milter-)?reject|warning|hold|discard): "
                     r"(?:header|body|END-OF-MESSAGE) ")
KILO_FROM, MEGA_FROM = 524288, 536870912
FIGURES = ["received", "delivered", "forwarded", "deferred", "deferrals", "bounced", "rejected", "reject warnings",
           "held", "discarded", "bytes received", "bytes delivered", "senders", "sending hosts/domains", "recipients",
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
        found = re.match(r" *(\d+[km ]?) +([a-z/ ]+?)(?: +\((\d+)([km ]?) *(deferrals|%)\))?$", line)
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
            self.text = {number: line.decode("utf-8", "replace")
                         for number, line in enumerate(lines, 1) if number in marks}
        self.filtered = {stay["parent"] for stay in self.stays if stay.get("link") == "filter" and "parent" in stay}

    def kind(self, journey):
        row = self.journeys[journey]
        return "dsn" if row.get("notification") else "probe" if row.get("probe") else "mail"

    def outcome(self, word):
        return self.report["mail"]["outcomes"][word]

    def marked(self, row):
        """The word for which pflogsumm counts the line of this row, or None."""
        text = self.text[row["line"]]
        found = DOOR.search(text) or CLEANUP.search(text)
        return found[1] if found else None

    def unreceived(self, journey):
        """The key of a mail that neither smtpd nor pickup received."""
        return "late-dsn" if self.journeys[journey].get("sender") == "<>" else "no-client"

    def received(self):
        """The receive lines of smtpd and pickup, each with its stay or None."""
        for event in self.events["receive"]:
            if event["program"].rsplit("/", 1)[-1] in ("smtpd", "pickup"):
                yield event, self.stay_of.get(event["line"])


class Terms(collections.Counter):
    """What is added to mailtrail's figure to make pflogsumm's, by key."""

    def __str__(self):
        return ", ".join(f"{count:+d} {key}" for key, count in sorted(self.items()) if count)


def compare_received(facts):
    terms, lines = Terms(), collections.Counter()
    queued = {row["queue_id"] for row in facts.events["queue"]}
    for event, stay in facts.received():
        unmade = "?" if event["queue_id"] in queued else "door"
        kind = facts.kind(stay["journey"]) if stay else unmade
        if kind != "mail":
            terms[kind] += 1
        else:
            lines[stay["journey"]] += 1
            if lines[stay["journey"]] > 1:
                terms[stay.get("link", "?")] += 1
    for journey in facts.journeys:
        if facts.kind(journey) == "mail" and not lines[journey]:
            terms[facts.unreceived(journey)] -= 1
    return facts.report["mail"]["journeys"], terms


def compare_attempts(facts, status, figure):
    """delivered and bounced: from recipients with that outcome to attempts (lines) that ended so."""
    terms, seen, sent = Terms(), set(), set()
    decided = {(row["journey"], row["recipient"].lower()) for row in facts.recipients if row["outcome"] == figure}
    for row in facts.attempts:
        kind = facts.kind(row["journey"])
        key = (row["journey"], row["recipient"].lower())
        if row["status"] == "sent":
            sent.add(key)
        if row["status"] != status or "forwarded as " in row.get("reply", ""):
            continue
        if kind != "mail":
            terms[kind] += 1
        elif status == "sent" and row["message_key"] in facts.filtered:
            terms["filter"] += 1
        elif status == "sent" and row.get("mailer") == "discard":
            terms["discard-transport"] += 1
        elif key not in decided:
            terms["returned-by-filter" if status == "sent" and row["outcome"] == "bounced" else "?"] += 1
        elif key in seen:
            terms["twice"] += 1
        else:
            seen.add(key)
    for key in decided - seen:
        terms["returned-by-filter" if status == "bounced" and key in sent else "?"] -= 1
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
    terms["?"] -= facts.outcome("deferred") - waiting
    return facts.outcome("deferred"), terms


def compare_deferrals(facts):
    count = facts.report["attempts"]["deferred"]
    return count, Terms({"?": sum(row["status"] == "deferred" for row in facts.attempts) - count})


def compare_rejected(facts):
    refused = [row for row in facts.rejections if row["action"] in ("reject", "defer")]
    unmarked = sum(1 for row in refused if facts.marked(row) not in ("reject", "milter-reject"))
    count = facts.report["refused"]["transactions"]
    return count, Terms({"no-reject-word": -unmarked, "?": len(refused) - count})


def compare_warnings(facts):
    headers = sum(1 for row in facts.events["header"] if facts.marked(row) == "warning")
    warned = [row for row in facts.rejections if row["action"] == "warn"]
    unknown = sum(1 for row in warned if facts.marked(row) != "reject_warning")
    count = facts.report["refused"]["other_actions"].get("warn", 0)
    return count, Terms({"header-rule": headers, "warn-word": -unknown})


def compare_rules(facts, outcome, word):
    """held and discarded: from recipients with that outcome to lines of a rule that held or discarded."""
    ruled = [row for row in facts.rejections + facts.events["hold"] if facts.marked(row) == word]
    by_id = collections.Counter(row["queue_id"] for row in ruled if "queue_id" in row)
    door = len(ruled) - sum(by_id.values())  # NOQUEUE: the line does not say which message it was
    if outcome == "held":
        aside = {row["queue_id"] for row in facts.events["hold"] if facts.marked(row) != word}
        other = "by-hand"
    else:
        aside = {row["queue_id"] for row in facts.attempts if row.get("mailer") == "discard"}
        other = "discard-transport"
    terms, reached = Terms(), collections.Counter()
    for row in facts.recipients:
        if row["outcome"] == outcome:
            ruled_id = next((queue_id for queue_id in row["queue_ids"] if queue_id in by_id), None)
            if ruled_id:
                reached[ruled_id] += 1
            elif aside.intersection(row["queue_ids"]):
                terms[other] -= 1
            else:
                door -= 1
    terms["same-message"] -= sum(count - 1 for count in reached.values())
    for queue_id, count in by_id.items():
        terms["rule-twice"] += count - 1
        terms["undone"] += 1 - (queue_id in reached)
    terms["door-rule" if door > 0 else "?"] += door
    return facts.outcome(outcome), terms


def sizes_and_senders(facts):
    """What pflogsumm takes from the qmgr's lines: (stay, bytes, sender, client) of what smtpd or pickup received."""
    waiting, known, taken = {}, {}, []
    received = {event["line"]: event for event, _ in facts.received()}
    for event in sorted([*received.values(), *facts.events["queue"]], key=lambda row: row["line"]):
        queue_id = event["queue_id"]
        if event["line"] in received:
            pickup = event["program"].endswith("pickup")
            waiting[queue_id] = "pickup" if pickup else client_domain(event)
        elif "size" in event and "sender" in event and not known.get(queue_id):
            known[queue_id] = event["size"]
            if waiting.get(queue_id):
                taken.append((facts.stay_of.get(event["line"]), event["size"], event["sender"], waiting.pop(queue_id)))
    return taken, known


def compare_bytes_received(facts):
    taken, _ = sizes_and_senders(facts)
    terms, per_journey = Terms(), collections.Counter()
    links = collections.defaultdict(set)
    for stay in facts.stays:
        links[stay["journey"]].add(stay.get("link", "begin"))
    for stay, size, _, _ in taken:
        kind = facts.kind(stay["journey"]) if stay else "?"
        if kind == "mail":
            per_journey[stay["journey"]] += size
        else:
            terms[kind] += size
    reached = {stay["journey"] for _, stay in facts.received() if stay}
    for journey, row in facts.journeys.items():
        difference = per_journey[journey] - row.get("size", 0)
        if facts.kind(journey) == "mail" and difference:
            key = next((link for link in ("filter", "requeue", "forward") if link in links[journey]), None)
            if not per_journey[journey]:
                key = "id-reused" if journey in reached else facts.unreceived(journey)
            terms[key or "?"] += difference
    return facts.report["mail"]["bytes"], terms


def compare_bytes_delivered(facts):
    """mailtrail: the sizes of the attempts that ended sent; the report has no such figure."""
    _, known = sizes_and_senders(facts)
    terms, total = Terms(), 0
    for row in facts.attempts:
        if row["status"] == "sent":
            size = row.get("size", 0)
            total += size
            if "forwarded as " in row.get("reply", ""):
                terms["forward"] -= size
            else:
                terms["id-reused"] += known.get(row["queue_id"], 0) - size
    return total, terms


def compare_names(theirs, ours, only_theirs, only_ours):
    """Two sets of names; the keys of a name that only one has are given by functions."""
    terms = Terms({"upper-case": len(theirs) - len({name.lower() for name in theirs})})
    lowered = {name.lower() for name in theirs}
    for name in sorted(lowered - ours):
        terms[only_theirs(name)] += 1
    for name in sorted(ours - lowered):
        terms[only_ours(name)] -= 1
    return terms


def own_names(facts, field, pick):
    """The report's number of names, the names as the rows give them, and the terms from the one to the other."""
    listed = facts.report["mail"][field]
    names = {pick(row) for row in facts.recipients} - {""}
    apart = len(names) - listed["distinct"]
    # The estimate's standard error is 0.8 %; four of them are exceeded once in 16,000 logs.
    allowed = listed["approximate"] and abs(apart) <= 0.032 * len(names)
    return listed["distinct"], names, Terms({"estimate" if allowed else "?": apart})


def compare_senders(facts, domains):
    def pick(row):
        address = row["sender"].lower()
        return address if not domains else address.rpartition("@")[2] if "@" in address else ""

    taken, _ = sizes_and_senders(facts)
    count, ours, terms = own_names(facts, "sender_domains" if domains else "senders", pick)
    theirs, why, pickup = set(), {}, set()
    with_recipient = {row["journey"] for row in facts.recipients}
    for stay, _, sender, client in taken:
        name = "<>" if sender in ("", "<>") else lower_domain(sender)
        domain = re.match(r"[^@]+@(.+)$", name)
        if domains:
            name = domain[1] if domain else name if client == "pickup" else client
        theirs.add(name)
        kind = facts.kind(stay["journey"]) if stay else "?"
        without = "client-name" if domains and not domain else "?"
        if stay and not domains and stay["sender"].lower() != sender.lower():
            pickup.add(pick(stay))
            without = "pickup-sender"
        why[name.lower()] = kind if kind != "mail" else without if stay["journey"] in with_recipient else "no-recipient"
    taken_stays = {stay["message_key"] for stay, _, _, _ in taken if stay}
    reused = {pick(stay) for _, stay in facts.received()
              if stay and "size" in stay and "sender" in stay and stay["message_key"] not in taken_stays}
    queued = {pick(row) for row in facts.events["queue"] if "sender" in row}

    def only_ours(name):
        if name in pickup:
            return "pickup-sender"
        return "never-queued" if name not in queued else "id-reused" if name in reused else "?"

    terms.update(compare_names(theirs, ours, lambda name: why[name], only_ours))
    return count, terms


def compare_recipients(facts, domains):
    def pick(row):
        address = row["recipient"].lower()
        return address.rpartition("@")[2] if domains else address

    count, ours, terms = own_names(facts, "recipient_domains" if domains else "recipients_by_address", pick)
    theirs, kinds, delivered = set(), {}, set()
    for row in facts.attempts:
        if row["status"] == "sent" and "forwarded as " not in row.get("reply", ""):
            name = lower_domain(row["recipient"])
            name = re.sub(r"^[^@]+@", "", name) if domains else name
            theirs.add(name)
            kind = facts.kind(row["journey"])
            kinds[name.lower()] = "?" if kind == "mail" else kind
    for row in facts.recipients:
        if row["outcome"] == "delivered":
            delivered.add(pick(row))
    terms.update(compare_names(theirs, ours, lambda name: kinds[name],
                               lambda name: "?" if name in delivered else "not-delivered"))
    return count, terms


def compare_forwarded(facts):
    return sum("child_queue_id" in row and row["status"] == "sent" for row in facts.attempts), Terms()


def predictions(facts):
    """{figure: (mailtrail's figure, Terms)}"""
    return {
        "received": compare_received(facts),
        "delivered": compare_attempts(facts, "sent", "delivered"),
        "forwarded": compare_forwarded(facts),
        "deferred": compare_deferred(facts),
        "deferrals": compare_deferrals(facts),
        "bounced": compare_attempts(facts, "bounced", "bounced"),
        "rejected": compare_rejected(facts),
        "reject warnings": compare_warnings(facts),
        "held": compare_rules(facts, "held", "hold"),
        "discarded": compare_rules(facts, "discarded", "discard"),
        "bytes received": compare_bytes_received(facts),
        "bytes delivered": compare_bytes_delivered(facts),
        "senders": compare_senders(facts, False),
        "sending hosts/domains": compare_senders(facts, True),
        "recipients": compare_recipients(facts, False),
        "recipient hosts/domains": compare_recipients(facts, True),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--markdown", action="store_true", help="print the table as Markdown")
    parser.add_argument("mailtrail", type=pathlib.Path)
    parser.add_argument("log", type=pathlib.Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        log = options.log
        if log.suffix == ".gz":  # both programs read the same bytes
            log = pathlib.Path(folder) / log.stem
            with gzip.open(options.log, "rb") as packed, open(log, "wb") as plain:
                shutil.copyfileobj(packed, plain)
        theirs = pflogsumm_totals(log)
        ours = predictions(Facts(options.mailtrail, log))
    failed = 0
    row = "| {} | {} | {} | {} | {} |" if options.markdown else "{:<24} {:>9} {:>11} {:>11}  {}"
    print(row.format("figure", "pflogsumm", "mailtrail", "difference", "explained by"))
    if options.markdown:
        print("| --- | ---: | ---: | ---: | --- |")
    for figure in FIGURES:
        count, terms = ours[figure]
        total = sum(terms.values())
        words = str(terms)
        if as_printed(count + total) != theirs[figure] or terms["?"]:
            failed += 1
            words += f" UNEXPLAINED: {as_printed(count + total)} was predicted"
        print(row.format(figure, theirs[figure], count, f"{total:+d}" if total else "0", words))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

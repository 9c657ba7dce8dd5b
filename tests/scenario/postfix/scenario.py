#!/usr/bin/env python3
"""scenario.py short|long FOLDER MAILTRAIL: two Postfix systems, the world around them, and what mailtrail says of it.

mx1 takes mail, has a content filter, aliases, rules and an operator, and relays
second.example to mx2. Both write logs of their own. The first argument says which form of queue ids they use.
"""
import json
import os
import pathlib
import re
import shutil
import smtplib
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import cases
from postfix_system import PostfixSystem
from remote_server import Filter, Server, kind

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "scripts"))
import check_truth  # noqa: E402

SETTLE_SECONDS = 24  # lifetime 10 s, on mx1 and then on mx2, and the steps between


class Place:
    """Who listens where: on documentation addresses where the network is our own, else on high ports of the loopback."""

    def __init__(self, enclosed, base):
        self.enclosed = enclosed
        if enclosed:
            self.first_ip, self.second_ip = "192.0.2.11", "192.0.2.12"
            self.remote_ip, self.closed_ip = "198.51.100.25", "198.51.100.26"
            self.first, self.second, self.remote, self.closed = ((ip, 25) for ip in self.addresses())
            self.trusted, self.outside = "192.0.2.50", "203.0.113.7"
        else:
            self.first_ip = self.second_ip = self.remote_ip = self.closed_ip = "127.0.0.1"
            self.first, self.second, self.remote, self.closed = (("127.0.0.1", base + n) for n in (1, 6, 5, 9))
            self.trusted, self.outside = "127.0.0.2", "127.0.0.3"
        self.filtered = (self.first_ip, base + 2)
        self.filter, self.back = ("127.0.0.1", base + 4), ("127.0.0.1", base + 3)

    def addresses(self):
        return self.first_ip, self.second_ip, self.remote_ip, self.closed_ip

    def enclose(self, folders):
        """Brings up the addresses, and a /etc/postfix of our own that allows sendmail(1) our configurations."""
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
        for address in (*self.addresses(), self.trusted, self.outside):
            subprocess.run(["ip", "address", "add", f"{address}/32", "dev", "lo"], check=True)
        etc = folders[0].parent / "etc"
        shutil.copytree("/etc/postfix", etc, symlinks=True)
        text = f"compatibility_level = 3.6\nalternate_config_directories = {', '.join(map(str, folders))}\n"
        (etc / "main.cf").write_text(text, encoding="utf-8")
        subprocess.run(["mount", "--bind", str(etc), "/etc/postfix"], check=True)


def next_hop(place):
    return f"[{place[0]}]:{place[1]}"


def listen(place):
    return f"{place[0]}:{place[1]}"


def first_system(folder, place, long_ids):
    main = f"""\
inet_interfaces = 127.0.0.1, {place.first_ip}
mydestination = local.example
virtual_alias_domains = v.example
virtual_mailbox_domains = m.example
recipient_delimiter = +
header_checks = regexp:{folder}/headers
smtpd_relay_restrictions = permit_mynetworks, reject_unauth_destination
smtpd_sender_restrictions = check_sender_access texthash:{folder}/senders
smtpd_recipient_restrictions = check_recipient_access texthash:{folder}/recipients
"""
    services = f"""\
{listen(place.first)} inet n - n - - smtpd
{listen(place.filtered)} inet n - n - - smtpd
  -o content_filter=scan:{next_hop(place.filter)}
{listen(place.back)} inet n - n - - smtpd
  -o content_filter=
  -o mynetworks=127.0.0.0/8
  -o smtpd_sender_restrictions=
  -o smtpd_recipient_restrictions=
  -o receive_override_options=no_header_body_checks,no_unknown_recipient_checks,no_address_mappings
scan      unix  - - n - 4 smtp
"""
    tables = {
        "transport": world_transport(place) + f"closed.example smtp:{next_hop(place.closed)}\n"
                     f"second.example smtp:{next_hop(place.second)}\n"
                     "disc.example discard:silently\nerr.example error:5.1.6 The domain has moved\n",
        "headers": f"/^X-Hold:/ HOLD by rule\n/^X-Discard:/ DISCARD by rule\n/^X-Reject:/ REJECT not welcome\n"
                   f"/^X-Redirect:/ REDIRECT user3@m.example\n/^X-Filter:/ FILTER scan:{next_hop(place.filter)}\n"
                   "/^Subject:/ INFO\n",
        "virtual": cases.VIRTUAL, "aliases": cases.ALIASES, "mailboxes": cases.MAILBOXES,
        "senders": cases.SENDER_RULES, "recipients": cases.RECIPIENT_RULES,
    }
    return PostfixSystem("mx1", folder, long_ids, place.trusted, main, services, tables)


def world_transport(place):
    return f"remote.example smtp:{next_hop(place.remote)}\ns.example smtp:{next_hop(place.remote)}\n"


def second_system(folder, place, long_ids):
    main = f"inet_interfaces = {place.second_ip}\nmydestination =\nvirtual_mailbox_domains = second.example\n"
    services = f"{listen(place.second)} inet n - n - - smtpd\n"
    tables = {
        "transport": world_transport(place), "virtual": cases.SECOND_VIRTUAL, "mailboxes": cases.SECOND_MAILBOXES,
    }
    return PostfixSystem("mx2", folder, long_ids, f"{place.first_ip}/32", main, services, tables)


def message_of(case, number):
    """(message id as sent, or None; the message)."""
    name = re.sub(r"\W+", "-", case.name)
    message_id = f"<{number}.{name}@s.example>" if case.message_id is None else case.message_id
    lines = [f"Subject: {case.subject}", *case.headers]
    if message_id:
        lines.append(f"Message-ID: {message_id}")
    return message_id or None, "\r\n".join(lines) + "\r\n\r\nHello.\r\n"


def send(case, number, place, mx1):
    """Sends a case and gives its record of the truth."""
    sender = f"sender{number}@s.example" if case.sender is None else case.sender
    message_id, message = message_of(case, number)
    record = {"scenario": case.name, "mail_from": sender, "message_id": message_id, "queue_id": None, "accepted": False,
              "rcpts": [{"addr": address, "expect": expect} for address, expect in case.rcpts.items()]}
    if case.expansion:
        record["expansion"] = [{"addr": address, "expect": expect} for address, expect in case.expansion.items()]
    if case.entry == "local":
        subprocess.run(["/usr/sbin/sendmail", "-C", mx1.folder, "-oi", "-f", sender, *case.rcpts], check=True,
                       input=message.replace("\r\n", "\n").encode())
        record["accepted"] = True
        return record
    host, port = place.filtered if case.entry == "filtered" else place.first
    source = place.outside if case.entry == "outside" else place.trusted
    with smtplib.SMTP(host, port, "client.example", timeout=30, source_address=(source, 0)) as client:
        client.ehlo()
        client.docmd("MAIL", f"FROM:<{sender}>")
        taken = 0
        for entry in record["rcpts"]:
            entry["code"] = client.docmd("RCPT", f"TO:<{entry['addr']}>")[0]
            taken += entry["code"] == 250
        if taken:
            code, reply = client.data(message.encode())
            record["accepted"] = code == 250
            if code == 250:
                record["queue_id"] = re.search(rb"queued as (\w+)", reply)[1].decode()
    return record


def operate(case, record, mx1):
    """What the operator does to a message that is queued."""
    queue_id = record["queue_id"]
    mx1.await_queue(queue_id, "hold" if any("Hold" in header for header in case.headers) else "deferred")
    mx1.command("postsuper", {"hold": "-h", "delete": "-d", "requeue": "-r", "release": "-H"}[case.operation], queue_id)


def drive(mx1, place):
    """Plays all cases; gives [(case, record)]."""
    def play(item):
        number, case = item
        record = send(case, number, place, mx1)
        if case.operation:
            operate(case, record, mx1)
        return case, record

    # Without namespaces sendmail(1) would hand its mail to the machine's own Postfix.
    wanted = [item for item in enumerate(cases.CASES) if place.enclosed or item[1].entry != "local"]
    with ThreadPoolExecutor(8) as pool:
        played = list(pool.map(play, [item for item in wanted if not item[1].late]))
        time.sleep(SETTLE_SECONDS)
        played += pool.map(play, [item for item in wanted if item[1].late])
    time.sleep(2)
    return played


def truth_breaches(played, remote):
    """Where the servers did not do what a case says: then the truth is wrong, not mailtrail."""
    for case, record in played:
        for entry in record["rcpts"]:
            refused = "code" in entry and (entry["code"] != 250 or not record["accepted"])
            if refused != (entry["expect"] == cases.REJECTED):
                yield f"{case.name}: {entry['addr']} was {'refused' if refused else 'accepted'}"
        message_id = record["message_id"]
        for address, expect in {**case.rcpts, **(case.expansion or {})}.items():
            if not address.lower().endswith("@remote.example") or not message_id or expect == cases.REDIRECTED:
                continue
            if ((message_id, address.lower()) in remote.accepted) != (expect == cases.DELIVERED):
                yield f"{case.name}: {address} is {expect}, but the remote server saw otherwise ({kind(address)})"


def check(played, mailtrail, logs, enclosed):
    """Yields (ok, name, details)."""
    rows = check_truth.ask(mailtrail, logs)
    if not enclosed:
        # The remote servers stand on the loopback here, where a log cannot tell them from a filter that hands mail on.
        for row in rows:
            row["outcome"] = cases.DELIVERED if row.get("outcome") == "in_transit" else row.get("outcome")
    answer = check_truth.Answer(rows)
    for case, record in played:
        score = check_truth.Score()
        check_truth.score_record(score, answer, record, strict=False)
        yield sum(score.total.values()) > 0 and not score.differences, case.name, score.differences
    command = [mailtrail, "events", "--kind", "unparsed", "--json", *map(str, logs)]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    unparsed = [line for line in done.stdout.splitlines() if json.loads(line).get("program", "").startswith("postfix")]
    details = unparsed[:20] + done.stderr.splitlines()
    yield done.returncode in (0, 1) and not unparsed, "every line is understood", details


def main():
    ids, folder, mailtrail = sys.argv[1], pathlib.Path(sys.argv[2]), sys.argv[3]
    base = 25100 if ids == "short" else 25200
    enclosed = os.environ.get("MAILTRAIL_ENCLOSED") == "1"
    folders = [folder / "mx1", folder / "mx2"]
    place = Place(enclosed, base)
    if enclosed:
        place.enclose(folders)
    remote, _ = Server(place.remote), Filter(place.filter, place.back)
    systems = [first_system(folders[0], place, ids == "long"), second_system(folders[1], place, ids == "long")]
    try:
        for system in systems:
            system.start(enclosed)
        played = drive(systems[0], place)
    finally:
        for system in systems:
            system.stop()
    logs = [system.log for system in systems]
    keep = os.environ.get("MAILTRAIL_KEEP")
    if keep:
        shutil.copytree(folder, pathlib.Path(keep) / ids, dirs_exist_ok=True,
                        ignore=shutil.ignore_patterns("queue", "data"))
        truth = "".join(json.dumps(record) + "\n" for _, record in played)
        (pathlib.Path(keep) / ids / "ground_truth.jsonl").write_text(truth, encoding="utf-8")
    breaches = list(truth_breaches(played, remote))
    results = [(not breaches, "the servers did what the cases say", breaches), *check(played, mailtrail, logs, enclosed)]
    for ok, name, details in results:
        print(f"{'ok' if ok else 'not ok'} - {ids} ids: {name}")
        for line in () if ok else details:
            print(f"    {line}")
    return 0 if all(ok for ok, _, _ in results) else 1


if __name__ == "__main__":
    sys.exit(main())

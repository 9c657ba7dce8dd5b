#!/usr/bin/env python3
"""scenario.py short|long FOLDER MAILTRAIL: two Postfix systems and the world around them, and what mailtrail says of it.

mx1 takes mail (port 1), has a content filter (port 4, back on port 3), aliases, rules and an operator, and relays
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

TRUSTED, OUTSIDE = "127.0.0.2", "127.0.0.3"
SETTLE_SECONDS = 24  # lifetime 10 s, on mx1 and then on mx2, and the steps between


def first_system(folder, base, long_ids):
    main = f"""\
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
127.0.0.1:{base + 1} inet n - n - - smtpd
127.0.0.1:{base + 2} inet n - n - - smtpd
  -o content_filter=scan:[127.0.0.1]:{base + 4}
127.0.0.1:{base + 3} inet n - n - - smtpd
  -o content_filter=
  -o mynetworks=127.0.0.0/8
  -o smtpd_sender_restrictions=
  -o smtpd_recipient_restrictions=
  -o receive_override_options=no_header_body_checks,no_unknown_recipient_checks,no_address_mappings
scan      unix  - - n - 4 smtp
"""
    tables = {
        "transport": f"remote.example smtp:[127.0.0.1]:{base + 5}\ns.example smtp:[127.0.0.1]:{base + 5}\n"
                     f"closed.example smtp:[127.0.0.1]:{base + 9}\nsecond.example smtp:[127.0.0.1]:{base + 6}\n"
                     "disc.example discard:silently\nerr.example error:5.1.6 The domain has moved\n",
        "headers": f"/^X-Hold:/ HOLD by rule\n/^X-Discard:/ DISCARD by rule\n/^X-Reject:/ REJECT not welcome\n"
                   f"/^X-Redirect:/ REDIRECT user3@m.example\n/^X-Filter:/ FILTER scan:[127.0.0.1]:{base + 4}\n"
                   "/^Subject:/ INFO\n",
        "virtual": cases.VIRTUAL, "aliases": cases.ALIASES, "mailboxes": cases.MAILBOXES,
        "senders": cases.SENDER_RULES, "recipients": cases.RECIPIENT_RULES,
    }
    return PostfixSystem("mx1", folder, long_ids, TRUSTED, main, services, tables)


def second_system(folder, base, long_ids):
    main = "mydestination =\nvirtual_mailbox_domains = second.example\n"
    services = f"127.0.0.1:{base + 6} inet n - n - - smtpd\n"
    tables = {
        "transport": f"remote.example smtp:[127.0.0.1]:{base + 5}\ns.example smtp:[127.0.0.1]:{base + 5}\n",
        "virtual": cases.SECOND_VIRTUAL, "mailboxes": cases.SECOND_MAILBOXES,
    }
    return PostfixSystem("mx2", folder, long_ids, "127.0.0.0/8", main, services, tables)


def message_of(case, number):
    """(message id as sent, or None; the message)."""
    name = re.sub(r"\W+", "-", case.name)
    message_id = f"<{number}.{name}@s.example>" if case.message_id is None else case.message_id
    lines = [f"Subject: {case.subject}", *case.headers]
    if message_id:
        lines.append(f"Message-ID: {message_id}")
    return message_id or None, "\r\n".join(lines) + "\r\n\r\nHello.\r\n"


def send(case, number, base, mx1):
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
    port = base + (2 if case.entry == "filtered" else 1)
    source = OUTSIDE if case.entry == "outside" else TRUSTED
    with smtplib.SMTP("127.0.0.1", port, "client.example", timeout=30, source_address=(source, 0)) as client:
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


def drive(mx1, base, enclosed):
    """Plays all cases; gives [(case, record)]."""
    def play(item):
        number, case = item
        record = send(case, number, base, mx1)
        if case.operation:
            operate(case, record, mx1)
        return case, record

    # Without namespaces sendmail(1) would hand its mail to the machine's own Postfix.
    wanted = [item for item in enumerate(cases.CASES) if enclosed or item[1].entry != "local"]
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


def check(played, mailtrail, logs):
    """Yields (ok, name, details)."""
    answer = check_truth.Answer(check_truth.ask(mailtrail, logs))
    for case, record in played:
        score = check_truth.Score()
        check_truth.score_record(score, answer, record, strict=False)
        yield sum(score.total.values()) > 0 and not score.differences, case.name, score.differences
    command = [mailtrail, "events", "--kind", "unparsed", "--json", *map(str, logs)]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    unparsed = [line for line in done.stdout.splitlines() if json.loads(line).get("program", "").startswith("postfix")]
    yield done.returncode in (0, 1) and not unparsed, "every line is understood", unparsed[:20] + done.stderr.splitlines()


def enclose(folders):
    """A loopback interface, and a /etc/postfix of our own that allows sendmail(1) and postqueue(1) our configurations."""
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    etc = folders[0].parent / "etc"
    shutil.copytree("/etc/postfix", etc, symlinks=True)
    names = ", ".join(str(folder) for folder in folders)
    (etc / "main.cf").write_text(f"compatibility_level = 3.6\nalternate_config_directories = {names}\n", encoding="utf-8")
    subprocess.run(["mount", "--bind", str(etc), "/etc/postfix"], check=True)


def main():
    ids, folder, mailtrail = sys.argv[1], pathlib.Path(sys.argv[2]), sys.argv[3]
    base = 25100 if ids == "short" else 25200
    enclosed = os.environ.get("MAILTRAIL_ENCLOSED") == "1"
    folders = [folder / "mx1", folder / "mx2"]
    if enclosed:
        enclose(folders)
    remote, _ = Server(base + 5), Filter(base + 4, base + 3)
    systems = [first_system(folders[0], base, ids == "long"), second_system(folders[1], base, ids == "long")]
    try:
        for system in systems:
            system.start(enclosed)
        played = drive(systems[0], base, enclosed)
    finally:
        for system in systems:
            system.stop()
    logs = [system.log for system in systems]
    keep = os.environ.get("MAILTRAIL_KEEP")
    if keep:
        shutil.copytree(folder, pathlib.Path(keep) / ids, dirs_exist_ok=True, ignore=shutil.ignore_patterns("queue", "data"))
        truth = "".join(json.dumps(record) + "\n" for _, record in played)
        (pathlib.Path(keep) / ids / "ground_truth.jsonl").write_text(truth, encoding="utf-8")
    breaches = list(truth_breaches(played, remote))
    results = [(not breaches, "the servers did what the cases say", breaches), *check(played, mailtrail, logs)]
    for ok, name, details in results:
        print(f"{'ok' if ok else 'not ok'} - {ids} ids: {name}")
        for line in () if ok else details:
            print(f"    {line}")
    return 0 if all(ok for ok, _, _ in results) else 1


if __name__ == "__main__":
    sys.exit(main())

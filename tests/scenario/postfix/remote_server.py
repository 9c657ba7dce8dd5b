"""SMTP servers that stand for the rest of the world: remote domains that accept, put off or refuse; a content filter.

What they do with a recipient is said by its local part, so that a case and its end are read from one address.
"""
import re
import smtplib
import socketserver
import threading

RCPT_REPLIES = {
    "nouser": "550 5.1.1 <{}>: Recipient address rejected: User unknown in virtual mailbox table",
    "defer": "451 4.3.0 <{}>: Temporary lookup failure",
    "forged": "550 5.7.1 to=<victim@remote.example>, relay=none, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as ABCD)",
    "multi": "550-5.1.1 The account does not exist. Please check\r\n550-5.1.1 the address for typing errors\r\n"
             "550 5.1.1 https://support.example/?p=NoSuchUser",
    "utf8": "550 5.7.1 Boîte désactivée <{}>",
    "plain": "550 No such user here",
}
DATA_REPLIES = {
    "content": "554 5.7.1 Message content rejected, id=17483-01 - SPAM",
}
FIRST_RCPT_REPLIES = {"grey": "450 4.2.0 <{}>: Recipient address rejected: Greylisted, try again in 5 seconds"}
FIRST_DATA_REPLIES = {"later": "451 4.7.1 Content scanner unavailable, try again later"}


def kind(address):
    """`nouser` of `nouser-3@remote.example`."""
    return re.match(r"\"?([A-Za-z0-9]*)", address)[1].lower()


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 100

    def __init__(self, address):
        super().__init__(address, Session)
        self.lock = threading.Lock()
        self.seen = set()
        self.accepted = set()  # (message id, recipient) of what was taken
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def first_time(self, *key):
        with self.lock:
            new = key not in self.seen
            self.seen.add(key)
            return new

    def answer_recipient(self, sender, address):
        if kind(address) in FIRST_RCPT_REPLIES and self.first_time("rcpt", sender, address):
            return FIRST_RCPT_REPLIES[kind(address)].format(address)
        return RCPT_REPLIES.get(kind(address), "250 2.1.5 Ok").format(address)

    def answer_data(self, sender, recipients, message):
        """The reply to the message; None: the connection breaks."""
        del message
        for address in recipients:
            if kind(address) == "drop" and self.first_time("drop", sender, address):
                return None
            if kind(address) in FIRST_DATA_REPLIES and self.first_time("data", sender, address):
                return FIRST_DATA_REPLIES[kind(address)]
            if kind(address) in DATA_REPLIES:
                return DATA_REPLIES[kind(address)]
        return "250 2.0.0 Ok: queued as 0F1E2D3C4B5A"


class Filter(Server):
    """A content filter between two queues: hands on what it likes to `back`, and says what it was told there."""

    def __init__(self, address, back):
        self.back = back
        super().__init__(address)

    def answer_recipient(self, sender, address):
        return "250 2.1.5 Ok"

    def answer_data(self, sender, recipients, message):
        head = message.split(b"\r\n\r\n")[0].lower()
        if b"x-scan: reject" in head:
            return "554 5.7.1 Rejected, id=00017-01 - INFECTED"
        if b"x-scan: later" in head and self.first_time("scan", sender, *recipients):
            return "451 4.3.2 Scanner is starting"
        with smtplib.SMTP(*self.back, "localhost", timeout=20) as onward:
            onward.ehlo_or_helo_if_needed()
            onward.docmd("MAIL", f"FROM:<{sender}>")
            for address in recipients:
                onward.docmd("RCPT", f"TO:<{address}>")
            code, reply = onward.data(message)
        said = reply.decode("utf-8", "replace")
        return f"{code} {said.split()[0]} from MTA(smtp:[{self.back[0]}]:{self.back[1]}): {code} {said}"


class Session(socketserver.StreamRequestHandler):
    def say(self, text):
        self.wfile.write(text.encode() + b"\r\n")

    def read_message(self):
        lines = []
        for line in self.rfile:
            if line == b".\r\n":
                return b"".join(lines)
            lines.append(line[1:] if line.startswith(b"..") else line)
        return None

    def handle(self):
        self.say("220 mx.remote.example ESMTP")
        sender, recipients = "", []
        for line in self.rfile:
            text = line.decode("utf-8", "replace").strip()
            verb = text[:4].upper()
            if verb == "EHLO":
                self.say("250-mx.remote.example\r\n250-PIPELINING\r\n250-ENHANCEDSTATUSCODES\r\n250 8BITMIME")
            elif verb == "MAIL":
                sender, recipients = text.split("<", 1)[1].split(">")[0], []
                self.say("250 2.1.0 Ok")
            elif verb == "RCPT":
                address = text.split("<", 1)[1].rsplit(">", 1)[0]
                reply = self.server.answer_recipient(sender, address)
                if reply.startswith("250"):
                    recipients.append(address)
                self.say(reply)
            elif verb == "DATA":
                if not self.take_data(sender, recipients):
                    return
            elif verb == "QUIT":
                self.say("221 2.0.0 Bye")
                return
            else:
                self.say("250 2.0.0 Ok")

    def take_data(self, sender, recipients):
        if not recipients:
            self.say("554 5.5.1 No valid recipients")
            return True
        self.say("354 End data with <CR><LF>.<CR><LF>")
        message = self.read_message()
        reply = None if message is None else self.server.answer_data(sender, recipients, message)
        if reply is None:
            return False
        if reply.startswith("250"):
            match = re.search(rb"(?im)^message-id:\s*(.*?)\r?$", message)
            message_id = match[1].decode("utf-8", "replace") if match else ""
            with self.server.lock:
                self.server.accepted.update((message_id, address.lower()) for address in recipients)
        self.say(reply)
        return True

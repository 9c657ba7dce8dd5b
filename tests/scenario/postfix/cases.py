"""What is sent, and what must become of it: each case is one message, with the final outcome of each recipient."""
import dataclasses

DELIVERED, BOUNCED, EXPIRED, DEFERRED = "delivered", "bounced", "expired", "deferred"
HELD, DELETED, DISCARDED, REJECTED = "held", "deleted", "discarded", "rejected"
REDIRECTED, MIXED = "redirected", "mixed"


@dataclasses.dataclass
class Case:
    name: str
    rcpts: dict                    # address as given to the server: outcome
    expansion: dict = None         # what aliases make of it: outcome
    entry: str = "trusted"         # trusted, outside, filtered (through the content filter), local (sendmail(1))
    sender: str = None             # None: one of its own
    headers: tuple = ()
    subject: str = "hello"
    message_id: str = None         # None: one of its own; "": none
    operation: str = None          # hold, delete, requeue, release: by the operator, once it is queued
    late: bool = False             # sent just before the log ends


LIST = {"user1@m.example": DELIVERED, "ok-list@remote.example": DELIVERED, "nouser-list@remote.example": BOUNCED}
BIG = {f"ok-big{i}@remote.example": DELIVERED for i in range(30)}

CASES = [
    # The plain ends.
    Case("remote accepts", {"ok@remote.example": DELIVERED}),
    Case("remote does not know the user", {"nouser@remote.example": BOUNCED}),
    Case("remote refuses the content", {"content@remote.example": BOUNCED}),
    Case("reply of several lines", {"multi@remote.example": BOUNCED}),
    Case("reply in UTF-8", {"utf8@remote.example": BOUNCED}),
    Case("reply without a status code", {"plain@remote.example": BOUNCED}),
    Case("reply that forges a delivery", {"forged@remote.example": BOUNCED}),
    Case("greylisted, then taken", {"grey@remote.example": DELIVERED}),
    Case("put off after DATA, then taken", {"later@remote.example": DELIVERED}),
    Case("connection lost, then taken", {"drop@remote.example": DELIVERED}),
    Case("put off until it expires", {"defer@remote.example": EXPIRED}),
    Case("nobody listens", {"x@closed.example": EXPIRED}),
    Case("every end in one message", {"ok-1@remote.example": DELIVERED, "nouser-1@remote.example": BOUNCED,
                                      "grey-1@remote.example": DELIVERED, "defer-1@remote.example": EXPIRED,
                                      "user1@m.example": DELIVERED}),
    Case("discard transport", {"anyone@disc.example": DISCARDED}),
    # Addresses and headers that are odd.
    Case("letters in any case", {"OK-Case@Remote.EXAMPLE": DELIVERED, "User1@M.Example": DELIVERED}),
    Case("quoted local part", {'"ok two words"@remote.example': DELIVERED}),
    Case("null sender", {"ok-null@remote.example": DELIVERED}, sender=""),
    Case("null sender that bounces", {"nouser-null@remote.example": BOUNCED}, sender=""),
    Case("sender that does not exist", {"nouser-db@remote.example": BOUNCED}, sender="nouser-sender@remote.example"),
    Case("no message id", {"ok-noid@remote.example": DELIVERED}, message_id=""),
    Case("message id that forges a delivery", {"defer-forge@remote.example": EXPIRED},
         message_id="<a b>c, to=<defer-forge@remote.example>, relay=none, status=sent (250 fake)@z>"),
    Case("message id twice, first", {"ok-twice@remote.example": DELIVERED}, message_id="<twice@s.example>"),
    Case("message id twice, second", {"nouser-twice@remote.example": BOUNCED}, message_id="<twice@s.example>"),
    # Aliases.
    Case("virtual alias of one", {"one@v.example": DELIVERED}, {"user2@m.example": DELIVERED}),
    Case("virtual alias of several", {"list@v.example": MIXED}, LIST),
    Case("virtual alias of an alias", {"chain@v.example": MIXED}, {**LIST, "user3@m.example": DELIVERED}),
    Case("virtual alias of thirty", {"big@v.example": DELIVERED}, BIG),
    Case("virtual alias to an error", {"gone@v.example": BOUNCED}, {"x@err.example": BOUNCED}),
    Case("virtual alias, one of them waits", {"soft@v.example": MIXED},
         {"user1@m.example": DELIVERED, "defer-soft@remote.example": EXPIRED}),
    Case("local alias", {"fwd@local.example": DELIVERED}, {"ok-fwd@remote.example": DELIVERED}),
    Case("local alias of a list with an owner", {"team@local.example": DELIVERED},
         {"user2@m.example": DELIVERED, "ok-team@remote.example": DELIVERED}),
    Case("local alias that bounces elsewhere", {"fwdbounce@local.example": BOUNCED},
         {"nouser-fwd@remote.example": BOUNCED}),
    Case("local alias to a file", {"devnull@local.example": DELIVERED}),
    Case("local alias to a program that fails", {"progfail@local.example": BOUNCED}),
    Case("local alias to a program that is busy", {"progtemp@local.example": EXPIRED}),
    # The second system, reached by relaying.
    Case("second system delivers", {"user1@second.example": DELIVERED}),
    Case("second system bounces", {"nouser@second.example": BOUNCED}, {"nouser-far@remote.example": BOUNCED}),
    Case("second system puts off, then delivers", {"slow@second.example": DELIVERED},
         {"grey-far@remote.example": DELIVERED}),
    Case("second system expires", {"never@second.example": EXPIRED}, {"defer-far@remote.example": EXPIRED}),
    Case("second system expands", {"both@second.example": MIXED},
         {"user2@second.example": DELIVERED, "nouser-both@remote.example": BOUNCED}),
    Case("second system refuses", {"ghost@second.example": BOUNCED, "user2@second.example": DELIVERED}),
    Case("alias here, second system there", {"away@v.example": DELIVERED}, {"user1@second.example": DELIVERED}),
    # The content filter: a second stay in the queue.
    Case("filter passes", {"ok-f@remote.example": DELIVERED}, entry="filtered"),
    Case("filter passes several", {"ok-f2@remote.example": DELIVERED, "nouser-f2@remote.example": BOUNCED,
                                   "user1@m.example": DELIVERED, "defer-f2@remote.example": EXPIRED}, entry="filtered"),
    Case("filter passes an alias", {"list@v.example": MIXED}, LIST, entry="filtered"),
    Case("filter refuses", {"ok-f3@remote.example": BOUNCED}, entry="filtered", headers=("X-Scan: reject",)),
    Case("filter is busy, then passes", {"ok-f4@remote.example": DELIVERED}, entry="filtered",
         headers=("X-Scan: later",)),
    Case("filter, then the second system", {"user1@second.example": DELIVERED, "nouser@second.example": BOUNCED},
         entry="filtered"),
    Case("filter by header rule", {"ok-f5@remote.example": DELIVERED}, headers=("X-Filter: 1",)),
    # Rules on headers, senders and recipients.
    Case("header rule holds", {"ok-hh@remote.example": HELD}, headers=("X-Hold: 1",)),
    Case("header rule discards", {"ok-hd@remote.example": DISCARDED}, headers=("X-Discard: 1",)),
    Case("header rule rejects", {"ok-hr@remote.example": REJECTED}, headers=("X-Reject: 1",)),
    Case("header rule redirects", {"ok-hx@remote.example": REDIRECTED}, {"user3@m.example": DELIVERED},
         headers=("X-Redirect: 1",)),
    Case("sender rule holds", {"ok-sh@remote.example": HELD}, sender="hold@s.example"),
    Case("sender rule discards", {"ok-sd@remote.example": DISCARDED}, sender="discard@s.example"),
    Case("sender rule rejects", {"user1@m.example": REJECTED}, sender="blocked@s.example", entry="outside"),
    Case("recipient rule puts off", {"busy@m.example": REJECTED, "user1@m.example": DELIVERED}, entry="outside"),
    Case("unknown user", {"stranger@m.example": REJECTED, "user2@m.example": DELIVERED}, entry="outside"),
    Case("relay denied", {"ok-relay@remote.example": REJECTED}, entry="outside"),
    # The operator.
    Case("operator holds", {"defer-oh@remote.example": HELD}, operation="hold"),
    Case("operator deletes", {"defer-od@remote.example": DELETED}, operation="delete"),
    Case("operator requeues", {"grey-oq@remote.example": DELIVERED}, operation="requeue"),
    Case("operator releases what a rule held", {"ok-or@remote.example": DELIVERED}, headers=("X-Hold: 1",),
         operation="release"),
    # The message goes through cleanup(8) again, and so through the rule that held it.
    Case("operator requeues what a rule holds again", {"ok-orq@remote.example": HELD}, headers=("X-Hold: 1",),
         operation="requeue"),
    # sendmail(1).
    Case("submitted on the host", {"ok-sub@remote.example": DELIVERED, "nouser-sub@remote.example": BOUNCED},
         entry="local"),
    Case("submitted on the host to an alias", {"list@v.example": MIXED}, LIST, entry="local"),
    # What waits when the log ends.
    Case("waits at the end", {"defer-end@remote.example": DEFERRED, "ok-end@remote.example": DELIVERED}, late=True),
    Case("waits at the end in the second system", {"never@second.example": DEFERRED},
         {"defer-far@remote.example": DEFERRED}, late=True),
    Case("waits at the end behind the filter", {"defer-fend@remote.example": DEFERRED}, entry="filtered", late=True),
]

VIRTUAL = "".join(f"{alias} {', '.join(targets)}\n" for alias, targets in {
    "one@v.example": ["user2@m.example"],
    "list@v.example": list(LIST),
    "chain@v.example": ["list@v.example", "user3@m.example"],
    "big@v.example": list(BIG),
    "gone@v.example": ["x@err.example"],
    "soft@v.example": ["user1@m.example", "defer-soft@remote.example"],
    "away@v.example": ["user1@second.example"],
}.items())
ALIASES = """\
fwd ok-fwd@remote.example
team user2@m.example, ok-team@remote.example
owner-team user3@m.example
fwdbounce nouser-fwd@remote.example
devnull /dev/null
progfail "|exit 67"
progtemp "|exit 75"
"""
MAILBOXES = "".join(f"user{i}@m.example m-user{i}\n" for i in (1, 2, 3)) + "busy@m.example m-busy\n"
SECOND_VIRTUAL = """\
nouser@second.example nouser-far@remote.example
slow@second.example grey-far@remote.example
never@second.example defer-far@remote.example
both@second.example user2@second.example, nouser-both@remote.example
"""
SECOND_MAILBOXES = "user1@second.example user1\nuser2@second.example user2\n"
SENDER_RULES = "hold@s.example HOLD held by rule\ndiscard@s.example DISCARD\nblocked@s.example REJECT not welcome\n"
RECIPIENT_RULES = "busy@m.example 450 4.2.1 Mailbox busy\n"

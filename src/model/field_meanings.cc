#include "model/field_meanings.h"

#include <algorithm>
#include <array>

namespace mailtrail::model {
namespace {

constexpr auto kFields = std::to_array<Meaning>({
    {"action",
     "What was done, or is advised: of a delivery or recipient what is to be done about its result, elsewhere "
     "what the rule, filter or user did (reject, defer, discard, hold, pass, stored, ...)."},
    {"actor", "Who must act on the result of a delivery; empty where nobody must or it is not known."},
    {"algorithm", "Algorithm of a DKIM or ARC signature; empty where the line states none."},
    {"attempt", "Number of the attempt for this recipient in this stay, from 1."},
    {"attempts",
     "How often it was tried: of a recipient its delivery attempts over all stays, of a login the tries that "
     "one line tells of, absent where the line states no number."},
    {"began", "When the session began; 0 (1970-01-01) where its beginning is not in the log."},
    {"begin_missing", "Whether the log does not hold the beginning."},
    {"blocklist", "Domain of the DNS blocklist that was the cause; empty where none is named."},
    {"category", "What the filter took the message for: clean, spam, virus, banned, badheader."},
    {"child_queue_id",
     "Queue id of the message that was made of this one (forward or notification); empty where none."},
    {"child_queue_ids", "Queue ids under which the filter handed the message on."},
    {"client_ip", "Address of the client that connected; empty where the log states none."},
    {"client_name",
     "Host name of the client that connected, `unknown` where its lookup failed; empty where the log "
     "states none."},
    {"client_port", "Port of the client that connected; absent where the line states none."},
    {"commands", "SMTP commands of the session, as NAME=ACCEPTED/TOTAL."},
    {"conn_use", "How many messages the connection had carried by then; absent for the first."},
    {"decided", "When the outcome of the recipient was known; absent while it is not."},
    {"delay",
     "Seconds that it took in all: of a delivery from the message's arrival to the end of the attempt, of a "
     "policy how long the client was made to wait; absent where the line states none."},
    {"delay_before_queue",
     "Seconds before the queue manager took the message up, transmission included; absent where "
     "the line states none."},
    {"delay_connect", "Seconds to connect, greeting and TLS included; absent where the line states none."},
    {"delay_in_queue", "Seconds in the queue manager; absent where the line states none."},
    {"delay_transmit", "Seconds to transmit the message; absent where the line states none."},
    {"dialect", "The parser that understood the line."},
    {"direction", "Direction of the TLS session: in or out."},
    {"disposition", "What was done with the message by the sender's DMARC policy; empty where not stated."},
    {"dkim", "DKIM result that was logged for the message; empty where none was."},
    {"dmarc", "DMARC result that was logged for the message; empty where none was."},
    {"domain", "Domain that the authentication result is about; empty where not stated."},
    {"dsn", "Enhanced status code (RFC 3463), as 5.1.1; empty where the line states none."},
    {"end_missing", "Whether the log does not hold the end of the session."},
    {"ended", "When the session ended; 0 (1970-01-01) where its end is not in the log."},
    {"evicted", "Whether the journey was given up to keep memory bounded: its end may be wrong."},
    {"filter", "The content filter that judged the message."},
    {"first_seen", "Time of the first line of the stay."},
    {"folder", "Mailbox folder; empty where the line states none."},
    {"from_header", "The From header of the message, as logged."},
    {"header_name", "Name of the header that a rule looked at; empty where none is named."},
    {"header_value", "Value of the header that a rule looked at."},
    {"helo", "What the client called itself in HELO or EHLO; the client is free to lie."},
    {"host", "The host of ours that wrote the lines, as the log names it."},
    {"identity", "Which identity SPF checked: mailfrom or helo; empty where not stated."},
    {"instance", "The syslog_name of the program where it is not the default, as postfix-out; else empty."},
    {"internal", "Whether the recipient is of a notification or of an address probe: nobody's mail."},
    {"journey", "Key of the journey, which joins all stays of one mail: 64 bits, shown as 16 hex digits."},
    {"kind", "What happened: the kind of the event (receive, delivery, reject, hold, notify, ...)."},
    {"last_attempt", "Time of the last delivery attempt for the recipient; 0 (1970-01-01) where there was none."},
    {"last_seen", "Time of the last line."},
    {"line", "Where the line stands from which this was made: its source and its number in it, from 1."},
    {"lines", "Where the lines stand from which this was made: their sources and their numbers in them, from 1."},
    {"link",
     "How the stay hangs on the one before it: filter, forward, bounce, relay or requeue; empty for the first."},
    {"link_confidence",
     "How sure the link is, 0 to 1: 1 where the log states it, less where it is inferred, 0 where "
     "there is no link."},
    {"link_evidence", "What the link was concluded from; empty where there is none."},
    {"mailer", "What delivered: smtp, lmtp, local, virtual, pipe, error, discard, ...; empty where not stated."},
    {"message_id", "The Message-ID header without its angle brackets, as logged; empty where it was not logged."},
    {"message_key",
     "Key of the stay, from host, queue id and time of its first line: 64 bits, shown as 16 hex digits."},
    {"messages", "How many messages the session brought."},
    {"method", "How it was authenticated: of a login the SASL mechanism, of a message spf, dkim, dmarc or arc."},
    {"missing", "How many lines are missing; absent where that is not known."},
    {"notification", "Whether the journey is a notification (DSN) on another."},
    {"notify", "What the notification told of: failure, delay or success."},
    {"nrcpt", "Number of recipients as the queue manager counted them; absent where it did not say."},
    {"offset_minutes", "Offset in minutes east of UTC in which the first line stated its time, or that was assumed."},
    {"open", "Whether a stay of the journey was still in a queue when the log ended."},
    {"orig_recipient", "Recipient before alias expansion or forwarding; empty where it is the same."},
    {"orig_recipients", "Every address that led to this recipient by alias or forward, the first given first."},
    {"outcome",
     "What became of it in the end (delivered, bounced, expired, deferred, discarded, held, deleted, "
     "redirected, deliverable, undeliverable, in_transit, unknown): of a recipient end to end, of a message "
     "where its recipients agree (see outcomes_differ)."},
    {"outcomes_differ",
     "Whether the recipients of the message have different outcomes, so that it has none of its own."},
    {"parent", "message_key of the stay that this one came from; absent where there is none or it was not seen."},
    {"parent_journey", "Journey that a notification tells of; absent where it is none or that was not seen."},
    {"parent_queue_id", "Queue id of the stay that this one came from; empty where there is none."},
    {"peer_ip", "Address of the other side of the TLS session; empty where not stated."},
    {"peer_name", "Host name of the other side of the TLS session; empty where not stated."},
    {"peer_port", "Port of the other side of the TLS session; absent where not stated."},
    {"pid", "Process id of the program; -1 where the line states none."},
    {"policy", "DMARC policy of the sender's domain: none, quarantine or reject; empty where not stated."},
    {"probe", "Whether the journey was made to test an address: nobody's mail."},
    {"program", "The program that wrote the line, as logged."},
    {"protocol",
     "Protocol by which it came: SMTP, ESMTP, ESMTPSA, local, imap, submission, ...; empty where not "
     "stated."},
    {"provider", "The mail provider whose host took or refused the message; empty where none is known by its host."},
    {"queue", "Queue of the queue manager: active, incoming, deferred or hold."},
    {"queue_id", "The mail server's own id of the message, verbatim; empty where the line states none."},
    {"reason",
     "Why: of a delivery or recipient one word of the taxonomy of reasons, elsewhere what the line states; "
     "empty where not known."},
    {"received",
     "When it was received: of a message the time at which its stay began, absent where that is not in the "
     "log, of a journey its first line."},
    {"recipient", "Address of the recipient as logged, without angle brackets."},
    {"recipients", "Addresses of the recipients as logged, without angle brackets."},
    {"rejections", "How many transactions of the session were refused."},
    {"relay_host", "Host that the message was handed to, or tried at; empty where none was reached."},
    {"relay_ip", "Address of the host that the message was handed to, or tried at; empty where none is logged."},
    {"relay_path", "Unix socket that the message was handed to; empty where it was none."},
    {"relay_port", "Port of the host that the message was handed to, or tried at; absent where none is logged."},
    {"remote_queue_id", "Queue id that the next server stated when it took the message; empty where it stated none."},
    {"removed", "When the stay left the queue; absent while it has not, or where that is not in the log."},
    {"repeated", "How often it happened, where one line stands for several; else 1."},
    {"reply", "The reply of the next server, or the words given as the reason, verbatim."},
    {"resent_message_id", "The Resent-Message-ID header, as logged."},
    {"result",
     "Result: of a login success, failure or disabled, of an authentication pass, fail, softfail, neutral, "
     "none, temperror, permerror or policy."},
    {"router", "The router that chose the way (Exim); empty where not stated."},
    {"sasl_method", "SASL mechanism by which the client logged in; empty where it did not."},
    {"sasl_user", "Name with which the client logged in; empty where it did not."},
    {"score", "Score that the filter or policy gave; absent where none was logged."},
    {"selector", "Selector of a DKIM or ARC key; empty where not stated."},
    {"sender",
     "Envelope sender as logged, without angle brackets; <> is the null sender, empty where it was not "
     "logged."},
    {"sender_hinted",
     "Whether the sender is what a header or access line names, because the queue itself states none."},
    {"service", "Service that the client connected to."},
    {"session_id", "The program's own id of the session; empty where not stated."},
    {"severity", "Severity of the notice: debug, info, warning, error, fatal or panic."},
    {"signed", "Whether the authentication line tells of a signature that we made."},
    {"size", "Size of the message in bytes; absent where it was not logged."},
    {"smtp_code", "SMTP reply code of three digits; absent where the line states none."},
    {"source", "The log that the line stands in."},
    {"spam_action", "What the spam filter did with the message; empty where it was not logged."},
    {"spam_score", "Score that the spam filter gave the message; absent where it was not logged."},
    {"spf", "SPF result that was logged for the message; empty where none was."},
    {"stage", "Stage of the SMTP dialogue at which it was refused: connect, helo, mail, rcpt, data, eod, ..."},
    {"status",
     "How the attempt ended, as the program states it: sent, deferred, bounced, expired, discarded, held, "
     "deliverable, undeliverable, relayed; of a recipient that of its last attempt."},
    {"steps",
     "What happened to the stay beside attempts (hold, release, requeue, notify, ...): time, kind, text, "
     "child_queue_id and line of each."},
    {"subject", "The Subject header as logged; empty where it was not logged."},
    {"symbols", "Rules of the filter that the message hit."},
    {"text", "The words of the line, verbatim."},
    {"threshold", "Score from which the filter acts; absent where none was logged."},
    {"time", "When it happened."},
    {"time_note",
     "How the time came about where the line does not state it whole: year_inferred, zone_assumed, "
     "dst_ambiguous, received."},
    {"tls_bits", "Key bits of the TLS cipher; absent where not logged."},
    {"tls_cipher", "TLS cipher suite; empty where there was no TLS or it was not logged."},
    {"tls_trust", "How far the other side's certificate was trusted: verified, trusted, untrusted, anonymous, failed."},
    {"tls_version", "TLS version; empty where there was no TLS or it was not logged."},
    {"topic",
     "What the notice is about: start, stop, reload, config, dns, tls, storage, queue, limit, network, stats, "
     "other."},
    {"url", "Address of the page that was opened."},
    {"user", "User: of a message the local submitter, of a login the name that was tried, of an operation who did it."},
    {"user_agent", "What the recipient's program called itself."},
    {"virus_name", "Name of the virus that the filter found; empty where none."},
});

constexpr auto kTables = std::to_array<Meaning>({
    {"auth_result", "One authentication result (SPF, DKIM, DMARC, ARC) that was logged for a message."},
    {"delivery", "One delivery attempt for one recipient; host, queue id and sender are those of its message."},
    {"gap", "Lines that are known to be missing from a log."},
    {"journey", "One mail as a person counts it, with all its stays in queues."},
    {"login", "One authentication of a user that succeeded or failed."},
    {"message", "One stay of one message in one queue."},
    {"notice", "What the mail system says of itself: warnings, errors, starts and stops."},
    {"policy", "One decision of greylisting, rate limits, reputation or protocol tests on a client."},
    {"recipient", "The final outcome of one recipient of one journey."},
    {"rejection", "One refused SMTP transaction, or a rule that acted before the queue."},
    {"session", "One SMTP session that a server of ours accepted, as far as the log shows it."},
    {"tls", "One outgoing TLS session, or one that failed in either direction."},
    {"verdict", "One judgement of a content filter on a message."},
});

constexpr bool by_name(const Meaning& a, const Meaning& b) {
  return a.name < b.name;
}
static_assert(std::is_sorted(kFields.begin(), kFields.end(), by_name));
static_assert(std::is_sorted(kTables.begin(), kTables.end(), by_name));

std::string_view find_in(std::span<const Meaning> list, std::string_view name) {
  const auto found = std::lower_bound(list.begin(), list.end(), Meaning{name, {}}, by_name);
  return found != list.end() && found->name == name ? found->meaning : std::string_view{};
}

}  // namespace

std::string_view meaning_of(std::string_view field) {
  return find_in(kFields, field);
}
std::string_view table_meaning_of(std::string_view table) {
  return find_in(kTables, table);
}
std::span<const Meaning> field_meanings() {
  return kFields;
}
std::span<const Meaning> table_meanings() {
  return kTables;
}

}  // namespace mailtrail::model

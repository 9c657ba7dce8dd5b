// Facts: what the tracer makes of events (EVENTS.md, 2 and 3).
//
// Texts and spans point into the tracer and live until the call that hands the fact over returns. Absent: an empty
// text, an empty optional. Times are microseconds UTC; each fact keeps the offset in which its first line stated the
// time.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "model/event.h"
#include "model/vocabulary.h"

namespace mailtrail::model::fact {

// One authentication or filter result that was logged for a message.
struct AuthResult {
  Micros time = 0;
  Text queue_id, host;
  event::Auth auth;
};
struct Verdict {
  Micros time = 0;
  Text queue_id, host;
  event::Verdict verdict;
};

// A step of a stay that is neither its beginning nor an attempt: hold, release, requeue, delete, expire, notify,
// removal, a header that was logged, a refusal inside the session, what a mail store did with it. What a time line
// shows between the attempts.
struct Step {
  Micros time = 0;
  Kind kind = Kind::kNotice;
  Text text;            // hold: why; notify: failure, delay or success; header: `NAME: value`;
                        // mailbox: `ACTION: INBOX of USER`; ...
  Text child_queue_id;  // notify: the notification's own id
  LineRef at;
};

// `message`: one stay of one message in one queue.
struct Message {
  std::uint64_t message_key =
      0;  // from host, queue id and time of the first line: the same on every run over the same lines
  std::uint64_t journey = 0;
  Text host, instance, queue_id;
  Micros first_seen = 0, last_seen = 0;
  std::optional<Micros> received;  // when its beginning is in the log
  std::optional<Micros> removed;   // when its end is in the log
  std::int16_t offset_minutes = 0;
  bool begin_missing = false;  // the log does not hold its beginning
  Text sender, message_id, subject;
  bool sender_hinted = false;  // `sender` is what a header or access line names: the queue itself states none
  std::optional<std::int64_t> size;
  std::optional<std::int32_t> nrcpt;
  Text client_name, client_ip, helo, protocol, sasl_method, sasl_user, user, tls_version, tls_cipher;
  std::optional<std::int32_t> tls_bits;
  Text spf, dkim, dmarc;  // results that were logged for it
  Seconds spam_score;
  Text spam_action;
  // The stay that this one came from.
  std::uint64_t parent = 0;  // message_key; 0: none
  Text parent_queue_id;
  Link link = Link::kNone;
  double link_confidence = 0;           // 1.0 stated by the log, less where inferred
  Text link_evidence;                   // `"queued as", message id agrees`
  Outcome outcome = Outcome::kUnknown;  // of all its recipients where they agree
  bool outcomes_differ = false;         // they do not: `outcome` is kUnknown then, and is shown nowhere
  std::span<const LineRef> lines;
  std::span<const Step> steps;
};

// `delivery`: one attempt for one recipient.
struct Delivery {
  std::uint64_t message_key = 0, journey = 0;
  std::int32_t attempt = 0;  // 1 for the first attempt of this recipient in this stay
  Micros time = 0;
  std::int16_t offset_minutes = 0;
  std::uint8_t time_notes = 0;
  Text host, program, instance, queue_id;
  event::Delivery event;
  // Of its message:
  Text sender, message_id, client_name, client_ip, sasl_user, subject;
  std::optional<std::int64_t> size;
  Outcome outcome = Outcome::kUnknown;  // final for this recipient, end to end; unknown while the message is under way
  Text reason, action, actor, provider;
  LineRef at;
};

// The final outcome of one recipient of one journey (DESIGN.md 4, `--per recipient`).
struct Recipient {
  Text recipient;
  Texts orig_recipients;  // every address that led here by alias or forward, the first given first
  Outcome outcome = Outcome::kUnknown;
  Status status = Status::kNone;  // of its last attempt
  Text dsn;
  std::optional<std::int32_t> smtp_code;
  Text reply, reason, actor, relay_host, mailer;
  Text action, provider;          // of its last attempt
  std::int32_t attempts = 0;      // over all stays
  std::optional<Micros> decided;  // when the outcome was known; absent while it is not
  Micros last_attempt = 0;
  std::uint64_t message_key = 0;  // the stay in which it was decided
  bool internal = false;          // of a notification or an address probe
};

// One mail as a person counts it, with all its stays.
struct Journey {
  std::uint64_t id = 0;  // message_key of its first stay
  Text message_id, sender, subject;
  Micros received = 0;  // the first line of it
  Micros last_seen = 0;
  std::int16_t offset_minutes = 0;
  std::optional<std::int64_t> size;
  bool notification = false;  // a DSN: its parent journey is the mail that it tells of
  bool probe = false;         // made to test an address (verify(8)); nobody's mail
  bool begin_missing = false;
  bool open = false;                 // some stay is still in a queue when the log ends
  bool evicted = false;              // given up to keep memory bounded: its end may be wrong, and is said so
  std::uint64_t parent_journey = 0;  // of a notification; 0: none or not seen
  Text parent_queue_id;
  std::span<const Message> messages;     // the first stay first
  std::span<const Delivery> deliveries;  // in log order; empty where the tracer was told not to keep them
  std::span<const Recipient> recipients;
  std::span<const AuthResult> auth_results;
  std::span<const Verdict> verdicts;
  Texts queue_ids, hosts;  // of `messages`, each once
};

// `rejection`: one refused SMTP transaction, or a rule that acted before the queue.
struct Rejection {
  Micros time = 0;
  std::int16_t offset_minutes = 0;
  std::uint8_t time_notes = 0;
  Text host, program, instance, queue_id;
  std::int32_t pid = -1;
  std::uint32_t repeat = 1;
  event::Reject event;
  LineRef at;
};

// `login`: one authentication that succeeded or failed.
struct Login {
  Micros time = 0;
  std::int16_t offset_minutes = 0;
  std::uint8_t time_notes = 0;
  Text host, program, instance;
  std::int32_t pid = -1;
  std::uint32_t repeat = 1;
  event::Login event;
  LineRef at;
};

// One SMTP session that a server of ours accepted, as far as the log shows it.
struct Session {
  Micros began = 0, ended = 0;
  bool begin_missing = false, end_missing = false;
  Text host, program, instance, client_name, client_ip, tls_version, tls_cipher, sasl_user, reason;
  std::int32_t pid = -1;
  std::span<const CommandCount> commands;
  std::uint32_t messages = 0, rejections = 0;
};

// An outgoing TLS session, or one that failed in either direction.
struct TlsSession {
  Micros time = 0;
  Text host, program;
  event::Tls event;
};

struct Notice {
  Micros time = 0;
  std::int16_t offset_minutes = 0;
  std::uint32_t repeat = 1;
  Text host, program, queue_id;
  event::Notice event;
  LineRef at;
};

struct Policy {
  Micros time = 0;
  Text host, program;
  event::Policy event;
  LineRef at;
};

struct Gap {
  Micros time = 0;
  Text host;
  event::Gap event;
  LineRef at;
};

}  // namespace mailtrail::model::fact

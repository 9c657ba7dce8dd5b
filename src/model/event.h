// Event: what one log line says (EVENTS.md, 1). One struct a kind.
//
// A field that the line does not state is absent: an empty text, an empty optional, kNone. Texts point into the block
// of the line or into the arena of its batch and live as long as these. Every struct is trivially destructible, so that
// a batch of events is given back at once. Addresses are as logged, without the angle brackets; the null sender is
// `<>`. Times are microseconds, delays seconds as logged.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/hash.h"
#include "base/time.h"
#include "model/vocabulary.h"

namespace mailtrail::model {

using Text = std::string_view;
using Texts = std::span<const std::string_view>;
using Seconds = std::optional<double>;

// One counter of a disconnect line: `rcpt=0/1` is {"rcpt", 0, 1}, `quit=1` is {"quit", 1, 1}.
struct CommandCount {
  Text name;
  std::uint32_t accepted = 0;
  std::uint32_t total = 0;
};

// A statement that the vocabulary has no field for.
struct Extra {
  Text name;
  Text value;
};

namespace event {

// In each struct `fields(v)` calls v(name, member) for every field under its name of EVENTS.md, in that order. It is
// the one list from which JSON is written.

struct Connect {
  static constexpr Kind kKind = Kind::kConnect;
  Text client_name, client_ip, helo, service;
  std::optional<std::uint16_t> client_port;
  Text reason;
  template <class V>
  void fields(V&& v) const {
    v("client_name", client_name), v("client_ip", client_ip), v("client_port", client_port), v("helo", helo);
    v("service", service), v("reason", reason);
  }
};

struct Disconnect {
  static constexpr Kind kKind = Kind::kDisconnect;
  Text client_name, client_ip, helo, service;
  std::optional<std::uint16_t> client_port;
  std::span<const CommandCount> commands;
  Text reason;
  template <class V>
  void fields(V&& v) const {
    v("client_name", client_name), v("client_ip", client_ip), v("client_port", client_port), v("helo", helo);
    v("service", service), v("commands", commands), v("reason", reason);
  }
};

struct Receive {
  static constexpr Kind kKind = Kind::kReceive;
  Text sender, client_name, client_ip, helo, protocol;
  std::optional<std::int64_t> size;
  std::optional<std::int32_t> nrcpt;
  Text message_id, subject;
  Texts recipients;
  Text sasl_method, sasl_user, user, tls_version, tls_cipher;
  std::optional<std::int32_t> tls_bits;
  Text parent_queue_id;
  std::optional<std::uint16_t> client_port;
  template <class V>
  void fields(V&& v) const {
    v("sender", sender), v("client_name", client_name), v("client_ip", client_ip), v("client_port", client_port);
    v("helo", helo), v("protocol", protocol), v("size", size), v("nrcpt", nrcpt), v("message_id", message_id);
    v("subject", subject), v("recipients", recipients), v("sasl_method", sasl_method), v("sasl_user", sasl_user);
    v("user", user), v("tls_version", tls_version), v("tls_cipher", tls_cipher), v("tls_bits", tls_bits);
    v("parent_queue_id", parent_queue_id);
  }
};

struct Header {
  static constexpr Kind kKind = Kind::kHeader;
  Text message_id, resent_message_id, subject, from_header, header_name, header_value;
  // What a header_checks(5) line of Postfix states beside the header.
  Action action = Action::kNone;
  Text reason, sender, recipient, client_name, client_ip, helo, protocol;
  template <class V>
  void fields(V&& v) const {
    v("message_id", message_id), v("resent_message_id", resent_message_id), v("subject", subject);
    v("from_header", from_header), v("header_name", header_name), v("header_value", header_value), v("action", action);
    v("reason", reason), v("sender", sender), v("recipient", recipient), v("client_name", client_name);
    v("client_ip", client_ip), v("helo", helo), v("protocol", protocol);
  }
};

struct Queue {
  static constexpr Kind kKind = Kind::kQueue;
  Text sender;
  std::optional<std::int64_t> size;
  std::optional<std::int32_t> nrcpt;
  Text queue;
  template <class V>
  void fields(V&& v) const {
    v("sender", sender), v("size", size), v("nrcpt", nrcpt), v("queue", queue);
  }
};

struct Delivery {
  static constexpr Kind kKind = Kind::kDelivery;
  Text recipient, orig_recipient;
  Status status = Status::kNone;
  Text dsn;
  std::optional<std::int32_t> smtp_code;
  Text reply, relay_host, relay_ip;
  std::optional<std::uint16_t> relay_port;
  Text relay_path, mailer, router;
  Seconds delay, delay_before_queue, delay_in_queue, delay_connect, delay_transmit;
  Text remote_queue_id, child_queue_id;
  std::optional<std::int32_t> conn_use;
  Text tls_version, tls_cipher, sender;
  std::optional<std::int64_t> size;
  template <class V>
  void fields(V&& v) const {
    v("recipient", recipient), v("orig_recipient", orig_recipient), v("status", status), v("dsn", dsn);
    v("smtp_code", smtp_code), v("reply", reply), v("relay_host", relay_host), v("relay_ip", relay_ip);
    v("relay_port", relay_port), v("relay_path", relay_path), v("mailer", mailer), v("router", router);
    v("delay", delay), v("delay_before_queue", delay_before_queue), v("delay_in_queue", delay_in_queue);
    v("delay_connect", delay_connect), v("delay_transmit", delay_transmit), v("remote_queue_id", remote_queue_id);
    v("child_queue_id", child_queue_id), v("conn_use", conn_use), v("tls_version", tls_version);
    v("tls_cipher", tls_cipher), v("sender", sender), v("size", size);
  }
};

struct Reject {
  static constexpr Kind kKind = Kind::kReject;
  Stage stage = Stage::kNone;
  Action action = Action::kNone;
  std::optional<std::int32_t> smtp_code;
  Text dsn, reply, reason, client_name, client_ip, helo, protocol, sender, recipient, blocklist;
  Text sasl_method, sasl_user;
  std::optional<std::uint16_t> client_port;
  // The header that caused it, where a header_checks(5) rule did.
  Text header_name, header_value;
  template <class V>
  void fields(V&& v) const {
    v("stage", stage), v("action", action), v("smtp_code", smtp_code), v("dsn", dsn), v("reply", reply);
    v("reason", reason), v("client_name", client_name), v("client_ip", client_ip), v("client_port", client_port);
    v("helo", helo), v("protocol", protocol), v("sender", sender), v("recipient", recipient);
    v("blocklist", blocklist), v("sasl_method", sasl_method), v("sasl_user", sasl_user);
    v("header_name", header_name), v("header_value", header_value);
  }
};

struct Remove {
  static constexpr Kind kKind = Kind::kRemove;
  Text reason;
  template <class V>
  void fields(V&& v) const {
    v("reason", reason);
  }
};

// hold, release, delete, requeue: one shape.
template <Kind K>
struct Operation {
  static constexpr Kind kKind = K;
  Text reason, user, parent_queue_id;
  // What a hold line of a header check or an access rule states beside.
  Text sender, recipient, client_name, client_ip, helo, protocol, header_name, header_value;
  template <class V>
  void fields(V&& v) const {
    v("reason", reason), v("user", user), v("parent_queue_id", parent_queue_id), v("sender", sender);
    v("recipient", recipient), v("client_name", client_name), v("client_ip", client_ip), v("helo", helo);
    v("protocol", protocol), v("header_name", header_name), v("header_value", header_value);
  }
};
using Hold = Operation<Kind::kHold>;
using Release = Operation<Kind::kRelease>;
using Delete = Operation<Kind::kDelete>;
using Requeue = Operation<Kind::kRequeue>;

struct Expire {
  static constexpr Kind kKind = Kind::kExpire;
  Text sender;
  Status status = Status::kExpired;
  Text reason;
  template <class V>
  void fields(V&& v) const {
    v("sender", sender), v("status", status), v("reason", reason);
  }
};

struct Notify {
  static constexpr Kind kKind = Kind::kNotify;
  Text notify;  // failure, delay, success
  Text child_queue_id;
  template <class V>
  void fields(V&& v) const {
    v("notify", notify), v("child_queue_id", child_queue_id);
  }
};

struct Auth {
  static constexpr Kind kKind = Kind::kAuth;
  Text method, result, domain, selector, algorithm, identity, policy, disposition;
  bool is_signed = false;
  Text client_ip, client_name, sender, reason, helo;
  template <class V>
  void fields(V&& v) const {
    v("method", method), v("result", result), v("domain", domain), v("selector", selector);
    v("algorithm", algorithm), v("identity", identity), v("policy", policy), v("disposition", disposition);
    v("signed", is_signed), v("client_ip", client_ip), v("client_name", client_name), v("sender", sender);
    v("reason", reason), v("helo", helo);
  }
};

struct Verdict {
  static constexpr Kind kKind = Kind::kVerdict;
  Text filter, action, category;
  Seconds score, threshold;
  Texts symbols;
  Text virus_name, sender;
  Texts recipients;
  Text message_id, client_ip;
  Texts child_queue_ids;  // what the filter handed on: amavis's `queued_as`
  Text reason;
  template <class V>
  void fields(V&& v) const {
    v("filter", filter), v("action", action), v("category", category), v("score", score), v("threshold", threshold);
    v("symbols", symbols), v("virus_name", virus_name), v("sender", sender), v("recipients", recipients);
    v("message_id", message_id), v("client_ip", client_ip), v("child_queue_ids", child_queue_ids), v("reason", reason);
  }
};

struct Policy {
  static constexpr Kind kKind = Kind::kPolicy;
  Action action = Action::kNone;
  Text reason, blocklist;
  Seconds score;
  Text client_ip, client_name, sender, recipient, helo;
  Seconds delay;
  std::optional<std::uint16_t> client_port;
  template <class V>
  void fields(V&& v) const {
    v("action", action), v("reason", reason), v("blocklist", blocklist), v("score", score), v("client_ip", client_ip);
    v("client_name", client_name), v("client_port", client_port), v("sender", sender), v("recipient", recipient);
    v("helo", helo), v("delay", delay);
  }
};

struct Login {
  static constexpr Kind kKind = Kind::kLogin;
  Text protocol, method, user;
  LoginResult result = LoginResult::kNone;
  Text reason, client_ip, client_name, session_id;
  std::optional<std::int32_t> attempts;
  template <class V>
  void fields(V&& v) const {
    v("protocol", protocol), v("method", method), v("user", user), v("result", result), v("reason", reason);
    v("client_ip", client_ip), v("client_name", client_name), v("session_id", session_id), v("attempts", attempts);
  }
};

struct Mailbox {
  static constexpr Kind kKind = Kind::kMailbox;
  Text user, folder, action, message_id, session_id, reason;
  template <class V>
  void fields(V&& v) const {
    v("user", user), v("folder", folder), v("action", action), v("message_id", message_id);
    v("session_id", session_id), v("reason", reason);
  }
};

struct Tls {
  static constexpr Kind kKind = Kind::kTls;
  Direction direction = Direction::kNone;
  Text tls_version, tls_cipher;
  std::optional<std::int32_t> tls_bits;
  Text tls_trust, peer_name, peer_ip;
  std::optional<std::uint16_t> peer_port;
  Text reason;
  template <class V>
  void fields(V&& v) const {
    v("direction", direction), v("tls_version", tls_version), v("tls_cipher", tls_cipher), v("tls_bits", tls_bits);
    v("tls_trust", tls_trust), v("peer_name", peer_name), v("peer_ip", peer_ip), v("peer_port", peer_port);
    v("reason", reason);
  }
};

struct Engagement {
  static constexpr Kind kKind = Kind::kEngagement;
  Text action, recipient, message_id, url, user_agent, client_ip;
  template <class V>
  void fields(V&& v) const {
    v("action", action), v("recipient", recipient), v("message_id", message_id), v("url", url);
    v("user_agent", user_agent), v("client_ip", client_ip);
  }
};

struct Notice {
  static constexpr Kind kKind = Kind::kNotice;
  Severity severity = Severity::kNone;
  Text text;
  Topic topic = Topic::kNone;
  Text client_name, client_ip;
  template <class V>
  void fields(V&& v) const {
    v("severity", severity), v("text", text), v("topic", topic), v("client_name", client_name);
    v("client_ip", client_ip);
  }
};

struct Gap {
  static constexpr Kind kKind = Kind::kGap;
  std::optional<std::int64_t> missing;
  Text reason;
  template <class V>
  void fields(V&& v) const {
    v("missing", missing), v("reason", reason);
  }
};

struct Unparsed {
  static constexpr Kind kKind = Kind::kUnparsed;
  Text text;
  template <class V>
  void fields(V&& v) const {
    v("text", text);
  }
};

}  // namespace event

// Where a line stands: the source, the byte offset and length of the line in it, its 1-based number.
struct LineRef {
  std::uint64_t position = 0;
  std::uint64_t line = 0;
  std::uint32_t length = 0;
  std::uint32_t source = 0;
};

// One event. `body` points to the struct of event:: whose kKind is `kind`, and is never null.
struct Event {
  Micros time = 0;  // UTC once settled; see record::Record::time
  std::int16_t offset_minutes = 0;
  std::uint8_t time_notes = 0;  // record::TimeNote bits
  Kind kind = Kind::kUnparsed;
  bool has_time = false;
  bool wall = false;  // not yet settled, as in record::Record
  bool yearless = false;
  std::int32_t pid = -1;
  std::uint32_t repeat = 1;  // how often it happened
  Text host, program, instance, dialect, queue_id;
  LineRef at;
  // hash_bytes(queue_id), and process_hash of who wrote it: reckoned where the line is parsed, on whichever thread, for
  // those who look things up by them; 0: not reckoned. Without a queue id, id_hash may tell what the line is about.
  std::uint64_t id_hash = 0;
  std::uint64_t writer_hash = 0;
  const void* body = nullptr;
  std::span<const Extra> extra;

  template <class Body>
  const Body& as() const {
    return *static_cast<const Body*>(body);
  }
};

// The hash by which a process of a host is known.
inline std::uint64_t process_hash(Text host, Text program, std::int32_t pid) {
  return hash_bytes(program, hash_bytes(host, static_cast<std::uint64_t>(pid)));
}
inline std::uint64_t id_hash_of(const Event& event) {
  return event.id_hash != 0 ? event.id_hash : hash_bytes(event.queue_id);
}
inline std::uint64_t writer_hash_of(const Event& event) {
  return event.writer_hash != 0 ? event.writer_hash : process_hash(event.host, event.program, event.pid);
}

// Calls f(body) with the struct of the event's kind.
template <class F>
void visit_body(const Event& event, F&& f) {
  switch (event.kind) {
    case Kind::kConnect:
      return f(event.as<event::Connect>());
    case Kind::kDisconnect:
      return f(event.as<event::Disconnect>());
    case Kind::kReceive:
      return f(event.as<event::Receive>());
    case Kind::kHeader:
      return f(event.as<event::Header>());
    case Kind::kQueue:
      return f(event.as<event::Queue>());
    case Kind::kDelivery:
      return f(event.as<event::Delivery>());
    case Kind::kReject:
      return f(event.as<event::Reject>());
    case Kind::kRemove:
      return f(event.as<event::Remove>());
    case Kind::kHold:
      return f(event.as<event::Hold>());
    case Kind::kRelease:
      return f(event.as<event::Release>());
    case Kind::kDelete:
      return f(event.as<event::Delete>());
    case Kind::kRequeue:
      return f(event.as<event::Requeue>());
    case Kind::kExpire:
      return f(event.as<event::Expire>());
    case Kind::kNotify:
      return f(event.as<event::Notify>());
    case Kind::kAuth:
      return f(event.as<event::Auth>());
    case Kind::kVerdict:
      return f(event.as<event::Verdict>());
    case Kind::kPolicy:
      return f(event.as<event::Policy>());
    case Kind::kLogin:
      return f(event.as<event::Login>());
    case Kind::kMailbox:
      return f(event.as<event::Mailbox>());
    case Kind::kTls:
      return f(event.as<event::Tls>());
    case Kind::kEngagement:
      return f(event.as<event::Engagement>());
    case Kind::kNotice:
      return f(event.as<event::Notice>());
    case Kind::kGap:
      return f(event.as<event::Gap>());
    case Kind::kUnparsed:
      return f(event.as<event::Unparsed>());
  }
}

}  // namespace mailtrail::model

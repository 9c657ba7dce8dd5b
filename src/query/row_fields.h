// What each kind of row holds: the one list from which JSON, columns and values are made.
//
// PER_fields(row, v) calls v(name, value) for every column in order, absent values too. A value is one of: Text, Texts,
// an optional number, a bool (true or left out), an enum of the vocabulary, or one of the types below. A visitor MUST
// take all.
#pragma once

#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "model/event.h"
#include "model/fact.h"
#include "query/row.h"

namespace mailtrail::query {

// A point in time, shown in the offset of its fact.
struct Stamp {
  std::optional<Micros> time;
  int offset_minutes = 0;
};
// A message key or journey, shown as 16 hex digits; 0 is absent.
struct Key {
  std::uint64_t value = 0;
};
// A number that is always stated.
struct Count {
  std::int64_t value = 0;
};
// record::TimeNote bits.
struct TimeNotes {
  std::uint8_t bits = 0;
};
// The name of the input that a line stands in.
struct SourceOf {
  model::LineRef at;
};
struct LinesOf {
  std::span<const model::LineRef> lines;
};
struct StepsOf {
  std::span<const model::fact::Step> steps;
  int offset_minutes = 0;
};
// Each recipient with its outcome.
struct OutcomeOfEach {
  std::span<const model::fact::Recipient> recipients;
};
// How many recipients have each outcome.
struct OutcomeCounts {
  std::span<const model::fact::Recipient> recipients;
};

inline model::Text first_stated(std::initializer_list<model::Text> texts) {
  for (const model::Text text : texts) {
    if (!text.empty()) return text;
  }
  return {};
}

template <class V>
void recipient_fields(const model::fact::Journey& journey, const model::fact::Recipient& recipient, V&& v) {
  const int offset = journey.offset_minutes;
  v("journey", Key{journey.id}), v("message_id", journey.message_id), v("queue_ids", journey.queue_ids);
  v("hosts", journey.hosts), v("sender", journey.sender), v("recipient", recipient.recipient);
  v("orig_recipients", recipient.orig_recipients), v("outcome", recipient.outcome), v("dsn", recipient.dsn);
  v("smtp_code", recipient.smtp_code), v("reply", recipient.reply), v("reason", recipient.reason);
  v("actor", recipient.actor), v("attempts", Count{recipient.attempts});
  // When a mail whose beginning is not in the log was received, nobody knows.
  v("received", Stamp{journey.begin_missing ? std::nullopt : std::optional(journey.received), offset});
  v("decided", Stamp{recipient.decided, offset}), v("notification", journey.notification), v("probe", journey.probe);
  v("evicted", journey.evicted);
}

// The fields of an attempt's event; sender and size, which its line seldom states, from its message.
template <class V>
struct AttemptEventVisitor {
  const model::fact::Delivery& attempt;
  V& v;
  void operator()(std::string_view name, model::Text text) const {
    v(name, name == "sender" ? first_stated({attempt.sender, text}) : text);
  }
  void operator()(std::string_view name, const std::optional<std::int64_t>& number) const {
    v(name, name == "size" && attempt.size ? attempt.size : number);
  }
  template <class T>
  void operator()(std::string_view name, const T& value) const {
    v(name, value);
  }
};

template <class V>
void attempt_fields(const model::fact::Journey& journey, const model::fact::Delivery& attempt, V&& v) {
  v("time", Stamp{attempt.time, attempt.offset_minutes}), v("time_note", TimeNotes{attempt.time_notes});
  v("host", attempt.host), v("program", attempt.program), v("instance", attempt.instance);
  v("queue_id", attempt.queue_id), v("message_key", Key{attempt.message_key});
  v("journey", Key{attempt.journey != 0 ? attempt.journey : journey.id}), v("attempt", Count{attempt.attempt});
  attempt.event.fields(AttemptEventVisitor<std::remove_reference_t<V>>{attempt, v});
  v("message_id", attempt.message_id), v("subject", attempt.subject), v("client_name", attempt.client_name);
  v("client_ip", attempt.client_ip), v("sasl_user", attempt.sasl_user), v("outcome", attempt.outcome);
  v("reason", attempt.reason), v("action", attempt.action), v("actor", attempt.actor);
  v("provider", attempt.provider), v("source", SourceOf{attempt.at}), v("line", Count{std::int64_t(attempt.at.line)});
}

// Empty where its recipients differ.
inline model::Text stated_outcome(const model::fact::Message& message) {
  return message.outcomes_differ ? model::Text{} : model::Text(model::word(message.outcome));
}

template <class V>
void message_fields(const model::fact::Message& message, V&& v) {
  const int offset = message.offset_minutes;
  const bool linked = message.link != model::Link::kNone;
  v("message_key", Key{message.message_key}), v("journey", Key{message.journey}), v("host", message.host);
  v("instance", message.instance), v("queue_id", message.queue_id), v("first_seen", Stamp{message.first_seen, offset});
  v("last_seen", Stamp{message.last_seen, offset}), v("received", Stamp{message.received, offset});
  v("removed", Stamp{message.removed, offset}), v("begin_missing", message.begin_missing);
  v("sender", message.sender), v("message_id", message.message_id), v("subject", message.subject);
  v("size", message.size), v("nrcpt", message.nrcpt), v("client_name", message.client_name);
  v("client_ip", message.client_ip), v("helo", message.helo), v("protocol", message.protocol);
  v("sasl_method", message.sasl_method), v("sasl_user", message.sasl_user), v("user", message.user);
  v("tls_version", message.tls_version), v("tls_cipher", message.tls_cipher), v("tls_bits", message.tls_bits);
  v("spf", message.spf), v("dkim", message.dkim), v("dmarc", message.dmarc), v("spam_score", message.spam_score);
  v("spam_action", message.spam_action), v("parent", Key{message.parent});
  v("parent_queue_id", message.parent_queue_id), v("link", message.link);
  v("link_confidence", linked ? std::optional(message.link_confidence) : std::nullopt);
  v("link_evidence", message.link_evidence), v("outcome", stated_outcome(message)), v("lines", LinesOf{message.lines});
  v("steps", StepsOf{message.steps, offset});
}

template <class V>
void journey_fields(const model::fact::Journey& journey, V&& v) {
  const int offset = journey.offset_minutes;
  // Where the attempts were not kept, the recipients have counted them.
  std::int64_t attempts = static_cast<std::int64_t>(journey.deliveries.size());
  if (journey.deliveries.empty()) {
    for (const model::fact::Recipient& recipient : journey.recipients) attempts += recipient.attempts;
  }
  v("id", Key{journey.id}), v("message_id", journey.message_id), v("sender", journey.sender);
  v("subject", journey.subject), v("first_seen", Stamp{journey.received, offset});
  v("received", Stamp{journey.begin_missing ? std::nullopt : std::optional(journey.received), offset});
  v("last_seen", Stamp{journey.last_seen, offset}), v("size", journey.size), v("queue_ids", journey.queue_ids);
  v("hosts", journey.hosts), v("recipients", OutcomeOfEach{journey.recipients});
  v("outcomes", OutcomeCounts{journey.recipients});
  v("messages", Count{static_cast<std::int64_t>(journey.messages.size())}), v("attempts", Count{attempts});
  v("notification", journey.notification), v("probe", journey.probe), v("begin_missing", journey.begin_missing);
  v("open", journey.open), v("evicted", journey.evicted), v("parent_journey", Key{journey.parent_journey});
  v("parent_queue_id", journey.parent_queue_id);
}

// Beside the event's own fields, of a rejection or a login.
template <class Fact, class V>
void head_fields(const Fact& of, V&& v) {
  v("time", Stamp{of.time, of.offset_minutes}), v("time_note", TimeNotes{of.time_notes}), v("host", of.host);
  v("program", of.program), v("instance", of.instance);
  v("pid", of.pid >= 0 ? std::optional(of.pid) : std::nullopt);
}
template <class Fact, class V>
void tail_fields(const Fact& of, V&& v) {
  // How often it happened, where one line stands for several (`message repeated 3 times`).
  v("repeated", of.repeat != 1 ? std::optional(std::int64_t{of.repeat}) : std::nullopt);
  v("source", SourceOf{of.at}), v("line", Count{std::int64_t(of.at.line)});
}

template <class V>
void rejection_fields(const model::fact::Rejection& rejection, V&& v) {
  head_fields(rejection, v);
  v("queue_id", rejection.queue_id);
  rejection.event.fields(v);
  tail_fields(rejection, v);
}

template <class V>
void login_fields(const model::fact::Login& login, V&& v) {
  head_fields(login, v);
  login.event.fields(v);
  tail_fields(login, v);
}

// The fields that every event has; those of the kinds stand in their structs.
template <class V>
void event_head_fields(const model::Event& event, V&& v) {
  v("time", Stamp{event.has_time ? std::optional(event.time) : std::nullopt, event.offset_minutes});
  v("time_note", TimeNotes{event.time_notes}), v("host", event.host), v("program", event.program);
  v("instance", event.instance), v("dialect", event.dialect);
  v("pid", event.pid >= 0 ? std::optional(event.pid) : std::nullopt), v("source", SourceOf{event.at});
  v("line", Count{std::int64_t(event.at.line)}), v("kind", event.kind), v("queue_id", event.queue_id);
}

// All fields of the row but those of an event, which has one list for each kind.
template <class V>
void row_fields(const Row& row, V&& v) {
  switch (row.per) {
    case Per::kAttempt:
      return attempt_fields(*row.journey, *row.delivery, v);
    case Per::kRecipient:
      return recipient_fields(*row.journey, *row.recipient, v);
    case Per::kMessage:
      return message_fields(*row.message, v);
    case Per::kJourney:
      return journey_fields(*row.journey, v);
    case Per::kRejection:
      return rejection_fields(*row.rejection, v);
    case Per::kLogin:
      return login_fields(*row.login, v);
    case Per::kEvent:
      return event_head_fields(*row.event, v);
  }
}

// The name of the input of a line; empty where it has none.
inline std::string_view source_name(const std::vector<std::string>& sources, const model::LineRef& at) {
  return at.source < sources.size() ? std::string_view(sources[at.source]) : std::string_view{};
}

}  // namespace mailtrail::query

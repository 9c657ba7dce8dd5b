#include "query/event_match.h"

#include <algorithm>
#include <initializer_list>
#include <type_traits>

#include "base/text.h"
#include "query/status_match.h"
#include "query/term_match.h"

namespace mailtrail::query {
namespace {

using Names = std::initializer_list<std::string_view>;

bool is_one_of(std::string_view name, Names names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// Visits the fields of an event's body under their names of EVENTS.md and asks the term of those named.
struct FieldTest {
  const Term& term;
  Names names;
  bool found = false;

  void operator()(std::string_view name, model::Text text) {
    if (!found && is_one_of(name, names)) found = text_satisfies(term, text);
  }
  void operator()(std::string_view name, model::Texts texts) {
    if (found || !is_one_of(name, names)) return;
    for (const model::Text text : texts) found = found || text_satisfies(term, text);
  }
  template <class Number>
  requires std::is_arithmetic_v<Number>
  void operator()(std::string_view name, const std::optional<Number>& number) {
    if (found || !number || !is_one_of(name, names)) return;
    if constexpr (std::is_floating_point_v<Number>) {
      found = term.field == Field::kDelay && seconds_satisfy(term, *number);
    } else if (term.field == Field::kCode) {
      found = code_satisfies(term, static_cast<std::int32_t>(*number));
    } else {
      found = number_satisfies(term, static_cast<std::int64_t>(*number));
    }
  }
  template <class Enum>
  requires std::is_enum_v<Enum>
  void operator()(std::string_view name, Enum value) {
    if (!found && is_one_of(name, names)) found = text_satisfies(term, model::word(value));
  }
  void operator()(std::string_view, bool) {}
  void operator()(std::string_view, std::span<const model::CommandCount>) {}
};

bool one_of(const Term& term, const model::Event& event, Names names) {
  FieldTest test{term, names};
  model::visit_body(event, [&](const auto& body) { body.fields(test); });
  return test.found;
}

bool status_holds(const Term& term, const model::Event& event) {
  switch (event.kind) {
    case model::Kind::kDelivery: {
      const model::Status status = event.as<model::event::Delivery>().status;
      return text_satisfies(term, model::word(status)) ||
             (status == model::Status::kSent && text_satisfies(term, "delivered"));
    }
    case model::Kind::kExpire:
      return text_satisfies(term, model::word(event.as<model::event::Expire>().status));
    case model::Kind::kReject:
      return refusal_satisfies(term, event.as<model::event::Reject>().action);
    case model::Kind::kLogin:
      return text_satisfies(term, model::word(event.as<model::event::Login>().result));
    default:
      return false;
  }
}

bool any_text(const Term& term, const model::Event& event) {
  return text_satisfies(term, event.queue_id) ||
         one_of(term, event,
                {"subject", "message_id", "resent_message_id", "reply", "remote_queue_id", "child_queue_id",
                 "child_queue_ids", "parent_queue_id", "session_id", "text"});
}

// Calls f(name, text) for the texts of the event's body.
template <class F>
void visit_texts(const model::Event& event, F f) {
  model::visit_body(event, [&](const auto& body) {
    body.fields([&](std::string_view name, const auto& value) {
      if constexpr (std::is_same_v<std::decay_t<decltype(value)>, model::Text>) f(name, value);
    });
  });
}

bool any_pasted_id(const Term& term, const model::Event& event) {
  bool found = false;
  visit_texts(event, [&](std::string_view name, model::Text text) {
    if (is_one_of(name, {"message_id", "resent_message_id"})) found = found || pasted_id_satisfies(term, text);
  });
  return found;
}

bool reason_holds(const Term& term, const model::Event& event) {
  bool found = false;
  visit_texts(event, [&](std::string_view name, model::Text text) {
    if (name == "reason") found = free_reason_satisfies(term, text);
  });
  return found;
}

}  // namespace

bool free_reason_satisfies(const Term& term, std::string_view reason) {
  if (term.match != Match::kExact) return text_satisfies(term, reason);
  return !reason.empty() && find_ignoring_case(reason, term.text) != std::string_view::npos;
}

bool event_satisfies(const Term& term, const model::Event& event) {
  switch (term.field) {
    case Field::kAnyAddress:
      return one_of(term, event, {"sender", "recipient", "orig_recipient", "recipients"}) || any_pasted_id(term, event);
    case Field::kAnyText:
      return any_text(term, event);
    case Field::kFrom:
      return one_of(term, event, {"sender"});
    case Field::kTo:
      return one_of(term, event, {"recipient", "orig_recipient", "recipients"});
    case Field::kStatus:
      return status_holds(term, event);
    case Field::kReason:
      return reason_holds(term, event);
    case Field::kAction:
      return one_of(term, event, {"action"});
    case Field::kCode:
      return one_of(term, event, {"smtp_code"});
    case Field::kDsn:
      return one_of(term, event, {"dsn"});
    case Field::kClient:
      return one_of(term, event, {"client_ip", "client_name"});
    case Field::kUser:
      return one_of(term, event, {"user", "sasl_user"});
    case Field::kHost:
      return text_satisfies(term, event.host);
    case Field::kQueue:
      return text_satisfies(term, event.queue_id);
    case Field::kMessageId:
      return one_of(term, event, {"message_id", "resent_message_id"});
    case Field::kSubject:
      return one_of(term, event, {"subject"});
    case Field::kRelay:
      return one_of(term, event, {"relay_host", "relay_ip", "relay_path", "peer_name", "peer_ip"});
    case Field::kMailer:
      return one_of(term, event, {"mailer"});
    case Field::kStage:
      return one_of(term, event, {"stage"});
    case Field::kSize:
      return one_of(term, event, {"size"});
    case Field::kDelay:
      return one_of(term, event, {"delay"});
    case Field::kKind:
      return text_satisfies(term, model::word(event.kind));
    // Both are worked out of attempts; an event states neither.
    case Field::kActor:
    case Field::kProvider:
      return false;
  }
  return false;
}

}  // namespace mailtrail::query

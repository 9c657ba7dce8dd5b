// Whether a plan takes a row.
#include <algorithm>

#include "base/text.h"
#include "query/event_match.h"
#include "query/row.h"
#include "query/status_match.h"
#include "query/term_match.h"

namespace mailtrail::query {
namespace {

namespace fact = model::fact;

// What a condition is asked of: one attempt, one recipient, one refusal, ... with what it belongs to.
struct Candidate {
  const fact::Journey* journey = nullptr;
  const fact::Message* stay = nullptr;  // of an attempt or a message; none for a recipient, which belongs to all
  const fact::Delivery* attempt = nullptr;
  const fact::Recipient* recipient = nullptr;
  const fact::Rejection* rejection = nullptr;
  const fact::Login* login = nullptr;
  bool final_status = true;
};

const fact::Message* stay_of(const fact::Journey* journey, std::uint64_t message_key) {
  if (journey == nullptr) return nullptr;
  for (const fact::Message& message : journey->messages) {
    if (message.message_key == message_key) return &message;
  }
  return nullptr;
}

// The attempt that decided a recipient, or its last one; none where attempts were not kept.
const fact::Delivery* last_attempt_of(const fact::Journey* journey, const fact::Recipient& recipient) {
  if (journey == nullptr) return nullptr;
  const fact::Delivery* last = nullptr;
  for (std::size_t i = journey->deliveries.size(); i-- > 0;) {
    const fact::Delivery& attempt = journey->deliveries[i];
    if (!equals_ignoring_case(attempt.event.recipient, recipient.recipient)) continue;
    if (attempt.message_key == recipient.message_key) return &attempt;
    if (last == nullptr) last = &attempt;
  }
  return last;
}

// Asks `test` of the stays that speak for the candidate: its own and the first of the journey; of a recipient all.
template <class Test>
bool any_stay(const Candidate& candidate, Test test) {
  if (candidate.stay != nullptr && test(*candidate.stay)) return true;
  if (candidate.journey == nullptr) return false;
  const auto messages = candidate.journey->messages;
  if (candidate.stay == nullptr && candidate.attempt == nullptr) {
    return std::any_of(messages.begin(), messages.end(), test);
  }
  return !messages.empty() && &messages.front() != candidate.stay && test(messages.front());
}

// The texts of a field, each asked of `test` until one holds. One function a family of fields.

template <class Test>
bool any_sender(const Candidate& c, Test test) {
  if (c.attempt != nullptr && (test(c.attempt->sender) || test(c.attempt->event.sender))) return true;
  if (c.stay != nullptr && test(c.stay->sender)) return true;
  if (c.journey != nullptr && test(c.journey->sender)) return true;
  return c.rejection != nullptr && test(c.rejection->event.sender);
}

template <class Test>
bool any_recipient(const Candidate& c, Test test) {
  if (c.attempt != nullptr && (test(c.attempt->event.recipient) || test(c.attempt->event.orig_recipient))) return true;
  if (c.recipient != nullptr) {
    if (test(c.recipient->recipient)) return true;
    for (const model::Text original : c.recipient->orig_recipients) {
      if (test(original)) return true;
    }
  }
  return c.rejection != nullptr && test(c.rejection->event.recipient);
}

template <class Test>
bool any_client(const Candidate& c, Test test) {
  const auto both = [&](const auto& of) { return test(of.client_ip) || test(of.client_name); };
  if (c.attempt != nullptr && both(*c.attempt)) return true;
  if (any_stay(c, both)) return true;
  if (c.rejection != nullptr && both(c.rejection->event)) return true;
  return c.login != nullptr && both(c.login->event);
}

template <class Test>
bool any_user(const Candidate& c, Test test) {
  if (c.attempt != nullptr && test(c.attempt->sasl_user)) return true;
  if (any_stay(c, [&](const fact::Message& stay) { return test(stay.sasl_user) || test(stay.user); })) return true;
  if (c.rejection != nullptr && test(c.rejection->event.sasl_user)) return true;
  return c.login != nullptr && test(c.login->event.user);
}

template <class Test>
bool any_message_id(const Candidate& c, Test test) {
  if (c.attempt != nullptr && test(c.attempt->message_id)) return true;
  if (c.journey != nullptr && test(c.journey->message_id)) return true;
  return any_stay(c, [&](const fact::Message& stay) { return test(stay.message_id); });
}

template <class Test>
bool any_subject(const Candidate& c, Test test) {
  if (c.attempt != nullptr && test(c.attempt->subject)) return true;
  if (c.journey != nullptr && test(c.journey->subject)) return true;
  return any_stay(c, [&](const fact::Message& stay) { return test(stay.subject); });
}

template <class Test>
bool any_queue_id(const Candidate& c, Test test) {
  if (c.attempt != nullptr) return test(c.attempt->queue_id);
  if (c.stay != nullptr) return test(c.stay->queue_id);
  if (c.rejection != nullptr) return test(c.rejection->queue_id);
  return c.journey != nullptr && std::any_of(c.journey->queue_ids.begin(), c.journey->queue_ids.end(), test);
}

template <class Test>
bool any_host(const Candidate& c, Test test) {
  if (c.attempt != nullptr) return test(c.attempt->host);
  if (c.stay != nullptr) return test(c.stay->host);
  if (c.rejection != nullptr) return test(c.rejection->host);
  if (c.login != nullptr) return test(c.login->host);
  return c.journey != nullptr && std::any_of(c.journey->hosts.begin(), c.journey->hosts.end(), test);
}

template <class Test>
bool any_relay(const Candidate& c, Test test) {
  const fact::Delivery* attempt = c.attempt;
  if (c.recipient != nullptr) {
    if (test(c.recipient->relay_host)) return true;
    attempt = last_attempt_of(c.journey, *c.recipient);
  }
  if (attempt == nullptr) return false;
  return test(attempt->event.relay_host) || test(attempt->event.relay_ip) || test(attempt->event.relay_path);
}

// A bare word: subject, ids, reply.
bool any_text(const Term& term, const Candidate& c) {
  const auto test = [&](model::Text text) { return text_satisfies(term, text); };
  if (c.journey != nullptr && key_satisfies(term, c.journey->id)) return true;
  if (c.stay != nullptr && key_satisfies(term, c.stay->message_key)) return true;
  if (any_queue_id(c, test) || any_message_id(c, test) || any_subject(c, test)) return true;
  const fact::Delivery* attempt = c.attempt;
  if (c.recipient != nullptr) {
    if (test(c.recipient->reply)) return true;
    attempt = last_attempt_of(c.journey, *c.recipient);
  }
  if (attempt != nullptr) {
    const model::event::Delivery& event = attempt->event;
    return test(event.reply) || test(event.remote_queue_id) || test(event.child_queue_id);
  }
  if (c.rejection != nullptr) return test(c.rejection->event.reply);
  return c.login != nullptr && test(c.login->event.session_id);
}

// Reason, actor, action, provider: what explains an attempt. A refusal and a login state their reason in words of their
// own, of which the term may be a part.
bool any_reason(const Term& term, const Candidate& c) {
  if (c.attempt != nullptr) return text_satisfies(term, c.attempt->reason);
  if (c.recipient != nullptr) return text_satisfies(term, c.recipient->reason);
  if (c.rejection != nullptr) return free_reason_satisfies(term, c.rejection->event.reason);
  return c.login != nullptr && free_reason_satisfies(term, c.login->event.reason);
}

bool any_of_last_attempt(const Term& term, const Candidate& c, model::Text fact::Recipient::*of_recipient,
                         model::Text fact::Delivery::*of_attempt) {
  if (c.attempt != nullptr) return text_satisfies(term, c.attempt->*of_attempt);
  if (c.recipient == nullptr) return false;
  if (!(c.recipient->*of_recipient).empty()) return text_satisfies(term, c.recipient->*of_recipient);
  const fact::Delivery* attempt = last_attempt_of(c.journey, *c.recipient);
  return attempt != nullptr && text_satisfies(term, attempt->*of_attempt);
}

bool any_code(const Term& term, const Candidate& c) {
  const auto test = [&](const std::optional<std::int32_t>& code) { return code && code_satisfies(term, *code); };
  if (c.attempt != nullptr) return test(c.attempt->event.smtp_code);
  if (c.recipient != nullptr) return test(c.recipient->smtp_code);
  return c.rejection != nullptr && test(c.rejection->event.smtp_code);
}

bool any_dsn(const Term& term, const Candidate& c) {
  if (c.attempt != nullptr) return text_satisfies(term, c.attempt->event.dsn);
  if (c.recipient != nullptr) return text_satisfies(term, c.recipient->dsn);
  return c.rejection != nullptr && text_satisfies(term, c.rejection->event.dsn);
}

// The size that the nearest of attempt, stay and journey states.
bool any_size(const Term& term, const Candidate& c) {
  std::optional<std::int64_t> size;
  if (c.attempt != nullptr) size = c.attempt->size ? c.attempt->size : c.attempt->event.size;
  if (!size && c.stay != nullptr) size = c.stay->size;
  if (!size && c.journey != nullptr) size = c.journey->size;
  return size && number_satisfies(term, *size);
}

bool any_delay(const Term& term, const Candidate& c) {
  if (c.attempt != nullptr) return c.attempt->event.delay && seconds_satisfy(term, *c.attempt->event.delay);
  // Of a mail whose beginning is not in the log nobody knows how long it took.
  if (c.recipient == nullptr || c.journey == nullptr || c.journey->begin_missing) return false;
  Micros end = c.recipient->decided.value_or(c.recipient->last_attempt);
  if (end == 0) return false;
  end = std::max(end, c.journey->received);
  return seconds_satisfy(term, static_cast<double>(end - c.journey->received) / static_cast<double>(kSecond));
}

bool any_kind(const Term& term, const Candidate& c) {
  const auto test = [&](model::Kind kind) { return text_satisfies(term, model::word(kind)); };
  if (c.rejection != nullptr) return test(model::Kind::kReject);
  if (c.login != nullptr) return test(model::Kind::kLogin);
  const bool attempted = c.attempt != nullptr || (c.recipient != nullptr && c.recipient->attempts > 0);
  if (attempted && test(model::Kind::kDelivery)) return true;
  if (!c.final_status) return false;
  const auto steps_hold = [&](const fact::Message& stay) {
    return std::any_of(stay.steps.begin(), stay.steps.end(), [&](const fact::Step& step) { return test(step.kind); });
  };
  return any_stay(c, steps_hold);
}

bool status_holds(const Term& term, const Candidate& c) {
  if (c.rejection != nullptr) return refusal_satisfies(term, c.rejection->event.action);
  if (c.login != nullptr) return text_satisfies(term, model::word(c.login->event.result));
  if (c.attempt != nullptr) {
    if (c.final_status) return outcome_satisfies(term, c.attempt->outcome, c.attempt->event.status);
    return attempt_satisfies(term, c.attempt->event.status, c.attempt->outcome);
  }
  if (c.recipient != nullptr) return outcome_satisfies(term, c.recipient->outcome, c.recipient->status);
  return c.stay != nullptr && !c.stay->outcomes_differ &&
         outcome_satisfies(term, c.stay->outcome, model::Status::kNone);
}

bool term_holds(const Term& term, const Candidate& c) {
  const auto test = [&](model::Text text) { return text_satisfies(term, text); };
  switch (term.field) {
    case Field::kAnyAddress:
      return any_sender(c, test) || any_recipient(c, test) ||
             any_message_id(c, [&](model::Text id) { return pasted_id_satisfies(term, id); });
    case Field::kAnyText:
      return any_text(term, c);
    case Field::kFrom:
      return any_sender(c, test);
    case Field::kTo:
      return any_recipient(c, test);
    case Field::kStatus:
      return status_holds(term, c);
    case Field::kReason:
      return any_reason(term, c);
    case Field::kActor:
      return any_of_last_attempt(term, c, &fact::Recipient::actor, &fact::Delivery::actor);
    case Field::kAction:
      if (c.rejection != nullptr) return test(model::word(c.rejection->event.action));
      return any_of_last_attempt(term, c, &fact::Recipient::action, &fact::Delivery::action);
    case Field::kProvider:
      return any_of_last_attempt(term, c, &fact::Recipient::provider, &fact::Delivery::provider);
    case Field::kCode:
      return any_code(term, c);
    case Field::kDsn:
      return any_dsn(term, c);
    case Field::kClient:
      return any_client(c, test);
    case Field::kUser:
      return any_user(c, test);
    case Field::kHost:
      return any_host(c, test);
    case Field::kQueue:
      return any_queue_id(c, test);
    case Field::kMessageId:
      return any_message_id(c, test);
    case Field::kSubject:
      return any_subject(c, test);
    case Field::kRelay:
      return any_relay(c, test);
    case Field::kMailer:
      if (c.attempt != nullptr) return test(c.attempt->event.mailer);
      return c.recipient != nullptr && test(c.recipient->mailer);
    case Field::kStage:
      return c.rejection != nullptr && test(model::word(c.rejection->event.stage));
    case Field::kSize:
      return any_size(term, c);
    case Field::kDelay:
      return any_delay(term, c);
    case Field::kKind:
      return any_kind(term, c);
  }
  return false;
}

// The condition of `expr` with `holds(term)` for its leaves.
template <class Holds>
bool evaluate(const Expr& expr, const Holds& holds) {
  switch (expr.op) {
    case Expr::Op::kTrue:
      return true;
    case Expr::Op::kTerm:
      return holds(expr.term);
    case Expr::Op::kNot:
      return !evaluate(expr.children.front(), holds);
    case Expr::Op::kAnd:
      for (const Expr& child : expr.children) {
        if (!evaluate(child, holds)) return false;
      }
      return true;
    case Expr::Op::kOr:
      for (const Expr& child : expr.children) {
        if (evaluate(child, holds)) return true;
      }
      return false;
  }
  return false;
}

bool holds(const Expr& where, const Candidate& candidate) {
  return evaluate(where, [&](const Term& term) { return term_holds(term, candidate); });
}

// One attempt or recipient of the journey (of its stay `only`, where that is given) that satisfies the whole.
bool one_holds(const Expr& where, const fact::Journey* journey, const fact::Message* only) {
  if (where.op == Expr::Op::kTrue) return true;
  bool any = false;
  if (journey != nullptr) {
    for (const fact::Delivery& attempt : journey->deliveries) {
      if (only != nullptr && attempt.message_key != only->message_key) continue;
      any = true;
      if (holds(where, {journey, only ? only : stay_of(journey, attempt.message_key), &attempt})) return true;
    }
    for (const fact::Recipient& recipient : journey->recipients) {
      if (only != nullptr && recipient.message_key != only->message_key) continue;
      any = true;
      if (holds(where, {journey, only, nullptr, &recipient})) return true;
    }
  }
  if (any) return false;
  if (only != nullptr || journey->messages.empty()) return holds(where, {journey, only});
  return std::any_of(journey->messages.begin(), journey->messages.end(), [&](const fact::Message& stay) {
    return holds(where, {journey, &stay});
  });
}

bool in_range(const Plan& plan, Micros time) {
  return (!plan.since || time >= *plan.since) && (!plan.until || time < *plan.until);
}

bool overlaps(const Plan& plan, Micros begin, Micros end) {
  return (!plan.since || end >= *plan.since) && (!plan.until || begin < *plan.until);
}

bool time_holds(const Plan& plan, const Row& row) {
  if (!plan.since && !plan.until) return true;
  switch (row.per) {
    case Per::kAttempt:
      return in_range(plan, row.delivery->time);
    case Per::kRecipient: {
      const fact::Recipient& recipient = *row.recipient;
      if (recipient.decided) return in_range(plan, *recipient.decided);
      return in_range(plan, recipient.last_attempt != 0 ? recipient.last_attempt : row.journey->received);
    }
    case Per::kMessage:
      return overlaps(plan, row.message->received.value_or(row.message->first_seen),
                      row.message->removed.value_or(row.message->last_seen));
    case Per::kJourney:
      return overlaps(plan, row.journey->received, row.journey->last_seen);
    case Per::kRejection:
      return in_range(plan, row.rejection->time);
    case Per::kLogin:
      return in_range(plan, row.login->time);
    case Per::kEvent:
      return row.event->has_time && in_range(plan, row.event->time);
  }
  return false;
}

// What fact::Recipient does not state itself, or not all of it.
bool asks_last_attempt(const Expr& expr) {
  if (expr.op != Expr::Op::kTerm) {
    return std::any_of(expr.children.begin(), expr.children.end(), asks_last_attempt);
  }
  switch (expr.term.field) {
    case Field::kAnyText:
    case Field::kAction:
    case Field::kProvider:
    case Field::kRelay:
    case Field::kKind:
      return true;
    default:
      return false;
  }
}

}  // namespace

bool matches(const Plan& plan, const Row& row) {
  if (!time_holds(plan, row)) return false;
  switch (row.per) {
    case Per::kAttempt: {
      Candidate candidate{row.journey, stay_of(row.journey, row.delivery->message_key), row.delivery};
      candidate.final_status = false;
      return holds(plan.where, candidate);
    }
    case Per::kRecipient:
      return holds(plan.where, {row.journey, nullptr, nullptr, row.recipient});
    case Per::kMessage:
      return one_holds(plan.where, row.journey, row.message);
    case Per::kJourney:
      return one_holds(plan.where, row.journey, nullptr);
    case Per::kRejection:
      return holds(plan.where, {nullptr, nullptr, nullptr, nullptr, row.rejection});
    case Per::kLogin:
      return holds(plan.where, {nullptr, nullptr, nullptr, nullptr, nullptr, row.login});
    case Per::kEvent:
      return evaluate(plan.where, [&](const Term& term) { return event_satisfies(term, *row.event); });
  }
  return false;
}

bool needs_attempts(const Plan& plan, Per per) {
  switch (per) {
    case Per::kAttempt:
      return true;
    case Per::kRecipient:
      return asks_last_attempt(plan.where);
    case Per::kMessage:
    case Per::kJourney:
      return plan.where.op != Expr::Op::kTrue;
    case Per::kRejection:
    case Per::kLogin:
    case Per::kEvent:
      return false;
  }
  return true;
}

}  // namespace mailtrail::query

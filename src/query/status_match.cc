#include "query/status_match.h"

#include "query/term_match.h"

namespace mailtrail::query {

using model::Action;
using model::Outcome;
using model::Status;

bool attempt_satisfies(const Term& term, Status status, Outcome outcome) {
  if (text_satisfies(term, model::word(status))) return true;
  if (status == Status::kSent && text_satisfies(term, "delivered")) return true;
  switch (outcome) {
    case Outcome::kDeleted:
    case Outcome::kRedirected:
    case Outcome::kInTransit:
    case Outcome::kUnknown:
      return text_satisfies(term, model::word(outcome));
    default:
      return false;
  }
}

bool outcome_satisfies(const Term& term, Outcome outcome, Status last) {
  if (text_satisfies(term, model::word(outcome))) return true;
  if (outcome == Outcome::kDelivered && text_satisfies(term, "sent")) return true;
  return last == Status::kRelayed && text_satisfies(term, "relayed");
}

bool refusal_satisfies(const Term& term, Action action) {
  switch (action) {
    case Action::kDefer:
      return text_satisfies(term, "rejected") || text_satisfies(term, "deferred");
    case Action::kNone:
    case Action::kReject:
      return text_satisfies(term, "rejected");
    case Action::kDiscard:
      return text_satisfies(term, "discarded");
    case Action::kRedirect:
      return text_satisfies(term, "redirected");
    case Action::kHold:
      return text_satisfies(term, "held");
    case Action::kFilter:
    case Action::kWarn:
    case Action::kQuarantine:
    case Action::kPass:
    case Action::kViolation:
      return false;
  }
  return false;
}

}  // namespace mailtrail::query

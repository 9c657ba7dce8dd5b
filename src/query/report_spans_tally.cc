#include "query/report_spans_tally.h"

#include <algorithm>

#include "base/time.h"
#include "query/counting_rules.h"

namespace mailtrail::query {

void PeriodTally::add(const model::fact::Journey& journey) {
  if (journey.notification || journey.probe) return;
  ++journeys;
  for (const model::fact::Recipient& one : journey.recipients) {
    if (one.internal) continue;
    ++recipients;
    ++outcomes[static_cast<std::size_t>(one.outcome)];
    if (one.outcome != model::Outcome::kDelivered || !one.decided || journey.begin_missing || journey.received == 0) {
      continue;
    }
    const Micros span = std::max<Micros>(*one.decided - journey.received, 0);
    whole_seconds = whole_seconds && span % kSecond == 0;
    end_to_end.add(static_cast<double>(span) / kSecond);
  }
}

void PeriodTally::add(const model::fact::Rejection& rejection) {
  if (!is_refusal(rejection.event.action)) return;
  refused += rejection.repeat;
  if (is_temporary(rejection.event)) refused_temporary += rejection.repeat;
}

void PeriodTally::add(const model::fact::Login& login) {
  if (login.event.result == model::LoginResult::kNone) return;
  (login.event.result == model::LoginResult::kSuccess ? logins_ok : logins_failed) += weight_of(login);
}

void PeriodTally::merge(const PeriodTally& other) {
  journeys += other.journeys;
  recipients += other.recipients;
  for (std::size_t i = 0; i < outcomes.size(); ++i) outcomes[i] += other.outcomes[i];
  refused += other.refused;
  refused_temporary += other.refused_temporary;
  logins_ok += other.logins_ok;
  logins_failed += other.logins_failed;
  gaps += other.gaps;
  end_to_end.merge(other.end_to_end);
  whole_seconds = whole_seconds && other.whole_seconds;
}

}  // namespace mailtrail::query

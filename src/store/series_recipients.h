// What a series counts of one journey: the one rule for every store, whether it reckons from facts or keeps aggregates.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/folded_key.h"
#include "model/fact.h"

namespace mailtrail::store {

// One recipient as a series counts it. The texts live as long as the call.
struct SeriesRecipient {
  Micros time = 0;  // when its journey was received: never 0
  model::Outcome outcome = model::Outcome::kUnknown;
  std::string_view reason, provider;
  std::string_view host;    // of the stay in which it was decided; empty where that is not among the stays
  std::string_view domain;  // what stands behind the last `@` of its address, as a FoldedKey; may be empty
  std::uint64_t attempts = 0;
  bool delivered = false;
  // Seconds from the journey's beginning to the decision, of one that was delivered; absent where either is not known.
  std::optional<double> delay;
};

// Calls f(const SeriesRecipient&) for each recipient of the journey that a series counts, in their order: those that a
// report counts as `recipients` (of no notification, no probe), unless the journey has no time (0).
template <class F>
void for_each_series_recipient(const model::fact::Journey& journey, F&& f) {
  if (journey.notification || journey.probe || journey.received == 0) return;
  for (const model::fact::Recipient& recipient : journey.recipients) {
    if (recipient.internal) continue;
    SeriesRecipient one;
    one.time = journey.received;
    one.outcome = recipient.outcome;
    one.reason = recipient.reason;
    one.provider = recipient.provider;
    const auto stay = std::find_if(journey.messages.begin(), journey.messages.end(),
                                   [&](const auto& message) { return message.message_key == recipient.message_key; });
    if (stay != journey.messages.end()) one.host = stay->host;
    const std::size_t at = recipient.recipient.rfind('@');
    const FoldedKey domain(at == std::string_view::npos ? std::string_view{} : recipient.recipient.substr(at + 1));
    one.domain = domain.view();
    one.attempts = static_cast<std::uint64_t>(std::max(recipient.attempts, 0));
    one.delivered = recipient.outcome == model::Outcome::kDelivered;
    if (one.delivered && recipient.decided && !journey.begin_missing) {
      const Micros span = std::max<Micros>(*recipient.decided - journey.received, 0);
      one.delay = static_cast<double>(span) / static_cast<double>(kSecond);
    }
    f(static_cast<const SeriesRecipient&>(one));
  }
}

// The beginning of the span of `unit` (kMinute, kHour, kDay) that holds `time`, UTC; also before 1970.
constexpr Micros begin_of(Micros time, Micros unit) {
  const Micros rest = time % unit;
  return time - (rest < 0 ? rest + unit : rest);
}

}  // namespace mailtrail::store

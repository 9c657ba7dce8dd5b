#include "cli/trace_collector.h"

#include <algorithm>

#include "cli/row_reading.h"
#include "model/fact_copy.h"
#include "query/row.h"

namespace mailtrail::cli {

using model::fact::Journey;
using model::fact::Recipient;
using model::fact::Rejection;

namespace {

// Notifications are remembered for the mails that they tell of, which come before or after them.
constexpr std::size_t kMostNotifications = 100'000;

query::Row row_of(const Journey& journey) {
  query::Row row;
  row.per = query::Per::kJourney;
  row.journey = &journey;
  return row;
}

bool recipient_matches(const query::Plan& plan, const Journey& journey, const Recipient& recipient) {
  query::Row row;
  row.per = query::Per::kRecipient;
  row.journey = &journey;
  row.recipient = &recipient;
  return query::matches(plan, row);
}

}  // namespace

bool is_wanted(const query::Plan& plan, const Journey& journey, const Recipient& recipient) {
  if (recipient_matches(plan, journey, recipient)) return true;
  return std::none_of(journey.recipients.begin(), journey.recipients.end(),
                      [&](const Recipient& one) { return recipient_matches(plan, journey, one); });
}

void TraceCollector::on_restart() {
  arena_.clear();
  journeys_.clear();
  rejections_.clear();
  notifications_.clear();
  std::fill(outcomes_.begin(), outcomes_.end(), 0);
  journey_count_ = rejection_count_ = 0;
  first_.reset();
  last_.reset();
}

void TraceCollector::on_journey(const Journey& journey) {
  if (journey.notification && !journey.messages.empty() && !journey.recipients.empty() &&
      notifications_.size() < kMostNotifications) {
    const Recipient& to = journey.recipients.front();
    notifications_[std::string(journey.messages.front().queue_id)] = {std::string(to.recipient), to.outcome,
                                                                      to.decided};
  }
  if (!query::matches(plan_, row_of(journey))) return;
  ++journey_count_;
  for (const Recipient& one : journey.recipients) {
    if (is_wanted(plan_, journey, one)) ++outcomes_[static_cast<std::size_t>(one.outcome)];
  }
  first_ = std::min(first_.value_or(journey.received), journey.received);
  last_ = std::max(last_.value_or(journey.last_seen), journey.last_seen);
  journeys_.push_back(model::copy_of(journey, arena_));
  if (limit_ != 0 && journeys_.size() > 2 * limit_ + 1000) trim();
}

void TraceCollector::on_rejection(const Rejection& rejection) {
  query::Row row;
  row.per = query::Per::kRejection;
  row.rejection = &rejection;
  if (!query::matches(plan_, row)) return;
  rejection_count_ += rejection.repeat;
  first_ = std::min(first_.value_or(rejection.time), rejection.time);
  last_ = std::max(last_.value_or(rejection.time), rejection.time);
  rejections_.push_back(model::copy_of(rejection, arena_));
  if (limit_ != 0 && rejections_.size() > 2 * limit_ + 1000) trim();
}

// Keeps the latest. The copies of the others are given back with them: those that stay are copied once more.
void TraceCollector::trim() {
  finish();
  Arena kept;
  for (Journey& journey : journeys_) journey = model::copy_of(journey, kept);
  for (Rejection& rejection : rejections_) rejection = model::copy_of(rejection, kept);
  arena_ = std::move(kept);
}

void TraceCollector::finish() {
  std::stable_sort(journeys_.begin(), journeys_.end(),
                   [](const Journey& a, const Journey& b) { return order_of(a) < order_of(b); });
  std::stable_sort(rejections_.begin(), rejections_.end(),
                   [](const Rejection& a, const Rejection& b) { return order_of(a) < order_of(b); });
  if (limit_ == 0) return;
  if (journeys_.size() > limit_)
    journeys_.erase(journeys_.begin(), journeys_.end() - static_cast<std::ptrdiff_t>(limit_));
  if (rejections_.size() > limit_) {
    rejections_.erase(rejections_.begin(), rejections_.end() - static_cast<std::ptrdiff_t>(limit_));
  }
}

const NotificationFate* TraceCollector::notification(std::string_view queue_id) const {
  const auto found = notifications_.find(std::string(queue_id));
  return found == notifications_.end() ? nullptr : &found->second;
}

}  // namespace mailtrail::cli

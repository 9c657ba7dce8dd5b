// TraceCollector: the journeys and refusals that a search takes, kept until they are shown.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/arena.h"
#include "model/fact_sink.h"
#include "query/plan.h"

namespace mailtrail::cli {

// What became of a notification, for the mail that it tells of.
struct NotificationFate {
  std::string recipient;
  model::Outcome outcome = model::Outcome::kUnknown;
  std::optional<Micros> decided;
};

// Keeps copies of what the plan takes. At most `limit` journeys and refusals are kept whole, the latest ones; all are
// counted. Can be restarted. `plan` MUST outlive it.
class TraceCollector : public model::FactSink {
 public:
  TraceCollector(const query::Plan& plan, std::size_t limit) : plan_(plan), limit_(limit) {}

  bool can_restart() const override { return true; }
  void on_restart() override;
  void on_journey(const model::fact::Journey& journey) override;
  void on_rejection(const model::fact::Rejection& rejection) override;

  // Puts what is kept in the order of time. Call it once, when everything was told.
  void finish();

  // In the order of their beginning.
  const std::vector<model::fact::Journey>& journeys() const { return journeys_; }
  const std::vector<model::fact::Rejection>& rejections() const { return rejections_; }
  // Of all that matched, kept or not.
  std::uint64_t journey_count() const { return journey_count_; }
  std::uint64_t rejection_count() const { return rejection_count_; }
  // By outcome, of the recipients of matching journeys that themselves match.
  const std::vector<std::uint64_t>& outcomes() const { return outcomes_; }
  std::optional<Micros> first() const { return first_; }
  std::optional<Micros> last() const { return last_; }
  // Null where it was not seen.
  const NotificationFate* notification(std::string_view queue_id) const;

 private:
  void trim();

  const query::Plan& plan_;
  std::size_t limit_;
  Arena arena_;
  std::vector<model::fact::Journey> journeys_;
  std::vector<model::fact::Rejection> rejections_;
  std::vector<std::uint64_t> outcomes_ = std::vector<std::uint64_t>(model::kOutcomeCount, 0);
  std::unordered_map<std::string, NotificationFate> notifications_;
  std::uint64_t journey_count_ = 0, rejection_count_ = 0;
  std::optional<Micros> first_, last_;
};

// True when the recipient satisfies the search; where none of the journey's does (the search was for something else of
// it), all count.
bool is_wanted(const query::Plan& plan, const model::fact::Journey& journey, const model::fact::Recipient& recipient);

}  // namespace mailtrail::cli

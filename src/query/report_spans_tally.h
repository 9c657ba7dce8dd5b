// PeriodTally: the main figures of one span of time, in little memory.
#pragma once

#include <array>
#include <cstdint>

#include "base/ddsketch.h"
#include "model/fact_sink.h"
#include "model/vocabulary.h"

namespace mailtrail::query {

// Counts as Report does (report_figures.h says what each is), from the same facts: each figure is the one that a report
// on these facts alone has. At most 27 KB. Not thread-safe.
struct PeriodTally {
  std::uint64_t journeys = 0, recipients = 0;
  std::array<std::uint64_t, model::kOutcomeCount> outcomes{};  // of `recipients`
  std::uint64_t refused = 0, refused_temporary = 0;            // transactions
  std::uint64_t logins_ok = 0, logins_failed = 0;
  std::uint64_t gaps = 0;     // places where lines are missing: the figures are too low
  DdSketch end_to_end;        // seconds, of delivered recipients
  bool whole_seconds = true;  // the times behind `end_to_end` have no fractions

  void add(const model::fact::Journey& journey);
  void add(const model::fact::Rejection& rejection);
  void add(const model::fact::Login& login);
  void merge(const PeriodTally& other);

  std::uint64_t outcome(model::Outcome which) const { return outcomes[static_cast<std::size_t>(which)]; }
  bool empty() const { return journeys + recipients + refused + logins_ok + logins_failed == 0; }
};

// Counts all facts that it is told into `tally`, which MUST outlive it.
class PeriodSink : public model::FactSink {
 public:
  explicit PeriodSink(PeriodTally& tally) : tally_(tally) {}
  void on_journey(const model::fact::Journey& journey) override { tally_.add(journey); }
  void on_rejection(const model::fact::Rejection& rejection) override { tally_.add(rejection); }
  void on_login(const model::fact::Login& login) override { tally_.add(login); }
  void on_gap(const model::fact::Gap&) override { ++tally_.gaps; }

 private:
  PeriodTally& tally_;
};

}  // namespace mailtrail::query

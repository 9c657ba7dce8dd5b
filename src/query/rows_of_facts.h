// RowsOfFacts: facts as they stream by, through a plan, out as rows.
#pragma once

#include <functional>

#include "model/fact_sink.h"
#include "query/plan.h"
#include "query/row.h"

namespace mailtrail::query {

// A sink that hands each fact that satisfies the plan to `out` as a row of the wanted kind, in the order in which the
// facts come. Journeys that are address probes or notifications are rows like any other and say so. The tracer MUST
// keep details where `needs_attempts` (row.h) says so; without them there is no row of Per::kAttempt. Per::kEvent is
// not its business (events are rows before they are traced). `plan` MUST outlive it. `out` is called on the thread that
// tells the facts.
class RowsOfFacts : public model::FactSink {
 public:
  RowsOfFacts(const Plan& plan, Per per, std::function<void(const Row&)> out);
  void on_journey(const model::fact::Journey& journey) override;
  void on_rejection(const model::fact::Rejection& rejection) override;
  void on_login(const model::fact::Login& login) override;

 private:
  void offer(const Row& row);

  const Plan& plan_;
  Per per_;
  std::function<void(const Row&)> out_;
};

}  // namespace mailtrail::query

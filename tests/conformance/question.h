// Questions that the product asks a store, and their answers as text: what two stores are compared by.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "model/fact_sink.h"
#include "query/plan.h"
#include "query/row.h"
#include "store/store.h"

namespace mailtrail::conformance {

struct Question {
  enum class Sort : std::uint8_t { kFacts, kRows, kReport, kSeries, kSummary, kSources, kState } sort = Sort::kFacts;
  query::Per per = query::Per::kRecipient;  // kRows
  query::Plan plan;                         // kRows
  std::optional<Micros> since, until;       // kFacts, kReport
  store::SeriesQuery series;                // kSeries
  std::string state;                        // kState

  // As a person reads it.
  std::string text() const;
};

// The answer of the store. Errors are answers.
std::string answer(const store::Store& store, const Question& question);

using TellFacts = std::function<void(model::FactSink&)>;

// The parts of an answer that follow from facts, wherever these come from. Rows as `search --json` writes them, the
// report as `report --json`; all look at the range or plan themselves, since a store may tell more.
std::string rows_text(const query::Plan& plan, query::Per per, const TellFacts& tell_facts);
std::string report_text(const std::optional<Micros>& since, const std::optional<Micros>& until,
                        const TellFacts& tell_facts);
std::string facts_text(const std::optional<Micros>& since, const std::optional<Micros>& until,
                       const TellFacts& tell_facts);

}  // namespace mailtrail::conformance

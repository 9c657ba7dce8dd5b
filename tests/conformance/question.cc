#include "tests/conformance/question.h"

#include "app/time_range_sink.h"
#include "query/report.h"
#include "query/report_json.h"
#include "query/rows_of_facts.h"
#include "tests/conformance/fact_text.h"
#include "tests/conformance/plan_text.h"

namespace mailtrail::conformance {
namespace {

constexpr std::string_view kBuckets[] = {"minute", "hour", "day"};
constexpr std::string_view kDimensions[] = {"none", "outcome", "reason", "provider", "host", "domain"};

std::string shown(const std::optional<Micros>& time) {
  return time ? std::to_string(*time) : "-";
}

std::string text_of(const store::SeriesPoint& point) {
  std::string text = std::to_string(point.bucket) + " '" + printable(point.key) +
                     "' recipients=" + std::to_string(point.recipients) +
                     " attempts=" + std::to_string(point.attempts) + " delivered=" + std::to_string(point.delivered) +
                     " delays=" + std::to_string(point.delay.count()) + " max=" + std::to_string(point.delay.max());
  const DdSketch delay = point.delay.sketch();
  for (const double q : {0.0, 0.25, 0.5, 0.95, 0.99, 1.0}) text += ' ' + std::to_string(delay.quantile(q));
  return text;
}

// Which calls the product asks for where it wants rows of this kind.
store::Selection selection_for(query::Per per) {
  store::Selection selection;
  selection.journeys = per != query::Per::kRejection && per != query::Per::kLogin;
  selection.rejections = per == query::Per::kRejection;
  selection.logins = per == query::Per::kLogin;
  selection.deliveries = selection.others = false;
  return selection;
}

std::string read(const store::Store& store, const Question& question, const store::Selection& selection) {
  std::string failure;
  const TellFacts tell_facts = [&](model::FactSink& sink) {
    const Result<Done> done = store.read(selection, sink);
    if (!done.ok()) failure = done.error().to_string();
  };
  std::string text = question.sort == Question::Sort::kRows ? rows_text(question.plan, question.per, tell_facts)
                     : question.sort == Question::Sort::kReport
                         ? report_text(question.since, question.until, tell_facts)
                         : facts_text(question.since, question.until, tell_facts);
  return failure.empty() ? text : "error: " + failure;
}

}  // namespace

std::string rows_text(const query::Plan& plan, query::Per per, const TellFacts& tell_facts) {
  static const std::vector<std::string> kSources = {"mail.log", "mail.log.1", "a \"log\".gz"};
  std::string rows;
  query::RowsOfFacts sink(plan, per, [&](const query::Row& row) {
    query::append_row_json(rows, row, kSources);
    rows += '\n';
  });
  tell_facts(sink);
  return rows;
}

std::string report_text(const std::optional<Micros>& since, const std::optional<Micros>& until,
                        const TellFacts& tell_facts) {
  query::ReportBuilder builder;
  app::TimeRangeSink sink(builder, since, until);
  tell_facts(sink);
  return query::report_json(builder.finish());
}

std::string facts_text(const std::optional<Micros>& since, const std::optional<Micros>& until,
                       const TellFacts& tell_facts) {
  FactTexts texts;
  app::TimeRangeSink sink(texts, since, until);
  tell_facts(sink);
  return texts.joined();
}

std::string Question::text() const {
  switch (sort) {
    case Sort::kFacts:
      return "facts since " + shown(since) + " until " + shown(until);
    case Sort::kRows:
      return "rows per " + std::string(query::word(per)) + " of " + conformance::text_of(plan);
    case Sort::kReport:
      return "report since " + shown(since) + " until " + shown(until);
    case Sort::kSeries:
      return "series by " + std::string(kBuckets[static_cast<int>(series.bucket)]) + " and " +
             std::string(kDimensions[static_cast<int>(series.dimension)]) + " since " + std::to_string(series.since) +
             " until " + std::to_string(series.until);
    case Sort::kSummary:
      return "summary";
    case Sort::kSources:
      return "sources";
    case Sort::kState:
      return "state '" + printable(state) + "'";
  }
  return {};
}

std::string answer(const store::Store& store, const Question& question) {
  switch (question.sort) {
    case Question::Sort::kRows: {
      store::Selection selection = selection_for(question.per);
      selection.plan = &question.plan;
      return read(store, question, selection);
    }
    case Question::Sort::kFacts:
    case Question::Sort::kReport: {
      store::Selection selection;
      selection.since = question.since;
      selection.until = question.until;
      return read(store, question, selection);
    }
    case Question::Sort::kSeries: {
      const auto points = store.series(question.series);
      if (!points.ok()) return "error";
      std::string text;
      for (const store::SeriesPoint& point : *points) text += text_of(point) + '\n';
      return text;
    }
    case Question::Sort::kSummary: {
      const auto summary = store.summary();
      if (!summary.ok()) return "error: " + summary.error().to_string();
      return std::to_string(summary->journeys) + " journeys, " + std::to_string(summary->deliveries) + " deliveries, " +
             std::to_string(summary->rejections) + " rejections, " + std::to_string(summary->logins) +
             " logins, days " + shown(summary->first_day) + " to " + shown(summary->last_day);
    }
    case Question::Sort::kSources: {
      const auto sources = store.sources();
      if (!sources.ok()) return "error: " + sources.error().to_string();
      std::string text;
      for (const store::Source& one : *sources) {
        text += std::to_string(one.number) + ' ' + std::to_string(one.bytes) + ' ' + std::to_string(one.lines) + " '" +
                printable(one.name) + "' '" + printable(one.identity) + "' '" + printable(one.resume) + "'\n";
      }
      return text;
    }
    case Question::Sort::kState: {
      const auto state = store.state(question.state);
      return state.ok() ? printable(*state) : "error: " + state.error().to_string();
    }
  }
  return {};
}

}  // namespace mailtrail::conformance

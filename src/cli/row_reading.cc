#include "cli/row_reading.h"

#include <span>

#include "query/report_layout.h"
#include "query/rows_of_facts.h"

namespace mailtrail::cli {
namespace {

using query::Per;

// Rows of one kind; until there is one, those of other kinds are counted.
class RowSink : public model::FactSink {
 public:
  RowSink(const query::Plan& plan, Per per, const std::function<void(const query::Row&)>& out, OtherRows& others)
      : rows_(plan, per, [this, &out](const query::Row& row) { found_ = true, out(row); }),
        rejections_(plan, Per::kRejection, [this](const query::Row&) { ++others_.rejections; }),
        logins_(plan, Per::kLogin, [this](const query::Row&) { ++others_.logins; }),
        journeys_(plan, Per::kJourney, [this](const query::Row&) { ++others_.journeys; }),
        others_(others) {}

  void on_journey(const model::fact::Journey& journey) override {
    rows_.on_journey(journey);
    if (!found_) journeys_.on_journey(journey);
  }
  void on_rejection(const model::fact::Rejection& rejection) override {
    rows_.on_rejection(rejection);
    if (!found_) rejections_.on_rejection(rejection);
  }
  void on_login(const model::fact::Login& login) override {
    rows_.on_login(login);
    if (!found_) logins_.on_login(login);
  }

 private:
  bool found_ = false;
  query::RowsOfFacts rows_, rejections_, logins_, journeys_;
  OtherRows& others_;
};

}  // namespace

void read_rows(app::Road& road, const query::Plan& plan, Per per, const std::function<void(const query::Row&)>& out,
               OtherRows& others) {
  if (per == Per::kEvent) {
    road.read_events([&](const model::Event& event) {
      query::Row row;
      row.per = per;
      row.event = &event;
      if (query::matches(plan, row)) out(row);
    });
    return;
  }
  RowSink sink(plan, per, out, others);
  road.read_facts_of(plan, sink);
}

namespace {

RowOrder at(Micros time, const model::LineRef& line) {
  return {time, line.source, line.line};
}
RowOrder at(Micros time, std::span<const model::LineRef> lines) {
  return at(time, lines.empty() ? model::LineRef{} : lines.front());
}

}  // namespace

RowOrder order_of(const model::fact::Journey& journey) {
  return at(journey.received,
            journey.messages.empty() ? std::span<const model::LineRef>() : journey.messages.front().lines);
}

RowOrder order_of(const model::fact::Rejection& rejection) {
  return at(rejection.time, rejection.at);
}

RowOrder order_of(const query::Row& row) {
  switch (row.per) {
    case Per::kAttempt:
      return at(row.delivery->time, row.delivery->at);
    case Per::kRecipient:
    case Per::kJourney:
      return order_of(*row.journey);
    case Per::kMessage:
      return at(row.message->received.value_or(row.message->first_seen), row.message->lines);
    case Per::kRejection:
      return order_of(*row.rejection);
    case Per::kLogin:
      return at(row.login->time, row.login->at);
    case Per::kEvent:
      return at(row.event->has_time ? row.event->time : 0, row.event->at);
  }
  return {};
}

std::string nothing_found_text(Per per, const OtherRows& others) {
  std::string text = "no " + std::string(query::word(per)) + " matches";
  std::string hints;
  const auto hint = [&](std::uint64_t count, std::string_view noun, Per other) {
    if (count == 0 || per == other) return;
    hints += (hints.empty() ? "; " : ", ") + query::counted(count, noun) + (count == 1 ? " does" : " do") + ": --per " +
             std::string(query::word(other));
  };
  hint(others.journeys, "journey", Per::kJourney);
  hint(others.rejections, "rejection", Per::kRejection);
  hint(others.logins, "login", Per::kLogin);
  return text + hints;
}

}  // namespace mailtrail::cli

// Facts as sorted lines of text, so that two roads to the same facts can be compared.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "app/road.h"
#include "query/row.h"
#include "query/rows_of_facts.h"

namespace mailtrail::app {

// Every fact that a plan takes as a row of each kind. What is left out is named by `without`.
class FactRows : public model::FactSink {
 public:
  explicit FactRows(const query::Plan& plan = {},
                    std::set<std::string_view> without = {"source", "line", "lines", "steps"})
      : plan_(plan), without_(std::move(without)) {}

  bool can_restart() const override { return true; }
  void on_restart() override { rows_.clear(); }
  void on_journey(const model::fact::Journey& journey) override {
    for (const query::Per per :
         {query::Per::kRecipient, query::Per::kMessage, query::Per::kJourney, query::Per::kAttempt}) {
      collect(per, [&](model::FactSink& rows) { rows.on_journey(journey); });
    }
  }
  void on_rejection(const model::fact::Rejection& rejection) override {
    collect(query::Per::kRejection, [&](model::FactSink& rows) { rows.on_rejection(rejection); });
  }
  void on_login(const model::fact::Login& login) override {
    collect(query::Per::kLogin, [&](model::FactSink& rows) { rows.on_login(login); });
  }

  // A line a row, sorted.
  std::vector<std::string> sorted() const {
    std::vector<std::string> rows = rows_;
    std::sort(rows.begin(), rows.end());
    return rows;
  }

 private:
  template <class Tell>
  void collect(query::Per per, Tell tell) {
    const std::vector<std::string_view> names = query::columns(per);
    query::RowsOfFacts rows(plan_, per, [&](const query::Row& row) {
      std::vector<std::string> values;
      query::append_row_values(values, row, {});
      ASSERT_EQ(values.size(), names.size());
      std::string text(query::word(per));
      for (std::size_t i = 0; i < names.size(); ++i) {
        if (values[i].empty() || without_.contains(names[i])) continue;
        text += ' ';
        text += names[i];
        text += '=';
        text += values[i];
      }
      rows_.push_back(std::move(text));
    });
    tell(rows);
  }

  const query::Plan plan_;
  const std::set<std::string_view> without_;
  std::vector<std::string> rows_;
};

struct Reading {
  std::size_t block_size = 256 * 1024;
  unsigned threads = 2;
  bool details = false;
};

inline RoadRequest request_of(const std::vector<std::string>& paths, const Reading& reading = {}) {
  RoadRequest request;
  request.logs = paths;
  request.block_size = reading.block_size;
  request.threads = reading.threads;
  return request;
}

inline std::vector<std::string> facts_of(const std::vector<std::string>& paths, const Reading& reading = {},
                                         std::set<std::string_view> without = {"source", "line", "lines", "steps"}) {
  LogRoad road(request_of(paths, reading));
  FactRows rows({}, std::move(without));
  trace::TracerOptions options;
  options.keep_details = reading.details;
  road.read_facts(rows, options);
  EXPECT_TRUE(road.problems().empty()) << road.problems().front().to_string();
  return rows.sorted();
}

// Says which rows the one has and the other has not; no more than some of them.
inline void expect_same(const std::vector<std::string>& wanted, const std::vector<std::string>& got) {
  std::vector<std::string> missing, surplus;
  std::set_difference(wanted.begin(), wanted.end(), got.begin(), got.end(), std::back_inserter(missing));
  std::set_difference(got.begin(), got.end(), wanted.begin(), wanted.end(), std::back_inserter(surplus));
  std::string told;
  for (std::size_t i = 0; i < std::min<std::size_t>(missing.size(), 4); ++i) told += "missing " + missing[i] + '\n';
  for (std::size_t i = 0; i < std::min<std::size_t>(surplus.size(), 4); ++i) told += "surplus " + surplus[i] + '\n';
  EXPECT_TRUE(missing.empty() && surplus.empty())
      << missing.size() << " rows are missing, " << surplus.size() << " surplus\n"
      << told;
  EXPECT_EQ(wanted.size(), got.size());
}

}  // namespace mailtrail::app

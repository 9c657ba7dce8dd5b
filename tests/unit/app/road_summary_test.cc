// What is counted of all lines, and how it is kept.
#include "app/road_summary.h"

#include <gtest/gtest.h>

#include <vector>

namespace mailtrail::app {
namespace {

model::Event notice_at(std::uint64_t line, std::span<const model::Extra> extra) {
  static const model::event::Notice kNotice;
  model::Event event;
  event.kind = model::Kind::kNotice;
  event.body = &kNotice;
  event.host = "mx1";
  event.at.line = line;
  event.extra = extra;
  return event;
}

TEST(RoadSummary, CountsALineThatIsUnderstoodButForAPartOnce) {
  const std::vector<model::Extra> rest = {{"id", "7"}, {"rest", "new_field=1"}};
  const std::vector<model::Extra> other = {{"id", "7"}};
  EventCount count("");
  for (const auto& [line, extra] :
       {std::pair(1, &rest), std::pair(1, &rest), std::pair(2, &other), std::pair(3, &rest)}) {
    count.wants(notice_at(static_cast<std::uint64_t>(line), *extra));
  }
  RoadSummary summary;
  count.fill(summary);
  EXPECT_EQ(summary.events, 4u);
  EXPECT_EQ(summary.partial, 2u);
  EXPECT_EQ(summary.unparsed, 0u);
}

TEST(RoadSummary, IsReadAgainAndSoIsOneOfTheFirstVersion) {
  RoadSummary summary;
  summary.events = 7;
  summary.hosts = {"mx1"};
  summary.partial = 5;
  std::string bytes = summary.save();
  const Result<RoadSummary> again = RoadSummary::restore(bytes);
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again->partial, 5u);
  // The first version ended with the hosts.
  bytes[0] = 1;
  bytes.pop_back();
  const Result<RoadSummary> first = RoadSummary::restore(bytes);
  ASSERT_TRUE(first.ok());
  EXPECT_EQ(first->events, 7u);
  EXPECT_EQ(first->hosts, summary.hosts);
  EXPECT_EQ(first->partial, 0u);
  bytes[0] = 3;
  EXPECT_FALSE(RoadSummary::restore(bytes).ok());
}

}  // namespace
}  // namespace mailtrail::app

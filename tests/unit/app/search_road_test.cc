// A search that reads no more than it must gives what the whole log gives.
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <sstream>

#include "fact_rows.h"
#include "log_files.h"

namespace mailtrail::app {
namespace {

// Facts of the whole log to several plans at once.
class ManyPlans : public model::FactSink {
 public:
  void add(const std::string& search, const query::Plan& plan) {
    rows.emplace(search, std::make_unique<FactRows>(plan, std::set<std::string_view>{"source"}));
  }
  void on_journey(const model::fact::Journey& journey) override {
    for (auto& [search, one] : rows) one->on_journey(journey);
  }
  void on_rejection(const model::fact::Rejection& rejection) override {
    for (auto& [search, one] : rows) one->on_rejection(rejection);
  }
  void on_login(const model::fact::Login& login) override {
    for (auto& [search, one] : rows) one->on_login(login);
  }
  std::map<std::string, std::unique_ptr<FactRows>> rows;
};

class Addresses : public model::FactSink {
 public:
  void on_journey(const model::fact::Journey& journey) override {
    if (!journey.sender.empty() && journey.sender != "<>") senders.emplace(journey.sender);
    if (!journey.message_id.empty()) message_ids.emplace(journey.message_id);
    for (const model::Text id : journey.queue_ids) queue_ids.emplace(id);
    for (const model::fact::Recipient& one : journey.recipients) {
      recipients.emplace(one.recipient);
      for (const model::Text origin : one.orig_recipients) recipients.emplace(origin);
    }
  }
  void on_rejection(const model::fact::Rejection& rejection) override {
    if (!rejection.event.recipient.empty()) recipients.emplace(rejection.event.recipient);
  }
  std::set<std::string> senders, recipients, queue_ids, message_ids;
};

// Every `step`-th search of those that can be made of the texts.
void add_searches(ManyPlans& plans, const std::string& key, const std::set<std::string>& texts, std::size_t step) {
  std::size_t number = 0;
  for (const std::string& text : texts) {
    if (number++ % step != 0) continue;
    std::string quoted;
    for (const char c : text) quoted += c == '"' || c == '\\' ? std::string("\\") + c : std::string(1, c);
    const std::string search = key + "\"" + quoted + "\"";
    const Result<query::Plan> plan = query::parse_search(search, {});
    if (plan.ok()) plans.add(search, *plan);
  }
}

void search_each(const std::vector<std::string>& paths, std::size_t step, std::size_t at_least,
                 std::size_t block_size = RoadRequest().block_size) {
  trace::TracerOptions details;
  details.keep_details = true;
  RoadRequest request = request_of(paths);
  request.block_size = block_size;
  LogRoad whole(request_of(paths));
  Addresses addresses;
  whole.read_facts(addresses, {});
  ManyPlans plans;
  add_searches(plans, "to:", addresses.recipients, step);
  add_searches(plans, "from:", addresses.senders, step);
  add_searches(plans, "queue:", addresses.queue_ids, step * 11);
  add_searches(plans, "msgid:", addresses.message_ids, step * 11);
  EXPECT_GE(plans.rows.size(), at_least);
  const RoadSummary all = whole.read_facts(plans, details);
  std::size_t rows = 0;
  for (const auto& [search, wanted] : plans.rows) {
    SCOPED_TRACE(search);
    const Result<query::Plan> plan = query::parse_search(search, {});
    ASSERT_TRUE(plan.ok());
    LogRoad road(request);
    FactRows found(*plan, {"source"});
    const RoadSummary summary = road.read_facts_of(*plan, found);
    EXPECT_EQ(summary.stats.lines.lines, all.stats.lines.lines);
    EXPECT_EQ(summary.stats.lines.bytes, all.stats.lines.bytes);
    EXPECT_EQ(summary.stats.lines.empty, all.stats.lines.empty);
    expect_same(wanted->sorted(), found.sorted());
    rows += wanted->sorted().size();
    if (::testing::Test::HasFailure()) return;
  }
  EXPECT_GT(rows, plans.rows.size());
}

TEST(SearchRoad, SyslogOfOneHost) {
  const LogFiles files;
  search_each({files.write("mail.log", real_log("mail.log.gz"))}, 5, 80);
}

// Blocks of few lines, most of which are not read a second time.
TEST(SearchRoad, SyslogInSmallBlocks) {
  const LogFiles files;
  search_each({files.write("mail.log", real_log("mail.log.gz"))}, 20, 20, 2000);
}

TEST(SearchRoad, IsoInSmallBlocks) {
  const LogFiles files;
  search_each({files.write("mail.log", real_log("mail.iso.log.gz"))}, 40, 10, 2000);
}

TEST(SearchRoad, IsoOverThreeFiles) {
  const LogFiles files;
  const std::string text = real_log("mail.iso.log.gz");
  const std::size_t first = text.find('\n', text.size() / 3) + 1, second = text.find('\n', text.size() / 2) + 1;
  search_each(
      {files.write("mail.log", text.substr(second)), files.write("mail.log.1", text.substr(first, second - first)),
       files.write("mail.log.2", text.substr(0, first))},
      20, 20);
}

TEST(SearchRoad, TagsWithoutADaemon) {
  const LogFiles files;
  search_each({files.write("mail.log", real_log("mail.rfc5424.log.gz"))}, 20, 20);
}

TEST(SearchRoad, EximsOwnFile) {
  const LogFiles files;
  search_each({files.write("mainlog", real_log("../exim-a/mail.log.gz"))}, 10, 20);
}

// Exim's own stamp stands between the tag and the message id.
TEST(SearchRoad, EximThroughSyslogInSmallBlocks) {
  const LogFiles files;
  std::string text;
  std::istringstream lines(real_log("../exim-a/mail.log.gz"));
  for (std::string line; std::getline(lines, line);) text += "2026-11-24T03:04:54+00:00 mx1 exim[7]: " + line + '\n';
  search_each({files.write("mail.log", text)}, 30, 10, 2000);
}

}  // namespace
}  // namespace mailtrail::app

#include "query/row.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "base/text.h"
#include "tests/unit/query/sample_journey.h"

namespace mailtrail::query {
namespace {

const std::vector<std::string> kSources = {"mail.log"};

std::string json_of(const Row& row) {
  std::string out;
  append_row_json(out, row, kSources);
  return out;
}

Row row_of(Per per, const model::fact::Journey& journey) {
  Row row;
  row.per = per;
  row.journey = &journey;
  return row;
}

// What is stated, by the name of its column.
std::map<std::string, std::string> values_of(const Row& row) {
  std::vector<std::string> values;
  append_row_values(values, row, kSources);
  const std::vector<std::string_view> names = columns(row.per);
  EXPECT_EQ(values.size(), names.size());
  std::map<std::string, std::string> stated;
  for (std::size_t i = 0; i < std::min(values.size(), names.size()); ++i) {
    if (!values[i].empty()) stated[std::string(names[i])] = values[i];
  }
  return stated;
}

std::string joined(const std::vector<std::string_view>& names) {
  std::string text;
  for (const std::string_view name : names) text += (text.empty() ? "" : " ") + std::string(name);
  return text;
}

TEST(RowJson, Recipient) {
  const SampleJourney sample;
  Row row = row_of(Per::kRecipient, sample.journey);
  row.recipient = &sample.recipients[0];
  EXPECT_EQ(json_of(row),
            R"({"journey":"00ab54cd98ef0123","message_id":"CAB4711@mail.example.com",)"
            R"("queue_ids":["4F5C6KzL9z","4F5C6Kq0Xz"],"hosts":["mx1.example.com"],"sender":"alice@example.com",)"
            R"("recipient":"bob@example.net","outcome":"bounced","dsn":"5.1.1","smtp_code":550,)"
            R"("reply":"550 5.1.1 User unknown","reason":"mailbox_unknown","actor":"sender","attempts":2,)"
            R"("received":"2026-11-23T10:41:07.000000+01:00","decided":"2026-11-23T10:41:09.000000+01:00"})");
  row.recipient = &sample.recipients[1];
  EXPECT_NE(json_of(row).find(R"("recipient":"carol@example.org","orig_recipients":["sales@example.net"],"outcome":)"),
            std::string::npos)
      << json_of(row);
}

TEST(RowJson, RecipientFlagsAndWhatIsNotKnown) {
  SampleJourney sample;
  sample.journey.notification = sample.journey.probe = sample.journey.evicted = true;
  sample.journey.begin_missing = true;
  sample.recipients[0] = {};
  sample.recipients[0].recipient = "bob@example.net";
  Row row = row_of(Per::kRecipient, sample.journey);
  row.recipient = &sample.recipients[0];
  const std::string json = json_of(row);
  EXPECT_NE(json.find(R"("outcome":"unknown","attempts":0,"notification":true,"probe":true,"evicted":true})"),
            std::string::npos)
      << json;
  EXPECT_EQ(json.find("received"), std::string::npos) << json;
}

TEST(RowJson, Attempt) {
  const SampleJourney sample;
  Row row = row_of(Per::kAttempt, sample.journey);
  row.delivery = &sample.deliveries[1];
  EXPECT_EQ(json_of(row),
            R"({"time":"2026-11-23T10:41:09.000000+01:00","host":"mx1.example.com","program":"postfix/smtp",)"
            R"("queue_id":"4F5C6Kq0Xz","message_key":"00ab54cd98ef0124","journey":"00ab54cd98ef0123","attempt":1,)"
            R"("recipient":"bob@example.net","status":"bounced","dsn":"5.1.1","smtp_code":550,)"
            R"("reply":"550 5.1.1 User unknown","relay_host":"mx.example.net","relay_ip":"198.51.100.7",)"
            R"("mailer":"smtp","delay":0.5,"sender":"alice@example.com","size":24500,)"
            R"("message_id":"CAB4711@mail.example.com","client_name":"localhost","client_ip":"127.0.0.1",)"
            R"("outcome":"bounced","reason":"mailbox_unknown","action":"fix_address","actor":"sender",)"
            R"("provider":"example","source":"mail.log","line":21})");
}

TEST(RowJson, Message) {
  const SampleJourney sample;
  Row row = row_of(Per::kMessage, sample.journey);
  row.message = &sample.messages[1];
  EXPECT_EQ(json_of(row),
            R"({"message_key":"00ab54cd98ef0124","journey":"00ab54cd98ef0123","host":"mx1.example.com",)"
            R"("queue_id":"4F5C6Kq0Xz","first_seen":"2026-11-23T10:41:08.000000+01:00",)"
            R"("last_seen":"2026-11-23T10:51:10.000000+01:00","received":"2026-11-23T10:41:08.000000+01:00",)"
            R"("sender":"alice@example.com","message_id":"CAB4711@mail.example.com","size":24500,)"
            R"("client_name":"localhost","client_ip":"127.0.0.1","parent":"00ab54cd98ef0123",)"
            R"("parent_queue_id":"4F5C6KzL9z","link":"filter","link_confidence":1,)"
            R"("link_evidence":"\"queued as\", message id agrees","outcome":"unknown",)"
            R"("steps":[{"time":"2026-11-23T10:41:09.000000+01:00","kind":"notify","text":"failure",)"
            R"("child_queue_id":"4F5C6L0pZz","source":"mail.log","line":13}]})");
  row.message = &sample.messages[0];
  const std::string json = json_of(row);
  EXPECT_NE(json.find(R"("lines":[{"source":"mail.log","line":11},{"source":"mail.log","line":12}])"),
            std::string::npos)
      << json;
  EXPECT_EQ(json.find("link"), std::string::npos) << json;
}

TEST(RowJson, Journey) {
  const SampleJourney sample;
  EXPECT_EQ(json_of(row_of(Per::kJourney, sample.journey)),
            R"({"id":"00ab54cd98ef0123","message_id":"CAB4711@mail.example.com","sender":"alice@example.com",)"
            R"("subject":"Invoice 4711","first_seen":"2026-11-23T10:41:07.000000+01:00",)"
            R"("received":"2026-11-23T10:41:07.000000+01:00","last_seen":"2026-11-23T10:51:10.000000+01:00",)"
            R"("size":24000,"queue_ids":["4F5C6KzL9z","4F5C6Kq0Xz"],"hosts":["mx1.example.com"],)"
            R"("recipients":[{"recipient":"bob@example.net","outcome":"bounced"},)"
            R"({"recipient":"carol@example.org","outcome":"delivered"}],"outcomes":{"delivered":1,"bounced":1},)"
            R"("messages":2,"attempts":4})");
  const model::fact::Journey bare = sample.without_details();
  EXPECT_NE(json_of(row_of(Per::kJourney, bare)).find(R"("attempts":4)"), std::string::npos);
}

TEST(RowJson, RejectionAndLoginAndEvent) {
  model::fact::Rejection rejection;
  rejection.time_notes = 3;
  rejection.host = "mx1";
  rejection.pid = 7;
  rejection.repeat = 3;
  rejection.event.stage = model::Stage::kRcpt;
  rejection.event.action = model::Action::kReject;
  rejection.event.smtp_code = 554;
  rejection.event.helo = "a\x1b[31m\xff";
  rejection.at = {0, 5, 10, 9};
  Row row;
  row.per = Per::kRejection;
  row.rejection = &rejection;
  EXPECT_EQ(json_of(row),
            R"({"time":"1970-01-01T00:00:00.000000+00:00","time_note":["year_inferred","zone_assumed"],"host":"mx1",)"
            R"("pid":7,"stage":"rcpt","action":"reject","smtp_code":554,"helo":"a\u001b[31m)"
            "\xEF\xBF\xBD"
            R"(","repeated":3,"line":5})");
  model::fact::Login login;
  login.event.user = "eve";
  login.event.result = model::LoginResult::kFailure;
  login.at.line = 6;
  row = {};
  row.per = Per::kLogin;
  row.login = &login;
  EXPECT_EQ(json_of(row), R"({"time":"1970-01-01T00:00:00.000000+00:00","user":"eve","result":"failure",)"
                          R"("source":"mail.log","line":6})");
  const model::event::Notice notice{model::Severity::kInfo, "started", model::Topic::kStart, {}, {}};
  model::Event event;
  event.kind = model::Kind::kNotice;
  event.body = &notice;
  event.at.line = 8;
  row = {};
  row.per = Per::kEvent;
  row.event = &event;
  EXPECT_EQ(json_of(row),
            R"({"source":"mail.log","line":8,"kind":"notice","severity":"info","text":"started","topic":"start"})");
}

TEST(RowValues, ColumnsAreThoseOfTheVocabulary) {
  EXPECT_EQ(joined(columns(Per::kRecipient)),
            "journey message_id queue_ids hosts sender recipient orig_recipients outcome dsn smtp_code reply reason "
            "actor attempts received decided notification probe evicted");
  EXPECT_EQ(joined(columns(Per::kAttempt)),
            "time time_note host program instance queue_id message_key journey attempt recipient orig_recipient status "
            "dsn smtp_code reply relay_host relay_ip relay_port relay_path mailer router delay delay_before_queue "
            "delay_in_queue delay_connect delay_transmit remote_queue_id child_queue_id conn_use tls_version "
            "tls_cipher sender size message_id subject client_name client_ip sasl_user outcome reason action actor "
            "provider source line");
  for (int i = 0; i < 7; ++i) {
    std::vector<std::string_view> names = columns(static_cast<Per>(i));
    std::sort(names.begin(), names.end());
    EXPECT_EQ(std::adjacent_find(names.begin(), names.end()), names.end()) << "a column twice: " << joined(names);
  }
}

TEST(RowValues, Recipient) {
  const SampleJourney sample;
  Row row = row_of(Per::kRecipient, sample.journey);
  row.recipient = &sample.recipients[1];
  const std::map<std::string, std::string> expected = {
      {"journey", "00ab54cd98ef0123"},
      {"message_id", "CAB4711@mail.example.com"},
      {"queue_ids", "4F5C6KzL9z 4F5C6Kq0Xz"},
      {"hosts", "mx1.example.com"},
      {"sender", "alice@example.com"},
      {"recipient", "carol@example.org"},
      {"orig_recipients", "sales@example.net"},
      {"outcome", "delivered"},
      {"dsn", "2.0.0"},
      {"smtp_code", "250"},
      {"reply", "250 2.0.0 OK 77AB"},
      {"attempts", "2"},
      {"received", "2026-11-23T10:41:07.000000+01:00"},
      {"decided", "2026-11-23T10:51:09.000000+01:00"},
  };
  EXPECT_EQ(values_of(row), expected);
}

TEST(RowValues, ListsAndCounts) {
  const SampleJourney sample;
  auto journey = values_of(row_of(Per::kJourney, sample.journey));
  EXPECT_EQ(journey["recipients"], "bob@example.net=bounced carol@example.org=delivered");
  EXPECT_EQ(journey["outcomes"], "delivered=1 bounced=1");
  Row row = row_of(Per::kMessage, sample.journey);
  row.message = &sample.messages[0];
  EXPECT_EQ(values_of(row)["lines"], "mail.log:11 mail.log:12");
  row.message = &sample.messages[1];
  EXPECT_EQ(values_of(row)["steps"], "notify");
  EXPECT_EQ(values_of(row)["link_confidence"], "1");
  row = row_of(Per::kAttempt, sample.journey);
  row.delivery = &sample.deliveries[3];
  EXPECT_EQ(values_of(row)["delay"], "602.5");
}

TEST(RowValues, EventsOfEveryKindHaveTheSameColumns) {
  const model::CommandCount commands[] = {{"ehlo", 1, 1}, {"rcpt", 0, 2}};
  const model::Extra extra[] = {{"proxy", "yes"}};
  model::event::Disconnect disconnect;
  disconnect.client_ip = "192.0.2.1";
  disconnect.commands = commands;
  model::Event event;
  event.kind = model::Kind::kDisconnect;
  event.body = &disconnect;
  event.extra = extra;
  event.repeat = 2;
  Row row;
  row.per = Per::kEvent;
  row.event = &event;
  const std::map<std::string, std::string> expected = {
      {"source", "mail.log"},          {"line", "0"},     {"kind", "disconnect"}, {"client_ip", "192.0.2.1"},
      {"commands", "ehlo=1 rcpt=0/2"}, {"repeated", "2"}, {"extra", "proxy=yes"}};
  EXPECT_EQ(values_of(row), expected);
}

std::string table_of(const Row& row, std::size_t width) {
  std::string text;
  for (const TableCell& cell : table_cells(row, width)) text += (text.empty() ? "" : " | ") + cell.text;
  return text;
}

std::size_t table_width(const Row& row, std::size_t width) {
  std::size_t columns_taken = 0;
  for (const TableCell& cell : table_cells(row, width)) columns_taken += display_width(cell.text) + 2;
  return columns_taken - 2;
}

TEST(Table, SaysWhatAPersonAsks) {
  const SampleJourney sample;
  Row row = row_of(Per::kRecipient, sample.journey);
  row.recipient = &sample.recipients[0];
  EXPECT_EQ(table_of(row, 120),
            "2026-11-23 10:41:07 | alice@example.com → bob@example.net | bounced | 550 5.1.1 User unknown");
  EXPECT_EQ(table_cells(row)[2].tone, TableCell::Tone::kBad);
  row.recipient = &sample.recipients[1];
  EXPECT_EQ(table_cells(row)[2].tone, TableCell::Tone::kGood);
  row = row_of(Per::kAttempt, sample.journey);
  row.delivery = &sample.deliveries[2];
  EXPECT_EQ(table_of(row, 140),
            "2026-11-23 10:41:10 | alice@example.com → carol@example.org | deferred | "
            "mx.example.org: 451 4.7.1 Greylisted");
  EXPECT_EQ(table_cells(row)[2].tone, TableCell::Tone::kWaiting);
  EXPECT_EQ(table_of(row_of(Per::kJourney, sample.journey), 120),
            "2026-11-23 10:41:07 | alice@example.com → bob@example.net +1 | bounced 1/2 | Invoice 4711");
}

TEST(Table, HasAsManyCellsAsHeadings) {
  const SampleJourney sample;
  const model::fact::Rejection rejection;
  const model::fact::Login login;
  const model::event::Unparsed unparsed{"x"};
  model::Event event;
  event.body = &unparsed;
  const Row row{
      Per::kAttempt, &sample.journey, &sample.deliveries[0], &sample.recipients[0], &sample.messages[0], &rejection,
      &login,        &event};
  for (int i = 0; i < 7; ++i) {
    Row one = row;
    one.per = static_cast<Per>(i);
    EXPECT_EQ(table_cells(one).size(), table_headings(one.per).size()) << word(one.per);
    for (const std::size_t width : {80u, 100u, 132u}) EXPECT_LE(table_width(one, width), width) << word(one.per);
  }
}

TEST(Table, LongAndHostileTextsStayInTheirColumns) {
  SampleJourney sample;
  const std::string sender(300, 'a'), reply = "550 \x1b[31m" + std::string(400, 'r') + "\xff";
  const std::string recipient = "日本語日本語日本語日本語日本語日本語日本語日本語日本語@example.net";
  sample.journey.sender = sender;
  sample.recipients[0].recipient = recipient;
  sample.recipients[0].reply = reply;
  Row row = row_of(Per::kRecipient, sample.journey);
  row.recipient = &sample.recipients[0];
  for (const std::size_t width : {0u, 80u, 100u, 200u}) {
    EXPECT_LE(table_width(row, width), std::max<std::size_t>(width, 80));
    EXPECT_EQ(table_of(row, width).find('\x1b'), std::string::npos);
    EXPECT_TRUE(is_utf8(table_of(row, width)));
  }
  // A short address on one side leaves its room to the other.
  sample.journey.sender = "<>";
  EXPECT_NE(table_of(row, 132).find("<> → 日本語日本語日本語日本語"), std::string::npos) << table_of(row, 132);
}

}  // namespace
}  // namespace mailtrail::query

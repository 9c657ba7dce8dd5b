#include "model/field_meanings.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "model/fact_columns.h"

namespace mailtrail::model {
namespace {

// What each event has beside the fields of its kind.
const std::set<std::string> kHead = {"time", "time_note", "host", "program", "instance", "dialect",
                                     "pid",  "source",    "line", "kind",    "queue_id"};

template <class Fact>
std::set<std::string> columns_of() {
  std::set<std::string> names;
  const Fact fact{};
  fact::columns(fact, [&](std::string_view name, const auto&, fact::Role = fact::Role::kPlain) {
    EXPECT_TRUE(names.insert(std::string(name)).second) << "twice in one table: " << name;
  });
  return names;
}

template <class... Fact>
std::set<std::string> all_columns() {
  std::set<std::string> names;
  (names.merge(columns_of<Fact>()), ...);
  return names;
}

template <class... Body>
std::set<std::string> fields_of() {
  std::set<std::string> names = kHead;
  const auto note = [&](std::string_view name, const auto&) { names.insert(std::string(name)); };
  (Body{}.fields(note), ...);
  static_assert(sizeof...(Body) == kKindCount);
  return names;
}

std::set<std::string> fields_of_events() {
  return fields_of<event::Connect, event::Disconnect, event::Receive, event::Header, event::Queue, event::Delivery,
                   event::Reject, event::Remove, event::Hold, event::Release, event::Delete, event::Requeue,
                   event::Expire, event::Notify, event::Auth, event::Verdict, event::Policy, event::Login,
                   event::Mailbox, event::Tls, event::Engagement, event::Notice, event::Gap, event::Unparsed>();
}

std::set<std::string> every_column() {
  return all_columns<fact::Journey, fact::Message, fact::Delivery, fact::Recipient, fact::AuthResult, fact::Verdict,
                     fact::Rejection, fact::Login, fact::Session, fact::TlsSession, fact::Notice, fact::Policy,
                     fact::Gap>();
}

TEST(FieldMeanings, EveryColumnHasOne) {
  for (const std::string& name : every_column()) EXPECT_NE(meaning_of(name), "") << name;
}

TEST(FieldMeanings, EveryFieldOfAnEventHasOne) {
  for (const std::string& name : fields_of_events()) EXPECT_NE(meaning_of(name), "") << name;
}

TEST(FieldMeanings, NoneIsOfAFieldThatIsNone) {
  std::set<std::string> used = every_column();
  used.merge(fields_of_events());
  for (const Meaning& one : field_meanings()) EXPECT_TRUE(used.contains(std::string(one.name))) << one.name;
  EXPECT_EQ(meaning_of("colour"), "");
  EXPECT_EQ(meaning_of(""), "");
}

TEST(FieldMeanings, EveryTableHasOne) {
  const std::set<std::string> tables = {"journey", "message",   "delivery", "recipient", "auth_result",
                                        "verdict", "rejection", "login",    "session",   "tls",
                                        "notice",  "policy",    "gap"};
  for (const std::string& name : tables) EXPECT_NE(table_meaning_of(name), "") << name;
  for (const Meaning& one : table_meanings()) EXPECT_TRUE(tables.contains(std::string(one.name))) << one.name;
  EXPECT_EQ(table_meaning_of("deliveries"), "");
}

TEST(FieldMeanings, EachIsOneSentenceOfPrintableAscii) {
  const auto check = [](const Meaning& one) {
    EXPECT_EQ(one.meaning.back(), '.') << one.name;
    EXPECT_EQ(one.meaning.find("  "), std::string_view::npos) << one.name;
    EXPECT_LE(one.meaning.size(), 300U) << one.name;
    for (const char c : one.meaning) EXPECT_TRUE(c >= ' ' && c <= '~') << one.name;
  };
  for (const Meaning& one : field_meanings()) check(one);
  for (const Meaning& one : table_meanings()) check(one);
}

}  // namespace
}  // namespace mailtrail::model

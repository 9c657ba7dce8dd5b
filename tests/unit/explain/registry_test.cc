#include "explain/registry.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "explain/code_tables.h"

namespace mailtrail::explain {
namespace {

TEST(ParseEnhancedCode, TakesOnlyWholeCodes) {
  for (const char* good : {"2.0.0", "4.7.1", "5.1.10", "5.7.606", "4.999.999"}) {
    EXPECT_TRUE(parse_enhanced_code(good)) << good;
  }
  for (const char* bad : {"", "5", "5.1", "5.1.", "5..1", ".1.1", "3.1.1", "1.1.1", "6.1.1", "55.1.1", "5.01.1",
                          "5.1.01", "5.1.1000", "5.1.1 ", " 5.1.1", "5.1.1.1", "5.a.1", "5.-1.1", "5.+1.1"}) {
    EXPECT_FALSE(parse_enhanced_code(bad)) << bad;
  }
  EXPECT_EQ(parse_enhanced_code("5.7.26")->detail, 26);
}

struct Expected {
  const char* dsn;
  const char* title;
  Actor actor;
  bool registered;
  bool specific;
};

TEST(EnhancedMeaning, NamesTheCause) {
  const Expected kCases[] = {
      {"5.1.1", "mailbox does not exist", Actor::kRecipient, true, true},
      {"4.1.1", "mailbox does not exist", Actor::kRecipient, true, true},
      {"5.1.10", "recipient's domain takes no mail", Actor::kRecipient, true, true},
      {"5.2.2", "mailbox is full", Actor::kRecipient, true, true},
      {"5.3.4", "message is too large for the system", Actor::kMessage, true, true},
      {"4.4.1", "no answer from the host", Actor::kNetwork, true, true},
      {"5.4.6", "mail loop", Actor::kReceiver, true, true},
      {"5.7.0", "security or policy, not specified", Actor::kUnknown, true, false},
      {"5.7.1", "not permitted", Actor::kUnknown, true, false},
      {"5.0.0", "no cause stated", Actor::kUnknown, true, false},
      {"5.7.8", "login failed", Actor::kSenderSetup, true, true},
      {"5.7.20", "no DKIM signature that passes", Actor::kSenderSetup, true, true},
      {"5.7.25", "reverse DNS failed", Actor::kSenderSetup, true, true},
      {"4.7.28", "too much mail at once", Actor::kSenderReputation, true, true},
      {"5.7.606", "security or policy, not specified", Actor::kUnknown, false, false},
      {"5.2.122", "mailbox problem, not specified", Actor::kUnknown, false, false},
      {"5.9.1", "unregistered status code", Actor::kUnknown, false, false},
      {"2.0.0", "success", Actor::kNobody, true, false},
      {"2.1.5", "recipient's address is valid", Actor::kNobody, true, true},
  };
  for (const Expected& one : kCases) {
    const auto meaning = enhanced_meaning(one.dsn);
    ASSERT_TRUE(meaning) << one.dsn;
    EXPECT_EQ(meaning->title, one.title) << one.dsn;
    EXPECT_EQ(meaning->actor, one.actor) << one.dsn;
    EXPECT_EQ(meaning->registered, one.registered) << one.dsn;
    EXPECT_EQ(meaning->specific, one.specific) << one.dsn;
  }
  EXPECT_FALSE(enhanced_meaning("550"));
  EXPECT_EQ(enhanced_meaning("5.1.1")->class_text, "permanent failure");
  EXPECT_EQ(enhanced_meaning("4.1.1")->class_text, "persistent transient failure");
  EXPECT_EQ(enhanced_meaning("2.1.5")->class_text, "success");
  EXPECT_EQ(enhanced_meaning("5.2.2")->subject, "mailbox");
  EXPECT_EQ(enhanced_meaning("5.9.1")->subject, "not registered");
}

// A registered detail for each number that the IANA registry holds, and no more.
TEST(EnhancedMeaning, HoldsTheWholeRegistry) {
  const int kDetails[] = {0, 10, 4, 6, 7, 6, 10, 30};
  for (int subject = 0; subject < 8; ++subject) {
    for (int detail = 0; detail <= 40; ++detail) {
      const std::string dsn = "5." + std::to_string(subject) + "." + std::to_string(detail);
      EXPECT_EQ(enhanced_meaning(dsn)->registered, detail <= kDetails[subject]) << dsn;
    }
  }
}

TEST(Tables, AreSentencesForPeople) {
  const auto check_sentence = [](std::string_view text, std::string_view where) {
    if (text.empty()) return;
    EXPECT_EQ(text.back(), '.') << where << ": " << text;
    EXPECT_TRUE(text.front() >= 'A' && text.front() <= 'Z') << where << ": " << text;
  };
  for (const EnhancedRow& row : enhanced_rows()) {
    EXPECT_FALSE(row.meaning.empty()) << row.title;
    EXPECT_FALSE(row.source.empty()) << row.title;
    EXPECT_NE(row.title.back(), '.') << row.title;
    check_sentence(row.meaning, row.title);
    check_sentence(row.advice, row.title);
    check_sentence(row.caution, row.title);
    EXPECT_TRUE(row.specific || row.actor == Actor::kUnknown) << row.title;
    EXPECT_TRUE(!row.specific || row.actor == Actor::kNobody || !row.advice.empty()) << row.title;
  }
  for (const ReplyRow& row : reply_rows()) {
    EXPECT_NE(row.title.back(), '.') << row.title;
    check_sentence(row.meaning, row.title);
    check_sentence(row.advice, row.title);
    EXPECT_FALSE(row.source.empty()) << row.title;
  }
}

TEST(Actors, HaveDifferentWords) {
  std::set<std::string_view> words;
  for (int i = 0; i <= static_cast<int>(Actor::kNetwork); ++i) {
    words.insert(word(static_cast<Actor>(i)));
    EXPECT_FALSE(who(static_cast<Actor>(i)).empty());
  }
  EXPECT_EQ(words.size(), 8u);
}

TEST(ReplyMeaning, NamesTheCause) {
  struct {
    int code;
    const char* title;
    bool registered;
    bool specific;
  } const kCases[] = {
      {250, "accepted", true, true},
      {421, "service not available now", true, false},
      {454, "TLS or login not possible now", true, false},
      {521, "host takes no mail", true, true},
      {535, "login failed", true, true},
      {550, "refused: no such mailbox, or by policy", true, false},
      {554, "transaction failed", true, false},
      {556, "recipient's domain takes no mail", true, true},
      {471, "unregistered reply code", false, false},
      {599, "unregistered reply code", false, false},
  };
  for (const auto& one : kCases) {
    const auto meaning = reply_meaning(one.code);
    ASSERT_TRUE(meaning) << one.code;
    EXPECT_EQ(meaning->title, one.title);
    EXPECT_EQ(meaning->registered, one.registered) << one.code;
    EXPECT_EQ(meaning->specific, one.specific) << one.code;
  }
  for (const int code : {-1, 0, 100, 199, 600, 1000}) EXPECT_FALSE(reply_meaning(code)) << code;
  EXPECT_EQ(reply_meaning(421)->second_digit, "connection");
  EXPECT_EQ(reply_meaning(550)->second_digit, "mail system");
  EXPECT_EQ(reply_meaning(535)->second_digit, "not assigned");
  // Every code that RFC 5321, 3207, 4954 and 7504 assign.
  for (const int code : {211, 214, 220, 221, 235, 250, 251, 252, 334, 354, 421, 432, 450, 451, 452, 454, 455,
                         500, 501, 502, 503, 504, 521, 530, 534, 535, 538, 550, 551, 552, 553, 554, 555, 556}) {
    EXPECT_TRUE(reply_meaning(code)->registered) << code;
  }
}

TEST(ReasonTitle, TakesTheCodeThatSaysMore) {
  struct {
    const char* dsn;
    int code;
    const char* title;
  } const kCases[] = {
      {"5.1.1", 550, "mailbox does not exist (5.1.1)"},
      {"5.1.1", 0, "mailbox does not exist (5.1.1)"},
      {"5.0.0", 550, "refused: no such mailbox, or by policy (550 5.0.0)"},
      {"5.0.0", 0, "no cause stated (5.0.0)"},
      {"5.7.1", 550, "not permitted (5.7.1)"},
      {"5.7.0", 530, "login or TLS needed first (530 5.7.0)"},
      {"5.7.10", 550, "encryption needed (5.7.10)"},
      {"5.9.9", 550, "refused: no such mailbox, or by policy (550 5.9.9)"},
      {"4.7.1", 550, "not permitted (550 4.7.1)"},
      {"", 552, "no room: mailbox full or message too large (552)"},
      {"", 0, "no status code"},
      {"nonsense", 0, "no status code"},
      {"2.0.0", 250, "accepted (250 2.0.0)"},
      {"4.4.1", 0, "no answer from the host (4.4.1)"},
  };
  for (const auto& one : kCases) EXPECT_EQ(reason_title(one.dsn, one.code), one.title);
}

}  // namespace
}  // namespace mailtrail::explain

#include "explain/explain.h"

#include <gtest/gtest.h>

#include <string>

#include "explain/find_codes.h"

namespace mailtrail::explain {
namespace {

TEST(FindCodes, FindsTheCodesOfTheReplyAndNoOthers) {
  struct {
    const char* reply;
    int code;
    const char* dsn;
  } const kCases[] = {
      {"550 5.1.1 <bob@example.net>: User unknown", 550, "5.1.1"},
      {"550-5.1.1 The account does not exist 550 5.1.1 more", 550, "5.1.1"},
      {"550-Blocked by policy 550 5.7.1 see https://example.net/", 550, "5.7.1"},
      {"554-mail.example.net\n554 No SMTP service", 554, ""},
      {"host mx.example.net[192.0.2.1] said: 550 5.1.1 <b@example.net>: no (in reply to RCPT TO command)", 550,
       "5.1.1"},
      {"host mx.example.net[192.0.2.1] refused to talk to me: 421 4.7.0 try later", 421, "4.7.0"},
      {"Deferred: 451 4.7.1 Greylisted", 451, "4.7.1"},
      {"SMTP error from remote mail server after RCPT TO:<b@example.net>: 550 5.1.1 no such user", 550, "5.1.1"},
      {"552 5.2.2", 552, "5.2.2"},
      {"550 #5.1.0 Address rejected.", 550, "5.1.0"},
      {"250", 250, ""},
      {"550 Rule 5.7.1 of the house", 550, ""},
      {"5.1.1 User unknown", 0, "5.1.1"},
      {"(450 4.2.0 Greylisted)", 450, "4.2.0"},
      {"connect to mx.example.net[192.0.2.1]:25: Connection refused", 0, ""},
      {"there were 550 of 5.1.1 them", 0, ""},
      {"5500 times", 0, ""},
      {"590 no code", 0, ""},
      {"550x5.1.1", 0, ""},
      {"550 5.1.1a", 550, ""},
      {"550 5.1.1: colon", 550, "5.1.1"},
      {"550 5.1.1.", 550, "5.1.1"},
      {"550 192.0.2.1 is listed", 550, ""},
      {"", 0, ""},
      {"5", 0, ""},
      {"55", 0, ""},
      {"550 ", 550, ""},
  };
  for (const auto& one : kCases) {
    const FoundCodes found = find_codes(one.reply);
    EXPECT_EQ(found.smtp_code, one.code) << one.reply;
    EXPECT_EQ(found.dsn, one.dsn) << one.reply;
  }
}

TEST(FindCodes, IsLinearOnHostileText) {
  std::string text = "550";
  for (int i = 0; i < 300'000; ++i) text += " 550";
  EXPECT_EQ(find_codes(text).smtp_code, 550);
  text = "SMTP error from remote mail server";
  for (int i = 0; i < 300'000; ++i) text += ": ";
  EXPECT_EQ(find_codes(text).smtp_code, 0);
}

bool contains(const std::vector<std::string>& texts, std::string_view part) {
  for (const std::string& text : texts) {
    if (text.find(part) != std::string::npos) return true;
  }
  return false;
}

TEST(Explain, ASpecificCodeIsTakenAtItsWordWithModestConfidence) {
  const Explanation answer = explain({.reply = "550 5.1.1 <bob@example.net>: User unknown"});
  EXPECT_EQ(answer.title, "mailbox does not exist (5.1.1)");
  EXPECT_EQ(answer.is_final, true);
  EXPECT_EQ(answer.actor, Actor::kRecipient);
  EXPECT_EQ(answer.decided_by, "status code 5.1.1 in the reply");
  EXPECT_DOUBLE_EQ(answer.confidence, 0.6);
  EXPECT_EQ(answer.source, "RFC 3463, 3.2");
  EXPECT_EQ(answer.smtp_code, 550);
  EXPECT_EQ(answer.dsn, "5.1.1");
  EXPECT_TRUE(contains(answer.steps, "take it off the list"));
  EXPECT_FALSE(contains(answer.steps, "Keep the address"));
  EXPECT_TRUE(answer.reason.empty() && answer.rule.empty());
}

TEST(Explain, ACodeOfManyReasonsSaysSo) {
  for (const char* reply : {"550 5.7.1 no", "550 5.7.0 no", "554 5.0.0 no", "550 no", "554 no"}) {
    const Explanation answer = explain({.reply = reply});
    EXPECT_LE(answer.confidence, 0.2) << reply;
    EXPECT_FALSE(answer.cautions.empty()) << reply;
    EXPECT_EQ(answer.actor, Actor::kUnknown) << reply;
    EXPECT_EQ(answer.who, "the code does not tell") << reply;
    EXPECT_EQ(answer.is_final, true) << reply;
    EXPECT_TRUE(contains(answer.steps, "Keep the address")) << reply;
  }
}

TEST(Explain, ContradictoryCodesGoByTheReplyCode) {
  const Explanation final = explain({.reply = "550 4.7.1 come back later"});
  EXPECT_TRUE(final.contradictory);
  EXPECT_EQ(final.is_final, true);
  EXPECT_LE(final.confidence, 0.1);
  EXPECT_EQ(final.sentence,
            "The codes contradict each other: 550 says for good, 4.7.1 says for now. A sending server goes by 550.");
  const Explanation temporary = explain({.reply = "450 5.1.1 unknown"});
  EXPECT_TRUE(temporary.contradictory);
  EXPECT_EQ(temporary.is_final, false);
  EXPECT_FALSE(contains(temporary.steps, "list"));
  const Explanation accepted = explain({.reply = "250 5.1.1 what"});
  EXPECT_TRUE(accepted.contradictory);
  EXPECT_FALSE(accepted.is_final);
  EXPECT_EQ(accepted.actor, Actor::kNobody);
}

TEST(Explain, TemporaryIsNotFinal) {
  const Explanation answer = explain({.reply = "452 4.2.2 over quota"});
  EXPECT_EQ(answer.is_final, false);
  EXPECT_TRUE(contains(answer.steps, "Wait for the next attempt"));
  EXPECT_EQ(answer.title, "mailbox is full (4.2.2)");
}

TEST(Explain, TheLogLineHelpsWhereTheReplyHasNoCode) {
  const Explanation answer =
      explain({.reply = "connect to mx.example.net[192.0.2.1]:25: Connection refused", .dsn = "4.4.1"});
  EXPECT_EQ(answer.title, "no answer from the host (4.4.1)");
  EXPECT_EQ(answer.decided_by, "status code 4.4.1 in the log line, not in the reply itself");
  // Postfix writes dsn=5.0.0 where the server gave none: the reply code says more.
  const Explanation plain = explain({.reply = "521 we take no mail", .smtp_code = 521, .dsn = "5.0.0"});
  EXPECT_EQ(plain.title, "host takes no mail (521 5.0.0)");
  EXPECT_EQ(plain.decided_by, "reply code 521 in the reply");
  EXPECT_EQ(plain.actor, Actor::kRecipient);
}

TEST(Explain, WithoutACodeNothingIsClaimed) {
  for (const char* reply : {"", "lost connection", "User unknown"}) {
    const Explanation answer = explain({.reply = reply, .smtp_code = 42, .dsn = "x.y"});
    EXPECT_EQ(answer.confidence, 0) << reply;
    EXPECT_FALSE(answer.is_final) << reply;
    EXPECT_EQ(answer.title, "no status code") << reply;
    EXPECT_FALSE(answer.steps.empty()) << reply;
  }
}

TEST(Explain, AcceptanceIsNoProblem) {
  const Explanation answer = explain({.reply = "250 2.0.0 Ok: queued as 4F5C6KzL9z"});
  EXPECT_EQ(answer.actor, Actor::kNobody);
  EXPECT_FALSE(answer.is_final);
  EXPECT_GE(answer.confidence, 0.9);
  EXPECT_TRUE(contains(answer.cautions, "not yet read"));
}

TEST(Explain, AProviderThatUsesACodeOtherwiseIsBelieved) {
  struct {
    const char* reply;
    const char* host;
    const char* title;
  } const kCases[] = {
      {"550 5.7.27 SPF", "gmail-smtp-in.l.google.com", "SPF did not pass at Gmail (5.7.27)"},
      {"421 4.7.30 DKIM", "ASPMX.L.GOOGLE.COM.", "DKIM did not pass at Gmail (4.7.30)"},
      {"550 5.4.1 Access denied", "example-com.mail.protection.outlook.com",
       "recipient not known or not admitted at Microsoft (5.4.1)"},
      {"550 5.7.27 null MX", "mx.example.net", "sender's domain takes no mail (5.7.27)"},
      {"550 5.7.27 null MX", "notgoogle.com", "sender's domain takes no mail (5.7.27)"},
  };
  for (const auto& one : kCases) {
    EXPECT_EQ(explain({.reply = one.reply, .host = one.host}).title, one.title) << one.reply;
  }
  const Explanation unknown_host = explain({.reply = "550 5.7.27 no"});
  EXPECT_LE(unknown_host.confidence, 0.4);
  EXPECT_TRUE(contains(unknown_host.cautions, "Gmail"));
  EXPECT_FALSE(contains(explain({.reply = "550 5.7.27 no", .host = "mx.example.net"}).cautions, "Gmail"));
}

TEST(Explain, HoldsNothingOfTheReplyButItsCodes) {
  const Explanation answer = explain({.reply = "550 5.1.1 <script>alert(1)</script>\x1b[31m", .host = "<b>x</b>"});
  const auto is_clean = [](const std::string& text) {
    return text.find('<') == std::string::npos && text.find('\x1b') == std::string::npos;
  };
  EXPECT_TRUE(is_clean(answer.title) && is_clean(answer.sentence) && is_clean(answer.decided_by) &&
              is_clean(answer.source));
  for (const std::string& step : answer.steps) EXPECT_TRUE(is_clean(step));
  for (const std::string& caution : answer.cautions) EXPECT_TRUE(is_clean(caution));
}

}  // namespace
}  // namespace mailtrail::explain

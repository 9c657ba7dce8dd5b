// Whatever a stranger writes into a HELO name, an address, a Message-ID, a subject, an ident answer, a user name or an
// answer: no client, status, message id or login becomes another.
#include <gtest/gtest.h>

#include <functional>
#include <random>
#include <string>
#include <vector>

#include "base/text.h"
#include "dialect/dialect.h"
#include "record/framing.h"

namespace mailtrail::dialect {
namespace {

using model::Kind;
namespace event = model::event;

constexpr std::string_view kId = "1xVwy5-0001KK-28";
constexpr std::string_view kClient = "203.0.113.9";

class Hostile {
 public:
  std::string words() {
    static const std::vector<std::string> kWords = {") [6.6.6.6]",
                                                    " P=esmtp",
                                                    " S=1",
                                                    " id=f",
                                                    "(",
                                                    ")",
                                                    "[6.6.6.6]",
                                                    " T=\"",
                                                    "\"",
                                                    "\\",
                                                    "\\\"",
                                                    " for a@b",
                                                    " K",
                                                    " C=\"ok\"",
                                                    ">",
                                                    "<",
                                                    " F=<e@e>",
                                                    " A=p:root",
                                                    " U=x",
                                                    " X=TLS1.3:A:1",
                                                    " DN=\"",
                                                    " D=1s",
                                                    ": ",
                                                    " =>",
                                                    "@y.example",
                                                    " R=r",
                                                    " defer (1)",
                                                    " DT=1s",
                                                    " lost",
                                                    "a",
                                                    " x",
                                                    "1xAAAA-00000A-00 Completed",
                                                    " closed by QUIT",
                                                    " rejected RCPT <z@z>: no",
                                                    ": 535 Incorrect authentication data",
                                                    " (set_id=q)"};
    std::string text;
    for (std::size_t left = 1 + random_() % 9; left != 0; --left) text += kWords[random_() % kWords.size()];
    return text;
  }
  // As Exim writes what it quotes.
  std::string quoted() {
    std::string text;
    for (const char c : words()) {
      if (c == '"' || c == '\\') text += '\\';
      text += c;
    }
    return text;
  }

 private:
  std::minstd_rand random_{7};
};

void check(const std::string& text, const std::function<void(const model::Event&)>& expect) {
  SCOPED_TRACE(text);
  const std::string line = "2026-11-24 20:18:21.722 [5109] " + text;
  Arena arena;
  std::vector<model::Event> events;
  Emitter emitter(arena, events);
  record::Framer framer;
  record::Record record;
  framer.frame(line, arena, record);
  Parser parser;
  parser.parse(record, emitter);
  ASSERT_FALSE(events.empty());
  expect(events.front());
}

bool is_client_or_none(std::string_view ip) {
  return ip.empty() || ip == kClient;
}

constexpr int kRounds = 2000;

TEST(EximHostile, Arrivals) {
  Hostile from;
  const std::string id(kId);
  const auto expect = [](const model::Event& one) {
    ASSERT_EQ(one.kind, Kind::kReceive);
    EXPECT_EQ(one.queue_id, kId);
    const auto& body = one.as<event::Receive>();
    EXPECT_TRUE(is_client_or_none(body.client_ip)) << body.client_ip;
    EXPECT_EQ(body.protocol, "ESMTP");
    EXPECT_TRUE(body.sasl_user.empty());
  };
  for (int i = 0; i < kRounds && !testing::Test::HasFailure(); ++i) {
    check(id + " <= s@sender.example H=(" + from.words() +
              ") [203.0.113.9]:47 P=esmtp S=294 id=one@sender.example T=\"" + from.quoted() +
              "\" from <s@sender.example> for bob@local.example",
          expect);
    check(id + " <= s@sender.example H=(" + from.words() + ") [203.0.113.9] P=esmtp S=294 id=\"" + from.quoted() +
              "\"@sender.example",
          expect);
    check(id + " <= \"" + from.quoted() + "\"@sender.example H=(ok.example) [203.0.113.9] U=" + from.words() +
              " P=esmtp S=294",
          expect);
  }
}

TEST(EximHostile, RefusalsAndLogins) {
  Hostile from;
  for (int i = 0; i < kRounds && !testing::Test::HasFailure(); ++i) {
    check("H=(" + from.words() + ") [203.0.113.9]:47 F=<\"" + from.quoted() + "\"@sender.example> rejected RCPT <\"" +
              from.quoted() + "\"@local.example>: Unknown user",
          [](const model::Event& one) {
            ASSERT_EQ(one.kind, Kind::kReject);
            EXPECT_TRUE(one.queue_id.empty());
            EXPECT_TRUE(is_client_or_none(one.as<event::Reject>().client_ip));
          });
    check("plain authenticator failed for (" + from.words() +
              ") [203.0.113.9]:47: 535 Incorrect authentication data (set_id=" + from.words() + ")",
          [](const model::Event& one) {
            ASSERT_EQ(one.kind, Kind::kLogin);
            EXPECT_EQ(one.as<event::Login>().result, model::LoginResult::kFailure);
            EXPECT_TRUE(is_client_or_none(one.as<event::Login>().client_ip));
          });
  }
}

TEST(EximHostile, Deliveries) {
  Hostile from;
  const std::string id(kId);
  const auto expect_status = [](model::Status status) {
    return [status](const model::Event& one) {
      ASSERT_EQ(one.kind, Kind::kDelivery);
      EXPECT_EQ(one.queue_id, kId);
      const auto& body = one.as<event::Delivery>();
      EXPECT_EQ(body.status, status);
      EXPECT_EQ(body.relay_ip, kClient);
      EXPECT_EQ(body.router, "remote");
    };
  };
  for (int i = 0; i < kRounds && !testing::Test::HasFailure(); ++i) {
    check(id + " => bob@remote.example R=remote T=remote_smtp H=mx.example [203.0.113.9]:25 C=\"250 " + from.quoted() +
              "\" QT=0.068s DT=0.015s",
          expect_status(model::Status::kSent));
    check(id +
              " ** bob@remote.example R=remote T=remote_smtp H=mx.example [203.0.113.9]: SMTP error from remote mail "
              "server after RCPT TO:<bob@remote.example>: 550 " +
              from.words(),
          expect_status(model::Status::kBounced));
  }
}

}  // namespace
}  // namespace mailtrail::dialect

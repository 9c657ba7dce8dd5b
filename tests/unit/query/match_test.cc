#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "query/row.h"
#include "query/rows_of_facts.h"
#include "tests/unit/query/sample_journey.h"

namespace mailtrail::query {
namespace {

const TimeContext kContext{*parse_timestamp("2026-11-24T12:00:00+01:00", 0), 60};

Plan plan_of(const std::string& search) {
  Result<Plan> plan = parse_search(search, kContext);
  EXPECT_TRUE(plan.ok()) << (plan.ok() ? "" : plan.error().to_string());
  return plan.ok() ? std::move(*plan) : Plan{};
}

// The rows that a search finds in the journey, as a digit each: the attempt, recipient or message by its place.
std::string found(const std::string& search, Per per, const SampleJourney& sample,
                  const model::fact::Journey& journey) {
  std::string digits;
  const Plan plan = plan_of(search);
  RowsOfFacts rows(plan, per, [&](const Row& row) {
    std::ptrdiff_t place = 0;
    if (row.delivery != nullptr) place = row.delivery - sample.deliveries;
    if (row.recipient != nullptr) place = row.recipient - sample.recipients;
    if (row.message != nullptr) place = row.message - sample.messages;
    digits += static_cast<char>('0' + place);
  });
  rows.on_journey(journey);
  return digits;
}

struct Expectation {
  const char* search;
  const char* attempts;
  const char* recipients;
  const char* messages;
  bool journey;
};

// Attempts: 0 bob to the filter, 1 bob bounced, 2 carol deferred, 3 carol sent. Recipients: 0 bob, 1 carol.
// Messages: 0 before the filter, 1 behind it.
constexpr Expectation kExpectations[] = {
    {"", "0123", "01", "01", true},
    {"*", "0123", "01", "01", true},
    {"-*", "", "", "", false},
    {"from:alice@example.com", "0123", "01", "01", true},
    {"from:ALICE@Example.com", "0123", "01", "01", true},
    {"from:@example.com", "0123", "01", "01", true},
    {"from:@ample.com", "", "", "", false},
    {"from:alice", "0123", "01", "01", true},
    {"from:example.com", "0123", "01", "01", true},
    {"from:ali", "", "", "", false},
    {"to:bob@example.net", "01", "0", "01", true},
    {"to:sales@example.net", "23", "1", "1", true},
    {"-to:bob@example.net", "23", "1", "1", true},
    {"sales@example.net", "23", "1", "1", true},
    {"alice@example.com", "0123", "01", "01", true},
    {"@example.org", "23", "1", "1", true},
    // A message id that was pasted.
    {"CAB4711@mail.example.com", "0123", "01", "01", true},
    {"@mail.example.com", "", "", "", false},
    {"msgid:<cab4711@mail.example.com>", "0123", "01", "01", true},
    {"msgid:CAB4711", "", "", "", false},
    {"msgid:CAB*", "0123", "01", "01", true},
    // Its own status for an attempt, the outcome for all else.
    {"status:sent", "3", "1", "1", true},
    {"status:delivered", "3", "1", "1", true},
    {"status:deferred", "2", "", "", false},
    {"status:bounced", "1", "0", "01", true},
    {"status:relayed", "0", "", "0", true},
    {"status:rejected", "", "", "", false},
    {"status:bounced OR status:deferred", "12", "0", "01", true},
    // One attempt or recipient must satisfy the whole.
    {"to:carol@example.org status:bounced", "", "", "", false},
    {"to:bob@example.net status:bounced", "1", "0", "01", true},
    {"status:delivered code:451", "", "", "1", true},
    {"code:550", "1", "0", "1", true},
    {"code:2xx", "03", "1", "01", true},
    {"code:55x", "1", "0", "1", true},
    {"code:*", "0123", "01", "01", true},
    {"dsn:5.1", "1", "0", "1", true},
    {"dsn:5.1.1", "1", "0", "1", true},
    {"dsn:5.1.10", "", "", "", false},
    {"dsn:*.7.1", "2", "", "1", true},
    {"reason:mailbox_unknown", "1", "0", "1", true},
    {"reason:mailbox", "", "", "", false},
    {"reason:mailbox_*", "1", "0", "1", true},
    {"actor:sender", "1", "0", "1", true},
    {"action:fix_address", "1", "0", "1", true},
    {"provider:example", "1", "0", "1", true},
    // Behind the filter, the mail is still that of the client that brought it.
    {"client:192.0.2.17", "0123", "01", "01", true},
    {"client:192.0.2.0/24", "0123", "01", "01", true},
    {"client:192.0.3.0/24", "", "", "", false},
    {"client:127.0.0.1", "123", "01", "1", true},
    {"client:*.example.com", "0123", "01", "01", true},
    {"client:laptop.example.com", "0123", "01", "01", true},
    {"user:alice", "0123", "01", "01", true},
    {"-user:*", "", "", "", false},
    {"host:mx1", "0123", "01", "01", true},
    {"host:mx", "", "", "", false},
    {"host:mx1.example.com", "0123", "01", "01", true},
    {"queue:4F5C6KzL9z", "0", "01", "0", true},
    {"queue:4f5c6kzl9z", "", "", "", false},
    {"queue:4F5C6Kq0Xz code:550", "1", "0", "1", true},
    {"subject:invoice", "0123", "01", "01", true},
    {"subject:inv*11", "0123", "01", "01", true},
    {"4711", "0123", "01", "01", true},
    {"4f5c6kq0xz", "0123", "01", "01", true},
    {"77ab", "3", "1", "1", true},
    {"greylisted", "2", "", "1", true},
    {"\"user unknown\"", "1", "0", "1", true},
    {"00ab54cd98ef0123", "0123", "01", "01", true},
    {"00ab54cd98ef0124", "123", "", "1", true},
    {"relay:*.example.net", "1", "0", "1", true},
    {"relay:198.51.100.0/24", "1", "0", "1", true},
    {"mailer:smtp", "0123", "01", "01", true},
    {"mailer:lmtp", "", "", "", false},
    {"stage:rcpt", "", "", "", false},
    {"size:>20K", "0123", "01", "01", true},
    {"size:24500", "123", "", "1", true},
    {"size:<1K", "", "", "", false},
    {"delay:>5m", "3", "1", "1", true},
    {"delay:<1s", "012", "", "01", true},
    {"kind:delivery", "0123", "01", "01", true},
    {"kind:notify", "", "01", "1", true},
    // Times.
    {"since:2026-11-23T10:41:09", "123", "01", "1", true},
    {"until:2026-11-23T10:41:09", "0", "", "01", true},
    {"since:2026-11-23T10:50 status:delivered", "3", "1", "1", true},
    {"until:2026-11-23T10:41:07", "", "", "", false},
    {"since:2026-11-23T10:52", "", "", "", false},
};

TEST(Matches, EachKindOfRow) {
  const SampleJourney sample;
  for (const Expectation& expected : kExpectations) {
    SCOPED_TRACE(expected.search);
    EXPECT_EQ(found(expected.search, Per::kAttempt, sample, sample.journey), expected.attempts);
    EXPECT_EQ(found(expected.search, Per::kRecipient, sample, sample.journey), expected.recipients);
    EXPECT_EQ(found(expected.search, Per::kMessage, sample, sample.journey), expected.messages);
    EXPECT_EQ(found(expected.search, Per::kJourney, sample, sample.journey), expected.journey ? "0" : "");
    // Where attempts are said not to be needed, the answer is the same without them.
    const Plan plan = plan_of(expected.search);
    const model::fact::Journey bare = sample.without_details();
    if (!needs_attempts(plan, Per::kRecipient)) {
      EXPECT_EQ(found(expected.search, Per::kRecipient, sample, bare), expected.recipients);
    }
    if (!needs_attempts(plan, Per::kJourney)) {
      EXPECT_EQ(found(expected.search, Per::kJourney, sample, bare), expected.journey ? "0" : "");
    }
  }
}

TEST(Matches, JourneyWithoutRecipientsIsAskedByItsStays) {
  SampleJourney sample;
  sample.journey.recipients = {};
  sample.journey.deliveries = {};
  sample.messages[0].outcome = model::Outcome::kDeleted;
  EXPECT_EQ(found("user:alice", Per::kJourney, sample, sample.journey), "0");
  EXPECT_EQ(found("status:deleted", Per::kJourney, sample, sample.journey), "0");
  EXPECT_EQ(found("status:deleted", Per::kMessage, sample, sample.journey), "0");
  EXPECT_EQ(found("to:bob@example.net", Per::kJourney, sample, sample.journey), "");
  sample.journey.messages = {};
  EXPECT_EQ(found("from:alice@example.com", Per::kJourney, sample, sample.journey), "0");
}

TEST(Matches, UndecidedRecipientLiesWhereItsLastAttemptDoes) {
  SampleJourney sample;
  sample.recipients[1].decided.reset();
  sample.recipients[1].last_attempt = sample.start + kHour;
  EXPECT_EQ(found("since:2026-11-23T11:41", Per::kRecipient, sample, sample.journey), "1");
  EXPECT_EQ(found("delay:>59m", Per::kRecipient, sample, sample.journey), "1");
  sample.recipients[1].last_attempt = 0;
  EXPECT_EQ(found("until:2026-11-23T10:41:08", Per::kRecipient, sample, sample.journey), "1");
  EXPECT_EQ(found("delay:>=0", Per::kRecipient, sample, sample.journey), "0");
}

TEST(Matches, DelayOfAMailWithoutBeginningIsUnknown) {
  SampleJourney sample;
  sample.journey.begin_missing = true;
  EXPECT_EQ(found("delay:>=0", Per::kRecipient, sample, sample.journey), "");
}

Row row_of(const model::fact::Rejection& rejection) {
  Row row;
  row.per = Per::kRejection;
  row.rejection = &rejection;
  return row;
}

TEST(Matches, Rejection) {
  model::fact::Rejection rejection;
  rejection.time = *parse_timestamp("2026-11-23T10:41:07+01:00", 0);
  rejection.host = "mx1";
  rejection.event.stage = model::Stage::kRcpt;
  rejection.event.action = model::Action::kReject;
  rejection.event.smtp_code = 554;
  rejection.event.dsn = "5.7.1";
  rejection.event.reply = "Service unavailable; Client host [203.0.113.9] blocked";
  rejection.event.reason = "blocked using zen.example.org";
  rejection.event.client_ip = "203.0.113.9";
  rejection.event.client_name = "unknown";
  rejection.event.sender = "<>";
  rejection.event.recipient = "bob@example.net";
  const Row row = row_of(rejection);
  for (const char* search :
       {"", "status:rejected", "stage:rcpt", "action:reject", "code:554", "dsn:5.7", "reason:blocked", "reason:*zen*",
        "client:203.0.113.0/24", "from:<>", "to:bob@example.net", "bob@example.net", "kind:reject", "blocked",
        "host:mx1", "since:2026-11-23T10:41:07 until:2026-11-23T10:41:08", "-status:delivered", "-user:*"}) {
    EXPECT_TRUE(matches(plan_of(search), row)) << search;
  }
  for (const char* search : {"status:deferred", "status:bounced", "stage:data", "action:warn", "from:@example.com",
                             "since:2026-11-23T10:41:08", "kind:delivery", "size:>0", "delay:>=0", "queue:*"}) {
    EXPECT_FALSE(matches(plan_of(search), row)) << search;
  }
  rejection.event.action = model::Action::kWarn;
  EXPECT_FALSE(matches(plan_of("status:rejected"), row)) << "a warning refuses nothing";
  rejection.event.action = model::Action::kHold;
  EXPECT_TRUE(matches(plan_of("status:held"), row));
  rejection.event.action = model::Action::kDefer;
  EXPECT_TRUE(matches(plan_of("status:deferred status:rejected"), row));
}

TEST(Matches, Login) {
  model::fact::Login login;
  login.time = *parse_timestamp("2026-11-23T10:41:07+01:00", 0);
  login.event.user = "eve@example.com";
  login.event.result = model::LoginResult::kFailure;
  login.event.client_ip = "2001:DB8:0::1";
  login.event.reason = "authentication failed: password mismatch";
  Row row;
  row.per = Per::kLogin;
  row.login = &login;
  for (const char* search : {"status:failure", "user:eve", "user:@example.com", "user:example.com",
                             "client:2001:db8::1", "client:2001:db8::/32", "reason:password", "kind:login"}) {
    EXPECT_TRUE(matches(plan_of(search), row)) << search;
  }
  for (const char* search : {"status:success", "user:ev", "client:192.0.2.0/24", "eve@example.com", "from:eve"}) {
    EXPECT_FALSE(matches(plan_of(search), row)) << search;
  }
}

TEST(Matches, Events) {
  model::event::Delivery delivery;
  delivery.recipient = "bob@example.net";
  delivery.status = model::Status::kSent;
  delivery.smtp_code = 250;
  delivery.delay = 1.5;
  delivery.size = 2048;
  delivery.relay_host = "mx.example.net";
  delivery.reply = "250 2.0.0 Ok: queued as 77AB";
  model::Event event;
  event.kind = model::Kind::kDelivery;
  event.body = &delivery;
  event.host = "mx1";
  event.queue_id = "4F5C6KzL9z";
  Row row;
  row.per = Per::kEvent;
  row.event = &event;
  for (const char* search : {"kind:delivery", "to:@example.net", "status:sent", "status:delivered", "code:2xx",
                             "delay:>1s", "size:2K", "relay:mx.example.net", "77ab", "queue:4F5C6KzL9z", "host:mx1"}) {
    EXPECT_TRUE(matches(plan_of(search), row)) << search;
  }
  for (const char* search : {"kind:reject", "delay:>2s", "size:>2K", "since:100d", "until:now", "from:*"}) {
    EXPECT_FALSE(matches(plan_of(search), row)) << search;
  }
  const model::event::Unparsed unparsed{"strange words"};
  event.kind = model::Kind::kUnparsed;
  event.body = &unparsed;
  EXPECT_TRUE(matches(plan_of("kind:unparsed STRANGE"), row));
  model::event::Header header;
  header.message_id = "<a@b.example>";
  event.kind = model::Kind::kHeader;
  event.body = &header;
  EXPECT_TRUE(matches(plan_of("msgid:a@b.example"), row));
  EXPECT_TRUE(matches(plan_of("a@b.example"), row));
  EXPECT_FALSE(matches(plan_of("@b.example"), row));
}

TEST(RowsOfFacts, TellsOnlyWhatIsAskedFor) {
  const SampleJourney sample;
  const model::fact::Rejection rejection;
  const model::fact::Login login;
  const Plan everything;
  int rows_seen = 0;
  const auto count = [&](Per per) {
    rows_seen = 0;
    RowsOfFacts rows(everything, per, [&](const Row& row) {
      EXPECT_EQ(row.per, per);
      ++rows_seen;
    });
    rows.on_journey(sample.journey);
    rows.on_rejection(rejection);
    rows.on_login(login);
    return rows_seen;
  };
  EXPECT_EQ(count(Per::kAttempt), 4);
  EXPECT_EQ(count(Per::kRecipient), 2);
  EXPECT_EQ(count(Per::kMessage), 2);
  EXPECT_EQ(count(Per::kJourney), 1);
  EXPECT_EQ(count(Per::kRejection), 1);
  EXPECT_EQ(count(Per::kLogin), 1);
  EXPECT_EQ(count(Per::kEvent), 0);
}

}  // namespace
}  // namespace mailtrail::query

#include "query/report.h"

#include <gtest/gtest.h>

#include "query/report_json.h"
#include "tests/unit/query/report_facts.h"

namespace mailtrail::query {
namespace {

using model::Outcome;
using model::Status;

const Micros kStart = *parse_timestamp("2026-11-23T10:00:00Z", 0);

std::uint64_t count(const Report& report, Outcome outcome) {
  return report.outcomes[static_cast<std::size_t>(outcome)];
}
std::uint64_t count(const Report& report, Cause cause) {
  return report.refused.causes[static_cast<std::size_t>(cause)];
}

TEST(Report, OfNothingIsAllZero) {
  const Report report = ReportBuilder().finish();
  EXPECT_EQ(report.journeys, 0u);
  EXPECT_EQ(report.recipients, 0u);
  EXPECT_FALSE(report.first);
  EXPECT_TRUE(report.volume.buckets.empty());
}

TEST(Report, ARecipientThatWasDeferredAndThenDeliveredCountsOnceAsDelivered) {
  ReportBuilder builder;
  builder.on_delivery(attempt(Status::kDeferred, "mx.example.net", kStart));
  builder.on_delivery(attempt(Status::kSent, "mx.example.net", kStart + kHour));
  MailFact mail;
  builder.on_journey(mail.to("bob@example.net", Outcome::kDelivered, kHour).journey());
  const Report report = builder.finish();
  EXPECT_EQ(report.recipients, 1u);
  EXPECT_EQ(count(report, Outcome::kDelivered), 1u);
  EXPECT_EQ(count(report, Outcome::kDeferred), 0u);
  EXPECT_EQ(report.attempts, 2u);
  EXPECT_EQ(report.deferred, 1u);
  EXPECT_EQ(report.waiting.recipients, 0u);
  EXPECT_EQ(report.not_arrived, 0u);
  EXPECT_NEAR(report.end_to_end.p50, 3600, 36);
}

TEST(Report, TwoStaysOfOneMailAreOneJourney) {
  ReportBuilder builder;
  MailFact mail;
  mail.stay_count = 2;
  builder.on_journey(mail.to("bob@example.net", Outcome::kDelivered).journey());
  builder.on_delivery(attempt(Status::kRelayed, "127.0.0.1", kStart));
  builder.on_delivery(attempt(Status::kSent, "mx.example.net", kStart));
  const Report report = builder.finish();
  EXPECT_EQ(report.journeys, 1u);
  EXPECT_EQ(report.stays, 2u);
  EXPECT_EQ(report.attempts, 1u);
  EXPECT_EQ(report.internal_hops, 1u);
  ASSERT_EQ(report.relays.rows.size(), 1u);
  EXPECT_EQ(report.relays.rows[0].key, "mx.example.net");
}

TEST(Report, NotificationsAndProbesAreCountedApart) {
  ReportBuilder builder;
  MailFact notification;
  notification.sender = "<>";
  notification.made.notification = true;
  builder.on_journey(notification.to("alice@example.com", Outcome::kDelivered).journey());
  MailFact probe;
  probe.made.probe = true;
  builder.on_journey(probe.to("new@example.net", Outcome::kUndeliverable).journey());
  builder.on_delivery(attempt(Status::kUndeliverable, "mx.example.net", kStart));
  const Report report = builder.finish();
  EXPECT_EQ(report.journeys, 0u);
  EXPECT_EQ(report.recipients, 0u);
  EXPECT_EQ(report.attempts, 0u);
  EXPECT_EQ(report.notifications, 1u);
  EXPECT_EQ(report.notification_recipients_delivered, 1u);
  EXPECT_EQ(report.probes, 1u);
  EXPECT_EQ(report.probe_attempts, 1u);
  EXPECT_TRUE(report.senders.rows.empty());
  EXPECT_TRUE(report.volume.buckets.empty());
}

TEST(Report, AProbeInsideAMailIsNoRecipientOfIt) {
  ReportBuilder builder;
  MailFact mail;
  mail.to("bob@example.net", Outcome::kDelivered).to("check@example.net", Outcome::kDeliverable);
  mail.recipients.back().internal = true;
  builder.on_journey(mail.journey());
  const Report report = builder.finish();
  EXPECT_EQ(report.recipients, 1u);
  EXPECT_EQ(report.probe_recipients, 1u);
}

TEST(Report, RatesAreOfFinalOutcomesAndAddressesCountInAnyCase) {
  ReportBuilder builder;
  MailFact one, other;
  builder.on_journey(
      one.to("Bob@Example.NET", Outcome::kDelivered).to("carol@example.net", Outcome::kBounced).journey());
  builder.on_journey(
      other.to("bob@example.net", Outcome::kDeferred).to("bob@EXAMPLE.net", Outcome::kDiscarded).journey());
  const Report report = builder.finish();
  ASSERT_EQ(report.recipient_domains.rows.size(), 1u);
  const TopRow& domain = report.recipient_domains.rows[0];
  EXPECT_EQ(domain.key, "example.net");
  EXPECT_EQ(domain.count, 4u);
  EXPECT_EQ(domain.good, 1u);
  EXPECT_EQ(domain.bad, 1u);
  EXPECT_EQ(domain.waiting, 1u);
  ASSERT_EQ(report.recipients_by_address.rows.size(), 2u);
  EXPECT_EQ(report.recipients_by_address.rows[0].key, "bob@example.net");
  EXPECT_EQ(report.recipients_by_address.rows[0].count, 3u);
  ASSERT_EQ(report.senders.rows.size(), 1u);
  EXPECT_EQ(report.senders.rows[0].count, 4u);
  EXPECT_EQ(report.senders.rows[0].good, 1u);
}

TEST(Report, ReasonsAreOfRecipientsThatDidNotArriveAndGroupByTitle) {
  ReportOptions options;
  options.reason = [](const model::fact::Recipient& recipient) {
    return Reason{recipient.dsn == "4.7.1" ? "greylisted" : "mailbox unknown", std::string(recipient.reply), "sender"};
  };
  ReportBuilder builder(options);
  MailFact mail;
  mail.to("ok@example.net", Outcome::kDelivered);
  mail.to("a@example.net", Outcome::kBounced).says("5.1.1", 550, "550 5.1.1 unknown", "mx.example.net");
  mail.to("b@example.net", Outcome::kBounced).says("5.1.1", 550, "550 5.1.1 unknown", "mx.example.net");
  mail.to("c@example.net", Outcome::kBounced).says("5.1.1", 550, "550 5.1.1 no such user", "mx2.example.net");
  mail.to("d@example.net", Outcome::kDeferred).says("4.7.1", 451, "451 4.7.1 later", "mx.example.net");
  builder.on_journey(mail.journey());
  const Report report = builder.finish();
  EXPECT_EQ(report.not_arrived, 4u);
  ASSERT_EQ(report.reasons.size(), 2u);
  EXPECT_EQ(report.reasons[0].title, "mailbox unknown");
  EXPECT_EQ(report.reasons[0].recipients, 3u);
  EXPECT_EQ(report.reasons[0].waiting, 0u);
  ASSERT_EQ(report.reasons[0].wordings.size(), 2u);
  EXPECT_EQ(report.reasons[0].wordings[0].recipients, 2u);
  EXPECT_EQ(report.reasons[0].wordings[0].example, "550 5.1.1 unknown");
  EXPECT_EQ(report.reasons[0].wordings[0].relay, "mx.example.net");
  EXPECT_EQ(report.reasons[1].waiting, 1u);
}

TEST(Report, AReasonIsAskedOnceForRepliesThatDifferByTheAddressAlone) {
  int asked = 0;
  ReportOptions options;
  options.reason = [&asked](const model::fact::Recipient& recipient) {
    ++asked;
    return Reason{std::string(recipient.dsn), "", ""};
  };
  ReportBuilder builder(options);
  MailFact mail;
  mail.to("a@example.net", Outcome::kBounced)
      .says("5.1.1", 550, "550 5.1.1 <a@example.net>: unknown", "mx.example.net");
  mail.to("b@example.net", Outcome::kBounced)
      .says("5.1.1", 550, "550 5.1.1 <b@example.net>: unknown", "mx.example.net");
  builder.on_journey(mail.journey());
  EXPECT_EQ(asked, 1);
  MailFact other;
  other.to("a@example.net", Outcome::kBounced)
      .says("5.1.2", 550, "550 5.1.1 <a@example.net>: unknown", "mx.example.net");
  other.to("a@example.net", Outcome::kDeferred)
      .says("5.1.1", 550, "550 5.1.1 <a@example.net>: unknown", "mx.example.net");
  other.to("", Outcome::kBounced).says("5.1.1", 550, "550 5.1.1 <a@example.net>: unknown", "mx.example.net");
  builder.on_journey(other.journey());
  EXPECT_EQ(asked, 4);
  const Report report = builder.finish();
  ASSERT_EQ(report.reasons.size(), 2u);
  EXPECT_EQ(report.reasons[0].recipients, 4u);
  EXPECT_EQ(report.reasons[0].waiting, 1u);
}

TEST(Report, TheOldestWaitingIsNamed) {
  ReportBuilder builder;
  MailFact young, old;
  old.received = kStart - kDay;
  const model::Text ids[] = {"4F5C6KzL9z"};
  old.made.queue_ids = ids;
  builder.on_journey(young.to("a@example.net", Outcome::kDeferred).journey());
  builder.on_journey(old.to("b@example.org", Outcome::kDeferred).journey());
  const Report report = builder.finish();
  EXPECT_EQ(report.waiting.recipients, 2u);
  EXPECT_EQ(report.waiting.oldest, kStart - kDay);
  EXPECT_EQ(report.waiting.oldest_recipient, "b@example.org");
  EXPECT_EQ(report.waiting.oldest_queue_id, "4F5C6KzL9z");
  EXPECT_EQ(report.waiting.domains.distinct, 2u);
}

TEST(Report, AMailThatBeganBeforeTheLogHasNoEndToEndDelay) {
  ReportBuilder builder;
  MailFact mail;
  mail.made.begin_missing = true;
  builder.on_journey(mail.to("bob@example.net", Outcome::kDelivered).journey());
  const Report report = builder.finish();
  EXPECT_EQ(report.end_to_end.count, 0u);
  EXPECT_EQ(report.journeys_begin_missing, 1u);
}

TEST(Report, DelaysAreOfSentAttempts) {
  ReportBuilder builder;
  model::fact::Delivery sent = attempt(Status::kSent, "mx.example.net", kStart);
  sent.event.delay = 2.0, sent.event.delay_before_queue = 0.5, sent.event.delay_in_queue = 0.0;
  sent.event.delay_connect = 1.0, sent.event.delay_transmit = 0.5;
  builder.on_delivery(sent);
  model::fact::Delivery deferred = attempt(Status::kDeferred, "mx.example.net", kStart);
  deferred.event.delay = 5000.0;
  builder.on_delivery(deferred);
  const Report report = builder.finish();
  EXPECT_EQ(report.delay.count, 1u);
  EXPECT_EQ(report.delay.max, 2.0);
  EXPECT_NEAR(report.delay_connect.p99, 1.0, 0.01);
  EXPECT_EQ(report.delay_in_queue.p50, 0.0);
  EXPECT_EQ(report.delay_in_queue.count, 1u);
}

TEST(Report, RelaysAreHostsElseSocketsElseMailers) {
  ReportBuilder builder;
  model::fact::Delivery lmtp = attempt(Status::kSent, "", kStart);
  lmtp.event.relay_path = "private/dovecot-lmtp", lmtp.event.mailer = "lmtp";
  builder.on_delivery(lmtp);
  model::fact::Delivery local = attempt(Status::kSent, "", kStart);
  local.event.mailer = "local";
  builder.on_delivery(local);
  builder.on_delivery(attempt(Status::kDeferred, "", kStart));
  builder.on_delivery(attempt(Status::kDeferred, "none", kStart));
  const Report report = builder.finish();
  ASSERT_EQ(report.relays.rows.size(), 3u);
  EXPECT_EQ(report.relays.rows[0].key, kNoHost);
  EXPECT_EQ(report.relays.rows[0].waiting, 2u);
  EXPECT_EQ(report.relays.rows[1].key, "local");
  EXPECT_EQ(report.relays.rows[2].key, "private/dovecot-lmtp");
}

TEST(Report, RefusalsAreTransactionsByCauseAndNoRecipients) {
  ReportBuilder builder;
  model::fact::Rejection listed = refusal(
      "554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.example.org", 554, "192.0.2.1", kStart);
  listed.event.blocklist = "zen.example.org";
  listed.repeat = 3;
  builder.on_rejection(listed);
  builder.on_rejection(refusal("450 4.2.0 <c[192.0.2.2]>: Client host rejected: Greylisted", 450, "192.0.2.2", kStart));
  model::fact::Rejection held = refusal("", 0, "192.0.2.3", kStart);
  held.event.action = model::Action::kHold;
  builder.on_rejection(held);
  const Report report = builder.finish();
  EXPECT_EQ(report.recipients, 0u);
  EXPECT_EQ(report.refused.transactions, 4u);
  EXPECT_EQ(report.refused.temporary, 1u);
  EXPECT_EQ(report.refused.stages[static_cast<std::size_t>(model::Stage::kRcpt)], 4u);
  EXPECT_EQ(count(report, Cause::kBlocklist), 3u);
  EXPECT_EQ(count(report, Cause::kGreylisted), 1u);
  EXPECT_EQ(report.refused.other_actions[static_cast<std::size_t>(model::Action::kHold)], 1u);
  EXPECT_EQ(report.refused.blocklists.rows.at(0).count, 3u);
  EXPECT_EQ(report.refused.clients.distinct, 2u);
}

TEST(Report, ALoginThatSucceedsAfterItsFailuresSaysSo) {
  ReportBuilder builder;
  builder.on_login(login(model::LoginResult::kSuccess, "alice", "192.0.2.1", kStart));
  for (int i = 0; i < 3; ++i) builder.on_login(login(model::LoginResult::kFailure, "Bob", "192.0.2.9", kStart + i));
  builder.on_login(login(model::LoginResult::kSuccess, "bob", "192.0.2.9", kStart + 9));
  model::fact::Login many = login(model::LoginResult::kFailure, "eve", "192.0.2.8", kStart);
  many.event.attempts = 5;
  builder.on_login(many);
  const Report report = builder.finish();
  EXPECT_EQ(report.logins.ok, 2u);
  EXPECT_EQ(report.logins.ok_users, 2u);
  EXPECT_EQ(report.logins.failed, 8u);
  ASSERT_EQ(report.logins.users.rows.size(), 2u);
  EXPECT_EQ(report.logins.users.rows[0].key, "eve");
  EXPECT_EQ(report.logins.users.rows[0].bad, 5u);
  EXPECT_EQ(report.logins.users.rows[1].key, "bob");
  EXPECT_EQ(report.logins.users.rows[1].good, 1u);
}

TEST(Report, NoticesGroupByShapeTheGravestFirst) {
  ReportBuilder builder;
  for (int i = 0; i < 5; ++i) {
    const std::string text =
        "hostname h" + std::to_string(i) + ".example does not resolve to address 192.0.2." + std::to_string(i);
    builder.on_notice(notice(model::Severity::kWarning, "postfix/smtpd", text, kStart + i * kMinute));
  }
  builder.on_notice(notice(model::Severity::kFatal, "postfix/master", "open lock file: No space left", kStart));
  builder.on_notice(notice(model::Severity::kInfo, "postfix/master", "reload", kStart));
  const Report report = builder.finish();
  ASSERT_EQ(report.notices.size(), 2u);
  EXPECT_EQ(report.notices[0].severity, model::Severity::kFatal);
  EXPECT_EQ(report.notices[1].count, 5u);
  EXPECT_EQ(report.notices[1].shape, "hostname hN.example does not resolve to address IP");
  EXPECT_EQ(report.notices[1].example, "hostname h0.example does not resolve to address 192.0.2.0");
  EXPECT_EQ(report.notices[1].first, kStart);
  EXPECT_EQ(report.notices[1].last, kStart + 4 * kMinute);
}

TEST(Report, GapsAddUpByHostAndReason) {
  ReportBuilder builder;
  for (int i = 0; i < 3; ++i) {
    model::fact::Gap gap;
    gap.time = kStart + i * kMinute;
    gap.host = i == 2 ? "mx2" : "mx1";
    gap.event.reason = "rate limit";
    if (i != 1) gap.event.missing = 100;
    builder.on_gap(gap);
  }
  const Report report = builder.finish();
  EXPECT_EQ(report.gap_count, 3u);
  EXPECT_EQ(report.gap_missing, 200u);
  ASSERT_EQ(report.gaps.size(), 2u);
  EXPECT_EQ(report.gaps[0].gaps, 2u);
  EXPECT_EQ(report.gaps[0].unstated, 1u);
}

TEST(Report, MoreKeysThanTheBoundAreEstimatedAndSaidToBe) {
  ReportOptions options;
  options.bound = 100;
  ReportBuilder builder(options);
  for (int i = 0; i < 5'000; ++i) {
    MailFact mail;
    const std::string rare = "user" + std::to_string(i) + "@example.net";
    builder.on_journey(mail.to(rare, Outcome::kDelivered).to("often@example.net", Outcome::kBounced).journey());
  }
  const Report report = builder.finish();
  EXPECT_TRUE(report.recipients_by_address.approximate);
  EXPECT_FALSE(report.recipient_domains.approximate);
  EXPECT_EQ(report.recipients_by_address.total, 10'000u);
  EXPECT_NEAR(static_cast<double>(report.recipients_by_address.distinct), 5001, 150);
  ASSERT_FALSE(report.recipients_by_address.rows.empty());
  EXPECT_EQ(report.recipients_by_address.rows[0].key, "often@example.net");
  EXPECT_EQ(report.recipients_by_address.rows[0].count, 5'000u);
  EXPECT_EQ(report.recipients_by_address.rows[0].bad, 5'000u);
}

TEST(Report, HostileNamesAreBounded) {
  ReportBuilder builder;
  const std::string huge(200'000, '\xff');
  for (int i = 0; i < 200; ++i) {
    MailFact mail;
    mail.sender = huge + std::to_string(i);
    const std::string to = std::to_string(i) + std::string(1, '\0') + huge + "@" + huge;
    builder.on_journey(mail.to(to, Outcome::kBounced).says(huge, 550, huge, huge).journey());
    builder.on_notice(notice(model::Severity::kPanic, huge, huge + std::to_string(i), kStart));
    builder.on_login(login(model::LoginResult::kFailure, huge, huge, kStart));
  }
  EXPECT_LT(builder.bytes(), 5'000'000u);
  const Report report = builder.finish();
  EXPECT_EQ(report.senders.distinct, 200u);
  EXPECT_EQ(report.recipients, 200u);
}

TEST(Report, TimesOfLinesGoBeforeTimesOfFacts) {
  ReportBuilder builder;
  MailFact mail;
  builder.on_journey(mail.to("bob@example.net", Outcome::kDelivered).journey());
  LineStats lines;
  lines.lines = 10;
  lines.first = kStart - kDay;
  lines.last = kStart + kDay;
  builder.on_lines(lines);
  const Report report = builder.finish();
  EXPECT_EQ(report.first, kStart - kDay);
  EXPECT_EQ(report.last, kStart + kDay);
}

// Facts come as they end from a log, and day by day from a store: a report is the same.
TEST(Report, DoesNotDependOnTheOrderOfTheFacts) {
  constexpr std::string_view kTo[] = {"bob@example.net", "carol@example.net", "dave@example.net"};
  constexpr std::string_view kReplies[] = {"550 no such user b", "550 no such user a", "550 no such user c"};
  constexpr std::string_view kRefusals[] = {"554 5.7.1 <x>: Relay access denied, b",
                                            "554 5.7.1 <x>: Relay access denied",
                                            "554 5.7.1 <x>: Relay access denied, a"};
  constexpr std::string_view kNotices[] = {"table 3", "table 2", "table 7"};
  std::vector<MailFact> mails(6);
  for (std::size_t i = 0; i < mails.size(); ++i) {
    // Two mails a minute, one reason and one shape for all.
    mails[i].received = kStart + static_cast<Micros>(i / 2) * kMinute;
    mails[i].to(kTo[i % 3], i < 3 ? Outcome::kBounced : Outcome::kDeferred);
    mails[i].says("5.1.1", 550, kReplies[i % 3], i % 2 == 0 ? "mx1.example.net" : "mx2.example.net");
  }
  const auto report_of = [&](std::vector<std::size_t> order) {
    ReportOptions options;
    options.reason = [](const model::fact::Recipient&) { return Reason{"unknown user", "550 no such user", "sender"}; };
    ReportBuilder builder(options);
    for (const std::size_t i : order) {
      const Micros time = kStart + static_cast<Micros>(i / 2) * kMinute;
      builder.on_journey(mails[i].journey());
      builder.on_rejection(refusal(kRefusals[i % 3], 554, "192.0.2.1", time));
      builder.on_notice(notice(model::Severity::kWarning, "postfix/smtpd", kNotices[i % 3], time));
      model::fact::Gap gap;
      gap.time = time;
      gap.host = i % 3 == 0 ? "mx1" : "mx2";
      builder.on_gap(gap);
    }
    return report_json(builder.finish());
  };
  const std::string forwards = report_of({0, 1, 2, 3, 4, 5});
  EXPECT_NE(forwards.find("550 no such user a"), std::string::npos);
  EXPECT_EQ(report_of({5, 4, 3, 2, 1, 0}), forwards);
  EXPECT_EQ(report_of({1, 0, 3, 2, 5, 4}), forwards);
  EXPECT_EQ(report_of({2, 5, 1, 4, 0, 3}), forwards);
}

struct NoticeCase {
  std::string_view text, shape;
};

TEST(FoldNotice, FoldsWhatVaries) {
  constexpr NoticeCase kCases[] = {
      {"Connection concurrency limit exceeded: 51 from unknown[203.0.113.85] for service 192.0.2.13:25",
       "Connection concurrency limit exceeded: N from HOST[IP] for service IP:N"},
      {"mail for <bob@example.net> loops back", "mail for <ADDRESS> loops back"},
      {"4F5C6KzL9z: defer service failure", "ID: defer service failure"},
      {"connect to mx.example.net[2001:db8::25]:25: timed out", "connect to HOST[IP]:N: timed out"},
      {"at 03:00:18 the word base64 stays", "at N:N:N the word baseN stays"},
      {"PRESERVING EVIDENCE in /var/tmp/amavis-20261124T030035-00669-FSQVjLgr", "PRESERVING EVIDENCE in /var/tmp/FILE"},
      {"open /etc/postfix/main.cf", "open /etc/postfix/main.cf"},
      {"listening on :: port", "listening on IP port"},
      {"", ""},
  };
  for (const NoticeCase& one : kCases) EXPECT_EQ(fold_notice(one.text), one.shape);
}

TEST(FoldNotice, LooksAtTheBeginningOfALongText) {
  EXPECT_LE(fold_notice(std::string(100'000, 'x')).size(), 400u);
}

}  // namespace
}  // namespace mailtrail::query

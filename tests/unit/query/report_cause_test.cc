#include "query/report_cause.h"

#include <gtest/gtest.h>

#include <cctype>
#include <string>

namespace mailtrail::query {
namespace {

Cause cause_of(std::string_view reply, std::string_view dsn = "", model::Stage stage = model::Stage::kRcpt) {
  CauseFinder finder;
  model::event::Reject reject;
  reject.reply = reply;
  reject.dsn = dsn;
  reject.stage = stage;
  return finder.cause_of(reject);
}

struct CauseCase {
  std::string_view reply;
  Cause cause;
};

// As Postfix 3.7, postgrey, policyd-spf, Exim 4.96, Sendmail 8.17 and OpenSMTPD 7.4 word them.
constexpr CauseCase kCases[] = {
    {"450 4.7.1 Client host rejected: cannot find your reverse hostname, [192.0.2.1]", Cause::kNoReverseDns},
    {"554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.example.org", Cause::kBlocklist},
    {"550 5.1.1 <zzz@local.example>: Recipient address rejected: User unknown in local recipient table",
     Cause::kUnknownRecipient},
    {"550 5.1.1 <x@v.example>: Recipient address rejected: undeliverable address: host 198.51.100.16[198.51.100.16] "
     "said: 550 5.1.1 <x@v.example>: Recipient address rejected",
     Cause::kUnknownRecipient},
    {"550 Unrouteable address", Cause::kUnknownRecipient},
    {"450 4.2.0 <c.example[192.0.2.1]>: Client host rejected: Greylisted, see http://postgrey.example/help",
     Cause::kGreylisted},
    {"554 5.7.1 <x@example.net>: Relay access denied", Cause::kRelayDenied},
    {"550 relay not permitted", Cause::kRelayDenied},
    {"550 5.7.1 <x@example.net>... Relaying denied", Cause::kRelayDenied},
    {"550 5.7.23 <a@local.example>: Recipient address rejected: Message rejected due to: SPF fail - not authorized.",
     Cause::kSpf},
    {"5.7.0 bad DKIM signature data", Cause::kDkim},
    {"504 5.5.2 <laptop>: Helo command rejected: need fully-qualified hostname", Cause::kHelo},
    {"450 4.1.8 <s@nosuch.example>: Sender address rejected: Domain not found", Cause::kSenderDomain},
    {"550 5.7.27 <s@n.example>: Sender address rejected: Domain n.example does not accept mail (nullMX)",
     Cause::kSenderDomain},
    {"450 4.1.2 <x@nosuch.example>: Recipient address rejected: Domain not found", Cause::kUnknownRecipient},
    {"553 5.7.1 <bob@local.example>: Sender address rejected: not owned by user alice", Cause::kSenderNotOwned},
    {"421 4.7.0 mx1 Error: too many connections from 192.0.2.1", Cause::kRateLimit},
    {"552 5.3.4 Message size exceeds fixed limit", Cause::kSize},
    {"queue file size limit exceeded", Cause::kSize},
    {"452 4.2.2 <full@local.example>: Recipient address rejected: Mailbox over quota", Cause::kMailboxFull},
    {"530 5.7.0 Must issue a STARTTLS command first", Cause::kTlsRequired},
    {"503 5.5.0 <DATA>: Data command rejected: Improper use of SMTP command pipelining", Cause::kSyntax},
    {"550 5.7.1 message content rejected", Cause::kContent},
    {"450 4.3.2 Service currently unavailable", Cause::kUnavailable},
    {"554 5.7.1 <x@local.example>: Recipient address rejected: Access denied", Cause::kAccessRule},
    {"550 go away", Cause::kOther},
};

TEST(CauseFinder, ReadsWhatServersSay) {
  for (const CauseCase& one : kCases) {
    EXPECT_EQ(word(cause_of(one.reply)), word(one.cause)) << one.reply;
    std::string upper(one.reply);
    for (char& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    EXPECT_EQ(word(cause_of(upper)), word(one.cause)) << upper;
  }
}

TEST(CauseFinder, DoesNotBelieveWhatTheClientWrote) {
  EXPECT_EQ(cause_of("554 5.7.1 <blocked using zen.example.org>: Helo command rejected: Access denied"), Cause::kHelo);
  EXPECT_EQ(cause_of("550 <greylisted@x.example>: go away"), Cause::kOther);
  EXPECT_EQ(cause_of("550 <greylisted and no end"), Cause::kOther);
}

TEST(CauseFinder, FallsBackToTheStatusCodeAndThenToTheStage) {
  EXPECT_EQ(cause_of("550 no", "5.1.1"), Cause::kUnknownRecipient);
  EXPECT_EQ(cause_of("550 no", "5.7.25"), Cause::kNoReverseDns);
  EXPECT_EQ(cause_of("535 no", "", model::Stage::kAuth), Cause::kAuthRequired);
}

TEST(CauseFinder, ABlocklistThatIsNamedDecides) {
  CauseFinder finder;
  model::event::Reject reject;
  reject.reply = "550 5.7.1 go away";
  EXPECT_EQ(finder.cause_of(reject), Cause::kOther);
  reject.blocklist = "zen.example.org";
  EXPECT_EQ(finder.cause_of(reject), Cause::kBlocklist);
}

TEST(CauseFinder, RemembersByShapeAndTellsShapesApart) {
  CauseFinder finder;
  model::event::Reject one, other;
  one.reply = "554 5.7.1 <a@b.example>: Relay access denied";
  other.reply = "450 4.2.0 <a@b.example>: Greylisted";
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(finder.cause_of(one), Cause::kRelayDenied);
    EXPECT_EQ(finder.cause_of(other), Cause::kGreylisted);
  }
}

// Texts are read eight bytes at a time.
TEST(CauseFinder, FindsAPhraseWhereverItStandsAndHoweverLongTheBracketsAre) {
  for (std::size_t before = 0; before < 20; ++before) {
    for (std::size_t inside = 0; inside < 20; ++inside) {
      const std::string reply = "554 " + std::string(before, '-') + "<" + std::string(inside, '9') +
                                " Greylisted>: Relay ACCESS denied [DNSBL:" + std::string(inside, '0') + "]";
      EXPECT_EQ(cause_of(reply), Cause::kRelayDenied) << reply;
      EXPECT_EQ(cause_of(std::string(before, '7') + "syntax" + std::string(inside, '7')), Cause::kSyntax);
    }
  }
  EXPECT_EQ(cause_of(std::string(506, 'x') + "syntax"), Cause::kSyntax);
  EXPECT_EQ(cause_of(std::string(507, 'x') + "syntax"), Cause::kOther);
}

TEST(CauseFinder, EachCauseHasAWordAndATitle) {
  for (std::size_t i = 0; i < kCauseCount; ++i) {
    EXPECT_FALSE(word(static_cast<Cause>(i)).empty());
    EXPECT_FALSE(title(static_cast<Cause>(i)).empty());
  }
}

}  // namespace
}  // namespace mailtrail::query

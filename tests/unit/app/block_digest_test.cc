// What is said of a block that is not read again.
#include "app/block_digest.h"

#include <gtest/gtest.h>

#include <string>

namespace mailtrail::app {
namespace {

constexpr std::string_view kPlain =
    "Mar 10 00:00:00 mx1 postfix/smtpd[2000]: connect from mail.example.net[192.0.2.11]\n"
    "Mar 10 00:00:01 mx1 postfix/smtpd[2000]: 186032A0000: client=mail.example.net[192.0.2.11]\n"
    "\n"
    "Mar 10 00:00:02 mx1 postfix/smtp[3000]: warning: 186032A0001: host mx.example.org said something odd\n"
    "Mar 11 00:00:03 mx1 postfix/smtp[3000]: 186032A0000: to=<a@example.org>, relay=mx.example.org[192.0.2.2]:25, "
    "delay=1, delays=0/0/1/0, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 58BD7C1C10)\n";

BlockDigest digest_of(std::string_view text) {
  Batch batch;
  batch.text = text;
  batch.begin = 100;
  batch.end = 100 + text.size();
  BlockDigest digest;
  DigestMaker().make(batch, digest);
  return digest;
}

TEST(BlockDigest, KnowsTheIdsAtBothEndsOfLines) {
  const BlockDigest digest = digest_of(kPlain);
  ASSERT_FALSE(digest.open());
  for (const std::string_view id : {"186032A0000", "186032A0001", "58BD7C1C10"}) {
    EXPECT_TRUE(digest.may_hold(BlockDigest::hash_of_id(id))) << id;
  }
  int false_hits = 0;
  for (int i = 0; i < 1000; ++i) false_hits += digest.may_hold(BlockDigest::hash_of_id("186032B" + std::to_string(i)));
  EXPECT_LT(false_hits, 5);
}

TEST(BlockDigest, TellsAProcessWithAnIdFromOneWithout) {
  const BlockDigest digest = digest_of(kPlain);
  ASSERT_FALSE(digest.open());
  EXPECT_TRUE(digest.may_hold(BlockDigest::hash_of_process(2000, false)));
  EXPECT_TRUE(digest.may_hold(BlockDigest::hash_of_process(2000, true)));
  EXPECT_TRUE(digest.may_hold(BlockDigest::hash_of_process(3000, true)));
  EXPECT_FALSE(digest.may_hold(BlockDigest::hash_of_process(3000, false)));
  EXPECT_FALSE(digest.may_hold(BlockDigest::hash_of_process(2001, false)));
}

TEST(BlockDigest, CountsAsReadingWould) {
  const BlockDigest digest = digest_of(kPlain);
  ASSERT_FALSE(digest.open());
  EXPECT_EQ(digest.counts.lines, 5U);
  EXPECT_EQ(digest.counts.empty, 1U);
  EXPECT_EQ(digest.counts.skipped, 4U);
  EXPECT_EQ(digest.counts.bytes, kPlain.size());
  EXPECT_EQ(digest.begin, 100U);
  EXPECT_EQ(digest.end, 100U + kPlain.size());
  // The second day of the block may be that of a new year.
  ASSERT_EQ(digest.days.size(), 2U);
  EXPECT_TRUE(digest.days[1].yearless);
}

TEST(BlockDigest, StaysOpenWhereALineIsOfAnotherShape) {
  for (const std::string_view line :
       {"Mar 10 00:00:00 mx1 dovecot: lmtp(bob)<1><x>: msgid=<a@example.net>: saved mail to INBOX\n",
        "Mar 10 00:00:00 mx1 amavis[12]: (12-01) Passed CLEAN, Queue-ID: 186032A0000, mail_id: x\n",
        "Mar 10 00:00:00 mx1 policyd-spf[12]: Pass; identity=mailfrom; client-ip=192.0.2.1\n",
        "Mar 10 00:00:00 mx1 postfix/smtpd[12]: message repeated 2 times: [ connect from x[192.0.2.1]]\n",
        "Mar 10 00:00:00 mx1 last message repeated 2 times, and that was all of it\n", "no log line at all\n"}) {
    EXPECT_TRUE(digest_of(std::string(kPlain) + std::string(line)).open()) << line;
  }
}

TEST(BlockDigest, StaysOpenWhereReadingFailed) {
  Batch batch;
  batch.text = kPlain;
  batch.error = Error{"the disk is gone", "", ""};
  BlockDigest digest;
  DigestMaker().make(batch, digest);
  EXPECT_TRUE(digest.open());
}

}  // namespace
}  // namespace mailtrail::app

#include "explain/reply_shape.h"

#include <gtest/gtest.h>

#include <string>

namespace mailtrail::explain {
namespace {

TEST(ReplyShape, FoldsWhatDiffers) {
  struct {
    const char* reply;
    const char* shape;
  } const kCases[] = {
      {"550 5.1.1 <bob@example.net>: Recipient address rejected: User unknown",
       "550 5.1.1 <ADDRESS>: Recipient address rejected: User unknown"},
      {"250 2.0.0 Ok: queued as 4F5C6KzL9z", "250 2.0.0 Ok: queued as ID"},
      {"250 2.0.0 Ok: queued as B0500AF02C0", "250 2.0.0 Ok: queued as ID"},
      {"host mx.example.net[192.0.2.1] said: 450 4.2.0 Greylisted for 5 seconds (in reply to RCPT TO command)",
       "host HOST[IP] said: 450 4.2.0 Greylisted for N seconds (in reply to RCPT TO command)"},
      {"connect to mx.example.net[2001:db8::1]:25: Connection refused", "connect to HOST[IP]:N: Connection refused"},
      {"554 5.7.1 Service unavailable; Client host [203.0.113.9] blocked using zen.example.org; see "
       "https://example.org/q?ip=203.0.113.9&x=1",
       "554 5.7.1 Service unavailable; Client host [IP] blocked using HOST; see URL"},
      {"421 4.7.0 [TSS04] Messages from 192.0.2.1 temporarily deferred",
       "421 4.7.0 [TSS04] Messages from IP temporarily deferred"},
      {"550 5.7.1 [CS01] Message rejected", "550 5.7.1 [CS01] Message rejected"},
      {"450 too many, retry in 300s", "450 too many, retry in Ns"},
      {"550-5.7.1 one\n550 5.7.1 two", "550 5.7.1 one N N.N.N two"},
      {"550 #5.1.0 Address rejected.", "550 5.1.0 Address rejected."},
      {"550  two   blanks\t", "550 two blanks"},
      {"Sentence ends here.See example.com.", "Sentence ends HOST HOST."},
      {"mail from 192.0.2.1:25 refused", "mail from IP:N refused"},
      {"user=<a=b@example.com>", "user=<a=ADDRESS>"},
      {"unknown user: \"bob\"", "unknown user: \"NAME\""},
      {"550 User unknown", "550 User unknown"},
      {"cannot update mailbox /var/mail/alice for user alice. error writing message: File too large",
       "cannot update mailbox PATH for user NAME. error writing message: File too large"},
      {"...", "..."},
      {"::", "::"},
      {"", ""},
      {" ", ""},
      {"@", "@"},
      {"a@", "a@"},
  };
  for (const auto& one : kCases) EXPECT_EQ(reply_shape(one.reply), one.shape) << one.reply;
}

TEST(ReplyShape, GroupsTheReplyOfOneReason) {
  EXPECT_EQ(reply_shape("550 5.1.1 <a@example.net>: unknown (id 1234)"),
            reply_shape("550 5.1.1 <bb@example.org>: unknown (id 9)"));
  EXPECT_NE(reply_shape("550 5.1.1 unknown"), reply_shape("550 5.1.2 unknown"));
  EXPECT_NE(reply_shape("550 unknown"), reply_shape("450 unknown"));
}

TEST(ReplyShape, IsBoundedOnHostileText) {
  EXPECT_LE(reply_shape(std::string(1'000'000, 'a')).size(), 2400u);
  std::string text;
  for (int i = 0; i < 100'000; ++i) text += "a@b ";
  EXPECT_LE(reply_shape(text).size(), 2400u);
  text.clear();
  for (int i = 0; i < 600; ++i) text += static_cast<char>(i % 256);
  EXPECT_LE(reply_shape(text).size(), 2400u);
}

}  // namespace
}  // namespace mailtrail::explain

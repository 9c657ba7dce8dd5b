#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "dialect/postfix/tag.h"

namespace mailtrail::dialect::postfix {
namespace {

TEST(PostfixTag, ANoteSaysAllThatTheTagDoes) {
  for (const std::string_view program :
       {"postfix/smtpd", "postfix/submission/smtpd", "postfix-out/qmgr", "a/b.c/trivial-rewrite", "postfix",
        "postfix-out", "postsuper", "postfix/postfix-script", "cyrus/lmtp", "dovecot", "x/smtp", ""}) {
    const Tag tag = split_tag(program);
    const std::uint32_t note = note_of(tag, program);
    EXPECT_NE(note, 0u) << program;
    const Tag again = tag_of(note, program);
    EXPECT_EQ(again.daemon, tag.daemon) << program;
    EXPECT_EQ(again.name, tag.name) << program;
    EXPECT_EQ(again.instance, tag.instance) << program;
  }
}

TEST(PostfixTag, TheLongestTagThatIsNotedKeepsItsInstance) {
  const std::string program = std::string(63 - 5, 'i') + "/smtp";
  const Tag tag = tag_of(note_of(split_tag(program), program), program);
  EXPECT_EQ(tag.daemon, Daemon::kSmtp);
  EXPECT_EQ(tag.name, "smtp");
  EXPECT_EQ(tag.instance, std::string(58, 'i'));
}

}  // namespace
}  // namespace mailtrail::dialect::postfix

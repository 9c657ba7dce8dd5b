#include "base/text.h"

#include <gtest/gtest.h>

namespace mailtrail {
namespace {

using namespace std::string_view_literals;

std::string json(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

std::string csv(std::string_view text) {
  std::string out;
  append_csv_field(out, text);
  return out;
}

TEST(Text, LowersAsciiOnly) {
  EXPECT_EQ(to_lower("MX1.Example.ORG"), "mx1.example.org");
  EXPECT_EQ(to_lower("\xC3\x84"), "\xC3\x84");
  EXPECT_TRUE(equals_ignoring_case("Alice@Example.COM", "alice@example.com"));
  EXPECT_FALSE(equals_ignoring_case("alice", "alice1"));
  EXPECT_FALSE(equals_ignoring_case("@", "`"));  // 0x40 and 0x60 differ by the case bit alone
}

TEST(Text, FindsInAnyCase) {
  EXPECT_EQ(find_ignoring_case("Mailbox FULL", "full"), 8u);
  EXPECT_EQ(find_ignoring_case("aaab", "AAB"), 1u);
  EXPECT_EQ(find_ignoring_case("abc", "abcd"), std::string_view::npos);
  EXPECT_EQ(find_ignoring_case("abcabc", "ABC", 1), 3u);
  EXPECT_EQ(find_ignoring_case("abc", "", 3), 3u);
  EXPECT_EQ(find_ignoring_case("abc", "", 4), std::string_view::npos);
}

TEST(Text, KnowsUtf8) {
  EXPECT_TRUE(is_utf8("plain"));
  EXPECT_TRUE(is_utf8("gr\xC3\xBC\xC3\x9F \xF0\x9F\x93\xA7"));
  EXPECT_TRUE(is_utf8("\0"sv));
  EXPECT_FALSE(is_utf8("\xC0\x80"));          // overlong
  EXPECT_FALSE(is_utf8("\xE0\x80\x80"));      // overlong
  EXPECT_FALSE(is_utf8("\xED\xA0\x80"));      // surrogate
  EXPECT_FALSE(is_utf8("\xF4\x90\x80\x80"));  // above U+10FFFF
  EXPECT_FALSE(is_utf8("caf\xE9"));           // Latin-1
  EXPECT_FALSE(is_utf8("\xE2\x82"));          // cut short
}

TEST(Text, PrintableShowsControlsAndKeepsLetters) {
  EXPECT_EQ(printable("a\x1b[31mred\x07"), "a\\x1b[31mred\\x07");
  EXPECT_EQ(printable("line\nend\r\t\x7f"), "line\\x0aend\\x0d\\x09\\x7f");
  EXPECT_EQ(printable("\0"sv), "\\x00");
  EXPECT_EQ(printable("M\xC3\xBCller"), "M\xC3\xBCller");
  EXPECT_EQ(printable("caf\xE9."), "caf\\xe9.");
  EXPECT_EQ(printable("\xC2\x9B"), "\\xc2\\x9b");               // C1 CSI
  EXPECT_EQ(printable("x\xE2\x80\xAEy"), "x\\xe2\\x80\\xaey");  // right-to-left override
  EXPECT_EQ(printable("x\xE2\x80\xA8y"), "x\\xe2\\x80\\xa8y");  // line separator
}

TEST(Text, JsonStringIsValidForAnyBytes) {
  EXPECT_EQ(json("say \"hi\" \\ there"), R"("say \"hi\" \\ there")");
  EXPECT_EQ(json("a\nb\tc\x01\r"), R"("a\nb\tc\u0001\r")");
  EXPECT_EQ(json("caf\xE9!"), "\"caf\xEF\xBF\xBD!\"");
  EXPECT_EQ(json("\xF0\x9F\x93\xA7"), "\"\xF0\x9F\x93\xA7\"");
  EXPECT_EQ(json("\0"sv), R"("\u0000")");
  EXPECT_EQ(json(""), "\"\"");
}

TEST(Text, CsvFieldCannotBeAFormula) {
  EXPECT_EQ(csv("plain"), "plain");
  EXPECT_EQ(csv("a,b"), "\"a,b\"");
  EXPECT_EQ(csv("say \"x\""), "\"say \"\"x\"\"\"");
  EXPECT_EQ(csv("=HYPERLINK(1)"), "'=HYPERLINK(1)");
  EXPECT_EQ(csv("=1,2"), "\"'=1,2\"");
  EXPECT_EQ(csv("@SUM"), "'@SUM");
  EXPECT_EQ(csv("\tx"), "'\tx");
  EXPECT_EQ(csv("-1.9"), "-1.9");
  EXPECT_EQ(csv("+2e5"), "+2e5");
  EXPECT_EQ(csv("-1+cmd"), "'-1+cmd");
  EXPECT_EQ(csv("-"), "'-");
}

TEST(Text, GlobStars) {
  EXPECT_TRUE(matches_glob("*", ""));
  EXPECT_TRUE(matches_glob("*.outlook.com", "mx.OUTLOOK.com"));
  EXPECT_FALSE(matches_glob("*.outlook.com", "outlook.com"));
  EXPECT_TRUE(matches_glob("a*b*c", "aXbYbZc"));
  EXPECT_FALSE(matches_glob("a*b*c", "aXcYb"));
  EXPECT_TRUE(matches_glob("ab", "AB"));
  EXPECT_FALSE(matches_glob("ab", "abc"));
  EXPECT_FALSE(matches_glob("ab*ba", "aba"));  // the two ends may not share a byte
  EXPECT_TRUE(matches_glob("**", "x"));
}

TEST(Text, WidthInColumns) {
  EXPECT_EQ(display_width("abc"), 3u);
  EXPECT_EQ(display_width("\xE4\xB8\xAD\xE6\x96\x87"), 4u);  // two Han characters
  EXPECT_EQ(display_width("e\xCC\x81"), 1u);                 // a combining accent
  EXPECT_EQ(display_width("\xF0\x9F\x93\xA7"), 2u);
  EXPECT_EQ(display_width("\xC3\xBC"), 1u);
}

}  // namespace
}  // namespace mailtrail

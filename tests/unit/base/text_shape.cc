#include "base/text_shape.h"

#include <gtest/gtest.h>

namespace mailtrail {
namespace {

TEST(TextShape, AddressesAreWholeTexts) {
  for (const char* text : {"192.0.2.1", "0.0.0.0", "255.255.255.255"}) EXPECT_TRUE(is_ipv4(text)) << text;
  for (const char* text :
       {"", "192.0.2", "192.0.2.1.", "192.0.2.1.5", "192.0.2.256", "192.0.2.0001", ".192.0.2.1", "1..2.3"}) {
    EXPECT_FALSE(is_ipv4(text)) << text;
  }
  for (const char* text : {"2001:db8::1", "::ffff:192.0.2.1", "2001:db8:0:0:0:0:0:1"})
    EXPECT_TRUE(is_ipv6(text)) << text;
  for (const char* text : {"", "::", "10:25:30", "2001:db8::x", "smtp:[127.0.0.1]"}) {
    EXPECT_EQ(is_ipv6(text), std::string_view(text) == "::") << text;
  }
}

TEST(TextShape, ARunOfDigitsIsOneNumber) {
  std::string out = "a";
  append_without_numbers(out, "12b3-4567");
  EXPECT_EQ(out, "aNbN-N");
}

}  // namespace
}  // namespace mailtrail

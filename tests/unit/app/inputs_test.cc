// The order of files, their years, and the names of a rotation.
#include "app/inputs.h"

#include <gtest/gtest.h>

#include "log_files.h"

namespace mailtrail::app {
namespace {

// The streams by the files' own names: `a b | c` where c runs beside a and b.
std::string order_of(const std::vector<std::string>& paths) {
  const Inputs inputs = Inputs::open(paths, TimeZone(), false);
  EXPECT_TRUE(inputs.problems().empty());
  std::string text;
  for (const auto& stream : inputs.streams()) {
    if (!text.empty()) text += " | ";
    std::string names;
    for (const std::uint32_t index : stream) {
      const std::string& path = inputs.names()[index];
      names += (names.empty() ? "" : " ") + path.substr(path.rfind('/') + 1);
    }
    text += names;
  }
  return text;
}

std::string log_of(const std::vector<std::string>& stamps, const std::string& host = "mx1") {
  std::string text;
  for (const std::string& stamp : stamps) text += stamp + " " + host + " postfix/qmgr[1]: AB12CD34EF: removed\n";
  return text;
}

std::string first_of(const Input& input) {
  return input.first_time ? format_rfc3339(*input.first_time, 0) : "none";
}
std::string last_of(const Input& input) {
  return input.last_time ? format_rfc3339(*input.last_time, 0) : "none";
}

TEST(Inputs, AreOrderedByContent) {
  const LogFiles files;
  const std::string b = files.write("b", log_of({"Nov 24 05:00:00", "Nov 24 05:59:59"}));
  const std::string a = files.write("a", log_of({"Nov 24 06:00:00", "Nov 24 07:00:00"}));
  const std::string c = files.write("c", log_of({"Nov 23 01:00:00", "Nov 24 04:00:00"}));
  EXPECT_EQ(order_of({a, b, c}), "c b a");
  EXPECT_EQ(order_of({c, a, b}), "c b a");
}

TEST(Inputs, WhatOverlapsRunsBeside) {
  const LogFiles files;
  const std::string one = files.write("mx1.log", log_of({"Nov 24 05:00:00", "Nov 24 09:00:00"}));
  const std::string two = files.write("mx2.log", log_of({"Nov 24 06:00:00", "Nov 24 08:00:00"}, "mx2"));
  const std::string later = files.write("mx2.log.new", log_of({"Nov 24 08:00:01", "Nov 24 10:00:00"}, "mx2"));
  EXPECT_EQ(order_of({two, one}), "mx1.log | mx2.log");
  EXPECT_EQ(order_of({later, two, one}), "mx1.log | mx2.log mx2.log.new");
}

// Two servers, each with its rotated logs: each set is a stream of its own, though the sets lie side by side in time.
TEST(Inputs, SetsOfTwoHosts) {
  const LogFiles files;
  const std::vector<std::string> paths = {
      files.write("mx1.log", log_of({"Nov 24 00:00:00", "Nov 24 09:00:00"})),
      files.write("mx1.log.1", log_of({"Nov 23 00:00:00", "Nov 23 23:59:59"})),
      files.write("mx2.log", log_of({"Nov 24 00:00:03", "Nov 24 09:00:00"}, "mx2")),
      files.write("mx2.log.1", log_of({"Nov 23 00:00:05", "Nov 24 00:00:02"}, "mx2")),
  };
  EXPECT_EQ(order_of(paths), "mx1.log.1 mx1.log | mx2.log.1 mx2.log");
}

TEST(Inputs, RotatedOverNewYear) {
  const LogFiles files;
  const std::string old =
      files.write("mail.log.2", log_of({"Dec 20 00:00:00", "Dec 27 06:00:00"}), "2026-12-27T06:00:01Z");
  const std::string mid =
      files.write("mail.log.1", log_of({"Dec 27 06:00:00", "Jan  3 06:00:00"}), "2027-01-03T06:00:01Z");
  const std::string now =
      files.write("mail.log", log_of({"Jan  3 06:00:05", "Jan  5 12:00:00"}), "2027-01-05T12:00:00Z");
  EXPECT_EQ(order_of({now, mid, old}), "mail.log.2 mail.log.1 mail.log");
  const Inputs inputs = Inputs::open({now, mid, old}, TimeZone(), false);
  EXPECT_EQ(first_of(inputs.all()[2]), "2026-12-20T00:00:00.000000+00:00");
  EXPECT_EQ(first_of(inputs.all()[1]), "2026-12-27T06:00:00.000000+00:00");
  EXPECT_EQ(last_of(inputs.all()[1]), "2027-01-03T06:00:00.000000+00:00");
  EXPECT_EQ(first_of(inputs.all()[0]), "2027-01-03T06:00:05.000000+00:00");
}

// A gzip header states when its content was last changed; here none does, and the file's own time holds.
TEST(Inputs, AYearOldArchive) {
  const LogFiles files;
  const std::string text = log_of({"Mar  1 00:00:00", "Mar  8 06:00:00"});
  const std::string old =
      files.write("mail.log.40.gz", packed(text, archive_write_add_filter_gzip), "2025-03-08T06:00:01Z");
  const std::string now = files.write("mail.log", text, "2026-03-08T06:00:01Z");
  EXPECT_EQ(order_of({now, old}), "mail.log.40.gz mail.log");
  const Inputs inputs = Inputs::open({now, old}, TimeZone(), false);
  EXPECT_EQ(first_of(inputs.all()[1]), "2025-03-01T00:00:00.000000+00:00");
  EXPECT_EQ(first_of(inputs.all()[0]), "2026-03-01T00:00:00.000000+00:00");
}

// Years of one file are counted, not guessed: it was changed in 2027 and goes over two New Years. Small files are read
// whole, of others there is a look here and there.
TEST(Inputs, AFileOverTwoNewYears) {
  const char* const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  for (const int lines_a_month : {1, 20, 70, 800, 3'000}) {
    SCOPED_TRACE(lines_a_month);
    const LogFiles files;
    std::vector<std::string> stamps;
    for (int month = 9; month < 9 + 17; ++month) {
      for (int line = 0; line < lines_a_month; ++line) {
        char stamp[32];
        std::snprintf(stamp, sizeof stamp, "%s %2d 12:00:00", months[month % 12], 1 + line * 28 / lines_a_month);
        stamps.emplace_back(stamp);
      }
    }
    const std::string path = files.write("mail.log", log_of(stamps), "2027-02-28T15:00:00Z");
    const Inputs inputs = Inputs::open({path}, TimeZone(), false);
    EXPECT_EQ(first_of(inputs.all()[0]).substr(0, 7), "2025-10");
    EXPECT_EQ(last_of(inputs.all()[0]).substr(0, 7), "2027-02");
  }
}

// The wall's zone is the reader's: at the turn of the year it decides the year.
TEST(Inputs, TheZoneMovesTheFirstTime) {
  const LogFiles files;
  const std::string path = files.write("mail.log", log_of({"Jan  1 00:30:00"}), "2027-01-01T12:00:00Z");
  const Inputs inputs = Inputs::open({path}, TimeZone::load("+02:00").value(), false);
  EXPECT_EQ(first_of(inputs.all()[0]), "2026-12-31T22:30:00.000000+00:00");
}

TEST(Inputs, WhatCannotBeReadIsToldAndTheRestIsRead) {
  const LogFiles files;
  const std::string good = files.write("mail.log", log_of({"Nov 24 05:00:00"}));
  const std::string binary =
      files.write("image.png", std::string("\x89PNG\r\n\x1a\n\0\0\0\rIHDR", 16) + std::string(5000, '\0'));
  const Inputs inputs = Inputs::open({files.path("absent.log"), binary, good}, TimeZone(), false);
  EXPECT_EQ(inputs.problems().size(), 2u);
  ASSERT_EQ(inputs.all().size(), 1u);
  EXPECT_EQ(inputs.all()[0].name, good);
  EXPECT_EQ(inputs.streams().size(), 1u);
}

TEST(Inputs, AFileWithoutATimeIsReadToo) {
  const LogFiles files;
  const std::string none = files.write("notes.txt", "hello\nworld\n");
  const std::string empty = files.write("empty.log", "");
  const std::string log = files.write("mail.log", log_of({"Nov 24 05:00:00"}));
  const Inputs inputs = Inputs::open({none, log, empty}, TimeZone(), false);
  std::size_t streamed = 0;
  for (const auto& stream : inputs.streams()) streamed += stream.size();
  EXPECT_EQ(streamed, 3u);
  EXPECT_EQ(first_of(inputs.all()[0]), "none");
}

TEST(RotationNames, BaseAndAge) {
  const struct {
    const char *name, *base;
    long long age;
  } cases[] = {
      {"/var/log/mail.log", "/var/log/mail.log", 0},
      {"/var/log/mail.log.1", "/var/log/mail.log", 1},
      {"/var/log/mail.log.12.gz", "/var/log/mail.log", 12},
      {"mail.log.2.zst", "mail.log", 2},
      {"mail.log-20261123", "mail.log", -20261123},
      {"mail.log-20261123.gz", "mail.log", -20261123},
      {"mail.log-2026-11-23.xz", "mail.log", -20261123},
      {"mx1.log", "mx1.log", 0},
      {"maillog.gz", "maillog", 0},
      {"host2", "host2", 0},
  };
  for (const auto& one : cases) {
    EXPECT_EQ(rotation_base(one.name), one.base) << one.name;
    EXPECT_EQ(rotation_age(one.name), one.age) << one.name;
  }
  EXPECT_GT(rotation_age("mail.log-20261122"), rotation_age("mail.log-20261123"));
  EXPECT_GT(rotation_age("mail.log.3.gz"), rotation_age("mail.log.2.gz"));
}

}  // namespace
}  // namespace mailtrail::app

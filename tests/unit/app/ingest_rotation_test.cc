// A log is known again by its content alone: whatever rotation, packing and copying made of it, what is new in it is
// taken in once.
#include <gtest/gtest.h>

#include <filesystem>

#include "ingest_store.h"
#include "log_files.h"

namespace mailtrail::app {
namespace {

namespace fs = std::filesystem;

const std::string& log_text() {
  static const std::string text = real_log("mail.log.gz");
  return text;
}

// Lines [from, to) of the log, where both count in hundredths of it.
std::string_view part(std::size_t from, std::size_t to) {
  static const std::vector<std::string_view> lines = lines_of(log_text());
  const std::string_view first = lines[lines.size() * from / 100];
  const std::string_view last = lines[lines.size() * to / 100 - 1];
  return {first.data(), static_cast<std::size_t>(last.data() + last.size() - first.data())};
}

std::uint64_t lines_in(std::string_view text) {
  return static_cast<std::uint64_t>(std::count(text.begin(), text.end(), '\n'));
}

// The same lines as those of other days: another log that has as many bytes.
std::string another_day(std::string_view text) {
  std::string other(text);
  for (std::size_t at = 0; at != std::string::npos && at < other.size(); at = other.find('\n', at)) {
    at += at == 0 ? 0 : 1;
    if (other.compare(at, 6, "Nov 24") == 0) other.replace(at, 6, "Nov 25");
  }
  return other;
}

const std::set<std::string_view> kWithoutPlaces = {"source", "line", "lines", "steps"};

std::vector<std::string> facts_of_store(const Store& store) {
  FactRows rows({}, kWithoutPlaces);
  store.with_road([&](StoreRoad& road) { road.read_facts(rows, {}); });
  return rows.sorted();
}

std::vector<std::string> facts_of_text(std::string_view text) {
  const LogFiles files;
  return facts_of({files.write("mail.log", text)}, {.details = true});
}

// logrotate(8) with delaycompress, night after night; each night the whole set is taken in.
TEST(IngestRotation, NightAfterNight) {
  const LogFiles files;
  const std::string log = files.path("mail.log"), folder = fs::path(log).parent_path().string();
  Store store;
  std::uint64_t lines = 0;
  for (std::size_t night = 0; night < 5; ++night) {
    if (fs::exists(log + ".2.gz")) fs::rename(log + ".2.gz", log + ".3.gz");
    if (fs::exists(log + ".1")) {
      std::ifstream before(log + ".1", std::ios::binary);
      const std::string text((std::istreambuf_iterator<char>(before)), {});
      files.write("mail.log.2.gz", packed(text, archive_write_add_filter_gzip));
      fs::remove(log + ".1");
    }
    if (fs::exists(log)) fs::rename(log, log + ".1");
    files.write("mail.log", part(20 * night, 20 * night + 10));
    lines += store.ingest({folder}).lines;
    append(log, part(20 * night + 10, 20 * night + 20));  // read again only when it is rotated
  }
  lines += store.ingest({folder}).lines;
  EXPECT_EQ(lines, lines_in(log_text()));
  expect_same(facts_of_text(log_text()), facts_of_store(store));
  EXPECT_EQ(store.ingest({folder, log, log + ".1"}).lines, 0u);
}

// logrotate(8) with copytruncate: the file is the same, its content is in a copy.
TEST(IngestRotation, CopiedAndTruncated) {
  const LogFiles files;
  const std::string log = files.write("mail.log", part(0, 30));
  Store store;
  store.ingest({log});
  append(log, part(30, 50));
  fs::copy_file(log, log + ".1");
  LogFiles::touch(log + ".1", "2026-11-24T03:10:00Z");
  fs::resize_file(log, 0);
  append(log, part(50, 60));
  const IngestResult shorter = store.ingest({log, log + ".1"});
  EXPECT_EQ(shorter.lines, lines_in(part(30, 60)));
  EXPECT_EQ(shorter.files_new, 1u);
  EXPECT_EQ(shorter.files_grown, 1u);
  append(log, part(60, 100));  // now longer than it was when it was first taken in
  EXPECT_EQ(store.ingest({log}).lines, lines_in(part(60, 100)));
  expect_same(facts_of_text(log_text()), facts_of_store(store));
}

// The copy is not given yet: the log under the old name is another one, whether it is shorter or longer by now.
TEST(IngestRotation, TruncatedAndGrownWithOtherContent) {
  for (const std::size_t grown : {10u, 60u, 100u}) {
    SCOPED_TRACE(grown);
    const LogFiles files;
    const std::string log = files.write("mail.log", part(0, 50));
    Store store;
    store.ingest({log});
    const std::string other = another_day(part(0, grown));
    files.write("mail.log", other);
    EXPECT_EQ(store.ingest({log}).lines, lines_in(other));
    EXPECT_EQ(store.ingest({log}).lines, 0u);
    EXPECT_EQ(store.ingest({files.write("mail.log.1", part(0, 50))}).lines, 0u);
  }
}

// It begins as the known one does, for more than is compared of beginnings, and differs only later.
TEST(IngestRotation, AnotherLogThatBeginsAsAKnownOne) {
  const LogFiles files;
  const std::string log = files.write("mail.log", part(0, 50));
  for (const std::size_t length : {20u, 45u, 50u, 80u}) {
    for (const bool is_packed : {false, true}) {
      SCOPED_TRACE(std::to_string(length) + (is_packed ? " packed" : ""));
      Store store;
      store.ingest({log});
      const std::string other = std::string(part(0, 15)) + another_day(part(15, length));
      const std::string bytes = is_packed ? packed(other, archive_write_add_filter_zstd) : other;
      const IngestResult result = store.ingest({files.write("other.log", bytes)});
      EXPECT_EQ(result.files_known, 0u);
      EXPECT_EQ(result.lines, lines_in(other));
    }
  }
}

TEST(IngestRotation, AShorterCopyHasNothingNew) {
  const LogFiles files;
  const std::string log = files.write("mail.log", log_text());
  Store store;
  store.ingest({log});
  for (const std::size_t size : {1u, 5u, 1000u, 1024u, 1025u, 5000u, 70'000u, 600'000u}) {
    const std::string_view text = std::string_view(log_text()).substr(0, size);
    for (const std::string& copy :
         {files.write("copy", text), files.write("copy.gz", packed(text, archive_write_add_filter_gzip))}) {
      const IngestResult result = store.ingest({copy});
      EXPECT_EQ(result.lines, 0u) << size << ' ' << copy;
      EXPECT_EQ(result.files_known, 1u) << size << ' ' << copy;
    }
  }
}

TEST(IngestRotation, OneLogUnderManyNamesInOneCommand) {
  const LogFiles files;
  files.write("a.log", part(0, 60));
  files.write("b.log", log_text());
  files.write("c.log.gz", packed(part(0, 80), archive_write_add_filter_gzip));
  files.write("d.log.zst", packed(log_text(), archive_write_add_filter_zstd));
  files.write("e.log.xz", packed(part(0, 30), archive_write_add_filter_xz));
  files.write("f.log.bz2", packed(log_text(), archive_write_add_filter_bzip2));
  const std::string folder = fs::path(files.path("a.log")).parent_path().string();
  Store store;
  const IngestResult result = store.ingest({folder, files.path("d.log.zst"), files.path("b.log")});
  EXPECT_EQ(result.lines, lines_in(log_text()));
  EXPECT_TRUE(result.problems.empty());
  expect_same(facts_of_text(log_text()), facts_of_store(store));
}

// Of a line that is too long only its beginning is kept: the bytes that are known have a hole.
TEST(IngestRotation, AHugeLineNearTheEnd) {
  const LogFiles files;
  std::string text(part(0, 5));
  text += "Nov 24 03:00:30 mx1 postfix/smtpd[1]: warning: " + std::string(700'000, 'x') + '\n';
  const std::string rest = "Nov 24 03:00:31 mx1 postfix/qmgr[2]: 4F5C6KzL9z: removed\n";
  for (const bool is_packed : {false, true}) {
    SCOPED_TRACE(is_packed);
    const auto bytes = [&](const std::string& all) {
      return is_packed ? packed(all, archive_write_add_filter_gzip) : all;
    };
    Store store;
    const std::string log = files.write("mail.log", bytes(text));
    EXPECT_EQ(store.ingest({log}).lines, lines_in(text));
    EXPECT_EQ(store.ingest({log}).lines, 0u);
    EXPECT_EQ(store.ingest({files.write("mail.log", bytes(text + rest))}).lines, 1u);
    EXPECT_EQ(store.ingest({log}).lines, 0u);
    EXPECT_EQ(store.ingest({files.write("mail.log", bytes(text + rest + rest))}).lines, 1u);
    EXPECT_EQ(store.ingest({log}).lines, 0u);
  }
}

// A known log whose copy is damaged anywhere: what its damage makes of the text is not new.
TEST(IngestRotation, ADamagedCopyAddsNothing) {
  const LogFiles files;
  const std::string log = files.write("mail.log", log_text());
  Store store;
  store.ingest({log});
  const std::string sound = packed(log_text(), archive_write_add_filter_gzip);
  for (std::size_t at = sound.size() / 20; at < sound.size(); at += sound.size() / 17) {
    for (const std::size_t bytes : {1u, 300u}) {
      std::string damaged = sound;
      for (std::size_t i = at; i < std::min(at + bytes, damaged.size()); ++i) damaged[i] ^= 0x24;
      const IngestResult result = store.ingest({files.write("damaged.gz", damaged)});
      EXPECT_EQ(result.lines, 0u) << at << ' ' << bytes;
      EXPECT_EQ(result.problems.size(), 1u) << at << ' ' << bytes;
    }
  }
}

// What can be read of a cut copy is taken in, but for its last half line; a sound copy then adds the rest.
TEST(IngestRotation, ACutCopyFirstThenASoundOne) {
  const std::string sound = packed(log_text(), archive_write_add_filter_gzip);
  for (const std::size_t size : {std::size_t{3'000}, sound.size() / 2, sound.size() - 100}) {
    SCOPED_TRACE(size);
    const LogFiles files;
    Store store;
    const std::string cut = files.write("mail.log.1.gz", sound.substr(0, size));
    const IngestResult first = store.ingest({cut});
    EXPECT_EQ(first.problems.size(), 1u);
    EXPECT_GT(first.lines, 0u);
    EXPECT_EQ(store.ingest({cut}).lines, 0u);
    const IngestResult rest = store.ingest({files.write("mail.log.2.gz", sound)});
    EXPECT_EQ(first.lines + rest.lines, lines_in(log_text()));
    expect_same(facts_of_text(log_text()), facts_of_store(store));
  }
}

// `last message repeated N times` speaks of a line that another run has read.
TEST(IngestRotation, ARepeatedLineBehindTheEndOfARun) {
  const std::string text =
      "Nov 24 03:00:20 mx1 postfix/smtpd[500]: NOQUEUE: reject: RCPT from unknown[198.51.100.7]: 550 5.1.1 "
      "<a@example.com>: Recipient address rejected: User unknown; from=<s@example.net> to=<a@example.com> proto=ESMTP "
      "helo=<x>\n"
      "Nov 24 03:00:50 mx1 last message repeated 3 times\n"
      "Nov 24 03:01:50 mx1 last message repeated 7 times\n"
      "Nov 24 03:02:11 mx1 postfix/smtpd[500]: warning: unknown[198.51.100.9]: SASL LOGIN authentication failed: x\n"
      "Nov 24 03:02:12 mx1 last message repeated 2 times\n";
  const auto wanted = facts_of_text(text);
  const LogFiles files;
  const std::string log = files.write("mail.log", "");
  Store store;
  for (const std::string_view line : lines_of(text)) {
    append(log, line);
    store.ingest({log});
  }
  expect_same(wanted, facts_of_store(store));
}

}  // namespace
}  // namespace mailtrail::app

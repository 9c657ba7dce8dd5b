// The facts of a log do not depend on how it lies on the disk and how it is read: blocks, threads, files, packing,
// form.
#include <gtest/gtest.h>

#include <map>
#include <random>

#include "fact_rows.h"
#include "log_files.h"

namespace mailtrail::app {
namespace {

const std::string& log_text() {
  static const std::string text = real_log("mail.log.gz");
  return text;
}

// The first lines alone, where a test reads them very often or in very small blocks.
std::string_view beginning(std::size_t count) {
  std::size_t size = 0;
  for (const std::string_view line : lines_of(log_text())) {
    if (count-- == 0) break;
    size += line.size();
  }
  return std::string_view(log_text()).substr(0, size);
}

TEST(Cuts, HoldsFactsOfEveryKind) {
  const LogFiles files;
  const std::vector<std::string> facts = facts_of({files.write("mail.log", log_text())}, {.details = true});
  std::map<std::string, std::size_t> count;
  for (const std::string& row : facts) ++count[row.substr(0, row.find(' '))];
  EXPECT_GT(count["recipient"], 500u);
  EXPECT_GT(count["message"], 500u);
  EXPECT_GT(count["journey"], 400u);
  EXPECT_GT(count["attempt"], 900u);
  EXPECT_GT(count["rejection"], 100u);
  EXPECT_GT(count["login"], 50u);
}

TEST(Cuts, BlocksAndThreads) {
  const LogFiles files;
  const std::string whole = files.write("mail.log", log_text());
  const std::string piece = files.write("piece.log", beginning(700));
  const auto of_whole = facts_of({whole}, {.threads = 1});
  const auto of_piece = facts_of({piece}, {.threads = 1});
  ASSERT_GT(of_piece.size(), 50u);
  for (unsigned threads = 1; threads <= 4; ++threads) {
    for (const std::size_t size : {std::size_t{1}, std::size_t{7}, std::size_t{100}, std::size_t{4096}}) {
      SCOPED_TRACE(std::to_string(threads) + " threads, blocks of " + std::to_string(size));
      const bool small = size < 4096;
      if (size == 1 && threads == 3) continue;  // 2 and 4 show it, and it takes its time
      expect_same(small ? of_piece : of_whole,
                  facts_of({small ? piece : whole}, {.block_size = size, .threads = threads}));
    }
  }
}

// Each stated second is longer than a block of its lines: a piece is told by the second that it begins in.
std::vector<std::string_view> cut(std::string_view text, std::size_t pieces, std::mt19937& random) {
  const std::vector<std::string_view> lines = lines_of(text);
  std::set<std::size_t> begins = {0};
  std::set<std::string_view> seconds = {lines[0].substr(0, 19)};
  while (begins.size() < pieces) {
    const std::size_t at = random() % lines.size();
    if (seconds.insert(lines[at].substr(0, 19)).second) begins.insert(at);
  }
  std::vector<std::string_view> cuts;
  for (auto begin = begins.begin(); begin != begins.end(); ++begin) {
    const auto next = std::next(begin);
    const char* from = lines[*begin].data();
    const char* to = next == begins.end() ? text.data() + text.size() : lines[*next].data();
    cuts.push_back({from, static_cast<std::size_t>(to - from)});
  }
  return cuts;
}

TEST(Cuts, FilesWhoseNamesSayNothing) {
  for (const char* name : {"mail.log.gz", "mail.iso.log.gz"}) {
    SCOPED_TRACE(name);
    const std::string text = real_log(name);
    const LogFiles whole;
    const auto facts = facts_of({whole.write("mail.log", text)});
    std::mt19937 random(20261124);
    for (int round = 0; round < 6; ++round) {
      SCOPED_TRACE("round " + std::to_string(round));
      const std::size_t pieces = 2 + static_cast<std::size_t>(round) % 5;
      const std::vector<std::string_view> cuts = cut(text, pieces, random);
      std::vector<std::string> names = {"quercus", "alnus", "fagus", "betula", "pinus", "tilia"};
      std::shuffle(names.begin(), names.end(), random);
      const LogFiles files;
      std::vector<std::string> paths;
      for (std::size_t i = 0; i < cuts.size(); ++i) paths.push_back(files.write(names[i], cuts[i]));
      std::shuffle(paths.begin(), paths.end(), random);
      expect_same(facts, facts_of(paths));
    }
  }
}

TEST(Cuts, RotatedNames) {
  const LogFiles files;
  const auto facts = facts_of({files.write("whole", log_text())});
  std::mt19937 random(7);
  for (int round = 0; round < 3; ++round) {
    const std::vector<std::string_view> cuts = cut(log_text(), 3, random);
    const std::vector<std::string> paths = {
        files.write("mail.log", cuts[2]), files.write("mail.log.1", cuts[1]),
        files.write("mail.log.2.gz", packed(cuts[0], archive_write_add_filter_gzip))};
    expect_same(facts, facts_of(paths));
  }
}

TEST(Cuts, RotatedWithinASecond) {
  // No line says which of two pieces of one second comes first: the names do.
  const LogFiles files;
  const std::string_view text = beginning(300);
  const auto facts = facts_of({files.write("whole", text)});
  const std::vector<std::string_view> lines = lines_of(text);
  ASSERT_EQ(lines[160].substr(0, 15), lines[150].substr(0, 15));
  const auto piece = [&](std::size_t from, std::size_t to) {
    const char* end = to == lines.size() ? text.data() + text.size() : lines[to].data();
    return std::string_view(lines[from].data(), static_cast<std::size_t>(end - lines[from].data()));
  };
  expect_same(facts, facts_of({files.write("mail.log", piece(160, lines.size())),
                               files.write("mail.log.1", piece(150, 160)), files.write("mail.log.2", piece(0, 150))}));
}

TEST(Cuts, Packed) {
  const LogFiles files;
  const auto facts = facts_of({files.write("plain", log_text())});
  const auto pack = [&](const char* name, int (*filter)(archive*)) {
    SCOPED_TRACE(name);
    expect_same(facts, facts_of({files.write(name, packed(log_text(), filter))}, {.block_size = 10'000}));
  };
  pack("mail.log.gz", archive_write_add_filter_gzip);
  pack("mail.log.bz2", archive_write_add_filter_bzip2);
  pack("mail.log.xz", archive_write_add_filter_xz);
  pack("mail.log.zst", archive_write_add_filter_zstd);
}

// What the three forms of one log state differently: fractions of seconds, and (RFC 5424, where rsyslog cuts the tag)
// the daemon, and what follows from that alone.
std::vector<std::string> without_fractions(std::vector<std::string> rows) {
  for (std::string& row : rows) {
    for (std::size_t at = row.find('T'); at != std::string::npos; at = row.find('T', at + 1)) {
      if (at < 10 || row.size() < at + 16 || row[at - 3] != '-' || row[at + 9] != '.') continue;
      row.erase(at + 9, 7);
    }
  }
  std::sort(rows.begin(), rows.end());
  return rows;
}

TEST(Cuts, Forms) {
  const LogFiles files;
  const std::set<std::string_view> without = {"source",   "line",   "lines",    "steps",    "program",
                                              "instance", "mailer", "protocol", "time_note"};
  const auto facts = without_fractions(facts_of({files.write("mail.log", log_text())}, {.details = true}, without));
  for (const char* name : {"mail.iso.log.gz", "mail.rfc5424.log.gz"}) {
    SCOPED_TRACE(name);
    const std::string path = files.write(name, real_log(name));
    expect_same(facts, without_fractions(facts_of({path}, {.details = true}, without)));
  }
}

// The log of mx1, and the same under another name three seconds later: nothing of the one host is the other's.
TEST(Cuts, TwoHostsSideBySide) {
  const LogFiles files;
  const std::string iso = real_log("mail.iso.log.gz");
  std::string other;
  for (const std::string_view line : lines_of(iso)) {
    const std::size_t host = line.find(" mx1 ");
    ASSERT_NE(host, std::string_view::npos);
    other += line.substr(0, host);
    other += " mx2 ";
    other += line.substr(host + 5);
  }
  const std::string one = files.write("one.log", iso), two = files.write("two.log", other);
  std::vector<std::string> apart = facts_of({one});
  const std::vector<std::string> of_two = facts_of({two});
  apart.insert(apart.end(), of_two.begin(), of_two.end());
  std::sort(apart.begin(), apart.end());
  expect_same(apart, facts_of({one, two}, {.block_size = 5000, .threads = 4}));
}

}  // namespace
}  // namespace mailtrail::app

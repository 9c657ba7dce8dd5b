// A log is read from the archive with the bytes and lines that it had, where lines were cut and where frames are
// damaged.
#include "app/archive_source.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace mailtrail::app {
namespace {

namespace fs = std::filesystem;

class ArchivedLog : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "mailtrail-archived-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
    auto writer = archive::Writer::open(path(), "");
    ASSERT_TRUE(writer.ok()) << writer.error().to_string();
    writer_ = std::move(*writer);
    ASSERT_TRUE(writer_->declare_source(3, "mail.log").ok());
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::string path() const { return (folder_ / "archive").string(); }
  // A frame of its own.
  void add(std::string_view text, std::uint64_t lines) {
    archive::Piece piece;
    piece.source = 3;
    const auto joint = writer_->joint(3);
    piece.first_line = joint ? joint->next_line : 1;
    piece.position = joint ? joint->next_position : 0;
    piece.lines = lines;
    piece.text = text;
    const Result<Done> appended = writer_->append(piece);
    ASSERT_TRUE(appended.ok()) << appended.error().to_string();
    ASSERT_TRUE(writer_->sync().ok());
  }
  // Changes the packed bytes of the frame `number`, counted from 0 with that of the name.
  void damage(int number) {
    const fs::path segment = fs::path(path()) / "00000001.mts";
    std::stringstream content;
    content << std::ifstream(segment, std::ios::binary).rdbuf();
    std::string bytes = content.str();
    std::size_t at = bytes.find("MTFR");
    for (int i = 0; i < number; ++i) at = bytes.find("MTFR", at + 1);
    ASSERT_NE(at, std::string::npos);
    bytes[at + 96 + 12] = static_cast<char>(bytes[at + 96 + 12] ^ 0x5A);
    std::ofstream(segment, std::ios::binary) << bytes;
  }
  std::string read(ArchivedPart part) {
    faults_.clear();
    const auto reader = archive::Reader::open(path(), archive::Reader::kEverything);
    EXPECT_TRUE(reader.ok());
    const auto source = open_archived(**reader, (*reader)->sources().at(0), std::nullopt, std::move(part));
    std::string text;
    char buffer[7];
    for (;;) {
      const Result<std::size_t> got = source->read(buffer, sizeof buffer);
      if (!got.ok()) faults_.push_back(got.error());
      if (!got.ok()) continue;
      if (*got == 0) return text;
      text.append(buffer, *got);
    }
  }

  fs::path folder_;
  std::unique_ptr<archive::Writer> writer_;
  std::vector<Error> faults_;
};

TEST_F(ArchivedLog, IsReadFromALineOnUpToAByte) {
  add("one\ntwo\n", 2), add("three\nfour\n", 2), add("five\n", 1);
  EXPECT_EQ(read({}), "one\ntwo\nthree\nfour\nfive\n");
  EXPECT_EQ(read({4, 1, std::nullopt, {}}), "two\nthree\nfour\nfive\n");
  EXPECT_EQ(read({8, 2, 14, {}}), "three\n");
  EXPECT_EQ(read({14, 3, 14, {}}), "");
  EXPECT_TRUE(faults_.empty());
}

TEST_F(ArchivedLog, ALineThatWasCutHasItsLengthAgain) {
  // `cut` stands for a line of which 5 bytes were left out: its line feed for 6 bytes.
  add("one\ncut\nthree\n", 3);
  const std::vector<LineCut> cuts = {{3, 7, 6}};
  EXPECT_EQ(read({0, 0, std::nullopt, cuts}), "one\ncut     \nthree\n");
  EXPECT_EQ(read({13, 2, std::nullopt, cuts}), "three\n");
  EXPECT_EQ(read({4, 1, 13, cuts}), "cut     \n");
  EXPECT_EQ(place_in_log(cuts, 7), 7u);
  EXPECT_EQ(place_in_log(cuts, 14), 19u);
}

TEST_F(ArchivedLog, ALineFeedThatTheLogDoesNotHaveIsNotGiven) {
  add("one\ntw\no\n", 3);
  EXPECT_EQ(read({0, 0, std::nullopt, {{3, 6, 0}}}), "one\ntwo\n");
  EXPECT_EQ(read({6, 2, std::nullopt, {{3, 6, 0}}}), "o\n");
}

TEST_F(ArchivedLog, BlankLinesStandForADamagedFrame) {
  add("one\ntwo\n", 2), add("lost and\nnever seen again\nby me\n", 3), add("six\n", 1);
  damage(2);
  const std::string text = read({});
  EXPECT_EQ(text.size(), 8u + 32u + 4u);
  EXPECT_EQ(text.substr(0, 10), "one\ntwo\n\n\n");
  EXPECT_EQ(text.substr(39), "\nsix\n");
  EXPECT_EQ(text.find_first_not_of(" \n", 8), 40u);
  ASSERT_EQ(faults_.size(), 1u);
  EXPECT_NE(faults_[0].where.find("00000001.mts, byte "), std::string::npos);
  // Also where it is the first that is wanted.
  EXPECT_EQ(read({8, 2, std::nullopt, {}}), text.substr(8));
}

TEST(RoundNote, IsReadAsItWasSaved) {
  RoundNote note;
  note.round = 7;
  note.zone = "Europe/Berlin";
  note.streams = {{{3, 2026, false, 100, 2}, {4, 1999, true, 0, 0}}, {}};
  note.events = 1'000'000;
  note.is_whole = note.is_unfinished = true;
  note.stats.lines.lines = 12;
  note.stats.last_time = -5;
  note.cuts = {{3, 70'000, 200'000}};
  note.sources = {{3, "mail.log", 100, 2, "identity", "resume"}};
  const std::string bytes = note.save();
  const Result<RoundNote> again = RoundNote::restore(bytes);
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again->save(), bytes);
  EXPECT_EQ(again->zone, note.zone);
  EXPECT_EQ(again->streams.at(0).at(1).first_year, 1999);
  EXPECT_EQ(again->sources.at(0).resume, "resume");
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(RoundNote::restore(std::string_view(bytes).substr(0, size)).ok()) << size;
  }
}

}  // namespace
}  // namespace mailtrail::app

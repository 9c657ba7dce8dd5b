// What is damaged, missing, foreign or newer is told with its place, and everything else is read.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "archive/format.h"
#include "scratch_archive.h"

namespace mailtrail::archive {
namespace {

namespace fs = std::filesystem;

// Five segments of two frames each, 1000 lines a frame; the side file is gone.
class ArchiveDamage : public ::testing::Test {
 protected:
  static constexpr std::uint64_t kFrameLines = 1000;

  void SetUp() override {
    auto writer = must(Writer::open(scratch_.path(), "", {20'000}));
    must(writer->declare_source(0, "mail.log"));
    for (std::uint64_t frame = 0; frame < 10; ++frame) {
      append(*writer, 0, log_lines(frame * kFrameLines, kFrameLines));
      mark_ = must(writer->sync());
    }
    writer.reset();
    for (int segment = 1; fs::exists(scratch_.file(segment_name(static_cast<std::uint32_t>(segment)))); ++segment) {
      segments_.push_back(segment_name(static_cast<std::uint32_t>(segment)));
    }
    ASSERT_GE(segments_.size(), 4u);
    without_index();
  }

  void without_index() { fs::remove(scratch_.file("index")); }
  void flip(const std::string& name, std::size_t at) {
    std::string bytes = scratch_.content(name);
    ASSERT_LT(at, bytes.size());
    bytes[at] = static_cast<char>(bytes[at] ^ 0x40);
    scratch_.set_content(name, bytes);
  }

  // How many of all lines are read, and that they are the right ones.
  std::uint64_t readable_lines(Reader& reader) {
    std::uint64_t count = 0;
    reader.read_source(0, [&](const Piece& piece) {
      EXPECT_EQ(piece.text, log_lines(piece.first_line - 1, piece.lines));
      count += piece.lines;
      return true;
    });
    return count;
  }

  // The archive is read but for some lines; the fault names the file; verify tells it too; a writer goes on, and what
  // it adds is read.
  void expect_fault(const std::string& file, std::string_view what, std::uint64_t least) {
    {
      auto reader = must(Reader::open(scratch_.path(), mark_));
      const std::uint64_t read = readable_lines(*reader);
      EXPECT_GE(read, least);
      EXPECT_LT(read, 10 * kFrameLines);
      ASSERT_EQ(reader->faults().size(), 1u);
      const Error fault = reader->faults()[0];
      EXPECT_NE(fault.where.find(file), std::string::npos) << fault.to_string();
      EXPECT_NE(fault.what.find(what), std::string::npos) << fault.to_string();
      EXPECT_FALSE(fault.remedy.empty());
      const Verification verified = reader->verify({});
      ASSERT_TRUE(verified.fault.has_value());
      EXPECT_NE(verified.fault->where.find(file), std::string::npos) << verified.fault->to_string();
    }
    auto writer = must(Writer::open(scratch_.path(), mark_));
    EXPECT_EQ(writer->faults().size(), 1u);
    must(writer->declare_source(0, "mail.log"));
    const std::string text = log_lines(10 * kFrameLines, 1);
    must(writer->append({0, 1, 10 * kFrameLines + 1, log_lines(0, 10 * kFrameLines).size(), false, text, {}, {}}));
    auto reader = must(Reader::open(scratch_.path(), must(writer->sync())));
    EXPECT_EQ(one_line(*reader, 0, 10 * kFrameLines + 1) + "\n", text);
  }

  ScratchArchive scratch_;
  std::string mark_;
  std::vector<std::string> segments_;
};

TEST_F(ArchiveDamage, AFramesHeader) {
  flip(segments_[1], kSegmentHeaderSize + 20);
  expect_fault(segments_[1], "header is damaged", 7 * kFrameLines);
}

TEST_F(ArchiveDamage, ASegmentsHeader) {
  flip(segments_[1], 20);
  expect_fault(segments_[1], "header is damaged", 7 * kFrameLines);
}

TEST_F(ArchiveDamage, AHeaderInTheLastSegment) {
  flip(segments_.back(), kSegmentHeaderSize + 20);
  expect_fault(segments_.back(), "header is damaged", 7 * kFrameLines);
}

TEST_F(ArchiveDamage, ASegmentThatIsCut) {
  fs::resize_file(scratch_.file(segments_[2]), fs::file_size(scratch_.file(segments_[2])) - 5);
  expect_fault(segments_[2], "cut short", 7 * kFrameLines);
}

TEST_F(ArchiveDamage, ASegmentThatIsMissing) {
  fs::remove(scratch_.file(segments_[2]));
  expect_fault(segments_[2], "missing", 7 * kFrameLines);
}

TEST_F(ArchiveDamage, ASegmentUnderAnotherName) {
  fs::copy_file(scratch_.file(segments_[0]), scratch_.file(segments_[1]), fs::copy_options::overwrite_existing);
  expect_fault(segments_[1], "under another name", 7 * kFrameLines);
}

TEST_F(ArchiveDamage, ASegmentOfAnotherArchive) {
  SegmentHeader header{2, {}};
  Hasher hasher;
  const SegmentHeaderBytes bytes = encode(header, hasher);
  scratch_.set_content(segments_[1], {bytes.data(), bytes.size()});
  expect_fault(segments_[1], "does not follow", 7 * kFrameLines);
}

TEST_F(ArchiveDamage, ASegmentOfANewerVersion) {
  std::string bytes = scratch_.content(segments_[1]);
  bytes[8] = 2;
  scratch_.set_content(segments_[1], bytes);
  expect_fault(segments_[1], "version 2, newer", 7 * kFrameLines);
}

TEST_F(ArchiveDamage, PackedBytesLoseTheirFrameAlone) {
  flip(segments_[1], kSegmentHeaderSize + kFrameHeaderSize + 5000);
  auto reader = must(Reader::open(scratch_.path(), mark_));
  EXPECT_TRUE(reader->faults().empty());  // headers alone were read
  EXPECT_EQ(readable_lines(*reader), 9 * kFrameLines);
  std::vector<LinePlace> places;
  for (std::uint64_t frame = 0; frame < 10; ++frame) {
    places.push_back({0, frame * kFrameLines + 1});
    places.push_back({0, frame * kFrameLines + 2});
  }
  const FoundLines found = reader->lines(places);
  ASSERT_EQ(found.faults.size(), 1u);
  EXPECT_NE(found.faults[0].where.find(segments_[1] + ", byte 64"), std::string::npos) << found.faults[0].to_string();
  EXPECT_EQ(std::count(found.texts.begin(), found.texts.end(), std::nullopt), 2);
  const Verification verified = reader->verify({});
  ASSERT_TRUE(verified.fault.has_value());
  EXPECT_NE(verified.fault->what.find("chain"), std::string::npos) << verified.fault->to_string();
}

// Whoever changes a line and mends all checksums of its frame breaks the chain.
TEST_F(ArchiveDamage, AFrameThatWasMadeAnewBreaksTheChain) {
  std::string bytes = scratch_.content(segments_[1]);
  Hasher hasher;
  FrameHeader header;
  ASSERT_FALSE(decode(std::string_view(bytes).substr(kSegmentHeaderSize), header, hasher).has_value());
  header.position += 1;
  const std::string packed = bytes.substr(kSegmentHeaderSize + kFrameHeaderSize, header.packed_size);
  const FrameHeaderBytes head = encode(header, Digest{}, packed, hasher);
  std::copy(head.begin(), head.end(), bytes.begin() + kSegmentHeaderSize);
  scratch_.set_content(segments_[1], bytes);
  const Verification verified = must(Reader::open(scratch_.path(), mark_))->verify({});
  ASSERT_TRUE(verified.fault.has_value());
  EXPECT_NE(verified.fault->what.find("chain"), std::string::npos) << verified.fault->to_string();
  EXPECT_NE(verified.fault->where.find(segments_[1]), std::string::npos);
}

TEST_F(ArchiveDamage, ADamagedSideFileIsMadeAnew) {
  must(Writer::open(scratch_.path(), mark_));
  const std::string whole = scratch_.content("index");
  ASSERT_FALSE(whole.empty());
  for (std::size_t at = 0; at < whole.size(); at += 7) {
    std::string bytes = whole;
    bytes[at] = static_cast<char>(bytes[at] ^ 1);
    scratch_.set_content("index", bytes);
    auto reader = must(Reader::open(scratch_.path(), mark_));
    ASSERT_TRUE(reader->faults().empty());
    ASSERT_EQ(one_line(*reader, 0, 9999) + "\n", log_lines(9998, 1)) << at;
  }
  must(Writer::open(scratch_.path(), mark_));
  EXPECT_EQ(scratch_.content("index"), whole);
}

// The side file of an archive from which the end was taken off, and to which something else was added.
TEST_F(ArchiveDamage, ASideFileOfWhatIsNoMoreIsNotBelieved) {
  ScratchArchive other;
  std::string mark;
  {
    auto writer = must(Writer::open(other.path(), ""));
    must(writer->declare_source(0, "mail.log"));
    append(*writer, 0, log_lines(0, 700));
    mark = must(writer->sync());
  }
  must(Writer::open(scratch_.path(), mark_));
  fs::copy_file(scratch_.file("index"), other.file("index"), fs::copy_options::overwrite_existing);
  auto reader = must(Reader::open(other.path(), mark));
  EXPECT_EQ(one_line(*reader, 0, 700) + "\n", log_lines(699, 1));
  EXPECT_EQ(one_line(*reader, 0, 701), "-");
}

}  // namespace
}  // namespace mailtrail::archive

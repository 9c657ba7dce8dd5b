// What is appended is read again, line by line and whole.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "scratch_archive.h"

namespace mailtrail::archive {
namespace {

TEST(Archive, GivesLinesWithoutTheirEnds) {
  ScratchArchive scratch;
  auto writer = must(Writer::open(scratch.path(), ""));
  must(writer->declare_source(7, "mail.log"));
  append(*writer, 7, "first\nsecond\r\n\n\xff\x00 fourth\nlast");
  const std::string mark = must(writer->sync());
  auto reader = must(Reader::open(scratch.path(), mark));
  EXPECT_EQ(one_line(*reader, 7, 1), "first");
  EXPECT_EQ(one_line(*reader, 7, 2), "second");
  EXPECT_EQ(one_line(*reader, 7, 3), "");
  EXPECT_EQ(one_line(*reader, 7, 5), "-");
  EXPECT_EQ(one_line(*reader, 7, 0), "-");
  EXPECT_EQ(one_line(*reader, 8, 1), "-");
}

TEST(Archive, KeepsEveryByte) {
  ScratchArchive scratch;
  auto writer = must(Writer::open(scratch.path(), ""));
  must(writer->declare_source(0, "mail.log"));
  std::string text;
  for (int byte = 0; byte < 256; ++byte) text += static_cast<char>(byte);
  text += "\nlast";
  append(*writer, 0, text);
  auto reader = must(Reader::open(scratch.path(), must(writer->sync())));
  EXPECT_EQ(whole_source(*reader, 0), text);
  EXPECT_EQ(one_line(*reader, 0, 2), text.substr(11, 245));
  EXPECT_EQ(one_line(*reader, 0, 3), "last");
}

std::vector<Note> all_notes(Reader& reader) {
  std::vector<Note> notes;
  const std::vector<Error> faults = reader.read_notes([&](const Note& note) {
    notes.push_back(note);
    return true;
  });
  EXPECT_TRUE(faults.empty());
  return notes;
}

TEST(Archive, NotesStandBehindTheTextBeforeThemAndAreNoText) {
  ScratchArchive scratch;
  const std::string large(kMostLine * 2 + 77, 'n');
  std::string first, second, text = "one\ntwo\n";
  {
    auto writer = must(Writer::open(scratch.path(), ""));
    must(writer->note("before any source"));
    first = must(writer->sync());
    must(writer->declare_source(0, "mail.log"));
    append(*writer, 0, text);
    must(writer->note(large));
    second = must(writer->sync());
  }
  auto writer = must(Writer::open(scratch.path(), second));
  append(*writer, 0, "three\n");
  must(writer->note("last"));
  const std::string third = must(writer->sync());
  auto reader = must(Reader::open(scratch.path(), third));
  const std::vector<Note> notes = all_notes(*reader);
  ASSERT_EQ(notes.size(), 3u);
  EXPECT_EQ(notes[0].bytes, "before any source");
  EXPECT_EQ(notes[1].bytes, large);
  EXPECT_EQ(notes[2].bytes, "last");
  EXPECT_EQ(notes[0].mark, first);
  EXPECT_EQ(notes[1].mark, second);
  EXPECT_EQ(notes[2].mark, third);
  EXPECT_EQ(whole_source(*reader, 0), text + "three\n");
  EXPECT_EQ(one_line(*reader, 0, 3), "three");
  ASSERT_EQ(reader->sources().size(), 1u);
  EXPECT_FALSE(reader->verify({}).fault);
  // What lies behind a note's mark is cut off with the next writer; the note is not.
  writer.reset();
  writer = must(Writer::open(scratch.path(), second));
  EXPECT_EQ(all_notes(*must(Reader::open(scratch.path(), Reader::kEverything))).size(), 2u);
  EXPECT_FALSE(writer->note("").ok());
}

TEST(Archive, ASourceIsReadFromAByteOn) {
  ScratchArchive scratch;
  auto writer = must(Writer::open(scratch.path(), ""));
  must(writer->declare_source(0, "mail.log"));
  append(*writer, 0, "one\n");
  must(writer->sync());
  append(*writer, 0, "two\n");
  auto reader = must(Reader::open(scratch.path(), must(writer->sync())));
  const auto from = [&](std::uint64_t byte) {
    std::string text;
    reader->read_source(0, byte, [&](const Piece& piece) {
      text += piece.text;
      return true;
    });
    return text;
  };
  EXPECT_EQ(from(0), "one\ntwo\n");
  EXPECT_EQ(from(3), "one\ntwo\n");
  EXPECT_EQ(from(4), "two\n");
  EXPECT_EQ(from(8), "");
}

TEST(Archive, SourcesThatAlternateAreToldApart) {
  ScratchArchive scratch;
  auto writer = must(Writer::open(scratch.path(), ""));
  std::string texts[3];
  for (std::uint32_t source = 0; source < 3; ++source) {
    must(writer->declare_source(source, "log " + std::to_string(source)));
  }
  for (std::uint64_t round = 0; round < 40; ++round) {
    for (std::uint32_t source = 0; source < 3; ++source) {
      const std::string text = log_lines(round * 1000 + source, 200 * (source + 1));
      texts[source] += text;
      append(*writer, source, text);
    }
  }
  auto reader = must(Reader::open(scratch.path(), must(writer->sync())));
  for (std::uint32_t source = 0; source < 3; ++source) EXPECT_EQ(whole_source(*reader, source), texts[source]);
  // One call, lines of all, out of order and twice.
  const std::vector<LinePlace> places = {{2, 601}, {0, 8000}, {1, 1}, {2, 601}, {0, 8001}, {2, 1}};
  const FoundLines found = reader->lines(places);
  EXPECT_TRUE(found.faults.empty());
  const auto begins = [&](std::size_t i, std::uint64_t number) {
    const std::string line = log_lines(number, 1);
    return found.texts[i] == line.substr(0, line.size() - 1);
  };
  EXPECT_TRUE(begins(0, 1002));
  EXPECT_TRUE(begins(1, 39'199));
  EXPECT_TRUE(begins(2, 1));
  EXPECT_TRUE(begins(3, 1002));
  EXPECT_FALSE(found.texts[4].has_value());
  EXPECT_TRUE(begins(5, 2));
  const std::vector<ArchivedSource> sources = reader->sources();
  ASSERT_EQ(sources.size(), 3u);
  EXPECT_EQ(sources[1].name, "log 1");
  EXPECT_EQ(sources[1].lines, 16'000u);
  EXPECT_EQ(sources[1].bytes, texts[1].size());
}

TEST(Archive, ALineOfThreeMebibytesIsOneLine) {
  ScratchArchive scratch;
  auto writer = must(Writer::open(scratch.path(), ""));
  must(writer->declare_source(1, "long.log"));
  const std::string text = "short\n" + std::string(3u << 20, 'x') + "\nafter\n";
  append(*writer, 1, text);
  auto reader = must(Reader::open(scratch.path(), must(writer->sync())));
  EXPECT_EQ(whole_source(*reader, 1), text);
  EXPECT_EQ(one_line(*reader, 1, 1), "short");
  EXPECT_EQ(one_line(*reader, 1, 2), std::string(kMostLine, 'x'));
  EXPECT_EQ(one_line(*reader, 1, 3), "after");
  EXPECT_EQ(one_line(*reader, 1, 4), "-");
  EXPECT_FALSE(reader->verify({}).fault.has_value());
}

TEST(Archive, APieceMayGoOnWithALine) {
  ScratchArchive scratch;
  auto writer = must(Writer::open(scratch.path(), ""));
  must(writer->declare_source(1, "cut.log"));
  append(*writer, 1, "one\ntw");
  std::string mark = must(writer->sync());
  EXPECT_EQ(one_line(*must(Reader::open(scratch.path(), mark)), 1, 2), "tw");
  Piece piece = next_piece(*writer, 1, "o\nthree\n");
  piece.continues_line = true;
  piece.lines = 1;
  must(writer->append(piece));
  mark = must(writer->sync());
  auto reader = must(Reader::open(scratch.path(), mark));
  EXPECT_EQ(one_line(*reader, 1, 2), "two");
  EXPECT_EQ(one_line(*reader, 1, 3), "three");
  EXPECT_EQ(whole_source(*reader, 1), "one\ntwo\nthree\n");
}

TEST(Archive, ALineWithoutEndThatNothingGoesOnWithIsALine) {
  ScratchArchive scratch;
  auto writer = must(Writer::open(scratch.path(), ""));
  must(writer->declare_source(1, "cut.log"));
  append(*writer, 1, "one\ntw");
  append(*writer, 1, "three\n");
  auto reader = must(Reader::open(scratch.path(), must(writer->sync())));
  EXPECT_EQ(one_line(*reader, 1, 2), "tw");
  EXPECT_EQ(one_line(*reader, 1, 3), "three");
  EXPECT_FALSE(reader->verify({}).fault.has_value());
}

TEST(Archive, GoesOnAfterARestart) {
  ScratchArchive scratch;
  std::string mark, text;
  for (std::uint64_t run = 0; run < 5; ++run) {
    auto writer = must(Writer::open(scratch.path(), mark));
    must(writer->declare_source(3, "mail.log"));
    EXPECT_EQ(writer->joint(3).value_or(Writer::Joint{}).next_position, text.size());
    text += log_lines(run * 100, 100);
    append(*writer, 3, std::string_view(text).substr(text.size() - log_lines(run * 100, 100).size()));
    mark = must(writer->sync());
    must(writer->confirm());
  }
  auto reader = must(Reader::open(scratch.path(), mark));
  EXPECT_EQ(whole_source(*reader, 3), text);
  EXPECT_EQ(reader->sources().at(0).name, "mail.log");
  const Verification verified = reader->verify({});
  EXPECT_FALSE(verified.fault.has_value());
  EXPECT_EQ(verified.lines, 500u);
  EXPECT_EQ(verified.bytes, text.size());
}

TEST(Archive, ManySegmentsAreOneArchive) {
  ScratchArchive scratch;
  auto writer = must(Writer::open(scratch.path(), "", {20'000}));
  must(writer->declare_source(0, "mail.log"));
  std::string text, mark;
  for (std::uint64_t round = 0; round < 20; ++round) {
    const std::string lines = log_lines(round * 500, 500);
    append(*writer, 0, lines);
    text += lines;
    mark = must(writer->sync());
  }
  writer.reset();
  EXPECT_FALSE(scratch.content("00000004.mts").empty());
  auto reader = must(Reader::open(scratch.path(), mark));
  EXPECT_TRUE(reader->faults().empty());
  EXPECT_EQ(whole_source(*reader, 0), text);
  EXPECT_EQ(one_line(*reader, 0, 9999) + "\n", log_lines(9998, 1));
  // The same without the side file.
  std::filesystem::remove(scratch.file("index"));
  auto again = must(Reader::open(scratch.path(), mark));
  EXPECT_EQ(whole_source(*again, 0), text);
  EXPECT_EQ(again->mark(), mark);
  const Verification verified = again->verify({});
  EXPECT_FALSE(verified.fault.has_value());
  EXPECT_GE(verified.segments, 4u);
}

TEST(Archive, AReaderSeesNothingBehindItsMarkAndAdvances) {
  ScratchArchive scratch;
  auto writer = must(Writer::open(scratch.path(), "", {3'000}));
  must(writer->declare_source(0, "mail.log"));
  append(*writer, 0, "one\n");
  const std::string first = must(writer->sync());
  auto reader = must(Reader::open(scratch.path(), first));
  append(*writer, 0, log_lines(2, 300));
  append(*writer, 0, "last\n");
  const std::string second = must(writer->sync());
  EXPECT_EQ(one_line(*reader, 0, 2), "-");
  must(reader->advance(second));
  EXPECT_EQ(one_line(*reader, 0, 1), "one");
  EXPECT_EQ(one_line(*reader, 0, 302), "last");
  EXPECT_EQ(reader->mark(), second);
  EXPECT_FALSE(reader->advance(first).ok());
  EXPECT_EQ(must(Reader::open(scratch.path(), ""))->sources().size(), 0u);
  EXPECT_EQ(must(Reader::open(scratch.path(), Reader::kEverything))->mark(), second);
}

TEST(Archive, TimesOfPiecesAreBoundsOfTheFrame) {
  ScratchArchive scratch;
  auto writer = must(Writer::open(scratch.path(), ""));
  must(writer->declare_source(0, "mail.log"));
  const Micros times[] = {5 * kSecond, -3 * kSecond, 4 * kSecond};
  for (const Micros time : times) {
    Piece piece = next_piece(*writer, 0, "line\n");
    piece.first_time = time;
    piece.last_time = time + kSecond;
    must(writer->append(piece));
  }
  auto reader = must(Reader::open(scratch.path(), must(writer->sync())));
  reader->read_source(0, [&](const Piece& piece) {
    EXPECT_EQ(piece.first_time, -3 * kSecond);
    EXPECT_EQ(piece.last_time, 6 * kSecond);
    EXPECT_EQ(piece.lines, 3u);
    return true;
  });
}

}  // namespace
}  // namespace mailtrail::archive

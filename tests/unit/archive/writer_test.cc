// What a writer refuses, and what it takes back.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <random>
#include <string>

#include "scratch_archive.h"

namespace mailtrail::archive {
namespace {

// A writer that has committed two lines.
std::string commit_two_lines(const ScratchArchive& scratch) {
  auto writer = must(Writer::open(scratch.path(), ""));
  must(writer->declare_source(0, "mail.log"));
  append(*writer, 0, "one\ntwo\n");
  const std::string mark = must(writer->sync());
  must(writer->confirm());
  return mark;
}

TEST(ArchiveWriter, WhatWasNotCommittedIsTakenOff) {
  ScratchArchive scratch;
  const std::string mark = commit_two_lines(scratch);
  {
    auto writer = must(Writer::open(scratch.path(), mark, {1}));
    must(writer->declare_source(1, "other.log"));
    append(*writer, 0, "lost\n");
    append(*writer, 1, "lost\n");
    must(writer->sync());
  }
  EXPECT_FALSE(scratch.content("00000003.mts").empty());
  auto writer = must(Writer::open(scratch.path(), mark));
  EXPECT_TRUE(scratch.content("00000002.mts").empty());
  EXPECT_EQ(writer->joint(0)->next_line, 3u);
  EXPECT_FALSE(writer->joint(1).has_value());
  append(*writer, 0, "three\n");
  auto reader = must(Reader::open(scratch.path(), must(writer->sync())));
  EXPECT_EQ(whole_source(*reader, 0), "one\ntwo\nthree\n");
  EXPECT_FALSE(reader->verify({}).fault.has_value());
}

TEST(ArchiveWriter, AFirstRunThatWasNeverCommittedBeginsAnew) {
  ScratchArchive scratch;
  {
    auto writer = must(Writer::open(scratch.path(), ""));
    must(writer->declare_source(0, "mail.log"));
    append(*writer, 0, "lost\n");
    must(writer->sync());
  }
  auto writer = must(Writer::open(scratch.path(), ""));
  EXPECT_FALSE(writer->joint(0).has_value());
  EXPECT_TRUE(must(Reader::open(scratch.path(), Reader::kEverything))->sources().empty());
}

TEST(ArchiveWriter, CommittedDataAreNotTakenOffForAnOlderDatabase) {
  ScratchArchive scratch;
  const std::string old = commit_two_lines(scratch);
  {
    auto writer = must(Writer::open(scratch.path(), old));
    append(*writer, 0, "three\n");
    must(writer->sync());
    must(writer->confirm());
  }
  const std::string before = scratch.content("00000001.mts");
  for (const std::string& mark : {old, std::string()}) {
    const auto writer = Writer::open(scratch.path(), mark);
    ASSERT_FALSE(writer.ok());
    EXPECT_NE(writer.error().what.find("were committed"), std::string::npos) << writer.error().to_string();
    EXPECT_NE(writer.error().remedy.find("mailtrail rebuild"), std::string::npos);
  }
  EXPECT_EQ(scratch.content("00000001.mts"), before);
  std::filesystem::remove(scratch.file("committed"));
  EXPECT_TRUE(Writer::open(scratch.path(), old).ok());
}

TEST(ArchiveWriter, AMarkBehindTheEndIsAMissingPart) {
  ScratchArchive scratch;
  const std::string mark = commit_two_lines(scratch);
  std::filesystem::resize_file(scratch.file("00000001.mts"),
                               std::filesystem::file_size(scratch.file("00000001.mts")) - 1);
  const auto cut = Writer::open(scratch.path(), mark);
  ASSERT_FALSE(cut.ok());
  EXPECT_NE(cut.error().what.find("a part of the archive is missing"), std::string::npos);
  std::filesystem::remove(scratch.file("00000001.mts"));
  EXPECT_FALSE(Writer::open(scratch.path(), mark).ok());
  EXPECT_FALSE(Reader::open(scratch.path(), mark).ok());
  std::filesystem::remove_all(scratch.path());
  EXPECT_FALSE(Reader::open(scratch.path(), mark).ok());
}

TEST(ArchiveWriter, AnotherArchiveIsNotTakenForThisOne) {
  ScratchArchive scratch, other;
  const std::string mark = commit_two_lines(scratch);
  {
    auto writer = must(Writer::open(other.path(), ""));
    must(writer->declare_source(0, "mail.log"));
    append(*writer, 0, "one\ntwx\n");
    ASSERT_NE(must(writer->sync()), mark);
  }
  const auto writer = Writer::open(other.path(), mark);
  ASSERT_FALSE(writer.ok());
  EXPECT_NE(writer.error().what.find("not of one ingest"), std::string::npos) << writer.error().to_string();
}

TEST(ArchiveWriter, MarksThatAreNone) {
  ScratchArchive scratch;
  const std::string hash(64, '0');
  for (const std::string& mark :
       {std::string("x"), "mta1:0:64:" + hash, "mta1:1:63:" + hash, "mta1:01:64:" + hash, "mta1:1:64:" + hash + "0",
        "mta1:1:64:" + std::string(64, 'A'), "mta2:1:64:" + hash, "mta1:99999999999:64:" + hash, std::string("*")}) {
    EXPECT_FALSE(Writer::open(scratch.path(), mark).ok()) << mark;
    if (mark == Reader::kEverything) continue;
    EXPECT_FALSE(Reader::open(scratch.path(), mark).ok()) << mark;
  }
}

TEST(ArchiveWriter, TwoAtOnceAreRefusedWithTheOnesProcess) {
  ScratchArchive scratch;
  auto writer = must(Writer::open(scratch.path(), ""));
  const auto second = Writer::open(scratch.path(), "");
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().what, "process " + std::to_string(::getpid()) + " writes this archive");
  writer.reset();
  EXPECT_TRUE(Writer::open(scratch.path(), "").ok());
}

TEST(ArchiveWriter, PiecesThatDoNotJoinUpAreRefusedAndNothingElseSuffers) {
  ScratchArchive scratch;
  auto writer = must(Writer::open(scratch.path(), ""));
  const Piece undeclared{0, 1, 1, 0, false, "one\n", {}, {}};
  EXPECT_FALSE(writer->append(undeclared).ok());
  must(writer->declare_source(0, "mail.log"));
  EXPECT_FALSE(writer->declare_source(0, "another name").ok());
  EXPECT_FALSE(writer->declare_source(kMostSources, "mail.log").ok());
  EXPECT_FALSE(writer->declare_source(1, "").ok());
  EXPECT_FALSE(writer->declare_source(1, std::string(kMostName + 1, 'x')).ok());
  must(writer->declare_source(0, "mail.log"));
  // Begins in the middle of its source, as after an expiry.
  must(writer->append({0, 2, 11, 1000, false, "one\ntwo\n", {}, {}}));
  const Piece wrong[] = {
      {0, 1, 13, 1009, false, "hole\n", {}, {}},  {0, 1, 14, 1008, false, "hole\n", {}, {}},
      {0, 1, 12, 1008, false, "again\n", {}, {}}, {0, 1, 13, 1004, false, "again\n", {}, {}},
      {0, 2, 13, 1008, false, "count\n", {}, {}}, {0, 0, 13, 1008, true, "of no line\n", {}, {}},
      {0, 1, 13, 1008, false, "time\n", 5, {}},
  };
  for (const Piece& piece : wrong) EXPECT_FALSE(writer->append(piece).ok()) << piece.text;
  must(writer->append({0, 1, 13, 1008, false, "three\n", {}, {}}));
  auto reader = must(Reader::open(scratch.path(), must(writer->sync())));
  EXPECT_EQ(whole_source(*reader, 0), "one\ntwo\nthree\n");
  EXPECT_EQ(one_line(*reader, 0, 13), "three");
  EXPECT_EQ(one_line(*reader, 0, 10), "-");
  EXPECT_EQ(reader->sources().at(0).first_position, 1000u);
}

// What no compressor makes smaller.
std::string noise(std::size_t size) {
  std::mt19937_64 random(1);
  std::string text(size, '\0');
  for (char& c : text) c = static_cast<char>(random());
  text.back() = '\n';
  return text;
}

TEST(ArchiveWriter, AFullDiskIsToldAndMendedByTheNextOpen) {
  ScratchArchive scratch;
  const std::string mark = commit_two_lines(scratch);
  rlimit usual{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &usual), 0);
  const auto handler = ::signal(SIGXFSZ, SIG_IGN);
  {
    auto writer = must(Writer::open(scratch.path(), mark));
    rlimit small = usual;
    small.rlim_cur = 100'000;
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
    const std::string text = noise(300'000);
    must(writer->append(next_piece(*writer, 0, text)));
    const auto synced = writer->sync();
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &usual), 0);
    ASSERT_FALSE(synced.ok());
    EXPECT_NE(synced.error().where.find("00000001.mts"), std::string::npos) << synced.error().to_string();
    EXPECT_NE(synced.error().remedy.find("limit"), std::string::npos) << synced.error().to_string();
    // There is room again, but this writer has lost a frame.
    EXPECT_FALSE(writer->append(next_piece(*writer, 0, "later\n")).ok());
    EXPECT_FALSE(writer->sync().ok());
    EXPECT_FALSE(writer->declare_source(5, "later.log").ok());
  }
  ::signal(SIGXFSZ, handler);
  auto writer = must(Writer::open(scratch.path(), mark));
  append(*writer, 0, "three\n");
  auto reader = must(Reader::open(scratch.path(), must(writer->sync())));
  EXPECT_EQ(whole_source(*reader, 0), "one\ntwo\nthree\n");
  EXPECT_FALSE(reader->verify({}).fault.has_value());
}

TEST(ArchiveWriter, ADirectoryThatMayOnlyBeReadIsReadAndNotWritten) {
  ScratchArchive scratch;
  const std::string mark = commit_two_lines(scratch);
  std::filesystem::remove(scratch.file("index"));
  // Root may write everywhere: as nobody, in a process of its own.
  const pid_t child = ::fork();
  if (child == 0) {
    const std::filesystem::path root = std::filesystem::path(scratch.path()).parent_path();
    int wrong = 0;
    for (const char* name : {"lock", "committed", "00000001.mts"}) wrong += ::chmod(scratch.file(name).c_str(), 0444);
    wrong += ::chmod(scratch.path().c_str(), 0555) + ::chmod(root.c_str(), 0755);
    if (::geteuid() == 0) wrong += ::setuid(65534);
    auto reader = Reader::open(scratch.path(), mark);
    if (!reader.ok() || whole_source(**reader, 0) != "one\ntwo\n") wrong += 10;
    const auto writer = Writer::open(scratch.path(), mark);
    if (writer.ok() || writer.error().remedy.empty()) wrong += 100;
    ::_exit(wrong);
  }
  int status = -1;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(WEXITSTATUS(status), 0);
  ::chmod(scratch.path().c_str(), 0755);
}

TEST(ArchiveWriter, AParentThatIsNotThereIsAnError) {
  ScratchArchive scratch;
  const auto writer = Writer::open(scratch.path() + "/no/such", "");
  ASSERT_FALSE(writer.ok());
  EXPECT_FALSE(writer.error().remedy.empty());
}

}  // namespace
}  // namespace mailtrail::archive

#include "intake/source.h"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <filesystem>
#include <fstream>
#include <thread>

namespace mailtrail::intake {
namespace {

namespace fs = std::filesystem;

class SourceTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "mailtrail-test-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  std::string write(const std::string& name, const std::string& bytes) const {
    std::ofstream(path(name), std::ios::binary) << bytes;
    return path(name);
  }

 private:
  fs::path folder_;
};

std::string packed(const std::string& text, int (*add_filter)(archive*)) {
  std::string out(text.size() + 4096, '\0');
  std::size_t used = 0;
  archive* a = archive_write_new();
  archive_write_set_format_raw(a);
  add_filter(a);
  archive_write_set_bytes_in_last_block(a, 1);
  EXPECT_EQ(archive_write_open_memory(a, out.data(), out.size(), &used), ARCHIVE_OK);
  archive_entry* entry = archive_entry_new();
  archive_entry_set_filetype(entry, AE_IFREG);
  archive_entry_set_pathname(entry, "log");
  EXPECT_EQ(archive_write_header(a, entry), ARCHIVE_OK);
  EXPECT_EQ(archive_write_data(a, text.data(), text.size()), static_cast<la_ssize_t>(text.size()));
  archive_entry_free(entry);
  archive_write_close(a);
  archive_write_free(a);
  out.resize(used);
  return out;
}

// Text that does not compress to nothing, line by line.
std::string log_lines(int count) {
  std::string text;
  std::uint64_t state = 88172645463325252ULL;
  for (int i = 0; i < count; ++i) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    text += "Nov 24 03:00:15 mx1 postfix/smtp[" + std::to_string(state % 32768) + "]: " + std::to_string(state) + "\n";
  }
  return text;
}

struct Content {
  std::string bytes;
  std::optional<Error> error;
};

Content read_all(Source& source) {
  Content content;
  char buffer[1000];
  while (true) {
    const Result<std::size_t> got = source.read(buffer, sizeof buffer);
    if (!got.ok()) {
      content.error = got.error();
      return content;
    }
    if (*got == 0) return content;
    content.bytes.append(buffer, *got);
  }
}

std::unique_ptr<Source> opened(const std::string& path) {
  Result<std::unique_ptr<Source>> source = open_source(path);
  EXPECT_TRUE(source.ok()) << (source.ok() ? "" : source.error().to_string());
  return source.ok() ? std::move(source).value() : nullptr;
}

TEST_F(SourceTest, PlainFileIsReadAnywhereAndInOrder) {
  const auto source = opened(write("mail.log", "line one\nline two\n"));
  ASSERT_NE(source, nullptr);
  EXPECT_EQ(source->kind(), SourceKind::kPlain);
  EXPECT_TRUE(source->seekable());
  EXPECT_EQ(source->size(), 18u);
  char buffer[64];
  const auto got = source->read_at(5, buffer, sizeof buffer);
  ASSERT_TRUE(got.ok());
  EXPECT_EQ(std::string(buffer, *got), "one\nline two\n");
  EXPECT_EQ(*source->read_at(18, buffer, sizeof buffer), 0u);
  EXPECT_EQ(*source->read_at(UINT64_MAX, buffer, sizeof buffer), 0u);
  EXPECT_EQ(read_all(*source).bytes, "line one\nline two\n");
  EXPECT_TRUE(source->reopen().ok());
  EXPECT_EQ(read_all(*source).bytes, "line one\nline two\n");
}

TEST_F(SourceTest, WhatIsAppendedLaterIsNotLookedAt) {
  const std::string name = write("mail.log", "one\n");
  const auto source = opened(name);
  ASSERT_NE(source, nullptr);
  std::ofstream(name, std::ios::app) << "two\n";
  EXPECT_EQ(read_all(*source).bytes, "one\n");
}

TEST_F(SourceTest, EmptyFileIsASourceWithoutBytes) {
  const auto source = opened(write("mail.log", ""));
  ASSERT_NE(source, nullptr);
  EXPECT_EQ(source->size(), 0u);
  const Content content = read_all(*source);
  EXPECT_TRUE(content.bytes.empty());
  EXPECT_FALSE(content.error);
}

TEST_F(SourceTest, ChangedAtIsTheFilesTime) {
  const std::string name = write("mail.log", "x\n");
  const timespec times[2] = {{1795489215, 0}, {1795489215, 500'000'000}};
  ASSERT_EQ(::utimensat(AT_FDCWD, name.c_str(), times, 0), 0);
  EXPECT_EQ(opened(name)->changed_at(), 1795489215 * kSecond + 500'000);
}

TEST_F(SourceTest, EveryCompressionIsKnownByItsBytesNotItsName) {
  const std::string text = log_lines(5000);
  const struct {
    SourceKind kind;
    int (*add_filter)(archive*);
  } kinds[] = {{SourceKind::kGzip, archive_write_add_filter_gzip},
               {SourceKind::kBzip2, archive_write_add_filter_bzip2},
               {SourceKind::kXz, archive_write_add_filter_xz},
               {SourceKind::kZstd, archive_write_add_filter_zstd}};
  for (const auto& [kind, add_filter] : kinds) {
    const auto source = opened(write("mail.log.1", packed(text, add_filter)));
    ASSERT_NE(source, nullptr);
    EXPECT_EQ(source->kind(), kind);
    EXPECT_FALSE(source->seekable());
    for (int round = 0; round < 2; ++round) {
      const Content content = read_all(*source);
      EXPECT_EQ(content.bytes, text) << to_text(kind);
      EXPECT_FALSE(content.error) << to_text(kind) << ": " << content.error->to_string();
      EXPECT_TRUE(source->reopen().ok());
    }
  }
}

TEST_F(SourceTest, CompressedNothingIsASourceWithoutBytes) {
  const auto source = opened(write("mail.log.1.gz", packed("", archive_write_add_filter_gzip)));
  ASSERT_NE(source, nullptr);
  const Content content = read_all(*source);
  EXPECT_TRUE(content.bytes.empty());
  EXPECT_FALSE(content.error) << content.error->to_string();
}

TEST_F(SourceTest, GzipMembersOneAfterAnotherAreReadWhole) {
  const std::string text =
      packed("first\n", archive_write_add_filter_gzip) + packed("second\n", archive_write_add_filter_gzip);
  EXPECT_EQ(read_all(*opened(write("mail.log.1.gz", text))).bytes, "first\nsecond\n");
}

// `lines` as one gzip member that can be decoded up to the end of each line; `ends` are the places of these ends.
std::string gzip_by_line(const std::vector<std::string>& lines, std::vector<std::size_t>& ends, gz_header* header) {
  std::string out(64 * 1024, '\0');
  z_stream stream{};
  EXPECT_EQ(deflateInit2(&stream, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY), Z_OK);
  EXPECT_EQ(deflateSetHeader(&stream, header), Z_OK);
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  for (const std::string& line : lines) {
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(line.data()));
    stream.avail_in = static_cast<uInt>(line.size());
    EXPECT_EQ(deflate(&stream, Z_SYNC_FLUSH), Z_OK);
    ends.push_back(out.size() - stream.avail_out);
  }
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(out.size() - stream.avail_out);
  deflateEnd(&stream);
  return out;
}

class GzipTest : public SourceTest {
 protected:
  void SetUp() override {
    SourceTest::SetUp();
    for (int i = 0; i < 40; ++i) lines_.push_back("line " + std::to_string(i * i) + "\n");
    for (const std::string& line : lines_) text_ += line;
    header_.name = name_;
    header_.comment = comment_;
    header_.extra = extra_;
    header_.extra_len = sizeof extra_;
    header_.hcrc = 1;
    gzip_ = gzip_by_line(lines_, ends_, &header_);
  }
  Content read_bytes(const std::string& bytes) { return read_all(*opened(write("mail.log.1.gz", bytes))); }
  void expect_error(const Content& content, const std::string& part) {
    ASSERT_TRUE(content.error) << part;
    EXPECT_NE(content.error->what.find(part), std::string::npos) << content.error->to_string();
    EXPECT_NE(content.error->where.find("mail.log.1.gz"), std::string::npos);
  }

  std::vector<std::string> lines_;
  std::string text_, gzip_;
  std::vector<std::size_t> ends_;  // in `gzip_`, of each line

 private:
  gz_header header_{};
  Bytef name_[9] = "mail.log";
  Bytef comment_[5] = "sent";
  Bytef extra_[6] = {'A', 'p', 2, 0, 0, 0};
};

TEST_F(GzipTest, EveryFieldOfAHeaderIsPassedOver) {
  const Content content = read_bytes(gzip_);
  EXPECT_EQ(content.bytes, text_);
  EXPECT_FALSE(content.error) << content.error->to_string();
}

TEST_F(GzipTest, CutAnywhereGivesEveryLineBeforeTheCut) {
  for (std::size_t size = 10; size < gzip_.size(); ++size) {
    const Content content = read_bytes(gzip_.substr(0, size));
    std::string whole;
    for (std::size_t i = 0; i < ends_.size() && ends_[i] <= size; ++i) whole += lines_[i];
    EXPECT_EQ(content.bytes.substr(0, whole.size()), whole) << size;
    EXPECT_EQ(content.bytes, text_.substr(0, content.bytes.size())) << size;
    ASSERT_TRUE(content.error) << size;
  }
  expect_error(read_bytes(gzip_.substr(0, 15)), "ends in a header");
  expect_error(read_bytes(gzip_.substr(0, ends_[3])), "ends in the middle");
  const Content no_trailer = read_bytes(gzip_.substr(0, gzip_.size() - 8));
  EXPECT_EQ(no_trailer.bytes, text_);
  expect_error(no_trailer, "ends within its check sum");
}

TEST_F(GzipTest, DamageGivesEveryLineBeforeIt) {
  std::string bytes = gzip_;
  bytes[ends_[9]] = '\x06';  // a block of the reserved type
  const Content content = read_bytes(bytes);
  EXPECT_EQ(content.bytes, text_.substr(0, text_.find(lines_[10])));
  expect_error(content, "damaged: invalid block type");
}

TEST_F(GzipTest, WrongCheckSumOrLengthGivesAllMembersAndThenTheError) {
  for (const std::size_t from_end : {1u, 8u}) {
    std::string bytes = gzip_;
    bytes[bytes.size() - from_end] ^= 1;
    const Content content = read_bytes(bytes + gzip_);
    EXPECT_EQ(content.bytes, text_ + text_);
    expect_error(content, "check sum does not agree");
  }
}

TEST_F(GzipTest, DamagedHeaderIsTold) {
  std::string bytes = gzip_;
  bytes[bytes.find("mail.log")] = 'M';
  const Content content = read_bytes(bytes);
  EXPECT_EQ(content.bytes, text_);
  expect_error(content, "damaged in a header");
  bytes[3] = '\xFF';
  expect_error(read_bytes(bytes), "a header that gzip does not know");
}

TEST_F(GzipTest, PaddingIsNoFaultOtherTrailingBytesAre) {
  const std::string padding(1000, '\0');
  const Content padded = read_bytes(gzip_ + padding + gzip_ + padding);
  EXPECT_EQ(padded.bytes, text_ + text_);
  EXPECT_FALSE(padded.error) << padded.error->to_string();
  for (const std::string& rest : {std::string("x"), std::string("Nov 24 03:00:15 mx1 postfix/smtp[1]: x\n")}) {
    const Content content = read_bytes(gzip_ + padding + rest);
    EXPECT_EQ(content.bytes, text_);
    expect_error(content, "no gzip data follows");
  }
  const Content begun = read_bytes(gzip_ + "\x1F");
  EXPECT_EQ(begun.bytes, text_);
  expect_error(begun, "ends in a header");
}

TEST_F(GzipTest, FaultIsToldOnceAndAgainAfterReopening) {
  const auto source = opened(write("mail.log.1.gz", gzip_.substr(0, ends_[5])));
  ASSERT_NE(source, nullptr);
  for (int round = 0; round < 2; ++round) {
    EXPECT_TRUE(read_all(*source).error);
    const Content after = read_all(*source);
    EXPECT_TRUE(after.bytes.empty());
    EXPECT_FALSE(after.error);
    ASSERT_TRUE(source->reopen().ok());
  }
}

TEST_F(SourceTest, GzipHeaderTimeGoesBeforeTheFilesTime) {
  std::string gzip = packed("x\n", archive_write_add_filter_gzip);
  const std::uint32_t seconds = 1795489215;
  for (std::size_t i = 0; i < 4; ++i) gzip[4 + i] = static_cast<char>(seconds >> (8 * i));
  EXPECT_EQ(opened(write("a.gz", gzip))->changed_at(), Micros{seconds} * kSecond);
  gzip.replace(4, 4, 4, '\0');
  const std::string name = write("b.gz", gzip);
  const timespec times[2] = {{1700000000, 0}, {1700000000, 0}};
  ASSERT_EQ(::utimensat(AT_FDCWD, name.c_str(), times, 0), 0);
  EXPECT_EQ(opened(name)->changed_at(), 1700000000 * kSecond);
}

TEST_F(SourceTest, CutCompressedFileGivesWhatItHasAndThenTheError) {
  const std::string text = log_lines(20000);
  for (const auto add_filter : {archive_write_add_filter_gzip, archive_write_add_filter_zstd,
                                archive_write_add_filter_xz, archive_write_add_filter_bzip2}) {
    const std::string whole = packed(text, add_filter);
    const auto source = opened(write("cut", whole.substr(0, whole.size() * 9 / 10)));
    ASSERT_NE(source, nullptr);
    const Content content = read_all(*source);
    EXPECT_EQ(content.bytes, text.substr(0, content.bytes.size()));
    ASSERT_TRUE(content.error) << to_text(source->kind());
    EXPECT_NE(content.error->what.find("ends in the middle"), std::string::npos) << content.error->to_string();
    EXPECT_FALSE(content.error->where.empty());
    // After the error there is no more.
    char byte;
    EXPECT_EQ(*source->read(&byte, 1), 0u);
    if (source->kind() == SourceKind::kGzip) {
      // All but the last few lines, whose bytes are cut: not a whole block of 64 KiB.
      EXPECT_GT(content.bytes.size(), text.size() * 88 / 100);
    }
  }
}

TEST_F(SourceTest, DamagedCompressedFileIsAnError) {
  for (const auto add_filter : {archive_write_add_filter_xz, archive_write_add_filter_bzip2}) {
    std::string bytes = packed(log_lines(20000), add_filter);
    for (std::size_t i = bytes.size() / 2; i < bytes.size() / 2 + 64; ++i) bytes[i] = '\xFF';
    const Content content = read_all(*opened(write("damaged", bytes)));
    ASSERT_TRUE(content.error);
    EXPECT_NE(content.error->what.find("damaged"), std::string::npos) << content.error->to_string();
  }
}

TEST_F(SourceTest, ErrorsSayWhatToDo) {
  const auto missing = open_source(path("none"));
  ASSERT_FALSE(missing.ok());
  EXPECT_NE(missing.error().what.find("no such file"), std::string::npos);
  const auto folder = open_source(path(""));
  ASSERT_FALSE(folder.ok());
  EXPECT_EQ(folder.error().what, "is a directory");
  EXPECT_NE(folder.error().remedy.find("/mail.log*"), std::string::npos);
  const auto device = open_source("/dev/zero");
  ASSERT_FALSE(device.ok());
  EXPECT_EQ(device.error().what, "is a device");
  const std::string secret = write("secret", "x");
  ASSERT_EQ(::chmod(secret.c_str(), 0), 0);
  if (::geteuid() != 0) {
    const auto denied = open_source(secret);
    ASSERT_FALSE(denied.ok());
    EXPECT_NE(denied.error().remedy.find("adm"), std::string::npos);
  }
}

// A pipe with a writer at its other end.
class PipeTest : public SourceTest {
 protected:
  std::unique_ptr<Source> open_pipe(const std::string& content) {
    const std::string name = path("pipe");
    EXPECT_EQ(::mkfifo(name.c_str(), 0600), 0);
    writer_ = std::thread([name, content] { std::ofstream(name, std::ios::binary) << content; });
    return opened(name);
  }
  void TearDown() override {
    if (writer_.joinable()) writer_.join();
    SourceTest::TearDown();
  }

 private:
  std::thread writer_;
};

TEST_F(PipeTest, IsReadOnce) {
  const std::string text = log_lines(10000);
  const auto source = open_pipe(text);
  ASSERT_NE(source, nullptr);
  EXPECT_FALSE(source->seekable());
  EXPECT_FALSE(source->changed_at());
  EXPECT_EQ(read_all(*source).bytes, text);
  const auto again = source->reopen();
  ASSERT_FALSE(again.ok());
  EXPECT_EQ(again.error().what, "can be read only once");
}

TEST_F(PipeTest, SpooledIsReadAgain) {
  const std::string text = log_lines(10000);
  const auto source = open_pipe(text);
  ASSERT_NE(source, nullptr);
  ASSERT_TRUE(source->spool().ok());
  char buffer[12345];
  std::size_t some = 0;
  while (some < sizeof buffer) some += *source->read(buffer + some, sizeof buffer - some);
  EXPECT_EQ(text.substr(0, some), std::string(buffer, some));
  for (int round = 0; round < 3; ++round) {
    ASSERT_TRUE(source->reopen().ok());
    EXPECT_EQ(read_all(*source).bytes, text);
  }
}

TEST_F(PipeTest, CompressedIsRecognisedAndSpooled) {
  const std::string text = log_lines(10000);
  const auto source = open_pipe(packed(text, archive_write_add_filter_zstd));
  ASSERT_NE(source, nullptr);
  EXPECT_EQ(source->kind(), SourceKind::kZstd);
  ASSERT_TRUE(source->spool().ok());
  for (int round = 0; round < 2; ++round) {
    EXPECT_EQ(read_all(*source).bytes, text);
    ASSERT_TRUE(source->reopen().ok());
  }
}

TEST(LooksBinary, NamesTheWayOut) {
  const auto journal = looks_binary("LPKSHHRH\1\2\3", "system.journal");
  ASSERT_TRUE(journal);
  EXPECT_EQ(journal->remedy, "journalctl --file system.journal -o export | mailtrail COMMAND -");
  EXPECT_TRUE(looks_binary(std::string("\x7F"
                                       "ELF\2\1\1"),
                           "x"));
  std::string tar(512, '\0');
  tar.replace(257, 5, "ustar");
  EXPECT_TRUE(looks_binary(tar, "logs.tar"));
  std::string noise;
  for (int i = 0; i < 4096; ++i) noise += static_cast<char>(i * 7 % 256);
  EXPECT_TRUE(looks_binary(noise, "x"));
}

TEST(LooksBinary, LetsTextPass) {
  EXPECT_FALSE(looks_binary("", "x"));
  EXPECT_FALSE(looks_binary("Nov 24 03:00:15 mx1 postfix/smtp[1]: x\n", "x"));
  EXPECT_FALSE(looks_binary(std::string(4096, '\0'), "x"));
  EXPECT_FALSE(looks_binary(std::string(4000, '\0') + "Nov 24 03:00:15 mx1 postfix/smtp[1]: x\n", "x"));
  EXPECT_FALSE(looks_binary("caf\xE9 \xFF\xFE\n", "x"));
}

}  // namespace
}  // namespace mailtrail::intake

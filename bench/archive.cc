// How fast a log is archived, how large the archive is beside what `zstd -3` makes of the log, and how fast lines are
// found again.
//
//   bench_archive LOG FOLDER
//
// FOLDER MUST NOT exist; it is made for the archive, and removed. Prints the speed of the writer in MB/s (of the log,
// in wall time, with everything durable) and in seconds of processor time, the ratio of sizes beside its target, the
// time to open the archive with its side file and without, and the time for the 30 lines of a message.
#include "archive/archive.h"

#include <fmt/format.h>
#include <sys/resource.h>
#include <zstd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace mailtrail::bench {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kBlock = 256 * 1024;
constexpr std::uint64_t kBytesPerSync = 100'000'000;
constexpr double kMostRatio = 1.1;
constexpr double kMostMilliseconds = 10;

[[noreturn]] void fail(const std::string& text) {
  fmt::print(stderr, "{}\n", text);
  std::exit(3);
}

template <class T>
T must(Result<T> result) {
  if (!result.ok()) fail(result.error().to_string());
  return std::move(*result);
}

double milliseconds_since(Clock::time_point begin) {
  return std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
}

double processor_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

// The log in blocks of whole lines.
class Log {
 public:
  explicit Log(const std::string& path) : file_(std::fopen(path.c_str(), "rb")) {
    if (file_ == nullptr) fail("cannot be opened: " + path);
  }
  ~Log() { std::fclose(file_); }
  // Empty at the end; lives until the next call.
  std::string_view next() {
    buffer_.erase(0, given_);
    const std::size_t kept = buffer_.size();
    buffer_.resize(kept + kBlock);
    buffer_.resize(kept + std::fread(buffer_.data() + kept, 1, kBlock, file_));
    const std::size_t end = buffer_.rfind('\n');
    given_ = end == std::string::npos ? buffer_.size() : end + 1;
    return std::string_view(buffer_).substr(0, given_);
  }

 private:
  std::FILE* file_;
  std::string buffer_;
  std::size_t given_ = 0;
};

struct Written {
  std::string mark;
  std::uint64_t bytes = 0, lines = 0;
};

Written write(const std::string& path, const std::string& folder) {
  auto writer = must(archive::Writer::open(folder, ""));
  must(writer->declare_source(0, path));
  Written written;
  Log log(path);
  std::uint64_t synced = 0;
  for (std::string_view text = log.next(); !text.empty(); text = log.next()) {
    archive::Piece piece;
    piece.first_line = written.lines + 1;
    piece.position = written.bytes;
    piece.lines = static_cast<std::uint64_t>(std::count(text.begin(), text.end(), '\n')) + (text.back() != '\n');
    piece.text = text;
    must(writer->append(piece));
    written.bytes += text.size();
    written.lines += piece.lines;
    if (written.bytes - synced < kBytesPerSync) continue;
    synced = written.bytes;
    must(writer->sync());
  }
  written.mark = must(writer->sync());
  return written;
}

// What the command `zstd -3` writes: one frame, streamed, with a checksum.
std::uint64_t packed_whole(const std::string& path) {
  const std::unique_ptr<ZSTD_CCtx, decltype(&ZSTD_freeCCtx)> context(ZSTD_createCCtx(), ZSTD_freeCCtx);
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_compressionLevel, 3);
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_checksumFlag, 1);
  std::string packed(ZSTD_CStreamOutSize(), '\0');
  std::uint64_t size = 0;
  Log log(path);
  for (bool is_over = false; !is_over;) {
    const std::string_view text = log.next();
    is_over = text.empty();
    ZSTD_inBuffer in{text.data(), text.size(), 0};
    for (std::size_t left = 1; left != 0;) {
      ZSTD_outBuffer out{packed.data(), packed.size(), 0};
      left = ZSTD_compressStream2(context.get(), &out, &in, is_over ? ZSTD_e_end : ZSTD_e_continue);
      if (ZSTD_isError(left) != 0) fail(ZSTD_getErrorName(left));
      if (!is_over && in.pos == in.size) left = 0;
      size += out.pos;
    }
  }
  return size;
}

std::uint64_t size_of(const std::string& folder) {
  std::uint64_t size = 0;
  for (const auto& entry : fs::directory_iterator(folder)) size += entry.file_size();
  return size;
}

double open_milliseconds(const std::string& folder, const std::string& mark) {
  const auto begin = Clock::now();
  must(archive::Reader::open(folder, mark));
  return milliseconds_since(begin);
}

// The slowest and the middle of many messages of 30 lines that lie within 20,000 lines, each in a reader that has not
// unpacked anything of it.
std::pair<double, double> message_milliseconds(const std::string& folder, const Written& written) {
  auto reader = must(archive::Reader::open(folder, written.mark));
  std::mt19937_64 random(1);
  std::vector<double> times;
  const std::uint64_t span = std::min<std::uint64_t>(20'000, written.lines);
  for (int message = 0; message < 200; ++message) {
    const std::uint64_t first = 1 + random() % (written.lines - span + 1);
    std::vector<archive::LinePlace> places;
    for (int line = 0; line < 30; ++line) places.push_back({0, first + random() % span});
    const auto begin = Clock::now();
    const archive::FoundLines found = reader->lines(places);
    times.push_back(milliseconds_since(begin));
    for (const auto& text : found.texts) {
      if (!text) fail("a line is not found again");
    }
  }
  std::sort(times.begin(), times.end());
  return {times[times.size() / 2], times[times.size() * 99 / 100]};
}

bool run(const std::string& log, const std::string& folder) {
  const double processor = processor_seconds();
  auto begin = Clock::now();
  const Written written = write(log, folder);
  const double seconds = milliseconds_since(begin) / 1000;
  const double megabytes = static_cast<double>(written.bytes) / 1e6;
  fmt::print("archive: {} lines, {:.0f} MB: {:.0f} MB/s, {:.2f} million lines/s, {:.1f} s of processor\n",
             written.lines, megabytes, megabytes / seconds, static_cast<double>(written.lines) / 1e6 / seconds,
             processor_seconds() - processor);
  const std::uint64_t size = size_of(folder);
  begin = Clock::now();
  const std::uint64_t whole = packed_whole(log);
  const double ratio = static_cast<double>(size) / static_cast<double>(whole);
  fmt::print("size: {:.1f} MB; zstd -3: {:.1f} MB at {:.0f} MB/s; ratio {:.3f} (at most {})\n",
             static_cast<double>(size) / 1e6, static_cast<double>(whole) / 1e6,
             megabytes / milliseconds_since(begin) * 1000, ratio, kMostRatio);
  const double with = open_milliseconds(folder, written.mark);
  fs::remove(fs::path(folder) / "index");
  const double without = open_milliseconds(folder, written.mark);
  fmt::print("open: {:.2f} ms; by the headers alone: {:.2f} ms\n", with, without);
  const auto [middle, slow] = message_milliseconds(folder, written);
  fmt::print("30 lines of a message: median {:.2f} ms, of a hundred the slowest {:.2f} ms (at most {})\n", middle, slow,
             kMostMilliseconds);
  begin = Clock::now();
  const archive::Verification verified = must(archive::Reader::open(folder, written.mark))->verify({});
  if (verified.fault) fail(verified.fault->to_string());
  fmt::print("verify: {:.0f} MB/s\n", megabytes / milliseconds_since(begin) * 1000);
  return ratio <= kMostRatio && slow <= kMostMilliseconds;
}

}  // namespace
}  // namespace mailtrail::bench

int main(int count, char** arguments) {
  if (count != 3 || std::filesystem::exists(arguments[2])) {
    fmt::print(stderr, "usage: bench_archive LOG FOLDER (which does not exist)\n");
    return 2;
  }
  const bool good = mailtrail::bench::run(arguments[1], arguments[2]);
  std::filesystem::remove_all(arguments[2]);
  return good ? 0 : 1;
}

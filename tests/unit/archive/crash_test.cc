// Whatever a crash leaves behind the last commit, the next open gives back exactly what was committed.
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <string>
#include <vector>

#include "scratch_archive.h"

namespace mailtrail::archive {
namespace {

namespace fs = std::filesystem;

struct Model {
  std::map<std::uint32_t, std::string> texts;
  std::map<std::uint32_t, std::vector<std::string>> lines;
};

// An ingest that is killed again and again, beside a model of what it must have.
class Ingest {
 public:
  explicit Ingest(unsigned seed) : random_(seed) {}

  void live_through(int lives) {
    for (int life = 0; life < lives; ++life) {
      live();
      crash();
    }
    compare();
  }

 private:
  std::uint64_t pick(std::uint64_t below) { return random_() % below; }

  std::string random_text() {
    constexpr std::uint64_t kSizes[] = {1, 20, 300, 5'000, 120'000, 1'400'000};
    std::string text(1 + pick(kSizes[pick(pick(4) == 0 ? 6 : 4)]), 'x');
    const std::uint64_t line = pick(5) == 0 ? 1 + pick(100'000) : 1 + pick(150);
    for (char& c : text) c = pick(line) == 0 ? '\n' : static_cast<char>(pick(4) == 0 ? random_() : 'a' + pick(6));
    if (pick(4) != 0) text.back() = '\n';
    return text;
  }

  void append_random(Writer& writer) {
    const std::uint32_t source = static_cast<std::uint32_t>(pick(5) * 1000);
    must(writer.declare_source(source, "log " + std::to_string(source)));
    const std::string text = random_text();
    const auto joint = writer.joint(source);
    Piece piece = next_piece(writer, source, text);
    piece.continues_line = joint && joint->in_line && pick(2) == 0;
    std::vector<std::string> lines = split(text);
    piece.lines = lines.size() - (piece.continues_line ? 1 : 0);
    std::vector<std::string>& known = now_.lines[source];
    if (piece.continues_line) {
      known.back() += lines.front();
      lines.erase(lines.begin());
    }
    known.insert(known.end(), lines.begin(), lines.end());
    now_.texts[source] += text;
    must(writer.append(piece));
  }

  // With their ends.
  static std::vector<std::string> split(const std::string& text) {
    std::vector<std::string> lines;
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t end = std::min(text.find('\n', at), text.size() - 1) + 1;
      lines.push_back(text.substr(at, end - at));
      at = end;
    }
    return lines;
  }

  void live() {
    now_ = committed_;
    auto writer = must(Writer::open(scratch_.path(), mark_, {pick(2) == 0 ? 30'000u : 400'000u}));
    for (const Error& fault : writer->faults()) ADD_FAILURE() << fault.to_string();
    for (const auto& [source, text] : committed_.texts) {
      ASSERT_TRUE(writer->joint(source).has_value());
      EXPECT_EQ(writer->joint(source)->next_position, text.size());
      EXPECT_EQ(writer->joint(source)->next_line, committed_.lines[source].size() + 1);
    }
    for (std::uint64_t steps = pick(25); steps > 0; --steps) {
      append_random(*writer);
      if (pick(5) != 0) continue;
      std::string mark = must(writer->sync());
      if (pick(3) == 0) continue;  // the database was slow: not committed
      mark_ = std::move(mark);
      committed_ = now_;
      if (pick(2) == 0) must(writer->confirm());
    }
  }

  // What lies behind the mark is cut anywhere, or holds anything; so does the side file.
  void crash() {
    unsigned long long marked = 0, offset = 0;
    if (!mark_.empty() && std::sscanf(mark_.c_str(), "mta1:%llu:%llu:", &marked, &offset) != 2) ADD_FAILURE() << mark_;
    for (const auto& entry : fs::directory_iterator(scratch_.path())) {
      const std::string name = entry.path().filename().string();
      if (name.size() != 12 || !name.ends_with(".mts")) continue;
      const unsigned long long segment = std::stoull(name);
      if (segment < marked) continue;
      damage(entry.path(), segment == marked ? offset : 0);
    }
    if (pick(4) == 0) fs::remove(scratch_.file("index"));
    if (pick(4) == 0 && fs::exists(scratch_.file("index"))) damage(scratch_.file("index"), 0);
  }

  void damage(const fs::path& path, std::uint64_t behind) {
    const std::uint64_t size = fs::file_size(path);
    if (pick(2) == 0) fs::resize_file(path, behind + pick(size - behind + 1));
    if (pick(3) == 0) {
      std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
      file.seekp(static_cast<std::streamoff>(behind + pick(fs::file_size(path) - behind + 1)));
      const std::string bytes(pick(2000), static_cast<char>(pick(3) == 0 ? 0 : random_()));
      file << bytes;
    }
  }

  void compare() {
    must(Writer::open(scratch_.path(), mark_));
    auto reader = must(Reader::open(scratch_.path(), mark_));
    for (const Error& fault : reader->faults()) ADD_FAILURE() << fault.to_string();
    std::vector<LinePlace> places;
    std::vector<std::string> expected;
    for (const auto& [source, text] : committed_.texts) {
      EXPECT_TRUE(whole_source(*reader, source) == text) << "source " << source;
      const std::vector<std::string>& lines = committed_.lines[source];
      for (int i = 0; i < 50; ++i) {
        const std::uint64_t number = pick(lines.size());
        std::string line = lines[number].substr(0, kMostLine);
        if (line.ends_with('\n')) {
          line.pop_back();
          if (line.ends_with('\r')) line.pop_back();
        }
        places.push_back({source, number + 1});
        expected.push_back(std::move(line));
      }
    }
    const FoundLines found = reader->lines(places);
    EXPECT_TRUE(found.faults.empty());
    for (std::size_t i = 0; i < places.size(); ++i) {
      EXPECT_TRUE(found.texts[i] == expected[i]) << "source " << places[i].source << ", line " << places[i].line;
    }
    const Verification verified = reader->verify({});
    EXPECT_FALSE(verified.fault.has_value()) << verified.fault->to_string();
    EXPECT_EQ(must(Reader::open(scratch_.path(), Reader::kEverything))->mark(), mark_);
  }

  std::mt19937_64 random_;
  ScratchArchive scratch_;
  Model now_, committed_;
  std::string mark_;
};

TEST(ArchiveCrash, WhatWasCommittedIsWholeAfterAnyCrash) {
  for (unsigned seed = 0; seed < 30 && !::testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Ingest(seed).live_through(5);
  }
}

}  // namespace
}  // namespace mailtrail::archive

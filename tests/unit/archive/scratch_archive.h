// A directory for an archive that is gone after the test, and texts to archive.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "archive/archive.h"

namespace mailtrail::archive {

class ScratchArchive {
 public:
  ScratchArchive() {
    std::string path = (std::filesystem::temp_directory_path() / "mailtrail-archive-XXXXXX").string();
    if (::mkdtemp(path.data()) == nullptr) ADD_FAILURE() << "no scratch directory: " << path;
    root_ = path;
  }
  ~ScratchArchive() { std::filesystem::remove_all(root_); }
  ScratchArchive(const ScratchArchive&) = delete;
  ScratchArchive& operator=(const ScratchArchive&) = delete;

  std::string path() const { return root_ + "/archive"; }
  std::string file(std::string_view name) const { return path() + "/" + std::string(name); }
  std::string content(std::string_view name) const {
    std::ifstream in(file(name), std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  void set_content(std::string_view name, std::string_view bytes) const {
    std::ofstream out(file(name), std::ios::binary | std::ios::trunc);
    out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    ASSERT_TRUE(out.good());
  }

 private:
  std::string root_;
};

template <class T>
T must(Result<T> result) {
  if (!result.ok()) {
    ADD_FAILURE() << result.error().to_string();
    std::abort();
  }
  return std::move(*result);
}

inline std::uint64_t count_feeds(std::string_view text) {
  return static_cast<std::uint64_t>(std::count(text.begin(), text.end(), '\n'));
}

// `text` as a piece that joins up, whole lines at its beginning.
inline Piece next_piece(const Writer& writer, std::uint32_t source, std::string_view text) {
  const Writer::Joint joint = writer.joint(source).value_or(Writer::Joint{});
  Piece piece;
  piece.source = source;
  piece.first_line = joint.next_line;
  piece.position = joint.next_position;
  piece.lines = count_feeds(text) + (text.ends_with('\n') ? 0 : 1);
  piece.text = text;
  return piece;
}

inline void append(Writer& writer, std::uint32_t source, std::string_view text) {
  must(writer.append(next_piece(writer, source, text)));
}

// Lines that zstd makes about a sixth of.
inline std::string log_lines(std::uint64_t first, std::uint64_t count) {
  std::string text;
  for (std::uint64_t number = first; number < first + count; ++number) {
    const std::string hash = std::to_string(number * 2654435761u);
    text += "Nov 24 10:00:00 mx1 postfix/smtp[12]: " + hash + ": to=<user" + std::to_string(number) +
            "@example.com>, relay=mx.example.net[192.0.2.1]:25, delay=1.2, dsn=2.0.0, status=sent (250 ok)\n";
  }
  return text;
}

inline std::string whole_source(Reader& reader, std::uint32_t source) {
  std::string text;
  const std::vector<Error> faults = reader.read_source(source, [&](const Piece& piece) {
    text += piece.text;
    return true;
  });
  for (const Error& fault : faults) ADD_FAILURE() << fault.to_string();
  return text;
}

// The line, `-` where there is none.
inline std::string one_line(Reader& reader, std::uint32_t source, std::uint64_t line) {
  const LinePlace place{source, line};
  const FoundLines found = reader.lines({&place, 1});
  for (const Error& fault : found.faults) ADD_FAILURE() << fault.to_string();
  return found.texts.at(0).value_or("-");
}

}  // namespace mailtrail::archive

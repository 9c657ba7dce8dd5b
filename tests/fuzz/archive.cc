// An archive of which bytes were changed, taken out or put in is read without a fault, and tells nothing that was never
// written: a line is the one that was archived, or is not given at all.
//
// The input is a list of changes to an archive that the writer itself makes: any bytes are a seed. Some changes also
// mend the check of the header that they lie in, to get past it; then only a fault of the program is a fault, for it is
// the chain of hashes, which a reader does not follow, that tells them. SEEDS: record
#include "archive/archive.h"

#include <stdlib.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "archive/format.h"

namespace mailtrail::archive {
namespace {

namespace fs = std::filesystem;

void require(bool condition, const char* what) {
  if (condition) return;
  std::fprintf(stderr, "BUG: %s\n", what);
  std::abort();
}

struct Scratch {
  Scratch() {
    std::string path = (fs::temp_directory_path() / "mailtrail-fuzz-XXXXXX").string();
    require(::mkdtemp(path.data()) != nullptr, "no scratch directory");
    root = path;
  }
  ~Scratch() { fs::remove_all(root); }
  std::string root;
};

std::string content_of(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void set_content(const fs::path& path, std::string_view bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc)
      .write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

// The archive that is changed: three segments, two sources, a line that goes over two frames.
struct Original {
  std::map<std::string, std::string> files;
  std::vector<std::string> lines[2];
  std::string mark;

  Original() {
    const Scratch scratch;
    auto writer = Writer::open(scratch.root, "", {500});
    require(writer.ok(), "no writer");
    for (std::uint32_t source = 0; source < 2; ++source) {
      require((*writer)->declare_source(source, "log " + std::to_string(source)).ok(), "not declared");
    }
    for (std::uint64_t round = 0; round < 8; ++round) {
      add(**writer, static_cast<std::uint32_t>(round % 2), round);
      auto synced = (*writer)->sync();
      require(synced.ok(), "not synced");
      mark = *synced;
    }
    writer->reset();
    for (const auto& entry : fs::directory_iterator(scratch.root)) {
      const std::string name = entry.path().filename().string();
      if (name.ends_with(".mts") || name == "index") files[name] = content_of(entry.path());
    }
    require(files.size() >= 4, "fewer segments than meant");
  }

  void add(Writer& writer, std::uint32_t source, std::uint64_t round) {
    const auto joint = writer.joint(source).value_or(Writer::Joint{});
    std::string text;
    std::uint64_t begun = 0;
    for (int i = 0; i < 4; ++i) {
      const std::string line = "line " + std::to_string(round * 7919 + i) + " of " + std::to_string(source);
      const bool has_end = i < 3 || round >= 6;
      text += line + (has_end ? "\n" : "");
      if (i == 0 && joint.in_line) {
        lines[source].back() += line;
      } else {
        lines[source].push_back(line);
        ++begun;
      }
    }
    const Piece piece{source, begun, joint.next_line, joint.next_position, joint.in_line, text, {}, {}};
    require(writer.append(piece).ok(), "not appended");
  }
};

class Input {
 public:
  Input(const std::uint8_t* data, std::size_t size) : data_(data), left_(size) {}
  bool is_empty() const { return left_ == 0; }
  unsigned byte() { return left_ == 0 ? 0 : (--left_, *data_++); }
  unsigned number() {
    const unsigned high = byte();
    return high << 8 | byte();
  }

 private:
  const std::uint8_t* data_;
  std::size_t left_;
};

// The check of the header (frame or segment, by its magic) that the byte `at` lies in.
void mend_check(std::string& bytes, std::size_t at, Hasher& hasher) {
  const std::size_t frame = bytes.rfind("MTFR", at);
  const bool is_frame = frame != std::string::npos;
  const std::size_t begin = is_frame ? frame : 0;
  const std::size_t size = is_frame ? kFrameHeaderSize : kSegmentHeaderSize;
  if (bytes.size() < begin + size) return;
  hasher.add(std::string_view(bytes).substr(begin, size - 8));
  const Digest digest = hasher.finish();
  for (std::size_t i = 0; i < 8; ++i) bytes[begin + size - 8 + i] = static_cast<char>(digest[i]);
}

// True: the check of a header was mended.
bool change(std::string& bytes, Input& input, Hasher& hasher) {
  const unsigned what = input.byte();
  const std::size_t at = bytes.empty() ? 0 : input.number() % bytes.size();
  switch (what % 6) {
    case 0:
      if (!bytes.empty()) bytes[at] = static_cast<char>(input.byte());
      break;
    case 1:
      bytes.resize(at);
      break;
    case 2:
      bytes.erase(at, input.byte());
      break;
    case 3:
      bytes.insert(at, input.byte(), static_cast<char>(input.byte()));
      break;
    case 4:
      bytes.insert(at, bytes.substr(input.number() % (bytes.size() + 1), input.byte()));
      break;
    default:
      if (!bytes.empty()) bytes[at] = static_cast<char>(bytes[at] ^ (1 << input.byte() % 8));
  }
  if (what < 192) return false;
  mend_check(bytes, at, hasher);
  return true;
}

void read_all(const Original& original, Reader& reader, bool is_mended) {
  std::vector<LinePlace> places;
  for (std::uint32_t source = 0; source < 3; ++source) {
    for (std::uint64_t line = 0; line < 20; ++line) places.push_back({source, line});
  }
  const FoundLines found = reader.lines(places);
  for (std::size_t i = 0; i < places.size(); ++i) {
    if (!found.texts[i] || is_mended) continue;
    const LinePlace& place = places[i];
    require(place.source < 2 && place.line >= 1 && place.line <= original.lines[place.source].size(),
            "a line of nowhere");
    // Of a line over two frames the second may be gone, and the first stands for itself.
    require(original.lines[place.source][place.line - 1].starts_with(*found.texts[i]), "a line that was never written");
  }
  std::size_t bytes = 0;
  for (const ArchivedSource& source : reader.sources()) {
    reader.read_source(source.number, [&](const Piece& piece) {
      bytes += piece.text.size();
      return true;
    });
  }
  reader.verify({});
}

void run(Input input) {
  static const Original original;
  static const Scratch scratch;
  Hasher hasher;
  std::map<std::string, std::string> files = original.files;
  if (input.byte() % 2 != 0) files.erase("index");
  bool is_mended = false;
  while (!input.is_empty()) {
    auto file = files.begin();
    std::advance(file, input.byte() % files.size());
    is_mended = change(file->second, input, hasher) || is_mended;
  }
  for (const auto& entry : fs::directory_iterator(scratch.root)) fs::remove(entry.path());
  for (const auto& [name, bytes] : files) set_content(fs::path(scratch.root) / name, bytes);
  for (const std::string_view mark : {std::string_view(original.mark), Reader::kEverything}) {
    auto reader = Reader::open(scratch.root, mark);
    if (reader.ok()) read_all(original, **reader, is_mended);
  }
  auto writer = Writer::open(scratch.root, original.mark);
  if (!writer.ok()) return;
  const bool is_taken =
      (*writer)->declare_source(9, "new").ok() && (*writer)->append({9, 1, 1, 0, false, "new line\n", {}, {}}).ok();
  auto mark = (*writer)->sync();
  require(mark.ok(), "not synced");
  if (is_mended) return;  // the source may be known, with other lines
  require(is_taken, "a piece is refused");
  auto reader = Reader::open(scratch.root, *mark);
  require(reader.ok(), "not readable after a writer");
  const LinePlace place{9, 1};
  require((*reader)->lines({&place, 1}).texts[0] == "new line", "what was added is not read");
}

}  // namespace
}  // namespace mailtrail::archive

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  mailtrail::archive::run({data, size});
  return 0;
}

#include "intake/source.h"

#include <algorithm>
#include <utility>

#include "intake/compressed.h"
#include "intake/raw_stream.h"
#include "sys/file.h"

namespace mailtrail::intake {
namespace {

// A plain file, or a pipe.
class PlainSource : public Source {
 public:
  PlainSource(std::string name, std::optional<Micros> changed_at, RawStream raw, std::uint64_t start,
              std::uint64_t size)
      : Source(std::move(name), SourceKind::kPlain, changed_at), raw_(std::move(raw)), start_(start), size_(size) {}

  bool seekable() const override { return raw_.regular(); }
  std::uint64_t size() const override { return size_; }

  Result<std::size_t> read_at(std::uint64_t offset, char* buffer, std::size_t capacity) const override {
    if (offset >= size_) return std::size_t{0};
    return raw_.file().read_at(start_ + offset, buffer, std::min<std::uint64_t>(capacity, size_ - offset));
  }

  Result<std::size_t> read(char* buffer, std::size_t capacity) override {
    if (!seekable()) return raw_.read(buffer, capacity);
    const Result<std::size_t> got = read_at(position_, buffer, capacity);
    if (got.ok()) position_ += *got;
    return got;
  }

  Result<Done> spool() override { return raw_.spool(); }
  Result<Done> reopen() override {
    position_ = 0;
    return raw_.rewind();
  }

 private:
  RawStream raw_;
  std::uint64_t start_;
  std::uint64_t size_;
  std::uint64_t position_ = 0;
};

std::optional<Error> refuse(sys::FileType type, const std::string& path, bool standard_input) {
  constexpr const char* kRemedy = "name a log file, or - for standard input";
  switch (type) {
    case sys::FileType::kDirectory: {
      const std::string slash = path.ends_with('/') ? "" : "/";
      return Error{"is a directory", path, "name the files in it, such as " + path + slash + "mail.log*"};
    }
    case sys::FileType::kDevice:
    case sys::FileType::kTerminal:
      if (standard_input) return std::nullopt;
      return Error{"is a device", path, kRemedy};
    case sys::FileType::kSocket:
      if (standard_input) return std::nullopt;
      return Error{"is a socket", path, kRemedy};
    case sys::FileType::kRegular:
    case sys::FileType::kPipe:
      break;
  }
  return std::nullopt;
}

}  // namespace

std::string_view to_text(SourceKind kind) {
  switch (kind) {
    case SourceKind::kPlain:
      return "plain";
    case SourceKind::kGzip:
      return "gzip";
    case SourceKind::kBzip2:
      return "bzip2";
    case SourceKind::kXz:
      return "xz";
    case SourceKind::kZstd:
      return "zstd";
  }
  return "plain";
}

Result<std::size_t> Source::read_at(std::uint64_t, char*, std::size_t) const {
  return Error{"BUG: read_at of a source that is not seekable", name_, ""};
}

Result<std::unique_ptr<Source>> open_source(const std::string& path) {
  const bool standard_input = path == "-";
  const std::string name = standard_input ? "standard input" : path;
  sys::File file;
  if (standard_input) {
    file = sys::File::standard_input();
  } else {
    Result<sys::File> opened = sys::File::open(path);
    if (!opened.ok()) return opened.error();
    file = std::move(opened).value();
  }
  const Result<sys::FileInfo> info = file.info();
  if (!info.ok()) return info.error();
  if (auto refusal = refuse(info->type, name, standard_input)) return *std::move(refusal);
  const bool regular = info->type == sys::FileType::kRegular;
  // Another program may have read the beginning of our standard input.
  const std::uint64_t start = regular && standard_input ? file.position() : 0;
  RawStream raw(std::move(file), regular, start, name);
  const Result<std::string_view> head = raw.peek(kMagicBytes);
  if (!head.ok()) return head.error();
  std::optional<Micros> changed_at = gzip_time(*head);
  if (!changed_at && regular) changed_at = info->changed_at;
  const SourceKind kind = recognise_kind(*head);
  if (kind != SourceKind::kPlain) return make_compressed_source(name, kind, changed_at, std::move(raw));
  const std::uint64_t size = info->size > start ? info->size - start : 0;
  return std::unique_ptr<Source>(std::make_unique<PlainSource>(name, changed_at, std::move(raw), start, size));
}

}  // namespace mailtrail::intake

#include "intake/compressed.h"

#include <archive.h>
#include <archive_entry.h>

#include <cerrno>
#include <utility>
#include <vector>

#include "base/text.h"
#include "intake/gzip.h"

namespace mailtrail::intake {
namespace {

struct ArchiveCloser {
  void operator()(archive* a) const { archive_read_free(a); }
};

bool starts_with_bytes(std::string_view head, std::string_view magic) {
  return head.substr(0, magic.size()) == magic;
}

// libarchive decodes in blocks of 64 KiB and gives none of a block in which it meets an error.
class CompressedSource : public Source {
 public:
  CompressedSource(std::string name, SourceKind kind, std::optional<Micros> changed_at, RawStream raw)
      : Source(std::move(name), kind, changed_at), raw_(std::move(raw)), packed_(kPackedBlock) {}

  Result<std::size_t> read(char* buffer, std::size_t capacity) override {
    if (ended_) return std::size_t{0};
    if (archive_ == nullptr) {
      if (const Result<Done> opened = open(); !opened.ok()) return opened.error();
      if (ended_) return std::size_t{0};
    }
    const la_ssize_t got = archive_read_data(archive_.get(), buffer, capacity);
    if (got < 0) return fail();
    if (got == 0) ended_ = true;
    return static_cast<std::size_t>(got);
  }

  Result<Done> spool() override { return raw_.spool(); }

  Result<Done> reopen() override {
    archive_.reset();
    ended_ = false;
    raw_ended_ = false;
    raw_error_.reset();
    return raw_.rewind();
  }

 private:
  static constexpr std::size_t kPackedBlock = 256 * 1024;

  Result<Done> open() {
    archive_.reset(archive_read_new());
    archive* a = archive_.get();
    if (a == nullptr) return Error{"cannot be decompressed: out of memory", name(), ""};
    archive_read_support_format_raw(a);
    archive_read_support_format_empty(a);
    archive_read_support_filter_bzip2(a);
    archive_read_support_filter_xz(a);
    archive_read_support_filter_zstd(a);
    if (archive_read_open(a, this, nullptr, &CompressedSource::supply, nullptr) != ARCHIVE_OK) return fail();
    archive_entry* entry = nullptr;
    const int code = archive_read_next_header(a, &entry);
    if (code == ARCHIVE_EOF) {
      ended_ = true;
    } else if (code != ARCHIVE_OK && code != ARCHIVE_WARN) {
      return fail();
    }
    return Done{};
  }

  // libarchive asks for packed bytes.
  static la_ssize_t supply(archive* a, void* self, const void** bytes) {
    auto& source = *static_cast<CompressedSource*>(self);
    const Result<std::size_t> got = source.raw_.read(source.packed_.data(), source.packed_.size());
    if (!got.ok()) {
      source.raw_error_ = got.error();
      archive_set_error(a, EIO, "read error");
      return -1;
    }
    source.raw_ended_ = *got == 0;
    *bytes = source.packed_.data();
    return static_cast<la_ssize_t>(*got);
  }

  Error fail() {
    ended_ = true;
    if (raw_error_) return *raw_error_;
    if (raw_ended_) {
      return {"compressed data ends in the middle: the last lines before that, at most 64 KiB, are lost as well",
              name(), "fetch the file again from where it is whole"};
    }
    const char* reason = archive_error_string(archive_.get());
    std::string what = "compressed data is damaged";
    if (reason != nullptr) what += ": " + printable(reason);
    return {what + "; the last lines before that, at most 64 KiB, and all after it are lost", name(),
            "fetch the file again from where it is whole"};
  }

  RawStream raw_;
  std::vector<char> packed_;
  std::optional<Error> raw_error_;
  bool raw_ended_ = false;
  bool ended_ = false;
  std::unique_ptr<archive, ArchiveCloser> archive_;
};

}  // namespace

SourceKind recognise_kind(std::string_view head) {
  using namespace std::string_view_literals;
  if (starts_with_bytes(head, "\x1F\x8B\x08"sv)) return SourceKind::kGzip;
  if (starts_with_bytes(head, "BZh"sv) && head.size() >= 10 && head[3] >= '1' && head[3] <= '9' &&
      (head.substr(4, 6) == "1AY&SY"sv || head.substr(4, 6) == "\x17rE8P\x90"sv)) {
    return SourceKind::kBzip2;
  }
  if (starts_with_bytes(head,
                        "\xFD"
                        "7zXZ\0"sv)) {
    return SourceKind::kXz;
  }
  if (starts_with_bytes(head, "\x28\xB5\x2F\xFD"sv)) return SourceKind::kZstd;
  return SourceKind::kPlain;
}

std::optional<Micros> gzip_time(std::string_view head) {
  if (recognise_kind(head) != SourceKind::kGzip || head.size() < 8) return std::nullopt;
  std::uint32_t seconds = 0;
  for (std::size_t i = 8; i > 4; --i) seconds = seconds << 8 | static_cast<unsigned char>(head[i - 1]);
  if (seconds == 0) return std::nullopt;
  return Micros{seconds} * kSecond;
}

std::unique_ptr<Source> make_compressed_source(std::string name, SourceKind kind, std::optional<Micros> changed_at,
                                               RawStream raw) {
  if (kind == SourceKind::kGzip) return make_gzip_source(std::move(name), changed_at, std::move(raw));
  return std::make_unique<CompressedSource>(std::move(name), kind, changed_at, std::move(raw));
}

}  // namespace mailtrail::intake

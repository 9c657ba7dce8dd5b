#include "intake/gzip.h"

#include <zlib.h>

#include <algorithm>
#include <limits>
#include <utility>
#include <vector>

namespace mailtrail::intake {
namespace {

constexpr const char* kFetchAgain = "fetch the file again from where it is whole";

// Bits of FLG (RFC 1952, 2.3.1).
constexpr unsigned kHeaderCrc = 2, kExtraField = 4, kFileName = 8, kComment = 16, kReserved = 0xE0;

// One raw deflate stream (RFC 1951), used for one member after another.
class Inflater {
 public:
  Inflater() = default;
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;
  ~Inflater() {
    if (ready_) inflateEnd(&stream_);
  }

  // False: no memory.
  bool begin() {
    if (ready_) return inflateReset(&stream_) == Z_OK;
    ready_ = inflateInit2(&stream_, -MAX_WBITS) == Z_OK;
    return ready_;
  }
  z_stream& stream() { return stream_; }

 private:
  z_stream stream_{};
  bool ready_ = false;
};

class GzipSource : public Source {
 public:
  GzipSource(std::string name, std::optional<Micros> changed_at, RawStream raw)
      : Source(std::move(name), SourceKind::kGzip, changed_at), raw_(std::move(raw)), packed_(kPackedBlock) {}

  Result<std::size_t> read(char* buffer, std::size_t capacity) override {
    while (part_ != Part::kEnd) {
      if (part_ == Part::kHeader) {
        read_header();
      } else if (part_ == Part::kTrailer) {
        read_trailer();
      } else if (const std::size_t got = inflate_some(buffer, capacity); got != 0) {
        return got;
      }
    }
    if (fault_ && !told_) {
      told_ = true;
      return *fault_;
    }
    return std::size_t{0};
  }

  Result<Done> spool() override { return raw_.spool(); }

  Result<Done> reopen() override {
    at_ = filled_ = 0;
    raw_ended_ = told_ = first_seen_ = false;
    fault_.reset();
    part_ = Part::kHeader;
    return raw_.rewind();
  }

 private:
  static constexpr std::size_t kPackedBlock = 256 * 1024;
  enum class Part : std::uint8_t { kHeader, kBody, kTrailer, kEnd };

  // Notes the first fault; `part_` decides whether reading goes on.
  void note(std::string what, const char* remedy = kFetchAgain) {
    if (!fault_) fault_ = Error{std::move(what), name(), remedy};
  }
  void stop(std::string what, const char* remedy = kFetchAgain) {
    note(std::move(what), remedy);
    part_ = Part::kEnd;
  }

  // Packed bytes are at hand. False: there are no more, or they cannot be read (then the fault is noted).
  bool supply() {
    if (at_ < filled_) return true;
    if (raw_ended_) return false;
    const Result<std::size_t> got = raw_.read(packed_.data(), packed_.size());
    at_ = 0;
    filled_ = got.ok() ? *got : 0;
    raw_ended_ = filled_ == 0;
    if (!got.ok() && !fault_) fault_ = got.error();
    return filled_ != 0;
  }

  // The next byte of a header or trailer, or nothing at the end.
  std::optional<unsigned char> next_byte() {
    if (!supply()) return std::nullopt;
    const auto byte = static_cast<unsigned char>(packed_[at_++]);
    header_crc_ = crc32(header_crc_, &byte, 1);
    return byte;
  }
  bool skip(std::size_t count) {
    while (count != 0 && next_byte()) --count;
    return count == 0;
  }
  bool skip_text() {
    while (const auto byte = next_byte()) {
      if (*byte == 0) return true;
    }
    return false;
  }
  // `count` bytes, the lowest first.
  std::optional<std::uint32_t> next_number(int count) {
    std::uint32_t number = 0;
    for (int i = 0; i < count; ++i) {
      const auto byte = next_byte();
      if (!byte) return std::nullopt;
      number |= std::uint32_t{*byte} << (8 * i);
    }
    return number;
  }

  void read_header() {
    while (first_seen_ && supply() && packed_[at_] == '\0') ++at_;
    if (!supply()) {
      part_ = Part::kEnd;
      return;
    }
    header_crc_ = crc32(0, nullptr, 0);
    const std::optional<unsigned char> id1 = next_byte(), id2 = next_byte();
    if (*id1 != 0x1F || (id2 && *id2 != 0x8B)) {
      return stop("something that is no gzip data follows the compressed data; it is left out",
                  "if it is log text, cut it off and read it as a file of its own");
    }
    const std::optional<unsigned char> method = next_byte(), flags = next_byte();
    if (!flags) return stop("compressed data ends in a header; nothing can be read of what follows it");
    if (*method != Z_DEFLATED || (*flags & kReserved) != 0) {
      return stop("compressed data is damaged: a header that gzip does not know; what follows it is lost");
    }
    if (!skip_fields(*flags)) return stop("compressed data ends in a header; nothing can be read of what follows it");
    if (!inflater_.begin()) return stop("cannot be decompressed: out of memory", "");
    first_seen_ = true;
    crc_ = crc32(0, nullptr, 0);
    length_ = 0;
    part_ = Part::kBody;
  }

  // What stands between FLG and the compressed data. False: it is cut.
  bool skip_fields(unsigned flags) {
    if (!skip(6)) return false;  // MTIME, XFL, OS
    if ((flags & kExtraField) != 0) {
      const std::optional<std::uint32_t> size = next_number(2);
      if (!size || !skip(*size)) return false;
    }
    if ((flags & kFileName) != 0 && !skip_text()) return false;
    if ((flags & kComment) != 0 && !skip_text()) return false;
    if ((flags & kHeaderCrc) == 0) return true;
    const std::uint32_t reckoned = static_cast<std::uint32_t>(header_crc_ & 0xFFFF);
    const std::optional<std::uint32_t> stated = next_number(2);
    if (stated && *stated != reckoned) note("compressed data is damaged in a header; its text is given as it is");
    return stated.has_value();
  }

  // Decodes into `buffer`; 0 where the member, or all, is over.
  std::size_t inflate_some(char* buffer, std::size_t capacity) {
    z_stream& stream = inflater_.stream();
    const auto room = static_cast<uInt>(std::min<std::size_t>(capacity, std::numeric_limits<uInt>::max()));
    stream.next_out = reinterpret_cast<Bytef*>(buffer);
    stream.avail_out = room;
    while (stream.avail_out == room && part_ == Part::kBody) {
      if (!supply()) {
        stop("compressed data ends in the middle: what follows is lost");
        break;
      }
      stream.next_in = reinterpret_cast<Bytef*>(packed_.data() + at_);
      stream.avail_in = static_cast<uInt>(filled_ - at_);
      const int code = inflate(&stream, Z_NO_FLUSH);
      at_ = filled_ - stream.avail_in;
      if (code == Z_STREAM_END) {
        part_ = Part::kTrailer;
      } else if (code != Z_OK && code != Z_BUF_ERROR) {
        // zlib's messages are constants.
        stop(std::string("compressed data is damaged: ") + (stream.msg != nullptr ? stream.msg : "zlib fails") +
             "; what follows is lost");
      }
    }
    const std::size_t got = room - stream.avail_out;
    crc_ = crc32(crc_, reinterpret_cast<const Bytef*>(buffer), static_cast<uInt>(got));
    length_ += static_cast<std::uint32_t>(got);  // modulo 2^32, as ISIZE is
    return got;
  }

  void read_trailer() {
    const std::optional<std::uint32_t> crc = next_number(4), length = next_number(4);
    if (!length) return stop("compressed data ends within its check sum: its text is whole, but cannot be verified");
    if (*crc != crc_ || *length != length_) {
      note("compressed data is damaged: its check sum does not agree; some of its lines may be wrong or missing");
    }
    part_ = Part::kHeader;
  }

  RawStream raw_;
  std::vector<char> packed_;
  std::size_t at_ = 0, filled_ = 0;  // what of `packed_` is not used yet
  Inflater inflater_;
  Part part_ = Part::kHeader;
  bool raw_ended_ = false;
  bool first_seen_ = false;  // a member has begun
  bool told_ = false;
  uLong crc_ = 0, header_crc_ = 0;
  std::uint32_t length_ = 0;
  std::optional<Error> fault_;
};

}  // namespace

std::unique_ptr<Source> make_gzip_source(std::string name, std::optional<Micros> changed_at, RawStream raw) {
  return std::make_unique<GzipSource>(std::move(name), changed_at, std::move(raw));
}

}  // namespace mailtrail::intake

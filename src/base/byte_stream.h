// Bytes in and out: small values one after another, for states that are kept in files. The format is that of protocol
// buffers' base-128 varints; texts and nested records have their length before them.
#pragma once

#include <bit>
#include <cstdint>
#include <string>
#include <string_view>

namespace mailtrail {

// Appends to a string that MUST outlive it.
class ByteWriter {
 public:
  explicit ByteWriter(std::string& out) : out_(out) {}

  void number(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) out_ += static_cast<char>(value | 0x80);
    out_ += static_cast<char>(value);
  }
  // Small where the value is near 0 on either side.
  void signed_number(std::int64_t value) {
    number((static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63));
  }
  void flag(bool value) { number(value ? 1 : 0); }
  void real(double value) {
    const std::uint64_t bits = std::bit_cast<std::uint64_t>(value);
    for (int shift = 0; shift < 64; shift += 8) out_ += static_cast<char>(bits >> shift);
  }
  void text(std::string_view value) {
    number(value.size());
    out_ += value;
  }

 private:
  std::string& out_;
};

// Reads what a ByteWriter wrote. Bytes may be anything: where they end early or make no sense, `ok` becomes false and
// every value from then on is 0 or empty. Texts point into the bytes, which MUST outlive them.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : bytes_(bytes) {}

  bool ok() const { return ok_; }
  // All was read, and all made sense.
  bool finished() const { return ok_ && bytes_.empty(); }
  std::size_t left() const { return bytes_.size(); }
  // For a caller that sees a value that cannot be.
  void fail() {
    ok_ = false;
    bytes_ = {};
  }

  std::uint64_t number() {
    std::uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      if (bytes_.empty()) break;
      const auto byte = static_cast<unsigned char>(bytes_.front());
      bytes_.remove_prefix(1);
      if (shift == 63 && byte > 1) break;
      value |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
      if (byte < 0x80) return value;
    }
    fail();
    return 0;
  }
  std::int64_t signed_number() {
    const std::uint64_t value = number();
    return static_cast<std::int64_t>((value >> 1) ^ (~(value & 1) + 1));
  }
  bool flag() {
    const std::uint64_t value = number();
    if (value > 1) fail();
    return value == 1;
  }
  double real() {
    if (bytes_.size() < 8) {
      fail();
      return 0;
    }
    std::uint64_t bits = 0;
    for (int i = 0; i < 8; ++i) bits |= static_cast<std::uint64_t>(static_cast<unsigned char>(bytes_[i])) << (8 * i);
    bytes_.remove_prefix(8);
    return std::bit_cast<double>(bits);
  }
  std::string_view text() {
    const std::uint64_t size = number();
    if (size > bytes_.size()) {
      fail();
      return {};
    }
    const std::string_view value = bytes_.substr(0, size);
    bytes_.remove_prefix(size);
    return value;
  }

 private:
  std::string_view bytes_;
  bool ok_ = true;
};

}  // namespace mailtrail

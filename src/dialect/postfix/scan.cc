#include "dialect/postfix/scan.h"

#include <array>
#include <cstring>

namespace mailtrail::dialect::postfix {
namespace {

constexpr std::uint8_t kUpperHex = 1;
constexpr std::uint8_t kBase52 = 2;
constexpr std::uint8_t kAddress = 4;
constexpr std::uint8_t kSeparator = 8;  // of the parts of an address

constexpr std::array<std::uint8_t, 256> make_classes() {
  std::array<std::uint8_t, 256> classes{};
  for (const char c : std::string_view("0123456789ABCDEF")) classes[static_cast<unsigned char>(c)] |= kUpperHex;
  for (const char c : std::string_view("0123456789BCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz")) {
    classes[static_cast<unsigned char>(c)] |= kBase52;
  }
  for (const char c : std::string_view("0123456789abcdefABCDEF.:")) classes[static_cast<unsigned char>(c)] |= kAddress;
  for (const char c : std::string_view(".:")) classes[static_cast<unsigned char>(c)] |= kSeparator;
  return classes;
}

constexpr std::array<std::uint8_t, 256> kClasses = make_classes();

std::uint8_t class_of(char c) {
  return kClasses[static_cast<unsigned char>(c)];
}

// An inode and a time in base 52 or 16 are never longer.
constexpr std::size_t kMaxQueueId = 32;

// Whether each of the eight bytes at `at` is a digit or `A` to `F`.
bool are_upper_hex(const char* at) {
  constexpr std::uint64_t kEach = 0x0101010101010101ULL;
  constexpr std::uint64_t kHigh = kEach * 0x80;
  std::uint64_t word;
  std::memcpy(&word, at, 8);
  // The highest bit of a byte below 0x80 tells whether it reached the first number and did not pass the last.
  const auto within = [&](char first, char last) {
    return (word + kEach * static_cast<std::uint64_t>(0x80 - first)) &
           ~(word + kEach * static_cast<std::uint64_t>(0x80 - last - 1));
  };
  return (word & kHigh) == 0 && ((within('0', '9') | within('A', 'F')) & kHigh) == kHigh;
}

std::size_t queue_id_run(std::string_view text) {
  // Nearly all ids are short ones: a run of hexadecimal digits that no other letter of a long id follows.
  if (text.size() > kMaxQueueId && are_upper_hex(text.data())) {
    std::size_t at = 8;
    while (at < kMaxQueueId && (class_of(text[at]) & kUpperHex) != 0) ++at;
    if ((class_of(text[at]) & kBase52) == 0) return at;
  }
  std::uint8_t common = kUpperHex | kBase52;
  bool has_z = false;
  std::size_t at = 0;
  for (; at < text.size() && at < kMaxQueueId; ++at) {
    const std::uint8_t both = common & class_of(text[at]);
    if (both == 0) break;
    common = both;
    has_z |= text[at] == 'z';
  }
  if ((common & kUpperHex) != 0) return at >= 6 ? at : 0;
  return at >= 10 && has_z ? at : 0;
}

// The length of the address that `text` begins with, where a `]` follows it; else 0. The usual shapes only.
std::size_t plain_address_length(std::string_view text) {
  std::uint8_t seen = 0;
  std::size_t at = 0;
  for (; at < text.size() && (class_of(text[at]) & kAddress) != 0; ++at) seen |= class_of(text[at]);
  return at >= 2 && at < text.size() && text[at] == ']' && (seen & kSeparator) != 0 ? at : 0;
}

bool is_address(std::string_view text) {
  if (text.size() < 2) return false;
  bool separator = false;
  for (const char c : text) {
    if ((class_of(c) & kAddress) == 0) {
      // The zone of a link-local address (RFC 4007): fe80::1%eth0.
      if (c == '%') return separator;
      return false;
    }
    separator |= c == '.' || c == ':';
  }
  return separator;
}

}  // namespace

bool take_peer(std::string_view& text, Peer& peer) {
  const std::size_t open = text.find('[');
  if (open == std::string_view::npos || open > 300) return false;
  const std::string_view name = text.substr(0, open);
  if (name.find(' ') != std::string_view::npos) return false;
  const std::size_t plain = plain_address_length(text.substr(open + 1, 200));
  const std::size_t close = plain != 0 ? open + 1 + plain : text.find(']', open);
  if (close == std::string_view::npos || close - open > 200) return false;
  const std::string_view inside = text.substr(open + 1, close - open - 1);
  Peer found;
  found.name = name;
  if (plain != 0 || is_address(inside)) {
    found.address = inside;
  } else if (inside.find('/') != std::string_view::npos) {
    found.path = inside;
  } else if (inside != "unknown") {
    return false;
  }
  std::size_t end = close + 1;
  if (end + 1 < text.size() && text[end] == ':' && is_digit(text[end + 1])) {
    std::size_t last = end + 1;
    std::uint32_t port = 0;
    while (last < text.size() && is_digit(text[last]) && port <= 65535) {
      port = port * 10 + static_cast<std::uint32_t>(text[last] - '0');
      ++last;
    }
    if (port <= 65535) {
      found.port = static_cast<std::uint16_t>(port);
      end = last;
    }
  }
  text.remove_prefix(end);
  peer = found;
  return true;
}

std::size_t queue_id_length(std::string_view text) {
  const std::size_t length = queue_id_run(text);
  if (length == 0 || length + 1 >= text.size() || text[length] != ':' || text[length + 1] != ' ') return 0;
  return length;
}

bool is_queue_id(std::string_view text) {
  return !text.empty() && queue_id_run(text) == text.size();
}

std::string_view take_dsn(std::string_view& text) {
  if (text.size() < 5 || (text[0] != '2' && text[0] != '4' && text[0] != '5') || text[1] != '.') return {};
  std::size_t at = 2;
  while (at < text.size() && at < 5 && is_digit(text[at])) ++at;
  if (at == 2 || at >= text.size() || text[at] != '.') return {};
  const std::size_t detail = ++at;
  while (at < text.size() && at < detail + 3 && is_digit(text[at])) ++at;
  if (at == detail || (at < text.size() && text[at] != ' ')) return {};
  const std::string_view dsn = text.substr(0, at);
  text.remove_prefix(at < text.size() ? at + 1 : at);
  return dsn;
}

std::optional<double> to_seconds(std::string_view text) {
  static constexpr double kPowers[] = {1, 10, 100, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9};
  if (text.empty() || text.size() > 16) return std::nullopt;
  std::uint64_t digits = 0;
  std::size_t at = 0;
  for (; at < text.size() && is_digit(text[at]); ++at)
    digits = digits * 10 + static_cast<std::uint64_t>(text[at] - '0');
  if (at == 0) return std::nullopt;
  if (at == text.size()) return static_cast<double>(digits);
  const std::size_t decimals = text.size() - at - 1;
  if (text[at] != '.' || decimals == 0 || decimals > 9) return std::nullopt;
  for (++at; at < text.size(); ++at) {
    if (!is_digit(text[at])) return std::nullopt;
    digits = digits * 10 + static_cast<std::uint64_t>(text[at] - '0');
  }
  return static_cast<double>(digits) / kPowers[decimals];
}

}  // namespace mailtrail::dialect::postfix

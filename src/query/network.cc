#include "query/network.h"

#include <cstring>

#include "base/text.h"

namespace mailtrail::query {
namespace {

constexpr std::uint8_t kMappedPrefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};

bool parse_ipv4(std::string_view text, std::uint8_t* bytes) {
  for (int i = 0; i < 4; ++i) {
    std::size_t digits = 0;
    unsigned value = 0;
    while (digits < text.size() && digits < 3 && is_digit(text[digits])) {
      value = value * 10 + static_cast<unsigned>(text[digits++] - '0');
    }
    if (digits == 0 || value > 255 || (digits > 1 && text.front() == '0')) return false;
    bytes[i] = static_cast<std::uint8_t>(value);
    text.remove_prefix(digits);
    if (i < 3 && !consume(text, ".")) return false;
  }
  return text.empty();
}

unsigned hex_value(char c) {
  return static_cast<unsigned>(is_digit(c) ? c - '0' : to_lower(c) - 'a' + 10);
}

// The groups before or after `::`, as bytes; how many bytes they take, or nothing. `bytes` has room for 16.
std::optional<std::size_t> parse_groups(std::string_view text, bool may_end_in_ipv4, std::uint8_t* bytes) {
  std::size_t size = 0;
  if (text.empty()) return size;
  while (true) {
    const std::size_t colon = text.find(':');
    const std::string_view group = text.substr(0, colon);
    if (colon == std::string_view::npos && may_end_in_ipv4 && group.find('.') != std::string_view::npos) {
      if (size > 12 || !parse_ipv4(group, bytes + size)) return std::nullopt;
      return size + 4;
    }
    if (group.empty() || group.size() > 4 || size == 16) return std::nullopt;
    unsigned value = 0;
    for (const char c : group) {
      if (!is_hex_digit(c)) return std::nullopt;
      value = value * 16 + hex_value(c);
    }
    bytes[size++] = static_cast<std::uint8_t>(value >> 8);
    bytes[size++] = static_cast<std::uint8_t>(value & 0xFF);
    if (colon == std::string_view::npos) return size;
    text.remove_prefix(colon + 1);
  }
}

bool parse_ipv6(std::string_view text, std::uint8_t* bytes) {
  const std::size_t gap = text.find("::");
  std::uint8_t head[16], tail[16];
  if (gap == std::string_view::npos) {
    const auto size = parse_groups(text, true, bytes);
    return size && *size == 16;
  }
  const auto before = parse_groups(text.substr(0, gap), false, head);
  const auto after = parse_groups(text.substr(gap + 2), true, tail);
  // `::` stands for at least one group.
  if (!before || !after || *before + *after > 14) return false;
  std::memset(bytes, 0, 16);
  std::memcpy(bytes, head, *before);
  std::memcpy(bytes + 16 - *after, tail, *after);
  return true;
}

void clear_host_bits(Network& network) {
  for (int bit = network.bits; bit < 128; ++bit) {
    network.bytes[bit / 8] = static_cast<std::uint8_t>(network.bytes[bit / 8] & ~(0x80 >> (bit % 8)));
  }
}

}  // namespace

std::optional<Network> parse_address(std::string_view text) {
  Network network;
  network.bits = 128;
  if (text.size() < 2 || text.size() > 64) return std::nullopt;
  if (text.find(':') == std::string_view::npos) {
    std::memcpy(network.bytes, kMappedPrefix, sizeof kMappedPrefix);
    if (!parse_ipv4(text, network.bytes + 12)) return std::nullopt;
    return network;
  }
  const std::size_t zone = text.find('%');
  if (zone != std::string_view::npos && zone + 1 == text.size()) return std::nullopt;
  if (!parse_ipv6(text.substr(0, zone), network.bytes)) return std::nullopt;
  return network;
}

std::optional<Network> parse_network(std::string_view text) {
  const std::size_t slash = text.find('/');
  auto network = parse_address(text.substr(0, slash));
  if (!network || slash == std::string_view::npos) return network;
  const bool is_ipv4 = text.find(':') == std::string_view::npos;
  const std::string_view digits = text.substr(slash + 1);
  const auto bits = digits.size() <= 3 ? to_number<unsigned>(digits) : std::nullopt;
  if (!bits || *bits > (is_ipv4 ? 32u : 128u)) return std::nullopt;
  network->bits = static_cast<int>(*bits) + (is_ipv4 ? 96 : 0);
  clear_host_bits(*network);
  return network;
}

bool holds_address(const Network& network, std::string_view text) {
  const auto address = parse_address(text);
  if (!address) return false;
  const int whole = network.bits / 8;
  if (std::memcmp(network.bytes, address->bytes, static_cast<std::size_t>(whole)) != 0) return false;
  const int rest = network.bits % 8;
  if (rest == 0) return true;
  const int mask = 0xFF00 >> rest & 0xFF;
  return (network.bytes[whole] & mask) == (address->bytes[whole] & mask);
}

std::string to_text(const Network& network) {
  std::string text;
  const bool is_ipv4 = network.bits >= 96 && std::memcmp(network.bytes, kMappedPrefix, sizeof kMappedPrefix) == 0;
  if (is_ipv4) {
    for (int i = 12; i < 16; ++i) {
      if (i > 12) text += '.';
      text += std::to_string(network.bytes[i]);
    }
    if (network.bits != 128) text += '/' + std::to_string(network.bits - 96);
    return text;
  }
  constexpr char kDigits[] = "0123456789abcdef";
  for (int i = 0; i < 16; i += 2) {
    if (i > 0) text += ':';
    const unsigned group = static_cast<unsigned>(network.bytes[i]) << 8 | network.bytes[i + 1];
    bool started = false;
    for (int shift = 12; shift >= 0; shift -= 4) {
      const unsigned digit = group >> shift & 15;
      started = started || digit != 0 || shift == 0;
      if (started) text += kDigits[digit];
    }
  }
  if (network.bits != 128) text += '/' + std::to_string(network.bits);
  return text;
}

}  // namespace mailtrail::query

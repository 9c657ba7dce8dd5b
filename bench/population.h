// Who writes to whom in a synthetic log: addresses, domains and clients, drawn with a Zipf-like skew from a generator
// that gives the same on every machine. Names end in `.example`; client addresses are of RFC 2544 and RFC 3849.
#pragma once

#include <fmt/format.h>

#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace mailtrail::bench {

using Micros = std::int64_t;  // since 1970, UTC
constexpr std::uint32_t kDomains = 5'000, kClients = 2'000, kSenders = 90'000, kRecipients = 110'000;

// xorshift64*: fast, and the same everywhere, unlike the distributions of <random>.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed * 0x9E3779B97F4A7C15ULL + 1) {}
  std::uint64_t next() {
    state_ ^= state_ >> 12, state_ ^= state_ << 25, state_ ^= state_ >> 27;
    return state_ * 0x2545F4914F6CDD1DULL;
  }
  double unit() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }
  bool chance(double share) { return unit() < share; }
  std::uint32_t below(std::uint32_t end) { return static_cast<std::uint32_t>((next() >> 32) * end >> 32); }
  Micros between(Micros low, Micros high) {
    return low + static_cast<Micros>(unit() * static_cast<double>(high - low));
  }
  Micros exponential(double mean) { return static_cast<Micros>(-std::log(1 - unit()) * mean); }
  // 0 is drawn most often, the last seldom.
  std::uint32_t skewed(std::uint32_t end) {
    const double u = unit();
    return static_cast<std::uint32_t>(u * u * u * end);
  }

 private:
  std::uint64_t state_;
};

// Who writes to whom.
struct Population {
  std::vector<std::string> domains, clients, senders, recipients;
  std::vector<std::uint32_t> domain_of;

  explicit Population(Random& random) {
    static constexpr std::string_view kWords[] = {"amber",  "birch",  "cedar",  "delta", "ember",   "fjord",
                                                  "grove",  "harbor", "iris",   "jade",  "kestrel", "lumen",
                                                  "maple",  "north",  "orchid", "pine",  "quartz",  "river",
                                                  "summit", "timber", "umber",  "vista", "willow",  "zephyr"};
    static constexpr std::string_view kNames[] = {
        "anna", "ben",   "carla", "david",   "emma", "felix", "greta", "hugo",   "ines",  "jonas",  "klara",
        "leon", "maria", "nils",  "olga",    "paul", "rosa",  "sam",   "tina",   "uwe",   "vera",   "will",
        "yara", "zoe",   "admin", "billing", "info", "jobs",  "news",  "orders", "sales", "support"};
    for (std::uint32_t i = 0; i < kDomains; ++i) {
      domains.push_back(i == 0 ? "corp.example"
                               : fmt::format("{}-{}{}.example", kWords[i % 24], kWords[i / 24 % 24],
                                             i < 576 ? "" : fmt::format("{}", i / 576)));
    }
    for (std::uint32_t i = 0; i < kClients; ++i) {
      const std::string ip = i % 20 == 7 ? fmt::format("2001:db8:{:x}::{:x}", i % 97, i + 1)
                                         : fmt::format("198.18.{}.{}", i / 250, i % 250 + 1);
      clients.push_back(i % 9 == 4 ? fmt::format("unknown[{}]", ip)
                                   : fmt::format("mail{}.{}[{}]", i % 7, domains[i + 1], ip));
    }
    const auto people = [&](std::vector<std::string>& out, std::uint32_t count, std::string_view mark,
                            bool keep_domain) {
      for (std::uint32_t i = 0; i < count; ++i) {
        const std::uint32_t domain = random.chance(0.35) ? 0 : random.skewed(kDomains);
        out.push_back(fmt::format("{}.{}{}{}@{}", kNames[i % 32], kWords[i / 32 % 24], mark, i, domains[domain]));
        if (keep_domain) domain_of.push_back(domain);
      }
    };
    people(senders, kSenders, "-s", false);
    people(recipients, kRecipients, "-r", true);
  }
};

// Slots that are given out again, the last freed first.
template <class T>
class Pool {
 public:
  std::uint32_t take() {
    if (free_.empty()) {
      items_.emplace_back();
      return static_cast<std::uint32_t>(items_.size() - 1);
    }
    const std::uint32_t slot = free_.back();
    free_.pop_back();
    items_[slot] = T();
    return slot;
  }
  void give_back(std::uint32_t slot) { free_.push_back(slot); }
  T& operator[](std::uint32_t slot) { return items_[slot]; }
  std::size_t in_use() const { return items_.size() - free_.size(); }
  const std::vector<T>& items() const { return items_; }

 private:
  std::vector<T> items_;
  std::vector<std::uint32_t> free_;
};

}  // namespace mailtrail::bench

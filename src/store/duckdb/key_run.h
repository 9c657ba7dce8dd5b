// KeyRun: look-up keys of one day, or of one day of the tail, which are written in the order of their hashes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "store/duckdb/connection.h"

namespace mailtrail::store::duckdb {

// In a table made of a few such runs, a hash stands in one or two row groups of each.
class KeyRun {
 public:
  static constexpr std::size_t kMost = 2u << 20;  // keys: 16 bytes each while they are written
  static constexpr std::size_t kNoted = 200'000;  // a run of so many is noted in sorted_keys

  bool is_empty() const { return keys_.empty(); }
  // Whether a key of the fact `number` finds no room any more.
  bool is_full(std::int64_t number) const {
    return keys_.size() >= kMost || (!keys_.empty() && number - first_ > std::int64_t{UINT32_MAX});
  }
  // MUST NOT be full; numbers MUST NOT go down.
  void add(std::uint32_t hash, std::int64_t number) {
    if (keys_.empty()) first_ = number;
    keys_.push_back(std::uint64_t{hash} << 32 | static_cast<std::uint32_t>(number - first_));
  }
  // Writes the keys into the table, which is made where it is missing. Is empty then. `day`: the one whose sorted runs
  // are noted; nothing for the tail.
  Result<Done> write(const Connection& connection, const std::string& table, std::optional<std::int64_t> day);

 private:
  void sort();

  std::int64_t first_ = 0;           // the first number
  std::vector<std::uint64_t> keys_;  // hash, number - first_
};

}  // namespace mailtrail::store::duckdb

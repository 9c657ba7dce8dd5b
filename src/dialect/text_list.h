// TextList: texts gathered one by one into an arena.
#pragma once

#include <algorithm>
#include <span>
#include <string_view>

#include "base/arena.h"

namespace mailtrail::dialect {

// Grows by doubling, inside the arena: n texts take less than 4n places. The arena MUST outlive it and what it gives.
class TextList {
 public:
  explicit TextList(Arena& arena) : arena_(arena) {}

  void add(std::string_view text) {
    if (count_ == capacity_) grow();
    texts_[count_++] = text;
  }

  // Lives as long as the arena.
  std::span<const std::string_view> span() const { return {texts_, count_}; }

 private:
  void grow() {
    capacity_ = capacity_ == 0 ? 4 : 2 * capacity_;
    auto* larger = static_cast<std::string_view*>(
        arena_.allocate(capacity_ * sizeof(std::string_view), alignof(std::string_view)));
    std::copy_n(texts_, count_, larger);
    texts_ = larger;
  }

  Arena& arena_;
  std::string_view* texts_ = nullptr;
  std::size_t count_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace mailtrail::dialect

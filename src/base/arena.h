// Arena: memory that is taken piece by piece and given back all at once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <new>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace mailtrail {

// A bump allocator. What it hands out lives until `clear()` or the arena's end; no destructor is run, so only trivially
// destructible types may be made in it. `clear()` keeps the memory for the next use. Not thread-safe.
class Arena {
 public:
  Arena() = default;
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;
  Arena(Arena&&) = default;
  Arena& operator=(Arena&&) = default;

  // `size` bytes aligned to `alignment` (a power of two, at most 16). Never null; aborts when memory is exhausted.
  void* allocate(std::size_t size, std::size_t alignment) {
    std::uintptr_t at = (next_ + (alignment - 1)) & ~(std::uintptr_t{alignment} - 1);
    if (at + size > end_ || next_ == 0) [[unlikely]] {
      grow(size + alignment);
      at = (next_ + (alignment - 1)) & ~(std::uintptr_t{alignment} - 1);
    }
    next_ = at + size;
    return reinterpret_cast<void*>(at);
  }

  // A value-initialised T.
  template <class T, class... Args>
  T& make(Args&&... args) {
    static_assert(std::is_trivially_destructible_v<T>);
    return *new (allocate(sizeof(T), alignof(T))) T{std::forward<Args>(args)...};
  }

  // A copy of `text`.
  std::string_view store(std::string_view text) {
    if (text.empty()) return {};
    char* copy = static_cast<char*>(allocate(text.size(), 1));
    std::memcpy(copy, text.data(), text.size());
    return {copy, text.size()};
  }

  // A copy of the elements of `values`.
  template <class T>
  std::span<const T> store(const std::vector<T>& values) {
    static_assert(std::is_trivially_copyable_v<T>);
    if (values.empty()) return {};
    T* copy = static_cast<T*>(allocate(sizeof(T) * values.size(), alignof(T)));
    std::memcpy(static_cast<void*>(copy), values.data(), sizeof(T) * values.size());
    return {copy, values.size()};
  }

  // Gives back everything that was handed out; the blocks are kept.
  void clear() {
    current_ = 0;
    if (blocks_.empty()) return;
    next_ = reinterpret_cast<std::uintptr_t>(blocks_[0].data.get());
    end_ = next_ + blocks_[0].size;
  }

 private:
  struct Block {
    std::unique_ptr<char[]> data;
    std::size_t size;
  };

  void grow(std::size_t at_least) {
    while (!blocks_.empty() && current_ + 1 < blocks_.size()) {
      ++current_;
      if (blocks_[current_].size >= at_least) return enter();
    }
    const std::size_t size = at_least > kBlockSize ? at_least : kBlockSize;
    blocks_.push_back({std::unique_ptr<char[]>(new char[size]), size});
    current_ = blocks_.size() - 1;
    enter();
  }
  void enter() {
    next_ = reinterpret_cast<std::uintptr_t>(blocks_[current_].data.get());
    end_ = next_ + blocks_[current_].size;
  }

  static constexpr std::size_t kBlockSize = 256 * 1024;
  std::vector<Block> blocks_;
  std::size_t current_ = 0;
  std::uintptr_t next_ = 0;
  std::uintptr_t end_ = 0;
};

}  // namespace mailtrail

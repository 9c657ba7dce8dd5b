// TextPool: the texts of one thing that is under way, kept together and given back together.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

namespace mailtrail::trace {

// Hands out equal chunks and takes them back. MUST outlive the pools that use it. Not thread-safe.
class ChunkStore {
 public:
  static constexpr std::size_t kChunk = 448;

  char* take() {
    bytes_ += kChunk;
    if (free_.empty()) {
      slabs_.push_back(std::make_unique<char[]>(kChunk * kPerSlab));
      for (std::size_t i = 0; i < kPerSlab; ++i) free_.push_back(slabs_.back().get() + i * kChunk);
    }
    char* chunk = free_.back();
    free_.pop_back();
    return chunk;
  }
  void give(char* chunk) {
    bytes_ -= kChunk;
    free_.push_back(chunk);
  }
  // Of what is kept beside the chunks.
  void count_large(std::size_t size) { bytes_ += size; }
  void uncount_large(std::size_t size) { bytes_ -= size; }
  // Bytes that are handed out.
  std::size_t bytes() const { return bytes_; }

 private:
  static constexpr std::size_t kPerSlab = 64;
  std::vector<std::unique_ptr<char[]>> slabs_;
  std::vector<char*> free_;
  std::size_t bytes_ = 0;
};

// Copies of texts; a text stays where it is until `clear`.
class TextPool {
 public:
  explicit TextPool(ChunkStore& store) : store_(&store) {}
  TextPool(const TextPool&) = delete;
  TextPool& operator=(const TextPool&) = delete;
  ~TextPool() { clear(); }

  std::string_view add(std::string_view text) {
    if (text.empty()) return {};
    if (text.size() > left_) {
      if (text.size() > ChunkStore::kChunk / 2) {
        large_.push_back({std::make_unique<char[]>(text.size()), text.size()});
        store_->count_large(text.size());
        std::memcpy(large_.back().data.get(), text.data(), text.size());
        return {large_.back().data.get(), text.size()};
      }
      chunks_.push_back(store_->take());
      at_ = chunks_.back();
      left_ = ChunkStore::kChunk;
    }
    char* copy = at_;
    std::memcpy(copy, text.data(), text.size());
    at_ += text.size();
    left_ -= text.size();
    return {copy, text.size()};
  }

  // What decides when the pool takes and counts more memory, in bytes.
  struct Account {
    std::size_t held = 0;    // taken for texts
    std::size_t left = 0;    // not yet used of the last chunk
    std::size_t beside = 0;  // of `count`
  };
  Account account() const {
    std::size_t held = chunks_.size() * ChunkStore::kChunk;
    for (const Large& large : large_) held += large.size;
    return {held, left_, beside_};
  }
  // Makes a pool that is empty count, and go on growing, as the one with this account did. Gives room for `size` bytes,
  // the texts that it is to hold; null for none.
  char* restore(const Account& account, std::size_t size) {
    count(account.beside);
    std::size_t held = account.held;
    char* room = nullptr;
    if (account.left != 0) {
      chunks_.push_back(store_->take());
      left_ = std::min(account.left, ChunkStore::kChunk);
      at_ = chunks_.back() + (ChunkStore::kChunk - left_);
      held -= std::min(held, ChunkStore::kChunk);
      if (size <= ChunkStore::kChunk - left_) room = chunks_.back();
    }
    if (held != 0 || room == nullptr) {
      const bool apart = room == nullptr && size != 0;
      large_.push_back({apart ? std::make_unique<char[]>(size) : nullptr, held});
      store_->count_large(held);
      if (apart) room = large_.back().data.get();
    }
    return room;
  }

  // Bytes beside the texts that are given back together with them: they are counted until `clear`.
  void count(std::size_t bytes) {
    beside_ += bytes;
    store_->count_large(bytes);
  }

  void clear() {
    store_->uncount_large(beside_);
    beside_ = 0;
    for (char* chunk : chunks_) store_->give(chunk);
    for (const Large& large : large_) store_->uncount_large(large.size);
    chunks_.clear();
    large_.clear();
    at_ = nullptr;
    left_ = 0;
  }

 private:
  struct Large {
    std::unique_ptr<char[]> data;
    std::size_t size;
  };
  ChunkStore* store_;
  std::vector<char*> chunks_;
  std::vector<Large> large_;
  char* at_ = nullptr;
  std::size_t left_ = 0;
  std::size_t beside_ = 0;
};

// A new element at the end of `list`, whose memory is counted with the texts of `pool`.
template <class T>
T& append(std::vector<T>& list, TextPool& pool) {
  const std::size_t before = list.capacity();
  T& one = list.emplace_back();
  if (list.capacity() != before) pool.count((list.capacity() - before) * sizeof(T));
  return one;
}

}  // namespace mailtrail::trace

// TextMover: moves the texts of a thing that was read from a state into the thing's own pool.
#pragma once

#include <cstring>

#include "trace/tracer_state.h"

namespace mailtrail::trace {

// A visitor of `fields`. Moves the texts that point into the bytes that `reader` reads; others stay.
class TextMover {
 public:
  explicit TextMover(const StateReader& reader) : reader_(reader) {}

  // `reader` MUST just have read `thing`. `pool` is empty; it will count and grow as the one that was saved.
  template <class T>
  void move(T& thing, TextPool& pool) {
    to_ = nullptr;
    size_ = 0;
    fields(*this, thing);
    to_ = pool.restore(reader_.last_account(), size_);
    if (to_ != nullptr) fields(*this, thing);
  }

  void operator()(unsigned, Text& text) {
    if (!reader_.is_inside(text)) return;
    if (text.empty()) {
      text = {};
    } else if (to_ == nullptr) {
      size_ += text.size();
    } else {
      text = {place(text), text.size()};
    }
  }
  template <class T>
  void operator()(unsigned, T&) {}
  template <class T>
  void always(unsigned, T&) {}
  void fixed(unsigned, std::uint64_t&) {}
  void set_base(Micros) {}
  void time(unsigned, Micros&) {}
  void ref(unsigned, StayRef&) {}
  template <class T>
  void record(unsigned, T& one) {
    fields(*this, one);
  }
  template <class T>
  void list(unsigned, std::vector<T>& all) {
    for (T& one : all) fields(*this, one);
  }
  template <class T>
  void counted_list(unsigned number, std::vector<T>& all) {
    list(number, all);
  }
  template <class T>
  void owned(unsigned, std::unique_ptr<T>& one) {
    if (one) fields(*this, *one);
  }
  void queue_id(unsigned number, Stay& stay) { (*this)(number, stay.queue_id); }
  void host(unsigned number, Stay& stay) { (*this)(number, stay.host); }
  void same_queue_id(unsigned number, Text& text) { (*this)(number, text); }
  void same_host(unsigned number, Text& text) { (*this)(number, text); }
  void evidence(unsigned, const char*& text) {
    const Text read = reader_.last_evidence();
    if (read.empty()) return;
    if (to_ == nullptr) {
      size_ += read.size() + 1;
      return;
    }
    text = place(read);
    *to_++ = '\0';
  }
  void pool(unsigned, TextPool&) {}
  void recipient_index(unsigned, Stay&) {}

 private:
  const char* place(Text text) {
    char* at = to_;
    std::memcpy(at, text.data(), text.size());
    to_ += text.size();
    return at;
  }

  const StateReader& reader_;
  char* to_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace mailtrail::trace

// LogIdentity: by what a log is known again, under another name, compressed, grown.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace mailtrail::app {

// The bytes of a log at some places (after decompression): its first, those before the place up to which it was taken
// in, and a hash of those before each mark on the way. Two logs that agree in them are one log: a log begins with a
// time, and its lines hold more of them.
class LogIdentity {
 public:
  static constexpr std::size_t kCompared = 1024;
  // Marks stand `spacing` bytes apart, which doubles when there are more: all of a small log is looked at, of a large
  // one a kilobyte of every 64th part of it and oftener.
  static constexpr std::size_t kMostMarks = 64;

  // Takes note of bytes that are taken in, in order. `position` of their first: what lies between is not looked at (the
  // end of a line that is too long is not taken in).
  void take(std::uint64_t position, std::string_view text);
  // Whether a log that begins with `beginning` (kCompared bytes and more where it has them) may be this one.
  bool may_be(std::string_view beginning) const;
  // Whether `other`, which took note of bytes of a log from its beginning on, agrees at every mark that both have.
  bool agrees(const LogIdentity& other) const;

  const std::string& head() const { return head_; }  // at most kCompared bytes
  const std::string& last() const { return last_; }  // of the bytes that are taken in, at most kCompared
  // Where marks may stand that `size` bytes have: their places, each kCompared and more.
  std::vector<std::uint64_t> marks_up_to(std::uint64_t size) const;
  // Whether the kCompared bytes before the mark are these.
  bool agrees_at(std::uint64_t mark, std::string_view bytes) const;

  std::string save() const;
  // `end`: up to where the log was taken in. Error: damaged, or of a newer version. That of version 1 has no marks yet.
  static Result<LogIdentity> restore(std::string_view bytes, std::uint64_t end);

 private:
  void set_mark(std::uint64_t mark, std::string_view window);

  std::string head_, last_;
  std::uint64_t end_ = 0;
  std::uint64_t spacing_ = kCompared;
  std::map<std::uint64_t, std::uint64_t> marks_;  // hash_bytes of the kCompared bytes before, by place
};

}  // namespace mailtrail::app

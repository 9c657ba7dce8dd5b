// Inputs: the log files that a command was given, opened, dated and put in order.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time_zone.h"
#include "intake/source.h"

namespace mailtrail::app {

// One source and what its first bytes say of it.
struct Input {
  std::string name;
  std::unique_ptr<intake::Source> source;
  bool journal_export = false;
  std::string head;                  // of a sequential source: the bytes that were read to look at it
  bool consumed = false;             // a sequential source was read: it is opened again before the next time
  int first_year = 1970;             // for records that state none
  std::optional<Micros> first_time;  // of its first record with a time; nothing where no record has one
  std::optional<Micros> last_time;   // of its last, where that could be seen without reading it all
};

// The sources of one command. A stream is a list of sources that follow one another; streams run side by side in time
// (the logs of two hosts) and are merged by it.
class Inputs {
 public:
  // Opens what can be opened; the rest is told by `problems` and left out. Files are ordered by what is in them, never
  // by their names alone; `zone` is for records that state none. `rereadable`: the command will read them more than
  // once.
  static Inputs open(const std::vector<std::string>& paths, const TimeZone& zone, bool rereadable);

  std::vector<Input>& all() { return inputs_; }
  const std::vector<Input>& all() const { return inputs_; }
  // Names by source index, for LineRef::source.
  const std::vector<std::string>& names() const { return names_; }
  // Indexes of sources, stream by stream, each in the order in which to read.
  const std::vector<std::vector<std::uint32_t>>& streams() const { return streams_; }
  // What could not be read, one line each.
  const std::vector<Error>& problems() const { return problems_; }
  std::vector<Error>& problems() { return problems_; }
  // Bytes of all that is seekable; nothing where a source's size is not known.
  std::optional<std::uint64_t> total_bytes() const;
  // Whether each source can be read in any order, from several threads, as often as wanted.
  bool all_seekable() const;

 private:
  void arrange();

  std::vector<Input> inputs_;
  std::vector<std::string> names_;
  std::vector<std::vector<std::uint32_t>> streams_;
  std::vector<Error> problems_;
};

// What a rotated log was called before it was: `mail.log` for `mail.log.2.gz`, `mail.log-20261123`, `mail.log.1`.
std::string rotation_base(const std::string& name);
// How often it was rotated: 2 for `mail.log.2.gz`; 0 where the name does not say. For `-20261123` the date, negated, so
// that a larger number is always the older file.
long long rotation_age(const std::string& name);

}  // namespace mailtrail::app

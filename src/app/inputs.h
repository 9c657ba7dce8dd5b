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
#include "record/table.h"

namespace mailtrail::app {

// One source and what its first bytes say of it.
struct Input {
  std::string name;
  std::unique_ptr<intake::Source> source;
  bool journal_export = false;
  std::shared_ptr<const record::Table> table;  // the head of a log whose lines are rows; else null
  std::string head;                            // of a sequential source: the bytes that were read to look at it
  bool consumed = false;                       // a sequential source was read: it is opened again before the next time
  int first_year = 1970;                       // for records that state none
  std::optional<Micros> first_time;            // of its first record with a time; nothing where no record has one
  std::optional<Micros> last_time;             // of its last, where that could be seen without reading it all
  std::uint32_t number = 0;          // LineRef::source of its lines; its index, unless who opened it says otherwise
  std::uint64_t start = 0;           // the byte at which reading begins: the first of a unit
  bool starts_there = false;         // the first byte that the source gives is byte `start`
  std::optional<std::uint64_t> end;  // of a seekable source: reading stops here, behind the end of a line
  bool hold_back = false;            // of a journal's export: an entry that is not whole at its end is left unread
  bool hold_back_cut = false;        // of a sequential source that breaks off: its last line without an end likewise
  bool held_back = false;            // that was so
  bool broken_off = false;           // a sequential source could not be read on behind `head`
};

// The sources of one command. A stream is a list of sources that follow one another; streams run side by side in time
// (the logs of two hosts) and are merged by it.
class Inputs {
 public:
  // Opens what can be opened; the rest is told by `problems` and left out. Files are ordered by what is in them, never
  // by their names alone; `zone` is for records that state none. `rereadable`: the command will read them more than
  // once.
  static Inputs open(const std::vector<std::string>& paths, const TimeZone& zone, bool rereadable);

  // The same of sources that are open already, each with the number of its lines (Input::number).
  struct OpenSource {
    std::unique_ptr<intake::Source> source;
    std::uint32_t number = 0;
  };
  static Inputs of(std::vector<OpenSource> sources, const TimeZone& zone);

  // Of inputs of which all is known: nothing is looked at. `streams` as `streams()` gives it.
  static Inputs arranged(std::vector<Input> inputs, std::vector<std::vector<std::uint32_t>> streams);

  std::vector<Input>& all() { return inputs_; }
  const std::vector<Input>& all() const { return inputs_; }
  // Names by source index, for LineRef::source.
  const std::vector<std::string>& names() const { return names_; }
  // Indexes of sources, stream by stream, each in the order in which to read.
  const std::vector<std::vector<std::uint32_t>>& streams() const { return streams_; }
  // What could not be read, one line each.
  const std::vector<Error>& problems() const { return problems_; }
  std::vector<Error>& problems() { return problems_; }
  // Leaves out, from now on, every source whose place in `wanted` (by index in `all`) is false.
  void select(const std::vector<bool>& wanted);
  // Leaves unread, from now on or no more, the last line of each file that may yet grow where it has no end: of the
  // last source of each stream, where that is a plain file; and of each packed one that cannot be read to its end.
  void hold_back_incomplete(bool hold_back);
  // Bytes to be read of all that is seekable; nothing where a source's size is not known.
  std::optional<std::uint64_t> total_bytes() const;
  // Whether each source can be read in any order, from several threads, as often as wanted.
  bool all_seekable() const;

 private:
  void add(OpenSource open, const TimeZone& zone, bool rereadable);
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

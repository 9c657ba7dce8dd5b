// The framings behind Framer, and what they share. Each takes a line (or a unit) and a record that is reset but for
// `raw`; each says false, and leaves the record as it was, where the line is not of its shape.
#pragma once

#include <memory>
#include <string_view>

#include "base/arena.h"
#include "record/framing.h"
#include "record/stamp.h"

namespace mailtrail::record {

class JsonLineReader;

struct Framer::State {
  State();
  ~State();
  StampReader stamps;
  const Table* table = nullptr;
  std::unique_ptr<JsonLineReader> json;  // made when the first line of JSON is met
};

// syslog.cc: RFC 3164 and ISO stamps, with or without <PRI>; also the lines of CRI, but not inside of another
// container's.
bool frame_syslog(std::string_view line, StampReader& stamps, Arena& arena, Record& record, bool contained = false);
// Makes of `record.text` what the program said: undoes rsyslog's `#ooo` escapes and its `message repeated`.
void finish_syslog_text(Arena& arena, Record& record);

// rfc5424.cc: `<PRI>1 ...`.
bool frame_rfc5424(std::string_view line, StampReader& stamps, Arena& arena, Record& record);

// tai64n.cc: `@40000000...` of multilog.
bool frame_tai64n(std::string_view line, Record& record);

// container.cc: takes the stream and the flag of a line of Kubernetes' CRI, which stand behind the stamp, off `rest`.
bool take_cri_stream(std::string_view& rest);
// The line inside of a container format, framed in turn; where it has no time of its own, `received` is its time.
// `received` MUST be a record with a time.
void frame_contained(std::string_view line, const Record& received, StampReader& stamps, Arena& arena, Record& record);

// journal_export.cc: an entry of `journalctl -o export`.
bool frame_journal_entry(std::string_view unit, Record& record);

// Sets the time of `record` from journald's decimal microseconds, of which `source` (as the sender said) goes before
// `realtime` (as journald got it). False where neither is a number.
bool set_journal_time(std::string_view source, std::string_view realtime, Record& record);

// json_lines.cc: Docker's json-file and `journalctl -o json`.
class JsonLineReader {
 public:
  JsonLineReader();
  ~JsonLineReader();
  bool frame(std::string_view line, StampReader& stamps, Arena& arena, Record& record);

 private:
  struct Parser;
  std::unique_ptr<Parser> parser_;
};

}  // namespace mailtrail::record

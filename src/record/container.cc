// NAME
//   container: the lines of Kubernetes' container runtimes (CRI)
// SUMMARY
//   `TIME stdout|stderr F|P LINE`. The line inside is framed in turn. Where it has no time of its own, the time at
//   which the runtime got it stands for it, with the note `received`.
// SOURCES
//   Kubernetes CRI logging design (containerd 1.6, CRI-O 1.24)
// SAMPLES
//   2026-11-24T03:00:15.101090123Z stdout F Nov 24 03:00:15 mx1 postfix/smtp[123]: connect to mx.example.net: timed out
// KNOWN GAPS
//   Lines that the runtime cut (`P`, above 16 KiB) are not put together again.
#include "base/text.h"
#include "record/framer_state.h"
#include "record/origin.h"

namespace mailtrail::record {

void frame_contained(std::string_view line, const Record& received, StampReader& stamps, Arena& arena, Record& record) {
  record.text = line;
  if (!line.empty() && line.front() == '<' && frame_rfc5424(line, stamps, arena, record)) return;
  frame_syslog(line, stamps, arena, record, true);
  if (record.has_time) return;
  record.time = received.time;
  record.offset_minutes = received.offset_minutes;
  record.wall = received.wall;
  record.has_time = true;
  record.notes |= kReceived;
  // A program that writes to its standard error leaves stamp and host to others.
  std::string_view text = record.text;
  if (record.program.empty() && take_tag(text, TagTrust::kStrict, record)) record.text = text;
}

bool take_cri_stream(std::string_view& rest) {
  std::string_view line = rest;
  if (!consume(line, "stdout ") && !consume(line, "stderr ")) return false;
  if (!consume(line, "F ") && !consume(line, "P ")) return false;
  rest = line;
  return true;
}

}  // namespace mailtrail::record

// Origin: who speaks in a line: host, program, process.
#pragma once

#include <cstdint>
#include <string_view>

#include "record/record.h"

namespace mailtrail::record {

// How sure a tag must look to be taken for one.
enum class TagTrust : std::uint8_t {
  kSyslog,  // where syslog puts it: `name:`, `name[pid]:`, `name[pid]` and, with a slash in it, `name`
  kStrict,  // where it may be missing: only `name[pid]:`, and with a slash in it `name:`
};

// Takes a tag and the blank behind it off `text`, and sets program and pid of `record`. False, and nothing changed,
// where none is there.
bool take_tag(std::string_view& text, TagTrust trust, Record& record);

// Sets host, program, pid and text of `record` from what follows the stamp of a syslog line. The host is missing where
// the word in its place is a tag.
void split_origin(std::string_view rest, Record& record);

// The same for lines whose stamp is also written by programs into files of their own (`2026-11-24 03:00:15 text`): host
// and tag are taken only where both are there beyond doubt; else all of `rest` is text.
void split_origin_strictly(std::string_view rest, Record& record);

}  // namespace mailtrail::record

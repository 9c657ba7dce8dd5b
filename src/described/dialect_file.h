// DialectFile: a dialect that a text file describes (TOML 1.0), for programs that none is built in for.
//
//   name     = "acme"                 # the field `dialect`
//   programs = ["acme-mta", "acme-*"] # tags of its lines
//   untagged = true                   # and lines that have no tag
//   format   = "text"                 # or "json", "csv" with columns = [...] and separator = ","
//   time     = "iso"                  # how a value for `time` is written: or "seconds", "milliseconds", "microseconds"
//
//   [[line]]                          # the first that fits takes the line
//   kind    = "delivery"
//   pattern = '(?P<queue_id>\w+): to=<(?P<recipient>[^>]*)>, result=(?P<status>\w+)'
//   set     = { mailer = "smtp" }
//   words   = { status = { ok = "sent", later = "deferred" } }
//   # of json and csv, instead of a pattern:
//   when    = { type = "Delivery" }
//   fields  = { recipient = "rcpt.address", status = "result" }
//
//   [[sample]]
//   line   = "Nov 24 03:00:15 mx1 acme-mta[7]: A1: to=<a@example.com>, result=ok"
//   expect = { kind = "delivery", queue_id = "A1", recipient = "a@example.com", status = "sent", mailer = "smtp" }
//
// A pattern is one of RE2 (github.com/google/re2/wiki/Syntax) on bytes, and MUST match all of the line's text behind
// its tag. Its groups, and the keys of `set` and `fields`, are names of EVENTS.md: fields of the kind, `queue_id`,
// `time`, `host`, `program`, `pid`, or `extra_NAME` for what the vocabulary has no field for.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "dialect/dialect.h"

namespace mailtrail::described {

// What was found in a file. Its dialect is there where there is no problem.
struct DialectFile {
  std::unique_ptr<const dialect::Dialect> dialect;
  std::string name;
  std::size_t rules = 0, samples = 0;
  std::vector<Error> problems;  // `where` is FILE:LINE
};

// Reads a description and checks it: every name and pattern, that each sample gives just what is expected of it, and
// that each rule takes at least one sample. `file` is its name in messages. `text` may hold anything. The dialect owns
// what it needs, is thread-safe, and MUST outlive the events that it makes.
DialectFile read_dialect_file(std::string_view text, std::string_view file);

}  // namespace mailtrail::described

// Gzip sources (RFC 1952) through zlib: members one after another, every byte that can be decoded before a fault.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "intake/raw_stream.h"
#include "intake/source.h"

namespace mailtrail::intake {

// `raw` MUST stand at its start, with a gzip header there. What `read` gives beyond the contract of Source:
// - members are one text; zero bytes between and after them are padding, no fault;
// - data that is cut (in a header, in the compressed data, in the check sum) or damaged: all that was decoded before,
//   then the error;
// - a check sum or length that does not agree: the text of that member and all members after it, then the error;
// - bytes after a member that are no gzip: the text of the members, then the error.
// Of several faults the first is told.
std::unique_ptr<Source> make_gzip_source(std::string name, std::optional<Micros> changed_at, RawStream raw);

}  // namespace mailtrail::intake

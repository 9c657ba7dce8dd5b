// Compressed sources: bzip2, xz and zstd through libarchive, gzip through zlib (intake/gzip.h).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "intake/raw_stream.h"
#include "intake/source.h"

namespace mailtrail::intake {

// Bytes that tell a kind and, for gzip, the time in its header.
inline constexpr std::size_t kMagicBytes = 10;

// The kind of a file that begins with `head`: gzip (RFC 1952), bzip2, xz, zstd (RFC 8878), or plain.
SourceKind recognise_kind(std::string_view head);

// MTIME of a gzip header; nothing where it states none (0) or where `head` is no gzip.
std::optional<Micros> gzip_time(std::string_view head);

// Of a packing that `kind` tells, which MUST NOT be kPlain. bzip2, xz and zstd that are cut or damaged lose up to 64
// KiB of text before the fault: libarchive gives none of the block in which it meets one.
std::unique_ptr<Source> make_compressed_source(std::string name, SourceKind kind, std::optional<Micros> changed_at,
                                               RawStream raw);

}  // namespace mailtrail::intake

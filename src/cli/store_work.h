// StoreWork: what a command that fills a store was told to work with.
#pragma once

#include <chrono>
#include <cstdint>

#include "base/result.h"
#include "base/time_zone.h"
#include "cli/arguments.h"

namespace mailtrail::cli {

// The options --memory, --wait, --threads and --timezone.
struct StoreWork {
  TimeZone zone = TimeZone::system();
  std::uint64_t memory = 0;  // bytes
  std::chrono::seconds wait{0};
  unsigned threads = 0;  // 0: as many as there are processors

  // Bytes of it for what is under way in the tracer, and for the database's buffers. One commit takes as many bytes of
  // logs as there is memory: facts are far smaller than their lines.
  std::size_t tracer_memory() const { return static_cast<std::size_t>(memory / 5); }
  std::uint64_t database_memory() const { return memory * 2 / 5; }
  std::uint64_t commit_bytes() const { return memory; }
};

// Error: a value that is none, with those there are.
Result<StoreWork> store_work(const Arguments& arguments);

}  // namespace mailtrail::cli

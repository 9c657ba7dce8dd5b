// StoreLock: who uses a store.
//
// One process writes to a store, and nobody reads it meanwhile but through that process (command_socket.h); or any
// number of processes read. The lock is flock(2) on the file `lock`, so it ends with the process, however that ends:
// what a process that was killed left in the file keeps nobody out. The file says who uses the store, one a line:
//
//     use=write process=4711 born=123456 command=ingest user=root host=mx1 since=2026-11-24T09:41:07.000000+00:00
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/store_directory.h"
#include "base/result.h"
#include "base/time.h"
#include "base/time_zone.h"
#include "sys/file_lock.h"

namespace mailtrail::app {

enum class StoreUse : std::uint8_t { kRead, kWrite };

// A process that uses a store, as it says itself.
struct StoreHolder {
  StoreUse use = StoreUse::kRead;
  std::int64_t process = 0;
  std::optional<std::uint64_t> birth;  // sys::process_birth
  std::string command, user, host;     // `ingest`, `root`, `mx1`; any bytes but blanks and controls
  Micros since = 0;
};

// A line of the file, with its end.
std::string holder_line(const StoreHolder& holder);
// The holders that a text of the file names; lines that are not understood are left out.
std::vector<StoreHolder> parse_holders(std::string_view text);
// `mailtrail ingest, process 4711, since 10:41:07`, in the wall time of `zone`, with the date where that is not the one
// of `now`, with the host where it is not `this_host`.
std::string holder_text(const StoreHolder& holder, const std::string& this_host, const TimeZone& zone, Micros now);
// Nothing where a process that got the lock may rely on it. Else the holder that the text names and that may still be
// at work: on a file system over a network (`network`) a process of another host that was writing and has not said that
// it ended. Its host may not have told this one of its lock.
std::optional<StoreHolder> unseen_holder(std::string_view text, const std::string& this_host, bool network);

// Held until the object goes. Not thread-safe.
class StoreLock {
 public:
  // Longest that `take` waits.
  static constexpr std::chrono::seconds kLongestWait{24 * 3600};

  // For `command`, a word such as `ingest`. Nothing: another process uses the store. Reads the lock file's text only
  // where the store lies on a network. Error: it cannot be locked, or not relied on (see unseen_holder).
  static Result<std::optional<StoreLock>> try_take(const StoreDirectory& directory, StoreUse use,
                                                   std::string_view command);
  // Tries for `wait` (at most kLongestWait; 0: once). Error, beside those of try_take: in_use.
  static Result<StoreLock> take(const StoreDirectory& directory, StoreUse use, std::string_view command,
                                std::chrono::milliseconds wait);
  // Who uses the store: those that the file names and that are processes of this host at work, or a writer of another
  // host that has not said that it is done. Some may be missing. MUST be called only when the store is in use.
  static std::vector<StoreHolder> holders(const StoreDirectory& directory);
  // What to say where the store is in use, by whom and since when, after `waited`.
  static Error in_use(const StoreDirectory& directory, std::chrono::milliseconds waited);

  StoreLock(StoreLock&& other) noexcept;
  StoreLock& operator=(StoreLock&& other) noexcept;
  ~StoreLock() { release(); }

  StoreUse use() const { return use_; }
  // What the user must be told: the store lies on a network, where other hosts may not see the lock. Else empty.
  const std::string& warning() const { return warning_; }

 private:
  StoreLock(sys::FileLock file, StoreUse use) : file_(std::move(file)), use_(use) {}
  void release();

  std::optional<sys::FileLock> file_;
  StoreUse use_;
  std::string warning_;
};

}  // namespace mailtrail::app

// StoreDirectory: where a store lies, and what is in it.
//
//     STORE              the marker: `mailtrail store VERSION`
//     mailtrail.duckdb   the facts (with what DuckDB writes beside it)
//     archive/           the lines
//     lock               who uses it (store_lock.h)
//     socket             where a process that keeps it open answers others (command_socket.h)
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace mailtrail::app {

// The version of what is described above. A store of a later one is refused.
inline constexpr std::uint32_t kStoreVersion = 1;

// Where the store of this user lies: `option` (the value of --store) where given, else the environment's
// MAILTRAIL_STORE, else /var/lib/mailtrail for root, else `mailtrail` in XDG_DATA_HOME (an absolute path, else
// ~/.local/share). Error: an empty --store, or no home directory is known.
Result<std::string> store_path(std::optional<std::string_view> option);

class StoreDirectory {
 public:
  // The store at `path`; nothing where none was made there yet: no directory, or an empty one. Error: a file is in the
  // way, a directory with other things in it, a store of a later version, or it cannot be known (no permission).
  static Result<std::optional<StoreDirectory>> find(const std::string& path);
  // As `find`; no store is an error that says how to make one.
  static Result<StoreDirectory> open(const std::string& path);
  // As `find`; where there is none it is made, with the permission bits 0750 for root and 0700 for others (a directory
  // that is there keeps its own). Nothing is written into a directory that holds other things without a marker. Safe
  // where several processes do it at once.
  static Result<StoreDirectory> open_or_create(const std::string& path);

  const std::string& path() const { return path_; }
  std::string database() const { return path_ + "/mailtrail.duckdb"; }
  std::string archive() const { return path_ + "/archive"; }
  std::string lock() const { return path_ + "/lock"; }
  std::string socket() const { return path_ + '/' + std::string(kSocket); }
  // The user number of who made the directory.
  std::uint32_t owner() const { return owner_; }
  // Permission bits of files that all who may use the store must write: 0660 in a store of root, else 0600.
  unsigned shared_mode() const { return owner_ == 0 ? 0660 : 0600; }

  static constexpr std::string_view kSocket = "socket";

 private:
  StoreDirectory(std::string path, std::uint32_t owner) : path_(std::move(path)), owner_(owner) {}

  std::string path_;
  std::uint32_t owner_;
};

}  // namespace mailtrail::app

#include "app/rebuild_files.h"

#include <cstdio>

#include "archive/archive.h"
#include "sys/directory.h"
#include "sys/output_file.h"

namespace mailtrail::app {
namespace {

// What DuckDB writes beside a database; a database under another name must have it under that name.
constexpr const char* kLogSuffix = ".wal";

std::string kept_name(const std::string& database, Micros now) {
  const CivilTime civil = civil_from_micros(now);
  char text[64];
  std::snprintf(text, sizeof text, ".before-%04d%02d%02dT%02d%02d%02dZ", civil.year, civil.month, civil.day, civil.hour,
                civil.minute, civil.second);
  std::string name = database + text;
  for (int i = 2; sys::is_present(name) || sys::is_present(name + kLogSuffix); ++i) {
    name = database + text + '-' + std::to_string(i);
  }
  return name;
}

// Gives the file a second name, or another where a file system knows no second ones.
Result<Done> keep(const std::string& from, const std::string& to) {
  if (sys::link_file(from, to).ok()) return Done{};
  return sys::rename_file(from, to);
}

Result<Done> remove(const std::string& path) {
  if (sys::remove_file(path)) return Done{};
  return Error{"cannot be removed", path, "see who owns the directory"};
}

}  // namespace

Result<Done> check_database_is_there(const StoreDirectory& directory) {
  if (sys::is_present(directory.database()) || archive::confirmed_mark(directory.archive()).empty()) return Done{};
  return Error{"the database is gone, and the archive is there", directory.database(),
               "mailtrail rebuild makes it anew from the archive; or put it back"};
}

std::string rebuilt_database(const StoreDirectory& directory) {
  return directory.database() + ".new";
}

Result<Done> clear_rebuilt(const StoreDirectory& directory) {
  const std::string database = rebuilt_database(directory);
  if (const Result<Done> removed = remove(database); !removed.ok()) return removed;
  return remove(database + kLogSuffix);
}

Result<std::optional<std::string>> put_in_place(const StoreDirectory& directory, Micros now) {
  const std::string old = directory.database(), kept = kept_name(old, now);
  std::optional<std::string> told;
  for (const char* suffix : {"", kLogSuffix}) {
    if (!sys::is_present(old + suffix)) continue;
    if (const Result<Done> done = keep(old + suffix, kept + suffix); !done.ok()) return done.error();
    told = kept;
  }
  if (const Result<Done> synced = sys::sync_directory(directory.path()); !synced.ok()) return synced.error();
  // The database goes first: without it, what is written beside it is never taken for that of another.
  for (const char* suffix : {"", kLogSuffix}) {
    if (const Result<Done> removed = remove(old + suffix); !removed.ok()) return removed.error();
  }
  if (const Result<Done> renamed = sys::rename_file(rebuilt_database(directory), old); !renamed.ok()) {
    return renamed.error();
  }
  if (const Result<Done> synced = sys::sync_directory(directory.path()); !synced.ok()) return synced.error();
  return told;
}

}  // namespace mailtrail::app

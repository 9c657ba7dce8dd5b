#include "app/store_directory.h"

#include <algorithm>
#include <vector>

#include "base/text.h"
#include "sys/directory.h"
#include "sys/path.h"
#include "sys/process.h"
#include "sys/small_file.h"

namespace mailtrail::app {
namespace {

constexpr std::string_view kMarker = "STORE";
constexpr std::string_view kMarkerHead = "mailtrail store ";
constexpr std::size_t kMostMarker = 256;

std::string marker_path(const std::string& path) {
  return path + '/' + std::string(kMarker);
}

// Whether the marker is one that this program knows.
Result<Done> check_marker(const std::string& path) {
  const Result<std::string> text = sys::read_small_file(marker_path(path), kMostMarker);
  if (!text.ok()) return text.error();
  std::string_view rest = *text;
  const bool headed = consume(rest, kMarkerHead);
  const std::optional<std::uint32_t> version = to_number<std::uint32_t>(take_until(rest, '\n'));
  if (!headed || !version || *version == 0 || !rest.empty()) {
    return Error{"is not the marker of a mailtrail store", marker_path(path),
                 "choose another directory; if this is a store, put back the line `" + std::string(kMarkerHead) +
                     std::to_string(kStoreVersion) + "`"};
  }
  if (*version > kStoreVersion) {
    return Error{"the store was made by a newer mailtrail: its version is " + std::to_string(*version) +
                     ", this one knows " + std::to_string(kStoreVersion),
                 path, "use the newer mailtrail"};
  }
  return Done{};
}

// What a directory may hold that counts as empty: the mark of a file system's root, and what is left of a marker where
// whoever made it was stopped.
bool is_nothing(std::string_view name) {
  return name == "lost+found" || (name.starts_with("STORE.") && name.ends_with(".tmp"));
}

Error not_a_store(const std::string& path, std::string_view found) {
  return {"is no mailtrail store, but holds other things (" + printable(found) + ")", path,
          "name an empty or a new directory with --store or MAILTRAIL_STORE"};
}

}  // namespace

Result<std::string> store_path(std::optional<std::string_view> option) {
  if (option) {
    if (option->empty()) return Error{"--store is empty", "", "--store DIR"};
    return std::string(*option);
  }
  if (const auto named = sys::environment("MAILTRAIL_STORE"); named && !named->empty()) return *named;
  if (sys::user_id() == 0) return std::string("/var/lib/mailtrail");
  // A path that is not absolute is no path (XDG Base Directory Specification 0.8).
  if (const auto data = sys::environment("XDG_DATA_HOME"); data && data->starts_with('/')) return *data + "/mailtrail";
  const std::string home = sys::home_directory();
  if (home.empty()) return Error{"it is not known where the store lies: there is no home directory", "", "--store DIR"};
  return home + "/.local/share/mailtrail";
}

Result<std::optional<StoreDirectory>> StoreDirectory::find(const std::string& path) {
  const Result<sys::PathInfo> there = sys::look_at(path);
  if (!there.ok()) return there.error();
  if (there->kind == sys::PathKind::kNothing) return std::optional<StoreDirectory>();
  if (there->kind != sys::PathKind::kDirectory) {
    return Error{"is in the way: a store is a directory", path, "move it away, or name another place with --store"};
  }
  // The names before the marker: where another process makes the store meanwhile, the marker is its first file.
  const Result<std::vector<std::string>> names = sys::list_directory(path);
  if (!names.ok()) return names.error();
  const Result<sys::PathInfo> marker = sys::look_at(marker_path(path));
  if (!marker.ok()) return marker.error();
  if (marker->kind == sys::PathKind::kNothing) {
    const auto other = std::find_if_not(names->begin(), names->end(), is_nothing);
    if (other == names->end()) return std::optional<StoreDirectory>();
    return not_a_store(path, *other);
  }
  if (const Result<Done> known = check_marker(path); !known.ok()) return known.error();
  return std::optional<StoreDirectory>(StoreDirectory(path, there->owner));
}

Result<StoreDirectory> StoreDirectory::open(const std::string& path) {
  Result<std::optional<StoreDirectory>> found = find(path);
  if (!found.ok()) return found.error();
  if (*found) return std::move(**found);
  return Error{"there is no store", path,
               "mailtrail ingest /var/log/mail.log* makes it; or name the logs to read, or another store with --store"};
}

Result<StoreDirectory> StoreDirectory::open_or_create(const std::string& path) {
  Result<std::optional<StoreDirectory>> found = find(path);
  if (!found.ok()) return found.error();
  if (*found) return std::move(**found);
  if (const Result<Done> made = sys::make_directories(path, sys::user_id() == 0 ? 0750 : 0700); !made.ok()) {
    return made.error();
  }
  const Result<bool> marked =
      sys::create_whole_file(marker_path(path), std::string(kMarkerHead) + std::to_string(kStoreVersion) + '\n');
  if (!marked.ok()) return marked.error();
  return open(path);
}

}  // namespace mailtrail::app

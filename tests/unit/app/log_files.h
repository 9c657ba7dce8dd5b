// Log files for tests: a folder that goes away, the real log of tests/data in its three forms, packed copies.
#pragma once

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "intake/source.h"

namespace mailtrail::app {

// A folder of its own under the system's folder for temporary files, with all that was written to it.
class LogFiles {
 public:
  LogFiles() {
    std::string pattern = (std::filesystem::temp_directory_path() / "mailtrail-test-XXXXXX").string();
    EXPECT_NE(::mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
  }
  LogFiles(const LogFiles&) = delete;
  LogFiles& operator=(const LogFiles&) = delete;
  ~LogFiles() { std::filesystem::remove_all(folder_); }

  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  // `changed` is when the file says that it was last changed, RFC 3339.
  std::string write(const std::string& name, std::string_view bytes,
                    const std::string& changed = "2026-11-24T03:10:00Z") const {
    const std::string where = path(name);
    std::ofstream(where, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    touch(where, changed);
    return where;
  }
  static void touch(const std::string& where, const std::string& changed) {
    const std::optional<Micros> time = parse_timestamp(changed, 0);
    EXPECT_TRUE(time) << changed;
    const timespec at{static_cast<time_t>(time.value_or(0) / kSecond), 0};
    const timespec times[2] = {at, at};
    EXPECT_EQ(::utimensat(AT_FDCWD, where.c_str(), times, 0), 0);
  }

 private:
  std::filesystem::path folder_;
};

// The unpacked text of a file of tests/data/postfix-a.
inline std::string real_log(const std::string& name) {
  const std::string path = std::string(MAILTRAIL_SOURCE_DIR) + "/tests/data/postfix-a/" + name;
  Result<std::unique_ptr<intake::Source>> source = intake::open_source(path);
  EXPECT_TRUE(source.ok()) << path;
  std::string text;
  char buffer[64 * 1024];
  while (source.ok()) {
    const Result<std::size_t> got = (*source)->read(buffer, sizeof buffer);
    EXPECT_TRUE(got.ok());
    if (!got.ok() || *got == 0) break;
    text.append(buffer, *got);
  }
  return text;
}

// `text` packed by one of libarchive's filters. A gzip header states no time.
inline std::string packed(std::string_view text, int (*add_filter)(struct ::archive*)) {
  std::string out(text.size() + 4096, '\0');
  std::size_t used = 0;
  struct ::archive* a = archive_write_new();
  archive_write_set_format_raw(a);
  add_filter(a);
  archive_write_set_options(a, "!timestamp");
  archive_write_set_bytes_in_last_block(a, 1);
  EXPECT_EQ(archive_write_open_memory(a, out.data(), out.size(), &used), ARCHIVE_OK);
  archive_entry* entry = archive_entry_new();
  archive_entry_set_filetype(entry, AE_IFREG);
  archive_entry_set_pathname(entry, "log");
  EXPECT_EQ(archive_write_header(a, entry), ARCHIVE_OK);
  EXPECT_EQ(archive_write_data(a, text.data(), text.size()), static_cast<la_ssize_t>(text.size()));
  archive_entry_free(entry);
  archive_write_close(a);
  archive_write_free(a);
  out.resize(used);
  return out;
}

// The lines of a text, each with its line end.
inline std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const std::size_t size = end == std::string_view::npos ? text.size() : end + 1;
    lines.push_back(text.substr(0, size));
    text.remove_prefix(size);
  }
  return lines;
}

}  // namespace mailtrail::app

#include "app/described_dialects.h"

#include "sys/directory.h"
#include "sys/output_file.h"
#include "sys/process.h"
#include "sys/small_file.h"

namespace mailtrail::app {
namespace {

constexpr std::size_t kLargestFile = 1024 * 1024;
constexpr std::string_view kSuffix = ".toml";

bool is_description(std::string_view name) {
  return name.size() > kSuffix.size() && name.front() != '.' && name.substr(name.size() - kSuffix.size()) == kSuffix;
}

// Dialects live as long as the program: events that name them may live as long.
std::vector<std::unique_ptr<const dialect::Dialect>>& kept_dialects() {
  static std::vector<std::unique_ptr<const dialect::Dialect>> dialects;
  return dialects;
}

void add(described::DialectFile file, const std::string& path, std::vector<Error>& problems) {
  for (Error& problem : file.problems) problems.push_back(std::move(problem));
  if (file.dialect == nullptr) return;
  for (const dialect::Dialect* other : dialect::added_dialects()) {
    if (other->name() != file.name) continue;
    problems.push_back({"another file describes the dialect `" + file.name + "`, too", path, "rename one of them"});
    return;
  }
  dialect::add_dialect(*file.dialect);
  kept_dialects().push_back(std::move(file.dialect));
}

std::vector<std::string_view> names_of(std::span<const dialect::Dialect* const> dialects) {
  std::vector<std::string_view> names;
  for (const dialect::Dialect* dialect : dialects) names.push_back(dialect->name());
  return names;
}

}  // namespace

std::vector<std::string> dialect_folders() {
  if (const auto folder = sys::environment("MAILTRAIL_DIALECTS")) return {*folder};
  const std::optional<std::string> own = sys::environment("XDG_CONFIG_HOME");
  std::vector<std::string> folders = {"/etc/mailtrail/dialects"};
  if (own && !own->empty()) {
    folders.push_back(*own + "/mailtrail/dialects");
  } else if (const std::string home = sys::home_directory(); !home.empty()) {
    folders.push_back(home + "/.config/mailtrail/dialects");
  }
  return folders;
}

Result<described::DialectFile> read_dialect_file(const std::string& path) {
  const Result<std::string> text = sys::read_small_file(path, kLargestFile);
  if (!text.ok()) return text.error();
  return described::read_dialect_file(*text, path);
}

std::vector<Error> add_described_dialects(const std::vector<std::string>& folders) {
  static bool done = false;
  if (done) return {};
  done = true;
  std::vector<Error> problems;
  for (const std::string& folder : folders) {
    if (!sys::is_present(folder)) continue;
    const Result<std::vector<std::string>> names = sys::list_directory(folder);
    if (!names.ok()) {
      problems.push_back(names.error());
      continue;
    }
    for (const std::string& name : *names) {
      if (!is_description(name)) continue;
      const std::string path = folder + '/' + name;
      Result<described::DialectFile> file = read_dialect_file(path);
      if (file.ok()) {
        add(std::move(*file), path, problems);
      } else {
        problems.push_back(file.error());
      }
    }
  }
  return problems;
}

std::vector<std::string_view> built_in_dialects() {
  return names_of(dialect::all_dialects());
}
std::vector<std::string_view> described_dialects() {
  return names_of(dialect::added_dialects());
}

}  // namespace mailtrail::app

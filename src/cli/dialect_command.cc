// `mailtrail dialect`.
#include <algorithm>

#include "app/described_dialects.h"
#include "base/json_writer.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/exit_status.h"
#include "cli/wrap.h"

namespace mailtrail::cli {
namespace {

std::string counted(std::size_t number, const std::string& what) {
  return std::to_string(number) + ' ' + what + (number == 1 ? "" : "s");
}

void append_json(std::string& out, const std::string& path, const described::DialectFile& file) {
  JsonWriter json(out);
  json.begin_object();
  json.field("file", path);
  json.field("dialect", file.name);
  json.key("good");
  json.value(file.problems.empty());
  json.key("rules");
  json.value(std::uint64_t{file.rules});
  json.key("samples");
  json.value(std::uint64_t{file.samples});
  if (!file.problems.empty()) {
    json.key("problems");
    json.begin_array();
    for (const Error& problem : file.problems) {
      json.begin_object();
      json.field("where", problem.where);
      json.field("what", problem.what);
      json.field("remedy", problem.remedy);
      json.end_object();
    }
    json.end_array();
  }
  json.end_object();
  out += '\n';
}

int test(const Arguments& arguments, const Streams& streams) {
  std::string page;
  int status = kDone;
  for (std::size_t i = 1; i < arguments.words.size(); ++i) {
    const std::string& path = arguments.words[i];
    const Result<described::DialectFile> file = app::read_dialect_file(path);
    if (!file.ok()) {
      say(streams, printable(file.error().to_string()));
      status = kUnreadable;
      continue;
    }
    if (!file->problems.empty()) status = std::max(status, kWrongUse);
    if (arguments.has("json")) {
      append_json(page, path, *file);
      continue;
    }
    if (file->problems.empty()) {
      page += printable(path) + ": dialect " + file->name + ", " + counted(file->rules, "rule") + ", " +
              counted(file->samples, "sample") + ": all as expected\n";
    }
    for (const Error& problem : file->problems) page += printable(problem.to_string()) + '\n';
  }
  show_page(streams, page, false);
  return status;
}

int list(const Arguments& arguments, const Streams& streams) {
  std::string page;
  const auto append = [&](std::string_view name, bool built_in) {
    if (!arguments.has("json")) {
      page += std::string(name) + (built_in ? "" : "  (described)") + '\n';
      return;
    }
    JsonWriter json(page);
    json.begin_object();
    json.field("dialect", name);
    json.key("built_in");
    json.value(built_in);
    json.end_object();
    page += '\n';
  };
  for (const std::string_view name : app::built_in_dialects()) append(name, true);
  for (const std::string_view name : app::described_dialects()) append(name, false);
  show_page(streams, page, !arguments.has("no-pager"));
  return kDone;
}

}  // namespace

int dialect(const Arguments& arguments, const Streams& streams) {
  const std::string& what = arguments.words.front();
  if (what == "list" && arguments.words.size() == 1) return list(arguments, streams);
  if (what == "test" && arguments.words.size() > 1) return test(arguments, streams);
  say(streams, what == "test" ? "dialect test: which file? (mailtrail dialect test FILE...)"
                              : "dialect: `" + printable(what) +
                                    "` is not known (mailtrail dialect test FILE..., mailtrail "
                                    "dialect list)");
  return kWrongUse;
}

}  // namespace mailtrail::cli

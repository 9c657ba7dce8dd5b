#include "cli/run.h"

#include <string_view>
#include <utility>

#include "app/described_dialects.h"
#include "base/text.h"
#include "cli/arguments.h"
#include "cli/commands.h"
#include "cli/exit_status.h"
#include "cli/help_page.h"
#include "cli/store_opening.h"

namespace mailtrail::cli {
namespace {

using Body = int (*)(const Arguments&, const Streams&);

Body body_of(std::string_view name) {
  static constexpr std::pair<std::string_view, Body> kBodies[] = {
      {"report", report},   {"trace", trace},   {"search", search},
      {"events", events},   {"ingest", ingest}, {"export", export_rows},
      {"rebuild", rebuild}, {"sql", sql},       {"explain", explain_reply},
      {"dialect", dialect}, {"demo", demo},     {"completion", completion},
      {"man", man},         {"help", help},     {"version", version}};
  for (const auto& [known, body] : kBodies) {
    if (known == name) return body;
  }
  return nullptr;
}

}  // namespace

int run_command(const Arguments& arguments, const Streams& streams) {
  const Command& command = *arguments.command;
  const Body body = body_of(command.name);
  const bool names_logs = arguments.words.size() > (command.takes_query ? 1u : 0u);
  // What the configuration says of lines holds before the first is read.
  std::vector<Error> problems;
  if (command.reads_logs || command.parses_lines) {
    problems = app::add_described_dialects(app::dialect_folders());
  }
  for (const Error& problem : problems) say(streams, printable(problem.to_string()));
  const bool works_on_store = command.reads_logs && !names_logs && streams.store == nullptr;
  const int status = works_on_store ? run_on_store(arguments, streams, body) : body(arguments, streams);
  return status < kWrongUse && !problems.empty() ? kUnreadable : status;
}

int run(const std::vector<std::string>& words, const Streams& streams) {
  const Result<Arguments> arguments = parse_arguments(words);
  if (!arguments.ok()) {
    say(streams, arguments.error().to_string());
    return kWrongUse;
  }
  const Command* command = arguments->command;
  if (command == nullptr || arguments->has("help")) {
    const std::size_t width = page_width(streams);
    const std::string page = command == nullptr ? program_help(width) : command_help(*command, width);
    show_page(streams, page, !arguments->has("no-pager"));
    return kDone;
  }
  return run_command(*arguments, streams);
}

}  // namespace mailtrail::cli

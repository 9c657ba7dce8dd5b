#include "cli/help_page.h"

#include <algorithm>

#include "base/text.h"
#include "cli/wrap.h"

namespace mailtrail::cli {
namespace {

std::size_t usable(std::size_t width) {
  return std::clamp<std::size_t>(width, 60, 100);
}

void append_paragraph(std::string& out, std::string_view text, std::size_t width) {
  out += '\n';
  append_wrapped(out, text, 0, width);
}

// `  HEAD   text`, the text from `column` on, on a line of its own where the head is too long.
void append_entry(std::string& out, std::string_view head, std::string_view text, std::size_t column,
                  std::size_t width) {
  out += "  ";
  out += head;
  std::size_t at = 2 + display_width(head);
  if (at + 2 > column) {
    out += '\n';
    at = 0;
  }
  out.append(column - at, ' ');
  append_wrapped(out, text, column, width);
}

void append_statuses(std::string& out, std::size_t width) {
  out += "\nExit status:\n";
  for (const ExitStatus& status : exit_statuses()) {
    append_entry(out, std::to_string(status.status), status.meaning, 5, width);
  }
}

}  // namespace

std::string program_help(std::size_t width) {
  width = usable(width);
  std::string out = "mailtrail: ";
  append_wrapped(out, program_summary(), 11, width);
  out += "\nUsage: mailtrail COMMAND [OPTION...] [ARGUMENT...]\n\nCommands:\n";
  for (const Command& command : commands()) append_entry(out, command.name, command.summary, 14, width);
  for (const std::string_view paragraph : program_description()) append_paragraph(out, paragraph, width);
  out += "\nFirst steps:\n";
  out += "  mailtrail report /var/log/mail.log*\n";
  out += "  mailtrail trace bob@example.net /var/log/mail.log*\n";
  out += "\n`mailtrail COMMAND --help` shows the options of a command.\n";
  return out;
}

std::string command_help(const Command& command, std::size_t width) {
  width = usable(width);
  std::string out = "mailtrail " + std::string(command.name) + ": ";
  append_wrapped(out, command.summary, 4, width);
  out += "\nUsage: " + synopsis(command) + '\n';
  for (const std::string_view paragraph : command.description) append_paragraph(out, paragraph, width);
  out += "\nOptions:\n";
  for (const Option& option : command.options) {
    if (!option.hidden) append_entry(out, option_head(option), option.description, 26, width);
  }
  if (!command.examples.empty()) out += "\nExamples:\n";
  for (const Example& example : command.examples) {
    if (!example.what.empty()) {
      out += "  # ";
      append_wrapped(out, example.what, 4, width);
    }
    out += "  " + std::string(example.command) + '\n';
  }
  append_statuses(out, width);
  return out;
}

}  // namespace mailtrail::cli

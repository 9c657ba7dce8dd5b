#include "cli/commands_document.h"

#include "cli/spec.h"
#include "cli/wrap.h"

namespace mailtrail::cli {
namespace {

constexpr std::size_t kWidth = 120;

// Text in which a table or markup would take characters for its own.
std::string plain(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '|' || c == '*' || c == '<' || c == '_' || c == '[') out += '\\';
    out += c;
  }
  return out;
}

std::string code_of(const Option& option) {
  std::string out = "`";
  if (option.letter != 0) out += std::string("-") + option.letter + "`, `";
  out += "--" + std::string(option.name);
  if (!option.argument.empty()) out += ' ' + std::string(option.argument);
  return out + '`';
}

void append_command(std::string& out, const Command& command) {
  out += "\n## mailtrail " + std::string(command.name) + "\n\n    " + synopsis(command) + "\n\n";
  std::string summary(command.summary);
  summary[0] = static_cast<char>(summary[0] >= 'a' && summary[0] <= 'z' ? summary[0] - 32 : summary[0]);
  append_wrapped(out, plain(summary) + '.', 0, kWidth);
  for (const std::string_view paragraph : command.description) {
    out += '\n';
    append_wrapped(out, plain(paragraph), 0, kWidth);
  }
  out += "\n| option | |\n| --- | --- |\n";
  for (const Option& option : command.options) {
    if (!option.hidden) out += "| " + code_of(option) + " | " + plain(option.description) + " |\n";
  }
  if (command.examples.empty()) return;
  out += "\n```sh\n";
  for (const Example& example : command.examples) {
    if (!example.what.empty()) out += "# " + std::string(example.what) + '\n';
    out += std::string(example.command) + '\n';
  }
  out += "```\n";
}

}  // namespace

std::string commands_document() {
  std::string out =
      "# The commands\n\nThis page is made from the program's own tables: `mailtrail help COMMAND` and "
      "`mailtrail man COMMAND` say the same.\n";
  for (const std::string_view paragraph : program_description()) {
    out += '\n';
    append_wrapped(out, plain(paragraph), 0, kWidth);
  }
  out += "\n| exit status | |\n| --- | --- |\n";
  for (const ExitStatus& status : exit_statuses()) {
    out += "| " + std::to_string(status.status) + " | " + std::string(status.meaning) + " |\n";
  }
  for (const Command& command : commands()) append_command(out, command);
  return out;
}

}  // namespace mailtrail::cli

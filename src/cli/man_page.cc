#include "cli/man_page.h"

#include <cstdint>
#include <cstdio>

#include "base/text.h"
#include "cli/version.h"

namespace mailtrail::cli {
namespace {

// The UTF-8 character at `at`, which moves to its last byte, as roff names it whatever character set it expects.
std::string character(std::string_view text, std::size_t& at) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint32_t>(static_cast<unsigned char>(text[i])); };
  std::uint32_t code = byte(at) & (byte(at) < 0xE0 ? 0x1Fu : 0x0Fu);
  while (at + 1 < text.size() && (byte(at + 1) & 0xC0) == 0x80) code = code << 6 | (byte(++at) & 0x3F);
  char name[24];
  std::snprintf(name, sizeof name, "\\[u%04X]", static_cast<unsigned>(code));
  return name;
}

// `text` as running text of roff: what has a meaning there is escaped.
std::string roff(std::string_view text) {
  std::string out;
  if (!text.empty() && (text.front() == '.' || text.front() == '\'')) out += "\\&";
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (static_cast<unsigned char>(c) >= 0x80) {
      out += character(text, at);
      continue;
    }
    switch (c) {
      case '\\':
        out += "\\e";
        break;
      case '-':
        out += "\\-";
        break;
      case '\'':
        out += "\\(aq";
        break;
      case '`':
        out += "\\(ga";
        break;
      case '^':
        out += "\\(ha";
        break;
      case '~':
        out += "\\(ti";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string upper(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
  }
  return out;
}

std::string head(std::string_view name, std::string_view summary) {
  return ".\\\" Made by `mailtrail man`\n.TH " + upper(roff(name)) + " 1 \"\" \"mailtrail " +
         std::string(version_number()) + "\" \"Mail logs\"\n.nh\n.ad l\n.SH NAME\n" + roff(name) + " \\- " +
         roff(summary) + '\n';
}

// The synopsis: bold what is typed, italic what stands for something.
std::string synopsis_lines(std::string_view name, std::string_view arguments) {
  std::string out = ".SH SYNOPSIS\n.B " + roff(name) + '\n';
  if (!arguments.empty()) out += ".I " + roff(arguments) + '\n';
  return out;
}

std::string paragraphs(std::span<const std::string_view> texts) {
  std::string out;
  for (const std::string_view text : texts) out += (out.empty() ? "" : ".PP\n") + roff(text) + '\n';
  return out;
}

std::string option_entry(const Option& option) {
  std::string out = ".TP\n";
  if (option.letter != 0) out += std::string("\\fB\\-") + option.letter + "\\fR, ";
  out += "\\fB\\-\\-" + roff(option.name) + "\\fR";
  if (!option.argument.empty()) out += " \\fI" + roff(option.argument) + "\\fR";
  return out + '\n' + roff(option.description) + '\n';
}

std::string statuses() {
  std::string out = ".SH EXIT STATUS\n";
  for (const ExitStatus& status : exit_statuses()) {
    out += ".TP\n.B " + std::to_string(status.status) + '\n' + roff(status.meaning) + '\n';
  }
  return out;
}

std::string see_also(const Command* but) {
  std::string out = ".SH SEE ALSO\n";
  std::string before = but == nullptr ? "" : ".BR mailtrail (1)";
  for (const Command& command : commands()) {
    if (&command == but) continue;
    if (!before.empty()) out += before + ",\n";
    before = ".BR mailtrail\\-" + roff(command.name) + " (1)";
  }
  return out + before + '\n';
}

}  // namespace

std::string man_page() {
  std::string out = head("mailtrail", program_summary());
  out += synopsis_lines("mailtrail", "COMMAND [OPTION...] [ARGUMENT...]");
  out += ".SH DESCRIPTION\n" + paragraphs(program_description()) + ".SH COMMANDS\n";
  for (const Command& command : commands()) {
    out += ".TP\n.B " + roff(command.name) + '\n' + roff(command.summary) + '\n';
  }
  out +=
      ".SH ENVIRONMENT\n.TP\n.B PAGER\nshows pages that are longer than the screen; less \\-FRX where it is not set\n";
  out += ".TP\n.B NO_COLOR\nset to anything: no colours unless \\fB\\-\\-color always\\fR\n";
  out += ".TP\n.B COLUMNS\nthe width of pages and tables\n";
  out += ".TP\n.B TZ\nthe zone of log lines that state none\n";
  return out + statuses() + see_also(nullptr);
}

std::string man_page(const Command& command) {
  std::string out = head("mailtrail-" + std::string(command.name), command.summary);
  out += synopsis_lines("mailtrail " + std::string(command.name), "[OPTION...] " + std::string(command.arguments));
  if (!command.description.empty()) out += ".SH DESCRIPTION\n" + paragraphs(command.description);
  out += ".SH OPTIONS\n";
  for (const Option& option : command.options) {
    if (!option.hidden) out += option_entry(option);
  }
  if (!command.examples.empty()) out += ".SH EXAMPLES\n";
  for (const Example& example : command.examples) {
    if (!example.what.empty()) out += ".PP\n" + roff(example.what) + ":\n";
    out += ".PP\n.EX\n" + roff(example.command) + "\n.EE\n";
  }
  return out + statuses() + see_also(&command);
}

}  // namespace mailtrail::cli

// `mailtrail completion`, `man`, `help` and `version`.
#include "base/json_writer.h"
#include "cli/commands.h"
#include "cli/completion.h"
#include "cli/exit_status.h"
#include "cli/help_page.h"
#include "cli/man_page.h"
#include "cli/version.h"

namespace mailtrail::cli {

std::string_view version_number() {
  return MAILTRAIL_VERSION;
}

int completion(const Arguments& arguments, const Streams& streams) {
  const std::string& shell = arguments.words.front();
  streams.out.write(shell == "bash" ? bash_completion() : shell == "zsh" ? zsh_completion() : fish_completion());
  return kDone;
}

int man(const Arguments& arguments, const Streams& streams) {
  streams.out.write(arguments.words.empty() ? man_page() : man_page(*find_command(arguments.words.front())));
  return kDone;
}

int help(const Arguments& arguments, const Streams& streams) {
  const std::size_t width = page_width(streams);
  show_page(streams,
            arguments.words.empty() ? program_help(width) : command_help(*find_command(arguments.words.front()), width),
            true);
  return kDone;
}

int version(const Arguments& arguments, const Streams& streams) {
  std::string text = "mailtrail " + std::string(version_number()) + '\n';
  if (arguments.has("json")) {
    text.clear();
    JsonWriter json(text);
    json.begin_object();
    json.field("version", version_number());
    json.end_object();
    text += '\n';
  }
  streams.out.write(text);
  return kDone;
}

}  // namespace mailtrail::cli

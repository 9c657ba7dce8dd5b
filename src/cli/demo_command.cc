// `mailtrail demo`.
#include <algorithm>
#include <string>

#include "cli/commands.h"
#include "cli/exit_status.h"
#include "cli/run.h"
#include "sys/temporary_file.h"

namespace mailtrail::cli {

// data/demo/mail.log (cmake/embed.cmake).
std::string_view demo_log();

namespace {

// What is shown, with `LOG` for the sample log.
const std::vector<std::vector<std::string>>& shown_commands() {
  static const std::vector<std::vector<std::string>> kShown = {
      {"report", "LOG"}, {"trace", "bounce-multi@smart.example", "LOG"}, {"trace", "queue:3E7B6AF09C1", "LOG"}};
  return kShown;
}

std::string typed(const std::vector<std::string>& words) {
  std::string line = "$ mailtrail";
  for (const std::string& word : words) line += ' ' + (word == "LOG" ? "mail.log" : word);
  return line + '\n';
}

struct Shown {
  std::string page;
  int status = kDone;
};

// The sample log is a file only while this runs: the page is written after it is gone.
Result<Shown> run_shown(std::string_view colour, const Streams& streams) {
  const Result<sys::TemporaryFile> log = sys::TemporaryFile::create(demo_log());
  if (!log.ok()) return log.error();
  TextOutput page;
  Streams inner{page, streams.err};
  inner.colour_wanted = streams.colour_wanted;
  inner.unicode = streams.unicode;
  inner.width = streams.width;
  Shown shown;
  for (const std::vector<std::string>& command : shown_commands()) {
    page.text += typed(command) + '\n';
    std::vector<std::string> words = command;
    words.back() = log->path();
    words.insert(words.end(), {"--timezone", "UTC", "--color", std::string(colour)});
    shown.status = std::max(shown.status, run(words, inner));
    page.text += '\n';
  }
  shown.page = std::move(page.text);
  return shown;
}

}  // namespace

int demo(const Arguments& arguments, const Streams& streams) {
  Result<Shown> shown = run_shown(arguments.value("color").value_or("auto"), streams);
  if (!shown.ok()) {
    say(streams, "demo: " + shown.error().to_string());
    return kUnreadable;
  }
  std::string page = "mailtrail at work on a short log of a real Postfix with a content filter.\n\n" + shown->page;
  page +=
      "Now on your own logs:\n"
      "  mailtrail report /var/log/mail.log*\n"
      "  mailtrail trace bob@example.net /var/log/mail.log*\n"
      "  journalctl -o export | mailtrail report -\n";
  show_page(streams, page, !arguments.has("no-pager"));
  return shown->status;
}

}  // namespace mailtrail::cli

// The process around cli::run.
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <new>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.h"
#include "cli/exit_status.h"
#include "cli/run.h"
#include "sys/output_file.h"
#include "sys/pager.h"
#include "sys/terminal.h"

namespace {

using mailtrail::Done;
using mailtrail::Result;
namespace cli = mailtrail::cli;
namespace sys = mailtrail::sys;

// Standard output. When it fails there is nothing left to do: the process ends. Whoever writes to it MUST NOT have a
// temporary file that has a name; threads that read hold nothing that must be kept.
class StandardOutput : public cli::Output {
 public:
  void write(std::string_view bytes) override { check(file_.write(bytes)); }
  void flush() override { check(file_.flush()); }

 private:
  void check(const Result<Done>& done) {
    if (done.ok()) return;
    // `mailtrail events ... | head` has what it wants.
    if (file_.is_reader_gone()) std::_Exit(cli::kDone);
    std::fprintf(stderr, "mailtrail: %s\n", done.error().to_string().c_str());
    std::_Exit(cli::kUnreadable);
  }
  sys::OutputFile file_ = sys::OutputFile::of_descriptor(sys::kStandardOutput, "standard output");
};

// Standard error, at once. Where it cannot be written there is nowhere to say so.
class StandardError : public cli::Output {
 public:
  void write(std::string_view bytes) override { std::fwrite(bytes.data(), 1, bytes.size(), stderr); }
};

// Whether the character set of the environment is UTF-8 (locale(7): LC_ALL, else LC_CTYPE, else LANG).
bool is_utf8_wanted() {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const char* value = std::getenv(name);
    if (value == nullptr || *value == '\0') continue;
    return mailtrail::find_ignoring_case(value, "utf-8") != std::string_view::npos ||
           mailtrail::find_ignoring_case(value, "utf8") != std::string_view::npos;
  }
  return false;
}

// Called where memory runs out, on whatever thread: none of them could go on.
[[noreturn]] void end_without_memory() {
  std::fputs("mailtrail: FATAL: out of memory\n", stderr);
  std::_Exit(cli::kUnreadable);
}

bool page_through(std::string_view page) {
  const std::string command = sys::pager_command();
  return !command.empty() && sys::show_in_pager(command, page).ok();
}

cli::Streams streams_of_process(cli::Output& out, cli::Output& err) {
  cli::Streams streams{out, err};
  streams.out_is_terminal = sys::is_terminal(sys::kStandardOutput);
  streams.err_is_terminal = sys::is_terminal(sys::kStandardError);
  streams.colour_wanted = sys::is_colour_wanted(sys::kStandardOutput);
  streams.unicode = is_utf8_wanted();
  if (streams.out_is_terminal || std::getenv("COLUMNS") != nullptr) {
    streams.width = sys::terminal_width(sys::kStandardOutput);
  }
  streams.height = sys::terminal_height(sys::kStandardOutput);
  streams.pager = page_through;
  return streams;
}

}  // namespace

int main(int count, char** words) {
  // Writing to a closed pipe is then an error like others (StandardOutput).
  std::signal(SIGPIPE, SIG_IGN);
  std::set_new_handler(end_without_memory);
  StandardOutput out;
  StandardError err;
  const std::vector<std::string> arguments(words + (count > 0 ? 1 : 0), words + count);
  try {
    const int status = cli::run(arguments, streams_of_process(out, err));
    out.flush();
    return status;
  } catch (const std::bad_alloc&) {
    // What a library throws without asking for memory first.
    end_without_memory();
  }
}

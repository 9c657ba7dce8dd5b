// Spec: the command line, in one place. The parser, --help, the manual pages, the shell completion and docs/commands.md
// are made from it.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mailtrail::cli {

// What a shell offers for a value.
enum class Values : std::uint8_t { kNone, kFiles, kWords, kKinds, kCommands };

struct Option {
  std::string_view name;                     // `since`; typed `--since`
  char letter = 0;                           // 0: none
  std::string_view argument;                 // `TIME`; empty: a flag
  std::string_view description;              // a sentence without a full stop
  Values values = Values::kNone;             // of the argument
  std::vector<std::string_view> words = {};  // the only values there are (kWords); empty: any
  bool hidden = false;                       // taken, but not shown
};

struct Example {
  std::string_view command;  // as typed, `mailtrail` included
  std::string_view what;
};

struct Command {
  std::string_view name;
  std::string_view arguments;                 // `QUERY [LOG...]`
  std::string_view summary;                   // one line, without a full stop
  std::vector<std::string_view> description;  // paragraphs
  std::vector<Option> options;                // its own, then the common ones
  std::vector<Example> examples;
  // How many words it takes beside options. `takes_query`: the first is a search, which may begin with `-`.
  std::size_t least = 0, most = 0;
  bool takes_query = false;
  std::vector<std::string_view> words = {};  // the only words there are (kWords)
  Values values = Values::kNone;             // of its words, a search aside
  bool reads_logs = false;                   // the words (behind a search) are logs
  bool parses_lines = false;                 // what reads no such words, but asks dialects what lines mean
};

inline constexpr std::size_t kAnyNumber = ~std::size_t{0};

struct ExitStatus {
  int status;
  std::string_view meaning;
};

std::string_view program_summary();
std::span<const std::string_view> program_description();
std::span<const Command> commands();
std::span<const ExitStatus> exit_statuses();

// The command of that name, or null.
const Command* find_command(std::string_view name);
// The command's option of that name (without dashes), or null.
const Option* find_option(const Command& command, std::string_view name);
// `mailtrail report [OPTION...] [LOG...]`.
std::string synopsis(const Command& command);
// `-o, --output FILE`, with four blanks instead of an absent letter.
std::string option_head(const Option& option);
// The words that an option or a command's words are taken from; empty where they are free.
std::vector<std::string_view> value_words(Values values, const std::vector<std::string_view>& words);

}  // namespace mailtrail::cli

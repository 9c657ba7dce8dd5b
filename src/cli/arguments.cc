#include "cli/arguments.h"

#include <CLI/CLI.hpp>
#include <algorithm>

#include "base/text.h"
#include "query/search_keys.h"

namespace mailtrail::cli {
namespace {

// Marks a search that begins with `-`, while options are told from words. No argument can hold it at its beginning and
// mean something else: searches with control characters find nothing.
constexpr char kSearchMark = '\x01';

// `-status:sent`, `-from:x OR ...`: a search, where one is expected.
bool is_negated_search(std::string_view word) {
  if (!consume(word, "-")) return false;
  std::size_t letters = 0;
  while (letters < word.size() && (is_alpha(word[letters]) || word[letters] == '_')) ++letters;
  return letters > 1 && letters < word.size() && word[letters] == ':';
}

std::vector<std::string_view> command_names() {
  return value_words(Values::kCommands, {});
}

Error unknown_command(std::string_view word) {
  std::string remedy = suggestion(word, command_names());
  if (remedy.empty()) remedy = "mailtrail --help lists the commands";
  return {"there is no command `" + printable(word) + "`", "", remedy};
}

Error unknown_option(const Command& command, std::string_view word) {
  std::string_view name = word;
  if (!consume(name, "--")) name.remove_prefix(1);
  name = name.substr(0, name.find('='));
  std::vector<std::string_view> names;
  for (const Option& option : command.options) {
    if (!option.hidden) names.push_back(option.name);
  }
  const std::string_view near = query::nearest(name, names);
  std::string remedy = "mailtrail " + std::string(command.name) + " --help lists the options";
  if (!near.empty()) remedy = "did you mean --" + std::string(near) + "?";
  if (near.empty() && command.takes_query && !word.starts_with("--")) {
    remedy = "a search that begins with - is written behind --";
  }
  return {"there is no option `" + printable(word) + "`", std::string(command.name), remedy};
}

// The place of the command among the words: options may stand before it. `words.size()` where there is none.
std::size_t find_command_word(const std::vector<std::string>& words) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    std::string_view word = words[i];
    if (!consume(word, "-") || word.empty()) return i;
    if (!consume(word, "-") || word.find('=') != std::string_view::npos) continue;
    // An option that takes a value on some command takes it on each.
    for (const Command& command : commands()) {
      const Option* option = find_option(command, word);
      if (option == nullptr) continue;
      if (!option->argument.empty()) ++i;
      break;
    }
  }
  return words.size();
}

void add_options(CLI::App& app, const Command& command) {
  app.set_help_flag();
  app.allow_extras();
  for (const Option& option : command.options) {
    std::string names = "--" + std::string(option.name);
    if (option.letter != 0) names = std::string("-") + option.letter + ',' + names;
    if (option.argument.empty()) {
      app.add_flag(names)->disable_flag_override();
    } else {
      app.add_option(names)->expected(1)->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
    }
  }
}

Result<Done> check_values(const Arguments& arguments) {
  for (const auto& [name, value] : arguments.options) {
    const Option& option = *find_option(*arguments.command, name);
    const std::vector<std::string_view> words = value_words(option.values, option.words);
    if (words.empty() || option.argument.empty()) continue;
    std::string_view rest = value;
    do {
      const std::string_view word = option.values == Values::kKinds ? take_until(rest, ',') : std::exchange(rest, {});
      if (std::find(words.begin(), words.end(), word) != words.end()) continue;
      std::string remedy = suggestion(word, words);
      if (remedy.empty()) {
        for (const std::string_view each : words) remedy += (remedy.empty() ? "one of " : ", ") + std::string(each);
      }
      return Error{"`" + printable(word) + "` is no value of --" + name, std::string(arguments.command->name), remedy};
    } while (!rest.empty());
  }
  return Done{};
}

Result<Done> check_words(const Arguments& arguments) {
  const Command& command = *arguments.command;
  const std::string usage = "usage: " + synopsis(command);
  if (arguments.words.size() < command.least) {
    const std::string_view missing = command.arguments.substr(0, command.arguments.find(' '));
    return Error{std::string(missing) + " is missing", std::string(command.name), usage};
  }
  if (arguments.words.size() > command.most) {
    return Error{"`" + printable(arguments.words[command.most]) + "` is one word too many", std::string(command.name),
                 usage};
  }
  const std::vector<std::string_view> known = value_words(command.values, command.words);
  for (const std::string& word : arguments.words) {
    if (known.empty() || std::find(known.begin(), known.end(), word) != known.end()) continue;
    if (command.values == Values::kCommands) return unknown_command(word);
    std::string list;
    for (const std::string_view each : known) list += (list.empty() ? "one of " : ", ") + std::string(each);
    return Error{"`" + printable(word) + "` is no " + to_lower(command.arguments), std::string(command.name), list};
  }
  return Done{};
}

// Sorts what is no option of the command into its words; the first that looks like an option is a mistake.
Result<Done> take_words(Arguments& arguments, const std::vector<std::string>& rest) {
  bool only_words = false;
  for (const std::string& word : rest) {
    if (!only_words && word == "--") {
      only_words = true;
    } else if (!word.empty() && word.front() == kSearchMark) {
      arguments.words.push_back(word.substr(1));
    } else if (!only_words && word.size() > 1 && word.front() == '-') {
      return unknown_option(*arguments.command, word);
    } else {
      arguments.words.push_back(word);
    }
  }
  return Done{};
}

// An option without its value, which is then the last word, or a flag with one.
Error value_mistake(const Command& command, const std::vector<std::string>& words) {
  for (const std::string& word : words) {
    std::string_view name = word;
    if (!consume(name, "--") || name.find('=') == std::string_view::npos) continue;
    const Option* flag = find_option(command, name.substr(0, name.find('=')));
    if (flag != nullptr && flag->argument.empty()) {
      return {"--" + std::string(flag->name) + " takes no value", std::string(command.name), ""};
    }
  }
  std::string remedy = "mailtrail " + std::string(command.name) + " --help lists the options";
  for (const Option& option : command.options) {
    const bool is_last = words.back() == "--" + std::string(option.name) ||
                         (option.letter != 0 && words.back().starts_with('-') && words.back().back() == option.letter);
    if (is_last && !option.argument.empty())
      remedy = "--" + std::string(option.name) + ' ' + std::string(option.argument);
  }
  return {printable(words.back()) + " needs a value", std::string(command.name), remedy};
}

Result<Done> take_options(Arguments& arguments, std::vector<std::string> words) {
  const std::vector<std::string> given_words = words;
  const Command& command = *arguments.command;
  if (command.takes_query) {
    for (std::string& word : words) {
      if (word == "--") break;
      if (is_negated_search(word)) word.insert(word.begin(), kSearchMark);
    }
  }
  CLI::App app;
  add_options(app, command);
  try {
    std::reverse(words.begin(), words.end());  // CLI11 takes them from the end
    app.parse(words);
    for (const Option& option : command.options) {
      const CLI::Option* given = app.get_option("--" + std::string(option.name));
      if (given->count() == 0) continue;
      arguments.options[std::string(option.name)] = option.argument.empty() ? "" : given->results().back();
    }
  } catch (const CLI::ArgumentMismatch&) {
    return value_mistake(command, given_words);
  } catch (const CLI::Error& mistake) {
    return Error{printable(mistake.what()), std::string(command.name), ""};
  }
  return take_words(arguments, app.remaining());
}

}  // namespace

std::optional<std::string_view> Arguments::value(std::string_view option) const {
  const auto found = options.find(option);
  if (found == options.end()) return std::nullopt;
  return found->second;
}

std::string suggestion(std::string_view word, const std::vector<std::string_view>& names) {
  const std::string_view near = query::nearest(word, names);
  return near.empty() ? std::string() : "did you mean " + std::string(near) + "?";
}

Result<Arguments> parse_arguments(const std::vector<std::string>& words) {
  Arguments arguments;
  const std::size_t at = find_command_word(words);
  if (at == words.size()) {
    if (words.empty()) return Error{"a command is missing", "", "mailtrail --help lists the commands"};
    const std::string& word = words.front();
    if (word == "--help" || word == "-h") return arguments;
    if (word == "--version" || word == "-V") {
      arguments.command = find_command("version");
      return arguments;
    }
    return Error{"a command is missing before `" + printable(word) + "`", "", "mailtrail --help lists the commands"};
  }
  arguments.command = find_command(words[at]);
  if (arguments.command == nullptr) return unknown_command(words[at]);
  std::vector<std::string> rest = words;
  rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(at));
  if (const Result<Done> done = take_options(arguments, std::move(rest)); !done.ok()) return done.error();
  if (arguments.has("help")) return arguments;
  if (const Result<Done> done = check_values(arguments); !done.ok()) return done.error();
  if (const Result<Done> done = check_words(arguments); !done.ok()) return done.error();
  return arguments;
}

Result<std::uint64_t> number_of(const Arguments& arguments, std::string_view option, std::uint64_t least,
                                std::uint64_t most, std::uint64_t otherwise) {
  const std::optional<std::string_view> text = arguments.value(option);
  if (!text) return otherwise;
  const std::optional<std::uint64_t> number = to_number<std::uint64_t>(*text);
  if (number && *number >= least && *number <= most) return *number;
  return Error{"`" + printable(*text) + "` is no value of --" + std::string(option),
               std::string(arguments.command->name),
               "a whole number from " + std::to_string(least) + " to " + std::to_string(most)};
}

Result<TimeZone> zone_of(const Arguments& arguments, const TimeZone& otherwise) {
  const std::optional<std::string_view> name = arguments.value("timezone");
  if (!name) return otherwise;
  Result<TimeZone> zone = TimeZone::load(std::string(*name));
  if (zone.ok()) return zone;
  return Error{"`" + printable(*name) + "` is no value of --timezone", "", "such as Europe/Berlin, UTC or +02:00"};
}

}  // namespace mailtrail::cli

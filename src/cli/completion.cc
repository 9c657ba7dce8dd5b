#include "cli/completion.h"

#include "cli/spec.h"

namespace mailtrail::cli {
namespace {

// Names, words and options are plain ASCII of the spec; descriptions are quoted for the shell.
std::string quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'') {
      out += "'\\''";
    } else {
      out += c;
    }
  }
  return out + '\'';
}

std::string joined(const std::vector<std::string_view>& words, std::string_view between) {
  std::string text;
  for (const std::string_view word : words)
    text += (text.empty() ? std::string() : std::string(between)) + std::string(word);
  return text;
}

std::vector<const Option*> shown_options(const Command& command) {
  std::vector<const Option*> options;
  for (const Option& option : command.options) {
    if (!option.hidden) options.push_back(&option);
  }
  return options;
}

// `--per|-p`, as a pattern of a case.
std::string pattern_of(const Option& option) {
  std::string text = "--" + std::string(option.name);
  if (option.letter != 0) text += std::string("|-") + option.letter;
  return text;
}

// Line by line: names of files may hold blanks.
constexpr std::string_view kBashFiles = "mapfile -t COMPREPLY < <(compgen -f -- \"$word\")";

std::string bash_words(const std::string& words) {
  return "mapfile -t COMPREPLY < <(compgen -W '" + words + "' -- \"$word\")";
}

std::string bash_values(const Option& option) {
  const std::string words = joined(value_words(option.values, option.words), " ");
  if (!words.empty()) return bash_words(words);
  return option.values == Values::kFiles ? std::string(kBashFiles) : "COMPREPLY=()";
}

std::string bash_case(const Command& command) {
  std::string names, values;
  for (const Option* option : shown_options(command)) {
    names += (names.empty() ? "--" : " --") + std::string(option->name);
    if (!option->argument.empty()) {
      values += "        " + pattern_of(*option) + ") " + bash_values(*option) + "; return ;;\n";
    }
  }
  std::string out = "    " + std::string(command.name) + ")\n";
  if (!values.empty()) out += "      case $before in\n" + values + "      esac\n";
  out += "      if [[ $word == -* ]]; then " + bash_words(names) + '\n';
  const std::string words = joined(value_words(command.values, command.words), " ");
  if (!words.empty()) {
    out += "      else " + bash_words(words) + '\n';
  } else if (command.values == Values::kFiles) {
    out += "      else " + std::string(kBashFiles) + '\n';
  }
  return out + "      fi ;;\n";
}

std::string zsh_action(Values values, const std::vector<std::string_view>& words) {
  const std::vector<std::string_view> list = value_words(values, words);
  if (values == Values::kKinds) return "_values -s , kind " + joined(list, " ");
  if (!list.empty()) return "(" + joined(list, " ") + ")";
  return values == Values::kFiles ? "_files" : " ";
}

// A text inside a specification of _arguments: brackets and colons have a meaning there.
std::string zsh_text(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '[' || c == ']' || c == ':' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

std::string zsh_case(const Command& command) {
  std::string out = "    " + std::string(command.name) + ")\n      _arguments -s -S";
  for (const Option* option : shown_options(command)) {
    std::string rest = '[' + zsh_text(option->description) + ']';
    if (!option->argument.empty()) {
      rest += ':' + zsh_text(option->argument) + ':' + zsh_action(option->values, option->words);
    }
    const std::string name = "--" + std::string(option->name) + (option->argument.empty() ? "" : "=");
    out += " \\\n        " + quoted(name + rest);
    if (option->letter != 0) {
      out += " \\\n        " + quoted(std::string("-") + option->letter + (option->argument.empty() ? "" : "+") + rest);
    }
  }
  if (command.takes_query) out += " \\\n        " + quoted("1:search: ");
  if (command.values != Values::kNone) {
    const std::string place = command.most == kAnyNumber ? "*" : "1";
    out += " \\\n        " + quoted(place + ":argument:" + zsh_action(command.values, command.words));
  }
  return out + " ;;\n";
}

std::string fish_option(const Command& command, const Option& option) {
  std::string out = "complete -c mailtrail -n '__fish_seen_subcommand_from " + std::string(command.name) + "' -l " +
                    std::string(option.name);
  if (option.letter != 0) out += std::string(" -s ") + option.letter;
  if (!option.argument.empty()) {
    const std::string words = joined(value_words(option.values, option.words), " ");
    out += option.values == Values::kFiles ? " -r -F" : " -x";
    if (!words.empty()) out += " -a '" + words + "'";
  }
  return out + " -d " + quoted(option.description) + '\n';
}

}  // namespace

std::string bash_completion() {
  std::string out =
      "# bash completion of mailtrail, made by `mailtrail completion bash`\n_mailtrail() {\n"
      "  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}\n"
      "  COMPREPLY=()\n"
      "  if ((COMP_CWORD == 1)); then\n    ";
  out += bash_words(joined(value_words(Values::kCommands, {}), " ") + " --help --version");
  out += "\n    return\n  fi\n  case ${COMP_WORDS[1]} in\n";
  for (const Command& command : commands()) out += bash_case(command);
  return out + "  esac\n}\ncomplete -o filenames -F _mailtrail mailtrail\n";
}

std::string zsh_completion() {
  std::string out =
      "#compdef mailtrail\n# zsh completion of mailtrail, made by `mailtrail completion zsh`\n_mailtrail() {\n"
      "  local -a names\n  names=(\n";
  for (const Command& command : commands()) {
    out += "    " + quoted(std::string(command.name) + ':' + zsh_text(command.summary)) + '\n';
  }
  out +=
      "  )\n  if ((CURRENT == 2)); then\n    _describe command names\n    return\n  fi\n"
      "  local name=${words[2]}\n  shift words\n  ((CURRENT--))\n  case $name in\n";
  for (const Command& command : commands()) out += zsh_case(command);
  return out +
         "  esac\n}\nif [[ $funcstack[1] == _mailtrail ]]; then _mailtrail \"$@\"; else compdef _mailtrail mailtrail; "
         "fi\n";
}

std::string fish_completion() {
  std::string out = "# fish completion of mailtrail, made by `mailtrail completion fish`\n";
  for (const Command& command : commands()) {
    const std::string name(command.name);
    out += "complete -c mailtrail -n __fish_use_subcommand -f -a " + name + " -d " + quoted(command.summary) + '\n';
    for (const Option* option : shown_options(command)) out += fish_option(command, *option);
    const std::string words = joined(value_words(command.values, command.words), " ");
    if (command.values == Values::kFiles) continue;
    out += "complete -c mailtrail -n '__fish_seen_subcommand_from " + name + "' -f";
    if (!words.empty()) out += " -a '" + words + "'";
    out += '\n';
  }
  return out;
}

}  // namespace mailtrail::cli

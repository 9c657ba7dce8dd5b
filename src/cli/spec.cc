#include "cli/spec.h"

#include "model/vocabulary.h"

namespace mailtrail::cli {

const Command* find_command(std::string_view name) {
  for (const Command& command : commands()) {
    if (command.name == name) return &command;
  }
  return nullptr;
}

const Option* find_option(const Command& command, std::string_view name) {
  for (const Option& option : command.options) {
    if (option.name == name) return &option;
  }
  return nullptr;
}

std::string synopsis(const Command& command) {
  std::string text = "mailtrail ";
  text += command.name;
  text += " [OPTION...]";
  if (!command.arguments.empty()) text += ' ' + std::string(command.arguments);
  return text;
}

std::string option_head(const Option& option) {
  std::string text = option.letter == 0 ? "    " : std::string("-") + option.letter + ", ";
  text += "--" + std::string(option.name);
  if (!option.argument.empty()) text += ' ' + std::string(option.argument);
  return text;
}

std::vector<std::string_view> value_words(Values values, const std::vector<std::string_view>& words) {
  std::vector<std::string_view> list;
  switch (values) {
    case Values::kNone:
    case Values::kFiles:
      break;
    case Values::kWords:
      list = words;
      break;
    case Values::kKinds:
      for (int i = 0; i < model::kKindCount; ++i) list.push_back(model::word(static_cast<model::Kind>(i)));
      break;
    case Values::kCommands:
      for (const Command& command : commands()) list.push_back(command.name);
      break;
  }
  return list;
}

}  // namespace mailtrail::cli

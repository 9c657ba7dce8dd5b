// Arguments: the words of a command line, understood.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time_zone.h"
#include "cli/spec.h"

namespace mailtrail::cli {

struct Arguments {
  const Command* command = nullptr;                         // null: the program itself (`mailtrail --help`)
  std::map<std::string, std::string, std::less<>> options;  // by name; a flag has an empty value
  std::vector<std::string> words;                           // beside options

  bool has(std::string_view option) const { return options.contains(option); }
  // The value of the option, or nothing.
  std::optional<std::string_view> value(std::string_view option) const;
};

// Understands `words` (without the program's name). An option may be given more than once: the last one holds. Options
// may stand before the command and between its words; what follows `--` is no option. Values that are taken from a list
// are checked, and so is the number of words, unless --help is given. Error: one line, with a suggestion where one is
// near.
Result<Arguments> parse_arguments(const std::vector<std::string>& words);

// The option's value as a number within `least` to `most`, or `otherwise` where it is not given.
Result<std::uint64_t> number_of(const Arguments& arguments, std::string_view option, std::uint64_t least,
                                std::uint64_t most, std::uint64_t otherwise);

// The zone that --timezone names, or `otherwise` where it is not given. Error: there is no such zone.
Result<TimeZone> zone_of(const Arguments& arguments, const TimeZone& otherwise);

// `did you mean NAME?` of the name that differs little from `word`, or empty.
std::string suggestion(std::string_view word, const std::vector<std::string_view>& names);

}  // namespace mailtrail::cli

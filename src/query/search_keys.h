// The keys of the search language, and the closed lists of words that some of them take.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "query/plan.h"

namespace mailtrail::query {

// What stands before a colon: a field, or a bound of the time range.
struct SearchKey {
  enum class Sort : std::uint8_t { kField, kSince, kUntil } sort = Sort::kField;
  Field field = Field::kAnyText;
};

// The key of `name`, in any case, synonyms included; nothing for another text.
std::optional<SearchKey> search_key(std::string_view name);

// The name under which the field is written: `from` of kFrom. Empty for bare words.
std::string_view name_of(Field field);

// The names of all keys without synonyms, as a list for a person: `from: to: ...`.
std::string all_key_names();

// The one of `names` that differs least from `word` (insertions, deletions, changes and swaps of neighbours, any case),
// where it differs little enough to be a slip; else empty.
std::string_view nearest(std::string_view word, std::span<const std::string_view> names);
std::string_view nearest_key(std::string_view word);

// The words that the values of a field are taken from, or nothing where they are free.
std::span<const std::string_view> closed_words(Field field);

}  // namespace mailtrail::query

// What each field and each table of facts means, in one sentence: the comments of database columns, and of the docs.
#pragma once

#include <span>
#include <string_view>

namespace mailtrail::model {

struct Meaning {
  std::string_view name;
  std::string_view meaning;  // one sentence in ASCII: units, and what absent means where that is not plain
};

// The meaning of a field by its name of EVENTS.md: one sentence with its full stop, for all tables that have the field.
// Empty for a name that is none. Lives for ever.
std::string_view meaning_of(std::string_view field);

// The meaning of a table of facts (`journey`, `message`, `delivery`, ...): what one row of it is.
std::string_view table_meaning_of(std::string_view table);

// All of them, sorted by name.
std::span<const Meaning> field_meanings();
std::span<const Meaning> table_meanings();

}  // namespace mailtrail::model

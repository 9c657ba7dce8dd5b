// What there is to say of SQL on the facts: `mailtrail sql .help`, and the page docs/sql.md.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace mailtrail::cli {

struct SqlExample {
  std::string_view what;       // a question, without its mark
  std::string_view statement;  // some lines
};

// Statements that run on every store.
std::span<const SqlExample> sql_examples();

std::string sql_help(std::size_t width);

// Markdown. The committed page MUST be this text; a test compares them.
std::string sql_document();

}  // namespace mailtrail::cli

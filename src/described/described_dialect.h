// DescribedDialect: the rules of one file at work.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "described/line_rule.h"
#include "dialect/dialect.h"

namespace mailtrail::described {

// What a file says (described/dialect_file.h).
struct Description {
  std::string name;
  std::vector<std::string> programs;  // tags, `*` for any run of bytes
  bool untagged = false;
  Form form = Form::kText;
  char separator = ',';
  std::vector<std::string> columns;
  std::vector<LineRule> rules;
};

class DescribedDialect : public dialect::Dialect {
 public:
  explicit DescribedDialect(Description description) : description_(std::move(description)) {}

  std::string_view name() const override { return description_.name; }
  bool claims(std::string_view program) const override;
  bool parse(const record::Record& record, dialect::Emitter& out) const override;

  // As `parse`; the index of the rule that took the line, nothing where none did. A header of CSV, which no rule need
  // take, gives the number of rules.
  std::optional<std::size_t> parse_by(const record::Record& record, dialect::Emitter& out) const;

  const Description& description() const { return description_; }

 private:
  Description description_;
};

}  // namespace mailtrail::described

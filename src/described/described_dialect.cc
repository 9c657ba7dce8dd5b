#include "described/described_dialect.h"

#include <algorithm>

#include "base/text.h"

namespace mailtrail::described {

bool DescribedDialect::claims(std::string_view program) const {
  if (program.empty()) return description_.untagged;
  for (const std::string& wanted : description_.programs) {
    if (matches_glob(wanted, program)) return true;
  }
  return false;
}

bool DescribedDialect::parse(const record::Record& record, dialect::Emitter& out) const {
  return parse_by(record, out).has_value();
}

std::optional<std::size_t> DescribedDialect::parse_by(const record::Record& record, dialect::Emitter& out) const {
  if (description_.form == Form::kText) {
    for (std::size_t i = 0; i < description_.rules.size(); ++i) {
      if (description_.rules[i].apply_to_text(record.text, out)) return i;
    }
    return std::nullopt;
  }
  // A parser of JSON is dear to make, and lines of one file are read by several threads.
  thread_local LineReading reading;
  if (!reading.read(description_.form, description_.separator, record.text, out.arena())) return std::nullopt;
  if (description_.form == Form::kCsv) {
    const std::vector<std::string_view>& cells = reading.cells();
    if (cells.size() != description_.columns.size()) return std::nullopt;
    if (std::equal(cells.begin(), cells.end(), description_.columns.begin())) {
      model::event::Notice& notice = out.emit<model::event::Notice>();
      notice.severity = model::Severity::kInfo;
      notice.topic = model::Topic::kOther;
      notice.text = record.text;
      return description_.rules.size();
    }
  }
  for (std::size_t i = 0; i < description_.rules.size(); ++i) {
    if (description_.rules[i].apply_to_values(reading, out)) return i;
  }
  return std::nullopt;
}

}  // namespace mailtrail::described

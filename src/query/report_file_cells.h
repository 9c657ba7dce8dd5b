// From what a group has tallied to the cells of its row.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "query/report_file_groups.h"
#include "query/report_file_tally.h"
#include "query/report_file_value.h"

namespace mailtrail::query {

// The value as part of a group's key: exact for numbers and times; a long text is cut, with a hash of the whole behind.
// Absent values differ from all others. Holds no NUL byte.
void append_key_part(std::string& key, const Value& value);
// The cell of what append_key_part wrote.
ReportCell cell_of_key_part(std::string_view part, ValueType type);

// The value as a word: as `only` and `equal` compare it.
std::string word_of(const Value& value);
// The value as a cell of a list.
ReportCell cell_of_value(const Value& value);

// Adds what a row states to the cell of a measure. `value` is that of the measure's expression.
void tally(TallyCell& cell, const ReportMeasure& measure, const Value& value, std::uint64_t weight);
// The cell of a measure that is no share. `count` and `error` are those of the group.
ReportCell cell_of_measure(const TallyCell& cell, const ReportMeasure& measure, std::uint64_t count,
                           std::uint64_t error);
// The number of a measure that shares are reckoned of, without what is not certain.
double certain_number(const TallyCell& cell, const ReportMeasure& measure, std::uint64_t certain_count);

// Below zero where `a` stands before `b` in ascending order, above where behind, else 0. Absent cells stand last in
// either direction.
int compare_cells(const ReportCell& a, const ReportCell& b, bool descending);

}  // namespace mailtrail::query

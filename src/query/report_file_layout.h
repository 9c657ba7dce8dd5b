// The layout of a report file: what its items are, and how they are written.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "query/report_file.h"

namespace mailtrail::query {

// What an item (a key, a field or a measure) is.
enum class ItemType : std::uint8_t { kText, kCount, kNumber, kSeconds, kBytes, kShare, kTime, kValues };
ItemType item_type(const ReportFile& file, std::size_t item);
// The word for it in JSON: text, count, number, seconds, bytes, share, time, values.
std::string_view word(ItemType type);

// Understands `number right "mails"`, what stands behind `column NAME:`. Error without `where`.
Result<ReportLayoutColumn> parse_layout_column(std::string_view text, const ReportFile& file, std::size_t item);
ReportLayoutColumn default_column(const ReportFile& file, std::size_t item);
// As parse_layout_column takes it.
std::string to_text(const ReportLayoutColumn& column);

}  // namespace mailtrail::query

#include "query/report_file_layout.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "query/search_keys.h"

namespace mailtrail::query {
namespace {

using Format = ReportFormat;
using Op = ReportMeasure::Op;

constexpr std::size_t kMostCells = 60, kMostHeading = 60;
constexpr std::array<std::string_view, 8> kFormats = {"text",     "reply",   "number", "bytes",
                                                      "duration", "percent", "time",   "bar"};
constexpr std::array<std::string_view, 8> kTypes = {"text",  "count", "number", "seconds",
                                                    "bytes", "share", "time",   "values"};

bool is_number(ItemType type) {
  return type == ItemType::kCount || type == ItemType::kNumber || type == ItemType::kSeconds ||
         type == ItemType::kBytes;
}

// Of the values of an expression: numbers of bytes and of seconds are told by the names of their columns.
ItemType type_of(const ValueExpr& expr, ValueType type) {
  if (type == ValueType::kText) return ItemType::kText;
  if (type == ValueType::kTime) return ItemType::kTime;
  const ValueExpr* inner = &expr;
  while (!inner->parts.empty()) inner = &inner->parts.front();
  if (inner->column == "size") return ItemType::kBytes;
  if (inner->column.starts_with("delay")) return ItemType::kSeconds;
  return ItemType::kNumber;
}

bool fits(Format format, ItemType type) {
  switch (format) {
    case Format::kText:
      return true;
    case Format::kReply:
      return type == ItemType::kText;
    case Format::kNumber:
    case Format::kBytes:
    case Format::kDuration:
      return is_number(type);
    case Format::kBar:
      return is_number(type) || type == ItemType::kShare;
    case Format::kPercent:
      return type == ItemType::kShare;
    case Format::kTime:
      return type == ItemType::kTime;
  }
  return false;
}

bool is_right(Format format) {
  return format == Format::kNumber || format == Format::kBytes || format == Format::kDuration ||
         format == Format::kPercent;
}

std::string heading_of(std::string_view name) {
  std::string heading(name);
  std::replace(heading.begin(), heading.end(), '_', ' ');
  return heading;
}

}  // namespace

std::string_view word(ReportFormat format) {
  return kFormats[static_cast<std::size_t>(format)];
}

std::string_view word(ItemType type) {
  return kTypes[static_cast<std::size_t>(type)];
}

ItemType item_type(const ReportFile& file, std::size_t item) {
  if (item < file.values.size()) return type_of(file.values[item].expr, file.values[item].type);
  const ReportMeasure& measure = file.measures[item - file.values.size()];
  switch (measure.op) {
    case Op::kCount:
    case Op::kStated:
    case Op::kEqual:
    case Op::kMails:
    case Op::kDistinct:
      return ItemType::kCount;
    case Op::kShare:
      return ItemType::kShare;
    case Op::kValues:
      return ItemType::kValues;
    case Op::kSum:
    case Op::kMax:
    case Op::kQuantile:
    case Op::kFirst:
    case Op::kLast:
    case Op::kExample:
      return type_of(measure.expr, measure.type);
  }
  return ItemType::kText;
}

ReportFormat default_format(const ReportFile& file, std::size_t item) {
  switch (item_type(file, item)) {
    case ItemType::kText: {
      const ValueExpr& expr =
          item < file.values.size() ? file.values[item].expr : file.measures[item - file.values.size()].expr;
      const ValueExpr* inner = &expr;
      while (!inner->parts.empty()) inner = &inner->parts.front();
      return inner->column == "reply" || inner->column == "reason" ? Format::kReply : Format::kText;
    }
    case ItemType::kValues:
      return Format::kText;
    case ItemType::kCount:
    case ItemType::kNumber:
      return Format::kNumber;
    case ItemType::kSeconds:
      return Format::kDuration;
    case ItemType::kBytes:
      return Format::kBytes;
    case ItemType::kShare:
      return Format::kPercent;
    case ItemType::kTime:
      return Format::kTime;
  }
  return Format::kText;
}

ReportLayoutColumn default_column(const ReportFile& file, std::size_t item) {
  const ReportFormat format = default_format(file, item);
  return {item, format, is_right(format), 0, heading_of(file.item_name(item))};
}

Result<ReportLayoutColumn> parse_layout_column(std::string_view text, const ReportFile& file, std::size_t item) {
  ReportLayoutColumn column = default_column(file, item);
  const std::size_t quote = text.find('"');
  if (quote != std::string_view::npos) {
    if (text.back() != '"' || quote + 1 == text.size()) return Error{"the heading is not closed", "", "end it with \""};
    column.heading = trim(text.substr(quote + 1, text.size() - quote - 2));
    if (display_width(column.heading) > kMostHeading) return Error{"the heading is too long", "", "at most 60 columns"};
  }
  text = trim(text.substr(0, quote));
  const std::string_view name = take_until(text, ' ');
  const auto known = std::find(kFormats.begin(), kFormats.end(), name);
  if (known == kFormats.end()) {
    const std::string_view near = nearest(name, kFormats);
    return Error{"there is no format `" + std::string(name.substr(0, 60)) + "`", "",
                 near.empty() ? "one of text, reply, number, bytes, duration, percent, time, bar"
                              : "did you mean " + std::string(near) + "?"};
  }
  column.format = static_cast<Format>(known - kFormats.begin());
  column.right = is_right(column.format);
  if (!fits(column.format, item_type(file, item))) {
    return Error{"`" + std::string(file.item_name(item)) + "` cannot be written as " + std::string(name), "",
                 "it is of the sort " + std::string(word(item_type(file, item))) + ": " +
                     std::string(word(default_format(file, item))) + " suits it"};
  }
  text = trim(text);
  if (column.format == Format::kBar) {
    const std::optional<std::size_t> cells = to_number<std::size_t>(take_until(text, ' '));
    if (!cells || *cells == 0 || *cells > kMostCells)
      return Error{"a bar needs its length", "", "from 1 to 60, as in bar 20"};
    column.cells = *cells;
    if (quote == std::string_view::npos) column.heading.clear();
    text = trim(text);
  }
  if (text.empty()) return column;
  if (text != "left" && text != "right") {
    return Error{"`" + std::string(text.substr(0, 60)) + "` does not belong here", "",
                 "a column is as `number right \"mails\"`"};
  }
  column.right = text == "right";
  return column;
}

std::string to_text(const ReportLayoutColumn& column) {
  std::string text(word(column.format));
  if (column.format == Format::kBar) text += ' ' + std::to_string(column.cells);
  return text + (column.right ? " right" : " left") + " \"" + column.heading + '"';
}

}  // namespace mailtrail::query

#include "query/report_file_cells.h"

#include <algorithm>
#include <charconv>
#include <limits>

#include "base/hash.h"
#include "base/text.h"

namespace mailtrail::query {
namespace {

using Op = ReportMeasure::Op;

constexpr std::size_t kMostOfKey = 320, kMostOfValue = 200, kMostOfExample = 500;  // bytes
constexpr char kStated = '\x01';

// The beginning of `text` of at most `most` bytes, not ending within a character.
std::string_view head_of(std::string_view text, std::size_t most) {
  if (text.size() <= most) return text;
  std::size_t end = most;
  for (int i = 0; i < 3 && end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80; ++i) --end;
  return text.substr(0, end);
}

template <class Number>
std::string number_text(Number number) {
  char digits[32];
  const auto [end, code] = std::to_chars(digits, digits + sizeof digits, number);
  return {digits, end};
}

void append_without_nul(std::string& out, std::string_view text) {
  for (const char c : text) {
    if (c != '\0') out += c;
  }
}

std::uint64_t add_capped(std::uint64_t a, std::uint64_t b) {
  return a > std::numeric_limits<std::uint64_t>::max() - b ? std::numeric_limits<std::uint64_t>::max() : a + b;
}

// Sizes and counts are not below zero; what a hostile line states is taken for zero.
std::uint64_t unsigned_of(const Value& value) {
  return static_cast<std::uint64_t>(std::max<std::int64_t>(value.integer, 0));
}

ReportCell integer_cell(std::uint64_t number) {
  ReportCell cell;
  cell.type = ReportCell::Type::kInteger;
  cell.integer = static_cast<std::int64_t>(
      std::min<std::uint64_t>(number, static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())));
  return cell;
}

ReportCell real_cell(double number) {
  ReportCell cell;
  cell.type = ReportCell::Type::kReal;
  cell.real = number;
  return cell;
}

ReportCell text_cell(std::string text) {
  ReportCell cell;
  cell.type = ReportCell::Type::kText;
  cell.text = std::move(text);
  return cell;
}

ReportCell values_cell(const ValueCount& values) {
  ReportCell cell;
  cell.type = ReportCell::Type::kValues;
  cell.values = values.sorted();
  cell.others = values.others();
  return cell;
}

void tally_number(TallyCell& cell, const ReportMeasure& measure, const Value& value) {
  const bool real = measure.type == ValueType::kReal;
  if (measure.op == Op::kSum) {
    if (real) {
      cell.real += value.real;
    } else {
      cell.count = add_capped(cell.count, unsigned_of(value));
    }
  } else if (real) {
    cell.real = cell.stated ? std::max(cell.real, value.real) : value.real;
  } else {
    cell.count = std::max(cell.count, unsigned_of(value));
  }
}

void tally_time(TallyCell& cell, bool first, Micros time) {
  if (!cell.stated) cell.time = time;
  cell.time = first ? std::min(cell.time, time) : std::max(cell.time, time);
}

}  // namespace

void append_key_part(std::string& key, const Value& value) {
  if (!value.stated) return;
  key += kStated;
  if (value.type == ValueType::kText && value.text.size() > kMostOfKey) {
    append_without_nul(key, head_of(value.text, kMostOfKey));
    key += "…";
    for (std::uint64_t hash = hash_bytes(value.text), i = 0; i < 16; ++i, hash >>= 4) {
      key += "0123456789abcdef"[hash & 15];
    }
  } else {
    append_without_nul(key, word_of(value));
  }
}

ReportCell cell_of_key_part(std::string_view part, ValueType type) {
  if (part.empty()) return {};
  part.remove_prefix(1);
  switch (type) {
    case ValueType::kText:
      return text_cell(std::string(part));
    case ValueType::kReal:
      return real_cell(to_number<double>(part).value_or(0));
    case ValueType::kInteger:
    case ValueType::kTime:
      break;
  }
  ReportCell cell;
  cell.type = type == ValueType::kTime ? ReportCell::Type::kTime : ReportCell::Type::kInteger;
  cell.integer = to_number<std::int64_t>(part).value_or(0);
  return cell;
}

std::string word_of(const Value& value) {
  switch (value.type) {
    case ValueType::kText:
      return std::string(value.text);
    case ValueType::kReal:
      return number_text(value.real);
    case ValueType::kInteger:
    case ValueType::kTime:
      return number_text(value.integer);
  }
  return {};
}

ReportCell cell_of_value(const Value& value) {
  if (!value.stated) return {};
  if (value.type == ValueType::kText) return text_cell(std::string(head_of(value.text, kMostOfExample)));
  if (value.type == ValueType::kReal) return real_cell(value.real);
  ReportCell cell;
  cell.type = value.type == ValueType::kTime ? ReportCell::Type::kTime : ReportCell::Type::kInteger;
  cell.integer = value.integer;
  return cell;
}

void tally(TallyCell& cell, const ReportMeasure& measure, const Value& value, std::uint64_t weight) {
  if (!value.stated) return;
  switch (measure.op) {
    case Op::kStated:
      cell.count += weight;
      break;
    case Op::kEqual:
      if (word_of(value) == measure.text) cell.count += weight;
      break;
    case Op::kDistinct:
      if (!cell.distinct) cell.distinct = std::make_unique<DistinctCount>();
      cell.distinct->add(hash_bytes(word_of(value)));
      break;
    case Op::kSum:
    case Op::kMax:
      tally_number(cell, measure, value);
      break;
    case Op::kQuantile:
      if (!cell.quantiles) cell.quantiles = std::make_unique<QuantileCount>();
      cell.quantiles->add(value.number());
      break;
    case Op::kFirst:
    case Op::kLast:
      tally_time(cell, measure.op == Op::kFirst, value.integer);
      break;
    case Op::kExample:
      if (!cell.text) cell.text = std::make_unique<std::string>(head_of(value.text, kMostOfExample));
      break;
    case Op::kValues:
      if (!cell.values) cell.values = std::make_unique<ValueCount>();
      cell.values->add(head_of(word_of(value), kMostOfValue), weight);
      break;
    case Op::kCount:
    case Op::kMails:
    case Op::kShare:
      break;
  }
  cell.stated = true;
}

ReportCell cell_of_measure(const TallyCell& cell, const ReportMeasure& measure, std::uint64_t count,
                           std::uint64_t error) {
  ReportCell out;
  switch (measure.op) {
    case Op::kCount:
      out = integer_cell(measure.search.empty() ? count : cell.count);
      break;
    case Op::kStated:
    case Op::kEqual:
    case Op::kMails:
      out = integer_cell(cell.count);
      break;
    case Op::kDistinct:
      out = integer_cell(cell.distinct ? cell.distinct->estimate() : 0);
      out.approximate = cell.distinct && !cell.distinct->exact();
      break;
    case Op::kSum:
    case Op::kMax:
      if (!cell.stated) return out;
      out = measure.type == ValueType::kReal ? real_cell(cell.real) : integer_cell(cell.count);
      break;
    case Op::kQuantile:
      if (!cell.quantiles) return out;
      out = real_cell(cell.quantiles->quantile(measure.quantile));
      break;
    case Op::kFirst:
    case Op::kLast:
      if (!cell.stated) return out;
      out.type = ReportCell::Type::kTime;
      out.integer = cell.time;
      break;
    case Op::kExample:
      if (!cell.text) return out;
      // Seen, whatever else was not.
      return text_cell(*cell.text);
    case Op::kValues:
      if (!cell.values) return out;
      out = values_cell(*cell.values);
      break;
    case Op::kShare:
      break;
  }
  out.approximate = out.approximate || error != 0;
  return out;
}

double certain_number(const TallyCell& cell, const ReportMeasure& measure, std::uint64_t certain_count) {
  if (measure.op == Op::kCount && measure.search.empty()) return static_cast<double>(certain_count);
  if (measure.op == Op::kSum && measure.type == ValueType::kReal) return cell.real;
  return static_cast<double>(cell.count);
}

int compare_cells(const ReportCell& a, const ReportCell& b, bool descending) {
  using Type = ReportCell::Type;
  const bool a_absent = a.type == Type::kAbsent, b_absent = b.type == Type::kAbsent;
  if (a_absent || b_absent) return static_cast<int>(a_absent) - static_cast<int>(b_absent);
  int order = 0;
  if (a.type == Type::kText) {
    order = a.text.compare(b.text);
  } else if (a.type == Type::kReal) {
    order = a.real < b.real ? -1 : static_cast<int>(a.real > b.real);
  } else {
    order = a.integer < b.integer ? -1 : static_cast<int>(a.integer > b.integer);
  }
  return descending ? -order : order;
}

}  // namespace mailtrail::query

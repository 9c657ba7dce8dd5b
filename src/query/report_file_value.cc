#include "query/report_file_value.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "model/event_json.h"
#include "query/counting_rules.h"
#include "query/report.h"
#include "query/row_fields.h"

namespace mailtrail::query {
namespace {

using Op = ValueExpr::Op;

constexpr std::size_t kMostOfList = 1000;  // bytes of a list that is shown as one text

struct NameCollector {
  std::vector<std::string_view>& names;
  template <class T>
  void operator()(std::string_view name, const T&) const {
    names.push_back(name);
  }
};

// The fields of the row by their place, then what rows take from their mail.
template <class V>
void fields_with_mail(const Row& row, V&& v) {
  row_fields(row, v);
  if (row.per != Per::kAttempt && row.per != Per::kMessage) return;
  const model::fact::Journey& mail = *row.journey;
  if (row.per == Per::kAttempt) v("mail_received", Stamp{mail.received, mail.offset_minutes});
  v("notification", mail.notification), v("probe", mail.probe);
}

template <class List, class Show>
void join(std::string& out, const List& list, Show&& show) {
  for (const auto& item : list) {
    if (out.size() > kMostOfList) break;
    if (!out.empty()) out += ' ';
    show(out, item);
  }
}

// Puts the wanted fields into their slots.
struct SlotFiller {
  const std::vector<int>& slots;
  std::vector<Value>& values;
  std::vector<std::string>& texts;
  std::size_t at = 0;

  template <class T>
  void operator()(std::string_view, const T& value) {
    const int slot = slots[at++];
    if (slot >= 0) put(values[static_cast<std::size_t>(slot)], texts[static_cast<std::size_t>(slot)], value);
  }

 private:
  static void set(Value& out, std::string_view text) {
    out.stated = !text.empty();
    out.text = text;
  }
  static void put(Value& out, std::string&, model::Text text) { set(out, text); }
  static void put(Value& out, std::string&, bool flag) { set(out, flag ? "true" : ""); }
  template <class Enum>
  requires std::is_enum_v<Enum>
  static void put(Value& out, std::string&, Enum value) { set(out, model::word(value)); }
  static void put(Value& out, std::string&, const std::optional<double>& number) {
    out.type = ValueType::kReal;
    out.stated = number.has_value();
    out.real = number.value_or(0);
  }
  template <class T>
  static void put(Value& out, std::string&, const std::optional<T>& number) {
    out.type = ValueType::kInteger;
    out.stated = number.has_value();
    out.integer = static_cast<std::int64_t>(number.value_or(0));
  }
  static void put(Value& out, std::string&, Count count) {
    out.type = ValueType::kInteger;
    out.stated = true;
    out.integer = count.value;
  }
  static void put(Value& out, std::string&, const Stamp& stamp) {
    out.type = ValueType::kTime;
    // 0 is a fact whose line has no time.
    out.stated = stamp.time.value_or(0) != 0;
    out.integer = stamp.time.value_or(0);
  }
  static void put(Value& out, std::string& text, Key key) {
    if (key.value != 0) text = key_text(key.value);
    set(out, key.value != 0 ? std::string_view(text) : std::string_view());
  }
  static void put(Value& out, std::string& text, model::Texts texts) {
    text.clear();
    join(text, texts, [](std::string& to, model::Text item) { to += item; });
    set(out, text);
  }
  static void put(Value& out, std::string& text, TimeNotes notes) {
    text.clear();
    for (std::size_t bit = 0; bit < model::time_note_names().size(); ++bit) {
      if ((notes.bits >> bit & 1) == 0) continue;
      if (!text.empty()) text += ' ';
      text += model::time_note_names()[bit];
    }
    set(out, text);
  }
  static void put(Value& out, std::string& text, const OutcomeOfEach& of) {
    text.clear();
    join(text, of.recipients, [](std::string& to, const model::fact::Recipient& recipient) {
      to.append(recipient.recipient).append("=").append(model::word(recipient.outcome));
    });
    set(out, text);
  }
  static void put(Value& out, std::string& text, const OutcomeCounts& of) {
    std::array<std::uint64_t, model::kOutcomeCount> counts{};
    for (const model::fact::Recipient& recipient : of.recipients) ++counts[static_cast<std::size_t>(recipient.outcome)];
    text.clear();
    for (std::size_t i = 0; i < counts.size(); ++i) {
      if (counts[i] == 0) continue;
      if (!text.empty()) text += ' ';
      text.append(model::word(static_cast<model::Outcome>(i))).append("=").append(std::to_string(counts[i]));
    }
    set(out, text);
  }
  // No expression asks for these (value_columns).
  static void put(Value&, std::string&, const SourceOf&) {}
  static void put(Value&, std::string&, const LinesOf&) {}
  static void put(Value&, std::string&, const StepsOf&) {}
};

// The first line of a reply. Where the lines were joined by blanks each begins with the code again:
// `550-5.7.1 one 550 5.7.1 two`.
std::string_view first_line(std::string_view text) {
  text = text.substr(0, text.find_first_of("\r\n"));
  const bool has_code = text.size() > 4 && is_digit(text[0]) && is_digit(text[1]) && is_digit(text[2]);
  if (!has_code || text[3] != '-') return text;
  const std::string code = ' ' + std::string(text.substr(0, 3));
  for (std::size_t at = text.find(code, 4); at != std::string_view::npos; at = text.find(code, at + 1)) {
    const std::size_t after = at + code.size();
    if (after < text.size() && (text[after] == '-' || text[after] == ' ')) return text.substr(0, at);
  }
  return text;
}

std::string_view domain_of(std::string_view address) {
  const std::size_t at = address.rfind('@');
  return at == std::string_view::npos ? std::string_view() : address.substr(at + 1);
}

}  // namespace

RowValues::RowValues(TimeZone zone, std::function<std::string(std::string_view)> shape)
    : zone_(std::move(zone)), shape_(std::move(shape)), slots_(7) {
  if (!shape_) shape_ = fold_notice;
}

std::size_t RowValues::slot_of(std::string_view column) {
  const auto found = std::find(columns_.begin(), columns_.end(), column);
  if (found != columns_.end()) return static_cast<std::size_t>(found - columns_.begin());
  columns_.emplace_back(column);
  values_.emplace_back();
  texts_.emplace_back();
  return columns_.size() - 1;
}

std::size_t RowValues::add(const ValueExpr& expr) {
  Node node{expr.op, {}, 0, 0, {}, {}};
  for (const ValueExpr& part : expr.parts) node.parts.push_back(add(part));
  if (expr.op == Op::kColumn) node.slot = slot_of(expr.column);
  if (expr.op == Op::kCause && !causes_) causes_ = std::make_unique<CauseFinder>();
  nodes_.push_back(std::move(node));
  return nodes_.size() - 1;
}

void RowValues::show(const Row& row) {
  row_ = &row;
  ++row_number_;
  read_ = false;
}

void RowValues::read_columns() {
  std::vector<int>& slots = slots_[static_cast<std::size_t>(row_->per)];
  if (slots.empty()) {
    std::vector<std::string_view> names;
    fields_with_mail(*row_, NameCollector{names});
    for (const std::string_view name : names) {
      const auto found = std::find(columns_.begin(), columns_.end(), name);
      slots.push_back(found == columns_.end() ? -1 : static_cast<int>(found - columns_.begin()));
    }
  }
  std::fill(values_.begin(), values_.end(), Value{});
  SlotFiller filler{slots, values_, texts_};
  fields_with_mail(*row_, filler);
  read_ = true;
}

const Value& RowValues::value(std::size_t handle) {
  Node& node = nodes_[handle];
  if (node.known_for != row_number_) {
    node.known_for = row_number_;
    node.value = Value{};
    reckon(node);
  }
  return node.value;
}

void RowValues::keep(Node& node, std::string text) {
  node.text = std::move(text);
  node.value.text = node.text;
  node.value.stated = !node.text.empty();
}

std::string RowValues::wall_text(Micros time) const {
  std::string text = format_rfc3339(time, zone_.offset_at(time)).substr(0, 19);
  text[10] = ' ';
  return text;
}

void RowValues::reckon(Node& node) {
  if (node.op == Op::kColumn) {
    if (!read_) read_columns();
    node.value = values_[node.slot];
    return;
  }
  if (node.op == Op::kRelay) {
    if (row_->per != Per::kAttempt) return;
    return keep(node, to_lower(relay_of(row_->delivery->event)));
  }
  if (node.op == Op::kCause) {
    if (row_->per != Per::kRejection) return;
    node.value.text = word(causes_->cause_of(row_->rejection->event));
    node.value.stated = true;
    return;
  }
  for (const std::size_t part : node.parts) {
    const Value& of = value(part);
    if (!of.stated) continue;
    switch (node.op) {
      case Op::kLower:
        return keep(node, to_lower(of.text));
      case Op::kDomain:
        return keep(node, to_lower(domain_of(of.text)));
      case Op::kHour:
        return keep(node, wall_text(of.integer).substr(0, 13) + ":00");
      case Op::kDay:
        return keep(node, wall_text(of.integer).substr(0, 10));
      case Op::kHourOfDay:
        return keep(node, wall_text(of.integer).substr(11, 2) + ":00");
      case Op::kShape:
        return keep(node, shape_(of.text));
      case Op::kFirstLine:
        return keep(node, std::string(first_line(of.text)));
      case Op::kFirstOf:
      case Op::kColumn:
      case Op::kRelay:
      case Op::kCause:
        node.value = of;
        return;
    }
  }
}

}  // namespace mailtrail::query

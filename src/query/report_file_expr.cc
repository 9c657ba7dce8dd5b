#include "query/report_file_expr.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "query/row_fields.h"
#include "query/search_keys.h"

namespace mailtrail::query {
namespace {

using Op = ValueExpr::Op;

constexpr int kMostDepth = 8;

// Takes name and type of every field that report files can ask for.
struct ColumnCollector {
  std::vector<ValueColumn>& columns;

  void operator()(std::string_view name, model::Text) const { add(name, ValueType::kText); }
  void operator()(std::string_view name, model::Texts) const { add(name, ValueType::kText); }
  void operator()(std::string_view name, bool) const { add(name, ValueType::kText); }
  void operator()(std::string_view name, Key) const { add(name, ValueType::kText); }
  void operator()(std::string_view name, TimeNotes) const { add(name, ValueType::kText); }
  void operator()(std::string_view name, const OutcomeOfEach&) const { add(name, ValueType::kText); }
  void operator()(std::string_view name, const OutcomeCounts&) const { add(name, ValueType::kText); }
  void operator()(std::string_view name, const Stamp&) const { add(name, ValueType::kTime); }
  void operator()(std::string_view name, const std::optional<double>&) const { add(name, ValueType::kReal); }
  template <class T>
  void operator()(std::string_view name, const std::optional<T>&) const {
    add(name, ValueType::kInteger);
  }
  template <class Enum>
  requires std::is_enum_v<Enum>
  void operator()(std::string_view name, Enum) const { add(name, ValueType::kText); }
  void operator()(std::string_view name, Count) const {
    if (name != "line") add(name, ValueType::kInteger);
  }
  void operator()(std::string_view, const SourceOf&) const {}
  void operator()(std::string_view, const LinesOf&) const {}
  void operator()(std::string_view, const StepsOf&) const {}

 private:
  void add(std::string_view name, ValueType type) const { columns.push_back({name, type}); }
};

std::array<std::vector<ValueColumn>, 7> make_columns() {
  std::array<std::vector<ValueColumn>, 7> all;
  const model::fact::Journey journey;
  const model::fact::Delivery delivery;
  const model::fact::Recipient recipient;
  const model::fact::Message message;
  const model::fact::Rejection rejection;
  const model::fact::Login login;
  for (std::size_t i = 0; i + 1 < all.size(); ++i) {
    const Row row{static_cast<Per>(i), &journey, &delivery, &recipient, &message, &rejection, &login, nullptr};
    row_fields(row, ColumnCollector{all[i]});
  }
  for (const Per per : {Per::kAttempt, Per::kMessage}) {
    std::vector<ValueColumn>& columns = all[static_cast<std::size_t>(per)];
    if (per == Per::kAttempt) columns.push_back({"mail_received", ValueType::kTime});
    columns.push_back({"notification", ValueType::kText});
    columns.push_back({"probe", ValueType::kText});
  }
  return all;
}

const ValueColumn* find_column(std::string_view name, Per per) {
  for (const ValueColumn& column : value_columns(per)) {
    if (column.name == name) return &column;
  }
  return nullptr;
}

struct Function {
  std::string_view name;
  Op op;
  std::string_view takes;  // what stands in its parentheses, for a person; empty: it takes none
  ValueType of = ValueType::kText;
};
constexpr std::array<Function, 10> kFunctions = {{
    {"LOWER", Op::kLower, "a text, as LOWER(sender)"},
    {"DOMAIN", Op::kDomain, "an address, as DOMAIN(recipient)"},
    {"HOUR", Op::kHour, "a time, as HOUR(time)", ValueType::kTime},
    {"DAY", Op::kDay, "a time, as DAY(time)", ValueType::kTime},
    {"HOUR_OF_DAY", Op::kHourOfDay, "a time, as HOUR_OF_DAY(time)", ValueType::kTime},
    {"SHAPE", Op::kShape, "a text, as SHAPE(reply)"},
    {"FIRST_LINE", Op::kFirstLine, "a text, as FIRST_LINE(reply)"},
    {"FIRST_OF", Op::kFirstOf, "several, as FIRST_OF(relay_host, relay_ip)"},
    {"RELAY", Op::kRelay, ""},
    {"CAUSE", Op::kCause, ""},
}};

const Function& function_of(Op op) {
  return *std::find_if(kFunctions.begin(), kFunctions.end(), [op](const Function& each) { return each.op == op; });
}

bool is_word(char c) {
  return is_alnum(c) || c == '_';
}

class ExprParser {
 public:
  ExprParser(std::string_view text, std::span<const Per> per) : text_(text), per_(per) {}

  Result<TypedExpr> run() {
    TypedExpr out;
    if (parse(out, 0) && !trim(text_).empty()) fail("`" + shown(trim(text_)) + "` does not belong here", "");
    if (error_) return *error_;
    return out;
  }

 private:
  static std::string shown(std::string_view text) {
    return printable(text.substr(0, 60)) + (text.size() > 60 ? "…" : "");
  }
  bool fail(std::string what, std::string remedy) {
    if (!error_) error_ = Error{std::move(what), "", std::move(remedy)};
    return false;
  }
  bool take(char c) {
    text_ = trim(text_);
    if (text_.empty() || text_.front() != c) return false;
    text_.remove_prefix(1);
    return true;
  }
  std::string kinds() const {
    std::string text;
    for (const Per per : per_) text += (text.empty() ? "" : " or ") + std::string(word(per));
    return text;
  }

  bool parse(TypedExpr& out, int depth) {
    if (depth == kMostDepth) return fail("this is nested too deeply", "at most 8 levels are taken");
    text_ = trim(text_);
    std::size_t length = 0;
    while (length < text_.size() && is_word(text_[length])) ++length;
    const std::string_view name = text_.substr(0, length);
    if (name.empty()) {
      const std::string before = text_.empty() ? "" : " before `" + shown(text_) + "`";
      return fail("a column is missing" + before, "such as sender or DOMAIN(sender)");
    }
    text_.remove_prefix(length);
    const auto function =
        std::find_if(kFunctions.begin(), kFunctions.end(), [&](const Function& each) { return each.name == name; });
    if (function == kFunctions.end()) return take_column(out, name);
    return take_function(out, *function, depth);
  }

  bool take_column(TypedExpr& out, std::string_view name) {
    out.expr.op = Op::kColumn;
    out.expr.column = name;
    bool found = false;
    for (const Per per : per_) {
      const ValueColumn* column = find_column(name, per);
      if (column == nullptr) continue;
      if (found && column->type != out.type) {
        return fail("`" + std::string(name) + "` is not the same in the rows of " + kinds(), "write two reports");
      }
      out.type = column->type;
      found = true;
    }
    if (found) return true;
    std::vector<std::string_view> names;
    for (const Per per : per_) {
      for (const ValueColumn& column : value_columns(per)) names.push_back(column.name);
    }
    for (const Function& each : kFunctions) names.push_back(each.name);
    const std::string_view near = nearest(name, names);
    const bool is_place = name == "source" || name == "line" || name == "lines" || name == "steps";
    std::string remedy = near.empty() ? "mailtrail export --per " + std::string(word(per_.front())) + " shows them all"
                                      : "did you mean " + std::string(near) + "?";
    if (is_place) remedy = "reports count what happened, not where it is logged";
    return fail("there is no column `" + shown(name) + "` of " + kinds(), std::move(remedy));
  }

  bool take_function(TypedExpr& out, const Function& function, int depth) {
    out.expr.op = function.op;
    out.type = ValueType::kText;
    const std::string name(function.name);
    if (function.takes.empty()) {
      const Per of = function.op == Op::kRelay ? Per::kAttempt : Per::kRejection;
      if (std::find(per_.begin(), per_.end(), of) == per_.end()) {
        return fail(name + " is told of the rows of " + std::string(word(of)) + " alone",
                    "per: " + std::string(word(of)));
      }
      return true;
    }
    if (!take('(')) return fail(name + " needs its parentheses", "it takes " + std::string(function.takes));
    do {
      TypedExpr part;
      if (!parse(part, depth + 1)) return false;
      if (!accepts(function, part, out)) return false;
      out.expr.parts.push_back(std::move(part.expr));
    } while (function.op == Op::kFirstOf && out.expr.parts.size() < 8 && take(','));
    if (!take(')')) return fail(name + " is not closed", "it takes " + std::string(function.takes));
    return true;
  }

  bool accepts(const Function& function, const TypedExpr& part, TypedExpr& out) {
    if (function.op == Op::kFirstOf) {
      if (out.expr.parts.empty()) out.type = part.type;
      if (part.type == out.type) return true;
      return fail("FIRST_OF takes values of one sort", "times, numbers and texts do not mix");
    }
    if (part.type == function.of) return true;
    return fail("`" + to_text(part.expr) + "` is not what " + std::string(function.name) + " takes",
                "it takes " + std::string(function.takes));
  }

  std::string_view text_;
  std::span<const Per> per_;
  std::optional<Error> error_;
};

}  // namespace

std::span<const ValueColumn> value_columns(Per per) {
  static const std::array<std::vector<ValueColumn>, 7> kColumns = make_columns();
  return kColumns[static_cast<std::size_t>(per)];
}

Result<TypedExpr> parse_value_expr(std::string_view text, std::span<const Per> per) {
  return ExprParser(text, per).run();
}

std::string to_text(const ValueExpr& expr) {
  if (expr.op == Op::kColumn) return expr.column;
  std::string text(function_of(expr.op).name);
  for (std::size_t i = 0; i < expr.parts.size(); ++i) text += (i == 0 ? "(" : ", ") + to_text(expr.parts[i]);
  return expr.parts.empty() ? text : text + ')';
}

bool has_value(const ValueExpr& expr, Per per) {
  if (expr.op == Op::kColumn) return find_column(expr.column, per) != nullptr;
  if (expr.op == Op::kRelay) return per == Per::kAttempt;
  if (expr.op == Op::kCause) return per == Per::kRejection;
  return std::any_of(expr.parts.begin(), expr.parts.end(),
                     [per](const ValueExpr& part) { return has_value(part, per); });
}

}  // namespace mailtrail::query

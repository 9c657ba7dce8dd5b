#include "query/report_file_measure.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "query/search_keys.h"

namespace mailtrail::query {
namespace {

using Op = ReportMeasure::Op;

struct MeasureName {
  std::string_view name;
  Op op;
  std::string_view example;
  double quantile = 0;
};
constexpr std::array<MeasureName, 15> kNames = {{
    {"count", Op::kCount, "count or count where status:bounced"},
    {"stated", Op::kStated, "stated(tls_version)"},
    {"equal", Op::kEqual, "equal(outcome, deferred)"},
    {"mails", Op::kMails, "mails"},
    {"distinct", Op::kDistinct, "distinct(client_ip)"},
    {"sum", Op::kSum, "sum(size)"},
    {"max", Op::kMax, "max(delay)"},
    {"p50", Op::kQuantile, "p50(delay)", 0.5},
    {"p95", Op::kQuantile, "p95(delay)", 0.95},
    {"p99", Op::kQuantile, "p99(delay)", 0.99},
    {"first", Op::kFirst, "first(time)"},
    {"last", Op::kLast, "last(time)"},
    {"example", Op::kExample, "example(reply)"},
    {"values", Op::kValues, "values(tls_version)"},
    {"share", Op::kShare, "share(bounced) or share(bounced, recipients)"},
}};

bool is_number(ValueType type) {
  return type == ValueType::kInteger || type == ValueType::kReal;
}

bool is_countable(Op op) {
  return op == Op::kCount || op == Op::kStated || op == Op::kEqual || op == Op::kMails || op == Op::kSum;
}

class MeasureParser {
 public:
  MeasureParser(std::span<const Per> per, std::span<const ReportMeasure> before) : per_(per), before_(before) {}

  Result<ReportMeasure> run(std::string_view text) {
    if (const std::optional<Error> error = take_search(text)) return *error;
    const std::size_t open = text.find('(');
    const std::string_view name = trim(text.substr(0, open));
    const auto known = std::find_if(kNames.begin(), kNames.end(), [&](const auto& each) { return each.name == name; });
    if (known == kNames.end()) return unknown(name);
    known_ = &*known;
    measure_.op = known->op;
    measure_.quantile = known->quantile;
    const bool has_inner = open != std::string_view::npos;
    if (has_inner && text.back() != ')') return mistake("`)` is missing at the end");
    const std::string_view inner = has_inner ? trim(text.substr(open + 1, text.size() - open - 2)) : std::string_view();
    const bool alone = known->op == Op::kMails || known->op == Op::kCount;
    if (alone != !has_inner) {
      return mistake(std::string(name) + (alone ? " has no parentheses" : " needs its parentheses"));
    }
    return fill(inner);
  }

 private:
  Error mistake(std::string what) const { return Error{std::move(what), "", "as in " + std::string(known_->example)}; }

  static Error unknown(std::string_view name) {
    std::vector<std::string_view> names;
    std::string list;
    for (const MeasureName& each : kNames) {
      names.push_back(each.name);
      list += (list.empty() ? "one of " : ", ") + std::string(each.name);
    }
    const std::string_view near = nearest(name, names);
    return Error{"there is no measure `" + std::string(name.substr(0, 60)) + "`", "",
                 near.empty() ? list : "did you mean " + std::string(near) + "?"};
  }

  Result<ReportMeasure> fill(std::string_view inner) {
    switch (measure_.op) {
      case Op::kCount:
        return std::move(measure_);
      case Op::kMails:
        if (std::any_of(per_.begin(), per_.end(),
                        [](Per per) { return per == Per::kRejection || per == Per::kLogin; })) {
          return mistake("refusals and logins belong to no mail");
        }
        return std::move(measure_);
      case Op::kShare:
        return fill_share(inner);
      case Op::kEqual: {
        const std::size_t comma = inner.rfind(',');
        if (comma == std::string_view::npos) return mistake("equal takes a value and a word");
        measure_.text = trim(inner.substr(comma + 1));
        if (measure_.text.empty()) return mistake("the word is missing");
        return fill_value(trim(inner.substr(0, comma)));
      }
      default:
        return fill_value(inner);
    }
  }

  // Takes ` where SEARCH` off the end.
  std::optional<Error> take_search(std::string_view& text) {
    constexpr std::string_view kWhere = " where ";
    const std::size_t at = text.find(kWhere);
    if (at == std::string_view::npos) return std::nullopt;
    const std::string_view search = trim(text.substr(at + kWhere.size()));
    const Result<Plan> plan = parse_search(search, TimeContext{});
    if (!plan.ok()) return Error{"in its search: " + plan.error().what, "", plan.error().remedy};
    measure_.search = search;
    text = trim(text.substr(0, at));
    return std::nullopt;
  }

  Result<ReportMeasure> fill_share(std::string_view inner) {
    if (!measure_.search.empty()) return mistake("a share has no search; the measures that it names may have one");
    std::array<std::string_view, 2> names = {trim(take_until(inner, ',')), trim(inner)};
    std::array<std::optional<std::size_t>, 2> found;
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (i == 1 && names[1].empty()) break;
      for (std::size_t at = 0; at < before_.size(); ++at) {
        if (before_[at].name == names[i]) found[i] = at;
      }
      if (!found[i])
        return mistake("`" + std::string(names[i].substr(0, 60)) + "` is no measure that stands before this");
      if (!is_countable(before_[*found[i]].op)) {
        return mistake("`" + std::string(names[i]) + "` is no number of which there are parts");
      }
    }
    measure_.part = *found[0];
    measure_.whole = found[1];
    return std::move(measure_);
  }

  Result<ReportMeasure> fill_value(std::string_view text) {
    Result<TypedExpr> value = parse_value_expr(text, per_);
    if (!value.ok()) return value.error();
    measure_.expr = std::move(value->expr);
    measure_.type = value->type;
    const bool wants_number = measure_.op == Op::kSum || measure_.op == Op::kMax || measure_.op == Op::kQuantile;
    const bool wants_time = measure_.op == Op::kFirst || measure_.op == Op::kLast;
    if (wants_number && !is_number(value->type)) return mistake("`" + std::string(text) + "` is no number");
    if (wants_time && value->type != ValueType::kTime) return mistake("`" + std::string(text) + "` is no time");
    const bool is_text = value->type == ValueType::kText;
    if (measure_.op == Op::kExample && !is_text) return mistake("`" + std::string(text) + "` is no text");
    const bool wants_word = measure_.op == Op::kEqual || measure_.op == Op::kValues;
    if (wants_word && !is_text && value->type != ValueType::kInteger) {
      return mistake("`" + std::string(text) + "` is neither a text nor a whole number");
    }
    return std::move(measure_);
  }

  std::span<const Per> per_;
  std::span<const ReportMeasure> before_;
  const MeasureName* known_ = nullptr;
  ReportMeasure measure_;
};

}  // namespace

Result<ReportMeasure> parse_measure(std::string_view text, std::span<const Per> per,
                                    std::span<const ReportMeasure> before) {
  return MeasureParser(per, before).run(text);
}

std::string to_text(const ReportMeasure& measure, std::span<const ReportMeasure> all) {
  const auto known = std::find_if(kNames.begin(), kNames.end(), [&](const MeasureName& each) {
    return each.op == measure.op && each.quantile == measure.quantile;
  });
  std::string text(known->name);
  switch (measure.op) {
    case Op::kCount:
    case Op::kMails:
      break;
    case Op::kShare:
      text += '(' + all[measure.part].name;
      if (measure.whole) text += ", " + all[*measure.whole].name;
      text += ')';
      break;
    case Op::kEqual:
      text += '(' + to_text(measure.expr) + ", " + measure.text + ')';
      break;
    default:
      text += '(' + to_text(measure.expr) + ')';
  }
  return measure.search.empty() ? text : text + " where " + measure.search;
}

}  // namespace mailtrail::query

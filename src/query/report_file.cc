// Report files, understood.
#include "query/report_file.h"

#include <algorithm>
#include <set>

#include "base/text.h"
#include "query/report_file_layout.h"
#include "query/report_file_lines.h"
#include "query/report_file_measure.h"
#include "query/search_keys.h"

namespace mailtrail::query {
namespace {

constexpr std::size_t kMostKeys = 6, kMostFields = 16, kMostMeasures = 24, kMostFilters = 16, kMostWords = 64;
constexpr std::size_t kMostColumns = 32, kMostName = 40;

constexpr std::array<std::string_view, 17> kHeads = {"title", "summary", "per",    "search",  "with",   "without",
                                                     "only",  "key",     "field",  "measure", "least",  "order",
                                                     "limit", "column",  "silent", "note",    "nothing"};

std::size_t at_of(Per per) {
  return static_cast<std::size_t>(per);
}

// The parts between commas that stand in no parentheses.
std::vector<std::string_view> split_list(std::string_view text) {
  std::vector<std::string_view> parts;
  std::size_t begin = 0;
  int depth = 0;
  for (std::size_t at = 0; at <= text.size(); ++at) {
    if (at < text.size() && text[at] == '(') ++depth;
    if (at < text.size() && text[at] == ')') --depth;
    if (at < text.size() && (text[at] != ',' || depth > 0)) continue;
    parts.push_back(trim(text.substr(begin, at - begin)));
    begin = at + 1;
  }
  return parts;
}

class ReportFileParser {
 public:
  ReportFileParser(std::vector<ReportFileLine> lines, std::string_view name) : lines_(std::move(lines)), name_(name) {}

  Result<ReportFile> run() {
    check_heads();
    take_texts();
    // Each step rests on the ones before it, wherever its lines stand.
    for (const auto step : {&ReportFileParser::take_per, &ReportFileParser::take_search, &ReportFileParser::take_filter,
                            &ReportFileParser::take_value, &ReportFileParser::take_measure}) {
      for (const ReportFileLine& line : lines_) {
        if (!error_) (this->*step)(line);
      }
    }
    check_content();
    for (const auto step : {&ReportFileParser::take_order, &ReportFileParser::take_least,
                            &ReportFileParser::take_column, &ReportFileParser::take_silence}) {
      for (const ReportFileLine& line : lines_) {
        if (!error_) (this->*step)(line);
      }
    }
    if (error_) return *error_;
    fill_defaults();
    return std::move(file_);
  }

 private:
  void fail(std::size_t line, std::string what, std::string remedy = "") {
    if (!error_) error_ = Error{std::move(what), report_file_place(name_, line), std::move(remedy)};
  }
  void fail(std::size_t line, const Error& error) { fail(line, error.what, error.remedy); }
  static std::string quoted(std::string_view text) {
    return "`" + std::string(text.substr(0, 60)) + (text.size() > 60 ? "…`" : "`");
  }

  void check_heads() {
    std::set<std::string_view> seen;
    for (const ReportFileLine& line : lines_) {
      if (std::find(kHeads.begin(), kHeads.end(), line.head) == kHeads.end()) {
        const std::string_view near = nearest(line.head, kHeads);
        return fail(
            line.number, "a line cannot begin with " + quoted(line.head),
            near.empty() ? "docs/report.md tells what a report file holds" : "did you mean " + std::string(near) + "?");
      }
      const bool has_name = line.head == "key" || line.head == "field" || line.head == "measure" ||
                            line.head == "column" || line.head == "silent" || line.head == "only" ||
                            line.head == "least";
      const bool may_have_name = has_name || line.head == "search";
      if (has_name && line.name.empty()) return fail(line.number, line.head + " needs a name before the `:`");
      if (!may_have_name && !line.name.empty()) {
        return fail(line.number, quoted(line.name) + " does not belong before the `:`",
                    "write " + line.head + ": " + line.name);
      }
      if (line.value.empty()) return fail(line.number, line.head + " says nothing", "write it behind the `:`");
      const bool may_repeat = has_name || line.head == "with" || line.head == "without" || line.head == "search";
      if (!may_repeat && !seen.insert(line.head).second) fail(line.number, line.head + " stands twice");
    }
  }

  void take_texts() {
    for (const ReportFileLine& line : lines_) {
      if (line.head == "title") file_.title = line.value;
      if (line.head == "summary") file_.summary = line.value;
      if (line.head == "note") file_.note = line.value;
      if (line.head == "nothing") file_.nothing = line.value;
      if (line.head != "limit") continue;
      const std::optional<std::size_t> number = to_number<std::size_t>(line.value);
      if (!number || *number == 0 || *number > kMaxReportRows) {
        return fail(line.number, quoted(line.value) + " is no limit", "a whole number from 1 to 10000");
      }
      file_.limit = *number;
    }
    require("title", file_.title, "title: Bounces by domain");
    require("summary", file_.summary, "summary: whose addresses bounced, and why");
    require("nothing", file_.nothing, "nothing: No mail bounced.");
  }
  void require(const std::string& head, const std::string& text, const std::string& example) {
    if (text.empty()) fail(last_line(), head + " is missing", "as in " + example);
  }
  std::size_t last_line() const { return lines_.empty() ? 1 : lines_.back().number; }

  void take_per(const ReportFileLine& line) {
    if (line.head != "per") return;
    for (const std::string_view text : split_list(line.value)) {
      const std::optional<Per> per = per_from_word(text);
      if (!per || *per == Per::kEvent) {
        return fail(line.number, quoted(text) + " is no row of a report",
                    "one of attempt, recipient, message, journey, rejection, login");
      }
      if (std::find(file_.per.begin(), file_.per.end(), *per) != file_.per.end()) {
        return fail(line.number, quoted(text) + " stands twice");
      }
      file_.per.push_back(*per);
    }
  }

  void take_search(const ReportFileLine& line) {
    if (file_.per.empty()) return fail(last_line(), "per is missing", "as in per: recipient");
    if (line.head != "search") return;
    const Result<Plan> plan = parse_search(line.value, TimeContext{});
    if (!plan.ok()) return fail(line.number, "in the search: " + plan.error().what, plan.error().remedy);
    const std::optional<Per> only = per_from_word(line.name);
    if (!line.name.empty() && (!only || std::find(file_.per.begin(), file_.per.end(), *only) == file_.per.end())) {
      return fail(line.number, quoted(line.name) + " is no row of this report", "name one that stands in `per`");
    }
    for (const Per per : file_.per) {
      if (only && *only != per) continue;
      std::string& search = file_.searches[at_of(per)];
      if (!search.empty()) return fail(line.number, "there is a search of " + std::string(word(per)) + " already");
      search = line.value;
    }
  }

  void take_filter(const ReportFileLine& line) {
    const bool only = line.head == "only";
    if (!only && line.head != "with" && line.head != "without") return;
    for (const std::string_view text : only ? std::vector<std::string_view>{line.name} : split_list(line.value)) {
      Result<TypedExpr> value = parse_value_expr(text, file_.per);
      if (!value.ok()) return fail(line.number, value.error());
      ReportFilter filter;
      filter.op = only                  ? ReportFilter::Op::kOnly
                  : line.head == "with" ? ReportFilter::Op::kWith
                                        : ReportFilter::Op::kWithout;
      if (only && value->type != ValueType::kText && value->type != ValueType::kInteger) {
        return fail(line.number, quoted(text) + " has no words", "only takes texts and whole numbers");
      }
      filter.expr = std::move(value->expr);
      if (only) {
        for (const std::string_view word : split_list(line.value)) {
          if (word.empty()) return fail(line.number, "a word is missing", "as in only outcome: deferred, expired");
          filter.words.emplace_back(word);
        }
      }
      if (filter.words.size() > kMostWords) return fail(line.number, "only takes at most 64 words");
      if (file_.filters.size() == kMostFilters) return fail(line.number, "there are more than 16 filters");
      file_.filters.push_back(std::move(filter));
    }
  }

  // Whether a key, field or measure may be called so.
  bool take_name(const ReportFileLine& line) {
    const std::string& name = line.name;
    const bool good =
        name.size() <= kMostName && name[0] >= 'a' && name[0] <= 'z' &&
        std::all_of(name.begin(), name.end(), [](char c) { return c == '_' || is_digit(c) || (c >= 'a' && c <= 'z'); });
    if (!good) {
      fail(line.number, quoted(name) + " is no name", "lower-case letters, digits and _, as in oldest_mail");
    } else if (name == "approximate" || name == "error") {
      fail(line.number, quoted(name) + " means something else in the JSON", "choose another name");
    } else if (!names_.insert(name).second) {
      fail(line.number, quoted(name) + " stands twice");
    }
    return !error_;
  }

  void take_value(const ReportFileLine& line) {
    if (line.head != "key" && line.head != "field") return;
    const bool field = line.head == "field";
    if (!file_.values.empty() && file_.is_list != field) {
      return fail(line.number, "a report has keys or fields, not both", "keys make groups; fields list single rows");
    }
    if (!take_name(line)) return;
    file_.is_list = field;
    Result<TypedExpr> value = parse_value_expr(line.value, file_.per);
    if (!value.ok()) return fail(line.number, value.error());
    if (file_.values.size() == (field ? kMostFields : kMostKeys)) {
      return fail(line.number, field ? "there are more than 16 fields" : "there are more than 6 keys");
    }
    file_.values.push_back({line.name, std::move(value->expr), value->type});
  }

  void take_measure(const ReportFileLine& line) {
    if (line.head != "measure" || !take_name(line)) return;
    if (file_.is_list) return fail(line.number, "a list of fields has no measures", "make the fields keys");
    if (file_.measures.size() == kMostMeasures) return fail(line.number, "there are more than 24 measures");
    Result<ReportMeasure> measure = parse_measure(line.value, file_.per, file_.measures);
    if (!measure.ok()) return fail(line.number, measure.error());
    measure->name = line.name;
    file_.measures.push_back(std::move(*measure));
  }

  void check_content() {
    if (file_.is_list ? file_.values.empty() : file_.measures.empty()) {
      fail(last_line(), "there is nothing to tell", "add a measure, as in measure bounced: count, or a field");
    }
  }

  std::optional<std::size_t> item_of(std::string_view name) const {
    for (std::size_t item = 0; item < file_.items(); ++item) {
      if (file_.item_name(item) == name) return item;
    }
    return std::nullopt;
  }
  void unknown_item(std::size_t line, std::string_view name) {
    std::vector<std::string_view> names;
    std::string list;
    for (std::size_t item = 0; item < file_.items(); ++item) {
      names.push_back(file_.item_name(item));
      list += (item == 0 ? "there are " : ", ") + std::string(names.back());
    }
    const std::string_view near = nearest(name, names);
    fail(line, "there is no " + quoted(name) + " in this report",
         near.empty() ? list : "did you mean " + std::string(near) + "?");
  }

  void take_order(const ReportFileLine& line) {
    if (line.head != "order") return;
    for (std::string_view text : split_list(line.value)) {
      const std::string_view name = trim(take_until(text, ' '));
      const std::string_view direction = trim(text);
      const std::optional<std::size_t> item = item_of(name);
      if (!item) return unknown_item(line.number, name);
      if (!direction.empty() && direction != "descending" && direction != "ascending") {
        return fail(line.number, quoted(direction) + " is no direction", "ascending (if not given) or descending");
      }
      if (item_type(file_, *item) == ItemType::kValues) {
        return fail(line.number, quoted(name) + " has no order", "order by a count, a text or a time");
      }
      if (file_.order.size() == 8) return fail(line.number, "order names more than 8");
      file_.order.push_back({*item, direction == "descending"});
    }
  }

  // The measure of that name; it counts.
  std::optional<std::size_t> counting_measure(const ReportFileLine& line) {
    const std::optional<std::size_t> item = item_of(line.name);
    if (!item) {
      unknown_item(line.number, line.name);
    } else if (*item < file_.values.size() || item_type(file_, *item) != ItemType::kCount) {
      fail(line.number, quoted(line.name) + " is no count", "name a measure that counts");
    } else {
      return *item - file_.values.size();
    }
    return std::nullopt;
  }

  void take_least(const ReportFileLine& line) {
    if (line.head != "least") return;
    const std::optional<std::size_t> measure = counting_measure(line);
    if (!measure) return;
    const std::optional<std::uint64_t> number = to_number<std::uint64_t>(line.value);
    if (!number) return fail(line.number, quoted(line.value) + " is no whole number", "as in least failed: 1");
    file_.least.push_back({*measure, *number});
  }

  void take_column(const ReportFileLine& line) {
    if (line.head != "column") return;
    const std::optional<std::size_t> item = item_of(line.name);
    if (!item) return unknown_item(line.number, line.name);
    if (file_.columns.size() == kMostColumns) return fail(line.number, "there are more than 32 columns");
    Result<ReportLayoutColumn> column = parse_layout_column(line.value, file_, *item);
    if (!column.ok()) return fail(line.number, column.error());
    file_.columns.push_back(std::move(*column));
  }

  void take_silence(const ReportFileLine& line) {
    if (line.head != "silent") return;
    if (const std::optional<std::size_t> measure = counting_measure(line)) {
      file_.silences.push_back({*measure, line.value});
    }
  }

  void fill_defaults() {
    if (file_.order.empty() && !file_.measures.empty()) {
      const std::size_t first = file_.values.size();
      const ItemType type = item_type(file_, first);
      if (type != ItemType::kValues && type != ItemType::kText) file_.order.push_back({first, true});
    }
    if (!file_.columns.empty()) return;
    for (std::size_t item = 0; item < file_.items(); ++item) file_.columns.push_back(default_column(file_, item));
  }

  std::vector<ReportFileLine> lines_;
  std::string_view name_;
  ReportFile file_;
  std::set<std::string> names_;
  std::optional<Error> error_;
};

void append_line(std::string& out, std::string_view head, std::string_view value) {
  if (!value.empty()) out.append(head).append(": ").append(value) += '\n';
}

void append_filters(std::string& out, const ReportFile& file) {
  for (const ReportFilter& filter : file.filters) {
    if (filter.op != ReportFilter::Op::kOnly) {
      append_line(out, filter.op == ReportFilter::Op::kWith ? "with" : "without", to_text(filter.expr));
      continue;
    }
    std::string words;
    for (const std::string& each : filter.words) words += (words.empty() ? "" : ", ") + each;
    append_line(out, "only " + to_text(filter.expr), words);
  }
}

}  // namespace

Result<ReportFile> parse_report_file(std::string_view text, std::string_view name) {
  Result<std::vector<ReportFileLine>> lines = split_report_file(text, name);
  if (!lines.ok()) return lines.error();
  return ReportFileParser(std::move(*lines), name).run();
}

std::string to_text(const ReportFile& file) {
  std::string out = std::string(kReportFileHead) + '\n';
  append_line(out, "title", file.title);
  append_line(out, "summary", file.summary);
  std::string per;
  for (const Per each : file.per) per += (per.empty() ? "" : ", ") + std::string(word(each));
  append_line(out, "per", per);
  for (const Per each : file.per) append_line(out, "search " + std::string(word(each)), file.searches[at_of(each)]);
  append_filters(out, file);
  for (const ReportValue& value : file.values) {
    append_line(out, (file.is_list ? "field " : "key ") + value.name, to_text(value.expr));
  }
  for (const ReportMeasure& measure : file.measures) {
    append_line(out, "measure " + measure.name, to_text(measure, file.measures));
  }
  for (const ReportLeast& least : file.least) {
    append_line(out, "least " + file.measures[least.measure].name, std::to_string(least.number));
  }
  std::string order;
  for (const ReportOrder& by : file.order) {
    order += (order.empty() ? "" : ", ") + std::string(file.item_name(by.item)) + (by.descending ? " descending" : "");
  }
  append_line(out, "order", order);
  append_line(out, "limit", std::to_string(file.limit));
  for (const ReportLayoutColumn& column : file.columns) {
    append_line(out, "column " + std::string(file.item_name(column.item)), to_text(column));
  }
  for (const ReportSilence& silence : file.silences) {
    append_line(out, "silent " + file.measures[silence.measure].name, silence.sentence);
  }
  append_line(out, "note", file.note);
  append_line(out, "nothing", file.nothing);
  return out;
}

const ShippedReport* find_shipped_report(std::string_view name) {
  for (const ShippedReport& report : shipped_reports()) {
    if (report.name == name) return &report;
  }
  return nullptr;
}

}  // namespace mailtrail::query

#include "described/dialect_file.h"

#include <re2/re2.h>

// The library takes for granted, by assertions, what its own checks refuse right behind them: `[=[line]]` would stop
// the program, or without assertions be undefined. Told that assertions are nothing, it comes to these checks.
#undef NDEBUG
#define TOML_ASSERT(expr) static_assert(true)
#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

#include <algorithm>

#include "base/json_writer.h"
#include "base/text.h"
#include "described/described_dialect.h"
#include "described/sample_check.h"

namespace mailtrail::described {
namespace {

// What a key of a table may hold is asked of it by name; what is left over is refused.
using Keys = std::initializer_list<std::string_view>;

constexpr std::string_view kExtra = "extra_";

class Reader {
 public:
  explicit Reader(std::string_view file) : file_(file) {}

  DialectFile read(std::string_view text) {
    DialectFile result;
    const toml::parse_result parsed = toml::parse(text, std::string_view(file_));
    if (!parsed) {
      tell(parsed.error().source().begin.line, std::string(parsed.error().description()), "");
    } else {
      take(parsed.table());
    }
    result.name = description_.name;
    result.rules = description_.rules.size();
    result.samples = samples_.size();
    if (problems_.empty()) {
      auto dialect = std::make_unique<DescribedDialect>(std::move(description_));
      check(*dialect);
      if (problems_.empty()) result.dialect = std::move(dialect);
    }
    result.problems = std::move(problems_);
    return result;
  }

 private:
  void tell(std::size_t line, std::string what, std::string remedy) {
    problems_.push_back({std::move(what), file_ + (line == 0 ? "" : ":" + std::to_string(line)), std::move(remedy)});
  }
  void tell(const toml::node& node, std::string what, std::string remedy = "") {
    tell(node.source().begin.line, std::move(what), std::move(remedy));
  }

  void refuse_others(const toml::table& table, Keys known, std::string_view place) {
    for (const auto& [key, node] : table) {
      if (std::find(known.begin(), known.end(), key.str()) != known.end()) continue;
      std::string list;
      for (const std::string_view name : known) list += (list.empty() ? "" : ", ") + std::string(name);
      tell(key.source().begin.line, "`" + printable(key.str()) + "` is no key of " + std::string(place),
           "there are: " + list);
    }
  }

  // The text under the key; nothing where it is not there, or is no text: then that was told.
  std::optional<std::string> text_of(const toml::table& table, std::string_view key) {
    const toml::node* node = table.get(key);
    if (node == nullptr) return std::nullopt;
    if (const auto text = node->value_exact<std::string>()) return text;
    tell(*node, "`" + std::string(key) + "` must be a text in quotes");
    return std::nullopt;
  }
  std::vector<std::string> texts_of(const toml::table& table, std::string_view key) {
    std::vector<std::string> texts;
    const toml::node* node = table.get(key);
    if (node == nullptr) return texts;
    const toml::array* array = node->as_array();
    bool good = array != nullptr;
    for (std::size_t i = 0; good && i < array->size(); ++i) {
      const auto text = array->get(i)->value_exact<std::string>();
      good = text.has_value();
      if (good) texts.push_back(*text);
    }
    if (!good) tell(*node, "`" + std::string(key) + "` must be a list of texts, as [\"one\", \"two\"]");
    return texts;
  }

  void take(const toml::table& root) {
    refuse_others(
        root, {"name", "summary", "programs", "untagged", "format", "columns", "separator", "time", "line", "sample"},
        "such a file");
    take_head(root);
    for_each_table(root, "line", [&](const toml::table& table) { take_rule(table); });
    for_each_table(root, "sample", [&](const toml::table& table) { take_sample(table); });
    if (problems_.empty() && description_.rules.empty()) tell(0, "there is no rule", "begin one with [[line]]");
  }

  template <class F>
  void for_each_table(const toml::table& root, std::string_view key, const F& f) {
    const toml::node* node = root.get(key);
    if (node == nullptr) return;
    const toml::array* array = node->as_array();
    if (array == nullptr || !array->is_homogeneous<toml::table>()) {
      return tell(*node, "`" + std::string(key) + "` must be tables", "begin each with [[" + std::string(key) + "]]");
    }
    for (const toml::node& item : *array) f(*item.as_table());
  }

  void take_head(const toml::table& root) {
    description_.name = text_of(root, "name").value_or("");
    text_of(root, "summary");
    const bool plain =
        !description_.name.empty() && std::all_of(description_.name.begin(), description_.name.end(),
                                                  [](char c) { return is_alnum(c) || c == '_' || c == '-'; });
    if (!plain) tell(0, "`name` must be there, of letters, digits, `-` and `_`", "such as name = \"acme\"");
    for (const dialect::Dialect* built_in : dialect::all_dialects()) {
      if (built_in->name() == description_.name)
        tell(*root.get("name"), "a dialect of this name is built in", "choose another");
    }
    description_.programs = texts_of(root, "programs");
    if (const toml::node* node = root.get("untagged")) {
      if (!node->is_boolean()) tell(*node, "`untagged` must be true or false");
      description_.untagged = node->value_or(false);
    }
    if (problems_.empty() && description_.programs.empty() && !description_.untagged) {
      tell(0, "it says of no line that it is its own", "name tags in `programs`, or say untagged = true");
    }
    take_form(root);
  }

  void take_form(const toml::table& root) {
    const std::string format = text_of(root, "format").value_or("text");
    if (format == "json") description_.form = Form::kJson;
    if (format == "csv") description_.form = Form::kCsv;
    if (format != "text" && description_.form == Form::kText) {
      tell(*root.get("format"), "there is no format `" + printable(format) + "`", "there are: text, json, csv");
    }
    description_.columns = texts_of(root, "columns");
    if (description_.form == Form::kCsv && description_.columns.empty()) {
      tell(0, "`columns` must name the columns of csv", "such as columns = [\"time\", \"recipient\"]");
    }
    const std::string separator = text_of(root, "separator").value_or(",");
    if (separator.size() != 1 || separator == "\"")
      tell(*root.get("separator"), "`separator` must be one byte, and no quote");
    description_.separator = separator.empty() ? ',' : separator.front();
    const std::string time = text_of(root, "time").value_or("iso");
    static constexpr std::string_view kForms[] = {"iso", "seconds", "milliseconds", "microseconds"};
    const auto found = std::find(std::begin(kForms), std::end(kForms), time);
    if (found == std::end(kForms)) {
      tell(*root.get("time"), "times are not written in `" + printable(time) + "`",
           "there are: iso, seconds, milliseconds, microseconds (since 1970)");
    } else {
      time_form_ = static_cast<TimeForm>(found - std::begin(kForms));
    }
  }

  void take_rule(const toml::table& table) {
    LineRule rule;
    rule.line = table.source().begin.line;
    rule.time_form = time_form_;
    const std::string kind = text_of(table, "kind").value_or("");
    if (const auto known = model::from_word<model::Kind>(kind)) rule.shape = BodyShape::of(*known);
    if (rule.shape == nullptr) {
      return tell(rule.line, kind.empty() ? "the rule has no `kind`" : "there is no kind `" + printable(kind) + "`",
                  "such as delivery, receive, reject, login, notice: see EVENTS in the manual");
    }
    const std::size_t before = problems_.size();
    if (description_.form == Form::kText) {
      refuse_others(table, {"kind", "pattern", "set", "words"}, "a rule of text");
      take_pattern(table, rule);
    } else {
      refuse_others(table, {"kind", "when", "fields", "set", "words"}, "a rule of json or csv");
      take_paths(table, rule);
    }
    each_text(table, "set", [&](const std::string& name, const std::string& value, const toml::node& node) {
      Assignment assignment;
      assignment.constant = value;
      if (take_target(node, *rule.shape, name, assignment)) rule.assignments.push_back(std::move(assignment));
    });
    if (problems_.size() == before) take_words(table, rule);
    if (problems_.size() == before) description_.rules.push_back(std::move(rule));
  }

  // Calls f(key, text, node) for each text of the table under the key.
  template <class F>
  void each_text(const toml::table& table, std::string_view key, const F& f) {
    const toml::node* node = table.get(key);
    if (node == nullptr) return;
    const toml::table* inner = node->as_table();
    if (inner == nullptr) return tell(*node, "`" + std::string(key) + "` must be a table, as { name = \"text\" }");
    for (const auto& [name, value] : *inner) {
      if (const auto* text = value.as_string()) {
        f(std::string(name.str()), text->get(), value);
      } else {
        tell(value, "`" + printable(name.str()) + "` must be a text in quotes");
      }
    }
  }

  void take_pattern(const toml::table& table, LineRule& rule) {
    const std::optional<std::string> pattern = text_of(table, "pattern");
    if (!pattern) return tell(rule.line, "the rule has no `pattern`", "write it in single quotes");
    const toml::node& node = *table.get("pattern");
    rule.pattern = compile_pattern(*pattern);
    if (const std::string error = pattern_error(*rule.pattern); !error.empty()) {
      return tell(node, "the pattern is wrong: " + printable(error), "github.com/google/re2/wiki/Syntax");
    }
    if (rule.pattern->NumberOfCapturingGroups() > kMostGroups) {
      return tell(node, "the pattern has more than " + std::to_string(kMostGroups) + " groups",
                  "write (?:...) for those without a name");
    }
    for (const auto& [name, group] : rule.pattern->NamedCapturingGroups()) {
      Assignment assignment;
      assignment.group = group;
      if (take_target(node, *rule.shape, name, assignment)) rule.assignments.push_back(std::move(assignment));
    }
    std::sort(rule.assignments.begin(), rule.assignments.end(),
              [](const Assignment& a, const Assignment& b) { return a.group < b.group; });
  }

  bool take_path(const toml::node& node, const std::string& name, ValuePath& path) {
    if (description_.form == Form::kJson) {
      path.keys = split_path(name);
      return true;
    }
    const auto found = std::find(description_.columns.begin(), description_.columns.end(), name);
    if (found == description_.columns.end()) {
      tell(node, "`columns` has no `" + printable(name) + "`");
      return false;
    }
    path.column = static_cast<std::size_t>(found - description_.columns.begin());
    return true;
  }

  void take_paths(const toml::table& table, LineRule& rule) {
    each_text(table, "when", [&](const std::string& name, const std::string& value, const toml::node& node) {
      ValuePath path;
      if (take_path(node, name, path)) rule.conditions.emplace_back(std::move(path), value);
    });
    each_text(table, "fields", [&](const std::string& name, const std::string& value, const toml::node& node) {
      Assignment assignment;
      if (take_path(node, value, assignment.path) && take_target(node, *rule.shape, name, assignment)) {
        rule.assignments.push_back(std::move(assignment));
      }
    });
  }

  bool take_target(const toml::node& node, const BodyShape& shape, std::string_view name, Assignment& assignment) {
    Target& target = assignment.target;
    target.name = name;
    if (name.substr(0, kExtra.size()) == kExtra && name.size() > kExtra.size()) {
      target.place = Target::Place::kExtra;
      target.name = name.substr(kExtra.size());
      return true;
    }
    static constexpr std::pair<std::string_view, Target::Place> kCommon[] = {
        {"queue_id", Target::Place::kQueueId}, {"time", Target::Place::kTime}, {"host", Target::Place::kHost},
        {"program", Target::Place::kProgram},  {"pid", Target::Place::kPid},
    };
    for (const auto& [common, place] : kCommon) {
      if (name != common) continue;
      target.place = place;
      return true;
    }
    const FieldSlot* slot = shape.find(name);
    if (slot == nullptr) {
      std::string list = "queue_id, time, host, program, pid";
      for (const FieldSlot& known : shape.slots()) list += ", " + std::string(known.name);
      tell(node, "`" + printable(name) + "` is no field of the kind " + std::string(model::word(shape.kind())),
           "there are: " + list + ", and extra_NAME");
      return false;
    }
    target.slot = *slot;
    const std::span<const std::string_view> words = field_words(slot->type);
    if (assignment.constant && !words.empty()) return is_word(node, *slot, *assignment.constant);
    return true;
  }

  bool is_word(const toml::node& node, const FieldSlot& slot, std::string_view word) {
    const std::span<const std::string_view> words = field_words(slot.type);
    if (!word.empty() && std::find(words.begin(), words.end(), word) != words.end()) return true;
    std::string list;
    for (const std::string_view known : words) {
      if (!known.empty()) list += (list.empty() ? "" : ", ") + std::string(known);
    }
    tell(node, "`" + printable(word) + "` is no word for " + std::string(slot.name), "there are: " + list);
    return false;
  }

  void take_words(const toml::table& table, LineRule& rule) {
    const toml::node* node = table.get("words");
    if (node == nullptr) return;
    const toml::table* fields = node->as_table();
    if (fields == nullptr) return tell(*node, "`words` must be a table, as { status = { ok = \"sent\" } }");
    for (const auto& [key, value] : *fields) {
      const std::string_view name = key.str();
      const auto assignment =
          std::find_if(rule.assignments.begin(), rule.assignments.end(), [&](const Assignment& one) {
            const bool is_extra = one.target.place == Target::Place::kExtra;
            return (is_extra ? std::string(kExtra) + one.target.name : one.target.name) == name;
          });
      if (assignment == rule.assignments.end()) {
        tell(value, "the rule sets no `" + printable(name) + "`, of which `words` speaks");
        continue;
      }
      each_text(*fields, name, [&](const std::string& said, const std::string& meant, const toml::node& at) {
        const bool has_words =
            assignment->target.place == Target::Place::kField && !field_words(assignment->target.slot.type).empty();
        if (has_words && !is_word(at, assignment->target.slot, meant)) return;
        assignment->words.emplace_back(said, meant);
      });
    }
  }

  // As JSON, as SampleCheck compares it.
  static void append_json(JsonWriter& json, const toml::node& node) {
    if (const toml::array* array = node.as_array()) {
      json.begin_array();
      for (const toml::node& item : *array) append_json(json, item);
      json.end_array();
    } else if (const auto* text = node.as_string()) {
      json.value(std::string_view(text->get()));
    } else if (const auto* flag = node.as_boolean()) {
      json.value(flag->get());
    } else if (const auto* number = node.as_integer()) {
      json.value(static_cast<std::int64_t>(number->get()));
    } else if (const auto* real = node.as_floating_point()) {
      json.value(real->get());
    } else {
      json.value("");
    }
  }

  void take_sample(const toml::table& table) {
    refuse_others(table, {"line", "expect"}, "a sample");
    Sample sample;
    sample.at = table.source().begin.line;
    const std::optional<std::string> line = text_of(table, "line");
    const toml::node* expect = table.get("expect");
    if (!line || expect == nullptr || expect->as_table() == nullptr) {
      return tell(sample.at, "a sample must have `line` and `expect`",
                  "as expect = { kind = \"delivery\", recipient = \"a@example.com\" }");
    }
    sample.line = *line;
    for (const auto& [name, value] : *expect->as_table()) {
      std::string json;
      JsonWriter writer(json);
      append_json(writer, value);
      sample.expected.emplace(name.str(), std::move(json));
    }
    samples_.push_back(std::move(sample));
  }

  // The samples, once all else is right.
  void check(const DescribedDialect& dialect) {
    std::vector<bool> taken(dialect.description().rules.size() + 1);
    for (const Sample& sample : samples_) {
      const SampleResult result = check_sample(dialect, sample);
      if (result.rule) taken[*result.rule] = true;
      if (!result.difference.empty())
        tell(sample.at, "the sample is not understood as expected: " + result.difference, "");
    }
    for (std::size_t i = 0; i < dialect.description().rules.size(); ++i) {
      if (taken[i]) continue;
      tell(dialect.description().rules[i].line, "no sample shows what the rule takes",
           "add a [[sample]] with a real line and what it must give");
    }
  }

  const std::string file_;
  Description description_;
  TimeForm time_form_ = TimeForm::kIso;
  std::vector<Sample> samples_;
  std::vector<Error> problems_;
};

}  // namespace

DialectFile read_dialect_file(std::string_view text, std::string_view file) {
  return Reader(file).read(text);
}

}  // namespace mailtrail::described

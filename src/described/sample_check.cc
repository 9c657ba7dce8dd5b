#include "described/sample_check.h"

#include <re2/re2.h>

#include <algorithm>

#include "base/json_writer.h"
#include "base/text.h"
#include "base/time.h"
#include "model/field_writer.h"
#include "record/framing.h"

namespace mailtrail::described {
namespace {

using Fields = std::map<std::string, std::string>;

std::string quoted(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

// A visitor for `fields(v)` that keeps each value that is there as its JSON.
struct FieldCollector {
  Fields& fields;

  template <class T>
  void operator()(std::string_view name, const T& field) const {
    std::string json;
    JsonWriter writer(json);
    writer.begin_object();
    model::FieldWriter{writer}(name, field);
    writer.end_object();
    const std::size_t head = name.size() + 4;  // {"name":
    if (json.size() > head) fields[std::string(name)] = json.substr(head, json.size() - head - 1);
  }
};

Fields fields_of(const model::Event& event) {
  Fields fields;
  fields["kind"] = quoted(model::word(event.kind));
  if (!event.queue_id.empty()) fields["queue_id"] = quoted(event.queue_id);
  model::visit_body(event, [&](const auto& body) { body.fields(FieldCollector{fields}); });
  for (const model::Extra& item : event.extra) fields["extra_" + std::string(item.name)] = quoted(item.value);
  return fields;
}

// Of the fields that every event has.
Fields common_fields_of(const model::Event& event) {
  Fields fields;
  if (event.has_time && !event.wall) fields["time"] = quoted(format_rfc3339(event.time, event.offset_minutes));
  if (!event.host.empty()) fields["host"] = quoted(event.host);
  if (!event.program.empty()) fields["program"] = quoted(event.program);
  if (event.pid >= 0) fields["pid"] = std::to_string(event.pid);
  return fields;
}

std::string compare(const Fields& expected, const Fields& found, const Fields& common) {
  for (const auto& [name, value] : expected) {
    const auto at = found.find(name);
    const auto other = common.find(name);
    const std::string* got = at != found.end() ? &at->second : other != common.end() ? &other->second : nullptr;
    if (got == nullptr && name == "time") {
      return "time: expected " + value + ", but the line states no time, or none with a zone (leave it out)";
    }
    if (got == nullptr) return printable(name) + ": expected " + value + ", got nothing";
    if (*got != value) return printable(name) + ": expected " + value + ", got " + *got;
  }
  for (const auto& [name, value] : found) {
    if (!expected.count(name)) return printable(name) + ": expected nothing, got " + value;
  }
  return {};
}

// Where the rule that comes furthest stops.
std::string nearest_rule(const Description& description, std::string_view text) {
  Reach best;
  std::size_t line = 0;
  bool ends = false;
  for (const LineRule& rule : description.rules) {
    if (rule.pattern == nullptr) continue;
    Reach reach = reach_of(*rule.pattern, text);
    if (line != 0 && reach.bytes <= best.bytes) continue;
    ends = reach.pattern == rule.pattern->pattern();
    best = std::move(reach);
    line = rule.line;
  }
  if (line == 0) return "no rule takes it";
  std::string said = "no rule takes it; the one in line " + std::to_string(line) + " comes furthest: ";
  if (best.bytes == 0) return said + "it does not match from the beginning of `" + printable(text) + "`";
  said += "it matches up to `" + printable(text.substr(0, best.bytes)) + "`";
  if (best.bytes == text.size()) return said + " and asks for more";
  if (ends) return said + " and ends there, before `" + printable(text.substr(best.bytes)) + "`";
  return said + ", not from `" + printable(text.substr(best.bytes)) + "` on";
}

}  // namespace

SampleResult check_sample(const DescribedDialect& dialect, const Sample& sample) {
  Arena arena;
  std::vector<model::Event> events;
  dialect::Emitter out(arena, events);
  record::Record record;
  record::Framer().frame(sample.line, arena, record);
  if (!dialect.claims(record.program)) {
    if (record.program.empty())
      return {std::nullopt, "the line has no tag (say `untagged = true` where that is meant)"};
    return {std::nullopt, "the tag of the line is `" + printable(record.program) + "`, which `programs` does not name"};
  }
  out.begin(record, dialect.name());
  SampleResult result;
  result.rule = dialect.parse_by(record, out);
  if (!result.rule) {
    result.difference = nearest_rule(dialect.description(), record.text);
    return result;
  }
  result.difference = compare(sample.expected, fields_of(events.front()), common_fields_of(events.front()));
  return result;
}

}  // namespace mailtrail::described

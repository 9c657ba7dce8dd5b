// Rows as JSON.

#include "model/event_json.h"
#include "model/field_writer.h"
#include "query/row_fields.h"

namespace mailtrail::query {
namespace {

namespace fact = model::fact;

struct JsonVisitor : model::FieldWriter {
  const std::vector<std::string>& sources;

  using FieldWriter::operator();
  void operator()(std::string_view name, Count count) const {
    json.key(name);
    json.value(count.value);
  }
  void operator()(std::string_view name, Key key) const {
    if (key.value != 0) json.field(name, key_text(key.value));
  }
  void operator()(std::string_view name, const Stamp& stamp) const {
    if (stamp.time) json.field(name, format_rfc3339(*stamp.time, stamp.offset_minutes));
  }
  void operator()(std::string_view name, const SourceOf& of) const { json.field(name, source_name(sources, of.at)); }
  void operator()(std::string_view name, TimeNotes notes) const {
    if (notes.bits == 0) return;
    json.key(name);
    json.begin_array();
    for (std::size_t bit = 0; bit < model::time_note_names().size(); ++bit) {
      if (notes.bits >> bit & 1) json.value(model::time_note_names()[bit]);
    }
    json.end_array();
  }
  void operator()(std::string_view name, const LinesOf& of) const {
    if (of.lines.empty()) return;
    json.key(name);
    json.begin_array();
    for (const model::LineRef& at : of.lines) {
      json.begin_object();
      place(at);
      json.end_object();
    }
    json.end_array();
  }
  void operator()(std::string_view name, const StepsOf& of) const {
    if (of.steps.empty()) return;
    json.key(name);
    json.begin_array();
    for (const fact::Step& step : of.steps) {
      json.begin_object();
      (*this)("time", Stamp{step.time, of.offset_minutes});
      json.field("kind", model::word(step.kind));
      json.field("text", step.text);
      json.field("child_queue_id", step.child_queue_id);
      place(step.at);
      json.end_object();
    }
    json.end_array();
  }
  void operator()(std::string_view name, const OutcomeOfEach& of) const {
    if (of.recipients.empty()) return;
    json.key(name);
    json.begin_array();
    for (const fact::Recipient& recipient : of.recipients) {
      json.begin_object();
      json.field("recipient", recipient.recipient);
      json.field("outcome", model::word(recipient.outcome));
      json.end_object();
    }
    json.end_array();
  }
  void operator()(std::string_view name, const OutcomeCounts& of) const {
    if (of.recipients.empty()) return;
    json.key(name);
    json.begin_object();
    for (int i = 0; i < model::kOutcomeCount; ++i) {
      std::int64_t count = 0;
      for (const fact::Recipient& recipient : of.recipients)
        count += recipient.outcome == static_cast<model::Outcome>(i);
      if (count == 0) continue;
      json.key(model::word(static_cast<model::Outcome>(i)));
      json.value(count);
    }
    json.end_object();
  }

 private:
  void place(const model::LineRef& at) const {
    json.field("source", source_name(sources, at));
    json.key("line");
    json.value(at.line);
  }
};

}  // namespace

std::string key_text(std::uint64_t key) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text(16, '0');
  for (std::size_t i = 16; i-- > 0; key >>= 4) text[i] = kDigits[key & 15];
  return text;
}

void append_row_json(std::string& out, const Row& row, const std::vector<std::string>& sources) {
  if (row.per == Per::kEvent) {
    model::append_event_json(out, *row.event, source_name(sources, row.event->at));
    return;
  }
  JsonWriter json(out);
  json.begin_object();
  row_fields(row, JsonVisitor{{json}, sources});
  json.end_object();
}

}  // namespace mailtrail::query

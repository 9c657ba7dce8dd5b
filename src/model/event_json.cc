#include "model/event_json.h"

#include "model/field_writer.h"

namespace mailtrail::model {
namespace {

constexpr std::string_view kTimeNotes[] = {"year_inferred", "zone_assumed", "dst_ambiguous", "received"};

void append_time_notes(JsonWriter& json, std::uint8_t notes) {
  if (notes == 0) return;
  json.key("time_note");
  json.begin_array();
  for (int bit = 0; bit < 4; ++bit) {
    if (notes & (1 << bit)) json.value(kTimeNotes[bit]);
  }
  json.end_array();
}

}  // namespace

std::span<const std::string_view> time_note_names() {
  return kTimeNotes;
}

void append_event_body(JsonWriter& json, const Event& event) {
  visit_body(event, [&](const auto& body) { body.fields(FieldWriter{json}); });
  if (event.extra.empty() && event.repeat == 1) return;
  json.key("extra");
  json.begin_object();
  if (event.repeat != 1) {
    json.key("repeated");
    json.value(static_cast<std::int64_t>(event.repeat));
  }
  for (const Extra& item : event.extra) {
    json.text_key(item.name);
    json.value(item.value);
  }
  json.end_object();
}

void append_event_json(std::string& out, const Event& event, std::string_view source) {
  JsonWriter json(out);
  json.begin_object();
  if (event.has_time) {
    json.key("time");
    json.value(std::string_view(format_rfc3339(event.time, event.offset_minutes)));
    append_time_notes(json, event.time_notes);
  }
  json.field("host", event.host);
  json.field("program", event.program);
  json.field("instance", event.instance);
  json.field("dialect", event.dialect);
  if (event.pid >= 0) {
    json.key("pid");
    json.value(static_cast<std::int64_t>(event.pid));
  }
  json.field("source", source);
  json.key("line");
  json.value(event.at.line);
  json.field("kind", word(event.kind));
  json.field("queue_id", event.queue_id);
  append_event_body(json, event);
  json.end_object();
}

}  // namespace mailtrail::model

// Events as JSON (EVENTS.md, 1).
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/json_writer.h"
#include "model/event.h"

namespace mailtrail::model {

// Appends `event` as one JSON object, without a line end. `source` is the name of event.at.source. The event MUST be
// settled
// (`wall` false) or have no time. Fields stand in the order of EVENTS.md.
void append_event_json(std::string& out, const Event& event, std::string_view source);

// The names of the bits of `time_note`, the lowest first.
std::span<const std::string_view> time_note_names();

// The fields of the kind alone, and `extra`, into an object that is open.
void append_event_body(JsonWriter& json, const Event& event);

}  // namespace mailtrail::model

// FieldWriter: the fields of an event's struct as members of a JSON object.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

#include "base/json_writer.h"
#include "model/event.h"
#include "model/vocabulary.h"

namespace mailtrail::model {

// A visitor for `fields(v)`. What is absent is not written; `json` MUST be inside an object.
struct FieldWriter {
  JsonWriter& json;

  void operator()(std::string_view name, Text text) const { json.field(name, text); }
  void operator()(std::string_view name, Texts texts) const { json.field(name, texts); }
  void operator()(std::string_view name, bool flag) const {
    if (!flag) return;
    json.key(name);
    json.value(true);
  }
  template <class T>
  void operator()(std::string_view name, const std::optional<T>& number) const {
    if (!number) return;
    json.key(name);
    if constexpr (std::is_floating_point_v<T>) {
      json.value(*number);
    } else {
      json.value(static_cast<std::int64_t>(*number));
    }
  }
  template <class Enum>
  requires std::is_enum_v<Enum>
  void operator()(std::string_view name, Enum value) const { json.field(name, word(value)); }
  void operator()(std::string_view name, std::span<const CommandCount> commands) const {
    if (commands.empty()) return;
    json.key(name);
    json.begin_object();
    for (const CommandCount& command : commands) {
      json.text_key(command.name);
      if (command.accepted == command.total) {
        json.value(static_cast<std::int64_t>(command.total));
      } else {
        json.value(std::string_view(std::to_string(command.accepted) + "/" + std::to_string(command.total)));
      }
    }
    json.end_object();
  }
};

}  // namespace mailtrail::model

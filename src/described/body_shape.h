// BodyShape: the fields of a kind of event by name, for what is described at run time.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "dialect/dialect.h"
#include "model/event.h"

namespace mailtrail::described {

enum class ValueType : std::uint8_t {
  kText,
  kTexts,
  kInt32,
  kInt64,
  kUint16,
  kNumber,
  kFlag,
  kStatus,
  kStage,
  kAction,
  kSeverity,
  kTopic,
  kLoginResult,
  kDirection,
};

// Where a field stands in the struct of its kind.
struct FieldSlot {
  std::string_view name;
  std::size_t offset = 0;
  ValueType type = ValueType::kText;
};

// The fields of one kind. Lives for ever; thread-safe.
class BodyShape {
 public:
  // Null for `unparsed` and `gap`, which no program states.
  static const BodyShape* of(model::Kind kind);

  model::Kind kind() const { return kind_; }
  const std::vector<FieldSlot>& slots() const { return slots_; }
  // Null: the kind has no such field.
  const FieldSlot* find(std::string_view name) const;
  // Appends an event of the kind and gives its struct, for `set_field`.
  void* emit(dialect::Emitter& out, std::string_view queue_id) const { return emit_(out, queue_id); }

 private:
  template <class Body>
  static BodyShape make();

  model::Kind kind_ = model::Kind::kUnparsed;
  std::vector<FieldSlot> slots_;
  void* (*emit_)(dialect::Emitter&, std::string_view) = nullptr;
};

// Sets a field of `body`, made by `emit` of the shape that `slot` is from. `value` MUST live as long as the event; a
// list is split at commas, blanks around its items left out. False, and nothing set: `value` is no value of the
// field's type (a number that is none or too large, a word that is not of the list).
bool set_field(void* body, const FieldSlot& slot, std::string_view value, Arena& arena);

// The words that a field takes; empty where it takes any text or a number.
std::span<const std::string_view> field_words(ValueType type);

}  // namespace mailtrail::described

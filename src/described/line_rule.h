// LineRule: one shape of line, and the event that it is.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "described/body_shape.h"
#include "described/line_reading.h"

namespace re2 {
class RE2;
}

namespace mailtrail::described {

// How a value that is to be the time is written.
enum class TimeForm : std::uint8_t { kIso, kSeconds, kMilliseconds, kMicroseconds };

// Where a value goes.
struct Target {
  enum class Place : std::uint8_t { kField, kQueueId, kTime, kHost, kProgram, kPid, kExtra };
  Place place = Place::kField;
  FieldSlot slot;    // kField
  std::string name;  // as the file has it; of kExtra the name in `extra`
};

struct Assignment {
  Target target;
  int group = 0;                        // of the pattern
  ValuePath path;                       // of JSON and CSV
  std::optional<std::string> constant;  // else
  // What the line says, and what it means; `*` is all else.
  std::vector<std::pair<std::string, std::string>> words;
};

// One rule. Read-only once it is filled in, and then thread-safe. The texts of `assignments` MUST outlive the events.
struct LineRule {
  LineRule();
  ~LineRule();
  LineRule(LineRule&&) noexcept;
  LineRule& operator=(LineRule&&) noexcept;

  const BodyShape* shape = nullptr;
  std::unique_ptr<re2::RE2> pattern;                          // Form::kText
  std::vector<std::pair<ValuePath, std::string>> conditions;  // else: the values that the line must have
  std::vector<Assignment> assignments;
  TimeForm time_form = TimeForm::kIso;
  std::size_t line = 0;  // where it stands in its file, from 1

  // Appends the event of the text and true, or says false where the text is not of the shape. The pattern MUST match
  // the text from its first byte to its last. A value that is none of its field's stands in `extra` under its name.
  bool apply_to_text(std::string_view text, dialect::Emitter& out) const;
  bool apply_to_values(const LineReading& reading, dialect::Emitter& out) const;

 private:
  template <class ValueOf>
  void emit(dialect::Emitter& out, const ValueOf& value_of) const;
};

// The groups that a pattern may have.
inline constexpr int kMostGroups = 63;

// How the patterns of rules are understood: bytes, not characters, so that any text can be matched.
std::unique_ptr<re2::RE2> compile_pattern(std::string_view pattern);
// What is wrong with it; empty: nothing.
std::string pattern_error(const re2::RE2& pattern);

// How far `text` matches the pattern from its beginning: the longest part of the pattern that can be cut off at its
// end and still matches, and the bytes that it takes. Of patterns of more than 1,000 bytes it says nothing.
struct Reach {
  std::string pattern;
  std::size_t bytes = 0;
};
Reach reach_of(const re2::RE2& pattern, std::string_view text);

}  // namespace mailtrail::described

#include "described/line_rule.h"

#include <re2/re2.h>

#include <array>

#include "base/text.h"
#include "record/stamp.h"

namespace mailtrail::described {
namespace {

re2::StringPiece piece(std::string_view text) {
  return {text.data(), text.size()};
}

std::string_view meaning(const Assignment& assignment, std::string_view value) {
  std::optional<std::string_view> rest;
  for (const auto& [said, meant] : assignment.words) {
    if (said == value) return meant;
    if (said == "*") rest = meant;
  }
  return rest.value_or(value);
}

bool set_time(model::Event& event, std::string_view value, TimeForm form) {
  if (form == TimeForm::kIso) {
    record::Record stamp;
    if (!record::StampReader().take_iso(value, stamp) || !value.empty()) return false;
    event.time = stamp.time;
    event.offset_minutes = stamp.offset_minutes;
    event.time_notes = stamp.notes;
    event.has_time = true;
    event.wall = stamp.wall;
    event.yearless = stamp.yearless;
    return true;
  }
  // Seconds may have a fraction; none of a time of this century is beyond what a double holds to the microsecond.
  constexpr double kLatest = 4e9;
  const double unit = form == TimeForm::kSeconds ? 1 : form == TimeForm::kMilliseconds ? 1e3 : 1e6;
  const std::optional<double> number = to_number<double>(value);
  if (!number || !(*number >= 0) || *number / unit > kLatest) return false;
  event.time = static_cast<Micros>(*number / unit * 1e6 + 0.5);
  event.offset_minutes = 0;
  event.time_notes = 0;
  event.has_time = true;
  event.wall = event.yearless = false;
  return true;
}

bool set(model::Event& event, void* body, const Assignment& assignment, std::string_view value, TimeForm form,
         Arena& arena) {
  switch (assignment.target.place) {
    case Target::Place::kField:
      return set_field(body, assignment.target.slot, value, arena);
    case Target::Place::kQueueId:
      event.queue_id = value;
      return true;
    case Target::Place::kTime:
      return set_time(event, value, form);
    case Target::Place::kHost:
      event.host = value;
      return true;
    case Target::Place::kProgram:
      event.program = value;
      return true;
    case Target::Place::kPid: {
      const std::optional<std::int32_t> pid = to_number<std::int32_t>(value);
      if (!pid || *pid < 0) return false;
      event.pid = *pid;
      return true;
    }
    case Target::Place::kExtra:
      return false;
  }
  return false;
}

}  // namespace

LineRule::LineRule() = default;
LineRule::~LineRule() = default;
LineRule::LineRule(LineRule&&) noexcept = default;
LineRule& LineRule::operator=(LineRule&&) noexcept = default;

template <class ValueOf>
void LineRule::emit(dialect::Emitter& out, const ValueOf& value_of) const {
  void* body = shape->emit(out, {});
  model::Event& event = out.last();
  std::vector<model::Extra> extra;
  for (const Assignment& assignment : assignments) {
    const std::optional<std::string_view> said =
        assignment.constant ? std::optional<std::string_view>(*assignment.constant) : value_of(assignment);
    if (!said) continue;
    const std::string_view value = meaning(assignment, *said);
    if (value.empty()) continue;
    if (!set(event, body, assignment, value, time_form, out.arena())) extra.push_back({assignment.target.name, value});
  }
  event.extra = out.arena().store(extra);
}

bool LineRule::apply_to_text(std::string_view text, dialect::Emitter& out) const {
  std::array<re2::StringPiece, kMostGroups + 1> groups;
  const int count = pattern->NumberOfCapturingGroups() + 1;
  if (!pattern->Match(piece(text), 0, text.size(), re2::RE2::ANCHOR_BOTH, groups.data(), count)) return false;
  emit(out, [&](const Assignment& assignment) -> std::optional<std::string_view> {
    const re2::StringPiece& group = groups[static_cast<std::size_t>(assignment.group)];
    if (group.data() == nullptr) return std::nullopt;
    return std::string_view(group.data(), group.size());
  });
  return true;
}

bool LineRule::apply_to_values(const LineReading& reading, dialect::Emitter& out) const {
  for (const auto& [path, wanted] : conditions) {
    const std::optional<std::string_view> value = reading.value(path, out.arena());
    if (!value || *value != wanted) return false;
  }
  emit(out, [&](const Assignment& assignment) { return reading.value(assignment.path, out.arena()); });
  return true;
}

std::unique_ptr<re2::RE2> compile_pattern(std::string_view pattern) {
  re2::RE2::Options options(re2::RE2::Latin1);
  options.set_log_errors(false);
  return std::make_unique<re2::RE2>(piece(pattern), options);
}

std::string pattern_error(const re2::RE2& pattern) {
  return pattern.ok() ? std::string() : pattern.error();
}

Reach reach_of(const re2::RE2& pattern, std::string_view text) {
  // Each cut is compiled anew.
  constexpr std::size_t kLongestPattern = 1000;
  const std::string& whole = pattern.pattern();
  if (whole.size() > kLongestPattern) return {};
  for (std::size_t size = whole.size(); size > 0; --size) {
    // Groups that are open at the cut are closed: what stands in them so far counts.
    std::string part = whole.substr(0, size);
    for (int closed = 0; closed <= 4; ++closed, part += ')') {
      const std::unique_ptr<re2::RE2> compiled = compile_pattern(part);
      if (!compiled->ok()) continue;
      re2::StringPiece match;
      if (!compiled->Match(piece(text), 0, text.size(), re2::RE2::ANCHOR_START, &match, 1)) break;
      return {whole.substr(0, size), match.size()};
    }
  }
  return {};
}

}  // namespace mailtrail::described

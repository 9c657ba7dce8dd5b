// `mailtrail events`.
#include <bitset>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/event_line.h"
#include "cli/exit_status.h"
#include "cli/log_reading.h"
#include "model/event_json.h"

namespace mailtrail::cli {
namespace {

using Kinds = std::bitset<model::kKindCount>;

// The kinds of --kind, which the parser has checked; all where it is not given.
Kinds kinds_of(const Arguments& arguments) {
  Kinds kinds;
  std::string_view list = arguments.value("kind").value_or("");
  if (list.empty()) return kinds.set();
  while (!list.empty()) {
    const auto kind = model::from_word<model::Kind>(take_until(list, ','));
    if (kind) kinds.set(static_cast<std::size_t>(*kind));
  }
  return kinds;
}

}  // namespace

int events(const Arguments& arguments, const Streams& streams) {
  LogReading reading(arguments, streams);
  if (!reading.open()) return reading.status(kDone);
  const Kinds kinds = kinds_of(arguments);
  const bool json = arguments.has("json");
  const bool colour = wants_colour(arguments, streams);
  const std::optional<Micros> since = reading.since(), until = reading.until();
  const auto is_wanted = [&](const model::Event& event) {
    if (!kinds.test(static_cast<std::size_t>(event.kind))) return false;
    if (!since && !until) return true;
    return event.has_time && (!since || event.time >= *since) && (!until || event.time < *until);
  };

  std::uint64_t count = 0;
  std::string line;
  reading.road().read_events([&](const model::Event& event) {
    if (!is_wanted(event)) return;
    if (++count == 1 && streams.out_is_terminal) reading.progress().stop();
    line.clear();
    if (json) {
      model::append_event_json(line, event, reading.road().sources()[event.at.source]);
      line += '\n';
    } else {
      append_event_line(line, event, colour);
    }
    streams.out.write(line);
  });
  streams.out.flush();
  reading.tell_problems();
  if (count == 0) say(streams, "events: none found");
  return reading.status(count == 0 ? kNothingFound : kDone);
}

}  // namespace mailtrail::cli

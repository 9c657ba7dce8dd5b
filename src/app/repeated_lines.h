// RepeatedLines: `last message repeated N times`, which does not say of what.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "model/event.h"

namespace mailtrail::app {

// syslogd(8) writes the line behind the one that it speaks of, in the same file. A dialect sees one record at a time,
// so that this is done where the settled events of a stream of sources pass in order: the notice becomes the event of
// the line right before it, of the same host, `repeat` N, at its own time and place. It stays a notice where the line
// before is not right before it, says several things, or is of a kind that must not be counted again: only refusals
// before the queue, logins, notices and policies without a queue id are. Not thread-safe.
class RepeatedLines {
 public:
  // MUST be given the events of each batch once, in order, when those of the batch before are no more in use. What the
  // events point to afterwards lives until the next call but one.
  void apply(std::vector<model::Event>& events);

  // The line that the next batch may speak of, as bytes of a saved state; empty where there is none. `restore` makes an
  // object go on as the one that was saved would; bytes of another version are a line that is not known.
  std::string save() const;
  void restore(std::string_view bytes);

 private:
  void remember(const std::vector<model::Event>& events);

  // The last line of the batch before, where it can be repeated. The arenas take turns: the one that the events of a
  // batch point into lasts while they do.
  std::optional<model::Event> last_;
  std::array<Arena, 2> arenas_;
  std::size_t turn_ = 0;
};

}  // namespace mailtrail::app

#include "app/repeated_lines.h"

#include "base/text.h"

namespace mailtrail::app {
namespace {

using model::Event;
using model::Kind;
namespace event = model::event;

// N of `last message repeated N times`; 0 for every other event.
std::uint32_t repeat_count(const Event& event) {
  if (event.kind != Kind::kNotice || !event.program.empty()) return 0;
  std::string_view text = event.as<event::Notice>().text;
  if (!consume(text, "last message repeated ")) return 0;
  return to_number<std::uint32_t>(take_until(text, ' ')).value_or(0);
}

bool can_repeat(const Event& event) {
  if (!event.queue_id.empty()) return false;
  switch (event.kind) {
    case Kind::kReject: {
      // Other actions are of a message that was taken.
      const model::Action action = event.as<event::Reject>().action;
      return action == model::Action::kReject || action == model::Action::kDefer;
    }
    case Kind::kLogin:
    case Kind::kPolicy:
      return true;
    case Kind::kNotice:
      return repeat_count(event) == 0;
    default:
      return false;
  }
}

// The line of `event` begins right behind that of `before`: a line end, of one byte or two, stands between.
bool follows(const Event& event, const Event& before) {
  const std::uint64_t end = before.at.position + before.at.length;
  return event.at.source == before.at.source && event.host == before.host && event.at.position > end &&
         event.at.position <= end + 2;
}

bool same_line(const Event& a, const Event& b) {
  return a.at.source == b.at.source && a.at.position == b.at.position;
}

// `notice` becomes what `before` is, `count` times.
void repeat(Event& notice, const Event& before, std::uint32_t count) {
  notice.kind = before.kind;
  notice.body = before.body;
  notice.extra = before.extra;
  notice.program = before.program;
  notice.instance = before.instance;
  notice.dialect = before.dialect;
  notice.pid = before.pid;
  notice.id_hash = before.id_hash;
  notice.writer_hash = before.writer_hash;
  notice.repeat = count;
}

struct TextKeeper {
  Arena& arena;
  // The fields are members of a copy.
  void operator()(std::string_view, const model::Text& text) const {
    const_cast<model::Text&>(text) = arena.store(text);
  }
  template <class T>
  void operator()(std::string_view, const T&) const {}
};

template <class Body>
const void* kept_body(const Event& event, Arena& arena) {
  const Body& copy = arena.make<Body>(event.as<Body>());
  copy.fields(TextKeeper{arena});
  return &copy;
}

// Of a kind that can be repeated.
Event kept(Event event, Arena& arena) {
  switch (event.kind) {
    case Kind::kReject:
      event.body = kept_body<event::Reject>(event, arena);
      break;
    case Kind::kLogin:
      event.body = kept_body<event::Login>(event, arena);
      break;
    case Kind::kPolicy:
      event.body = kept_body<event::Policy>(event, arena);
      break;
    default:
      event.body = kept_body<event::Notice>(event, arena);
  }
  for (model::Text* text : {&event.host, &event.program, &event.instance, &event.dialect}) *text = arena.store(*text);
  std::vector<model::Extra> extras;
  for (const model::Extra& extra : event.extra) extras.push_back({arena.store(extra.name), arena.store(extra.value)});
  event.extra = arena.store(extras);
  return event;
}

}  // namespace

void RepeatedLines::apply(std::vector<Event>& events) {
  for (std::size_t i = 0; i < events.size(); ++i) {
    const std::uint32_t count = repeat_count(events[i]);
    if (count == 0) continue;
    const Event* before = i > 0 ? &events[i - 1] : last_ ? &*last_ : nullptr;
    if (before == nullptr || (i > 1 && same_line(events[i - 2], *before))) continue;
    if (can_repeat(*before) && follows(events[i], *before)) repeat(events[i], *before, count);
  }
  if (!events.empty()) remember(events);
}

void RepeatedLines::remember(const std::vector<Event>& events) {
  const Event& last = events.back();
  const bool alone = events.size() == 1 || !same_line(events[events.size() - 2], last);
  if (!alone || !can_repeat(last)) {
    last_.reset();
    return;
  }
  turn_ ^= 1;
  arenas_[turn_].clear();
  last_ = kept(last, arenas_[turn_]);
}

}  // namespace mailtrail::app

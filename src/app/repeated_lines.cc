#include "app/repeated_lines.h"

#include <type_traits>
#include <utility>

#include "base/byte_stream.h"
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

// How a line is saved, but for the fields of its body. Those are told apart by `shape_of`.
constexpr std::uint64_t kSavedVersion = 1;

// The names of a body's fields: another version may have others, or in another order.
struct ShapeReader {
  std::string& names;
  template <class T>
  void operator()(std::string_view name, const T&) const {
    names.append(name) += ' ';
  }
};

template <class T>
concept IsOptional = requires(const T& value) {
  value.has_value();
};

struct FieldSaver {
  ByteWriter& out;
  void operator()(std::string_view, const model::Text& text) const { out.text(text); }
  template <class T>
  void operator()(std::string_view, const T& value) const {
    put(value);
  }

 private:
  template <class T>
  void put(const T& value) const {
    if constexpr (IsOptional<T>) {
      out.flag(value.has_value());
      if (value) put(*value);
    } else if constexpr (std::is_floating_point_v<T>) {
      out.real(value);
    } else {
      out.signed_number(static_cast<std::int64_t>(value));
    }
  }
};

struct FieldRestorer {
  ByteReader& in;
  Arena& arena;
  // The fields are members of a body that was just made.
  void operator()(std::string_view, const model::Text& text) const {
    const_cast<model::Text&>(text) = arena.store(in.text());
  }
  template <class T>
  void operator()(std::string_view, const T& value) const {
    get(const_cast<T&>(value));
  }

 private:
  template <class T>
  void get(T& value) const {
    if constexpr (IsOptional<T>) {
      value.reset();
      if (in.flag()) get(value.emplace());
    } else if constexpr (std::is_floating_point_v<T>) {
      value = in.real();
    } else {
      value = static_cast<T>(in.signed_number());
    }
  }
};

// Calls `f` with the body type of an event that can be repeated. False: its kind is none of those.
template <class F>
bool with_body_type(Kind kind, F&& f) {
  switch (kind) {
    case Kind::kReject:
      f.template operator()<event::Reject>();
      return true;
    case Kind::kLogin:
      f.template operator()<event::Login>();
      return true;
    case Kind::kPolicy:
      f.template operator()<event::Policy>();
      return true;
    case Kind::kNotice:
      f.template operator()<event::Notice>();
      return true;
    default:
      return false;
  }
}

template <class Body>
std::string shape_of() {
  std::string names;
  Body().fields(ShapeReader{names});
  return names;
}

// The event and its texts, which `arena` takes; nothing where the bytes are damaged or of another version.
std::optional<Event> read_event(std::string_view bytes, Arena& arena) {
  ByteReader in(bytes);
  if (in.number() != kSavedVersion) return std::nullopt;
  Event event;
  event.kind = static_cast<Kind>(in.number());
  event.at.source = static_cast<std::uint32_t>(in.number());
  event.at.position = in.number();
  event.at.length = static_cast<std::uint32_t>(in.number());
  event.pid = static_cast<std::int32_t>(in.signed_number());
  event.id_hash = in.number();
  event.writer_hash = in.number();
  for (model::Text* text : {&event.host, &event.program, &event.instance, &event.dialect}) {
    *text = arena.store(in.text());
  }
  std::vector<model::Extra> extras;
  for (std::uint64_t count = in.number(); count != 0 && in.ok(); --count) {
    const std::string_view name = arena.store(in.text());
    extras.push_back({name, arena.store(in.text())});
  }
  event.extra = arena.store(extras);
  const std::string_view shape = in.text();
  bool is_same = false;
  const bool known = with_body_type(event.kind, [&]<class Body>() {
    is_same = shape == shape_of<Body>();
    if (!is_same) return;
    const Body& body = arena.make<Body>();
    body.fields(FieldRestorer{in, arena});
    event.body = &body;
  });
  if (!known || !is_same || !in.finished()) return std::nullopt;
  return event;
}

}  // namespace

std::string RepeatedLines::save() const {
  std::string bytes;
  if (!last_) return bytes;
  ByteWriter out(bytes);
  out.number(kSavedVersion);
  out.number(static_cast<std::uint64_t>(last_->kind));
  out.number(last_->at.source);
  out.number(last_->at.position);
  out.number(last_->at.length);
  out.signed_number(last_->pid);
  out.number(last_->id_hash);
  out.number(last_->writer_hash);
  for (const model::Text text : {last_->host, last_->program, last_->instance, last_->dialect}) out.text(text);
  out.number(last_->extra.size());
  for (const model::Extra& extra : last_->extra) out.text(extra.name), out.text(extra.value);
  with_body_type(last_->kind, [&]<class Body>() {
    out.text(shape_of<Body>());
    last_->as<Body>().fields(FieldSaver{out});
  });
  return bytes;
}

void RepeatedLines::restore(std::string_view bytes) {
  turn_ ^= 1;
  arenas_[turn_].clear();
  last_ = read_event(bytes, arenas_[turn_]);
}

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

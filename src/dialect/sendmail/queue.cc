// What becomes of a message in the queue beside its deliveries.
#include "dialect/extra_list.h"
#include "dialect/sendmail/parts.h"
#include "dialect/sendmail/scan.h"

namespace mailtrail::dialect::sendmail {
namespace {

using model::Text;
namespace event = model::event;

constexpr std::size_t kNone = Text::npos;

// `NEWID: sender notify: Cannot send message for 5 days` and its like: a notification was made, which has an id of its
// own. `words` stand behind that id.
bool parse_notification(Line& line, Text child, Text words) {
  constexpr Text kKinds[] = {"DSN: ", "return to sender: ", "sender notify: ", "postmaster notify: "};
  for (const Text kind : kKinds) {
    Text message = words;
    if (!consume(message, kind)) continue;
    // Queued for longer than confTO_QUEUERETURN: what is still deferred comes back.
    const bool expired = message.starts_with("Cannot send message ");
    if (expired) {
      auto& expire = line.out.emit<event::Expire>(line.queue_id);
      expire.reason = message;
    }
    auto& notify = line.out.emit<event::Notify>(line.queue_id);
    notify.notify = "failure";
    if (message.starts_with("Warning: ")) notify.notify = "delay";
    if (message.starts_with("Return receipt")) notify.notify = "success";
    notify.child_queue_id = child;
    ExtraList extra;
    if (kind.starts_with("postmaster")) extra.add("notified", "postmaster");
    extra.add("reason", message);
    extra.attach(line.out);
    return true;
  }
  return false;
}

// `NEWID: clone: owner=<owner-list@x.example>`: some recipients go on under an id of their own.
bool parse_clone(Line& line, Text child, Text words) {
  if (!consume(words, "clone: owner=")) return false;
  auto& receive = line.out.emit<event::Receive>(child);
  receive.sender = bare_sender(words);
  receive.parent_queue_id = line.queue_id;
  return true;
}

// `split: maxrcpts=100, rcpts=250, count=2, ids=A, B`: the same without another sender.
bool parse_split(Line& line, Text text) {
  const std::size_t ids = text.find("id");
  if (ids == kNone) return false;
  text.remove_prefix(ids);
  if (!consume(text, "ids=") && !consume(text, "id=")) return false;
  bool any = false;
  while (!text.empty()) {
    const Text id = trim(take_until(text, ','));
    if (!is_queue_id(id)) break;
    line.out.emit<event::Receive>(id).parent_queue_id = line.queue_id;
    any = true;
  }
  return any;
}

// `done; delay=00:00:01, ntries=1` (LogLevel 11 and above).
bool parse_done(Line& line, Text text) {
  line.out.emit<event::Remove>(line.queue_id);
  ExtraList extra;
  while (!text.empty()) {
    Text value = trim(take_until(text, ','));
    const Text name = take_until(value, '=');
    extra.add(name, value);
  }
  extra.attach(line.out);
  return true;
}

}  // namespace

bool parse_queue_line(Line& line) {
  Text text = line.text;
  if (line.queue_id.empty()) return false;
  if (const std::size_t length = queue_id_length(text); length != 0) {
    const Text child = text.substr(0, length);
    text.remove_prefix(length);
    return consume(text, ": ") && (parse_notification(line, child, text) || parse_clone(line, child, text));
  }
  if (consume(text, "quarantine=")) {
    line.out.emit<event::Hold>(line.queue_id).reason = text;
    return true;
  }
  if (text == "unquarantine") {
    line.out.emit<event::Release>(line.queue_id);
    return true;
  }
  if (consume(text, "split: ")) return parse_split(line, text);
  return consume(text, "done; ") && parse_done(line, text);
}

}  // namespace mailtrail::dialect::sendmail

// Lines of one message on its way through the queue: client=, message-id=, uid=, from=, removed, notifications, and
// what postsuper(1) did.
#include <array>

#include "dialect/postfix/parts.h"
#include "dialect/postfix/scan.h"

namespace mailtrail::dialect::postfix {
namespace {

using model::Text;
namespace event = model::event;

void set_extra(Emitter& out, Text name, Text value) {
  auto& item = out.arena().make<model::Extra>(name, value);
  out.last().extra = {&item, 1};
}

// `from=<..>, size=1234, nrcpt=1 (queue active)`, or `from=<..>, status=expired, returned to sender`.
bool parse_from(Line& line) {
  Text text = line.text.substr(6);
  Text address;
  std::optional<std::int64_t> size;
  std::optional<std::int32_t> nrcpt;
  Text queue, status;
  // Before 3.5 the address is logged unquoted and may hold `>, size=`: its end is where the rest is whole.
  const auto ends = [&](Text rest) {
    if (consume(rest, ", size=")) {
      size = to_number<std::int64_t>(take_until(rest, ','));
      if (!size || !consume(rest, " nrcpt=")) return false;
      nrcpt = to_number<std::int32_t>(take_until(rest, ' '));
      if (!nrcpt || !consume(rest, "(queue ") || !rest.ends_with(')')) return false;
      queue = rest.substr(0, rest.size() - 1);
      return queue.find_first_of(" ()") == Text::npos;
    }
    if (!consume(rest, ", status=")) return false;
    status = rest;
    return status == "expired, returned to sender" || status == "force-expired, returned to sender";
  };
  if (!take_address(text, address, ends)) return false;
  if (!status.empty()) {
    auto& expire = line.out.emit<event::Expire>(line.queue_id);
    expire.sender = sender_of(address);
    expire.reason = status.starts_with("force-") ? status : status.substr(9);
    return true;
  }
  auto& body = line.out.emit<event::Queue>(line.queue_id);
  body.sender = sender_of(address);
  body.size = size;
  body.nrcpt = nrcpt;
  body.queue = queue;
  return true;
}

// `client=name[address]:port, sasl_method=.., sasl_username=.., sasl_sender=.., orig_queue_id=.., orig_client=..`. The
// values are those of the client; each ends where the next name of this order begins.
bool parse_client(Line& line) {
  static constexpr std::array<Text, 5> kNames = {
      ", sasl_method=", ", sasl_username=", ", sasl_sender=", ", orig_queue_id=", ", orig_client="};
  Text text = line.text.substr(7);
  Peer peer;
  if (!take_peer(text, peer)) return false;
  std::array<Text, kNames.size()> values{};
  for (std::size_t i = 0; i < kNames.size() && !text.empty(); ++i) {
    if (!consume(text, kNames[i])) continue;
    std::size_t end = Text::npos;
    for (std::size_t next = i + 1; next < kNames.size() && end == Text::npos; ++next) end = text.find(kNames[next]);
    values[i] = text.substr(0, end);
    text.remove_prefix(values[i].size());
  }
  if (!text.empty()) return false;
  auto& receive = line.out.emit<event::Receive>(line.queue_id);
  receive.client_name = peer.name;
  receive.client_ip = peer.address;
  receive.client_port = peer.port;
  receive.sasl_method = values[0];
  receive.sasl_user = values[1];
  receive.parent_queue_id = values[3] == "NOQUEUE" ? Text{} : values[3];
  if (values[2].empty() && values[4].empty()) return true;
  auto* extra = static_cast<model::Extra*>(line.out.arena().allocate(2 * sizeof(model::Extra), alignof(model::Extra)));
  std::size_t count = 0;
  if (!values[2].empty()) new (extra + count++) model::Extra{"sasl_sender", values[2]};
  if (!values[4].empty()) new (extra + count++) model::Extra{"orig_client", values[4]};
  line.out.last().extra = {extra, count};
  return true;
}

// `uid=1000 from=<..>`, and ` orig_id=..` after a requeue.
bool parse_pickup(Line& line) {
  Text text = line.text.substr(4);
  const Text uid = take_until(text, ' ');
  if (!to_number<std::int64_t>(uid) || !consume(text, "from=<")) return false;
  Text address, original;
  const auto ends = [&](Text rest) {
    if (rest.empty()) return true;
    if (!consume(rest, " orig_id=") || !is_queue_id(rest)) return false;
    original = rest;
    return true;
  };
  if (!take_address(text, address, ends)) return false;
  auto& receive = line.out.emit<event::Receive>(line.queue_id);
  receive.sender = sender_of(address);
  receive.protocol = "local";
  receive.user = uid;
  receive.parent_queue_id = original;
  return true;
}

// `sender non-delivery notification: ID` and its like. The service `trace` makes the delivery status notifications:
// those of success (RFC 3461, NOTIFY=SUCCESS) and the reports of `sendmail -bv`.
bool parse_notification(Line& line) {
  struct Shape {
    Text words, notify;
    bool postmaster;
  };
  static constexpr Shape kShapes[] = {{"sender non-delivery notification: ", "failure", false},
                                      {"sender delay notification: ", "delay", false},
                                      {"sender delivery status notification: ", "success", false},
                                      {"postmaster non-delivery notification: ", "failure", true},
                                      {"postmaster delay notification: ", "delay", true}};
  for (const Shape& shape : kShapes) {
    Text id = line.text;
    if (!consume(id, shape.words)) continue;
    if (!is_queue_id(id)) return false;
    auto& notify = line.out.emit<event::Notify>(line.queue_id);
    notify.notify = shape.notify;
    notify.child_queue_id = id;
    if (shape.postmaster) set_extra(line.out, "notified", "postmaster");
    return true;
  }
  return false;
}

bool parse_message_id(Line& line) {
  Text text = line.text;
  const bool resent = consume(text, "resent-");
  if (!consume(text, "message-id=")) return false;
  auto& header = line.out.emit<event::Header>(line.queue_id);
  if (text == "<>") text = {};
  (resent ? header.resent_message_id : header.message_id) = text;
  return true;
}

bool parse_postsuper(Line& line) {
  const Text text = line.text;
  if (text == "removed") return line.out.emit<event::Delete>(line.queue_id), true;
  if (text == "placed on hold") return line.out.emit<event::Hold>(line.queue_id), true;
  if (text == "released from hold") return line.out.emit<event::Release>(line.queue_id), true;
  if (text == "requeued") return line.out.emit<event::Requeue>(line.queue_id), true;
  return false;
}

bool parse_qmgr(Line& line) {
  if (line.text.starts_with("from=<")) return parse_from(line);
  if (line.text == "removed") return line.out.emit<event::Remove>(line.queue_id), true;
  return false;
}

// The tag does not say which daemon: each of the shapes above belongs to one of them alone, but `removed`, which says
// that the message left the queue either way.
bool parse_any(Line& line) {
  const Text text = line.text;
  if (text.starts_with("client=")) return parse_client(line);
  if (text.starts_with("uid=")) return parse_pickup(line);
  return parse_qmgr(line) || parse_message_id(line) || parse_notification(line) || parse_postsuper(line);
}

}  // namespace

bool parse_queue_line(Line& line) {
  switch (line.tag.daemon) {
    case Daemon::kQmgr:
      return parse_qmgr(line);
    case Daemon::kCleanup:
      return parse_message_id(line);
    case Daemon::kSmtpd:
    case Daemon::kQmqpd:
      return line.text.starts_with("client=") && parse_client(line);
    case Daemon::kPickup:
      return line.text.starts_with("uid=") && parse_pickup(line);
    case Daemon::kBounce:
      return parse_notification(line);
    case Daemon::kPostsuper:
      return parse_postsuper(line);
    case Daemon::kAny:
      return parse_any(line);
    default:
      return false;
  }
}

}  // namespace mailtrail::dialect::postfix

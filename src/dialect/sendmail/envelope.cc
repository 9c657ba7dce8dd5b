// `from=`: a message was taken, or a transaction ended without one. logsender of Sendmail writes, in this order:
// from, size, class, nrcpts, then where there are any msgid, bodytype, proto, daemon, auth, and last relay.
//
// The sender's address and the message id are the client's own words, and may hold any of the other fields. So the
// first four are read from the left, over the whole of the address, and the rest from the right, where every value is a
// short word or the name of a host; what is left between is the message id.
#include "dialect/extra_list.h"
#include "dialect/sendmail/parts.h"
#include "dialect/sendmail/scan.h"

namespace mailtrail::dialect::sendmail {
namespace {

using model::Text;

constexpr std::size_t kNone = Text::npos;

// logsender cuts a sender to so many bytes.
constexpr std::size_t kLongestSender = 200;

struct Counts {
  std::optional<std::int64_t> size;
  Text message_class;
  std::optional<std::int32_t> nrcpts;
};

// `, size=1, class=0, nrcpts=1` at the beginning of `text`; taken off.
bool take_counts(Text& text, Counts& counts) {
  Text rest = text;
  const auto take = [&rest](Text name, Text& value) {
    if (!consume(rest, name)) return false;
    const std::size_t end = rest.find(',');
    value = rest.substr(0, end);
    rest.remove_prefix(value.size());
    return !value.empty();
  };
  Text size, nrcpts;
  if (!take(", size=", size) || !take(", class=", counts.message_class) || !take(", nrcpts=", nrcpts)) return false;
  counts.size = to_number<std::int64_t>(size);
  counts.nrcpts = to_number<std::int32_t>(nrcpts);
  if (!counts.size || !counts.nrcpts || !to_number<std::int32_t>(counts.message_class)) return false;
  text = rest;
  return true;
}

// Where the counts begin in `text`, which begins with the sender.
std::size_t find_counts(Text text) {
  const auto fits = [text](std::size_t at) {
    Counts counts;
    Text rest = text.substr(at);
    return take_counts(rest, counts);
  };
  const std::size_t end = address_length(text);
  if (end != kNone && fits(end)) return end;
  // A sender that was cut may have lost its last quote.
  if (text.size() > kLongestSender && fits(kLongestSender)) return kLongestSender;
  return kNone;
}

// Takes `, NAME=VALUE` off the end of `text` where it is there; `is_value` judges the value.
template <class IsValue>
Text take_last(Text& text, Text name, const IsValue& is_value) {
  const std::size_t at = text.rfind(name);
  if (at == kNone) return {};
  const Text value = text.substr(at + name.size());
  if (!is_value(value)) return {};
  text = text.substr(0, at);
  return value;
}

bool is_word(Text text) {
  if (text.empty() || text.size() > 40) return false;
  for (const char c : text) {
    if (!is_alnum(c) && c != '-' && c != '_' && c != '.') return false;
  }
  return true;
}

}  // namespace

bool parse_envelope(Line& line) {
  Text text = line.text;
  if (!consume(text, "from=")) return false;
  const std::size_t end = find_counts(text);
  if (end == kNone) return false;
  const Text sender = text.substr(0, end);
  text.remove_prefix(end);
  Counts counts;
  take_counts(text, counts);
  const std::size_t relay_at = text.rfind(", relay=");
  if (relay_at == kNone && !text.empty()) return false;
  const Peer peer = relay_at == kNone ? Peer{} : read_peer(text.substr(relay_at + 8));
  text = text.substr(0, relay_at);
  const Text auth = take_last(text, ", auth=", is_word);
  const Text daemon = take_last(text, ", daemon=", is_word);
  const Text protocol = take_last(text, ", proto=", is_word);
  const Text body_type = take_last(text, ", bodytype=", is_word);
  auto& receive = line.out.emit<model::event::Receive>(line.queue_id);
  receive.sender = bare_sender(sender);
  receive.size = counts.size;
  receive.nrcpt = counts.nrcpts;
  if (consume(text, ", msgid=")) {
    receive.message_id = text;
    text = {};
  }
  receive.protocol = protocol;
  receive.client_ip = peer.ip;
  ExtraList extra;
  if (peer.ip.empty() && !peer.ident.empty()) {
    receive.user = peer.ident;
    if (protocol.empty()) receive.protocol = "local";
  } else {
    receive.client_name = peer.name;
    extra.add("ident", peer.ident);
  }
  if (counts.message_class != "0") extra.add("class", counts.message_class);
  extra.add("bodytype", body_type);
  extra.add("daemon", daemon);
  if (auth != "NONE") receive.sasl_method = auth;
  if (peer.forged) extra.add("client_name_note", "may be forged");
  extra.add("rest", text);
  extra.attach(line.out);
  return true;
}

}  // namespace mailtrail::dialect::sendmail

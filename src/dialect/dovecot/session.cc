#include "base/text.h"
#include "dialect/dovecot/parts.h"
#include "dialect/ip_shape.h"

namespace mailtrail::dialect::dovecot {
namespace {

constexpr std::size_t kNone = std::string_view::npos;

// What Dovecot calls a peer without an address.
constexpr Text kUnixSocket = "local";

// `name=12`, `name=1/2`, with or without a comma behind.
bool read_counter(Text word, Text& name, Text& value) {
  if (!word.empty() && word.back() == ',') word.remove_suffix(1);
  const std::size_t equals = word.find('=');
  if (equals == kNone || equals == 0 || equals + 1 == word.size()) return false;
  for (const char c : word.substr(equals + 1)) {
    if (!is_digit(c) && c != '/') return false;
  }
  name = word.substr(0, equals);
  value = word.substr(equals + 1);
  return true;
}

// Takes the counters off the end of `text`.
void take_counters(Text& text, ExtraList& extra) {
  Text name, value;
  std::size_t end = text.size();
  for (std::size_t space = text.rfind(' '); space != kNone && space != 0; space = text.rfind(' ', space - 1)) {
    if (!read_counter(text.substr(space + 1, end - space - 1), name, value)) break;
    end = space;
  }
  Text counters = text.substr(end);
  text = text.substr(0, end);
  while (!counters.empty()) {
    if (read_counter(take_until(counters, ' '), name, value)) extra.add(name, value);
  }
}

}  // namespace

bool parse_peer(const Line& line, Emitter& out) {
  Text text = line.message;
  if (consume(text, "Connect from ")) {
    auto& connect = out.emit<model::event::Connect>();
    connect.service = line.service;
    if (text != kUnixSocket) (looks_like_ip(text) ? connect.client_ip : connect.client_name) = text;
  } else if (consume(text, "Disconnect from ")) {
    const std::size_t colon = text.find(": ");
    const Text peer = text.substr(0, colon);
    auto& disconnect = out.emit<model::event::Disconnect>();
    disconnect.service = line.service;
    if (peer != kUnixSocket) (looks_like_ip(peer) ? disconnect.client_ip : disconnect.client_name) = peer;
    if (colon != kNone) disconnect.reason = text.substr(colon + 2);
  } else {
    return false;
  }
  ExtraList extra;
  attach_who(line, extra, out);
  return true;
}

// `Disconnected: Logged out in=50 out=882 deleted=0 ...`.
bool parse_session_end(const Line& line, Emitter& out) {
  Text text = line.message;
  const bool labelled = consume(text, "Disconnected: ");
  if (!labelled && !text.starts_with("Logged out") && !text.starts_with("Connection closed") &&
      !text.starts_with("Disconnected") && !text.starts_with("Server shutting down")) {
    return false;
  }
  ExtraList counters;
  take_counters(text, counters);
  auto& disconnect = out.emit<model::event::Disconnect>();
  disconnect.service = line.service;
  disconnect.reason = text;
  attach_who(line, counters, out);
  return true;
}

}  // namespace mailtrail::dialect::dovecot

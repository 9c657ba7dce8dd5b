// TLS sessions (postconf(5), smtp_tls_loglevel and smtpd_tls_loglevel, level 1).
#include "dialect/postfix/parts.h"
#include "dialect/postfix/scan.h"

namespace mailtrail::dialect::postfix {
namespace {

using model::Direction;
using model::Text;
namespace event = model::event;

void set_peer(event::Tls& tls, const Peer& peer) {
  tls.peer_name = peer.name;
  tls.peer_ip = peer.address;
  tls.peer_port = peer.port;
}

// `TLSv1.3 with cipher NAME (256/256 bits) key-exchange ..`: bits used of bits that the cipher has.
bool read_cipher(Text text, event::Tls& tls) {
  tls.tls_version = take_until(text, ' ');
  if (!consume(text, "with cipher ")) return false;
  tls.tls_cipher = take_until(text, ' ');
  if (!consume(text, "(")) return false;
  tls.tls_bits = to_number<std::int32_t>(take_until(text, '/'));
  return tls.tls_bits.has_value();
}

Text trust_of(Text word) {
  if (word == "Anonymous") return "anonymous";
  if (word == "Untrusted") return "untrusted";
  if (word == "Trusted") return "trusted";
  if (word == "Verified") return "verified";
  return {};
}

// `[Trust ]TLS connection established|reused from|to PEER[ to SERVERNAME]: ..`.
bool parse_established(Line& line) {
  Text text = line.text;
  event::Tls tls;
  if (!text.starts_with("TLS ")) {
    tls.tls_trust = trust_of(take_until(text, ' '));
    if (tls.tls_trust.empty()) return false;
  }
  if (!consume(text, "TLS connection ")) return false;
  if (!consume(text, "established ") && !consume(text, "reused ")) return false;
  if (consume(text, "from ")) {
    tls.direction = Direction::kIn;
  } else if (consume(text, "to ")) {
    tls.direction = Direction::kOut;
  } else {
    return false;
  }
  Peer peer;
  if (!take_peer(text, peer)) return false;
  if (text.starts_with(" to ")) {
    const std::size_t colon = text.find(": ");
    if (colon == Text::npos) return false;
    text.remove_prefix(colon);
  }
  if (!consume(text, ": ") || !read_cipher(text, tls)) return false;
  set_peer(tls, peer);
  line.out.emit<event::Tls>(line.queue_id) = tls;
  return true;
}

// `WORDS PEER: reason`, where the reason may be a number that says nothing.
bool emit_failure(Line& line, Direction direction, Text rest, Text words) {
  Peer peer;
  if (!take_peer(rest, peer)) return false;
  if (!rest.empty() && !consume(rest, ": ")) return false;
  auto& tls = line.out.emit<event::Tls>(line.queue_id);
  tls.direction = direction;
  tls.tls_trust = "failed";
  set_peer(tls, peer);
  tls.reason = rest.empty() || rest == "-1" || rest == "0" || rest == "1" ? words : rest;
  return true;
}

// tlsproxy: `TLS handshake failed for service=smtpd peer=[address]:port`.
bool parse_handshake(Line& line) {
  Text text = line.text;
  if (!consume(text, "TLS handshake failed for service=")) return false;
  const Text service = take_until(text, ' ');
  if (!consume(text, "peer=")) return false;
  // `smtp` is the name of the server's service in master.cf, and of the client.
  const Direction direction = service == "smtpd" ? Direction::kIn : Direction::kNone;
  return emit_failure(line, direction, text, "TLS handshake failed");
}

}  // namespace

bool parse_tls(Line& line) {
  Text text = line.text;
  if (text.empty()) return false;
  switch (text.front()) {
    case 'A':
    case 'U':
    case 'V':
      return parse_established(line);
    case 'T':
      return parse_established(line) || parse_handshake(line);
    case 'S':
      if (consume(text, "SSL_accept error from ")) return emit_failure(line, Direction::kIn, text, "SSL_accept error");
      if (consume(text, "SSL_connect error to ")) return emit_failure(line, Direction::kOut, text, "SSL_connect error");
      return false;
    case 'a':
      if (line.noqueue && consume(text, "abort: TLS from ")) return emit_failure(line, Direction::kIn, text, "abort");
      return false;
    default:
      return false;
  }
}

}  // namespace mailtrail::dialect::postfix

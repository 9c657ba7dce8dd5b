// Arrivals: `<= SENDER H=.. P=.. S=.. id=.. T=".." from <..> for .. ..` (spec.txt, "Logging message reception").
#include <array>

#include "base/text.h"
#include "dialect/exim/fields.h"
#include "dialect/exim/parts.h"
#include "dialect/text_list.h"

namespace mailtrail::dialect::exim {
namespace {

struct ProtocolName {
  Text logged, name;
};
// RFC 3848 and RFC 6531; Exim writes them in small letters.
constexpr std::array<ProtocolName, 13> kProtocols = {{{"esmtps", "ESMTPS"},
                                                      {"esmtpsa", "ESMTPSA"},
                                                      {"esmtp", "ESMTP"},
                                                      {"smtp", "SMTP"},
                                                      {"esmtpa", "ESMTPA"},
                                                      {"smtps", "SMTPS"},
                                                      {"lmtp", "LMTP"},
                                                      {"utf8esmtp", "UTF8SMTP"},
                                                      {"utf8esmtps", "UTF8SMTPS"},
                                                      {"utf8esmtpa", "UTF8SMTPA"},
                                                      {"utf8esmtpsa", "UTF8SMTPSA"},
                                                      {"asmtp", "ESMTPA"},
                                                      {"sasmtp", "ESMTPSA"}}};

Text protocol_name(Text logged) {
  for (const ProtocolName& one : kProtocols) {
    if (one.logged == logged) return one.name;
  }
  return logged;
}

// Exim takes the brackets off, which are part of the id (RFC 5322, 3.6.4) and stand in the logs of others.
Text bracketed(Text id, Arena& arena) {
  if (id.empty() || id.front() == '<') return id;
  char* const made = static_cast<char*>(arena.allocate(id.size() + 2, 1));
  made[0] = '<';
  id.copy(made + 1, id.size());
  made[id.size() + 1] = '>';
  return {made, id.size() + 2};
}

void set_recipients(model::event::Receive& body, Text text, Arena& arena) {
  TextList list(arena);
  while (!text.empty()) {
    std::size_t size = quoted_size(text);
    while (size < text.size() && text[size] != ' ') ++size;
    list.add(text.substr(0, size));
    text.remove_prefix(size < text.size() ? size + 1 : size);
  }
  body.recipients = list.span();
  if (!body.recipients.empty()) body.nrcpt = static_cast<std::int32_t>(body.recipients.size());
}

void fill(const Fields& fields, Arena& arena, model::event::Receive& body, ExtraList& extra) {
  const Host& host = fields.host;
  body.client_name = host.name;
  body.client_ip = host.ip;
  body.client_port = host.port;
  body.helo = host.helo;
  body.protocol = protocol_name(fields.protocol);
  body.size = to_number<std::int64_t>(fields.size);
  body.message_id = bracketed(fields.message_id, arena);
  body.subject = unquoted(fields.subject, arena);
  body.parent_queue_id = fields.reference;
  if (fields.has_host) {
    extra.add("ident", host.user);
  } else {
    body.user = host.user;
  }
  if (!fields.auth.empty()) {
    const AuthName auth = read_auth(fields.auth);
    body.sasl_method = auth.method;
    body.sasl_user = auth.user;
    extra.add("auth_sender", auth.sender);
  }
  if (!fields.tls.empty()) {
    const TlsName tls = read_tls(fields.tls);
    body.tls_version = tls.version;
    body.tls_cipher = tls.cipher;
    body.tls_bits = tls.bits;
  }
  set_recipients(body, fields.recipients, arena);
}

}  // namespace

bool parse_arrival(Line& line) {
  Text text = line.text;
  const bool fake_reject = text.starts_with("(= ");
  if (line.queue_id.empty() || (!fake_reject && !text.starts_with("<= "))) return false;
  text.remove_prefix(3);
  const Text null_sender = "<>";
  const std::size_t size = text.starts_with(null_sender) ? null_sender.size() : address_size(text);
  if (size == 0) return false;
  const Text sender = text.substr(0, size);
  text.remove_prefix(size);
  Fields fields;
  if (!read_fields(text, LineKind::kArrival, false, fields)) {
    fields = {};
    read_fields(text, LineKind::kArrival, true, fields);
  }
  if (fields.host_doubtful) {
    // Nor is it known then which of the others are Exim's; of those that stand twice, the last is.
    fields.auth = fields.tls = fields.reference = fields.recipients = fields.raw_sender = fields.dkim = {};
  }
  auto& body = line.out.emit<model::event::Receive>(line.queue_id);
  body.sender = sender;
  ExtraList extra;
  fill(fields, line.out.arena(), body, extra);
  if (fake_reject) extra.add("fake_reject", "yes");
  if (fields.message_id_created) extra.add("message_id_created", "yes");
  if (fields.raw_sender != sender) extra.add("raw_sender", fields.raw_sender);
  if (fields.host_doubtful) extra.add("client", "doubtful");
  extra.add("dkim", fields.dkim);
  add_extras(fields, line.out.arena(), extra);
  extra.attach(line.out);
  return true;
}

}  // namespace mailtrail::dialect::exim

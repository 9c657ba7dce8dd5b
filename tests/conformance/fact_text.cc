#include "tests/conformance/fact_text.h"

#include <cstdio>
#include <type_traits>

#include "model/fact_columns.h"

namespace mailtrail::conformance {
namespace {

namespace fact = model::fact;
using model::LineRef;
using model::Text;
using model::Texts;

std::string shown(Text text) {
  return '\'' + printable(text) + '\'';
}
std::string shown(const LineRef& at) {
  std::string text = std::to_string(at.source) + ':' + std::to_string(at.line);
  if (at.position != 0 || at.length != 0) {
    text += '@' + std::to_string(at.position) + '+' + std::to_string(at.length);
  }
  return text;
}
std::string shown(double number) {
  char text[64];
  std::snprintf(text, sizeof text, "%a", number);
  return text;
}
template <class T>
requires std::is_integral_v<T> std::string shown(T number) {
  return std::to_string(number);
}
template <class T>
requires std::is_enum_v<T> std::string shown(T value) {
  return std::string(model::word(value));
}
std::string shown(const fact::Step& step) {
  return std::to_string(step.time) + ' ' + shown(step.kind) + ' ' + shown(step.text) + ' ' +
         shown(step.child_queue_id) + ' ' + shown(step.at);
}
std::string shown(const model::CommandCount& command) {
  return shown(command.name) + ' ' + std::to_string(command.accepted) + '/' + std::to_string(command.total);
}

// Appends each column that is not absent.
struct Writer {
  std::string& out;

  void put(std::string_view name, const std::string& value) const { out.append(" ").append(name).append("=") += value; }

  void operator()(std::string_view name, const Text& text, fact::Role = {}) const {
    if (!text.empty()) put(name, shown(text));
  }
  void operator()(std::string_view name, bool value, fact::Role = {}) const {
    if (value) put(name, "true");
  }
  template <class T>
  void operator()(std::string_view name, const std::span<const T>& list, fact::Role = {}) const {
    if (list.empty()) return;
    std::string text = "[";
    for (const T& one : list) text += (text.size() > 1 ? ", " : "") + shown(one);
    put(name, text + ']');
  }
  template <class T>
  void operator()(std::string_view name, const std::optional<T>& number, fact::Role = {}) const {
    if (number) put(name, shown(*number));
  }
  template <class T>
  void operator()(std::string_view name, const T& value, fact::Role = {}) const {
    put(name, shown(value));
  }
};

template <class Fact>
std::string columns_of(std::string_view name, const Fact& fact) {
  std::string out(name);
  fact::columns(fact, Writer{out});
  return out;
}

}  // namespace

std::string printable(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c >= ' ' && c <= '~' && c != '\\' && c != '\'') {
      out += c;
    } else {
      char escaped[8];
      std::snprintf(escaped, sizeof escaped, "\\x%02x", static_cast<unsigned>(static_cast<unsigned char>(c)));
      out += escaped;
    }
  }
  return out;
}

std::string text_of(const fact::Delivery& delivery) {
  std::string out = columns_of("delivery", delivery);
  const Writer writer{out};
  writer("of.journey", delivery.journey), writer("of.host", delivery.host), writer("of.queue_id", delivery.queue_id);
  writer("of.sender", delivery.sender), writer("of.message_id", delivery.message_id);
  writer("of.client_name", delivery.client_name), writer("of.client_ip", delivery.client_ip);
  writer("of.sasl_user", delivery.sasl_user), writer("of.subject", delivery.subject), writer("of.size", delivery.size);
  return out;
}

std::string text_of(const fact::Journey& journey) {
  std::string out = columns_of("journey", journey);
  const Writer writer{out};
  writer("queue_ids", journey.queue_ids), writer("hosts", journey.hosts);
  for (const fact::Message& message : journey.messages) {
    out += "\n  " + columns_of("message", message);
    writer("of.journey", message.journey);
  }
  for (const fact::Delivery& delivery : journey.deliveries) out += "\n  " + text_of(delivery);
  for (const fact::Recipient& recipient : journey.recipients) out += "\n  " + columns_of("recipient", recipient);
  for (const fact::AuthResult& result : journey.auth_results) out += "\n  " + columns_of("auth_result", result);
  for (const fact::Verdict& verdict : journey.verdicts) out += "\n  " + columns_of("verdict", verdict);
  return out;
}

std::string text_of(const fact::Rejection& rejection) {
  return columns_of("rejection", rejection);
}
std::string text_of(const fact::Login& login) {
  return columns_of("login", login);
}
std::string text_of(const fact::Session& session) {
  return columns_of("session", session);
}
std::string text_of(const fact::TlsSession& session) {
  return columns_of("tls", session);
}
std::string text_of(const fact::Notice& notice) {
  return columns_of("notice", notice);
}
std::string text_of(const fact::Policy& policy) {
  return columns_of("policy", policy);
}
std::string text_of(const fact::Gap& gap) {
  return columns_of("gap", gap);
}

std::string FactTexts::joined() const {
  std::string out;
  for (const Kind& kind : kinds_) {
    for (const std::string& text : kind.texts) out += text + '\n';
  }
  return out;
}

}  // namespace mailtrail::conformance

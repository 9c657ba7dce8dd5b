#include "cli/event_line.h"

#include <charconv>

#include "base/text.h"

namespace mailtrail::cli {
namespace {

// A value as it is, in quotes where it holds a blank or a quote.
void append_value(std::string& out, std::string_view text) {
  if (text.find_first_of(" \"") == std::string_view::npos) {
    append_printable(out, text);
    return;
  }
  out += '"';
  while (!text.empty()) {
    const std::size_t quote = text.find('"');
    append_printable(out, text.substr(0, quote));
    if (quote == std::string_view::npos) break;
    out += "\\\"";
    text.remove_prefix(quote + 1);
  }
  out += '"';
}

// Appends ` NAME=VALUE` for each field that the event states.
class FieldWriter {
 public:
  explicit FieldWriter(std::string& out) : out_(out) {}

  void operator()(std::string_view name, std::string_view text) {
    if (text.empty()) return;
    begin(name);
    append_value(out_, text);
  }
  void operator()(std::string_view name, bool flag) {
    if (flag) begin(name), out_ += "true";
  }
  void operator()(std::string_view name, model::Texts texts) {
    if (texts.empty()) return;
    begin(name);
    for (std::size_t i = 0; i < texts.size(); ++i) {
      if (i != 0) out_ += ',';
      append_value(out_, texts[i]);
    }
  }
  void operator()(std::string_view name, std::span<const model::CommandCount> commands) {
    if (commands.empty()) return;
    begin(name);
    for (std::size_t i = 0; i < commands.size(); ++i) {
      if (i != 0) out_ += ',';
      append_value(out_, commands[i].name);
      out_ += ':' + std::to_string(commands[i].accepted);
      if (commands[i].accepted != commands[i].total) out_ += '/' + std::to_string(commands[i].total);
    }
  }
  template <class Number>
  void operator()(std::string_view name, const std::optional<Number>& number) {
    if (!number) return;
    begin(name);
    char digits[32];
    const auto [end, code] = std::to_chars(digits, digits + sizeof digits, *number);
    out_.append(digits, static_cast<std::size_t>(end - digits));
  }
  template <class Enum>
  requires std::is_enum_v<Enum>
  void operator()(std::string_view name, Enum value) { (*this)(name, model::word(value)); }

 private:
  void begin(std::string_view name) {
    out_ += ' ';
    append_printable(out_, name);
    out_ += '=';
  }
  std::string& out_;
};

// What needs a look first.
std::string_view colour_of(const model::Event& event) {
  using model::Kind;
  switch (event.kind) {
    case Kind::kDelivery:
      switch (event.as<model::event::Delivery>().status) {
        case model::Status::kSent:
        case model::Status::kDeliverable:
          return "\x1b[32m";
        case model::Status::kDeferred:
        case model::Status::kHeld:
          return "\x1b[33m";
        case model::Status::kBounced:
        case model::Status::kExpired:
        case model::Status::kUndeliverable:
          return "\x1b[31m";
        default:
          return "";
      }
    case Kind::kReject:
    case Kind::kExpire:
    case Kind::kGap:
      return "\x1b[31m";
    case Kind::kLogin:
      return event.as<model::event::Login>().result == model::LoginResult::kSuccess ? "\x1b[32m" : "\x1b[31m";
    case Kind::kHold:
    case Kind::kPolicy:
    case Kind::kNotify:
      return "\x1b[33m";
    case Kind::kUnparsed:
      return "\x1b[35m";
    default:
      return "\x1b[36m";
  }
}

void append_time(std::string& out, const model::Event& event) {
  if (!event.has_time) {
    out += '-';
    return;
  }
  std::string text = format_rfc3339(event.time, event.offset_minutes);
  text[10] = ' ';
  text.resize(event.time % kSecond == 0 ? 19 : 26);
  out += text;
}

}  // namespace

void append_event_line(std::string& out, const model::Event& event, bool colour) {
  append_time(out, event);
  for (const model::Text word : {event.host, event.program}) {
    if (word.empty()) continue;
    out += ' ';
    append_printable(out, word);
  }
  if (event.pid >= 0) out += '[' + std::to_string(event.pid) + ']';
  out += ' ';
  const std::string_view tone = colour ? colour_of(event) : std::string_view();
  out += tone;
  out += model::word(event.kind);
  if (!tone.empty()) out += "\x1b[0m";
  if (!event.queue_id.empty()) {
    out += ' ';
    append_printable(out, event.queue_id);
  }
  FieldWriter fields(out);
  fields("instance", event.instance);
  if (event.repeat > 1) fields("repeat", std::optional<std::uint32_t>(event.repeat));
  model::visit_body(event, [&fields](const auto& body) { body.fields(fields); });
  for (const model::Extra& extra : event.extra) fields(extra.name, extra.value);
  out += '\n';
}

}  // namespace mailtrail::cli

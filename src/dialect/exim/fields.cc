// The fields are read from left to right, each to its end, quotes and brackets paired: what a stranger wrote into one
// (a HELO name, a subject, an answer) does not become another, since a line whose quotes pair up in two ways cannot be
// written.
#include "dialect/exim/fields.h"

#include <algorithm>
#include <utility>

#include "base/text.h"

namespace mailtrail::dialect::exim {
namespace {

// Up to the next blank, or the colon with a blank behind it that ends the fields of a failure.
Text word_of(Text text, LineKind kind) {
  const std::size_t blank = text.find(' ');
  Text word = text.substr(0, blank);
  if (kind == LineKind::kFailure && word.ends_with(':')) word.remove_suffix(1);
  return word;
}

bool take_word(Text& text, LineKind kind, Text& value) {
  value = word_of(text, kind);
  if (value.empty() || value.find('"') != kNone) return false;
  text.remove_prefix(value.size());
  return true;
}

bool take_quoted(Text& text, Text& inside) {
  const std::size_t size = quoted_size(text);
  if (size == 0 || (size < text.size() && text[size] != ' ' && text[size] != ':')) return false;
  inside = text.substr(1, size - 2);
  text.remove_prefix(size);
  return true;
}

class FieldReader {
 public:
  FieldReader(Text text, LineKind kind, bool lenient, Fields& fields)
      : text_(text), kind_(kind), lenient_(lenient), fields_(fields) {}

  bool read() {
    while (!text_.empty()) {
      if (kind_ == LineKind::kFailure && text_.front() == ':' && (text_.size() == 1 || text_[1] == ' ')) {
        fields_.has_message = true;
        fields_.message = text_.substr(text_.size() == 1 ? 1 : 2);
        break;
      }
      if (text_.front() != ' ') {
        if (!lenient_) return false;
        skip_unknown();
        continue;
      }
      text_.remove_prefix(1);
      const Text before = text_;
      if (!text_.empty() && !take_one()) {
        text_ = before;
        if (!lenient_) return false;
        skip_unknown();
      }
    }
    end_rest();
    return true;
  }

 private:
  bool take_one() {
    const std::size_t equals = name_size();
    if (equals == 0) return take_bare();
    const Text name = text_.substr(0, equals);
    text_.remove_prefix(equals + 1);
    if (name.size() == 1) return take_short(name.front(), name);
    return take_long(name);
  }

  // The size of a field's name before its `=`, or 0.
  std::size_t name_size() const {
    constexpr std::size_t kLongest = 12;
    std::size_t at = 0;
    while (at < text_.size() && at <= kLongest && (is_alnum(text_[at]) || text_[at] == '*' || text_[at] == '_')) ++at;
    return at < text_.size() && text_[at] == '=' && at <= kLongest ? at : 0;
  }

  bool take_short(char letter, Text name) {
    const bool arrival = kind_ == LineKind::kArrival;
    switch (letter) {
      case 'H':
        return take_host_field();
      case 'R':
        return take_word(text_, kind_, arrival ? fields_.reference : fields_.router);
      case 'T':
        if (!arrival) return take_word(text_, kind_, fields_.transport);
        return take_quoted(text_, fields_.subject);
      case 'P':
        if (arrival) return take_word(text_, kind_, fields_.protocol);
        return take_bracketed(text_, fields_.return_path);
      case 'S':
        return take_word(text_, kind_, fields_.size) && to_number<std::int64_t>(fields_.size).has_value();
      case 'X':
        return take_word(text_, kind_, fields_.tls);
      case 'A':
        return take_word(text_, kind_, fields_.auth);
      case 'F':
        return take_bracketed(text_, fields_.sender);
      case 'U':
        return take_user();
      case 'C':
        if (arrival) return take_other(name);
        fields_.has_confirmation = true;
        return take_quoted(text_, fields_.confirmation);
      case 'I':
        return take_interface();
      case 'Q':
        return take_named("queue");
      default:
        return take_other(name);
    }
  }

  bool take_long(Text name) {
    if (name == "id" || name == "id*") {
      fields_.message_id_created = name.size() == 3;
      return take_message_id_value();
    }
    if (name == "CV") return take_word(text_, kind_, fields_.verified);
    if (name == "QT") return take_word(text_, kind_, fields_.queue_time);
    if (name == "DT") return take_word(text_, kind_, fields_.deliver_time);
    if (name == "RT") return take_word(text_, kind_, fields_.receive_time);
    if (name == "DN") return take_quoted(text_, fields_.peer_dn);
    if (name == "SNI")
      return text_.starts_with('"') ? take_quoted(text_, fields_.sni) : take_word(text_, kind_, fields_.sni);
    if (name == "DKIM") return take_word(text_, kind_, fields_.dkim);
    if (name == "M8S") return take_named("8bitmime");
    if (name == "PRX") return take_named("proxy");
    if (name == "ST") return take_shadow();
    if (name == "SRS") {
      Text value;
      if (!take_bracketed(text_, value)) return false;
      fields_.others.add("srs", value);
      return true;
    }
    return take_other(name);
  }

  // What stands without a name.
  bool take_bare() {
    if (kind_ == LineKind::kArrival) {
      if (consume(text_, "from <")) {
        text_ = {text_.data() - 1, text_.size() + 1};
        return take_bracketed(text_, fields_.raw_sender);
      }
      if (text_.starts_with("for ")) return take_recipients();
    }
    if (kind_ == LineKind::kFailure) {
      if (consume(text_, "defer (")) {
        fields_.defer_code = take_until(text_, ')');
        return to_number<std::int32_t>(fields_.defer_code).has_value();
      }
      if (consume(text_, "routing") || consume(text_, "transport") || consume(text_, "directing")) return true;
    }
    Text word = word_of(text_, kind_);
    if (word == "K") {
      fields_.others.add("chunking", "yes");
    } else if (!word.empty() && word.front() == 'L' && word.substr(1).find_first_not_of("-.*") == kNone) {
      fields_.others.add("pipelining", word.size() == 1 ? Text("used") : word.substr(1));
    } else if (word == "PRDR") {
      fields_.others.add("prdr", "yes");
    } else if (word == "DS") {
      fields_.host.secure = true;
    } else if (word == "TFO" || word == "TFO*") {
      fields_.others.add("tcp_fast_open", "yes");
    } else if (word == "ARC") {
      fields_.others.add("arc", "pass");
    } else {
      return false;
    }
    text_.remove_prefix(word.size());
    return true;
  }

  bool take_host_field() {
    if (fields_.has_host) return false;
    fields_.has_host = true;
    if (kind_ == LineKind::kArrival) {
      const bool lenient = lenient_;
      const auto fits = [lenient](Text rest) {
        Fields unused;
        return lenient || read_fields(rest, LineKind::kArrival, false, unused);
      };
      if (!take_host(text_, fields_.host, fields_.host_doubtful, fits)) return false;
    } else if (!take_host_ending_at(text_, kNone, fields_.host)) {
      // A local transport knows a host, but no address.
      return take_word(text_, kind_, fields_.host.name);
    }
    if (consume(text_, "*")) fields_.continued = true;
    return true;
  }

  bool take_interface() {
    Host own;
    const Text before = text_;
    if (!take_ip(text_, own)) return false;
    fields_.host.interface = before.substr(0, before.size() - text_.size());
    return true;
  }

  // An ident server may answer anything: its words end at the last protocol behind which all can be read; what a later
  // field quotes cannot be read to its end.
  bool take_user() {
    if (kind_ != LineKind::kArrival) return take_word(text_, kind_, fields_.host.user);
    constexpr Text kProtocol = " P=";
    constexpr int kMostPlaces = 16;
    std::size_t end = text_.rfind(kProtocol);
    for (int i = 0; i < kMostPlaces && end != kNone && end != 0; ++i, end = text_.rfind(kProtocol, end - 1)) {
      // Of one place there is nothing to choose.
      Fields unused;
      const bool fits = text_.find(kProtocol) == end || read_fields(text_.substr(end), kind_, false, unused);
      if (!fits) continue;
      fields_.host.user = text_.substr(0, end);
      text_.remove_prefix(end);
      return true;
    }
    return take_word(text_, kind_, fields_.host.user);
  }

  // `<...>` is taken off before it is logged; a local part in quotes may hold blanks.
  bool take_message_id_value() {
    std::size_t size = quoted_size(text_);
    if (text_.starts_with('"') && size == 0) return false;
    while (size < text_.size() && text_[size] != ' ') {
      if (text_[size] == '"') return false;
      ++size;
    }
    fields_.message_id = text_.substr(0, size);
    text_.remove_prefix(size);
    return size != 0;
  }

  // All that is left of the line: addresses with a blank between.
  bool take_recipients() {
    text_.remove_prefix(4);
    const Text all = text_;
    while (!text_.empty()) {
      const std::size_t quoted = quoted_size(text_);
      std::size_t size = quoted;
      while (size < text_.size() && text_[size] != ' ') ++size;
      const Text address = text_.substr(0, size);
      if (!lenient_ && address.find('@', quoted) == kNone) return false;
      if (quoted == 0 && address.find('"') != kNone) return false;
      text_.remove_prefix(size < text_.size() ? size + 1 : size);
    }
    fields_.recipients = all;
    return true;
  }

  // `ST=name`, and in parentheses why it failed.
  bool take_shadow() {
    Text value;
    if (!take_word(text_, kind_, value)) return false;
    fields_.others.add("shadow_transport", value);
    if (!text_.starts_with(" (")) return true;
    const std::size_t close = text_.rfind(')');
    if (close == kNone) return true;
    fields_.others.add("shadow_error", text_.substr(2, close - 2));
    text_.remove_prefix(close + 1);
    return true;
  }

  bool take_named(Text name) {
    Text value;
    if (!take_word(text_, kind_, value)) return false;
    fields_.others.add(name, value);
    return true;
  }

  // A field of a version that is not known.
  bool take_other(Text name) {
    const char* const begin = name.data();
    Text value;
    const bool taken = text_.starts_with('"')   ? take_quoted(text_, value)
                       : text_.starts_with('<') ? take_bracketed(text_, value)
                                                : take_word(text_, kind_, value);
    if (!taken) return false;
    extend_rest(begin, text_.data());
    return true;
  }

  void skip_unknown() {
    const char* const begin = text_.data();
    const std::size_t size = std::max<std::size_t>(word_of(text_, kind_).size(), 1);
    text_.remove_prefix(size);
    extend_rest(begin, begin + size);
  }

  // Unknown words that stand side by side are kept as one.
  void extend_rest(const char* begin, const char* end) {
    if (rest_end_ == nullptr || begin > rest_end_ + 1) {
      end_rest();
      rest_ = begin;
    }
    rest_end_ = end;
  }
  void end_rest() {
    if (rest_end_ != nullptr && fields_.rest_count < Fields::kMostRest) {
      fields_.rest[fields_.rest_count++] = {rest_, static_cast<std::size_t>(rest_end_ - rest_)};
    }
    rest_end_ = nullptr;
  }

  Text text_;
  const LineKind kind_;
  const bool lenient_;
  Fields& fields_;
  const char* rest_ = nullptr;
  const char* rest_end_ = nullptr;
};

}  // namespace

bool read_fields(Text text, LineKind kind, bool lenient, Fields& fields) {
  return FieldReader(text, kind, lenient, fields).read();
}

TlsName read_tls(Text text) {
  TlsName tls;
  if (text.ends_with('*')) {
    tls.resumed = true;
    text.remove_suffix(1);
  }
  const std::size_t colon = text.find(':');
  if (colon == kNone) {
    tls.cipher = text;
    return tls;
  }
  const Text version = text.substr(0, colon);
  // GnuTLS writes `TLS1.3` and formerly `TLSv1.3`, OpenSSL `TLSv1.3`: one name for one thing.
  constexpr std::pair<Text, Text> kNames[] = {
      {"TLS1.3", "TLSv1.3"}, {"TLS1.2", "TLSv1.2"}, {"TLS1.1", "TLSv1.1"}, {"TLS1.0", "TLSv1"}, {"TLSv1.0", "TLSv1"}};
  tls.version = version;
  for (const auto& [logged, name] : kNames) {
    if (version == logged) tls.version = name;
  }
  text.remove_prefix(colon + 1);
  const std::size_t last = text.rfind(':');
  tls.cipher = text.substr(0, last);
  if (last != kNone) tls.bits = to_number<std::int32_t>(text.substr(last + 1));
  return tls;
}

AuthName read_auth(Text text) {
  AuthName auth;
  auth.method = take_until(text, ':');
  auth.user = take_until(text, ':');
  auth.sender = text;
  return auth;
}

namespace {

Text joined_rest(const Fields& fields, Arena& arena) {
  if (fields.rest_count == 0) return {};
  if (fields.rest_count == 1) return fields.rest[0];
  std::size_t size = fields.rest_count - 1;
  for (std::size_t i = 0; i < fields.rest_count; ++i) size += fields.rest[i].size();
  char* const made = static_cast<char*>(arena.allocate(size, 1));
  std::size_t at = 0;
  for (std::size_t i = 0; i < fields.rest_count; ++i) {
    if (i != 0) made[at++] = ' ';
    at += fields.rest[i].copy(made + at, fields.rest[i].size());
  }
  return {made, size};
}

}  // namespace

void add_extras(const Fields& fields, Arena& arena, ExtraList& extra) {
  extra.add("tls_verified", fields.verified);
  extra.add("tls_peer_dn", fields.peer_dn);
  extra.add("tls_sni", fields.sni);
  if (!fields.tls.empty() && fields.tls.ends_with('*')) extra.add("tls_resumed", "yes");
  extra.add("interface", fields.host.interface);
  if (fields.host.secure) extra.add("dnssec", "yes");
  if (fields.continued) extra.add("connection_reused", "yes");
  extra.add("return_path", fields.return_path);
  extra.add("deliver_time", fields.deliver_time);
  extra.add("receive_time", fields.receive_time);
  extra.append(fields.others);
  extra.add("rest", joined_rest(fields, arena));
}

}  // namespace mailtrail::dialect::exim

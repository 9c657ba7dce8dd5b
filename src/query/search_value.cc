#include "query/search_value.h"

#include <algorithm>
#include <array>
#include <limits>

#include "base/text.h"
#include "query/network.h"
#include "query/search_keys.h"

namespace mailtrail::query {
namespace {

Error mistake(std::string what, std::string remedy) {
  return Error{std::move(what), "", std::move(remedy)};
}

std::string quoted(std::string_view text) {
  return '`' + printable(text.substr(0, 80)) + '`';
}

std::string in_list(std::span<const std::string_view> words) {
  std::string list;
  for (const std::string_view word : words) {
    if (!list.empty()) list += ", ";
    list += word;
  }
  return list;
}

// `**` says no more than `*`.
std::string collapse_stars(std::string_view text) {
  std::string collapsed;
  for (const char c : text) {
    if (c != '*' || collapsed.empty() || collapsed.back() != '*') collapsed += c;
  }
  return collapsed;
}

std::string_view without_brackets(std::string_view text, char open = '<', char close = '>') {
  while (text.size() > 2 && text.front() == open && text.back() == close) text = text.substr(1, text.size() - 2);
  return text;
}

Result<Term> glob(Field field, const SearchValue& value, std::string_view text) {
  if (value.literal_star) {
    return mistake("a `*` in quotes stands for itself and cannot be joined with one that is a wildcard",
                   "leave out the quotes, or the other `*`");
  }
  return Term{field, Match::kGlob, collapse_stars(text), {}, 0};
}

// Addresses and users.
Result<Term> address_term(Field field, const SearchValue& value) {
  const std::string lower = to_lower(without_brackets(value.text));
  std::string_view text = lower;
  if (text == "@") return mistake("`@` alone is no address", "give a domain, as @example.com");
  const bool at_end = text.back() == '@';
  if (value.wildcard || at_end) {
    std::string pattern(text);
    if (text.front() == '@') pattern.insert(0, 1, '*');
    if (at_end) pattern += '*';
    return glob(field, value, pattern);
  }
  if (text.front() == '@') return Term{field, Match::kDomain, std::string(text.substr(1)), {}, 0};
  const bool whole = text.find('@') != std::string_view::npos || text == "<>";
  return Term{field, whole ? Match::kExact : Match::kAddressPart, lower, {}, 0};
}

// Words of the vocabulary and of the taxonomy.
Result<Term> word_term(Field field, const SearchValue& value) {
  const std::string lower = to_lower(value.text);
  const auto words = closed_words(field);
  if (value.wildcard) {
    auto term = glob(field, value, lower);
    if (!term.ok() || words.empty()) return term;
    for (const std::string_view word : words) {
      if (matches_glob(term->text, word)) return term;
    }
    return mistake("no value of " + std::string(name_of(field)) + ": is like " + quoted(value.text),
                   "the values are " + in_list(words));
  }
  if (words.empty()) return Term{field, Match::kExact, lower, {}, 0};
  for (const std::string_view word : words) {
    if (word == lower) return Term{field, Match::kExact, lower, {}, 0};
  }
  const std::string_view near = nearest(lower, words);
  std::string remedy;
  if (!near.empty()) remedy = "did you mean " + std::string(near) + "? ";
  remedy += "the values are " + in_list(words);
  return mistake(quoted(value.text) + " is no value of " + std::string(name_of(field)) + ":", std::move(remedy));
}

// Texts of which a part is asked for.
Result<Term> text_term(Field field, const SearchValue& value) {
  const std::string lower = to_lower(value.text);
  if (value.wildcard) return glob(field, value, '*' + lower + '*');
  return Term{field, Match::kPart, lower, {}, 0};
}

Result<Term> message_id_term(const SearchValue& value) {
  const std::string lower = to_lower(without_brackets(value.text));
  if (value.wildcard) return glob(Field::kMessageId, value, lower);
  return Term{Field::kMessageId, Match::kExact, lower, {}, 0};
}

Result<Term> queue_id_term(const SearchValue& value) {
  if (value.wildcard) return glob(Field::kQueue, value, to_lower(value.text));
  return Term{Field::kQueue, Match::kExact, value.text, {}, 0};
}

Result<Term> host_term(const SearchValue& value) {
  const std::string lower = to_lower(value.text);
  if (value.wildcard) return glob(Field::kHost, value, lower);
  return Term{Field::kHost, Match::kPrefix, lower, {}, 0};
}

// A name, an address or a network: of the client, or of the server that mail was handed to.
Result<Term> peer_term(Field field, const SearchValue& value) {
  std::string_view text = value.text;
  if (value.wildcard) return glob(field, value, to_lower(text));
  text = without_brackets(text, '[', ']');
  if (const auto network = parse_network(text)) return Term{field, Match::kNetwork, "", *network, 0};
  const bool numeric =
      text.find_first_not_of("0123456789./") == std::string_view::npos || text.find(':') != std::string_view::npos;
  const bool slash = text.find('/') != std::string_view::npos;
  // A relay may be a Unix socket: `private/lmtp`.
  if (numeric || (slash && (field == Field::kClient || parse_address(text.substr(0, text.find('/')))))) {
    return mistake(quoted(text) + (slash ? " is no network" : " is neither a name nor an IP address"),
                   "write a network as 192.0.2.0/24 or 2001:db8::/32");
  }
  return Term{field, Match::kExact, to_lower(text), {}, 0};
}

Result<Term> code_term(const SearchValue& value) {
  std::string digits = value.text;
  const bool open = value.wildcard && !value.literal_star && digits.back() == '*';
  while (!digits.empty() && (digits.back() == 'x' || digits.back() == 'X')) digits.pop_back();
  const bool pattern = digits.size() < value.text.size() && value.text.size() == 3;
  if (open) digits.pop_back();
  bool sound = (open && digits.size() <= 3) || pattern || (digits.size() == 3 && value.text.size() == 3);
  for (const char c : digits) sound = sound && is_digit(c);
  if (!digits.empty() && digits.front() == '0') sound = false;
  if (!sound) return mistake(quoted(value.text) + " is no SMTP reply code", "write code:550 or code:5xx");
  if (digits.empty()) return Term{Field::kCode, Match::kGlob, "*", {}, 0};
  if (digits.size() < 3) return Term{Field::kCode, Match::kPrefix, digits, {}, 0};
  return Term{Field::kCode, Match::kExact, digits, {}, std::int64_t{*to_number<int>(digits)}};
}

// Enhanced status codes (RFC 3463, 2): CLASS.SUBJECT.DETAIL; `*` or `x` stands for a whole part.
Result<Term> dsn_term(const SearchValue& value) {
  const Error error =
      mistake(quoted(value.text) + " is no enhanced status code", "write dsn:5.1.1, dsn:5.1 or dsn:5.*");
  if (value.literal_star) return error;
  std::array<std::string_view, 3> parts;
  std::size_t count = 0, stated = 0;
  std::string_view rest = value.text;
  for (bool more = true; more; ++count) {
    if (count == 3) return error;
    const std::size_t dot = rest.find('.');
    more = dot != std::string_view::npos;
    std::string_view part = rest.substr(0, dot);
    if (more) rest.remove_prefix(dot + 1);
    if (part == "x" || part == "X") part = "*";
    if (part != "*") {
      const auto number = part.size() <= 3 ? to_number<unsigned>(part) : std::nullopt;
      if (!number || (count == 0 && *number != 2 && *number != 4 && *number != 5)) return error;
      stated = count + 1;
    }
    parts[count] = part;
  }
  if (stated == 0) return Term{Field::kDsn, Match::kGlob, "*", {}, 0};
  std::string text;
  bool gaps = false;
  for (std::size_t i = 0; i < stated; ++i) {
    if (i > 0) text += '.';
    text += parts[i];
    gaps = gaps || parts[i] == "*";
  }
  if (gaps) return Term{Field::kDsn, Match::kGlob, stated < 3 ? text + ".*" : text, {}, 0};
  return Term{Field::kDsn, stated == 3 ? Match::kExact : Match::kPrefix, text, {}, 0};
}

// The largest size and the longest delay that a term holds: a step below what `scaled` and parse_span take.
constexpr std::int64_t kLargestSize = std::numeric_limits<std::int64_t>::max() / 2 - 1;
constexpr std::int64_t kLongestDelay = 36525 * kDay + 1;

// A decimal number `12`, `1.5` times `unit`, rounded down; nothing where it is none or does not fit.
std::optional<std::int64_t> scaled(std::string_view digits, std::int64_t unit) {
  const std::size_t point = digits.find('.');
  const std::string_view after = point == std::string_view::npos ? std::string_view{} : digits.substr(point + 1);
  if (digits.empty() || !is_digit(digits.front()) || (point != std::string_view::npos && after.empty())) return {};
  const auto whole = to_number<std::int64_t>(digits.substr(0, point));
  if (!whole || *whole > (unit == 1 ? kLargestSize : kLargestSize / unit - 1) || after.size() > 6) return {};
  std::int64_t part = 0, scale = 1;
  for (const char c : after) {
    if (!is_digit(c)) return {};
    part = part * 10 + (c - '0');
    scale *= 10;
  }
  // No unit is greater than 2^40, and part is less than 10^6: the product fits.
  return *whole * unit + part * unit / scale;
}

std::optional<std::int64_t> bytes_of(std::string_view text) {
  std::size_t digits = text.find_first_not_of("0123456789.");
  if (digits == std::string_view::npos) return scaled(text, 1);
  std::string unit = to_lower(text.substr(digits));
  if (unit.size() > 1 && unit.back() == 'b') unit.pop_back();
  if (unit.size() == 2 && unit.back() == 'i') unit.pop_back();
  const std::size_t power = unit.size() == 1 ? std::string_view("bkmgt").find(unit.front()) : std::string_view::npos;
  if (power == std::string_view::npos) return {};
  return scaled(text.substr(0, digits), std::int64_t{1} << (10 * power));
}

std::optional<std::int64_t> micros_of(std::string_view text) {
  if (const auto span = parse_span(text)) return span;
  if (text.size() < 2 || text.find('.') == std::string_view::npos) return {};
  const bool bare = is_digit(text.back());
  const auto unit = parse_span(bare ? std::string("1s") : std::string("1") + text.back());
  if (!unit) return {};
  const auto micros = scaled(bare ? text : text.substr(0, text.size() - 1), *unit);
  return micros && *micros <= kLongestDelay ? micros : std::nullopt;
}

// `>10M`, `<10M`, `>=10M`, `<=10M`, and for a size a bare number of bytes.
Result<Term> number_term(Field field, const SearchValue& value) {
  std::string_view text = value.text;
  Match match = Match::kExact;
  std::int64_t step = 0;
  if (consume(text, ">")) {
    match = Match::kGreater;
    if (consume(text, "=")) step = -1;
  } else if (consume(text, "<")) {
    match = Match::kLess;
    if (consume(text, "=")) step = 1;
  }
  const bool is_size = field == Field::kSize;
  if (text.empty())
    return mistake(std::string(name_of(field)) + ": needs a number", is_size ? "as size:>10M" : "as delay:>5m");
  const auto number = is_size ? bytes_of(text) : micros_of(text);
  if (!number) {
    return mistake(quoted(text) + (is_size ? " is no size" : " is no span of time"),
                   is_size ? "write size:>10M; K, M and G are 1024 bytes and their powers"
                           : "write delay:>5m; units are s, m, h, d, w");
  }
  if (match == Match::kExact && !is_size) {
    return mistake("delay: needs `>` or `<`", "write delay:>" + printable(text) + " or delay:<" + printable(text));
  }
  return Term{field, match, "", {}, std::min(*number + step, is_size ? kLargestSize : kLongestDelay)};
}

}  // namespace

Result<Term> make_term(Field field, const SearchValue& value) {
  if (value.text.empty()) return mistake(std::string(name_of(field)) + ": needs a value", "");
  switch (field) {
    case Field::kFrom:
    case Field::kTo:
    case Field::kUser:
    case Field::kAnyAddress:
      return address_term(field, value);
    case Field::kStatus:
    case Field::kReason:
    case Field::kActor:
    case Field::kAction:
    case Field::kProvider:
    case Field::kMailer:
    case Field::kStage:
    case Field::kKind:
      return word_term(field, value);
    case Field::kCode:
      return code_term(value);
    case Field::kDsn:
      return dsn_term(value);
    case Field::kClient:
    case Field::kRelay:
      return peer_term(field, value);
    case Field::kHost:
      return host_term(value);
    case Field::kQueue:
      return queue_id_term(value);
    case Field::kMessageId:
      return message_id_term(value);
    case Field::kSize:
    case Field::kDelay:
      return number_term(field, value);
    case Field::kSubject:
    case Field::kAnyText:
      break;
  }
  return text_term(field, value);
}

Result<Term> make_bare_term(const SearchValue& value) {
  if (value.bare_at) return make_term(Field::kAnyAddress, value);
  if (value.text.empty()) return mistake("nothing stands between the quotes", "");
  auto term = text_term(Field::kAnyText, value);
  if (term.ok() && term->match == Match::kPart && term->text.size() == 16 &&
      term->text.find_first_not_of("0123456789abcdef") == std::string::npos) {
    std::uint64_t key = 0;
    for (const char c : term->text) key = key << 4 | static_cast<std::uint64_t>(is_digit(c) ? c - '0' : c - 'a' + 10);
    term->number = static_cast<std::int64_t>(key);
  }
  return term;
}

Result<Micros> make_bound(const SearchValue& value, const TimeContext& context) {
  const std::string_view text = value.text;
  if (const auto time = parse_timestamp(text, context.offset_minutes)) return *time;
  if (const auto span = parse_span(text)) return context.now - *span;
  const std::string lower = to_lower(text);
  if (lower == "now") return context.now;
  if (lower == "today" || lower == "yesterday") {
    const Micros wall = context.now + context.offset_minutes * kMinute;
    const Micros into_day = ((wall % kDay) + kDay) % kDay;
    return context.now - into_day - (lower == "yesterday" ? kDay : 0);
  }
  return mistake(quoted(text) + " is no time", "write a span back from now (2d, 90m) or a time (2026-11-20T10:00)");
}

}  // namespace mailtrail::query

#include "query/term_match.h"

#include "base/text.h"
#include "query/network.h"

namespace mailtrail::query {
namespace {

bool is_address_part(std::string_view part, std::string_view text) {
  if (equals_ignoring_case(part, text)) return true;
  const std::size_t at = text.rfind('@');
  if (at == std::string_view::npos) return false;
  return equals_ignoring_case(part, text.substr(0, at)) || equals_ignoring_case(part, text.substr(at + 1));
}

bool is_domain(std::string_view domain, std::string_view text) {
  const std::size_t at = text.rfind('@');
  return at != std::string_view::npos && equals_ignoring_case(domain, text.substr(at + 1));
}

// `5.1` of `5.1.7`, not of `5.10.0`.
bool begins_with_parts(std::string_view prefix, std::string_view text) {
  if (text.size() < prefix.size() || !equals_ignoring_case(prefix, text.substr(0, prefix.size()))) return false;
  return text.size() == prefix.size() || text[prefix.size()] == '.';
}

std::string_view without_brackets(std::string_view id) {
  return id.size() > 2 && id.front() == '<' && id.back() == '>' ? id.substr(1, id.size() - 2) : id;
}

}  // namespace

bool text_satisfies(const Term& term, std::string_view text) {
  if (text.empty()) return false;
  if (term.field == Field::kMessageId) text = without_brackets(text);
  switch (term.match) {
    case Match::kExact:
      return term.field == Field::kQueue ? term.text == text : equals_ignoring_case(term.text, text);
    case Match::kGlob:
      return matches_glob(term.text, text);
    case Match::kDomain:
      return is_domain(term.text, text);
    case Match::kAddressPart:
      return is_address_part(term.text, text);
    case Match::kPart:
      return find_ignoring_case(text, term.text) != std::string_view::npos;
    case Match::kPrefix:
      return begins_with_parts(term.text, text);
    case Match::kNetwork:
      return holds_address(term.network, text);
    case Match::kLess:
    case Match::kGreater:
      return false;
  }
  return false;
}

bool pasted_id_satisfies(const Term& term, std::string_view message_id) {
  return term.match == Match::kExact && equals_ignoring_case(term.text, without_brackets(message_id));
}

bool number_satisfies(const Term& term, std::int64_t number) {
  if (term.match == Match::kLess) return number < term.number;
  if (term.match == Match::kGreater) return number > term.number;
  return number == term.number;
}

bool seconds_satisfy(const Term& term, double seconds) {
  const double micros = seconds * static_cast<double>(kSecond);
  const double bound = static_cast<double>(term.number);
  return term.match == Match::kLess ? micros < bound : micros > bound;
}

bool code_satisfies(const Term& term, std::int32_t code) {
  if (term.match == Match::kExact) return code == term.number;
  if (term.match == Match::kGlob) return true;
  // One or two digits of three.
  std::int32_t prefix = 0;
  for (const char c : term.text) prefix = prefix * 10 + (c - '0');
  return (term.text.size() == 1 ? code / 100 : code / 10) == prefix;
}

bool key_satisfies(const Term& term, std::uint64_t key) {
  return term.number != 0 && key == static_cast<std::uint64_t>(term.number);
}

}  // namespace mailtrail::query

// A plan as text: its words, its normal form, and what a raw line must hold.
#include <algorithm>

#include "base/text.h"
#include "query/network.h"
#include "query/plan.h"
#include "query/search_keys.h"

namespace mailtrail::query {
namespace {

constexpr std::string_view kPerWords[] = {"attempt", "recipient", "message", "journey", "rejection", "login", "event"};

// `text` as read_value of the parser gives it back. `stars_bare`: a `*` is a wildcard; else it is put in quotes.
// `at_bare`: likewise an `@`.
void append_value(std::string& out, std::string_view text, bool stars_bare, bool at_bare) {
  const auto is_bare = [&](char c) {
    if (c == '*') return stars_bare;
    if (c == '@') return at_bare;
    return static_cast<unsigned char>(c) > ' ' && std::string_view("\"()\\:").find(c) == std::string_view::npos;
  };
  bool open = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool bare = is_bare(c) && !(i == 0 && c == '-');
    if (bare == open) {
      out += '"';
      open = !open;
    }
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  if (open) out += '"';
}

// Microseconds as seconds: `300s`, `0.25s`.
std::string seconds_text(std::int64_t micros) {
  std::string text = std::to_string(micros / kSecond);
  if (const std::int64_t part = micros % kSecond; part != 0) {
    std::string digits = std::to_string(part);
    digits.insert(0, 6 - digits.size(), '0');
    while (digits.back() == '0') digits.pop_back();
    text += '.' + digits;
  }
  return text + 's';
}

void append_bare_word(std::string& out, const Term& term) {
  const bool address = term.field == Field::kAnyAddress;
  std::string value;
  // Without its own `@` a domain would be a text.
  append_value(value, term.match == Match::kDomain ? '@' + term.text : term.text, term.match == Match::kGlob, address);
  const bool operator_word = value == "OR" || value == "AND" || value == "NOT";
  out += operator_word ? '"' + value + '"' : value;
}

void append_term(std::string& out, const Term& term) {
  const std::string_view name = name_of(term.field);
  if (name.empty()) return append_bare_word(out, term);
  out += name;
  out += ':';
  switch (term.match) {
    case Match::kNetwork:
      out += to_text(term.network);
      return;
    case Match::kLess:
    case Match::kGreater: {
      // `>=0` is held as `>-1`.
      const bool from_zero = term.number < 0;
      out += term.match == Match::kLess ? "<" : from_zero ? ">=" : ">";
      const std::int64_t number = from_zero ? 0 : term.number;
      out += term.field == Field::kDelay ? seconds_text(number) : std::to_string(number);
      return;
    }
    case Match::kDomain:
      append_value(out, '@' + term.text, false, true);
      return;
    case Match::kExact:
      if (term.field == Field::kSize) {
        out += std::to_string(term.number);
        return;
      }
      break;
    case Match::kPrefix:
      if (term.field == Field::kCode) {
        out += term.text;
        out.append(3 - term.text.size(), 'x');
        return;
      }
      break;
    case Match::kGlob:
    case Match::kAddressPart:
    case Match::kPart:
      break;
  }
  append_value(out, term.text, term.match == Match::kGlob, true);
}

void append_expr(std::string& out, const Expr& expr, bool inner) {
  const bool brackets = inner && (expr.op == Expr::Op::kAnd || expr.op == Expr::Op::kOr);
  if (brackets) out += '(';
  switch (expr.op) {
    case Expr::Op::kTrue:
      out += '*';
      break;
    case Expr::Op::kTerm:
      append_term(out, expr.term);
      break;
    case Expr::Op::kNot:
      out += '-';
      append_expr(out, expr.children.front(), true);
      break;
    case Expr::Op::kAnd:
    case Expr::Op::kOr:
      for (std::size_t i = 0; i < expr.children.size(); ++i) {
        if (i > 0) out += expr.op == Expr::Op::kOr ? " OR " : " ";
        append_expr(out, expr.children[i], true);
      }
      break;
  }
  if (brackets) out += ')';
}

// Bytes that no framing writes in another way: JSON may escape others (`\/`, `\u003c`, `\u002b`), syslog daemons
// controls.
bool is_verbatim(char c) {
  return is_alnum(c) || c == '@' || c == '.' || c == '-' || c == '_';
}

// The longest run of such bytes that is long enough to be worth a look.
std::string_view longest_verbatim_run(std::string_view text) {
  constexpr std::size_t kLeast = 4;
  std::string_view longest;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at;
    while (end < text.size() && is_verbatim(text[end])) ++end;
    if (end - at > longest.size()) longest = text.substr(at, end - at);
    at = end + 1;
  }
  return longest.size() < kLeast ? std::string_view{} : longest;
}

// Fields whose values are taken from the lines of the journey as they stand there. Subjects and replies are not: they
// may be decoded, or joined from several lines. Nor are hosts (collectors rename them) and IP addresses (one has many
// spellings).
bool stands_in_a_line(const Term& term) {
  switch (term.field) {
    case Field::kAnyAddress:
    case Field::kFrom:
    case Field::kTo:
    case Field::kQueue:
    case Field::kMessageId:
      return true;
    default:
      return false;
  }
}

std::string_view required_run(const Expr& expr) {
  switch (expr.op) {
    case Expr::Op::kTerm:
      return stands_in_a_line(expr.term) ? longest_verbatim_run(expr.term.text) : std::string_view{};
    case Expr::Op::kAnd: {
      std::string_view longest;
      for (const Expr& child : expr.children) {
        const std::string_view run = required_run(child);
        if (run.size() > longest.size()) longest = run;
      }
      return longest;
    }
    case Expr::Op::kTrue:
    case Expr::Op::kNot:
    case Expr::Op::kOr:
      return {};
  }
  return {};
}

}  // namespace

std::optional<Per> per_from_word(std::string_view word) {
  for (std::size_t i = 0; i < std::size(kPerWords); ++i) {
    if (kPerWords[i] == word) return static_cast<Per>(i);
  }
  return std::nullopt;
}

std::string_view word(Per per) {
  return kPerWords[static_cast<std::size_t>(per)];
}

bool Expr::operator==(const Expr& other) const {
  return op == other.op && term == other.term && children == other.children;
}

std::string to_text(const Plan& plan) {
  std::string out;
  if (plan.where.op != Expr::Op::kTrue) {
    // Beside a bound, OR would bind more weakly than the blank between them.
    append_expr(out, plan.where, plan.where.op == Expr::Op::kOr && (plan.since || plan.until));
  }
  const auto append_bound = [&](std::string_view key, const std::optional<Micros>& bound) {
    if (!bound) return;
    if (!out.empty()) out += ' ';
    out += key;
    out += format_rfc3339(*bound, 0);
  };
  append_bound("since:", plan.since);
  append_bound("until:", plan.until);
  return out;
}

std::optional<std::string> required_text(const Plan& plan) {
  const std::string_view run = required_run(plan.where);
  if (run.empty()) return std::nullopt;
  return std::string(run);
}

}  // namespace mailtrail::query

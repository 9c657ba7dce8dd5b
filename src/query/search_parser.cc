// The grammar of the search language, by recursive descent:
//
//   search  = [ any ]
//   any     = all *( "OR" all )
//   all     = 1*( [ "AND" ] one )
//   one     = ( "NOT" / "-" ) one / "(" any ")" / [ key ":" ] value
#include <algorithm>
#include <cstring>

#include "base/text.h"
#include "query/network.h"
#include "query/plan.h"
#include "query/search_keys.h"
#include "query/search_value.h"

namespace mailtrail::query {
namespace {

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

// The text around `at` with a caret beneath it.
std::string show_place(std::string_view text, std::size_t at) {
  // About a line of a terminal, most of it before the mistake.
  constexpr std::size_t kBefore = 50, kAfter = 26;
  const bool fits = text.size() <= kBefore + kAfter;
  std::size_t from = fits || at <= kBefore ? 0 : at - kBefore;
  std::size_t to = fits ? text.size() : std::min(text.size(), from + kBefore + kAfter);
  const auto inside = [&](std::size_t i) { return (static_cast<unsigned char>(text[i]) & 0xC0) == 0x80; };
  for (int i = 0; i < 3 && from > 0 && inside(from); ++i) --from;
  for (int i = 0; i < 3 && to < text.size() && inside(to); ++i) ++to;
  std::string place = from > 0 ? "…" : "";
  append_printable(place, text.substr(from, at - from));
  const std::size_t width = display_width(place);
  append_printable(place, text.substr(at, to - at));
  if (to < text.size()) place += "…";
  place += '\n';
  place.append(width, ' ');
  return place + '^';
}

class SearchParser {
 public:
  SearchParser(std::string_view text, const TimeContext& context) : text_(text), context_(context) {}

  Result<Plan> run() {
    if (text_.size() > kMaxSearchLength) {
      return Error{"the search is longer than 64 KiB", "", "search for fewer words at once"};
    }
    skip_blanks();
    if (at_ < text_.size()) parse_any(plan_.where, 0);
    if (!error_ && at_ < text_.size()) fail(at_, "no `(` is open here", "leave out the `)`, or quote it");
    if (!error_) check_range();
    if (error_) return *error_;
    return std::move(plan_);
  }

 private:
  bool fail(std::size_t at, std::string what, std::string remedy = "") {
    if (!error_) error_ = Error{std::move(what), show_place(text_, at), std::move(remedy)};
    return false;
  }

  void skip_blanks() {
    while (at_ < text_.size() && is_blank(text_[at_])) ++at_;
  }

  bool at_end() const { return at_ == text_.size() || text_[at_] == ')'; }

  // Whether `word` stands here by itself.
  bool at_word(std::string_view word) const {
    if (text_.substr(at_, word.size()) != word) return false;
    const std::size_t after = at_ + word.size();
    return after == text_.size() || is_blank(text_[after]) || text_[after] == '(' || text_[after] == ')';
  }

  bool take_word(std::string_view word) {
    if (!at_word(word)) return false;
    at_ += word.size();
    skip_blanks();
    return true;
  }

  bool parse_any(Expr& out, int depth) {
    std::vector<Expr> parts;
    while (true) {
      const std::size_t begin = at_;
      if (at_word("OR")) return fail(begin, "OR needs a condition before it", kQuoteWord);
      Expr part;
      if (!parse_all(part, depth)) return false;
      parts.push_back(std::move(part));
      const std::size_t word = at_;
      if (!take_word("OR")) break;
      if (at_end()) return fail(word, "OR needs a condition after it", kQuoteWord);
    }
    if (depth == 0 && parts.size() > 1 && bound_at_) return fail(*bound_at_, kBoundPlace, kBoundRemedy);
    join(out, Expr::Op::kOr, std::move(parts));
    return true;
  }

  bool parse_all(Expr& out, int depth) {
    std::vector<Expr> parts;
    bool first = true;
    for (; !at_end() && !at_word("OR"); first = false) {
      const std::size_t word = at_;
      if (take_word("AND")) {
        if (first) return fail(word, "AND needs a condition before it", kQuoteWord);
        if (at_end() || at_word("OR")) return fail(word, "AND needs a condition after it", kQuoteWord);
        if (at_word("AND")) return fail(at_, "AND stands twice", "");
      }
      Expr part;
      if (!parse_one(part, depth, depth == 0)) return false;
      // What is true of everything adds nothing.
      if (part.op != Expr::Op::kTrue) parts.push_back(std::move(part));
    }
    join(out, Expr::Op::kAnd, std::move(parts));
    return true;
  }

  bool parse_one(Expr& out, int depth, bool bounds_allowed) {
    if (depth >= kMaxSearchDepth) return fail(at_, "the search is nested too deeply", "at most 64 levels are taken");
    const std::size_t begin = at_;
    const bool minus = text_[at_] == '-';
    if (minus || at_word("NOT")) {
      if (minus) {
        ++at_;
        if (at_end() || is_blank(text_[at_])) {
          return fail(begin, "`-` needs a condition right after it", "write it as \"-\" to search for it");
        }
      } else {
        take_word("NOT");
        if (at_end() || at_word("OR") || at_word("AND"))
          return fail(begin, "NOT needs a condition after it", kQuoteWord);
      }
      Expr inner;
      if (!parse_one(inner, depth + 1, false)) return false;
      negate(out, std::move(inner));
      return true;
    }
    if (text_[at_] == '(') {
      ++at_;
      skip_blanks();
      if (at_end()) {
        return at_ == text_.size() ? fail(begin, "this `(` is not closed", "add a `)`, or quote it")
                                   : fail(begin, "nothing stands between the parentheses", "");
      }
      if (!parse_any(out, depth + 1)) return false;
      if (at_ == text_.size()) return fail(begin, "this `(` is not closed", "add a `)`, or quote it");
      ++at_;
      skip_blanks();
      return true;
    }
    return parse_term(out, bounds_allowed);
  }

  // The letters of a key and its colon at the cursor; empty where none stands here.
  std::string_view key_here() const {
    std::size_t end = at_;
    while (end < text_.size() && (is_alpha(text_[end]) || text_[end] == '_' || text_[end] == '-')) ++end;
    if (end == at_ || end == text_.size() || text_[end] != ':') return {};
    const std::string_view key = text_.substr(at_, end - at_);
    if (search_key(key)) return key;
    // An IPv6 address may begin with letters.
    std::size_t word = at_;
    while (word < text_.size() && !is_blank(text_[word]) && text_[word] != ')') ++word;
    return parse_network(text_.substr(at_, word - at_)) ? std::string_view{} : key;
  }

  bool parse_term(Expr& out, bool bounds_allowed) {
    const std::size_t begin = at_;
    const std::string_view name = key_here();
    SearchValue value;
    if (name.empty()) {
      if (!read_value(value)) return false;
      const bool only_stars = value.text.find_first_not_of('*') == std::string::npos;
      if (only_stars && value.wildcard && !value.literal_star) return true;
      return take_term(out, make_bare_term(value), begin);
    }
    const auto key = search_key(name);
    if (!key) return fail_unknown_key(begin, name);
    at_ += name.size() + 1;
    const std::size_t value_at = at_;
    if (!read_value(value)) return false;
    if (value.text.empty()) return fail(begin, std::string(name) + ": needs a value right after the colon", "");
    if (key->sort == SearchKey::Sort::kField) return take_term(out, make_term(key->field, value), value_at);
    if (!bounds_allowed) return fail(begin, kBoundPlace, kBoundRemedy);
    auto bound = make_bound(value, context_);
    if (!bound.ok()) return fail(value_at, bound.error().what, bound.error().remedy);
    if (!bound_at_) bound_at_ = begin;
    last_bound_at_ = begin;
    if (key->sort == SearchKey::Sort::kSince) {
      plan_.since = std::max(plan_.since.value_or(*bound), *bound);
    } else {
      plan_.until = std::min(plan_.until.value_or(*bound), *bound);
    }
    return true;
  }

  bool fail_unknown_key(std::size_t begin, std::string_view name) {
    const std::string_view near = nearest_key(name);
    const std::string quote = "in quotes it is searched for as a text";
    std::string remedy =
        near.empty() ? "the keys are " + all_key_names() + "; " + quote : "did you mean " + std::string(near) + ":?";
    return fail(begin, "there is no key `" + printable(name.substr(0, 40)) + ":`", std::move(remedy));
  }

  bool take_term(Expr& out, Result<Term> term, std::size_t at) {
    if (!term.ok()) return fail(at, term.error().what, term.error().remedy);
    out.op = Expr::Op::kTerm;
    out.term = std::move(*term);
    return true;
  }

  // Pieces in quotes and bare pieces up to a blank or a parenthesis, joined.
  bool read_value(SearchValue& value) {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (is_blank(c) || c == ')') break;
      if (c == '(') return fail(at_, "a `(` cannot stand inside a word", "quote it, or put a blank before it");
      if (c == '"') {
        if (!read_quoted(value)) return false;
        continue;
      }
      value.wildcard = value.wildcard || c == '*';
      value.bare_at = value.bare_at || c == '@';
      value.text += c;
      ++at_;
    }
    skip_blanks();
    return true;
  }

  bool read_quoted(SearchValue& value) {
    const std::size_t begin = at_++;
    while (at_ < text_.size() && text_[at_] != '"') {
      if (text_[at_] == '\\' && at_ + 1 < text_.size() && (text_[at_ + 1] == '"' || text_[at_ + 1] == '\\')) ++at_;
      value.literal_star = value.literal_star || text_[at_] == '*';
      value.text += text_[at_++];
    }
    if (at_ == text_.size())
      return fail(begin, "this quote is not closed", "add a `\"`; inside quotes write it as \\\"");
    ++at_;
    return true;
  }

  // One operator over `parts`; parts of the same operator are taken in.
  static void join(Expr& out, Expr::Op op, std::vector<Expr> parts) {
    if (parts.empty()) return;
    if (parts.size() == 1) {
      out = std::move(parts.front());
      return;
    }
    out.op = op;
    for (Expr& part : parts) {
      if (part.op == op) {
        std::move(part.children.begin(), part.children.end(), std::back_inserter(out.children));
      } else {
        out.children.push_back(std::move(part));
      }
    }
  }

  static void negate(Expr& out, Expr inner) {
    if (inner.op == Expr::Op::kNot) {
      Expr child = std::move(inner.children.front());
      out = std::move(child);
      return;
    }
    out.op = Expr::Op::kNot;
    out.children.push_back(std::move(inner));
  }

  void check_range() {
    if (plan_.since && plan_.until && *plan_.since >= *plan_.until) {
      fail(last_bound_at_, "nothing can lie between these times: until: is not after since:", "exchange them");
    }
  }

  static constexpr const char* kQuoteWord = "in quotes the word is searched for";
  static constexpr const char* kBoundPlace = "since: and until: hold for the whole search";
  static constexpr const char* kBoundRemedy = "put them beside the rest, as in (a OR b) since:2d";

  std::string_view text_;
  const TimeContext& context_;
  std::size_t at_ = 0;
  Plan plan_;
  std::optional<Error> error_;
  std::optional<std::size_t> bound_at_;
  std::size_t last_bound_at_ = 0;
};

}  // namespace

Result<Plan> parse_search(std::string_view text, const TimeContext& context) {
  return SearchParser(text, context).run();
}

}  // namespace mailtrail::query

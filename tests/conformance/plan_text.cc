#include "tests/conformance/plan_text.h"

#include "query/search_keys.h"
#include "tests/conformance/fact_text.h"

namespace mailtrail::conformance {

std::string text_of(const query::Expr& expr) {
  using Op = query::Expr::Op;
  constexpr std::string_view kMatches[] = {"exact",  "glob",    "domain", "part_of_address", "part",
                                           "prefix", "network", "less",   "greater"};
  switch (expr.op) {
    case Op::kTrue:
      return "TRUE";
    case Op::kTerm: {
      const query::Term& term = expr.term;
      const std::string name(query::name_of(term.field));
      std::string text = (name.empty() ? term.field == query::Field::kAnyAddress ? "ADDRESS" : "TEXT" : name) + ":" +
                         std::string(kMatches[static_cast<int>(term.match)]) + "('" + printable(term.text) + "'";
      if (term.number != 0) text += ", " + std::to_string(term.number);
      if (term.match == query::Match::kNetwork) text += ", /" + std::to_string(term.network.bits);
      return text + ")";
    }
    case Op::kNot:
      return "NOT " + text_of(expr.children.front());
    case Op::kAnd:
    case Op::kOr: {
      std::string text;
      for (const query::Expr& child : expr.children) {
        text += (text.empty() ? "(" : expr.op == Op::kAnd ? " AND " : " OR ") + text_of(child);
      }
      return text + ")";
    }
  }
  return {};
}

std::string text_of(const query::Plan& plan) {
  std::string text = text_of(plan.where);
  if (plan.since) text += " since " + std::to_string(*plan.since);
  if (plan.until) text += " until " + std::to_string(*plan.until);
  return text;
}

}  // namespace mailtrail::conformance

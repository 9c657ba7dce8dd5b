#include "tests/conformance/plan_maker.h"

#include <optional>
#include <span>
#include <type_traits>

#include "base/text.h"
#include "model/fact_columns.h"
#include "query/row.h"
#include "query/search_keys.h"

namespace mailtrail::conformance {
namespace {

namespace fact = model::fact;

// Hands each value of a fact to `keep(column, text)` and each time to `keep_time`.
template <class Keep, class KeepTime>
struct Harvester {
  Keep keep;
  KeepTime keep_time;

  void operator()(std::string_view name, const model::Text& text, fact::Role = {}) const {
    if (!text.empty() && text.size() < 1'000) keep(name, std::string(text));
  }
  void operator()(std::string_view name, const model::Texts& texts, fact::Role role = {}) const {
    for (const model::Text text : texts) (*this)(name, text, role);
  }
  template <class T>
  requires std::is_integral_v<T>
  void operator()(std::string_view name, const T& number, fact::Role role = {}) const {
    if (role == fact::Role::kTime) keep_time(static_cast<Micros>(number));
    if (role == fact::Role::kKey) keep(name, query::key_text(static_cast<std::uint64_t>(number)));
    if (role == fact::Role::kPlain) keep(name, std::to_string(number));
  }
  template <class T>
  void operator()(std::string_view name, const std::optional<T>& number, fact::Role role = {}) const {
    if (number) (*this)(name, *number, role);
  }
  template <class Enum>
  requires std::is_enum_v<Enum>
  void operator()(std::string_view name, const Enum& value, fact::Role = {}) const {
    keep(name, std::string(model::word(value)));
  }
  void operator()(std::string_view, const auto&, fact::Role = {}) const {}
};
template <class Keep, class KeepTime>
Harvester(Keep, KeepTime) -> Harvester<Keep, KeepTime>;

struct Key {
  std::string_view key;
  std::initializer_list<std::string_view> columns;
  bool address = false;
};
const Key kKeys[] = {
    {"", {"sender", "recipient", "orig_recipients", "message_id"}, true},
    {"", {"subject", "queue_id", "reply", "remote_queue_id", "child_queue_id", "message_key", "journey", "session_id"}},
    {"from:", {"sender"}, true},
    {"to:", {"recipient", "orig_recipient", "orig_recipients"}, true},
    {"reason:", {"reason"}},
    {"actor:", {"actor"}},
    {"action:", {"action"}},
    {"code:", {"smtp_code"}},
    {"dsn:", {"dsn"}},
    {"provider:", {"provider"}},
    {"client:", {"client_ip", "client_name"}},
    {"user:", {"sasl_user", "user"}, true},
    {"host:", {"host"}},
    {"queue:", {"queue_id"}},
    {"msgid:", {"message_id"}},
    {"subject:", {"subject"}},
    {"relay:", {"relay_host", "relay_ip", "relay_path"}},
    {"mailer:", {"mailer"}},
};

}  // namespace

void PlanMaker::learn(const AnyFact& fact) {
  const Harvester harvest{
      [&](std::string_view column, std::string value) { values_[std::string(column)].push_back(std::move(value)); },
      [&](Micros time) { times_.push_back(time); }};
  std::visit([&](const auto& one) { fact::columns(one, harvest); }, fact);
  if (const auto* journey = std::get_if<fact::Journey>(&fact)) {
    for (const auto& one : journey->messages) fact::columns(one, harvest);
    for (const auto& one : journey->deliveries) fact::columns(one, harvest);
    for (const auto& one : journey->recipients) fact::columns(one, harvest);
  }
}

std::string PlanMaker::value_of(std::initializer_list<std::string_view> columns) {
  const auto found = values_.find(dice_.one_of(columns));
  return found == values_.end() ? "nothing-like-it" : dice_.one_of(found->second);
}

// The value or something that it satisfies, as the text behind a colon.
std::string PlanMaker::varied(std::string value, bool address) {
  if (dice_.chance(15)) {
    for (char& c : value) c = dice_.chance(50) ? to_lower(c) : (c >= 'a' && c <= 'z') ? static_cast<char>(c - 32) : c;
  }
  const std::size_t at = value.rfind('@');
  if (address && at != std::string::npos && dice_.chance(50)) {
    switch (dice_.below(4)) {
      case 0:
        return written(value.substr(at));  // its domain
      case 1:
        return written(value.substr(at + 1));
      case 2:
        return written(value.substr(0, at));
      default:
        return "@*" + written(value.substr(std::min(value.size(), at + 3)));
    }
  }
  const std::size_t cut = dice_.below(value.size() + 1);
  switch (dice_.below(8)) {
    case 0:
      return written(value.substr(0, cut)) + '*';
    case 1:
      return '*' + written(value.substr(cut));
    case 2:
      return written(value.substr(0, cut)) + '*' + written(value.substr(std::min(value.size(), cut + 2)));
    case 3:
      return written(value.substr(cut));
    case 4:
      return dice_.chance(30) ? "*" : written(value);
    default:
      return written(value);
  }
}

std::string PlanMaker::written(std::string_view value) {
  std::string quoted = "\"";
  bool plain = !value.empty() && value.front() != '-';
  for (const char c : value) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
    plain = plain && c > ' ' && c != '"' && c != '\\' && c != '*' && c != '(' && c != ')' && c != ':';
  }
  return plain && dice_.chance(80) ? std::string(value) : quoted + '"';
}

std::string PlanMaker::term_text() {
  const auto word = [&](query::Field field) { return std::string(dice_.one_of(query::closed_words(field))); };
  switch (dice_.below(12)) {
    case 0:
    case 1:
      return "status:" + word(query::Field::kStatus);
    case 2:
      return dice_.chance(50) ? "stage:" + word(query::Field::kStage) : "kind:" + word(query::Field::kKind);
    case 3: {
      const std::string sign = dice_.chance(50) ? "size:>" : "size:<";
      return sign + (dice_.chance(50) ? value_of({"size"}) : std::to_string(dice_.below(5)));
    }
    case 4:
      return std::string(dice_.chance(50) ? "delay:>" : "delay:<") +
             std::string(dice_.one_of(std::initializer_list<std::string_view>{"0", "0.3s", "5s", "5m", "1h", "1d"}));
    case 5: {
      constexpr std::string_view kNetworks[] = {"192.0.2.0/24", "2001:db8::/32", "192.0.2.1", "0.0.0.0/0", "::/0"};
      return (dice_.chance(50) ? "client:" : "relay:") + std::string(dice_.one_of(kNetworks));
    }
    case 6: {
      constexpr std::string_view kCodes[] = {"code:5xx", "code:45x", "code:2xx", "dsn:5.1", "dsn:5", "dsn:*.1.*"};
      return std::string(dice_.one_of(kCodes));
    }
    default: {
      const Key& key = dice_.one_of(kKeys);
      return std::string(key.key) + varied(value_of(key.columns), key.address);
    }
  }
}

query::Expr PlanMaker::leaf() {
  for (int tries = 0; tries < 20; ++tries) {
    auto plan = query::parse_search(term_text(), {});
    ++(plan.ok() ? parsed_ : refused_);
    if (plan.ok()) return plan->where;
  }
  return {};
}

query::Expr PlanMaker::tree(int depth) {
  if (depth == 0 || dice_.chance(35)) return dice_.chance(5) ? query::Expr{} : leaf();
  query::Expr expr;
  if (dice_.chance(25)) {
    expr.op = query::Expr::Op::kNot;
    expr.children.push_back(tree(depth - 1));
    return expr;
  }
  expr.op = dice_.chance(50) ? query::Expr::Op::kAnd : query::Expr::Op::kOr;
  for (std::size_t left = dice_.below(3) + 2; left > 0; --left) expr.children.push_back(tree(depth - 1));
  return expr;
}

query::Plan PlanMaker::plan() {
  query::Plan plan;
  if (dice_.chance(40)) {
    std::string text;
    for (std::size_t left = dice_.below(3) + 1; left > 0; --left) {
      if (dice_.chance(15)) text += '-';
      text += term_text() + (left > 1 && dice_.chance(30) ? " OR " : " ");
    }
    auto parsed = query::parse_search(text, {});
    ++(parsed.ok() ? parsed_ : refused_);
    plan = parsed.ok() ? *parsed : query::Plan{leaf(), {}, {}};
  } else {
    plan.where = tree(static_cast<int>(dice_.below(4)));
  }
  if (!times_.empty() && dice_.chance(15)) plan.since = dice_.one_of(times_);
  if (!times_.empty() && dice_.chance(15)) plan.until = dice_.one_of(times_) + 1;
  return plan;
}

}  // namespace mailtrail::conformance

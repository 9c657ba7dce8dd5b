#include "store/duckdb/lookup_key.h"

#include <algorithm>

#include "base/hash.h"
#include "query/network.h"

namespace mailtrail::store::duckdb {
namespace {

using query::Expr;
using query::Field;
using query::Match;

void add(std::vector<std::uint32_t>& hashes, model::Text value) {
  if (!value.empty()) hashes.push_back(lookup_hash(value));
}

// A client is asked for by its name, or by its address in any spelling: that of query::to_text is kept too where it is
// another. Of IPv4 there is one.
void add_client(std::vector<std::uint32_t>& hashes, model::Text client) {
  add(hashes, client);
  if (client.find(':') == model::Text::npos) return;
  if (const auto address = query::parse_address(client)) add(hashes, query::to_text(*address));
}

bool is_one_client(const query::Term& term) {
  return term.field == Field::kClient && term.match == Match::kNetwork && term.network.bits == 128;
}

void keep_once(std::vector<std::uint32_t>& hashes) {
  std::sort(hashes.begin(), hashes.end());
  hashes.erase(std::unique(hashes.begin(), hashes.end()), hashes.end());
}

bool is_keyed(const query::Term& term) {
  if (term.match != Match::kExact || term.text.empty()) return false;
  switch (term.field) {
    case Field::kAnyAddress:
    case Field::kFrom:
    case Field::kTo:
    case Field::kClient:
    case Field::kUser:
    case Field::kQueue:
    case Field::kMessageId:
      return true;
    default:
      return false;
  }
}

// More alternatives than this are not looked up one by one.
constexpr std::size_t kMostAlternatives = 256;

std::optional<std::vector<std::uint32_t>> keys_of(const Expr& expr) {
  if (expr.op == Expr::Op::kTerm) {
    if (is_one_client(expr.term)) return std::vector<std::uint32_t>{lookup_hash(query::to_text(expr.term.network))};
    if (!is_keyed(expr.term)) return std::nullopt;
    return std::vector<std::uint32_t>{lookup_hash(expr.term.text)};
  }
  if (expr.op == Expr::Op::kAnd) {
    std::optional<std::vector<std::uint32_t>> best;
    for (const Expr& child : expr.children) {
      std::optional<std::vector<std::uint32_t>> keys = keys_of(child);
      if (keys && (!best || keys->size() < best->size())) best = std::move(keys);
    }
    return best;
  }
  if (expr.op != Expr::Op::kOr) return std::nullopt;
  std::vector<std::uint32_t> all;
  for (const Expr& child : expr.children) {
    const std::optional<std::vector<std::uint32_t>> keys = keys_of(child);
    if (!keys || all.size() + keys->size() > kMostAlternatives) return std::nullopt;
    all.insert(all.end(), keys->begin(), keys->end());
  }
  keep_once(all);
  return all;
}

}  // namespace

std::uint32_t lookup_hash(std::string_view value) {
  if (value.size() > 2 && value.front() == '<' && value.back() == '>') value = value.substr(1, value.size() - 2);
  std::uint64_t hash = value.size();
  char block[64];
  while (!value.empty()) {
    const std::size_t size = std::min(value.size(), sizeof block);
    for (std::size_t i = 0; i < size; ++i) {
      const char c = value[i];
      block[i] = c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
    }
    hash = hash_bytes({block, size}, hash);
    value.remove_prefix(size);
  }
  return static_cast<std::uint32_t>(hash ^ hash >> 32);
}

void collect_keys(const model::fact::Journey& journey, std::vector<std::uint32_t>& hashes) {
  hashes.clear();
  add(hashes, journey.sender), add(hashes, journey.message_id);
  for (const model::fact::Message& message : journey.messages) {
    add(hashes, message.sender), add(hashes, message.message_id), add(hashes, message.queue_id);
    add_client(hashes, message.client_ip), add_client(hashes, message.client_name);
    add(hashes, message.sasl_user), add(hashes, message.user);
  }
  for (const model::fact::Delivery& delivery : journey.deliveries) {
    add(hashes, delivery.event.recipient), add(hashes, delivery.event.orig_recipient);
    add(hashes, delivery.event.sender);
  }
  for (const model::fact::Recipient& recipient : journey.recipients) {
    add(hashes, recipient.recipient);
    for (const model::Text original : recipient.orig_recipients) add(hashes, original);
  }
  keep_once(hashes);
}

void collect_keys(const model::fact::Rejection& rejection, std::vector<std::uint32_t>& hashes) {
  hashes.clear();
  const model::event::Reject& event = rejection.event;
  add(hashes, event.sender), add(hashes, event.recipient), add_client(hashes, event.client_ip);
  add_client(hashes, event.client_name), add(hashes, event.sasl_user), add(hashes, rejection.queue_id);
  keep_once(hashes);
}

void collect_keys(const model::fact::Login& login, std::vector<std::uint32_t>& hashes) {
  hashes.clear();
  add(hashes, login.event.user), add_client(hashes, login.event.client_ip), add_client(hashes, login.event.client_name);
  keep_once(hashes);
}

std::optional<std::vector<std::uint32_t>> keys_of(const query::Plan& plan) {
  return keys_of(plan.where);
}

}  // namespace mailtrail::store::duckdb

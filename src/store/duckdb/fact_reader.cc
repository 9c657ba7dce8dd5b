#include "store/duckdb/fact_reader.h"

#include <algorithm>

#include "store/duckdb/lookup_key.h"

namespace mailtrail::store::duckdb {
namespace {

namespace fact = model::fact;

// Journeys, or other facts, that are in memory at once.
constexpr std::size_t kPiece = 16384;
// Days whose keys are looked up in one query: each query has its price, a hundred tables in one are planned slowly.
constexpr std::size_t kDaysAtOnce = 32;
// Single numbers that are asked for in one query: close to each other, and apart.
constexpr std::size_t kFewNumbers = 1024;
constexpr std::size_t kFewApart = 32;
// Rows that DuckDB filters at once; where none of them is wanted it does not look at their other columns.
constexpr std::int64_t kVector = 2048;

std::string tail_name(std::string_view kind, std::int64_t) {
  return tail_table(kind);
}

// The SQL condition for these numbers, which MUST be in ascending order. A list is looked at while the table is
// scanned, for each row and number: vectors without any are passed over. An IN is looked at behind the scan, when all
// columns have been read: right where most vectors hold a number.
std::string condition_of(std::span<const std::int64_t> numbers) {
  std::string condition = "no BETWEEN " + std::to_string(numbers.front()) + " AND " + std::to_string(numbers.back());
  if (numbers.size() == 1) return condition;
  const bool apart = numbers.size() <= kFewApart;
  condition += apart ? " AND list_contains([" : " AND no IN (";
  for (const std::int64_t& number : numbers) {
    if (&number != numbers.data()) condition += ',';
    condition += std::to_string(number);
  }
  return condition + (apart ? "]::BIGINT[], no)" : ")");
}

// How many of the first numbers, in ascending order, are asked for in one query.
std::size_t piece_of(std::span<const std::int64_t> numbers) {
  const std::size_t most = std::min(numbers.size(), kFewNumbers);
  if (most <= kFewApart) return most;
  const bool close = numbers[most - 1] - numbers.front() < static_cast<std::int64_t>(most) * kVector;
  return close ? most : kFewApart;
}

template <class Fact>
struct Part {
  std::span<Fact> facts;
  std::span<const KeptWith<Fact>> with;
};

// The facts of a sorted list whose number is `number`, from `at` on; `at` moves behind them.
template <class Fact>
Part<Fact> take_of(LoadedFacts<Fact>& loaded, std::int64_t number, std::size_t& at) {
  while (at < loaded.numbers.size() && loaded.numbers[at] < number) ++at;
  const std::size_t first = at;
  while (at < loaded.numbers.size() && loaded.numbers[at] == number) ++at;
  return {{loaded.facts.data() + first, at - first}, {loaded.with.data() + first, at - first}};
}

}  // namespace

FactReader::FactReader(const Connection& connection, const Selection& selection, model::FactSink& sink)
    : connection_(connection), selection_(selection), sink_(sink) {}

bool FactReader::lies_in(Micros time) const {
  if (!selection_.since && !selection_.until) return true;
  return time != 0 && (!selection_.since || time >= *selection_.since) &&
         (!selection_.until || time < *selection_.until);
}

// Whether a fact of the day can lie in the ranges that are asked for.
bool FactReader::may_hold(const Day& day) const {
  const auto overlaps = [&](const std::optional<Micros>& since, const std::optional<Micros>& until) {
    if (!since && !until) return true;
    return day.first && (!since || *day.last >= *since) && (!until || *day.first < *until);
  };
  if (!overlaps(selection_.since, selection_.until)) return false;
  return selection_.plan == nullptr || overlaps(selection_.plan->since, selection_.plan->until);
}

Result<Done> FactReader::run() {
  Result<std::set<std::string>> tables = table_names(connection_);
  if (!tables.ok()) return tables.error();
  tables_ = std::move(*tables);
  const Result<std::vector<Day>> days = settled_days(connection_);
  if (!days.ok()) return days.error();
  std::vector<Place> asked;
  for (const Day& day : *days) {
    if (may_hold(day)) asked.push_back({day_table, day.number});
  }
  const auto hashes = selection_.plan == nullptr ? std::nullopt : keys_of(*selection_.plan);
  for (std::size_t begin = 0; begin < asked.size(); begin += kDaysAtOnce) {
    const std::span days_of = std::span(asked).subspan(begin, std::min(kDaysAtOnce, asked.size() - begin));
    Result<std::map<std::int64_t, Numbers>> found = std::map<std::int64_t, Numbers>();
    if (hashes) found = look_up(days_of, *hashes);
    if (!found.ok()) return found.error();
    for (const Place& place : days_of) {
      const auto wanted = found->find(place.day);
      if (hashes && wanted == found->end()) continue;
      const Result<Done> read = read_place(place, hashes ? &wanted->second : nullptr);
      if (!read.ok()) return read.error();
    }
  }
  return read_tail(hashes);
}

// A tail of an older schema has no keys, nor has one whose facts hold nothing to look up: it is read whole.
Result<Done> FactReader::read_tail(const std::optional<std::vector<std::uint32_t>>& hashes) {
  const Place tail{tail_name, 0};
  if (!hashes || !tables_.contains(tail.keys())) return read_place(tail, nullptr);
  const Result<std::map<std::int64_t, Numbers>> found = look_up({&tail, 1}, *hashes);
  if (!found.ok()) return found.error();
  const auto wanted = found->find(tail.day);
  return wanted == found->end() ? Result<Done>(Done{}) : read_place(tail, &wanted->second);
}

Result<std::map<std::int64_t, FactReader::Numbers>> FactReader::look_up(
    std::span<const Place> places, const std::vector<std::uint32_t>& hashes) const {
  std::map<std::int64_t, Numbers> found;
  if (hashes.empty()) return found;
  std::string list;
  for (const std::uint32_t hash : hashes) list += (list.empty() ? "" : ",") + std::to_string(hash);
  std::string sql;
  for (const Place& place : places) {
    const std::string table = place.keys();
    if (!tables_.contains(table)) continue;
    sql += (sql.empty() ? "SELECT " : " UNION ALL SELECT ") + std::to_string(place.day) + "::BIGINT, no FROM " + table +
           (hashes.size() == 1 ? " WHERE hash = " + list : " WHERE hash IN (" + list + ")");
  }
  if (sql.empty()) return found;
  Result<Rows> rows = connection_.rows(sql);
  if (!rows.ok()) return rows.error();
  while (Chunk chunk = rows->next()) {
    for (std::size_t row = 0; row < chunk.rows(); ++row) {
      found[chunk.data<std::int64_t>(0)[row]].push_back(chunk.data<std::int64_t>(1)[row]);
    }
  }
  for (auto& [day, numbers] : found) {
    std::sort(numbers.begin(), numbers.end());
    numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
  }
  return found;
}

Result<FactReader::Wanted> FactReader::numbers_of(const std::string& table, const Numbers* wanted) const {
  if (wanted != nullptr) return Wanted{*wanted, false, false};
  Result<Rows> rows = connection_.rows("SELECT no FROM " + table);
  if (!rows.ok()) return rows.error();
  Wanted all{{}, true, true};
  while (Chunk chunk = rows->next()) {
    const std::int64_t* data = chunk.data<std::int64_t>(0);
    all.numbers.insert(all.numbers.end(), data, data + chunk.rows());
  }
  all.in_order = std::is_sorted(all.numbers.begin(), all.numbers.end());
  if (!all.in_order) std::sort(all.numbers.begin(), all.numbers.end());
  return all;
}

Result<Done> FactReader::by_piece(const Wanted& wanted, const std::function<Result<Done>(const std::string&)>& f) {
  std::span<const std::int64_t> left = wanted.numbers;
  while (!left.empty()) {
    const auto piece = left.first(wanted.all ? std::min(left.size(), kPiece) : piece_of(left));
    left = left.subspan(piece.size());
    std::string condition = wanted.all
                                ? "no BETWEEN " + std::to_string(piece.front()) + " AND " + std::to_string(piece.back())
                                : condition_of(piece);
    // Rows come in the order in which they were added.
    if (!wanted.in_order) condition += " ORDER BY no, rowid";
    if (const Result<Done> done = f(condition); !done.ok()) return done.error();
  }
  return Done{};
}

template <class Fact>
Result<Done> FactReader::load(const Place& place, Table table, const std::string& condition, LoadedFacts<Fact>& facts) {
  facts.clear();
  const std::string name = place.table(table);
  if (!tables_.contains(name)) return Done{};
  Result<Rows> rows = connection_.rows("SELECT * FROM " + name + " WHERE " + condition);
  if (!rows.ok()) return rows.error();
  facts.load(table, std::move(*rows), arena_);
  return Done{};
}

Result<Done> FactReader::read_journeys(const Place& place, const Numbers* wanted) {
  const std::string table = place.table(Table::kJourney);
  if (!tables_.contains(table)) return Done{};
  const Result<Wanted> numbers = numbers_of(table, wanted);
  if (!numbers.ok()) return numbers.error();
  return by_piece(*numbers, [&](const std::string& condition) { return tell_journeys(place, condition); });
}

Result<Done> FactReader::tell_journeys(const Place& place, const std::string& condition) {
  arena_.clear();
  auto& [journeys, messages, deliveries, recipients, auth_results, verdicts] = parts_;
  for (const Result<Done>& done :
       {load(place, Table::kJourney, condition, journeys), load(place, Table::kMessage, condition, messages),
        load(place, Table::kDelivery, condition, deliveries), load(place, Table::kRecipient, condition, recipients),
        load(place, Table::kAuthResult, condition, auth_results), load(place, Table::kVerdict, condition, verdicts)}) {
    if (!done.ok()) return done.error();
  }
  std::size_t message = 0, delivery = 0, recipient = 0, auth_result = 0, verdict = 0;
  for (std::size_t i = 0; i < journeys.facts.size(); ++i) {
    const std::int64_t number = journeys.numbers[i];
    fact::Journey& journey = journeys.facts[i];
    const auto stays = take_of(messages, number, message);
    unpack(journey, stays.with, stays.facts);
    const auto attempts = take_of(deliveries, number, delivery);
    unpack(journey, stays.facts, attempts.with, attempts.facts, arena_);
    fact::complete_journey(journey, stays.facts, attempts.facts, arena_);
    const auto ends = take_of(recipients, number, recipient);
    unpack(attempts.facts, ends.with, ends.facts);
    journey.recipients = ends.facts;
    journey.auth_results = take_of(auth_results, number, auth_result).facts;
    journey.verdicts = take_of(verdicts, number, verdict).facts;
    if (selection_.deliveries) {
      for (const fact::Delivery& one : journey.deliveries) {
        if (lies_in(one.time)) sink_.on_delivery(one);
      }
    }
    if (selection_.journeys && lies_in(journey.received)) sink_.on_journey(journey);
  }
  return Done{};
}

template <class Fact, class Tell>
Result<Done> FactReader::read_facts(const Place& place, Table table, const Numbers* wanted, Tell&& tell) {
  const std::string name = place.table(table);
  if (!tables_.contains(name)) return Done{};
  const Result<Wanted> numbers = numbers_of(name, wanted);
  if (!numbers.ok()) return numbers.error();
  return by_piece(*numbers, [&](const std::string& condition) -> Result<Done> {
    arena_.clear();
    LoadedFacts<Fact> facts;
    if (const Result<Done> loaded = load(place, table, condition, facts); !loaded.ok()) return loaded.error();
    for (const Fact& one : facts.facts) tell(one);
    return Done{};
  });
}

Result<Done> FactReader::read_place(const Place& place, const Numbers* wanted) {
  Result<Done> done = Done{};
  const auto go_on = [&](auto&& read) {
    if (done.ok()) done = read();
  };
  const auto timed = [&](auto call) {
    return [this, call](const auto& one) {
      if (lies_in(one.time)) (sink_.*call)(one);
    };
  };
  using Sink = model::FactSink;
  if (selection_.journeys || selection_.deliveries) go_on([&] { return read_journeys(place, wanted); });
  if (selection_.rejections) {
    go_on([&] { return read_facts<fact::Rejection>(place, Table::kRejection, wanted, timed(&Sink::on_rejection)); });
  }
  if (selection_.logins) {
    go_on([&] { return read_facts<fact::Login>(place, Table::kLogin, wanted, timed(&Sink::on_login)); });
  }
  if (!selection_.others || selection_.plan != nullptr) return done;
  go_on([&] {
    return read_facts<fact::Session>(place, Table::kSession, nullptr, [this](const fact::Session& one) {
      if (lies_in(one.began != 0 ? one.began : one.ended)) sink_.on_session(one);
    });
  });
  go_on([&] { return read_facts<fact::TlsSession>(place, Table::kTls, nullptr, timed(&Sink::on_tls)); });
  go_on([&] { return read_facts<fact::Notice>(place, Table::kNotice, nullptr, timed(&Sink::on_notice)); });
  go_on([&] { return read_facts<fact::Policy>(place, Table::kPolicy, nullptr, timed(&Sink::on_policy)); });
  go_on([&] { return read_facts<fact::Gap>(place, Table::kGap, nullptr, timed(&Sink::on_gap)); });
  return done;
}

}  // namespace mailtrail::store::duckdb

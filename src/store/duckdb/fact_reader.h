// FactReader: facts of the tables, told again.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "model/fact_sink.h"
#include "store/duckdb/catalog.h"
#include "store/duckdb/connection.h"
#include "store/duckdb/row_reader.h"
#include "store/store.h"

namespace mailtrail::store::duckdb {

// Reads in the transaction of `connection`, which MUST be open: so what is told is the state of one commit. Some
// thousands of facts are in memory at once, with all that belongs to them.
class FactReader {
 public:
  FactReader(const Connection& connection, const Selection& selection, model::FactSink& sink);
  Result<Done> run();

 private:
  // The tables of one day, or those of the tail.
  struct Place {
    std::string (*name)(std::string_view kind, std::int64_t day);
    std::int64_t day;
    std::string table(Table kind) const { return name(kTableNames[static_cast<std::size_t>(kind)], day); }
    std::string keys() const { return name("key", day); }
  };
  using Numbers = std::vector<std::int64_t>;
  // Facts of one table, and of those that hold their parts.
  struct Wanted {
    Numbers numbers;        // in ascending order
    bool all = false;       // that the table has
    bool in_order = false;  // the table has them in this order
  };

  bool may_hold(const Day& day) const;
  Result<Done> read_place(const Place& place, const Numbers* wanted);
  // The numbers of facts that have one of the keys, in ascending order, of each of the places that has some; by the
  // day.
  Result<std::map<std::int64_t, Numbers>> look_up(std::span<const Place> places,
                                                  const std::vector<std::uint32_t>& hashes) const;
  Result<Done> read_tail(const std::optional<std::vector<std::uint32_t>>& hashes);
  // The numbers of a table, those of `wanted` alone where given.
  Result<Wanted> numbers_of(const std::string& table, const Numbers* wanted) const;
  // Calls f with the SQL condition for each piece of them, so that no piece is large.
  Result<Done> by_piece(const Wanted& wanted, const std::function<Result<Done>(const std::string&)>& f);
  Result<Done> read_journeys(const Place& place, const Numbers* wanted);
  Result<Done> tell_journeys(const Place& place, const std::string& condition);
  template <class Fact, class Tell>
  Result<Done> read_facts(const Place& place, Table table, const Numbers* wanted, Tell&& tell);
  template <class Fact>
  Result<Done> load(const Place& place, Table table, const std::string& condition, LoadedFacts<Fact>& facts);
  bool lies_in(Micros time) const;

  // Of one piece of journeys. Kept, so that the next piece has its memory.
  struct Parts {
    LoadedFacts<model::fact::Journey> journeys;
    LoadedFacts<model::fact::Message> messages;
    LoadedFacts<model::fact::Delivery> deliveries;
    LoadedFacts<model::fact::Recipient> recipients;
    LoadedFacts<model::fact::AuthResult> auth_results;
    LoadedFacts<model::fact::Verdict> verdicts;
  };

  const Connection& connection_;
  const Selection& selection_;
  model::FactSink& sink_;
  std::set<std::string> tables_;
  Parts parts_;
  Arena arena_;
};

}  // namespace mailtrail::store::duckdb

// FactWriter: facts as they are told, into the tables of their days, or of the tail.
#pragma once

#include <array>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "model/fact_sink.h"
#include "store/duckdb/append_queue.h"
#include "store/duckdb/connection.h"
#include "store/duckdb/kept_journey.h"
#include "store/duckdb/key_run.h"
#include "store/duckdb/row_writer.h"
#include "store/duckdb/series_tally.h"

namespace mailtrail::store::duckdb {

// What is known of the facts of one day: a row of table `partition`.
struct DayCount {
  std::optional<Micros> first, last;  // of all times in its facts, 0 among them: a part may have none
  bool has_time = false;              // a fact of it has a time by which the day is its own
  std::uint64_t journeys = 0, deliveries = 0, rejections = 0, logins = 0;

  void see(Micros time) {
    first = first ? std::min(*first, time) : time;
    last = last ? std::max(*last, time) : time;
  }
};

// Writes within the transaction of `connection`, which MUST be open while facts are told and closed, on the thread of
// `queue`: nobody else may use the connection from the first fact until `close` or AppendQueue::discard has returned.
// Tables are made when they are first needed. What fails is told by `close`; facts that come after a failure are not
// looked at.
class FactWriter : public model::FactSink {
 public:
  enum class Layer : std::uint8_t { kSettled, kTail };
  // `begin` is called before the first write of a transaction. `number` is that of the next fact, and counts on.
  FactWriter(AppendQueue& queue, const Connection& connection, Layer layer, std::int64_t& number, SeriesTally& series,
             std::function<Result<Done>()> begin);

  void on_journey(const model::fact::Journey& journey) override;
  void on_rejection(const model::fact::Rejection& rejection) override;
  void on_login(const model::fact::Login& login) override;
  void on_session(const model::fact::Session& session) override;
  void on_tls(const model::fact::TlsSession& session) override;
  void on_notice(const model::fact::Notice& notice) override;
  void on_policy(const model::fact::Policy& policy) override;
  void on_gap(const model::fact::Gap& gap) override;

  bool told_any() const { return !counts_.empty(); }
  // Writes what is left. The days that were written, by their number (days since 1970-01-01). The writer is then as
  // new.
  Result<std::map<std::int64_t, DayCount>> close();
  // Forgets everything that was told. What is posted to the queue MUST be done or discarded.
  void clear();

 private:
  // The writers of one day.
  struct Partition {
    std::array<std::unique_ptr<RowWriter>, kTables> tables;
    std::map<std::int64_t, KeyRun> keys;  // by the day of their facts: in the tail there are several
    std::size_t key_count = 0;            // in all of them
    std::uint64_t used = 0;
  };

  template <class Fact>
  void tell(Table table, Micros time, const Fact& fact);
  // False: something failed before.
  bool enter(Micros time);
  RowWriter* writer(Table table);
  // Facts of the tail stand together, and are told by their day first.
  std::int64_t row_number() const {
    return layer_ == Layer::kTail ? day_ * (std::int64_t{1} << 32) + number_ : number_;
  }
  void write_keys();
  void write_run(std::int64_t day, KeyRun& keys);
  void write_runs(Partition& partition);
  void close_oldest();
  void close(Partition& partition);
  void fail(const Error& error) {
    if (!failure_) failure_ = error;
  }

  AppendQueue& queue_;
  const Connection& connection_;
  const Layer layer_;
  std::int64_t& number_;
  SeriesTally& series_;
  std::function<Result<Done>()> begin_;
  std::map<std::int64_t, Partition> partitions_;
  std::map<std::int64_t, DayCount> counts_;
  Partition* partition_ = nullptr;  // of the fact that is told
  std::int64_t day_ = 0;
  JourneyPacker packer_;
  std::vector<std::uint32_t> hashes_;
  std::uint64_t use_ = 0;
  std::optional<Error> failure_;
};

}  // namespace mailtrail::store::duckdb

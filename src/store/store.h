// Store: facts kept, and found again.
//
// Holds the facts of EVENTS.md, 2, and beside them what an ingest needs to go on where it stopped; the two are written
// together. Facts are told to it as the tracer tells them, and told back day by day (UTC), those of a day in the order
// in which they were told: whoever works on facts that stream by from raw files works on a store as well, with the same
// results.
//
// The day of a journey is that of `received`, with all its parts; of a session that of its beginning, or of its end
// where its beginning is not in the log; of all else the time when it happened.
//
// There are two layers. What is SETTLED never changes: it is added to, and leaves by expiry. The TAIL is what the logs
// say as they stand now of what is not over yet (messages still in a queue, a last line without its end): every commit
// replaces the whole tail. Readers see both: all settled facts, day by day, then those of the tail, day by day.
//
// The order holds for facts of one kind; how the kinds of a day follow each other is not promised. Keys (a journey's, a
// message's) are usually different but nothing rests on it: two journeys of one key stay two.
//
// A reference to a line (LineRef) is kept as its `source` and `line`; `position` and `length` are 0 when it is told
// back. Sources are numbered by the store: LineRef::source MUST be below 2^24 and `line` below 2^40.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "model/fact_sink.h"
#include "query/plan.h"
#include "store/delay_counts.h"
#include "store/sql.h"

namespace mailtrail::store {

// One generation of one log, as it was taken in. Numbers are given by who ingests, one after another from 0.
struct Source {
  std::uint32_t number = 0;
  std::string name;         // as it was given when it was first seen
  std::uint64_t bytes = 0;  // of it that are taken in
  std::uint64_t lines = 0;
  std::string identity;  // how it is known again; the store does not look inside
  std::string resume;    // what its reading goes on from; the store does not look inside
};

// What is written together with the facts.
struct Commit {
  std::vector<Source> sources;  // new ones, and those that changed
  // Named pieces of state that replace those of the same name (the tracer's, the summary of all lines, the end of the
  // archive). An empty one is removed. Each is at most 2 GiB.
  std::vector<std::pair<std::string, std::string>> states;
};

// Which facts are wanted. A store MAY tell others too, but SHOULD not tell many: who asks looks again.
struct Selection {
  // Only facts that this plan can take, in any kind of row; null: all. A journey is told whole, with all its parts. Of
  // the other facts that are no rows (sessions, tls, notices, policies, gaps) a plan takes none. MUST live until the
  // call returns.
  const query::Plan* plan = nullptr;
  // Only facts that lie in [since, until), as app::TimeRangeSink says it: an attempt by its own time, also where its
  // journey lies elsewhere. An absent bound is none.
  std::optional<Micros> since, until;
  // Which calls of the sink are wanted; `deliveries`: on_delivery for each attempt, just before its journey.
  bool journeys = true, deliveries = true, rejections = true, logins = true, others = true;
};

enum class Bucket : std::uint8_t { kMinute, kHour, kDay };

// By what a series is split. Domains and reasons are those of recipients; a host is that of the stay in which the
// recipient was decided. Of each hour at most kMostDomains domains are told apart, the first that come: the others
// stand together as kOtherDomains (an address without a domain is none of them). By the minute there are no domains:
// to ask for them is an error.
enum class Dimension : std::uint8_t { kNone, kOutcome, kReason, kProvider, kHost, kDomain };
inline constexpr std::size_t kMostDomains = 1000;
inline constexpr std::string_view kOtherDomains = "(other)";

struct SeriesQuery {
  Bucket bucket = Bucket::kHour;
  Dimension dimension = Dimension::kOutcome;
  // Both MUST be whole buckets (UTC).
  Micros since = 0, until = 0;
};

// Recipients of mail (not of notifications, nor of probes) whose journey was received in the bucket: those of
// for_each_series_recipient (series_recipients.h), which says what each has.
struct SeriesPoint {
  Micros bucket = 0;  // its beginning
  std::string key;    // of the dimension; empty where the fact states none
  std::uint64_t recipients = 0;
  std::uint64_t attempts = 0;   // of these recipients
  std::uint64_t delivered = 0;  // of these recipients
  DelayCounts delay;            // seconds from the journey's beginning to the decision, of those that were delivered
};

// What there is, the tail included. The days are those of facts of all kinds that have a time (not 0); each is its
// beginning.
struct Summary {
  std::uint64_t journeys = 0, deliveries = 0, rejections = 0, logins = 0;
  std::optional<Micros> first_day, last_day;
  std::uint64_t bytes = 0;  // on disk
};

// One thread writes (facts, commit, roll_back, expire) and any number read meanwhile; a read sees the state of one
// commit as a whole. The sink of a read is called on the thread that reads.
class Store {
 public:
  virtual ~Store() = default;

  // Takes facts for the next commit: settled ones, and those of the next tail. Only on_journey (which MUST have its
  // details), on_rejection, on_login, on_session, on_tls, on_notice, on_policy and on_gap are looked at. What cannot be
  // written is told by `commit`.
  virtual model::FactSink& settled() = 0;
  virtual model::FactSink& tail() = 0;
  // All that was told since the last commit and `commit` itself: durable when it returns, or not there at all. The tail
  // becomes what was told to `tail()` since.
  virtual Result<Done> commit(const Commit& commit) = 0;
  // Forgets what was told since the last commit.
  virtual void roll_back() = 0;

  virtual Result<Done> read(const Selection& selection, model::FactSink& sink) const = 0;
  // Points in the order of bucket and key; buckets without a fact have none. From kept aggregates: no scan of facts.
  virtual Result<std::vector<SeriesPoint>> series(const SeriesQuery& query) const = 0;
  virtual Result<Summary> summary() const = 0;
  // Every source, by number.
  virtual Result<std::vector<Source>> sources() const = 0;
  // The state of that name; empty where there is none.
  virtual Result<std::string> state(std::string_view name) const = 0;

  // Runs SQL of users beside all else; the store MUST outlive it. Error: this store has no SQL.
  virtual Result<std::unique_ptr<SqlRunner>> sql() const {
    return Error{"this store does not understand SQL", "", "search finds what it holds"};
  }

  // Drops the settled facts of all days before the one that begins at `day` (MUST be a whole day, UTC), with what was
  // counted of them. A tail fact stays.
  virtual Result<Done> expire(Micros day) = 0;
};

}  // namespace mailtrail::store

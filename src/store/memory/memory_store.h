// MemoryStore: facts kept in memory, as told. The reference that every other store is held against.
#pragma once

#include <memory>

#include "store/store.h"

namespace mailtrail::store {

// The whole of store.h in the plainest way: a list of facts, read from end to end for every question. Nothing outlives
// it. A commit costs time and memory as the number of all facts: it is for tests and small logs. `read` with a plan
// tells exactly the journeys, rejections and logins of which query::matches takes some row, and series are reckoned
// from the facts. Summary::bytes is 0.
class MemoryStore : public Store {
 public:
  MemoryStore();
  ~MemoryStore() override;
  MemoryStore(const MemoryStore&) = delete;
  MemoryStore& operator=(const MemoryStore&) = delete;

  model::FactSink& settled() override;
  model::FactSink& tail() override;
  Result<Done> commit(const Commit& commit) override;
  void roll_back() override;
  Result<Done> read(const Selection& selection, model::FactSink& sink) const override;
  Result<std::vector<SeriesPoint>> series(const SeriesQuery& query) const override;
  Result<Summary> summary() const override;
  Result<std::vector<Source>> sources() const override;
  Result<std::string> state(std::string_view name) const override;
  Result<Done> expire(Micros day) override;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace mailtrail::store

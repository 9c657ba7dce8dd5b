// A commit that fails, anywhere in an ingest: what was committed before stays, the places that were reached are those
// of the last commit, and the next ingest goes on from there.
#include <gtest/gtest.h>

#include "ingest_store.h"
#include "log_files.h"

namespace mailtrail::app {
namespace {

// A store whose disk is full from one commit on.
class FullStore : public store::Store {
 public:
  FullStore(store::Store& store, int good_commits) : store_(store), left_(good_commits) {}

  model::FactSink& settled() override { return store_.settled(); }
  model::FactSink& tail() override { return store_.tail(); }
  Result<Done> commit(const store::Commit& commit) override {
    if (left_-- <= 0) return Error{"no space left on the device", "here", "make room"};
    return store_.commit(commit);
  }
  void roll_back() override { store_.roll_back(); }
  Result<Done> read(const store::Selection& selection, model::FactSink& sink) const override {
    return store_.read(selection, sink);
  }
  Result<std::vector<store::SeriesPoint>> series(const store::SeriesQuery& query) const override {
    return store_.series(query);
  }
  Result<store::Summary> summary() const override { return store_.summary(); }
  Result<std::vector<store::Source>> sources() const override { return store_.sources(); }
  Result<std::string> state(std::string_view name) const override { return store_.state(name); }
  Result<Done> expire(Micros day) override { return store_.expire(day); }

 private:
  store::Store& store_;
  int left_;
};

TEST(IngestFailure, ACommitThatFailsLosesAndDoublesNothing) {
  const LogFiles files;
  const std::string text = real_log("mail.log.gz");
  const std::string log = files.write("mail.log", text);
  const auto wanted = facts_of_whole(log);
  const auto small = [](IngestRequest& request) {
    request.commit_bytes = 100'000;
    request.turn = 200;
    request.block_size = 30'000;
  };
  Store whole;
  const std::uint64_t commits = whole.ingest({log}, small).commits;
  ASSERT_GT(commits, 4u);
  for (const int good : {0, 1, 3, static_cast<int>(commits) - 1}) {
    SCOPED_TRACE(good);
    Store store;
    std::optional<FullStore> full;
    const Result<IngestResult> failed =
        store.try_ingest({log}, small, [&](store::Store& real) -> store::Store& { return full.emplace(real, good); });
    ASSERT_FALSE(failed.ok());
    EXPECT_EQ(failed.error().what, "no space left on the device");
    const std::vector<std::uint64_t> reached = store.bytes();
    EXPECT_EQ(reached.size(), good == 0 ? 0u : 1u);
    // Again and again on the full disk: nothing moves.
    const Result<IngestResult> again =
        store.try_ingest({log}, small, [&](store::Store& real) -> store::Store& { return full.emplace(real, 0); });
    EXPECT_FALSE(again.ok());
    EXPECT_EQ(store.bytes(), reached);
    const IngestResult rest = store.ingest({log}, small);
    EXPECT_EQ(rest.bytes, text.size() - (reached.empty() ? 0 : reached[0]));
    expect_same(wanted, store.facts());
    EXPECT_EQ(store.ingest({log}, small).lines, 0u);
  }
}

}  // namespace
}  // namespace mailtrail::app

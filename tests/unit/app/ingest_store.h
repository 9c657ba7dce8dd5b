// A store for tests of what is taken in, and of what it then tells.
#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "app/ingest.h"
#include "app/store_road.h"
#include "fact_rows.h"
#include "log_files.h"
#include "store/duckdb/duckdb_store.h"
#include "store_folder.h"

namespace mailtrail::app {

// A store in a folder of its own, opened anew for each ingest and each reading, as programs do.
class Store {
 public:
  using Change = std::function<void(IngestRequest&)>;
  IngestResult ingest(const std::vector<std::string>& logs, const Change& change = {}) {
    const Result<IngestResult> result =
        try_ingest(logs, change, [](store::Store& store) -> store::Store& { return store; });
    EXPECT_TRUE(result.ok()) << result.error().to_string();
    return result.ok() ? *result : IngestResult{};
  }
  // `around` may put a store of its own before the real one.
  Result<IngestResult> try_ingest(const std::vector<std::string>& logs, const Change& change,
                                  const std::function<store::Store&(store::Store&)>& around) {
    IngestRequest request;
    request.logs = logs;
    if (change) change(request);
    auto store = open();
    const Result<std::string> mark = store->state(kArchiveMark);
    EXPECT_TRUE(mark.ok());
    auto archive = archive::Writer::open(folder_.path("archive"), *mark);
    EXPECT_TRUE(archive.ok()) << archive.error().to_string();
    return app::ingest(request, around(*store), **archive);
  }
  // Bytes that are taken in of each source.
  std::vector<std::uint64_t> bytes() const {
    std::vector<std::uint64_t> bytes;
    for (const store::Source& source : open()->sources().value()) bytes.push_back(source.bytes);
    return bytes;
  }
  // Rows of every kind, but for the names of sources, which differ where a log was renamed.
  std::vector<std::string> facts() const {
    FactRows rows({}, {"source"});
    with_road([&](StoreRoad& road) { road.read_facts(rows, {}); });
    return rows.sorted();
  }
  void with_road(const std::function<void(StoreRoad&)>& f) const {
    const auto store = open();
    auto archive = archive::Reader::open(folder_.path("archive"), store->state(kArchiveMark).value());
    ASSERT_TRUE(archive.ok()) << archive.error().to_string();
    auto road = StoreRoad::open({}, *store, **archive);
    ASSERT_TRUE(road.ok()) << road.error().to_string();
    f(**road);
    EXPECT_TRUE((*road)->problems().empty());
  }

 private:
  std::unique_ptr<store::DuckDbStore> open() const {
    auto store = store::DuckDbStore::open({.path = folder_.path("mailtrail.duckdb")});
    EXPECT_TRUE(store.ok()) << store.error().to_string();
    return std::move(*store);
  }
  StoreFolder folder_;
};

inline std::vector<std::string> facts_of_whole(const std::string& path) {
  return facts_of({path}, {.details = true}, {"source"});
}

inline void append(const std::string& path, std::string_view text) {
  std::ofstream(path, std::ios::binary | std::ios::app) << text;
  LogFiles::touch(path, "2026-11-24T03:10:00Z");
}

}  // namespace mailtrail::app

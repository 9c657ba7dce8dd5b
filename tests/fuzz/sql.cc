// SQL of users: any bytes. What the guard lets pass runs, shows nothing of the store's own, and changes nothing.
// SEEDS: sql
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "base/text.h"
#include "store/duckdb/duckdb_store.h"

namespace {

using namespace mailtrail;

constexpr std::string_view kSecret = "canary of the store";

void check(bool holds) {
  if (!holds) std::abort();
}

// A store with a secret that no view shows. It stays open, and its folder goes at the end.
class SecretStore {
 public:
  SecretStore() {
    std::string folder = std::filesystem::temp_directory_path() / "mailtrail-fuzz-XXXXXX";
    check(::mkdtemp(folder.data()) != nullptr);
    folder_ = folder;
    auto opened = store::DuckDbStore::open({.path = folder + "/facts.duckdb", .memory_limit = 64u << 20, .threads = 1});
    check(opened.ok());
    store_ = std::move(*opened);
    check(store_->commit({{}, {{"secret", std::string(kSecret)}}}).ok());
    auto runner = store_->sql();
    check(runner.ok());
    runner_ = std::move(*runner);
  }
  ~SecretStore() {
    runner_.reset();
    store_.reset();
    std::filesystem::remove_all(folder_);
  }
  store::SqlRunner& runner() { return *runner_; }
  std::string secret() const { return store_->state("secret").value(); }

 private:
  std::filesystem::path folder_;
  std::unique_ptr<store::DuckDbStore> store_;
  std::unique_ptr<store::SqlRunner> runner_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static SecretStore store;
  const std::string_view statement(reinterpret_cast<const char*>(data), size);
  // The words of the statement itself may come back.
  const bool says_it = statement.find("canary") != std::string_view::npos;
  const auto look = [&](std::string_view text) { check(says_it || text.find("canary") == std::string_view::npos); };
  const store::SqlRunner::Sink sink{[&](const auto& columns) {
                                      for (const auto& column : columns) look(column.name);
                                    },
                                    [&](const auto& cells) {
                                      for (const auto& cell : cells) look(cell.text);
                                    }};
  const auto outcome = store.runner().run(statement, TimeZone(), {std::chrono::milliseconds(200), 50}, sink);
  if (outcome.ok()) {
    check(outcome->rows <= 50);
  } else {
    const std::string text = outcome.error().to_string();
    check(!outcome.error().what.empty() && is_utf8(text) && text.find('\n') == std::string::npos);
    look(text);
  }
  check(store.secret() == kSecret);
  return 0;
}

// Ways to keep the same facts, beside each other: what docs/design/store-layout.md rests on.
//
//   bench_store_designs DATABASE FOLDER [DESIGN...]
//
// DATABASE is one that bench_store made (--keep); it is only read. FOLDER MUST NOT exist; what is made of it there is
// removed at the end, and takes about the size of DATABASE again. The designs (all, or those that are named):
//   keys      the store's own: tables by day, and sorted hashes of what is asked for
//   scan      the same tables without keys: a look-up reads a column of each day
//   parquet   a Parquet file by day, a row an attempt with its message and journey, sorted by recipient, with Bloom
//             filters, read by the same DuckDB
// Prints for each the bytes an attempt, the time to make it of the tables, and the median of 20 look-ups by recipient,
// queue id and message id that tell every row of the journeys that are found; cold is the first, with no page of the
// files in memory. Then what it costs to let a day go.
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "store/duckdb/connection.h"
#include "store/duckdb/lookup_key.h"

namespace mailtrail::bench {
namespace {

namespace fs = std::filesystem;
using store::duckdb::Chunk;
using store::duckdb::Connection;
using store::duckdb::Database;
using store::duckdb::Rows;
using Clock = std::chrono::steady_clock;
using Texts = std::vector<std::string>;

constexpr std::size_t kSamples = 20;
constexpr std::string_view kKinds[] = {"journey", "message", "delivery", "recipient"};

[[noreturn]] void fail(const std::string& text) {
  fmt::print(stderr, "bench_store_designs: {}\n", text);
  std::exit(3);
}

template <class T>
T must(Result<T> result) {
  if (!result.ok()) fail(result.error().to_string());
  return std::move(*result);
}

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

// The first column of all rows, as text.
Texts texts_of(const Connection& connection, const std::string& sql) {
  Rows rows = must(connection.rows("SELECT CAST(x AS VARCHAR) FROM (" + sql + ") AS t(x)"));
  Texts texts;
  while (const Chunk chunk = rows.next()) {
    for (std::size_t row = 0; row < chunk.rows(); ++row) texts.emplace_back(chunk.text(0, row));
  }
  return texts;
}

std::size_t count_rows(const Connection& connection, const std::string& sql) {
  Rows rows = must(connection.rows(sql));
  std::size_t count = 0;
  while (const Chunk chunk = rows.next()) count += chunk.rows();
  return count;
}

std::string joined(const Texts& texts, std::string_view between) {
  return fmt::format("{}", fmt::join(texts, between));
}

std::string sql_text(std::string_view text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? "''" : std::string(1, c);
  return out + "'";
}

void forget(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0 || ::fdatasync(file) != 0 || ::posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED) != 0) {
    fail("its pages cannot be given up: " + path);
  }
  ::close(file);
}

enum class Name : std::uint8_t { kRecipient, kQueueId, kMessageId };
constexpr std::string_view kNameTitles[] = {"recipient", "queue id", "message id"};
constexpr std::string_view kNameKinds[] = {"delivery", "message", "journey"};
constexpr std::string_view kNameColumns[] = {"recipient", "queue_id", "message_id"};

class Designs {
 public:
  Designs(std::string path, std::string folder) : path_(std::move(path)), folder_(std::move(folder)) {}

  void run(const Texts& designs) {
    {
      const Database database = must(Database::open(path_, kOptions));
      const Connection base = must(database.connect());
      days_ = texts_of(base, "SELECT table_name[9:] FROM duckdb_tables() WHERE table_name LIKE 'journey_%' ORDER BY 1");
      attempts_ = std::stod(texts_of(base, "SELECT sum(deliveries) FROM day_count").at(0));
      for (std::size_t name = 0; name < 3; ++name) {
        // Of the rarest values of a day in the middle; some of them are asked for on every day.
        const std::string table = fmt::format("{}_{}", kNameKinds[name], days_[days_.size() / 2]);
        samples_.push_back(texts_of(base, fmt::format("SELECT {0} FROM {1} WHERE {0} IS NOT NULL GROUP BY 1 ORDER BY "
                                                      "count(*), hash({0}) LIMIT {2}",
                                                      kNameColumns[name], table, kSamples)));
      }
    }
    fmt::print("{:.0f} attempts, {} days\n", attempts_, days_.size());
    for (const std::string& design : designs) run(design);
  }

 private:
  void run(const std::string& design) {
    const auto by = [this](auto method) {
      return [this, method](const Connection& c, Name name, const std::string& value) {
        return (this->*method)(c, name, value);
      };
    };
    if (design == "keys") {
      make_native(true);
      measure(design, {native(true)}, by(&Designs::by_key));
      let_a_day_go();
    } else if (design == "scan") {
      make_native(false);
      measure(design, {native(false)}, by(&Designs::by_scan));
    } else if (design == "parquet") {
      make_parquet();
      Texts files;
      for (const std::string& day : days_) files.push_back(parquet(day));
      measure(design, files, by(&Designs::by_parquet));
    } else {
      fail("no design: " + design);
    }
  }

  static constexpr store::duckdb::DatabaseOptions kOptions{
      .memory_limit = 512ull << 20, .threads = 2, .read_only = true};

  std::string native(bool keys) const { return folder_ + (keys ? "/keys.duckdb" : "/scan.duckdb"); }
  std::string parquet(const std::string& day) const { return fmt::format("{}/{}.parquet", folder_, day); }

  Database writable(const std::string& path) const {
    store::duckdb::DatabaseOptions options = kOptions;
    options.read_only = false;
    return must(Database::open(path, options));
  }

  void report(std::string_view design, std::uint64_t bytes, double seconds) {
    fmt::print("{:8} {:6.1f} bytes an attempt, made in {:.1f} s\n", design, static_cast<double>(bytes) / attempts_,
               seconds);
    std::fflush(stdout);
  }

  void make_native(bool keys) {
    const Clock::time_point begin = Clock::now();
    {
      const Database database = writable(native(keys));
      const Connection connection = must(database.connect());
      must(connection.run("ATTACH " + sql_text(path_) + " AS base (READ_ONLY)"));
      for (const std::string& day : days_) {
        for (const std::string_view kind : kKinds) {
          must(connection.run(fmt::format("CREATE TABLE {0}_{1} AS FROM base.{0}_{1}", kind, day)));
        }
        if (!keys) continue;
        must(connection.run(fmt::format("CREATE TABLE key_{0} AS FROM base.key_{0} ORDER BY hash, no", day)));
      }
      must(connection.run("CHECKPOINT"));
    }
    report(keys ? "keys" : "scan", fs::file_size(native(keys)), seconds_since(begin));
  }

  void make_parquet() {
    const Clock::time_point begin = Clock::now();
    // Sorting a day's wide rows takes more than the store's own memory does.
    const Database database = must(Database::open(path_, {4ull << 30, 1, true}));
    const Connection connection = must(database.connect());
    must(connection.run("SET temp_directory = " + sql_text(folder_ + "/temporary")));
    std::uint64_t bytes = 0;
    for (const std::string& day : days_) {
      // A Bloom filter is written for what has a dictionary alone.
      must(connection.run(fmt::format(
          "COPY (SELECT d.*, m.* EXCLUDE (no), j.* EXCLUDE (no), r.* EXCLUDE (no) FROM delivery_{0} d "
          "JOIN message_{0} m ON m.no = d.no AND m.stay = d.stay JOIN journey_{0} j ON j.no = d.no "
          "LEFT JOIN recipient_{0} r ON r.no = d.no AND r.decided_by = d.place ORDER BY d.recipient) TO {1} (FORMAT "
          "parquet, COMPRESSION zstd, ROW_GROUP_SIZE 61440, DICTIONARY_SIZE_LIMIT 65536, "
          "BLOOM_FILTER_FALSE_POSITIVE_RATIO 0.01)",
          day, sql_text(parquet(day)))));
      bytes += fs::file_size(parquet(day));
    }
    report("parquet", bytes, seconds_since(begin));
  }

  std::size_t rows_of(const Connection& connection, const std::string& day, Texts numbers) const {
    if (numbers.empty()) return 0;
    std::sort(numbers.begin(), numbers.end());
    numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
    const std::string list = joined(numbers, ",");
    std::size_t found = 0;
    for (const std::string_view kind : kKinds) {
      const std::size_t rows =
          count_rows(connection, fmt::format("FROM {}_{} WHERE no IN ({}) AND no BETWEEN least({}) AND greatest({})",
                                             kind, day, list, list + "," + numbers[0], list + "," + numbers[0]));
      if (kind == "delivery") found = rows;
    }
    return found;
  }

  std::size_t by_key(const Connection& connection, Name, const std::string& value) const {
    std::size_t found = 0;
    for (const std::string& day : days_) {
      found += rows_of(connection, day,
                       texts_of(connection, fmt::format("SELECT no FROM key_{} WHERE hash = {}", day,
                                                        store::duckdb::lookup_hash(value))));
    }
    return found;
  }

  std::size_t by_scan(const Connection& connection, Name name, const std::string& value) const {
    const auto index = static_cast<std::size_t>(name);
    std::size_t found = 0;
    for (const std::string& day : days_) {
      found += rows_of(connection, day,
                       texts_of(connection, fmt::format("SELECT no FROM {}_{} WHERE {} = {}", kNameKinds[index], day,
                                                        kNameColumns[index], sql_text(value))));
    }
    return found;
  }

  std::size_t by_parquet(const Connection& connection, Name name, const std::string& value) const {
    Texts files;
    for (const std::string& day : days_) files.push_back(sql_text(parquet(day)));
    return count_rows(connection, fmt::format("FROM read_parquet([{}]) WHERE {} = {}", joined(files, ","),
                                              kNameColumns[static_cast<std::size_t>(name)], sql_text(value)));
  }

  template <class Look>
  void measure(std::string_view design, const Texts& files, Look&& look) {
    for (std::size_t name = 0; name < 3; ++name) {
      for (const std::string& file : files) forget(file);
      // Parquet files are read through a database of their own that holds nothing.
      const Database database = design == "parquet"
                                    ? must(Database::open(":memory:", {kOptions.memory_limit, 2, false}))
                                    : must(Database::open(files[0], kOptions));
      const Connection connection = must(database.connect());
      std::vector<double> times;
      std::size_t found = 0;
      double cold = 0;
      for (const std::string& value : samples_[name]) {
        const Clock::time_point at = Clock::now();
        const std::size_t rows = look(connection, static_cast<Name>(name), value);
        if (rows == 0) fail(fmt::format("{} does not find {}", design, value));
        found += rows;
        times.push_back(seconds_since(at) * 1000);
        if (times.size() == 1) cold = times[0];
      }
      std::sort(times.begin(), times.end());
      fmt::print("{:8} by {:10} {:8.1f} ms warm, {:8.1f} ms cold ({} attempts found)\n", design, kNameTitles[name],
                 times[times.size() / 2], cold, found);
      std::fflush(stdout);
    }
  }

  void let_a_day_go() {
    const Database database = writable(native(true));
    const Connection connection = must(database.connect());
    const Clock::time_point begin = Clock::now();
    must(connection.run("BEGIN"));
    for (const std::string_view kind : kKinds) must(connection.run(fmt::format("DROP TABLE {}_{}", kind, days_[0])));
    must(connection.run("DROP TABLE key_" + days_[0]));
    must(connection.run("COMMIT"));
    must(connection.run("CHECKPOINT"));
    fmt::print("{:8} a day goes in {:.0f} ms\n", "keys", seconds_since(begin) * 1000);
  }

  const std::string path_, folder_;
  Texts days_;
  double attempts_ = 0;
  std::vector<Texts> samples_;
};

}  // namespace
}  // namespace mailtrail::bench

int main(int argc, char** argv) {
  using namespace mailtrail::bench;
  if (argc < 3) {
    fmt::print(stderr, "usage: {} DATABASE FOLDER [keys|scan|parquet...]\n", argv[0]);
    return 2;
  }
  if (fs::exists(argv[2])) fail(std::string("exists: ") + argv[2]);
  fs::create_directories(argv[2]);
  const std::vector<std::string> named(argv + 3, argv + argc);
  Designs(argv[1], argv[2]).run(named.empty() ? std::vector<std::string>{"keys", "scan", "parquet"} : named);
  fs::remove_all(argv[2]);
  return 0;
}

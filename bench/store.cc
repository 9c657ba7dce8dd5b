// What the store costs and how fast it answers, without logs: facts are made and told to it.
//
//   bench_store [--attempts N] [--days N] [--tail N] [--folder FOLDER] [--keep] [--memory MB] [--threads N]
//
// Writes N attempts (default 10 million, over 30 days) in commits of 500,000 into FOLDER (default: a new one in the
// folder for temporary files), and tidies. The last of them, --tail, are not settled (default: none). A FOLDER that
// holds a database already (--keep left it there, made with the same numbers) is measured as it is. Then it asks:
// look-ups by value, series, a read of everything. Each look-up MUST find what was made, and nothing less.
//
// Warm is the median of 50 look-ups of different values; cold is the first of a store just opened, whose file the
// kernel no longer holds in memory. Status 0: all targets are met; 1: one is not, or an answer is wrong; 3: it failed.
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "fact_maker.h"
#include "query/plan.h"
#include "store/duckdb/duckdb_store.h"

namespace mailtrail::bench {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr std::uint64_t kAttemptsPerCommit = 500'000;
constexpr std::size_t kSamples = 50;
constexpr std::uint64_t kDiskPerAttempt = 400;  // what is written before `tidy` makes it less
constexpr double kMostBytes = 150, kMostPanel = 300;

[[noreturn]] void fail(const std::string& text) {
  fmt::print(stderr, "bench_store: {}\n", text);
  std::exit(3);
}

template <class T>
T must(Result<T> result) {
  if (!result.ok()) fail(result.error().to_string());
  return std::move(*result);
}

double milliseconds_since(Clock::time_point begin) {
  return std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
}

// The most memory that the process has had since the last call, in MB.
double peak_memory() {
  std::ifstream status("/proc/self/status");
  double megabytes = 0;
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmHWM:")) megabytes = std::strtod(line.c_str() + 6, nullptr) / 1024;
  }
  std::ofstream("/proc/self/clear_refs") << "5";
  return megabytes;
}

// What is asked for, with the number of journeys that hold it.
enum class Name : std::uint8_t { kRecipient, kSender, kQueueId, kMessageId, kClient };
struct Question {
  std::string value;
  std::uint64_t journeys = 0;
};
struct Look {
  Name name;
  std::string_view title, key;  // the word of the search language
  std::vector<Question> questions;
};

bool holds(const model::fact::Journey& journey, Name name, std::string_view value) {
  const auto any = [](const auto& facts, auto&& test) { return std::any_of(facts.begin(), facts.end(), test); };
  switch (name) {
    case Name::kRecipient:
      return any(journey.recipients, [&](const auto& one) { return one.recipient == value; });
    case Name::kSender:
      return journey.sender == value;
    case Name::kQueueId:
      return any(journey.messages, [&](const auto& one) { return one.queue_id == value; });
    case Name::kMessageId:
      return journey.message_id == value;
    case Name::kClient:
      return any(journey.messages, [&](const auto& one) { return one.client_ip == value; });
  }
  return false;
}

// Chooses what is asked for while facts are made, and counts where it is. Addresses and clients are of the rarest; ids
// are those of mails throughout.
class Questions {
 public:
  Questions(const FactMaker& maker, std::uint64_t attempts) : every_(std::max<std::uint64_t>(attempts / kSamples, 1)) {
    for (std::uint32_t i = 0; i < kSamples; ++i) {
      const std::uint32_t recipient = kRecipients - 1 - i * 997, sender = kSenders - 1 - i * 797,
                          client = kMakerClients - 1 - i * 881;
      choose(recipients_, Name::kRecipient, recipient, maker.recipient(recipient));
      choose(senders_, Name::kSender, sender, maker.sender(sender));
      choose(clients_, Name::kClient, client, FactMaker::client_ip(client));
    }
  }

  void see(const MadeNames& names, std::uint64_t attempts) {
    if (attempts / every_ != seen_ / every_) {
      look(Name::kQueueId).questions.push_back({std::string(names.queue_id), 1});
      look(Name::kMessageId).questions.push_back({std::string(names.message_id), 1});
    }
    seen_ = attempts;
    if (names.recipient_count == 0) return;  // a notification: its recipient is a sender, who is not asked for so
    count(senders_, Name::kSender, names.sender);
    count(clients_, Name::kClient, names.client);
    const auto begin = names.recipients, end = names.recipients + names.recipient_count;
    for (const auto* one = begin; one != end; ++one) {
      if (std::find(begin, one, *one) == one) count(recipients_, Name::kRecipient, *one);
    }
  }
  const std::array<Look, 5>& looks() const { return looks_; }

 private:
  using Indexes = std::unordered_map<std::uint32_t, std::size_t>;
  Look& look(Name name) { return looks_[static_cast<std::size_t>(name)]; }
  void choose(Indexes& indexes, Name name, std::uint32_t person, const std::string& value) {
    indexes.emplace(person, look(name).questions.size());
    look(name).questions.push_back({value, 0});
  }
  void count(const Indexes& indexes, Name name, std::uint32_t person) {
    if (const auto found = indexes.find(person); found != indexes.end()) ++look(name).questions[found->second].journeys;
  }

  const std::uint64_t every_;
  std::uint64_t seen_ = 0;
  Indexes recipients_, senders_, clients_;
  std::array<Look, 5> looks_ = {{{Name::kRecipient, "recipient", "to", {}},
                                 {Name::kSender, "sender", "from", {}},
                                 {Name::kQueueId, "queue id", "queue", {}},
                                 {Name::kMessageId, "message id", "msgid", {}},
                                 {Name::kClient, "client", "client", {}}}};
};

struct Options {
  std::uint64_t attempts = 10'000'000;
  std::uint64_t tail = 0;
  std::uint32_t days = 30;
  std::string folder;
  bool keep = false;
  store::DuckDbOptions store;
};

class Bench {
 public:
  explicit Bench(Options options) : options_(std::move(options)) {}

  int run() {
    const bool is_there = fs::exists(options_.store.path);
    make(!is_there);
    measure_size();
    measure_looks();
    measure_series();
    measure_read();
    return missed_ ? 1 : 0;
  }

 private:
  using StorePtr = std::unique_ptr<store::DuckDbStore>;

  StorePtr open() { return must(store::DuckDbStore::open(options_.store)); }

  void target(std::string_view what, double value, std::string_view unit, std::string_view wanted, bool good) {
    fmt::print("  {:34} {:10.2f} {:10} (target: {}) {}\n", what, value, unit, wanted, good ? "met" : "MISSED");
    missed_ |= !good;
  }
  void figure(std::string_view what, double value, std::string_view unit) {
    fmt::print("  {:34} {:10.2f} {}\n", what, value, unit);
    std::fflush(stdout);
  }
  void wrong(const std::string& text) {
    fmt::print("  WRONG {}\n", text);
    missed_ = true;
  }

  // Makes the facts, tells them to a store where `write`, and notes what there is to ask.
  void make(bool write) {
    FactMaker maker(options_.attempts, options_.days, 1);
    questions_ = std::make_unique<Questions>(maker, options_.attempts);
    const StorePtr store = write ? open() : nullptr;
    Arena arena;
    model::fact::Journey journey;
    MadeNames names;
    double making = 0, longest = 0;
    std::uint64_t committed = 0;
    const Clock::time_point begin = Clock::now();
    (void)peak_memory();
    while (maker.next(arena, journey, names)) {
      questions_->see(names, maker.attempts());
      ++journeys_;
      facts_ += 1 + journey.messages.size() + journey.deliveries.size() + journey.recipients.size();
      if (!write) continue;
      if (maker.attempts() + options_.tail > options_.attempts) {
        store->tail().on_journey(journey);
        continue;
      }
      store->settled().on_journey(journey);
      if (maker.attempts() - committed < kAttemptsPerCommit) continue;
      committed = maker.attempts();
      const Clock::time_point at = Clock::now();
      must(store->commit({}));
      longest = std::max(longest, milliseconds_since(at));
    }
    end_ = maker.end();
    attempts_ = maker.attempts();
    fmt::print("{} attempts in {} journeys over {} days, DuckDB with {} threads and {} MB\n", attempts_, journeys_,
               options_.days, options_.store.threads, options_.store.memory_limit >> 20);
    if (!write) return;
    must(store->commit({}));
    const double seconds = milliseconds_since(begin) / 1000;
    making = seconds_to_make();
    figure("written", static_cast<double>(attempts_) / seconds / 1e6, "M attempts/s, the making of facts included");
    figure("written, without making", static_cast<double>(attempts_) / (seconds - making) / 1e6, "M attempts/s");
    figure("longest commit", longest / 1000, "s");
    figure("peak memory of writing", peak_memory(), "MB");
    const Clock::time_point at = Clock::now();
    must(store->tidy());
    figure("tidy", milliseconds_since(at) / 1000, "s");
    figure("peak memory of tidy", peak_memory(), "MB");
  }

  double seconds_to_make() const {
    FactMaker maker(std::min<std::uint64_t>(options_.attempts, 1'000'000), options_.days, 1);
    Arena arena;
    model::fact::Journey journey;
    MadeNames names;
    const Clock::time_point begin = Clock::now();
    while (maker.next(arena, journey, names)) {
    }
    return milliseconds_since(begin) / 1000 * static_cast<double>(attempts_) / static_cast<double>(maker.attempts());
  }

  void measure_size() {
    const double bytes = static_cast<double>(fs::file_size(options_.store.path)) / static_cast<double>(attempts_);
    target("database, bytes an attempt", bytes, "bytes", fmt::format("at most {}", kMostBytes), bytes <= kMostBytes);
  }

  // What the kernel holds of the file is given up, so that the next reading is from the disk.
  void forget_file() const {
    const int file = ::open(options_.store.path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0 || ::fdatasync(file) != 0 || ::posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED) != 0) {
      fail("the file's pages cannot be given up: " + options_.store.path);
    }
    ::close(file);
  }

  double ask(const store::Store& store, const Look& look, const Question& question) {
    struct Counter : model::FactSink {
      Counter(Name wanted, std::string_view text) : name(wanted), value(text) {}
      void on_journey(const model::fact::Journey& journey) override { found += holds(journey, name, value) ? 1 : 0; }
      Name name;
      std::string_view value;
      std::uint64_t found = 0;
    } counter(look.name, question.value);
    const query::Plan plan = must(query::parse_search(fmt::format("{}:{}", look.key, question.value), {}));
    store::Selection selection;
    selection.plan = &plan;
    const Clock::time_point at = Clock::now();
    must(store.read(selection, counter));
    const double milliseconds = milliseconds_since(at);
    // A queue id may come again on another day.
    const bool good = look.name == Name::kQueueId ? counter.found >= 1 : counter.found == question.journeys;
    if (!good)
      wrong(fmt::format("{}:{}: {} journeys, not {}", look.key, question.value, counter.found, question.journeys));
    return milliseconds;
  }

  void measure_looks() {
    const bool large = options_.attempts > 10'000'000;
    const double most_warm = large ? 100 : 50, most_cold = 1000;
    for (const Look& look : questions_->looks()) {
      forget_file();
      Clock::time_point at = Clock::now();
      const StorePtr store = open();
      const double opening = milliseconds_since(at);
      const double cold = ask(*store, look, look.questions.front());
      std::vector<double> warm;
      for (const Question& question : look.questions) warm.push_back(ask(*store, look, question));
      std::sort(warm.begin(), warm.end());
      if (look.name == Name::kRecipient) figure("opening, cold", opening, "ms");
      const double median = warm[warm.size() / 2];
      target(fmt::format("look-up by {}, warm", look.title), median, "ms", fmt::format("under {}", most_warm),
             median < most_warm);
      target(fmt::format("look-up by {}, cold", look.title), cold, "ms", fmt::format("under {}", most_cold),
             cold < most_cold);
      figure("  the slowest of 50", warm.back(), "ms");
    }
    figure("peak memory of look-ups", peak_memory(), "MB");
  }

  void measure_series() {
    const StorePtr store = open();
    const auto panel = [&](std::string_view what, store::Bucket bucket, store::Dimension dimension) {
      std::vector<double> times;
      for (int i = 0; i < 5; ++i) {
        const Clock::time_point at = Clock::now();
        const auto points = must(store->series({bucket, dimension, FactMaker::begin(), end_}));
        times.push_back(milliseconds_since(at));
        if (points.empty()) wrong(fmt::format("{}: no points", what));
      }
      std::sort(times.begin(), times.end());
      target(what, times[2], "ms", fmt::format("under {}", kMostPanel), times[2] < kMostPanel);
    };
    panel("series by hour and outcome", store::Bucket::kHour, store::Dimension::kOutcome);
    panel("series by day and domain", store::Bucket::kDay, store::Dimension::kDomain);
    panel("series by hour and domain", store::Bucket::kHour, store::Dimension::kDomain);
    figure("peak memory of series", peak_memory(), "MB");
  }

  void measure_read() {
    struct Counter : model::FactSink {
      void on_journey(const model::fact::Journey& journey) override {
        facts += 1 + journey.messages.size() + journey.deliveries.size() + journey.recipients.size();
      }
      std::uint64_t facts = 0;
    } counter;
    const StorePtr store = open();
    const Clock::time_point at = Clock::now();
    must(store->read({}, counter));
    const double seconds = milliseconds_since(at) / 1000;
    if (counter.facts != facts_) wrong(fmt::format("read {} facts, told were {}", counter.facts, facts_));
    figure("read of everything", static_cast<double>(facts_) / seconds / 1e6, "M facts/s");
    figure("read of everything", static_cast<double>(attempts_) / seconds / 1e6, "M attempts/s");
    figure("peak memory of reading", peak_memory(), "MB");
  }

  Options options_;
  std::unique_ptr<Questions> questions_;
  std::uint64_t attempts_ = 0, journeys_ = 0, facts_ = 0;
  Micros end_ = 0;
  bool missed_ = false;
};

Options parse(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string_view name = argv[i];
    if (name == "--keep") {
      options.keep = true;
      continue;
    }
    if (i + 1 == argc) fail(fmt::format("not understood: {}", name));
    const std::string value = argv[++i];
    const std::uint64_t number = std::strtoull(value.c_str(), nullptr, 10);
    if (name == "--folder") {
      options.folder = value;
    } else if (number == 0) {
      fail(fmt::format("not understood: {} {}", name, value));
    } else if (name == "--attempts") {
      options.attempts = number;
    } else if (name == "--tail") {
      options.tail = number;
    } else if (name == "--days") {
      options.days = static_cast<std::uint32_t>(number);
    } else if (name == "--memory") {
      options.store.memory_limit = number << 20;
    } else if (name == "--threads") {
      options.store.threads = static_cast<unsigned>(number);
    } else {
      fail(fmt::format("not understood: {}", name));
    }
  }
  return options;
}

}  // namespace
}  // namespace mailtrail::bench

int main(int argc, char** argv) {
  using namespace mailtrail::bench;
  Options options = parse(argc, argv);
  const bool own = options.folder.empty();
  if (own) options.folder = (fs::temp_directory_path() / fmt::format("bench_store.{}", ::getpid())).string();
  fs::create_directories(options.folder);
  options.store.path = options.folder + "/mailtrail.duckdb";
  if (!fs::exists(options.store.path)) {
    const std::uint64_t needed = options.attempts * kDiskPerAttempt;
    fmt::print("needs {:.1f} GB at {}, where {:.1f} GB are free\n", static_cast<double>(needed) / 1e9, options.folder,
               static_cast<double>(fs::space(options.folder).available) / 1e9);
    if (fs::space(options.folder).available < needed) fail("the disk is too small");
  }
  std::fflush(stdout);
  const std::string folder = options.folder, path = options.store.path;
  const bool keep = options.keep;
  const int status = Bench(std::move(options)).run();
  if (!keep) {
    fs::remove(path);
    fs::remove(path + ".wal");
    if (own) fs::remove_all(folder);
  }
  return status;
}

// How many lines a second one core frames and parses, dialect by dialect.
//
//   bench_dialects GOLDENS [NAME...]
//
// GOLDENS is tests/golden/dialect: of each folder the log lines of all goldens, again and again for a second of
// processor time. Goldens hold every shape, the rare and hostile ones as often as the usual ones: a real log is faster.
// Prints lines a second beside the target. Status 0: every dialect reaches it.
#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "dialect/dialect.h"
#include "record/framing.h"
#include "record/table.h"

namespace mailtrail::bench {
namespace {

namespace fs = std::filesystem;

constexpr double kTarget = 1.5e6;

// The input of one golden: what stands above `----`, without the comment at its head.
std::string input_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::string input;
  bool at_top = true;
  for (std::string line; std::getline(file, line) && line != "----";) {
    if (at_top && (line.starts_with("# ") || line == "#")) continue;
    at_top = false;
    input += line + '\n';
  }
  return input;
}

struct Log {
  std::string text;
  std::shared_ptr<const record::Table> table;
};

// One reading of the logs; the number of their lines.
std::size_t read_once(const std::vector<Log>& logs, record::Framer& framer, dialect::Parser& parser, Arena& arena,
                      std::vector<model::Event>& events) {
  std::size_t lines = 0;
  for (const Log& log : logs) {
    framer.set_table(log.table.get());
    for (std::size_t at = 0; at < log.text.size(); ++lines) {
      const record::Unit unit = record::next_unit(log.text, at);
      at += unit.size;
      record::Record record;
      framer.frame(unit.bytes, arena, record);
      dialect::Emitter emitter(arena, events);
      parser.parse(record, emitter);
    }
    arena.clear();
    events.clear();
  }
  return lines;
}

double lines_a_second(const std::vector<Log>& logs) {
  record::Framer framer;
  dialect::Parser parser;
  Arena arena;
  std::vector<model::Event> events;
  read_once(logs, framer, parser, arena, events);
  std::size_t lines = 0;
  const std::clock_t begin = std::clock();
  double seconds = 0;
  while (seconds < 1) {
    for (int i = 0; i < 10; ++i) lines += read_once(logs, framer, parser, arena, events);
    seconds = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
  }
  return static_cast<double>(lines) / seconds;
}

int run(const fs::path& folder, const std::vector<std::string>& wanted) {
  std::vector<std::string> names = wanted;
  if (names.empty()) {
    for (const fs::directory_entry& entry : fs::directory_iterator(folder)) names.push_back(entry.path().filename());
    std::sort(names.begin(), names.end());
  }
  bool good = !names.empty();
  for (const std::string& name : names) {
    std::vector<Log> logs;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder / name)) {
      std::string text = input_of(entry.path());
      logs.push_back({text, record::find_table(text)});
    }
    const double speed = lines_a_second(logs);
    good = good && speed >= kTarget;
    fmt::print("{:<16} {:>6.2f} M lines/s a core   target at least {:.1f}{}\n", name, speed / 1e6, kTarget / 1e6,
               speed >= kTarget ? "" : "   MISSED");
  }
  return good ? 0 : 1;
}

}  // namespace
}  // namespace mailtrail::bench

int main(int count, char** words) {
  if (count < 2) {
    fmt::print(stderr, "usage: bench_dialects tests/golden/dialect [NAME...]\n");
    return 2;
  }
  return mailtrail::bench::run(words[1], {words + 2, words + count});
}

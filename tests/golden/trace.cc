// Runs the goldens of the tracer, tests/golden/trace/*.txt: log lines to facts, the whole road from files on a disk.
//
// A golden has `#` comment lines at its top, then log lines, a line `----`, and rows. A line `==> NAME <==` or
// `==> NAME DATE <==` among the log lines begins a file; DATE (2026-11-24) is when the file was last changed, from
// which the year of RFC 3164 lines follows. A row is `KIND {JSON}`, KIND one of recipient, message, journey, attempt,
// rejection, login; `no KIND` says that there is none. Rows stand in any order. Of a kind that is named, and of
// recipients always, every row MUST be told. What is compared are the fields that some row of the kind names in that
// golden: where another row of the kind does not name one, its field is absent. `""` as a value stands for any value
// that is not absent.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "app/road.h"
#include "base/text.h"
#include "query/row.h"
#include "query/rows_of_facts.h"

namespace mailtrail {
namespace {

namespace fs = std::filesystem;

const fs::path kFolder = fs::path(MAILTRAIL_SOURCE_DIR) / "tests/golden/trace";
constexpr std::string_view kDefaultDate = "2027-06-30";

// The members of one JSON object, each value as it is written.
using Members = std::map<std::string, std::string>;

Members members_of(std::string_view json) {
  Members members;
  std::size_t at = 1;
  const auto string_end = [&](std::size_t from) {
    while (from < json.size() && json[from] != '"') from += json[from] == '\\' ? 2 : 1;
    return from + 1;
  };
  while (at < json.size() && json[at] == '"') {
    const std::size_t key_end = string_end(at + 1);
    const std::string key(json.substr(at + 1, key_end - at - 2));
    const std::size_t begin = key_end + 1;
    std::size_t end = begin;
    for (int depth = 0; end < json.size() && (depth > 0 || (json[end] != ',' && json[end] != '}'));) {
      if (json[end] == '"') {
        end = string_end(end + 1);
        continue;
      }
      if (json[end] == '{' || json[end] == '[') ++depth;
      if (json[end] == '}' || json[end] == ']') --depth;
      ++end;
    }
    members[key] = json.substr(begin, end - begin);
    at = end + 1;
  }
  EXPECT_TRUE(json.starts_with('{') && json.ends_with('}') && !members.empty()) << "not an object: " << json;
  return members;
}

struct File {
  std::string name;
  std::string date;
  std::string text;
};

struct Golden {
  std::vector<File> files;
  std::map<std::string, std::vector<Members>> rows;
  std::map<std::string, std::set<std::string>> fields;  // named by some row of the kind
};

const std::map<std::string, query::Per> kKinds = {
    {"recipient", query::Per::kRecipient}, {"message", query::Per::kMessage},     {"journey", query::Per::kJourney},
    {"attempt", query::Per::kAttempt},     {"rejection", query::Per::kRejection}, {"login", query::Per::kLogin},
};

void read_row(const std::string& line, Golden& golden) {
  const std::size_t blank = line.find(' ');
  ASSERT_NE(blank, std::string::npos) << line;
  if (line.starts_with("no ")) {
    ASSERT_TRUE(kKinds.contains(line.substr(3))) << line;
    golden.rows[line.substr(3)];
    return;
  }
  const std::string kind = line.substr(0, blank);
  ASSERT_TRUE(kKinds.contains(kind)) << line;
  Members members = members_of(std::string_view(line).substr(blank + 1));
  for (const auto& [name, value] : members) golden.fields[kind].insert(name);
  golden.rows[kind].push_back(std::move(members));
}

Golden read_golden(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file) << path;
  Golden golden;
  golden.rows["recipient"];
  bool top = true, answer = false;
  for (std::string line; std::getline(file, line);) {
    if (top && (line.starts_with("# ") || line == "#")) continue;
    top = false;
    if (answer) {
      if (!line.empty()) read_row(line, golden);
    } else if (line == "----") {
      answer = true;
    } else if (line.starts_with("==> ") && line.ends_with(" <==")) {
      std::istringstream words(line.substr(4, line.size() - 8));
      File& next = golden.files.emplace_back();
      words >> next.name;
      if (!(words >> next.date)) next.date = kDefaultDate;
    } else {
      if (golden.files.empty()) golden.files.push_back({"mail.log", std::string(kDefaultDate), ""});
      golden.files.back().text += line + '\n';
    }
  }
  EXPECT_TRUE(answer) << path << ": no line ----";
  return golden;
}

// The golden's files on the disk, for as long as this lives.
class LogFolder {
 public:
  explicit LogFolder(const Golden& golden, const std::string& name)
      : folder_(fs::temp_directory_path() / ("mailtrail-trace-" + std::to_string(getpid()) + "-" + name)) {
    fs::create_directories(folder_);
    for (const File& file : golden.files) {
      const fs::path path = folder_ / file.name;
      std::ofstream(path, std::ios::binary) << file.text;
      const std::optional<Micros> changed = parse_timestamp(file.date + "T12:00:00Z", 0);
      EXPECT_TRUE(changed) << file.date;
      const timespec time{static_cast<time_t>(changed.value_or(0) / kSecond), 0};
      const timespec times[2] = {time, time};
      EXPECT_EQ(utimensat(AT_FDCWD, path.c_str(), times, 0), 0);
      paths_.push_back(path.string());
    }
  }
  LogFolder(const LogFolder&) = delete;
  LogFolder& operator=(const LogFolder&) = delete;
  ~LogFolder() { fs::remove_all(folder_); }
  const std::vector<std::string>& paths() const { return paths_; }

 private:
  fs::path folder_;
  std::vector<std::string> paths_;
};

// Every fact as a row of each kind, those that a plan takes.
class RowCollector : public model::FactSink {
 public:
  RowCollector(const query::Plan& plan, const std::vector<std::string>& sources) : plan_(plan), sources_(sources) {}
  bool can_restart() const override { return true; }
  void on_restart() override { rows.clear(); }
  void on_journey(const model::fact::Journey& journey) override {
    for (const auto& [kind, per] : kKinds) {
      collect(kind, per, [&](model::FactSink& rows_of) { rows_of.on_journey(journey); });
    }
  }
  void on_rejection(const model::fact::Rejection& rejection) override {
    collect("rejection", query::Per::kRejection, [&](model::FactSink& rows_of) { rows_of.on_rejection(rejection); });
  }
  void on_login(const model::fact::Login& login) override {
    collect("login", query::Per::kLogin, [&](model::FactSink& rows_of) { rows_of.on_login(login); });
  }

  std::map<std::string, std::vector<std::string>> rows;

 private:
  template <class Tell>
  void collect(const std::string& kind, query::Per per, Tell tell) {
    query::RowsOfFacts rows_of(plan_, per, [&](const query::Row& row) {
      std::string json;
      query::append_row_json(json, row, sources_);
      rows[kind].push_back(std::move(json));
    });
    tell(rows_of);
  }

  const query::Plan& plan_;
  const std::vector<std::string>& sources_;
};

// The rows of one kind with the fields that the golden names, one a line, sorted.
std::string shown(const std::string& kind, const std::vector<Members>& rows, const std::set<std::string>& fields) {
  std::vector<std::string> lines;
  for (const Members& row : rows) {
    std::string line;
    for (const auto& [name, value] : row) {
      if (fields.contains(name)) line += (line.empty() ? "{\"" : ",\"") + name + "\":" + value;
    }
    lines.push_back(kind + " " + (line.empty() ? "{" : line) + "}");
  }
  std::sort(lines.begin(), lines.end());
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text.empty() ? "no " + kind + "\n" : text;
}

// A value that the golden leaves open is open in the answer too, where each row of the kind leaves it open.
void leave_open(const std::vector<Members>& expected, std::vector<Members>& rows) {
  std::set<std::string> open;
  for (const Members& row : expected) {
    for (const auto& [name, value] : row) {
      if (value == "\"\"") open.insert(name);
    }
  }
  for (const Members& row : expected) {
    for (const std::string& name : open) {
      const auto found = row.find(name);
      EXPECT_TRUE(found == row.end() || found->second == "\"\"") << name << " is open in one row and not in another";
    }
  }
  for (Members& row : rows) {
    for (const std::string& name : open) {
      if (row.contains(name)) row[name] = "\"\"";
    }
  }
}

struct Reading {
  std::size_t block_size = 256 * 1024;
  unsigned threads = 0;
  bool details = true;
};

std::map<std::string, std::vector<std::string>> read_rows(const std::vector<std::string>& paths,
                                                          const Reading& reading) {
  app::RoadRequest request;
  request.logs = paths;
  request.block_size = reading.block_size;
  request.threads = reading.threads;
  app::LogRoad road(request);
  const query::Plan everything;
  RowCollector rows(everything, road.sources());
  trace::TracerOptions options;
  options.keep_details = reading.details;
  road.read_facts(rows, options);
  EXPECT_TRUE(road.problems().empty()) << road.problems().front().to_string();
  return rows.rows;
}

// False: something differs, and was said.
bool compare(const Golden& golden, const std::map<std::string, std::vector<std::string>>& told, bool details) {
  bool same = true;
  for (const auto& [kind, expected] : golden.rows) {
    if (kind == "attempt" && !details) continue;
    std::set<std::string> fields;
    if (golden.fields.contains(kind)) fields = golden.fields.at(kind);
    if (!details) fields.erase("steps"), fields.erase("lines");
    std::vector<Members> rows;
    if (told.contains(kind)) {
      for (const std::string& json : told.at(kind)) rows.push_back(members_of(json));
    }
    leave_open(expected, rows);
    const std::string wanted = shown(kind, expected, fields), got = shown(kind, rows, fields);
    EXPECT_EQ(wanted, got);
    same &= wanted == got;
  }
  return same;
}

std::string joined(std::vector<std::string> rows) {
  std::sort(rows.begin(), rows.end());
  std::string text;
  for (const std::string& row : rows) text += row + '\n';
  return text;
}

// What a search of one address tells is what the whole log tells of it.
void search_each_recipient(const std::vector<std::string>& paths,
                           const std::map<std::string, std::vector<std::string>>& told) {
  if (!told.contains("recipient")) return;
  std::set<std::string> addresses;
  for (const std::string& row : told.at("recipient")) addresses.insert(members_of(row)["recipient"]);
  addresses.erase("");  // of a message whose recipients the log does not name
  for (const std::string& address : addresses) {
    const Result<query::Plan> plan = query::parse_search("to:" + address, {});
    ASSERT_TRUE(plan.ok()) << plan.error().to_string();
    SCOPED_TRACE("search to:" + address);
    app::RoadRequest request;
    request.logs = paths;
    app::LogRoad whole(request), found(request);
    RowCollector of_whole(*plan, whole.sources()), of_found(*plan, found.sources());
    trace::TracerOptions options;
    options.keep_details = true;
    whole.read_facts(of_whole, options);
    found.read_facts_of(*plan, of_found);
    for (const char* kind : {"recipient", "journey", "attempt", "message", "rejection"}) {
      EXPECT_EQ(joined(of_whole.rows[kind]), joined(of_found.rows[kind])) << kind;
    }
  }
}

TEST(TraceGolden, EveryCase) {
  std::size_t count = 0;
  for (const auto& entry : fs::directory_iterator(kFolder)) {
    if (entry.path().extension() != ".txt") continue;
    SCOPED_TRACE(entry.path().filename().string());
    ++count;
    const Golden golden = read_golden(entry.path());
    const LogFolder logs(golden, entry.path().stem().string());
    const auto told = read_rows(logs.paths(), {});
    if (!compare(golden, told, true)) continue;  // the rest would say the same again
    compare(golden, read_rows(logs.paths(), {.details = false}), false);
    compare(golden, read_rows(logs.paths(), {.block_size = 1, .threads = 3}), true);
    search_each_recipient(logs.paths(), told);
  }
  EXPECT_GT(count, 50u);
}

}  // namespace
}  // namespace mailtrail

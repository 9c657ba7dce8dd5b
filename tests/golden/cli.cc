// Runs the goldens of the command line, tests/golden/cli/*.txt, each a test of its own, and holds docs/commands.md to
// what the program's tables say.
//
// A golden has `#` comment lines at its top, then runs parted by lines `====`. A run is
//
//     $ mailtrail WORDS [< FILE] [| head -N]
//     ----
//     what it writes to standard output
//     ---- stderr
//     what it writes to standard error
//     ---- exit N
//
// The part of standard error is left out where nothing is written there. Files are named from tests/ on. Words are
// quoted with '...'. `| head -N` compares the first N lines of standard output. `{NN}` stands for a byte that a
// terminal would not show as it is. Runs have a width of 100 columns, the zone UTC and no terminal; `$ terminal
// mailtrail ...` has a terminal with colours, `$ wide mailtrail ...` no known width, `$ narrow mailtrail
// ...` one of 60 columns. Where the environment sets
// MAILTRAIL_WRITE_GOLDENS, the goldens are written anew.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.h"
#include "cli/commands_document.h"
#include "cli/run.h"

namespace mailtrail::cli {
namespace {

namespace fs = std::filesystem;

const fs::path kSource = MAILTRAIL_SOURCE_DIR;

std::string read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file) << path;
  std::stringstream content;
  content << file.rdbuf();
  return content.str();
}

struct Invocation {
  std::string line;  // as it stands in the golden
  std::string expected;
};

// What stands in a command line, in the way of a shell: blanks part, '...' keeps together.
std::vector<std::string> words_of(std::string_view line) {
  std::vector<std::string> words;
  bool quoted = false, open = false;
  for (const char c : line) {
    if (c == '\'') {
      if (!open) words.emplace_back(), open = true;
      quoted = !quoted;
    } else if (c == ' ' && !quoted) {
      open = false;
    } else {
      if (!open) words.emplace_back(), open = true;
      words.back() += c;
    }
  }
  return words;
}

// Standard input of this process, for a time.
class StandardInput {
 public:
  explicit StandardInput(const std::string& path) : before_(::dup(STDIN_FILENO)) {
    const int file = ::open(path.c_str(), O_RDONLY);
    EXPECT_GE(file, 0) << path;
    ::dup2(file, STDIN_FILENO);
    ::close(file);
  }
  ~StandardInput() {
    ::dup2(before_, STDIN_FILENO);
    ::close(before_);
  }
  StandardInput(const StandardInput&) = delete;
  StandardInput& operator=(const StandardInput&) = delete;

 private:
  int before_;
};

std::string first_lines(const std::string& text, std::size_t count) {
  std::size_t end = 0;
  while (count-- > 0 && end < text.size()) {
    const std::size_t at = text.find('\n', end);
    if (at == std::string::npos) return text;
    end = at + 1;
  }
  return text.substr(0, end);
}

// Bytes that a terminal would take for more than text, as `{1b}`: told from `\x1b`, which the program writes itself.
std::string shown(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::string_view line = take_until(text, '\n');
    for (std::size_t at = 0; at < line.size();) {
      std::size_t end = at + 1;
      while (end < line.size() && (static_cast<unsigned char>(line[end]) & 0xC0) == 0x80) ++end;
      const std::string_view character = line.substr(at, end - at);
      at = end;
      if (printable(character) == character) {
        out += character;
        continue;
      }
      for (const char byte : character) {
        constexpr char kDigits[] = "0123456789abcdef";
        const auto value = static_cast<unsigned char>(byte);
        out += {'{', kDigits[value >> 4], kDigits[value & 15], '}'};
      }
    }
    out += '\n';
  }
  return out;
}

std::string run_line(std::string_view line) {
  EXPECT_TRUE(consume(line, "$ ")) << line;
  const bool terminal = consume(line, "terminal ");
  const bool wide = consume(line, "wide ");
  const bool narrow = consume(line, "narrow ");
  std::vector<std::string> words = words_of(line);
  EXPECT_FALSE(words.empty());
  words.erase(words.begin());
  std::size_t lines = std::string::npos;
  std::string input = "/dev/null";
  if (words.size() > 3 && words[words.size() - 3] == "|") {
    lines = to_number<std::size_t>(std::string_view(words.back()).substr(1)).value();
    words.resize(words.size() - 3);
  }
  if (words.size() > 2 && words[words.size() - 2] == "<") {
    input = words.back();
    words.resize(words.size() - 2);
  }
  const StandardInput standard_input(input);
  TextOutput out, err;
  Streams streams{out, err};
  if (!wide) streams.width = narrow ? 60 : 100;
  streams.out_is_terminal = streams.colour_wanted = terminal;
  const int status = run(words, streams);
  std::string text = shown(first_lines(out.text, lines));
  if (!err.text.empty()) text += "---- stderr\n" + shown(err.text);
  return text + "---- exit " + std::to_string(status) + '\n';
}

struct Golden {
  std::string comments;
  std::vector<Invocation> runs;
};

Golden parse(const std::string& text) {
  Golden golden;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (golden.runs.empty() && line.starts_with('#')) {
      golden.comments += line + '\n';
    } else if (line.starts_with("$ ") && (golden.runs.empty() || golden.runs.back().line.empty())) {
      if (golden.runs.empty()) golden.runs.emplace_back();
      golden.runs.back().line = line;
      std::getline(lines, line);
      EXPECT_EQ(line, "----");
    } else if (line == "====") {
      golden.runs.emplace_back();
    } else {
      EXPECT_FALSE(golden.runs.empty()) << "a golden begins with a command: " << line;
      if (!golden.runs.empty()) golden.runs.back().expected += line + '\n';
    }
  }
  return golden;
}

class CommandLine : public testing::TestWithParam<fs::path> {};

TEST_P(CommandLine, WritesWhatTheGoldenSays) {
  ::setenv("TZ", "UTC", 1);
  // No store of whoever runs the tests.
  ::setenv("MAILTRAIL_STORE", "/nonexistent/store", 1);
  fs::current_path(kSource / "tests");
  Golden golden = parse(read_file(GetParam()));
  ASSERT_FALSE(golden.runs.empty());
  std::string fresh = golden.comments;
  for (std::size_t i = 0; i < golden.runs.size(); ++i) {
    const Invocation& invocation = golden.runs[i];
    const std::string written = run_line(invocation.line);
    EXPECT_EQ(invocation.expected, written) << invocation.line;
    fresh += (i == 0 ? "" : "====\n") + invocation.line + "\n----\n" + written;
  }
  if (std::getenv("MAILTRAIL_WRITE_GOLDENS") != nullptr) std::ofstream(GetParam(), std::ios::binary) << fresh;
}

std::vector<fs::path> goldens() {
  std::vector<fs::path> paths;
  for (const auto& entry : fs::directory_iterator(kSource / "tests/golden/cli")) {
    if (entry.path().extension() == ".txt") paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

std::string name_of_path(const testing::TestParamInfo<fs::path>& info) {
  return info.param.stem().string();
}

INSTANTIATE_TEST_SUITE_P(Goldens, CommandLine, testing::ValuesIn(goldens()), name_of_path);

TEST(CommandsDocument, IsWhatTheTablesSay) {
  const fs::path path = kSource / "docs/commands.md";
  if (std::getenv("MAILTRAIL_WRITE_GOLDENS") != nullptr) std::ofstream(path, std::ios::binary) << commands_document();
  EXPECT_EQ(read_file(path), commands_document())
      << "MAILTRAIL_WRITE_GOLDENS=1 golden_cli --gtest_filter=CommandsDocument.* writes it anew";
}

}  // namespace
}  // namespace mailtrail::cli

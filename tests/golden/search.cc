// Runs the goldens of the search language, tests/golden/search/*.txt, and the examples of docs/search.md.
//
// A golden has `#` comment lines at its top, then cases parted by lines `====`. A case is a search, a line `----`, and
// the plan as a tree or the mistake with its caret. Times are as of 2026-11-24T12:00+01:00.
//
// In docs/search.md each line of a block ```search is a search that must be understood, and each block ```mistake is a
// search followed by its caret and message.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.h"
#include "query/network.h"
#include "query/plan.h"
#include "query/search_keys.h"

namespace mailtrail::query {
namespace {

namespace fs = std::filesystem;

const fs::path kSource = MAILTRAIL_SOURCE_DIR;
const TimeContext kContext{*parse_timestamp("2026-11-24T12:00:00+01:00", 0), 60};

constexpr std::string_view kMatchWords[] = {"exactly", "like", "at", "part of address", "holds", "begins",
                                            "in",      "<",    ">"};

std::string read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file) << path;
  std::stringstream content;
  content << file.rdbuf();
  return content.str();
}

void describe(std::string& out, const Expr& expr, std::size_t indent) {
  out.append(indent, ' ');
  switch (expr.op) {
    case Expr::Op::kTrue:
      out += "everything\n";
      return;
    case Expr::Op::kNot:
      out += "not\n";
      break;
    case Expr::Op::kAnd:
      out += "all of\n";
      break;
    case Expr::Op::kOr:
      out += "one of\n";
      break;
    case Expr::Op::kTerm: {
      const Term& term = expr.term;
      const std::string_view name = name_of(term.field);
      out += !name.empty() ? name : term.field == Field::kAnyAddress ? "any address" : "any text";
      out += ' ';
      out += kMatchWords[static_cast<std::size_t>(term.match)];
      out += ' ';
      if (term.match == Match::kNetwork) {
        out += to_text(term.network);
      } else if (!term.text.empty()) {
        append_json_string(out, term.text);
      }
      if (term.number != 0 || term.match == Match::kLess || term.match == Match::kGreater) {
        if (out.back() != ' ') out += ' ';
        out += std::to_string(term.number);
      }
      out += '\n';
      return;
    }
  }
  for (const Expr& child : expr.children) describe(out, child, indent + 2);
}

// What a golden shows of the answer; ends with a line end.
std::string describe(const Result<Plan>& answer) {
  if (!answer.ok()) {
    const Error& error = answer.error();
    return error.where + '\n' + error.what + (error.remedy.empty() ? "" : " (" + error.remedy + ")") + '\n';
  }
  std::string out;
  describe(out, answer->where, 0);
  if (answer->since) out += "since " + format_rfc3339(*answer->since, kContext.offset_minutes) + '\n';
  if (answer->until) out += "until " + format_rfc3339(*answer->until, kContext.offset_minutes) + '\n';
  return out;
}

struct Case {
  std::string search;
  std::string expected;
};

std::vector<Case> cases_of(const std::string& golden) {
  std::istringstream lines(golden);
  std::vector<Case> cases(1);
  bool top = true, answer = false;
  for (std::string line; std::getline(lines, line);) {
    if (top && line.starts_with('#')) continue;
    top = false;
    Case& current = cases.back();
    if (line == "====") {
      cases.emplace_back();
      answer = false;
    } else if (line == "----" && !answer) {
      answer = true;
    } else if (answer) {
      current.expected += line + '\n';
    } else {
      current.search += (current.search.empty() ? "" : "\n") + line;
    }
  }
  return cases;
}

void expect_normal_form(const Plan& plan, const std::string& search) {
  const std::string normal = to_text(plan);
  const Result<Plan> again = parse_search(normal, TimeContext{0, 0});
  ASSERT_TRUE(again.ok()) << search << "\nnormal form: " << normal << '\n' << again.error().to_string();
  EXPECT_TRUE(*again == plan) << search << "\nnormal form: " << normal << '\n' << describe(again);
  EXPECT_EQ(to_text(*again), normal);
}

TEST(SearchGolden, EveryCase) {
  std::size_t count = 0;
  for (const auto& entry : fs::directory_iterator(kSource / "tests/golden/search")) {
    if (entry.path().extension() != ".txt") continue;
    for (const Case& item : cases_of(read_file(entry.path()))) {
      SCOPED_TRACE(entry.path().filename().string() + ": " + item.search);
      const Result<Plan> answer = parse_search(item.search, kContext);
      EXPECT_EQ(describe(answer), item.expected);
      if (answer.ok()) expect_normal_form(*answer, item.search);
      ++count;
    }
  }
  EXPECT_GT(count, 100u);
}

// The lines of the fenced blocks of a kind.
std::vector<std::vector<std::string>> blocks_of(const std::string& page, const std::string& kind) {
  std::istringstream lines(page);
  std::vector<std::vector<std::string>> blocks;
  bool inside = false;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("```")) {
      if (!inside && line == "```" + kind) {
        blocks.emplace_back();
        inside = true;
      } else {
        inside = false;
      }
    } else if (inside) {
      blocks.back().push_back(line);
    }
  }
  return blocks;
}

TEST(SearchPage, ExamplesAreUnderstood) {
  const auto blocks = blocks_of(read_file(kSource / "docs/search.md"), "search");
  EXPECT_GT(blocks.size(), 5u);
  for (const auto& block : blocks) {
    for (const std::string& line : block) {
      const Result<Plan> answer = parse_search(line, kContext);
      ASSERT_TRUE(answer.ok()) << describe(answer);
      expect_normal_form(*answer, line);
    }
  }
}

TEST(SearchPage, MistakesAreAnsweredAsItSays) {
  const auto blocks = blocks_of(read_file(kSource / "docs/search.md"), "mistake");
  EXPECT_FALSE(blocks.empty());
  for (const auto& block : blocks) {
    ASSERT_FALSE(block.empty());
    std::string expected;
    for (const std::string& line : block) expected += line + '\n';
    EXPECT_EQ(describe(parse_search(block.front(), kContext)), expected);
  }
}

TEST(SearchPage, NamesEveryKeyAndStatus) {
  const std::string page = read_file(kSource / "docs/search.md");
  std::istringstream keys(all_key_names());
  for (std::string key; keys >> key;) EXPECT_NE(page.find('`' + key), std::string::npos) << key;
  for (const std::string_view status : closed_words(Field::kStatus)) {
    EXPECT_NE(page.find(status), std::string::npos) << status;
  }
}

}  // namespace
}  // namespace mailtrail::query

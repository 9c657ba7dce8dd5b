#include "query/report_file_lines.h"

#include <optional>

#include "base/text.h"
#include "query/report_file.h"

namespace mailtrail::query {
namespace {

constexpr std::size_t kMostLines = 200;    // that say something
constexpr std::size_t kMostOfLine = 4096;  // bytes, continuations included

class LineSplitter {
 public:
  LineSplitter(std::string_view text, std::string_view name) : text_(text), name_(name) {}

  Result<std::vector<ReportFileLine>> run() {
    if (text_.size() > kMaxReportFile) return mistake("a report file is at most 64 KiB long", "");
    bool first = true;
    for (; !text_.empty() || first; ++number_) {
      std::string line(take_until(text_, '\n'));
      if (!line.empty() && line.back() == '\r') line.pop_back();
      for (char& c : line) c = c == '\t' ? ' ' : c;
      if (printable(line) != line) return mistake("this line holds bytes that are no text", "save the file as UTF-8");
      if (first) {
        if (trim(line) != kReportFileHead) return bad_head(trim(line));
        first = false;
      } else if (const std::optional<Error> error = take(line)) {
        return *error;
      }
    }
    return std::move(lines_);
  }

 private:
  Error mistake(std::string what, std::string remedy) const {
    return Error{std::move(what), report_file_place(name_, number_), std::move(remedy)};
  }

  Error bad_head(std::string_view line) const {
    std::string_view version = line;
    if (consume(version, "mailtrail report ")) {
      return mistake("this version of the format is not known",
                     "this mailtrail takes `" + std::string(kReportFileHead) + "`");
    }
    return mistake("this is no report file", "its first line is `" + std::string(kReportFileHead) + "`");
  }

  std::optional<Error> take(const std::string& line) {
    const std::string_view content = trim(line);
    if (content.empty() || content.front() == '#') return std::nullopt;
    if (line.front() == ' ') {
      if (lines_.empty())
        return mistake("a line that begins with a blank goes on with the one before; there is none", "");
      std::string& value = lines_.back().value;
      value += (value.empty() ? "" : " ") + std::string(content);
      if (value.size() > kMostOfLine) return mistake("this is too long", "a value takes at most 4096 bytes");
      return std::nullopt;
    }
    if (content.size() > kMostOfLine) return mistake("this is too long", "a value takes at most 4096 bytes");
    const std::size_t colon = content.find(':');
    if (colon == std::string_view::npos) {
      return mistake("a `:` is missing", "a line is as `title: Who makes us wait`; a comment begins with #");
    }
    if (lines_.size() == kMostLines) return mistake("a report file has at most 200 lines that say something", "");
    std::string_view name = trim(content.substr(0, colon));
    const std::string_view head = take_until(name, ' ');
    lines_.push_back(
        {number_, std::string(head), std::string(trim(name)), std::string(trim(content.substr(colon + 1)))});
    return std::nullopt;
  }

  std::string_view text_, name_;
  std::size_t number_ = 1;
  std::vector<ReportFileLine> lines_;
};

}  // namespace

Result<std::vector<ReportFileLine>> split_report_file(std::string_view text, std::string_view name) {
  return LineSplitter(text, name).run();
}

std::string report_file_place(std::string_view name, std::size_t line) {
  return printable(name) + ':' + std::to_string(line);
}

}  // namespace mailtrail::query

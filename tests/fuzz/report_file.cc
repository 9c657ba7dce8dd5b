// Report files: any bytes. What is understood has a normal form that means the same, takes every kind of row, and gives
// a page and JSON that hold no more than text.
// SEEDS: report_file_syntax
#include "query/report_file.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/text.h"
#include "query/report_file_groups.h"
#include "query/report_file_page.h"
#include "tests/unit/query/sample_journey.h"

namespace {

using namespace mailtrail;
using namespace mailtrail::query;

void check(bool holds) {
  if (!holds) std::abort();
}

// A page is text: UTF-8 without what would steer a terminal.
void check_page(std::string_view page) {
  check(is_utf8(page) && page.ends_with('\n'));
  while (!page.empty()) {
    const std::string_view line = take_until(page, '\n');
    check(printable(line) == line);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const Result<ReportFile> file = parse_report_file(text, "fuzz.report");
  if (!file.ok()) {
    check(!file.error().what.empty() && file.error().where.starts_with("fuzz.report:"));
    check(is_utf8(file.error().to_string()));
    return 0;
  }
  const std::string normal = to_text(*file);
  // Defaults written out may make it longer than a file may be.
  const Result<ReportFile> again = parse_report_file(normal, "normal");
  if (again.ok()) check(*again == *file && to_text(*again) == normal);

  ReportContext context;
  context.times = {*parse_timestamp("2026-11-24T12:00:00+01:00", 0), 60};
  context.bound = 10;
  Result<std::unique_ptr<GroupedReport>> report = GroupedReport::make(*file, context);
  if (!report.ok()) return 0;
  static const SampleJourney sample;
  (*report)->on_journey(sample.journey);
  model::fact::Rejection rejection;
  rejection.time = sample.start;
  rejection.event.reply = "550 5.1.1 \x1b[31m\xff <gone@example.net>: User unknown";
  rejection.event.recipient = "gone@example.net";
  (*report)->on_rejection(rejection);
  for (int i = 0; i < 30; ++i) {
    const std::string user = "user" + std::to_string(i);
    model::fact::Login login;
    login.time = sample.start + i * kHour;
    login.event.user = user;
    login.event.result = i % 2 == 0 ? model::LoginResult::kSuccess : model::LoginResult::kFailure;
    login.event.attempts = i;
    (*report)->on_login(login);
  }
  const ReportTable table = (*report)->finish();
  check(table.rows.size() <= file->limit);
  ReportScope scope;
  scope.lines.lines = 40;
  check_page(render_report_table(table, scope, {}));
  check(is_utf8(report_table_json(table, scope)));
  return 0;
}

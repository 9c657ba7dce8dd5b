// Descriptions of dialects: any bytes. One that is right takes any line without harm.
//
// SEEDS: described
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "base/text.h"
#include "described/dialect_file.h"
#include "model/event_json.h"
#include "record/framing.h"

namespace {

void check(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace mailtrail;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  // Lines for it, behind the mark of the goldens.
  const std::size_t mark = text.find("\n~~~~\n");
  const described::DialectFile file = described::read_dialect_file(text.substr(0, mark), "fuzz.toml");
  check(file.problems.empty() == (file.dialect != nullptr));
  for (const Error& problem : file.problems) {
    check(!problem.what.empty() && problem.where.starts_with("fuzz.toml"));
    check(is_utf8(printable(problem.to_string())));
  }
  if (file.dialect == nullptr) return 0;
  std::string_view lines = mark == std::string_view::npos ? text : text.substr(mark + 6);
  while (!lines.empty()) {
    Arena arena;
    std::vector<model::Event> events;
    dialect::Emitter emitter(arena, events);
    record::Record record;
    record::Framer().frame(take_until(lines, '\n'), arena, record);
    emitter.begin(record, file.dialect->name());
    check(file.dialect->parse(record, emitter) != events.empty());
    for (model::Event& event : events) {
      event.has_time = false;
      std::string json;
      model::append_event_json(json, event, "fuzz");
      check(is_utf8(json));
    }
  }
  return 0;
}

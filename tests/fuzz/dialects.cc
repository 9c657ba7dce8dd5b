// Any log under every dialect: lines are framed as in a file, of a table under its head, and parsed by the dialect that
// claims them. Each line gives at least one event, each event is JSON that is text, and what a line says does not
// depend on the lines around it.
//
// SEEDS: dialect record
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "base/text.h"
#include "dialect/dialect.h"
#include "model/event_json.h"
#include "record/framing.h"
#include "record/table.h"

namespace mailtrail {
namespace {

[[noreturn]] void fail(const char* what) {
  std::fprintf(stderr, "BUG: %s\n", what);
  std::abort();
}

void check_json(const std::string& json) {
  if (json.empty() || json.front() != '{' || json.back() != '}') fail("the JSON is no object");
  if (!is_utf8(json)) fail("the JSON is not UTF-8");
  for (const char c : json) {
    if (static_cast<unsigned char>(c) < 0x20) fail("the JSON holds a control character");
  }
}

// Reads units one after another, as one thread does.
class LineReader {
 public:
  explicit LineReader(const record::Table* table) { framer_.set_table(table); }

  std::string read(std::string_view unit) {
    Arena arena;
    std::vector<model::Event> events;
    dialect::Emitter emitter(arena, events);
    record::Record record;
    framer_.frame(unit, arena, record);
    parser_.parse(record, emitter);
    if (events.empty()) fail("a line without an event");
    std::string all;
    for (model::Event& event : events) {
      if (event.body == nullptr) fail("an event without body");
      event.has_time = event.has_time && !event.wall;
      std::string json;
      model::append_event_json(json, event, "fuzz");
      check_json(json);
      all += json;
    }
    return all;
  }

 private:
  record::Framer framer_;
  dialect::Parser parser_;
};

}  // namespace
}  // namespace mailtrail

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace mailtrail;
  // A copy of exactly this size, so that the sanitizer sees a read beyond its end.
  const std::vector<char> input(data, data + size);
  const std::string_view text(input.data(), input.size());
  const std::shared_ptr<const record::Table> table = record::find_table(text);
  LineReader reader(table.get());
  for (std::size_t at = 0; at < text.size();) {
    const record::Unit unit = record::next_unit(text, at);
    at += unit.size;
    if (unit.bytes.empty()) continue;
    if (reader.read(unit.bytes) != LineReader(table.get()).read(unit.bytes)) fail("a line depends on those before it");
  }
  return 0;
}

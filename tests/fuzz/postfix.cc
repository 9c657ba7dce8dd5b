// Any bytes under any tag of Postfix: no crash, and every event holds to the contract of model/event.h. The first byte
// picks the tag; an input that is a whole line of a log, as the seeds are, is taken under its own.
//
// SEEDS: dialect/postfix
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "dialect/dialect.h"
#include "model/event_json.h"

namespace mailtrail {
namespace {

constexpr std::string_view kTags[] = {"postfix/smtpd",
                                      "postfix/smtp",
                                      "postfix/cleanup",
                                      "postfix/qmgr",
                                      "postfix/local",
                                      "postfix/bounce",
                                      "postfix/postscreen",
                                      "postfix/pickup",
                                      "postfix/postsuper",
                                      "postfix/lmtp",
                                      "postfix/virtual",
                                      "postfix/pipe",
                                      "postfix/error",
                                      "postfix/discard",
                                      "postfix/anvil",
                                      "postfix/scache",
                                      "postfix/dnsblog",
                                      "postfix/tlsproxy",
                                      "postfix/master",
                                      "postfix/postfix-script",
                                      "postfix/qmqpd",
                                      "postfix/verify",
                                      "postfix/submission/smtpd",
                                      "mx-in/smtpd",
                                      "postfix"};

[[noreturn]] void fail(const char* what) {
  std::fprintf(stderr, "BUG: %s\n", what);
  std::abort();
}

// The parts of memory that a text of an event may point into.
class Places {
 public:
  explicit Places(std::string_view input) : input_(input) {}

  void check(std::string_view text) const {
    if (text.empty() || inside(input_, text)) return;
    // Words of the dialect itself, and texts made in the arena: reading them is what the sanitizer watches.
    for (const char c : text) sum_ = sum_ + static_cast<unsigned char>(c);
  }

 private:
  static bool inside(std::string_view whole, std::string_view part) {
    return part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size();
  }
  std::string_view input_;
  mutable volatile unsigned sum_ = 0;
};

struct FieldChecker {
  const Places& places;
  void operator()(std::string_view, model::Text text) const { places.check(text); }
  void operator()(std::string_view, model::Texts texts) const {
    for (const model::Text text : texts) places.check(text);
  }
  void operator()(std::string_view, std::span<const model::CommandCount> commands) const {
    for (const model::CommandCount& command : commands) places.check(command.name);
  }
  template <class T>
  void operator()(std::string_view, const T&) const {}
};

void check_json(const std::string& json) {
  if (json.empty() || json.front() != '{' || json.back() != '}') fail("the JSON is no object");
  if (!is_utf8(json)) fail("the JSON is not UTF-8");
  for (const char c : json) {
    if (static_cast<unsigned char>(c) < 0x20) fail("the JSON holds a control character");
  }
}

void run(std::string_view tag, std::string_view text) {
  record::Record record;
  record.program = tag;
  record.text = text;
  record.raw = text;
  Arena arena;
  std::vector<model::Event> events;
  dialect::Emitter emitter(arena, events);
  const dialect::Dialect* dialect = dialect::find_dialect(tag);
  if (dialect == nullptr || dialect->name() != "postfix") fail("the tag is not claimed");
  emitter.begin(record, dialect->name());
  const bool understood = dialect->parse(record, emitter);
  if (understood == events.empty()) fail("events without understanding, or understanding without events");
  const Places places(text);
  for (const model::Event& event : events) {
    if (event.body == nullptr) fail("an event without body");
    places.check(event.queue_id);
    for (const model::Extra& extra : event.extra) places.check(extra.value);
    model::visit_body(event, [&](const auto& body) { body.fields(FieldChecker{places}); });
    std::string json;
    model::append_event_json(json, event, "fuzz");
    check_json(json);
  }
}

// `Nov 24 03:00:20 mx1 postfix/smtp[100]: text` under one of the tags above.
bool run_log_line(std::string_view line) {
  const std::size_t end = line.find("]: ");
  const std::size_t open = line.substr(0, end).rfind('[');
  if (end == std::string_view::npos || open == std::string_view::npos) return false;
  for (const std::string_view tag : kTags) {
    if (!line.substr(0, open).ends_with(tag)) continue;
    run(tag, line.substr(end + 3));
    return true;
  }
  return false;
}

}  // namespace
}  // namespace mailtrail

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  // A copy of exactly this size, so that the sanitizer sees a read beyond its end.
  const std::vector<char> input(data, data + size);
  const std::string_view text(input.data(), input.size());
  if (mailtrail::run_log_line(text)) return 0;
  mailtrail::run(mailtrail::kTags[data[0] % std::size(mailtrail::kTags)], text.substr(1));
  return 0;
}

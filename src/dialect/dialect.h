// Dialect: what the lines of one mail program mean.
//
// A dialect is src/dialect/NAME.cc (parts of a large one in src/dialect/NAME/), which defines `const Dialect&
// NAME_dialect();`, and the goldens in tests/golden/dialect/NAME/. CMake finds both by name. The comment at the head of
// NAME.cc has the sections NAME, SUMMARY, SOURCES, SAMPLES and KNOWN GAPS; each line of SAMPLES MUST parse.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "model/event.h"
#include "record/record.h"

namespace mailtrail::dialect {

// Makes events of one record: fills in what every event has. Not thread-safe.
class Emitter {
 public:
  // Events are appended to `events`, bodies made in `arena`; both MUST outlive it.
  Emitter(Arena& arena, std::vector<model::Event>& events) : arena_(arena), events_(events) {}

  // MUST be called before each record. `dialect` lives for ever. `tag_note`: what the dialect noted of the record's tag
  // (Dialect::note_tag); 0 where it was not asked.
  void begin(const record::Record& record, std::string_view dialect, std::uint32_t tag_note = 0) {
    record_ = &record;
    dialect_ = dialect;
    tag_note_ = tag_note;
  }

  // Appends an event of the kind of Body and gives its body to be filled in. The reference lives as long as the arena.
  template <class Body>
  Body& emit(std::string_view queue_id = {}) {
    Body& body = arena_.make<Body>();
    model::Event& event = events_.emplace_back();
    event.kind = Body::kKind;
    event.body = &body;
    event.queue_id = queue_id;
    event.dialect = dialect_;
    event.instance = instance_;
    event.time = record_->time;
    event.offset_minutes = record_->offset_minutes;
    event.time_notes = record_->notes;
    event.has_time = record_->has_time;
    event.wall = record_->wall;
    event.yearless = record_->yearless;
    event.pid = record_->pid;
    event.repeat = record_->repeat;
    event.host = record_->host;
    event.program = record_->program;
    event.at.position = record_->position;
    event.at.line = record_->line;
    event.at.length = static_cast<std::uint32_t>(record_->raw.size());
    event.at.source = record_->source;
    return body;
  }

  // The event that `emit` made last.
  model::Event& last() { return events_.back(); }
  // The `instance` of the events to come; empty: none. Set it anew for each record.
  void set_instance(std::string_view instance) { instance_ = instance; }
  Arena& arena() { return arena_; }
  const record::Record& record() const { return *record_; }
  std::uint32_t tag_note() const { return tag_note_; }

 private:
  Arena& arena_;
  std::vector<model::Event>& events_;
  const record::Record* record_ = nullptr;
  std::string_view dialect_;
  std::string_view instance_;
  std::uint32_t tag_note_ = 0;
};

// One program's dialect: stateless, thread-safe, lives for ever.
class Dialect {
 public:
  virtual ~Dialect() = default;

  // As in the `dialect` field: `postfix`.
  virtual std::string_view name() const = 0;

  // Whether lines with this tag are this dialect's, judged by `program` alone (`postfix/smtp`, `opendkim`). At most one
  // dialect may claim a tag.
  virtual bool claims(std::string_view program) const = 0;

  // What `parse` will need to know of a tag that is this dialect's, of at most kMaxNotedTag bytes: worked out once for
  // a tag, and found in Emitter::tag_note for each of its lines. 0: nothing; `parse` then reads the tag itself. Pure.
  virtual std::uint32_t note_tag(std::string_view) const { return 0; }
  static constexpr std::size_t kMaxNotedTag = 63;

  // Appends the events of the record, at least one, and true; or appends nothing, and false: the line is not
  // understood. A line of a shape that is not known MUST give false rather than a guess.
  virtual bool parse(const record::Record& record, Emitter& out) const = 0;
};

// Every dialect that is built in, in the order of their names.
std::span<const Dialect* const> all_dialects();

// The built-in dialect that claims `program`, or null.
const Dialect* find_dialect(std::string_view program);

// Dialects beside those that are built in, such as users describe. They are asked first, in the order in which they
// were added; a line that they do not take goes to the built-in one. MUST be called before the first Parser is made,
// from one thread; `dialect` MUST live until the program's end, and need not define note_tag.
void add_dialect(const Dialect& dialect);
std::span<const Dialect* const> added_dialects();

// Records to events: finds the dialect of each and remembers it by tag. A record that no dialect takes becomes an
// `unparsed` event with its text. One object a thread.
class Parser {
 public:
  // Always appends at least one event.
  void parse(const record::Record& record, Emitter& out);

 private:
  struct Known {
    const Dialect* dialect = nullptr;
    std::uint32_t note = 0;
    bool added = false;  // one of added_dialects() claims it, too
  };
  static Known find(std::string_view program);
  // Tags come from outside and may differ on every line: a slot holds the last one that fell into it.
  struct Entry {
    Known known;
    std::uint8_t size = 0;
    char program[Dialect::kMaxNotedTag] = {};
  };
  Known lookup(std::string_view program);
  static bool parse_added(const record::Record& record, Emitter& out);

  static constexpr std::size_t kSlots = 256;
  std::vector<Entry> slots_ = std::vector<Entry>(kSlots);
};

}  // namespace mailtrail::dialect

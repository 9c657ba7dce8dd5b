#include "dialect/dialect.h"

#include <cstring>

#include "base/hash.h"

namespace mailtrail::dialect {

const Dialect* find_dialect(std::string_view program) {
  for (const Dialect* dialect : all_dialects()) {
    if (dialect->claims(program)) return dialect;
  }
  return nullptr;
}

namespace {

std::vector<const Dialect*>& added() {
  static std::vector<const Dialect*> dialects;
  return dialects;
}

// Tags of one length that end alike share a slot; so do few that are met in one log.
std::size_t slot_of(std::string_view program) {
  std::uint64_t end = 0;
  if (program.size() >= 8) {
    std::memcpy(&end, program.data() + program.size() - 8, 8);
  } else {
    end = hash_bytes(program);
  }
  return static_cast<std::size_t>(mix_hash(end, program.size()));
}

// Whether the `size` bytes at `a` and at `b` are the same. Tags are short: a call of memcmp takes longer.
bool are_same(const char* a, const char* b, std::size_t size) {
  if (size < 8) return std::memcmp(a, b, size) == 0;
  const auto differ = [&](std::size_t at) {
    std::uint64_t one, other;
    std::memcpy(&one, a + at, 8);
    std::memcpy(&other, b + at, 8);
    return one ^ other;
  };
  std::uint64_t difference = differ(size - 8);
  for (std::size_t at = 0; at + 8 < size; at += 8) difference |= differ(at);
  return difference == 0;
}

}  // namespace

void add_dialect(const Dialect& dialect) {
  added().push_back(&dialect);
}
std::span<const Dialect* const> added_dialects() {
  return added();
}

Parser::Known Parser::find(std::string_view program) {
  Known known;
  known.dialect = find_dialect(program);
  for (const Dialect* dialect : added()) known.added |= dialect->claims(program);
  return known;
}

bool Parser::parse_added(const record::Record& record, Emitter& out) {
  for (const Dialect* dialect : added()) {
    if (!dialect->claims(record.program)) continue;
    out.begin(record, dialect->name());
    out.set_instance({});
    if (dialect->parse(record, out)) return true;
  }
  return false;
}

Parser::Known Parser::lookup(std::string_view program) {
  if (program.empty() || program.size() > Dialect::kMaxNotedTag) return find(program);
  Entry& entry = slots_[slot_of(program) % kSlots];
  if (entry.size == program.size() && are_same(entry.program, program.data(), program.size())) return entry.known;
  entry.known = find(program);
  entry.known.note = entry.known.dialect == nullptr ? 0 : entry.known.dialect->note_tag(program);
  entry.size = static_cast<std::uint8_t>(program.size());
  std::memcpy(entry.program, program.data(), program.size());
  return entry.known;
}

void Parser::parse(const record::Record& record, Emitter& out) {
  const Known known = lookup(record.program);
  if (known.added && parse_added(record, out)) return;
  if (known.dialect != nullptr) {
    out.begin(record, known.dialect->name(), known.note);
    out.set_instance({});
    if (known.dialect->parse(record, out)) return;
  }
  out.begin(record, {});
  out.set_instance({});
  out.emit<model::event::Unparsed>().text = record.text.empty() ? record.raw : record.text;
}

}  // namespace mailtrail::dialect

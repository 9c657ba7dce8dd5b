#include "dialect/dialect.h"

#include "base/hash.h"

namespace mailtrail::dialect {

const Dialect* find_dialect(std::string_view program) {
  for (const Dialect* dialect : all_dialects()) {
    if (dialect->claims(program)) return dialect;
  }
  return nullptr;
}

const Dialect* Parser::lookup(std::string_view program) {
  if (program.empty()) return nullptr;
  const std::uint64_t hash = hash_bytes(program);
  Entry& entry = slots_[hash % kSlots];
  if (entry.hash == hash && std::string_view(entry.program, entry.size) == program) return entry.dialect;
  const Dialect* dialect = find_dialect(program);
  if (program.size() <= sizeof entry.program) {
    entry.hash = hash;
    entry.size = static_cast<std::uint8_t>(program.size());
    std::memcpy(entry.program, program.data(), program.size());
    entry.dialect = dialect;
  }
  return dialect;
}

void Parser::parse(const record::Record& record, Emitter& out) {
  const Dialect* dialect = lookup(record.program);
  if (dialect != nullptr) {
    out.begin(record, dialect->name());
    out.set_instance({});
    if (dialect->parse(record, out)) return;
  }
  out.begin(record, {});
  out.set_instance({});
  out.emit<model::event::Unparsed>().text = record.text.empty() ? record.raw : record.text;
}

}  // namespace mailtrail::dialect

#include "store/duckdb/list_code.h"

#include "base/byte_stream.h"
#include "store/duckdb/fact_table.h"

namespace mailtrail::store::duckdb {
namespace {

constexpr std::uint64_t kVersion = 1;

// Each element takes at least one byte: a count beyond what is left makes no sense.
template <class T, class Read>
std::span<const T> decoded(std::string_view bytes, Arena& arena, Read&& read) {
  if (bytes.empty()) return {};
  ByteReader in(bytes);
  const std::uint64_t version = in.number();
  const std::uint64_t count = in.number();
  if (version != kVersion || count > in.left()) return {};
  T* list = static_cast<T*>(arena.allocate(sizeof(T) * static_cast<std::size_t>(count), alignof(T)));
  for (std::uint64_t i = 0; i < count; ++i) new (list + i) T(read(in));
  if (!in.ok()) return {};
  return {list, static_cast<std::size_t>(count)};
}

}  // namespace

std::string encoded_steps(std::span<const model::fact::Step> steps) {
  std::string bytes;
  if (steps.empty()) return bytes;
  ByteWriter out(bytes);
  out.number(kVersion);
  out.number(steps.size());
  for (const model::fact::Step& step : steps) {
    out.signed_number(step.time);
    out.number(static_cast<std::uint64_t>(step.kind));
    out.text(step.text);
    out.text(step.child_queue_id);
    out.number(line_code(step.at));
  }
  return bytes;
}

std::span<const model::fact::Step> decoded_steps(std::string_view bytes, Arena& arena) {
  return decoded<model::fact::Step>(bytes, arena, [&](ByteReader& in) {
    model::fact::Step step;
    step.time = in.signed_number();
    const std::uint64_t kind = in.number();
    if (kind >= model::kKindCount) in.fail();
    step.kind = static_cast<model::Kind>(kind);
    step.text = arena.store(in.text());
    step.child_queue_id = arena.store(in.text());
    step.at = line_of(in.number());
    return step;
  });
}

std::string encoded_commands(std::span<const model::CommandCount> commands) {
  std::string bytes;
  if (commands.empty()) return bytes;
  ByteWriter out(bytes);
  out.number(kVersion);
  out.number(commands.size());
  for (const model::CommandCount& command : commands) {
    out.text(command.name);
    out.number(command.accepted);
    out.number(command.total);
  }
  return bytes;
}

std::span<const model::CommandCount> decoded_commands(std::string_view bytes, Arena& arena) {
  return decoded<model::CommandCount>(bytes, arena, [&](ByteReader& in) {
    model::CommandCount command;
    command.name = arena.store(in.text());
    command.accepted = static_cast<std::uint32_t>(in.number());
    command.total = static_cast<std::uint32_t>(in.number());
    return command;
  });
}

}  // namespace mailtrail::store::duckdb

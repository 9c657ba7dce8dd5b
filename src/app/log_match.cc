#include "app/log_match.h"

#include <algorithm>
#include <functional>
#include <string>
#include <string_view>

namespace mailtrail::app {
namespace {

Result<bool> holds(const intake::Source& source, std::uint64_t end, std::size_t size,
                   const std::function<bool(std::string_view)>& fits) {
  std::string bytes(size, '\0');
  std::size_t filled = 0;
  while (filled < size) {
    const Result<std::size_t> got = source.read_at(end - size + filled, bytes.data() + filled, size - filled);
    if (!got.ok()) return got.error();
    if (*got == 0) return false;
    filled += *got;
  }
  return fits(bytes);
}

Result<bool> agrees_up_to(const intake::Source& source, const LogIdentity& known, std::uint64_t end) {
  for (const std::uint64_t mark : known.marks_up_to(std::min(source.size(), end))) {
    const Result<bool> same = holds(source, mark, LogIdentity::kCompared,
                                    [&](std::string_view bytes) { return known.agrees_at(mark, bytes); });
    if (!same.ok() || !*same) return same;
  }
  if (source.size() < end) return true;
  return holds(source, end, known.last().size(), [&](std::string_view bytes) { return bytes == known.last(); });
}

// What the rest of a source cannot be read for.
std::optional<Error> read_out(intake::Source& source, std::string& buffer) {
  while (true) {
    const Result<std::size_t> got = source.read(buffer.data(), buffer.size());
    if (!got.ok()) return got.error();
    if (*got == 0) return std::nullopt;
  }
}

std::optional<Match> match_sequential(Input& input, const LogIdentity& known, const SourceState& state,
                                      std::vector<Error>& problems) {
  const std::uint64_t end = state.text_end;
  const auto refuse = [&](const Error& error) {
    problems.push_back(error);
    return Match::kNothingNew;
  };
  input.consumed = true;
  // From its beginning: a fault that was met while it was looked at must be met again.
  if (const Result<Done> again = input.source->reopen(); !again.ok()) return refuse(again.error());
  LogIdentity seen;
  std::string buffer(64 * 1024, '\0');
  std::uint64_t at = 0;
  bool more = false;
  while (!more) {
    const Result<std::size_t> got = input.source->read(buffer.data(), buffer.size());
    // It begins as the known one does: what its damage made of the rest is not new.
    if (!got.ok()) return refuse(got.error());
    if (*got == 0) break;
    const std::size_t own = static_cast<std::size_t>(std::min<std::uint64_t>(*got, end - at));
    seen.take(at, std::string_view(buffer).substr(0, own));
    at += own;
    more = *got > own;
  }
  if (known.agrees(seen) && (at < end || seen.last().ends_with(known.last()))) {
    return more || (at == end && state.position < end) ? Match::kGrown : Match::kNothingNew;
  }
  // Damaged data may give other bytes long before it is seen to be damaged.
  if (const std::optional<Error> fault = read_out(*input.source, buffer)) return refuse(*fault);
  return std::nullopt;
}

}  // namespace

std::optional<Match> match_known(Input& input, const LogIdentity& known, const SourceState& state,
                                 std::vector<Error>& problems) {
  if (!input.source->seekable()) return match_sequential(input, known, state, problems);
  const std::uint64_t end = state.text_end;
  const Result<bool> same = agrees_up_to(*input.source, known, end);
  if (!same.ok()) {
    problems.push_back(same.error());
    return Match::kNothingNew;
  }
  if (!*same) return std::nullopt;
  const std::uint64_t size = input.source->size();
  if (size < end) return Match::kNothingNew;
  return size > std::max(end, state.position) || state.position < end ? Match::kGrown : Match::kNothingNew;
}

}  // namespace mailtrail::app

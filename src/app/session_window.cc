#include "app/session_window.h"

#include <algorithm>
#include <vector>

namespace mailtrail::app {
namespace {

constexpr std::uint64_t kStep = 64 * 1024;
constexpr std::uint64_t kFarthest = 4 * 1024 * 1024;

std::string read_piece(const intake::Source& source, std::uint64_t from, std::uint64_t to) {
  std::string piece(static_cast<std::size_t>(to - from), '\0');
  std::size_t filled = 0;
  while (filled < piece.size()) {
    const Result<std::size_t> got = source.read_at(from + filled, piece.data() + filled, piece.size() - filled);
    if (!got.ok() || *got == 0) break;
    filled += *got;
  }
  piece.resize(filled);
  return piece;
}

// Where the last line before `position` begins that holds `mark`.
std::optional<std::uint64_t> find_before(const intake::Source& source, std::uint64_t position,
                                         const std::string& mark) {
  std::uint64_t end = position;
  std::string tail;  // the beginning of the piece behind, for marks that stand across the border
  while (end > 0 && position - end < kFarthest) {
    const std::uint64_t begin = end > kStep ? end - kStep : 0;
    const std::string piece = read_piece(source, begin, end) + tail;
    if (const std::size_t at = piece.rfind(mark); at != std::string::npos) {
      const std::size_t line = at == 0 ? std::string::npos : piece.rfind('\n', at - 1);
      if (line != std::string::npos) return begin + line + 1;
      // The line begins before this piece: a little further back.
      const std::uint64_t earlier = begin > kStep ? begin - kStep : 0;
      const std::string before = read_piece(source, earlier, begin);
      const std::size_t start = before.rfind('\n');
      return start == std::string::npos ? earlier : earlier + start + 1;
    }
    tail = piece.substr(0, std::min(piece.size(), mark.size()));
    end = begin;
  }
  return std::nullopt;
}

// Behind the first line from `position` on that holds `mark`.
std::optional<std::uint64_t> find_behind(const intake::Source& source, std::uint64_t position,
                                         const std::string& mark) {
  std::uint64_t begin = position;
  std::string head;
  while (begin < source.size() && begin - position < kFarthest) {
    const std::uint64_t end = std::min(begin + kStep, source.size());
    const std::string piece = head + read_piece(source, begin, end);
    if (piece.size() == head.size()) break;
    // One byte behind the mark is enough: the line's last bytes belong to it wherever they are.
    if (const std::size_t at = piece.find(mark); at != std::string::npos) return begin - head.size() + at + mark.size();
    head = piece.substr(piece.size() - std::min(piece.size(), mark.size()));
    begin = end;
  }
  return std::nullopt;
}

}  // namespace

std::optional<SessionWindow> find_session(const Input& input, std::int32_t pid, const model::LineRef& line) {
  const std::string tag = "smtpd[" + std::to_string(pid) + "]: ";
  const std::string own =
      read_piece(*input.source, line.position, line.position + std::min<std::uint32_t>(line.length, 512));
  if (own.find(tag) == std::string::npos) return std::nullopt;
  const std::optional<std::uint64_t> begin = find_before(*input.source, line.position, tag + "connect from ");
  if (!begin) return std::nullopt;
  const std::optional<std::uint64_t> end = find_behind(*input.source, line.position, tag + "disconnect from ");
  if (!end) return std::nullopt;
  return SessionWindow{*begin, *end};
}

}  // namespace mailtrail::app

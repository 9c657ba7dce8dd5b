#include "intake/source.h"

namespace mailtrail::intake {
namespace {

using namespace std::string_view_literals;

struct Magic {
  std::size_t offset;
  std::string_view bytes;
  const char* what;
  const char* remedy;  // `FILE` stands for the name
};

constexpr Magic kMagics[] = {
    {0, "LPKSHHRH"sv, "is a journal of systemd, not a text log",
     "journalctl --file FILE -o export | mailtrail COMMAND -"},
    {0,
     "\x7F"
     "ELF"sv,
     "is a program, not a log", "name a log file"},
    {257, "ustar"sv, "is a tar archive", "tar -xOf FILE | mailtrail COMMAND -"},
    {0, "PK\x03\x04"sv, "is a zip archive", "unzip -p FILE | mailtrail COMMAND -"},
    {0, "SQLite format 3\0"sv, "is a database, not a log", "name a log file"},
    {0, "\xFF\xFE"sv, "is UTF-16, not UTF-8", "iconv -f UTF-16 -t UTF-8 FILE | mailtrail COMMAND -"},
    {0, "\xFE\xFF"sv, "is UTF-16, not UTF-8", "iconv -f UTF-16 -t UTF-8 FILE | mailtrail COMMAND -"},
};

std::string with_name(std::string_view remedy, const std::string& name) {
  std::string text(remedy);
  if (const std::size_t at = text.find("FILE"); at != std::string::npos) text.replace(at, 4, name);
  return text;
}

}  // namespace

std::optional<Error> looks_binary(std::string_view head, const std::string& name) {
  for (const Magic& magic : kMagics) {
    if (head.size() > magic.offset && head.substr(magic.offset).starts_with(magic.bytes)) {
      return Error{magic.what, name, with_name(magic.remedy, name)};
    }
  }
  const std::size_t text_begin = head.find_first_not_of('\0');
  if (text_begin == std::string_view::npos) return std::nullopt;
  head.remove_prefix(text_begin);
  // A text log has hardly any control characters; one byte in ten is far beyond a hostile line among others.
  std::size_t controls = 0;
  for (const char c : head) {
    const auto byte = static_cast<unsigned char>(c);
    controls += byte < 0x20 && c != '\n' && c != '\r' && c != '\t' && c != '\x1B';
  }
  if (controls * 10 <= head.size()) return std::nullopt;
  return Error{"is no text log: it is full of control characters", name, "name a text log"};
}

}  // namespace mailtrail::intake

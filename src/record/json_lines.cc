// NAME
//   json_lines: Docker's json-file lines, `journalctl -o json`, and the log records of KumoMTA
// SUMMARY
//   One JSON object a line. Docker: {"log":"LINE\n","stream":"stdout","time":"..."}; LINE is framed in turn, and where
//   it has no time of its own the time at which Docker got it stands for it, with the note `received`. journald: the
//   fields of an entry, as in its export format; a text that is no UTF-8 is an array of byte numbers, a field that
//   stands several times an array of texts (the first counts), one that is too long null.
//   KumoMTA: an object with type, id, queue, site and timestamp (seconds since 1970) is the text of its record.
// SOURCES
//   docs.kumomta.com: Log Record; Docker 24 json-file logging driver; journalctl(1) of systemd 252; systemd.io: Journal
//   Export Formats
// SAMPLES
//   {"log":"Nov 24 03:00:15 mx1 postfix/smtp[123]: connect to mx.example.net: timed
//   out\n","stream":"stdout","time":"2026-11-24T03:00:15.101090123Z"}
//   {"__REALTIME_TIMESTAMP":"1795489215101090","_HOSTNAME":"mx1","SYSLOG_IDENTIFIER":"postfix/smtp","_PID":"123","MESSAGE":"text"}
// KNOWN GAPS
//   Lines that Docker cut (above 16 KiB, no line end in `log`) are not put together again.
//   A line that is no valid JSON, or no valid UTF-8, is of no known shape.
#include <simdjson.h>

#include <cstring>
#include <string>
#include <vector>

#include "base/text.h"
#include "record/framer_state.h"

namespace mailtrail::record {
namespace {

namespace json = simdjson::dom;

// A text, or what stands for one: an array of byte numbers, or of texts. Empty for anything else.
std::string_view to_text(json::element value, Arena& arena) {
  std::string_view text;
  if (value.get_string().get(text) == simdjson::SUCCESS) return arena.store(text);
  json::array elements;
  if (value.get_array().get(elements) != simdjson::SUCCESS || elements.begin() == elements.end()) return {};
  if (elements.at(0).get_string().get(text) == simdjson::SUCCESS) return arena.store(text);
  std::string bytes;
  for (const json::element element : elements) {
    std::uint64_t byte = 0;
    if (element.get_uint64().get(byte) != simdjson::SUCCESS || byte > 255) return {};
    bytes += static_cast<char>(byte);
  }
  return arena.store(bytes);
}

enum Field { kLog, kTime, kSource, kRealtime, kHost, kIdentifier, kCommand, kSyslogPid, kPid, kMessage, kFields };
constexpr std::string_view kNames[kFields] = {"log",
                                              "time",
                                              "_SOURCE_REALTIME_TIMESTAMP",
                                              "__REALTIME_TIMESTAMP",
                                              "_HOSTNAME",
                                              "SYSLOG_IDENTIFIER",
                                              "_COMM",
                                              "SYSLOG_PID",
                                              "_PID",
                                              "MESSAGE"};

struct Fields {
  std::string_view text[kFields];
  bool has[kFields] = {};
};

void read_fields(json::object object, Arena& arena, Fields& fields) {
  for (const json::key_value_pair member : object) {
    for (std::size_t i = 0; i < kFields; ++i) {
      if (fields.has[i] || member.key != kNames[i]) continue;
      fields.text[i] = to_text(member.value, arena);
      fields.has[i] = true;
      break;
    }
  }
}

bool frame_docker(const Fields& fields, StampReader& stamps, Arena& arena, Record& record) {
  Record received;
  std::string_view time = fields.text[kTime];
  if (!stamps.take_iso(time, received) || !time.empty()) return false;
  std::string_view line = fields.text[kLog];
  if (!line.empty() && line.back() == '\n') line.remove_suffix(1);
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  frame_contained(line, received, stamps, arena, record);
  return true;
}

bool frame_journal(const Fields& fields, Record& record) {
  if (!set_journal_time(fields.text[kSource], fields.text[kRealtime], record)) return false;
  record.host = fields.text[kHost];
  record.program = fields.text[kIdentifier].empty() ? fields.text[kCommand] : fields.text[kIdentifier];
  const auto pid = to_number<std::int32_t>(fields.text[fields.text[kSyslogPid].empty() ? kPid : kSyslogPid]);
  if (pid && *pid >= 0) record.pid = *pid;
  record.text = fields.text[kMessage];
  return true;
}

// KumoMTA's log records are one object a line; their text is the object. They name no program.
bool frame_kumomta(json::object object, Record& record) {
  std::string_view text;
  for (const std::string_view name : {"type", "id", "queue", "site"}) {
    if (object[name].get_string().get(text) != simdjson::SUCCESS) return false;
  }
  constexpr double kLatest = 4e9;
  double seconds = 0;
  if (object["event_time"].get_double().get(seconds) != simdjson::SUCCESS &&
      object["timestamp"].get_double().get(seconds) != simdjson::SUCCESS) {
    return false;
  }
  if (!(seconds >= 0) || seconds > kLatest) return false;
  record.program = "kumomta";
  record.time = static_cast<Micros>(seconds * 1e6 + 0.5);
  record.has_time = true;
  return true;
}

}  // namespace

struct JsonLineReader::Parser {
  json::parser parser;
  std::vector<char> padded;  // the line, and the bytes behind it that simdjson may read
};

JsonLineReader::JsonLineReader() : parser_(std::make_unique<Parser>()) {}
JsonLineReader::~JsonLineReader() = default;

bool JsonLineReader::frame(std::string_view line, StampReader& stamps, Arena& arena, Record& record) {
  std::vector<char>& padded = parser_->padded;
  if (padded.size() < line.size() + simdjson::SIMDJSON_PADDING) padded.resize(line.size() + simdjson::SIMDJSON_PADDING);
  std::memcpy(padded.data(), line.data(), line.size());
  std::memset(padded.data() + line.size(), ' ', simdjson::SIMDJSON_PADDING);
  constexpr bool kCopyIfUnpadded = false;
  json::object object;
  if (parser_->parser.parse(padded.data(), line.size(), kCopyIfUnpadded).get_object().get(object) !=
      simdjson::SUCCESS) {
    return false;
  }
  Fields fields;
  read_fields(object, arena, fields);
  if (fields.has[kLog] && fields.has[kTime]) return frame_docker(fields, stamps, arena, record);
  if (fields.has[kRealtime] || fields.has[kSource]) return frame_journal(fields, record);
  return frame_kumomta(object, record);
}

}  // namespace mailtrail::record

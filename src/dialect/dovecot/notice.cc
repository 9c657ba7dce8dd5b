#include "base/text.h"
#include "dialect/dovecot/parts.h"
#include "dialect/opening_phrase.h"

namespace mailtrail::dialect::dovecot {
namespace {

using model::Severity;
using model::Topic;

constexpr std::size_t kNone = std::string_view::npos;

// What services say without a word of severity: how the message begins.
constexpr OpeningPhrase kServices[] = {
    {"ID sent: ", Severity::kInfo, Topic::kOther},
    {"Executing command '", Severity::kInfo, Topic::kOther},
    {"doveadm: ", Severity::kInfo, Topic::kOther},
    {"Indexed ", Severity::kInfo, Topic::kOther},
    {"Indexes disabled, skipping", Severity::kInfo, Topic::kOther},
    {"fts: ", Severity::kInfo, Topic::kOther},
    {"imapc(", Severity::kInfo, Topic::kNetwork},
    {"Adding director ", Severity::kInfo, Topic::kNetwork},
    {"Removing director ", Severity::kInfo, Topic::kNetwork},
    {"Incoming connection from director ", Severity::kInfo, Topic::kNetwork},
    {"Connecting to ", Severity::kInfo, Topic::kNetwork},
    {"director(", Severity::kInfo, Topic::kNetwork},
    {"Director ring ", Severity::kInfo, Topic::kNetwork},
    {"openmetrics: ", Severity::kInfo, Topic::kStats},
    {"Generating SSL parameters", Severity::kInfo, Topic::kTls},
    {"SSL parameters regeneration completed", Severity::kInfo, Topic::kTls},
    {"Moved active sieve script file ", Severity::kInfo, Topic::kStorage},
};

Topic topic_of(const Line& line) {
  if (line.service == "config" || line.service == "doveconf") return Topic::kConfig;
  if (line.service == "ssl-params") return Topic::kTls;
  if (line.service == "replicator" || line.service == "aggregator") return Topic::kNetwork;
  const Text head = line.message.substr(0, 200);
  if (head.find("No space left on device") != kNone || head.find("Disk quota exceeded") != kNone)
    return Topic::kStorage;
  if (head.find("quota-warning") != kNone || head.starts_with("quota: ")) return Topic::kStorage;
  if (head.find("client connections are being dropped") != kNone) return Topic::kLimit;
  if (head.find("Cached message size ") != kNone || head.starts_with("Corrupted ")) return Topic::kStorage;
  return Topic::kOther;
}

bool parse_master(const Line& line, Emitter& out) {
  const Text text = line.message;
  ExtraList extra;
  if (text.starts_with("Dovecot v") && text.find(" starting up") != kNone) {
    return emit_notice_of(line, Topic::kStart, extra, out);
  }
  if (text.starts_with("Killed with signal ")) return emit_notice_of(line, Topic::kStop, extra, out);
  if (text.starts_with("SIGHUP received - reloading configuration")) {
    return emit_notice_of(line, Topic::kReload, extra, out);
  }
  return false;
}

}  // namespace

bool parse_notice(const Line& line, Emitter& out) {
  if (line.service == "master" && parse_master(line, out)) return true;
  ExtraList extra;
  if (line.severity != Severity::kNone) return emit_notice_of(line, topic_of(line), extra, out);
  if (const OpeningPhrase* phrase = find_opening(line.message, kServices)) {
    return emit_notice_of(line, phrase->topic, extra, out);
  }
  return false;
}

}  // namespace mailtrail::dialect::dovecot

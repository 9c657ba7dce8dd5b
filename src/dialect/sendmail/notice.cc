// What Sendmail says of itself, known by how it begins.
#include "dialect/extra_list.h"
#include "dialect/opening_phrase.h"
#include "dialect/sendmail/parts.h"

namespace mailtrail::dialect::sendmail {
namespace {

using model::Severity;
using model::Text;
using model::Topic;

constexpr OpeningPhrase kPhrases[] = {
    {"SYSERR", Severity::kError, Topic::kOther},
    {"Authentication-Warning: ", Severity::kWarning, Topic::kOther},
    {"Milter (", Severity::kInfo, Topic::kOther},
    {"Milter: ", Severity::kInfo, Topic::kOther},
    {"Milter ", Severity::kInfo, Topic::kOther},
    {"milter_", Severity::kError, Topic::kOther},
    {"WARNING: ", Severity::kWarning, Topic::kConfig},
    {"Warning: ", Severity::kWarning, Topic::kConfig},
    {"ERROR", Severity::kError, Topic::kOther},
    {"error: ", Severity::kError, Topic::kOther},
    {"STARTTLS", Severity::kInfo, Topic::kTls},
    {"TLSA=", Severity::kInfo, Topic::kTls},
    {"tls_", Severity::kInfo, Topic::kTls},
    {"rscheck(", Severity::kWarning, Topic::kConfig},
    {"engine=", Severity::kInfo, Topic::kTls},
    {"smtps: ", Severity::kError, Topic::kTls},
    {"AUTH", Severity::kInfo, Topic::kOther},
    {"getauth ", Severity::kDebug, Topic::kOther},
    {"starting daemon (", Severity::kInfo, Topic::kStart},
    {"started as: ", Severity::kInfo, Topic::kStart},
    {"stopping daemon, ", Severity::kInfo, Topic::kStop},
    {"restarting ", Severity::kInfo, Topic::kReload},
    {"could not restart", Severity::kError, Topic::kReload},
    {"could not drop privileges", Severity::kError, Topic::kConfig},
    {"could not exec ", Severity::kError, Topic::kReload},
    {"unable to write ", Severity::kWarning, Topic::kStorage},
    {"unable to read ", Severity::kWarning, Topic::kStorage},
    {"unable to qualify my own domain name ", Severity::kWarning, Topic::kDns},
    {"My unqualified host name ", Severity::kWarning, Topic::kDns},
    {"gethostbyaddr(", Severity::kWarning, Topic::kDns},
    {"rejecting connections on daemon ", Severity::kWarning, Topic::kLimit},
    {"have been rejecting connections on daemon ", Severity::kWarning, Topic::kLimit},
    {"deferring connections on daemon ", Severity::kWarning, Topic::kLimit},
    {"accepting connections again for daemon ", Severity::kInfo, Topic::kLimit},
    {"rejecting new messages: ", Severity::kWarning, Topic::kStorage},
    {"accepting new messages (again)", Severity::kInfo, Topic::kStorage},
    {"low on space ", Severity::kError, Topic::kStorage},
    {"delaying=", Severity::kInfo, Topic::kLimit},
    {"message size (", Severity::kInfo, Topic::kLimit},
    {"unauthorized PIPELINING", Severity::kInfo, Topic::kLimit},
    {"header overflow from ", Severity::kWarning, Topic::kLimit},
    {"headers too large ", Severity::kWarning, Topic::kLimit},
    {"collect: ", Severity::kInfo, Topic::kNetwork},
    {"makeconnection", Severity::kInfo, Topic::kNetwork},
    {"SMTP outgoing connect on ", Severity::kDebug, Topic::kNetwork},
    {"Timeout.to_aconnect occurred", Severity::kInfo, Topic::kNetwork},
    {"timeout connecting to ", Severity::kWarning, Topic::kNetwork},
    {"timeout during ", Severity::kWarning, Topic::kNetwork},
    {"stat=occ_exceeded", Severity::kInfo, Topic::kLimit},
    {"conn_limits", Severity::kDebug, Topic::kLimit},
    {"tcpwrappers (", Severity::kInfo, Topic::kNetwork},
    {"server=", Severity::kWarning, Topic::kNetwork},
    {"clt_features=", Severity::kWarning, Topic::kNetwork},
    {"alias database ", Severity::kInfo, Topic::kConfig},
    {"aliasing/forwarding loop broken", Severity::kError, Topic::kConfig},
    {"alias ", Severity::kInfo, Topic::kOther},
    {"expand ", Severity::kInfo, Topic::kOther},
    {"hesiod ", Severity::kInfo, Topic::kOther},
    {"forward ", Severity::kInfo, Topic::kOther},
    {"include ", Severity::kWarning, Topic::kOther},
    {"possible spam from <> to list: ", Severity::kWarning, Topic::kOther},
    {"POSSIBLE ATTACK from ", Severity::kWarning, Topic::kOther},
    {"setsender: ", Severity::kWarning, Topic::kOther},
    {"cannot prescan from ", Severity::kWarning, Topic::kOther},
    {"invalid domain name (", Severity::kInfo, Topic::kOther},
    {"SMTP ", Severity::kInfo, Topic::kOther},
    {"Truncated ", Severity::kWarning, Topic::kOther},
    {"Fixed MIME ", Severity::kWarning, Topic::kOther},
    {"Dropped invalid comments ", Severity::kWarning, Topic::kOther},
    {"Saved message in ", Severity::kError, Topic::kQueue},
    {"Losing ", Severity::kError, Topic::kQueue},
    {"bogus queue file", Severity::kError, Topic::kQueue},
    {"queue directory ", Severity::kWarning, Topic::kQueue},
    {"dangerous permissions=", Severity::kError, Topic::kQueue},
    {"queue group name ", Severity::kInfo, Topic::kQueue},
    {"can't find queue group name ", Severity::kInfo, Topic::kQueue},
    {"queue control process: ", Severity::kError, Topic::kQueue},
    {"queue manager: ", Severity::kDebug, Topic::kQueue},
    {"persistent queue runner", Severity::kError, Topic::kQueue},
    {"restart queue runner=", Severity::kError, Topic::kQueue},
    {"checkqueuerunner: ", Severity::kWarning, Topic::kQueue},
    {"runqueue", Severity::kInfo, Topic::kQueue},
    {"queueup", Severity::kInfo, Topic::kQueue},
    {"gatherq: ", Severity::kWarning, Topic::kQueue},
    {"WorkList for ", Severity::kWarning, Topic::kQueue},
    {"grew WorkList for ", Severity::kInfo, Topic::kQueue},
    {"FAILED to grow WorkList for ", Severity::kError, Topic::kQueue},
    {"dup_df: ", Severity::kError, Topic::kQueue},
    {"quarantine_queue_item: ", Severity::kError, Topic::kQueue},
    {"deferred: udbexpand: ", Severity::kWarning, Topic::kQueue},
    {"dowork", Severity::kDebug, Topic::kQueue},
    {"too young (", Severity::kDebug, Topic::kQueue},
    {"assigned id", Severity::kDebug, Topic::kQueue},
    {"unlock", Severity::kDebug, Topic::kQueue},
    {"changed", Severity::kDebug, Topic::kQueue},
    {"sendenvelope, ", Severity::kDebug, Topic::kQueue},
    {"dropenvelope, ", Severity::kDebug, Topic::kQueue},
    {"smtp: doublequeue", Severity::kDebug, Topic::kQueue},
    {"finis, ", Severity::kDebug, Topic::kOther},
    {"in background, ", Severity::kDebug, Topic::kOther},
    {"disconnect level ", Severity::kDebug, Topic::kOther},
    {"interrupt", Severity::kDebug, Topic::kOther},
    {"unlink", Severity::kDebug, Topic::kOther},
    {"--- ", Severity::kDebug, Topic::kOther},
    {"<-- ", Severity::kDebug, Topic::kOther},
    {"mci", Severity::kDebug, Topic::kNetwork},
    {"dns ", Severity::kDebug, Topic::kDns},
    {"ldap=", Severity::kDebug, Topic::kOther},
    {"socket_map_lookup(", Severity::kWarning, Topic::kOther},
    {"smtpquit: ", Severity::kWarning, Topic::kOther},
    {"rewrite: ", Severity::kError, Topic::kConfig},
    {"ownership change on ", Severity::kWarning, Topic::kStorage},
    {"can't open ", Severity::kError, Topic::kStorage},
    {"can't read ", Severity::kError, Topic::kStorage},
    {"can't initialize shared memory", Severity::kError, Topic::kStorage},
    {"can't attach to shared memory", Severity::kWarning, Topic::kStorage},
    {"poststats: ", Severity::kWarning, Topic::kStats},
    {"Could not remove ", Severity::kWarning, Topic::kStorage},
    {"daemon ", Severity::kError, Topic::kConfig},
    {"user ", Severity::kWarning, Topic::kOther},
    {"File descriptors missing on startup", Severity::kWarning, Topic::kOther},
    {"proc_list_probe: ", Severity::kWarning, Topic::kOther},
    {"x-connect", Severity::kDebug, Topic::kOther},
    {"Bad line on ", Severity::kError, Topic::kConfig},
    {"log terminated, too many parts", Severity::kWarning, Topic::kOther},
};

// What stands behind a name: `/etc/mail/aliases: 12 aliases, longest 20 bytes, 300 bytes total`,
// `mx.example.: SMTP DATA-2 protocol error: ..`.
bool parse_by_ending(Line& line) {
  if (line.text.ends_with(" bytes total") && line.text.find(" aliases, longest ") != Text::npos) {
    return emit_notice(line.out, Severity::kInfo, Topic::kConfig, line.queue_id);
  }
  const std::size_t colon = line.text.find(": ");
  if (colon == Text::npos || line.text.substr(0, colon).find(' ') != Text::npos) return false;
  const Text words = line.text.substr(colon + 2);
  const bool protocol = words.starts_with("SMTP ") && words.find(" protocol error: ") != Text::npos;
  if (protocol) return emit_notice(line.out, Severity::kWarning, Topic::kNetwork, line.queue_id);
  constexpr Text kWords[] = {"unsafe directory path", "lookup error, ", "WARNING: dangerous write permissions"};
  for (const Text known : kWords) {
    if (words.starts_with(known)) return emit_notice(line.out, Severity::kWarning, Topic::kConfig, line.queue_id);
  }
  return false;
}

}  // namespace

bool parse_notice(Line& line) {
  if (const OpeningPhrase* phrase = find_opening(line.text, kPhrases)) {
    return emit_notice(line.out, phrase->severity, phrase->topic, line.queue_id);
  }
  return parse_by_ending(line);
}

}  // namespace mailtrail::dialect::sendmail

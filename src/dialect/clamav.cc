// clang-format off
// NAME
//   clamav
//
// SUMMARY
//   ClamAV: clamd, clamav-milter, freshclam, clamonacc and clamdscan.
//   `verdict` for what the milter says of a message (virus or clean, with sender, a recipient, message id and queue id) and
//   for a stream that clamd found infected or clean: the milter and other filters send streams, and where the milter logs
//   the same message, both verdicts stand. A file of a disk is no mail: a `notice` with `virus_name` and `file`. Starts,
//   reloads, limits, updates of the signatures and errors are `notice`.
//
// SOURCES
//   ClamAV 1.4.6 (Debian 12): lines recorded from clamd, clamav-milter and freshclam with signatures of our own, and the
//   texts in the programs; clamd.conf(5), clamav-milter.conf(5)
//
// SAMPLES
//   Nov 24 19:53:15 mx1 clamav-milter[376]: Message B000000002 from <s@pass.example> to <q@example.com> with subject 'x, virus: no  and more, infected by A' message-id '<m1@example.net>' date 'Tue, 24 Nov 2026 19:00:00 +0000' infected by Test.Virus.Own.UNOFFICIAL
//   Nov 24 19:53:15 mx1 clamav-milter[376]: Clean message from <s@pass.example> to <r@example.com>
//   Nov 24 19:52:08 mx1 clamd[370]: instream(127.0.0.1@54698): Test.Virus.Own.UNOFFICIAL(694545c12f7d1f9f1a1f1b4748ad3f4b:20) FOUND
//   Nov 24 19:52:08 mx1 clamd[370]: SelfCheck: Database status OK.
//
// KNOWN GAPS
//   The milter names one recipient, the last. Where sender or recipient imitate the words between them, both are left out.
//   The queue id of the milter is the macro i of the MTA, or `N/A`.
// clang-format on
#include <span>

#include "base/text.h"
#include "dialect/dialect.h"
#include "dialect/extra_list.h"
#include "dialect/ip_shape.h"
#include "dialect/opening_phrase.h"
#include "dialect/reply_head.h"
#include "dialect/text_list.h"

namespace mailtrail::dialect {
namespace {

using model::Severity;
using model::Text;
using model::Topic;

constexpr std::size_t kNone = std::string_view::npos;

// Where `needle` stands in `text`; kNone also where it stands more than once.
std::size_t find_only(Text text, Text needle) {
  const std::size_t at = text.find(needle);
  return at == kNone || text.find(needle, at + 1) != kNone ? kNone : at;
}

// --- clamav-milter ---

// The null sender stays `<>`.
Text bare_address(Text address) {
  return address == "<>" ? address : without_brackets(address);
}

void set_addresses(Text text, model::event::Verdict& verdict, Emitter& out) {
  const std::size_t to = find_only(text, " to ");
  if (to == kNone) return;
  verdict.sender = bare_address(text.substr(0, to));
  TextList recipients(out.arena());
  recipients.add(bare_address(text.substr(to + 4)));
  verdict.recipients = recipients.span();
}

// `S to R with subject 'X' message-id 'Y' date 'Z'`. The program replaces quotes in these texts by blanks; what stands
// between the quotes is the sender's.
void set_details(Text text, model::event::Verdict& verdict, ExtraList& extra, Emitter& out) {
  constexpr Text kSubject = " with subject '", kId = "' message-id '", kDate = "' date '";
  const std::size_t subject = text.find(kSubject);
  if (subject == kNone) return set_addresses(text, verdict, out);
  set_addresses(text.substr(0, subject), verdict, out);
  text.remove_prefix(subject + kSubject.size());
  const std::size_t id = find_only(text, kId);
  const std::size_t date = find_only(text, kDate);
  if (id == kNone || date == kNone || date < id) return;
  extra.add("subject", text.substr(0, id));
  const Text message_id = text.substr(id + kId.size(), date - id - kId.size());
  if (message_id != "N/A") verdict.message_id = message_id;
}

// `Message B000000002 from <s> to <r> [with subject ..] infected by NAME`
bool parse_infected_message(Text text, Emitter& out) {
  constexpr Text kInfected = " infected by ";
  if (!consume(text, "Message ")) return false;
  const bool by_id = !text.starts_with("from ");
  Text queue_id = by_id ? take_until(text, ' ') : Text();
  const std::size_t infected = text.rfind(kInfected);
  if (!consume(text, "from ") || infected == kNone || infected < 5) return false;
  if (queue_id == "N/A") queue_id = {};
  auto& verdict = out.emit<model::event::Verdict>(queue_id);
  verdict.filter = "clamav";
  verdict.category = "virus";
  verdict.virus_name = text.substr(infected - 5 + kInfected.size());
  ExtraList extra;
  set_details(text.substr(0, infected - 5), verdict, extra, out);
  extra.attach(out);
  return true;
}

// `Clean message from <s> to <r>` and, with LogClean Full, `Clean message B000000002 from <s> to <r> with subject ..`.
bool parse_clean_message(Text text, Emitter& out) {
  if (!consume(text, "Clean message ")) return false;
  Text queue_id = text.starts_with("from ") ? Text() : take_until(text, ' ');
  if (!consume(text, "from ")) return false;
  if (queue_id == "N/A") queue_id = {};
  auto& verdict = out.emit<model::event::Verdict>(queue_id);
  verdict.filter = "clamav";
  verdict.category = "clean";
  ExtraList extra;
  set_details(text, verdict, extra, out);
  extra.attach(out);
  return true;
}

constexpr OpeningPhrase kMilter[] = {
    {"+++ Started at ", Severity::kInfo, Topic::kStart},
    {"--- Stopped at ", Severity::kInfo, Topic::kStop},
    {"Local socket ", Severity::kInfo, Topic::kNetwork},
    {"Remote socket ", Severity::kInfo, Topic::kNetwork},
    {"Probe for slot ", Severity::kInfo, Topic::kNetwork},
    {"Probe for socket ", Severity::kInfo, Topic::kNetwork},
    {"No clamd server appears to be available", Severity::kWarning, Topic::kNetwork},
    {"All connections to clamd are now restored", Severity::kInfo, Topic::kNetwork},
    {"Failed to ", Severity::kError, Topic::kOther},
    {"ClamAV: ", Severity::kError, Topic::kNetwork},
    {"Skipping scan for ", Severity::kInfo, Topic::kOther},
    {"Skipping scan (authenticated user)", Severity::kInfo, Topic::kOther},
    {"Message too large", Severity::kWarning, Topic::kLimit},
    {"Bogus message size", Severity::kWarning, Topic::kOther},
    {"Unexpected reply from clamd", Severity::kError, Topic::kNetwork},
    {"Unknown reply from clamd", Severity::kError, Topic::kNetwork},
    {"Streamed scan", Severity::kError, Topic::kNetwork},
    {"Cannot ", Severity::kError, Topic::kOther},
    {"Unable to ", Severity::kError, Topic::kOther},
    {"Bad ", Severity::kError, Topic::kConfig},
    {"Whitelisted address ", Severity::kInfo, Topic::kOther},
    {"Ignoring ", Severity::kWarning, Topic::kConfig},
};

bool parse_milter(Text text, Emitter& out) {
  if (parse_infected_message(text, out) || parse_clean_message(text, out)) return true;
  const OpeningPhrase* phrase = find_opening(text, kMilter);
  return phrase != nullptr && emit_notice(out, phrase->severity, phrase->topic);
}

// --- clamd ---

struct Found {
  Text name, digest, size;
};

// `NAME(694545..:20)` with ExtendedDetectionInfo, or `NAME`.
Found read_name(Text text) {
  Found found{text, {}, {}};
  const std::size_t open = text.rfind('(');
  if (open == kNone || !text.ends_with(")")) return found;
  Text inside = text.substr(open + 1, text.size() - open - 2);
  const Text digest = take_until(inside, ':');
  if (digest.size() != 32 || !to_number<std::uint64_t>(inside)) return found;
  for (const char c : digest) {
    if (!is_hex_digit(c)) return found;
  }
  return {text.substr(0, open), digest, inside};
}

// `fd[10]`, `instream(127.0.0.1@54698)`, `instream(local)`, `stream(..)`, or a file.
bool is_stream(Text source, Text& peer) {
  if (source.starts_with("fd[") || source == "stream" || source == "instream") return true;
  if (!consume(source, "instream(") && !consume(source, "stream(")) return false;
  if (!source.ends_with(")")) return false;
  const Text ip = source.substr(0, source.find('@'));
  if (looks_like_ip(ip)) peer = ip;
  return source.find('/') == kNone;
}

bool parse_scan(Text text, Emitter& out) {
  const bool clean = text.ends_with(": OK");
  if (!clean && !text.ends_with(" FOUND")) return false;
  // The name of a signature holds no `: `; the path of a file may.
  const std::size_t colon = text.rfind(": ");
  if (colon == kNone) return false;
  const Text source = text.substr(0, colon);
  const Found found = clean ? Found() : read_name(text.substr(colon + 2, text.size() - colon - 8));
  Text peer;
  const bool stream = is_stream(source, peer);
  ExtraList extra;
  if (stream) {
    auto& verdict = out.emit<model::event::Verdict>();
    verdict.filter = "clamav";
    verdict.category = clean ? "clean" : "virus";
    verdict.virus_name = found.name;
    extra.add("asked_by", peer);
  } else {
    emit_notice(out, clean ? Severity::kInfo : Severity::kWarning, Topic::kOther);
    extra.add("file", source);
    extra.add("virus_name", found.name);
  }
  extra.add("md5", found.digest);
  extra.add("size", found.size);
  extra.attach(out);
  return true;
}

constexpr OpeningPhrase kClamd[] = {
    {"clamd daemon ", Severity::kInfo, Topic::kStart},
    {"+++ Started at ", Severity::kInfo, Topic::kStart},
    {"--- Stopped at ", Severity::kInfo, Topic::kStop},
    {"Running as user ", Severity::kInfo, Topic::kStart},
    {"Received ", Severity::kInfo, Topic::kStart},
    {"Log file size ", Severity::kInfo, Topic::kConfig},
    {"Reading databases from ", Severity::kInfo, Topic::kStart},
    {"Not loading ", Severity::kInfo, Topic::kConfig},
    {"Bytecode: ", Severity::kInfo, Topic::kConfig},
    {"Loaded ", Severity::kInfo, Topic::kStart},
    {"LOCAL: ", Severity::kInfo, Topic::kNetwork},
    {"TCP: ", Severity::kInfo, Topic::kNetwork},
    {"Limits: ", Severity::kInfo, Topic::kConfig},
    {"Self checking ", Severity::kInfo, Topic::kConfig},
    {"Listening daemon: ", Severity::kInfo, Topic::kStart},
    {"MaxQueue set to: ", Severity::kInfo, Topic::kConfig},
    {"SelfCheck: ", Severity::kInfo, Topic::kOther},
    {"SIGHUP caught: ", Severity::kInfo, Topic::kReload},
    {"Database correctly reloaded ", Severity::kInfo, Topic::kReload},
    {"Database modification detected. ", Severity::kInfo, Topic::kReload},
    {"Activating the newly loaded database", Severity::kInfo, Topic::kReload},
    {"Database reload ", Severity::kInfo, Topic::kReload},
    {"reload db failed: ", Severity::kError, Topic::kReload},
    {"Waiting for all threads to finish", Severity::kInfo, Topic::kStop},
    {"Shutting down the main socket", Severity::kInfo, Topic::kStop},
    {"Closing the main socket", Severity::kInfo, Topic::kStop},
    {"Pid file removed", Severity::kInfo, Topic::kStop},
    {"Socket file removed", Severity::kInfo, Topic::kStop},
    {"File path check failure on: ", Severity::kWarning, Topic::kOther},
    {"Archive: ", Severity::kInfo, Topic::kConfig},
    {"Algorithmic detection ", Severity::kInfo, Topic::kConfig},
    {"VirusEvent: ", Severity::kWarning, Topic::kOther},
    {"ScanOnAccess: ", Severity::kWarning, Topic::kOther},
    {"Can't ", Severity::kError, Topic::kOther},
    {"Client disconnected", Severity::kWarning, Topic::kNetwork},
    {"Command ", Severity::kInfo, Topic::kOther},
    {"INSTREAM: ", Severity::kWarning, Topic::kLimit},
    {"Accept() failed", Severity::kError, Topic::kNetwork},
    {"accept() failed", Severity::kError, Topic::kNetwork},
};

// --- freshclam ---

constexpr OpeningPhrase kFreshclam[] = {
    {"ClamAV update process started at ", Severity::kInfo, Topic::kStart},
    {"freshclam daemon ", Severity::kInfo, Topic::kStart},
    {"Update process terminated", Severity::kInfo, Topic::kStop},
    {"--------------------------------------", Severity::kInfo, Topic::kOther},
    {"Current working dir is ", Severity::kInfo, Topic::kOther},
    {"Received signal: ", Severity::kInfo, Topic::kOther},
    {"Your ClamAV installation is OUTDATED!", Severity::kWarning, Topic::kConfig},
    {"Local version: ", Severity::kWarning, Topic::kConfig},
    {"DON'T PANIC! ", Severity::kWarning, Topic::kConfig},
    {"Database updated ", Severity::kInfo, Topic::kReload},
    {"Clamd successfully notified about the update", Severity::kInfo, Topic::kReload},
    {"Clamd was NOT notified: ", Severity::kError, Topic::kReload},
    {"Downloading ", Severity::kInfo, Topic::kNetwork},
    {"Retrieving ", Severity::kInfo, Topic::kNetwork},
    {"Testing database: ", Severity::kInfo, Topic::kOther},
    {"Database test passed", Severity::kInfo, Topic::kOther},
    {"Trying to retrieve ", Severity::kInfo, Topic::kNetwork},
    {"Trying again ", Severity::kInfo, Topic::kNetwork},
    {"DNS Update Info ", Severity::kInfo, Topic::kDns},
    {"Can't query ", Severity::kWarning, Topic::kDns},
    {"Invalid DNS reply", Severity::kWarning, Topic::kDns},
    {"check_for_new_database_version: ", Severity::kInfo, Topic::kOther},
    {"remote_cvdhead: ", Severity::kWarning, Topic::kNetwork},
    {" Message: ", Severity::kWarning, Topic::kNetwork},
    {"Message: ", Severity::kWarning, Topic::kNetwork},
    {"getfile: ", Severity::kWarning, Topic::kNetwork},
    {"downloadFile: ", Severity::kWarning, Topic::kNetwork},
    {"updatedb: ", Severity::kError, Topic::kNetwork},
    {"Failed to ", Severity::kError, Topic::kOther},
    {"Giving up on ", Severity::kError, Topic::kNetwork},
    {"Update failed", Severity::kError, Topic::kNetwork},
    {"Database update process failed: ", Severity::kError, Topic::kNetwork},
    {"Can't ", Severity::kError, Topic::kOther},
    {"It probably doesn't exist yet", Severity::kInfo, Topic::kOther},
    {"Creating new freshclam.dat", Severity::kInfo, Topic::kStart},
    {"Saved freshclam.dat", Severity::kInfo, Topic::kOther},
    {"Incremental update failed", Severity::kWarning, Topic::kNetwork},
    {"Received an older ", Severity::kWarning, Topic::kNetwork},
    {"FreshClam previously received error code ", Severity::kWarning, Topic::kLimit},
    {"This means that you have been rate limited ", Severity::kWarning, Topic::kLimit},
    {"You are still on cool-down until ", Severity::kWarning, Topic::kLimit},
};

// Words of clamd and freshclam in the log: where a line states its gravity.
constexpr OpeningPhrase kGravity[] = {
    {"ERROR: ", Severity::kError, Topic::kOther},           {"WARNING: ", Severity::kWarning, Topic::kOther},
    {"LibClamAV Error: ", Severity::kError, Topic::kOther}, {"LibClamAV Warning: ", Severity::kWarning, Topic::kOther},
    {"LibClamAV debug: ", Severity::kDebug, Topic::kOther},
};

// `daily.cld database is up-to-date (version: 27100, ...)`, `main.cvd updated (version: ...)`
bool is_database(Text text) {
  const std::size_t blank = text.find(' ');
  const Text file = text.substr(0, blank);
  if (blank == kNone || file.find('.') == kNone) return false;
  text.remove_prefix(blank + 1);
  return text.starts_with("database is up") || text.starts_with("updated (") || text.starts_with("is up to date") ||
         text.starts_with("is up-to-date");
}

bool parse_self(Text text, std::span<const OpeningPhrase> phrases, Emitter& out) {
  const OpeningPhrase* phrase = find_opening(text, kGravity);
  if (phrase == nullptr) phrase = find_opening(text, phrases);
  if (phrase != nullptr) return emit_notice(out, phrase->severity, phrase->topic);
  if (is_database(text)) return emit_notice(out, Severity::kInfo, Topic::kOther);
  // `PDF support enabled.`, `Heuristic alerts disabled.`
  if (text.ends_with(" enabled.") || text.ends_with(" disabled.") || text.ends_with(" enabled") ||
      text.ends_with(" disabled")) {
    return emit_notice(out, Severity::kInfo, Topic::kConfig);
  }
  return false;
}

class ClamavDialect final : public Dialect {
 public:
  std::string_view name() const override { return "clamav"; }

  bool claims(std::string_view program) const override {
    return program == "clamd" || program == "clamav-milter" || program == "freshclam" || program == "clamonacc" ||
           program == "clamdscan" || program == "clamd@scan";
  }

  bool parse(const record::Record& record, Emitter& out) const override {
    Text text = record.text;
    // LogTime puts the date before the words: `Tue Nov 24 19:53:15 2026 -> `.
    const std::size_t arrow = text.find(" -> ");
    if (arrow != kNone && arrow <= 30 && arrow >= 20) text.remove_prefix(arrow + 4);
    if (record.program == "clamav-milter") return parse_milter(text, out);
    if (record.program == "freshclam") return parse_self(text, kFreshclam, out);
    return parse_scan(text, out) || parse_self(text, kClamd, out);
  }
};

}  // namespace

const Dialect& clamav_dialect() {
  static const ClamavDialect dialect;
  return dialect;
}

}  // namespace mailtrail::dialect

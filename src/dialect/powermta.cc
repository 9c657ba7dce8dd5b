// clang-format off
// NAME
//   powermta
//
// SUMMARY
//   PowerMTA's accounting files: CSV with a head, of any fields in any order (<acct-file>, record-fields).
//   `delivery` for d (delivered), b (bounced), t and tq (deferred), `receive` for r, `delivery` with the status bounced and the
//   DSN's words for rb and rs (a bounce that came by mail later), `engagement` with the action complaint for f. Fields that the
//   vocabulary lacks stand in `extra` under their own names.
//
// SOURCES
//   PowerMTA 4.5 and 5.0 User's Guide, chapter "Accounting"; published files of 4.0 to 5.0
//
// SAMPLES
//   type,timeLogged,timeQueued,orig,rcpt,orcpt,dsnAction,dsnStatus,dsnDiag,dsnMta,bounceCat,srcType,srcMta,dlvType,dlvSourceIp,dlvDestinationIp,dlvEsmtpAvailable,dlvSize,vmta,jobId,envId,queue,vmtaPool
//   d,2026-11-24 03:00:15+0000,2026-11-24 03:00:13+0000,news@example.org,a@example.com,,relayed,2.0.0 (success),smtp;250 2.0.0 OK,mx.example.com (192.0.2.7),,smtp,client (192.0.2.1),smtp,198.51.100.4,192.0.2.7,"ENHANCEDSTATUSCODES,PIPELINING",1234,vmta1,job7,,example.com/vmta1,pool1
//   b,2026-11-24 03:00:16+0000,2026-11-24 03:00:13+0000,news@example.org,gone@example.com,,failed,5.1.1 (bad destination mailbox address),"smtp;550 5.1.1 no such user, sorry",mx.example.com (192.0.2.7),bad-mailbox,smtp,client (192.0.2.1),smtp,198.51.100.4,192.0.2.7,PIPELINING,,vmta1,job7,,example.com/vmta1,pool1
//
// KNOWN GAPS
//   No accounting file was recorded by us: the shapes are those of the documentation.
//   Files without a head, which older configurations wrote, are not recognised. A cell that spans several lines is not
//   understood. A message has no id in these files unless a header with it is logged (header_Message-Id): each recipient stands
//   for itself.
// clang-format on
#include "base/hash.h"
#include "base/text.h"
#include "base/time.h"
#include "dialect/dialect.h"
#include "dialect/extra_list.h"
#include "dialect/reply_head.h"
#include "dialect/table_row.h"
#include "record/stamp.h"

namespace mailtrail::dialect {
namespace {

using model::Text;

enum Column : std::size_t {
  kType,
  kTimeLogged,
  kTimeQueued,
  kOrig,
  kRcpt,
  kOrcpt,
  kDsnStatus,
  kDsnDiag,
  kDsnMta,
  kDlvDestinationIp,
  kDlvSize,
  kSrcMta,
  kRcvSourceIp,
  kRcvProtocol,
  kMessageId,
  kSubject,
  kFeedbackType,
  kUserAgent,
  kTlsProtocol,
  kTlsCipher,
  kSmtpUser,
  kReturnPath,
  kColumns
};
constexpr std::array<std::string_view, kColumns> kNames = {"type",
                                                           "timeLogged",
                                                           "timeQueued",
                                                           "orig",
                                                           "rcpt",
                                                           "orcpt",
                                                           "dsnStatus",
                                                           "dsnDiag",
                                                           "dsnMta",
                                                           "dlvDestinationIp",
                                                           "dlvSize",
                                                           "srcMta",
                                                           "rcvSourceIp",
                                                           "srcType",
                                                           "header_Message-Id",
                                                           "header_Subject",
                                                           "feedbackType",
                                                           "userAgent",
                                                           "dlvTlsProtocol",
                                                           "dlvTlsCipher",
                                                           "rcvSmtpUser",
                                                           "header_Return-Path"};

// `mx.example.com (192.0.2.7)`, either of which may be missing.
struct Peer {
  Text name, ip;
};
Peer split_peer(Text text) {
  Peer peer;
  const std::size_t open = text.rfind('(');
  if (open != Text::npos && text.ends_with(')')) {
    peer.ip = text.substr(open + 1, text.size() - open - 2);
    text = trim(text.substr(0, open));
  }
  peer.name = text;
  return peer;
}

// The envelope sender; PowerMTA logs the null sender as an empty cell or `<>`.
Text sender_of(Text orig) {
  const Text bare = without_brackets(orig);
  return bare.empty() ? "<>" : bare;
}

// An original recipient of RFC 3461: `rfc822;a@example.com`.
Text original_recipient(Text orcpt) {
  const std::size_t at = orcpt.find(';');
  return at == Text::npos ? orcpt : orcpt.substr(at + 1);
}

// Seconds from one stamp to the other; nothing where one is not understood, or they go backwards.
model::Seconds seconds_between(Text from, Text to) {
  record::StampReader stamps;
  record::Record first, second;
  if (!stamps.take_iso(from, first) || !stamps.take_iso(to, second) || first.wall != second.wall) return std::nullopt;
  if (second.time < first.time) return std::nullopt;
  return static_cast<double>(second.time - first.time) / 1e6;
}

using Row = TableRow<kColumns>;

void add_others(const Row& row, const record::Table& table, ExtraList& extra, Emitter& out) {
  row.each_other(table, [&](Text name, Text value) { extra.add(name, value); });
  extra.attach(out);
}

void emit_delivery(const Row& row, model::Status status, const record::Record& record, Emitter& out) {
  auto& delivery = out.emit<model::event::Delivery>();
  // Attempts of one recipient of one message: no id is logged, but when it was queued, in whole seconds.
  if (!row[kTimeQueued].empty()) {
    out.last().id_hash = hash_bytes(row[kOrig], hash_bytes(row[kRcpt], hash_bytes(row[kTimeQueued])));
  } else {
    out.last().id_hash = hash_bytes(record.text);
  }
  delivery.status = status;
  delivery.recipient = without_brackets(row[kRcpt]);
  delivery.orig_recipient = original_recipient(row[kOrcpt]);
  delivery.sender = sender_of(row[kOrig]);
  Text dsn = row[kDsnStatus];
  delivery.dsn = take_until(dsn, ' ');
  Text reply = row[kDsnDiag];
  consume(reply, "smtp;");
  delivery.reply = trim(reply);
  delivery.smtp_code = reply_code(delivery.reply);
  const Peer peer = split_peer(row[kDsnMta]);
  delivery.relay_host = peer.name;
  delivery.relay_ip = peer.ip.empty() ? row[kDlvDestinationIp] : peer.ip;
  delivery.size = to_number<std::int64_t>(row[kDlvSize]);
  delivery.delay = seconds_between(row[kTimeQueued], row[kTimeLogged]);
  delivery.tls_version = row[kTlsProtocol];
  delivery.tls_cipher = row[kTlsCipher];
  ExtraList extra;
  extra.add("type", row[kType]);
  extra.add("message_id", without_brackets(row[kMessageId]));
  extra.add("subject", row[kSubject]);
  extra.add("timeQueued", row[kTimeQueued]);
  extra.add("srcMta", row[kSrcMta]);
  extra.add("srcType", row[kRcvProtocol]);
  add_others(row, *record.table, extra, out);
}

void emit_receive(const Row& row, const record::Record& record, Emitter& out) {
  auto& receive = out.emit<model::event::Receive>();
  receive.sender = sender_of(row[kOrig]);
  if (!row[kRcpt].empty()) {
    const std::vector<Text> recipients = {without_brackets(row[kRcpt])};
    receive.recipients = out.arena().store(recipients);
  }
  const Peer peer = split_peer(row[kSrcMta]);
  receive.client_name = peer.name;
  receive.client_ip = peer.ip.empty() ? row[kRcvSourceIp] : peer.ip;
  receive.protocol = row[kRcvProtocol] == "smtp" ? "SMTP" : row[kRcvProtocol];
  receive.message_id = without_brackets(row[kMessageId]);
  receive.subject = row[kSubject];
  receive.sasl_user = row[kSmtpUser];
  ExtraList extra;
  extra.add("type", row[kType]);
  add_others(row, *record.table, extra, out);
}

void emit_complaint(const Row& row, const record::Record& record, Emitter& out) {
  auto& complaint = out.emit<model::event::Engagement>();
  complaint.action = "complaint";
  complaint.recipient = without_brackets(row[kRcpt]);
  complaint.message_id = without_brackets(row[kMessageId]);
  complaint.user_agent = row[kUserAgent];
  ExtraList extra;
  extra.add("type", row[kType]);
  extra.add("feedbackType", row[kFeedbackType]);
  extra.add("orig", row[kOrig]);
  extra.add("subject", row[kSubject]);
  extra.add("header_Return-Path", row[kReturnPath]);
  add_others(row, *record.table, extra, out);
}

class PowerMta : public Dialect {
 public:
  std::string_view name() const override { return "powermta"; }
  bool claims(std::string_view program) const override { return program == "powermta"; }

  bool parse(const record::Record& record, Emitter& out) const override {
    if (record.table == nullptr) return false;
    if (record.table->is_head(record.text)) return emit_notice(out, model::Severity::kInfo, model::Topic::kOther);
    thread_local Row row(kNames);
    if (!row.read(*record.table, record.text, out.arena())) return false;
    const Text type = row[kType];
    if (type == "d") {
      emit_delivery(row, model::Status::kSent, record, out);
    } else if (type == "b" || type == "rb" || type == "rs") {
      emit_delivery(row, status_of(row), record, out);
    } else if (type == "t" || type == "tq") {
      emit_delivery(row, model::Status::kDeferred, record, out);
    } else if (type == "r") {
      emit_receive(row, record, out);
    } else if (type == "f") {
      emit_complaint(row, record, out);
    } else {
      return false;
    }
    return true;
  }

 private:
  // A DSN that came by mail may also tell of a delay or a success.
  static model::Status status_of(const Row& row) {
    const Text dsn = row[kDsnStatus];
    if (dsn.starts_with("2.")) return model::Status::kSent;
    if (row[kType] != "b" && dsn.starts_with("4.")) return model::Status::kDeferred;
    return model::Status::kBounced;
  }
};

}  // namespace

const Dialect& powermta_dialect() {
  static const PowerMta dialect;
  return dialect;
}

}  // namespace mailtrail::dialect

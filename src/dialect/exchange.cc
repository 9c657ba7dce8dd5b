// clang-format off
// NAME
//   exchange
//
// SUMMARY
//   Microsoft Exchange Server: message tracking logs, and the protocol logs of its SMTP receive and send connectors.
//   Tracking: `receive` for RECEIVE and SUBMIT, `delivery` for each recipient of SEND, DELIVER, FAIL, DEFER, BADMAIL and DROP,
//   `notify` for DSN, `hold` for POISONMESSAGE, `notice` for all else. The queue id is the internal-message-id, the host the
//   server that wrote the row. Protocol logs: `connect`, `disconnect`, `tls`, `login`, and `reject` for what a receive connector
//   refused; what is said besides is a `notice`.
//
// SOURCES
//   Microsoft Learn: "Message tracking" and "Protocol logging" of Exchange Server 2010 to 2019; published logs of 14.0 to 15.2
//
// SAMPLES
//   #Software: Microsoft Exchange Server
//   #Version: 15.02.1118.007
//   #Log-type: Message Tracking Log
//   #Date: 2026-11-24T03:00:00.000Z
//   #Fields: date-time,client-ip,client-hostname,server-ip,server-hostname,source-context,connector-id,source,event-id,internal-message-id,message-id,network-message-id,recipient-address,recipient-status,total-bytes,recipient-count,related-recipient-address,reference,message-subject,sender-address,return-path,message-info,directionality,tenant-id,original-client-ip,original-server-ip,custom-data
//   2026-11-24T03:00:15.101Z,192.0.2.10,mail.example.org,198.51.100.5,EX1,08DD0C9B2A;2026-11-24T03:00:15.000Z;0,EX1\Default EX1,SMTP,RECEIVE,4711,<1@example.org>,6c1f,a@example.com;b@example.com,,5120,2,,,"Invoice, again",s@example.org,s@example.org,0cI: ,Incoming,,192.0.2.10,198.51.100.5,S:Kind=x
//   2026-11-24T03:00:16.202Z,,EX1,,EX1,,,STOREDRIVER,DELIVER,4711,<1@example.org>,6c1f,a@example.com,,5120,1,,,"Invoice, again",s@example.org,s@example.org,2026-11-24T03:00:15.101Z;SRV=EX1:TOTAL=1,Incoming,,192.0.2.10,198.51.100.5,
//
// KNOWN GAPS
//   No log was recorded by us: the shapes are those of the documentation and of published logs. A cell that spans several lines
//   is not understood. AGENTINFO, HA* (shadow copies), EXPAND, REDIRECT, TRANSFER, RESOLVE, THROTTLE and events of newer versions are notices that
//   keep the row as it stands. A recipient-status that lists fewer statuses than there are recipients is that
//   of each of them.
// clang-format on
#include <algorithm>

#include "base/text.h"
#include "dialect/dialect.h"
#include "dialect/extra_list.h"
#include "dialect/reply_head.h"
#include "dialect/table_row.h"
#include "dialect/text_list.h"

namespace mailtrail::dialect {
namespace {

using model::Status;
using model::Text;
namespace event = model::event;

enum Column : std::size_t {
  kClientIp,
  kClientHost,
  kServerIp,
  kServerHost,
  kContext,
  kConnector,
  kSource,
  kEvent,
  kId,
  kMessageId,
  kRecipients,
  kStatuses,
  kBytes,
  kCount,
  kRelated,
  kReference,
  kSubject,
  kSender,
  kReturnPath,
  kOriginalIp,
  kDateTime,
  kColumns
};
constexpr std::array<std::string_view, kColumns> kNames = {
    "client-ip",         "client-hostname",  "server-ip",      "server-hostname",     "source-context",
    "connector-id",      "source",           "event-id",       "internal-message-id", "message-id",
    "recipient-address", "recipient-status", "total-bytes",    "recipient-count",     "related-recipient-address",
    "reference",         "message-subject",  "sender-address", "return-path",         "original-client-ip",
    "date-time"};
using Row = TableRow<kColumns>;

// What the envelope says; the null sender is `<>`, and a row without a return path names the header's sender alone.
Text sender_of(const Row& row) {
  const Text path = row[kReturnPath];
  return path.empty() ? row[kSender] : path;
}

// A list of Exchange: parted by semicolons, which stand in no address or status unquoted.
std::size_t count_items(Text list) {
  return list.empty() ? 0 : 1 + static_cast<std::size_t>(std::count(list.begin(), list.end(), ';'));
}

struct Reply {
  std::optional<std::int32_t> code;
  Text dsn;
};

// `550 5.1.1 ...`, also inside of Exchange's `[{LRT=...};{LED=550 5.1.1 ...};...]`.
Reply read_reply(Text text) {
  const std::size_t last_error = text.find("LED=");
  if (last_error != Text::npos) text.remove_prefix(last_error + 4);
  Reply reply;
  reply.code = reply_code(text);
  if (reply.code) text.remove_prefix(std::min<std::size_t>(text.size(), 4));
  if (const Text word = take_until(text, ' '); is_dsn(word)) reply.dsn = word;
  return reply;
}

class Tracking {
 public:
  Tracking(const Row& row, const record::Record& record, Emitter& out) : row_(row), record_(record), out_(out) {}

  void emit() {
    const Text what = row_[kEvent];
    if (what == "RECEIVE" || what == "SUBMIT") return receive();
    if (what == "SEND") return deliveries(Status::kSent);
    if (what == "DELIVER") return deliveries(Status::kSent);
    if (what == "FAIL" || what == "BADMAIL" || what == "SUBMITFAIL") return deliveries(Status::kBounced);
    if (what == "DEFER") return deliveries(Status::kDeferred);
    if (what == "DROP") return deliveries(Status::kDiscarded);
    if (what == "DSN") return notify();
    if (what == "POISONMESSAGE") {
      auto& hold = out_.emit<event::Hold>(row_[kId]);
      hold.reason = "poison message";
      hold.sender = sender_of(row_);
      return finish();
    }
    notice();
  }

 private:
  // What is common to all rows: who wrote it, and what has no field.
  void finish(Text message_id = {}, Text status = {}) {
    const bool sends = row_[kEvent] == "SEND";
    const Text host = sends ? row_[kClientHost] : row_[kServerHost];
    out_.last().host = host.empty() ? (sends ? row_[kServerHost] : row_[kClientHost]) : host;
    ExtraList extra;
    extra.add("event_id", row_[kEvent]);
    extra.add("source", row_[kSource]);
    extra.add("message_id", message_id);
    extra.add("recipient_status", status);
    extra.add("connector_id", row_[kConnector]);
    extra.add("source_context", row_[kContext]);
    extra.add("reference", row_[kReference]);
    if (row_[kReturnPath] != row_[kSender] && !row_[kReturnPath].empty()) extra.add("sender_address", row_[kSender]);
    row_.each_other(*record_.table, [&](Text name, Text value) { extra.add(name, value); });
    extra.attach(out_);
  }

  void receive() {
    auto& receive = out_.emit<event::Receive>(row_[kId]);
    receive.sender = sender_of(row_);
    TextList recipients(out_.arena());
    for (Text list = row_[kRecipients]; !list.empty();) recipients.add(take_until(list, ';'));
    receive.recipients = recipients.span();
    receive.nrcpt = to_number<std::int32_t>(row_[kCount]);
    receive.size = to_number<std::int64_t>(row_[kBytes]);
    receive.message_id = without_brackets(row_[kMessageId]);
    receive.subject = row_[kSubject];
    receive.client_name = row_[kClientHost];
    receive.client_ip = row_[kClientIp].empty() ? row_[kOriginalIp] : row_[kClientIp];
    receive.protocol = row_[kSource] == "SMTP" ? "SMTP" : row_[kSource] == "STOREDRIVER" ? "local" : row_[kSource];
    finish({}, row_[kStatuses]);
  }

  void deliveries(Status status) {
    Text recipients = row_[kRecipients], statuses = row_[kStatuses];
    const bool each = count_items(statuses) == count_items(recipients) && statuses.find("LED=") == Text::npos;
    if (recipients.empty()) return notice();
    while (!recipients.empty()) {
      auto& delivery = out_.emit<event::Delivery>(row_[kId]);
      delivery.recipient = take_until(recipients, ';');
      delivery.status = status;
      delivery.sender = sender_of(row_);
      delivery.size = to_number<std::int64_t>(row_[kBytes]);
      Text said = each ? trim(take_until(statuses, ';')) : statuses;
      if (said.empty()) said = row_[kContext];
      if (row_[kEvent] == "SEND") {
        delivery.relay_host = row_[kServerHost];
        delivery.relay_ip = row_[kServerIp];
        delivery.mailer = "smtp";
      } else if (row_[kEvent] == "DELIVER") {
        delivery.mailer = row_[kSource] == "STOREDRIVER" ? "storedriver" : row_[kSource];
      }
      const Reply reply = read_reply(said);
      delivery.smtp_code = reply.code;
      delivery.dsn = reply.dsn;
      delivery.reply = said;
      // A server that took the message may have refused one of its recipients.
      if (status == Status::kSent && reply.code && *reply.code >= 400) {
        delivery.status = *reply.code >= 500 ? Status::kBounced : Status::kDeferred;
      }
      finish(without_brackets(row_[kMessageId]));
    }
  }

  void notify() {
    auto& notify = out_.emit<event::Notify>(row_[kReference].empty() ? row_[kId] : Text{});
    notify.notify = row_[kContext].find("elay") != Text::npos ? "delay" : "failure";
    notify.child_queue_id = row_[kId];
    finish(without_brackets(row_[kMessageId]), row_[kStatuses]);
  }

  void notice() {
    auto& notice = out_.emit<event::Notice>(row_[kId]);
    notice.severity = model::Severity::kInfo;
    notice.topic = model::Topic::kOther;
    notice.text = record_.text;
    finish(without_brackets(row_[kMessageId]), row_[kStatuses]);
  }

  const Row& row_;
  const record::Record& record_;
  Emitter& out_;
};

enum ProtocolColumn : std::size_t {
  kProtocolConnector,
  kSession,
  kLocal,
  kRemote,
  kSign,
  kData,
  kNote,
  kProtocolTime,
  kProtocolColumns
};
constexpr std::array<std::string_view, kProtocolColumns> kProtocolNames = {
    "connector-id", "session-id", "local-endpoint", "remote-endpoint", "event", "data", "context", "date-time"};
using ProtocolRow = TableRow<kProtocolColumns>;

struct Endpoint {
  Text ip;
  std::optional<std::uint16_t> port;
};
// `192.0.2.1:25`, `[2001:db8::1]:25`.
Endpoint split_endpoint(Text text) {
  const std::size_t colon = text.rfind(':');
  if (colon == Text::npos) return {text, std::nullopt};
  Text ip = text.substr(0, colon);
  if (ip.size() >= 2 && ip.front() == '[' && ip.back() == ']') ip = ip.substr(1, ip.size() - 2);
  return {ip, to_number<std::uint16_t>(text.substr(colon + 1))};
}

// `SP_PROT_TLS1_2_SERVER` of `TLS protocol SP_PROT_TLS1_2_SERVER negotiation succeeded ...` is TLSv1.2.
Text tls_version(Text note) {
  for (const auto& [mark, version] : {std::pair<Text, Text>{"TLS1_3", "TLSv1.3"},
                                      {"TLS1_2", "TLSv1.2"},
                                      {"TLS1_1", "TLSv1.1"},
                                      {"TLS1_0", "TLSv1"},
                                      {"PROT_TLS1_", "TLSv1"}}) {
    if (note.find(mark) != Text::npos) return version;
  }
  return {};
}

// One row of a protocol log. `+` a connection, `-` its end, `<` what came, `>` what was said, `*` a note.
class Protocol {
 public:
  Protocol(const ProtocolRow& row, const record::Record& record, Emitter& out)
      : row_(row), record_(record), out_(out), remote_(split_endpoint(row[kRemote])) {}

  void emit(bool receives) {
    const Text sign = row_[kSign], data = row_[kData], note = row_[kNote];
    if (sign == "+") {
      auto& connect = out_.emit<event::Connect>();
      set_client(connect, receives);
    } else if (sign == "-") {
      auto& disconnect = out_.emit<event::Disconnect>();
      set_client(disconnect, receives);
      disconnect.reason = note;
    } else if (sign == "*" && note.starts_with("TLS protocol ") && note.find("succeeded") != Text::npos) {
      auto& tls = out_.emit<event::Tls>();
      tls.direction = receives ? model::Direction::kIn : model::Direction::kOut;
      tls.tls_version = tls_version(note);
      tls.peer_ip = remote_.ip;
      tls.peer_port = remote_.port;
    } else if (receives && sign == "*" && note == "authenticated") {
      login(model::LoginResult::kSuccess, data, {});
    } else if (receives && sign == ">" && data.starts_with("535 ")) {
      login(model::LoginResult::kFailure, {}, data);
    } else if (receives && sign == ">" && read_reply(data).code.value_or(0) >= 400) {
      reject(data);
    } else {
      return note_only();
    }
    finish();
  }

 private:
  template <class Body>
  void set_client(Body& body, bool receives) {
    body.client_ip = receives ? remote_.ip : split_endpoint(row_[kLocal]).ip;
    body.client_port = receives ? remote_.port : split_endpoint(row_[kLocal]).port;
    body.service = "smtp";
  }

  void login(model::LoginResult result, Text user, Text reason) {
    auto& login = out_.emit<event::Login>();
    login.protocol = "smtp";
    login.user = user;
    login.result = result;
    login.reason = reason;
    login.client_ip = remote_.ip;
    login.session_id = row_[kSession];
  }

  void reject(Text data) {
    auto& reject = out_.emit<event::Reject>();
    const Reply reply = read_reply(data);
    reject.action = model::Action::kReject;
    reject.smtp_code = reply.code;
    reject.dsn = reply.dsn;
    reject.reply = data;
    reject.client_ip = remote_.ip;
    reject.client_port = remote_.port;
  }

  void note_only() {
    auto& notice = out_.emit<event::Notice>();
    notice.severity = model::Severity::kDebug;
    notice.topic = model::Topic::kOther;
    notice.text = record_.text;
    notice.client_ip = remote_.ip;
    finish();
  }

  void finish() {
    // `EX1\Default Frontend EX1`: the server, then the connector's name.
    const std::size_t slash = row_[kProtocolConnector].find('\\');
    if (slash != Text::npos) out_.last().host = row_[kProtocolConnector].substr(0, slash);
    ExtraList extra;
    extra.add("connector_id", row_[kProtocolConnector]);
    if (out_.last().kind != model::Kind::kLogin) extra.add("session_id", row_[kSession]);
    extra.add("local_endpoint", row_[kLocal]);
    extra.add("remote_endpoint", row_[kRemote]);
    extra.attach(out_);
  }

  const ProtocolRow& row_;
  const record::Record& record_;
  Emitter& out_;
  const Endpoint remote_;
};

class Exchange : public Dialect {
 public:
  std::string_view name() const override { return "exchange"; }
  bool claims(std::string_view program) const override {
    return program == "exchange" || program == "exchange-receive" || program == "exchange-send";
  }

  bool parse(const record::Record& record, Emitter& out) const override {
    if (record.table == nullptr) return false;
    if (record.table->is_head(record.text)) return emit_notice(out, model::Severity::kInfo, model::Topic::kOther);
    if (record.program == "exchange") {
      thread_local Row row(kNames);
      if (!row.read(*record.table, record.text, out.arena()) || row[kEvent].empty()) return false;
      Tracking(row, record, out).emit();
      return true;
    }
    thread_local ProtocolRow row(kProtocolNames);
    if (!row.read(*record.table, record.text, out.arena()) || row[kSign].empty()) return false;
    Protocol(row, record, out).emit(record.program == "exchange-receive");
    return true;
  }
};

}  // namespace

const Dialect& exchange_dialect() {
  static const Exchange dialect;
  return dialect;
}

}  // namespace mailtrail::dialect

// clang-format off
// NAME
//   microsoft365
//
// SUMMARY
//   Message traces of Microsoft 365 (Exchange Online) as CSV: the enhanced summary and extended reports, and what
//   Get-MessageTrace | Export-Csv writes.
//   For each message a `receive`, and a `delivery` for each recipient whose status is stated. The queue id is the
//   network_message_id, of Get-MessageTrace the MessageTraceId. Statuses: Delivered, Deliver, Send, FilteredAsSpam (stored as
//   junk) are sent; Failed, Fail bounced; Pending, Defer deferred; Quarantined held; Expanded and others are kept in `extra`.
//
// SOURCES
//   Microsoft Learn: "Message trace in the modern Exchange admin center", "Get-MessageTrace", "Get-MessageTraceV2"
//
// SAMPLES
//   origin_timestamp_utc,sender_address,recipient_status,message_subject,total_bytes,message_id,network_message_id,original_client_ip,directionality,connector_id,delivery_priority
//   2026-11-24T03:00:15.1234567Z,s@example.org,"a@example.com##Receive, Deliver;b@example.com##Receive",Hi,5120,<1@example.org>,6c1f2a4b-0000-4000-8000-000000000001,192.0.2.10,Incoming,,Normal
//   2026-11-24T03:00:16.1234567Z,s@example.org,"a@example.com##Receive, Deliver;b@example.com##Receive, Fail","Hi, again",5120,<2@example.org>,6c1f2a4b-0000-4000-8000-000000000002,192.0.2.10,Incoming,,Normal
//
// KNOWN GAPS
//   No trace was recorded by us. Reports in UTF-16 are not read: save them as UTF-8. Times that are written as a locale of Windows
//   has them (11/24/2026 3:00:15 AM) are not understood, nor is JSON.
// clang-format on
#include "base/text.h"
#include "dialect/dialect.h"
#include "dialect/extra_list.h"
#include "dialect/reply_head.h"
#include "dialect/table_row.h"

namespace mailtrail::dialect {
namespace {

namespace event = model::event;
using model::Status;
using model::Text;

// Both spellings of each column.
enum Column : std::size_t {
  kSender,
  kSenderOfTrace,
  kStatuses,
  kRecipient,
  kStatus,
  kSubject,
  kSubjectOfTrace,
  kSize,
  kSizeOfTrace,
  kMessageId,
  kMessageIdOfTrace,
  kId,
  kIdOfTrace,
  kClientIp,
  kClientIpOfTrace,
  kToIp,
  kTime,
  kTimeOfTrace,
  kColumns
};
constexpr std::array<std::string_view, kColumns> kNames = {"sender_address",
                                                           "SenderAddress",
                                                           "recipient_status",
                                                           "RecipientAddress",
                                                           "Status",
                                                           "message_subject",
                                                           "Subject",
                                                           "total_bytes",
                                                           "Size",
                                                           "message_id",
                                                           "MessageId",
                                                           "network_message_id",
                                                           "MessageTraceId",
                                                           "original_client_ip",
                                                           "FromIP",
                                                           "ToIP",
                                                           "origin_timestamp_utc",
                                                           "Received"};
using Row = TableRow<kColumns>;

Text either(const Row& row, Column one, Column other) {
  return row[one].empty() ? row[other] : row[one];
}

struct StatusWord {
  std::string_view word;
  Status status;
};
constexpr StatusWord kWords[] = {{"Delivered", Status::kSent},      {"Deliver", Status::kSent},
                                 {"Send", Status::kSent},           {"Sent", Status::kSent},
                                 {"FilteredAsSpam", Status::kSent}, {"Failed", Status::kBounced},
                                 {"Fail", Status::kBounced},        {"Pending", Status::kDeferred},
                                 {"Defer", Status::kDeferred},      {"Quarantined", Status::kHeld}};

Status status_of(Text word) {
  for (const StatusWord& known : kWords) {
    if (equals_ignoring_case(known.word, word)) return known.status;
  }
  return Status::kNone;
}

class Writer {
 public:
  Writer(const Row& row, const record::Record& record, Emitter& out) : row_(row), record_(record), out_(out) {}

  void emit() {
    receive();
    if (!row_[kRecipient].empty()) return delivery(row_[kRecipient], row_[kStatus]);
    // `a@example.com##Receive, Deliver;b@example.com##...`: what happened, one after the other.
    for (Text list = row_[kStatuses]; !list.empty();) {
      Text item = trim(take_until(list, ';'));
      const std::size_t at = item.find("##");
      if (at == Text::npos) continue;
      const Text recipient = item.substr(0, at);
      Text word = item.substr(at + 2);
      if (const std::size_t comma = word.rfind(','); comma != Text::npos) word.remove_prefix(comma + 1);
      delivery(recipient, trim(word));
    }
  }

 private:
  Text id() const { return either(row_, kId, kIdOfTrace); }

  void receive() {
    auto& receive = out_.emit<event::Receive>(id());
    const Text sender = either(row_, kSender, kSenderOfTrace);
    receive.sender = sender;
    receive.size = to_number<std::int64_t>(either(row_, kSize, kSizeOfTrace));
    receive.message_id = without_brackets(either(row_, kMessageId, kMessageIdOfTrace));
    receive.subject = either(row_, kSubject, kSubjectOfTrace);
    receive.client_ip = either(row_, kClientIp, kClientIpOfTrace);
    ExtraList extra;
    extra.add("recipient_status", row_[kStatuses]);
    row_.each_other(*record_.table, [&](Text name, Text value) { extra.add(name, value); });
    extra.attach(out_);
  }

  void delivery(Text recipient, Text word) {
    const Status status = status_of(word);
    if (status == Status::kNone) return;
    auto& delivery = out_.emit<event::Delivery>(id());
    delivery.recipient = recipient;
    delivery.status = status;
    delivery.relay_ip = row_[kToIp];
    ExtraList extra;
    extra.add("status", word);
    extra.attach(out_);
  }

  const Row& row_;
  const record::Record& record_;
  Emitter& out_;
};

class Microsoft365 : public Dialect {
 public:
  std::string_view name() const override { return "microsoft365"; }
  bool claims(std::string_view program) const override { return program == "microsoft365"; }

  bool parse(const record::Record& record, Emitter& out) const override {
    if (record.table == nullptr) return false;
    if (record.table->is_head(record.text)) return emit_notice(out, model::Severity::kInfo, model::Topic::kOther);
    thread_local Row row(kNames);
    if (!row.read(*record.table, record.text, out.arena())) return false;
    if (row[kStatuses].empty() && row[kRecipient].empty()) return false;
    Writer(row, record, out).emit();
    return true;
  }
};

}  // namespace

const Dialect& microsoft365_dialect() {
  static const Microsoft365 dialect;
  return dialect;
}

}  // namespace mailtrail::dialect

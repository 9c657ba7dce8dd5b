// clang-format off
// NAME
//   kumomta
//
// SUMMARY
//   KumoMTA's log records: one JSON object a line (plain or in zstd segments).
//   `receive` for Reception, `delivery` for Delivery (sent), TransientFailure and Delayed (deferred), Bounce, AdminBounce and OOB
//   (bounced), Expiration (expired), `reject` for Rejection, `engagement` for Feedback, `notice` for what only moves a message.
//   Fields that the vocabulary lacks stand in `extra` under their own names, in JSON where they are no plain value.
//
// SOURCES
//   docs.kumomta.com, "Log Record" (2023 to 2026)
//
// SAMPLES
//   {"type":"Reception","id":"1d98076abbbc11ed940250ebf67f93bd","sender":"s@example.org","recipient":"a@example.com","queue":"camp:tenant@example.com","site":"","size":1047,"response":{"code":250,"enhanced_code":null,"content":"","command":null},"peer_address":{"name":"client.example.org","addr":"192.0.2.10"},"timestamp":1795489215,"created":1795489215,"num_attempts":0,"bounce_classification":"Uncategorized","egress_pool":null,"egress_source":null,"feedback_report":null,"meta":{},"headers":{"Subject":"Hi"},"delivery_protocol":null,"reception_protocol":"ESMTP","nodeid":"n1"}
//   {"type":"Delivery","id":"1d98076abbbc11ed940250ebf67f93bd","sender":"s@example.org","recipient":"a@example.com","queue":"camp:tenant@example.com","site":"src->mx.example.com.","size":1047,"response":{"code":250,"enhanced_code":{"class":2,"subject":0,"detail":0},"content":"OK ids=8a54","command":"."},"peer_address":{"name":"mx.example.com.","addr":"192.0.2.7"},"timestamp":1795489217,"created":1795489215,"num_attempts":1,"bounce_classification":"Uncategorized","egress_pool":"p","egress_source":"src","delivery_protocol":"ESMTP","tls_cipher":"TLS_AES_256_GCM_SHA384","tls_protocol_version":"TLSv1.3"}
//
// KNOWN GAPS
//   No record was made by us: the shapes are those of the documentation. Records that a template of the configuration wrote
//   (log_parameters.template) have the shape of that template, and are not recognised.
// clang-format on
#include <simdjson.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "base/text.h"
#include "dialect/dialect.h"
#include "dialect/extra_list.h"
#include "dialect/reply_head.h"
#include "dialect/text_list.h"

namespace mailtrail::dialect {
namespace {

namespace json = simdjson::dom;
namespace event = model::event;
using model::Status;
using model::Text;

// The members that have a field, or a part in one. Those from kType on stand in `extra` as well.
enum Member : std::uint8_t {
  kId,
  kSender,
  kRecipient,
  kSize,
  kResponse,
  kPeer,
  kTimestamp,
  kEventTime,
  kCreated,
  kCreatedTime,
  kTlsCipher,
  kTlsVersion,
  kType,
  kHeaders,
  kFeedback,
  kReception,
  kMembers
};
constexpr std::array<std::string_view, kMembers> kNames = {
    "id",       "sender",       "recipient",       "size",
    "response", "peer_address", "timestamp",       "event_time",
    "created",  "created_time", "tls_cipher",      "tls_protocol_version",
    "type",     "headers",      "feedback_report", "reception_protocol"};
constexpr std::uint8_t kFirstKept = kType;

// The member of that name; kMembers: none of those above. Names differ in size and in their first and last byte.
class MemberTable {
 public:
  MemberTable() {
    places_.fill(kMembers);
    for (std::uint8_t i = 0; i < kMembers; ++i) places_[place(kNames[i])] = i;
  }
  std::uint8_t find(std::string_view name) const {
    if (name.empty()) return kMembers;
    const std::uint8_t member = places_[place(name)];
    return member != kMembers && kNames[member] == name ? member : std::uint8_t{kMembers};
  }

 private:
  static std::size_t place(std::string_view name) {
    const auto byte = [&](std::size_t at) { return static_cast<std::size_t>(static_cast<unsigned char>(name[at])); };
    return (name.size() * 67 + byte(0) * 5 + byte(name.size() - 1) * 3) % kPlaces;
  }
  static constexpr std::size_t kPlaces = 509;
  std::array<std::uint8_t, kPlaces> places_;
};

// The members of one record. Texts are copied to the arena: the parser's memory is used again.
class Members {
 public:
  Members(json::object object, Arena& arena) : arena_(arena) {
    static const MemberTable kTable;
    for (const json::key_value_pair member : object) {
      const std::uint8_t known = kTable.find(member.key);
      if (known < kMembers) {
        elements_[known] = member.value;
        there_[known] = true;
      }
      if (known >= kFirstKept) others_.emplace_back(member.key, member.value);
    }
  }

  Text text(Member member) { return there_[member] ? text_of(elements_[member]) : Text{}; }
  Text text(Member member, std::string_view inner) {
    json::element element;
    if (!there_[member] || elements_[member][inner].get(element) != simdjson::SUCCESS) return {};
    return text_of(element);
  }
  std::optional<std::int64_t> number(Member member) {
    return there_[member] ? number_of(elements_[member]) : std::nullopt;
  }
  std::optional<std::int64_t> number(Member member, std::string_view inner) {
    json::element element;
    if (!there_[member] || elements_[member][inner].get(element) != simdjson::SUCCESS) return std::nullopt;
    return number_of(element);
  }
  std::optional<double> seconds(Member member) {
    double value = 0;
    if (!there_[member] || elements_[member].get_double().get(value) != simdjson::SUCCESS) return std::nullopt;
    return value;
  }
  // A text, or the texts of an array.
  std::span<const std::string_view> texts(Member member) {
    TextList list(arena_);
    json::array array;
    if (there_[member] && elements_[member].get_array().get(array) == simdjson::SUCCESS) {
      for (const json::element element : array) {
        if (const Text item = text_of(element); !item.empty()) list.add(item);
      }
    } else if (const Text item = text(member); !item.empty()) {
      list.add(item);
    }
    return list.span();
  }
  // `2.0.0` of {"class":2,"subject":0,"detail":0}.
  Text enhanced_code() {
    json::element code;
    if (!there_[kResponse] || elements_[kResponse]["enhanced_code"].get(code) != simdjson::SUCCESS) return {};
    std::string text;
    for (const std::string_view name : {"class", "subject", "detail"}) {
      std::int64_t part = 0;
      if (code[name].get_int64().get(part) != simdjson::SUCCESS) return {};
      text += (text.empty() ? "" : ".") + std::to_string(part);
    }
    return arena_.store(text);
  }
  // All that no field holds.
  void add_others(ExtraList& extra) {
    for (const auto& [name, value] : others_) {
      if (const Text text = text_of(value); !text.empty()) extra.add(arena_.store(name), text);
    }
  }

 private:
  // A plain value as its text, others as JSON; null, and what is empty, is nothing.
  Text text_of(json::element element) {
    if (element.is_null()) return {};
    std::string_view text;
    if (element.get_string().get(text) == simdjson::SUCCESS) return arena_.store(text);
    std::int64_t number = 0;
    if (element.get_int64().get(number) == simdjson::SUCCESS) return arena_.store(std::to_string(number));
    const std::string written = simdjson::minify(element);
    return written == "{}" || written == "[]" ? Text{} : arena_.store(written);
  }
  static std::optional<std::int64_t> number_of(json::element element) {
    std::int64_t number = 0;
    if (element.get_int64().get(number) != simdjson::SUCCESS) return std::nullopt;
    return number;
  }

  Arena& arena_;
  std::array<json::element, kMembers> elements_;
  std::array<bool, kMembers> there_{};
  std::vector<std::pair<std::string_view, json::element>> others_;
};

struct Type {
  std::string_view name;
  Status status;
};
constexpr Type kDeliveries[] = {{"Delivery", Status::kSent},       {"TransientFailure", Status::kDeferred},
                                {"Delayed", Status::kDeferred},    {"Bounce", Status::kBounced},
                                {"AdminBounce", Status::kBounced}, {"OOB", Status::kBounced},
                                {"Expiration", Status::kExpired}};

std::optional<std::int32_t> code_of(Members& members) {
  const std::optional<std::int64_t> code = members.number(kResponse, "code");
  if (!code || *code < 200 || *code > 599) return std::nullopt;
  return static_cast<std::int32_t>(*code);
}

Text sender_of(Members& members) {
  const Text sender = members.text(kSender);
  return sender.empty() ? "<>" : sender;
}

// Host names of the DNS end with a dot here.
Text without_dot(Text name) {
  return name.ends_with('.') ? name.substr(0, name.size() - 1) : name;
}

void emit_delivery(Members& members, Status status, Emitter& out) {
  const Text id = members.text(kId);
  const std::span<const std::string_view> recipients = members.texts(kRecipient);
  const std::optional<double> created =
      members.seconds(kCreatedTime) ? members.seconds(kCreatedTime) : members.seconds(kCreated);
  const double now = static_cast<double>(out.record().time) / 1e6;
  for (std::size_t i = 0; i < std::max<std::size_t>(recipients.size(), 1); ++i) {
    auto& delivery = out.emit<event::Delivery>(id);
    if (i < recipients.size()) delivery.recipient = recipients[i];
    delivery.status = status;
    delivery.sender = sender_of(members);
    delivery.dsn = members.enhanced_code();
    delivery.smtp_code = code_of(members);
    delivery.reply = members.text(kResponse, "content");
    delivery.relay_host = without_dot(members.text(kPeer, "name"));
    delivery.relay_ip = members.text(kPeer, "addr");
    delivery.size = members.number(kSize);
    if (created && *created <= now) delivery.delay = now - *created;
    delivery.tls_version = members.text(kTlsVersion);
    delivery.tls_cipher = members.text(kTlsCipher);
    ExtraList extra;
    extra.add("command", members.text(kResponse, "command"));
    members.add_others(extra);
    extra.attach(out);
  }
}

void emit_receive(Members& members, Emitter& out) {
  auto& receive = out.emit<event::Receive>(members.text(kId));
  receive.sender = sender_of(members);
  receive.recipients = members.texts(kRecipient);
  receive.size = members.number(kSize);
  receive.client_name = without_dot(members.text(kPeer, "name"));
  receive.client_ip = members.text(kPeer, "addr");
  receive.protocol = members.text(kReception);
  receive.subject = members.text(kHeaders, "Subject");
  receive.message_id = without_brackets(members.text(kHeaders, "Message-ID"));
  receive.tls_version = members.text(kTlsVersion);
  receive.tls_cipher = members.text(kTlsCipher);
  ExtraList extra;
  members.add_others(extra);
  extra.attach(out);
}

void emit_reject(Members& members, Emitter& out) {
  auto& reject = out.emit<event::Reject>();
  reject.action = model::Action::kReject;
  reject.smtp_code = code_of(members);
  reject.dsn = members.enhanced_code();
  reject.reply = members.text(kResponse, "content");
  reject.client_name = without_dot(members.text(kPeer, "name"));
  reject.client_ip = members.text(kPeer, "addr");
  reject.sender = members.text(kSender);
  if (const auto recipients = members.texts(kRecipient); !recipients.empty()) reject.recipient = recipients.front();
  ExtraList extra;
  members.add_others(extra);
  extra.attach(out);
}

void emit_feedback(Members& members, Emitter& out) {
  auto& complaint = out.emit<event::Engagement>(members.text(kId));
  complaint.action = "complaint";
  if (const auto recipients = members.texts(kRecipient); !recipients.empty()) complaint.recipient = recipients.front();
  complaint.user_agent = members.text(kFeedback, "user_agent");
  complaint.client_ip = members.text(kFeedback, "source_ip");
  ExtraList extra;
  members.add_others(extra);
  extra.attach(out);
}

void emit_notice(Members& members, Emitter& out) {
  auto& notice = out.emit<event::Notice>(members.text(kId));
  notice.severity = model::Severity::kInfo;
  notice.topic = model::Topic::kQueue;
  notice.text = out.record().text;
}

class KumoMta : public Dialect {
 public:
  std::string_view name() const override { return "kumomta"; }
  bool claims(std::string_view program) const override { return program == "kumomta"; }

  bool parse(const record::Record& record, Emitter& out) const override {
    // A parser is dear to make, and holds nothing from one line to the next.
    thread_local json::parser parser;
    json::object object;
    if (parser.parse(record.text.data(), record.text.size()).get_object().get(object) != simdjson::SUCCESS) {
      return false;
    }
    Members members(object, out.arena());
    const Text type = members.text(kType);
    for (const Type& one : kDeliveries) {
      if (one.name != type) continue;
      emit_delivery(members, one.status, out);
      return true;
    }
    if (type == "Reception") {
      emit_receive(members, out);
    } else if (type == "Rejection") {
      emit_reject(members, out);
    } else if (type == "Feedback") {
      emit_feedback(members, out);
    } else if (type == "AdminRebind" || type == "DeferredInjectionRebind" || type == "XferOut" || type == "XferIn") {
      emit_notice(members, out);
    } else {
      return false;
    }
    return true;
  }
};

}  // namespace

const Dialect& kumomta_dialect() {
  static const KumoMta dialect;
  return dialect;
}

}  // namespace mailtrail::dialect

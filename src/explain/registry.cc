#include "explain/registry.h"

#include <algorithm>

#include "base/text.h"
#include "explain/code_tables.h"

namespace mailtrail::explain {
namespace {

// A number of RFC 3463, 2: 0, or one to three digits without a leading zero.
std::optional<int> read_part(std::string_view text) {
  if (text.empty() || text.size() > 3 || !is_digit(text.front()) || (text.size() > 1 && text.front() == '0')) {
    return std::nullopt;
  }
  return to_number<int>(text);
}

std::string_view class_text(int status_class) {
  if (status_class == 2) return "success";
  return status_class == 4 ? "persistent transient failure" : "permanent failure";
}

std::string_view first_digit(int code) {
  switch (code / 100) {
    case 2:
      return "the request was carried out";
    case 3:
      return "the server waits for more";
    case 4:
      return "refused for now; trying again later may work";
    default:
      return "refused for good; the same request will be refused again";
  }
}

std::string_view second_digit(int code) {
  switch (code / 10 % 10) {
    case 0:
      return "syntax";
    case 1:
      return "information";
    case 2:
      return "connection";
    case 5:
      return "mail system";
    default:
      return "not assigned";
  }
}

std::string codes_text(std::string_view dsn, int smtp_code) {
  std::string text;
  if (smtp_code != 0) text += std::to_string(smtp_code);
  if (!dsn.empty()) {
    if (!text.empty()) text += ' ';
    text += dsn;
  }
  return text;
}

}  // namespace

std::string_view word(Actor actor) {
  switch (actor) {
    case Actor::kUnknown:
      return "unknown";
    case Actor::kNobody:
      return "none";
    case Actor::kRecipient:
      return "recipient";
    case Actor::kSenderSetup:
      return "sender_setup";
    case Actor::kSenderReputation:
      return "sender_reputation";
    case Actor::kMessage:
      return "message";
    case Actor::kReceiver:
      return "receiver";
    case Actor::kNetwork:
      return "network";
  }
  return {};
}

std::string_view who(Actor actor) {
  switch (actor) {
    case Actor::kUnknown:
      return "the code does not tell";
    case Actor::kNobody:
      return "nobody";
    case Actor::kRecipient:
      return "whoever keeps the address: correct or remove it; or the recipient";
    case Actor::kSenderSetup:
      return "the administrator of the sending side";
    case Actor::kSenderReputation:
      return "the sender: how much is sent, and to whom";
    case Actor::kMessage:
      return "the author of the message";
    case Actor::kReceiver:
      return "the administrator of the receiving side";
    case Actor::kNetwork:
      return "whoever runs the network and DNS between the servers";
  }
  return {};
}

std::optional<EnhancedCode> parse_enhanced_code(std::string_view text) {
  const std::size_t first = text.find('.');
  const std::size_t second = first == std::string_view::npos ? first : text.find('.', first + 1);
  if (first != 1 || second == std::string_view::npos) return std::nullopt;
  const char status_class = text.front();
  const auto subject = read_part(text.substr(2, second - 2));
  const auto detail = read_part(text.substr(second + 1));
  if ((status_class != '2' && status_class != '4' && status_class != '5') || !subject || !detail) return std::nullopt;
  return EnhancedCode{status_class - '0', *subject, *detail};
}

std::optional<EnhancedMeaning> enhanced_meaning(std::string_view dsn) {
  const auto code = parse_enhanced_code(dsn);
  if (!code) return std::nullopt;
  EnhancedMeaning meaning;
  meaning.class_text = class_text(code->status_class);
  meaning.subject = subject_title(code->subject);
  const auto rows = enhanced_rows();
  const EnhancedRow* general = nullptr;
  const EnhancedRow* exact = nullptr;
  for (const EnhancedRow& row : rows) {
    if (row.subject != code->subject) continue;
    if (row.detail == 0) general = &row;
    if (row.detail == code->detail) exact = &row;
  }
  if (exact != nullptr && code->status_class == 2 && code->detail == 0) {
    meaning.title = "success";
    meaning.meaning = "The request was carried out.";
    meaning.actor = Actor::kNobody;
    meaning.registered = true;
    meaning.source = exact->source;
    return meaning;
  }
  const EnhancedRow* row = exact != nullptr ? exact : general;
  if (row == nullptr) {
    meaning.subject = "not registered";
    meaning.title = "unregistered status code";
    meaning.meaning = "The code is the server's own; only its first digit can be relied on.";
    meaning.advice = "Read the words of the reply, and the documentation of the provider.";
    meaning.caution = "What the registry does not hold, each provider defines for itself.";
    meaning.source = "RFC 3463, 2";
    return meaning;
  }
  meaning.title = row->title;
  meaning.meaning = row->meaning;
  meaning.advice = row->advice;
  meaning.caution = row->caution;
  meaning.actor = row->actor;
  meaning.source = row->source;
  meaning.registered = exact != nullptr;
  meaning.specific = exact != nullptr && row->specific;
  if (exact == nullptr) {
    meaning.actor = Actor::kUnknown;
    meaning.caution = "The last number is not registered: it is the server's own, and the provider defines it.";
  }
  return meaning;
}

std::optional<ReplyMeaning> reply_meaning(int code) {
  if (code < 200 || code > 599) return std::nullopt;
  ReplyMeaning meaning;
  meaning.code = code;
  meaning.first_digit = first_digit(code);
  meaning.second_digit = second_digit(code);
  const auto rows = reply_rows();
  const auto row = std::lower_bound(rows.begin(), rows.end(), code,
                                    [](const ReplyRow& one, int wanted) { return one.code < wanted; });
  if (row == rows.end() || row->code != code) {
    meaning.title = "unregistered reply code";
    meaning.meaning = "The code is the server's own; its first digit tells whether it is final.";
    meaning.advice = "Read the words of the reply, and the documentation of the provider.";
    meaning.source = "RFC 5321, 4.2.1";
    return meaning;
  }
  meaning.title = row->title;
  meaning.meaning = row->meaning;
  meaning.advice = row->advice;
  meaning.actor = row->actor;
  meaning.source = row->source;
  meaning.registered = true;
  meaning.specific = row->specific;
  return meaning;
}

std::string reason_title(std::string_view dsn, int smtp_code) {
  const auto enhanced = enhanced_meaning(dsn);
  const auto reply = reply_meaning(smtp_code);
  if (!enhanced && !reply) return "no status code";
  if (!enhanced) return std::string(reply->title) + " (" + codes_text({}, smtp_code) + ")";
  const bool contradict = reply && smtp_code / 100 != dsn.front() - '0';
  // x.0.0 and an unregistered subject say nothing beside the first digit; any registered reply code says more.
  const bool empty_code = dsn.substr(1) == ".0.0" || enhanced->subject == "not registered";
  const bool by_reply = reply && reply->registered && !enhanced->specific && (reply->specific || empty_code);
  const std::string_view title = by_reply ? reply->title : enhanced->title;
  return std::string(title) + " (" + codes_text(dsn, by_reply || contradict ? smtp_code : 0) + ")";
}

}  // namespace mailtrail::explain

// The registries of SMTP codes: what a reply code and an enhanced status code say, in plain words.
//
// Sources: RFC 5321, 4.2 (reply codes) and what later RFCs added; the IANA registry of SMTP Enhanced Status Codes as of
// 2024-12 (RFC 3463, RFC 5248 and the RFCs named with each code). A code says what the server that sent it chose to
// say: it is a hint, and `specific` tells whether it names a cause at all. All texts live for ever. Thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mailtrail::explain {

// Who usually has to act.
enum class Actor : std::uint8_t {
  kUnknown,           // the code does not tell
  kNobody,            // nothing is wrong
  kRecipient,         // the recipient, or whoever keeps the address in a list
  kSenderSetup,       // the administrator of the sending server or domain: DNS, authentication, TLS, login
  kSenderReputation,  // the sender: volume, complaints, blocklists
  kMessage,           // the author of the message: its size, form or content
  kReceiver,          // the administrator of the receiving server
  kNetwork,           // whoever runs the way between the servers, DNS included
};

// The stable word (`sender_setup`), and who that is, for a person (`the administrator of the sending side`).
std::string_view word(Actor actor);
std::string_view who(Actor actor);

// An enhanced status code, `class.subject.detail` (RFC 3463, 2).
struct EnhancedCode {
  int status_class = 0;  // 2 success, 4 temporary, 5 permanent
  int subject = 0;       // 0..999
  int detail = 0;        // 0..999
};

// The whole of `text` as an enhanced status code: class 2, 4 or 5, no leading zeros. Nothing otherwise.
std::optional<EnhancedCode> parse_enhanced_code(std::string_view text);

struct EnhancedMeaning {
  std::string_view class_text;  // `success`, `persistent transient failure`, `permanent failure`
  std::string_view subject;     // `mailbox`, or `not registered`
  std::string_view title;       // `mailbox is full`; without a full stop, to stand in a list
  std::string_view meaning;     // one sentence
  std::string_view advice;      // one sentence: what to do; empty where nothing can be said
  std::string_view caution;     // one sentence: what not to conclude from it; often empty
  Actor actor = Actor::kUnknown;
  bool registered = false;  // false: only its class and subject are known
  bool specific = false;    // false: the code names no cause (x.0.0, x.7.1, an unregistered detail, ...)
  std::string_view source;  // `RFC 3463, 3.3`
};

// The meaning of `dsn` (`5.1.1`); nothing when it is no enhanced status code.
std::optional<EnhancedMeaning> enhanced_meaning(std::string_view dsn);

struct ReplyMeaning {
  int code = 0;
  std::string_view first_digit;   // what the first digit says (RFC 5321, 4.2.1)
  std::string_view second_digit;  // what the second digit says; `not assigned` for 3 and 4
  std::string_view title;
  std::string_view meaning;
  std::string_view advice;
  Actor actor = Actor::kUnknown;
  bool registered = false;  // false: only its digits are known
  bool specific = false;
  std::string_view source;
};

// The meaning of an SMTP reply code; nothing outside 200 to 599.
std::optional<ReplyMeaning> reply_meaning(int code);

// The short title of an outcome for one line of a report: the most specific of the two codes, with the codes, as
// `mailbox does not exist (5.1.1)`. Either may be missing (empty, 0); without both, `no status code`. Codes of
// different classes, as 550 with 4.7.1, are both shown.
std::string reason_title(std::string_view dsn, int smtp_code);

}  // namespace mailtrail::explain

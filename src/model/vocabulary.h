// The closed lists of the vocabulary: an enum a concept, and its words as they stand in JSON, columns and the search
// language.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace mailtrail::model {

// What a log line says happened.
enum class Kind : std::uint8_t {
  kConnect,
  kDisconnect,
  kReceive,
  kHeader,
  kQueue,
  kDelivery,
  kReject,
  kRemove,
  kHold,
  kRelease,
  kDelete,
  kRequeue,
  kExpire,
  kNotify,
  kAuth,
  kVerdict,
  kPolicy,
  kLogin,
  kMailbox,
  kTls,
  kEngagement,
  kNotice,
  kGap,
  kUnparsed,
};
inline constexpr int kKindCount = 24;

// How one delivery attempt ended, as the program states it.
enum class Status : std::uint8_t {
  kNone,
  kSent,
  kDeferred,
  kBounced,
  kExpired,
  kDiscarded,
  kHeld,
  kUndeliverable,
  kDeliverable,
  kRelayed,
};

// What became of a recipient in the end.
enum class Outcome : std::uint8_t {
  kUnknown,
  kDelivered,
  kBounced,
  kExpired,
  kDeferred,
  kDiscarded,
  kHeld,
  kDeleted,
  kRedirected,
  kDeliverable,
  kUndeliverable,
  kInTransit,
};
inline constexpr int kOutcomeCount = 12;

// The SMTP stage at which something was refused.
enum class Stage : std::uint8_t {
  kNone,
  kConnect,
  kHelo,
  kMail,
  kRcpt,
  kData,
  kEod,
  kAuth,
  kVrfy,
  kEtrn,
  kStarttls,
  kBdat,
};

// What was done with the refused thing. `pass`, `violation` are for policies.
enum class Action : std::uint8_t {
  kNone,
  kReject,
  kDefer,
  kDiscard,
  kFilter,
  kRedirect,
  kHold,
  kWarn,
  kQuarantine,
  kPass,
  kViolation,
};

enum class Severity : std::uint8_t { kNone, kDebug, kInfo, kWarning, kError, kFatal, kPanic };

enum class Topic : std::uint8_t {
  kNone,
  kStart,
  kStop,
  kReload,
  kConfig,
  kDns,
  kTls,
  kStorage,
  kQueue,
  kLimit,
  kNetwork,
  kStats,
  kOther,
};

enum class LoginResult : std::uint8_t { kNone, kSuccess, kFailure, kDisabled };

enum class Direction : std::uint8_t { kNone, kIn, kOut };

// How a stay in a queue hangs on the stay before it.
enum class Link : std::uint8_t { kNone, kFilter, kForward, kBounce, kRelay, kRequeue };

// The word of a value; empty for kNone.
std::string_view word(Kind value);
std::string_view word(Status value);
std::string_view word(Outcome value);
std::string_view word(Stage value);
std::string_view word(Action value);
std::string_view word(Severity value);
std::string_view word(Topic value);
std::string_view word(LoginResult value);
std::string_view word(Direction value);
std::string_view word(Link value);

// All words of an enum, by value; empty for kNone.
template <class Enum>
std::span<const std::string_view> words();

// The value of a word, in lower case as `word` gives it; nothing for another text.
template <class Enum>
std::optional<Enum> from_word(std::string_view text);

}  // namespace mailtrail::model

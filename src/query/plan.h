// Plan: a search, understood (DESIGN.md 4, "Search language").
//
// The language is compiled to this once; each road (streamed facts, and every store) evaluates the same plan.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace mailtrail::query {

// What a row of a result is (`--per`).
enum class Per : std::uint8_t { kAttempt, kRecipient, kMessage, kJourney, kRejection, kLogin, kEvent };
std::optional<Per> per_from_word(std::string_view word);
std::string_view word(Per per);

// What a term asks about: the words before the colon.
enum class Field : std::uint8_t {
  kAnyAddress,  // a bare word that holds `@`: sender, recipient, original recipients; with kExact the message id too
  kAnyText,     // another bare word: subject, ids, reply
  kFrom,
  kTo,
  kStatus,
  kReason,
  kActor,
  kAction,
  kCode,
  kDsn,
  kProvider,
  kClient,
  kUser,
  kHost,
  kQueue,
  kMessageId,
  kSubject,
  kRelay,
  kMailer,
  kStage,
  kSize,
  kDelay,
  kKind,
};

// How a term's value is compared.
enum class Match : std::uint8_t {
  kExact,        // the whole value; addresses and words in any case, a queue id as it is written
  kGlob,         // `*` stands for any run of bytes, all else for itself in any case; the whole value
  kDomain,       // an address at this domain: `@gmail.com` (subdomains are `@*.gmail.com`)
  kAddressPart,  // an address or user whose domain, local part or whole is this: `example.org`, `postmaster`
  kPart,         // holds this text (subjects, replies, bare words), ASCII letters in any case
  kPrefix,       // begins with this: whole parts between dots for dsn (`5.1`) and host (`mx1`), digits for code (`5xx`)
  kNetwork,      // an address of this network (CIDR, IPv4 or IPv6)
  kLess,
  kGreater,  // size in bytes, delay in microseconds
};

struct Network {
  std::uint8_t bytes[16] = {};  // IPv4 as v4-mapped IPv6; bits beyond `bits` are 0
  int bits = 0;                 // of 128
  bool operator==(const Network&) const = default;
};

struct Term {
  Field field = Field::kAnyText;
  Match match = Match::kPart;
  std::string text;  // lower case where the match ignores case; a message id without its angle brackets
  Network network;
  // kLess, kGreater and an exact size: bytes or microseconds. An exact code: itself. A bare word of 16 hex digits: the
  // journey or message key that it may be, else 0.
  std::int64_t number = 0;
  bool operator==(const Term&) const = default;
};

// A tree of conditions.
struct Expr {
  enum class Op : std::uint8_t { kTrue, kTerm, kNot, kAnd, kOr };
  Op op = Op::kTrue;
  Term term;
  std::vector<Expr> children;  // kNot: one; kAnd, kOr: two or more
  bool operator==(const Expr& other) const;
};

struct Plan {
  Expr where;
  // Half-open; from `since:` and `until:` at the top level, joined with --since and --until.
  std::optional<Micros> since, until;
  bool operator==(const Plan&) const = default;
};

// What relative and zoneless times mean.
struct TimeContext {
  Micros now = 0;  // `since:2d` counts back from here: the end of the log, not the clock
  int offset_minutes = 0;
};

// The longest search, in bytes, and the deepest nesting of parentheses and NOT, that are taken.
inline constexpr std::size_t kMaxSearchLength = 64 * 1024;
inline constexpr int kMaxSearchDepth = 64;

// The words of `status:`: those of model::Status and model::Outcome, `rejected`, and the results of a login (success,
// failure, disabled: on logins and events `login`). What each asks on each kind of row; `-` never matches:
//
//   word                    attempt            recipient, message, journey  rejection
//   sent, delivered         status sent        outcome delivered            -
//   deferred                status deferred    outcome deferred             action defer
//   bounced                 status bounced     outcome bounced              -
//   expired                 status expired     outcome expired              -
//   discarded               status discarded   outcome discarded            action discard
//   held                    status held        outcome held                 action hold
//   deliverable             that status        that outcome                 -
//   undeliverable           that status        that outcome                 -
//   relayed                 status relayed     status of the last attempt   -
//   redirected              outcome            outcome redirected           action redirect
//   deleted                 outcome            outcome deleted              -
//   in_transit, unknown     outcome            that outcome                 -
//   rejected                -                  -                            action reject or defer, or none stated
//
// An event has no outcome: `delivery` and `expire` are asked as an attempt's status, `reject` as a rejection.

// Understands a search (docs/search.md is the language). `text` may hold any bytes; the empty text is everything. Pure.
// Error.what holds the message, .where the text (the part around the mistake where it is long, control characters
// escaped) with a second line whose caret stands beneath the mistake, .remedy a suggestion (`did you mean from:?`).
Result<Plan> parse_search(std::string_view text, const TimeContext& context);

// The plan as a search in its normal form: parse_search of it gives an equal plan whatever the context, as long as its
// times lie in the years 0 to 9999. `plan` MUST come from parse_search.
std::string to_text(const Plan& plan);

// Terms that every match must hold, for roads that can look at the raw bytes first: a text that MUST stand in some raw
// line of every journey that matches (compared ignoring ASCII case), or nothing when there is no such text. An address
// without wildcards gives itself. What a log format may write escaped (JSON) is left out of it. `plan` MUST come from
// parse_search.
std::optional<std::string> required_text(const Plan& plan);

}  // namespace mailtrail::query

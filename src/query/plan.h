// Plan: a search, understood (DESIGN.md 4, "Search language").
//
// The language is compiled to this once; each road (streamed facts, and every store) evaluates the same plan.
#pragma once

#include <cstdint>
#include <memory>
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
  kAnyAddress,  // a bare word that holds `@`
  kAnyText,     // another bare word: subject, ids, reply
  kFrom, kTo, kStatus, kReason, kActor, kAction, kCode, kDsn, kProvider, kClient, kUser, kHost, kQueue, kMessageId,
  kSubject, kRelay, kMailer, kStage, kSize, kDelay, kKind,
};

// How a term's value is compared.
enum class Match : std::uint8_t {
  kExact,    // the whole value; addresses and words in any case
  kGlob,     // `*`
  kDomain,   // an address at this domain: `@gmail.com`
  kPart,     // holds this text (subjects, replies, bare words), ASCII letters in any case
  kPrefix,   // begins with this: `5.1` for dsn, `5xx` for code
  kNetwork,  // an address of this network (CIDR, IPv4 or IPv6)
  kLess, kGreater,  // size in bytes, delay in microseconds
};

struct Network {
  std::uint8_t bytes[16] = {};  // IPv4 as v4-mapped IPv6
  int bits = 0;                 // of 128
};

struct Term {
  Field field = Field::kAnyText;
  Match match = Match::kPart;
  std::string text;             // lower case where the match ignores case
  Network network;
  std::int64_t number = 0;
};

// A tree of conditions.
struct Expr {
  enum class Op : std::uint8_t { kTrue, kTerm, kNot, kAnd, kOr };
  Op op = Op::kTrue;
  Term term;
  std::vector<Expr> children;
};

struct Plan {
  Expr where;
  // Half-open; from `since:` and `until:` at the top level, joined with --since and --until.
  std::optional<Micros> since, until;
};

// What relative and zoneless times mean.
struct TimeContext {
  Micros now = 0;               // `since:2d` counts back from here: the end of the log, not the clock
  int offset_minutes = 0;
};

// A mistake in a search: `column` is the 1-based byte at which it stands.
// Error.what holds the message, .where the text with a caret line beneath it, .remedy a suggestion (`did you mean from:?`).
Result<Plan> parse_search(std::string_view text, const TimeContext& context);

// Terms that every match must hold, for roads that can look at the raw bytes first: a text that MUST stand in some raw line
// of every journey that matches (compared ignoring ASCII case), or nothing when there is no such text. An address without
// wildcards gives itself.
std::optional<std::string> required_text(const Plan& plan);

}  // namespace mailtrail::query

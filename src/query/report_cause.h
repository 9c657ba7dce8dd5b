// Why a server of ours refused something, told from its own words.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "model/event.h"

namespace mailtrail::query {

enum class Cause : std::uint8_t {
  kNoReverseDns,
  kBlocklist,
  kUnknownRecipient,
  kGreylisted,
  kRelayDenied,
  kSpf,
  kDmarc,
  kDkim,
  kHelo,
  kSenderDomain,
  kSenderNotOwned,
  kRateLimit,
  kSyntax,
  kSize,
  kMailboxFull,
  kTlsRequired,
  kAuthRequired,
  kContent,
  kUnavailable,
  kAccessRule,
  kOther,
};
inline constexpr std::size_t kCauseCount = 21;

// The stable word, `no_reverse_dns`, and what a person reads, `no reverse DNS`.
std::string_view word(Cause cause);
std::string_view title(Cause cause);

// Decides the cause of a refusal from the blocklist that it names, the phrases of its text, its status code (RFC 3463)
// and its stage, in this order; the first phrase of the table that stands in the text wins. What stands in `<...>` and
// `[...]` is not looked at: the client wrote it. Remembers the last answers by the shape of the text, so that a known
// refusal costs one pass over it. Not thread-safe.
class CauseFinder {
 public:
  Cause cause_of(const model::event::Reject& reject);

 private:
  struct Known {
    std::uint64_t shape = 0;
    Cause cause = Cause::kOther;
  };
  std::array<Known, 4096> known_{};
};

}  // namespace mailtrail::query

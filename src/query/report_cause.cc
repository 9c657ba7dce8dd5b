#include "query/report_cause.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <iterator>

#include "base/folded_key.h"
#include "base/hash.h"
#include "base/text.h"

namespace mailtrail::query {
namespace {

struct CauseName {
  std::string_view word;
  std::string_view title;
};
constexpr auto kNames = std::to_array<CauseName>({
    {"no_reverse_dns", "no reverse DNS"},
    {"blocklist", "blocklist"},
    {"unknown_recipient", "unknown recipient"},
    {"greylisted", "greylisted"},
    {"relay_denied", "relay denied"},
    {"spf", "SPF"},
    {"dmarc", "DMARC"},
    {"dkim", "DKIM"},
    {"helo", "HELO name"},
    {"sender_domain", "sender domain"},
    {"sender_not_owned", "sender not the login's"},
    {"rate_limit", "rate limit"},
    {"syntax", "syntax or protocol"},
    {"size", "too large"},
    {"mailbox_full", "mailbox full"},
    {"tls_required", "TLS required"},
    {"auth_required", "login required"},
    {"content", "content or header"},
    {"unavailable", "service unavailable"},
    {"access_rule", "access rule or policy"},
    {"other", "other"},
});
static_assert(kNames.size() == kCauseCount);

struct Phrase {
  std::string_view text;  // lower case; `#` stands for a run of digits
  Cause cause;
};

// What Postfix, postgrey, policyd-spf, Exim, Sendmail and OpenSMTPD say. The narrower phrase stands before the wider.
constexpr Phrase kPhrases[] = {
    {"blocked using", Cause::kBlocklist},
    {"is in a black list", Cause::kBlocklist},
    {"listed at ", Cause::kBlocklist},
    {"listed in ", Cause::kBlocklist},
    {"listed by ", Cause::kBlocklist},
    {"blacklist", Cause::kBlocklist},
    {"blocklist", Cause::kBlocklist},
    {"dnsbl", Cause::kBlocklist},
    {"spamhaus", Cause::kBlocklist},
    {"greylist", Cause::kGreylisted},
    {"graylist", Cause::kGreylisted},
    {"cannot find your hostname", Cause::kNoReverseDns},
    {"cannot find your reverse hostname", Cause::kNoReverseDns},
    {"reverse dns", Cause::kNoReverseDns},
    {"reverse hostname", Cause::kNoReverseDns},
    {"ptr record", Cause::kNoReverseDns},
    {"fix reverse", Cause::kNoReverseDns},
    {"ip name lookup failed", Cause::kNoReverseDns},
    {"relay access denied", Cause::kRelayDenied},
    {"relaying denied", Cause::kRelayDenied},
    {"relay not permitted", Cause::kRelayDenied},
    {"relaying not", Cause::kRelayDenied},
    {"do not relay", Cause::kRelayDenied},
    {"unable to relay", Cause::kRelayDenied},
    {"improper relay", Cause::kRelayDenied},
    {"spf fail", Cause::kSpf},
    {"spf softfail", Cause::kSpf},
    {"spf permerror", Cause::kSpf},
    {"spf temperror", Cause::kSpf},
    {"due to: spf", Cause::kSpf},
    {"spf check", Cause::kSpf},
    {"openspf", Cause::kSpf},
    {"spf record", Cause::kSpf},
    {"dmarc", Cause::kDmarc},
    {"dkim", Cause::kDkim},
    {"not logged in", Cause::kSenderNotOwned},
    {"not owned by user", Cause::kSenderNotOwned},
    {"size exceeds", Cause::kSize},
    {"size limit", Cause::kSize},
    {"too large", Cause::kSize},
    {"too big", Cause::kSize},
    {"maximum message size", Cause::kSize},
    {"2.3", Cause::kSize},
    {"3.4", Cause::kSize},
    {"too many", Cause::kRateLimit},
    {"rate limit", Cause::kRateLimit},
    {"rate exceeded", Cause::kRateLimit},
    {"limit exceeded", Cause::kRateLimit},
    {"too fast", Cause::kRateLimit},
    {"too frequent", Cause::kRateLimit},
    {"throttl", Cause::kRateLimit},
    {"too much mail", Cause::kRateLimit},
    {"helo command rejected", Cause::kHelo},
    {"ehlo command rejected", Cause::kHelo},
    {"invalid helo", Cause::kHelo},
    {"helo required", Cause::kHelo},
    {"helo name", Cause::kHelo},
    {"helo argument", Cause::kHelo},
    {"invalid domain name", Cause::kHelo},
    {"must issue a starttls", Cause::kTlsRequired},
    {"starttls command first", Cause::kTlsRequired},
    {"encryption required", Cause::kTlsRequired},
    {"tls required", Cause::kTlsRequired},
    {"session encryption is required", Cause::kTlsRequired},
    {"authentication required", Cause::kAuthRequired},
    {"must authenticate", Cause::kAuthRequired},
    {"authentication failed", Cause::kAuthRequired},
    {"authenticate first", Cause::kAuthRequired},
    {"over quota", Cause::kMailboxFull},
    {"quota exceeded", Cause::kMailboxFull},
    {"exceeded quota", Cause::kMailboxFull},
    {"exceeded storage", Cause::kMailboxFull},
    {"mailbox is full", Cause::kMailboxFull},
    {"mailbox full", Cause::kMailboxFull},
    {"sender address rejected: domain", Cause::kSenderDomain},
    {"sender address rejected: unverified", Cause::kSenderDomain},
    {"sender address rejected: malformed dns", Cause::kSenderDomain},
    {"sender address rejected: undeliverable", Cause::kSenderDomain},
    {"sender address rejected: need fully-qualified", Cause::kSenderDomain},
    {"nullmx", Cause::kSenderDomain},
    {"sender verify fail", Cause::kSenderDomain},
    {"domain of sender address", Cause::kSenderDomain},
    {"sender domain", Cause::kSenderDomain},
    {"unrouteable sender", Cause::kSenderDomain},
    {"domain name required for sender", Cause::kSenderDomain},
    {"user unknown", Cause::kUnknownRecipient},
    {"recipient address rejected: domain", Cause::kUnknownRecipient},
    {"unknown user", Cause::kUnknownRecipient},
    {"no such user", Cause::kUnknownRecipient},
    {"no such recipient", Cause::kUnknownRecipient},
    {"no such person", Cause::kUnknownRecipient},
    {"no such mailbox", Cause::kUnknownRecipient},
    {"unknown recipient", Cause::kUnknownRecipient},
    {"recipient unknown", Cause::kUnknownRecipient},
    {"undeliverable address", Cause::kUnknownRecipient},
    {"unverified address", Cause::kUnknownRecipient},
    {"unrouteable address", Cause::kUnknownRecipient},
    {"invalid recipient", Cause::kUnknownRecipient},
    {"invalid mailbox", Cause::kUnknownRecipient},
    {"mailbox not found", Cause::kUnknownRecipient},
    {"does not exist", Cause::kUnknownRecipient},
    {"the domain has moved", Cause::kUnknownRecipient},
    {"has moved", Cause::kUnknownRecipient},
    {"pipelining", Cause::kSyntax},
    {"syntax", Cause::kSyntax},
    {"need fully-qualified", Cause::kSyntax},
    {"multi-recipient bounce", Cause::kSyntax},
    {"bare newline", Cause::kSyntax},
    {"bare <>", Cause::kSyntax},
    {"protocol error", Cause::kSyntax},
    {"protocol synchronization", Cause::kSyntax},
    {"command not recognized", Cause::kSyntax},
    {"command rejected: invalid", Cause::kSyntax},
    {"unrecognized command", Cause::kSyntax},
    {"need mail command", Cause::kSyntax},
    {"need rcpt", Cause::kSyntax},
    {"non-smtp command", Cause::kSyntax},
    {"spam", Cause::kContent},
    {"virus", Cause::kContent},
    {"infected", Cause::kContent},
    {"malware", Cause::kContent},
    {"banned", Cause::kContent},
    {"message content", Cause::kContent},
    {"content reject", Cause::kContent},
    {"attachment", Cause::kContent},
    {"unavailable", Cause::kUnavailable},
    {"server configuration", Cause::kUnavailable},
    {"lookup failure", Cause::kUnavailable},
    {"temporary failure", Cause::kUnavailable},
    {"temporary local problem", Cause::kUnavailable},
    {"maintenance", Cause::kUnavailable},
    {"insufficient system", Cause::kUnavailable},
    {"system storage", Cause::kUnavailable},
    {"try again", Cause::kUnavailable},
    {"try later", Cause::kUnavailable},
    {"access denied", Cause::kAccessRule},
    {"policy", Cause::kAccessRule},
    {"prohibit", Cause::kAccessRule},
    {"not allowed", Cause::kAccessRule},
    {"not permitted", Cause::kAccessRule},
    {"address rejected", Cause::kAccessRule},
    {"host rejected", Cause::kAccessRule},
};

// Enhanced status codes (IANA registry "SMTP Enhanced Status Codes"), class left out.
constexpr Phrase kCodes[] = {
    {"1.1", Cause::kUnknownRecipient},
    {"1.2", Cause::kUnknownRecipient},
    {"1.3", Cause::kSyntax},
    {"1.6", Cause::kUnknownRecipient},
    {"1.7", Cause::kSenderDomain},
    {"1.8", Cause::kSenderDomain},
    {"1.10", Cause::kUnknownRecipient},
    {"2.1", Cause::kUnknownRecipient},
    {"2.2", Cause::kMailboxFull},
    {"3.2", Cause::kUnavailable},
    {"3.5", Cause::kUnavailable},
    {"5.0", Cause::kSyntax},
    {"5.1", Cause::kSyntax},
    {"5.2", Cause::kSyntax},
    {"5.4", Cause::kSyntax},
    {"6.0", Cause::kContent},
    {"7.8", Cause::kAuthRequired},
    {"7.9", Cause::kAuthRequired},
    {"7.10", Cause::kTlsRequired},
    {"7.11", Cause::kTlsRequired},
    {"7.20", Cause::kDkim},
    {"7.21", Cause::kDkim},
    {"7.22", Cause::kDkim},
    {"7.23", Cause::kSpf},
    {"7.24", Cause::kSpf},
    {"7.25", Cause::kNoReverseDns},
    {"7.26", Cause::kDmarc},
    {"7.27", Cause::kSenderDomain},
    {"7.28", Cause::kRateLimit},
    {"7.1", Cause::kAccessRule},
};

// Marks, at its highest bit, each byte of eight that is a digit, one of `:;<=>?`, or `[`.
std::uint64_t marks_of(std::uint64_t word) {
  constexpr std::uint64_t kEach = 0x0101010101010101ULL;
  const std::uint64_t seven = word & (kEach * 0x7F);
  const std::uint64_t from_zero = seven + kEach * (0x80 - '0');
  const std::uint64_t past_question_mark = seven + kEach * (0x80 - '?' - 1);
  const std::uint64_t other = word ^ (kEach * '[');
  const std::uint64_t not_bracket = ((other & (kEach * 0x7F)) + kEach * 0x7F) | other;
  return (((from_zero ^ past_question_mark) & ~word) | ~not_bracket) & (kEach * 0x80);
}

// `text` in lower case, each run of digits one `#`, without what stands in angle or square brackets. At most 512 bytes.
class Folded {
 public:
  void append(std::string_view text) {
    for (std::size_t at = 0; at < text.size();) {
      at += append_plain(text.substr(at));
      if (at < text.size()) at += append_one(text.substr(at));
    }
  }
  std::string_view view() const { return {bytes_.data(), size_}; }

 private:
  // Appends what `text` begins with, eight bytes at a time, up to a byte that may not be kept as it is. Gives how many
  // bytes it took.
  std::size_t append_plain(std::string_view text) {
    std::size_t at = 0;
    while (at + 8 <= text.size() && size_ + 8 <= bytes_.size()) {
      std::uint64_t word;
      std::memcpy(&word, text.data() + at, 8);
      const std::uint64_t marks = marks_of(word);
      const std::uint64_t lower = FoldedKey::lower(word);
      std::memcpy(bytes_.data() + size_, &lower, 8);
      const int zeros = std::endian::native == std::endian::little ? std::countr_zero(marks) : std::countl_zero(marks);
      const auto plain = static_cast<std::size_t>(zeros) / 8;
      at += plain;
      size_ += plain;
      if (plain < 8) break;
    }
    return at;
  }
  // Appends the byte, the digits or the brackets that `text` begins with. Gives how many bytes it took.
  std::size_t append_one(std::string_view text) {
    const char c = text.front();
    if (is_digit(c)) {
      std::size_t digits = 1;
      while (digits < text.size() && is_digit(text[digits])) ++digits;
      if (size_ == 0 || bytes_[size_ - 1] != '#') put('#');
      return digits;
    }
    put(to_lower(c));
    if (c != '<' && c != '[') return 1;
    const char closing = c == '<' ? '>' : ']';
    const std::size_t end = text.find(closing, 1);
    if (end == std::string_view::npos) return text.size();
    put(closing);
    return end + 1;
  }
  void put(char c) {
    if (size_ < bytes_.size()) bytes_[size_++] = c;
  }
  std::array<char, 512> bytes_;
  std::size_t size_ = 0;
};

Cause decide(const model::event::Reject& reject, std::string_view text) {
  if (!reject.blocklist.empty()) return Cause::kBlocklist;
  for (const Phrase& phrase : kPhrases) {
    if (text.find(phrase.text) != std::string_view::npos) return phrase.cause;
  }
  if (!reject.header_name.empty()) return Cause::kContent;
  if (reject.dsn.size() > 2) {
    for (const Phrase& code : kCodes) {
      if (reject.dsn.substr(2) == code.text) return code.cause;
    }
  }
  switch (reject.stage) {
    case model::Stage::kHelo:
      return Cause::kHelo;
    case model::Stage::kAuth:
      return Cause::kAuthRequired;
    case model::Stage::kStarttls:
      return Cause::kTlsRequired;
    default:
      return Cause::kOther;
  }
}

}  // namespace

std::string_view word(Cause cause) {
  return kNames[static_cast<std::size_t>(cause)].word;
}
std::string_view title(Cause cause) {
  return kNames[static_cast<std::size_t>(cause)].title;
}

Cause CauseFinder::cause_of(const model::event::Reject& reject) {
  Folded text;
  text.append(reject.reply);
  text.append(" ");
  text.append(reject.reason);
  const std::uint64_t flags = (reject.blocklist.empty() ? 0u : 1u) | (reject.header_name.empty() ? 0u : 2u) |
                              (static_cast<std::uint64_t>(reject.stage) << 8);
  // Never 0, which stands for an empty place.
  const std::uint64_t shape = hash_bytes(text.view(), hash_bytes(reject.dsn, flags)) | 1;
  Known& known = known_[(shape >> 20) % known_.size()];
  if (known.shape != shape) known = {shape, decide(reject, text.view())};
  return known.cause;
}

}  // namespace mailtrail::query

#include "model/vocabulary.h"

#include <array>

namespace mailtrail::model {
namespace {

template <class Enum>
struct Words;

#define MAILTRAIL_WORDS(Enum, ...)                                                \
  template <>                                                                     \
  struct Words<Enum> {                                                            \
    static constexpr auto kList = std::to_array<std::string_view>({__VA_ARGS__}); \
  };

MAILTRAIL_WORDS(Kind, "connect", "disconnect", "receive", "header", "queue", "delivery", "reject", "remove", "hold",
                "release", "delete", "requeue", "expire", "notify", "auth", "verdict", "policy", "login", "mailbox",
                "tls", "engagement", "notice", "gap", "unparsed")
MAILTRAIL_WORDS(Status, "", "sent", "deferred", "bounced", "expired", "discarded", "held", "undeliverable",
                "deliverable", "relayed")
MAILTRAIL_WORDS(Outcome, "unknown", "delivered", "bounced", "expired", "deferred", "discarded", "held", "deleted",
                "redirected", "deliverable", "undeliverable", "in_transit")
MAILTRAIL_WORDS(Stage, "", "connect", "helo", "mail", "rcpt", "data", "eod", "auth", "vrfy", "etrn", "starttls", "bdat")
MAILTRAIL_WORDS(Action, "", "reject", "defer", "discard", "filter", "redirect", "hold", "warn", "quarantine", "pass",
                "violation")
MAILTRAIL_WORDS(Severity, "", "debug", "info", "warning", "error", "fatal", "panic")
MAILTRAIL_WORDS(Topic, "", "start", "stop", "reload", "config", "dns", "tls", "storage", "queue", "limit", "network",
                "stats", "other")
MAILTRAIL_WORDS(LoginResult, "", "success", "failure", "disabled")
MAILTRAIL_WORDS(Direction, "", "in", "out")
MAILTRAIL_WORDS(Link, "", "filter", "forward", "bounce", "relay", "requeue")
#undef MAILTRAIL_WORDS

static_assert(Words<Kind>::kList.size() == kKindCount);
static_assert(Words<Outcome>::kList.size() == kOutcomeCount);

template <class Enum>
std::string_view word_of(Enum value) {
  return Words<Enum>::kList[static_cast<std::size_t>(value)];
}

}  // namespace

std::string_view word(Kind value) {
  return word_of(value);
}
std::string_view word(Status value) {
  return word_of(value);
}
std::string_view word(Outcome value) {
  return word_of(value);
}
std::string_view word(Stage value) {
  return word_of(value);
}
std::string_view word(Action value) {
  return word_of(value);
}
std::string_view word(Severity value) {
  return word_of(value);
}
std::string_view word(Topic value) {
  return word_of(value);
}
std::string_view word(LoginResult value) {
  return word_of(value);
}
std::string_view word(Direction value) {
  return word_of(value);
}
std::string_view word(Link value) {
  return word_of(value);
}

template <class Enum>
std::span<const std::string_view> words() {
  return Words<Enum>::kList;
}

template std::span<const std::string_view> words<Kind>();
template std::span<const std::string_view> words<Status>();
template std::span<const std::string_view> words<Outcome>();
template std::span<const std::string_view> words<Stage>();
template std::span<const std::string_view> words<Action>();
template std::span<const std::string_view> words<Severity>();
template std::span<const std::string_view> words<Topic>();
template std::span<const std::string_view> words<LoginResult>();
template std::span<const std::string_view> words<Direction>();
template std::span<const std::string_view> words<Link>();

template <class Enum>
std::optional<Enum> from_word(std::string_view text) {
  const auto& list = Words<Enum>::kList;
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (!text.empty() && list[i] == text) return static_cast<Enum>(i);
  }
  return std::nullopt;
}

template std::optional<Kind> from_word<Kind>(std::string_view);
template std::optional<Status> from_word<Status>(std::string_view);
template std::optional<Outcome> from_word<Outcome>(std::string_view);
template std::optional<Stage> from_word<Stage>(std::string_view);
template std::optional<Action> from_word<Action>(std::string_view);
template std::optional<Severity> from_word<Severity>(std::string_view);
template std::optional<Topic> from_word<Topic>(std::string_view);
template std::optional<LoginResult> from_word<LoginResult>(std::string_view);
template std::optional<Direction> from_word<Direction>(std::string_view);
template std::optional<Link> from_word<Link>(std::string_view);

}  // namespace mailtrail::model

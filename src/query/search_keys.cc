#include "query/search_keys.h"

#include <algorithm>
#include <array>
#include <vector>

#include "base/text.h"
#include "model/vocabulary.h"

namespace mailtrail::query {
namespace {

using Sort = SearchKey::Sort;

struct KeyName {
  std::string_view name;
  SearchKey key;
};

// The first name of a field is the one under which it is written; the others are the names of EVENTS.md and what people
// type from habit.
constexpr KeyName kKeys[] = {
    {"from", {Sort::kField, Field::kFrom}},
    {"to", {Sort::kField, Field::kTo}},
    {"status", {Sort::kField, Field::kStatus}},
    {"reason", {Sort::kField, Field::kReason}},
    {"actor", {Sort::kField, Field::kActor}},
    {"action", {Sort::kField, Field::kAction}},
    {"code", {Sort::kField, Field::kCode}},
    {"dsn", {Sort::kField, Field::kDsn}},
    {"provider", {Sort::kField, Field::kProvider}},
    {"client", {Sort::kField, Field::kClient}},
    {"user", {Sort::kField, Field::kUser}},
    {"host", {Sort::kField, Field::kHost}},
    {"queue", {Sort::kField, Field::kQueue}},
    {"msgid", {Sort::kField, Field::kMessageId}},
    {"subject", {Sort::kField, Field::kSubject}},
    {"relay", {Sort::kField, Field::kRelay}},
    {"mailer", {Sort::kField, Field::kMailer}},
    {"stage", {Sort::kField, Field::kStage}},
    {"size", {Sort::kField, Field::kSize}},
    {"delay", {Sort::kField, Field::kDelay}},
    {"kind", {Sort::kField, Field::kKind}},
    {"since", {Sort::kSince, {}}},
    {"until", {Sort::kUntil, {}}},
};
constexpr KeyName kSynonyms[] = {
    {"sender", {Sort::kField, Field::kFrom}},
    {"recipient", {Sort::kField, Field::kTo}},
    {"rcpt", {Sort::kField, Field::kTo}},
    {"outcome", {Sort::kField, Field::kStatus}},
    {"smtp_code", {Sort::kField, Field::kCode}},
    {"ip", {Sort::kField, Field::kClient}},
    {"client_ip", {Sort::kField, Field::kClient}},
    {"client_name", {Sort::kField, Field::kClient}},
    {"sasl_user", {Sort::kField, Field::kUser}},
    {"id", {Sort::kField, Field::kQueue}},
    {"queue_id", {Sort::kField, Field::kQueue}},
    {"message_id", {Sort::kField, Field::kMessageId}},
    {"message-id", {Sort::kField, Field::kMessageId}},
    {"relay_host", {Sort::kField, Field::kRelay}},
    {"relay_ip", {Sort::kField, Field::kRelay}},
};

constexpr std::string_view kStatusWords[] = {"delivered", "sent",       "deferred", "bounced",     "expired",
                                             "rejected",  "discarded",  "held",     "deliverable", "undeliverable",
                                             "relayed",   "redirected", "deleted",  "in_transit",  "unknown",
                                             "success",   "failure",    "disabled"};

// Edits from `a` to `b`; a swap of two neighbours is one edit.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1), last(b.size() + 1), now(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    now[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = to_lower(a[i - 1]) == to_lower(b[j - 1]) ? 0 : 1;
      now[j] = std::min({last[j] + 1, now[j - 1] + 1, last[j - 1] + change});
      if (i > 1 && j > 1 && to_lower(a[i - 1]) == to_lower(b[j - 2]) && to_lower(a[i - 2]) == to_lower(b[j - 1])) {
        now[j] = std::min(now[j], before[j - 2] + 1);
      }
    }
    before.swap(last);
    last.swap(now);
  }
  return last[b.size()];
}

template <class Enum>
std::vector<std::string_view> words_up_to(Enum last) {
  std::vector<std::string_view> words;
  for (int i = 0; i <= static_cast<int>(last); ++i) {
    const std::string_view word = model::word(static_cast<Enum>(i));
    if (!word.empty()) words.push_back(word);
  }
  return words;
}

}  // namespace

std::optional<SearchKey> search_key(std::string_view name) {
  for (const KeyName& entry : kKeys) {
    if (equals_ignoring_case(entry.name, name)) return entry.key;
  }
  for (const KeyName& entry : kSynonyms) {
    if (equals_ignoring_case(entry.name, name)) return entry.key;
  }
  return std::nullopt;
}

std::string_view name_of(Field field) {
  if (field == Field::kAnyAddress || field == Field::kAnyText) return {};
  for (const KeyName& entry : kKeys) {
    if (entry.key.sort == Sort::kField && entry.key.field == field) return entry.name;
  }
  return {};
}

std::string all_key_names() {
  std::string names;
  for (const KeyName& entry : kKeys) {
    if (!names.empty()) names += ' ';
    names += entry.name;
    names += ':';
  }
  return names;
}

std::string_view nearest(std::string_view word, std::span<const std::string_view> names) {
  // Longer than any word by more than the edits that are allowed.
  if (word.empty() || word.size() > 24) return {};
  // One slip in three letters: more of them make another word.
  std::size_t least = std::max<std::size_t>(1, word.size() / 3) + 1;
  std::string_view found;
  for (const std::string_view name : names) {
    const std::size_t distance = edit_distance(word, name);
    if (distance < least && distance < name.size()) {
      least = distance;
      found = name;
    }
  }
  return found;
}

std::string_view nearest_key(std::string_view word) {
  std::array<std::string_view, std::size(kKeys) + std::size(kSynonyms)> names;
  std::size_t count = 0;
  for (const KeyName& entry : kKeys) names[count++] = entry.name;
  for (const KeyName& entry : kSynonyms) names[count++] = entry.name;
  return nearest(word, names);
}

std::span<const std::string_view> closed_words(Field field) {
  static const std::vector<std::string_view> kKinds = words_up_to(model::Kind::kUnparsed);
  static const std::vector<std::string_view> kStages = words_up_to(model::Stage::kBdat);
  if (field == Field::kStatus) return kStatusWords;
  if (field == Field::kKind) return kKinds;
  if (field == Field::kStage) return kStages;
  return {};
}

}  // namespace mailtrail::query

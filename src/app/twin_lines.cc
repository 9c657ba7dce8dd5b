#include "app/twin_lines.h"

#include "base/hash.h"

namespace mailtrail::app {
namespace {

using model::Event;
using model::Kind;

struct TextHasher {
  std::uint64_t& hash;
  void operator()(std::string_view, const model::Text& text) const { hash = hash_bytes(text, hash); }
  template <class T>
  void operator()(std::string_view, const T&) const {}
};

std::uint64_t hash_of(const Event& event) {
  std::uint64_t hash = hash_bytes(event.queue_id, mix_hash(static_cast<std::uint64_t>(event.kind), event.at.length));
  hash = hash_bytes(event.host, mix_hash(hash, static_cast<std::uint64_t>(event.pid)));
  model::visit_body(event, [&hash](const auto& body) { body.fields(TextHasher{hash}); });
  return hash;
}

bool is_named_as_copy(std::string_view name) {
  const std::size_t slash = name.rfind('/');
  if (slash != std::string_view::npos) name.remove_prefix(slash + 1);
  return name.find("reject") != std::string_view::npos || name.find("panic") != std::string_view::npos;
}

}  // namespace

TwinLines::TwinLines(const std::vector<std::string>& names) {
  bool any_main = false;
  for (const std::string& name : names) {
    is_copy_.push_back(is_named_as_copy(name));
    any_ = any_ || is_copy_.back();
    any_main = any_main || !is_copy_.back();
  }
  any_ = any_ && any_main;
}

bool TwinLines::is_second(const Event& event) {
  if (!any_ || event.dialect != "exim" || event.at.source >= is_copy_.size()) return false;
  const bool told = event.kind == Kind::kReject || event.kind == Kind::kLogin || event.kind == Kind::kNotice ||
                    event.kind == Kind::kDisconnect || event.kind == Kind::kTls;
  if (!told) return false;
  // The events of several files come in the order of time.
  constexpr std::size_t kMost = 100'000;
  if (event.time != time_ || seen_.size() > kMost) {
    seen_.clear();
    time_ = event.time;
  }
  Seen& seen = seen_[hash_of(event)];
  const bool copy = is_copy_[event.at.source];
  std::uint32_t& own = copy ? seen.copies : seen.main;
  ++own;
  return own <= (copy ? seen.main : seen.copies);
}

}  // namespace mailtrail::app

// ExtraList: what a line states beside the vocabulary, gathered while the line is read.
#pragma once

#include <algorithm>
#include <array>
#include <string_view>

#include "dialect/dialect.h"

namespace mailtrail::dialect {

// Up to kMost name-value pairs; what comes after is left out, so that a hostile line costs no more than a long one.
class ExtraList {
 public:
  static constexpr std::size_t kMost = 24;

  // An empty value is not added. `name` and `value` MUST live as long as the event's line or arena.
  void add(std::string_view name, std::string_view value) {
    if (value.empty() || count_ == kMost) return;
    items_[count_++] = {name, value};
  }

  // Adds what `others` holds.
  void append(const ExtraList& others) {
    for (std::size_t i = 0; i < others.count_; ++i) add(others.items_[i].name, others.items_[i].value);
  }

  // Hangs the pairs on the event that `out` made last; nothing when there are none.
  void attach(Emitter& out) const {
    if (count_ == 0) return;
    auto* copy = static_cast<model::Extra*>(out.arena().allocate(count_ * sizeof(model::Extra), alignof(model::Extra)));
    std::copy_n(items_.begin(), count_, copy);
    out.last().extra = {copy, count_};
  }

 private:
  std::array<model::Extra, kMost> items_;
  std::size_t count_ = 0;
};

// Appends a notice with the whole text of the record, and true.
inline bool emit_notice(Emitter& out, model::Severity severity, model::Topic topic, std::string_view queue_id = {}) {
  auto& notice = out.emit<model::event::Notice>(queue_id);
  notice.severity = severity;
  notice.topic = topic;
  notice.text = out.record().text;
  return true;
}

}  // namespace mailtrail::dialect

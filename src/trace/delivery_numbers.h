// DeliveryNumbers: deliveries that a mail program numbers, and whose end names the number alone.
//
// qmail-send (qmail-log(5)) says `starting delivery 7: msg 93 to remote a@example.com`, and later `delivery 7: success:
// ...`. Numbers begin anew when it does.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "base/hash.h"
#include "base/time.h"

namespace mailtrail::trace {

struct StartedDelivery {
  std::uint64_t place = 0;  // of its host and number
  Micros time = 0;
  std::string queue_id, recipient;
  bool local = false;
};

// What was started and has not ended. Holds the last kMost at most. Not thread-safe.
class DeliveryNumbers {
 public:
  static constexpr std::size_t kMost = 4096;

  static std::uint64_t place_of(std::string_view host, std::string_view number) {
    return hash_bytes(number, hash_bytes(host));
  }

  void start(StartedDelivery delivery) {
    if (started_.size() >= kMost && !started_.contains(delivery.place)) {
      const auto oldest = std::min_element(started_.begin(), started_.end(), [](const auto& a, const auto& b) {
        return std::pair(a.second.time, a.first) < std::pair(b.second.time, b.first);
      });
      started_.erase(oldest);
    }
    const std::uint64_t place = delivery.place;
    started_.insert_or_assign(place, std::move(delivery));
  }
  // Takes it out; nothing where it was not started, or that was forgotten.
  std::optional<StartedDelivery> end(std::uint64_t place) {
    auto found = started_.extract(place);
    if (found.empty()) return std::nullopt;
    return std::move(found.mapped());
  }

  const std::unordered_map<std::uint64_t, StartedDelivery>& all() const { return started_; }

 private:
  std::unordered_map<std::uint64_t, StartedDelivery> started_;
};

}  // namespace mailtrail::trace

// What the parts of a journey say twice is kept once: each part is packed before it is written, and unpacked after it
// is read, against the parts before it. docs/design/store.md has the columns.
//
// A packed fact has the members of the fact, of which those that follow from elsewhere are blank, and a KeptWith, whose
// columns stand before those of the fact.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/arena.h"
#include "model/fact_columns.h"

namespace mailtrail::store::duckdb {

// What a fact of this kind is kept with beside its own columns; nothing for most.
template <class Fact>
struct KeptWith {};
template <class Fact, class V>
void columns(const KeptWith<Fact>&, V&&) {}

template <>
struct KeptWith<model::fact::Message> {
  // Columns that say what other columns say: they are blank.
  enum Same : std::uint16_t {
    kKey = 1 << 0,        // message_key: the journey's
    kMessageId = 1 << 1,  // these: the journey's
    kSender = 1 << 2,
    kSubject = 1 << 3,
    kSize = 1 << 4,
    kFirstSeen = 1 << 5,  // the journey's `received`
    kLastSeen = 1 << 6,   // the journey's
    kReceived = 1 << 7,   // first_seen
    kRemoved = 1 << 8,    // last_seen
  };
  std::uint32_t stay = 0;  // its place among those of its journey, from 1
  std::uint16_t same = 0;
};
template <class V>
void columns(const KeptWith<model::fact::Message>& place, V&& v) {
  v("stay", place.stay), v("same", place.same);
}

template <>
struct KeptWith<model::fact::Delivery> {
  enum Same : std::uint16_t {
    kTime = 1 << 0,  // the journey's last_seen
    // The first of these in the reply is a control character (kReplyMarks).
    kRemoteQueueId = 1 << 1,
    kRecipient = 1 << 2,
    kRelayHost = 1 << 3,
    kRelayIp = 1 << 4,
  };
  std::uint32_t place = 0;  // its place among those of its journey, from 1
  std::uint32_t stay = 0;   // that of its message, whose message_key it has; 0: message_key says
  std::uint16_t same = 0;
};
template <class V>
void columns(const KeptWith<model::fact::Delivery>& place, V&& v) {
  v("place", place.place), v("stay", place.stay), v("same", place.same);
}

template <>
struct KeptWith<model::fact::Recipient> {
  enum Same : std::uint16_t {
    kDecided = 1 << 0,  // `decided` is the time of the delivery
  };
  // The place of the delivery that says all of it but `orig_recipients`, `attempts`, `decided` and `internal`; 0: none.
  std::uint32_t decided_by = 0;
  std::uint16_t same = 0;
};
template <class V>
void columns(const KeptWith<model::fact::Recipient>& place, V&& v) {
  v("decided_by", place.decided_by), v("same", place.same);
}

// Stands in a reply for what the Same of this number names.
inline constexpr char kFirstReplyMark = '\x1A';

// Packs the parts of one journey: first `begin`, then each part in order. What it gives lives until the next call.
class JourneyPacker {
 public:
  void begin(const model::fact::Journey& journey);

  template <class Fact>
  using Packed = std::pair<KeptWith<Fact>, Fact>;

  const Packed<model::fact::Message>& pack(const model::fact::Message& message);
  const Packed<model::fact::Delivery>& pack(const model::fact::Delivery& delivery);
  const Packed<model::fact::Recipient>& pack(const model::fact::Recipient& recipient);
  // All else is as it is.
  template <class Fact>
  Packed<Fact> pack(const Fact& fact) {
    return {{}, fact};
  }

 private:
  std::uint32_t stay_of(std::uint64_t message_key);
  // The last delivery to the recipient as it is written there, from 1; 0: none.
  std::uint32_t last_delivery_to(std::string_view recipient);
  void pack_reply(KeptWith<model::fact::Delivery>& place, model::event::Delivery& event);

  const model::fact::Journey* journey_ = nullptr;
  std::uint32_t messages_ = 0, deliveries_ = 0;
  bool indexed_ = false;
  std::unordered_map<std::uint64_t, std::uint32_t> stays_;             // of a journey of many parts
  std::unordered_map<std::string_view, std::uint32_t> last_delivery_;  // likewise
  Packed<model::fact::Message> message_;
  Packed<model::fact::Delivery> delivery_;
  Packed<model::fact::Recipient> recipient_;
  std::string reply_;
};

// The opposite: fills the blanks of what was read. The messages MUST be unpacked before the deliveries, and these
// before the recipients. A place that names a part that is not there fills nothing.
void unpack(const model::fact::Journey& journey, std::span<const KeptWith<model::fact::Message>> places,
            std::span<model::fact::Message> messages);
void unpack(const model::fact::Journey& journey, std::span<const model::fact::Message> messages,
            std::span<const KeptWith<model::fact::Delivery>> places, std::span<model::fact::Delivery> deliveries,
            Arena& arena);
void unpack(std::span<const model::fact::Delivery> deliveries, std::span<const KeptWith<model::fact::Recipient>> places,
            std::span<model::fact::Recipient> recipients);

}  // namespace mailtrail::store::duckdb

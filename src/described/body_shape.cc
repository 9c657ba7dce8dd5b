#include "described/body_shape.h"

#include <map>
#include <tuple>
#include <type_traits>

#include "base/text.h"
#include "model/vocabulary.h"

namespace mailtrail::described {
namespace {

using Bodies = std::tuple<model::event::Connect, model::event::Disconnect, model::event::Receive, model::event::Header,
                          model::event::Queue, model::event::Delivery, model::event::Reject, model::event::Remove,
                          model::event::Hold, model::event::Release, model::event::Delete, model::event::Requeue,
                          model::event::Expire, model::event::Notify, model::event::Auth, model::event::Verdict,
                          model::event::Policy, model::event::Login, model::event::Mailbox, model::event::Tls,
                          model::event::Engagement, model::event::Notice>;

// A visitor for `fields(v)` that notes where each field stands. Counters of commands have no form that a text file
// could give them: they are left out.
struct SlotFinder {
  const char* body;
  std::vector<FieldSlot>& slots;

  template <class T>
  void operator()(std::string_view name, const T& field) const {
    if constexpr (!std::is_same_v<T, std::span<const model::CommandCount>>) {
      slots.push_back({name, static_cast<std::size_t>(reinterpret_cast<const char*>(&field) - body), type_of<T>()});
    }
  }

  template <class T>
  static constexpr ValueType type_of() {
    if constexpr (std::is_same_v<T, model::Text>) return ValueType::kText;
    if constexpr (std::is_same_v<T, model::Texts>) return ValueType::kTexts;
    if constexpr (std::is_same_v<T, std::optional<std::int32_t>>) return ValueType::kInt32;
    if constexpr (std::is_same_v<T, std::optional<std::int64_t>>) return ValueType::kInt64;
    if constexpr (std::is_same_v<T, std::optional<std::uint16_t>>) return ValueType::kUint16;
    if constexpr (std::is_same_v<T, model::Seconds>) return ValueType::kNumber;
    if constexpr (std::is_same_v<T, bool>) return ValueType::kFlag;
    if constexpr (std::is_same_v<T, model::Status>) return ValueType::kStatus;
    if constexpr (std::is_same_v<T, model::Stage>) return ValueType::kStage;
    if constexpr (std::is_same_v<T, model::Action>) return ValueType::kAction;
    if constexpr (std::is_same_v<T, model::Severity>) return ValueType::kSeverity;
    if constexpr (std::is_same_v<T, model::Topic>) return ValueType::kTopic;
    if constexpr (std::is_same_v<T, model::LoginResult>) return ValueType::kLoginResult;
    if constexpr (std::is_same_v<T, model::Direction>) return ValueType::kDirection;
  }
};

template <class T>
T& at(void* body, const FieldSlot& slot) {
  return *reinterpret_cast<T*>(static_cast<char*>(body) + slot.offset);
}

template <class T>
bool set_number(void* body, const FieldSlot& slot, std::string_view value) {
  const std::optional<T> number = to_number<T>(value);
  if (!number) return false;
  at<std::optional<T>>(body, slot) = number;
  return true;
}

template <class Enum>
bool set_word(void* body, const FieldSlot& slot, std::string_view value) {
  const std::optional<Enum> word = model::from_word<Enum>(value);
  if (!word) return false;
  at<Enum>(body, slot) = *word;
  return true;
}

bool set_texts(void* body, const FieldSlot& slot, std::string_view value, Arena& arena) {
  std::vector<std::string_view> items;
  while (!value.empty()) {
    const std::string_view item = trim(take_until(value, ','));
    if (!item.empty()) items.push_back(item);
  }
  at<model::Texts>(body, slot) = arena.store(items);
  return true;
}

}  // namespace

template <class Body>
BodyShape BodyShape::make() {
  BodyShape shape;
  shape.kind_ = Body::kKind;
  const Body body{};
  body.fields(SlotFinder{reinterpret_cast<const char*>(&body), shape.slots_});
  shape.emit_ = [](dialect::Emitter& out, std::string_view queue_id) -> void* { return &out.emit<Body>(queue_id); };
  return shape;
}

const BodyShape* BodyShape::of(model::Kind kind) {
  static const std::map<model::Kind, BodyShape> kShapes = [] {
    std::map<model::Kind, BodyShape> shapes;
    const auto add = [&]<class... Body>(std::tuple<Body...>*) { (shapes.emplace(Body::kKind, make<Body>()), ...); };
    add(static_cast<Bodies*>(nullptr));
    return shapes;
  }();
  const auto found = kShapes.find(kind);
  return found == kShapes.end() ? nullptr : &found->second;
}

const FieldSlot* BodyShape::find(std::string_view name) const {
  for (const FieldSlot& slot : slots_) {
    if (slot.name == name) return &slot;
  }
  return nullptr;
}

bool set_field(void* body, const FieldSlot& slot, std::string_view value, Arena& arena) {
  switch (slot.type) {
    case ValueType::kText:
      at<model::Text>(body, slot) = value;
      return true;
    case ValueType::kTexts:
      return set_texts(body, slot, value, arena);
    case ValueType::kInt32:
      return set_number<std::int32_t>(body, slot, value);
    case ValueType::kInt64:
      return set_number<std::int64_t>(body, slot, value);
    case ValueType::kUint16:
      return set_number<std::uint16_t>(body, slot, value);
    case ValueType::kNumber:
      return set_number<double>(body, slot, value);
    case ValueType::kFlag:
      if (value != "true" && value != "false") return false;
      at<bool>(body, slot) = value == "true";
      return true;
    case ValueType::kStatus:
      return set_word<model::Status>(body, slot, value);
    case ValueType::kStage:
      return set_word<model::Stage>(body, slot, value);
    case ValueType::kAction:
      return set_word<model::Action>(body, slot, value);
    case ValueType::kSeverity:
      return set_word<model::Severity>(body, slot, value);
    case ValueType::kTopic:
      return set_word<model::Topic>(body, slot, value);
    case ValueType::kLoginResult:
      return set_word<model::LoginResult>(body, slot, value);
    case ValueType::kDirection:
      return set_word<model::Direction>(body, slot, value);
  }
  return false;
}

std::span<const std::string_view> field_words(ValueType type) {
  static constexpr std::string_view kFlags[] = {"true", "false"};
  switch (type) {
    case ValueType::kFlag:
      return kFlags;
    case ValueType::kStatus:
      return model::words<model::Status>();
    case ValueType::kStage:
      return model::words<model::Stage>();
    case ValueType::kAction:
      return model::words<model::Action>();
    case ValueType::kSeverity:
      return model::words<model::Severity>();
    case ValueType::kTopic:
      return model::words<model::Topic>();
    case ValueType::kLoginResult:
      return model::words<model::LoginResult>();
    case ValueType::kDirection:
      return model::words<model::Direction>();
    default:
      return {};
  }
}

}  // namespace mailtrail::described

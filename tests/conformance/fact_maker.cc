#include "tests/conformance/fact_maker.h"

#include <array>
#include <limits>
#include <optional>
#include <span>

#include "model/fact_columns.h"
#include "tests/conformance/traps.h"

namespace mailtrail::conformance {

namespace fact = model::fact;
using model::Text;
using model::Texts;

namespace {

template <class Enum>
constexpr int kLast = 0;
template <>
constexpr int kLast<model::Kind> = static_cast<int>(model::Kind::kUnparsed);
template <>
constexpr int kLast<model::Status> = static_cast<int>(model::Status::kRelayed);
template <>
constexpr int kLast<model::Outcome> = static_cast<int>(model::Outcome::kInTransit);
template <>
constexpr int kLast<model::Stage> = static_cast<int>(model::Stage::kBdat);
template <>
constexpr int kLast<model::Action> = static_cast<int>(model::Action::kViolation);
template <>
constexpr int kLast<model::Severity> = static_cast<int>(model::Severity::kPanic);
template <>
constexpr int kLast<model::Topic> = static_cast<int>(model::Topic::kOther);
template <>
constexpr int kLast<model::LoginResult> = static_cast<int>(model::LoginResult::kDisabled);
template <>
constexpr int kLast<model::Direction> = static_cast<int>(model::Direction::kOut);
template <>
constexpr int kLast<model::Link> = static_cast<int>(model::Link::kRequeue);

bool ends_with_any(std::string_view name, std::initializer_list<std::string_view> ends) {
  return std::any_of(ends.begin(), ends.end(), [&](std::string_view end) { return name.ends_with(end); });
}

}  // namespace

// Fills each column of a fact by its type, its name and chance.
struct ColumnMaker {
  FactMaker& maker;
  unsigned absent;  // percent of the columns that are left as they are

  void make(std::string_view name, Text& text, fact::Role) const { text = maker.text_for(name); }
  void make(std::string_view name, Texts& texts, fact::Role) const {
    std::vector<Text> list;
    for (std::size_t left = maker.dice_.below(4); left > 0; --left) list.push_back(maker.text_for(name));
    if (maker.dice_.chance(2)) list.insert(list.end(), 40, maker.text_for(name));
    texts = maker.arena_.store(list);
  }
  void make(std::string_view, bool& flag, fact::Role) const { flag = maker.dice_.chance(50); }
  void make(std::string_view, model::LineRef& at, fact::Role) const { at = maker.line(); }
  void make(std::string_view, std::span<const model::LineRef>& lines, fact::Role) const {
    std::vector<model::LineRef> list;
    for (std::size_t left = maker.dice_.below(6); left > 0; --left) list.push_back(maker.line());
    lines = maker.arena_.store(list);
  }
  void make(std::string_view, std::span<const fact::Step>& steps, fact::Role) const {
    std::vector<fact::Step> list;
    for (std::size_t left = maker.dice_.below(4); left > 0; --left) {
      fact::Step& step = list.emplace_back();
      step.time = maker.dice_.chance(5) ? 0 : maker.time();
      make("kind", step.kind, {});
      step.text = maker.text_for("text");
      step.child_queue_id = maker.text_for("child_queue_id");
      step.at = maker.line();
    }
    steps = maker.arena_.store(list);
  }
  void make(std::string_view, std::span<const model::CommandCount>& commands, fact::Role) const {
    std::vector<model::CommandCount> list;
    for (std::size_t left = maker.dice_.below(4); left > 0; --left) {
      const auto total = static_cast<std::uint32_t>(maker.integer_for("commands", 0, UINT32_MAX));
      list.push_back({maker.text_for("command"), maker.dice_.chance(50) ? total : total / 2, total});
    }
    commands = maker.arena_.store(list);
  }
  template <class Enum>
  requires std::is_enum_v<Enum>
  void make(std::string_view, Enum& value, fact::Role) const {
    static_assert(kLast<Enum> > 0);
    value = static_cast<Enum>(maker.dice_.between(0, kLast<Enum>));
  }
  template <class T>
  requires std::is_arithmetic_v<T>
  void make(std::string_view name, T& number, fact::Role role) const {
    if (role == fact::Role::kTime) {
      number = static_cast<T>(maker.time());
    } else if (role == fact::Role::kKey) {
      number = static_cast<T>(maker.key());
    } else if (role == fact::Role::kNotes) {
      number = static_cast<T>(maker.dice_.below(16));
    } else if constexpr (std::is_floating_point_v<T>) {
      number = maker.fraction();
    } else {
      constexpr auto kMost = std::numeric_limits<T>::max();
      number = static_cast<T>(maker.integer_for(name, static_cast<std::int64_t>(std::numeric_limits<T>::min()),
                                                static_cast<std::int64_t>(kMost)));
    }
  }
  template <class T>
  void make(std::string_view name, std::optional<T>& number, fact::Role role) const {
    T value{};
    make(name, value, role);
    number = value;
  }

  template <class T>
  void operator()(std::string_view name, const T& member, fact::Role role = fact::Role::kPlain) const {
    if (maker.dice_.chance(absent)) return;
    make(name, const_cast<T&>(member), role);
  }
};

Micros FactMaker::time() {
  if (dice_.chance(4)) return dice_.one_of(kTimeTraps);
  // Three days around the end of a February, and midnight itself now and then.
  const Micros day = kFirstDay + static_cast<Micros>(dice_.below(3)) * kDay;
  if (dice_.chance(8)) return day + dice_.between(-1, 1);
  return day + dice_.between(0, kDay - 1) / (dice_.chance(30) ? 1 : kSecond) * (dice_.chance(30) ? 1 : kSecond);
}

Text FactMaker::text_for(std::string_view column) {
  if (dice_.chance(3)) return arena_.store(dice_.one_of(kTextTraps));
  if (dice_.chance(1)) return arena_.store(std::string(20'000, static_cast<char>('a' + dice_.below(26))));
  if (column == "sender" || column == "recipient" || column == "recipients" || column == "user" ||
      column == "sasl_user" || column.starts_with("orig_")) {
    return arena_.store(dice_.one_of(kAddresses));
  }
  if (ends_with_any(column, {"_ip"})) return arena_.store(dice_.one_of(kIps));
  if (ends_with_any(column, {"queue_id", "queue_ids"})) return arena_.store(dice_.one_of(kQueueIds));
  if (column == "message_id") return arena_.store(dice_.one_of(kMessageIds));
  if (ends_with_any(column, {"host", "_name", "helo", "domain"})) return arena_.store(dice_.one_of(kHosts));
  if (column == "dsn") return arena_.store(dice_.one_of(kStatusCodes));
  if (column == "reply" || column == "subject" || column == "text" || column == "header_value") {
    return arena_.store(dice_.one_of(kReplies));
  }
  return arena_.store(dice_.one_of(kWords));
}

std::int64_t FactMaker::integer_for(std::string_view column, std::int64_t least, std::int64_t most) {
  if (column == "offset_minutes") return dice_.one_of(std::array{-720, -210, 0, 0, 60, 330, 840});
  if (column == "smtp_code") return dice_.one_of(std::array{250, 421, 450, 452, 535, 550, 554, 0, 5});
  if (column == "pid" || column == "attempts" || column == "attempt") least = 0;
  if (dice_.chance(3)) return most;
  if (dice_.chance(3)) return least;
  return std::min<std::int64_t>(most, static_cast<std::int64_t>(dice_.below(dice_.chance(20) ? 100'000 : 4)));
}

double FactMaker::fraction() {
  return dice_.one_of(std::array{0.0, 0.01, 0.1, 1.0 / 3, 1.5, 299.99, 300.0, 86400.125, 1e9, 1e-7, -2.25, 5.000001});
}

std::uint64_t FactMaker::key() {
  if (dice_.chance(3)) return dice_.one_of(std::array<std::uint64_t, 4>{1, INT64_MAX, 1ULL << 63, UINT64_MAX});
  return dice_.bits();
}

model::LineRef FactMaker::line() {
  model::LineRef at;
  if (dice_.chance(3)) {
    at.source = (1U << 24) - 1;
    at.line = (1ULL << 40) - 1;
  } else {
    at.source = static_cast<std::uint32_t>(dice_.below(4));
    at.line = dice_.below(5'000) + 1;
  }
  return at;
}

fact::Delivery FactMaker::delivery(const std::vector<fact::Message>& messages) {
  fact::Delivery made;
  fact::columns(made, ColumnMaker{*this, 35});
  made.message_key = dice_.one_of(messages).message_key;
  return made;
}

fact::Recipient FactMaker::recipient(const fact::Journey& journey, const std::vector<fact::Message>& messages) {
  fact::Recipient made;
  fact::columns(made, ColumnMaker{*this, 35});
  made.internal = journey.notification || journey.probe || dice_.chance(4);
  // Most are decided within the day of their mail.
  if (made.decided && dice_.chance(80)) made.decided = journey.received + dice_.between(-kSecond, kHour);
  if (!messages.empty() && dice_.chance(95)) made.message_key = dice_.one_of(messages).message_key;
  return made;
}

fact::Journey FactMaker::journey() {
  fact::Journey made;
  fact::columns(made, ColumnMaker{*this, 35});
  made.id = !keys_.empty() && dice_.chance(3) ? dice_.one_of(keys_) : dice_.bits();
  keys_.push_back(made.id);
  made.notification = dice_.chance(10);
  made.probe = dice_.chance(5);
  made.received = dice_.chance(2) ? 0 : time();
  std::vector<fact::Message> messages(dice_.chance(2) ? 0 : dice_.below(4) + 1);
  for (fact::Message& message : messages) {
    fact::columns(message, ColumnMaker{*this, 35});
    message.message_key = &message == messages.data() ? made.id : dice_.bits();
    message.sender_hinted = !message.sender.empty() && dice_.chance(20);
  }
  std::vector<fact::Delivery> deliveries;
  std::vector<fact::Recipient> recipients;
  for (std::size_t left = messages.empty() ? 0 : dice_.below(5); left > 0; --left) {
    deliveries.push_back(delivery(messages));
  }
  for (std::size_t left = dice_.below(5); left > 0; --left) {
    fact::Recipient& one = recipients.emplace_back(recipient(made, messages));
    if (!deliveries.empty() && dice_.chance(70)) one.recipient = dice_.one_of(deliveries).event.recipient;
  }
  std::vector<fact::AuthResult> results(dice_.below(3));
  for (fact::AuthResult& result : results) fact::columns(result, ColumnMaker{*this, 35});
  std::vector<fact::Verdict> verdicts(dice_.below(3));
  for (fact::Verdict& verdict : verdicts) fact::columns(verdict, ColumnMaker{*this, 35});
  fact::complete_journey(made, messages, deliveries, arena_);
  made.messages = arena_.store(messages);
  made.deliveries = arena_.store(deliveries);
  made.recipients = arena_.store(recipients);
  made.auth_results = arena_.store(results);
  made.verdicts = arena_.store(verdicts);
  return made;
}

template <class T>
T FactMaker::other() {
  T made;
  fact::columns(made, ColumnMaker{*this, 35});
  return made;
}

AnyFact FactMaker::fact() {
  switch (dice_.below(16)) {
    case 0:
    case 1:
      return other<fact::Rejection>();
    case 2:
    case 3:
      return other<fact::Login>();
    case 4:
      return other<fact::Session>();
    case 5:
      return other<fact::TlsSession>();
    case 6:
      return other<fact::Notice>();
    case 7:
      return other<fact::Policy>();
    case 8:
      return other<fact::Gap>();
    default:
      return journey();
  }
}

}  // namespace mailtrail::conformance

// Rows as a person reads them on a terminal.
#include <algorithm>
#include <array>

#include "base/text.h"
#include "query/row.h"
#include "query/row_fields.h"

namespace mailtrail::query {
namespace {

namespace fact = model::fact;
using Tone = TableCell::Tone;

constexpr std::size_t kTimeWidth = 19;

std::string time_text(Micros time, int offset_minutes) {
  // `2026-11-23T10:41:07.102345+01:00` up to the second.
  std::string text = format_rfc3339(time, offset_minutes).substr(0, kTimeWidth);
  text[10] = ' ';
  return text;
}

// The start of `text` (printable) that takes at most `width` columns; `…` marks what was cut.
std::string cut(std::string text, std::size_t width) {
  if (display_width(text) <= width) return text;
  if (width == 0) return {};
  std::size_t taken = 0, at = 0;
  while (at < text.size()) {
    std::size_t next = at + 1;
    while (next < text.size() && (static_cast<unsigned char>(text[next]) & 0xC0) == 0x80) ++next;
    const std::size_t columns = display_width(std::string_view(text).substr(at, next - at));
    if (taken + columns > width - 1) break;
    taken += columns;
    at = next;
  }
  text.resize(at);
  return text + "…";
}

std::string shown(model::Text text, model::Text otherwise = "-") {
  return printable(text.empty() ? otherwise : text);
}

// `from → to`; where it is too wide, the longer side gives way first.
std::string pair_text(std::string from, std::string to, std::size_t width) {
  const std::size_t room = width > 3 ? width - 3 : 0;
  const std::size_t from_width = display_width(from), to_width = display_width(to);
  if (from_width + to_width > room) {
    const std::size_t half = room / 2;
    const std::size_t for_from = to_width < half ? room - to_width : half;
    from = cut(std::move(from), std::min(from_width, std::max(for_from, half)));
    to = cut(std::move(to), room - display_width(from));
  }
  return from + " → " + to;
}

Tone tone_of(model::Outcome outcome) {
  switch (outcome) {
    case model::Outcome::kDelivered:
    case model::Outcome::kDeliverable:
      return Tone::kGood;
    case model::Outcome::kBounced:
    case model::Outcome::kExpired:
    case model::Outcome::kUndeliverable:
      return Tone::kBad;
    case model::Outcome::kDeferred:
    case model::Outcome::kHeld:
      return Tone::kWaiting;
    case model::Outcome::kUnknown:
    case model::Outcome::kInTransit:
      return Tone::kFaint;
    case model::Outcome::kDiscarded:
    case model::Outcome::kDeleted:
    case model::Outcome::kRedirected:
      return Tone::kPlain;
  }
  return Tone::kPlain;
}

Tone tone_of(model::Status status) {
  switch (status) {
    case model::Status::kSent:
    case model::Status::kDeliverable:
      return Tone::kGood;
    case model::Status::kBounced:
    case model::Status::kExpired:
    case model::Status::kUndeliverable:
      return Tone::kBad;
    case model::Status::kDeferred:
    case model::Status::kHeld:
      return Tone::kWaiting;
    case model::Status::kRelayed:
    case model::Status::kNone:
      return Tone::kFaint;
    case model::Status::kDiscarded:
      return Tone::kPlain;
  }
  return Tone::kPlain;
}

Tone tone_of(model::Action action) {
  switch (action) {
    case model::Action::kReject:
      return Tone::kBad;
    case model::Action::kDefer:
    case model::Action::kHold:
    case model::Action::kQuarantine:
      return Tone::kWaiting;
    default:
      return Tone::kPlain;
  }
}

// `mx1: 550 5.1.1 User unknown` with what is absent left out. A reply that begins with its code does not say it twice.
std::string reply_text(const std::optional<std::int32_t>& code, model::Text dsn, model::Text reply) {
  std::string text;
  const std::string digits = code ? std::to_string(*code) : std::string();
  std::string_view rest = reply;
  if (!digits.empty()) {
    text = digits;
    if (consume(rest, digits)) rest = trim(rest);
  }
  if (!dsn.empty()) {
    if (!text.empty()) text += ' ';
    text += dsn;
    if (consume(rest, dsn)) rest = trim(rest);
  }
  if (!text.empty() && !rest.empty()) text += ' ';
  text += rest;
  return text;
}

// Cells of one row: all are wide as stated but the last, which takes what is left.
class TableRow {
 public:
  explicit TableRow(std::size_t width) : left_(std::max<std::size_t>(width, 80)) {}
  void cell(std::string text, std::size_t width, Tone tone = Tone::kPlain) {
    cells_.push_back({cut(std::move(text), width), tone});
    left_ -= std::min(left_, width + 2);
  }
  void pair(model::Text from, model::Text to) {
    const std::size_t width = pair_width();
    cell(pair_text(shown(from), shown(to), width), width);
  }
  std::vector<TableCell> last(std::string text, Tone tone = Tone::kPlain) {
    cells_.push_back({cut(printable(text), left_), tone});
    return std::move(cells_);
  }

 private:
  // After the time: half of what is left, so that the reply has room.
  std::size_t pair_width() const { return std::min<std::size_t>(left_ / 2, 60); }

  std::vector<TableCell> cells_;
  std::size_t left_;
};

constexpr std::size_t kOutcomeWidth = 13;  // `undeliverable`
constexpr std::size_t kCountsWidth = 26;   // `1 bounced, 9,999 delivered`

std::vector<TableCell> attempt_cells(const Row& row, std::size_t width) {
  const fact::Delivery& attempt = *row.delivery;
  const model::event::Delivery& event = attempt.event;
  TableRow table(width);
  table.cell(time_text(attempt.time, attempt.offset_minutes), kTimeWidth);
  table.pair(first_stated({attempt.sender, event.sender}), event.recipient);
  table.cell(shown(model::word(event.status)), kOutcomeWidth, tone_of(event.status));
  const model::Text relay = first_stated({event.relay_host, event.relay_ip, event.relay_path, event.mailer});
  const std::string reply = reply_text(event.smtp_code, event.dsn, event.reply);
  return table.last(relay.empty() ? reply : std::string(relay) + ": " + reply);
}

std::vector<TableCell> recipient_cells(const Row& row, std::size_t width) {
  const fact::Journey& journey = *row.journey;
  const fact::Recipient& recipient = *row.recipient;
  TableRow table(width);
  table.cell(time_text(journey.received, journey.offset_minutes), kTimeWidth);
  table.pair(journey.sender, recipient.recipient);
  table.cell(shown(model::word(recipient.outcome)), kOutcomeWidth, tone_of(recipient.outcome));
  return table.last(reply_text(recipient.smtp_code, recipient.dsn, recipient.reply));
}

// `1 bounced, 2 delivered`: of the recipients of a stay that differ, the gravest first. Those that the next stay has
// taken over are not counted here.
std::pair<std::string, Tone> outcome_counts(const fact::Journey& journey, const fact::Message& message) {
  static constexpr Tone kGravest[] = {Tone::kBad, Tone::kWaiting, Tone::kPlain, Tone::kFaint, Tone::kGood};
  std::array<std::size_t, model::kOutcomeCount> counts{};
  for (const fact::Recipient& recipient : journey.recipients) {
    if (recipient.message_key == message.message_key) ++counts[static_cast<std::size_t>(recipient.outcome)];
  }
  std::pair<std::string, Tone> told{"", Tone::kPlain};
  int kinds = 0;
  for (const Tone tone : kGravest) {
    for (std::size_t i = 0; i < counts.size(); ++i) {
      const auto outcome = static_cast<model::Outcome>(i);
      if (counts[i] == 0 || tone_of(outcome) != tone) continue;
      if (kinds++ == 0) told.second = tone;
      if (!told.first.empty()) told.first += ", ";
      told.first += std::to_string(counts[i]) + ' ' + std::string(model::word(outcome));
    }
  }
  if (kinds < 2) told.first += told.first.empty() ? "passed on" : ", others passed on";
  return told;
}

std::vector<TableCell> message_cells(const Row& row, std::size_t width) {
  const fact::Message& message = *row.message;
  TableRow table(width);
  table.cell(time_text(message.received.value_or(message.first_seen), message.offset_minutes), kTimeWidth);
  table.cell(shown(message.host), 10);
  table.cell(shown(message.queue_id), 16);
  table.cell(shown(message.sender), 26);
  if (message.outcomes_differ) {
    const auto [counts, tone] = outcome_counts(*row.journey, message);
    table.cell(counts, kCountsWidth, tone);
  } else {
    table.cell(shown(model::word(message.outcome)), kOutcomeWidth, tone_of(message.outcome));
  }
  return table.last(std::string(first_stated({message.subject, message.message_id})), Tone::kFaint);
}

// The outcome that most needs a look, with its count where there are several recipients.
std::pair<std::string, Tone> worst_outcome(std::span<const fact::Recipient> recipients) {
  static constexpr Tone kGravest[] = {Tone::kBad, Tone::kWaiting, Tone::kPlain, Tone::kFaint, Tone::kGood};
  for (const Tone tone : kGravest) {
    for (const fact::Recipient& recipient : recipients) {
      if (tone_of(recipient.outcome) != tone) continue;
      const auto count = std::count_if(recipients.begin(), recipients.end(), [&](const fact::Recipient& other) {
        return other.outcome == recipient.outcome;
      });
      std::string text(model::word(recipient.outcome));
      if (recipients.size() > 1) text += ' ' + std::to_string(count) + '/' + std::to_string(recipients.size());
      return {std::move(text), tone};
    }
  }
  return {"-", Tone::kFaint};
}

std::vector<TableCell> journey_cells(const Row& row, std::size_t width) {
  const fact::Journey& journey = *row.journey;
  std::string to = "-";
  if (!journey.recipients.empty()) to = printable(journey.recipients.front().recipient);
  if (journey.recipients.size() > 1) to += " +" + std::to_string(journey.recipients.size() - 1);
  TableRow table(width);
  table.cell(time_text(journey.received, journey.offset_minutes), kTimeWidth);
  table.pair(journey.sender, to);
  const auto [outcome, tone] = worst_outcome(journey.recipients);
  table.cell(outcome, kOutcomeWidth + 5, tone);
  return table.last(std::string(journey.subject), Tone::kFaint);
}

std::vector<TableCell> rejection_cells(const Row& row, std::size_t width) {
  const fact::Rejection& rejection = *row.rejection;
  const model::event::Reject& event = rejection.event;
  TableRow table(width);
  table.cell(time_text(rejection.time, rejection.offset_minutes), kTimeWidth);
  table.cell(shown(event.client_ip, first_stated({event.client_name, "-"})), 15);
  table.pair(event.sender, event.recipient);
  table.cell(shown(model::word(event.action)), 10, tone_of(event.action));
  return table.last(reply_text(event.smtp_code, event.dsn, first_stated({event.reply, event.reason})));
}

std::vector<TableCell> login_cells(const Row& row, std::size_t width) {
  const fact::Login& login = *row.login;
  const Tone tone = login.event.result == model::LoginResult::kSuccess ? Tone::kGood
                    : login.event.result == model::LoginResult::kNone  ? Tone::kPlain
                                                                       : Tone::kBad;
  TableRow table(width);
  table.cell(time_text(login.time, login.offset_minutes), kTimeWidth);
  table.cell(shown(model::word(login.event.result)), 8, tone);
  table.cell(shown(login.event.user), 24);
  table.cell(shown(login.event.client_ip, first_stated({login.event.client_name, "-"})), 15);
  table.cell(shown(login.event.protocol), 10);
  return table.last(std::string(login.event.reason));
}

// The body of the event in JSON is what says most in one line, whatever its kind.
std::vector<TableCell> event_cells(const Row& row, std::size_t width) {
  const model::Event& event = *row.event;
  TableRow table(width);
  table.cell(event.has_time ? time_text(event.time, event.offset_minutes) : "-", kTimeWidth);
  table.cell(shown(event.host), 10);
  table.cell(shown(event.program), 16);
  table.cell(std::string(model::word(event.kind)), 10,
             event.kind == model::Kind::kUnparsed ? Tone::kFaint : Tone::kPlain);
  std::string text(event.queue_id);
  model::visit_body(event, [&text](const auto& body) {
    body.fields([&text](std::string_view, const auto& value) {
      using Value = std::decay_t<decltype(value)>;
      std::string_view shown_value;
      if constexpr (std::is_same_v<Value, model::Text>) shown_value = value;
      if constexpr (std::is_enum_v<Value>) shown_value = model::word(value);
      if (shown_value.empty()) return;
      if (!text.empty()) text += ' ';
      text += shown_value.substr(0, 300);
    });
  });
  return table.last(std::move(text));
}

}  // namespace

std::vector<TableCell> table_cells(const Row& row, std::size_t width) {
  switch (row.per) {
    case Per::kAttempt:
      return attempt_cells(row, width);
    case Per::kRecipient:
      return recipient_cells(row, width);
    case Per::kMessage:
      return message_cells(row, width);
    case Per::kJourney:
      return journey_cells(row, width);
    case Per::kRejection:
      return rejection_cells(row, width);
    case Per::kLogin:
      return login_cells(row, width);
    case Per::kEvent:
      return event_cells(row, width);
  }
  return {};
}

std::vector<std::string_view> table_headings(Per per) {
  switch (per) {
    case Per::kAttempt:
      return {"time", "sender → recipient", "status", "relay: reply"};
    case Per::kRecipient:
      return {"received", "sender → recipient", "outcome", "reply"};
    case Per::kMessage:
      return {"received", "host", "queue id", "sender", "outcome", "subject"};
    case Per::kJourney:
      return {"received", "sender → recipients", "outcome", "subject"};
    case Per::kRejection:
      return {"time", "client", "sender → recipient", "action", "reply"};
    case Per::kLogin:
      return {"time", "result", "user", "client", "protocol", "reason"};
    case Per::kEvent:
      return {"time", "host", "program", "kind", "what"};
  }
  return {};
}

}  // namespace mailtrail::query

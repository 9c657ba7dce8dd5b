#include "cli/trace_timeline.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/text.h"

namespace mailtrail::cli {
namespace {

using model::Kind;
using model::Outcome;
using model::Status;
using model::Text;
using model::fact::Delivery;
using model::fact::Journey;
using model::fact::Message;
using query::Tone;

// How many attempts of one recipient are told one by one before those in the middle are told together.
constexpr std::size_t kAttemptsShown = 6;

std::string client_of(const Message& stay) {
  std::string text;
  if (!stay.client_name.empty()) text = printable(stay.client_name);
  if (!stay.client_ip.empty()) text += (text.empty() ? "[" : " [") + printable(stay.client_ip) + "]";
  return text;
}

// `as alice (PLAIN, TLSv1.3)`, `(TLSv1.3)`.
std::string how_of(const Message& stay) {
  std::string inside;
  const auto add = [&](Text text) {
    if (text.empty()) return;
    if (!inside.empty()) inside += ", ";
    inside += printable(text);
  };
  if (!stay.sasl_user.empty()) add(stay.sasl_method);
  add(stay.tls_version);
  std::string text;
  if (!stay.sasl_user.empty()) text = " as " + printable(stay.sasl_user);
  if (!inside.empty()) text += " (" + inside + ")";
  return text;
}

std::string confidence_text(double confidence) {
  if (confidence >= 1.0) return "";
  return fmt::format(", confidence {:.1f}", confidence);
}

TimelineStep begin_step(const Message& stay, std::size_t number) {
  TimelineStep step;
  step.time = stay.received.value_or(stay.first_seen);
  step.offset_minutes = stay.offset_minutes;
  step.stay = number;
  step.host = printable(stay.host);
  step.tone = Tone::kPlain;
  if (!stay.lines.empty()) step.at = stay.lines.front();
  const std::string id = printable(stay.queue_id);
  const std::string client = client_of(stay);
  switch (stay.link) {
    case model::Link::kFilter:
    case model::Link::kRelay:
      step.label = stay.link == model::Link::kFilter ? "queued" : "relayed";
      step.text = id + "  same mail: " + std::string(stay.link_evidence) + confidence_text(stay.link_confidence);
      return step;
    case model::Link::kForward:
      step.label = "forwarded";
      step.text = id + "  from " + printable(stay.parent_queue_id) + ": " + std::string(stay.link_evidence);
      return step;
    case model::Link::kRequeue:
      step.label = "requeued";
      step.text = id + "  was " + printable(stay.parent_queue_id);
      return step;
    case model::Link::kBounce:
      step.label = "received";
      step.text = id + "  notification of " + printable(stay.parent_queue_id);
      return step;
    case model::Link::kNone:
      break;
  }
  step.label = stay.begin_missing ? "seen" : "received";
  step.text = id;
  if (stay.begin_missing) {
    step.text += "  (its beginning is not in the log)";
    step.tone = Tone::kWaiting;
  } else if (!client.empty()) {
    step.text += "  from " + client + how_of(stay);
  } else if (!stay.user.empty()) {
    step.text += "  from local user " + printable(stay.user);
  } else {
    step.text += "  from this host";
  }
  return step;
}

void add_checks(const Message& stay, std::size_t number, std::vector<TimelineStep>& steps) {
  std::string text;
  const auto add = [&](std::string_view name, Text result) {
    if (result.empty()) return;
    if (!text.empty()) text += ", ";
    text += std::string(name) + " " + printable(result);
  };
  add("SPF", stay.spf);
  add("DKIM", stay.dkim);
  add("DMARC", stay.dmarc);
  if (text.empty()) return;
  TimelineStep step;
  step.time = stay.received.value_or(stay.first_seen);
  step.offset_minutes = stay.offset_minutes;
  step.stay = number;
  step.host = printable(stay.host);
  step.label = "checked";
  step.tone = Tone::kFaint;
  step.text = text;
  if (!stay.lines.empty()) step.at = stay.lines.front();
  steps.push_back(std::move(step));
}

std::string relay_of(const model::event::Delivery& event) {
  std::string text = printable(event.relay_host);
  if (!event.relay_ip.empty() && event.relay_ip != event.relay_host) text += "[" + printable(event.relay_ip) + "]";
  if (event.relay_port && *event.relay_port != 25) text += ":" + std::to_string(*event.relay_port);
  if (!event.relay_path.empty()) text += (text.empty() ? "" : " ") + printable(event.relay_path);
  if (text.empty()) text = printable(event.mailer);
  return text;
}

struct AttemptWord {
  std::string_view label;
  Tone tone;
};

AttemptWord word_of(const Delivery& attempt, bool handed_on) {
  switch (attempt.event.status) {
    case Status::kSent:
    case Status::kRelayed:
      if (handed_on || attempt.outcome == Outcome::kInTransit) return {"passed on", Tone::kPlain};
      if (attempt.outcome == Outcome::kDiscarded) return {"discarded", Tone::kWaiting};
      if (attempt.outcome == Outcome::kBounced) return {"passed on", Tone::kBad};
      return {"delivered", Tone::kGood};
    case Status::kDeferred:
      return {"deferred", Tone::kWaiting};
    case Status::kBounced:
      return {"bounced", Tone::kBad};
    case Status::kExpired:
      return {"expired", Tone::kBad};
    case Status::kDiscarded:
      return {"discarded", Tone::kWaiting};
    case Status::kHeld:
      return {"held", Tone::kWaiting};
    case Status::kUndeliverable:
      return {"undeliverable", Tone::kBad};
    case Status::kDeliverable:
      return {"deliverable", Tone::kGood};
    case Status::kNone:
      break;
  }
  return {"attempted", Tone::kPlain};
}

// Whether a later stay of the journey came of this attempt.
bool is_handed_on(const Journey& journey, const Delivery& attempt) {
  const Text id = attempt.event.child_queue_id.empty() ? attempt.event.remote_queue_id : attempt.event.child_queue_id;
  if (id.empty()) return false;
  return std::any_of(journey.messages.begin(), journey.messages.end(),
                     [&](const Message& stay) { return stay.parent == attempt.message_key && stay.queue_id == id; });
}

// `host mx.example.net[198.51.100.7] said: 550 ...` without what the line before it says.
Text without_relay(Text reply) {
  Text rest = reply;
  if (!consume(rest, "host ")) return reply;
  const std::size_t said = rest.find("] said: ");
  if (said == Text::npos || rest.substr(0, said).find(' ') != Text::npos) return reply;
  return rest.substr(said + 8);
}

TimelineStep attempt_step(const Journey& journey, const Delivery& attempt, std::size_t number, bool name_recipient) {
  TimelineStep step;
  step.time = attempt.time;
  step.offset_minutes = attempt.offset_minutes;
  step.stay = number;
  step.at = attempt.at;
  step.host = printable(attempt.host);
  const bool handed_on = is_handed_on(journey, attempt);
  const AttemptWord word = word_of(attempt, handed_on);
  step.label = word.label;
  step.tone = word.tone;
  if (name_recipient) step.text = printable(attempt.event.recipient) + "  ";
  const std::string relay = relay_of(attempt.event);
  if (!relay.empty()) step.text += relay;
  std::string codes;
  if (attempt.event.smtp_code) codes = std::to_string(*attempt.event.smtp_code);
  if (!attempt.event.dsn.empty()) codes += (codes.empty() ? "" : " ") + printable(attempt.event.dsn);
  // The codes, TLS and the delay stay together, so that no delay stands on a line of its own.
  std::string how = codes;
  const auto add = [&](const std::string& part) { how += (how.empty() ? "" : "  ") + part; };
  if (!attempt.event.tls_version.empty()) add(printable(attempt.event.tls_version));
  const bool delay_alone = how.empty();
  if (attempt.event.delay) add(query::delay(*attempt.event.delay));
  std::replace(how.begin(), how.end(), ' ', kGlue);
  if (!how.empty()) step.text += (delay_alone ? std::string(2, kGlue) : std::string(2, ' ')) + how;
  step.quote = printable(without_relay(attempt.event.reply));
  return step;
}

bool leads_to(Text address, const std::vector<const model::fact::Recipient*>& wanted) {
  return std::any_of(wanted.begin(), wanted.end(), [&](const model::fact::Recipient* one) {
    return equals_ignoring_case(one->recipient, address) ||
           std::any_of(one->orig_recipients.begin(), one->orig_recipients.end(),
                       [&](Text origin) { return equals_ignoring_case(origin, address); });
  });
}

void add_attempts(const Journey& journey, std::size_t number, const std::vector<const model::fact::Recipient*>& wanted,
                  bool all, std::vector<TimelineStep>& steps) {
  const Message& stay = journey.messages[number];
  std::vector<const Delivery*> attempts;
  std::map<std::string_view, std::size_t> count;
  for (const Delivery& attempt : journey.deliveries) {
    if (attempt.message_key != stay.message_key) continue;
    if (!all && !leads_to(attempt.event.recipient, wanted)) continue;
    attempts.push_back(&attempt);
    ++count[attempt.event.recipient];
  }
  std::map<std::string_view, std::size_t> seen, left_out;
  std::map<std::string_view, Text> last_reply;
  for (const Delivery* attempt : attempts) {
    const Text recipient = attempt->event.recipient;
    const std::size_t total = count[recipient];
    const std::size_t index = seen[recipient]++;
    // The first two and the last two tell the story of a long row.
    if (!all && total > kAttemptsShown && index >= 2 && index + 2 < total &&
        attempt->event.status == Status::kDeferred) {
      ++left_out[recipient];
      continue;
    }
    const bool name_recipient =
        count.size() > 1 || wanted.size() != 1 || !equals_ignoring_case(recipient, wanted.front()->recipient);
    TimelineStep step = attempt_step(journey, *attempt, number, name_recipient);
    Text& last = last_reply[recipient];
    if (last == attempt->event.reply && step.tone == Tone::kWaiting) {
      step.quote.clear();
      step.text += "  same reply";
    }
    last = attempt->event.reply;
    if (std::size_t& missing = left_out[recipient]; missing != 0) {
      step.text += "  (" + std::to_string(missing) + " more attempts between, all deferred)";
      missing = 0;
    }
    steps.push_back(std::move(step));
  }
}

void add_verdicts(const Journey& journey, std::size_t number, std::vector<TimelineStep>& steps) {
  const Message& stay = journey.messages[number];
  for (const model::fact::Verdict& verdict : journey.verdicts) {
    if (verdict.queue_id != stay.queue_id || verdict.host != stay.host) continue;
    TimelineStep step;
    step.time = verdict.time;
    step.offset_minutes = stay.offset_minutes;
    step.stay = number;
    step.host = printable(verdict.host);
    step.label = "filter";
    if (!stay.lines.empty()) step.at = stay.lines.front();
    step.text = printable(verdict.verdict.filter) + ": " + printable(verdict.verdict.action);
    if (!verdict.verdict.category.empty()) step.text += " " + printable(verdict.verdict.category);
    if (verdict.verdict.score) {
      step.text += fmt::format(", score {:.4g}", *verdict.verdict.score);
    }
    if (verdict.verdict.action == "blocked") step.tone = Tone::kBad;
    steps.push_back(std::move(step));
  }
}

std::string notification_text(const model::fact::Step& step, const TraceCollector& found) {
  // Exim does not say of what: a failure or a delay.
  std::string text = printable(step.text);
  text += text.empty() ? "notification " : " notification ";
  text += printable(step.child_queue_id);
  const NotificationFate* fate = found.notification(step.child_queue_id);
  if (fate == nullptr) return text;
  return text + " to " + printable(fate->recipient) + ", " + std::string(model::word(fate->outcome));
}

// The mailbox that a step speaks of is another recipient's than those that are wanted.
bool is_of_another(const Journey& journey, const std::vector<const model::fact::Recipient*>& wanted, Text step) {
  const std::size_t of = step.rfind(" of ");
  if (of == Text::npos || leads_to(step.substr(of + 4), wanted)) return false;
  return std::any_of(journey.recipients.begin(), journey.recipients.end(), [&](const model::fact::Recipient& one) {
    return equals_ignoring_case(one.recipient, step.substr(of + 4));
  });
}

// `stored: INBOX of bob@example.net`, whose mailbox is named where it is not plain.
void mailbox_words(Text text, const std::vector<const model::fact::Recipient*>& wanted, TimelineStep& step) {
  const std::size_t colon = text.find(": ");
  step.label = printable(text.substr(0, colon));
  if (colon != Text::npos) text.remove_prefix(colon + 2);
  if (step.label == "stored") step.tone = Tone::kGood;
  if (step.label == "discarded") step.tone = Tone::kWaiting;
  if (step.label == "rejected") step.tone = Tone::kBad;
  const std::size_t of = text.rfind(" of ");
  if (wanted.size() == 1 && of != Text::npos && equals_ignoring_case(text.substr(of + 4), wanted.front()->recipient)) {
    text = text.substr(0, of);
  }
  step.text = printable(text);
}

void add_steps(const Journey& journey, std::size_t number, const TraceCollector& found,
               const std::vector<const model::fact::Recipient*>& wanted, std::vector<TimelineStep>& steps) {
  const Message& stay = journey.messages[number];
  for (const model::fact::Step& from : stay.steps) {
    if (from.kind == Kind::kMailbox && is_of_another(journey, wanted, from.text)) continue;
    TimelineStep step;
    step.time = from.time;
    step.offset_minutes = stay.offset_minutes;
    step.stay = number;
    step.at = from.at;
    step.host = printable(stay.host);
    step.text = printable(from.text);
    switch (from.kind) {
      case Kind::kHold:
        step.label = "held", step.tone = Tone::kWaiting;
        break;
      case Kind::kRelease:
        step.label = "released";
        break;
      case Kind::kDelete:
        step.label = "deleted", step.tone = Tone::kBad;
        break;
      case Kind::kRequeue:
        step.label = "requeued";
        step.text = "by hand; it gets a new queue id";
        break;
      case Kind::kExpire:
        step.label = "expired", step.tone = Tone::kBad;
        break;
      case Kind::kReject:
        step.label = "refused", step.tone = Tone::kBad;
        break;
      case Kind::kMailbox:
        mailbox_words(from.text, wanted, step);
        break;
      case Kind::kNotify:
        step.label = "notified", step.text = notification_text(from, found);
        break;
      default:
        continue;
    }
    steps.push_back(std::move(step));
  }
}

}  // namespace

std::vector<TimelineStep> timeline_of(const Journey& journey, const TraceCollector& found,
                                      const std::vector<const model::fact::Recipient*>& wanted, bool all_attempts) {
  std::vector<TimelineStep> steps;
  for (std::size_t number = 0; number < journey.messages.size(); ++number) {
    steps.push_back(begin_step(journey.messages[number], number));
    add_checks(journey.messages[number], number, steps);
    add_verdicts(journey, number, steps);
    add_steps(journey, number, found, wanted, steps);
    add_attempts(journey, number, wanted, all_attempts, steps);
  }
  // Within one instant a stay's steps stand in the order of its lines, and the stay before comes first.
  std::stable_sort(steps.begin(), steps.end(), [](const TimelineStep& a, const TimelineStep& b) {
    if (a.time != b.time) return a.time < b.time;
    if (a.stay != b.stay) return a.stay < b.stay;
    return a.at.source == b.at.source && a.at.line < b.at.line;
  });
  return steps;
}

}  // namespace mailtrail::cli

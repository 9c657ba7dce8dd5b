#include "cli/trace_page.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "cli/trace_timeline.h"
#include "explain/explain.h"
#include "query/report_layout.h"
#include "query/row.h"

namespace mailtrail::cli {
namespace {

using model::Outcome;
using model::fact::Journey;
using model::fact::Message;
using model::fact::Recipient;
using model::fact::Rejection;
using query::Glyphs;
using query::Line;
using query::Lines;
using query::Piece;
using query::Tone;

struct OutcomeWord {
  std::string_view text;
  Tone tone;
};

OutcomeWord word_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::kDelivered:
      return {"delivered", Tone::kGood};
    case Outcome::kBounced:
      return {"bounced", Tone::kBad};
    case Outcome::kExpired:
      return {"expired", Tone::kBad};
    case Outcome::kDeferred:
      return {"waiting", Tone::kWaiting};
    case Outcome::kDiscarded:
      return {"discarded", Tone::kWaiting};
    case Outcome::kHeld:
      return {"held", Tone::kWaiting};
    case Outcome::kDeleted:
      return {"deleted", Tone::kBad};
    case Outcome::kRedirected:
      return {"redirected", Tone::kWaiting};
    case Outcome::kDeliverable:
      return {"deliverable", Tone::kGood};
    case Outcome::kUndeliverable:
      return {"undeliverable", Tone::kBad};
    case Outcome::kInTransit:
      return {"passed on, next stay not seen", Tone::kWaiting};
    case Outcome::kUnknown:
      return {"unknown", Tone::kWaiting};
  }
  return {"unknown", Tone::kWaiting};
}

std::string clock_text(Micros time, int offset_minutes) {
  const CivilTime civil = civil_from_micros(time + offset_minutes * kMinute);
  std::string text = fmt::format("{:02}:{:02}:{:02}", civil.hour, civil.minute, civil.second);
  if (civil.micro != 0) text += fmt::format(".{:03}", civil.micro / 1000);
  return text;
}

std::string day_text(Micros time, int offset_minutes) {
  std::string text = query::wall_time(time + offset_minutes * kMinute);  // `Sun 22 Nov 00:00`
  return text.substr(0, text.rfind(' '));
}

// Blanks, of which the second is one at which a line is broken only where it must.
constexpr std::string_view kBlanks{" \x01"};
static_assert(kBlanks[1] == kGlue);

std::string without_glue(std::string_view text) {
  std::string copy(text);
  std::replace(copy.begin(), copy.end(), kGlue, ' ');
  return copy;
}

// Where `text` is broken so that what stands before takes at most `room` columns; 0: nowhere. `shown` is the text
// without glue.
std::size_t cut_of(std::string_view shown, std::string_view text, std::size_t room) {
  std::size_t cut = 0, glued = 0;
  for (std::size_t at = text.find_first_of(kBlanks); at != std::string_view::npos;
       at = text.find_first_of(kBlanks, at + 1)) {
    if (display_width(shown.substr(0, at)) > room) break;
    (text[at] == kGlue ? glued : cut) = at;
  }
  return cut != 0 ? cut : glued;
}

class TracePage {
 public:
  TracePage(const TraceCollector& found, const query::Plan& plan, const TracePageOptions& options, const RawLines& raw)
      : found_(found), plan_(plan), options_(options), raw_(raw) {
    glyphs_.unicode = options.unicode;
  }

  std::string render() {
    head();
    // Mails and refusals in the order of time.
    std::size_t j = 0, r = 0, number = found_.journey_count() - found_.journeys().size() + 1;
    const auto& journeys = found_.journeys();
    const auto& rejections = found_.rejections();
    while (j < journeys.size() || r < rejections.size()) {
      if (r == rejections.size() || (j < journeys.size() && journeys[j].received <= rejections[r].time)) {
        journey(journeys[j++], number++);
      } else {
        r = refusals(r, j < journeys.size() ? journeys[j].received : INT64_MAX);
      }
    }
    std::string out;
    for (const Line& line : lines_) line.append_to(out, options_.colour);
    return out;
  }

 private:
  std::string_view arrow() const { return options_.unicode ? " → " : " -> "; }

  std::string wall_text(Micros time) const { return query::wall_time(time + options_.zone.offset_at(time) * kMinute); }

  void head() {
    std::vector<Piece> pieces;
    pieces.push_back({printable(options_.query.empty() ? "everything" : options_.query), Tone::kHeading});
    std::string count = found_.journey_count() != 0 ? query::counted(found_.journey_count(), "journey") : "no journey";
    if (found_.first()) {
      const std::string first = wall_text(*found_.first()), last = wall_text(*found_.last());
      count += ", " + first + (first == last ? "" : " to " + last);
    }
    pieces.push_back({count});
    for (int i = 0; i < model::kOutcomeCount; ++i) {
      const std::uint64_t number = found_.outcomes()[static_cast<std::size_t>(i)];
      if (number == 0) continue;
      const OutcomeWord word = word_of(static_cast<Outcome>(i));
      pieces.push_back({query::grouped(number) + " " + std::string(word.text), word.tone});
    }
    if (found_.rejection_count() != 0) {
      pieces.push_back({query::grouped(found_.rejection_count()) + " refused at the door", Tone::kBad});
    }
    for (Line& line : query::flow(Line(), pieces, options_.width, 2, glyphs_)) lines_.push_back(std::move(line));
    const std::uint64_t left = found_.journey_count() - found_.journeys().size();
    const std::uint64_t left_refused = found_.rejection_count() > found_.rejections().size()
                                           ? found_.rejection_count() - found_.rejections().size()
                                           : 0;
    if (left + left_refused != 0) {
      Line line;
      line.add("the latest are shown; earlier and not shown: " + query::counted(left, "journey") + ", " +
                   query::counted(left_refused, "refusal") + " (--limit N shows more)",
               Tone::kFaint);
      lines_.push_back(std::move(line));
    }
  }

  void journey(const Journey& journey, std::size_t number) {
    lines_.emplace_back();
    std::vector<const Recipient*> wanted;
    for (const Recipient& one : journey.recipients) {
      if (is_wanted(plan_, journey, one)) wanted.push_back(&one);
    }
    title(journey, wanted, number);
    const std::vector<TimelineStep> steps = timeline_of(journey, found_, wanted, options_.verbose);
    host_width_ = 0;
    if (journey.hosts.size() > 1) {
      for (const TimelineStep& step : steps) host_width_ = std::max(host_width_, display_width(step.host));
      host_width_ = std::min<std::size_t>(host_width_, 14);
    }
    clock_width_ = 8;
    for (const TimelineStep& step : steps) {
      clock_width_ = std::max(clock_width_, clock_text(step.time, step.offset_minutes).size());
    }
    std::vector<std::vector<std::string>> raw;
    if (options_.verbose) raw = raw_of(journey, steps);
    Micros last_day = journey.received;
    int last_offset = journey.offset_minutes;
    for (std::size_t i = 0; i < steps.size(); ++i) {
      const TimelineStep& step = steps[i];
      if (day_text(step.time, step.offset_minutes) != day_text(last_day, last_offset)) {
        Line day;
        day.add("   " + day_text(step.time, step.offset_minutes), Tone::kFaint);
        lines_.push_back(std::move(day));
      }
      last_day = step.time;
      last_offset = step.offset_minutes;
      show_step(step);
      if (raw.empty()) continue;
      for (const std::string& text : raw[i]) {
        Line line;
        line.add("     " + printable(text), Tone::kFaint);
        lines_.push_back(std::move(line));
      }
    }
    recipients(journey, wanted);
    notes(journey);
  }

  void title(const Journey& journey, const std::vector<const Recipient*>& wanted, std::size_t number) {
    Line line;
    line.add(std::to_string(number), Tone::kHeading);
    line.pad_to(3);
    std::vector<std::uint64_t> counts(model::kOutcomeCount, 0);
    for (const Recipient* one : wanted) ++counts[static_cast<std::size_t>(one->outcome)];
    bool first = true;
    for (int i = 0; i < model::kOutcomeCount; ++i) {
      const std::uint64_t count = counts[static_cast<std::size_t>(i)];
      if (count == 0) continue;
      const OutcomeWord word = word_of(static_cast<Outcome>(i));
      if (!first) line.add(", ");
      first = false;
      line.add((count == wanted.size() ? std::string() : std::to_string(count) + " ") + std::string(word.text),
               word.tone);
    }
    if (wanted.empty()) line.add("no recipient seen", Tone::kWaiting);
    line.add("  ");
    line.pad_to(14);
    line.add(day_text(journey.received, journey.offset_minutes) + " " +
             clock_text(journey.received, journey.offset_minutes).substr(0, 8));
    line.add("  ");
    std::string who = journey.sender.empty() ? "(sender not seen)" : printable(journey.sender);
    if (!wanted.empty()) {
      who += std::string(arrow()) + printable(wanted.front()->recipient);
      if (wanted.size() > 1) who += " and " + std::to_string(wanted.size() - 1) + " more";
    }
    std::string tail;
    if (!journey.subject.empty()) tail += "\"" + query::shorten(printable(journey.subject), 40, glyphs_) + "\"  ";
    if (journey.size) tail += query::byte_size(static_cast<std::uint64_t>(*journey.size)) + "  ";
    if (journey.notification) tail += "notification  ";
    if (journey.probe) tail += "address probe  ";
    constexpr std::size_t kIndent = 14;
    if (line.width() + display_width(who) > options_.width) {
      lines_.push_back(std::move(line));
      line = Line();
      line.pad_to(kIndent);
    }
    line.add(query::shorten(who, std::max<std::size_t>(options_.width, line.width() + 30) - line.width(), glyphs_));
    if (!tail.empty() && line.width() + 3 + display_width(tail) <= options_.width) {
      line.add("  " + tail, Tone::kFaint);
      tail.clear();
    }
    lines_.push_back(std::move(line));
    if (tail.empty()) return;
    Line second;
    second.pad_to(kIndent);
    second.add(tail, Tone::kFaint);
    lines_.push_back(std::move(second));
  }

  void show_step(const TimelineStep& step) {
    Line line;
    line.add("   " + clock_text(step.time, step.offset_minutes), Tone::kFaint);
    line.pad_to(3 + clock_width_ + 2);
    if (host_width_ != 0) {
      line.add(query::shorten(step.host, host_width_, glyphs_), Tone::kFaint);
      line.pad_to(3 + clock_width_ + 2 + host_width_ + 2);
    }
    constexpr std::size_t kLabelWidth = 11;
    const std::size_t text_at = line.width() + kLabelWidth;
    line.add(step.label, step.tone);
    line.pad_to(text_at);
    const bool calm = step.tone == Tone::kGood || step.tone == Tone::kPlain;
    const bool inline_quote =
        calm && !step.quote.empty() &&
        text_at + display_width(without_glue(step.text)) + display_width(step.quote) + 4 <= options_.width;
    add_wrapped(line, step.text, text_at, step.tone == Tone::kFaint ? Tone::kFaint : Tone::kPlain,
                inline_quote ? "  (" + step.quote + ")" : std::string());
    if (step.quote.empty() || inline_quote) return;
    Line quote;
    quote.pad_to(text_at);
    add_wrapped(quote, "\"" + step.quote + "\"", text_at, calm ? Tone::kFaint : step.tone, {});
  }

  // Adds text to a line that breaks at blanks where it is too wide; the lines after begin at `indent`. `tail` stands
  // faint behind it.
  void add_wrapped(Line line, const std::string& text, std::size_t indent, Tone tone, const std::string& tail) {
    std::string rest = text;
    const std::size_t room = options_.width > indent + 20 ? options_.width - indent : 20;
    while (display_width(without_glue(rest)) > room) {
      const std::size_t cut = cut_of(without_glue(rest), rest, room);
      if (cut == 0) break;
      line.add(without_glue(std::string_view(rest).substr(0, cut)), tone);
      lines_.push_back(std::move(line));
      line = Line();
      line.pad_to(indent);
      rest.erase(0, rest.find_first_not_of(kBlanks, cut));
    }
    line.add(without_glue(rest), tone);
    if (!tail.empty()) line.add(tail, Tone::kFaint);
    lines_.push_back(std::move(line));
  }

  // What became of the other recipients of the mail; with several that were asked for, of each.
  void recipients(const Journey& journey, const std::vector<const Recipient*>& wanted) {
    if (journey.recipients.size() < 2) return;
    constexpr std::size_t kMost = 30;
    query::Table table({{"", false, true}, {""}, {"", false, true}});
    std::size_t shown = 0, left = 0;
    for (const Recipient& one : journey.recipients) {
      if (wanted.size() == 1 && wanted.front() == &one) continue;
      if (++shown > kMost && !options_.verbose) {
        ++left;
        continue;
      }
      std::string origins;
      for (const model::Text origin : one.orig_recipients)
        origins += (origins.empty() ? "by way of " : ", ") + printable(origin);
      const OutcomeWord word = word_of(one.outcome);
      table.add({{printable(one.recipient)}, {std::string(word.text), word.tone}, {origins, Tone::kFaint}});
    }
    note(wanted.size() == 1 ? "others" : "in all",
         query::counted(journey.recipients.size() - (wanted.size() == 1 ? 1 : 0), "recipient"));
    for (Line& line : table.lines(options_.width, 9, glyphs_)) lines_.push_back(std::move(line));
    if (left != 0) note("", "and " + query::grouped(left) + " more (-v shows all)");
  }

  // Why it did not arrive, and what is not sure.
  void notes(const Journey& journey) {
    std::vector<std::string> told;
    for (const Recipient& one : journey.recipients) {
      const bool trouble = one.outcome == Outcome::kBounced || one.outcome == Outcome::kExpired ||
                           one.outcome == Outcome::kDeferred || one.outcome == Outcome::kUndeliverable;
      if (!trouble || one.reply.empty() || !is_wanted(plan_, journey, one)) continue;
      explain::Question question;
      question.reply = one.reply;
      question.smtp_code = one.smtp_code.value_or(0);
      question.dsn = one.dsn;
      question.host = one.relay_host;
      const explain::Explanation why = explain::explain(question);
      if (why.sentence.empty() || std::find(told.begin(), told.end(), why.sentence) != told.end()) continue;
      told.push_back(why.sentence);
      const std::string confidence = fmt::format("confidence {:.2f}", why.confidence);
      note("why", why.sentence);
      const std::string finality =
          one.outcome == Outcome::kExpired
              ? "It was tried again until its time in the queue was over, and then returned to the sender."
              : why.finality;
      if (!finality.empty()) note("", finality + (why.who.empty() ? "" : " Who acts: " + why.who));
      note("", confidence + (why.decided_by.empty() ? "" : std::string(glyphs_.dot()) + why.decided_by), Tone::kFaint);
    }
    if (journey.evicted) note("note", "Given up to keep memory bounded: later lines of it may be missing here.");
    for (const Recipient& one : journey.recipients) {
      if (one.outcome == Outcome::kUnknown) {
        note("note", "What became of " + printable(one.recipient) + " is not in the log.");
        break;
      }
    }
    if (journey.open && journey.recipients.empty()) note("note", "The log ends before a delivery was tried.");
  }

  void note(std::string_view label, const std::string& text, Tone tone = Tone::kPlain) {
    Line line;
    line.add("   ");
    line.add(label, Tone::kFaint);
    line.pad_to(9);
    line.add(" ");
    add_wrapped(line, text, 10, tone, {});
  }

  // Refusals one after another with the same reply are told together. Gives the index behind them.
  std::size_t refusals(std::size_t first, Micros before) {
    const auto& all = found_.rejections();
    const Rejection& one = all[first];
    std::size_t end = first;
    std::uint64_t count = 0;
    while (end < all.size() && all[end].time < before && all[end].event.action == one.event.action &&
           all[end].event.client_ip == one.event.client_ip && all[end].event.recipient == one.event.recipient &&
           all[end].event.sender == one.event.sender && all[end].event.dsn == one.event.dsn) {
      count += all[end++].repeat;
    }
    lines_.emplace_back();
    const bool refused = one.event.action == model::Action::kReject || one.event.action == model::Action::kDefer;
    Line line;
    line.add(options_.unicode ? "×" : "x", Tone::kHeading);
    line.pad_to(3);
    line.add(refused ? "refused" : std::string(model::word(one.event.action)), refused ? Tone::kBad : Tone::kWaiting);
    line.pad_to(14);
    line.add(day_text(one.time, one.offset_minutes) + " " + clock_text(one.time, one.offset_minutes).substr(0, 8) +
             "  ");
    std::string who = one.event.sender.empty() ? "(sender not said)" : printable(one.event.sender);
    if (!one.event.recipient.empty()) who += std::string(arrow()) + printable(one.event.recipient);
    if (count > 1) who += "  " + query::grouped(count) + " times";
    line.add(who);
    lines_.push_back(std::move(line));
    Line from;
    from.add("   ");
    std::string client = printable(one.event.client_name);
    if (!one.event.client_ip.empty()) client += (client.empty() ? "[" : " [") + printable(one.event.client_ip) + "]";
    const std::string stage(model::word(one.event.stage));
    from.add(printable(one.host) + "  at " + (stage.empty() ? "some stage" : stage) +
                 (client.empty() ? "" : "  from " + client),
             Tone::kFaint);
    lines_.push_back(std::move(from));
    const std::string reply = printable(one.event.reply.empty() ? one.event.reason : one.event.reply);
    if (!reply.empty()) {
      Line quote;
      quote.pad_to(3);
      add_wrapped(quote, "\"" + reply + "\"", 3, refused ? Tone::kBad : Tone::kPlain, {});
    }
    if (options_.verbose) {
      std::vector<model::LineRef> refs;
      for (std::size_t i = first; i < end; ++i) refs.push_back(all[i].at);
      for (const std::string& text : raw_(refs)) {
        Line raw;
        raw.add("     " + printable(text), Tone::kFaint);
        lines_.push_back(std::move(raw));
      }
    }
    return end;
  }

  // The raw lines of each step: its own, and those of the same stay behind it up to the next step.
  std::vector<std::vector<std::string>> raw_of(const Journey& journey, const std::vector<TimelineStep>& steps) {
    std::vector<std::vector<std::string>> texts(steps.size());
    std::vector<model::LineRef> refs;
    std::vector<std::size_t> owners;
    for (std::size_t number = 0; number < journey.messages.size(); ++number) {
      for (const model::LineRef& ref : journey.messages[number].lines) {
        std::size_t owner = steps.size();
        for (std::size_t i = 0; i < steps.size(); ++i) {
          if (steps[i].stay != number || steps[i].at.source != ref.source) continue;
          if (steps[i].at.line > ref.line) continue;
          if (owner == steps.size() || steps[i].at.line > steps[owner].at.line) owner = i;
        }
        for (std::size_t i = 0; owner == steps.size() && i < steps.size(); ++i) {
          if (steps[i].stay == number) owner = i;
        }
        if (owner == steps.size()) continue;
        refs.push_back(ref);
        owners.push_back(owner);
      }
    }
    const std::vector<std::string> raw = raw_(refs);
    for (std::size_t i = 0; i < raw.size(); ++i) texts[owners[i]].push_back(raw[i]);
    return texts;
  }

  const TraceCollector& found_;
  const query::Plan& plan_;
  const TracePageOptions& options_;
  const RawLines& raw_;
  Glyphs glyphs_;
  Lines lines_;
  std::size_t clock_width_ = 8;  // of the journey that is shown
  std::size_t host_width_ = 0;   // 0: one host, which need not be named
};

template <class Rows>
void append_rows(std::string& out, std::string_view name, const Rows& rows, query::Row row,
                 const std::vector<std::string>& sources, auto member) {
  out += ",\"";
  out += name;
  out += "\":[";
  bool first = true;
  for (const auto& one : rows) {
    if (!first) out += ',';
    first = false;
    row.*member = &one;
    query::append_row_json(out, row, sources);
  }
  out += ']';
}

}  // namespace

std::string render_trace(const TraceCollector& found, const query::Plan& plan, const TracePageOptions& options,
                         const RawLines& raw_lines) {
  return TracePage(found, plan, options, raw_lines).render();
}

void append_trace_json(std::string& out, const Journey& journey, const std::vector<std::string>& sources) {
  query::Row row;
  row.per = query::Per::kJourney;
  row.journey = &journey;
  std::string head;
  query::append_row_json(head, row, sources);
  out += "{\"kind\":\"journey\",";
  out.append(head, 1, head.size() - 2);
  row.per = query::Per::kMessage;
  append_rows(out, "stays", journey.messages, row, sources, &query::Row::message);
  row.message = nullptr;
  row.per = query::Per::kAttempt;
  append_rows(out, "delivery_attempts", journey.deliveries, row, sources, &query::Row::delivery);
  row.delivery = nullptr;
  row.per = query::Per::kRecipient;
  append_rows(out, "final_recipients", journey.recipients, row, sources, &query::Row::recipient);
  out += '}';
}

void append_trace_json(std::string& out, const Rejection& rejection, const std::vector<std::string>& sources) {
  query::Row row;
  row.per = query::Per::kRejection;
  row.rejection = &rejection;
  std::string head;
  query::append_row_json(head, row, sources);
  out += "{\"kind\":\"rejection\",";
  out.append(head, 1);
}

}  // namespace mailtrail::cli

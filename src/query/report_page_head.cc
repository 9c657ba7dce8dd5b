// The top of the page: the answer, what it rests on, the trouble, the mail and when it came.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "base/text.h"
#include "query/report_page_parts.h"

namespace mailtrail::query {
namespace {

using model::Outcome;

std::uint64_t outcome(const Report& report, Outcome outcome) {
  return report.outcomes[static_cast<std::size_t>(outcome)];
}
std::uint64_t failed(const Report& report) {
  return outcome(report, Outcome::kBounced) + outcome(report, Outcome::kExpired);
}

Lines answer(const Canvas& canvas) {
  const Report& report = canvas.report;
  std::vector<Piece> pieces;
  const LineStats& stats = report.lines;
  if (report.recipients == 0 && stats.unparsed * 2 > stats.lines) {
    pieces.push_back(
        {"Not understood: " + grouped(stats.unparsed) + " of " + counted(stats.lines, "line"), Tone::kBad});
  } else if (report.recipients == 0) {
    pieces.push_back({"No mail to a recipient in this log", Tone::kHeading});
  } else {
    const std::uint64_t delivered = outcome(report, Outcome::kDelivered);
    pieces.push_back(
        {share(delivered, report.recipients) + " of " + counted(report.recipients, "recipient") + " delivered",
         Tone::kHeading});
  }
  if (failed(report) != 0) pieces.push_back({grouped(failed(report)) + " failed", Tone::kBad});
  if (report.waiting.recipients != 0) {
    pieces.push_back({grouped(report.waiting.recipients) + " waiting", Tone::kWaiting});
  }
  if (report.refused.transactions != 0) {
    pieces.push_back({grouped(report.refused.transactions) + " refused at the door"});
  }
  if (report.recipients == 0 && report.logins.ok + report.logins.failed != 0) {
    pieces.push_back({grouped(report.logins.ok) + " logins ok"});
    pieces.push_back({grouped(report.logins.failed) + " failed"});
  }
  return flow(Line(), pieces, canvas.width, 0, canvas.glyphs);
}

std::string host_names(const std::vector<std::string>& hosts) {
  constexpr std::size_t kNamed = 4;
  std::string names;
  for (std::size_t i = 0; i < std::min(kNamed, hosts.size()); ++i) {
    names += (i == 0 ? "" : ", ") + printable(hosts[i]);
  }
  if (hosts.size() > kNamed) names += " and " + grouped(hosts.size() - kNamed) + " more hosts";
  return names;
}

std::string span_of(const Canvas& canvas) {
  const Report& report = canvas.report;
  if (!report.first || !report.last) return "";
  const int begin = report.zone.offset_at(*report.first);
  const int end = report.zone.offset_at(*report.last);
  const CivilTime first = civil_from_micros(*report.first + begin * kMinute);
  const CivilTime last = civil_from_micros(*report.last + end * kMinute);
  std::string from = canvas.time(*report.first);
  std::string to = canvas.time(*report.last);
  // `Sun 22 Nov` of `Sun 22 Nov 00:00`
  const auto add_year = [](std::string& time, int year) { time.insert(time.size() - 6, ' ' + std::to_string(year)); };
  const bool same_day = first.year == last.year && first.month == last.month && first.day == last.day;
  if (same_day || first.year != last.year) add_year(from, first.year);
  if (same_day) {
    to = to.substr(to.size() - 5);
  } else {
    add_year(to, last.year);
  }
  std::string zone = offset_name(begin);
  if (begin != end) zone += ", then " + offset_name(end);
  return from + " to " + to + " (" + zone + ")";
}

// What the numbers rest on, and what makes them doubtful.
Lines footing(const Canvas& canvas) {
  const Report& report = canvas.report;
  std::vector<Piece> pieces;
  pieces.push_back({host_names(report.lines.hosts), Tone::kFaint});
  pieces.push_back({span_of(canvas), Tone::kFaint});
  if (report.has_lines) {
    std::string text = counted(report.lines.lines, "line");
    if (report.lines.lines != 0) {
      text += ", " + share(report.lines.lines - report.lines.unparsed, report.lines.lines, 2) + " understood";
    }
    pieces.push_back({text, Tone::kFaint});
  }
  return flow(Line(), pieces, canvas.width, 0, canvas.glyphs);
}

bool any_list_approximate(const Report& report) {
  const std::array<const TopList*, 11> lists = {
      &report.senders,      &report.sender_domains,  &report.recipients_by_address, &report.recipient_domains,
      &report.relays,       &report.waiting.domains, &report.refused.clients,       &report.refused.blocklists,
      &report.logins.users, &report.logins.clients,  &report.policy_reasons};
  return report.reasons_approximate || report.notices_approximate || report.logins.ok_users_approximate ||
         std::any_of(lists.begin(), lists.end(), [](const TopList* list) { return list->approximate; });
}

Lines doubts(const Canvas& canvas) {
  const Report& report = canvas.report;
  std::vector<Piece> pieces;
  const auto say = [&](std::string text) { pieces.push_back({std::move(text), Tone::kFaint}); };
  if (report.lines.year_inferred) say("year inferred, the log states none");
  if (report.lines.zone_assumed) say("zone assumed: " + printable(report.zone.name()));
  if (report.journeys_begin_missing != 0) {
    say(counted(report.journeys_begin_missing, "mail") + " began before the log (sender, size may be missing)");
  }
  if (report.journeys_evicted != 0) {
    say(counted(report.journeys_evicted, "mail") + " given up to keep memory bounded: their end may be wrong");
  }
  if (report.lines.untimed != 0) say(counted(report.lines.untimed, "line") + " without a time");
  if (report.lines.cut != 0) say(counted(report.lines.cut, "overlong line") + " read in part");
  if (any_list_approximate(report)) {
    say(std::string(canvas.glyphs.about()) + " marks estimates: more names than are kept apart");
  }
  if (pieces.empty()) return {};
  return flow(Line(), pieces, canvas.width, 0, canvas.glyphs);
}

void append(Lines& lines, const Lines& more) {
  lines.insert(lines.end(), more.begin(), more.end());
}

// How figures differ from the range before stands behind bars that are this short.
constexpr std::size_t kShortBar = 12;
constexpr std::size_t kChangeColumn = 39 + kShortBar + 2;

// `twice`, `2.1 times`; empty for less than half as much more.
std::string factor_text(double factor) {
  if (factor < 1.45) return "";
  if (factor >= 1.95 && factor < 2.05) return ", twice";
  if (factor < 9.95) return fmt::format(", {:.1f} times", factor);
  return ", " + grouped(static_cast<std::uint64_t>(std::llround(std::min(factor, 1e15)))) + " times";
}

std::string arrow(const Change& change, const Glyphs& glyphs) {
  if (glyphs.unicode) return change.up ? "▲" : "▼";
  return change.up ? "up" : "down";
}

// `▲ from 1.5 %, twice`. `before` is the figure of the range before; empty where it was nothing.
std::string change_text(const Change& change, const std::string& before, const Glyphs& glyphs) {
  std::string text = arrow(change, glyphs);
  if (before.empty()) return text + " from none";
  text += " from " + before;
  return change.up ? text + factor_text(change.factor) : text;
}

bool is_compared(const Canvas& canvas) {
  return canvas.report.comparison && canvas.report.comparison->obstacle.empty();
}

std::string outcome_change(const Canvas& canvas, Outcome which) {
  if (!is_compared(canvas)) return "";
  const Comparison& comparison = *canvas.report.comparison;
  const std::optional<Change> change = change_of_outcome(comparison, which);
  if (!change) return "";
  const std::uint64_t before = comparison.before.outcome(which);
  return change_text(*change, before == 0 ? "" : share(before, comparison.before.recipients), canvas.glyphs);
}

std::string count_change(const Canvas& canvas, std::uint64_t PeriodTally::*count) {
  if (!is_compared(canvas)) return "";
  const Comparison& comparison = *canvas.report.comparison;
  const std::optional<Change> change = change_of_count(comparison.now.*count, comparison.before.*count);
  if (!change) return "";
  const std::uint64_t before = comparison.before.*count;
  return change_text(*change, before == 0 ? "" : grouped(before), canvas.glyphs);
}

// Whether there is room for the change behind the short bar; else it stands in its place.
bool fits_behind_bar(const std::string& change, std::size_t width) {
  return kChangeColumn + display_width(change) <= width;
}

// In the bar's place there may be no room for the factor.
void add_change(Line& line, const std::string& change, std::size_t width, Tone tone) {
  if (change.empty()) return;
  if (fits_behind_bar(change, width)) {
    line.pad_to(kChangeColumn).add(change, tone);
    return;
  }
  line.pad_to(39);
  const bool fits = line.width() + display_width(change) <= width;
  line.add(fits ? change : change.substr(0, change.rfind(", ")), tone);
}

// The range before, and how much came then.
Lines before_lines(const Canvas& canvas) {
  if (!canvas.report.comparison) return {};
  const Comparison& comparison = *canvas.report.comparison;
  std::vector<Piece> pieces;
  const auto say = [&](std::string text) { pieces.push_back({std::move(text), Tone::kFaint}); };
  if (!comparison.obstacle.empty()) {
    say("not compared with the same time before: " + printable(comparison.obstacle));
  } else {
    say(canvas.time(comparison.since) + " to " + canvas.time(comparison.until));
    const auto count = [&](std::uint64_t PeriodTally::*which, std::string_view noun) {
      const std::optional<Change> change = change_of_count(comparison.now.*which, comparison.before.*which);
      std::string text = counted(comparison.before.*which, noun);
      if (!change) return say(std::move(text));
      text += std::string(", now ") + arrow(*change, canvas.glyphs) + ' ' + grouped(comparison.now.*which);
      pieces.push_back({text + (change->up ? factor_text(change->factor) : "")});
    };
    count(&PeriodTally::journeys, "journey");
    count(&PeriodTally::recipients, "recipient");
    count(&PeriodTally::logins_failed, "failed login");
  }
  return flow(Line().add("  before    ", Tone::kFaint), pieces, canvas.width, 12, canvas.glyphs);
}

Line outcome_line(const Canvas& canvas, std::string_view name, Outcome which, Tone tone) {
  const std::uint64_t count = outcome(canvas.report, which);
  const std::string change = outcome_change(canvas, which);
  const bool faint = count == 0;
  Line line;
  line.add("  ").add(name, faint ? Tone::kFaint : tone);
  const std::string number = grouped(count);
  line.pad_to(27 - std::min<std::size_t>(display_width(number), 12));
  line.add(number, faint ? Tone::kFaint : Tone::kPlain);
  const std::string part = count == 0 ? "" : share(count, canvas.report.recipients);
  line.pad_to(37 - display_width(part)).add(part);
  const bool room = change.empty() || fits_behind_bar(change, canvas.width);
  const std::size_t most = is_compared(canvas) ? kShortBar : std::min<std::size_t>(canvas.width - 40, 60);
  if (room) line.pad_to(39).add(bar(count, canvas.report.recipients, most, canvas.glyphs), tone);
  add_change(line, change, canvas.width, tone);
  return line;
}

// Beside the recipients, not among them: what was refused never was a mail of ours.
Line rejected_line(const Canvas& canvas) {
  const std::uint64_t count = canvas.report.refused.transactions;
  const Tone tone = count == 0 ? Tone::kFaint : Tone::kPlain;
  const std::string number = grouped(count);
  const std::string change = count_change(canvas, &PeriodTally::refused);
  Line line;
  line.add("  ").add("rejected", tone).pad_to(27 - std::min<std::size_t>(display_width(number), 12)).add(number, tone);
  if (!change.empty()) {
    if (fits_behind_bar(change, canvas.width)) line.pad_to(39).add("transactions", Tone::kFaint);
    add_change(line, change, canvas.width, Tone::kPlain);
  } else if (count != 0) {
    const bool fits = canvas.width >= 76;
    line.pad_to(39).add(fits ? "SMTP transactions, before the queue" : "SMTP transactions", Tone::kFaint);
  }
  return line;
}

// How long, and where: behind the bar where that is short, else on a line of its own.
void append_waiting_detail(Lines& lines, const Canvas& canvas) {
  const Report& report = canvas.report;
  if (lines.back().width() > canvas.width - 30) lines.emplace_back();
  Line& line = lines.back();
  line.pad_to(41);
  const std::size_t room = canvas.width - line.width() - 2;
  std::string text;
  if (report.waiting.oldest && report.last) {
    text = "oldest " + format_span(std::max<Micros>(*report.last - *report.waiting.oldest, 0));
  }
  std::string domains;
  for (std::size_t i = 0; i < std::min<std::size_t>(report.waiting.domains.rows.size(), 3); ++i) {
    const TopRow& row = report.waiting.domains.rows[i];
    const std::string one =
        (i == 0 ? "" : ", ") + printable(row.key) + ' ' + canvas.estimate(row.count, row.error != 0);
    if (display_width(text) + display_width(domains) + display_width(one) + 3 > room) break;
    domains += one;
  }
  if (!domains.empty()) text += (text.empty() ? "(" : " (") + domains + ")";
  line.add(text, Tone::kFaint);
}

Lines apart_lines(const Canvas& canvas) {
  const Report& report = canvas.report;
  std::vector<Piece> apart;
  const auto say = [&](std::string text) { apart.push_back({std::move(text), Tone::kFaint}); };
  if (report.notifications != 0) {
    say(counted(report.notifications, "notification") + " (" + grouped(report.notification_recipients_delivered) +
        " delivered)");
  }
  if (report.probes != 0) say(counted(report.probes, "address probe"));
  if (report.internal_hops != 0) say(counted(report.internal_hops, "hop") + " through filters of our own");
  if (report.journeys_without_recipient != 0) {
    say(counted(report.journeys_without_recipient, "mail") + " without a recipient in the log");
  }
  if (apart.empty()) return {};
  return flow(Line().add("  besides   ", Tone::kFaint), apart, canvas.width, 12, canvas.glyphs);
}

struct Peak {
  std::uint64_t most = 0;
  std::uint64_t sum = 0;
  Micros wall = 0;
};

Peak peak_of(const Volume& volume, std::size_t measure) {
  Peak peak;
  for (std::size_t i = 0; i < volume.buckets.size(); ++i) {
    const std::uint64_t value = volume.buckets[i][measure];
    peak.sum += value;
    if (value <= peak.most) continue;
    peak.most = value;
    peak.wall = volume.first_wall + static_cast<Micros>(i) * volume.unit;
  }
  return peak;
}

// Thresholds are told in docs/report.md.
constexpr std::size_t kMostAlike = 5;  // alarms of one kind that are told one by one
constexpr std::uint64_t kFewestAttempts = 20;
constexpr std::uint64_t kFewestFailures = 10;

using Alarms = std::vector<std::string>;

// What is wrong with the log, and with mail that waits.
Alarms general_alarms(const Canvas& canvas) {
  const Report& report = canvas.report;
  Alarms alarms;
  const auto say = [&](std::string text) { alarms.push_back(std::move(text)); };
  if (report.gap_count != 0) {
    std::string text = "lines are missing in the log";
    if (report.gap_missing != 0) text = grouped(report.gap_missing) + " lines are missing in the log";
    const GapGroup& gap = report.gaps.front();
    if (!gap.host.empty()) text += ", on " + printable(gap.host);
    if (gap.first != 0)
      text += ", " + canvas.time(gap.first) + (gap.last == gap.first ? "" : " to " + canvas.time(gap.last));
    if (report.gaps.size() > 1) text += " and " + counted(report.gaps.size() - 1, "more place");
    say(text + ": figures of that time are too low");
  }
  const auto& by = report.notices_by_severity;
  const std::uint64_t grave =
      by[static_cast<std::size_t>(model::Severity::kPanic)] + by[static_cast<std::size_t>(model::Severity::kFatal)];
  if (grave != 0 && !report.notices.empty()) {
    const NoticeGroup& first = report.notices.front();
    say(counted(grave, "fatal error") + ": " + printable(first.program) + ": " +
        shorten(printable(first.example), canvas.width, canvas.glyphs));
  }
  if (report.has_lines && report.lines.unparsed * 100 > report.lines.lines) {
    say(share(report.lines.unparsed, report.lines.lines) + " of the lines were not understood (see the end)");
  }
  if (report.waiting.oldest && report.last && *report.last - *report.waiting.oldest >= 4 * kHour) {
    std::string text = "longest waiting, " + format_span(*report.last - *report.waiting.oldest) + ": " +
                       shorten(printable(report.waiting.oldest_recipient), 50, canvas.glyphs);
    if (!report.waiting.oldest_queue_id.empty()) text += " (" + printable(report.waiting.oldest_queue_id) + ")";
    say(text);
  }
  return alarms;
}

// `more` alarms that are not told one by one. `list` is where they come from: where it does not hold every key with a
// count of `least` or more, there may be others.
void say_more(Alarms& alarms, std::size_t more, const TopList& list, std::uint64_t least, std::string_view noun) {
  if (more == 0) return;
  const bool all = !list.approximate && (list.rows.size() >= list.distinct || list.rows.back().count < least);
  alarms.push_back((all ? "and " : "and at least ") + counted(more, "more " + std::string(noun)) + " like these");
}

Alarms relay_alarms(const Canvas& canvas) {
  Alarms alarms;
  std::size_t told = 0, untold = 0;
  for (const TopRow& row : canvas.report.relays.rows) {
    const std::uint64_t seen = row.count - row.error;
    if (seen < kFewestAttempts || row.good * 2 >= seen) continue;
    if (row.key == kNoHost) {
      alarms.push_back(counted(seen, "attempt") + " reached no host");
    } else if (told == kMostAlike) {
      ++untold;
    } else {
      ++told;
      alarms.push_back(shorten(printable(row.key), canvas.width / 2, canvas.glyphs) + " took " + grouped(row.good) +
                       " of " + counted(seen, "attempt"));
    }
  }
  say_more(alarms, untold, canvas.report.relays, kFewestAttempts, "relay");
  return alarms;
}

Alarms login_alarms(const Canvas& canvas) {
  Alarms alarms;
  std::size_t told = 0, untold = 0;
  for (const TopRow& row : canvas.report.logins.users.rows) {
    if (row.bad < kFewestFailures || row.good == 0) continue;
    if (told == kMostAlike) {
      ++untold;
      continue;
    }
    ++told;
    alarms.push_back("login " + shorten(printable(row.key), canvas.width / 2, canvas.glyphs) + ": " + grouped(row.bad) +
                     " failures, then " + grouped(row.good) + " ok");
  }
  say_more(alarms, untold, canvas.report.logins.users, kFewestFailures, "login");
  return alarms;
}

}  // namespace

Lines head_lines(const Canvas& canvas) {
  Lines lines = answer(canvas);
  append(lines, scope_lines(canvas));
  return lines;
}

Lines scope_lines(const Canvas& canvas) {
  Lines lines = footing(canvas);
  append(lines, doubts(canvas));
  return lines;
}

Lines alarm_lines(const Canvas& canvas) {
  const Line mark = Line().add(canvas.glyphs.alarm(), Tone::kBad).add(" ");
  Lines lines;
  for (const Alarms& alarms : {general_alarms(canvas), relay_alarms(canvas), login_alarms(canvas)}) {
    for (const std::string& text : alarms) {
      append(lines, flow(mark, {{text, Tone::kPlain}}, canvas.width, 2, canvas.glyphs));
    }
  }
  return lines;
}

Lines mail_lines(const Canvas& canvas) {
  const Report& report = canvas.report;
  // That there is no mail says most where there was some before.
  const bool silent = report.journeys + report.attempts + report.notifications + report.probes == 0;
  if (silent && !(report.comparison && report.comparison->before.journeys != 0)) return {};
  std::vector<Piece> totals = {{counted(report.journeys, "journey")},
                               {counted(report.recipients, "recipient")},
                               {counted(report.attempts, "delivery attempt")},
                               {counted(report.stays, "queue stay"), Tone::kFaint}};
  if (report.bytes != 0) totals.push_back({byte_size(report.bytes), Tone::kFaint});
  Lines lines = flow(Line().add("Mail", Tone::kHeading).pad_to(12), totals, canvas.width, 12, canvas.glyphs);
  append(lines, before_lines(canvas));
  const auto row = [&](std::string_view name, Outcome which, Tone tone, bool always) {
    const std::uint64_t count = outcome(report, which);
    const bool changed = !outcome_change(canvas, which).empty();
    if (count != 0 || always || changed) lines.push_back(outcome_line(canvas, name, which, tone));
  };
  row("delivered", Outcome::kDelivered, Tone::kGood, true);
  row("deferred now", Outcome::kDeferred, Tone::kWaiting, true);
  if (report.waiting.recipients != 0) append_waiting_detail(lines, canvas);
  row("bounced", Outcome::kBounced, Tone::kBad, true);
  row("expired", Outcome::kExpired, Tone::kBad, true);
  lines.push_back(rejected_line(canvas));
  row("held", Outcome::kHeld, Tone::kWaiting, true);
  row("discarded", Outcome::kDiscarded, Tone::kPlain, true);
  row("deleted", Outcome::kDeleted, Tone::kPlain, false);
  row("redirected", Outcome::kRedirected, Tone::kPlain, false);
  row("handed on", Outcome::kInTransit, Tone::kPlain, false);
  row("not known", Outcome::kUnknown, Tone::kPlain, false);
  append(lines, apart_lines(canvas));
  return lines;
}

Lines volume_lines(const Canvas& canvas) {
  constexpr std::array<std::string_view, kMeasureCount> kNames = {"journeys", "delivered", "deferrals", "failed",
                                                                  "refused"};
  constexpr std::array<Tone, kMeasureCount> kTones = {Tone::kPlain, Tone::kGood, Tone::kWaiting, Tone::kBad,
                                                      Tone::kPlain};
  constexpr std::size_t kLeft = 12;
  constexpr std::size_t kRight = 32;  // `  most 1,234,567 Sun 22 Nov 00:00`
  const Volume volume = canvas.report.volume.coarsened(std::min<std::size_t>(canvas.width - kLeft - kRight, 100));
  if (volume.buckets.size() < 2) return {};
  Lines lines;
  lines.push_back(
      Line().add("Volume", Tone::kHeading).pad_to(kLeft).add("per " + bucket_name(volume.unit), Tone::kFaint));
  const std::size_t cells = volume.buckets.size();
  for (std::size_t measure = 0; measure < kMeasureCount; ++measure) {
    const Peak peak = peak_of(volume, measure);
    if (peak.sum == 0) continue;
    std::vector<std::uint64_t> values;
    for (const Measures& bucket : volume.buckets) values.push_back(bucket[measure]);
    Line line;
    line.add("  ").add(kNames[measure]).pad_to(kLeft).add(sparkline(values, canvas.glyphs), kTones[measure]);
    line.pad_to(kLeft + cells + 2).add("most " + grouped(peak.most), Tone::kPlain);
    line.add(", " + wall_time(peak.wall), Tone::kFaint);
    lines.push_back(line);
  }
  if (lines.size() == 1) return {};
  const Micros last = volume.first_wall + static_cast<Micros>(cells - 1) * volume.unit;
  const std::string end = wall_time(last);
  Line axis;
  axis.pad_to(kLeft).add(wall_time(volume.first_wall), Tone::kFaint);
  const std::size_t at = kLeft + cells - std::min(cells, display_width(end));
  if (at > axis.width() + 1) {
    axis.pad_to(at).add(end, Tone::kFaint);
  } else if (axis.width() + 4 + display_width(end) <= canvas.width) {
    axis.add(" to " + end, Tone::kFaint);
  }
  lines.push_back(axis);
  return lines;
}

}  // namespace mailtrail::query

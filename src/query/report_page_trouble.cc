// What went wrong: reasons, refusals, logins, warnings, lines not understood.
#include <algorithm>
#include <array>

#include "base/text.h"
#include "query/report_page_parts.h"

namespace mailtrail::query {
namespace {

constexpr std::size_t kMostOfProgram = 24;
constexpr std::size_t kWhoFits = 110;  // columns from which the reasons have a column for who must act

void append(Lines& lines, const Lines& more) {
  lines.insert(lines.end(), more.begin(), more.end());
}

std::string quoted(const Canvas& canvas, std::string_view text, std::size_t width) {
  return shorten(printable(text), std::max<std::size_t>(width, 10), canvas.glyphs);
}

// The remote's own words, without what Postfix says around them.
std::string_view own_words(std::string_view reply) {
  const std::size_t said = reply.find(" said: ");
  if (reply.substr(0, 5) == "host " && said != std::string_view::npos) reply.remove_prefix(said + 7);
  const std::size_t in_reply = reply.rfind(" (in reply to ");
  return reply.substr(0, in_reply);
}

// `more` of something that the list does not show.
void append_more(Lines& lines, std::size_t shown, std::uint64_t all, bool approximate, std::string_view what,
                 const Canvas& canvas) {
  if (all <= shown) return;
  Line line;
  line.add("  and " + canvas.estimate(all - shown, approximate) + " more", Tone::kFaint);
  if (!what.empty()) line.add(" ").add(what, Tone::kFaint);
  lines.push_back(line);
}

// A reason in the words of whoever gave it; who that was, where there is room.
Line example_line(const Canvas& canvas, const ReasonGroup& group) {
  const ReasonWording& wording = group.wordings.front();
  std::string more;
  if (group.wordings.size() > 1) {
    more = std::string(canvas.glyphs.dot()) + '+' + counted(group.wordings.size() - 1, "wording");
  }
  const std::size_t room = canvas.width - 4 - display_width(more);
  const std::string example = shorten_reply(printable(own_words(wording.example)), room, canvas.glyphs);
  Line line = Line().add("    ").add(example);
  const std::string relay =
      wording.relay.empty() ? "" : std::string(canvas.glyphs.dot()) + quoted(canvas, wording.relay, 30);
  if (display_width(example) + display_width(relay) <= room) line.add(relay, Tone::kFaint);
  return line.add(more, Tone::kFaint);
}

// `head` and the text of a notice beside it: two lines at most.
void append_notice(Lines& lines, const Line& head, const std::string& text, const Canvas& canvas) {
  const std::size_t hang = head.width();
  // A line may end short of its width, at a blank.
  const std::string cut = shorten_reply(text, 2 * (canvas.width - hang) - 12, canvas.glyphs);
  append(lines, flow(head, {{cut}}, canvas.width, hang, canvas.glyphs));
}

struct CauseCount {
  Cause cause;
  std::uint64_t count;
};

std::vector<CauseCount> causes_by_count(const Report::Refused& refused) {
  std::vector<CauseCount> causes;
  for (std::size_t i = 0; i < kCauseCount; ++i) {
    if (refused.causes[i] != 0) causes.push_back({static_cast<Cause>(i), refused.causes[i]});
  }
  std::stable_sort(causes.begin(), causes.end(), [](const auto& a, const auto& b) { return a.count > b.count; });
  return causes;
}

std::string stage_name(std::size_t stage) {
  constexpr std::array<std::string_view, 12> kNames = {
      "stage not logged", "CONNECT", "HELO", "MAIL", "RCPT",     "DATA",
      "end of DATA",      "AUTH",    "VRFY", "ETRN", "STARTTLS", "BDAT"};
  return std::string(kNames[stage]);
}

void append_stages(Lines& lines, const Canvas& canvas) {
  const Report::Refused& refused = canvas.report.refused;
  std::vector<std::pair<std::uint64_t, std::size_t>> stages;
  for (std::size_t i = 0; i < refused.stages.size(); ++i) {
    if (refused.stages[i] != 0) stages.emplace_back(refused.stages[i], i);
  }
  std::sort(stages.begin(), stages.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  std::vector<Piece> pieces;
  for (const auto& [count, stage] : stages) pieces.push_back({stage_name(stage) + ' ' + grouped(count)});
  append(lines, flow(Line().add("  at stage    ", Tone::kFaint), pieces, canvas.width, 14, canvas.glyphs));
}

void append_names(Lines& lines, std::string_view heading, const TopList& list, const Canvas& canvas) {
  std::vector<Piece> pieces;
  for (std::size_t i = 0; i < std::min(canvas.top, list.rows.size()); ++i) {
    const TopRow& row = list.rows[i];
    pieces.push_back({quoted(canvas, row.key, 40) + ' ' + canvas.estimate(row.count, row.error != 0)});
  }
  if (pieces.empty()) return;
  append(lines, flow(Line().add("  " + std::string(heading), Tone::kFaint).pad_to(14), pieces, canvas.width, 14,
                     canvas.glyphs));
}

void append_rules(Lines& lines, const Canvas& canvas) {
  std::vector<Piece> pieces;
  for (std::size_t i = 0; i < canvas.report.refused.other_actions.size(); ++i) {
    const std::uint64_t count = canvas.report.refused.other_actions[i];
    if (count != 0) pieces.push_back({std::string(word(static_cast<model::Action>(i))) + ' ' + grouped(count)});
  }
  if (pieces.empty()) return;
  append(lines, flow(Line().add("  not refused ", Tone::kFaint), pieces, canvas.width, 14, canvas.glyphs));
}

void append_policies(Lines& lines, const Canvas& canvas) {
  std::vector<Piece> pieces;
  for (std::size_t i = 0; i < canvas.report.policies.size(); ++i) {
    const std::uint64_t count = canvas.report.policies[i];
    if (count == 0) continue;
    const auto action = static_cast<model::Action>(i);
    pieces.push_back(
        {(action == model::Action::kNone ? "told only" : std::string(word(action))) + ' ' + grouped(count)});
  }
  if (pieces.empty()) return;
  append(lines, flow(Line().add("  policies    ", Tone::kFaint), pieces, canvas.width, 14, canvas.glyphs));
}

Lines login_table(std::string_view heading, const TopList& list, const Canvas& canvas, std::size_t width) {
  if (list.rows.empty()) return {};
  const std::size_t shown = std::min(canvas.top, list.rows.size());
  const bool any_ok = std::any_of(list.rows.begin(), list.rows.begin() + static_cast<std::ptrdiff_t>(shown),
                                  [](const TopRow& row) { return row.good != 0; });
  Table table({{std::string(heading), false, true}, {"failed", true}, {any_ok ? "then ok" : "", true}});
  for (std::size_t i = 0; i < shown; ++i) {
    const TopRow& row = list.rows[i];
    table.add({{printable(row.key)},
               {canvas.estimate(row.count, row.error != 0), Tone::kBad},
               {row.good == 0 ? "" : grouped(row.good), Tone::kWaiting}});
  }
  Lines lines = table.lines(width, 2, canvas.glyphs);
  append_more(lines, shown, list.distinct, list.approximate, "", canvas);
  return lines;
}

Tone tone_of(model::Severity severity) {
  return severity >= model::Severity::kError ? Tone::kBad : Tone::kWaiting;
}

}  // namespace

Lines reason_lines(const Canvas& canvas) {
  const Report& report = canvas.report;
  if (report.reasons.empty()) return {};
  const bool wide = canvas.width >= kWhoFits;
  const std::size_t shown = std::min(canvas.top * 2, report.reasons.size());
  Table table({{"Why mail did not arrive", false, true},
               {"recipients", true},
               {"share", true},
               {"waiting", true},
               {wide ? "who must act" : "", false, true}});
  for (std::size_t i = 0; i < shown; ++i) {
    const ReasonGroup& group = report.reasons[i];
    table.add({{printable(group.title), group.waiting == group.recipients ? Tone::kWaiting : Tone::kBad},
               {canvas.estimate(group.recipients, report.reasons_approximate)},
               {share(group.recipients, report.not_arrived), Tone::kFaint},
               {group.waiting == 0 ? "" : grouped(group.waiting), Tone::kWaiting},
               {wide ? printable(group.actor) : "", Tone::kFaint}});
  }
  const Lines rows = table.lines(canvas.width, 2, canvas.glyphs);
  Lines lines = {rows.front()};
  for (std::size_t i = 0; i < shown; ++i) {
    const ReasonGroup& group = report.reasons[i];
    lines.push_back(rows[i + 1]);
    if (!group.wordings.empty() && !group.wordings.front().example.empty()) {
      lines.push_back(example_line(canvas, group));
    }
    if (!wide && !group.actor.empty()) {
      append(lines, flow(Line().add("    who acts: ", Tone::kFaint), {{printable(group.actor), Tone::kFaint}},
                         canvas.width, 14, canvas.glyphs));
    }
  }
  append_more(lines, shown, report.reasons.size(), false, "reasons", canvas);
  return lines;
}

Lines refusal_lines(const Canvas& canvas) {
  const Report::Refused& refused = canvas.report.refused;
  Lines lines;
  if (refused.transactions != 0) {
    std::vector<Piece> pieces = {{counted(refused.transactions, "transaction")}};
    pieces.push_back({share(refused.temporary, refused.transactions) + " for now (4xx)", Tone::kFaint});
    pieces.push_back({canvas.estimate(refused.clients.distinct, refused.clients.approximate) + " client" +
                          (refused.clients.distinct == 1 ? "" : "s"),
                      Tone::kFaint});
    lines = flow(Line().add("Refused at the door  ", Tone::kHeading), pieces, canvas.width, 21, canvas.glyphs);
    Table table({{"", false}, {"", true}, {"", true}, {"", false, true, true}});
    const std::vector<CauseCount> causes = causes_by_count(refused);
    const std::size_t shown = std::min(canvas.top * 2, causes.size());
    for (std::size_t i = 0; i < shown; ++i) {
      const auto [cause, count] = causes[i];
      table.add({{std::string(title(cause))},
                 {grouped(count)},
                 {share(count, refused.transactions), Tone::kFaint},
                 {printable(refused.examples[static_cast<std::size_t>(cause)]), Tone::kFaint}});
    }
    append(lines, table.lines(canvas.width, 2, canvas.glyphs));
    append_more(lines, shown, causes.size(), false, "causes", canvas);
    append_stages(lines, canvas);
    append_names(lines, "blocklists", refused.blocklists, canvas);
    append_names(lines, "clients", refused.clients, canvas);
  }
  Lines besides;
  append_rules(besides, canvas);
  append_policies(besides, canvas);
  if (lines.empty() && !besides.empty()) lines.push_back(Line().add("At the door", Tone::kHeading));
  append(lines, besides);
  return lines;
}

Lines login_lines(const Canvas& canvas) {
  const Report::Logins& logins = canvas.report.logins;
  if (logins.ok + logins.failed == 0) return {};
  std::vector<Piece> pieces;
  pieces.push_back({grouped(logins.ok) + " ok by " + canvas.estimate(logins.ok_users, logins.ok_users_approximate) +
                    (logins.ok_users == 1 ? " name" : " names")});
  if (logins.failed == 0) {
    pieces.push_back({"none failed", Tone::kFaint});
  } else {
    std::string text = grouped(logins.failed) + " failed";
    if (logins.users.distinct != 0) {
      text += " for " + canvas.estimate(logins.users.distinct, logins.users.approximate) +
              (logins.users.distinct == 1 ? " name" : " names");
    }
    if (logins.clients.distinct != 0) {
      text += " from " + canvas.estimate(logins.clients.distinct, logins.clients.approximate) +
              (logins.clients.distinct == 1 ? " address" : " addresses");
    }
    pieces.push_back({text, Tone::kBad});
  }
  Lines lines = flow(Line().add("Logins", Tone::kHeading).pad_to(12), pieces, canvas.width, 12, canvas.glyphs);
  const std::size_t half = (canvas.width - 4) / 2;
  const Lines users = login_table("  By name", logins.users, canvas, half);
  const Lines clients = login_table("  By address", logins.clients, canvas, half);
  append(lines, users.empty() ? clients : beside(users, clients, half + 4));
  return lines;
}

Lines notice_lines(const Canvas& canvas) {
  const Report& report = canvas.report;
  const auto& by = report.notices_by_severity;
  std::vector<Piece> totals;
  for (const auto severity :
       {model::Severity::kPanic, model::Severity::kFatal, model::Severity::kError, model::Severity::kWarning}) {
    const std::uint64_t count = by[static_cast<std::size_t>(severity)];
    if (count == 0) continue;
    const bool plural = severity == model::Severity::kError || severity == model::Severity::kWarning;
    totals.push_back({plural ? counted(count, word(severity)) : grouped(count) + ' ' + std::string(word(severity)),
                      tone_of(severity)});
  }
  Line head = Line().add("Warnings and errors  ", Tone::kHeading);
  if (totals.empty()) return report.has_lines ? Lines{head.add("none", Tone::kFaint)} : Lines{};
  Lines lines = flow(head, totals, canvas.width, 4, canvas.glyphs);
  const std::size_t shown = std::min(canvas.top * 2, report.notices.size());
  std::size_t digits = 1, program = 1;
  for (std::size_t i = 0; i < shown; ++i) {
    const NoticeGroup& group = report.notices[i];
    digits = std::max(digits, display_width(canvas.estimate(group.count, group.error != 0)));
    program = std::max(program, display_width(quoted(canvas, group.program, kMostOfProgram)));
  }
  for (std::size_t i = 0; i < shown; ++i) {
    const NoticeGroup& group = report.notices[i];
    const std::string count = canvas.estimate(group.count, group.error != 0);
    Line line = Line().pad_to(2 + digits - display_width(count)).add(count);
    line.pad_to(4 + digits).add(word(group.severity), tone_of(group.severity));
    line.pad_to(13 + digits).add(quoted(canvas, group.program, kMostOfProgram), Tone::kFaint);
    line.pad_to(15 + digits + program);
    append_notice(lines, line, printable(group.count == 1 ? group.example : group.shape), canvas);
  }
  append_more(lines, shown, report.notice_shapes, report.notices_approximate, "kinds", canvas);
  return lines;
}

Lines unparsed_lines(const Canvas& canvas) {
  const LineStats& stats = canvas.report.lines;
  if (!canvas.report.has_lines || stats.lines == 0) return {};
  std::vector<Piece> pieces = {{counted(stats.lines, "line")},
                               {share(stats.lines - stats.unparsed, stats.lines, 2) + " understood"}};
  if (stats.unparsed != 0) pieces.push_back({grouped(stats.unparsed) + " not", Tone::kWaiting});
  if (stats.partial != 0) pieces.push_back({grouped(stats.partial) + " but for a part", Tone::kFaint});
  Lines lines = flow(Line().add("Lines", Tone::kHeading).pad_to(12), pieces, canvas.width, 12, canvas.glyphs);
  Table table({{"", true}, {"", false}, {"", false, true, true}});
  const std::size_t shown = std::min(canvas.top, stats.unparsed_programs.size());
  for (std::size_t i = 0; i < shown; ++i) {
    const LineStats::Program& program = stats.unparsed_programs[i];
    table.add({{grouped(program.lines)},
               {program.program.empty() ? "(no program)" : quoted(canvas, program.program, 22)},
               {printable(program.example), Tone::kFaint}});
  }
  if (shown != 0) append(lines, table.lines(canvas.width, 2, canvas.glyphs));
  append_more(lines, shown, stats.unparsed_programs.size(), false, "programs", canvas);
  return lines;
}

}  // namespace mailtrail::query

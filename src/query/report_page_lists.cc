// Delays, relays, who sends and who gets, connections.
#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "query/report_page_parts.h"

namespace mailtrail::query {
namespace {

constexpr std::size_t kTwoListsFit = 110;  // columns from which two lists stand side by side

void append(Lines& lines, const Lines& more) {
  lines.insert(lines.end(), more.begin(), more.end());
}

std::string shown_key(const std::string& key) {
  return key == "<>" ? "<> (others' bounces)" : printable(key);
}

// Less than 90 % catches the eye.
Tone rate_tone(std::uint64_t good, std::uint64_t seen) {
  if (good * 2 < seen) return Tone::kBad;
  return good * 10 < seen * 9 ? Tone::kWaiting : Tone::kPlain;
}

Lines recipient_list(std::string_view heading, const TopList& list, const Canvas& canvas, std::size_t width) {
  if (list.distinct == 0) return {};
  const std::string of = " (" + canvas.estimate(list.distinct, list.approximate) + ")";
  Table table({{std::string(heading) + of, false, true},
               {"all", true},
               {"delivered", true},
               {"failed", true},
               {"waiting", true}});
  for (std::size_t i = 0; i < std::min(canvas.top, list.rows.size()); ++i) {
    const TopRow& row = list.rows[i];
    const std::uint64_t seen = row.count - row.error;
    table.add({{shown_key(row.key)},
               {canvas.estimate(row.count, row.error != 0)},
               {share(row.good, seen), rate_tone(row.good, seen)},
               {row.bad == 0 ? "" : grouped(row.bad), Tone::kBad},
               {row.waiting == 0 ? "" : grouped(row.waiting), Tone::kWaiting}});
  }
  if (table.empty()) table.add({{"none stands out", Tone::kFaint}, {}, {}, {}, {}});
  return table.lines(width, 2, canvas.glyphs);
}

void append_pair(Lines& lines, const Lines& left, const Lines& right, const Canvas& canvas) {
  if (left.empty() && right.empty()) return;
  if (!lines.empty()) lines.emplace_back();
  if (canvas.width >= kTwoListsFit && !left.empty()) {
    append(lines, beside(left, right, canvas.width / 2 + 2));
    return;
  }
  append(lines, left);
  if (!left.empty() && !right.empty()) lines.emplace_back();
  append(lines, right);
}

std::string versions(const std::vector<NamedCount>& counts, std::uint64_t whole) {
  std::string text;
  for (std::size_t i = 0; i < std::min<std::size_t>(counts.size(), 4); ++i) {
    text += (i == 0 ? "" : ", ") + printable(counts[i].name) + ' ' + share(counts[i].count, whole);
  }
  return text;
}

// `whole_seconds`: the values come from times without fractions.
void add_delay(Table& table, std::string_view name, const Quantiles& quantiles, Tone tone, bool whole_seconds = false) {
  if (quantiles.count == 0) return;
  const auto shown = [&](double seconds) {
    if (!whole_seconds || seconds >= 59.5) return delay(seconds);
    return seconds < 0.5 ? std::string("<1 s") : grouped(static_cast<std::uint64_t>(std::llround(seconds))) + " s";
  };
  table.add({{std::string(name), tone},
             {shown(quantiles.p50)},
             {shown(quantiles.p95)},
             {shown(quantiles.p99)},
             {shown(quantiles.max), Tone::kFaint}});
}

}  // namespace

Lines delay_lines(const Canvas& canvas) {
  const Report& report = canvas.report;
  Table table({{"Delays", false, true}, {"half within", true}, {"95 %", true}, {"99 %", true}, {"longest", true}});
  add_delay(table, "mail to " + counted(report.end_to_end.count, "delivered recipient"), report.end_to_end,
            Tone::kPlain, report.whole_seconds);
  add_delay(table, counted(report.delay.count, "sent attempt") + ", since arrival", report.delay, Tone::kPlain);
  add_delay(table, "  before the queue manager", report.delay_before_queue, Tone::kFaint);
  add_delay(table, "  in the queue", report.delay_in_queue, Tone::kFaint);
  add_delay(table, "  connecting (DNS, HELO, TLS)", report.delay_connect, Tone::kFaint);
  add_delay(table, "  transmitting", report.delay_transmit, Tone::kFaint);
  if (table.empty()) return {};
  return table.lines(std::min<std::size_t>(canvas.width, 90), 2, canvas.glyphs);
}

Lines relay_lines(const Canvas& canvas) {
  const TopList& relays = canvas.report.relays;
  if (relays.rows.empty()) return {};
  const std::string of = " (" + canvas.estimate(relays.distinct, relays.approximate) + ")";
  Table table(
      {{"Relays" + of, false, true}, {"attempts", true}, {"sent", true}, {"bounced", true}, {"deferred", true}});
  for (std::size_t i = 0; i < std::min(canvas.top, relays.rows.size()); ++i) {
    const TopRow& row = relays.rows[i];
    const std::uint64_t seen = row.count - row.error;
    table.add({{printable(row.key)},
               {canvas.estimate(row.count, row.error != 0)},
               {share(row.good, seen), rate_tone(row.good, seen)},
               {row.bad == 0 ? "" : grouped(row.bad), Tone::kBad},
               {row.waiting == 0 ? "" : grouped(row.waiting), Tone::kWaiting}});
  }
  return table.lines(std::min<std::size_t>(canvas.width, 90), 2, canvas.glyphs);
}

Lines address_lines(const Canvas& canvas) {
  const Report& report = canvas.report;
  const std::size_t width = canvas.width >= kTwoListsFit ? canvas.width / 2 - 2 : canvas.width;
  const auto list = [&](std::string_view heading, const TopList& of) {
    return recipient_list(heading, of, canvas, width);
  };
  Lines lines;
  append_pair(lines, list("Recipients by domain", report.recipient_domains),
              list("Recipients", report.recipients_by_address), canvas);
  append_pair(lines, list("Recipients by sender domain", report.sender_domains),
              list("Recipients by sender", report.senders), canvas);
  return lines;
}

Lines connection_lines(const Canvas& canvas) {
  const Report::Sessions& sessions = canvas.report.sessions;
  const Report::Tls& tls = canvas.report.tls;
  std::vector<Piece> in;
  if (sessions.count != 0) {
    in.push_back({counted(sessions.count, "session")});
    if (sessions.with_tls != 0) {
      in.push_back({"TLS " + share(sessions.with_tls, sessions.count) + " (" +
                    versions(sessions.tls_versions, sessions.count) + ")"});
    } else {
      in.push_back({"TLS not logged", Tone::kFaint});
    }
    if (sessions.with_login != 0)
      in.push_back({share(sessions.with_login, sessions.count) + " with a login", Tone::kFaint});
    if (sessions.broken != 0) in.push_back({grouped(sessions.broken) + " broken off", Tone::kFaint});
  }
  if (tls.failed_in != 0) in.push_back({counted(tls.failed_in, "TLS handshake") + " failed", Tone::kBad});
  std::vector<Piece> out;
  if (tls.smtp_attempts != 0) out.push_back({counted(tls.smtp_attempts, "attempt") + " to other hosts"});
  if (tls.smtp_attempts_with_tls != 0) {
    out.push_back({"TLS " + share(tls.smtp_attempts_with_tls, tls.smtp_attempts)});
  } else if (tls.smtp_attempts != 0 && tls.sessions_out == 0) {
    out.push_back({"TLS not logged", Tone::kFaint});
  }
  if (tls.sessions_out != 0) {
    out.push_back(
        {counted(tls.sessions_out, "TLS session") + " (" + versions(tls.versions_out, tls.sessions_out) + ")"});
    if (!tls.trust_out.empty()) out.push_back({versions(tls.trust_out, tls.sessions_out), Tone::kFaint});
  }
  if (tls.failed_out != 0) out.push_back({counted(tls.failed_out, "TLS handshake") + " failed", Tone::kBad});
  Lines lines;
  const auto section = [&](std::string_view heading, const std::vector<Piece>& pieces) {
    if (pieces.empty()) return;
    append(lines, flow(Line().add(heading, Tone::kHeading).pad_to(17), pieces, canvas.width, 17, canvas.glyphs));
  };
  section("Connections in", in);
  section("Connections out", out);
  return lines;
}

}  // namespace mailtrail::query

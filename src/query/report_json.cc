#include "query/report_json.h"

#include "base/json_writer.h"
#include "query/report_spans_page.h"

namespace mailtrail::query {
namespace {

// Rises when a name of the shape changes or goes.
constexpr int kSchema = 1;

class ReportWriter {
 public:
  ReportWriter(std::string& out, const Report& report) : json_(out), report_(report) {}

  void write() {
    json_.begin_object();
    number("schema", kSchema);
    scope();
    mail();
    attempts();
    volume();
    reasons();
    delays();
    refused();
    policies();
    logins();
    connections();
    notices();
    gaps();
    if (report_.comparison) before(*report_.comparison);
    json_.end_object();
  }

 private:
  void number(std::string_view name, std::uint64_t value) {
    json_.key(name);
    json_.value(value);
  }
  void number(std::string_view name, int value) { number(name, static_cast<std::uint64_t>(value)); }
  void real(std::string_view name, double value) {
    json_.key(name);
    json_.value(value);
  }
  void flag(std::string_view name, bool value) {
    json_.key(name);
    json_.value(value);
  }
  void time(std::string_view name, Micros at) {
    if (at != 0) json_.field(name, std::string_view(format_rfc3339(at, report_.zone.offset_at(at))));
  }
  void time(std::string_view name, const std::optional<Micros>& at) {
    if (at) time(name, *at);
  }
  template <class Body>
  void object(std::string_view name, Body&& body) {
    json_.key(name);
    json_.begin_object();
    body();
    json_.end_object();
  }
  template <class Items, class Body>
  void array(std::string_view name, const Items& items, Body&& body) {
    json_.key(name);
    json_.begin_array();
    for (const auto& item : items) {
      json_.begin_object();
      body(item);
      json_.end_object();
    }
    json_.end_array();
  }
  void named(std::string_view name, const std::vector<NamedCount>& counts) {
    json_.key(name);
    json_.begin_object();
    for (const NamedCount& one : counts) {
      json_.text_key(one.name);
      json_.value(one.count);
    }
    json_.end_object();
  }
  // `rows` with the key under `key_name`, the count under `count_name`; `split` writes what the count splits into.
  template <class Split>
  void list(std::string_view name, const TopList& top, std::string_view key_name, std::string_view count_name,
            Split&& split) {
    object(name, [&] {
      number("distinct", top.distinct);
      number("total", top.total);
      flag("approximate", top.approximate);
      array("rows", top.rows, [&](const TopRow& row) {
        json_.key(key_name);
        json_.value(std::string_view(row.key));
        json_.field("client_name", std::string_view(row.note));
        number(count_name, row.count);
        if (row.error != 0) number("error", row.error);
        split(row);
      });
    });
  }
  void recipient_list(std::string_view name, const TopList& top, std::string_view key_name) {
    list(name, top, key_name, "recipients", [&](const TopRow& row) {
      number("delivered", row.good);
      number("failed", row.bad);
      number("waiting", row.waiting);
    });
  }
  void plain_list(std::string_view name, const TopList& top, std::string_view key_name, std::string_view count_name) {
    list(name, top, key_name, count_name, [](const TopRow&) {});
  }
  void login_list(std::string_view name, const TopList& top, std::string_view key_name) {
    list(name, top, key_name, "failed", [&](const TopRow& row) { number("success_later", row.good); });
  }
  // Those that are not zero, by their words.
  template <class Enum, std::size_t N>
  void by_word(std::string_view name, const std::array<std::uint64_t, N>& counts, bool zeros = false) {
    json_.key(name);
    json_.begin_object();
    for (std::size_t i = 0; i < N; ++i) {
      if (counts[i] == 0 && !zeros) continue;
      const std::string_view text = word(static_cast<Enum>(i));
      number(text.empty() ? "not_stated" : text, counts[i]);
    }
    json_.end_object();
  }

  void scope();
  void mail();
  void attempts();
  void volume();
  void reasons();
  void delays();
  void refused();
  void policies();
  void logins();
  void connections();
  void notices();
  void gaps();
  void before(const Comparison& comparison);

  JsonWriter json_;
  const Report& report_;
};

void ReportWriter::scope() {
  time("first", report_.first);
  time("last", report_.last);
  json_.field("timezone", std::string_view(report_.zone.name()));
  if (!report_.has_lines) return;
  const LineStats& lines = report_.lines;
  object("lines", [&] {
    number("total", lines.lines);
    number("unparsed", lines.unparsed);
    if (lines.partial != 0) number("partial", lines.partial);
    number("cut", lines.cut);
    number("untimed", lines.untimed);
    flag("year_inferred", lines.year_inferred);
    flag("zone_assumed", lines.zone_assumed);
    json_.key("hosts");
    json_.begin_array();
    for (const std::string& host : lines.hosts) json_.value(std::string_view(host));
    json_.end_array();
    array("unparsed_programs", lines.unparsed_programs, [&](const LineStats::Program& program) {
      json_.field("program", std::string_view(program.program));
      number("lines", program.lines);
      json_.field("example", std::string_view(program.example));
    });
  });
  object("tracer", [&] {
    number("messages_begin_missing", lines.stays_begin_missing);
    number("messages_evicted", lines.stays_evicted);
    number("queue_ids_reused", lines.queue_ids_reused);
  });
}

void ReportWriter::mail() {
  object("mail", [&] {
    number("journeys", report_.journeys);
    number("messages", report_.stays);
    number("recipients", report_.recipients);
    by_word<model::Outcome>("outcomes", report_.outcomes, true);
    number("journeys_with_size", report_.journeys_with_size);
    number("bytes", report_.bytes);
    number("journeys_open", report_.journeys_open);
    number("journeys_begin_missing", report_.journeys_begin_missing);
    number("journeys_evicted", report_.journeys_evicted);
    number("journeys_without_recipient", report_.journeys_without_recipient);
    recipient_list("senders", report_.senders, "sender");
    recipient_list("sender_domains", report_.sender_domains, "domain");
    recipient_list("recipients_by_address", report_.recipients_by_address, "recipient");
    recipient_list("recipient_domains", report_.recipient_domains, "domain");
  });
  object("deferred_now", [&] {
    number("recipients", report_.waiting.recipients);
    time("oldest_received", report_.waiting.oldest);
    json_.field("oldest_recipient", std::string_view(report_.waiting.oldest_recipient));
    json_.field("oldest_queue_id", std::string_view(report_.waiting.oldest_queue_id));
    plain_list("domains", report_.waiting.domains, "domain", "recipients");
  });
  object("notifications", [&] {
    number("journeys", report_.notifications);
    number("recipients", report_.notification_recipients);
    number("delivered", report_.notification_recipients_delivered);
  });
  object("probes", [&] {
    number("journeys", report_.probes);
    number("recipients", report_.probe_recipients);
    number("attempts", report_.probe_attempts);
  });
}

void ReportWriter::attempts() {
  object("attempts", [&] {
    number("total", report_.attempts);
    number("sent", report_.sent);
    number("deferred", report_.deferred);
    number("failed", report_.failed);
    number("other", report_.other);
    number("internal_hops", report_.internal_hops);
    list("relays", report_.relays, "relay", "attempts", [&](const TopRow& row) {
      number("sent", row.good);
      number("deferred", row.waiting);
      number("failed", row.bad);
    });
  });
}

void ReportWriter::volume() {
  const Volume& volume = report_.volume;
  object("volume", [&] {
    number("bucket_seconds", static_cast<std::uint64_t>(volume.unit / kSecond));
    json_.key("buckets");
    json_.begin_array();
    for (std::size_t i = 0; i < volume.buckets.size(); ++i) {
      const Micros wall = volume.first_wall + static_cast<Micros>(i) * volume.unit;
      const TimeZone::Instant begin = report_.zone.at_wall(wall);
      json_.begin_object();
      json_.field("time", std::string_view(format_rfc3339(begin.time, begin.offset_minutes)));
      const Measures& counts = volume.buckets[i];
      const auto count = [&](std::string_view name, Measure measure) {
        number(name, counts[static_cast<std::size_t>(measure)]);
      };
      count("journeys", Measure::kJourneys);
      count("delivered", Measure::kDelivered);
      count("deferred_attempts", Measure::kDeferrals);
      count("failed", Measure::kFailed);
      count("refused", Measure::kRefused);
      json_.end_object();
    }
    json_.end_array();
  });
}

void ReportWriter::reasons() {
  object("not_arrived", [&] {
    number("recipients", report_.not_arrived);
    flag("approximate", report_.reasons_approximate);
    array("reasons", report_.reasons, [&](const ReasonGroup& group) {
      json_.field("reason", std::string_view(group.title));
      json_.field("actor", std::string_view(group.actor));
      number("recipients", group.recipients);
      number("waiting", group.waiting);
      array("wordings", group.wordings, [&](const ReasonWording& wording) {
        json_.field("shape", std::string_view(wording.shape));
        number("recipients", wording.recipients);
        json_.field("dsn", std::string_view(wording.dsn));
        json_.field("smtp_code", wording.smtp_code);
        json_.field("reply", std::string_view(wording.example));
        json_.field("relay_host", std::string_view(wording.relay));
      });
    });
  });
}

void ReportWriter::delays() {
  const auto quantiles = [&](std::string_view name, const Quantiles& of) {
    if (of.count == 0) return;
    object(name, [&] {
      number("count", of.count);
      real("p50", of.p50);
      real("p95", of.p95);
      real("p99", of.p99);
      real("max", of.max);
    });
  };
  object("delays", [&] {
    quantiles("end_to_end", report_.end_to_end);
    quantiles("delay", report_.delay);
    quantiles("delay_before_queue", report_.delay_before_queue);
    quantiles("delay_in_queue", report_.delay_in_queue);
    quantiles("delay_connect", report_.delay_connect);
    quantiles("delay_transmit", report_.delay_transmit);
  });
}

void ReportWriter::refused() {
  const Report::Refused& refused = report_.refused;
  object("refused", [&] {
    number("transactions", refused.transactions);
    number("temporary", refused.temporary);
    by_word<model::Stage>("stages", refused.stages);
    json_.key("causes");
    json_.begin_array();
    for (std::size_t i = 0; i < kCauseCount; ++i) {
      if (refused.causes[i] == 0) continue;
      json_.begin_object();
      json_.field("cause", word(static_cast<Cause>(i)));
      number("transactions", refused.causes[i]);
      json_.field("reply", std::string_view(refused.examples[i]));
      json_.end_object();
    }
    json_.end_array();
    plain_list("blocklists", refused.blocklists, "blocklist", "transactions");
    plain_list("clients", refused.clients, "client_ip", "transactions");
    by_word<model::Action>("other_actions", refused.other_actions);
  });
}

void ReportWriter::policies() {
  object("policies", [&] {
    by_word<model::Action>("actions", report_.policies);
    plain_list("reasons", report_.policy_reasons, "reason", "count");
  });
}

void ReportWriter::logins() {
  const Report::Logins& logins = report_.logins;
  object("logins", [&] {
    number("success", logins.ok);
    number("failed", logins.failed);
    number("users_success", logins.ok_users);
    flag("users_success_approximate", logins.ok_users_approximate);
    named("success_by_protocol", logins.ok_protocols);
    named("failed_by_protocol", logins.failed_protocols);
    login_list("users", logins.users, "user");
    login_list("clients", logins.clients, "client_ip");
  });
}

void ReportWriter::connections() {
  const Report::Sessions& sessions = report_.sessions;
  object("sessions", [&] {
    number("total", sessions.count);
    number("with_tls", sessions.with_tls);
    number("with_login", sessions.with_login);
    number("begin_missing", sessions.begin_missing);
    number("end_missing", sessions.end_missing);
    number("broken_off", sessions.broken);
    named("tls_versions", sessions.tls_versions);
    number("tls_failed", report_.tls.failed_in);
  });
  object("tls_out", [&] {
    number("sessions", report_.tls.sessions_out);
    number("failed", report_.tls.failed_out);
    named("tls_versions", report_.tls.versions_out);
    named("tls_trust", report_.tls.trust_out);
    number("smtp_attempts", report_.tls.smtp_attempts);
    number("smtp_attempts_with_tls", report_.tls.smtp_attempts_with_tls);
  });
}

void ReportWriter::notices() {
  object("notices", [&] {
    by_word<model::Severity>("severities", report_.notices_by_severity);
    number("shapes", report_.notice_shapes);
    flag("approximate", report_.notices_approximate);
    array("rows", report_.notices, [&](const NoticeGroup& group) {
      json_.field("severity", word(group.severity));
      json_.field("program", std::string_view(group.program));
      json_.field("shape", std::string_view(group.shape));
      number("count", group.count);
      if (group.error != 0) number("error", group.error);
      time("first", group.first);
      time("last", group.last);
      json_.field("text", std::string_view(group.example));
    });
  });
}

void ReportWriter::gaps() {
  object("gaps", [&] {
    number("total", report_.gap_count);
    number("missing", report_.gap_missing);
    array("rows", report_.gaps, [&](const GapGroup& group) {
      json_.field("host", std::string_view(group.host));
      json_.field("reason", std::string_view(group.reason));
      number("gaps", group.gaps);
      number("missing", group.missing);
      number("missing_not_stated", group.unstated);
      time("first", group.first);
      time("last", group.last);
    });
  });
}

void ReportWriter::before(const Comparison& comparison) {
  object("before", [&] {
    time("since", comparison.since);
    time("until", comparison.until);
    flag("comparable", comparison.obstacle.empty());
    if (!comparison.obstacle.empty()) return json_.field("why_not", std::string_view(comparison.obstacle));
    write_figures(json_, comparison.before);
  });
}

}  // namespace

std::string report_json(const Report& report) {
  std::string out;
  ReportWriter(out, report).write();
  return out;
}

}  // namespace mailtrail::query

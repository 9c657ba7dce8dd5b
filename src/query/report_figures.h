// Report: what happened, as numbers. What each of them counts is said here once; docs/report.md says it to users.
//
// All texts are as logged, cut where they were overlong, not escaped.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "base/time_zone.h"
#include "model/vocabulary.h"
#include "query/report_cause.h"
#include "query/report_compare.h"
#include "query/report_volume.h"

namespace mailtrail::query {

// What the pipeline knows of the input: filled in by the caller, given to ReportBuilder::on_lines.
struct LineStats {
  std::uint64_t lines = 0;
  std::uint64_t unparsed = 0;  // of `lines`: no dialect knew them
  std::uint64_t partial = 0;   // of `lines`: a part was not understood, the others hold
  std::uint64_t cut = 0;       // of `lines`: longer than the framing takes, read in part
  std::uint64_t untimed = 0;   // of `lines`: without a time
  std::optional<Micros> first, last;
  std::vector<std::string> hosts;  // sorted; the caller bounds them
  struct Program {
    std::string program;  // as logged; empty where the line names none
    std::uint64_t lines = 0;
    std::string example;  // one whole line
  };
  std::vector<Program> unparsed_programs;  // the most lines first; the caller bounds them
  bool year_inferred = false;
  bool zone_assumed = false;
  // Of the tracer:
  std::uint64_t stays_begin_missing = 0;
  std::uint64_t stays_evicted = 0;
  std::uint64_t queue_ids_reused = 0;
};

// One key of a top list. `good`, `bad` and `waiting` split what was seen of it, `count - error`; what is in none of the
// three is something else (the list says what).
struct TopRow {
  std::string key, note;
  std::uint64_t count = 0;
  std::uint64_t error = 0;  // `count` may be this much too high; 0: exact
  std::uint64_t good = 0, bad = 0, waiting = 0;
};

// The relay of attempts that reached no host.
inline constexpr std::string_view kNoHost = "(no host reached)";

// The greatest of a list of keys, greatest first.
struct TopList {
  std::vector<TopRow> rows;
  std::uint64_t distinct = 0;  // how many keys there are in all
  std::uint64_t total = 0;     // the sum over all keys
  bool approximate = false;    // there were more keys than could be kept: counts of rows and `distinct` are estimates
};

// A number of something that has a name.
struct NamedCount {
  std::string name;
  std::uint64_t count = 0;
};

// One wording of a reason.
struct ReasonWording {
  std::string shape;
  std::uint64_t recipients = 0;
  std::string example;  // one reply, verbatim
  std::string relay;    // who said the example
  std::string dsn;
  std::optional<std::int32_t> smtp_code;
};

// Why recipients of mail were not reached: those whose outcome is bounced, expired or deferred.
struct ReasonGroup {
  std::string title, actor;
  std::uint64_t recipients = 0;
  std::uint64_t waiting = 0;            // of `recipients`: deferred, may yet arrive
  std::vector<ReasonWording> wordings;  // the most recipients first
};

// Seconds. Estimates within 1 %, but for `max`.
struct Quantiles {
  std::uint64_t count = 0;
  double p50 = 0, p95 = 0, p99 = 0, max = 0;
};

struct NoticeGroup {
  model::Severity severity = model::Severity::kNone;
  std::string program, shape, example;
  std::uint64_t count = 0;
  std::uint64_t error = 0;
  Micros first = 0, last = 0;
};

struct GapGroup {
  std::string host, reason;
  std::uint64_t gaps = 0;
  std::uint64_t missing = 0;   // lines, where stated
  std::uint64_t unstated = 0;  // of `gaps`: those that do not say how many lines
  Micros first = 0, last = 0;
};

struct Report {
  TimeZone zone;
  LineStats lines;
  bool has_lines = false;             // `lines` was given
  std::optional<Micros> first, last;  // of the lines where given, else of the facts

  // Mail: journeys that are neither notifications nor address probes.
  std::uint64_t journeys = 0;
  std::uint64_t stays = 0;       // queue stays of these
  std::uint64_t recipients = 0;  // of these, each once, by its final outcome
  std::array<std::uint64_t, model::kOutcomeCount> outcomes{};
  std::uint64_t journeys_with_size = 0, bytes = 0;  // the sum of the sizes that are known
  std::uint64_t journeys_open = 0, journeys_begin_missing = 0, journeys_evicted = 0, journeys_without_recipient = 0;

  // Counted apart.
  std::uint64_t notifications = 0, notification_recipients = 0, notification_recipients_delivered = 0;
  std::uint64_t probes = 0, probe_recipients = 0;

  // Attempts: for one recipient each; those of notifications are among them, address probes and internal hops are not.
  std::uint64_t attempts = 0;
  std::uint64_t sent = 0, deferred = 0, failed = 0, other = 0;  // how they ended
  std::uint64_t internal_hops = 0;                              // handed to a filter of our own
  std::uint64_t probe_attempts = 0;

  // Recipients by who and where; good: delivered, bad: bounced or expired, waiting: deferred or held.
  TopList senders, sender_domains, recipients_by_address, recipient_domains;
  // Attempts by relay (the host, else the socket, else the mailer); good: sent, bad: bounced or expired, waiting:
  // deferred.
  TopList relays;

  std::vector<ReasonGroup> reasons;  // the most recipients first
  std::uint64_t not_arrived = 0;     // recipients that the reasons are told of
  bool reasons_approximate = false;

  struct Waiting {
    std::uint64_t recipients = 0;  // outcome deferred
    std::optional<Micros> oldest;  // when the oldest mail among them was received
    std::string oldest_recipient, oldest_queue_id;
    TopList domains;
  } waiting;

  Volume volume;  // at most 400 buckets

  // Of attempts that were sent (the stages are those of Postfix), and of delivered recipients from the first line of
  // their mail to the decision.
  Quantiles delay, delay_before_queue, delay_in_queue, delay_connect, delay_transmit, end_to_end;
  bool whole_seconds = true;  // the times behind `end_to_end` have no fractions: 0 is anything below a second

  // Refused before the queue: rejections whose action is reject or defer.
  struct Refused {
    std::uint64_t transactions = 0;
    std::uint64_t temporary = 0;             // of these: the client was told to come again (4xx, defer)
    std::array<std::uint64_t, 12> stages{};  // by model::Stage
    std::array<std::uint64_t, kCauseCount> causes{};
    std::array<std::string, kCauseCount> examples;  // one reply each, verbatim
    TopList blocklists, clients;
    std::array<std::uint64_t, 11> other_actions{};  // by model::Action: rules that acted and did not refuse
  } refused;

  struct Logins {
    std::uint64_t ok = 0, failed = 0;
    std::vector<NamedCount> ok_protocols, failed_protocols;
    std::uint64_t ok_users = 0;  // different names that succeeded
    bool ok_users_approximate = false;
    // By failures; good: successes of the same name or address after its first failure.
    TopList users, clients;
  } logins;

  struct Sessions {
    std::uint64_t count = 0, with_tls = 0, with_login = 0, begin_missing = 0, end_missing = 0, broken = 0;
    std::vector<NamedCount> tls_versions;
  } sessions;

  struct Tls {
    std::uint64_t sessions_out = 0, failed_out = 0, failed_in = 0;
    std::vector<NamedCount> versions_out, trust_out;
    std::uint64_t smtp_attempts = 0;           // attempts that reached a host of others (an address is logged)
    std::uint64_t smtp_attempts_with_tls = 0;  // of these: the attempt itself states TLS
  } tls;

  std::vector<NoticeGroup> notices;  // panic, fatal, error, warning; the gravest first, then the most
  std::array<std::uint64_t, 7> notices_by_severity{};
  std::uint64_t notice_shapes = 0;
  bool notices_approximate = false;

  std::array<std::uint64_t, 11> policies{};  // by model::Action
  TopList policy_reasons;                    // of those that are not `pass`

  std::vector<GapGroup> gaps;
  std::uint64_t gap_count = 0, gap_missing = 0;

  std::optional<Comparison> comparison;  // filled in by the caller, where it was asked for
};

}  // namespace mailtrail::query

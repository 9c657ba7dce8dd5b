#include "query/report.h"

#include <algorithm>
#include <array>
#include <limits>
#include <tuple>
#include <utility>
#include <vector>

#include "base/ddsketch.h"
#include "base/folded_key.h"
#include "base/hash.h"
#include "base/text.h"
#include "query/counting_rules.h"
#include "query/report_count_queue.h"
#include "query/report_lists.h"

namespace mailtrail::query {
namespace {

using model::Outcome;
using model::Status;

constexpr std::size_t kGroupBound = 2'000;  // wordings of reasons, shapes of notices
constexpr std::size_t kNameBound = 100;     // protocols, versions: names of a closed kind, unless forged
constexpr std::size_t kVolumeBuckets = 400;
constexpr std::size_t kExampleBytes = 500;

std::string_view domain_of(std::string_view address) {
  const std::size_t at = address.rfind('@');
  return at == std::string_view::npos ? std::string_view() : address.substr(at + 1);
}

Split split_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::kDelivered:
      return {1, 0, 0};
    case Outcome::kBounced:
    case Outcome::kExpired:
      return {0, 1, 0};
    case Outcome::kDeferred:
    case Outcome::kHeld:
      return {0, 0, 1};
    default:
      return {};
  }
}

// What has no time is taken to be later than all that has one.
constexpr Micros kNoTime = std::numeric_limits<Micros>::max();

// An example is the earliest of its kind, and the least of those of one time: in whatever order they are told.
void choose_example(std::string& example, Micros& example_time, std::string_view text, Micros time) {
  if (text.empty()) return;
  if (time == 0) time = kNoTime;
  text = text.substr(0, kExampleBytes);
  if (!example.empty() && (time > example_time || (time == example_time && text >= example))) return;
  example = text;
  example_time = time;
}

Quantiles quantiles(const DdSketch& sketch) {
  return {sketch.count(), sketch.quantile(0.5), sketch.quantile(0.95), sketch.quantile(0.99), sketch.max()};
}

}  // namespace

class ReportBuilder::Impl {
 public:
  explicit Impl(ReportOptions options)
      : options_(std::move(options)), bound_(std::max<std::size_t>(options_.bound, 100)) {}

  void journey(const model::fact::Journey& journey);
  void delivery(const model::fact::Delivery& delivery);
  void rejection(const model::fact::Rejection& rejection);
  void login(const model::fact::Login& login);
  void session(const model::fact::Session& session);
  void tls(const model::fact::TlsSession& session);
  void notice(const model::fact::Notice& notice);
  void policy(const model::fact::Policy& policy);
  void gap(const model::fact::Gap& gap);
  void lines(const LineStats& lines);
  Report finish();
  std::size_t bytes();

 private:
  void apart(const model::fact::Journey& journey);
  Split recipient(const model::fact::Journey& journey, const model::fact::Recipient& recipient);
  void not_arrived(const model::fact::Recipient& recipient);
  const std::string& reason_key(const model::fact::Recipient& recipient);
  void still_waiting(const model::fact::Journey& journey, const model::fact::Recipient& recipient);
  void sent(const model::event::Delivery& event);
  // Keeps the range of the facts' times; says whether the fact has one.
  bool timed(Micros time);
  void count(Micros time, Measure measure, std::uint64_t weight = 1) {
    if (time != 0) series_.add(time, measure, weight);
  }

  ReportOptions options_;
  std::size_t bound_;
  Report report_;
  VolumeSeries series_;
  CauseFinder causes_;
  Micros first_fact_ = 0, last_fact_ = 0;
  std::array<Micros, kCauseCount> refusal_times_{};  // of the examples

  SplitTable senders_{bound_}, sender_domains_{bound_}, recipients_{bound_}, recipient_domains_{bound_};
  SplitTable relays_{bound_}, waiting_domains_{bound_}, blocklists_{kGroupBound}, refused_clients_{bound_};
  SplitTable login_users_{bound_}, login_clients_{bound_}, ok_users_{bound_}, policy_reasons_{kGroupBound};
  SplitTable ok_protocols_{kNameBound}, failed_protocols_{kNameBound}, session_versions_{kNameBound};
  SplitTable versions_out_{kNameBound}, trust_out_{kNameBound};
  CountQueue counts_{options_.own_thread};  // of the greater of these tables
  // The last reasons by what they were asked for: explaining costs more than all else that is done for a recipient.
  struct KnownReason {
    std::uint64_t hash = 0;
    std::string key;
  };
  std::vector<KnownReason> known_reasons_{16384};
  SpaceSaving<ReasonTally> reasons_{kGroupBound};
  SpaceSaving<NoticeTally> notices_{kGroupBound};
  DdSketch delay_, before_queue_, in_queue_, connect_, transmit_, end_to_end_;
};

bool ReportBuilder::Impl::timed(Micros time) {
  if (time == 0) return false;
  first_fact_ = first_fact_ == 0 ? time : std::min(first_fact_, time);
  last_fact_ = std::max(last_fact_, time);
  return true;
}

// Notifications and address probes: nobody's mail.
void ReportBuilder::Impl::apart(const model::fact::Journey& journey) {
  if (journey.probe) {
    ++report_.probes;
    report_.probe_recipients += journey.recipients.size();
    return;
  }
  ++report_.notifications;
  report_.notification_recipients += journey.recipients.size();
  for (const model::fact::Recipient& one : journey.recipients) {
    if (one.outcome == Outcome::kDelivered) ++report_.notification_recipients_delivered;
  }
}

void ReportBuilder::Impl::journey(const model::fact::Journey& journey) {
  timed(journey.received);
  timed(journey.last_seen);
  if (journey.notification || journey.probe) return apart(journey);
  ++report_.journeys;
  report_.stays += journey.messages.size();
  report_.journeys_open += journey.open;
  report_.journeys_begin_missing += journey.begin_missing;
  report_.journeys_evicted += journey.evicted;
  report_.journeys_without_recipient += journey.recipients.empty();
  if (journey.size) {
    ++report_.journeys_with_size;
    report_.bytes += static_cast<std::uint64_t>(std::max<std::int64_t>(*journey.size, 0));
  }
  count(journey.received, Measure::kJourneys);
  __builtin_prefetch(journey.sender.data());
  for (const model::fact::Recipient& one :
       journey.recipients.first(std::min<std::size_t>(journey.recipients.size(), 8))) {
    __builtin_prefetch(one.recipient.data());
  }
  Split split;
  std::uint64_t counted = 0;
  for (const model::fact::Recipient& one : journey.recipients) {
    if (one.internal) {
      ++report_.probe_recipients;
      continue;
    }
    split.add(recipient(journey, one));
    ++counted;
  }
  if (counted == 0 || journey.sender.empty()) return;
  const std::string_view sender = counts_.fold(journey.sender);
  const std::string_view domain = domain_of(sender);
  counts_.add(senders_, sender, counted, split);
  if (!domain.empty()) counts_.add(sender_domains_, domain, counted, split);
}

Split ReportBuilder::Impl::recipient(const model::fact::Journey& journey, const model::fact::Recipient& recipient) {
  ++report_.recipients;
  ++report_.outcomes[static_cast<std::size_t>(recipient.outcome)];
  const Split split = split_of(recipient.outcome);
  if (!recipient.recipient.empty()) {
    const std::string_view address = counts_.fold(recipient.recipient);
    const std::string_view domain = domain_of(address);
    counts_.add(recipients_, address, 1, split);
    if (!domain.empty()) counts_.add(recipient_domains_, domain, 1, split);
  }
  const Micros decided = recipient.decided.value_or(recipient.last_attempt);
  if (split.good != 0) {
    count(decided, Measure::kDelivered);
    if (recipient.decided && !journey.begin_missing && journey.received != 0) {
      const Micros span = std::max<Micros>(*recipient.decided - journey.received, 0);
      report_.whole_seconds = report_.whole_seconds && span % kSecond == 0;
      end_to_end_.add(static_cast<double>(span) / kSecond);
    }
  } else if (split.bad != 0) {
    count(decided, Measure::kFailed);
    not_arrived(recipient);
  } else if (recipient.outcome == Outcome::kDeferred) {
    still_waiting(journey, recipient);
    not_arrived(recipient);
  }
  return split;
}

const std::string& ReportBuilder::Impl::reason_key(const model::fact::Recipient& recipient) {
  // Replies for one reason mostly differ by the address alone.
  std::uint64_t hash = hash_bytes(recipient.dsn, static_cast<std::uint64_t>(recipient.smtp_code.value_or(0)));
  hash = hash_bytes(recipient.relay_host, hash_bytes(recipient.mailer, hash));
  hash =
      mix_hash(hash, static_cast<std::uint64_t>(recipient.outcome) << 8 | static_cast<std::uint64_t>(recipient.status));
  const std::string_view address = recipient.recipient;
  std::string_view rest = recipient.reply;
  for (int left = 16; left > 0 && !address.empty(); --left) {
    const std::size_t at = rest.find(address);
    if (at == std::string_view::npos) break;
    hash = hash_bytes(rest.substr(0, at), hash);
    rest.remove_prefix(at + address.size());
  }
  hash = hash_bytes(rest, hash);
  hash |= 1;  // 0 is an empty place
  KnownReason& known = known_reasons_[(hash >> 20) % known_reasons_.size()];
  if (known.hash == hash) return known.key;
  Reason reason;
  if (options_.reason) {
    reason = options_.reason(recipient);
  } else {
    reason.title = !recipient.dsn.empty() ? std::string(recipient.dsn)
                   : recipient.smtp_code  ? std::to_string(*recipient.smtp_code)
                                          : "no status code logged";
    reason.shape = fold_notice(recipient.reply);
  }
  known = {hash, joined_key(reason.title, reason.actor, reason.shape)};
  return known.key;
}

void ReportBuilder::Impl::not_arrived(const model::fact::Recipient& recipient) {
  ++report_.not_arrived;
  ReasonTally& tally = reasons_.add(reason_key(recipient));
  tally.waiting += recipient.outcome == Outcome::kDeferred;
  if (recipient.reply.empty()) return;
  const Micros time = recipient.last_attempt != 0 ? recipient.last_attempt : kNoTime;
  if (!tally.example.empty() && time > tally.example_time) return;
  const std::string_view reply = recipient.reply.substr(0, kExampleBytes);
  const std::string_view relay = recipient.relay_host.substr(0, kExampleBytes);
  const std::string_view dsn = recipient.dsn.substr(0, 16);
  using Example = std::tuple<Micros, std::string_view, std::string_view, std::string_view, std::optional<std::int32_t>>;
  const Example known{tally.example_time, tally.example, tally.relay, tally.dsn, tally.smtp_code};
  if (!tally.example.empty() && Example{time, reply, relay, dsn, recipient.smtp_code} >= known) return;
  tally.example_time = time;
  tally.example = reply;
  tally.relay = relay;
  tally.dsn = dsn;
  tally.smtp_code = recipient.smtp_code;
}

void ReportBuilder::Impl::still_waiting(const model::fact::Journey& journey, const model::fact::Recipient& recipient) {
  Report::Waiting& waiting = report_.waiting;
  ++waiting.recipients;
  const FoldedKey domain(domain_of(recipient.recipient));
  if (!domain.view().empty()) waiting_domains_.add(domain.view()).waiting += 1;
  if (journey.received == 0 || (waiting.oldest && *waiting.oldest < journey.received)) return;
  const std::string_view address = recipient.recipient.substr(0, kExampleBytes);
  const std::string_view queue_id = journey.queue_ids.empty() ? "" : journey.queue_ids.back().substr(0, 100);
  using Mail = std::pair<std::string_view, std::string_view>;
  const Mail known{waiting.oldest_recipient, waiting.oldest_queue_id};
  if (waiting.oldest == journey.received && Mail{address, queue_id} >= known) return;
  waiting.oldest = journey.received;
  waiting.oldest_recipient = address;
  waiting.oldest_queue_id = queue_id;
}

void ReportBuilder::Impl::delivery(const model::fact::Delivery& delivery) {
  timed(delivery.time);
  const model::event::Delivery& event = delivery.event;
  Split split;
  switch (event.status) {
    case Status::kRelayed:
      ++report_.internal_hops;
      return;
    case Status::kDeliverable:
    case Status::kUndeliverable:
      ++report_.probe_attempts;
      return;
    case Status::kSent:
      split.good = 1;
      ++report_.sent;
      sent(event);
      break;
    case Status::kDeferred:
      split.waiting = 1;
      ++report_.deferred;
      count(delivery.time, Measure::kDeferrals);
      break;
    case Status::kBounced:
    case Status::kExpired:
      split.bad = 1;
      ++report_.failed;
      break;
    default:
      ++report_.other;
      break;
  }
  ++report_.attempts;
  counts_.add(relays_, counts_.fold(relay_of(event)), 1, split);
  if (!event.relay_ip.empty() && !is_loopback(event.relay_ip)) {
    ++report_.tls.smtp_attempts;
    report_.tls.smtp_attempts_with_tls += !event.tls_version.empty();
  }
}

void ReportBuilder::Impl::sent(const model::event::Delivery& event) {
  if (event.delay) delay_.add(*event.delay);
  if (event.delay_before_queue) before_queue_.add(*event.delay_before_queue);
  if (event.delay_in_queue) in_queue_.add(*event.delay_in_queue);
  if (event.delay_connect) connect_.add(*event.delay_connect);
  if (event.delay_transmit) transmit_.add(*event.delay_transmit);
}

void ReportBuilder::Impl::rejection(const model::fact::Rejection& rejection) {
  timed(rejection.time);
  const model::event::Reject& event = rejection.event;
  Report::Refused& refused = report_.refused;
  if (!is_refusal(event.action)) {
    refused.other_actions[static_cast<std::size_t>(event.action)] += rejection.repeat;
    return;
  }
  refused.transactions += rejection.repeat;
  if (is_temporary(event)) refused.temporary += rejection.repeat;
  refused.stages[static_cast<std::size_t>(event.stage)] += rejection.repeat;
  const auto cause = static_cast<std::size_t>(causes_.cause_of(event));
  refused.causes[cause] += rejection.repeat;
  choose_example(refused.examples[cause], refusal_times_[cause], event.reply.empty() ? event.reason : event.reply,
                 rejection.time);
  if (!event.blocklist.empty()) blocklists_.add(FoldedKey(event.blocklist).view(), rejection.repeat);
  count(rejection.time, Measure::kRefused, rejection.repeat);
  const std::string_view client = event.client_ip.empty() ? event.client_name : event.client_ip;
  if (client.empty()) return;
  const bool has_name = event.client_name != client && event.client_name != "unknown";
  refused_clients_.add(FoldedKey(client).view(), rejection.repeat,
                       has_name ? FoldedKey(event.client_name).view() : std::string_view());
}

void ReportBuilder::Impl::login(const model::fact::Login& login) {
  timed(login.time);
  const model::event::Login& event = login.event;
  if (event.result == model::LoginResult::kNone) return;
  const FoldedKey protocol(event.protocol);
  if (event.result == model::LoginResult::kSuccess) {
    report_.logins.ok += login.repeat;
    ok_protocols_.add(protocol.view(), login.repeat);
    const Split split{login.repeat, 0, 0};
    if (!event.user.empty()) {
      const std::string_view user = counts_.fold(event.user);
      counts_.add(ok_users_, user, login.repeat, {});
      counts_.add_if_known(login_users_, user, split);
    }
    if (!event.client_ip.empty()) counts_.add_if_known(login_clients_, counts_.fold(event.client_ip), split);
    return;
  }
  const std::uint64_t weight = weight_of(login);
  report_.logins.failed += weight;
  failed_protocols_.add(protocol.view(), weight);
  const Split split{0, weight, 0};
  if (!event.user.empty()) counts_.add(login_users_, counts_.fold(event.user), weight, split);
  if (!event.client_ip.empty()) counts_.add(login_clients_, counts_.fold(event.client_ip), weight, split);
}

void ReportBuilder::Impl::session(const model::fact::Session& session) {
  timed(session.began);
  timed(session.ended);
  Report::Sessions& sessions = report_.sessions;
  ++sessions.count;
  sessions.with_login += !session.sasl_user.empty();
  sessions.begin_missing += session.begin_missing;
  sessions.end_missing += session.end_missing;
  sessions.broken += !session.reason.empty();
  if (session.tls_version.empty()) return;
  ++sessions.with_tls;
  session_versions_.add(session.tls_version.substr(0, 50));
}

void ReportBuilder::Impl::tls(const model::fact::TlsSession& session) {
  timed(session.time);
  const model::event::Tls& event = session.event;
  const bool failed = event.tls_version.empty() || event.tls_trust == "failed";
  if (event.direction == model::Direction::kIn) {
    report_.tls.failed_in += failed;
    return;
  }
  if (event.direction != model::Direction::kOut) return;
  if (failed) {
    ++report_.tls.failed_out;
    return;
  }
  ++report_.tls.sessions_out;
  versions_out_.add(event.tls_version.substr(0, 50));
  if (!event.tls_trust.empty()) trust_out_.add(event.tls_trust.substr(0, 50));
}

void ReportBuilder::Impl::notice(const model::fact::Notice& notice) {
  timed(notice.time);
  const model::Severity severity = notice.event.severity;
  report_.notices_by_severity[static_cast<std::size_t>(severity)] += notice.repeat;
  if (severity < model::Severity::kWarning) return;
  const std::string shape = options_.shape ? options_.shape(notice.event.text) : fold_notice(notice.event.text);
  NoticeTally& tally = notices_.add(joined_key(word(severity), notice.program, shape), notice.repeat);
  choose_example(tally.example, tally.example_time, notice.event.text, notice.time);
  if (notice.time == 0) return;
  tally.first = tally.first == 0 ? notice.time : std::min(tally.first, notice.time);
  tally.last = std::max(tally.last, notice.time);
}

void ReportBuilder::Impl::policy(const model::fact::Policy& policy) {
  timed(policy.time);
  const model::event::Policy& event = policy.event;
  ++report_.policies[static_cast<std::size_t>(event.action)];
  if (event.action == model::Action::kPass) return;
  const std::string_view reason = event.reason.empty() ? event.blocklist : event.reason;
  if (!reason.empty()) policy_reasons_.add(fold_notice(reason.substr(0, 200)));
}

void ReportBuilder::Impl::gap(const model::fact::Gap& gap) {
  timed(gap.time);
  constexpr std::size_t kMostGroups = 200;
  const auto missing = static_cast<std::uint64_t>(std::max<std::int64_t>(gap.event.missing.value_or(0), 0));
  ++report_.gap_count;
  report_.gap_missing += missing;
  auto group = std::find_if(report_.gaps.begin(), report_.gaps.end(), [&](const GapGroup& known) {
    return known.host == gap.host.substr(0, kExampleBytes) && known.reason == gap.event.reason.substr(0, kExampleBytes);
  });
  if (group == report_.gaps.end()) {
    if (report_.gaps.size() == kMostGroups) return;
    report_.gaps.push_back({std::string(gap.host.substr(0, kExampleBytes)),
                            std::string(gap.event.reason.substr(0, kExampleBytes)), 0, 0, 0, gap.time, gap.time});
    group = report_.gaps.end() - 1;
  }
  ++group->gaps;
  group->missing += missing;
  group->unstated += !gap.event.missing;
  group->first = std::min(group->first, gap.time);
  group->last = std::max(group->last, gap.time);
}

void ReportBuilder::Impl::lines(const LineStats& lines) {
  report_.lines = lines;
  report_.has_lines = true;
}

Report ReportBuilder::Impl::finish() {
  counts_.flush();
  Report& report = report_;
  const std::size_t rows = options_.rows;
  report.zone = options_.zone;
  if (first_fact_ != 0) report.first = first_fact_, report.last = last_fact_;
  if (report.lines.first) report.first = report.lines.first;
  if (report.lines.last) report.last = report.lines.last;
  report.senders = top_list(senders_, rows);
  report.sender_domains = top_list(sender_domains_, rows);
  report.recipients_by_address = top_list(recipients_, rows);
  report.recipient_domains = top_list(recipient_domains_, rows);
  report.relays = top_list(relays_, rows);
  report.reasons = reason_groups(reasons_, rows);
  report.reasons_approximate = !reasons_.exact();
  report.waiting.domains = top_list(waiting_domains_, rows);
  report.volume = series_.volume(options_.zone, kVolumeBuckets);
  report.delay = quantiles(delay_);
  report.delay_before_queue = quantiles(before_queue_);
  report.delay_in_queue = quantiles(in_queue_);
  report.delay_connect = quantiles(connect_);
  report.delay_transmit = quantiles(transmit_);
  report.end_to_end = quantiles(end_to_end_);
  report.refused.blocklists = top_list(blocklists_, rows);
  report.refused.clients = top_list(refused_clients_, rows);
  report.logins.ok_protocols = named_counts(ok_protocols_);
  report.logins.failed_protocols = named_counts(failed_protocols_);
  report.logins.ok_users = ok_users_.distinct();
  report.logins.ok_users_approximate = !ok_users_.exact();
  report.logins.users = top_list(login_users_, rows);
  report.logins.clients = top_list(login_clients_, rows);
  report.sessions.tls_versions = named_counts(session_versions_);
  report.tls.versions_out = named_counts(versions_out_);
  report.tls.trust_out = named_counts(trust_out_);
  report.notices = notice_groups(notices_, rows);
  report.notice_shapes = notices_.distinct();
  report.notices_approximate = !notices_.exact();
  report.policy_reasons = top_list(policy_reasons_, rows);
  std::sort(report.gaps.begin(), report.gaps.end(), [](const GapGroup& a, const GapGroup& b) {
    return std::tie(a.first, a.host, a.reason) < std::tie(b.first, b.host, b.reason);
  });
  return std::move(report_);
}

std::size_t ReportBuilder::Impl::bytes() {
  counts_.flush();
  std::size_t sum = sizeof(Impl);
  for (const SplitTable* table :
       {&senders_, &sender_domains_, &recipients_, &recipient_domains_, &relays_, &waiting_domains_, &blocklists_,
        &refused_clients_, &login_users_, &login_clients_, &ok_users_, &policy_reasons_}) {
    sum += table->bytes();
  }
  return sum;
}

ReportBuilder::ReportBuilder(ReportOptions options) : impl_(std::make_unique<Impl>(std::move(options))) {}
ReportBuilder::~ReportBuilder() = default;

void ReportBuilder::on_journey(const model::fact::Journey& journey) {
  impl_->journey(journey);
}
void ReportBuilder::on_delivery(const model::fact::Delivery& delivery) {
  impl_->delivery(delivery);
}
void ReportBuilder::on_rejection(const model::fact::Rejection& rejection) {
  impl_->rejection(rejection);
}
void ReportBuilder::on_login(const model::fact::Login& login) {
  impl_->login(login);
}
void ReportBuilder::on_session(const model::fact::Session& session) {
  impl_->session(session);
}
void ReportBuilder::on_tls(const model::fact::TlsSession& session) {
  impl_->tls(session);
}
void ReportBuilder::on_notice(const model::fact::Notice& notice) {
  impl_->notice(notice);
}
void ReportBuilder::on_policy(const model::fact::Policy& policy) {
  impl_->policy(policy);
}
void ReportBuilder::on_gap(const model::fact::Gap& gap) {
  impl_->gap(gap);
}
void ReportBuilder::on_lines(const LineStats& lines) {
  impl_->lines(lines);
}
Report ReportBuilder::finish() {
  return impl_->finish();
}
std::size_t ReportBuilder::bytes() {
  return impl_->bytes();
}

}  // namespace mailtrail::query

// Facts as the tracer makes them of a Postfix relay's log, without the log: for what measures a store alone. The same
// for the same numbers on every machine.
//
// The mix is that of bench_generate_postfix_log: some 0.8 mails an attempt, 8 % of them with two to four recipients,
// 10 % of attempts deferred and tried again, 5 % of recipients bounced (each bounce is told to the sender by a
// notification, which is a journey too), skewed popularity of addresses, stamps of whole seconds.
#pragma once

#include <fmt/compile.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "base/hash.h"
#include "base/time.h"
#include "model/fact_columns.h"
#include "population.h"

namespace mailtrail::bench {

inline constexpr std::uint32_t kMakerClients = 100'000;

// What of a journey a look-up asks for later.
struct MadeNames {
  std::uint32_t sender = 0, client = 0;
  std::uint32_t recipients[4] = {};
  std::size_t recipient_count = 0;
  std::string_view queue_id, message_id;
};

class FactMaker {
 public:
  // `attempts` spread evenly over `days` from 2025-03-10 on.
  FactMaker(std::uint64_t attempts, std::uint32_t days, std::uint64_t seed)
      : random_(seed), people_(random_), attempts_wanted_(attempts), span_(days * kDay) {}

  static Micros begin() { return days_from_civil(2025, 3, 10) * kDay; }
  Micros end() const { return begin() + span_; }
  std::uint64_t attempts() const { return attempts_; }
  const std::string& sender(std::uint32_t index) const { return people_.senders[index]; }
  const std::string& recipient(std::uint32_t index) const { return people_.recipients[index]; }
  static std::string client_ip(std::uint32_t index) {
    return fmt::format("198.{}.{}.{}", 18 + index / 65536, index / 256 % 256, index % 256);
  }

  // The next journey, in `arena`, which is emptied. False: all attempts are made.
  bool next(Arena& arena, model::fact::Journey& journey, MadeNames& names) {
    if (attempts_ >= attempts_wanted_ && bounced_ == nullptr) return false;
    const bool notification = bounced_ != nullptr;
    if (!notification) {
      arena.clear();  // a notification still points to its parent's texts
      now_ = begin() + static_cast<Micros>(static_cast<double>(attempts_) / static_cast<double>(attempts_wanted_) *
                                           static_cast<double>(span_ - kDay / 8));
    }
    names = MadeNames();
    make_message(arena, notification, names);
    make_attempts(arena, names);
    finish(arena, journey);
    bounced_ = any_bounced_ && !notification ? &journey : nullptr;
    names.message_id = message_.message_id;
    names.queue_id = message_.queue_id;
    return true;
  }

 private:
  using Text = model::Text;

  Micros second(Micros time) const { return time - time % kSecond; }
  model::LineRef line() {
    line_ += 1 + random_.below(3);
    model::LineRef ref;
    ref.line = line_;
    return ref;
  }
  std::string_view domain_of(std::string_view address) const { return address.substr(address.find('@') + 1); }

  void make_message(Arena& arena, bool notification, MadeNames& names) {
    lines_.clear(), steps_.clear(), deliveries_.clear(), recipients_.clear();
    line_ = std::max(line_, static_cast<std::uint64_t>(static_cast<double>(attempts_) * 5.6));
    const std::uint32_t inode = random_.below(2'100);
    const Text parent_sender = message_.sender, parent_queue_id = message_.queue_id;
    const std::uint64_t parent = message_.message_key;
    message_ = model::fact::Message();
    message_.host = "mx1";
    message_.queue_id = arena.store(fmt::format(FMT_COMPILE("{:05X}{:X}"), random_.below(1'000'000), 0x2A0000 + inode));
    message_.first_seen = second(now_);
    message_.received = message_.first_seen;
    message_.message_key = hash_bytes(message_.queue_id, static_cast<std::uint64_t>(message_.first_seen));
    for (int i = 0; i < 3; ++i) lines_.push_back(line());  // smtpd or cleanup, cleanup or bounce, qmgr
    notification_ = notification;
    count_ = random_.chance(0.92) || notification ? 1 : 2 + random_.below(3);
    message_.nrcpt = static_cast<std::int32_t>(count_);
    if (notification) {
      message_.message_id =
          arena.store(fmt::format(FMT_COMPILE("<{}.{}@mx1.corp.example>"), now_ / kSecond, message_.queue_id));
      message_.size = 2'500 + random_.below(3'000);
      message_.parent = parent;
      message_.parent_queue_id = parent_queue_id;
      message_.link = model::Link::kBounce;
      message_.link_confidence = 1;
      notified_ = parent_sender;
      return;
    }
    names.sender = random_.skewed(kSenders);
    names.client = random_.skewed(kMakerClients);
    message_.sender = people_.senders[names.sender];
    const std::string& domain = people_.domains[names.client % (kDomains - 1) + 1];
    message_.message_id = arena.store(
        fmt::format(FMT_COMPILE("<{:x}.{:08x}@{}>"), now_ + random_.below(1'000'000), random_.below(~0u), domain));
    message_.size = 900 + random_.exponential(30'000);
    message_.client_ip = arena.store(client_ip(names.client));
    if (names.client % 9 != 4) message_.client_name = arena.store(fmt::format("mail{}.{}", names.client % 7, domain));
    if (random_.chance(0.6)) {
      message_.tls_version = "TLSv1.3", message_.tls_cipher = "TLS_AES_256_GCM_SHA384", message_.tls_bits = 256;
    }
    if (random_.chance(0.2)) message_.sasl_method = "PLAIN", message_.sasl_user = message_.sender;
  }

  void make_attempts(Arena& arena, MadeNames& names) {
    any_bounced_ = false;
    last_ = now_;
    for (std::uint32_t i = 0; i < count_; ++i) {
      const std::uint32_t person = random_.skewed(kRecipients);
      if (!notification_) names.recipients[names.recipient_count++] = person;
      const Text address = notification_ ? notified_ : Text(people_.recipients[person]);
      const double draw = random_.unit();
      const std::uint32_t deferrals = draw < 0.07 ? 1 + random_.below(2) : 0;
      const bool bounces = random_.chance(0.05);
      Micros at = now_ + random_.exponential(700'000);
      for (std::uint32_t j = 0; j <= deferrals; ++j) {
        using model::Status;
        const Status status = j < deferrals ? Status::kDeferred : bounces ? Status::kBounced : Status::kSent;
        attempt(arena, address, static_cast<std::int32_t>(j) + 1, at, status);
        if (j < deferrals) at += random_.between(300 * kSecond, 1'000 * kSecond);
      }
      any_bounced_ |= bounces;
      last_ = std::max(last_, at);
      decide(address, static_cast<std::int32_t>(deferrals) + 1);
    }
    lines_.push_back(line());
  }

  void attempt(Arena& arena, Text address, std::int32_t number, Micros at, model::Status status) {
    ++attempts_;
    model::fact::Delivery& delivery = deliveries_.emplace_back();
    delivery.message_key = message_.message_key;
    delivery.attempt = number;
    delivery.time = second(at);
    delivery.time_notes = 3;
    delivery.at = line();
    lines_.push_back(delivery.at);
    model::event::Delivery& event = delivery.event;
    event.recipient = address;
    event.status = status;
    const std::string_view domain = domain_of(address);
    const bool local = domain == people_.domains[0];
    const std::uint64_t place = hash_bytes(domain);
    delivery.program = local ? "postfix/lmtp" : "postfix/smtp";
    event.mailer = local ? "lmtp" : "smtp";
    const std::string host = local ? "mx1.corp.example" : fmt::format(FMT_COMPILE("mx{}.{}"), place % 3, domain);
    event.relay_host = arena.store(host);
    if (local) {
      event.relay_path = "private/dovecot-lmtp";
    } else {
      event.relay_ip = arena.store(fmt::format(FMT_COMPILE("198.19.{}.{}"), place / 250 % 250, place % 250 + 1));
      event.relay_port = 25;
    }
    const auto hundredths = [](double seconds) { return std::round(seconds * 100) / 100; };
    const double delay = static_cast<double>(at - now_) / 1e6, transmit = std::min(delay, 0.05 + 0.4 * random_.unit());
    event.delay = hundredths(delay), event.delay_before_queue = hundredths(delay - transmit);
    event.delay_in_queue = 0.01, event.delay_connect = hundredths(transmit / 3);
    event.delay_transmit = hundredths(transmit * 2 / 3);
    reply(arena, delivery, local, host);
  }

  void reply(Arena& arena, model::fact::Delivery& delivery, bool local, const std::string& host) {
    static constexpr std::string_view kDeferred[] = {
        "450 4.2.0 Recipient address rejected: Greylisted, see https://greylist.example/help.html",
        "421 4.7.0 Too many messages from your address, try again later", "452 4.2.2 The mailbox is over quota",
        "451 4.3.0 Temporary lookup failure"};
    static constexpr std::string_view kBounced[] = {
        "550 5.1.1 Recipient address rejected: User unknown in virtual mailbox table",
        "554 5.7.1 Message rejected as spam, see https://policy.example/why", "552 5.2.2 Mailbox full, quota exceeded",
        "550 5.7.1 Sender address not authorised by SPF"};
    static constexpr std::string_view kReasons[] = {"greylisted",   "rate_limited", "mailbox_full", "temporary_failure",
                                                    "unknown_user", "spam",         "mailbox_full", "policy"};
    using model::Outcome;
    using model::Status;
    model::event::Delivery& event = delivery.event;
    const std::uint64_t token = random_.next();
    if (event.status == Status::kSent) {
      delivery.outcome = Outcome::kDelivered;
      event.dsn = "2.0.0", event.smtp_code = 250;
      if (local) {
        event.reply = arena.store(fmt::format(FMT_COMPILE("250 2.0.0 <{}> {:X} Saved"), event.recipient, token));
      } else {
        event.reply = arena.store(fmt::format(FMT_COMPILE("250 2.0.0 Ok: queued as {:012X}"), token >> 16));
        event.remote_queue_id = event.reply.substr(event.reply.rfind(' ') + 1);
      }
      return;
    }
    const bool bounced = event.status == Status::kBounced;
    const std::size_t which = token >> 8 & 3;
    const std::string_view said = bounced ? kBounced[which] : kDeferred[which];
    delivery.outcome = bounced ? Outcome::kBounced : Outcome::kDeferred;
    delivery.reason = kReasons[which + (bounced ? 4 : 0)];
    delivery.action = bounced ? "fix_address" : "wait";
    delivery.actor = bounced ? "sender" : "recipient";
    event.dsn = said.substr(4, 5);
    event.smtp_code = std::stoi(std::string(said.substr(0, 3)));
    event.reply = arena.store(fmt::format(FMT_COMPILE("host {}[{}] said: {} (in reply to RCPT TO command)"), host,
                                          local ? "private/dovecot-lmtp" : event.relay_ip, said));
  }

  void decide(Text address, std::int32_t attempts) {
    const model::fact::Delivery& last = deliveries_.back();
    model::fact::Recipient& one = recipients_.emplace_back();
    one.recipient = address;
    one.outcome = last.outcome, one.status = last.event.status;
    one.dsn = last.event.dsn, one.smtp_code = last.event.smtp_code, one.reply = last.event.reply;
    one.reason = last.reason, one.actor = last.actor, one.action = last.action;
    one.relay_host = last.event.relay_host, one.mailer = last.event.mailer;
    one.attempts = attempts;
    one.decided = one.last_attempt = last.time;
    one.message_key = message_.message_key;
    one.internal = notification_;
  }

  void finish(Arena& arena, model::fact::Journey& journey) {
    message_.last_seen = second(last_ + 60'000);
    message_.removed = message_.last_seen;
    if (any_bounced_ && !notification_) {
      model::fact::Step& step = steps_.emplace_back();
      step.time = message_.last_seen, step.kind = model::Kind::kNotify, step.text = "failure", step.at = line();
      step.child_queue_id = message_.queue_id;
      lines_.push_back(step.at);
    }
    message_.outcome = recipients_.front().outcome;
    for (const model::fact::Recipient& one : recipients_) message_.outcomes_differ |= one.outcome != message_.outcome;
    if (message_.outcomes_differ) message_.outcome = model::Outcome::kUnknown;
    message_.lines = arena.store(lines_);
    message_.steps = arena.store(steps_);
    journey = model::fact::Journey();
    journey.id = message_.message_key;
    journey.received = message_.first_seen, journey.last_seen = message_.last_seen;
    journey.message_id = message_.message_id, journey.sender = message_.sender, journey.size = message_.size;
    journey.notification = notification_;
    journey.parent_journey = message_.parent, journey.parent_queue_id = message_.parent_queue_id;
    messages_.assign(1, message_);
    model::fact::complete_journey(journey, messages_, deliveries_, arena);
    journey.messages = messages_;
    journey.deliveries = deliveries_;
    journey.recipients = recipients_;
  }

  Random random_;
  Population people_;
  const std::uint64_t attempts_wanted_;
  const Micros span_;
  std::uint64_t attempts_ = 0, line_ = 0;
  Micros now_ = 0, last_ = 0;
  std::uint32_t count_ = 0;
  bool notification_ = false, any_bounced_ = false;
  const model::fact::Journey* bounced_ = nullptr;  // its notification is next
  Text notified_;
  model::fact::Message message_;
  std::vector<model::LineRef> lines_;
  std::vector<model::fact::Step> steps_;
  std::vector<model::fact::Message> messages_;
  std::vector<model::fact::Delivery> deliveries_;
  std::vector<model::fact::Recipient> recipients_;
};

}  // namespace mailtrail::bench

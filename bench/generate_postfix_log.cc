// Writes a synthetic Postfix log of known truth, the same for the same options.
//
// A relay with a queue is played through: sessions come in by a Poisson process that swells and ebbs over the day,
// messages are queued, attempted, deferred, retried with Postfix's back-off (300 s doubling to 4000 s), bounced with a
// notification, or expire after four hours. Queue ids are Postfix's short ones (microsecond and inode, inodes are taken
// again once free). Addresses, domains and clients are drawn with a Zipf-like skew. All names end in `.example`,
// addresses are of RFC 2544, RFC 3849 and RFC 5737.
//
//   bench_generate_postfix_log --lines N --out FILE --truth FILE [--seed N]
//
// The truth is one JSON object: how many lines, journeys (without notifications), messages (stays in the queue),
// notifications, attempts, recipients by final outcome, rejections, logins; and ten addresses with every mail to them.
#include <fmt/compile.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <iterator>
#include <queue>
#include <string>
#include <string_view>
#include <vector>

#include "log_file.h"
#include "population.h"

namespace mailtrail::bench {
namespace {

constexpr Micros kSecond = 1'000'000;
constexpr Micros kStart = 1'741'564'800 * kSecond;  // 2025-03-10 00:00:00 UTC, a Monday
constexpr Micros kLifetime = 4 * 3600 * kSecond;
constexpr Micros kFirstBackoff = 300 * kSecond, kLastBackoff = 4000 * kSecond;
constexpr double kSessionsPerSecond = 44;
constexpr int kMostRecipients = 6;
constexpr std::string_view kHost = "mx1";

// What will become of one recipient: deferred so many times, then delivered or bounced.
struct Fate {
  std::uint32_t address = 0;  // in recipients; in senders for a notification
  std::int32_t deferrals = 0, attempts = 0;
  bool bounces = false, done = false, bounced = false;
};

struct Message {
  char queue_id[24] = {};
  std::uint32_t inode = 0;
  Micros arrived = 0, backoff = kFirstBackoff;
  std::uint32_t sender = 0, size = 0, client = 0;
  std::int32_t pid = 0;
  bool null_sender = false, notification = false, expired = false, bounce_due = false;
  std::uint32_t parent = 0;
  int count = 0, waiting = 0;
  std::array<Fate, kMostRecipients> fates;
};

struct Session {
  enum class Kind : std::uint8_t { kMail, kSubmission, kReject, kLoginFailure, kProbe } kind = Kind::kMail;
  std::uint32_t client = 0;
  std::int32_t pid = 0;
  int todo = 0, accepted = 0, refused = 0, recipients = 0;
  bool tls = false;
};

enum class Step : std::uint8_t {
  kConnect,
  kTls,
  kAct,
  kDisconnect,  // of a session
  kCleanup,
  kActive,
  kAttempt,
  kNotifyCleanup,
  kNotify,
  kExpire,
  kRemove,
  kRetry  // of a message
};

struct Due {
  Micros at;
  std::uint64_t order;  // steps of one instant happen in the order in which they were planned
  std::uint32_t subject;
  Step step;
  std::uint8_t part;
  bool operator>(const Due& other) const { return at != other.at ? at > other.at : order > other.order; }
};

struct Truth {
  std::uint64_t journeys = 0, notifications = 0, attempts = 0, notification_attempts = 0;
  std::uint64_t deferred_attempts = 0, bounced_attempts = 0;
  std::uint64_t delivered = 0, bounced = 0, expired = 0, deferred = 0, notification_delivered = 0,
                notification_bounced = 0;
  std::uint64_t rejected_blocklist = 0, rejected_unknown_user = 0, rejected_relay = 0, logins_ok = 0, logins_failed = 0;
  std::uint64_t tls_sessions = 0, open_peak = 0, open_at_end = 0;
};

// A mail to one of the ten sample addresses.
struct SampleMail {
  std::string sender, message_id;
  const char* outcome = "deferred";
  int attempts = 0;
};

class Relay {
 public:
  Relay(std::uint64_t lines, std::uint64_t seed, LogFile& log)
      : lines_(lines), random_(seed), people_(random_), log_(log), samples_(kSampleCount) {}

  // Plays until the lines are written, then lets what is in flight end; what waits for its next try stays deferred.
  void run() {
    Micros next_session = kStart;
    while (true) {
      const bool starting = log_.lines() < lines_;
      if (starting && (due_.empty() || next_session <= due_.top().at)) {
        now_ = next_session;
        begin_session();
        const double hour = static_cast<double>((now_ - kStart) / kSecond) / 3600;
        const double rate = kSessionsPerSecond * (1 + 0.4 * std::sin(hour / 24 * 2 * 3.14159265358979 - 1.2));
        next_session += random_.exponential(static_cast<double>(kSecond) / rate);
        continue;
      }
      if (due_.empty()) break;
      const Due due = due_.top();
      due_.pop();
      if (!starting && due.step == Step::kRetry) continue;
      now_ = due.at;
      take(due);
    }
    truth_.open_at_end = messages_.in_use();
    truth_.deferred = waiting_recipients_;
  }

  Truth& truth() { return truth_; }
  Micros now() const { return now_; }

  std::string samples_json() const {
    std::string out;
    for (std::uint32_t i = 0; i < kSampleCount; ++i) {
      out += fmt::format("{}\n  {{\"address\":\"{}\",\"mails\":[", i == 0 ? "" : ",",
                         people_.recipients[sample_address(i)]);
      for (std::size_t m = 0; m < samples_[i].size(); ++m) {
        const SampleMail& mail = samples_[i][m];
        out += fmt::format("{}{{\"sender\":\"{}\",\"message_id\":\"<{}>\",\"outcome\":\"{}\",\"attempts\":{}}}",
                           m == 0 ? "" : ",", mail.sender, mail.message_id, mail.outcome, mail.attempts);
      }
      out += "]}";
    }
    return out;
  }

 private:
  static constexpr std::uint32_t kSampleCount = 10;
  // From an address that gets mail often to ones that do seldom.
  static std::uint32_t sample_address(std::uint32_t i) { return 2'000 + i * i * i * 90; }

  void plan(Micros after, std::uint32_t subject, Step step, std::uint8_t part = 0) {
    due_.push(Due{now_ + after, ++order_, subject, step, part});
  }

  template <class Format, class... Args>
  void line(const Format& format, const Args&... args) {
    log_.begin_line(now_);
    fmt::memory_buffer& text = log_.text();
    text.append(kHost.data(), kHost.data() + kHost.size());
    fmt::format_to(std::back_inserter(text), format, args...);
    log_.end_line();
  }

  void take(const Due& due) {
    switch (due.step) {
      case Step::kConnect:
      case Step::kTls:
      case Step::kAct:
      case Step::kDisconnect:
        return session_step(due.subject, due.step);
      case Step::kCleanup:
        return cleanup(messages_[due.subject], due.subject);
      case Step::kRetry:
      case Step::kActive:
        return activate(messages_[due.subject], due.subject);
      case Step::kAttempt:
        return attempt(messages_[due.subject], due.subject, messages_[due.subject].fates[due.part]);
      case Step::kNotifyCleanup:
        return begin_notification(due.subject);
      case Step::kNotify:
        return notify(messages_[due.subject]);
      case Step::kExpire:
        return expire(messages_[due.subject], due.subject);
      case Step::kRemove:
        return remove(messages_[due.subject], due.subject);
    }
  }

  // --- sessions

  void begin_session() {
    const std::uint32_t slot = sessions_.take();
    Session& session = sessions_[slot];
    session.client = random_.skewed(kClients);
    const double draw = random_.unit();
    using Kind = Session::Kind;
    session.kind = draw < 0.46   ? Kind::kMail
                   : draw < 0.64 ? Kind::kSubmission
                   : draw < 0.90 ? Kind::kReject
                   : draw < 0.95 ? Kind::kLoginFailure
                                 : Kind::kProbe;
    session.pid = static_cast<std::int32_t>((service(session) == "postfix/smtpd" ? 2000 : 12000) + slot);
    session.tls = session.kind == Kind::kSubmission || random_.chance(0.15);
    session.todo = session.kind == Kind::kSubmission ? 1
                   : session.kind == Kind::kProbe    ? 0
                                                     : 1 + static_cast<int>(random_.skewed(4));
    session_step(slot, Step::kConnect);
  }

  std::string_view service(const Session& session) const {
    return session.kind == Session::Kind::kSubmission || session.kind == Session::Kind::kLoginFailure
               ? "postfix/submission/smtpd"
               : "postfix/smtpd";
  }

  void session_step(std::uint32_t slot, Step step) {
    Session& session = sessions_[slot];
    const std::string& client = people_.clients[session.client];
    if (step == Step::kConnect) {
      line(FMT_COMPILE(" {}[{}]: connect from {}"), service(session), session.pid, client);
      plan(random_.between(20'000, 200'000), slot, session.tls ? Step::kTls : Step::kAct);
    } else if (step == Step::kTls) {
      ++truth_.tls_sessions;
      line(FMT_COMPILE(
               " {}[{}]: Anonymous TLS connection established from {}: TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 "
               "(256/256 bits) key-exchange X25519 server-signature RSA-PSS (2048 bits) server-digest SHA256"),
           service(session), session.pid, client);
      plan(random_.between(20'000, 200'000), slot, Step::kAct);
    } else if (step == Step::kAct) {
      act(session, slot);
    } else {
      disconnect(session, slot, client);
    }
  }

  void act(Session& session, std::uint32_t slot) {
    using Kind = Session::Kind;
    if (session.kind == Kind::kProbe) {
      line(FMT_COMPILE(" postfix/smtpd[{}]: lost connection after {} from {}"), session.pid,
           session.tls ? "STARTTLS" : "CONNECT", people_.clients[session.client]);
    } else if (session.kind == Kind::kReject) {
      reject(session);
    } else if (session.kind == Kind::kLoginFailure) {
      ++truth_.logins_failed, ++session.refused;
      line(FMT_COMPILE(
               " postfix/submission/smtpd[{}]: warning: {}: SASL LOGIN authentication failed: (reason unavailable), "
               "sasl_username={}"),
           session.pid, people_.clients[session.client], people_.senders[random_.skewed(kSenders)]);
    } else {
      receive(session);
    }
    if (--session.todo > 0) {
      plan(random_.between(50'000, 900'000), slot, Step::kAct);
    } else {
      plan(random_.between(100'000, 400'000), slot, Step::kDisconnect);
    }
  }

  void reject(Session& session) {
    const std::string& client = people_.clients[session.client];
    const std::string& sender = people_.senders[random_.skewed(kSenders)];
    const std::string& recipient = people_.recipients[random_.skewed(kRecipients)];
    const std::string_view ip =
        std::string_view(client).substr(client.find('[') + 1, client.size() - client.find('[') - 2);
    const std::string& helo = people_.domains[session.client + 1];
    const double draw = random_.unit();
    ++session.refused;
    if (draw < 0.5) {
      ++truth_.rejected_blocklist;
      line(FMT_COMPILE(
               " postfix/smtpd[{}]: NOQUEUE: reject: RCPT from {}: 554 5.7.1 Service unavailable; Client host [{}] "
               "blocked "
               "using zen.rbl.example; https://rbl.example/query/ip/{}; from=<{}> to=<{}> proto=ESMTP helo=<{}>"),
           session.pid, client, ip, ip, sender, recipient, helo);
    } else if (draw < 0.85) {
      ++truth_.rejected_unknown_user;
      line(FMT_COMPILE(" postfix/smtpd[{}]: NOQUEUE: reject: RCPT from {}: 550 5.1.1 <x{}>: Recipient address "
                       "rejected: User unknown "
                       "in virtual mailbox table; from=<{}> to=<x{}> proto=ESMTP helo=<{}>"),
           session.pid, client, recipient, sender, recipient, helo);
    } else {
      ++truth_.rejected_relay;
      line(FMT_COMPILE(" postfix/smtpd[{}]: NOQUEUE: reject: RCPT from {}: 554 5.7.1 <{}>: Relay access denied; "
                       "from=<{}> to=<{}> "
                       "proto=ESMTP helo=<{}>"),
           session.pid, client, recipient, sender, recipient, helo);
    }
  }

  void disconnect(Session& session, std::uint32_t slot, const std::string& client) {
    using Kind = Session::Kind;
    const int n = session.accepted, bad = session.refused;
    const std::string_view tls = session.tls ? " starttls=1" : "";
    const int hello = session.tls ? 2 : 1;
    if (session.kind == Kind::kMail) {
      line(FMT_COMPILE(" postfix/smtpd[{}]: disconnect from {} ehlo={}{} mail={} rcpt={} data={} quit=1 commands={}"),
           session.pid, client, hello, tls, n, session.recipients, n, hello * 2 + 2 * n + session.recipients);
    } else if (session.kind == Kind::kSubmission) {
      line(FMT_COMPILE(" postfix/submission/smtpd[{}]: disconnect from {} ehlo={}{} auth=1 mail=1 rcpt={} data=1 "
                       "quit=1 commands={}"),
           session.pid, client, hello, tls, session.recipients, hello * 2 + 3 + session.recipients);
    } else if (session.kind == Kind::kReject) {
      line(FMT_COMPILE(" postfix/smtpd[{}]: disconnect from {} ehlo={}{} mail={} rcpt=0/{} quit=1 commands={}/{}"),
           session.pid, client, hello, tls, bad, bad, hello * 2 + bad, hello * 2 + 2 * bad);
    } else if (session.kind == Kind::kLoginFailure) {
      line(FMT_COMPILE(" postfix/submission/smtpd[{}]: disconnect from {} ehlo={}{} auth=0/{} quit=1 commands={}/{}"),
           session.pid, client, hello, tls, bad, hello * 2, hello * 2 + bad);
    } else {
      line(FMT_COMPILE(" postfix/smtpd[{}]: disconnect from {} commands=0/0"), session.pid, client);
    }
    sessions_.give_back(slot);
  }

  // --- messages

  std::uint32_t new_message() {
    const std::uint32_t slot = messages_.take();
    Message& message = messages_[slot];
    message.inode = slot;
    message.arrived = now_;
    const auto end = fmt::format_to(message.queue_id, FMT_COMPILE("{:05X}{:X}"), now_ % kSecond, 0x2A0000 + slot);
    *end = '\0';
    truth_.open_peak = std::max<std::uint64_t>(truth_.open_peak, messages_.in_use());
    return slot;
  }

  Fate draw_fate(std::uint32_t address) {
    Fate fate;
    fate.address = address;
    const double draw = random_.unit();
    if (draw < 0.055) {
      fate.deferrals = random_.chance(0.8) ? 1 : 2;
    } else if (draw < 0.070) {
      fate.deferrals = 1 + static_cast<std::int32_t>(random_.below(4));
    } else if (draw < 0.0745) {
      fate.deferrals = 1'000;  // until it expires
    }
    fate.bounces = fate.deferrals < 1'000 && random_.chance(0.054);
    return fate;
  }

  void receive(Session& session) {
    const std::uint32_t slot = new_message();
    Message& message = messages_[slot];
    message.client = session.client;
    message.sender = random_.skewed(kSenders);
    message.null_sender = session.kind == Session::Kind::kMail && random_.chance(0.01);
    message.size = 900 + static_cast<std::uint32_t>(random_.exponential(30'000));
    message.count = random_.chance(0.86) ? 1 : 2 + static_cast<int>(random_.below(kMostRecipients - 1));
    for (int i = 0; i < message.count; ++i) {
      std::uint32_t address = random_.skewed(kRecipients);
      for (int j = 0; j < i; ++j) {
        if (message.fates[j].address == address) address = (address + 1) % kRecipients, j = -1;
      }
      message.fates[i] = draw_fate(address);
    }
    ++session.accepted;
    session.recipients += message.count;
    ++truth_.journeys;
    const std::string& client = people_.clients[session.client];
    if (session.kind == Session::Kind::kSubmission) {
      ++truth_.logins_ok;
      line(FMT_COMPILE(" postfix/submission/smtpd[{}]: {}: client={}, sasl_method=PLAIN, sasl_username={}"),
           session.pid, message.queue_id, client, people_.senders[message.sender]);
    } else {
      line(FMT_COMPILE(" postfix/smtpd[{}]: {}: client={}"), session.pid, message.queue_id, client);
    }
    plan(random_.between(5'000, 60'000), slot, Step::kCleanup);
  }

  std::string message_id(const Message& message) const {
    if (message.notification) return fmt::format("{}.{}@mx1.corp.example", message.arrived / kSecond, message.queue_id);
    return fmt::format("{:x}.{:08x}@{}", message.arrived, (message.sender + 1) * 2654435761u,
                       people_.domains[message.client + 1]);
  }

  void cleanup(Message& message, std::uint32_t slot) {
    line(FMT_COMPILE(" postfix/cleanup[{}]: {}: message-id=<{}>"), 700 + slot % 50, message.queue_id,
         message_id(message));
    plan(random_.between(10'000, 90'000), slot, Step::kActive);
  }

  std::string_view sender_of(const Message& message) const {
    return message.null_sender ? std::string_view() : std::string_view(people_.senders[message.sender]);
  }

  void activate(Message& message, std::uint32_t slot) {
    line(FMT_COMPILE(" postfix/qmgr[667]: {}: from=<{}>, size={}, nrcpt={} (queue active)"), message.queue_id,
         sender_of(message), message.size, message.count);
    message.waiting = 0;
    for (int i = 0; i < message.count; ++i) {
      if (message.fates[i].done) continue;
      ++message.waiting;
      plan(20'000 + random_.exponential(700'000), slot, Step::kAttempt, static_cast<std::uint8_t>(i));
    }
  }

  void attempt(Message& message, std::uint32_t slot, Fate& fate) {
    ++fate.attempts;
    ++(message.notification ? truth_.notification_attempts : truth_.attempts);
    if (fate.deferrals > 0) {
      --fate.deferrals;
      if (fate.attempts == 1) ++waiting_recipients_;
      ++truth_.deferred_attempts;
      deliver_line(message, fate, Result::kDeferred);
    } else {
      if (fate.attempts > 1) --waiting_recipients_;
      fate.done = true;
      fate.bounced = fate.bounces;
      message.bounce_due |= fate.bounces;
      truth_.bounced_attempts += fate.bounces;
      (message.notification ? (fate.bounces ? truth_.notification_bounced : truth_.notification_delivered)
                            : (fate.bounces ? truth_.bounced : truth_.delivered)) += 1;
      deliver_line(message, fate, fate.bounces ? Result::kBounced : Result::kSent);
    }
    remember_sample(message, fate, fate.done ? (fate.bounced ? "bounced" : "delivered") : "deferred");
    if (--message.waiting == 0) end_of_round(message, slot);
  }

  void end_of_round(Message& message, std::uint32_t slot) {
    const bool pending = std::any_of(message.fates.begin(), message.fates.begin() + message.count,
                                     [](const Fate& fate) { return !fate.done; });
    if (pending && now_ - message.arrived >= kLifetime) return plan(1'000, slot, Step::kExpire);
    if (message.bounce_due && !message.null_sender) plan(random_.between(2'000, 20'000), slot, Step::kNotifyCleanup);
    message.bounce_due = false;
    if (pending) {
      plan(message.backoff + random_.between(0, 60 * kSecond), slot, Step::kRetry);
      message.backoff = std::min(message.backoff * 2, kLastBackoff);
    } else {
      plan(60'000, slot, Step::kRemove);
    }
  }

  void expire(Message& message, std::uint32_t slot) {
    line(FMT_COMPILE(" postfix/qmgr[667]: {}: from=<{}>, status=expired, returned to sender"), message.queue_id,
         sender_of(message));
    for (int i = 0; i < message.count; ++i) {
      Fate& fate = message.fates[i];
      if (fate.done) continue;
      fate.done = true;
      ++truth_.expired;
      --waiting_recipients_;
      remember_sample(message, fate, "expired");
    }
    if (!message.null_sender) plan(random_.between(2'000, 20'000), slot, Step::kNotifyCleanup);
    plan(60'000, slot, Step::kRemove);
  }

  // The notification of message `parent` is queued: its own id, then bounce(8)'s line, then its delivery.
  void begin_notification(std::uint32_t parent) {
    const std::uint32_t slot = new_message();
    Message& child = messages_[slot];
    child.notification = child.null_sender = true;
    child.size = 2'500 + random_.below(3'000);
    child.count = 1;
    child.parent = parent;
    child.fates[0].address = messages_[parent].sender;
    child.fates[0].bounces = random_.chance(0.03);
    ++truth_.notifications;
    line(FMT_COMPILE(" postfix/cleanup[{}]: {}: message-id=<{}>"), 700 + slot % 50, child.queue_id, message_id(child));
    plan(1'000, slot, Step::kNotify);
    plan(random_.between(10'000, 50'000), slot, Step::kActive);
  }

  void notify(const Message& child) {
    line(FMT_COMPILE(" postfix/bounce[{}]: {}: sender non-delivery notification: {}"), 760 + child.parent % 5,
         messages_[child.parent].queue_id, child.queue_id);
  }

  void remove(Message& message, std::uint32_t slot) {
    line(FMT_COMPILE(" postfix/qmgr[667]: {}: removed"), message.queue_id);
    messages_.give_back(slot);
  }

  // --- the lines of attempts

  enum class Result { kSent, kDeferred, kBounced };

  struct Reply {
    std::string_view dsn, status, text, command;
  };
  static constexpr Reply kDeferredReplies[] = {
      {"4.2.0", "deferred", "450 4.2.0 Recipient address rejected: Greylisted, see https://greylist.example/help.html",
       "RCPT TO"},
      {"4.7.0", "deferred", "421 4.7.0 Too many messages from your address, try again later", "MAIL FROM"},
      {"4.2.2", "deferred", "452 4.2.2 The mailbox is over quota", "RCPT TO"},
      {"4.3.0", "deferred", "451 4.3.0 Temporary lookup failure", "RCPT TO"}};
  static constexpr Reply kBouncedReplies[] = {
      {"5.1.1", "bounced", "550 5.1.1 Recipient address rejected: User unknown in virtual mailbox table", "RCPT TO"},
      {"5.7.1", "bounced", "554 5.7.1 Message rejected as spam, see https://policy.example/why", "end of DATA"},
      {"5.2.2", "bounced", "552 5.2.2 Mailbox full, quota exceeded", "RCPT TO"},
      {"5.7.1", "bounced", "550 5.7.1 Sender address not authorised by SPF", "MAIL FROM"}};

  void deliver_line(const Message& message, const Fate& fate, Result result) {
    const std::string& address =
        message.notification ? people_.senders[fate.address] : people_.recipients[fate.address];
    const std::string_view domain = std::string_view(address).substr(address.find('@') + 1);
    const std::uint32_t number = message.notification ? fate.address : people_.domain_of[fate.address];
    const bool local = domain == people_.domains[0];
    const double delay = static_cast<double>(now_ - message.arrived) / 1e6;
    const double transmit = std::min(delay, 0.05 + 0.4 * random_.unit());
    const int pid = static_cast<int>(800 + random_.below(100));
    fmt::memory_buffer to;
    fmt::format_to(std::back_inserter(to), FMT_COMPILE("{}: to=<{}>"), message.queue_id, address);
    const std::string_view head(to.data(), to.size());
    char relay[160];
    const std::string_view program = local ? "lmtp" : "smtp";
    char* relay_end = local ? fmt::format_to(relay, FMT_COMPILE("mx1.corp.example[private/dovecot-lmtp]"))
                            : fmt::format_to(relay, FMT_COMPILE("mx{}.{}[198.19.{}.{}]"), number % 3, domain,
                                             number / 250 % 250, number % 250 + 1);
    const std::string_view host(relay, static_cast<std::size_t>(relay_end - relay));
    const std::string_view port = local ? "" : ":25";
    char delays[64];
    char* delays_end = fmt::format_to(delays, FMT_COMPILE("{:.2f}/0.01/{:.2f}/{:.2f}"), delay - transmit, transmit / 3,
                                      transmit * 2 / 3);
    const std::string_view parts(delays, static_cast<std::size_t>(delays_end - delays));
    const std::uint64_t token = random_.next();
    if (result == Result::kSent) {
      if (local) {
        line(FMT_COMPILE(" postfix/lmtp[{}]: {}, relay={}, delay={:.2f}, delays={}, dsn=2.0.0, status=sent (250 2.0.0 "
                         "<{}> {:X} Saved)"),
             pid, head, host, delay, parts, address, token);
      } else {
        line(FMT_COMPILE(" postfix/smtp[{}]: {}, relay={}:25, delay={:.2f}, delays={}, dsn=2.0.0, status=sent (250 "
                         "2.0.0 Ok: queued as "
                         "{:012X})"),
             pid, head, host, delay, parts, token >> 16);
      }
    } else if (result == Result::kDeferred && token % 3 == 0 && !local) {
      line(FMT_COMPILE(" postfix/smtp[{}]: {}, relay=none, delay={:.2f}, delays={}, dsn=4.4.1, status=deferred "
                       "(connect to {}:25: "
                       "Connection timed out)"),
           pid, head, delay, parts, host);
    } else {
      const Reply& reply = (result == Result::kDeferred ? kDeferredReplies : kBouncedReplies)[token >> 8 & 3];
      line(FMT_COMPILE(" postfix/{}[{}]: {}, relay={}{}, delay={:.2f}, delays={}, dsn={}, status={} (host {} said: {} "
                       "(in reply to {} "
                       "command))"),
           program, pid, head, host, port, delay, parts, reply.dsn, reply.status, host, reply.text, reply.command);
    }
  }

  // --- the ten addresses

  void remember_sample(const Message& message, const Fate& fate, const char* outcome) {
    if (message.notification) return;
    for (std::uint32_t i = 0; i < kSampleCount; ++i) {
      if (fate.address != sample_address(i)) continue;
      const std::string id = message_id(message);
      auto& mails = samples_[i];
      auto mail =
          std::find_if(mails.begin(), mails.end(), [&](const SampleMail& seen) { return seen.message_id == id; });
      if (mail == mails.end()) mail = mails.insert(mails.end(), SampleMail{std::string(sender_of(message)), id});
      mail->outcome = outcome;
      mail->attempts = fate.attempts;
    }
  }

  const std::uint64_t lines_;
  Random random_;
  Population people_;
  LogFile& log_;
  Truth truth_;
  Micros now_ = kStart;
  std::uint64_t order_ = 0, waiting_recipients_ = 0;
  std::priority_queue<Due, std::vector<Due>, std::greater<>> due_;
  Pool<Message> messages_;
  Pool<Session> sessions_;
  std::vector<std::vector<SampleMail>> samples_;
};

void write_truth(const std::string& path, Relay& relay, const LogFile& log, std::uint64_t seed) {
  std::FILE* file = std::fopen(path.c_str(), "wb");
  if (file == nullptr) {
    std::perror(path.c_str());
    std::exit(3);
  }
  const Truth& t = relay.truth();
  fmt::print(
      file,
      "{{\"seed\":{},\"lines\":{},\"bytes\":{},\"seconds\":{},\"journeys\":{},\"notifications\":{},\"messages\":{},\n"
      " \"attempts\":{},\"notification_attempts\":{},\"deferred_attempts\":{},\"bounced_attempts\":{},\n"
      " \"recipients\":{{\"delivered\":{},\"bounced\":{},\"expired\":{},\"deferred\":{}}},\n"
      " \"notification_recipients\":{{\"delivered\":{},\"bounced\":{}}},\n"
      " \"rejections\":{},\"rejected_blocklist\":{},\"rejected_unknown_user\":{},\"rejected_relay\":{},\n"
      " \"logins_ok\":{},\"logins_failed\":{},\"tls_sessions_in\":{},\"open_peak\":{},\"open_at_end\":{},\n"
      " \"samples\":[{}\n ]}}\n",
      seed, log.lines(), log.bytes(), (relay.now() - kStart) / kSecond, t.journeys, t.notifications,
      t.journeys + t.notifications, t.attempts, t.notification_attempts, t.deferred_attempts, t.bounced_attempts,
      t.delivered, t.bounced, t.expired, t.deferred, t.notification_delivered, t.notification_bounced,
      t.rejected_blocklist + t.rejected_unknown_user + t.rejected_relay, t.rejected_blocklist, t.rejected_unknown_user,
      t.rejected_relay, t.logins_ok, t.logins_failed, t.tls_sessions, t.open_peak, t.open_at_end, relay.samples_json());
  if (std::fclose(file) != 0) std::exit(3);
}

// The value after `name`, or `fallback`.
std::string option(int argc, char** argv, std::string_view name, const char* fallback) {
  for (int i = 1; i + 1 < argc; ++i) {
    if (argv[i] == name) return argv[i + 1];
  }
  return fallback;
}

}  // namespace
}  // namespace mailtrail::bench

int main(int argc, char** argv) {
  using namespace mailtrail::bench;
  const std::string out = option(argc, argv, "--out", ""), truth = option(argc, argv, "--truth", "");
  const std::uint64_t lines = std::strtoull(option(argc, argv, "--lines", "0").c_str(), nullptr, 10);
  const std::uint64_t seed = std::strtoull(option(argc, argv, "--seed", "1").c_str(), nullptr, 10);
  if (out.empty() || truth.empty() || lines == 0) {
    fmt::print(stderr, "usage: {} --lines N --out FILE --truth FILE [--seed N]\n", argv[0]);
    return 2;
  }
  LogFile log(out);
  Relay relay(lines, seed, log);
  relay.run();
  log.close();
  write_truth(truth, relay, log, seed);
  // The stamps state no year: it follows from when the file was last written to.
  const auto end = std::chrono::sys_time<std::chrono::microseconds>(std::chrono::microseconds(relay.now()));
  std::filesystem::last_write_time(out, std::chrono::file_clock::from_sys(end));
}

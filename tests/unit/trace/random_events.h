// Events of every kind in any order, on few queue ids, processes and addresses, so that they meet.
#pragma once

#include <array>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "model/event.h"

namespace mailtrail::trace {

// The same events for one seed.
class RandomEvents {
 public:
  explicit RandomEvents(std::uint32_t seed) : random_(seed) {}

  // Calls f(event) with the next one; it lives until f returns.
  template <class F>
  void next(F&& f) {
    texts_.clear();
    texts_.reserve(kMostTexts);
    constexpr Micros kSteps[] = {0, 1, kSecond / 3, kSecond, 40 * kSecond, 11 * kMinute};
    if (!one_in(2)) now_ += kSteps[pick(one_in(5) ? 6 : 4)];
    extra_.clear();
    switch (pick(26)) {
      case 0:
      case 1:
        return give(f, "postfix/smtpd", receive(), id());
      case 2:
        return give(f, "postfix/cleanup", header(), id());
      case 3:
      case 4:
        return give(f, "postfix/qmgr", queue(), id());
      case 5:
      case 6:
      case 7:
      case 8:
        return give(f, one_in(3) ? "postfix/lmtp" : "postfix/smtp", delivery(), id());
      case 9:
      case 10:
        return give(f, "postfix/qmgr", model::event::Remove{}, id());
      case 11:
        return give(f, "postfix/smtpd", reject(), one_in(2) ? id() : "");
      case 12:
        return give(f, "postfix/bounce", model::event::Notify{one_in(2) ? "failure" : "delay", id()}, id());
      case 13:
        return operation(f);
      case 14:
        return give(f, "postfix/qmgr", model::event::Expire{address(), model::Status::kExpired, text()}, id());
      case 15:
        return give(f, "opendkim", auth(), one_in(3) ? "" : id());
      case 16:
        return give(f, "amavis", verdict(), id());
      case 17:
        return give(f, "postfix/smtp", tls(), "");
      case 18:
        return give(f, "postfix/smtpd", model::event::Connect{"mail.example.net", ip(), {}, {}, {}, {}}, "");
      case 19:
        return disconnect(f);
      case 20:
      case 21:
      case 22:
        return give(f, "dovecot", mailbox(), "");
      case 23:
        extra_ = {{"delivery", number()}, {"channel", one_in(2) ? "local" : "remote"}, {"recipient", address()}};
        return give(f, "qmail-send", model::event::Queue{{}, {}, {}, "active"}, id());
      case 24:
        extra_ = {{"delivery", number()}};
        return give(f, "qmail-send", delivery(), "");
      default:
        return others(f);
    }
  }

 private:
  static constexpr std::size_t kMostTexts = 64;

  std::size_t pick(std::size_t count) { return random_() % count; }
  bool one_in(std::size_t count) { return pick(count) == 0; }
  std::string_view keep(std::string text) { return texts_.emplace_back(std::move(text)); }
  std::string_view id() {
    const std::size_t number = pick(14);
    return keep(number == 13 ? "4bXq7r2Kz9Zz1LmAAAAAAAAAAAAAAAA" : "4A2B1AF02" + std::to_string(10 + number));
  }
  std::string_view address() {
    return keep(std::string(one_in(3) ? "A" : "a") + std::to_string(pick(one_in(4) ? 90 : 4)) + "@example.org");
  }
  std::string_view number() { return keep(std::to_string(pick(5))); }
  std::string_view ip() { return keep("198.51.100." + std::to_string(pick(4))); }
  std::string_view message_id() { return keep("<" + std::to_string(pick(3)) + "@example.net>"); }
  std::string_view session() { return keep("SESSION" + std::to_string(10 + pick(5))); }
  std::string_view text() {
    if (one_in(4)) return {};
    const std::size_t size = one_in(12) ? pick(900) : pick(60);
    return keep(std::string(size, static_cast<char>('a' + pick(26))));
  }
  std::string_view maybe(std::string_view text) { return one_in(3) ? std::string_view() : text; }
  std::optional<double> real() {
    if (one_in(2)) return {};
    return static_cast<double>(pick(200)) / 8 - 3;
  }
  std::optional<std::int32_t> small() {
    if (one_in(2)) return {};
    return static_cast<std::int32_t>(pick(5)) - 1;
  }

  model::event::Receive receive() {
    model::event::Receive body;
    body.sender = one_in(3) ? address() : "";
    if (!one_in(4)) body.client_name = "mail.example.net", body.client_ip = ip();
    body.helo = text();
    body.protocol = one_in(5) ? "local" : text();
    body.size = small();
    body.message_id = maybe(message_id());
    body.subject = text();
    if (one_in(3)) body.sasl_method = "PLAIN", body.sasl_user = address();
    body.user = text();
    if (one_in(3)) body.tls_version = "TLSv1.3", body.tls_cipher = text(), body.tls_bits = small();
    if (one_in(4)) body.parent_queue_id = id();
    return body;
  }
  model::event::Header header() {
    model::event::Header body;
    body.message_id = maybe(message_id());
    body.subject = text();
    if (one_in(3)) body.header_name = "X-Loop", body.header_value = text();
    if (one_in(3)) body.action = static_cast<model::Action>(pick(8)), body.recipient = address();
    body.sender = one_in(3) ? address() : "";
    body.helo = text(), body.client_ip = maybe(ip());
    return body;
  }
  model::event::Queue queue() {
    model::event::Queue body;
    body.sender = one_in(4) ? "<>" : address();
    body.size = small(), body.nrcpt = small();
    body.queue = one_in(6) ? "hold" : "active";
    return body;
  }
  model::event::Delivery delivery() {
    constexpr std::array<std::string_view, 6> kMailers = {"smtp", "lmtp", "local", "pipe", "discard", ""};
    model::event::Delivery body;
    body.recipient = address(), body.orig_recipient = one_in(3) ? address() : "";
    body.status = static_cast<model::Status>(1 + pick(9));
    body.dsn = maybe("4.0.0"), body.smtp_code = small();
    body.reply = one_in(4) ? keep("250 2.0.0 <a@example.org> " + std::string(session()) + " Saved") : text();
    body.relay_host = text(), body.relay_ip = one_in(3) ? "127.0.0.1" : ip(), body.relay_path = maybe("private/lmtp");
    if (one_in(2)) body.relay_port = static_cast<std::uint16_t>(pick(0x10000));
    body.mailer = kMailers[pick(kMailers.size())], body.router = text();
    body.delay = real(), body.delay_before_queue = real(), body.delay_in_queue = real();
    body.delay_connect = real(), body.delay_transmit = real(), body.conn_use = small();
    if (one_in(3)) body.remote_queue_id = id();
    if (one_in(6)) body.child_queue_id = id();
    if (one_in(6)) body.tls_version = text(), body.tls_cipher = text();
    body.sender = maybe(address()), body.size = small();
    return body;
  }
  model::event::Reject reject() {
    model::event::Reject body;
    body.stage = static_cast<model::Stage>(pick(12)), body.action = static_cast<model::Action>(pick(8));
    body.reply = text(), body.reason = text(), body.client_name = text(), body.client_ip = maybe(ip());
    body.helo = text(), body.sender = maybe(address()), body.recipient = maybe(address());
    if (one_in(4)) body.sasl_user = address(), body.sasl_method = "LOGIN";
    return body;
  }
  model::event::Auth auth() {
    constexpr std::array<std::string_view, 3> kMethods = {"spf", "dkim", "dmarc"};
    model::event::Auth body;
    body.method = kMethods[pick(3)], body.result = maybe("pass"), body.is_signed = one_in(3);
    body.domain = text(), body.selector = text(), body.algorithm = text(), body.identity = text();
    body.policy = text(), body.disposition = text(), body.client_ip = ip(), body.client_name = text();
    body.sender = address(), body.reason = text(), body.helo = text();
    return body;
  }
  model::event::Verdict verdict() {
    model::event::Verdict body;
    body.filter = text(), body.action = text(), body.category = text(), body.score = real(), body.threshold = real();
    body.virus_name = text(), body.sender = text(), body.message_id = text(), body.client_ip = ip();
    body.reason = text();
    return body;
  }
  model::event::Tls tls() {
    model::event::Tls body;
    body.direction = one_in(2) ? model::Direction::kIn : model::Direction::kOut;
    body.tls_version = "TLSv1.2", body.tls_cipher = text(), body.tls_bits = small(), body.peer_ip = ip();
    return body;
  }
  model::event::Mailbox mailbox() {
    constexpr std::array<std::string_view, 5> kActions = {"stored", "forwarded", "discarded", "rejected", "vacation"};
    model::event::Mailbox body;
    body.user = address(), body.folder = maybe("INBOX"), body.action = kActions[pick(5)];
    body.message_id = maybe(message_id()), body.session_id = one_in(2) ? session() : "", body.reason = text();
    return body;
  }
  template <class F>
  void operation(F&& f) {
    const std::string_view of = id(), parent = one_in(2) ? id() : "", why = text(), who = maybe(address());
    switch (pick(5)) {
      case 0:
        return give(f, "postfix/cleanup", model::event::Hold{why, {}, {}, who, address(), {}, {}, {}, {}, text(), {}},
                    of);
      case 1:
        return give(f, "postfix/postsuper", model::event::Release{why, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}}, of);
      case 2:
        return give(f, "postfix/postsuper", model::event::Delete{why, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}}, of);
      default:
        return give(f, "postfix/postsuper", model::event::Requeue{why, {}, parent, {}, {}, {}, {}, {}, {}, {}, {}}, of);
    }
  }
  template <class F>
  void disconnect(F&& f) {
    model::event::Disconnect body;
    body.client_ip = maybe(ip()), body.reason = one_in(3) ? "lost connection" : "";
    const auto taken = static_cast<std::uint32_t>(pick(3));
    const model::CommandCount counts[] = {{"auth", taken / 2, 1}, {"data", taken, 2}};
    if (!one_in(3)) body.commands = counts;
    give(f, "postfix/smtpd", body, "");
  }
  template <class F>
  void others(F&& f) {
    if (one_in(3)) return give(f, "postfix/anvil", model::event::Gap{5, "rate limit"}, "");
    model::event::Notice body;
    body.text = one_in(2) ? "queue file size limit exceeded" : text();
    give(f, "postfix/smtpd", body, id());
  }

  template <class F, class Body>
  void give(F&& f, std::string_view program, const Body& body, std::string_view queue_id) {
    model::Event event;
    event.kind = Body::kKind;
    event.time = now_ - (one_in(20) ? kSecond : 0);
    event.has_time = true;
    event.offset_minutes = one_in(2) ? 120 : -300;
    event.time_notes = static_cast<std::uint8_t>(pick(3));
    event.host = one_in(4) ? "mx2" : "mx1";
    event.program = one_in(8) ? "postfix" : program;
    event.instance = one_in(3) ? text() : "";
    event.queue_id = queue_id;
    event.pid = static_cast<std::int32_t>(pick(4)) - 1;
    event.at = {line_ * 100, line_, 99, static_cast<std::uint32_t>(pick(3))};
    ++line_;
    event.body = &body;
    event.extra = extra_;
    f(event);
  }

  std::mt19937 random_;
  Micros now_ = 20'000 * kDay;
  std::uint64_t line_ = 1;
  std::vector<std::string> texts_;
  std::vector<model::Extra> extra_;
};

}  // namespace mailtrail::trace

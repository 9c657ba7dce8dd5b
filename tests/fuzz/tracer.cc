// Any order of any lines of two hosts, through framing, dialect and tracer with very little memory: no crash, no text
// that outlives its line, and facts that hold together.
//
// A line of the input that looks like one of a log, as those of the seeds do, gives its program and its text. Of
// another the first three bytes pick tag, host, step of time and process; of the rest each byte from 0x80 on stands for
// a piece of text, an id or an address.
//
// SEEDS: trace
#include "trace/tracer.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.h"
#include "dialect/dialect.h"
#include "query/row.h"
#include "query/rows_of_facts.h"
#include "record/framing.h"

namespace mailtrail {
namespace {

namespace fact = model::fact;

void require(bool condition, const char* what) {
  if (condition) return;
  std::fprintf(stderr, "BUG: %s\n", what);
  std::abort();
}

constexpr std::string_view kTags[] = {
    "postfix/smtpd",     "postfix/cleanup", "postfix/qmgr",    "postfix/smtp",   "postfix/local",
    "postfix/lmtp",      "postfix/bounce",  "postfix/pickup",  "postfix/pipe",   "postfix/postsuper",
    "postfix/discard",   "postfix/error",   "postfix/virtual", "postfix",        "postfix/submission/smtpd",
    "postfix-out/smtpd", "opendkim",        "amavis",          "policyd-spf",    "postfix/postscreen",
    "postfix/qmqpd",     "postfix/verify",  "dovecot",         "postfix/scache", "postfix/relay/smtp",
};

// What the bytes from 0x80 on stand for.
constexpr std::string_view kPieces[] = {
    "4A2B1AF0201: ",
    "4A2B1AF0202: ",
    "4A2B1AF0203: ",
    "4bXq7r2Kz9Zz1Lm: ",
    "4A2B1AF0201",
    "4A2B1AF0202",
    "4A2B1AF0203",
    "4bXq7r2Kz9Zz1Lm",
    "to=<a@example.com>, ",
    "to=<b@example.com>, ",
    "to=<A@Example.com>, ",
    "orig_to=<b@example.com>, ",
    "orig_to=<root>, ",
    "relay=none, ",
    "relay=local, ",
    "relay=127.0.0.1[127.0.0.1]:10024, ",
    "relay=mx.example.net[198.51.100.9]:25, ",
    "relay=mx1[private/dovecot-lmtp], ",
    "delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent ",
    "delay=1, delays=0/0/0/1, dsn=4.0.0, status=deferred ",
    "delay=1, delays=0/0/0/1, dsn=5.0.0, status=bounced ",
    "delay=1, delays=0/0/0/1, dsn=2.0.0, status=deliverable ",
    "(250 2.0.0 Ok: queued as ",
    "(forwarded as ",
    "(250 2.5.0 Ok, id=1-1, BOUNCE)",
    "(delivered to mailbox)",
    "(host mx.example.net[198.51.100.9] said: 451 4.3.0 later)",
    ")",
    "removed",
    "from=<a@example.com>, size=100, nrcpt=1 (queue active)",
    "from=<>, size=100, nrcpt=1 (queue active)",
    "from=<a@example.com>, status=expired, returned to sender",
    "message-id=<one@example.com>",
    "message-id=<two@example.com>",
    "client=mail.example.net[198.51.100.7]",
    "client=localhost[127.0.0.1]",
    ", sasl_method=PLAIN, sasl_username=anna",
    "connect from mail.example.net[198.51.100.7]",
    "disconnect from mail.example.net[198.51.100.7]",
    " ehlo=1 auth=1 mail=2 rcpt=2 data=1/2 quit=1 commands=7/8",
    " ehlo=1 mail=1 rcpt=1 data=0/1 commands=3/4",
    "lost connection after DATA from mail.example.net[198.51.100.7]",
    "NOQUEUE: ",
    "hold: RCPT from mail.example.net[198.51.100.7]: held; ",
    "discard: RCPT from mail.example.net[198.51.100.7]: gone; ",
    "redirect: RCPT from mail.example.net[198.51.100.7]: b@example.com; ",
    "reject: RCPT from mail.example.net[198.51.100.7]: 550 5.1.1 no; ",
    "reject: header X: 1 from mail.example.net[198.51.100.7]; ",
    "hold: header X: 1 from mail.example.net[198.51.100.7]; ",
    "discard: body X from mail.example.net[198.51.100.7]; ",
    "milter-reject: END-OF-MESSAGE from mail.example.net[198.51.100.7]: 5.7.1 no; ",
    "from=<a@example.com> to=<b@example.com> proto=ESMTP helo=<h>",
    ": because",
    "warning: ",
    "queue file size limit exceeded",
    "sender non-delivery notification: ",
    "sender delay notification: ",
    "uid=0 from=<a@example.com>",
    " orig_id=",
    "placed on hold",
    "released from hold",
    "requeued",
    "Anonymous TLS connection established from mail.example.net[198.51.100.7]: TLSv1.3 with cipher X (256/256 bits)",
    "mail.example.net[198.51.100.7]: SASL PLAIN authentication failed: no, sasl_username=anna",
    "prepend Received-SPF: Pass (mailfrom) client-ip=198.51.100.7; envelope-from=a@example.com; ",
    "DKIM-Signature field added (s=mail, d=example.com)",
    "expired",
    "message repeated 3 times: [ ",
};

// Reads every field, and checks what must hold between them.
class Checker : public model::FactSink {
 public:
  explicit Checker(bool details) : details_(details) {}

  void on_journey(const fact::Journey& journey) override {
    ++journeys;
    messages += journey.messages.size();
    require(!journey.messages.empty(), "a journey without a stay");
    require(journey.id == journey.messages.front().message_key, "a journey is not its first stay");
    require(!journey.queue_ids.empty() && !journey.hosts.empty(), "a journey without an id or a host");
    std::set<std::uint64_t> keys;
    for (const fact::Message& message : journey.messages) {
      require(keys.insert(message.message_key).second, "a stay is told twice");
      require(message.journey == journey.id, "a stay of another journey");
      require(message.first_seen <= message.last_seen, "a stay ends before it begins");
      require(message.link != model::Link::kNone || message.link_confidence == 0, "a confidence without a link");
      require(message.begin_missing != message.received.has_value(), "a beginning that is missing and stated");
      require(details_ || (message.lines.empty() && message.steps.empty()), "details that were not asked for");
    }
    std::int64_t made = 0;
    for (const fact::Recipient& one : journey.recipients) {
      require(one.attempts >= 0, "attempts below none");
      require(keys.contains(one.message_key), "a recipient of no stay");
      require(one.outcome != model::Outcome::kDeferred || !one.decided, "a deferred recipient is decided");
      for (const model::Text origin : one.orig_recipients) {
        require(!equals_ignoring_case(origin, one.recipient), "a recipient leads to itself");
      }
      made += one.attempts;
    }
    for (const fact::Delivery& delivery : journey.deliveries) {
      require(keys.contains(delivery.message_key), "an attempt of no stay");
      require(delivery.attempt >= 1, "an attempt before the first");
    }
    require(!details_ || made <= static_cast<std::int64_t>(journey.deliveries.size()), "more attempts than made");
    kept_attempts += journey.deliveries.size();
    if (journey.evicted) evicted = true;
    for (const query::Per per :
         {query::Per::kRecipient, query::Per::kMessage, query::Per::kJourney, query::Per::kAttempt}) {
      read_rows(per, [&](model::FactSink& rows) { rows.on_journey(journey); });
    }
  }
  void on_delivery(const fact::Delivery& delivery) override {
    ++attempts;
    delivery.event.fields(*this);
    read({delivery.host, delivery.program, delivery.instance, delivery.queue_id, delivery.sender, delivery.message_id,
          delivery.client_name, delivery.client_ip, delivery.sasl_user, delivery.subject});
  }
  void on_rejection(const fact::Rejection& rejection) override {
    read_rows(query::Per::kRejection, [&](model::FactSink& rows) { rows.on_rejection(rejection); });
  }
  void on_login(const fact::Login& login) override {
    read_rows(query::Per::kLogin, [&](model::FactSink& rows) { rows.on_login(login); });
  }
  void on_session(const fact::Session& session) override {
    require(session.began != 0, "a session that never began");
    read({session.host, session.program, session.instance, session.client_name, session.client_ip, session.tls_version,
          session.tls_cipher, session.sasl_user, session.reason});
    for (const model::CommandCount& command : session.commands) read({command.name});
  }
  void on_tls(const fact::TlsSession& session) override {
    read({session.host, session.program});
    session.event.fields(*this);
  }
  void on_notice(const fact::Notice& notice) override {
    read({notice.host, notice.program, notice.queue_id});
    notice.event.fields(*this);
  }
  void on_policy(const fact::Policy& policy) override {
    read({policy.host, policy.program});
    policy.event.fields(*this);
  }
  void on_gap(const fact::Gap& gap) override { gap.event.fields(*this); }

  // A field of an event.
  void operator()(std::string_view, model::Text text) { read({text}); }
  void operator()(std::string_view, model::Texts texts) {
    for (const model::Text text : texts) read({text});
  }
  template <class T>
  void operator()(std::string_view, const T&) {}

  std::uint64_t journeys = 0, messages = 0, attempts = 0, kept_attempts = 0;
  bool evicted = false;

 private:
  void read(std::initializer_list<model::Text> texts) {
    for (const model::Text text : texts) {
      for (const char c : text) sum_ = sum_ + static_cast<unsigned char>(c);
    }
  }
  template <class Tell>
  void read_rows(query::Per per, Tell tell) {
    query::RowsOfFacts rows(everything_, per, [&](const query::Row& row) {
      json_.clear();
      query::append_row_json(json_, row, {});
      require(is_utf8(json_), "a row that is not UTF-8");
    });
    tell(rows);
  }

  const bool details_;
  const query::Plan everything_;
  std::string json_;
  volatile unsigned sum_ = 0;
};

// A line with a host, a time that never goes back on its host, and a tag.
struct LineMaker {
  Micros now = 20'781 * kDay;

  // Host 2's clock is behind.
  std::string line(bool second_host, std::string_view tag, std::string_view pid, std::string_view text) const {
    std::string made = format_rfc3339(second_host ? now - 3 * kSecond : now, 0);
    made += second_host ? " mx2 " : " mx1 ";
    made += tag;
    made += '[';
    made += pid;
    made += "]: ";
    made += text;
    return made;
  }

  std::string of_log(std::string_view input) {
    const std::size_t end = input.find("]: ");
    const std::size_t open = input.substr(0, end).rfind('[');
    const std::size_t blank = input.substr(0, open).rfind(' ');
    if (end == std::string_view::npos || open == std::string_view::npos || blank == std::string_view::npos) return {};
    now += kSecond / 4;
    return line(input.substr(0, blank).ends_with("mx2"), input.substr(blank + 1, open - blank - 1),
                input.substr(open + 1, end - open - 1), input.substr(end + 3));
  }

  std::string of_bytes(std::string_view input) {
    if (input.size() < 3) return {};
    const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(input[at]); };
    constexpr Micros kSteps[] = {0, 1, kSecond, 31 * kSecond, 11 * kMinute, 2 * kHour};
    now += kSteps[byte(1) / 2 % std::size(kSteps)];
    std::string text;
    for (std::size_t at = 3; at < input.size(); ++at) {
      if (byte(at) < 0x80) {
        text += input[at];
      } else {
        text += kPieces[(byte(at) - 0x80) % std::size(kPieces)];
      }
    }
    return line(byte(1) % 2 != 0, kTags[byte(0) % std::size(kTags)], std::to_string(byte(2) % 4 + 1), text);
  }
};

void run(std::string_view input) {
  const unsigned char flags = input.empty() ? 0 : static_cast<unsigned char>(input[0]);
  trace::TracerOptions options;
  options.keep_details = (flags & 1) != 0;
  options.linger_count = (flags & 2) != 0 ? 60'000 : 4;
  options.memory_limit = (flags & 4) != 0 ? std::size_t{256} << 20 : 64u << 10;
  Checker checker(options.keep_details);
  trace::Tracer tracer(checker, options);
  dialect::Parser parser;
  record::Framer framer;
  LineMaker maker;
  // Memory is looked at after a thousand events: some inputs are read again and again.
  const std::uint64_t enough = (flags & 0xB0) == 0x90 ? 1'500 : 0;
  std::uint64_t number = 0, read = 0;
  std::string_view rest = input;
  while (!rest.empty() || (!input.empty() && read < enough)) {
    if (rest.empty()) rest = input;
    const std::string_view part = take_until(rest, '\n');
    ++read;
    std::string made = maker.of_log(part);
    if (made.empty()) made = maker.of_bytes(part);
    if (made.empty()) continue;
    // What the events point into is gone after each line: the sanitizer sees who keeps a text of it.
    const std::vector<char> line(made.begin(), made.end());
    const auto arena = std::make_unique<Arena>();
    std::vector<model::Event> events;
    record::Record record;
    framer.frame({line.data(), line.size()}, *arena, record);
    record.line = ++number;
    dialect::Emitter emitter(*arena, events);
    parser.parse(record, emitter);
    for (model::Event& event : events) {
      if (!event.has_time) event.time = maker.now;
      tracer.take(event);
    }
  }
  tracer.finish();
  const trace::TracerStats& stats = tracer.stats();
  require(stats.journeys == checker.journeys, "journeys are not counted as told");
  require(stats.messages == checker.messages, "stays are not counted as told");
  require(stats.attempts == checker.attempts, "attempts are not counted as told");
  require(!options.keep_details || stats.attempts == checker.kept_attempts, "attempts are lost");
  require(stats.open_now == 0, "something is open after the end");
  require(stats.begin_missing <= stats.messages && stats.evicted <= stats.messages, "more than all");
  require((stats.evicted != 0) == checker.evicted, "evictions are not told as counted");
}

// A line such as a server writes: a tag, an id, and pieces that belong together.
std::string usual_line(std::uint64_t random) {
  const auto pick = [&](std::size_t count) {
    const std::size_t picked = random % count;
    random = random / count + (random << 47);
    return picked;
  };
  const auto piece = [](std::string_view text) {
    const auto found = std::find(std::begin(kPieces), std::end(kPieces), text);
    return static_cast<char>(0x80 + (found - std::begin(kPieces)));
  };
  const auto tag = [](std::string_view name) {
    return static_cast<char>(std::find(std::begin(kTags), std::end(kTags), name) - std::begin(kTags));
  };
  const char id = static_cast<char>(0x80 + pick(4)), other = static_cast<char>(0x84 + pick(4));
  std::string line = {0, static_cast<char>(pick(12)), static_cast<char>(pick(4))};
  const auto write = [&](std::string_view name, std::initializer_list<char> pieces) {
    line[0] = pick(8) == 0 ? tag("postfix") : tag(name);
    line.append(pieces.begin(), pieces.end());
  };
  const char to = static_cast<char>(0x88 + pick(3)), relay = static_cast<char>(0x80 + 13 + pick(5));
  switch (pick(14)) {
    case 0:
      write("postfix/smtpd", {id, static_cast<char>(0x80 + 34 + pick(2))});
      break;
    case 1:
      write("postfix/cleanup", {id, static_cast<char>(0x80 + 32 + pick(2))});
      break;
    case 2:
      write("postfix/qmgr", {id, static_cast<char>(0x80 + 28 + pick(4))});
      break;
    case 3:
      write("postfix/smtp", {id, to, relay, piece("delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent "),
                             piece("(250 2.0.0 Ok: queued as "), other, piece(")")});
      break;
    case 4:
      write("postfix/local",
            {id, to, piece("orig_to=<b@example.com>, "), piece("relay=local, "),
             piece("delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent "), piece("(forwarded as "), other, piece(")")});
      break;
    case 5:
      write("postfix/smtp",
            {id, to, relay, static_cast<char>(0x80 + 18 + pick(4)), static_cast<char>(0x80 + 24 + pick(3))});
      break;
    case 6:
      write("postfix/bounce", {id, static_cast<char>(0x80 + 55 + pick(2)), other});
      break;
    case 7:
      write("postfix/pickup", {id, piece("uid=0 from=<a@example.com>"), piece(" orig_id="), other});
      break;
    case 8:
      write("postfix/postsuper", {id, static_cast<char>(0x80 + 59 + pick(3))});
      break;
    case 9:
      write("postfix/smtpd", {static_cast<char>(0x80 + 37 + pick(2)), static_cast<char>(0x80 + 39 + pick(2))});
      break;
    case 10:
      write("postfix/smtpd", {pick(2) == 0 ? id : piece("NOQUEUE: "), static_cast<char>(0x80 + 43 + pick(4)),
                              piece("from=<a@example.com> to=<b@example.com> proto=ESMTP helo=<h>")});
      break;
    case 11:
      write("postfix/cleanup",
            {id, static_cast<char>(0x80 + 47 + pick(4)),
             piece("from=<a@example.com> to=<b@example.com> proto=ESMTP helo=<h>"), piece(": because")});
      break;
    case 12:
      write("postfix/smtpd", {piece("warning: "), id, piece("queue file size limit exceeded")});
      break;
    default:
      write("postfix/qmgr", {id, piece("removed")});
  }
  return line + '\n';
}

}  // namespace
}  // namespace mailtrail

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t most);

// Half of the time some usual lines are put somewhere between the others.
extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t most, unsigned seed) {
  std::mt19937_64 random(seed);
  if (random() % 2 == 0) return LLVMFuzzerMutate(data, size, most);
  std::string text(reinterpret_cast<const char*>(data), size);
  for (std::uint64_t count = 1 + random() % 8; count-- > 0;) {
    const std::size_t end = text.find('\n', random() % (text.size() + 1));
    text.insert(end == std::string::npos ? text.size() : end + 1, mailtrail::usual_line(random()));
  }
  text.resize(std::min(text.size(), most));
  std::copy(text.begin(), text.end(), data);
  return text.size();
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  mailtrail::run({reinterpret_cast<const char*>(data), size});
  return 0;
}

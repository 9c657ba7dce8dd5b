#include "app/trace_filter.h"

#include <cstring>

#include "app/exim_line.h"
#include "app/plain_line.h"
#include "app/session_window.h"
#include "base/hash.h"
#include "base/text.h"
#include "dialect/dialect.h"

namespace mailtrail::app {
namespace {

// Programs whose lines without a queue id belong to a message by the process that wrote them.
bool is_session_program(std::string_view program) {
  return program == "postfix" || program.ends_with("smtpd") || program.ends_with("smtp") || program.ends_with("lmtp") ||
         program.ends_with("qmqpd") || program.starts_with("sendmail") || program.starts_with("sm-m");
}

using model::process_hash;

constexpr std::size_t kWord = 8;

std::uint64_t word_hash(const char* bytes) {
  std::uint64_t word;
  std::memcpy(&word, bytes, kWord);
  return word * 0x9E3779B97F4A7C15ULL >> 20;
}

std::uint64_t pid_hash(std::int32_t pid) {
  return static_cast<std::uint64_t>(pid) * 0x9E3779B97F4A7C15ULL >> 20;
}

// `NOQUEUE: hold: RCPT from ...`: what it is said of gets its queue id later in the session.
bool acts_before_the_queue(const model::Event& event) {
  if (event.kind != model::Kind::kReject || !event.queue_id.empty()) return false;
  const model::Action action = event.as<model::event::Reject>().action;
  return action == model::Action::kHold || action == model::Action::kDiscard || action == model::Action::kRedirect;
}

// Whether a user's description says what the program's lines mean: any of them may belong to a message.
bool is_described(std::string_view program) {
  for (const dialect::Dialect* dialect : dialect::added_dialects()) {
    if (dialect->claims(program)) return true;
  }
  return false;
}

}  // namespace

std::uint64_t TraceFilter::line_hash(std::uint32_t source, std::uint64_t position) {
  return mix_hash(position + 1, source + 1);
}

bool TraceFilter::wants_of_process(std::uint64_t process, std::uint32_t source, std::uint64_t position,
                                   bool has_id) const {
  const auto found = processes_.find(process);
  if (found == processes_.end()) return false;
  if (found->second.all) return !has_id || found->second.whole;
  const auto& windows = found->second.windows;
  auto window = windows.upper_bound({source, position});
  if (window == windows.begin()) return false;
  --window;
  return window->first.first == source && position < window->second.end && (!has_id || window->second.whole);
}

// False: no wanted id stands at the beginning or the end of the text.
bool TraceFilter::may_hold_id(std::string_view text) const {
  if (text.size() < kWord || short_ids_ || heads_.may_hold(word_hash(text.data()))) return true;
  // Most lines end with `)`, `>` or the like behind the id, or with none of them.
  std::size_t end = text.size();
  while (end > kWord && !is_alnum(text[end - 1]) && text.size() - end < 3) --end;
  return tails_.may_hold(word_hash(text.data() + end - kWord));
}

// Looks at a syslog line before it is framed. Whatever is not plainly `STAMP HOST TAG[PID]: TEXT` is left to `wants`.
bool TraceFilter::may_want(std::string_view line, std::uint32_t source, std::uint64_t position) const {
  PlainLine plain;
  if (!split_plain_line(line, plain)) return true;
  const std::string_view text = behind_severity(plain.text);
  if (may_hold_id(text) || lines_.may_hold(line_hash(source, position))) return true;
  const auto pid = static_cast<std::int32_t>(plain.pid);
  if (pids_.may_hold(pid_hash(pid))) {
    const bool has_id = !leading_id(text).empty();
    if ((!has_id || any_whole_) &&
        wants_of_process(process_hash(plain.host, plain.program, pid), source, position, has_id)) {
      return true;
    }
  }
  return stands_apart(plain.program, text);
}

// A digest knows the ids and processes of its block's lines; the lines that hold the text itself are in blocks that
// have none.
bool TraceFilter::skips(Batch& batch) const {
  if (digests_ == nullptr || batch.loaded || short_ids_ || !asks_digests_) return false;
  const BlockDigest* digest = std::as_const(*digests_).find(batch.source, batch.position, batch.size);
  if (digest == nullptr || digest->open()) return false;
  for (const std::uint64_t hash : sought_) {
    if (digest->may_hold(hash)) return false;
  }
  for (const SoughtSession& session : sought_sessions_) {
    if (session.source != batch.source || session.begin >= digest->end || session.end <= digest->begin) continue;
    if (digest->may_hold(BlockDigest::hash_of_process(session.pid, false))) return false;
    if (session.whole && digest->may_hold(BlockDigest::hash_of_process(session.pid, true))) return false;
  }
  batch.loaded = true;
  batch.counts = digest->counts;
  batch.days = digest->days;
  batch.begin = digest->begin;
  batch.end = digest->end;
  return true;
}

// What to ask the digests for; nothing where that is so much that reading is as fast.
void TraceFilter::seek() {
  constexpr std::size_t kMost = 4096;
  sought_.clear();
  sought_sessions_.clear();
  std::size_t count = ids_.all().size();
  for (const auto& [hash, process] : processes_) count += 2 + process.windows.size();
  asks_digests_ = count <= kMost;
  if (!asks_digests_) return;
  sought_.assign(ids_.all().begin(), ids_.all().end());
  for (const auto& [hash, process] : processes_) {
    if (process.all) {
      sought_.push_back(BlockDigest::hash_of_process(process.pid, false));
      if (process.whole) sought_.push_back(BlockDigest::hash_of_process(process.pid, true));
      continue;
    }
    for (const auto& [place, window] : process.windows) {
      sought_sessions_.push_back({place.first, place.second, window.end, process.pid, window.whole});
    }
  }
}

bool TraceFilter::wants_exim(const record::Record& record) const {
  for (const std::string_view id :
       {exim_message_id(record.text), exim_parent_id(record.text), exim_answered_id(record.text)}) {
    if (!id.empty() && ids_.contains(hash_bytes(id))) return true;
  }
  return lines_.contains(line_hash(record.source, record.position));
}

bool TraceFilter::wants(const record::Record& record) const {
  if (is_exim(record.program)) return wants_exim(record);
  const std::string_view text = behind_severity(record.text);
  const std::string_view id = leading_id(text);
  if (may_hold_id(text)) {
    if (!id.empty() && ids_.contains(hash_bytes(id))) return true;
    const std::string_view last = last_id(text);
    if (last.size() >= kLeastId && ids_.contains(hash_bytes(last))) return true;
  }
  if (pids_.may_hold(pid_hash(record.pid)) && is_session_program(record.program)) {
    const std::uint64_t process = process_hash(record.host, record.program, record.pid);
    if (wants_of_process(process, record.source, record.position, !id.empty())) return true;
  }
  if (lines_.contains(line_hash(record.source, record.position))) return true;
  if (record.program.empty()) return record.text.starts_with("last message repeated ") || is_described(record.program);
  if (record.program[0] == 'a' && record.program.starts_with("amavis")) {
    const std::size_t at = text.find("Queue-ID: ");
    if (at == std::string_view::npos) return false;
    std::string_view rest = text.substr(at + 10);
    return ids_.contains(hash_bytes(take_until(rest, ',')));
  }
  // What a mail store did has no queue id: the tracer takes it to its message by session or Message-ID.
  if (record.program.starts_with("dovecot")) return text.find("msgid=") != std::string_view::npos;
  // An SPF result has no queue id: the tracer takes it to its message by client and sender.
  if (record.program.starts_with("postfix/policy")) return true;
  return !is_told_by_id(record.program) || is_described(record.program);
}

void TraceFilter::find_sessions(const Inputs& inputs) {
  // With very many arrivals, looking for each would cost more than it saves.
  constexpr std::size_t kMost = 2000;
  const bool all = arrivals_.size() > kMost;
  for (const Arrival& arrival : arrivals_) {
    Process& process = processes_[arrival.process];
    process.pid = arrival.pid;
    process.whole = process.whole || arrival.whole;
    any_whole_ = any_whole_ || arrival.whole;
    if (process.all || wants_of_process(arrival.process, arrival.at.source, arrival.at.position, arrival.whole))
      continue;
    const std::optional<SessionWindow> found =
        all ? std::nullopt : find_session(inputs.all()[arrival.at.source], arrival.pid, arrival.at);
    if (found) {
      Window& window = process.windows[{arrival.at.source, found->begin}];
      window.end = found->end;
      window.whole = window.whole || arrival.whole;
    } else {
      process.all = true;
    }
  }
  arrivals_.clear();
  seek();
}

bool TraceFilter::learn_id(std::string_view queue_id) {
  if (queue_id.empty() || !ids_.insert(hash_bytes(queue_id))) return false;
  if (queue_id.size() < kWord) {
    short_ids_ = true;
  } else {
    heads_.insert(word_hash(queue_id.data()));
    tails_.insert(word_hash(queue_id.data() + queue_id.size() - kWord));
  }
  return true;
}

bool TraceFilter::learn(const model::Event& event) {
  bool fresh = learn_id(event.queue_id);
  const bool rule = acts_before_the_queue(event);
  if (event.pid >= 0 && is_session_program(event.program) && (!event.queue_id.empty() || rule)) {
    const std::uint64_t process = process_hash(event.host, event.program, event.pid);
    pids_.insert(pid_hash(event.pid));
    if (!event.program.ends_with("smtpd") && !rule) {
      // Few lines of a client have no queue id.
      fresh |= processes_.try_emplace(process).second;
      processes_[process].all = true;
      processes_[process].pid = event.pid;
    } else if (arrivals_seen_.insert(line_hash(event.at.source, event.at.position))) {
      fresh = true;
      arrivals_.push_back({process, event.pid, event.at, rule});
    }
  }
  switch (event.kind) {
    case model::Kind::kDelivery: {
      const auto& body = event.as<model::event::Delivery>();
      fresh |= learn_id(body.remote_queue_id);
      fresh |= learn_id(body.child_queue_id);
      break;
    }
    case model::Kind::kReceive:
      fresh |= learn_id(event.as<model::event::Receive>().parent_queue_id);
      break;
    case model::Kind::kNotify:
      fresh |= learn_id(event.as<model::event::Notify>().child_queue_id);
      break;
    case model::Kind::kRequeue:
      fresh |= learn_id(event.as<model::event::Requeue>().parent_queue_id);
      break;
    case model::Kind::kVerdict:
      for (const model::Text id : event.as<model::event::Verdict>().child_queue_ids) fresh |= learn_id(id);
      break;
    default:
      break;
  }
  return fresh;
}

}  // namespace mailtrail::app

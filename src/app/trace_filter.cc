#include "app/trace_filter.h"

#include "base/hash.h"
#include "base/text.h"

namespace mailtrail::app {
namespace {

// Programs whose lines without a queue id belong to a message by the process that wrote them.
bool is_session_program(std::string_view program) {
  return program.ends_with("smtpd") || program.ends_with("smtp") || program.ends_with("lmtp") ||
         program.ends_with("qmqpd");
}

std::uint64_t process_hash(std::string_view host, std::string_view program, std::int32_t pid) {
  return hash_bytes(program, hash_bytes(host, static_cast<std::uint64_t>(pid) + 1));
}

// `4F5C6KzL9z` in `4F5C6KzL9z: to=<...>`; empty where the text does not begin with an id.
std::string_view leading_id(std::string_view text) {
  std::size_t size = 0;
  while (size < text.size() && size <= 32 && is_alnum(text[size])) ++size;
  if (size < 5 || size + 1 >= text.size() || text[size] != ':' || text[size + 1] != ' ') return {};
  return text.substr(0, size) == "NOQUEUE" ? std::string_view{} : text.substr(0, size);
}

// The last word of the text: `X` in `(... queued as X)`, `(forwarded as X)`, `notification: X`, `orig_id=X`.
std::string_view last_id(std::string_view text) {
  std::size_t end = text.size();
  while (end > 0 && !is_alnum(text[end - 1]) && text.size() - end < 4) --end;
  std::size_t begin = end;
  while (begin > 0 && is_alnum(text[begin - 1]) && end - begin <= 32) --begin;
  return text.substr(begin, end - begin);
}

}  // namespace

std::uint64_t TraceFilter::line_hash(std::uint32_t source, std::uint64_t position) {
  return mix_hash(position + 1, source + 1);
}

bool TraceFilter::wants(const record::Record& record) const {
  const std::string_view id = leading_id(record.text);
  if (!id.empty()) {
    if (ids_.contains(hash_bytes(id))) return true;
  } else if (is_session_program(record.program)) {
    if (processes_.contains(process_hash(record.host, record.program, record.pid))) return true;
  } else if (record.program == "policyd-spf" || record.program.starts_with("postfix/policy")) {
    // An SPF result has no queue id: the tracer takes it to its message by client and sender.
    return true;
  }
  const std::string_view last = last_id(record.text);
  if (last.size() >= 5 && ids_.contains(hash_bytes(last))) return true;
  if (record.program.starts_with("amavis")) {
    const std::size_t at = record.text.find("Queue-ID: ");
    if (at != std::string_view::npos) {
      std::string_view rest = record.text.substr(at + 10);
      if (ids_.contains(hash_bytes(take_until(rest, ',')))) return true;
    }
  }
  return lines_.contains(line_hash(record.source, record.position));
}

bool TraceFilter::learn_id(std::string_view queue_id) {
  return !queue_id.empty() && ids_.insert(hash_bytes(queue_id));
}

bool TraceFilter::learn(const model::Event& event) {
  bool fresh = learn_id(event.queue_id);
  if (is_session_program(event.program) && event.pid >= 0) {
    fresh |= processes_.insert(process_hash(event.host, event.program, event.pid));
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

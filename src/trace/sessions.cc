#include "trace/sessions.h"

namespace mailtrail::trace {

void Session::reset() {
  pool.clear();
  hash = 0;
  host = program = instance = client_name = client_ip = helo = tls_version = tls_cipher = sasl_user = peer_ip =
      reason = {};
  tls_bits.reset();
  began = 0;
  pid = -1;
  has_begin = login_told = false;
  messages = rejections = 0;
  stays.clear();
  rules.clear();
}

Index SessionTable::lookup(const model::Event& event, std::uint64_t hash) const {
  return index_.find(hash, [&](Index index) {
    const Session& session = *sessions_[index];
    return session.hash == hash && session.pid == event.pid && session.program == event.program &&
           session.host == event.host;
  });
}

Session* SessionTable::find(const model::Event& event) {
  const Index index = lookup(event, model::writer_hash_of(event));
  return index == kNobody ? nullptr : sessions_[index].get();
}

Session& SessionTable::open(const model::Event& event) {
  const std::uint64_t hash = model::writer_hash_of(event);
  const Index found = lookup(event, hash);
  if (found != kNobody) return *sessions_[found];
  if (open_.size() >= kMost) close(*sessions_[open_[next_victim_++ % open_.size()]]);
  Index index;
  if (free_.empty()) {
    index = static_cast<Index>(sessions_.size());
    sessions_.push_back(std::make_unique<Session>(store_));
  } else {
    index = free_.back();
    free_.pop_back();
  }
  Session& session = *sessions_[index];
  session.hash = hash;
  session.pid = event.pid;
  session.host = session.pool.add(event.host);
  session.program = session.pool.add(event.program);
  session.instance = session.pool.add(event.instance);
  session.began = event.time;
  index_.insert(hash, index);
  session.open_at = static_cast<std::uint32_t>(open_.size());
  open_.push_back(index);
  return session;
}

void SessionTable::close(Session& session) {
  const Index index = index_.find(session.hash, [&](Index one) { return sessions_[one].get() == &session; });
  index_.erase(session.hash, index);
  open_[session.open_at] = open_.back();
  sessions_[open_.back()]->open_at = session.open_at;
  open_.pop_back();
  session.reset();
  free_.push_back(index);
}

}  // namespace mailtrail::trace

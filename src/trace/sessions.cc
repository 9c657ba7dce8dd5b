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

SessionTable::Key SessionTable::key_of(const model::Event& event) {
  if (event.dialect == "opensmtpd") {
    Text name = event.kind == model::Kind::kLogin ? event.as<model::event::Login>().session_id : Text{};
    for (const model::Extra& item : event.extra) {
      if (item.name == "session_id") name = item.value;
    }
    if (!name.empty()) return {model::process_hash(event.host, name, kNamed), event.host, name, kNamed};
  }
  return {model::writer_hash_of(event), event.host, event.program, event.pid};
}

Index SessionTable::lookup(const Key& key) const {
  return index_.find(key.hash, [&](Index index) {
    const Session& session = *sessions_[index];
    return session.hash == key.hash && session.pid == key.pid && session.program == key.program &&
           session.host == key.host;
  });
}

Session* SessionTable::find(const model::Event& event) {
  const Index index = lookup(key_of(event));
  return index == kNobody ? nullptr : sessions_[index].get();
}

Session& SessionTable::open(const model::Event& event) {
  const Key key = key_of(event);
  const Index found = lookup(key);
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
  session.hash = key.hash;
  session.pid = key.pid;
  session.host = session.pool.add(key.host);
  session.program = session.pool.add(key.program);
  session.instance = session.pool.add(key.pid == kNamed ? event.program : event.instance);
  session.began = event.time;
  index_.insert(key.hash, index);
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

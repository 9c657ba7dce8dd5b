// Sessions: what is going on between a process and its peer, by host, program and process id.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "model/fact_sink.h"
#include "trace/stay.h"
#include "trace/text_pool.h"

namespace mailtrail::trace {

class StateWriter;
class StateReader;

// What a rule said about the next message of a session before that had a queue id (`NOQUEUE: hold: RCPT from ...`).
struct SessionRule {
  model::Action action = model::Action::kNone;
  Text recipient, sender;
};

// One process's current session: a server's with its client, or a client's with the server that it last made TLS with.
// Where one process serves many clients and names each session (OpenSMTPD), `program` is that name, `pid`
// SessionTable::kNamed, and `instance` the program.
struct Session {
  explicit Session(ChunkStore& store) : pool(store) {}

  TextPool pool;
  std::uint64_t hash = 0;
  Text host, program, instance, client_name, client_ip, helo, tls_version, tls_cipher, sasl_user, peer_ip, reason;
  std::optional<std::int32_t> tls_bits;
  Micros began = 0;
  std::int32_t pid = -1;
  bool has_begin = false;
  bool login_told = false;
  std::uint32_t messages = 0, rejections = 0;
  std::uint32_t open_at = 0;   // its place among the open ones
  std::vector<StayRef> stays;  // begun in it
  std::vector<SessionRule> rules;

  void reset();
};

// Bounded: when there are more than kMost at once, those that are hit by the next ones are forgotten.
class SessionTable {
 public:
  static constexpr std::int32_t kNamed = -2;

  explicit SessionTable(ChunkStore& store) : store_(store) {}

  // The session of the process that wrote `event`, or null.
  Session* find(const model::Event& event);
  // The same, made where it is new.
  Session& open(const model::Event& event);
  void close(Session& session);
  std::size_t size() const { return open_.size(); }
  // Every open session, in no order.
  template <class F>
  void for_each(F&& f) {
    for (const Index index : open_) f(*sessions_[index]);
  }

  // As fields of a record (tracer_state.cc).
  void save(StateWriter& writer) const;
  // Into a table that is empty.
  void restore(StateReader& reader);

 private:
  static constexpr std::size_t kMost = 20'000;
  // What tells the session of an event from others.
  struct Key {
    std::uint64_t hash = 0;
    Text host, program;
    std::int32_t pid = -1;
  };
  static Key key_of(const model::Event& event);
  Index lookup(const Key& key) const;

  ChunkStore& store_;
  HashIndex index_;
  std::vector<std::unique_ptr<Session>> sessions_;
  std::vector<Index> free_;
  std::vector<Index> open_;
  std::size_t next_victim_ = 0;
};

}  // namespace mailtrail::trace

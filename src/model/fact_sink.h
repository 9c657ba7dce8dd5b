// FactSink: who takes facts: a report, a search, a store.
#pragma once

#include "model/fact.h"

namespace mailtrail::model {

// Takes facts. Every call happens on the thread that calls the tracer; what the fact points to lives until it returns.
class FactSink {
 public:
  virtual ~FactSink() = default;
  // Says true when it can forget everything that it was told (`on_restart`): a road may then tell facts while it is not
  // yet sure that it has read all that belongs to them.
  virtual bool can_restart() const { return false; }
  // What was told so far is void; all of it is told again.
  virtual void on_restart() {}
  // A journey is told once, when nothing more can come to it, or at the end of the log.
  virtual void on_journey(const fact::Journey&) {}
  // An attempt is told when its line is read; its `outcome`, `journey` are not yet known.
  virtual void on_delivery(const fact::Delivery&) {}
  virtual void on_rejection(const fact::Rejection&) {}
  virtual void on_login(const fact::Login&) {}
  virtual void on_session(const fact::Session&) {}
  virtual void on_tls(const fact::TlsSession&) {}
  virtual void on_notice(const fact::Notice&) {}
  virtual void on_policy(const fact::Policy&) {}
  virtual void on_gap(const fact::Gap&) {}
};

}  // namespace mailtrail::model

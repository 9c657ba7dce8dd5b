// TimeRangeSink: of the facts that stream by, those of a span of time.
#pragma once

#include <optional>

#include "base/time.h"
#include "model/fact_sink.h"

namespace mailtrail::app {

// Hands on to `next` what lies in [since, until). A journey lies where it was received (its first line, where its
// beginning is not in the log); a session where it began, or ended where its beginning is not in the log; all else
// where it happened. A fact without a time lies in no range. An absent bound is none.
class TimeRangeSink : public model::FactSink {
 public:
  // `next` MUST outlive it.
  TimeRangeSink(model::FactSink& next, std::optional<Micros> since, std::optional<Micros> until)
      : next_(next), since_(since), until_(until) {}

  void on_journey(const model::fact::Journey& journey) override {
    if (holds(journey.received)) next_.on_journey(journey);
  }
  void on_delivery(const model::fact::Delivery& delivery) override {
    if (holds(delivery.time)) next_.on_delivery(delivery);
  }
  void on_rejection(const model::fact::Rejection& rejection) override {
    if (holds(rejection.time)) next_.on_rejection(rejection);
  }
  void on_login(const model::fact::Login& login) override {
    if (holds(login.time)) next_.on_login(login);
  }
  void on_session(const model::fact::Session& session) override {
    if (holds(session.began != 0 ? session.began : session.ended)) next_.on_session(session);
  }
  void on_tls(const model::fact::TlsSession& session) override {
    if (holds(session.time)) next_.on_tls(session);
  }
  void on_notice(const model::fact::Notice& notice) override {
    if (holds(notice.time)) next_.on_notice(notice);
  }
  void on_policy(const model::fact::Policy& policy) override {
    if (holds(policy.time)) next_.on_policy(policy);
  }
  void on_gap(const model::fact::Gap& gap) override {
    if (holds(gap.time)) next_.on_gap(gap);
  }

 private:
  bool holds(Micros time) const {
    if (!since_ && !until_) return true;
    return time != 0 && (!since_ || time >= *since_) && (!until_ || time < *until_);
  }

  model::FactSink& next_;
  std::optional<Micros> since_, until_;
};

}  // namespace mailtrail::app

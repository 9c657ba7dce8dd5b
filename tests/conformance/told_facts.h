// Facts as a suite holds them: what is told to a store, and what MUST be told back.
#pragma once

#include <algorithm>
#include <type_traits>
#include <variant>
#include <vector>

#include "model/fact_sink.h"
#include "store/series_recipients.h"

namespace mailtrail::conformance {

// One fact of any kind. What it points to lives in an arena of the test.
using AnyFact = std::variant<model::fact::Journey, model::fact::Rejection, model::fact::Login, model::fact::Session,
                             model::fact::TlsSession, model::fact::Notice, model::fact::Policy, model::fact::Gap>;

inline Micros time_of(const model::fact::Journey& journey) {
  return journey.received;
}
inline Micros time_of(const model::fact::Session& session) {
  return session.began != 0 ? session.began : session.ended;
}
template <class T>
Micros time_of(const T& fact) {
  return fact.time;
}
inline Micros day_of(const AnyFact& fact) {
  return store::begin_of(std::visit([](const auto& one) { return time_of(one); }, fact), kDay);
}

inline void tell(const model::fact::Journey& fact, model::FactSink& sink) {
  sink.on_journey(fact);
}
inline void tell(const model::fact::Rejection& fact, model::FactSink& sink) {
  sink.on_rejection(fact);
}
inline void tell(const model::fact::Login& fact, model::FactSink& sink) {
  sink.on_login(fact);
}
inline void tell(const model::fact::Session& fact, model::FactSink& sink) {
  sink.on_session(fact);
}
inline void tell(const model::fact::TlsSession& fact, model::FactSink& sink) {
  sink.on_tls(fact);
}
inline void tell(const model::fact::Notice& fact, model::FactSink& sink) {
  sink.on_notice(fact);
}
inline void tell(const model::fact::Policy& fact, model::FactSink& sink) {
  sink.on_policy(fact);
}
inline void tell(const model::fact::Gap& fact, model::FactSink& sink) {
  sink.on_gap(fact);
}
inline void tell(const AnyFact& fact, model::FactSink& sink) {
  std::visit([&](const auto& one) { tell(one, sink); }, fact);
}

// What a store holds after commits, by the words of store.h alone.
class ToldFacts {
 public:
  void commit(const std::vector<AnyFact>& settled, const std::vector<AnyFact>& tail) {
    settled_.insert(settled_.end(), settled.begin(), settled.end());
    tail_ = tail;
  }
  void expire(Micros day) {
    std::erase_if(settled_, [&](const AnyFact& fact) { return day_of(fact) < day; });
  }

  // As `Store::read` of everything.
  void read(model::FactSink& sink) const {
    for (std::vector<AnyFact> facts : {settled_, tail_}) {
      std::stable_sort(facts.begin(), facts.end(),
                       [](const AnyFact& a, const AnyFact& b) { return day_of(a) < day_of(b); });
      for (const AnyFact& fact : facts) {
        if (const auto* journey = std::get_if<model::fact::Journey>(&fact)) {
          for (const model::fact::Delivery& delivery : journey->deliveries) sink.on_delivery(delivery);
        }
        tell(fact, sink);
      }
    }
  }

 private:
  std::vector<AnyFact> settled_, tail_;
};

}  // namespace mailtrail::conformance

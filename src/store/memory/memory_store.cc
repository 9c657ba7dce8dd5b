#include "store/memory/memory_store.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <set>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>

#include "base/arena.h"
#include "model/fact_copy.h"
#include "query/row.h"
#include "store/series_recipients.h"

namespace mailtrail::store {
namespace {

namespace fact = model::fact;

using Fact = std::variant<fact::Journey, fact::Rejection, fact::Login, fact::Session, fact::TlsSession, fact::Notice,
                          fact::Policy, fact::Gap>;

// Facts in the order in which they were told, and the memory that they point to.
struct Facts {
  std::vector<Fact> list;
  std::vector<std::shared_ptr<Arena>> arenas;
};

// When a fact happened: what its day and its place in a range go by.
Micros time_of(const Fact& any) {
  return std::visit(
      [](const auto& one) {
        using T = std::remove_cvref_t<decltype(one)>;
        if constexpr (std::is_same_v<T, fact::Journey>) {
          return one.received;
        } else if constexpr (std::is_same_v<T, fact::Session>) {
          return one.began != 0 ? one.began : one.ended;
        } else {
          return one.time;
        }
      },
      any);
}

// Of a line only its source and number are kept.
void cut(model::LineRef& at) {
  at.position = 0;
  at.length = 0;
}

struct LineCutter {
  void operator()(fact::Journey& journey) const {
    for (const fact::Message& message : journey.messages) {
      // The copy is ours.
      for (const model::LineRef& line : message.lines) cut(const_cast<model::LineRef&>(line));
      for (const fact::Step& step : message.steps) cut(const_cast<model::LineRef&>(step.at));
    }
    for (const fact::Delivery& delivery : journey.deliveries) cut(const_cast<model::LineRef&>(delivery.at));
  }
  void operator()(fact::Session&) const {}
  void operator()(fact::TlsSession&) const {}
  template <class T>
  void operator()(T& one) const {
    cut(one.at);
  }
};

// Copies what it is told.
class Collector : public model::FactSink {
 public:
  void on_journey(const fact::Journey& journey) override { keep(journey); }
  void on_rejection(const fact::Rejection& rejection) override { keep(rejection); }
  void on_login(const fact::Login& login) override { keep(login); }
  void on_session(const fact::Session& session) override { keep(session); }
  void on_tls(const fact::TlsSession& session) override { keep(session); }
  void on_notice(const fact::Notice& notice) override { keep(notice); }
  void on_policy(const fact::Policy& policy) override { keep(policy); }
  void on_gap(const fact::Gap& gap) override { keep(gap); }

  Facts take() { return std::exchange(facts_, {}); }

 private:
  template <class T>
  void keep(const T& told) {
    if (facts_.arenas.empty()) facts_.arenas.push_back(std::make_shared<Arena>());
    T copy = model::copy_of(told, *facts_.arenas.front());
    LineCutter()(copy);
    facts_.list.emplace_back(copy);
  }

  Facts facts_;
};

bool lies_in(const Selection& selection, Micros time) {
  if (!selection.since && !selection.until) return true;
  return time != 0 && (!selection.since || time >= *selection.since) && (!selection.until || time < *selection.until);
}

bool takes(const query::Plan& plan, const fact::Journey& journey) {
  query::Row row;
  row.journey = &journey;
  row.per = query::Per::kJourney;
  if (query::matches(plan, row)) return true;
  for (const fact::Delivery& delivery : journey.deliveries) {
    row.per = query::Per::kAttempt;
    row.delivery = &delivery;
    if (query::matches(plan, row)) return true;
  }
  row.delivery = nullptr;
  for (const fact::Recipient& recipient : journey.recipients) {
    row.per = query::Per::kRecipient;
    row.recipient = &recipient;
    if (query::matches(plan, row)) return true;
  }
  row.recipient = nullptr;
  for (const fact::Message& message : journey.messages) {
    row.per = query::Per::kMessage;
    row.message = &message;
    if (query::matches(plan, row)) return true;
  }
  return false;
}

bool takes(const query::Plan& plan, const fact::Rejection& rejection) {
  query::Row row;
  row.per = query::Per::kRejection;
  row.rejection = &rejection;
  return query::matches(plan, row);
}

bool takes(const query::Plan& plan, const fact::Login& login) {
  query::Row row;
  row.per = query::Per::kLogin;
  row.login = &login;
  return query::matches(plan, row);
}

// Tells one fact as far as it is selected.
struct Teller {
  const Selection& selection;
  model::FactSink& sink;

  void operator()(const fact::Journey& journey) const {
    if (selection.plan != nullptr && !takes(*selection.plan, journey)) return;
    if (selection.deliveries) {
      for (const fact::Delivery& delivery : journey.deliveries) {
        if (lies_in(selection, delivery.time)) sink.on_delivery(delivery);
      }
    }
    if (selection.journeys && lies_in(selection, journey.received)) sink.on_journey(journey);
  }
  void operator()(const fact::Rejection& rejection) const {
    if (!selection.rejections || !lies_in(selection, rejection.time)) return;
    if (selection.plan == nullptr || takes(*selection.plan, rejection)) sink.on_rejection(rejection);
  }
  void operator()(const fact::Login& login) const {
    if (!selection.logins || !lies_in(selection, login.time)) return;
    if (selection.plan == nullptr || takes(*selection.plan, login)) sink.on_login(login);
  }
  void operator()(const fact::Session& session) const {
    if (wants_other(session)) sink.on_session(session);
  }
  void operator()(const fact::TlsSession& session) const {
    if (wants_other(session)) sink.on_tls(session);
  }
  void operator()(const fact::Notice& notice) const {
    if (wants_other(notice)) sink.on_notice(notice);
  }
  void operator()(const fact::Policy& policy) const {
    if (wants_other(policy)) sink.on_policy(policy);
  }
  void operator()(const fact::Gap& gap) const {
    if (wants_other(gap)) sink.on_gap(gap);
  }

 private:
  template <class T>
  bool wants_other(const T& one) const {
    return selection.others && selection.plan == nullptr && lies_in(selection, time_of(Fact(one)));
  }
};

void tell_day_by_day(const Facts& facts, const Teller& teller) {
  std::vector<const Fact*> ordered;
  for (const Fact& one : facts.list) ordered.push_back(&one);
  std::stable_sort(ordered.begin(), ordered.end(), [](const Fact* a, const Fact* b) {
    return begin_of(time_of(*a), kDay) < begin_of(time_of(*b), kDay);
  });
  for (const Fact* one : ordered) std::visit(teller, *one);
}

Micros width_of(Bucket bucket) {
  switch (bucket) {
    case Bucket::kMinute:
      return kMinute;
    case Bucket::kHour:
      return kHour;
    case Bucket::kDay:
      return kDay;
  }
  return kDay;
}

// The domains of each hour that are told apart.
class DomainBound {
 public:
  std::string_view key_of(const SeriesRecipient& one) {
    if (one.domain.empty()) return {};
    auto& domains = by_hour_[begin_of(one.time, kHour)];
    if (!domains.contains(std::string(one.domain))) {
      if (domains.size() >= kMostDomains) return kOtherDomains;
      domains.emplace(one.domain);
    }
    return one.domain;
  }

 private:
  std::map<Micros, std::set<std::string>> by_hour_;
};

std::string_view key_of(Dimension dimension, const SeriesRecipient& one, DomainBound& domains) {
  switch (dimension) {
    case Dimension::kNone:
      return {};
    case Dimension::kOutcome:
      return model::word(one.outcome);
    case Dimension::kReason:
      return one.reason;
    case Dimension::kProvider:
      return one.provider;
    case Dimension::kHost:
      return one.host;
    case Dimension::kDomain:
      return domains.key_of(one);
  }
  return {};
}

}  // namespace

class MemoryStore::Impl {
 public:
  // What one commit left. Never changed once readers can see it.
  struct State {
    Facts settled, tail;
    std::map<std::uint32_t, Source> sources;
    std::map<std::string, std::string, std::less<>> states;
  };

  std::shared_ptr<const State> state() const {
    const std::lock_guard lock(mutex_);
    return state_;
  }
  void put(State state) {
    auto next = std::make_shared<const State>(std::move(state));
    const std::lock_guard lock(mutex_);
    state_.swap(next);
  }

  Collector new_settled, new_tail;

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const State> state_ = std::make_shared<State>();
};

MemoryStore::MemoryStore() : impl_(std::make_unique<Impl>()) {}
MemoryStore::~MemoryStore() = default;

model::FactSink& MemoryStore::settled() {
  return impl_->new_settled;
}
model::FactSink& MemoryStore::tail() {
  return impl_->new_tail;
}

Result<Done> MemoryStore::commit(const Commit& commit) {
  Impl::State next = *impl_->state();
  const Facts added = impl_->new_settled.take();
  next.settled.list.insert(next.settled.list.end(), added.list.begin(), added.list.end());
  next.settled.arenas.insert(next.settled.arenas.end(), added.arenas.begin(), added.arenas.end());
  next.tail = impl_->new_tail.take();
  for (const Source& source : commit.sources) next.sources[source.number] = source;
  for (const auto& [name, value] : commit.states) {
    if (value.empty()) {
      next.states.erase(name);
    } else {
      next.states[name] = value;
    }
  }
  impl_->put(std::move(next));
  return Done{};
}

void MemoryStore::roll_back() {
  impl_->new_settled.take();
  impl_->new_tail.take();
}

Result<Done> MemoryStore::read(const Selection& selection, model::FactSink& sink) const {
  const std::shared_ptr<const Impl::State> state = impl_->state();
  const Teller teller{selection, sink};
  tell_day_by_day(state->settled, teller);
  tell_day_by_day(state->tail, teller);
  return Done{};
}

Result<std::vector<SeriesPoint>> MemoryStore::series(const SeriesQuery& query) const {
  if (query.bucket == Bucket::kMinute && query.dimension == Dimension::kDomain) {
    return Error{"domains are not counted by the minute", "", "ask by the hour or by the day"};
  }
  const std::shared_ptr<const Impl::State> state = impl_->state();
  std::map<std::pair<Micros, std::string>, SeriesPoint> points;
  DomainBound domains;
  const auto count = [&](const SeriesRecipient& one) {
    const std::string_view key = key_of(query.dimension, one, domains);
    if (one.time < query.since || one.time >= query.until) return;
    const Micros bucket = begin_of(one.time, width_of(query.bucket));
    SeriesPoint& point = points[{bucket, std::string(key)}];
    point.bucket = bucket;
    point.key = key;
    ++point.recipients;
    point.attempts += one.attempts;
    point.delivered += one.delivered;
    if (one.delay) point.delay.add(*one.delay);
  };
  for (const Facts* facts : {&state->settled, &state->tail}) {
    for (const Fact& one : facts->list) {
      if (const auto* journey = std::get_if<fact::Journey>(&one)) for_each_series_recipient(*journey, count);
    }
  }
  std::vector<SeriesPoint> ordered;
  for (auto& [place, point] : points) ordered.push_back(std::move(point));
  return ordered;
}

Result<Summary> MemoryStore::summary() const {
  const std::shared_ptr<const Impl::State> state = impl_->state();
  Summary summary;
  for (const Facts* facts : {&state->settled, &state->tail}) {
    for (const Fact& one : facts->list) {
      if (time_of(one) != 0) {
        const Micros day = begin_of(time_of(one), kDay);
        summary.first_day = std::min(summary.first_day.value_or(day), day);
        summary.last_day = std::max(summary.last_day.value_or(day), day);
      }
      if (const auto* journey = std::get_if<fact::Journey>(&one)) {
        ++summary.journeys;
        summary.deliveries += journey->deliveries.size();
      }
      summary.rejections += std::holds_alternative<fact::Rejection>(one);
      summary.logins += std::holds_alternative<fact::Login>(one);
    }
  }
  return summary;
}

Result<std::vector<Source>> MemoryStore::sources() const {
  const std::shared_ptr<const Impl::State> state = impl_->state();
  std::vector<Source> sources;
  for (const auto& [number, source] : state->sources) sources.push_back(source);
  return sources;
}

Result<std::string> MemoryStore::state(std::string_view name) const {
  const std::shared_ptr<const Impl::State> state = impl_->state();
  const auto found = state->states.find(name);
  return found == state->states.end() ? std::string() : found->second;
}

Result<Done> MemoryStore::expire(Micros day) {
  Impl::State next = *impl_->state();
  std::erase_if(next.settled.list, [&](const Fact& one) { return begin_of(time_of(one), kDay) < day; });
  impl_->put(std::move(next));
  return Done{};
}

}  // namespace mailtrail::store

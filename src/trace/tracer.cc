#include "trace/tracer.h"

#include <algorithm>

#include "trace/tracer_impl.h"

namespace mailtrail::trace {

using model::Event;
using model::Kind;

Tracer::Tracer(model::FactSink& sink, TracerOptions options) : impl_(std::make_unique<Impl>(sink, options)) {}
Tracer::~Tracer() = default;
void Tracer::take(const Event& event) {
  impl_->take(event);
}
void Tracer::expect(const Event& event, bool near) {
  impl_->expect(event, near);
}
void Tracer::finish() {
  impl_->finish();
}
const TracerStats& Tracer::stats() const {
  return impl_->stats();
}

void Tracer::Impl::take(const Event& event) {
  ++stats_.events;
  now_ = std::max(now_, event.time);
  stays_.pass(now_);
  switch (event.kind) {
    case Kind::kConnect:
      return on_connect(event);
    case Kind::kDisconnect:
      return on_disconnect(event);
    case Kind::kReceive:
      return on_receive(event);
    case Kind::kHeader:
      return on_header(event);
    case Kind::kQueue:
      return on_queue(event);
    case Kind::kDelivery:
      return on_delivery(event);
    case Kind::kReject:
      return on_reject(event);
    case Kind::kRemove:
      return on_remove(event);
    case Kind::kHold:
      return on_hold(event);
    case Kind::kRelease:
      return on_release(event);
    case Kind::kDelete:
      return on_delete(event);
    case Kind::kRequeue:
      return on_requeue(event);
    case Kind::kExpire:
      return on_expire(event);
    case Kind::kNotify:
      return on_notify(event);
    case Kind::kAuth:
      return on_auth(event);
    case Kind::kVerdict:
      return on_verdict(event);
    case Kind::kPolicy:
      return on_policy(event);
    case Kind::kLogin:
      return on_login(event);
    case Kind::kTls:
      return on_tls(event);
    case Kind::kNotice:
      return on_notice(event);
    case Kind::kGap:
      return on_gap(event);
    case Kind::kMailbox:
      return on_mailbox(event);
    case Kind::kEngagement:
    case Kind::kUnparsed:
      return;
  }
}

void Tracer::Impl::finish() {
  sessions_.for_each([&](Session& session) { tell_session(session, nullptr); });
  stays_.finish(now_);
}

}  // namespace mailtrail::trace

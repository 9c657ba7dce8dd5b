// The inside of the tracer: what each kind of event does to what is under way.
#pragma once

#include <array>

#include "trace/delivery_numbers.h"
#include "trace/mailbox_deed.h"
#include "trace/recent_ring.h"
#include "trace/sessions.h"
#include "trace/stay_set.h"
#include "trace/tracer.h"

namespace mailtrail::trace {

class Tracer::Impl {
 public:
  Impl(model::FactSink& sink, const TracerOptions& options)
      : sink_(sink), options_(options), stays_(sink, options, chunks_, stats_), sessions_(chunks_) {}

  void take(const model::Event& event);
  [[gnu::always_inline]] void expect(const model::Event& event, bool near) const {
    if (event.id_hash == 0) return;
    if (near) {
      stays_.fetch_stay(event.id_hash);
    } else {
      stays_.fetch_place(event.id_hash);
    }
  }
  void finish();
  const TracerStats& stats() const { return stats_; }
  std::string save() const;
  Result<Done> restore(std::string_view state);

 private:
  // An SPF result that was logged without a queue id, by client: the next message of that client and sender takes it.
  struct RecentSpf {
    std::uint64_t client = 0;
    std::uint64_t sender = 0;
    Micros time = 0;
    char result[12] = {};
  };

  // Messages (tracer_messages.cc).
  void on_receive(const model::Event& event);
  void join_parent(Stay& stay, const model::Event& event, const model::event::Receive& body);
  void on_header(const model::Event& event);
  void on_queue(const model::Event& event);
  void on_delivery(const model::Event& event);
  void on_remove(const model::Event& event);
  void on_hold(const model::Event& event);
  void on_release(const model::Event& event);
  void on_delete(const model::Event& event);
  void on_requeue(const model::Event& event);
  void on_expire(const model::Event& event);
  void on_notify(const model::Event& event);
  void on_verdict(const model::Event& event);
  void on_auth(const model::Event& event);
  // Programs that tell of a mail once it is in their queue (tracer_accepted.cc).
  void on_accepted(Stay& stay, const model::Event& event, const model::event::Receive& body);
  void tell_accepted_login(const model::Event& event, const model::event::Receive& body);
  Text qualified_recipient(const Stay& stay, const model::event::Delivery& body) const;
  void give_up_recipient(Stay& stay, Text recipient, Micros time);
  void bounce_rest(Stay& stay, const model::Event& event);
  // Programs that log no end of a message (tracer_endless.cc).
  bool goes_on(const Stay& stay, const model::event::Receive& body) const;
  bool on_empty_transaction(const model::Event& event, const model::event::Receive& body);
  Session& young_session(const model::Event& event, Text client_ip);
  void adopt_session(Stay& stay, const model::Event& event);
  void adopt_parent(Stay& stay);
  void begin_notification(Stay& stay, const model::Event& event, Text queue_id);
  void rest_if_settled(Stay& stay, const model::Event& event);
  bool expire_recipient(Stay& stay, const model::Event& event);
  void note_login(const model::Event& event, model::event::Login& login);
  bool complete_refusal(const model::Event& event, model::event::Reject& body);
  // Deliveries that do not name their message (tracer_numbers.cc).
  void note_started(const model::Event& event);
  void on_unnamed_delivery(const model::Event& event);
  void settle_idless(Stay& stay, const model::Event& event, const model::event::Delivery& body);
  // What mail stores say (tracer_mailbox.cc).
  void on_mailbox(const model::Event& event);
  void note_local_delivery(const Stay& stay, std::uint32_t recipient, const model::Event& event,
                           const model::event::Delivery& body);
  void offer_deed(MailboxDeed& deed, const LocalDelivery& delivery);
  bool is_owned_elsewhere(const MailboxDeed& deed);
  void bind_deed(MailboxDeed& deed, const StayRecipientRef& owner);
  void take_back(MailboxDeed& deed);
  // Sessions and the rest (tracer_sessions.cc).
  void on_connect(const model::Event& event);
  void on_disconnect(const model::Event& event);
  void on_reject(const model::Event& event);
  void on_login(const model::Event& event);
  void on_tls(const model::Event& event);
  void on_notice(const model::Event& event);
  void on_policy(const model::Event& event);
  void on_gap(const model::Event& event);

  // The stay of the event's queue id, made without its beginning where the log does not hold that.
  Stay& stay_of(const model::Event& event);
  void touch(Stay& stay, const model::Event& event);
  void note_step(Stay& stay, const model::Event& event, Text text, Text child_queue_id = {});
  void set(Stay& stay, Text& field, Text value) {
    if (!value.empty() && field.empty()) field = stay.pool.add(value);
  }
  void hint(Stay& stay, Text recipient, Text sender, model::Outcome ruled);
  void apply_rule(Stay& stay, model::Action action, Text recipient, Text sender, Micros time);
  void keep_attempt(Stay& stay, const model::Event& event, const model::event::Delivery& body, std::int32_t number);
  void tell_delivery(const Stay& stay, const model::Event& event, const model::event::Delivery& body,
                     std::int32_t number);
  void tell_session(Session& session, const model::Event* event);
  void tell_login(Session& session, const model::Event& event, Text method, Text user);
  void drop_refused(Session& session, const model::event::Disconnect& body, const model::Event& event);
  void adopt_spf(Stay& stay);
  Session& session_with(const model::Event& event, Text client_ip);
  // The state (tracer_state.cc).
  void save_fields(StateWriter& writer) const;
  void restore_fields(StateReader& reader);

  model::FactSink& sink_;
  const TracerOptions options_;
  TracerStats stats_;
  ChunkStore chunks_;
  StaySet stays_;
  SessionTable sessions_;
  std::array<RecentSpf, 1024> recent_spf_{};
  RecentRing<MailboxDeed> mailbox_deeds_;
  RecentRing<LocalDelivery> local_deliveries_;
  DeliveryNumbers delivery_numbers_;
  Micros now_ = 0;
};

}  // namespace mailtrail::trace

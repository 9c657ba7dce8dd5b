#include "trace/tracer_state.h"

#include <algorithm>
#include <cstring>

#include "trace/text_mover.h"
#include "trace/tracer_impl.h"
#include "trace/tracer_state_fields.h"

namespace mailtrail::trace {
namespace {

constexpr std::string_view kMagic = "MTTRACE\n";
constexpr std::size_t kHead = 8 + 4 + 8 + 8;

// What is under way holds hashes of names (hash_bytes), and so do the keys of facts: a program that reckons others must
// not go on.
std::uint64_t hash_probe() {
  return hash_bytes("what is under way: 1");
}

template <class T>
void put(char* at, T value) {
  for (std::size_t i = 0; i < sizeof value; ++i) at[i] = static_cast<char>(value >> (8 * i));
}
template <class T>
T get(std::string_view bytes, std::size_t at) {
  T value = 0;
  for (std::size_t i = 0; i < sizeof value; ++i) {
    value |= static_cast<T>(static_cast<T>(static_cast<unsigned char>(bytes[at + i])) << (8 * i));
  }
  return value;
}

Error damaged(const char* why) {
  return {std::string("the saved state of what is under way is damaged: ") + why, "",
          "ingest the logs anew into an empty store"};
}

}  // namespace

std::string Tracer::save() const {
  return impl_->save();
}

Result<Done> Tracer::restore(std::string_view state) {
  return impl_->restore(state);
}

void StateReader::skip() {
  switch (static_cast<Form>(tag_ % 8)) {
    case Form::kNumber:
      bytes_.number();
      break;
    case Form::kFixed:
      bytes_.real();
      break;
    case Form::kBytes:
      bytes_.text();
      break;
    case Form::kList: {
      const std::uint64_t count = bytes_.number();
      bytes_.number();
      if (count > bytes_.left()) return fail("a list is longer than the bytes");
      for (std::uint64_t i = 0; i < count && ok_; ++i) read_by([] {});
      break;
    }
    case Form::kRecord:
      read_by([] {});
      break;
    default:
      return fail("a field has no form");
  }
  read_tag();
}

void SessionTable::save(StateWriter& v) const {
  auto& [store, index, sessions, free, open, next_victim] = *this;
  // Given anew; by the sessions, of which no two are one process's; places that decide nothing.
  reckoned(store, index, free, sessions);
  v.list_by(1, open.size(), [&](auto&& record) {
    for (const Index one : open_) record([&] { fields(v, *sessions_[one]); });
  });
  v(2, next_victim);
}

void SessionTable::restore(StateReader& v) {
  TextMover mover(v);
  v.list_by(1, [&] {
    if (!v.charge(1, sizeof(Session))) return;
    const auto index = static_cast<Index>(sessions_.size());
    Session& session = *sessions_.emplace_back(std::make_unique<Session>(store_));
    fields(v, session);
    if (!v.ok()) return;
    mover.move(session, session.pool);
    session.hash = model::process_hash(session.host, session.program, session.pid);
    session.open_at = static_cast<std::uint32_t>(open_.size());
    index_.insert(session.hash, index);
    open_.push_back(index);
  });
  v(2, next_victim_);
}

void Tracer::Impl::save_fields(StateWriter& v) const {
  auto& [sink, options, stats, chunks, stays, sessions, recent_spf, mailbox_deeds, local_deliveries, delivery_numbers,
         now] = *this;
  // Given anew; by the pools; below.
  reckoned(sink, chunks, stays, sessions);
  v.fixed(1, hash_probe()), v(2, options.keep_details), v.set_base(0), v.time(3, now), v.set_base(now);
  v.record(4, stats);
  std::vector<const RecentSpf*> known;
  for (const RecentSpf& one : recent_spf) {
    if (one.client != 0 || one.result[0] != 0) known.push_back(&one);
  }
  v.list_by(5, known.size(), [&](auto&& record) {
    for (const RecentSpf* one : known) {
      record([&] {
        auto& [client, sender, time, result] = *one;
        v.fixed(1, client), v.fixed(2, sender), v.time(3, time), v(4, Text(result));
      });
    }
  });
  v.record_by(6, [&] { stays_.save(v); });
  v.record_by(7, [&] { sessions_.save(v); });
  const auto ring = [&](unsigned number, const auto& things) {
    v.list_by(number, things.size(), [&](auto&& record) {
      things.for_each_in_order([&](const auto& one) { record([&] { fields(v, one); }); });
    });
  };
  ring(8, mailbox_deeds);
  ring(9, local_deliveries);
  // In an order that does not depend on how the table came about.
  std::vector<const StartedDelivery*> started;
  for (const auto& [place, one] : delivery_numbers.all()) started.push_back(&one);
  std::sort(started.begin(), started.end(), [](const auto* a, const auto* b) { return a->place < b->place; });
  v.list_by(10, started.size(), [&](auto&& record) {
    for (const StartedDelivery* one : started) {
      record([&] {
        auto& [place, time, queue_id, recipient, local] = *one;
        v.fixed(1, place), v.time(2, time), v(3, Text(queue_id)), v(4, Text(recipient)), v(5, local);
      });
    }
  });
}

void Tracer::Impl::restore_fields(StateReader& v) {
  std::uint64_t probe = 0;
  bool keep_details = false;
  v.fixed(1, probe), v(2, keep_details);
  v.check(probe == hash_probe(), "it was written where hashes are reckoned in another way");
  v.check(keep_details == options_.keep_details, "it was written with other details kept than are wanted now");
  v.set_base(0), v.time(3, now_), v.set_base(now_);
  v.record(4, stats_);
  v.list_by(5, [&] {
    RecentSpf one;
    Text result;
    v.fixed(1, one.client), v.fixed(2, one.sender), v.time(3, one.time), v(4, result);
    v.check(result.size() < sizeof one.result, "an SPF result is too long");
    if (!v.ok()) return;
    std::copy(result.begin(), result.end(), one.result);
    recent_spf_[one.client % recent_spf_.size()] = one;
  });
  v.record_by(6, [&] { stays_.restore(v); });
  v.record_by(7, [&] { sessions_.restore(v); });
  const auto is_there = [&](const StayRecipientRef& of) {
    const Stay* stay = stays_.at(of.stay);
    return stay == nullptr || of.recipient < stay->recipients.size();
  };
  v.list_by(8, [&] {
    MailboxDeed deed;
    fields(v, deed);
    v.check(is_there(deed.owner), "a deed is of a recipient that is not there");
    if (v.ok()) mailbox_deeds_.add(deed, deed.session, deed.message_id);
  });
  v.list_by(9, [&] {
    LocalDelivery delivery;
    fields(v, delivery);
    v.check(is_there(delivery.of), "a delivery is to a recipient that is not there");
    if (v.ok()) local_deliveries_.add(delivery, delivery.session, delivery.message_id);
  });
  v.list_by(10, [&] {
    StartedDelivery one;
    Text queue_id, recipient;
    v.fixed(1, one.place), v.time(2, one.time), v(3, queue_id), v(4, recipient), v(5, one.local);
    if (!v.ok()) return;
    one.queue_id = queue_id;
    one.recipient = recipient;
    delivery_numbers_.start(std::move(one));
  });
}

std::string Tracer::Impl::save() const {
  std::string out;
  // Texts are most of it. The string is grown in few steps.
  out.reserve(kHead + chunks_.bytes() + chunks_.bytes() / 4);
  out.resize(kHead);
  StateWriter writer(out, stays_);
  save_fields(writer);
  out += '\0';
  const std::string_view rest = std::string_view(out).substr(kHead);
  std::memcpy(out.data(), kMagic.data(), kMagic.size());
  put(out.data() + 8, kStateVersion);
  put(out.data() + 12, static_cast<std::uint64_t>(rest.size()));
  put(out.data() + 20, hash_bytes(rest));
  return out;
}

Result<Done> Tracer::Impl::restore(std::string_view state) {
  if (stats_.events != 0) return damaged("it cannot be restored once events were taken");
  if (state.size() < kHead || !state.starts_with(kMagic)) return damaged("it does not begin as one");
  const auto version = get<std::uint32_t>(state, 8);
  if (version > kStateVersion) {
    return Error{"the saved state of what is under way is of a later version (" + std::to_string(version) + ")", "",
                 "use a program that is as new as the one that wrote it"};
  }
  const std::string_view rest = state.substr(kHead);
  if (version == 0) return damaged("it has no version");
  if (get<std::uint64_t>(state, 12) != rest.size()) return damaged("it is cut or too long");
  if (get<std::uint64_t>(state, 20) != hash_bytes(rest)) return damaged("its checksum does not fit");
  // What is under way is given up beyond the limit, so that no more was saved; what the limit does not count is small.
  constexpr std::size_t kUncounted = std::size_t{64} << 20;
  StateReader reader(rest, std::min(options_.memory_limit, SIZE_MAX / 4) * 2 + kUncounted);
  reader.read_by([&] { restore_fields(reader); });
  if (!reader.ok()) return damaged(reader.why());
  if (!reader.finished()) return damaged("something stands behind its end");
  return Done{};
}

}  // namespace mailtrail::trace

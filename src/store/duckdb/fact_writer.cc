#include "store/duckdb/fact_writer.h"

#include <algorithm>
#include <utility>

#include "store/duckdb/lookup_key.h"

namespace mailtrail::store::duckdb {
namespace {

namespace fact = model::fact;

// More days than these are not written at once: each has buffers of some megabytes.
constexpr std::size_t kMostOpenDays = 4;

std::int64_t day_of(Micros time) {
  return begin_of(time, kDay) / kDay;
}

}  // namespace

FactWriter::FactWriter(AppendQueue& queue, const Connection& connection, Layer layer, std::int64_t& number,
                       SeriesTally& series, std::function<Result<Done>()> begin)
    : queue_(queue),
      connection_(connection),
      layer_(layer),
      number_(number),
      series_(series),
      begin_(std::move(begin)) {}

bool FactWriter::enter(Micros time) {
  if (failure_ || queue_.has_failed()) return false;
  if (counts_.empty()) {
    if (const Result<Done> begun = begin_(); !begun.ok()) fail(begun.error());
  }
  day_ = day_of(time);
  DayCount& count = counts_[day_];
  count.see(time);
  count.has_time |= time != 0;
  // The facts of the tail stand together, whatever their day.
  const std::int64_t place = layer_ == Layer::kTail ? 0 : day_;
  if (!partitions_.contains(place) && partitions_.size() >= kMostOpenDays) close_oldest();
  partition_ = &partitions_[place];
  partition_->used = ++use_;
  return !failure_;
}

RowWriter* FactWriter::writer(Table table) {
  std::unique_ptr<RowWriter>& writer = partition_->tables[static_cast<std::size_t>(table)];
  if (writer == nullptr && !failure_) {
    const std::string_view kind = kTableNames[static_cast<std::size_t>(table)];
    const std::string name = layer_ == Layer::kTail ? tail_table(kind) : day_table(kind, day_);
    writer = std::make_unique<RowWriter>(queue_, connection_, name, table);
  }
  return failure_ ? nullptr : writer.get();
}

void FactWriter::write_keys() {
  if (failure_) return;
  if (partition_->key_count >= KeyRun::kMost) write_runs(*partition_);
  KeyRun& keys = partition_->keys[day_];
  const std::int64_t number = row_number();
  for (const std::uint32_t hash : hashes_) {
    if (keys.is_full(number)) write_run(day_, keys);
    keys.add(hash, number);
  }
  partition_->key_count += hashes_.size();
}

void FactWriter::write_run(std::int64_t day, KeyRun& keys) {
  auto run = std::make_shared<KeyRun>(std::exchange(keys, KeyRun()));
  if (layer_ == Layer::kTail) {
    queue_.post([this, run] { return run->write(connection_, tail_table("key"), std::nullopt); });
  } else {
    queue_.post([this, day, run] { return run->write(connection_, day_table("key", day), day); });
  }
}

void FactWriter::write_runs(Partition& partition) {
  for (auto& [day, keys] : partition.keys) {
    if (!keys.is_empty()) write_run(day, keys);
  }
  partition.keys.clear();
  partition.key_count = 0;
}

template <class Fact>
void FactWriter::tell(Table table, Micros time, const Fact& fact) {
  if (!enter(time)) return;
  ++number_;
  if (RowWriter* rows = writer(table)) rows->add(row_number(), {}, fact);
}

void FactWriter::on_journey(const fact::Journey& journey) {
  if (!enter(journey.received)) return;
  DayCount& count = counts_[day_];
  ++count.journeys;
  count.deliveries += journey.deliveries.size();
  count.see(journey.last_seen);
  ++number_;
  const auto add_all = [&](Table table, const auto& facts) {
    if (facts.empty()) return;
    RowWriter* rows = writer(table);
    if (rows == nullptr) return;
    for (const auto& one : facts) {
      const auto& [with, kept] = packer_.pack(one);
      rows->add(row_number(), with, kept);
    }
  };
  packer_.begin(journey);
  if (RowWriter* rows = writer(Table::kJourney)) rows->add(row_number(), {}, journey);
  add_all(Table::kMessage, journey.messages);
  add_all(Table::kDelivery, journey.deliveries);
  add_all(Table::kRecipient, journey.recipients);
  add_all(Table::kAuthResult, journey.auth_results);
  add_all(Table::kVerdict, journey.verdicts);
  for (const fact::Message& message : journey.messages) {
    count.see(message.first_seen), count.see(message.last_seen);
    count.see(message.received.value_or(message.first_seen)), count.see(message.removed.value_or(message.last_seen));
  }
  for (const fact::Delivery& delivery : journey.deliveries) count.see(delivery.time);
  for (const fact::Recipient& one : journey.recipients)
    count.see(one.decided.value_or(one.last_attempt)), count.see(one.last_attempt);
  collect_keys(journey, hashes_);
  write_keys();
  series_.count(journey);
}

void FactWriter::on_rejection(const fact::Rejection& rejection) {
  tell(Table::kRejection, rejection.time, rejection);
  if (failure_) return;
  ++counts_[day_].rejections;
  collect_keys(rejection, hashes_);
  write_keys();
}

void FactWriter::on_login(const fact::Login& login) {
  tell(Table::kLogin, login.time, login);
  if (failure_) return;
  ++counts_[day_].logins;
  collect_keys(login, hashes_);
  write_keys();
}

void FactWriter::on_session(const fact::Session& session) {
  tell(Table::kSession, session.began != 0 ? session.began : session.ended, session);
}
void FactWriter::on_tls(const fact::TlsSession& session) {
  tell(Table::kTls, session.time, session);
}
void FactWriter::on_notice(const fact::Notice& notice) {
  tell(Table::kNotice, notice.time, notice);
}
void FactWriter::on_policy(const fact::Policy& policy) {
  tell(Table::kPolicy, policy.time, policy);
}
void FactWriter::on_gap(const fact::Gap& gap) {
  tell(Table::kGap, gap.time, gap);
}

void FactWriter::close(Partition& partition) {
  for (std::unique_ptr<RowWriter>& writer : partition.tables) {
    if (writer != nullptr) writer->close();
    writer.reset();
  }
  write_runs(partition);
}

void FactWriter::close_oldest() {
  const auto oldest = std::min_element(partitions_.begin(), partitions_.end(),
                                       [](const auto& a, const auto& b) { return a.second.used < b.second.used; });
  close(oldest->second);
  partitions_.erase(oldest);
}

Result<std::map<std::int64_t, DayCount>> FactWriter::close() {
  for (auto& [day, partition] : partitions_) close(partition);
  if (const Result<Done> written = queue_.wait(); !written.ok()) fail(written.error());
  std::map<std::int64_t, DayCount> counts = std::move(counts_);
  const std::optional<Error> failure = failure_;
  clear();
  if (failure) return *failure;
  return counts;
}

void FactWriter::clear() {
  partitions_.clear();
  counts_.clear();
  partition_ = nullptr;
  failure_.reset();
}

}  // namespace mailtrail::store::duckdb

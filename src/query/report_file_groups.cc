#include "query/report_file_groups.h"

#include <algorithm>
#include <array>

#include "base/hash.h"
#include "base/space_saving.h"
#include "base/text.h"
#include "query/counting_rules.h"
#include "query/report_file_cells.h"
#include "query/report_file_tally.h"
#include "query/report_file_value.h"
#include "query/rows_of_facts.h"

namespace mailtrail::query {
namespace {

using Op = ReportMeasure::Op;

constexpr std::size_t kBudget = std::size_t{128} << 20;
constexpr std::size_t kMostGroups = 20'000;
constexpr std::size_t kKeyBytes = std::size_t{16} << 20;
constexpr std::size_t kNone = SIZE_MAX;

bool is_quantile_of(const ReportMeasure& measure, const ReportMeasure& other) {
  return measure.op == Op::kQuantile && other.op == Op::kQuantile && measure.expr == other.expr &&
         measure.search == other.search;
}

// The measure whose cell this one uses: quantiles of one value share their sketch.
std::size_t cell_of(const std::vector<ReportMeasure>& measures, std::size_t at) {
  for (std::size_t before = 0; before < at; ++before) {
    if (is_quantile_of(measures[at], measures[before])) return before;
  }
  return at;
}

std::uint64_t weight_of_row(const Row& row) {
  if (row.per == Per::kRejection) return row.rejection->repeat;
  if (row.per == Per::kLogin) return weight_of(*row.login);
  return 1;
}

std::uint64_t mail_of(const Row& row) {
  return row.journey == nullptr ? 0 : row.journey->id;
}

}  // namespace

std::size_t bound_of(const ReportFile& file) {
  std::size_t bytes = 400;
  for (std::size_t i = 0; i < file.measures.size(); ++i) {
    bytes += sizeof(TallyCell);
    const Op op = file.measures[i].op;
    if (op == Op::kDistinct) bytes += 33'000;
    if (op == Op::kQuantile && cell_of(file.measures, i) == i) bytes += 27'000;
    if (op == Op::kExample) bytes += 550;
    if (op == Op::kValues) bytes += 2'400;
  }
  return std::min(kBudget / bytes, kMostGroups);
}

class GroupedReport::Impl {
 public:
  Impl(ReportFile file, ReportContext context)
      : file_(std::move(file)),
        context_(std::move(context)),
        bound_(std::clamp<std::size_t>(context_.bound.value_or(bound_of(file_)), 10, kMostGroups)),
        values_(context_.zone, context_.reply_shape),
        groups_(bound_, kKeyBytes) {}

  std::optional<Error> prepare();
  bool needs_attempts() const;
  void take(const Row& row);
  void add(const Row& row);
  ReportTable finish();

  std::vector<std::unique_ptr<RowsOfFacts>> streams;

 private:
  bool passes(const Row& row);
  void add_to_group(const Row& row, std::uint64_t weight);
  void add_to_list();
  void count(GroupTally& group, const Row& row, std::uint64_t weight, bool all);
  void cut_list();
  bool takes(std::size_t measure, const Row& row);
  bool is_least(const ReportRow& row) const;
  ReportRow row_of(const SpaceSaving<GroupTally>::Ranked& entry) const;
  ReportCell share_cell(const SpaceSaving<GroupTally>::Ranked& entry, const ReportMeasure& measure) const;
  bool before(const ReportRow& a, const ReportRow& b) const;
  std::size_t limit() const { return context_.limit.value_or(file_.limit); }

  ReportFile file_;
  ReportContext context_;
  std::size_t bound_;
  std::array<std::optional<Plan>, 7> plans_;        // by kind of row
  std::vector<std::optional<Plan>> measure_plans_;  // by measure: of its search
  RowValues values_;
  std::vector<std::size_t> filter_handles_, value_handles_, measure_handles_;
  std::vector<std::size_t> cells_;  // by measure
  std::array<std::uint64_t, 7> taken_{};
  SpaceSaving<GroupTally> groups_;
  GroupTally total_;
  std::uint64_t total_count_ = 0;
  std::vector<ReportRow> list_;
  std::uint64_t listed_ = 0;
  std::string key_;
  std::vector<std::optional<bool>> taken_by_;  // by measure: what its search says of the row that is being added
};

std::optional<Error> GroupedReport::Impl::prepare() {
  for (const Per per : file_.per) {
    Result<Plan> plan = parse_search(file_.searches[static_cast<std::size_t>(per)], context_.times);
    if (!plan.ok()) return plan.error();
    plans_[static_cast<std::size_t>(per)] = std::move(*plan);
  }
  for (const ReportFilter& filter : file_.filters) filter_handles_.push_back(values_.add(filter.expr));
  for (const ReportValue& value : file_.values) value_handles_.push_back(values_.add(value.expr));
  for (std::size_t i = 0; i < file_.measures.size(); ++i) {
    const ReportMeasure& measure = file_.measures[i];
    measure_plans_.emplace_back();
    if (!measure.search.empty()) {
      Result<Plan> plan = parse_search(measure.search, context_.times);
      if (!plan.ok()) return plan.error();
      measure_plans_.back() = std::move(*plan);
    }
    const bool has_value = measure.op != Op::kCount && measure.op != Op::kMails && measure.op != Op::kShare;
    measure_handles_.push_back(has_value ? values_.add(measure.expr) : kNone);
    cells_.push_back(cell_of(file_.measures, i));
  }
  total_.cells.resize(file_.measures.size());
  for (const Per per : file_.per) {
    streams.push_back(std::make_unique<RowsOfFacts>(*plans_[static_cast<std::size_t>(per)], per,
                                                    [this](const Row& row) { add(row); }));
  }
  return std::nullopt;
}

bool GroupedReport::Impl::needs_attempts() const {
  return std::any_of(file_.per.begin(), file_.per.end(), [this](Per per) {
    return query::needs_attempts(*plans_[static_cast<std::size_t>(per)], per) ||
           std::any_of(measure_plans_.begin(), measure_plans_.end(),
                       [per](const std::optional<Plan>& plan) { return plan && query::needs_attempts(*plan, per); });
  });
}

void GroupedReport::Impl::take(const Row& row) {
  if (std::find(file_.per.begin(), file_.per.end(), row.per) == file_.per.end()) return;
  if (matches(*plans_[static_cast<std::size_t>(row.per)], row)) add(row);
}

bool GroupedReport::Impl::passes(const Row& row) {
  for (std::size_t i = 0; i < file_.filters.size(); ++i) {
    const ReportFilter& filter = file_.filters[i];
    // What a kind of row cannot state is not asked of it.
    if (!has_value(filter.expr, row.per)) continue;
    const Value& value = values_.value(filter_handles_[i]);
    if (filter.op == ReportFilter::Op::kWithout) {
      if (value.stated) return false;
      continue;
    }
    if (!value.stated) return false;
    if (filter.op == ReportFilter::Op::kWith) continue;
    if (std::find(filter.words.begin(), filter.words.end(), word_of(value)) == filter.words.end()) return false;
  }
  return true;
}

// Whether the search of a measure takes the row; asked once for each row.
bool GroupedReport::Impl::takes(std::size_t measure, const Row& row) {
  if (!taken_by_[measure]) taken_by_[measure] = matches(*measure_plans_[measure], row);
  return *taken_by_[measure];
}

void GroupedReport::Impl::add(const Row& row) {
  taken_by_.assign(file_.measures.size(), std::nullopt);
  values_.show(row);
  if (!passes(row)) return;
  const std::uint64_t weight = weight_of_row(row);
  taken_[static_cast<std::size_t>(row.per)] += weight;
  if (file_.is_list) return add_to_list();
  add_to_group(row, weight);
}

void GroupedReport::Impl::add_to_group(const Row& row, std::uint64_t weight) {
  key_.clear();
  for (std::size_t i = 0; i < value_handles_.size(); ++i) {
    if (i != 0) key_ += '\0';
    append_key_part(key_, values_.value(value_handles_[i]));
  }
  GroupTally& group = groups_.add(key_, weight);
  if (group.cells.empty()) group.cells.resize(file_.measures.size());
  count(group, row, weight, true);
  total_count_ += weight;
  count(total_, row, weight, false);
}

// Of all rows together only what shares are reckoned of is kept.
void GroupedReport::Impl::count(GroupTally& group, const Row& row, std::uint64_t weight, bool all) {
  for (std::size_t i = 0; i < file_.measures.size(); ++i) {
    const ReportMeasure& measure = file_.measures[i];
    TallyCell& cell = group.cells[i];
    if (measure_plans_[i] && !takes(i, row)) continue;
    if (measure.op == Op::kCount) {
      cell.count += weight;
    } else if (measure.op == Op::kMails) {
      // A mail whose id is 0 is none that the tracer tells of; it is a mail all the same.
      if (!cell.stated || cell.last_mail != mail_of(row)) ++cell.count;
      cell.last_mail = mail_of(row);
      cell.stated = true;
    } else if (measure_handles_[i] != kNone && cells_[i] == i) {
      const bool kept = all || measure.op == Op::kStated || measure.op == Op::kEqual || measure.op == Op::kSum;
      if (kept) tally(cell, measure, values_.value(measure_handles_[i]), weight);
    }
  }
}

void GroupedReport::Impl::add_to_list() {
  ++listed_;
  ReportRow row;
  for (const std::size_t handle : value_handles_) row.cells.push_back(cell_of_value(values_.value(handle)));
  list_.push_back(std::move(row));
  if (list_.size() >= limit() * 2 + 1000) cut_list();
}

void GroupedReport::Impl::cut_list() {
  std::stable_sort(list_.begin(), list_.end(), [this](const ReportRow& a, const ReportRow& b) { return before(a, b); });
  if (list_.size() > limit()) list_.resize(limit());
}

bool GroupedReport::Impl::before(const ReportRow& a, const ReportRow& b) const {
  for (const ReportOrder& by : file_.order) {
    const int order = compare_cells(a.cells[by.item], b.cells[by.item], by.descending);
    if (order != 0) return order < 0;
  }
  if (file_.is_list) return false;
  for (std::size_t item = 0; item < file_.values.size(); ++item) {
    const int order = compare_cells(a.cells[item], b.cells[item], false);
    if (order != 0) return order < 0;
  }
  return false;
}

ReportCell GroupedReport::Impl::share_cell(const SpaceSaving<GroupTally>::Ranked& entry,
                                           const ReportMeasure& measure) const {
  const std::uint64_t certain = entry.count - entry.error;
  const ReportMeasure& part = file_.measures[measure.part];
  const double of = certain_number(entry.tally->cells[measure.part], part, certain);
  const double whole = measure.whole
                           ? certain_number(entry.tally->cells[*measure.whole], file_.measures[*measure.whole], certain)
                           : certain_number(total_.cells[measure.part], part, total_count_);
  ReportCell cell;
  if (whole <= 0) return cell;
  cell.type = ReportCell::Type::kReal;
  cell.real = of / whole;
  cell.approximate = entry.error != 0;
  return cell;
}

ReportRow GroupedReport::Impl::row_of(const SpaceSaving<GroupTally>::Ranked& entry) const {
  ReportRow row;
  row.error = entry.error;
  std::string_view key = entry.key;
  for (const ReportValue& value : file_.values) {
    row.cells.push_back(cell_of_key_part(take_until(key, '\0'), value.type));
  }
  for (std::size_t i = 0; i < file_.measures.size(); ++i) {
    const ReportMeasure& measure = file_.measures[i];
    row.cells.push_back(measure.op == Op::kShare
                            ? share_cell(entry, measure)
                            : cell_of_measure(entry.tally->cells[cells_[i]], measure, entry.count, entry.error));
  }
  return row;
}

bool GroupedReport::Impl::is_least(const ReportRow& row) const {
  return std::all_of(file_.least.begin(), file_.least.end(), [&](const ReportLeast& least) {
    const ReportCell& cell = row.cells[file_.values.size() + least.measure];
    return cell.type == ReportCell::Type::kInteger && cell.integer >= 0 &&
           static_cast<std::uint64_t>(cell.integer) >= least.number;
  });
}

ReportTable GroupedReport::Impl::finish() {
  ReportTable table;
  table.zone = context_.zone;
  table.bound = bound_;
  for (const Per per : file_.per) table.taken.emplace_back(per, taken_[static_cast<std::size_t>(per)]);
  table.silent.assign(file_.measures.size(), false);
  for (const ReportSilence& silence : file_.silences) {
    const ReportMeasure& measure = file_.measures[silence.measure];
    table.silent[silence.measure] = certain_number(total_.cells[silence.measure], measure, total_count_) <= 0;
  }
  if (file_.is_list) {
    cut_list();
    table.rows = std::move(list_);
    table.groups = listed_;
  } else {
    for (const auto& entry : groups_.top(SIZE_MAX)) {
      ReportRow row = row_of(entry);
      if (is_least(row)) table.rows.push_back(std::move(row));
    }
    table.groups = file_.least.empty() ? groups_.distinct() : table.rows.size();
    table.approximate = !groups_.exact();
    std::stable_sort(table.rows.begin(), table.rows.end(),
                     [this](const ReportRow& a, const ReportRow& b) { return before(a, b); });
    if (table.rows.size() > limit()) table.rows.resize(limit());
    for (ReportRow& row : table.rows) {
      for (std::size_t i = 0; i < file_.measures.size(); ++i) {
        const ReportMeasure& measure = file_.measures[i];
        const bool silent = table.silent[i] || (measure.op == Op::kShare && table.silent[measure.part]);
        if (silent) row.cells[file_.values.size() + i] = ReportCell{};
      }
    }
  }
  table.file = std::move(file_);
  return table;
}

GroupedReport::GroupedReport(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
GroupedReport::~GroupedReport() = default;

Result<std::unique_ptr<GroupedReport>> GroupedReport::make(ReportFile file, ReportContext context) {
  auto impl = std::make_unique<Impl>(std::move(file), std::move(context));
  if (std::optional<Error> error = impl->prepare()) return *error;
  return std::unique_ptr<GroupedReport>(new GroupedReport(std::move(impl)));
}

bool GroupedReport::needs_attempts() const {
  return impl_->needs_attempts();
}
void GroupedReport::take(const Row& row) {
  impl_->take(row);
}
void GroupedReport::on_journey(const model::fact::Journey& journey) {
  for (const auto& stream : impl_->streams) stream->on_journey(journey);
}
void GroupedReport::on_rejection(const model::fact::Rejection& rejection) {
  for (const auto& stream : impl_->streams) stream->on_rejection(rejection);
}
void GroupedReport::on_login(const model::fact::Login& login) {
  for (const auto& stream : impl_->streams) stream->on_login(login);
}
ReportTable GroupedReport::finish() {
  return impl_->finish();
}

}  // namespace mailtrail::query

#include "query/report_lists.h"

#include <algorithm>
#include <array>
#include <map>

#include "base/text.h"

namespace mailtrail::query {
namespace {

constexpr std::size_t kMostOfKey = 400;

std::array<std::string_view, 3> parts_of(std::string_view key) {
  std::array<std::string_view, 3> parts;
  for (std::string_view& part : parts) part = take_until(key, '\0');
  return parts;
}

}  // namespace

TopList top_list(const SplitTable& table, std::size_t rows) {
  TopList list;
  list.distinct = table.distinct();
  list.total = table.total();
  list.approximate = !table.exact();
  for (const auto& entry : table.top(rows)) {
    list.rows.push_back({std::string(entry.key), std::string(entry.note), entry.count, entry.error, entry.tally->good,
                         entry.tally->bad, entry.tally->waiting});
  }
  return list;
}

std::vector<NamedCount> named_counts(const SplitTable& table) {
  std::vector<NamedCount> counts;
  for (const auto& entry : table.top(SIZE_MAX)) counts.push_back({std::string(entry.key), entry.count});
  return counts;
}

std::vector<ReasonGroup> reason_groups(const SpaceSaving<ReasonTally>& table, std::size_t rows) {
  std::map<std::pair<std::string_view, std::string_view>, ReasonGroup> by_title;
  for (const auto& entry : table.top(SIZE_MAX)) {
    const auto [title, actor, shape] = parts_of(entry.key);
    ReasonGroup& group = by_title[{title, actor}];
    group.title = title;
    group.actor = actor;
    group.recipients += entry.count;
    group.waiting += entry.tally->waiting;
    if (group.wordings.size() < rows) {
      group.wordings.push_back({std::string(shape), entry.count, entry.tally->example, entry.tally->relay,
                                entry.tally->dsn, entry.tally->smtp_code});
    }
  }
  std::vector<ReasonGroup> groups;
  for (auto& [title, group] : by_title) groups.push_back(std::move(group));
  std::stable_sort(groups.begin(), groups.end(),
                   [](const ReasonGroup& a, const ReasonGroup& b) { return a.recipients > b.recipients; });
  if (groups.size() > rows) groups.resize(rows);
  return groups;
}

std::vector<NoticeGroup> notice_groups(const SpaceSaving<NoticeTally>& table, std::size_t rows) {
  std::vector<NoticeGroup> groups;
  for (const auto& entry : table.top(SIZE_MAX)) {
    const auto [severity, program, shape] = parts_of(entry.key);
    groups.push_back({model::from_word<model::Severity>(severity).value_or(model::Severity::kNone),
                      std::string(program), std::string(shape), entry.tally->example, entry.count, entry.error,
                      entry.tally->first, entry.tally->last});
  }
  std::stable_sort(groups.begin(), groups.end(),
                   [](const NoticeGroup& a, const NoticeGroup& b) { return a.severity > b.severity; });
  if (groups.size() > rows) groups.resize(rows);
  return groups;
}

std::string joined_key(std::string_view one, std::string_view two, std::string_view three) {
  std::string key;
  for (std::string_view part : {one, two, three}) {
    for (const char c : part.substr(0, kMostOfKey)) {
      if (c != '\0') key += c;
    }
    key += '\0';
  }
  key.pop_back();
  return key;
}

}  // namespace mailtrail::query

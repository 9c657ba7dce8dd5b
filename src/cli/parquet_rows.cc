#include "cli/parquet_rows.h"

#include <algorithm>
#include <array>
#include <map>
#include <span>
#include <type_traits>

#include "model/event_json.h"
#include "query/row_fields.h"

namespace mailtrail::cli {
namespace {

namespace fact = model::fact;
using store::ParquetType;

// What a value is kept as.
template <class T>
constexpr ParquetType type_of() {
  if constexpr (std::is_same_v<T, bool>) {
    return ParquetType::kBool;
  } else if constexpr (std::is_same_v<T, query::Stamp>) {
    return ParquetType::kTime;
  } else if constexpr (std::is_same_v<T, query::Count>) {
    return ParquetType::kInteger;
  } else if constexpr (std::is_same_v<T, std::optional<double>>) {
    return ParquetType::kDouble;
  } else if constexpr (std::is_same_v<T, model::Text> || std::is_enum_v<T> || std::is_same_v<T, query::Key> ||
                       std::is_same_v<T, query::SourceOf>) {
    return ParquetType::kText;
  } else if constexpr (std::is_same_v<T, std::optional<std::int64_t>> ||
                       std::is_same_v<T, std::optional<std::int32_t>> ||
                       std::is_same_v<T, std::optional<std::uint16_t>>) {
    return ParquetType::kInteger;
  } else {
    return ParquetType::kTexts;
  }
}

// Gives each value to the writer, lists as texts.
struct Putter {
  store::ParquetWriter& out;
  const std::vector<std::string>& sources;

  void put(model::Text text) const { text.empty() ? out.null() : out.text(text); }
  void put(bool flag) const { out.flag(flag); }
  void put(const query::Stamp& stamp) const { stamp.time ? out.time(*stamp.time) : out.null(); }
  void put(query::Count count) const { out.integer(count.value); }
  void put(const std::optional<double>& number) const { number ? out.number(*number) : out.null(); }
  template <class T>
  requires std::is_integral_v<T>
  void put(const std::optional<T>& number) const {
    number ? out.integer(static_cast<std::int64_t>(*number)) : out.null();
  }
  template <class Enum>
  requires std::is_enum_v<Enum>
  void put(Enum value) const { put(model::word(value)); }
  void put(query::Key key) const { key.value == 0 ? out.null() : out.text(query::key_text(key.value)); }
  void put(const query::SourceOf& of) const { put(query::source_name(sources, of.at)); }
  void put(model::Texts texts) const {
    if (texts.empty()) return out.null();
    out.texts(texts);
  }
  void put(query::TimeNotes notes) const {
    std::vector<std::string> list;
    for (std::size_t bit = 0; bit < model::time_note_names().size(); ++bit) {
      if (notes.bits >> bit & 1) list.emplace_back(model::time_note_names()[bit]);
    }
    put_list(list);
  }
  void put(std::span<const model::CommandCount> commands) const {
    put_each(commands, [](const model::CommandCount& command) {
      std::string text = std::string(command.name) + '=' + std::to_string(command.accepted);
      return command.accepted == command.total ? text : text + '/' + std::to_string(command.total);
    });
  }
  void put(const query::LinesOf& of) const {
    put_each(of.lines, [this](const model::LineRef& at) {
      return std::string(query::source_name(sources, at)) + ':' + std::to_string(at.line);
    });
  }
  void put(const query::StepsOf& of) const {
    put_each(of.steps, [](const fact::Step& step) { return std::string(model::word(step.kind)); });
  }
  void put(const query::OutcomeOfEach& of) const {
    put_each(of.recipients, [](const fact::Recipient& recipient) {
      return std::string(recipient.recipient) + '=' + std::string(model::word(recipient.outcome));
    });
  }
  void put(const query::OutcomeCounts& of) const {
    std::array<std::size_t, model::kOutcomeCount> counts{};
    for (const fact::Recipient& recipient : of.recipients) ++counts[static_cast<std::size_t>(recipient.outcome)];
    std::vector<std::string> list;
    for (std::size_t i = 0; i < counts.size(); ++i) {
      if (counts[i] == 0) continue;
      list.push_back(std::string(model::word(static_cast<model::Outcome>(i))) + '=' + std::to_string(counts[i]));
    }
    put_list(list);
  }

 private:
  void put_list(const std::vector<std::string>& list) const {
    const std::vector<std::string_view> views(list.begin(), list.end());
    put(model::Texts(views));
  }
  template <class List, class Show>
  void put_each(const List& list, Show show) const {
    std::vector<std::string> texts;
    for (const auto& item : list) texts.push_back(show(item));
    put_list(texts);
  }
};

struct TypeCollector {
  std::map<std::string_view, ParquetType>& types;
  template <class T>
  void operator()(std::string_view name, const T&) const {
    types.emplace(name, type_of<T>());
  }
};

void collect_event_types(std::map<std::string_view, ParquetType>& types) {
  const TypeCollector collect{types};
  query::event_head_fields(model::Event{}, collect);
  namespace event = model::event;
  const auto add = [&](const auto&... bodies) { (bodies.fields(collect), ...); };
  add(event::Connect{}, event::Disconnect{}, event::Receive{}, event::Header{}, event::Queue{}, event::Delivery{},
      event::Reject{}, event::Remove{}, event::Hold{}, event::Release{}, event::Delete{}, event::Requeue{},
      event::Expire{}, event::Notify{}, event::Auth{}, event::Verdict{}, event::Policy{}, event::Login{},
      event::Mailbox{}, event::Tls{}, event::Engagement{}, event::Notice{}, event::Gap{}, event::Unparsed{});
  types.emplace("repeated", ParquetType::kInteger);
  types.emplace("extra", ParquetType::kTexts);
}

}  // namespace

std::vector<store::ParquetColumn> parquet_columns(query::Per per) {
  std::map<std::string_view, ParquetType> types;
  if (per == query::Per::kEvent) {
    collect_event_types(types);
  } else {
    const fact::Journey journey;
    const fact::Delivery delivery;
    const fact::Recipient recipient;
    const fact::Message message;
    const fact::Rejection rejection;
    const fact::Login login;
    query::row_fields({per, &journey, &delivery, &recipient, &message, &rejection, &login, nullptr},
                      TypeCollector{types});
  }
  std::vector<store::ParquetColumn> columns;
  for (const std::string_view name : query::columns(per)) columns.push_back({std::string(name), types.at(name)});
  return columns;
}

Result<ParquetRows> ParquetRows::create(const std::string& path, query::Per per,
                                        const std::vector<std::string>& sources) {
  Result<std::unique_ptr<store::ParquetWriter>> writer = store::ParquetWriter::create(path, parquet_columns(per));
  if (!writer.ok()) return writer.error();
  return ParquetRows(std::move(*writer), per, sources);
}

void ParquetRows::write(const query::Row& row) {
  const Putter putter{*writer_, *sources_};
  if (row.per == query::Per::kEvent) {
    write_event(*row.event);
  } else {
    query::row_fields(row, [&](std::string_view, const auto& value) { putter.put(value); });
  }
  writer_->end_row();
}

// Which field of its kind, counted from 0, stands in each column; -1: none.
const std::vector<int>& ParquetRows::fields_of(const model::Event& event) {
  std::vector<int>& fields = event_fields_[static_cast<std::size_t>(event.kind)];
  if (!fields.empty()) return fields;
  fields.assign(columns_.size(), -1);
  int field = 0;
  const auto find = [&](std::string_view name, const auto&) {
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      if (columns_[i].name == name && fields[i] < 0) fields[i] = field;
    }
    ++field;
  };
  query::event_head_fields(event, find);
  model::visit_body(event, [&](const auto& body) { body.fields(find); });
  return fields;
}

// The fields of its kind stand in columns of all kinds.
void ParquetRows::write_event(const model::Event& event) {
  const Putter putter{*writer_, *sources_};
  const std::vector<int>& fields = fields_of(event);
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    if (fields[i] < 0) {
      write_beside(columns_[i].name, event);
      continue;
    }
    int field = 0;
    const auto take = [&](std::string_view, const auto& value) {
      if (field++ == fields[i]) putter.put(value);
    };
    query::event_head_fields(event, take);
    model::visit_body(event, [&](const auto& body) { body.fields(take); });
  }
}

// What an event has beside its fields, or nothing.
void ParquetRows::write_beside(std::string_view column, const model::Event& event) {
  if (column == "repeated" && event.repeat != 1) return writer_->integer(event.repeat);
  if (column != "extra" || event.extra.empty()) return writer_->null();
  std::vector<std::string> texts;
  for (const model::Extra& item : event.extra) texts.push_back(std::string(item.name) + '=' + std::string(item.value));
  const std::vector<std::string_view> views(texts.begin(), texts.end());
  writer_->texts(views);
}

}  // namespace mailtrail::cli

// Rows as values in columns.
#include <algorithm>
#include <array>
#include <charconv>
#include <span>

#include "model/event_json.h"
#include "query/row_fields.h"

namespace mailtrail::query {
namespace {

namespace fact = model::fact;

// Takes the name of every field.
struct NameCollector {
  std::vector<std::string_view>& names;
  template <class T>
  void operator()(std::string_view name, const T&) const {
    names.push_back(name);
  }
};

// Gives the text of every field; lists are joined by a blank.
template <class Out>
struct ValueVisitor {
  const std::vector<std::string>& sources;
  Out& out;  // out(name, text)

  void operator()(std::string_view name, model::Text text) const { out(name, std::string(text)); }
  void operator()(std::string_view name, model::Texts texts) const {
    out(name, joined(texts, [](model::Text text) { return std::string(text); }));
  }
  void operator()(std::string_view name, bool flag) const { out(name, flag ? "true" : ""); }
  template <class T>
  void operator()(std::string_view name, const std::optional<T>& number) const {
    out(name, number ? number_text(*number) : std::string());
  }
  template <class Enum>
  requires std::is_enum_v<Enum>
  void operator()(std::string_view name, Enum value) const { out(name, std::string(model::word(value))); }
  void operator()(std::string_view name, Count count) const { out(name, std::to_string(count.value)); }
  void operator()(std::string_view name, Key key) const {
    out(name, key.value == 0 ? std::string() : key_text(key.value));
  }
  void operator()(std::string_view name, const Stamp& stamp) const {
    out(name, stamp.time ? format_rfc3339(*stamp.time, stamp.offset_minutes) : std::string());
  }
  void operator()(std::string_view name, const SourceOf& of) const {
    out(name, std::string(source_name(sources, of.at)));
  }
  void operator()(std::string_view name, TimeNotes notes) const {
    std::string text;
    for (std::size_t bit = 0; bit < model::time_note_names().size(); ++bit) {
      if ((notes.bits >> bit & 1) == 0) continue;
      if (!text.empty()) text += ' ';
      text += model::time_note_names()[bit];
    }
    out(name, std::move(text));
  }
  void operator()(std::string_view name, std::span<const model::CommandCount> commands) const {
    out(name, joined(commands, [](const model::CommandCount& command) {
          std::string text = std::string(command.name) + '=' + std::to_string(command.accepted);
          return command.accepted == command.total ? text : text + '/' + std::to_string(command.total);
        }));
  }
  void operator()(std::string_view name, const LinesOf& of) const {
    out(name, joined(of.lines, [&](const model::LineRef& at) {
          return std::string(source_name(sources, at)) + ':' + std::to_string(at.line);
        }));
  }
  void operator()(std::string_view name, const StepsOf& of) const {
    out(name, joined(of.steps, [](const fact::Step& step) { return std::string(model::word(step.kind)); }));
  }
  void operator()(std::string_view name, const OutcomeOfEach& of) const {
    out(name, joined(of.recipients, [](const fact::Recipient& recipient) {
          return std::string(recipient.recipient) + '=' + std::string(model::word(recipient.outcome));
        }));
  }
  void operator()(std::string_view name, const OutcomeCounts& of) const {
    std::array<std::int64_t, model::kOutcomeCount> counts{};
    for (const fact::Recipient& recipient : of.recipients) ++counts[static_cast<std::size_t>(recipient.outcome)];
    std::string text;
    for (std::size_t i = 0; i < counts.size(); ++i) {
      if (counts[i] == 0) continue;
      if (!text.empty()) text += ' ';
      text += std::string(model::word(static_cast<model::Outcome>(i))) + '=' + std::to_string(counts[i]);
    }
    out(name, std::move(text));
  }

 private:
  template <class List, class Show>
  static std::string joined(const List& list, Show show) {
    std::string text;
    for (const auto& item : list) {
      if (!text.empty()) text += ' ';
      text += show(item);
    }
    return text;
  }
  template <class Number>
  static std::string number_text(Number number) {
    char digits[32];
    const auto [end, code] = std::to_chars(digits, digits + sizeof digits, number);
    return {digits, end};
  }
};

// Every field of every kind of event, each once, after those that all have; `extra` is what no field is made for.
std::vector<std::string_view> event_columns() {
  std::vector<std::string_view> all;
  event_head_fields(model::Event{}, NameCollector{all});
  const auto add = [&all](const auto& body) {
    std::vector<std::string_view> names;
    body.fields(NameCollector{names});
    for (const std::string_view name : names) {
      if (std::find(all.begin(), all.end(), name) == all.end()) all.push_back(name);
    }
  };
  namespace event = model::event;
  add(event::Connect{}), add(event::Disconnect{}), add(event::Receive{}), add(event::Header{}), add(event::Queue{});
  add(event::Delivery{}), add(event::Reject{}), add(event::Remove{}), add(event::Hold{}), add(event::Release{});
  add(event::Delete{}), add(event::Requeue{}), add(event::Expire{}), add(event::Notify{}), add(event::Auth{});
  add(event::Verdict{}), add(event::Policy{}), add(event::Login{}), add(event::Mailbox{}), add(event::Tls{});
  add(event::Engagement{}), add(event::Notice{}), add(event::Gap{}), add(event::Unparsed{});
  all.push_back("repeated");
  all.push_back("extra");
  return all;
}

const std::vector<std::string_view>& columns_of(Per per) {
  static const auto kColumns = [] {
    std::array<std::vector<std::string_view>, 7> all;
    const fact::Journey journey;
    const fact::Delivery delivery;
    const fact::Recipient recipient;
    const fact::Message message;
    const fact::Rejection rejection;
    const fact::Login login;
    for (std::size_t i = 0; i + 1 < all.size(); ++i) {
      const Row row{static_cast<Per>(i), &journey, &delivery, &recipient, &message, &rejection, &login, nullptr};
      row_fields(row, NameCollector{all[i]});
    }
    all.back() = event_columns();
    return all;
  }();
  return kColumns[static_cast<std::size_t>(per)];
}

void append_event_values(std::vector<std::string>& values, const model::Event& event,
                         const std::vector<std::string>& sources) {
  const std::vector<std::string_view>& names = columns_of(Per::kEvent);
  const std::size_t first = values.size();
  values.resize(first + names.size());
  const auto put = [&](std::string_view name, std::string text) {
    const auto column = std::find(names.begin(), names.end(), name);
    if (column != names.end()) values[first + static_cast<std::size_t>(column - names.begin())] = std::move(text);
  };
  const ValueVisitor<const decltype(put)> visitor{sources, put};
  event_head_fields(event, visitor);
  model::visit_body(event, [&](const auto& body) { body.fields(visitor); });
  if (event.repeat != 1) put("repeated", std::to_string(event.repeat));
  std::string extra;
  for (const model::Extra& item : event.extra) {
    if (!extra.empty()) extra += ' ';
    extra += std::string(item.name) + '=' + std::string(item.value);
  }
  put("extra", std::move(extra));
}

}  // namespace

std::vector<std::string_view> columns(Per per) {
  return columns_of(per);
}

void append_row_values(std::vector<std::string>& values, const Row& row, const std::vector<std::string>& sources) {
  if (row.per == Per::kEvent) return append_event_values(values, *row.event, sources);
  const auto put = [&values](std::string_view, std::string text) { values.push_back(std::move(text)); };
  row_fields(row, ValueVisitor<const decltype(put)>{sources, put});
}

}  // namespace mailtrail::query

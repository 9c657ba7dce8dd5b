#include "store/duckdb/view_columns.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <type_traits>

#include "model/event_json.h"
#include "model/field_meanings.h"
#include "model/vocabulary.h"

namespace mailtrail::store::duckdb {
namespace {

namespace fact = model::fact;
using fact::Role;

// SQL over raw columns, with those that it names.
struct Sql {
  std::string text;
  std::set<RawColumn> raws;
};

Sql raw(char prefix, std::string_view name) {
  return {std::string(1, prefix) + '_' + std::string(name), {{prefix, name}}};
}

// `%` in `pattern` stands for the parts, one after another.
Sql make(std::string_view pattern, const std::vector<Sql>& parts) {
  Sql made;
  std::size_t next = 0;
  for (const char c : pattern) {
    if (c != '%') {
      made.text += c;
      continue;
    }
    made.text += parts[next].text;
    made.raws.insert(parts[next].raws.begin(), parts[next].raws.end());
    ++next;
  }
  return made;
}

std::string bits(std::uint16_t mask) {
  return std::to_string(mask);
}

// What is kept of a fact, with what was left out because another part says it (kept_journey.h) put back.
using M = KeptWith<fact::Message>;
using D = KeptWith<fact::Delivery>;
using R = KeptWith<fact::Recipient>;

Sql kept_message(std::string_view name) {
  static const std::map<std::string_view, std::pair<std::uint16_t, std::string_view>> kOfJourney = {
      {"message_key", {M::kKey, "journey"}},
      {"message_id", {M::kMessageId, "message_id"}},
      {"sender", {M::kSender, "sender"}},
      {"subject", {M::kSubject, "subject"}},
      {"size", {M::kSize, "size"}},
      {"first_seen", {M::kFirstSeen, "received"}},
      {"last_seen", {M::kLastSeen, "last_seen"}}};
  const std::string pick = "CASE WHEN % & ";
  if (const auto found = kOfJourney.find(name); found != kOfJourney.end()) {
    const auto& [bit, other] = found->second;
    return make(pick + bits(bit) + " <> 0 THEN % ELSE % END", {raw('m', "same"), raw('j', other), raw('m', name)});
  }
  if (name == "received" || name == "removed") {
    const bool begin = name == "received";
    return make(pick + bits(begin ? M::kReceived : M::kRemoved) + " <> 0 THEN % ELSE % END",
                {raw('m', "same"), kept_message(begin ? "first_seen" : "last_seen"), raw('m', name)});
  }
  return raw('m', name);
}

// A reply has control characters in place of texts that other columns have.
Sql kept_reply() {
  static constexpr std::string_view kRepeated[] = {"remote_queue_id", "recipient", "relay_host", "relay_ip"};
  Sql reply = raw('d', "reply");
  for (std::size_t i = 0; i < std::size(kRepeated); ++i) {
    const std::string mark = "chr(" + std::to_string(kFirstReplyMark + static_cast<int>(i)) + ")";
    const std::string bit = bits(static_cast<std::uint16_t>(D::kRemoteQueueId << i));
    reply = make("replace(%, CASE WHEN % & " + bit + " <> 0 THEN " + mark + " ELSE '' END, coalesce(%, ''))",
                 {reply, raw('d', "same"), raw('d', kRepeated[i])});
  }
  return reply;
}

Sql kept_delivery(std::string_view name) {
  if (name == "time") {
    return make("CASE WHEN % & " + bits(D::kTime) + " <> 0 THEN % ELSE % END",
                {raw('d', "same"), raw('j', "last_seen"), raw('d', "time")});
  }
  if (name == "message_key") {
    return make("CASE WHEN % IS NULL THEN % ELSE % END",
                {raw('m', "stay"), raw('d', "message_key"), kept_message("message_key")});
  }
  if (name == "reply") return kept_reply();
  return raw('d', name);
}

Sql kept_recipient(std::string_view name) {
  const Sql own = raw('f', name);
  if (name == "decided") {
    return make("CASE WHEN % IS NOT NULL AND % & " + bits(R::kDecided) + " <> 0 THEN % ELSE % END",
                {raw('d', "place"), raw('f', "same"), kept_delivery("time"), own});
  }
  if (name == "orig_recipients" || name == "attempts" || name == "internal") return own;
  return make("CASE WHEN % IS NULL THEN % ELSE % END",
              {raw('d', "place"), own, kept_delivery(name == "last_attempt" ? "time" : name)});
}

Sql kept(Table table, std::string_view name) {
  switch (table) {
    case Table::kJourney:
      return raw('j', name);
    case Table::kMessage:
      return kept_message(name);
    case Table::kDelivery:
      return kept_delivery(name);
    case Table::kRecipient:
      return kept_recipient(name);
    default:
      return raw('f', name);
  }
}

constexpr std::string_view kLineMask = "1099511627775";
static_assert((std::uint64_t{1} << kLineBits) - 1 == 1099511627775);

// What a column means where SQL shows it otherwise than the field's own sentence says.
std::string meaning_in_sql(std::string_view name) {
  static const std::map<std::string_view, std::string_view> kOwn = {
      {"began", "When the session began; absent where its beginning is not in the log."},
      {"ended", "When the session ended; absent where its end is not in the log."},
      {"last_attempt", "Time of the last delivery attempt for the recipient; absent where there was none."},
      {"link_confidence",
       "How sure the link is, 0 to 1: 1 where the log states it, less where it is inferred; absent where there is no "
       "link."},
      {"pid", "Process id of the program; absent where the line states none."},
      {"line", "Number of the line in its source, from 1."},
      {"lines", "The lines from which this was made, each as SOURCE:LINE."},
      {"source", "The log that the line stands in, named as it was when it was taken in."}};
  const auto own = kOwn.find(name);
  return std::string(own == kOwn.end() ? model::meaning_of(name) : own->second);
}

template <class Enum>
std::string word_list() {
  std::string list = "[";
  for (const std::string_view word : model::words<Enum>()) {
    if (list.size() > 1) list += ", ";
    list += word.empty() ? "NULL" : "'" + std::string(word) + "'";
  }
  return list + "]";
}

std::string note_list() {
  std::string list;
  for (std::size_t bit = 0; bit < model::time_note_names().size(); ++bit) {
    if (bit != 0) list += ", ";
    list += "CASE WHEN % & " + std::to_string(1 << bit) + " <> 0 THEN '" + std::string(model::time_note_names()[bit]) +
            "' END";
  }
  return "CASE WHEN % > 0 THEN list_filter([" + list + "], lambda note: note IS NOT NULL) END";
}

// Makes a column of each field of a fact.
class ColumnMaker {
 public:
  ColumnMaker(Table table, std::vector<ViewColumn>& columns) : table_(table), columns_(columns) {}

  template <class T>
  void operator()(std::string_view name, const T& blank, Role role = Role::kPlain) {
    if constexpr (std::is_same_v<T, model::LineRef>) {
      add_line(name);
    } else if constexpr (std::is_same_v<T, std::span<const model::LineRef>>) {
      add_lines(name);
    } else if constexpr (column_type<T>() != ColumnType::kBlob) {
      add(name, type_of<T>(role), value<T>(kept(table_, name), blank, role, name));
    }
  }

  void add(std::string_view name, std::string type, Sql sql) {
    ViewColumn column;
    column.name = name;
    column.type = std::move(type);
    column.sql = std::move(sql.text);
    column.raws = std::move(sql.raws);
    column.meaning = meaning_in_sql(name);
    columns_.push_back(std::move(column));
  }

  // A value as it is kept, as SQL shows it.
  template <class T>
  static Sql value(Sql sql, const T& blank, Role role, std::string_view name) {
    if (role == Role::kTime) {
      // 0 stands for "not known" where the field cannot be absent.
      const bool is_optional = !std::is_arithmetic_v<T>;
      return make(is_optional ? "make_timestamptz(%)" : "make_timestamptz(NULLIF(%, 0))", {sql});
    }
    if (role == Role::kKey) return make("format('{:016x}', NULLIF(%, 0))", {sql});
    if (role == Role::kNotes) return make(note_list(), std::vector<Sql>(1 + model::time_note_names().size(), sql));
    if constexpr (std::is_enum_v<T>) {
      return make("(" + word_list<T>() + ")[1 + coalesce(%, " + std::to_string(static_cast<int>(blank)) + ")]", {sql});
    } else if constexpr (std::is_same_v<T, bool>) {
      return make("coalesce(%, false)", {sql});
    } else if constexpr (std::is_arithmetic_v<T>) {
      if (name == "pid") return make("NULLIF(%, -1)", {sql});
      return make("coalesce(%, " + std::to_string(blank) + ")", {sql});
    } else {
      return sql;
    }
  }

 private:
  template <class T>
  static std::string type_of(Role role) {
    if (role == Role::kTime) return "TIMESTAMP WITH TIME ZONE";
    if (role == Role::kKey || std::is_enum_v<T>) return "VARCHAR";
    if (role == Role::kNotes) return "VARCHAR[]";
    return std::string(sql_type(column_type<T>()));
  }

  void add_line(std::string_view name) {
    // Lines are counted from 1: a 0 is no line.
    const Sql code = kept(table_, name);
    const std::string mask(kLineMask);
    add("source", "VARCHAR",
        make("source_names[CASE WHEN % & " + mask + " <> 0 THEN % >> " + std::to_string(kLineBits) + " END]",
             {code, code}));
    columns_.back().needs_sources = true;
    add(name, "BIGINT", make("NULLIF(% & " + mask + ", 0)::BIGINT", {code}));
  }
  void add_lines(std::string_view name) {
    add(name, "VARCHAR[]",
        make("list_transform(%, lambda code: concat(source_names[code >> " + std::to_string(kLineBits) +
                 "], ':', code & " + std::string(kLineMask) + "))",
             {kept(table_, name)}));
    columns_.back().needs_sources = true;
  }

  Table table_;
  std::vector<ViewColumn>& columns_;
};

ViewColumn* column_of(std::vector<ViewColumn>& columns, std::string_view name) {
  const auto found =
      std::find_if(columns.begin(), columns.end(), [&](const ViewColumn& column) { return column.name == name; });
  return found == columns.end() ? nullptr : &*found;
}

Sql journey_key() {
  return ColumnMaker::value(raw('j', "journey"), std::uint64_t{0}, Role::kKey, "journey");
}

// What follows from the message of a delivery, as model::fact::complete_deliveries says it.
void add_message_fields(std::vector<ViewColumn>& columns) {
  ColumnMaker maker(Table::kDelivery, columns);
  for (const char* name : {"host", "queue_id", "message_id", "client_name", "client_ip", "sasl_user", "subject"}) {
    maker.add(name, "VARCHAR", kept_message(name));
  }
  // Its own line seldom states these. A sender that a header line hints at is not the attempt's.
  const Sql sender =
      make("CASE WHEN coalesce(%, false) THEN NULL ELSE % END", {raw('m', "sender_hinted"), kept_message("sender")});
  for (const auto& [name, of_message] : {std::pair("sender", sender), std::pair("size", kept_message("size"))}) {
    ViewColumn* column = column_of(columns, name);
    Sql both = make("coalesce(%, %)", {of_message, raw('d', name)});
    column->sql = std::move(both.text);
    column->raws = std::move(both.raws);
  }
}

void blank_where(const std::string& condition, RawColumn raw, ViewColumn* column) {
  column->sql = "CASE WHEN " + condition + " THEN NULL ELSE " + column->sql + " END";
  column->raws.insert(raw);
}

// What the rows of `export --per recipient` take from the journey.
void add_journey_fields(std::vector<ViewColumn>& columns) {
  ColumnMaker maker(Table::kRecipient, columns);
  for (const char* name : {"message_id", "sender", "subject"}) maker.add(name, "VARCHAR", raw('j', name));
  maker.add("received", "TIMESTAMP WITH TIME ZONE",
            make("CASE WHEN coalesce(%, false) THEN NULL ELSE make_timestamptz(NULLIF(%, 0)) END",
                 {raw('j', "begin_missing"), raw('j', "received")}));
  columns.back().meaning = "When the mail was received; absent where that is not in the log.";
}

template <class Fact>
std::vector<ViewColumn> list(Table table) {
  std::vector<ViewColumn> columns;
  ColumnMaker maker(table, columns);
  const bool has_journey = table == Table::kMessage || table == Table::kDelivery || table == Table::kRecipient ||
                           table == Table::kAuthResult || table == Table::kVerdict;
  if (has_journey) maker.add("journey", "VARCHAR", journey_key());
  const Fact fact{};
  fact::columns(fact, maker);
  if (table == Table::kDelivery) add_message_fields(columns);
  if (table == Table::kRecipient) add_journey_fields(columns);
  if (table == Table::kMessage) {
    // It has none of its own where its recipients differ, and no link is not an unsure one.
    blank_where("coalesce(m_outcomes_differ, false)", {'m', "outcomes_differ"}, column_of(columns, "outcome"));
    blank_where("coalesce(m_link, 0) = 0", {'m', "link"}, column_of(columns, "link_confidence"));
  }
  return columns;
}

}  // namespace

Table table_of(char prefix, Table table) {
  switch (prefix) {
    case 'j':
      return Table::kJourney;
    case 'm':
      return Table::kMessage;
    case 'd':
      return Table::kDelivery;
    default:
      return table;
  }
}

const std::vector<ViewColumn>& view_columns(Table table) {
  using T = Table;
  static const std::array<std::vector<ViewColumn>, kTables> kColumns = {list<fact::Journey>(T::kJourney),
                                                                        list<fact::Message>(T::kMessage),
                                                                        list<fact::Delivery>(T::kDelivery),
                                                                        list<fact::Recipient>(T::kRecipient),
                                                                        list<fact::AuthResult>(T::kAuthResult),
                                                                        list<fact::Verdict>(T::kVerdict),
                                                                        list<fact::Rejection>(T::kRejection),
                                                                        list<fact::Login>(T::kLogin),
                                                                        list<fact::Session>(T::kSession),
                                                                        list<fact::TlsSession>(T::kTls),
                                                                        list<fact::Notice>(T::kNotice),
                                                                        list<fact::Policy>(T::kPolicy),
                                                                        list<fact::Gap>(T::kGap)};
  return kColumns[static_cast<std::size_t>(table)];
}

}  // namespace mailtrail::store::duckdb

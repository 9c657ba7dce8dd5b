// The views of SQL on random facts: every column of every fact, against the facts themselves.
#include <gtest/gtest.h>

#include <charconv>
#include <map>
#include <set>

#include "base/text.h"
#include "model/event_json.h"
#include "model/fact_columns.h"
#include "query/row.h"
#include "store/duckdb/duckdb_store.h"
#include "tests/conformance/fact_maker.h"
#include "tests/conformance/scratch_folder.h"
#include "tests/conformance/simple_facts.h"

namespace mailtrail::conformance {
namespace {

namespace fact = model::fact;
using fact::Role;
using Values = std::map<std::string, std::string>;  // what a row states, by column

std::string json_of(const std::vector<std::string>& texts) {
  std::string json = "[";
  for (const std::string& text : texts) {
    if (json.size() > 1) json += ',';
    append_json_string(json, text);
  }
  return json + ']';
}

std::string log_name(std::uint32_t source) {
  return "log '" + std::to_string(source) + "'";
}

// Years of which RFC 3339 does not speak stand in UTC.
std::string time_text(Micros time) {
  if (time < days_from_civil(10000, 1, 1) * kDay) return format_rfc3339(time, 0);
  const CivilTime civil = civil_from_micros(time);
  char text[64];
  std::snprintf(text, sizeof text, "%d-%02d-%02dT%02d:%02d:%02d", civil.year, civil.month, civil.day, civil.hour,
                civil.minute, civil.second);
  std::string shown = text;
  if (civil.micro != 0) std::snprintf(text, sizeof text, ".%06d", civil.micro), shown += text;
  return shown + 'Z';
}

// What SQL is to show of each member, told from the member alone.
struct Expectation {
  Values& values;
  std::set<std::uint32_t>& sources;

  void operator()(std::string_view name, model::Text text, Role = Role::kPlain) {
    put(name, text.empty() ? std::nullopt : std::optional(std::string(text)));
  }
  void operator()(std::string_view name, model::Texts texts, Role = Role::kPlain) {
    if (!texts.empty()) put(name, json_of({texts.begin(), texts.end()}));
  }
  void operator()(std::string_view name, bool flag, Role = Role::kPlain) { put(name, flag ? "true" : "false"); }
  void operator()(std::string_view name, const model::LineRef& line, Role = Role::kPlain) {
    if (line.line == 0) return;  // none
    sources.insert(line.source);
    put("source", log_name(line.source));
    put(name, std::to_string(line.line));
  }
  void operator()(std::string_view name, std::span<const model::LineRef> lines, Role = Role::kPlain) {
    std::vector<std::string> texts;
    for (const model::LineRef& line : lines) {
      sources.insert(line.source);
      texts.push_back(log_name(line.source) + ':' + std::to_string(line.line));
    }
    if (!lines.empty()) put(name, json_of(texts));
  }
  void operator()(std::string_view, std::span<const fact::Step>, Role = Role::kPlain) {}
  void operator()(std::string_view, std::span<const model::CommandCount>, Role = Role::kPlain) {}
  template <class T>
  void operator()(std::string_view name, const std::optional<T>& value, Role role = Role::kPlain) {
    if (value) put_number(name, *value, role);
  }
  template <class T>
  requires std::is_enum_v<T>
  void operator()(std::string_view name, T value, Role = Role::kPlain) { (*this)(name, model::word(value)); }
  template <class T>
  requires std::is_arithmetic_v<T>
  void operator()(std::string_view name, T value, Role role = Role::kPlain) {
    const bool absent = (role == Role::kTime || role == Role::kKey) && value == T{};
    if (!absent && !(name == "pid" && value == static_cast<T>(-1))) put_number(name, value, role);
  }

  void put(std::string_view name, std::optional<std::string> text) {
    if (text) values[std::string(name)] = std::move(*text);
  }
  template <class T>
  void put_number(std::string_view name, T value, Role role) {
    if (role == Role::kTime) return put(name, time_text(static_cast<Micros>(value)));
    if (role == Role::kKey) return put(name, query::key_text(static_cast<std::uint64_t>(value)));
    if (role == Role::kNotes) {
      std::vector<std::string> notes;
      for (std::size_t bit = 0; bit < model::time_note_names().size(); ++bit) {
        if (static_cast<std::uint64_t>(value) >> bit & 1) notes.emplace_back(model::time_note_names()[bit]);
      }
      if (value != T{}) put(name, json_of(notes));
      return;
    }
    char digits[64];
    const auto [end, code] = std::to_chars(digits, digits + sizeof digits, value);
    put(name, std::string(digits, end));
  }
};

// Takes what the store tells, and says what each view is to show.
class ExpectedViews : public model::FactSink {
 public:
  std::map<std::string, std::vector<Values>> rows;
  std::set<std::uint32_t> sources;

  void on_journey(const fact::Journey& journey) override {
    add("journey", journey);
    for (const fact::Message& message : journey.messages) add_message(journey, message);
    for (const fact::Delivery& delivery : journey.deliveries) add_delivery(journey, delivery);
    for (const fact::Recipient& recipient : journey.recipients) add_recipient(journey, recipient);
    for (const fact::AuthResult& result : journey.auth_results) add_part("auth_result", journey, result);
    for (const fact::Verdict& verdict : journey.verdicts) add_part("verdict", journey, verdict);
  }
  void on_rejection(const fact::Rejection& one) override { add("rejection", one); }
  void on_login(const fact::Login& one) override { add("login", one); }
  void on_session(const fact::Session& one) override { add("session", one); }
  void on_tls(const fact::TlsSession& one) override { add("tls", one); }
  void on_notice(const fact::Notice& one) override { add("notice", one); }
  void on_policy(const fact::Policy& one) override { add("policy", one); }
  void on_gap(const fact::Gap& one) override { add("gap", one); }

 private:
  template <class Fact>
  Values& add(const char* view, const Fact& fact) {
    Values& values = rows[view].emplace_back();
    fact::columns(fact, Expectation{values, sources});
    return values;
  }
  template <class Fact>
  Values& add_part(const char* view, const fact::Journey& journey, const Fact& fact) {
    Values& values = add(view, fact);
    Expectation{values, sources}("journey", journey.id, Role::kKey);
    return values;
  }
  void add_message(const fact::Journey& journey, const fact::Message& message) {
    Values& values = add_part("message", journey, message);
    if (message.outcomes_differ) values.erase("outcome");
    if (message.link == model::Link::kNone) values.erase("link_confidence");
  }
  void add_delivery(const fact::Journey& journey, const fact::Delivery& delivery) {
    Expectation expect{add_part("delivery", journey, delivery), sources};
    expect("host", delivery.host), expect("queue_id", delivery.queue_id), expect("message_id", delivery.message_id);
    expect("client_name", delivery.client_name), expect("client_ip", delivery.client_ip);
    expect("sasl_user", delivery.sasl_user), expect("subject", delivery.subject);
    expect("sender", delivery.sender);  // where it is empty that of the line stays
    expect("size", delivery.size);
  }
  void add_recipient(const fact::Journey& journey, const fact::Recipient& recipient) {
    Expectation expect{add_part("recipient", journey, recipient), sources};
    expect("sender", journey.sender), expect("message_id", journey.message_id), expect("subject", journey.subject);
    if (!journey.begin_missing) expect("received", journey.received, Role::kTime);
  }
};

std::vector<std::string> texts_of(const std::vector<Values>& rows, const std::string& only = "") {
  std::vector<std::string> texts;
  for (const Values& row : rows) {
    std::string& text = texts.emplace_back();
    for (const auto& [name, value] : row) {
      if (only.empty() || only == name) text += name + '=' + printable(value) + ' ';
    }
  }
  std::sort(texts.begin(), texts.end());
  return texts;
}

// The first rows in which the two differ; empty where they do not.
std::string difference(const std::vector<std::string>& shown, const std::vector<std::string>& expected) {
  for (std::size_t i = 0; i < std::max(shown.size(), expected.size()); ++i) {
    const std::string a = i < shown.size() ? shown[i] : "(none)", b = i < expected.size() ? expected[i] : "(none)";
    if (a != b) return "shown:    " + a + "\nexpected: " + b;
  }
  return {};
}

std::vector<Values> ask(store::SqlRunner& runner, const std::string& statement) {
  std::vector<Values> rows;
  std::vector<std::string> names;
  const store::SqlRunner::Sink sink{[&](const std::vector<store::SqlColumn>& columns) {
                                      for (const store::SqlColumn& column : columns) names.push_back(column.name);
                                    },
                                    [&](const std::vector<store::SqlCell>& cells) {
                                      Values& row = rows.emplace_back();
                                      for (std::size_t i = 0; i < cells.size(); ++i) {
                                        if (cells[i].kind != store::SqlKind::kNull) row[names[i]] = cells[i].text;
                                      }
                                    }};
  const auto outcome = runner.run(statement, TimeZone(), {std::chrono::minutes(10), 1'000'000}, sink);
  EXPECT_TRUE(outcome.ok()) << statement << ": " << outcome.error().to_string();
  return rows;
}

// Facts, a fifth of them in the tail, with a name for every log that they speak of.
void fill(store::Store& store, std::uint64_t seed, int facts) {
  Dice dice(seed);
  Arena arena;
  FactMaker maker(dice, arena);
  ExpectedViews all;
  for (int i = 0; i < facts; ++i) {
    const AnyFact fact = maker.fact();
    tell(fact, i % 5 == 4 ? store.tail() : store.settled());
    tell(fact, all);
  }
  store::Commit commit;
  for (const std::uint32_t source : all.sources) commit.sources.push_back({source, log_name(source), 0, 0, "", ""});
  ASSERT_TRUE(store.commit(commit).ok());
}

TEST(SqlViews, ShowEveryFieldOfEveryFactAsItIs) {
  for (std::uint64_t seed = 1; seed <= 2; ++seed) {
    const ScratchFolder folder;
    const auto store = store::DuckDbStore::open({.path = folder.path() + "/facts.duckdb"});
    ASSERT_TRUE(store.ok());
    fill(**store, seed, 200);
    ExpectedViews expected;
    ASSERT_TRUE((*store)->read({}, expected).ok());
    const auto runner = (*store)->sql();
    ASSERT_TRUE(runner.ok());
    for (const store::SqlView& view : store::sql_views()) {
      SCOPED_TRACE(view.name + " of seed " + std::to_string(seed));
      const std::vector<Values> rows = ask(**runner, "FROM " + view.name);
      ASSERT_EQ(difference(texts_of(rows), texts_of(expected.rows[view.name])), "");
      if (seed != 1) continue;
      // A statement that names one column gets a view of that one alone.
      for (const store::SqlColumn& column : view.columns) {
        const std::vector<Values> alone = ask(**runner, "SELECT \"" + column.name + "\" FROM " + view.name);
        ASSERT_EQ(difference(texts_of(alone), texts_of(expected.rows[view.name], column.name)), "") << column.name;
      }
    }
  }
}

// A runner of the store that is written: what was committed is seen, what was not is not, and writing goes on.
TEST(SqlViews, SeeEachCommitWhileTheStoreIsWritten) {
  const ScratchFolder folder;
  const auto store = store::DuckDbStore::open({.path = folder.path() + "/facts.duckdb"});
  ASSERT_TRUE(store.ok());
  const auto runner = (*store)->sql();
  ASSERT_TRUE(runner.ok());
  const auto count = [&] { return ask(**runner, "SELECT count(*) AS n FROM recipient").front().at("n"); };
  EXPECT_EQ(count(), "0");
  Arena arena;
  for (std::uint64_t key = 1; key <= 3; ++key) {
    // Each on a day, and so in a table, of its own.
    const Micros received = kFirstDay + static_cast<Micros>(key) * kDay;
    (*store)->settled().on_journey(journey_of({.received = received, .key = key}, arena));
    EXPECT_EQ(count(), std::to_string(key - 1));
    ASSERT_TRUE((*store)->commit({}).ok());
    EXPECT_EQ(count(), std::to_string(key));
    ASSERT_TRUE((*store)->tidy().ok());
  }
  ASSERT_TRUE((*store)->expire(kFirstDay + 3 * kDay).ok());
  EXPECT_EQ(count(), "1");
}

}  // namespace
}  // namespace mailtrail::conformance

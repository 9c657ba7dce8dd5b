#include "cli/sql_document.h"

#include <algorithm>
#include <map>

#include "cli/parquet_rows.h"
#include "cli/wrap.h"
#include "query/plan.h"
#include "store/sql.h"

namespace mailtrail::cli {
namespace {

constexpr std::size_t kWidth = 120;

constexpr SqlExample kExamples[] = {
    {"Which providers put us off, with which words, day by day",
     "SELECT time::DATE AS day, provider, reason, count(*) AS attempts, any_value(reply) AS example\n"
     "FROM delivery\n"
     "WHERE status = 'deferred' AND provider IS NOT NULL\n"
     "GROUP BY ALL\n"
     "ORDER BY day, attempts DESC"},
    {"How long mail takes from its arrival to its delivery, hour by hour",
     "SELECT date_trunc('hour', received) AS hour, count(*) AS delivered,\n"
     "       quantile_cont(date_diff('second', received, decided), 0.5) AS median_s,\n"
     "       quantile_cont(date_diff('second', received, decided), 0.99) AS p99_s\n"
     "FROM recipient\n"
     "WHERE outcome = 'delivered' AND NOT internal\n"
     "GROUP BY ALL\n"
     "ORDER BY hour"},
    {"Which addresses bounced more than once and never took a mail",
     "SELECT lower(recipient) AS address, count(*) FILTER (outcome = 'bounced') AS bounced, max(decided) AS last\n"
     "FROM recipient\n"
     "WHERE NOT internal\n"
     "GROUP BY address\n"
     "HAVING bounced > 1 AND count(*) FILTER (outcome = 'delivered') = 0\n"
     "ORDER BY bounced DESC, address"},
    {"Who logs in with one name from many addresses",
     "SELECT \"user\", count(DISTINCT client_ip) AS addresses, count(*) AS logins, min(time) AS first, max(time) AS "
     "last\n"
     "FROM login\n"
     "WHERE result = 'success'\n"
     "GROUP BY \"user\"\n"
     "HAVING addresses > 5\n"
     "ORDER BY addresses DESC"},
    {"What each client was refused, and the lines that say so",
     "SELECT client_ip, stage, smtp_code, sum(repeated) AS refused, list(source || ':' || line)[:3] AS lines\n"
     "FROM rejection\n"
     "WHERE action = 'reject'\n"
     "GROUP BY ALL\n"
     "ORDER BY refused DESC\n"
     "LIMIT 20"},
};

constexpr std::string_view kRules[] = {
    "Each fact is a row of a view. `.tables` lists the views, `.columns VIEW` the columns of one with their meanings; "
    "`DESCRIBE VIEW` and `SUMMARIZE VIEW` work, too. What a fact does not state is NULL. Names of fields are those of "
    "search and export; a name that is a word of SQL, such as \"user\", stands in double quotes.",
    "A statement is one SELECT, with WITH, joins, windows and all functions of DuckDB that reckon with their arguments "
    "alone. All else is refused: what would write, files and the network, settings, other tables. It sees the store as "
    "the last commit left it.",
    "Count honestly: journey is what a person calls a mail, message a stay in one queue, delivery one attempt, "
    "recipient the final outcome of one recipient. The column journey joins them. Notifications and address probes "
    "are journeys, too: leave them out with NOT notification AND NOT probe, or NOT internal of recipients.",
    "Times are points in time (TIMESTAMP WITH TIME ZONE), shown in the zone of --timezone, in which days begin, too: "
    "time::DATE is the day there. Naming columns instead of * makes a "
    "statement quicker: only what is named is put together.",
    "Texts stand as they were logged. A byte that is no UTF-8 is kept as a private character (U+10FF00 and above) "
    "inside the database: functions such as length see that one.",
};

// Text in which a table of Markdown would take characters for its own.
std::string plain(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '|' || c == '*' || c == '<' || c == '_' || c == '[') out += '\\';
    out += c;
  }
  return out;
}

// The columns of exported rows with their types.
void append_parquet(std::string& out) {
  out += "\n## Parquet\n\n";
  append_wrapped(out,
                 "`mailtrail export QUERY --format parquet -o FILE` writes what search finds, in logs or in the store, "
                 "for programs that read Parquet (DuckDB, pandas, Spark), compressed with zstd. Times are microseconds "
                 "in UTC, lists are lists of texts, keys are 16 hex digits, and what is absent is NULL. Bytes that are "
                 "no UTF-8 become U+FFFD. A column that is not named below with its type is VARCHAR.",
                 0, kWidth);
  out += "\n| --per | columns that are not VARCHAR |\n| --- | --- |\n";
  for (int i = 0; i < 7; ++i) {
    const auto per = static_cast<query::Per>(i);
    std::map<std::string_view, std::string> by_type;
    for (const store::ParquetColumn& column : parquet_columns(per)) {
      if (column.type == store::ParquetType::kText) continue;
      std::string& names = by_type[store::parquet_type_name(column.type)];
      names += (names.empty() ? "`" : ", `") + column.name + '`';
    }
    out += "| " + std::string(query::word(per)) + " | ";
    bool first = true;
    for (const auto& [type, names] : by_type) {
      out += (first ? "" : "; ") + std::string(type) + ": " + names;
      first = false;
    }
    out += " |\n";
  }
}

}  // namespace

std::span<const SqlExample> sql_examples() {
  return kExamples;
}

std::string sql_help(std::size_t width) {
  width = std::clamp<std::size_t>(width, 60, 100);
  std::string out = "SQL on the facts in the store\n";
  for (const std::string_view rule : kRules) {
    out += '\n';
    std::string text(rule);
    text.erase(std::remove(text.begin(), text.end(), '`'), text.end());
    append_wrapped(out, text, 0, width);
  }
  out += "\nExamples:\n";
  for (const SqlExample& example : kExamples) {
    out += "\n  -- " + std::string(example.what) + "?\n  ";
    for (const char c : example.statement) out += c == '\n' ? std::string("\n  ") : std::string(1, c);
    out += '\n';
  }
  return out;
}

std::string sql_document() {
  std::string out =
      "# SQL\n\nThis page is made from the program's own tables: `mailtrail sql .help`, `.tables` and `.columns VIEW` "
      "say the same.\n\n```sh\nmailtrail ingest /var/log/mail.log*\nmailtrail sql 'SELECT outcome, count(*) FROM "
      "recipient GROUP BY ALL'\nmailtrail sql --json 'FROM login LIMIT 3'      # for other programs; --csv for a "
      "spreadsheet\n```\n\n";
  for (const std::string_view rule : kRules) {
    append_wrapped(out, rule, 0, kWidth);
    out += '\n';
  }
  append_wrapped(
      out,
      "The limits are those of the options: 10,000 rows and 60 seconds unless --limit and --timeout say "
      "otherwise, and the memory of the database, beyond which a statement is given up (--memory). A statement that is "
      "refused, mistaken or given up has the exit status 2, one without a row 1.",
      0, kWidth);
  out += "\n## Examples\n";
  for (const SqlExample& example : kExamples) {
    out += "\n" + std::string(example.what) + "?\n\n```sql\n" + std::string(example.statement) + "\n```\n";
  }
  out += "\n## Views\n";
  for (const store::SqlView& view : store::sql_views()) {
    out += "\n### " + view.name + "\n\n";
    append_wrapped(out, view.meaning, 0, kWidth);
    out += "\n| column | type | meaning |\n| --- | --- | --- |\n";
    for (const store::SqlColumn& column : view.columns) {
      out += "| `" + column.name + "` | " + column.type + " | " + plain(column.meaning) + " |\n";
    }
  }
  append_parquet(out);
  return out;
}

}  // namespace mailtrail::cli

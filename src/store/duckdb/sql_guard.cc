#include "store/duckdb/sql_guard.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <vector>

#include "base/text.h"
#include "store/duckdb/views.h"

namespace mailtrail::store::duckdb {
namespace {

using Words = std::set<std::string, std::less<>>;

// The sorts of expression, of table and of query that a tree may hold.
const Words kClasses = {"BETWEEN",     "CASE",     "CAST",     "COLLATE",   "COLUMN_REF", "COMPARISON",
                        "CONJUNCTION", "CONSTANT", "FUNCTION", "LAMBDA",    "OPERATOR",   "POSITIONAL_REFERENCE",
                        "STAR",        "SUBQUERY", "WINDOW",   "LAMBDA_REF"};
const Words kTableRefs = {"BASE_TABLE", "EMPTY",    "EXPRESSION_LIST", "JOIN",
                          "PIVOT",      "SHOW_REF", "SUBQUERY",        "TABLE_FUNCTION"};
const Words kNodes = {"SELECT_NODE", "SET_OPERATION_NODE", "RECURSIVE_CTE_NODE", "CTE_NODE"};
const Words kOrders = {"ASCENDING", "DESCENDING", "ORDER_DEFAULT"};
const Words kTableFunctions = {"unnest", "range", "generate_series"};

// Scalar functions that read more than their arguments, or change something.
const Words kDeniedFunctions = {"combine",
                                "current_connection_id",
                                "current_query",
                                "current_query_id",
                                "current_schemas",
                                "current_setting",
                                "current_transaction_id",
                                "currval",
                                "finalize",
                                "get_block_size",
                                "getenv",
                                "getvariable",
                                "in_search_path",
                                "json_deserialize_sql",
                                "json_serialize_plan",
                                "json_serialize_sql",
                                "nextval",
                                "parse_duckdb_log_message",
                                "setseed",
                                "stats",
                                "txid_current",
                                "write_log"};
constexpr std::string_view kDeniedPrefixes[] = {"__internal", "pg_", "has_", "inet_"};

Error refusal(std::string what) {
  return {std::move(what), "", "mailtrail sql .help tells what SQL can do here"};
}

bool ends_with(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

// An object or a list of the tree.
struct Branch {
  std::int64_t parent = -1;
  std::string key;
  std::map<std::string, std::string, std::less<>> texts;  // scalars, by their key
  std::set<std::string, std::less<>> parts;               // keys of objects and lists in it
  const std::string* text(std::string_view name) const {
    const auto found = texts.find(name);
    return found == texts.end() ? nullptr : &found->second;
  }
  std::string_view text_or_empty(std::string_view name) const {
    const std::string* found = text(name);
    return found == nullptr ? std::string_view() : std::string_view(*found);
  }
};
using Tree = std::map<std::int64_t, Branch>;

Result<Tree> tree_of(const Connection& connection, std::string_view statement) {
  Result<Statement> select = connection.prepare(
      "SELECT id::BIGINT, coalesce(parent, 0)::BIGINT, coalesce(key, ''), type IN ('OBJECT', 'ARRAY'), "
      "coalesce(json_extract_string(atom, '$'), '') FROM (SELECT json_serialize_sql(?::VARCHAR) AS tree), "
      "json_tree(tree)");
  if (!select.ok()) return select.error();
  select->add_text(statement);
  Result<Rows> rows = select->rows();
  if (!rows.ok()) return rows.error();
  Tree tree;
  while (Chunk chunk = rows->next()) {
    for (std::size_t row = 0; row < chunk.rows(); ++row) {
      const std::int64_t id = chunk.data<std::int64_t>(0)[row], parent = chunk.data<std::int64_t>(1)[row];
      const std::string key(chunk.text(2, row));
      if (chunk.data<bool>(3)[row]) {
        tree[id].parent = id == parent ? -1 : parent;
        tree[id].key = key;
        if (id != parent) tree[parent].parts.insert(key);
      } else {
        tree[parent].texts[key] = chunk.text(4, row);
      }
    }
  }
  return tree;
}

class Walk {
 public:
  Walk(const Connection& connection, const Tree& tree) : connection_(connection), tree_(tree) {}

  Result<SqlReach> run() {
    for (const auto& [id, branch] : tree_) collect(branch);
    for (const std::string& name : defined_) {
      if (const Result<Done> free = is_free(name); !free.ok()) return free.error();
    }
    for (const auto& [id, branch] : tree_) {
      if (const Result<Done> checked = check(branch); !checked.ok()) return checked.error();
    }
    for (const std::string& name : last_names_) {
      if (tables_.contains(name)) reach_.all_columns = true;  // a whole row, by the name of its table
    }
    return std::move(reach_);
  }

 private:
  const Branch* above(const Branch& branch) const {
    const auto found = tree_.find(branch.parent);
    return found == tree_.end() ? nullptr : &found->second;
  }

  void collect(const Branch& branch) {
    const Branch* list = above(branch);
    const Branch* owner = list == nullptr ? nullptr : above(*list);
    if (owner != nullptr && list->key == "map" && owner->key == "cte_map") {
      defined_.insert(to_lower(branch.text_or_empty("key")));
    }
    if (branch.text("cte_name") != nullptr) defined_.insert(to_lower(*branch.text("cte_name")));
    for (const char* name : {"alias", "table_name"}) {
      if (branch.text("class") == nullptr && !branch.text_or_empty(name).empty())
        tables_.insert(to_lower(*branch.text(name)));
    }
    if (branch.key == "column_names" || branch.key == "using_columns") {
      std::size_t last = 0;
      for (const auto& [key, name] : branch.texts) {
        reach_.names.insert(to_lower(name));
        last = std::max(last, to_number<std::size_t>(key).value_or(0));
      }
      if (const std::string* name = branch.text(std::to_string(last))) last_names_.insert(to_lower(*name));
    }
    // `delivery AS d(a, b)`: names by place.
    if (branch.key == "column_name_alias" && !branch.texts.empty()) reach_.all_columns = true;
  }

  // A name that WITH gives MUST NOT hide, nor be mistaken for, a table that there is.
  Result<Done> is_free(const std::string& name) const {
    Result<Statement> select = connection_.prepare(
        "SELECT count(*) FROM (SELECT table_name AS name FROM duckdb_tables() UNION ALL SELECT view_name FROM "
        "duckdb_views()) WHERE lower(name) = lower(?)");
    if (!select.ok()) return select.error();
    select->add_text(name);
    Result<Rows> rows = select->rows();
    if (!rows.ok()) return rows.error();
    const Chunk chunk = rows->next();
    const bool is_plain = std::all_of(name.begin(), name.end(), [](char c) { return is_alnum(c) || c == '_'; });
    if (chunk.data<std::int64_t>(0)[0] == 0 && is_plain && !view_of(name)) return Done{};
    return refusal("WITH cannot name a table `" + printable(name) + "`");
  }

  Result<Done> check(const Branch& branch) {
    if (const std::string* sort = branch.text("class")) return check_expression(branch, *sort);
    const std::string* type = branch.text("type");
    if (type == nullptr) return Done{};
    if (kTableRefs.contains(*type)) return check_table(branch, *type);
    if (kNodes.contains(*type) || kOrders.contains(*type)) return Done{};
    if (ends_with(*type, "_MODIFIER") || ends_with(*type, "_TYPE_INFO")) return Done{};
    return refusal("this form of SELECT is not taken (" + printable(*type) + ")");
  }

  Result<Done> check_expression(const Branch& branch, const std::string& sort) {
    if (sort == "PARAMETER") return refusal("a statement takes no parameters here (`?`, `$1`)");
    if (!kClasses.contains(sort)) return refusal("this form of expression is not taken (" + printable(sort) + ")");
    if (sort == "STAR" || sort == "POSITIONAL_REFERENCE") reach_.all_columns = true;
    if (sort != "FUNCTION") return Done{};
    const std::string name = to_lower(branch.text_or_empty("function_name"));
    const Branch* owner = above(branch);
    const bool is_table =
        branch.key == "function" && owner != nullptr && owner->text_or_empty("type") == "TABLE_FUNCTION";
    return is_table ? check_table_function(name) : check_function(branch, name);
  }

  Result<Done> check_table_function(const std::string& name) const {
    if (kTableFunctions.contains(name)) return Done{};
    return refusal("the table function " + printable(name) + " is not open to SQL here: only the views are");
  }

  Result<Done> check_function(const Branch& branch, const std::string& name) {
    const std::string_view schema = branch.text_or_empty("schema"), catalog = branch.text_or_empty("catalog");
    const bool is_built_in =
        (schema.empty() || schema == "main" || schema == "pg_catalog") && (catalog.empty() || catalog == "system");
    bool is_denied = kDeniedFunctions.contains(name);
    for (const std::string_view prefix : kDeniedPrefixes)
      is_denied = is_denied || name.substr(0, prefix.size()) == prefix;
    if (is_denied || !is_built_in) return refusal("the function " + printable(name) + " is not open to SQL here");
    if (name == "unnest" || name == "unlist") return Done{};
    if (functions_.empty()) {
      if (const Result<Done> loaded = load_functions(); !loaded.ok()) return loaded.error();
    }
    if (functions_.contains(name)) return Done{};
    return refusal("there is no function " + printable(name));
  }

  Result<Done> load_functions() {
    Result<Rows> rows = connection_.rows(
        "SELECT DISTINCT lower(function_name) FROM duckdb_functions() WHERE function_type IN ('scalar', 'aggregate', "
        "'macro') AND internal");
    if (!rows.ok()) return rows.error();
    while (Chunk chunk = rows->next()) {
      for (std::size_t row = 0; row < chunk.rows(); ++row) functions_.emplace(chunk.text(0, row));
    }
    return Done{};
  }

  Result<Done> check_table(const Branch& branch, const std::string& type) {
    if (type == "PIVOT") reach_.all_columns = true;
    if (type == "JOIN" && branch.text_or_empty("ref_type") == "NATURAL") reach_.all_columns = true;
    if (type == "SHOW_REF") {
      reach_.all_columns = true;
      const std::string_view sort = branch.text_or_empty("show_type");
      reach_.describes = reach_.describes || sort == "DESCRIBE";
      if ((sort == "DESCRIBE" || sort == "SUMMARY") && branch.parts.contains("query")) return Done{};
      return refusal("this shows what is not open to SQL here; mailtrail sql .tables lists the views");
    }
    if (type != "BASE_TABLE") return Done{};
    const std::string_view name = branch.text_or_empty("table_name");
    const bool is_bare = branch.text_or_empty("schema_name").empty() && branch.text_or_empty("catalog_name").empty();
    if (is_bare && defined_.contains(to_lower(name))) return Done{};
    const std::optional<Table> view = is_bare ? view_of(name) : std::nullopt;
    if (!view) {
      return Error{"there is no view `" + printable(name) + "`", "", "mailtrail sql .tables lists the views"};
    }
    reach_.views.insert(*view);
    return Done{};
  }

  const Connection& connection_;
  const Tree& tree_;
  SqlReach reach_;
  Words defined_, tables_, last_names_, functions_;
};

}  // namespace

Error error_of_statement(std::string_view text) {
  std::string_view rest = text;
  std::string_view line = take_until(rest, '\n');
  for (const std::string_view kind : {"Parser Error: ", "Binder Error: ", "Catalog Error: ", "Conversion Error: ",
                                      "Invalid Input Error: ", "Not implemented Error: ", "Out of Range Error: "}) {
    if (consume(line, kind)) break;
  }
  std::string what = printable(line);
  std::string remedy;
  while (!rest.empty()) {
    const std::string_view more = trim(take_until(rest, '\n'));
    if (more.substr(0, 10) == "Candidate " || more.substr(0, 12) == "Did you mean") remedy = printable(more);
  }
  if (what.empty()) what = "the statement is mistaken";
  return {what, "", remedy};
}

Result<SqlReach> examine(const Connection& connection, std::string_view statement) {
  if (statement.size() > kLongestSql) return refusal("the statement is longer than 64 KiB");
  if (!is_utf8(statement) || statement.find('\0') != std::string_view::npos) {
    return refusal("the statement is not UTF-8");
  }
  const Result<Tree> tree = tree_of(connection, statement);
  if (!tree.ok()) return refusal("the statement cannot be understood: " + tree.error().what);
  const auto root = tree->begin();
  if (root == tree->end()) return refusal("the statement cannot be understood");
  if (root->second.text_or_empty("error") == "true") {
    if (root->second.text_or_empty("error_type") == "parser") {
      return error_of_statement(root->second.text_or_empty("error_message"));
    }
    return refusal("only a SELECT can be run: the facts are read, never changed");
  }
  std::size_t statements = 0;
  for (const auto& [id, branch] : *tree) {
    const auto list = tree->find(branch.parent);
    statements += list != tree->end() && list->second.key == "statements" && list->second.parent == root->first;
  }
  if (statements != 1) return refusal("one statement at a time");
  return Walk(connection, *tree).run();
}

}  // namespace mailtrail::store::duckdb

#include "described/line_reading.h"

#include <simdjson.h>

#include "base/csv_cell.h"
#include "base/text.h"

namespace mailtrail::described {

struct LineReading::Json {
  simdjson::dom::parser parser;
  simdjson::dom::element root;
};

namespace {

// As text; false where there is nothing to say.
bool append_value(std::string& out, const simdjson::dom::element& element) {
  switch (element.type()) {
    case simdjson::dom::element_type::STRING:
      out += std::string_view(element.get_string().value_unsafe());
      return true;
    case simdjson::dom::element_type::NULL_VALUE:
      return false;
    case simdjson::dom::element_type::ARRAY: {
      bool any = false;
      for (const simdjson::dom::element& item : simdjson::dom::array(element.get_array().value_unsafe())) {
        const std::size_t before = out.size();
        if (any) out += ", ";
        if (append_value(out, item)) {
          any = true;
        } else {
          out.resize(before);
        }
      }
      return any;
    }
    default:
      out += simdjson::minify(element);
      return true;
  }
}

std::optional<simdjson::dom::element> step(const simdjson::dom::element& element, const std::string& key) {
  simdjson::dom::element next;
  if (element.is_object() && element.get_object().at_key(key).get(next) == simdjson::SUCCESS) return next;
  const std::optional<std::size_t> index = to_number<std::size_t>(key);
  if (index && element.is_array() && element.get_array().at(*index).get(next) == simdjson::SUCCESS) return next;
  return std::nullopt;
}

}  // namespace

std::vector<std::string> split_path(std::string_view path) {
  std::vector<std::string> keys;
  while (!path.empty()) keys.emplace_back(take_until(path, '.'));
  return keys;
}

LineReading::LineReading() : json_(std::make_unique<Json>()) {}
LineReading::~LineReading() = default;

bool LineReading::read(Form form, char separator, std::string_view line, Arena& arena) {
  cells_.clear();
  is_json_ = false;
  if (form == Form::kCsv) return read_cells(separator, line, arena);
  if (form == Form::kText || line.empty() || line.front() != '{') return false;
  // The parser copies the line: it need not be padded.
  is_json_ = json_->parser.parse(line.data(), line.size(), true).get(json_->root) == simdjson::SUCCESS &&
             json_->root.is_object();
  return is_json_;
}

bool LineReading::read_cells(char separator, std::string_view line, Arena& arena) {
  for (CsvCell cell; !cell.last;) {
    if (!take_csv_cell(line, separator, cell)) return false;
    cells_.push_back(value_of(cell, arena));
  }
  return true;
}

std::optional<std::string_view> LineReading::value(const ValuePath& path, Arena& arena) const {
  if (!is_json_) {
    if (path.column >= cells_.size() || cells_[path.column].empty()) return std::nullopt;
    return cells_[path.column];
  }
  simdjson::dom::element element = json_->root;
  for (const std::string& key : path.keys) {
    const std::optional<simdjson::dom::element> next = step(element, key);
    if (!next) return std::nullopt;
    element = *next;
  }
  std::string text;
  if (!append_value(text, element) || text.empty()) return std::nullopt;
  return arena.store(text);
}

}  // namespace mailtrail::described

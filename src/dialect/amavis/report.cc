#include "dialect/amavis/report.h"

#include <simdjson.h>

#include <optional>

#include "base/text.h"
#include "dialect/extra_list.h"
#include "dialect/ip_shape.h"
#include "dialect/text_list.h"

namespace mailtrail::dialect::amavis {
namespace {

namespace json = simdjson::dom;
using model::Text;

// The members of the report. Texts are copied to the arena: the parser's memory is used again.
class Members {
 public:
  Members(json::object object, Arena& arena) : object_(object), arena_(arena) {}

  Text text(std::string_view name) { return text_of(object_[name]); }

  std::optional<double> number(std::string_view name) {
    double value = 0;
    if (object_[name].get_double().get(value) != simdjson::SUCCESS) return std::nullopt;
    return value;
  }

  model::Texts texts(std::string_view name) {
    TextList list(arena_);
    json::array array;
    if (object_[name].get_array().get(array) != simdjson::SUCCESS) return {};
    for (const json::element element : array) {
      std::string_view item;
      if (element.get_string().get(item) == simdjson::SUCCESS && !item.empty()) list.add(arena_.store(item));
    }
    return list.span();
  }

 private:
  // A text, or a number as written; anything else is nothing.
  Text text_of(simdjson::simdjson_result<json::element> found) {
    json::element element;
    if (found.get(element) != simdjson::SUCCESS) return {};
    std::string_view text;
    if (element.get_string().get(text) == simdjson::SUCCESS) return arena_.store(text);
    return element.is_number() ? arena_.store(simdjson::minify(element)) : Text();
  }

  json::object object_;
  Arena& arena_;
};

// `content_type`, the name of the category, as EVENTS.md has it; empty where it has none.
Text category_of(Text word) {
  struct Category {
    Text word, category;
  };
  constexpr Category kCategories[] = {{"Clean", "clean"},     {"Spam", "spam"},      {"Spammy", "spam"},
                                      {"Virus", "virus"},     {"Infected", "virus"}, {"Banned", "banned"},
                                      {"BadHdr", "badheader"}};
  for (const Category& known : kCategories) {
    if (word.starts_with(known.word)) return known.category;
  }
  return {};
}

// What was done with the message: one word, where all recipients were treated alike.
Text action_of(model::Texts actions) {
  if (actions.size() != 1) return {};
  if (actions[0] == "PASS") return "passed";
  if (actions[0] == "REJECT" || actions[0] == "DISCARD" || actions[0] == "BOUNCE") return "blocked";
  return {};
}

}  // namespace

bool parse_report(std::string_view text, std::string_view log_id, Emitter& out) {
  // A parser is dear to make, and holds nothing from one line to the next.
  thread_local json::parser parser;
  json::object object;
  if (parser.parse(text.data(), text.size()).get_object().get(object) != simdjson::SUCCESS) return false;
  Members members(object, out.arena());
  const Text type = members.text("type");
  const model::Texts actions = members.texts("action");
  if (!type.empty() ? type != "amavis" : actions.empty() && members.text("mail_id").empty()) return false;
  auto& verdict = out.emit<model::event::Verdict>(members.text("queue_id"));
  verdict.filter = "amavis";
  verdict.action = action_of(actions);
  const Text content = members.text("content_type");
  verdict.category = category_of(content);
  verdict.score = members.number("spam_score");
  verdict.symbols = members.texts("tests");
  const model::Texts viruses = members.texts("virusnames");
  if (!viruses.empty()) verdict.virus_name = viruses[0];
  verdict.sender = members.text("mail_from");
  if (verdict.sender.empty() && object["mail_from"].error() == simdjson::SUCCESS) verdict.sender = "<>";
  verdict.recipients = members.texts("rcpt_to");
  verdict.message_id = members.text("message_id");
  verdict.child_queue_ids = members.texts("queued_as");
  const Text ip = members.text("client_ip");
  if (looks_like_ip(ip)) verdict.client_ip = ip;
  ExtraList extra;
  extra.add("log_id", log_id.empty() ? members.text("log_id") : log_id);
  extra.add("category", content);
  for (const std::string_view name :
       {"actions_performed", "mail_id", "mail_id_parent", "quarantine", "size", "subject"}) {
    extra.add(name == "actions_performed" ? "actions" : name, members.text(name));
  }
  extra.attach(out);
  return true;
}

}  // namespace mailtrail::dialect::amavis

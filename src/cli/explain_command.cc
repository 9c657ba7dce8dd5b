// `mailtrail explain`.
#include <cmath>

#include "base/json_writer.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/exit_status.h"
#include "cli/log_reading.h"
#include "cli/wrap.h"
#include "explain/explain.h"

namespace mailtrail::cli {
namespace {

std::string confidence_text(double confidence) {
  const auto percent = static_cast<int>(std::lround(confidence * 100));
  std::string text =
      std::to_string(percent / 100) + '.' + (percent % 100 < 10 ? "0" : "") + std::to_string(percent % 100);
  if (text.back() == '0') text.pop_back();
  return text;
}

std::string page_of(const explain::Explanation& answer, std::size_t width, bool colour) {
  std::string out;
  if (colour) out += "\x1b[1m";
  append_wrapped(out, answer.sentence, 0, width);
  if (colour) out.insert(out.size() - 1, "\x1b[0m");
  if (!answer.finality.empty()) append_wrapped(out, answer.finality, 0, width);
  if (!answer.who.empty()) {
    out += "Who acts: ";
    append_wrapped(out, answer.who + '.', 10, width);
  }
  for (std::size_t i = 0; i < answer.steps.size(); ++i) {
    out += "  " + std::to_string(i + 1) + ". ";
    append_wrapped(out, answer.steps[i], 5, width);
  }
  for (const std::string& caution : answer.cautions) {
    out += "Note: ";
    append_wrapped(out, caution, 6, width);
  }
  std::string basis = "Decided by: " + answer.decided_by + " · confidence " + confidence_text(answer.confidence);
  if (!answer.rule.empty()) basis += " · rule " + answer.rule;
  if (!answer.source.empty()) basis += " · " + answer.source;
  if (colour) out += "\x1b[2m";
  append_wrapped(out, basis, 2, width);
  if (colour) out.insert(out.size() - 1, "\x1b[0m");
  return out;
}

void append_texts(JsonWriter& json, std::string_view name, const std::vector<std::string>& texts) {
  if (texts.empty()) return;
  json.key(name);
  json.begin_array();
  for (const std::string& text : texts) json.value(text);
  json.end_array();
}

std::string json_of(const explain::Explanation& answer) {
  std::string out;
  JsonWriter json(out);
  json.begin_object();
  json.field("title", answer.title);
  json.field("sentence", answer.sentence);
  json.field("final", answer.is_final);
  json.field("finality", answer.finality);
  json.field("actor", explain::word(answer.actor));
  json.field("who", answer.who);
  append_texts(json, "steps", answer.steps);
  append_texts(json, "cautions", answer.cautions);
  json.field("reason", answer.reason);
  json.field("rule", answer.rule);
  json.field("decided_by", answer.decided_by);
  json.key("confidence");
  json.value(answer.confidence);
  json.field("source", answer.source);
  if (answer.smtp_code != 0) {
    json.key("smtp_code");
    json.value(answer.smtp_code);
  }
  json.field("dsn", answer.dsn);
  if (answer.contradictory) {
    json.key("contradictory");
    json.value(true);
  }
  json.end_object();
  out += '\n';
  return out;
}

}  // namespace

int explain_reply(const Arguments& arguments, const Streams& streams) {
  std::string reply;
  for (const std::string& word : arguments.words) reply += (reply.empty() ? "" : " ") + word;
  explain::Question question;
  question.reply = reply;
  question.host = arguments.value("from").value_or("");
  const explain::Explanation answer = explain::explain(question);
  const std::string text = arguments.has("json") ? json_of(answer)
                                                 : page_of(answer, std::min<std::size_t>(page_width(streams), 100),
                                                           wants_colour(arguments, streams));
  show_page(streams, text, !arguments.has("no-pager"));
  return answer.confidence == 0 ? kNothingFound : kDone;
}

}  // namespace mailtrail::cli

// `NAME authenticator failed for HOST: 535 Incorrect authentication data (set_id=USER)`
#include "base/text.h"
#include "dialect/exim/client.h"
#include "dialect/exim/parts.h"

namespace mailtrail::dialect::exim {
namespace {

// What Exim says behind the client: a reply, and the user in parentheses.
struct Answer {
  Text reply, user;
};
bool read_answer(Text text, Answer& answer) {
  if (!consume(text, ": ") || !reply_code(text)) return false;
  // Exim's own words hold no parenthesis; the user's name may hold anything.
  const std::size_t open = text.find(" (set_id=");
  if (open == kNone) {
    answer.reply = text;
    return text.find_first_of("[(") == kNone;
  }
  answer.reply = text.substr(0, open);
  if (answer.reply.find_first_of("[()]") != kNone) return false;
  Text rest = text.substr(open + 9);
  const std::size_t end = rest.ends_with(')') ? rest.size() - 1 : rest.find("): ");
  if (end == kNone) return false;
  answer.user = rest.substr(0, end);
  return true;
}

}  // namespace

bool parse_login(Line& line) {
  constexpr Text kFailed = " authenticator failed for ";
  Text rest = line.text;
  const std::size_t at = rest.find(' ');
  if (at == kNone || at == 0 || !rest.substr(at).starts_with(kFailed)) return false;
  const Text method = rest.substr(0, at);
  rest.remove_prefix(at + kFailed.size());
  consume(rest, "H=");
  Client client;
  Answer answer;
  const auto fits = [](Text text) {
    Answer unused;
    return read_answer(text, unused);
  };
  const auto fits_well = [](Text text) {
    Answer one;
    return read_answer(text, one) &&
           (one.reply == "535 Incorrect authentication data" || one.reply == "435 Unable to authenticate at present");
  };
  if (!take_client(rest, client, fits_well) && !take_client(rest, client, fits)) return false;
  if (!read_answer(rest, answer)) return false;
  auto& body = line.out.emit<model::event::Login>(line.queue_id);
  const Text own = client.host.interface;
  body.protocol = own.ends_with("]:587") || own.ends_with("]:465") ? "submission" : "smtp";
  body.method = method;
  if (!client.doubtful) body.user = answer.user;
  body.result = model::LoginResult::kFailure;
  body.reason = answer.reply;
  client.fill(body);
  ExtraList extra;
  if (client.doubtful) extra.add("rest", line.text);
  extra.add("helo", client.host.helo);
  client.add_extras(extra);
  extra.attach(line.out);
  return true;
}

}  // namespace mailtrail::dialect::exim

#include "explain/explain.h"

#include "explain/find_codes.h"
#include "explain/provider_codes.h"

namespace mailtrail::explain {
namespace {

// How far a code alone is to be trusted. Measured on labelled replies, reply code and status code together name the
// right reason in about a third of all cases, since most refusals carry a code that names none.
constexpr double kSpecificDsn = 0.6;
constexpr double kSpecificReply = 0.5;
constexpr double kUnspecific = 0.2;
constexpr double kUnregistered = 0.1;
constexpr double kContradictory = 0.1;
// A code that a large provider is known to use otherwise, from a host that is not known.
constexpr double kUsedOtherwise = 0.4;
constexpr double kSuccess = 0.9;

// The codes that are explained, and where they come from.
struct Codes {
  int smtp_code = 0;
  std::string_view dsn;
  bool smtp_code_in_reply = false;
  bool dsn_in_reply = false;
};

Codes codes_of(const Question& question) {
  const FoundCodes found = find_codes(question.reply);
  Codes codes;
  codes.smtp_code_in_reply = found.smtp_code != 0;
  codes.smtp_code = codes.smtp_code_in_reply ? found.smtp_code : question.smtp_code;
  codes.dsn_in_reply = !found.dsn.empty();
  codes.dsn = codes.dsn_in_reply ? found.dsn : question.dsn;
  if (!parse_enhanced_code(codes.dsn)) codes.dsn = {};
  if (!reply_meaning(codes.smtp_code)) codes.smtp_code = 0;
  return codes;
}

std::string number(int code) {
  return std::to_string(code);
}

// The first digit that a sending server goes by: the reply code's, RFC 5321, 4.2.1; the status code's where there is
// none.
int ruling_class(const Codes& codes) {
  return codes.smtp_code != 0 ? codes.smtp_code / 100 : codes.dsn.empty() ? 0 : codes.dsn.front() - '0';
}

void set_finality(int ruling, Explanation& answer) {
  switch (ruling) {
    case 2:
      answer.finality = "Accepted: nothing is left to do for this recipient at this hop.";
      break;
    case 3:
      answer.finality = "Not an answer yet: the server waits for the next step.";
      break;
    case 4:
      answer.is_final = false;
      answer.finality = "Temporary: the sending server tries again by itself until its queue lifetime ends.";
      break;
    case 5:
      answer.is_final = true;
      answer.finality = "Final for this message: it is not tried again and goes back to the sender.";
      break;
    default:
      answer.finality = "Without a code it is not said whether this is final.";
  }
}

void add_step(std::string_view step, Explanation& answer) {
  if (step.empty()) return;
  for (const std::string& known : answer.steps) {
    if (known == step) return;
  }
  answer.steps.emplace_back(step);
}

void add_general_steps(Explanation& answer) {
  if (!answer.is_final) return;
  if (!*answer.is_final) {
    add_step("Wait for the next attempt; act only if the refusal stays the same for hours.", answer);
  } else if (answer.actor != Actor::kRecipient) {
    add_step("Keep the address: the refusal does not show that it is bad.", answer);
  }
}

void explain_contradiction(const Codes& codes, Explanation& answer) {
  const bool reply_final = codes.smtp_code / 100 == 5;
  const std::string reply = number(codes.smtp_code);
  const std::string dsn(codes.dsn);
  answer.contradictory = true;
  if (codes.smtp_code / 100 == 4 || reply_final) {
    answer.sentence = "The codes contradict each other: " + reply + " says " + (reply_final ? "for good" : "for now") +
                      ", " + dsn + " says " +
                      (codes.dsn.front() == '2'   ? "accepted"
                       : codes.dsn.front() == '4' ? "for now"
                                                  : "for good") +
                      ". A sending server goes by " + reply + ".";
  } else {
    answer.sentence = "The codes contradict each other: " + reply + " is no refusal, " + dsn +
                      (codes.dsn.front() == '2' ? " says accepted." : " says refused.") + " A sending server goes by " +
                      reply + ".";
  }
  answer.cautions.emplace_back("Both codes must begin with the same digit (RFC 2034, 4): one of them is wrong.");
  answer.confidence = kContradictory;
  answer.source = "RFC 2034, 4";
  answer.steps.emplace_back("Read the words of the reply: they say more than the codes.");
}

std::string decided_by(std::string_view what, std::string_view code, bool in_reply) {
  std::string text(what);
  text += ' ';
  text += code;
  text += in_reply ? " in the reply" : " in the log line, not in the reply itself";
  return text;
}

// A refusal whose code this provider uses in its own way. False: it does not.
bool explain_by_provider(const Codes& codes, std::string_view host, Explanation& answer) {
  const auto code = parse_enhanced_code(codes.dsn);
  if (!code || code->status_class == 2) return false;
  const ProviderCode* row = find_provider_code(*code, host);
  if (row == nullptr) return false;
  answer.title = std::string(row->title) + " (" + std::string(codes.dsn) + ")";
  answer.sentence = row->meaning;
  answer.actor = row->actor;
  answer.source = std::string("what ") + std::string(row->provider) + " documents or is seen to answer";
  answer.confidence = row->confidence;
  answer.decided_by =
      decided_by("status code", codes.dsn, codes.dsn_in_reply) + ", from a host of " + std::string(row->provider);
  answer.cautions.emplace_back(std::string(row->provider) + " does not use this code as the registry defines it.");
  add_step(row->advice, answer);
  return true;
}

void explain_enhanced(const Codes& codes, const EnhancedMeaning& meaning, bool host_known, Explanation& answer) {
  answer.sentence = meaning.meaning;
  answer.actor = meaning.actor;
  answer.source = meaning.source;
  answer.confidence = meaning.specific ? kSpecificDsn : meaning.registered ? kUnspecific : kUnregistered;
  answer.decided_by = decided_by("status code", codes.dsn, codes.dsn_in_reply);
  const bool otherwise = is_used_otherwise(*parse_enhanced_code(codes.dsn));
  if (otherwise && !host_known && meaning.specific) answer.confidence = kUsedOtherwise;
  // What another provider does is no caution about this one.
  if (!meaning.caution.empty() && !(otherwise && host_known)) answer.cautions.emplace_back(meaning.caution);
  add_step(meaning.advice, answer);
}

void explain_reply(const Codes& codes, const ReplyMeaning& meaning, Explanation& answer) {
  answer.sentence = meaning.meaning;
  answer.actor = meaning.actor;
  answer.source = meaning.source;
  answer.confidence = meaning.specific ? kSpecificReply : meaning.registered ? kUnspecific : kUnregistered;
  answer.decided_by = decided_by("reply code", number(codes.smtp_code), codes.smtp_code_in_reply);
  if (!meaning.specific) {
    answer.cautions.emplace_back("The reply code names no cause; nothing can be concluded from it alone.");
  }
  add_step(meaning.advice, answer);
}

}  // namespace

Explanation explain(const Question& question) {
  const Codes codes = codes_of(question);
  Explanation answer;
  answer.smtp_code = codes.smtp_code;
  answer.dsn = codes.dsn;
  answer.title = reason_title(codes.dsn, codes.smtp_code);
  const int ruling = ruling_class(codes);
  set_finality(ruling, answer);
  if (ruling == 0) {
    answer.sentence = "The reply states no code: codes cannot explain it.";
    answer.decided_by = "nothing: no reply code and no status code was found";
    answer.who = who(Actor::kUnknown);
    answer.steps.emplace_back("Read the words of the reply, and the log lines before it.");
    return answer;
  }
  const auto reply = reply_meaning(codes.smtp_code);
  const auto enhanced = enhanced_meaning(codes.dsn);
  if (reply && enhanced && codes.smtp_code / 100 != codes.dsn.front() - '0') {
    answer.decided_by = decided_by("reply code", number(codes.smtp_code), codes.smtp_code_in_reply);
    explain_contradiction(codes, answer);
  } else if (explain_by_provider(codes, question.host, answer)) {
    // Filled in.
  } else if (enhanced && (enhanced->specific || !reply || !reply->specific)) {
    explain_enhanced(codes, *enhanced, !question.host.empty(), answer);
  } else {
    explain_reply(codes, *reply, answer);
  }
  if (ruling == 2 || ruling == 3) {
    answer.actor = Actor::kNobody;
    if (!answer.contradictory) answer.confidence = kSuccess;
  }
  add_general_steps(answer);
  if (ruling == 2) answer.cautions.emplace_back("Accepted by this server is not yet read by the recipient.");
  answer.who = who(answer.actor);
  return answer;
}

}  // namespace mailtrail::explain

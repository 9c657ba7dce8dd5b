// What a reply means, who must act, and what to do.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "explain/registry.h"

namespace mailtrail::explain {

// What is asked. Empty and 0 stand for "not known"; the texts are read during the call only.
struct Question {
  std::string_view reply;  // as logged; any bytes
  int smtp_code = 0;       // as logged beside it; counts where the reply itself states none
  std::string_view dsn;    // likewise
  std::string_view host;   // that gave the reply
};

// The answer. Texts are UTF-8 sentences with a full stop and hold nothing of the reply but its codes, so they need no
// escaping.
struct Explanation {
  std::string title;             // for a line of a list: `mailbox does not exist (5.1.1)`
  std::string sentence;          // what it means
  std::optional<bool> is_final;  // true: do not try again; false: the sending server tries again; absent: not said
  std::string finality;          // the same as a sentence
  Actor actor = Actor::kUnknown;
  std::string who;                    // who acts
  std::vector<std::string> steps;     // what to do, in order
  std::vector<std::string> cautions;  // what not to conclude
  std::string decided_by;             // `status code 5.1.1 in the reply`
  double confidence = 0;              // 0 to 1: how sure that the sentence names the true cause
  std::string source;                 // `RFC 3463, 3.2`
  int smtp_code = 0;                  // the codes that were used; 0 and empty where there were none
  std::string dsn;
  bool contradictory = false;  // the two codes are of different classes
  std::string reason;          // of the taxonomy (`mailbox_unknown`); empty where no rule decided
  std::string rule;            // the rule that decided; empty likewise
};

// Explains by the registries of codes. What a code alone can tell is little, and the confidence says so: at most 0.6
// where a code names a cause, 0.3 and less where it does not, 0 without a code. Pure; thread-safe.
Explanation explain(const Question& question);

}  // namespace mailtrail::explain

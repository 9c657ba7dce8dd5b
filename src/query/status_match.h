// `status:`, by the table of plan.h. Nothing here allocates.
#pragma once

#include "model/vocabulary.h"
#include "query/plan.h"

namespace mailtrail::query {

// An attempt by itself: its own status; the words that are outcomes alone ask its outcome.
bool attempt_satisfies(const Term& term, model::Status status, model::Outcome outcome);

// What has a final outcome; `last` is the status of the last attempt.
bool outcome_satisfies(const Term& term, model::Outcome outcome, model::Status last);

// A refusal, or a rule that acted before the queue.
bool refusal_satisfies(const Term& term, model::Action action);

}  // namespace mailtrail::query

// How a log that is given hangs together with one that is known.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "app/inputs.h"
#include "app/log_identity.h"
#include "app/pipeline.h"
#include "base/result.h"

namespace mailtrail::app {

// kLater: with one that another log of the same round may be.
enum class Match : std::uint8_t { kNew, kGrown, kNothingNew, kLater };

// Whether `input` is the log of `known`, which was taken in up to where `state` stands: kGrown where it has what is not
// yet told, kNothingNew where it has not, or ends before; nothing where it is another log, which its content decides.
// `input` MUST begin as the known log does (LogIdentity::may_be). A copy that cannot be read to there, or whose packed
// data is damaged, is no other log for that: it is kNothingNew, and what is wrong with it is added to `problems`. A
// sequential input is read, and opened again before the next time.
std::optional<Match> match_known(Input& input, const LogIdentity& known, const SourceState& state,
                                 std::vector<Error>& problems);

}  // namespace mailtrail::app

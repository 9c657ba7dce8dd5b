// Lists that are kept as BLOB: the steps of a stay, the counters of a session. Each begins with its version, 1; base
// byte_stream.h is the format.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/arena.h"
#include "model/fact.h"

namespace mailtrail::store::duckdb {

// The list as it is kept; empty where it is empty.
std::string encoded_steps(std::span<const model::fact::Step> steps);
std::string encoded_commands(std::span<const model::CommandCount> commands);

// The list that `bytes` stands for, made in `arena`; empty where the bytes make no sense.
std::span<const model::fact::Step> decoded_steps(std::string_view bytes, Arena& arena);
std::span<const model::CommandCount> decoded_commands(std::string_view bytes, Arena& arena);

}  // namespace mailtrail::store::duckdb

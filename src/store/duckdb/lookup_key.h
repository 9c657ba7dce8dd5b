// Look-up keys: by which addresses, ids and clients a fact is found without a scan.
//
// `key_DAY (hash UINTEGER, kind UTINYINT, no BIGINT)` has a row for each value of a fact that a search can name whole.
// The hash is of the value in lower case, a message id without its angle brackets: it finds what may match, and who
// asks looks again.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "model/fact.h"
#include "query/plan.h"

namespace mailtrail::store::duckdb {

std::uint32_t lookup_hash(std::string_view value);

// The hashes of a fact, each once. The list is emptied first.
void collect_keys(const model::fact::Journey& journey, std::vector<std::uint32_t>& hashes);
void collect_keys(const model::fact::Rejection& rejection, std::vector<std::uint32_t>& hashes);
void collect_keys(const model::fact::Login& login, std::vector<std::uint32_t>& hashes);

// Hashes of which every fact that the plan takes has at least one; nothing where the plan names no whole value that
// decides.
std::optional<std::vector<std::uint32_t>> keys_of(const query::Plan& plan);

}  // namespace mailtrail::store::duckdb

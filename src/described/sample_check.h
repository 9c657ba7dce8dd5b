// SampleCheck: whether a described dialect makes of a sample what its file expects.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "described/described_dialect.h"

namespace mailtrail::described {

// A line as it stands in a log, and what it must give: the fields under their names (of `extra` as `extra_NAME`), each
// value as it stands in JSON.
struct Sample {
  std::string line;
  std::map<std::string, std::string> expected;
  std::size_t at = 0;  // where it stands in its file, from 1
};

// What came of it. `difference` is empty where all is as expected; else it says in one sentence what is not.
struct SampleResult {
  std::optional<std::size_t> rule;
  std::string difference;
};

// Fields of the kind, `kind`, `queue_id` and `extra` MUST be those that are expected, and no others; `time`, `host`,
// `program` and `pid` are compared where they are expected.
SampleResult check_sample(const DescribedDialect& dialect, const Sample& sample);

}  // namespace mailtrail::described

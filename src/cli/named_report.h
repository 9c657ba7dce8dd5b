// `mailtrail report --list`, `--name` and `--layout`: reports that are files.
#pragma once

#include "cli/arguments.h"
#include "cli/streams.h"

namespace mailtrail::cli {

// Whether the arguments of `report` ask for one of them.
bool asks_named_report(const Arguments& arguments);
int named_report(const Arguments& arguments, const Streams& streams);

}  // namespace mailtrail::cli

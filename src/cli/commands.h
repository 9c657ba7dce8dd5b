// The commands. Each takes its arguments, checked by arguments.h, and gives the exit status.
#pragma once

#include "cli/arguments.h"
#include "cli/streams.h"

namespace mailtrail::cli {

int report(const Arguments& arguments, const Streams& streams);
int trace(const Arguments& arguments, const Streams& streams);
int search(const Arguments& arguments, const Streams& streams);
int events(const Arguments& arguments, const Streams& streams);
int sql(const Arguments& arguments, const Streams& streams);
int export_rows(const Arguments& arguments, const Streams& streams);
int ingest(const Arguments& arguments, const Streams& streams);
int rebuild(const Arguments& arguments, const Streams& streams);
int explain_reply(const Arguments& arguments, const Streams& streams);
int dialect(const Arguments& arguments, const Streams& streams);
int demo(const Arguments& arguments, const Streams& streams);
int completion(const Arguments& arguments, const Streams& streams);
int man(const Arguments& arguments, const Streams& streams);
int help(const Arguments& arguments, const Streams& streams);
int version(const Arguments& arguments, const Streams& streams);

}  // namespace mailtrail::cli

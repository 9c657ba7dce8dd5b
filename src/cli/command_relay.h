// Command relay: a command line over the socket of a store, at either end (app/command_socket.h).
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "app/command_socket.h"
#include "app/store_lock.h"
#include "base/time_zone.h"
#include "cli/arguments.h"
#include "cli/streams.h"

namespace mailtrail::cli {

// Words that parse_arguments understands as `arguments`, the command first. Without --output and --force: a file is
// written by the process that asks. `arguments` MUST have a command.
std::vector<std::string> relayed_words(const Arguments& arguments);

// Has the process that uses the store run the command; what it writes goes to `streams`, the page through their pager.
// Nothing: nobody listens. Else as app::ask_command_socket says it. `arguments` MUST name no logs.
std::optional<app::CommandAnswer> relay_command(const app::StoreDirectory& directory, const Arguments& arguments,
                                                const Streams& streams);

// How a command that reads a store comes to its answer: by its own reading under the lock, or by another process. One
// of the two is there.
struct StoreTurn {
  std::optional<app::StoreLock> lock;
  std::optional<app::CommandAnswer> answer;
};

// Takes the lock for reading, or else has the process that uses the store answer (relay_command), or else tries again
// for `wait`, and for a second at least: a process that begins to write or ends has the lock a moment longer than its
// socket. Error: in use, by whom; or as StoreLock says it. `arguments` MUST name no logs.
Result<StoreTurn> take_turn(const app::StoreDirectory& directory, const Arguments& arguments, const Streams& streams,
                            std::chrono::milliseconds wait);

// Runs a command on the store that this process has open: the status as run.h gives it. `zone` is the system's zone of
// the process that asks, to be taken instead of TimeZone::system(). Called on several threads at once. May let
// app::ReaderGone pass, which `streams.out` and the pager throw.
using StoreCommand = std::function<int(const Arguments& arguments, const TimeZone& zone, const Streams& streams)>;

// The answering end: what an app::CommandSocket runs. Refuses what names files (logs, --output): they would be those of
// this process.
app::CommandSocket::Run answer_with(StoreCommand command);

}  // namespace mailtrail::cli

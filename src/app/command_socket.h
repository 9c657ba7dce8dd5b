// Command socket: a process that uses a store for long answers the commands of others meanwhile.
//
// The one that asks sends its command line and what there is to know of its terminal; the one that has the store runs
// the command and sends back what it writes and its exit status. docs/design/socket.md is the protocol.
#pragma once

#include <chrono>
#include <cstddef>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "app/socket_frame.h"
#include "app/store_directory.h"
#include "app/store_lock.h"
#include "base/result.h"

namespace mailtrail::app {

// Where a command writes, at either end of the socket. Used by one thread.
class CommandStreams {
 public:
  virtual ~CommandStreams() = default;
  // Standard output. May keep up to 64 KiB until it is flushed.
  virtual void write_out(std::string_view bytes) = 0;
  virtual void flush_out() = 0;
  // Standard error, at once.
  virtual void write_err(std::string_view bytes) = 0;
  // Standard output through the pager, after all that was written before. MUST be called only where the request has a
  // pager.
  virtual void show_page(std::string_view page) = 0;
  // True when nobody reads any more: a command that works for long without a write may look, and return.
  virtual bool is_reader_gone() { return false; }
};

// Thrown by CommandStreams of a CommandSocket, out of write_out, flush_out or show_page, once: who asked is gone, or
// takes nothing any more. The command lets it pass. What is written after it is dropped.
class ReaderGone : public std::exception {
 public:
  const char* what() const noexcept override { return "the process that asked is gone"; }
};

// Whether a process that uses the store answers `command` for others: those that only read.
bool is_answered(std::string_view command);

struct CommandSocketOptions {
  using Span = std::chrono::milliseconds;
  std::size_t most_clients = 32;           // at once; who comes then is refused
  Span request_patience{10'000};           // for the request
  Span write_patience{10 * 60 * 1000};     // for a client that takes nothing
  Span close_patience{10'000};             // for commands that run when the socket is closed
  std::uint16_t version = kSocketVersion;  // that it speaks: another one for tests alone
};

// Answers on threads of its own from `open` to `close`.
class CommandSocket {
 public:
  // Runs a command whose word is_answered, and gives its exit status, 0 to 255. Called on several threads at once. May
  // let ReaderGone and std::bad_alloc pass, and MUST throw nothing else. MUST NOT write into files, nor read any that
  // the request names: they would be those of this process.
  using Run = std::function<int(const CommandRequest& request, CommandStreams& streams)>;

  // `lock` MUST be for writing and, as all that `run` uses, outlive the socket. Error: the socket cannot be made.
  static Result<std::unique_ptr<CommandSocket>> open(const StoreDirectory& directory, const StoreLock& lock, Run run,
                                                     CommandSocketOptions options = {});
  // As close.
  virtual ~CommandSocket() = default;
  // Takes no more requests, gives running commands `close_patience` to end and then cuts them off at their next write.
  // Returns when `run` runs no more. Not from within `run`.
  virtual void close() = 0;
};

struct CommandAnswer {
  int status = 0;
  bool whole = false;  // the command ran to its end, and all that it wrote has come
};

// Has the process that listens on the store's socket run the command; writes to `streams` what it writes, in the same
// order; they MUST NOT throw. Nothing: nobody listens, nothing was written. What goes wrong is said there too, as
// `mailtrail: ...`, with the status 3 (2 where the command is refused), and `whole` is false. Keeps at most 64 MiB of
// what `streams` does not take yet. Waits as long as the command runs and the other process lives.
std::optional<CommandAnswer> ask_command_socket(const StoreDirectory& directory, const CommandRequest& request,
                                                CommandStreams& streams, std::uint16_t version = kSocketVersion);

}  // namespace mailtrail::app

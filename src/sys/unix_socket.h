// Unix sockets: streams of bytes between processes of one host.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace mailtrail::sys {

// Who is at the other end, as the kernel says it (SO_PEERCRED, unix(7)): of the moment of connect or listen.
struct SocketPeer {
  std::int64_t process = 0;  // 0: unknown (of another name space of processes)
  std::uint32_t user = 0;
};

// One end of a connection, closed with the object. One thread may send while another receives; `shut_down` may be
// called from any thread while the object lives.
class UnixSocket {
 public:
  using Span = std::chrono::milliseconds;
  enum class Outcome : std::uint8_t { kDone, kEnd, kTimeout, kFailed };

  // Connects to the socket NAME in `directory`, however long its path. Nothing where there is none, or nobody listens
  // to it. Error: it cannot be known (no permission, something else of that name, the listener's queue stayed full for
  // `patience`).
  static Result<std::optional<UnixSocket>> connect(const std::string& directory, const std::string& name,
                                                   Span patience);
  // Takes over the descriptor.
  explicit UnixSocket(int descriptor) : descriptor_(descriptor) {}
  UnixSocket(UnixSocket&& other) noexcept;
  UnixSocket& operator=(UnixSocket&& other) noexcept;
  ~UnixSocket();

  // Nothing where the kernel does not say.
  std::optional<SocketPeer> peer() const;
  // Sends all of `bytes`. kTimeout: the other end took nothing for `patience`; kEnd: it is gone. What was sent of them
  // is unknown then.
  Outcome send(std::string_view bytes, Span patience);
  // Waits at most `patience` for bytes; takes at most `capacity` of those that are there. `got` is at least 1 with
  // kDone. kEnd: the other end has closed.
  Outcome receive(char* buffer, std::size_t capacity, std::size_t& got, Span patience);
  // Whether the other end is closed. Never waits; bytes that came stay where they are.
  bool is_peer_gone() const;
  // Ends both directions; who waits in `send` or `receive` returns.
  void shut_down();

 private:
  int descriptor_ = -1;
};

// A socket that waits for connections. Removes its name with the object.
class UnixListener {
 public:
  // Listens on the socket NAME in `directory`, with the permission bits `mode`. What an earlier process left under this
  // name is removed where it is a socket: the caller MUST know that no other listens there. The path may be longer than
  // an address holds where /proc is mounted. Error: not possible, or something else has this name.
  static Result<UnixListener> listen(const std::string& directory, const std::string& name, unsigned mode);
  UnixListener(UnixListener&& other) noexcept;
  UnixListener& operator=(UnixListener&&) = delete;
  ~UnixListener();

  // Waits at most `patience` for a connection; nothing where none came or it could not be taken.
  std::optional<UnixSocket> accept(UnixSocket::Span patience);
  // From any thread: `accept` returns, with nothing from now on; who connects is turned away.
  void shut_down();

 private:
  UnixListener(int descriptor, std::string path) : descriptor_(descriptor), path_(std::move(path)) {}

  int descriptor_ = -1;
  std::string path_;
};

}  // namespace mailtrail::sys

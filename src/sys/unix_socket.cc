#include "sys/unix_socket.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>
#include <system_error>
#include <thread>
#include <utility>

namespace mailtrail::sys {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kWaiting = 128;  // connections that are not accepted yet
constexpr std::chrono::milliseconds kPause{20};

Error error_of(const std::string& path, const char* doing, int code) {
  const std::string what = std::string(doing) + ": " + std::generic_category().message(code);
  if (code == EACCES || code == EPERM) return {what, path, "run as the user that it belongs to, or as root"};
  return {what, path, ""};
}

std::string joined(const std::string& directory, const std::string& name) {
  return directory.ends_with('/') ? directory + name : directory + '/' + name;
}

// The address of a path. One that is too long for it (108 bytes) is reached through the open directory, whose path is
// then short (proc(5), /proc/self/fd).
class Address {
 public:
  Address() { address_.sun_family = AF_UNIX; }
  ~Address() {
    if (directory_ >= 0) ::close(directory_);
  }
  Address(const Address&) = delete;
  Address& operator=(const Address&) = delete;

  Result<Done> set(const std::string& directory, const std::string& name) {
    std::string path = joined(directory, name);
    if (path.find('\0') != std::string::npos) return Error{"is no path", path, ""};
    if (path.size() >= sizeof address_.sun_path) {
      directory_ = ::open(directory.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
      if (directory_ < 0) return error_of(directory, "cannot be opened", errno);
      const std::string link = "/proc/self/fd/" + std::to_string(directory_);
      struct stat status {};
      if (::stat(link.c_str(), &status) != 0 || link.size() + 1 + name.size() >= sizeof address_.sun_path) {
        return Error{"the path is too long for a socket", path, "choose a shorter one, or mount /proc"};
      }
      path = joined(link, name);
    }
    std::memcpy(address_.sun_path, path.c_str(), path.size() + 1);
    return Done{};
  }
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&address_); }
  static constexpr socklen_t kSize = sizeof(sockaddr_un);

 private:
  sockaddr_un address_{};
  int directory_ = -1;
};

int milliseconds_until(Clock::time_point end) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now()).count();
  return static_cast<int>(std::clamp<std::int64_t>(left, 0, INT_MAX));
}

// Waits until `descriptor` is ready for `events` or broken. False: not before `end`.
bool wait_for(int descriptor, short events, Clock::time_point end) {
  for (;;) {
    pollfd entry{descriptor, events, 0};
    const int ready = ::poll(&entry, 1, milliseconds_until(end));
    if (ready > 0) return true;
    if (ready == 0 && Clock::now() >= end) return false;
    if (ready < 0 && errno != EINTR && errno != EAGAIN) return true;  // the call that follows says what is wrong
  }
}

}  // namespace

Result<std::optional<UnixSocket>> UnixSocket::connect(const std::string& directory, const std::string& name,
                                                      Span patience) {
  Address address;
  if (const Result<Done> set = address.set(directory, name); !set.ok()) return set.error();
  const std::string path = joined(directory, name);
  const int descriptor = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (descriptor < 0) return error_of(path, "no socket is to be had", errno);
  UnixSocket socket(descriptor);
  const Clock::time_point end = Clock::now() + patience;
  while (::connect(descriptor, address.get(), Address::kSize) != 0) {
    switch (errno) {
      case EINTR:
        continue;
      case ENOENT:
      case ENOTDIR:
      case ECONNREFUSED:
        return std::optional<UnixSocket>();
      case EAGAIN:  // the queue of the listener is full
        if (Clock::now() < end) {
          std::this_thread::sleep_for(kPause);
          continue;
        }
        return Error{"nobody takes the connection", path, "try again"};
      default:
        return error_of(path, "cannot be connected to", errno);
    }
  }
  return std::optional<UnixSocket>(std::move(socket));
}

UnixSocket::UnixSocket(UnixSocket&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

UnixSocket& UnixSocket::operator=(UnixSocket&& other) noexcept {
  if (this == &other) return *this;
  if (descriptor_ >= 0) ::close(descriptor_);
  descriptor_ = std::exchange(other.descriptor_, -1);
  return *this;
}

UnixSocket::~UnixSocket() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

std::optional<SocketPeer> UnixSocket::peer() const {
  ucred credentials{};
  socklen_t size = sizeof credentials;
  if (::getsockopt(descriptor_, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0 || size != sizeof credentials) {
    return std::nullopt;
  }
  return SocketPeer{credentials.pid, credentials.uid};
}

UnixSocket::Outcome UnixSocket::send(std::string_view bytes, Span patience) {
  Clock::time_point end = Clock::now() + patience;
  while (!bytes.empty()) {
    const ssize_t sent = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent > 0) {
      bytes.remove_prefix(static_cast<std::size_t>(sent));
      end = Clock::now() + patience;
      continue;
    }
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0 && (errno == EPIPE || errno == ECONNRESET)) return Outcome::kEnd;
    if (sent < 0 && errno != EAGAIN && errno != ENOBUFS) return Outcome::kFailed;
    if (!wait_for(descriptor_, POLLOUT, end)) return Outcome::kTimeout;
  }
  return Outcome::kDone;
}

UnixSocket::Outcome UnixSocket::receive(char* buffer, std::size_t capacity, std::size_t& got, Span patience) {
  const Clock::time_point end = Clock::now() + patience;
  for (;;) {
    const ssize_t count = ::recv(descriptor_, buffer, std::min<std::size_t>(capacity, SSIZE_MAX), MSG_DONTWAIT);
    if (count > 0) {
      got = static_cast<std::size_t>(count);
      return Outcome::kDone;
    }
    if (count == 0) return Outcome::kEnd;
    if (errno == EINTR) continue;
    if (errno == ECONNRESET) return Outcome::kEnd;
    if (errno != EAGAIN) return Outcome::kFailed;
    if (!wait_for(descriptor_, POLLIN, end)) return Outcome::kTimeout;
  }
}

bool UnixSocket::is_peer_gone() const {
  pollfd entry{descriptor_, 0, 0};
  return ::poll(&entry, 1, 0) > 0 && (entry.revents & (POLLHUP | POLLERR | POLLNVAL)) != 0;
}

void UnixSocket::shut_down() {
  ::shutdown(descriptor_, SHUT_RDWR);
}

Result<UnixListener> UnixListener::listen(const std::string& directory, const std::string& name, unsigned mode) {
  const std::string path = joined(directory, name);
  struct stat status {};
  if (::lstat(path.c_str(), &status) == 0) {
    if (!S_ISSOCK(status.st_mode)) return Error{"is in the way: no socket can be made here", path, "move it away"};
    if (::unlink(path.c_str()) != 0) return error_of(path, "cannot be removed", errno);
  }
  Address address;
  if (const Result<Done> set = address.set(directory, name); !set.ok()) return set.error();
  const int descriptor = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (descriptor < 0) return error_of(path, "no socket is to be had", errno);
  // The bits of the open socket bound those of its name, so that it is never open to more than it shall be.
  const bool bound =
      ::fchmod(descriptor, static_cast<mode_t>(mode)) == 0 && ::bind(descriptor, address.get(), Address::kSize) == 0;
  const int code = errno;
  if (!bound) {
    ::close(descriptor);
    return error_of(path, "cannot be made", code);
  }
  UnixListener listener(descriptor, path);
  // What the umask took away.
  if (::chmod(path.c_str(), static_cast<mode_t>(mode)) != 0 || ::listen(descriptor, kWaiting) != 0) {
    return error_of(path, "cannot be made", errno);
  }
  return listener;
}

UnixListener::UnixListener(UnixListener&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), path_(std::move(other.path_)) {}

UnixListener::~UnixListener() {
  if (descriptor_ < 0) return;
  ::unlink(path_.c_str());
  ::close(descriptor_);
}

std::optional<UnixSocket> UnixListener::accept(UnixSocket::Span patience) {
  const Clock::time_point end = Clock::now() + patience;
  if (!wait_for(descriptor_, POLLIN, end)) return std::nullopt;
  const int descriptor = ::accept4(descriptor_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (descriptor >= 0) return UnixSocket(descriptor);
  // Out of descriptors, or shut down: who calls again at once shall not keep a processor busy.
  if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED) std::this_thread::sleep_for(kPause);
  return std::nullopt;
}

void UnixListener::shut_down() {
  ::shutdown(descriptor_, SHUT_RDWR);
}

}  // namespace mailtrail::sys

#include "app/command_socket.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <condition_variable>
#include <list>
#include <mutex>
#include <new>
#include <system_error>
#include <thread>
#include <utility>

#include "base/text.h"
#include "sys/process.h"
#include "sys/unix_socket.h"

namespace mailtrail::app {
namespace {

using Clock = std::chrono::steady_clock;
using Outcome = sys::UnixSocket::Outcome;

constexpr std::size_t kKept = 64 * 1024;  // of standard output, as sys::OutputFile keeps it
constexpr std::size_t kPiece = 64 * 1024;
constexpr std::chrono::milliseconds kAcceptTurn{1000};
constexpr std::chrono::milliseconds kRefusalPatience{1000};
constexpr int kWrongUse = 2, kFailed = 3;

// What the command writes, as frames.
class SocketStreams : public CommandStreams {
 public:
  SocketStreams(sys::UnixSocket& socket, std::chrono::milliseconds patience) : socket_(socket), patience_(patience) {}

  void write_out(std::string_view bytes) override {
    if (kept_.size() + bytes.size() > kKept) send_kept();
    if (bytes.size() >= kKept) {
      send(FrameKind::kOut, bytes);
    } else if (!gone_) {
      kept_ += bytes;
    }
    tell_reader_gone();
  }
  void flush_out() override {
    send_kept();
    tell_reader_gone();
  }
  // Does not throw: a command also writes here where it cleans up.
  void write_err(std::string_view bytes) override { send(FrameKind::kErr, bytes); }
  void show_page(std::string_view page) override {
    send_kept();
    send(FrameKind::kPage, page);
    send_frame(FrameKind::kPageEnd, {});
    tell_reader_gone();
  }
  bool is_reader_gone() override { return gone_ || socket_.is_peer_gone(); }

  // All that is kept, and the exit status.
  void finish(int status) {
    send_kept();
    send_frame(FrameKind::kExit, std::string(1, static_cast<char>(std::clamp(status, 0, 255))));
  }

 private:
  void send_kept() {
    send(FrameKind::kOut, kept_);
    kept_.clear();
  }
  void send(FrameKind kind, std::string_view bytes) {
    for (; !bytes.empty() && !gone_; bytes.remove_prefix(std::min(bytes.size(), kPiece))) {
      send_frame(kind, bytes.substr(0, kPiece));
    }
  }
  void send_frame(FrameKind kind, std::string_view payload) {
    if (gone_) return;
    frame_.clear();
    append_frame(frame_, kind, payload);
    gone_ = socket_.send(frame_, patience_) != Outcome::kDone;
  }
  void tell_reader_gone() {
    // Once: what unwinds may write, too.
    if (gone_ && !std::exchange(told_, true)) throw ReaderGone();
  }

  sys::UnixSocket& socket_;
  const std::chrono::milliseconds patience_;
  std::string kept_, frame_;
  bool gone_ = false, told_ = false;
};

struct Connection {
  explicit Connection(sys::UnixSocket taken) : socket(std::move(taken)) {}

  sys::UnixSocket socket;
  std::thread thread;
  bool done = false;  // guarded by the server's mutex
};

class Server : public CommandSocket {
 public:
  Server(sys::UnixListener listener, Run run, CommandSocketOptions options)
      : run_(std::move(run)), options_(options), listener_(std::move(listener)) {}
  ~Server() override { close(); }

  Result<Done> start() {
    try {
      acceptor_ = std::thread([this] { accept_all(); });
    } catch (const std::system_error& failure) {
      return Error{"no thread is to be had: " + failure.code().message(), "", ""};
    }
    return Done{};
  }

  void close() override {
    if (!acceptor_.joinable()) return;
    stopping_ = true;
    listener_->shut_down();
    acceptor_.join();
    listener_.reset();
    std::unique_lock<std::mutex> lock(mutex_);
    ended_.wait_for(lock, options_.close_patience, [this] {
      return std::all_of(connections_.begin(), connections_.end(), [](const auto& each) { return each->done; });
    });
    for (const auto& each : connections_) each->socket.shut_down();
    lock.unlock();
    for (const auto& each : connections_) each->thread.join();
    connections_.clear();
  }

 private:
  void accept_all() {
    while (!stopping_) {
      std::optional<sys::UnixSocket> socket = listener_->accept(kAcceptTurn);
      reap();
      if (socket && !stopping_) take(std::move(*socket));
    }
  }

  // Connections that are over.
  void reap() {
    std::list<std::unique_ptr<Connection>> over;
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      for (auto each = connections_.begin(); each != connections_.end();) {
        const auto next = std::next(each);
        if ((*each)->done) over.splice(over.end(), connections_, each);
        each = next;
      }
    }
    for (const auto& each : over) each->thread.join();
  }

  void take(sys::UnixSocket socket) {
    const std::optional<sys::SocketPeer> peer = socket.peer();
    if (!peer || (peer->user != 0 && peer->user != sys::user_id())) {
      return refuse(socket, kFailed,
                    "process " + std::to_string(sys::process_id()) + " uses the store and answers only its own user, " +
                        sys::user_name(sys::user_id()) + ", and root");
    }
    std::unique_lock<std::mutex> lock(mutex_);
    if (connections_.size() >= options_.most_clients) {
      lock.unlock();
      return refuse(socket, kFailed, busy_text());
    }
    connections_.push_back(std::make_unique<Connection>(std::move(socket)));
    Connection& connection = *connections_.back();
    try {
      // It cannot end before the lock is given back.
      connection.thread = std::thread([this, &connection] { serve(connection); });
    } catch (const std::system_error&) {
      const std::unique_ptr<Connection> failed = std::move(connections_.back());
      connections_.pop_back();
      lock.unlock();
      refuse(failed->socket, kFailed, busy_text());
    }
  }

  std::string busy_text() const {
    return "process " + std::to_string(sys::process_id()) + " uses the store and answers as many commands as it can (" +
           std::to_string(options_.most_clients) + "): try again";
  }

  // Short enough for the kernel to take at once.
  void refuse(sys::UnixSocket& socket, int status, std::string_view why) const {
    std::string bytes = preface(options_.version);
    append_refusal(bytes, status, why);
    // Who does not wait for the answer does not need it.
    static_cast<void>(socket.send(bytes, kRefusalPatience));
  }
  static void append_refusal(std::string& bytes, int status, std::string_view why) {
    append_frame(bytes, FrameKind::kRefusal, static_cast<char>(status) + std::string(why));
  }

  void serve(Connection& connection) {
    answer(connection.socket);
    connection.socket.shut_down();
    const std::lock_guard<std::mutex> lock(mutex_);
    connection.done = true;
    ended_.notify_all();
  }

  void answer(sys::UnixSocket& socket) {
    if (socket.send(preface(options_.version), kRefusalPatience) != Outcome::kDone) return;
    std::string refusal;
    const std::optional<CommandRequest> request = receive_request(socket, refusal);
    if (!request) {
      // The request was not taken as a whole, or is none: nothing more is read.
      if (!refusal.empty()) static_cast<void>(socket.send(refusal, kRefusalPatience));
      return;
    }
    SocketStreams streams(socket, options_.write_patience);
    try {
      streams.finish(run_(*request, streams));
    } catch (const ReaderGone&) {
      // Nobody is there to be told.
    } catch (const std::bad_alloc&) {
      streams.write_err("mailtrail: the process that uses the store has no memory left for this\n");
      streams.finish(kFailed);
    }
  }

  // Nothing: it did not come, or `refusal` says what is wrong with it.
  std::optional<CommandRequest> receive_request(sys::UnixSocket& socket, std::string& refusal) const {
    const Clock::time_point end = Clock::now() + options_.request_patience;
    std::string head;
    FrameReader reader;
    std::array<char, 16 * 1024> buffer;
    for (;;) {
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now());
      std::size_t got = 0;
      if (left.count() <= 0 || socket.receive(buffer.data(), buffer.size(), got, left) != Outcome::kDone) return {};
      std::string_view bytes(buffer.data(), got);
      const std::size_t missing = std::min(kPrefaceSize - head.size(), bytes.size());
      head += bytes.substr(0, missing);
      bytes.remove_prefix(missing);
      if (head.size() < kPrefaceSize) continue;
      // Who speaks another version knows it from the preface that it got.
      if (preface_version(head) != options_.version) return {};
      reader.add(bytes);
      const std::optional<Frame> frame = reader.next();
      if (!frame && !reader.is_broken()) continue;
      return understand(frame, refusal);
    }
  }

  static std::optional<CommandRequest> understand(const std::optional<Frame>& frame, std::string& refusal) {
    Result<CommandRequest> request = Error{"the request is not understood", "", ""};
    if (frame && frame->kind == FrameKind::kRequest) request = decode_request(frame->payload);
    if (!request.ok()) {
      append_refusal(refusal, kFailed, request.error().to_string());
      return {};
    }
    const std::string& command = request->words.front();
    if (is_answered(command)) return std::move(*request);
    append_refusal(refusal, kWrongUse,
                   printable(std::string_view(command).substr(0, 64)) + ": process " +
                       std::to_string(sys::process_id()) + " uses the store, and answers only commands that read it");
    return {};
  }

  const Run run_;
  const CommandSocketOptions options_;
  std::optional<sys::UnixListener> listener_;
  std::thread acceptor_;
  std::atomic<bool> stopping_{false};
  std::mutex mutex_;
  std::condition_variable ended_;
  std::list<std::unique_ptr<Connection>> connections_;  // guarded by mutex_; the objects are their threads'
};

}  // namespace

bool is_answered(std::string_view command) {
  static constexpr std::string_view kAnswered[] = {"report", "trace", "search", "events", "export", "sql"};
  return std::find(std::begin(kAnswered), std::end(kAnswered), command) != std::end(kAnswered);
}

Result<std::unique_ptr<CommandSocket>> CommandSocket::open(const StoreDirectory& directory, const StoreLock& lock,
                                                           Run run, CommandSocketOptions options) {
  // Only who keeps all others out knows that nobody else listens.
  if (lock.use() != StoreUse::kWrite) return Error{"BUG: a socket without the lock for writing", directory.path(), ""};
  Result<sys::UnixListener> listener =
      sys::UnixListener::listen(directory.path(), std::string(StoreDirectory::kSocket), directory.shared_mode());
  if (!listener.ok()) return listener.error();
  auto server = std::make_unique<Server>(std::move(*listener), std::move(run), options);
  if (const Result<Done> started = server->start(); !started.ok()) return started.error();
  return std::unique_ptr<CommandSocket>(std::move(server));
}

}  // namespace mailtrail::app

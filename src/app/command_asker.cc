// The asking end of a command socket.
#include <algorithm>
#include <array>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <system_error>
#include <thread>

#include "app/command_socket.h"
#include "base/text.h"
#include "sys/process.h"
#include "sys/unix_socket.h"

namespace mailtrail::app {
namespace {

using Outcome = sys::UnixSocket::Outcome;

constexpr std::size_t kMostWaiting = 64 * 1024 * 1024;  // bytes that were received and not written yet
constexpr std::size_t kLongestPage = 64 * 1024 * 1024;
constexpr std::chrono::milliseconds kPatience{10'000};  // for all but the answer itself
constexpr std::chrono::milliseconds kTurn{60'000};
constexpr int kFailed = 3;

// What came, in its order.
struct Item {
  enum class Kind : std::uint8_t { kFrame, kEnd, kBroken };
  Kind kind = Kind::kFrame;
  FrameKind frame = FrameKind::kOut;
  std::string payload;
};

// From the thread that receives to the one that writes.
class Items {
 public:
  void put(Item item) {
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(lock, [this] { return bytes_ < kMostWaiting; });
    bytes_ += item.payload.size();
    items_.push_back(std::move(item));
    changed_.notify_all();
  }
  Item take() {
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(lock, [this] { return !items_.empty(); });
    Item item = std::move(items_.front());
    items_.pop_front();
    bytes_ -= item.payload.size();
    changed_.notify_all();
    return item;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Item> items_;
  std::size_t bytes_ = 0;
};

bool is_last(FrameKind kind) {
  return kind == FrameKind::kExit || kind == FrameKind::kRefusal;
}

// Receives frames up to the last one, or to the end of the bytes; the last item is one of these.
void receive_all(sys::UnixSocket& socket, Items& items) {
  FrameReader reader;
  std::array<char, 64 * 1024> buffer;
  for (;;) {
    std::size_t got = 0;
    const Outcome outcome = socket.receive(buffer.data(), buffer.size(), got, kTurn);
    if (outcome == Outcome::kTimeout) continue;  // the command works; a process that ends ends the connection
    if (outcome != Outcome::kDone) return items.put({Item::Kind::kEnd, {}, {}});
    reader.add({buffer.data(), got});
    while (const std::optional<Frame> frame = reader.next()) {
      const bool last = is_last(frame->kind);
      items.put({Item::Kind::kFrame, frame->kind, std::string(frame->payload)});
      if (last) return;
    }
    if (reader.is_broken()) return items.put({Item::Kind::kBroken, {}, {}});
  }
}

class Asking {
 public:
  Asking(sys::UnixSocket socket, CommandStreams& streams) : socket_(std::move(socket)), streams_(streams) {
    const std::optional<sys::SocketPeer> peer = socket_.peer();
    peer_ = peer.value_or(sys::SocketPeer{});
    known_ = peer.has_value();
    name_ = peer_.process > 0 ? "process " + std::to_string(peer_.process) : "the process that uses the store";
  }

  bool is_peer_trusted(std::uint32_t owner) const {
    return known_ && (peer_.user == 0 || peer_.user == sys::user_id() || peer_.user == owner);
  }
  std::uint32_t peer_user() const { return peer_.user; }
  const std::string& peer_name() const { return name_; }

  // The version that the other end speaks. Nothing: it closed before it said any. 0: no answer, or none that is
  // understood.
  std::optional<std::uint16_t> greet(std::uint16_t version) {
    // Where the other end has closed already what it said is still to be read.
    static_cast<void>(socket_.send(preface(version), kPatience));
    std::string head;
    while (head.size() < kPrefaceSize) {
      std::array<char, kPrefaceSize> buffer;
      std::size_t got = 0;
      const Outcome outcome = socket_.receive(buffer.data(), kPrefaceSize - head.size(), got, kPatience);
      if (outcome == Outcome::kEnd && head.empty()) return std::nullopt;
      if (outcome != Outcome::kDone) return 0;
      head.append(buffer.data(), got);
    }
    return preface_version(head).value_or(0);
  }

  CommandAnswer ask(std::string_view payload) {
    std::string bytes;
    append_frame(bytes, FrameKind::kRequest, payload);
    // Where the other end refuses the request before it is read, it says why.
    static_cast<void>(socket_.send(bytes, kPatience));
    Items items;
    std::thread receiver;
    try {
      receiver = std::thread([this, &items] { receive_all(socket_, items); });
    } catch (const std::system_error& failure) {
      return fail("no thread is to be had: " + failure.code().message());
    }
    CommandAnswer answer;
    while (!take(items.take(), answer)) {
    }
    receiver.join();
    return answer;
  }

  CommandAnswer fail(const std::string& text, int status = kFailed) {
    streams_.write_err("mailtrail: " + text + '\n');
    return {status, false};
  }

 private:
  // True: it was the last one, and `answer` is there.
  bool take(const Item& item, CommandAnswer& answer) {
    if (item.kind != Item::Kind::kFrame) {
      // What came of a page that is not whole is not shown: it would look like the whole.
      answer = fail(item.kind == Item::Kind::kEnd
                        ? name_ + ", which uses the store, ended before it had answered: the answer is not whole"
                        : broken_text());
      return true;
    }
    switch (item.frame) {
      case FrameKind::kOut:
        streams_.write_out(item.payload);
        streams_.flush_out();
        return false;
      case FrameKind::kErr:
        streams_.write_err(item.payload);
        return false;
      case FrameKind::kPage:
        take_page(item.payload);
        return false;
      case FrameKind::kPageEnd:
        end_page();
        return false;
      default:
        return take_last(item, answer);
    }
  }
  void take_page(std::string_view part) {
    page_ += part;
    if (page_.size() <= kLongestPage && !page_passes_) return;
    // Longer than anybody reads in a pager.
    page_passes_ = true;
    streams_.write_out(page_);
    page_.clear();
  }
  void end_page() {
    if (page_passes_) {
      streams_.write_out(page_);
      streams_.flush_out();
    } else {
      streams_.show_page(page_);
    }
    page_passes_ = false;
    page_.clear();
  }
  bool take_last(const Item& item, CommandAnswer& answer) {
    const int status = item.payload.empty() ? 0 : static_cast<unsigned char>(item.payload[0]);
    if (item.frame == FrameKind::kExit && item.payload.size() == 1) {
      answer = {status, true};
    } else if (item.frame == FrameKind::kRefusal && !item.payload.empty() && status != 0) {
      answer = fail(printable(std::string_view(item.payload).substr(1)), status);
    } else {
      answer = fail(broken_text());
    }
    return true;
  }
  std::string broken_text() const { return name_ + ", which uses the store, answers what is not understood"; }

  sys::UnixSocket socket_;
  CommandStreams& streams_;
  sys::SocketPeer peer_;
  bool known_ = false;
  std::string name_;
  std::string page_;
  bool page_passes_ = false;
};

}  // namespace

std::optional<CommandAnswer> ask_command_socket(const StoreDirectory& directory, const CommandRequest& request,
                                                CommandStreams& streams, std::uint16_t version) {
  const auto fail = [&](const Error& error) {
    streams.write_err("mailtrail: " + printable(error.to_string()) + '\n');
    return CommandAnswer{kFailed, false};
  };
  Result<std::optional<sys::UnixSocket>> socket =
      sys::UnixSocket::connect(directory.path(), std::string(StoreDirectory::kSocket), kPatience);
  if (!socket.ok()) return fail(socket.error());
  if (!*socket) return std::nullopt;
  Asking asking(std::move(**socket), streams);
  if (!asking.is_peer_trusted(directory.owner())) {
    return fail({"who listens here is neither root, nor you, nor who owns the store, but " +
                     sys::user_name(asking.peer_user()) + " (" + asking.peer_name() + ")",
                 directory.socket(), "find out why"});
  }
  const Result<std::string> payload = encode_request(request);
  if (!payload.ok()) return fail(payload.error());
  const std::optional<std::uint16_t> spoken = asking.greet(version);
  if (!spoken) return std::nullopt;
  if (*spoken == 0) return asking.fail(asking.peer_name() + " uses the store and does not answer");
  if (*spoken != version) {
    return asking.fail(asking.peer_name() + " uses the store and is another version of mailtrail (it speaks version " +
                       std::to_string(*spoken) + " of the protocol, this one " + std::to_string(version) +
                       "): use the same version, or wait until it is done");
  }
  return asking.ask(*payload);
}

}  // namespace mailtrail::app

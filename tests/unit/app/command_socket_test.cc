#include "app/command_socket.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <atomic>
#include <thread>
#include <vector>

#include "sys/unix_socket.h"
#include "tests/unit/app/store_folder.h"

namespace mailtrail::app {
namespace {

using std::chrono::milliseconds;

// What came, call by call.
class RecordedStreams : public CommandStreams {
 public:
  void write_out(std::string_view bytes) override { out += bytes, calls += 'o'; }
  void flush_out() override { calls += 'f'; }
  void write_err(std::string_view bytes) override { err += bytes, calls += 'e'; }
  void show_page(std::string_view page) override { pages += page, calls += 'p'; }
  std::string out, err, pages, calls;
};

CommandRequest request_of(std::vector<std::string> words) {
  CommandRequest request;
  request.words = std::move(words);
  request.zone = "UTC";
  return request;
}

// A store that this process uses, with its socket.
class ServedStore {
 public:
  ServedStore(const StoreDirectory& directory, CommandSocket::Run run, CommandSocketOptions options = {})
      : lock_(StoreLock::take(directory, StoreUse::kWrite, "ingest", milliseconds(0)).value()),
        socket_(CommandSocket::open(directory, lock_, std::move(run), options).value()) {}
  void close() { socket_->close(); }

 private:
  StoreLock lock_;
  std::unique_ptr<CommandSocket> socket_;
};

// A process of its own that uses the store and answers, until it is killed.
class ServingProcess {
 public:
  ServingProcess(const StoreDirectory& directory, const CommandSocket::Run& run, CommandSocketOptions options = {})
      : child_([&, options] {
          const ServedStore served(directory, run, options);
          ready_.give();
          end_.wait();
          return 0;
        }) {
    ready_.wait();
  }
  pid_t id() const { return child_.id(); }
  void kill() { child_.kill(); }

 private:
  Signal ready_, end_;
  ChildProcess child_;
};

int write_all_ways(const CommandRequest& request, CommandStreams& streams) {
  streams.write_out("first ");
  streams.write_err("words\n");
  streams.write_out("second\n");
  streams.flush_out();
  streams.write_out("third\n");
  streams.show_page("a page\n");
  streams.write_out(std::string("\0\xff\x1b", 3));
  return static_cast<int>(request.words.size());
}

TEST(CommandSocket, BytesComeAsTheCommandWroteThem) {
  const StoreFolder folder;
  const StoreDirectory store = folder.store();
  const ServingProcess server(store, write_all_ways);
  RecordedStreams streams;
  const std::optional<CommandAnswer> answer = ask_command_socket(store, request_of({"report", "--json"}), streams);
  ASSERT_TRUE(answer);
  EXPECT_TRUE(answer->whole);
  EXPECT_EQ(answer->status, 2);
  EXPECT_EQ(streams.out, std::string("first second\nthird\n\0\xff\x1b", 22));
  EXPECT_EQ(streams.err, "words\n");
  EXPECT_EQ(streams.pages, "a page\n");
  // Standard output waits until it is flushed, as in a process of its own; the page comes behind all of it.
  EXPECT_EQ(streams.calls, "eofofpof");
}

TEST(CommandSocket, RequestComesAsItWasSent) {
  const StoreFolder folder;
  const StoreDirectory store = folder.store();
  CommandRequest sent = request_of({"trace", "-from:x", std::string("\xff '\"\n"), ""});
  sent.out_is_terminal = sent.err_is_terminal = sent.colour_wanted = sent.has_pager = true;
  sent.unicode = false;
  sent.width = 77;
  sent.height = 33;
  sent.zone = "Asia/Kolkata";
  const ServingProcess server(store,
                              [&](const CommandRequest& request, CommandStreams&) { return request == sent ? 42 : 1; });
  RecordedStreams streams;
  EXPECT_EQ(ask_command_socket(store, sent, streams)->status, 42);
  EXPECT_EQ(streams.calls, "");
}

TEST(CommandSocket, LongAnswerAndLongPageComeWhole) {
  const StoreFolder folder;
  const StoreDirectory store = folder.store();
  const std::string piece(1'000'003, 'x');
  const ServingProcess server(store, [&](const CommandRequest&, CommandStreams& streams) {
    for (int i = 0; i < 20; ++i) streams.write_out(piece);
    for (int i = 0; i < 100'000; ++i) streams.write_out("row\n");
    streams.show_page(piece);
    streams.show_page(std::string(70 * 1024 * 1024, 'y'));
    return 0;
  });
  RecordedStreams streams;
  const std::optional<CommandAnswer> answer = ask_command_socket(store, request_of({"search", ""}), streams);
  ASSERT_TRUE(answer && answer->whole);
  EXPECT_EQ(streams.pages.size(), piece.size());
  // A page that is too long for a pager goes out as it is.
  EXPECT_EQ(streams.out.size(), 20 * piece.size() + 400'000 + 70 * 1024 * 1024);
  EXPECT_EQ(streams.out.back(), 'y');
}

TEST(CommandSocket, NobodyListens) {
  const StoreFolder folder;
  const StoreDirectory store = folder.store();
  RecordedStreams streams;
  EXPECT_FALSE(ask_command_socket(store, request_of({"report"}), streams));
  ServingProcess server(store, write_all_ways);
  EXPECT_TRUE(std::filesystem::is_socket(store.socket()));
  EXPECT_EQ(std::filesystem::status(store.socket()).permissions(),
            static_cast<std::filesystem::perms>(store.shared_mode()));
  server.kill();
  // What a killed process left is no obstacle.
  EXPECT_TRUE(std::filesystem::exists(store.socket()));
  EXPECT_FALSE(ask_command_socket(store, request_of({"report"}), streams));
  EXPECT_EQ(streams.calls, "");
  {
    const ServedStore served(store, write_all_ways);
    EXPECT_TRUE(ask_command_socket(store, request_of({"report"}), streams));
  }
  EXPECT_FALSE(std::filesystem::exists(store.socket()));
}

TEST(CommandSocket, FileInTheWayStays) {
  const StoreFolder folder;
  const StoreDirectory store = folder.store();
  std::filesystem::create_directory(store.socket());
  const StoreLock lock = StoreLock::take(store, StoreUse::kWrite, "ingest", milliseconds(0)).value();
  EXPECT_FALSE(CommandSocket::open(store, lock, write_all_ways).ok());
  EXPECT_TRUE(std::filesystem::is_directory(store.socket()));
}

TEST(CommandSocket, PathThatIsLongerThanAnAddressHolds) {
  const StoreFolder folder;
  const std::string name = std::string(90, 'a') + '/' + std::string(90, 'b') + "/store";
  const StoreDirectory store = folder.store(name);
  ASSERT_GT(store.socket().size(), sizeof(sockaddr_un::sun_path));
  const ServingProcess server(store, write_all_ways);
  EXPECT_TRUE(std::filesystem::is_socket(store.socket()));
  RecordedStreams streams;
  ASSERT_TRUE(ask_command_socket(store, request_of({"report"}), streams));
  EXPECT_EQ(streams.pages, "a page\n");
}

TEST(CommandSocket, CommandThatWritesIsRefused) {
  const StoreFolder folder;
  const StoreDirectory store = folder.store();
  const ServingProcess server(store, write_all_ways);
  for (const char* command : {"ingest", "expire", "serve", "--json", "", "\x1b[2J", "reports"}) {
    RecordedStreams streams;
    const std::optional<CommandAnswer> answer = ask_command_socket(store, request_of({command}), streams);
    ASSERT_TRUE(answer) << command;
    EXPECT_EQ(answer->status, 2) << command;
    EXPECT_FALSE(answer->whole);
    EXPECT_EQ(streams.out, "") << "it was run";
    EXPECT_NE(streams.err.find("answers only commands that read"), std::string::npos) << streams.err;
    EXPECT_EQ(streams.err.find('\x1b'), std::string::npos);
  }
}

TEST(CommandSocket, ServerKilledInTheMiddleIsSaid) {
  const StoreFolder folder;
  const StoreDirectory store = folder.store();
  ServingProcess server(store, [](const CommandRequest&, CommandStreams& streams) {
    streams.write_out("a part\n");
    streams.flush_out();
    ::kill(::getpid(), SIGKILL);
    return 0;
  });
  const std::string process = std::to_string(server.id());
  RecordedStreams streams;
  const std::optional<CommandAnswer> answer = ask_command_socket(store, request_of({"search", ""}), streams);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 3);
  EXPECT_FALSE(answer->whole);
  EXPECT_EQ(streams.out, "a part\n");
  EXPECT_EQ(streams.err, "mailtrail: process " + process +
                             ", which uses the store, ended before it had answered: the answer is not whole\n");
  EXPECT_FALSE(ask_command_socket(store, request_of({"search", ""}), streams));
}

TEST(CommandSocket, ClientThatIsKilledStopsItsCommand) {
  const StoreFolder folder;
  const StoreDirectory store = folder.store();
  const Signal go, written;
  ChildProcess client([&] {
    go.wait();
    RecordedStreams streams;
    return ask_command_socket(store, request_of({"search", "endless"}), streams) ? 1 : 2;
  });
  std::atomic<int> stopped{0}, unwound{0};
  const ServedStore served(store, [&](const CommandRequest& request, CommandStreams& streams) {
    if (request.words.size() < 2) return 7;
    struct Unwinding {
      CommandStreams& streams;
      std::atomic<int>& count;
      ~Unwinding() {
        streams.write_out("what cleans up may write");
        streams.flush_out();
        streams.write_err("here, too");
        ++count;
      }
    } const unwinding{streams, unwound};
    try {
      for (bool first = true;; first = false) {
        streams.write_out(std::string(100'000, 'x'));
        if (first) written.give();
      }
    } catch (const ReaderGone&) {
      EXPECT_TRUE(streams.is_reader_gone());
      ++stopped;
      throw;
    }
  });
  go.give();
  written.wait();
  client.kill();
  for (int i = 0; i < 1000 && unwound == 0; ++i) std::this_thread::sleep_for(milliseconds(10));
  EXPECT_EQ(stopped, 1);
  EXPECT_EQ(unwound, 1);
  // The others are answered as before.
  RecordedStreams streams;
  EXPECT_EQ(ask_command_socket(store, request_of({"report"}), streams)->status, 7);
}

TEST(CommandSocket, TwentyClientsAtOnce) {
  constexpr int kClients = 20;
  const StoreFolder folder;
  const StoreDirectory store = folder.store();
  const Signal go;
  std::vector<ChildProcess> clients;
  for (int i = 0; i < kClients; ++i) {
    clients.emplace_back([&, i] {
      go.wait();
      RecordedStreams streams;
      const std::string own = "own" + std::to_string(i);
      const std::optional<CommandAnswer> answer = ask_command_socket(store, request_of({"search", own}), streams);
      std::string expected;
      for (int row = 0; row < 10'000; ++row) expected += own + '\n';
      return answer && answer->whole && answer->status == i && streams.out == expected ? 0 : 1;
    });
  }
  std::atomic<int> running{0};
  const ServedStore served(store, [&](const CommandRequest& request, CommandStreams& streams) {
    // Goes on when all of them are here: they do not wait for one another.
    ++running;
    for (int i = 0; i < 3000 && running < kClients; ++i) std::this_thread::sleep_for(milliseconds(10));
    for (int row = 0; row < 10'000; ++row) streams.write_out(request.words[1] + '\n');
    return std::stoi(request.words[1].substr(3));
  });
  go.give(kClients);
  for (ChildProcess& client : clients) EXPECT_EQ(client.wait(), 0);
  EXPECT_EQ(running, kClients);
}

TEST(CommandSocket, OneMoreThanItTakesIsRefused) {
  const StoreFolder folder;
  const StoreDirectory store = folder.store();
  std::atomic<bool> began{false}, end{false};
  CommandSocketOptions options;
  options.most_clients = 1;
  const ServedStore served(
      store,
      [&](const CommandRequest&, CommandStreams&) {
        began = true;
        while (!end) std::this_thread::sleep_for(milliseconds(5));
        return 0;
      },
      options);
  std::thread first([&] {
    RecordedStreams streams;
    EXPECT_EQ(ask_command_socket(store, request_of({"report"}), streams)->status, 0);
  });
  while (!began) std::this_thread::sleep_for(milliseconds(1));
  RecordedStreams streams;
  EXPECT_EQ(ask_command_socket(store, request_of({"report"}), streams)->status, 3);
  EXPECT_NE(streams.err.find("as many commands as it can (1): try again"), std::string::npos) << streams.err;
  end = true;
  first.join();
  // The place is free again, a moment after the answer was whole: its thread has to end.
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  int status = 3;
  while (status == 3 && std::chrono::steady_clock::now() < deadline) {
    status = ask_command_socket(store, request_of({"report"}), streams)->status;
  }
  EXPECT_EQ(status, 0);
}

TEST(CommandSocket, AnotherVersionIsSaidAtBothEnds) {
  const StoreFolder folder;
  const StoreDirectory store = folder.store();
  CommandSocketOptions newer;
  newer.version = kSocketVersion + 1;
  for (const bool server_is_newer : {true, false}) {
    const ServingProcess server(store, write_all_ways, server_is_newer ? newer : CommandSocketOptions());
    RecordedStreams streams;
    const std::uint16_t own = server_is_newer ? kSocketVersion : kSocketVersion + 1;
    const std::optional<CommandAnswer> answer = ask_command_socket(store, request_of({"report"}), streams, own);
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 3);
    EXPECT_EQ(streams.out, "") << "it was run";
    const std::string text = server_is_newer ? "it speaks version 2 of the protocol, this one 1"
                                             : "it speaks version 1 of the protocol, this one 2";
    EXPECT_NE(streams.err.find(text), std::string::npos) << streams.err;
    EXPECT_NE(streams.err.find("process " + std::to_string(server.id())), std::string::npos) << streams.err;
  }
}

TEST(CommandSocket, HostileAndSilentClientsHarmNobody) {
  const StoreFolder folder;
  const StoreDirectory store = folder.store();
  CommandSocketOptions options;
  options.request_patience = milliseconds(300);
  const ServingProcess server(store, write_all_ways, options);
  std::string huge = preface(kSocketVersion) + std::string("q\xff\xff\xff\xff", 5);
  std::string wrong_kind = preface(kSocketVersion);
  append_frame(wrong_kind, FrameKind::kExit, "x");
  std::string no_request = preface(kSocketVersion);
  append_frame(no_request, FrameKind::kRequest, "w\xff\xff\xff\xff");
  const std::string half = preface(kSocketVersion) + std::string("q\0\0\1\0abc", 8);
  std::vector<sys::UnixSocket> silent;
  for (const std::string& bytes : {std::string(), std::string("GET / HTTP/1.1\r\n\r\n"), huge, wrong_kind, no_request,
                                   half, std::string(300'000, 'q')}) {
    std::optional<sys::UnixSocket> socket =
        sys::UnixSocket::connect(store.path(), std::string(StoreDirectory::kSocket), milliseconds(1000)).value();
    ASSERT_TRUE(socket);
    socket->send(bytes, milliseconds(1000));
    silent.push_back(std::move(*socket));
    RecordedStreams streams;
    EXPECT_EQ(ask_command_socket(store, request_of({"report"}), streams)->status, 1);
  }
  // Each is let go of when its time is over.
  for (sys::UnixSocket& socket : silent) {
    char buffer[4096];
    std::size_t got = 0;
    auto outcome = sys::UnixSocket::Outcome::kDone;
    while (outcome == sys::UnixSocket::Outcome::kDone) {
      outcome = socket.receive(buffer, sizeof buffer, got, milliseconds(20'000));
    }
    EXPECT_EQ(outcome, sys::UnixSocket::Outcome::kEnd);
  }
}

TEST(CommandSocket, ClientThatReadsNothingHoldsUpNobodyAndIsLetGo) {
  const StoreFolder folder;
  const StoreDirectory store = folder.store();
  CommandSocketOptions options;
  options.write_patience = milliseconds(500);
  std::atomic<bool> stopped{false};
  const ServedStore served(
      store,
      [&](const CommandRequest& request, CommandStreams& streams) {
        if (request.words.size() < 2) return 7;
        try {
          for (;;) streams.write_out(std::string(100'000, 'x'));
        } catch (const ReaderGone&) {
          stopped = true;
          throw;
        }
      },
      options);
  std::optional<sys::UnixSocket> deaf =
      sys::UnixSocket::connect(store.path(), std::string(StoreDirectory::kSocket), milliseconds(1000)).value();
  ASSERT_TRUE(deaf);
  std::string bytes = preface(kSocketVersion);
  append_frame(bytes, FrameKind::kRequest, encode_request(request_of({"search", "endless"})).value());
  ASSERT_EQ(deaf->send(bytes, milliseconds(1000)), sys::UnixSocket::Outcome::kDone);
  RecordedStreams streams;
  EXPECT_EQ(ask_command_socket(store, request_of({"report"}), streams)->status, 7);
  for (int i = 0; i < 1000 && !stopped; ++i) std::this_thread::sleep_for(milliseconds(10));
  EXPECT_TRUE(stopped);
}

TEST(CommandSocket, AnotherUserIsRefused) {
  if (::geteuid() != 0) {
    // Who is not root can be no other user: then the mode alone is asked.
    const StoreFolder folder;
    const StoreDirectory store = folder.store();
    const ServedStore served(store, write_all_ways);
    EXPECT_EQ(std::filesystem::status(store.socket()).permissions(), static_cast<std::filesystem::perms>(0600));
    return;
  }
  const StoreFolder folder;
  const StoreDirectory store = folder.store();
  ASSERT_EQ(::chmod(folder.path("").c_str(), 0755), 0);
  const ServingProcess server(store, write_all_ways);
  // Of the group of root, so that the permissions of the socket alone would let it in.
  ChildProcess client([&] {
    if (::setuid(65534) != 0) return 1;
    RecordedStreams streams;
    const std::optional<CommandAnswer> answer = ask_command_socket(store, request_of({"report"}), streams);
    return answer && answer->status == 3 && streams.out.empty() &&
                   streams.err.find("answers only its own user, root, and root") != std::string::npos
               ? 0
               : 2;
  });
  EXPECT_EQ(client.wait(), 0);
}

TEST(CommandSocket, CloseWaitsForCommandsAndThenCutsThemOff) {
  const StoreFolder folder;
  const StoreDirectory store = folder.store();
  CommandSocketOptions options;
  options.close_patience = milliseconds(500);
  std::atomic<int> running{0}, ended{0};
  ServedStore served(
      store,
      [&](const CommandRequest& request, CommandStreams& streams) {
        ++running;
        std::this_thread::sleep_for(milliseconds(100));
        const bool endless = request.words.size() > 1;
        try {
          do streams.write_out(std::string(100'000, 'x'));
          while (endless);
        } catch (const ReaderGone&) {
          ++ended;
          throw;
        }
        ++ended;
        return 0;
      },
      options);
  const auto ask = [&](std::vector<std::string> words, bool whole) {
    RecordedStreams streams;
    const std::optional<CommandAnswer> answer = ask_command_socket(store, request_of(std::move(words)), streams);
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->whole, whole);
    EXPECT_EQ(answer->status, whole ? 0 : 3);
    EXPECT_EQ(streams.err.empty(), whole) << streams.err;
  };
  std::thread quick([&] { ask({"report"}, true); });
  std::thread endless([&] { ask({"search", "endless"}, false); });
  while (running < 2) std::this_thread::sleep_for(milliseconds(1));
  served.close();
  EXPECT_EQ(ended, 2) << "a command runs after the close";
  quick.join();
  endless.join();
  RecordedStreams streams;
  EXPECT_FALSE(ask_command_socket(store, request_of({"report"}), streams));
}

}  // namespace
}  // namespace mailtrail::app

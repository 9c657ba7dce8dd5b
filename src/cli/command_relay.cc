#include "cli/command_relay.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "base/text.h"
#include "cli/exit_status.h"

namespace mailtrail::cli {
namespace {

constexpr std::chrono::milliseconds kLeastWait{1000};
constexpr std::chrono::milliseconds kPause{50};

// Standard output and error of a command that runs for another process.
class RelayedOut : public Output {
 public:
  explicit RelayedOut(app::CommandStreams& streams) : streams_(streams) {}
  void write(std::string_view bytes) override { streams_.write_out(bytes); }
  void flush() override { streams_.flush_out(); }

 private:
  app::CommandStreams& streams_;
};

class RelayedErr : public Output {
 public:
  explicit RelayedErr(app::CommandStreams& streams) : streams_(streams) {}
  void write(std::string_view bytes) override { streams_.write_err(bytes); }

 private:
  app::CommandStreams& streams_;
};

// What comes back, to the streams of this process.
class OwnStreams : public app::CommandStreams {
 public:
  explicit OwnStreams(const Streams& streams) : streams_(streams) {}
  void write_out(std::string_view bytes) override { streams_.out.write(bytes); }
  void flush_out() override { streams_.out.flush(); }
  void write_err(std::string_view bytes) override { streams_.err.write(bytes); }
  void show_page(std::string_view page) override {
    streams_.out.flush();
    if (!streams_.pager || !streams_.pager(page)) streams_.out.write(page);
  }

 private:
  const Streams& streams_;
};

app::CommandRequest request_of(const Arguments& arguments, const Streams& streams) {
  app::CommandRequest request;
  request.words = relayed_words(arguments);
  request.out_is_terminal = streams.out_is_terminal;
  request.err_is_terminal = streams.err_is_terminal;
  request.colour_wanted = streams.colour_wanted;
  request.unicode = streams.unicode;
  request.has_pager = streams.pager != nullptr;
  constexpr std::size_t kMost = 100'000;
  if (streams.width) request.width = static_cast<std::uint32_t>(std::min(*streams.width, kMost));
  request.height = static_cast<std::uint32_t>(std::min(streams.height, kMost));
  request.zone = TimeZone::system().name();
  return request;
}

bool names_files(const Arguments& arguments) {
  const std::size_t others = arguments.command->takes_query ? 1 : 0;
  return arguments.has("output") || (arguments.command->reads_logs && arguments.words.size() > others);
}

// A zone that has no name (TZ is a rule, /etc/localtime a file of its own) is known here only where it is this one's.
std::optional<TimeZone> zone_of(const std::string& name) {
  if (const Result<TimeZone> zone = TimeZone::load(name); zone.ok()) return *zone;
  const TimeZone own = TimeZone::system();
  return own.name() == name ? std::optional(own) : std::nullopt;
}

int answer(const app::CommandRequest& request, app::CommandStreams& to, const StoreCommand& command) {
  RelayedOut out(to);
  RelayedErr err(to);
  Streams streams{out, err};
  streams.out_is_terminal = request.out_is_terminal;
  streams.err_is_terminal = request.err_is_terminal;
  streams.colour_wanted = request.colour_wanted;
  streams.unicode = request.unicode;
  streams.width = request.width;
  streams.height = request.height;
  if (request.has_pager) {
    streams.pager = [&to](std::string_view page) {
      to.show_page(page);
      return true;
    };
  }
  const Result<Arguments> arguments = parse_arguments(request.words);
  if (!arguments.ok()) {
    say(streams, arguments.error().to_string());
    return kWrongUse;
  }
  if (arguments->command == nullptr || !app::is_answered(arguments->command->name) || names_files(*arguments)) {
    say(streams, "this is not answered by the process that uses the store");
    return kWrongUse;
  }
  const std::optional<TimeZone> zone = zone_of(request.zone);
  if (!zone) {
    say(streams, "the process that uses the store does not know the time zone `" + printable(request.zone) +
                     "` (set TZ to a name such as Europe/Berlin)");
    return kWrongUse;
  }
  return command(*arguments, *zone, streams);
}

}  // namespace

std::vector<std::string> relayed_words(const Arguments& arguments) {
  std::vector<std::string> words{std::string(arguments.command->name)};
  for (const auto& [name, value] : arguments.options) {
    if (name == "output" || name == "force") continue;
    const bool is_flag = find_option(*arguments.command, name)->argument.empty();
    words.push_back("--" + name);
    if (is_flag) continue;
    if (value.empty()) {
      words.emplace_back();
    } else {
      words.back() += '=' + value;
    }
  }
  words.emplace_back("--");
  words.insert(words.end(), arguments.words.begin(), arguments.words.end());
  return words;
}

std::optional<app::CommandAnswer> relay_command(const app::StoreDirectory& directory, const Arguments& arguments,
                                                const Streams& streams) {
  OwnStreams own(streams);
  return app::ask_command_socket(directory, request_of(arguments, streams), own);
}

Result<StoreTurn> take_turn(const app::StoreDirectory& directory, const Arguments& arguments, const Streams& streams,
                            std::chrono::milliseconds wait) {
  using Clock = std::chrono::steady_clock;
  wait = std::min<std::chrono::milliseconds>(wait, app::StoreLock::kLongestWait);
  const Clock::time_point end = Clock::now() + std::max(wait, kLeastWait);
  for (;;) {
    StoreTurn turn;
    Result<std::optional<app::StoreLock>> lock =
        app::StoreLock::try_take(directory, app::StoreUse::kRead, arguments.command->name);
    if (!lock.ok()) return lock.error();
    turn.lock = std::move(*lock);
    if (!turn.lock) turn.answer = relay_command(directory, arguments, streams);
    if (turn.lock || turn.answer) return turn;
    if (Clock::now() >= end) return app::StoreLock::in_use(directory, wait);
    std::this_thread::sleep_for(kPause);
  }
}

app::CommandSocket::Run answer_with(StoreCommand command) {
  return [command = std::move(command)](const app::CommandRequest& request, app::CommandStreams& streams) {
    return answer(request, streams, command);
  };
}

}  // namespace mailtrail::cli

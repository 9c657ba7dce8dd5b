#include "app/store_lock.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "base/text.h"
#include "sys/clock.h"
#include "sys/path.h"
#include "sys/process.h"
#include "sys/small_file.h"

namespace mailtrail::app {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kMostText = 64 * 1024;
constexpr std::size_t kMostWord = 64;
constexpr std::chrono::milliseconds kPause{50};

// A value of a line: without blanks, at most kMostWord bytes.
std::string word_of(std::string_view text) {
  std::string word(text.substr(0, kMostWord));
  for (char& c : word) {
    if (static_cast<unsigned char>(c) <= ' ' || c == '\x7f') c = '_';
  }
  return word;
}

std::optional<StoreHolder> parse_line(std::string_view line) {
  StoreHolder holder;
  bool has_use = false, has_process = false;
  while (!line.empty()) {
    std::string_view field = take_until(line, ' ');
    const std::string_view name = take_until(field, '=');
    if (name == "use" && (field == "read" || field == "write")) {
      holder.use = field == "write" ? StoreUse::kWrite : StoreUse::kRead;
      has_use = true;
    } else if (name == "process") {
      const auto number = to_number<std::int64_t>(field);
      has_process = number && *number > 0;
      holder.process = number.value_or(0);
    } else if (name == "born") {
      holder.birth = to_number<std::uint64_t>(field);
    } else if (name == "command") {
      holder.command = field;
    } else if (name == "user") {
      holder.user = field;
    } else if (name == "host") {
      holder.host = field;
    } else if (name == "since") {
      holder.since = parse_timestamp(field, 0).value_or(0);
    }
  }
  if (!has_use || !has_process) return std::nullopt;
  return holder;
}

StoreHolder this_process(StoreUse use, std::string_view command) {
  StoreHolder holder;
  holder.use = use;
  holder.process = sys::process_id();
  holder.birth = sys::process_birth(holder.process);
  holder.command = command;
  holder.user = sys::user_name(sys::user_id());
  holder.host = sys::host_name();
  holder.since = sys::now();
  return holder;
}

// Whether a process of this host is still the one that wrote the line.
bool is_at_work(const StoreHolder& holder) {
  const std::optional<std::uint64_t> birth = sys::process_birth(holder.process);
  return birth && (!holder.birth || *birth == *holder.birth);
}

Error not_reliable(const StoreDirectory& directory, const StoreHolder& holder, const std::string& network,
                   const std::string& this_host) {
  return {"the store lies on a network (" + network + "), and " +
              holder_text(holder, this_host, TimeZone::system(), sys::now()) + ", has not said that it is done",
          directory.path(), "if that process is gone, remove " + directory.lock() + "; use a store from one host only"};
}

// The open file, locked; nothing where another has it.
Result<std::optional<sys::FileLock>> lock_file(const StoreDirectory& directory, StoreUse use) {
  const auto mode = use == StoreUse::kWrite ? sys::FileLock::Mode::kExclusive : sys::FileLock::Mode::kShared;
  for (int attempt = 0; attempt < 10; ++attempt) {
    Result<sys::FileLock> file = sys::FileLock::open(directory.lock(), directory.shared_mode());
    if (!file.ok()) return file.error();
    const Result<bool> locked = file->try_lock(mode);
    if (!locked.ok()) return locked.error();
    if (!*locked) return std::optional<sys::FileLock>();
    if (file->has_name()) return std::optional<sys::FileLock>(std::move(*file));
  }
  return Error{"is removed again and again", directory.lock(), "find out which program does that"};
}

// Says in the file who has it. A writer MUST; of a reader nobody need know.
Result<Done> say_who(sys::FileLock& file, StoreUse use, std::string_view command) {
  const std::string line = holder_line(this_process(use, command));
  if (use == StoreUse::kWrite) return file.set_text(line);
  if (!file.is_writable()) return Done{};
  const Result<std::string> text = file.text(kMostText);
  if (!text.ok()) return text.error();
  if (text->size() + line.size() > kMostText) return Done{};
  return file.append_text(line);
}

}  // namespace

std::string holder_line(const StoreHolder& holder) {
  std::string line = holder.use == StoreUse::kWrite ? "use=write" : "use=read";
  line += " process=" + std::to_string(holder.process);
  if (holder.birth) line += " born=" + std::to_string(*holder.birth);
  line += " command=" + word_of(holder.command) + " user=" + word_of(holder.user) + " host=" + word_of(holder.host) +
          " since=" + format_rfc3339(holder.since, 0) + '\n';
  return line;
}

std::vector<StoreHolder> parse_holders(std::string_view text) {
  std::vector<StoreHolder> holders;
  while (!text.empty()) {
    if (std::optional<StoreHolder> holder = parse_line(take_until(text, '\n'))) holders.push_back(std::move(*holder));
  }
  return holders;
}

std::string holder_text(const StoreHolder& holder, const std::string& this_host, const TimeZone& zone, Micros now) {
  std::string text = "mailtrail";
  if (!holder.command.empty()) text += ' ' + printable(holder.command);
  text += ", process " + std::to_string(holder.process);
  if (!holder.host.empty() && holder.host != this_host) text += " on " + printable(holder.host);
  if (holder.since == 0) return text;
  const std::string since = format_rfc3339(holder.since, zone.offset_at(holder.since));
  const std::string today = format_rfc3339(now, zone.offset_at(now));
  const std::string date = since.substr(0, since.find('T'));
  text += ", since ";
  if (today.substr(0, today.find('T')) != date) text += date + ' ';
  return text + since.substr(date.size() + 1, std::string_view("hh:mm:ss").size());
}

std::optional<StoreHolder> unseen_holder(std::string_view text, const std::string& this_host, bool network) {
  if (!network) return std::nullopt;
  for (StoreHolder& holder : parse_holders(text)) {
    if (holder.use == StoreUse::kWrite && holder.host != this_host) return std::move(holder);
  }
  return std::nullopt;
}

Result<std::optional<StoreLock>> StoreLock::try_take(const StoreDirectory& directory, StoreUse use,
                                                     std::string_view command) {
  Result<std::optional<sys::FileLock>> file = lock_file(directory, use);
  if (!file.ok()) return file.error();
  if (!*file) return std::optional<StoreLock>();
  const std::string network = sys::network_file_system(directory.path());
  if (!network.empty()) {
    const Result<std::string> text = (*file)->text(kMostText);
    if (!text.ok()) return text.error();
    const std::string this_host = word_of(sys::host_name());
    if (const auto holder = unseen_holder(*text, this_host, true)) {
      return not_reliable(directory, *holder, network, this_host);
    }
  }
  if (use == StoreUse::kWrite && !(*file)->is_writable()) {
    return Error{"may not be written", directory.lock(), "run as the user that made the store, or as root"};
  }
  if (const Result<Done> said = say_who(**file, use, command); !said.ok()) return said.error();
  StoreLock lock(std::move(**file), use);
  if (!network.empty()) {
    lock.warning_ = directory.path() + ": the store lies on a network (" + network +
                    "), where other hosts may not see that it is in use: use it from this host only";
  }
  return std::optional<StoreLock>(std::move(lock));
}

Result<StoreLock> StoreLock::take(const StoreDirectory& directory, StoreUse use, std::string_view command,
                                  std::chrono::milliseconds wait) {
  wait = std::clamp<std::chrono::milliseconds>(wait, std::chrono::milliseconds(0), kLongestWait);
  const Clock::time_point end = Clock::now() + wait;
  for (;;) {
    Result<std::optional<StoreLock>> taken = try_take(directory, use, command);
    if (!taken.ok()) return taken.error();
    if (*taken) return std::move(**taken);
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now());
    if (left.count() <= 0) return in_use(directory, wait);
    std::this_thread::sleep_for(std::min(left, kPause));
  }
}

std::vector<StoreHolder> StoreLock::holders(const StoreDirectory& directory) {
  const Result<std::string> text = sys::read_small_file(directory.lock(), kMostText);
  if (!text.ok()) return {};
  const std::string this_host = word_of(sys::host_name());
  std::vector<StoreHolder> holders = parse_holders(*text);
  // A writer's line stands alone. Among those of readers may be some of processes that are gone, which cannot be told
  // of another host.
  const bool alone = holders.size() == 1;
  std::erase_if(holders, [&](const StoreHolder& each) {
    return each.host == this_host ? !is_at_work(each) : !alone || each.use != StoreUse::kWrite;
  });
  return holders;
}

Error StoreLock::in_use(const StoreDirectory& directory, std::chrono::milliseconds waited) {
  const std::vector<StoreHolder> known = holders(directory);
  const std::string this_host = word_of(sys::host_name());
  std::string who = "another process";
  if (!known.empty()) who = holder_text(known.front(), this_host, TimeZone::system(), sys::now());
  if (known.size() > 1) who += " and " + std::to_string(known.size() - 1) + " more";
  std::string remedy = "wait for it with --wait SECONDS";
  if (waited.count() > 0) remedy = "waited for " + format_span(Micros{waited.count()} * 1000);
  return {"store in use by " + who, directory.path(), remedy};
}

StoreLock::StoreLock(StoreLock&& other) noexcept
    : file_(std::exchange(other.file_, std::nullopt)), use_(other.use_), warning_(std::move(other.warning_)) {}

StoreLock& StoreLock::operator=(StoreLock&& other) noexcept {
  if (this == &other) return *this;
  release();
  file_ = std::exchange(other.file_, std::nullopt);
  use_ = other.use_;
  warning_ = std::move(other.warning_);
  return *this;
}

void StoreLock::release() {
  // A writer says that it is done; on a network that is how other hosts know. Where it cannot be said the lock is gone
  // all the same.
  if (file_ && use_ == StoreUse::kWrite) static_cast<void>(file_->set_text({}));
  file_.reset();
}

}  // namespace mailtrail::app

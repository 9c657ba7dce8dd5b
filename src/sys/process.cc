#include "sys/process.h"

#include <pwd.h>
#include <unistd.h>

#include <cstdlib>
#include <string_view>
#include <vector>

#include "base/text.h"
#include "sys/small_file.h"

namespace mailtrail::sys {
namespace {

constexpr std::size_t kMostAccount = 64 * 1024;
constexpr std::size_t kMostStatus = 4096;

struct Account {
  std::string name, home;
};

std::optional<Account> account_of(std::uint32_t user) {
  std::vector<char> buffer(kMostAccount);
  struct passwd entry {};
  struct passwd* found = nullptr;
  if (::getpwuid_r(static_cast<uid_t>(user), &entry, buffer.data(), buffer.size(), &found) != 0 || found == nullptr) {
    return std::nullopt;
  }
  return Account{found->pw_name, found->pw_dir};
}

}  // namespace

std::int64_t process_id() {
  return ::getpid();
}

std::uint32_t user_id() {
  return ::geteuid();
}

std::string user_name(std::uint32_t user) {
  const std::optional<Account> account = account_of(user);
  return account && !account->name.empty() ? account->name : std::to_string(user);
}

std::string host_name() {
  char name[256] = {};
  if (::gethostname(name, sizeof name - 1) != 0 || name[0] == '\0') return "localhost";
  return name;
}

std::string home_directory() {
  const std::optional<std::string> home = environment("HOME");
  if (home && home->starts_with('/')) return *home;
  const std::optional<Account> account = account_of(user_id());
  return account && account->home.starts_with('/') ? account->home : std::string();
}

std::optional<std::string> environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

std::optional<std::uint64_t> process_birth(std::int64_t process) {
  const Result<std::string> status = read_small_file("/proc/" + std::to_string(process) + "/stat", kMostStatus);
  if (!status.ok()) return std::nullopt;
  // The name in parentheses may hold anything, parentheses too; the fields behind it are numbers, from the third on.
  const std::size_t end = status->rfind(')');
  if (end == std::string::npos || end + 2 > status->size()) return std::nullopt;
  std::string_view fields = std::string_view(*status).substr(end + 2);
  for (int field = 3; field < 22; ++field) take_until(fields, ' ');
  return to_number<std::uint64_t>(take_until(fields, ' '));
}

}  // namespace mailtrail::sys

#include "sys/pager.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <vector>

extern char** environ;

namespace mailtrail::sys {
namespace {

// Another way to take a signal, until the end of the scope.
class SignalTaken {
 public:
  SignalTaken(int signal, void (*handler)(int)) : signal_(signal) {
    struct sigaction action {};
    action.sa_handler = handler;
    ::sigaction(signal, &action, &before_);
  }
  ~SignalTaken() { ::sigaction(signal_, &before_, nullptr); }
  SignalTaken(const SignalTaken&) = delete;
  SignalTaken& operator=(const SignalTaken&) = delete;

 private:
  int signal_;
  struct sigaction before_ {};
};

// The environment of this process with LESS where it is not set.
std::vector<char*> environment_for_pager(std::string& less) {
  std::vector<char*> variables;
  for (char** variable = environ; variable != nullptr && *variable != nullptr; ++variable) {
    variables.push_back(*variable);
  }
  if (std::getenv("LESS") == nullptr) variables.push_back(less.data());
  variables.push_back(nullptr);
  return variables;
}

Result<pid_t> spawn(const std::string& command, int input) {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_init(&actions);
  posix_spawnattr_init(&attributes);
  posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
  // The pager shall take signals as if it had been started by hand.
  sigset_t usual;
  sigemptyset(&usual);
  sigaddset(&usual, SIGPIPE);
  sigaddset(&usual, SIGINT);
  posix_spawnattr_setsigdefault(&attributes, &usual);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);

  std::string shell = "/bin/sh", option = "-c", text = command, less = "LESS=FRX";
  char* const arguments[] = {shell.data(), option.data(), text.data(), nullptr};
  std::vector<char*> variables = environment_for_pager(less);
  pid_t child = -1;
  const int code = ::posix_spawn(&child, shell.c_str(), &actions, &attributes, arguments, variables.data());
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  if (code != 0) return Error{std::string("cannot be run: ") + std::strerror(code), command, "set PAGER"};
  return child;
}

void write_all(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return;  // the user has left the pager
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

}  // namespace

std::string pager_command() {
  const char* named = std::getenv("PAGER");
  if (named == nullptr) return "less -FRX";
  const std::string command = named;
  return command == "cat" ? std::string() : command;
}

Result<Done> show_in_pager(const std::string& command, std::string_view page) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return Error{std::strerror(errno), command, ""};
  const SignalTaken no_interrupt(SIGINT, SIG_IGN);
  const SignalTaken no_broken_pipe(SIGPIPE, SIG_IGN);
  const Result<pid_t> child = spawn(command, ends[0]);
  ::close(ends[0]);
  if (!child.ok()) {
    ::close(ends[1]);
    return child.error();
  }
  write_all(ends[1], page);
  ::close(ends[1]);
  int status = 0;
  while (::waitpid(*child, &status, 0) < 0 && errno == EINTR) {
  }
  // What a shell answers for a command that it does not find or may not run (POSIX.1-2017, 2.8.2).
  if (WIFEXITED(status) && (WEXITSTATUS(status) == 127 || WEXITSTATUS(status) == 126)) {
    return Error{"cannot be run", command, "set PAGER"};
  }
  return Done{};
}

}  // namespace mailtrail::sys

#include "sys/interruption.h"

#include <atomic>
#include <csignal>
#include <initializer_list>

namespace mailtrail::sys {
namespace {

std::atomic<bool> interrupted{false};
static_assert(std::atomic<bool>::is_always_lock_free);

void note(int signal_number) {
  interrupted.store(true);
  std::signal(signal_number, SIG_DFL);
}

}  // namespace

void note_interruptions() {
  for (const int signal_number : {SIGINT, SIGTERM}) std::signal(signal_number, note);
}

bool is_interrupted() {
  return interrupted.load();
}

}  // namespace mailtrail::sys

#include "cli/store_work.h"

namespace mailtrail::cli {

Result<StoreWork> store_work(const Arguments& arguments) {
  constexpr std::uint64_t kMegabyte = 1u << 20;
  // Less than the least does not hold the database's own needs beside what is under way.
  constexpr std::uint64_t kLeastMemory = 300, kMostMemory = 1'000'000, kUsualMemory = 1000;
  const Result<std::uint64_t> memory = number_of(arguments, "memory", kLeastMemory, kMostMemory, kUsualMemory);
  const Result<std::uint64_t> wait = number_of(arguments, "wait", 0, 86'400, 0);
  const Result<std::uint64_t> threads = number_of(arguments, "threads", 1, 1024, 0);
  for (const auto* number : {&memory, &wait, &threads}) {
    if (!number->ok()) return number->error();
  }
  const Result<TimeZone> zone = zone_of(arguments, TimeZone::system());
  if (!zone.ok()) return zone.error();
  StoreWork work;
  work.zone = *zone;
  work.memory = *memory * kMegabyte;
  work.wait = std::chrono::seconds(*wait);
  work.threads = static_cast<unsigned>(*threads);
  return work;
}

}  // namespace mailtrail::cli

// A saved state of which bytes were changed, taken out or put in, behind a checksum that fits: it is refused, or what
// it gives can be used like any tracer: it goes on, is saved and finished without a fault.
//
// The first byte of an input picks the state that is changed, and whether what follows is a list of changes (place, 2
// bytes; what is done; a byte) or the bytes of a record themselves. SEEDS: record
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/hash.h"
#include "tests/unit/trace/fact_text.h"
#include "tests/unit/trace/random_events.h"
#include "trace/tracer.h"

namespace mailtrail::trace {
namespace {

constexpr std::size_t kHead = 28;

void require(bool condition, const char* what) {
  if (condition) return;
  std::fprintf(stderr, "BUG: %s\n", what);
  std::abort();
}

TracerOptions options_of(bool details) {
  TracerOptions options;
  options.keep_details = details;
  options.memory_limit = 1u << 20;
  return options;
}

std::string make_state(std::uint32_t seed) {
  FactText facts;
  Tracer tracer(facts, options_of(seed % 2 != 0));
  RandomEvents random(seed);
  for (std::uint32_t i = 0; i < 20 * seed; ++i) {
    random.next([&](const model::Event& event) { tracer.take(event); });
  }
  return tracer.save();
}

const std::string& state_of(std::size_t number) {
  static const std::array<std::string, 4> states = {make_state(2), make_state(3), make_state(10), make_state(11)};
  return states[number % states.size()];
}

// Puts the right size and checksum before `rest`.
std::string sealed(std::string_view rest) {
  std::string state("MTTRACE\n\1\0\0\0", 12);
  for (const std::uint64_t value : {std::uint64_t{rest.size()}, hash_bytes(rest)}) {
    for (int shift = 0; shift < 64; shift += 8) state += static_cast<char>(value >> shift);
  }
  return state.append(rest);
}

std::string changed(std::string rest, std::string_view changes) {
  for (; changes.size() >= 4 && !rest.empty(); changes.remove_prefix(4)) {
    const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(changes[at]); };
    const std::size_t at = (byte(0) + 256u * byte(1)) % rest.size();
    switch (byte(2) % 4) {
      case 0:
        rest[at] = changes[3];
        break;
      case 1:
        rest.insert(at, 1, changes[3]);
        break;
      case 2:
        rest.erase(at, 1u + byte(3) % 16);
        break;
      default:
        rest.insert(at, rest.substr(at, byte(3)));
    }
  }
  return rest;
}

void run(std::string_view input) {
  if (input.empty()) return;
  const auto flags = static_cast<unsigned char>(input[0]);
  const bool details = (flags & 1) != 0;
  const std::string& state = state_of(flags & 3);
  input.remove_prefix(1);
  const bool whole = (flags & 4) != 0;
  const std::string made = sealed(whole ? std::string(input) : changed(state.substr(kHead), input));
  FactText facts;
  Tracer tracer(facts, options_of(details));
  if (!tracer.restore(made).ok()) {
    require(made != state, "a state is refused");
    return;
  }
  const std::string again = tracer.save();
  require(made != state || again == state, "a restored state is saved as other bytes");
  RandomEvents random(flags);
  for (int i = 0; i < 100; ++i) random.next([&](const model::Event& event) { tracer.take(event); });
  require(!tracer.save().empty(), "nothing is saved");
  tracer.finish();
  require(tracer.stats().open_now == 0, "something is open after the end");
}

}  // namespace
}  // namespace mailtrail::trace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  mailtrail::trace::run({reinterpret_cast<const char*>(data), size});
  return 0;
}

// SHA-256, as the archive uses it.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace mailtrail::archive {

using Digest = std::array<unsigned char, 32>;

// One hash after another: `add` parts, then `finish`, which begins anew. Not thread-safe. Ends the program where the
// cryptographic library does not give SHA-256, or there is no memory: nothing can be archived then.
class Hasher {
 public:
  Hasher();
  ~Hasher();
  Hasher(const Hasher&) = delete;
  Hasher& operator=(const Hasher&) = delete;

  void add(std::string_view bytes);
  void add(const Digest& digest);
  Digest finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// 64 hexadecimal digits, lower case; and back, false where `text` is anything else.
std::string to_hex(const Digest& digest);
bool from_hex(std::string_view text, Digest& digest);

}  // namespace mailtrail::archive

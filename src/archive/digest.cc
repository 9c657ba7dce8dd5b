#include "archive/digest.h"

#include <openssl/evp.h>

#include <cstdio>
#include <cstdlib>

namespace mailtrail::archive {
namespace {

void require(bool good) {
  if (good) return;
  std::fputs("FATAL: the cryptographic library (OpenSSL) gives no SHA-256\n", stderr);
  std::abort();
}

int value_of(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
  return -1;
}

}  // namespace

struct Hasher::State {
  EVP_MD* algorithm = nullptr;
  EVP_MD_CTX* context = nullptr;
};

Hasher::Hasher() : state_(std::make_unique<State>()) {
  // Fetched once: to look it up for each hash would cost more than the hash of a header.
  state_->algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  state_->context = EVP_MD_CTX_new();
  require(state_->algorithm != nullptr && state_->context != nullptr);
  require(EVP_DigestInit_ex2(state_->context, state_->algorithm, nullptr) == 1);
}

Hasher::~Hasher() {
  EVP_MD_CTX_free(state_->context);
  EVP_MD_free(state_->algorithm);
}

void Hasher::add(std::string_view bytes) {
  require(EVP_DigestUpdate(state_->context, bytes.data(), bytes.size()) == 1);
}

void Hasher::add(const Digest& digest) {
  require(EVP_DigestUpdate(state_->context, digest.data(), digest.size()) == 1);
}

Digest Hasher::finish() {
  Digest digest;
  require(EVP_DigestFinal_ex(state_->context, digest.data(), nullptr) == 1);
  require(EVP_DigestInit_ex2(state_->context, nullptr, nullptr) == 1);
  return digest;
}

std::string to_hex(const Digest& digest) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const unsigned char byte : digest) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

bool from_hex(std::string_view text, Digest& digest) {
  if (text.size() != 2 * digest.size()) return false;
  for (std::size_t i = 0; i < digest.size(); ++i) {
    const int high = value_of(text[2 * i]), low = value_of(text[2 * i + 1]);
    if (high < 0 || low < 0) return false;
    digest[i] = static_cast<unsigned char>(high * 16 + low);
  }
  return true;
}

}  // namespace mailtrail::archive

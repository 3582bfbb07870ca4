// Sha256Hasher: SHA-256 of bytes as they come; used again for one body after another. One thread.
#pragma once

#include <openssl/evp.h>

#include <cstddef>
#include <memory>
#include <span>

#include "downloader/store/content.h"
#include "shared/base/throw_if_no_memory.h"

namespace doutu {

class Sha256Hasher {
 public:
  Sha256Hasher() : context_(allocated(EVP_MD_CTX_new())) {
    throw_if_no_memory(EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) == 1);
  }

  /// Without a type it stays the same one, and OpenSSL does not look it up again.
  void begin() { throw_if_no_memory(EVP_DigestInit_ex(context_.get(), nullptr, nullptr) == 1); }
  void update(std::span<const std::byte> bytes) { EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()); }
  /// begin() must follow before the next update().
  [[nodiscard]] Sha256 finish() {
    Sha256 digest{};
    throw_if_no_memory(EVP_DigestFinal_ex(context_.get(), reinterpret_cast<unsigned char*>(digest.data()), nullptr) ==
                       1);
    return digest;
  }

 private:
  struct ContextDeleter {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  };
  std::unique_ptr<EVP_MD_CTX, ContextDeleter> context_;
};

}  // namespace doutu

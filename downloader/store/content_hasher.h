// ContentHasher: the hashes of bytes as they come; used again for one body after another. One thread.
#pragma once

#include <xxhash.h>

#include <cstddef>
#include <memory>
#include <optional>
#include <span>

#include "downloader/store/content.h"
#include "downloader/store/sha256_hasher.h"
#include "shared/crawl/crawl_settings.h"

namespace doutu {

class ContentHasher {
 public:
  explicit ContentHasher(Checksum checksum = Checksum::xxh128);

  void begin();
  void update(std::span<const std::byte> bytes);
  /// begin() must follow before the next update().
  [[nodiscard]] Content finish();

 private:
  struct StateDeleter {
    void operator()(XXH3_state_t* state) const { XXH3_freeState(state); }
  };
  std::unique_ptr<XXH3_state_t, StateDeleter> xxh128_;
  std::optional<Sha256Hasher> sha256_;  ///< When it is asked for.
  std::uint64_t bytes_ = 0;
};

}  // namespace doutu

#include "downloader/store/content_hasher.h"

#include <cstring>

#include "shared/base/throw_if_no_memory.h"

namespace doutu {

ContentHasher::ContentHasher(Checksum checksum) : xxh128_(allocated(XXH3_createState())) {
  if (checksum == Checksum::sha256) sha256_.emplace();
  begin();
}

void ContentHasher::begin() {
  XXH3_128bits_reset(xxh128_.get());
  if (sha256_) sha256_->begin();
  bytes_ = 0;
}

void ContentHasher::update(std::span<const std::byte> bytes) {
  XXH3_128bits_update(xxh128_.get(), bytes.data(), bytes.size());
  if (sha256_) sha256_->update(bytes);
  bytes_ += bytes.size();
}

Content ContentHasher::finish() {
  XXH128_canonical_t digest{};
  XXH128_canonicalFromHash(&digest, XXH3_128bits_digest(xxh128_.get()));
  Content content{.bytes = bytes_, .xxh128 = Xxh128{}, .sha256 = {}};
  static_assert(sizeof(digest.digest) == sizeof(Xxh128));
  std::memcpy(content.xxh128->data(), digest.digest, sizeof(digest.digest));
  if (sha256_) content.sha256 = sha256_->finish();
  return content;
}

}  // namespace doutu

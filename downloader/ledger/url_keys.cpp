#include "downloader/ledger/url_keys.h"

#include <xxhash.h>

namespace doutu {

Status UrlKeys::load(const UrlSecret& secret) {
  secret_ = secret;
  return stage_.load();
}

KeyStage::Key UrlKeys::key_of(std::string_view url) const {
  return XXH3_64bits_withSecret(url.data(), url.size(), secret_.data(), secret_.size());
}

}  // namespace doutu

#include "downloader/ledger/url_keys.h"

#include <xxhash.h>

namespace doutu {

Status UrlKeys::load(const UrlSecret& secret) {
  secret_ = secret;
  return stage_.load();
}

KeyStage::Key url_key(const UrlSecret& secret, std::string_view url) {
  return XXH3_64bits_withSecret(url.data(), url.size(), secret.data(), secret.size()) & KeyStage::kMask;
}

}  // namespace doutu

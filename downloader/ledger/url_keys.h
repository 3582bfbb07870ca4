// UrlKeys: which image of the ledger has a URL. Keys are hashes with a secret of this ledger, so that no page can make
// URLs whose keys collide. The ledger thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "downloader/ledger/key_stage.h"
#include "downloader/ledger/preparer.h"
#include "shared/base/result.h"

namespace doutu {

/// XXH3 takes at least 136 bytes, and has 192 of its own.
using UrlSecret = std::array<std::byte, 192>;

/// Of 63 bits.
[[nodiscard]] KeyStage::Key url_key(const UrlSecret& secret, std::string_view url);

class UrlKeys {
 public:
  explicit UrlKeys(Preparer& prepare) : stage_(prepare, "url_key") {}
  /// Once, before anything else.
  Status load(const UrlSecret& secret);

  /// is_same: whether that image has this URL (KeyStage::probe()).
  template <class IsSame>
  [[nodiscard]] Result<KeyStage::Probed> probe(std::string_view url, IsSame is_same) {
    return stage_.probe(key_of(url), is_same);
  }
  [[nodiscard]] KeyStage& stage() { return stage_; }

  [[nodiscard]] KeyStage::Key key_of(std::string_view url) const { return url_key(secret_, url); }

 private:
  KeyStage stage_;
  UrlSecret secret_{};
};

}  // namespace doutu

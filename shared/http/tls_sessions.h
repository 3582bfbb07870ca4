// TlsSessions: what a thread remembers of the TLS servers that it has met, so that a new connection to one of them
// resumes its session and needs no full handshake. curl keeps sessions in the easy handle unless they are shared, and
// handles may live for one transfer only (transfer_handle.h). One thread.
#pragma once

#include <curl/curl.h>

#include <array>
#include <cstddef>
#include <memory>
#include <string_view>

namespace doutu {

class TlsSessions {
 public:
  /// Throws std::bad_alloc.
  TlsSessions();

  /// Before each transfer: easy finds and leaves its sessions here. host: of the URL. This must outlive easy.
  void serve(CURL* easy, std::string_view host) const;

 private:
  struct ShareDeleter {
    void operator()(CURLSH* share) const { curl_share_cleanup(share); }
  };
  using Share = std::unique_ptr<CURLSH, ShareDeleter>;

  /// libcurl 7.88 keeps eight sessions in a share and has no option for more; so hosts are spread over many shares.
  static constexpr std::size_t kShares = 32;

  std::array<Share, kShares> shares_;
};

}  // namespace doutu

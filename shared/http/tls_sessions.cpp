#include "shared/http/tls_sessions.h"

#include <functional>

#include "shared/base/throw_if_no_memory.h"

namespace doutu {

TlsSessions::TlsSessions() {
  for (Share& share : shares_) {
    share.reset(allocated(curl_share_init()));
    throw_if_no_memory(curl_share_setopt(share.get(), CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION) == CURLSHE_OK);
  }
}

void TlsSessions::serve(CURL* easy, std::string_view host) const {
  curl_easy_setopt(easy, CURLOPT_SHARE, shares_[std::hash<std::string_view>()(host) % kShares].get());
}

}  // namespace doutu

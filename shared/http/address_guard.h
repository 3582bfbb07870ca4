// AddressGuard: which addresses a transfer may connect to. Private ones (loopback, RFC 1918, link-local, ...) are
// refused on every hop, judged on the address that was resolved, so that an image URL on a page cannot make doutu talk
// to the user's router. Exceptions: the host that the template names, at any port, if its address is
// private when the crawl starts (then it may have no other); and everything under --allow-private. Behind a proxy only
// the proxy's address is seen: there a host is judged that is an address itself. Constant after construction; any
// thread.
#pragma once

#include <curl/curl.h>
#include <sys/socket.h>

#include <string>
#include <string_view>

#include "shared/process/crawl_settings.h"

namespace doutu {

class AddressGuard {
 public:
  enum class Allows {
    open_internet,
    names,  ///< Behind a proxy: what names stand for is its affair, an address in a URL is judged.
    everything,
  };
  /// home_host: a host whose addresses are private; empty for none.
  AddressGuard(std::string home_host, Allows allows);

  /// The guard that the settings ask for.
  [[nodiscard]] static AddressGuard of(const CrawlSettings& settings);

  /// Whether a transfer to a URL of this host may connect to this address.
  [[nodiscard]] bool allows(std::string_view url_host, const sockaddr* address) const;

 private:
  const std::string home_host_;
  const Allows allows_;
};

/// What the curl callbacks of one transfer need. Lives as long as the easy handle is in use. Before each hop the caller
/// sets host and clears refused.
struct GuardedTransfer {
  const AddressGuard* guard = nullptr;
  std::string host;      ///< Host of the current hop's URL, as url_host() says it.
  bool refused = false;  ///< An address was refused: if the transfer failed, the cause is private_address.
};

/// Has curl ask the guard before every connection and before every request on a reused one (OPENSOCKETFUNCTION and
/// PREREQFUNCTION).
void install_address_guard(CURL* easy, GuardedTransfer& transfer);

}  // namespace doutu

// AddressGuard: whom a transfer may talk to, so that an image URL on a page cannot make doutu talk to the user's
// router, or to a mail server. Every hop is judged twice: by its URL, before anything is looked up (names of private
// networks such as localhost, ports of other protocols), and by each address that is connected to (loopback, RFC 1918,
// link-local, ...). Exceptions: the host that the template names, at any port, if its address is private when the crawl
// starts (then it may have no other); the template's own port; and every host under --allow-private. Behind a proxy
// only the proxy's address is seen: there a host is judged that is a private name, or an address itself. Constant after
// construction; any thread.
#pragma once

#include <curl/curl.h>
#include <sys/socket.h>

#include <string>
#include <string_view>

#include "shared/base/cause.h"
#include "shared/crawl/crawl_settings.h"

namespace doutu {

class AddressGuard {
 public:
  enum class Allows {
    open_internet,
    names,  ///< Behind a proxy: what public names stand for is its affair, an address in a URL is judged.
    everything,
  };
  /// site_host: a host whose addresses are private; empty for none. site_origin: scheme, host and port of the template,
  /// as url_authority() says them.
  AddressGuard(std::string site_host, Allows allows, std::string site_origin = {});

  /// The guard that the settings ask for.
  [[nodiscard]] static AddressGuard of(const HttpOptions& http);

  /// Before a hop begins: Cause::none, private_address for a name that is private, or blocked_port. url is one that
  /// resolve_url() returned.
  [[nodiscard]] Cause judge(std::string_view url) const;

  /// Whether a transfer to a URL of this host may connect to this address.
  [[nodiscard]] bool allows(std::string_view url_host, const sockaddr* address) const;

 private:
  [[nodiscard]] bool allows_name(std::string_view url_host) const;

  const std::string site_host_;
  const std::string site_origin_;
  const std::string origin_host_;  ///< Host of site_origin_.
  const Allows allows_;
};

/// What the curl callbacks of one transfer need. Lives as long as the easy handle is in use. Before each hop the caller
/// calls begin().
struct GuardedTransfer {
  const AddressGuard* guard = nullptr;
  std::string host;        ///< Host of the current hop's URL, as url_host() says it.
  bool refused = false;    ///< An address was refused: if the transfer failed, the cause is private_address.
  int socket_error = 0;    ///< errno of a socket that the system did not make.
  int receive_buffer = 0;  ///< SO_RCVBUF of every socket; 0: the system's.

  void begin(std::string_view hop_host) { host = hop_host, refused = false, socket_error = 0; }
};

/// Has curl ask the guard before every connection and before every request on a reused one (OPENSOCKETFUNCTION and
/// PREREQFUNCTION).
void install_address_guard(CURL* easy, GuardedTransfer& transfer);

}  // namespace doutu

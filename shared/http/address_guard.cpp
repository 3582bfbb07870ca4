#include "shared/http/address_guard.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "shared/url/blocked_port.h"
#include "shared/url/private_address.h"
#include "shared/url/private_name.h"
#include "shared/url/url.h"

namespace doutu {
namespace {

/// The address that curl names in text; a family that is none when it is no address.
sockaddr_storage parse_address(std::string_view text) {
  const std::string plain(text.substr(0, text.find('%')));
  sockaddr_storage storage{};
  sockaddr_in in4{};
  sockaddr_in6 in6{};
  if (inet_pton(AF_INET, plain.c_str(), &in4.sin_addr) == 1) {
    in4.sin_family = AF_INET;
    std::memcpy(&storage, &in4, sizeof in4);
  } else if (inet_pton(AF_INET6, plain.c_str(), &in6.sin6_addr) == 1) {
    in6.sin6_family = AF_INET6;
    std::memcpy(&storage, &in6, sizeof in6);
  }
  return storage;
}

bool judge(GuardedTransfer& transfer, const sockaddr* address) {
  const bool allowed = transfer.guard != nullptr && transfer.guard->allows(transfer.host, address);
  if (!allowed) transfer.refused = true;
  return allowed;
}

curl_socket_t open_socket(void* context, curlsocktype /*purpose*/, curl_sockaddr* address) {
  auto& transfer = *static_cast<GuardedTransfer*>(context);
  if (!judge(transfer, &address->addr)) return CURL_SOCKET_BAD;
  const int made = socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
  if (made < 0) transfer.socket_error = errno;
  if (made >= 0 && transfer.receive_buffer > 0) {
    setsockopt(made, SOL_SOCKET, SO_RCVBUF, &transfer.receive_buffer, sizeof transfer.receive_buffer);
  }
  return made;
}

int before_request(void* context, char* remote_ip, char* /*local_ip*/, int /*remote_port*/, int /*local_port*/) {
  const sockaddr_storage address = parse_address(remote_ip == nullptr ? "" : remote_ip);
  const bool allowed = judge(*static_cast<GuardedTransfer*>(context), reinterpret_cast<const sockaddr*>(&address));
  return allowed ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT;
}

}  // namespace

AddressGuard::AddressGuard(std::string site_host, Allows allows, std::string site_origin)
    : site_host_(std::move(site_host)),
      site_origin_(std::move(site_origin)),
      origin_host_(url_host(site_origin_)),
      allows_(allows) {}

AddressGuard AddressGuard::of(const HttpOptions& http) {
  const Allows allows = http.allow_private   ? Allows::everything
                        : http.proxy.empty() ? Allows::open_internet
                                             : Allows::names;
  return {http.site_host, allows, http.site_origin};
}

Cause AddressGuard::judge(std::string_view url) const {
  if (!allows_name(url_host(url))) return Cause::private_address;
  const bool is_blocked = is_blocked_port(url_port(url)) && url_authority(url) != site_origin_;
  return is_blocked ? Cause::blocked_port : Cause::none;
}

bool AddressGuard::allows_name(std::string_view url_host) const {
  return allows_ == Allows::everything || url_host == origin_host_ || url_host == site_host_ ||
         !is_private_name(url_host);
}

bool AddressGuard::allows(std::string_view url_host, const sockaddr* address) const {
  if (allows_ == Allows::everything) return true;
  // A private site that is on the open internet all at once could name itself as the source of the user's own images.
  const bool is_site = !site_host_.empty() && url_host == site_host_;
  if (allows_ == Allows::open_internet) return is_private_address(address) == is_site;
  // The address is the proxy's, which the user chose.
  return is_site || !is_private_host(url_host, Lookup::literal).value_or(false);
}

void install_address_guard(CURL* easy, GuardedTransfer& transfer) {
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, &transfer);
  curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, before_request);
  curl_easy_setopt(easy, CURLOPT_PREREQDATA, &transfer);
}

}  // namespace doutu

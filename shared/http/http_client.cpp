#include "shared/http/http_client.h"

#include <openssl/x509_vfy.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <utility>

#include "shared/base/ascii.h"
#include "shared/base/check.h"
#include "shared/base/system_limits.h"
#include "shared/base/throw_if_no_memory.h"
#include "shared/base/unique_fd.h"
#include "shared/politeness/retry_after.h"

namespace doutu {
namespace {

std::int64_t info_time(CURL* easy, CURLINFO what) {
  curl_off_t microseconds = 0;
  curl_easy_getinfo(easy, what, &microseconds);
  return microseconds;
}

/// By so much curl's clock for the limit is ahead of the one for the total time.
constexpr milliseconds kClockSkew{10};

/// curl has one code for four outcomes. Nothing was sent before PRETRANSFER; a low speed ends a transfer before its
/// total time is up. Over a used connection nothing is looked up, and libcurl 8 says so.
Cause cause_of_timeout(CURL* easy, milliseconds total_limit) {
  if (info_time(easy, CURLINFO_PRETRANSFER_TIME_T) == 0) {
    return info_time(easy, CURLINFO_NAMELOOKUP_TIME_T) == 0 ? Cause::dns_failure : Cause::connect_timeout;
  }
  const std::chrono::microseconds total(info_time(easy, CURLINFO_TOTAL_TIME_T));
  return total_limit > milliseconds::zero() && total + kClockSkew >= total_limit ? Cause::timeout : Cause::stalled;
}

Cause cause_of_failed_connect(CURL* easy) {
  long error = 0;
  curl_easy_getinfo(easy, CURLINFO_OS_ERRNO, &error);
  switch (error) {
    case ECONNREFUSED:
      return Cause::connection_refused;
    case ETIMEDOUT:
      return Cause::connect_timeout;
    case ECONNRESET:
      return Cause::connection_lost;
    default:
      return Cause::unreachable;
  }
}

/// CURLE_TOO_LARGE, which the headers of older ones do not have.
constexpr auto kTooLargeForCurl = static_cast<CURLcode>(100);

/// curl has one code for a connection that broke and for chunks that make no sense. Only its words tell them apart:
/// "... in chunked-encoding", and of newer ones also "chunk hex-length ..." and "invalid chunk size ...".
bool is_about_chunks(std::string_view said) { return said.find("chunk") != said.npos; }

/// curl has one code for TLS that fails and for what is no TLS: OpenSSL's words tell them apart.
bool is_about_no_tls(std::string_view said) {
  return said.find("wrong version number") != said.npos || said.find("packet length too long") != said.npos;
}

/// Nor has it a code of its own for a connection that ends while TLS begins, as where a server starts anew. It says
/// "Recv failure: ..." of a reset, OpenSSL 3 "unexpected eof ..." of an end; where OpenSSL has no word for it, curl
/// says "OpenSSL SSL_connect: ... in connection to ...".
bool is_about_an_end(std::string_view said) {
  const auto says = [said](std::string_view words) { return said.find(words) != said.npos; };
  return says("unexpected eof") || says("SSL_connect: ") || says("Recv failure: ") || says("Send failure: ");
}

Cause cause_of_failed_tls(std::string_view said) {
  if (is_about_an_end(said)) return Cause::connection_lost;
  return is_about_no_tls(said) ? Cause::tls_missing : Cause::tls_failure;
}

/// OpenSSL says what is wrong with a chain. curl compares the names itself, while the result is still unspecified.
Cause cause_of_certificate(CURL* easy) {
  long result = X509_V_OK;
  curl_easy_getinfo(easy, CURLINFO_SSL_VERIFYRESULT, &result);
  switch (result) {
    case X509_V_OK:
    case X509_V_ERR_UNSPECIFIED:
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return Cause::tls_wrong_name;
    case X509_V_ERR_CERT_HAS_EXPIRED:
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return Cause::tls_expired;
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
      return Cause::tls_unknown_issuer;
    default:
      return Cause::tls_failure;
  }
}

/// Whether the length was announced with different values, of which curl takes the last: such a message cannot be read
/// (RFC 9112 section 6.3).
bool lengths_disagree(CURL* easy) {
  const auto get = [easy](const char* name, std::size_t index, curl_header*& header) {
    return curl_easy_header(easy, name, index, CURLH_HEADER, -1, &header) == CURLHE_OK;
  };
  curl_header* header = nullptr;
  if (!get("Content-Length", 1, header) || get("Transfer-Encoding", 0, header)) return false;
  if (!get("Content-Length", 0, header)) return false;
  const std::string first = header->value;
  for (std::size_t i = 1; get("Content-Length", i, header); ++i) {
    if (header->value != first) return true;
  }
  return false;
}

/// Whether a 206 carries the whole: "Content-Range: bytes 0-99/100" and 100 bytes.
bool is_whole_part(CURL* easy) {
  curl_off_t size = 0;
  curl_easy_getinfo(easy, CURLINFO_SIZE_DOWNLOAD_T, &size);
  const std::string range = ascii_lower(header_values(easy, "Content-Range"));
  return size > 0 && range == "bytes 0-" + std::to_string(size - 1) + "/" + std::to_string(size);
}

Cause cause_of_answer(CURL* easy, long http_status) {
  if (http_status == 0 || lengths_disagree(easy)) return Cause::bad_response;
  if (http_status == 206 && !is_whole_part(easy)) return Cause::bad_response;  // Nobody asked for a part.
  return http_status >= 200 && http_status <= 299 ? Cause::none : Cause::http_status;
}

/// errno where the system has not as many descriptors left as looking up a name takes.
int want_of_descriptors() {
  std::array<UniqueFd, 4> probes;
  for (UniqueFd& probe : probes) {
    probe.reset(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    if (!probe.valid()) return is_want(errno) ? errno : 0;
  }
  return 0;
}

/// Of "HTTP/1.1 103 Early Hints" "103".
std::string_view status_of(std::string_view status_line) {
  status_line.remove_prefix(std::min(status_line.find(' '), status_line.size()));
  status_line.remove_prefix(std::min(status_line.find_first_not_of(' '), status_line.size()));
  return status_line.substr(0, status_line.find_first_not_of("0123456789"));
}

/// To curl 101 is the last answer, as nobody asked to switch.
bool is_interim(std::string_view status) { return status.starts_with('1') && status != "101"; }

/// False for a line that ends the transfer.
bool read_line(std::string_view line, HeaderLimit& limit) {
  using Next = HeaderLimit::Next;
  const bool is_folded = line.starts_with(' ') || line.starts_with('\t');
  const bool is_blank = line.starts_with('\r') || line.starts_with('\n');
  switch (limit.next) {
    case Next::status_line:
      limit.said_of_another_connection = limit.said[0] != '\0';
      limit.is_interim = is_interim(status_of(line));
      limit.next = Next::first_field;
      // A newer curl takes the first three digits of more (RFC 9110 section 15).
      return status_of(line).size() <= 3;
    case Next::first_field:
    case Next::field:
      if (is_folded && limit.next == Next::first_field) return false;
      limit.next = !is_blank ? Next::field : limit.is_interim ? Next::status_line : Next::trailer;
      return true;
    case Next::trailer:
      return true;
  }
  return false;
}

std::size_t count_header(char* data, std::size_t size, std::size_t count, void* context) {
  auto& limit = *static_cast<HeaderLimit*>(context);
  const std::string_view line(data, size * count);
  limit.seen += line.size();
  return read_line(line, limit) && limit.seen <= limit.max ? size * count : 0;
}

std::string_view value_of(const curl_header& header) {
  std::string_view value = header.value;
  while (value.ends_with('\r') || value.ends_with('\n')) value.remove_suffix(1);  // curl leaves them in an empty one.
  return value;
}

/// The first of the last hop; empty when there was none.
std::string response_header(CURL* easy, const char* name) {
  curl_header* header = nullptr;
  if (curl_easy_header(easy, name, 0, CURLH_HEADER, -1, &header) != CURLHE_OK) return {};
  return std::string(value_of(*header));
}

}  // namespace

void init_http() {
  throw_if_no_memory(curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK);
  struct sigaction ignore {};
  ignore.sa_handler = SIG_IGN;  // NOLINT(cppcoreguidelines-pro-type-cstyle-cast): the system's macro
  sigaction(SIGPIPE, &ignore, nullptr);
}

void set_text(CURL* easy, CURLoption option, const char* text) {
  throw_if_no_memory(curl_easy_setopt(easy, option, text) != CURLE_OUT_OF_MEMORY);
}

void apply_http_settings(CURL* easy, const HttpOptions& http) {
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  // A resolver thread that hangs is left behind, not joined: joining would stop every transfer of the loop.
  curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
  set_text(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);  // resolve_url() has removed what is to be removed.
  set_text(easy, CURLOPT_PROXY, http.proxy.c_str());
  set_text(easy, CURLOPT_NOPROXY, "");  // Neither half is the environment's to say.
  curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, http.http1 ? CURL_HTTP_VERSION_1_1 : CURL_HTTP_VERSION_2TLS);
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(http.connect_timeout.count()));
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, http.insecure ? 0L : 1L);
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, http.insecure ? 0L : 2L);
  if (!http.ca_file.empty()) set_text(easy, CURLOPT_CAINFO, http.ca_file.c_str());
}

void install_header_limit(CURL* easy, HeaderLimit& limit) {
  curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);  // A proxy's answer to CONNECT is not the server's.
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, count_header);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, &limit);
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, limit.said.data());
}

Cause cause_of_transfer(CURL* easy, CURLcode code, long http_status, milliseconds total_limit, std::string_view said) {
  switch (code) {
    case CURLE_OK:
      return cause_of_answer(easy, http_status);
    case CURLE_URL_MALFORMAT:
      return Cause::bad_url;
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
      return Cause::dns_failure;
    case CURLE_COULDNT_CONNECT:
      return cause_of_failed_connect(easy);
    case CURLE_PROXY:
      return Cause::unreachable;
    case CURLE_OPERATION_TIMEDOUT:
      return cause_of_timeout(easy, total_limit);
    case CURLE_RECV_ERROR:
      return is_about_chunks(said) ? Cause::bad_response : Cause::connection_lost;
    case CURLE_GOT_NOTHING:
    case CURLE_SEND_ERROR:
      return Cause::connection_lost;
    case CURLE_PARTIAL_FILE:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM:
      return Cause::truncated;
    case CURLE_FILESIZE_EXCEEDED:
      return Cause::too_large;
    case CURLE_SSL_CONNECT_ERROR:
      return cause_of_failed_tls(said);
    case CURLE_PEER_FAILED_VERIFICATION:
      return cause_of_certificate(easy);
    case CURLE_SSL_ENGINE_NOTFOUND:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_SHUTDOWN_FAILED:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_INVALIDCERTSTATUS:
    case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
    case CURLE_SSL_CLIENTCERT:
      return Cause::tls_failure;
    case CURLE_UNSUPPORTED_PROTOCOL:  // An answer without a status line (HTTP/0.9).
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_OUT_OF_MEMORY:          // A header line beyond curl's own bound (100 KiB).
    case CURLE_BAD_FUNCTION_ARGUMENT:  // A header line that libcurl 7.88 cannot take apart.
    case kTooLargeForCurl:             // The same since 8.6.0.
    case CURLE_BAD_CONTENT_ENCODING:
    case CURLE_WRITE_ERROR:
    case CURLE_ABORTED_BY_CALLBACK:
      return Cause::bad_response;
    default:
      return Cause::internal_error;
  }
}

int want_of_transfer(CURLcode code, int socket_error, std::string_view said) {
  switch (code) {
    case CURLE_COULDNT_CONNECT:
      return is_want(socket_error) ? socket_error : 0;
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
      if (const int wanting = want_of_descriptors()) return wanting;
      return said.ends_with("thread failed to start") ? EAGAIN : 0;
    case CURLE_SSL_CACERT_BADFILE:
      return want_of_descriptors();
    default:
      return 0;
  }
}

CURLcode perform_alone(CURLM* multi, CURL* easy, const std::function<bool()>& is_overdue) {
  throw_if_no_memory(curl_multi_add_handle(multi, easy) == CURLM_OK);
  int running = 1;
  while (true) {
    throw_if_no_memory(curl_multi_perform(multi, &running) == CURLM_OK);
    if (running == 0) break;
    if (is_overdue && is_overdue()) return CURLE_OPERATION_TIMEDOUT;
    constexpr int kLongestPause = 1000;  // Milliseconds. curl ends it sooner for whatever it waits for.
    throw_if_no_memory(curl_multi_poll(multi, nullptr, 0, kLongestPause, nullptr) == CURLM_OK);
  }
  int left = 0;
  const CURLMsg* const ended = curl_multi_info_read(multi, &left);
  DOUTU_CHECK(ended != nullptr && ended->msg == CURLMSG_DONE);
  return ended->data.result;
}

curl_socket_t idle_connection(CURL* easy) {
  curl_socket_t connection = CURL_SOCKET_BAD;
  const char* scheme = nullptr;
  curl_easy_getinfo(easy, CURLINFO_SCHEME, &scheme);
  if (scheme == nullptr || curl_strequal(scheme, "http") == 0) return CURL_SOCKET_BAD;
  curl_easy_getinfo(easy, CURLINFO_ACTIVESOCKET, &connection);
  return connection;
}

void end_connections_with_unsolicited_data(std::vector<pollfd>& idle) {
  if (idle.empty() || poll(idle.data(), idle.size(), 0) <= 0) return;
  std::erase_if(idle, [](const pollfd& connection) {
    if (connection.revents != 0) shutdown(connection.fd, SHUT_RDWR);
    return connection.revents != 0;
  });
}

void for_each_header(CURL* easy, const char* name, const std::function<void(std::string_view)>& take) {
  curl_header* header = nullptr;
  for (std::size_t i = 0; curl_easy_header(easy, name, i, CURLH_HEADER, -1, &header) == CURLHE_OK; ++i) {
    take(value_of(*header));
  }
}

std::string header_values(CURL* easy, const char* name) {
  std::string values;
  bool is_first = true;
  for_each_header(easy, name, [&](std::string_view value) {
    if (!std::exchange(is_first, false)) values += ", ";
    values += value;
  });
  return values;
}

bool needs_fresh_connection(CURLcode code, long http_status, const HeaderLimit& header) {
  constexpr long kMisdirected = 421;
  if (http_status == kMisdirected) return header.is_whole(code);
  return code == CURLE_RECV_ERROR && header.said_of_another_connection;
}

void use_connection(CURL* easy, Connection connection) {
  curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, connection == Connection::fresh ? 1L : 0L);
}

bool is_insecure_step(std::string_view from, std::string_view to, const HttpOptions& http) {
  return !http.insecure && from.starts_with("https:") && !to.starts_with("https:");
}

ResolvedUrl redirect_target(CURL* easy, std::string_view url, const HttpOptions& http) {
  const std::string location = response_header(easy, "Location");
  ResolvedUrl target = resolve_url(url, location);
  if (location.empty() || target.cause != Cause::none) {
    target.cause = Cause::bad_redirect;
  } else if (is_insecure_step(url, target.url, http)) {
    target.cause = Cause::insecure_redirect;
  }
  return target;
}

seconds retry_after(CURL* easy, milliseconds max) {
  const auto now = std::chrono::floor<seconds>(std::chrono::system_clock::now());
  const auto wait = parse_retry_after(response_header(easy, "Retry-After"), now).value_or(seconds::zero());
  return std::min(wait, std::chrono::duration_cast<seconds>(max));
}

}  // namespace doutu

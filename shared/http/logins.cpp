#include "shared/http/logins.h"

#include <fmt/format.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <utility>

#include "shared/base/ascii.h"
#include "shared/base/check.h"
#include "shared/url/percent_encode.h"
#include "shared/url/url.h"

namespace doutu {
namespace {

/// A page may name any number of servers with logins.
constexpr std::size_t kMostServers = 256;
/// Answers of one request: others may use up a server's nonces in between.
constexpr std::uint32_t kMostStale = 3;

Login decoded_login(std::string_view userinfo) {
  const Login written = read_login(userinfo);
  return {percent_decode(written.user), percent_decode(written.password)};
}

/// Path and query.
std::string_view target_of(std::string_view url) {
  const std::size_t host = url.find("://") + 3;
  return url.substr(std::min(url.find('/', host), url.size()));
}

std::string random_text() {
  std::array<unsigned char, 16> bytes{};
  DOUTU_CHECK(RAND_bytes(bytes.data(), bytes.size()) == 1);
  std::string digits;
  for (const unsigned char byte : bytes) digits += fmt::format("{:02x}", byte);
  return digits;
}

bool is_authorization(std::string_view line) {
  return equals_ignoring_case(line.substr(0, line.find(':')), "authorization");
}

struct Asked {
  std::string_view url;
  std::string_view method;
};

std::string answer_to(const AuthChallenge& challenge, const Login& login, std::uint32_t count, const Asked& asked) {
  if (challenge.scheme == AuthChallenge::Scheme::basic) return basic_answer(login);
  const std::string client_nonce = random_text();
  return digest_answer(login, challenge, {asked.method, target_of(asked.url), count, client_nonce});
}

}  // namespace

std::string_view url_userinfo(std::string_view url) {
  const std::size_t begin = url.find("://") + 3;
  const std::string_view authority = url.substr(begin, url.find('/', begin) - begin);
  const std::size_t at = authority.rfind('@');
  return at == std::string_view::npos ? std::string_view() : authority.substr(0, at);
}

Logins::Logins(SiteLogin site) : site_(std::move(site)) {}

Logins::Logins(const CrawlSettings& settings)
    : Logins(SiteLogin{.origin = settings.http.site_origin,
                       .login = settings.login.user,
                       .is_unasked = settings.login.is_unasked,
                       .is_replaced = std::ranges::any_of(settings.http.headers, is_authorization)}) {}

bool Logins::is_site(std::string_view url) const { return url_authority(url) == site_.origin; }

std::optional<Login> Logins::login_for(std::string_view url) const {
  const std::string_view own = url_userinfo(url);
  if (own.empty() && site_.login.empty()) return std::nullopt;
  const bool is_of_site = is_site(url);
  if (is_of_site && site_.is_replaced) return std::nullopt;
  if (is_of_site && !site_.login.empty()) return read_login(site_.login);
  return own.empty() ? std::nullopt : std::optional(decoded_login(own));
}

LoginTalk Logins::begin(std::string_view url, std::string_view method) {
  const auto login = login_for(url);
  if (!login) return {};
  const MutexLock lock(mutex_);
  const auto wanted = wanted_.find(url_authority(url));
  if (wanted != wanted_.end()) {
    auto& [challenge, requests] = wanted->second;
    return {.answer = answer_to(challenge, *login, ++requests, {url, method})};
  }
  const bool is_unasked = is_site(url) && !site_.login.empty() ? site_.is_unasked : true;  // It stands in the URL.
  return {.answer = is_unasked ? basic_answer(*login) : ""};
}

/// Of a Digest whose nonce was too old nothing is known to be wrong.
bool Logins::goes_on(LoginTalk& talk, std::string_view challenges, std::string_view url, std::string_view method) {
  const auto login = login_for(url);
  const auto challenge = login ? read_auth_challenge(challenges) : std::nullopt;
  if (!challenge) return false;
  const bool is_refused = talk.answer.starts_with("Basic ") && challenge->scheme == AuthChallenge::Scheme::basic;
  if (is_refused || talk.times >= (challenge->is_stale ? kMostStale : 1)) return false;
  ++talk.times;
  talk.answer = answer_to(*challenge, *login, 1, {url, method});
  const MutexLock lock(mutex_);
  if (wanted_.size() >= kMostServers) wanted_.clear();
  wanted_.insert_or_assign(url_authority(url), Wanted{*challenge, 1});
  return !talk.answer.empty();
}

}  // namespace doutu

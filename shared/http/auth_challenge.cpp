#include "shared/http/auth_challenge.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "shared/base/ascii.h"
#include "shared/base/whitespace.h"

namespace doutu {
namespace {

constexpr std::string_view kBlanks = " \t";
constexpr std::string_view kBetween = " \t,";
constexpr std::string_view kEndOfWord = " \t,=\"";

/// A server may name any number; an honest one names three or four.
constexpr std::size_t kMostChallenges = 16;

struct Parameter {
  std::string_view name;
  std::string_view value;  ///< Without its quotes.
};

/// As it was written.
struct Written {
  std::string_view scheme;
  std::vector<Parameter> parameters;

  [[nodiscard]] std::optional<std::string_view> value_of(std::string_view name) const {
    const auto same_name = [name](const Parameter& one) { return equals_ignoring_case(one.name, name); };
    const auto found = std::ranges::find_if(parameters, same_name);
    return found == parameters.end() ? std::nullopt : std::optional(found->value);
  }
};

std::string_view take_word(std::string_view& text) {
  const std::string_view word = text.substr(0, text.find_first_of(kEndOfWord));
  text.remove_prefix(word.size());
  return word;
}

/// Behind the quote that begins it, with the one that ends it.
std::string_view take_quoted(std::string_view& text) {
  std::size_t end = 0;
  while (end < text.size() && text[end] != '"') end += text[end] == '\\' ? 2U : 1U;
  end = std::min(end, text.size());
  const std::string_view value = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return value;
}

std::string_view take_value(std::string_view& text) {
  text = trim_front(text, kBlanks);
  if (!text.starts_with('"')) return take_word(text);
  text.remove_prefix(1);
  return take_quoted(text);
}

/// 'Basic realm="a, b", Digest realm="c", nonce="d"': a word that no "=" follows begins a challenge.
std::vector<Written> read_challenges(std::string_view text) {
  std::vector<Written> challenges;
  for (text = trim_front(text, kBetween); !text.empty(); text = trim_front(text, kBetween)) {
    const std::string_view word = take_word(text);
    if (word.empty()) {  // A quote or "=" where none may stand.
      text.remove_prefix(1);
      continue;
    }
    const std::string_view behind = trim_front(text, kBlanks);
    if (!behind.starts_with('=')) {
      if (challenges.size() == kMostChallenges) break;
      challenges.push_back({word, {}});
      continue;
    }
    text = behind.substr(1);
    const std::string_view value = take_value(text);
    if (!challenges.empty()) challenges.back().parameters.push_back({word, value});
  }
  return challenges;
}

/// "auth, auth-int".
bool offers_auth(std::string_view options) {
  while (!options.empty()) {
    const std::string_view option = options.substr(0, options.find(','));
    options.remove_prefix(std::min(option.size() + 1, options.size()));
    if (equals_ignoring_case(trim(option, kBlanks), "auth")) return true;
  }
  return false;
}

/// False: another algorithm.
bool read_algorithm(std::string_view text, AuthChallenge& challenge) {
  constexpr std::string_view kSession = "-sess";
  challenge.algorithm = text;
  challenge.is_session =
      text.size() > kSession.size() && equals_ignoring_case(text.substr(text.size() - kSession.size()), kSession);
  if (challenge.is_session) text.remove_suffix(kSession.size());
  challenge.hash = equals_ignoring_case(text, "SHA-256") ? AuthChallenge::Hash::sha256 : AuthChallenge::Hash::md5;
  return challenge.hash == AuthChallenge::Hash::sha256 || text.empty() || equals_ignoring_case(text, "MD5");
}

std::optional<AuthChallenge> read_digest(const Written& written) {
  AuthChallenge challenge{.scheme = AuthChallenge::Scheme::digest};
  const auto nonce = written.value_of("nonce");
  const auto qop = written.value_of("qop");
  challenge.has_qop = qop && offers_auth(*qop);
  if (!nonce || (qop && !challenge.has_qop)) return std::nullopt;
  if (!read_algorithm(written.value_of("algorithm").value_or(""), challenge)) return std::nullopt;
  challenge.nonce = *nonce;
  challenge.realm = written.value_of("realm").value_or("");
  if (const auto opaque = written.value_of("opaque")) challenge.opaque = *opaque;
  challenge.hides_user = equals_ignoring_case(written.value_of("userhash").value_or(""), "true");
  challenge.is_stale = equals_ignoring_case(written.value_of("stale").value_or(""), "true");
  return challenge;
}

// --- The answer.

/// In hexadecimal digits; empty: there is no such hash here.
std::string hashed(AuthChallenge::Hash hash, std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  const EVP_MD* const type = hash == AuthChallenge::Hash::md5 ? EVP_md5() : EVP_sha256();
  if (EVP_Digest(text.data(), text.size(), digest.data(), &size, type, nullptr) != 1) return {};
  std::string digits;
  for (unsigned i = 0; i < size; ++i) digits += fmt::format("{:02x}", digest.at(i));
  return digits;
}

std::string in_quotes(std::string_view text) {
  std::string quoted;
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted;
}

}  // namespace

std::optional<AuthChallenge> read_auth_challenge(std::string_view values) {
  std::optional<AuthChallenge> basic;
  for (const Written& written : read_challenges(values)) {
    if (equals_ignoring_case(written.scheme, "Basic")) basic = AuthChallenge{};
    if (!equals_ignoring_case(written.scheme, "Digest")) continue;
    if (auto digest = read_digest(written)) return digest;
  }
  return basic;
}

Login read_login(std::string_view text) {
  const std::size_t colon = std::min(text.find(':'), text.size());
  return {std::string(text.substr(0, colon)), std::string(text.substr(std::min(colon + 1, text.size())))};
}

std::string basic_answer(const Login& login) {
  const std::string text = login.user + ":" + login.password;
  std::vector<unsigned char> encoded((text.size() + 2) / 3 * 4 + 1);
  const int size = EVP_EncodeBlock(encoded.data(), reinterpret_cast<const unsigned char*>(text.data()),
                                   static_cast<int>(text.size()));
  return "Basic " + std::string(encoded.begin(), encoded.begin() + size);
}

std::string digest_answer(const Login& login, const AuthChallenge& challenge, const DigestRequest& request) {
  const auto hash = [&challenge](const std::string& text) { return hashed(challenge.hash, text); };
  const std::string count = fmt::format("{:08x}", request.count);
  std::string secret = hash(fmt::format("{}:{}:{}", login.user, challenge.realm, login.password));
  if (secret.empty()) return {};
  if (challenge.is_session) secret = hash(fmt::format("{}:{}:{}", secret, challenge.nonce, request.client_nonce));
  const std::string asked = hash(fmt::format("{}:{}", request.method, request.target));
  const std::string between =
      challenge.has_qop ? fmt::format("{}:{}:{}:auth", challenge.nonce, count, request.client_nonce) : challenge.nonce;
  const std::string user =
      challenge.hides_user ? hash(fmt::format("{}:{}", login.user, challenge.realm)) : in_quotes(login.user);

  std::string answer =
      fmt::format(R"(Digest username="{}", realm="{}", nonce="{}", uri="{}", response="{}")", user, challenge.realm,
                  challenge.nonce, request.target, hash(fmt::format("{}:{}:{}", secret, between, asked)));
  if (!challenge.algorithm.empty()) answer += ", algorithm=" + challenge.algorithm;
  if (challenge.opaque) answer += fmt::format(R"(, opaque="{}")", *challenge.opaque);
  if (challenge.has_qop) answer += fmt::format(R"(, qop=auth, nc={}, cnonce="{}")", count, request.client_nonce);
  if (!challenge.has_qop && challenge.is_session) answer += fmt::format(R"(, cnonce="{}")", request.client_nonce);
  if (challenge.hides_user) answer += ", userhash=true";
  return answer;
}

}  // namespace doutu

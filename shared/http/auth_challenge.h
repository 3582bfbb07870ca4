// What a server asks for when it answers 401 (RFC 9110 section 11.6.1), and what a login says to that: Basic (RFC 7617)
// or Digest (RFC 7616, and as RFC 2617 and RFC 2069 had it). libcurl could do it, but keeps what it knows of a server
// in a handle, and a handle makes one transfer (transfer_handle.h): each image would be asked for twice. Any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace doutu {

struct AuthChallenge {
  enum class Scheme { basic, digest };
  enum class Hash { md5, sha256 };

  Scheme scheme = Scheme::basic;
  // Of Digest. Texts are as they stand between the quotes, with their backslashes: so they are hashed and sent back.
  std::string realm{};
  std::string nonce{};
  std::optional<std::string> opaque{};
  std::string algorithm{};  ///< As it was written; empty: none was, which is MD5.
  Hash hash = Hash::md5;
  bool is_session = false;  ///< "-sess": the hash of the password has both nonces in it.
  bool has_qop = false;     ///< "auth" was offered.
  bool hides_user = false;  ///< userhash: the name is sent as its hash.
  bool is_stale = false;    ///< The nonce of the answer was too old, and nothing else was wrong with it.
  bool operator==(const AuthChallenge&) const = default;
};

/// The first Digest that is understood, else Basic. values: of all WWW-Authenticate lines, with ", " between them.
/// nullopt: neither was asked for.
[[nodiscard]] std::optional<AuthChallenge> read_auth_challenge(std::string_view values);

struct Login {
  std::string user;
  std::string password;
  bool operator==(const Login&) const = default;
};

/// Of "me:sesame". There is a colon: the first one ends the name.
[[nodiscard]] Login read_login(std::string_view text);

/// "Basic bWU6c2VzYW1l".
[[nodiscard]] std::string basic_answer(const Login& login);

/// What one request needs of its own.
struct DigestRequest {
  std::string_view method;
  std::string_view target;  ///< Path and query.
  std::uint32_t count = 1;  ///< Of the requests with this nonce.
  std::string_view client_nonce;
};
/// "Digest username="me", ...". Empty where this system does not compute the hash (MD5 is forbidden on some).
[[nodiscard]] std::string digest_answer(const Login& login, const AuthChallenge& challenge,
                                        const DigestRequest& request);

}  // namespace doutu

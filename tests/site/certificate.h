// Certificate: a self-signed certificate for 127.0.0.1 with its key, made in memory when a test asks for it, or one
// that nobody should take for that.
#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <string>

namespace doutu {

class Certificate {
 public:
  enum class Kind {
    good,        ///< Valid for a day, from an hour ago.
    expired,     ///< A minute ago.
    not_yet,     ///< Valid from tomorrow on.
    other_name,  ///< For another address, and a name.
  };
  explicit Certificate(Kind kind = Kind::good);

  /// For --cacert.
  [[nodiscard]] std::string pem() const;
  /// Gives certificate and key to a server.
  void install(SSL_CTX* server) const;

 private:
  struct Free {
    void operator()(X509* certificate) const { X509_free(certificate); }
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  };
  const std::unique_ptr<EVP_PKEY, Free> key_;
  const std::unique_ptr<X509, Free> certificate_;
};

}  // namespace doutu

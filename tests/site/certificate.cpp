#include "tests/site/certificate.h"

#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "shared/base/check.h"

namespace doutu {
namespace {

void add_extension(X509* certificate, int kind, const char* value) {
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, kind, value);
  DOUTU_CHECK(extension != nullptr && X509_add_ext(certificate, extension, -1) == 1);
  X509_EXTENSION_free(extension);
}

constexpr long kMinute = 60;
constexpr long kHour = 60 * kMinute;
constexpr long kDay = 24 * kHour;

}  // namespace

Certificate::Certificate(Kind kind) : key_(EVP_EC_gen("P-256")), certificate_(X509_new()) {
  X509* it = certificate_.get();
  X509_set_version(it, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(it), 1);
  X509_gmtime_adj(X509_getm_notBefore(it), kind == Kind::not_yet ? kDay : -kHour);
  X509_gmtime_adj(X509_getm_notAfter(it), kind == Kind::expired ? -kMinute : kDay + kHour);
  X509_set_pubkey(it, key_.get());
  X509_NAME* name = X509_get_subject_name(it);
  const std::string words = "doutu test";
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, reinterpret_cast<const unsigned char*>(words.data()),
                             static_cast<int>(words.size()), -1, 0);
  X509_set_issuer_name(it, name);
  add_extension(it, NID_basic_constraints, "critical,CA:TRUE");
  add_extension(it, NID_subject_alt_name, kind == Kind::other_name ? "IP:127.0.0.2,DNS:localhost" : "IP:127.0.0.1");
  DOUTU_CHECK(X509_sign(it, key_.get(), EVP_sha256()) > 0);
}

std::string Certificate::pem() const {
  BIO* memory = BIO_new(BIO_s_mem());
  PEM_write_bio_X509(memory, certificate_.get());
  char* text = nullptr;
  const auto size = static_cast<std::size_t>(BIO_get_mem_data(memory, &text));
  std::string pem(text, size);
  BIO_free(memory);
  return pem;
}

void Certificate::install(SSL_CTX* server) const {
  DOUTU_CHECK(SSL_CTX_use_certificate(server, certificate_.get()) == 1);
  DOUTU_CHECK(SSL_CTX_use_PrivateKey(server, key_.get()) == 1);
}

}  // namespace doutu

#include "shared/http/auth_challenge.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace doutu {
namespace {

using testing::HasSubstr;
using testing::Not;
using Scheme = AuthChallenge::Scheme;
using Hash = AuthChallenge::Hash;

/// "response" of an answer.
std::string response_in(const std::string& answer) {
  const std::string_view kBefore = "response=\"";
  const std::size_t begin = answer.find(kBefore) + kBefore.size();
  return answer.substr(begin, answer.find('"', begin) - begin);
}

TEST(AuthChallenge, SaysBasicAsTheStandardDoes) {  // RFC 7617 section 2
  EXPECT_EQ(basic_answer({"Aladdin", "open sesame"}), "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
  EXPECT_EQ(basic_answer({"test", "123\xC2\xA3"}), "Basic dGVzdDoxMjPCow==");
  EXPECT_EQ(basic_answer({"", ""}), "Basic Og==");
  EXPECT_EQ(read_login("me:se:same"), (Login{"me", "se:same"}));
  EXPECT_EQ(read_login("me:"), (Login{"me", ""}));
}

TEST(AuthChallenge, SaysDigestAsTheStandardDoes) {  // RFC 7616 section 3.9.1
  const char* const kBoth =
      R"(Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=SHA-256,)"
      R"( nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS",)"
      R"( Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=MD5,)"
      R"( nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS")";
  const DigestRequest request{"GET", "/dir/index.html", 1, "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"};
  const Login login{"Mufasa", "Circle of Life"};
  AuthChallenge challenge = read_auth_challenge(kBoth).value();
  EXPECT_EQ(challenge.hash, Hash::sha256) << "the first that is understood";
  const std::string answer = digest_answer(login, challenge, request);
  EXPECT_EQ(response_in(answer), "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1");
  EXPECT_THAT(answer, HasSubstr(R"(username="Mufasa", realm="http-auth@example.org")"));
  EXPECT_THAT(answer, HasSubstr(R"(uri="/dir/index.html")"));
  EXPECT_THAT(answer, HasSubstr(R"(algorithm=SHA-256, opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS")"));
  EXPECT_THAT(answer, HasSubstr(R"(qop=auth, nc=00000001, cnonce="f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ")"));
  challenge.hash = Hash::md5;
  challenge.algorithm = "MD5";
  EXPECT_EQ(response_in(digest_answer(login, challenge, request)), "8ca523f5e9506fed4657c9700eebdbec");
}

TEST(AuthChallenge, SaysDigestAsOlderStandardsDid) {
  const DigestRequest request{"GET", "/dir/index.html", 1, "0a4f113b"};
  const Login login{"Mufasa", "Circle Of Life"};
  AuthChallenge challenge{.scheme = Scheme::digest,
                          .realm = "testrealm@host.com",
                          .nonce = "dcd98b7102dd2f0e8b11d0f600bfb0c093",
                          .opaque = "5ccc069c403ebaf9f0171e9517f40e41",
                          .has_qop = true};
  EXPECT_EQ(response_in(digest_answer(login, challenge, request)), "6629fae49393a05397450978507c4ef1");  // RFC 2617
  challenge.has_qop = false;
  const std::string old = digest_answer(login, challenge, request);
  EXPECT_EQ(response_in(old), "670fd8c2df070c60b045671b8b24ff02");  // RFC 2069's formula
  EXPECT_THAT(old, Not(HasSubstr("qop")));
  EXPECT_THAT(old, Not(HasSubstr("nc=")));
  EXPECT_THAT(old, Not(HasSubstr("algorithm")));
}

TEST(AuthChallenge, HidesTheUserWhereTheServerWantsIt) {
  const auto challenge = read_auth_challenge(R"(Digest realm="r", nonce="n", qop=auth, userhash=TRUE)").value();
  const std::string answer = digest_answer({"me", "sesame"}, challenge, {"GET", "/", 1, "c"});
  EXPECT_THAT(answer, Not(HasSubstr("\"me\"")));
  EXPECT_THAT(answer, HasSubstr("userhash=true"));
}

TEST(AuthChallenge, QuotesANameThatHasQuotes) {
  const auto challenge = read_auth_challenge(R"(Digest realm="a \"b\"", nonce="n")").value();
  const std::string answer = digest_answer({R"(m"e\)", "x"}, challenge, {"GET", "/", 1, "c"});
  EXPECT_THAT(answer, HasSubstr(R"(username="m\"e\\")"));
  EXPECT_THAT(answer, HasSubstr(R"(realm="a \"b\"")"));
}

TEST(AuthChallenge, FindsWhatItUnderstandsAmongOthers) {
  struct Case {
    const char* values;
    std::optional<Scheme> scheme;
  };
  const Case cases[] = {
      {"Basic realm=\"a\"", Scheme::basic},
      {"basic", Scheme::basic},
      {"BASIC realm=a,charset=\"UTF-8\"", Scheme::basic},
      {"Negotiate, Basic realm=\"a\"", Scheme::basic},
      {"Negotiate YII=, NTLM, Basic realm=\"a\"", Scheme::basic},
      {"Basic realm=\"a, Digest nonce=b\"", Scheme::basic},
      {R"(Basic realm="a", Digest realm="b", nonce="c")", Scheme::digest},
      {R"(Digest realm="b", nonce="c", Basic realm="a")", Scheme::digest},
      {R"(Digest realm = "b" , nonce = "c")", Scheme::digest},
      {R"(Digest nonce=c,algorithm=md5-SESS,qop="AUTH")", Scheme::digest},
      {R"(Digest realm="b", nonce="c", qop="auth-int", Basic realm="a")", Scheme::basic},
      {R"(Digest realm="b", nonce="c", algorithm=SHA-512-256, Basic realm="a")", Scheme::basic},
      {R"(Digest realm="b", Basic realm="a")", Scheme::basic},
      {"Digest", std::nullopt},
      {"Bearer realm=\"Basic\"", std::nullopt},
      {"", std::nullopt},
      {",,, \"\"= =,", std::nullopt},
      {"Digest nonce=\"never ends", Scheme::digest},
      {"Digest nonce=\"\\", Scheme::digest},
  };
  for (const Case& one : cases) {
    const auto challenge = read_auth_challenge(one.values);
    EXPECT_EQ(challenge ? std::optional(challenge->scheme) : std::nullopt, one.scheme) << one.values;
  }
}

TEST(AuthChallenge, ReadsNoMoreThanAServerMayMean) {
  std::string many;
  for (int i = 0; i < 100'000; ++i) many += "x, ";
  EXPECT_EQ(read_auth_challenge(many + "Basic"), std::nullopt);
}

}  // namespace
}  // namespace doutu

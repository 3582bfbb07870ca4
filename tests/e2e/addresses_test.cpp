// Who is talked to, and who is not: pages on the open internet that name, redirect to and resolve to this machine and
// its networks. In a network in which every address there is leads to a server that counts, so that what is not refused
// shows.

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "shared/url/url.h"
#include "tests/conformance/conformance_data.h"
#include "tests/e2e/crawl_fixture.h"
#include "tests/shared/http/raw_server.h"
#include "tests/site/own_network.h"

namespace doutu {
namespace {

constexpr const char* kSite = "93.184.216.34";
constexpr const char* kOther = "151.101.1.1";

/// What may stand for this machine, its networks, or something that is no host of the open internet, in a URL.
const std::vector<std::string>& spellings() {
  static const std::vector<std::string> all = {
      // Numbers, of IPv4: decimal, octal, hexadecimal, short, mixed, with a dot behind.
      "127.0.0.1", "127.0.0.1.", "127.1", "127.0.1", "127.1.", "127.000.000.001", "0177.0.0.1", "0177.1",
      "017700000001", "0x7f000001", "0X7F000001", "0x7f.1", "0x7f.0x0.0x0.0x1", "0x7f.0.1", "0x7f.0000001",
      "2130706433", "2130706433.", "0", "0x0", "00", "0.0.0.0", "0x", "127.0x000001", "0x0000000000000000007f000001",
      "0x7f.0.0.01", "127.0.0.0x", "127.255.255.254", "192.168.0xfe", "192.0xa80001", "0xc0a80001", "3232235521",
      "030052000001", "0xa9fea9fe", "2852039166", "0251.254.0251.254", "167772161", "012.1", "0xa.1", "0xac.0x10.1",
      "0144.0x40.0.1", "100.127.255.254", "198.19.0.1", "255.255.255.255",
      // Percent-encoded, and characters that become digits and dots.
      "127%2e0%2E0.1", "%31%32%37.0.0.1", "%30%78%37%66.1", "１２７.0.0.1", "127。0．0｡1", "①②⑦.⓪.⓪.①",
      "12\xc2\xad"
      "7.0.0.1",
      "𝟏𝟐𝟕.0.0.1", "１６９.254.１６９.254", "０x7f.1",
      // IPv6, and what carries IPv4 in it.
      "[::1]", "[0:0:0:0:0:0:0:1]", "[0000::0001]", "[::]", "[::ffff:127.0.0.1]", "[::FFFF:7F00:1]",
      "[0:0:0:0:0:ffff:a9fe:a9fe]", "[::127.0.0.1]", "[::ffff:0:10.0.0.1]", "[64:ff9b::127.0.0.1]", "[64:ff9b::c0a8:1]",
      "[64:ff9b:1::1]", "[2002:7f00:1::]", "[2002:c0a8:1::1]", "[2001:0:7f00:1::1]", "[2001:0:808:808::f5ff:fffe]",
      "[2001:db8::1]", "[fe80::1]", "[fec0::1]", "[fc00::1]", "[fd00:ec2::254]", "[ff02::1]", "[100::1]", "[5f00::1]",
      "[3fff::1]", "[::ffff:0.0.0.0]",
      // Before an at sign there is no host.
      "user@127.0.0.1", "user:secret@[::1]", "example.com:80@127.0.0.1", "93.184.216.34@10.0.0.1",
      "93.184.216.34%2F@10.0.0.1"};
  return all;
}

/// No address, whatever a resolver might make of them.
const std::vector<std::string>& no_hosts() {
  static const std::vector<std::string> all = {"[::1%25lo]",
                                               "[fe80::1%lo]",
                                               "[fe80::1%251]",
                                               "[::ffff:127.0.0.1%25lo]",
                                               "256.0.0.1",
                                               "127.0.0.256",
                                               "0x100000000",
                                               "127.0.0.1.1",
                                               "1.2.3.08",
                                               "[127.0.0.1]",
                                               "[::1",
                                               "::1",
                                               "127.0.0.1%00.test",
                                               "127.0.0.1 .test",
                                               "127.0.0.1\xef\xbc\x8f.test"};
  return all;
}

/// Every address of the public list that is not publicly routable, as it stands in a URL.
std::vector<std::string> listed(const std::filesystem::path& folder, bool routable) {
  std::vector<std::string> hosts;
  for (const auto& json : read_conformance_json(folder / "chromium-ip-routable.json")) {
    const std::string address = json["address"];
    if (json["publicly_routable"] == routable)
      hosts.push_back((address.find(':') != std::string::npos) ? "[" + address + "]" : address);
  }
  return hosts;
}

class Addresses : public CrawlTest {
 protected:
  /// A crawl of pages on the open internet, with an environment that names the guarded server as its proxy.
  Ended crawl_from(const RawServer& home, const std::string& host, const std::string& pages,
                   const std::vector<std::string>& more = {}) {
    std::vector<std::string> arguments = {"crawl",
                                          home.url("/list/{page}", host),
                                          "--pages",
                                          pages,
                                          "--xpath",
                                          std::string(kMemeXpath),
                                          "--directory",
                                          folder_.path(),
                                          "--progress",
                                          "none",
                                          "--retries",
                                          "0",
                                          "--connect-timeout",
                                          "2",
                                          "--downloaders",
                                          "100"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    std::map<std::string, std::string> environment;
    for (const char* name : {"http_proxy", "https_proxy", "all_proxy", "HTTPS_PROXY", "ALL_PROXY"}) {
      environment[name] = guarded_->url("/proxy");
    }
    return CrawlRun(arguments, "", environment).wait(std::chrono::seconds(120));
  }

  /// The path of a request.
  static std::string target(const std::string& request) {
    const std::size_t at = request.find(' ') + 1;
    return request.substr(at, request.find(' ', at) - at);
  }

  /// Of the server that a request came to.
  static std::string port_of(const std::string& request) {
    const std::size_t host = request.find("Host: ");
    const std::size_t colon = request.find(':', host + 6) + 1;
    return request.substr(colon, request.find('\r', colon) - colon);
  }

  static RawAnswer found(const std::string& location) {
    return {http_answer("", "Location: " + location + "\r\n", "302 Found")};
  }

  /// Answers everything with an image, and counts.
  static RawAnswer tempt(const std::string& /*request*/) { return {http_answer(small_image(7))}; }

  std::unique_ptr<RawServer> guarded_;  ///< Made in the network.
};

/// A page on the open internet with an image for each host, as it is and behind a redirect; and pages that redirect
/// there.
class Tempting {
 public:
  Tempting(std::vector<std::string> hosts, std::uint16_t port)
      : hosts_(std::move(hosts)),
        port_(port),
        server_([this](const std::string& request) { return answer(request); }, RawServer::Listens::everywhere) {}

  [[nodiscard]] const RawServer& server() const { return server_; }
  [[nodiscard]] std::string last_page() const { return std::to_string(hosts_.size() + 1); }

 private:
  [[nodiscard]] std::string url(std::size_t number) const {
    return "http://" + hosts_[number] + ":" + std::to_string(port_) + "/" + std::to_string(number) + ".png";
  }

  [[nodiscard]] RawAnswer answer(const std::string& request) const {
    return {bytes_for(request), RawAnswer::Then::keep_alive};
  }

  [[nodiscard]] std::string bytes_for(const std::string& request) const {
    const std::string path = request.substr(4, request.find(' ', 4) - 4);
    const std::string last = path.substr(path.rfind('/') + 1);
    if (path == "/list/1") return http_answer(page());
    const std::size_t number = std::stoul(last) - (path.starts_with("/list/") ? 2 : 0);
    return http_answer("", "Location: " + url(number) + "\r\n", "302 Found");
  }

  [[nodiscard]] std::string page() const {
    std::vector<std::string> urls;
    for (std::size_t i = 0; i < hosts_.size(); ++i) {
      urls.push_back(url(i));
      urls.push_back("/moved/" + std::to_string(i));
    }
    return list_page(urls);
  }

  const std::vector<std::string> hosts_;
  const std::uint16_t port_;
  const RawServer server_;
};

TEST_F(Addresses, NothingOfThisMachineOrItsNetworksIsReached) {
  std::vector<std::string> hosts = spellings();
  if (const auto folder = conformance_folder("ssrf")) {
    for (const std::string& host : listed(*folder, false)) hosts.push_back(host);
  }
  Names names;
  for (std::size_t i = 0, count = hosts.size(); i < count; ++i) {
    const std::optional<std::string> url = normalise_url("http://" + hosts[i] + "/");
    ASSERT_TRUE(url) << hosts[i];
    std::string address = url_host(*url);
    if (address.starts_with('[')) address = address.substr(1, address.size() - 2);
    const std::string name = "n" + std::to_string(i) + ".test";
    names[name] = {{address}};
    hosts.push_back(name);
  }
  hosts.emplace_back("localhost");
  hosts.emplace_back("LOCALHOST");
  const auto problem = in_own_network([&] {
    const NameServer name_server(names);
    guarded_ = std::make_unique<RawServer>(tempt, RawServer::Listens::everywhere);
    const Tempting tempting(hosts, guarded_->port());
    const Ended ended = crawl_from(tempting.server(), kSite, "1-" + tempting.last_page());
    EXPECT_EQ(ended.status, 3) << ended.err;
    EXPECT_EQ(guarded_->connections(), 0U) << guarded_->requests().front();
    std::map<std::string, std::size_t> causes;
    for (const FailureLine& failure : folder_.failures()) {
      ++causes[failure.cause];
      EXPECT_EQ(failure.cause, "private-address") << failure.url;
    }
    EXPECT_EQ(causes["private-address"], 3 * hosts.size());
    // That they could have been reached: only multicast and broadcast cannot.
    const Ended control = crawl_from(tempting.server(), kSite, "1", {"--allow-private"});
    EXPECT_GE(guarded_->connections(), hosts.size() * 9 / 10) << control.err;
    fmt::print("{} hosts, {} images and pages refused; with --allow-private {} connections\n", hosts.size(),
               causes["private-address"], guarded_->connections());
  });
  if (problem) GTEST_SKIP() << *problem;
}

TEST_F(Addresses, WhatIsNoHostIsNoUrl) {
  const auto problem = in_own_network([&] {
    guarded_ = std::make_unique<RawServer>(tempt, RawServer::Listens::everywhere);
    const Tempting tempting(no_hosts(), guarded_->port());
    EXPECT_EQ(crawl_from(tempting.server(), kSite, "1-" + tempting.last_page()).status, 3);
    std::map<std::string, std::size_t> causes;
    for (const FailureLine& failure : folder_.failures()) ++causes[failure.cause];
    EXPECT_EQ(causes, (std::map<std::string, std::size_t>{{"bad-redirect", 2 * no_hosts().size()},
                                                          {"bad-url", no_hosts().size()}}));
    EXPECT_EQ(guarded_->connections(), 0U);
  });
  if (problem) GTEST_SKIP() << *problem;
}

TEST_F(Addresses, TheOpenInternetIsReachedUpToItsEdges) {
  const auto folder = conformance_folder("ssrf");
  if (!folder) GTEST_SKIP() << kNoConformanceData;
  // What of the list doutu refuses all the same: address_conformance_test.cpp says why.
  std::vector<std::string> hosts = listed(*folder, true);
  std::erase_if(hosts, [](const std::string& host) { return host.starts_with("192.0.0.") || host.starts_with("[ff"); });
  const auto problem = in_own_network([&] {
    guarded_ = std::make_unique<RawServer>(tempt, RawServer::Listens::everywhere);
    const Tempting tempting(hosts, guarded_->port());
    EXPECT_EQ(crawl_from(tempting.server(), kSite, "1").status, 0);
    EXPECT_GE(guarded_->connections(), hosts.size());
  });
  if (problem) GTEST_SKIP() << *problem;
}

// --- Names that mean one thing first and another then.

class Rebinding : public Addresses {
 protected:
  void crawl_with(const Names& names, const std::string& host, const std::function<RawAnswer(const std::string&)>& home,
                  const std::string& pages = "1") {
    const auto problem = in_own_network([&] {
      const NameServer name_server(names);
      guarded_ = std::make_unique<RawServer>(tempt);  // 127.0.0.1 alone
      const RawServer server(home, RawServer::Listens::everywhere);
      (void)crawl_from(server, host, pages);
      EXPECT_EQ(guarded_->connections(), 0U);
      requests_ = server.requests();
    });
    if (problem) GTEST_SKIP() << *problem;
  }

  [[nodiscard]] std::string guarded_url(const std::string& host) const { return guarded_->url("/a.png", host); }
  [[nodiscard]] std::string only_cause() const {
    const auto failures = folder_.failures();
    EXPECT_EQ(failures.size(), 1U);
    return failures.empty() ? "" : failures.front().cause;
  }

  std::vector<std::string> requests_;
};

TEST_F(Rebinding, OfAnImagesHost) {
  // The page fetcher follows a redirect there while it is public; when the downloader asks, it is this machine.
  crawl_with({{"rebind.test", {{kOther}, {"127.0.0.1"}}}}, kSite, [&](const std::string& request) -> RawAnswer {
    if (target(request) == "/list/1") return found("http://rebind.test:" + port_of(request) + "/page");
    return {http_answer(list_page({guarded_url("rebind.test")}))};
  });
  EXPECT_EQ(requests_.size(), 2U);
  EXPECT_EQ(only_cause(), "private-address");
}

TEST_F(Rebinding, OfTheTemplatesHost) {
  crawl_with({{"home.test", {{kSite}, {kSite}, {"127.0.0.1"}}}}, "home.test",
             [&](const std::string& /*request*/) -> RawAnswer {
               return {http_answer(list_page({guarded_url("home.test")}))};
             });
  EXPECT_EQ(only_cause(), "private-address");
}

TEST_F(Rebinding, OfATemplatesHostThatWasPrivateFirst) {
  crawl_with({{"home.test", {{"127.0.0.1"}, {kSite}, {"127.0.0.1"}}}}, "home.test",
             [&](const std::string& /*request*/) -> RawAnswer {
               return {http_answer(list_page({guarded_url("home.test")}))};
             });
  EXPECT_EQ(requests_.size(), 0U);
  EXPECT_EQ(only_cause(), "private-address");
}

TEST_F(Rebinding, OfAHostWithAnAddressOfEachKind) {
  // Nobody listens at the public one.
  crawl_with({{"both.test", {{kOther, "127.0.0.1"}}}}, kSite, [&](const std::string& /*request*/) -> RawAnswer {
    return {http_answer(list_page({guarded_url("both.test")}))};
  });
  EXPECT_EQ(only_cause(), "private-address");
}

TEST_F(Rebinding, AnImageComesFromThePublicAddressOfSuchAHost) {
  const Names names = {{"before.test", {{"10.1.2.3", kOther}}}, {"behind.test", {{kOther, "10.1.2.3"}}}};
  crawl_with(names, kSite, [&](const std::string& request) -> RawAnswer {
    if (target(request) == "/before.png") return {http_answer(small_image(1))};
    if (target(request) == "/behind.png") return {http_answer(small_image(2))};
    const std::string port = port_of(request);
    return {http_answer(
        list_page({"http://before.test:" + port + "/before.png", "http://behind.test:" + port + "/behind.png"}))};
  });
  EXPECT_EQ(folder_.images().size(), 2U);
  EXPECT_TRUE(folder_.failures().empty());
}

TEST_F(Rebinding, APrivateHostThatTheUserNamesIsCrawledByItsName) {
  crawl_with({{"intranet.test", {{"10.1.2.3"}}}}, "intranet.test", [&](const std::string& request) -> RawAnswer {
    if (target(request) == "/a.png") return {http_answer(small_image(1))};
    return {http_answer(list_page({"/a.png", guarded_url("127.0.0.1")}))};
  });
  EXPECT_EQ(folder_.images().size(), 1U);
  EXPECT_EQ(only_cause(), "private-address");
}

}  // namespace
}  // namespace doutu

#include "tests/site/test_site.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <string>
#include <thread>
#include <vector>

#include "shared/base/unique_fd.h"
#include "tests/site/crawl_folder.h"
#include "tests/site/meme_site.h"

namespace doutu {
namespace {

/// A client that sends bytes and reads bytes.
class Client {
 public:
  explicit Client(const TestSite& site) : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(site.port());
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const timeval limit{20, 0};
    setsockopt(socket_.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    connected_ = connect(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  }

  [[nodiscard]] bool connected() const { return connected_; }

  void ask(const std::string& path) {
    const std::string request = "GET " + path + " HTTP/1.1\r\nHost: x\r\nReferer:  http://a/ \r\n\r\n";
    ::send(socket_.get(), request.data(), request.size(), MSG_NOSIGNAL);
  }

  /// Reads until text is in what was read, or the server has ended; what was read.
  std::string read_until(const std::string& text) {
    std::string read;
    std::array<char, 4096> buffer{};
    while (read.find(text) == std::string::npos) {
      const ssize_t count = recv(socket_.get(), buffer.data(), buffer.size(), 0);
      if (count <= 0) return read + (count < 0 ? "<error>" : "<end>");
      read.append(buffer.data(), static_cast<std::size_t>(count));
    }
    return read;
  }

  std::string get(const std::string& path, const std::string& until) {
    ask(path);
    return read_until(until);
  }

 private:
  UniqueFd socket_;
  bool connected_ = false;
};

TEST(TestSite, AnswersLiterally) {
  TestSite site;
  site.file("/a.jpg", "JPEG");
  EXPECT_EQ(Client(site).get("/a.jpg", "JPEG"),
            "HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\nContent-Length: 4\r\n\r\nJPEG");
  EXPECT_TRUE(Client(site).get("/b.jpg", "here").starts_with("HTTP/1.1 404 Not Found\r\n"));
}

TEST(TestSite, KeepsConnectionsAndNumbersThem) {
  TestSite site;
  site.file("/a", "one");
  Client first(site);
  Client second(site);
  first.get("/a", "one");
  first.get("/a", "one");
  second.get("/a", "one");
  const std::vector<Hit> log = site.log();
  ASSERT_EQ(log.size(), 3U);
  EXPECT_EQ(log[0].connection, log[1].connection);
  EXPECT_NE(log[0].connection, log[2].connection);
  EXPECT_EQ(log[0].header("referer"), "http://a/ ");
}

TEST(TestSite, GivesASequenceOfResponsesAndThenTheLastForEver) {
  TestSite site;
  site.respond("/a", {{.status = 500, .body = "no"}, {.body = "yes"}});
  Client client(site);
  EXPECT_TRUE(client.get("/a", "no").starts_with("HTTP/1.1 500 "));
  EXPECT_TRUE(client.get("/a", "yes").starts_with("HTTP/1.1 200 "));
  EXPECT_TRUE(client.get("/a", "yes").starts_with("HTTP/1.1 200 "));
}

TEST(TestSite, AnswersAQueryUnderAnyPath) {
  TestSite site;
  site.file("?7", "seven");
  site.file("/own?7", "own");
  EXPECT_TRUE(Client(site).get("/any/path?7", "seven").ends_with("seven"));
  EXPECT_TRUE(Client(site).get("/own?7", "own").ends_with("own"));
  EXPECT_TRUE(Client(site).get("/any/path?8", "here").starts_with("HTTP/1.1 404 "));
}

TEST(TestSite, CutsABodyAndCloses) {
  TestSite site;
  site.respond("/a", Response{.body = "123456", .cut_after = 3, .ending = Response::Ending::close});
  EXPECT_EQ(Client(site).get("/a", "456"), "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n123<end>");
}

TEST(TestSite, ResetsAConnection) {
  TestSite site;
  site.respond("/a", Response{.body = "123456", .cut_after = 0, .ending = Response::Ending::reset});
  EXPECT_TRUE(Client(site).get("/a", "456").ends_with("<error>"));
}

TEST(TestSite, SendsRawBytes) {
  TestSite site;
  site.respond("/a", Response{.raw = "no HTTP at all", .ending = Response::Ending::close});
  EXPECT_EQ(Client(site).get("/a", "nothing"), "no HTTP at all<end>");
}

TEST(TestSite, SendsWithoutEnd) {
  TestSite site;
  site.respond("/a", Response{.raw = "begin", .again = "-more"});
  EXPECT_TRUE(Client(site).get("/a", "-more-more-more").starts_with("begin-more-more-more"));
}

TEST(TestSite, ClosesAConnectionWithItsNextRequest) {
  TestSite site;
  site.respond("/a", Response{.body = "once", .ending = Response::Ending::close_at_next});
  Client client(site);
  EXPECT_TRUE(client.get("/a", "once").ends_with("once"));
  EXPECT_EQ(client.get("/a", "once"), "<end>");
  EXPECT_EQ(site.count("/a"), 2U);
  EXPECT_TRUE(Client(site).get("/a", "once").ends_with("once"));
}

TEST(TestSite, HoldsAnAnswerUntilItIsReleased) {
  TestSite site;
  site.file("/a", "held");
  site.file("/b", "free");
  site.hold("/a");
  Client held(site);
  held.ask("/a");
  ASSERT_TRUE(site.wait_for("/a"));
  Client(site).get("/b", "free");
  EXPECT_FALSE(site.log()[0].answered.has_value());
  site.release("/a");
  EXPECT_TRUE(held.read_until("held").ends_with("held"));
  EXPECT_TRUE(Client(site).get("/a", "held").ends_with("held"));
}

TEST(TestSite, GoesDownAndComesBackAtTheSamePort) {
  TestSite site;
  site.file("/a", "up");
  Client client(site);
  client.get("/a", "up");
  site.go_down();
  EXPECT_FALSE(Client(site).connected());
  EXPECT_TRUE(client.get("/a", "up").ends_with(">"));
  site.come_back();
  EXPECT_TRUE(Client(site).get("/a", "up").ends_with("up"));
}

TEST(TestSite, ServesHundredsOfConnectionsAtOnce) {
  TestSite site;
  site.file("/a", "body");
  site.hold("/a");
  std::vector<Client> clients;
  clients.reserve(300);
  for (int i = 0; i < 300; ++i) clients.emplace_back(site).ask("/a");
  ASSERT_TRUE(site.wait_for("/a", 300));
  site.release("/a");
  for (Client& client : clients) EXPECT_TRUE(client.read_until("body").ends_with("body"));
}

TEST(TestSite, EndsWhileRequestsAreHeldAndHung) {
  TestSite site;
  site.hold("/held");
  site.respond("/hung", Response{.body = "x", .cut_after = 0, .ending = Response::Ending::hang});
  site.respond("/late", Response{.delay = std::chrono::hours(1)});
  Client held(site);
  Client hung(site);
  Client late(site);
  held.ask("/held");
  hung.get("/hung", "\r\n\r\n");
  late.ask("/late");
  EXPECT_TRUE(site.wait_for("/held"));
  EXPECT_TRUE(site.wait_for("/late"));
}

TEST(MemeSite, HasDistinctImagesUnderTheNamesItSays) {
  TestSite site;
  const MemeSite memes = make_meme_site(site, {.pages = 2, .images_per_page = 30});
  EXPECT_EQ(memes.images.size(), 60U);
  const std::string answer = Client(site).get("/img/60.png", "IEND");
  EXPECT_EQ(sha256(answer.substr(answer.find("\r\n\r\n") + 4)), memes.images.at("60.png"));
  const std::string page = Client(site).get("/list/2", "/img/60.png");
  EXPECT_NE(page.find("data-original=\"/img/31.png\""), std::string::npos);
  EXPECT_EQ(page.find("data-original=\"/img/30.png\""), std::string::npos);
}

}  // namespace
}  // namespace doutu

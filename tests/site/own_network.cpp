#include "tests/site/own_network.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <sys/eventfd.h>
#include <sys/mount.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string_view>
#include <thread>

#include "shared/base/check.h"
#include "shared/base/unique_fd.h"
#include "tests/site/crawl_folder.h"
#include "tests/site/temporary_folder.h"

namespace doutu {
namespace {

constexpr std::uint16_t kDnsPort = 53;
constexpr std::size_t kDnsHeader = 12;
constexpr std::uint8_t kTypeA = 1;
constexpr std::uint8_t kTypeAaaa = 28;

std::string failed(const char* what) { return std::string(what) + ": " + std::strerror(errno); }

/// Makes every address one of this machine's (a local route, as "AnyIP").
bool take_every_address() {
  return std::system("ip link set lo up && ip route add local 0.0.0.0/0 dev lo && ip -6 route add local ::/0 dev lo") ==
         0;  // NOLINT(concurrency-mt-unsafe): the words are the test's own
}

/// Nothing when the calling thread has a network of its own, with resolv.conf leading to 127.0.0.1.
std::optional<std::string> enter(const std::string& resolv_conf) {
  if (unshare(CLONE_NEWNET | CLONE_NEWNS) != 0) return failed("no network of its own");
  if (mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return failed("mounts stay shared");
  if (!take_every_address()) return "the command ip (iproute2) cannot set up the network";
  write_file(resolv_conf, "nameserver 127.0.0.1\noptions timeout:1 attempts:1\n");
  if (mount(resolv_conf.c_str(), "/etc/resolv.conf", nullptr, MS_BIND, nullptr) != 0) return failed("resolv.conf");
  return std::nullopt;
}

/// "\3www\4test\0" from its offset on as "www.test"; where it ends.
std::pair<std::string, std::size_t> read_name(std::string_view packet, std::size_t at) {
  std::string name;
  while (at < packet.size() && packet[at] != 0) {
    const auto size = static_cast<std::size_t>(static_cast<unsigned char>(packet[at]));
    if (!name.empty()) name += '.';
    name += packet.substr(at + 1, size);
    at += size + 1;
  }
  return {name, at + 1};
}

/// A resource record for the name of the question (RFC 1035 section 4.1.3, by a pointer), to be kept for 0 seconds;
/// nothing when the address is of the other family.
std::string record(std::uint8_t type, const std::string& address) {
  std::array<char, 16> bytes{};
  if (inet_pton(type == kTypeA ? AF_INET : AF_INET6, address.c_str(), bytes.data()) != 1) return {};
  const std::size_t size = type == kTypeA ? 4 : 16;
  std::string text = {'\xc0', kDnsHeader, 0, static_cast<char>(type), 0, 1, 0, 0, 0, 0, 0, static_cast<char>(size)};
  return text.append(bytes.data(), size);
}

}  // namespace

std::optional<std::string> in_own_network(const std::function<void()>& work) {
  const TemporaryFolder folder;
  std::optional<std::string> problem;
  std::thread([&] {
    problem = enter(folder / "resolv.conf");
    if (!problem) work();
  }).join();
  return problem;
}

class NameServer::Impl {
 public:
  explicit Impl(Names names)
      : names_(std::move(names)),
        stop_(eventfd(0, EFD_CLOEXEC)),
        socket_(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(kDnsPort);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    DOUTU_CHECK(bind(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    thread_ = std::jthread([this] { serve(); });
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  ~Impl() { eventfd_write(stop_.get(), 1); }

 private:
  void serve() {
    std::array<pollfd, 2> polled{pollfd{stop_.get(), POLLIN, 0}, pollfd{socket_.get(), POLLIN, 0}};
    while (poll(polled.data(), polled.size(), -1) > 0 && polled[0].revents == 0) {
      std::array<char, 512> buffer{};
      sockaddr_in from{};
      socklen_t size = sizeof from;
      auto* any = reinterpret_cast<sockaddr*>(&from);
      const ssize_t count = recvfrom(socket_.get(), buffer.data(), buffer.size(), 0, any, &size);
      if (count <= static_cast<ssize_t>(kDnsHeader)) continue;
      const std::string reply = answer({buffer.data(), static_cast<std::size_t>(count)});
      sendto(socket_.get(), reply.data(), reply.size(), 0, any, size);
    }
  }

  std::string answer(std::string_view packet) {
    const auto [name, end] = read_name(packet, kDnsHeader);
    const auto type = static_cast<std::uint8_t>(packet[end + 1]);
    const auto found = names_.find(name);
    const bool exists = found != names_.end();
    std::string records;
    char count = 0;
    if (exists && (type == kTypeA || type == kTypeAaaa)) {
      const std::size_t turn = std::min(asked_[{name, type}]++, found->second.size() - 1);
      for (const std::string& address : found->second[turn]) {
        const std::string one = record(type, address);
        if (!one.empty()) ++count;
        records += one;
      }
    }
    std::string reply(packet.substr(0, 2));
    reply += {'\x81', static_cast<char>(exists ? '\x80' : '\x83'), 0, 1, 0, count, 0, 0, 0, 0};
    return reply.append(packet.substr(kDnsHeader, end + 4 - kDnsHeader)) + records;
  }

  const Names names_;
  std::map<std::pair<std::string, std::uint8_t>, std::size_t> asked_;  // The server's thread.
  const UniqueFd stop_;
  const UniqueFd socket_;
  std::jthread thread_;
};

NameServer::NameServer(Names names) : impl_(std::make_unique<Impl>(std::move(names))) {}
NameServer::~NameServer() = default;

}  // namespace doutu

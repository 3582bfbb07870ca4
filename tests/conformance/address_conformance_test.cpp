// The address guard against Chromium's list of what is publicly routable.
#include <arpa/inet.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <netinet/in.h>

#include <cstring>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "shared/url/private_address.h"
#include "tests/conformance/conformance_data.h"

namespace doutu {
namespace {

constexpr std::string_view kProtocolAssignments =
    "192.0.0.0/24 is for protocols (RFC 6890): the IANA registry calls all of it but two addresses not global";
constexpr std::string_view kMulticast = "no image comes from a multicast address";

/// Addresses that Chromium calls routable and doutu refuses all the same; each has to differ.
const std::map<std::string, std::string_view> kDifferences = {
    {"192.0.0.0", kProtocolAssignments},
    {"192.0.0.255", kProtocolAssignments},
    {"ff00:0:0:0:0:0:0:0", kMulticast},
    {"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", kMulticast},
};

sockaddr_storage address_of(const std::string& text) {
  sockaddr_storage storage{};
  sockaddr_in in4{};
  sockaddr_in6 in6{};
  if (inet_pton(AF_INET, text.c_str(), &in4.sin_addr) == 1) {
    in4.sin_family = AF_INET;
    std::memcpy(&storage, &in4, sizeof in4);
  } else {
    EXPECT_EQ(inet_pton(AF_INET6, text.c_str(), &in6.sin6_addr), 1) << text;
    in6.sin6_family = AF_INET6;
    std::memcpy(&storage, &in6, sizeof in6);
  }
  return storage;
}

TEST(AddressConformance, RefusesWhatIsNotRoutable) {
  const auto folder = conformance_folder("ssrf");
  if (!folder) GTEST_SKIP() << kNoConformanceData;
  const nlohmann::json cases = read_conformance_json(*folder / "chromium-ip-routable.json");
  for (const auto& json : cases) {
    const std::string text = json["address"];
    const sockaddr_storage address = address_of(text);
    const bool refused = is_private_address(reinterpret_cast<const sockaddr*>(&address));
    EXPECT_EQ(refused, !json["publicly_routable"].get<bool>() || kDifferences.contains(text)) << text;
    EXPECT_FALSE(kDifferences.contains(text) && !json["publicly_routable"]) << text << " is no difference";
  }
  EXPECT_GE(cases.size(), 70U) << "the data has shrunk";
  fmt::print("{} of {} addresses agree\n", cases.size() - kDifferences.size(), cases.size());
}

}  // namespace
}  // namespace doutu

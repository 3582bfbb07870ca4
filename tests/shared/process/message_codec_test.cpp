#include "shared/process/message_codec.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace doutu {
namespace {

/// One of each kind, no field at its default.
std::vector<Message> all_kinds() {
  const std::string text("with\0a NUL", 10);
  constexpr std::uint64_t kPage = 999'999'999;
  constexpr std::uint64_t kLane = 1ULL << 40U;
  std::vector<Message> all;
  all.emplace_back(Configure{text, 3, kLane});
  all.emplace_back(CheckXpath{text});
  all.emplace_back(XpathChecked{text});
  all.emplace_back(BeginJob{-7, text, "1-3", "//img"});
  all.emplace_back(FetchPage{{kPage, 3, text, 2}, text, true, text});
  all.emplace_back(Prepare{{text, true, "//form", {{"user", text}, {"password", ""}}, "//a"}, "a=b"});
  all.emplace_back(Prepared{Cause::http_status, 403, text, "https://h/", {{"https://h/", text}, {"", "a=b"}}});
  all.emplace_back(AskCookies{text});
  all.emplace_back(CookiesTold{text});
  all.emplace_back(CookieKnown{text});
  all.emplace_back(Ready{});
  all.emplace_back(LaneOpened{kLane});
  all.emplace_back(PageAssigned{{kPage, 3, text, 2}, kLane});
  all.emplace_back(PagePut{kPage, 3, kLane});
  all.emplace_back(LaneClosed{kLane});
  all.emplace_back(LaneDrained{kLane});
  all.emplace_back(ImageSuspected{-5});
  all.emplace_back(ImageGivenUp{5});
  all.emplace_back(PageFailed{{kPage, 3, text, 2}, Cause::stalled, 404});
  all.emplace_back(PageRecorded{kPage, 3, Cause::http_status, 503, 100'000, 3600, true, "https://e/login", 99'999, true,
                                true, kLane, kLane + 1, kLane + 2});
  all.emplace_back(AskPages{kLane});
  all.emplace_back(PageWaiting{{kPage, 3, text, 2, text}});
  all.emplace_back(PagesTold{kLane});
  all.emplace_back(NoMorePages{});
  all.emplace_back(RobotsKnown{text, "-/a"});
  all.emplace_back(Settled{});
  all.emplace_back(StoppedEarly{text});
  all.emplace_back(LimitReached{text});
  all.emplace_back(Fatal{text});
  all.emplace_back(ImageDoubted{.image = 17, .type = text});
  return all;
}

TEST(MessageCodec, CarriesEveryFieldOfEveryKind) {
  const std::vector<Message> all = all_kinds();
  ASSERT_EQ(all.size(), std::variant_size_v<Message>) << "a kind is missing here";
  for (std::size_t kind = 0; kind < all.size(); ++kind) {
    ASSERT_EQ(all[kind].index(), kind);
    const auto got = decode(encode(all[kind]));
    ASSERT_TRUE(got.has_value()) << kind;
    std::visit(
        [&](const auto& sent) {
          using Kind = std::remove_cvref_t<decltype(sent)>;
          const auto* const same = std::get_if<Kind>(&*got);
          ASSERT_NE(same, nullptr) << kind;
          EXPECT_EQ(Kind::kFields(*same), Kind::kFields(sent)) << kind;
        },
        all[kind]);
  }
}

TEST(MessageCodec, RefusesWhatItHasNotMade) {
  for (const Message& message : all_kinds()) {
    const std::string packet = encode(message);
    for (std::size_t size = 0; size < packet.size(); ++size) {
      EXPECT_FALSE(decode(std::string_view(packet).substr(0, size))) << message.index() << " cut to " << size;
    }
    EXPECT_FALSE(decode(packet + 'x')) << message.index();
    EXPECT_FALSE(decode('x' + packet.substr(1))) << "another mark";
  }
  std::string kind = encode(Ready{});
  kind[8] = static_cast<char>(std::variant_size_v<Message>);
  EXPECT_FALSE(decode(kind)) << "no such kind";
}

TEST(MessageCodec, RefusesNumbersThatAFieldDoesNotHold) {
  const std::string packet = encode(PageRecorded{1, 1, Cause::none, 200, 1, 1, true});
  constexpr std::size_t kHead = 2 * sizeof(std::uint64_t);
  const auto with = [&](std::size_t field, char byte) {
    std::string changed = packet;
    changed[kHead + field * sizeof(std::uint64_t) + 7] = byte;
    return decode(changed);
  };
  EXPECT_TRUE(with(0, 'x')) << "a page has 64 bits";
  for (std::size_t field = 1; field < 7; ++field) EXPECT_FALSE(with(field, 'x')) << field;
}

}  // namespace
}  // namespace doutu

// What servers of images learn of the page: one table of pages and commands, and what each server was told. The other
// server of a row refuses whom it does not want, as hotlink protection does.
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <ostream>
#include <string>
#include <string_view>

#include "tests/e2e/typed_commands.h"
#include "tests/shared/http/raw_server.h"

namespace doutu {
namespace {

/// What the other server wants to see in a Referer before it hands an image out.
enum class Wants { anything, some, none, the_page };

struct RefererJob {
  const char* name;
  const char* in_words;
  std::string page;  ///< At SITE/gallery?page=1.
  Headers headers{};
  std::string flags{};
  std::map<std::string, std::string> told;  ///< By path: the Referer, "" for none. /o... is on the other server.
  Wants wants = Wants::anything;
  int status = 0;
};

std::ostream& operator<<(std::ostream& out, const RefererJob& job) { return out << job.in_words; }

const char* const kPage = "SITE/gallery?page=1";
const char* const kOrigin = "SITE/";

const RefererJob kJobs[] = {
    {"AsBrowsersDo",
     "the page says nothing",
     "<img src=/a.png><img src=OTHER/o.png>",
     {},
     {},
     {{"/a.png", kPage}, {"/o.png", kOrigin}},
     Wants::some},
    {"CaseStudy",
     "the server of the images refuses whoever sends a Referer, and the page says so in each element",
     "<li class='list-group-item'><img referrerpolicy='no-referrer' src=/loader.gif data-original=OTHER/o.png></li>",
     {},
     "--xpath \"//li[@class='list-group-item']//img[@referrerpolicy='no-referrer']/@data-original\"",
     {{"/o.png", ""}},
     Wants::none},
    {"WantsTheWholePage",
     "the server of the images wants to see the page",
     "<img referrerpolicy=unsafe-url src=OTHER/o.png>",
     {},
     {},
     {{"/o.png", kPage}},
     Wants::the_page},
    {"Header",
     "the policy is in the header of the page",
     "<img src=/a.png><img src=OTHER/o.png>",
     {{"Referrer-Policy", "no-referrer, same-origin"}},
     {},
     {{"/a.png", kPage}, {"/o.png", ""}},
     Wants::none},
    {"MetaBeforeHeader",
     "the document overrides the server",
     "<meta name=referrer content=origin><img src=/a.png><img src=OTHER/o.png>",
     {{"Referrer-Policy", "no-referrer"}},
     {},
     {{"/a.png", kOrigin}, {"/o.png", kOrigin}},
     Wants::some},
    {"ElementBeforeMeta",
     "an element overrides the document",
     "<meta name=referrer content=never><img src=/a.png><img src=OTHER/o.png referrerpolicy=origin>",
     {},
     {},
     {{"/a.png", ""}, {"/o.png", kOrigin}},
     Wants::some},
    {"LinkWithoutReferrer",
     "a link to the full picture says rel=noreferrer",
     "<a class=p rel='noopener noreferrer' href=OTHER/o.png><img src=/a.png></a>",
     {},
     "--xpath \"//a[@class='p']\"",
     {{"/o.png", ""}},
     Wants::none},
    {"TextHasThePolicyOfThePage",
     "a URL in a text",
     "<meta name=referrer content=origin><p referrerpolicy=unsafe-url>OTHER/o.png</p>",
     {},
     "--xpath '//p/text()'",
     {{"/o.png", kOrigin}},
     Wants::some},
    {"FirstPlaceCounts",
     "the page names an image twice",
     "<img src=OTHER/o.png referrerpolicy=no-referrer><img src=OTHER/o.png referrerpolicy=unsafe-url>",
     {},
     {},
     {{"/o.png", ""}},
     Wants::none},
    {"RewrittenAndItsOriginal",
     "the full picture is not there, and the small one stands for it; both as the page has it",
     "<img src=OTHER/o_small.png referrerpolicy=no-referrer>",
     {},
     "--rewrite 's/_small/_404/'",
     {{"/o_404.png", ""}, {"/o_small.png", ""}},
     Wants::none},
    {"RedirectNarrows",
     "a redirect to the other server has a policy of its own",
     "<img src=/moved.png>",
     {},
     {},
     {{"/moved.png", kPage}, {"/o.png", ""}},
     Wants::none},
    // --- What the user says.
    {"None",
     "no Referer at all, whatever the page says",
     "<img src=/a.png referrerpolicy=unsafe-url><img src=OTHER/o.png referrerpolicy=unsafe-url>",
     {},
     "--referer none",
     {{"/a.png", ""}, {"/o.png", ""}},
     Wants::none},
    {"Origin",
     "the origin for everybody",
     "<img src=/a.png><img src=OTHER/o.png referrerpolicy=no-referrer>",
     {},
     "--referer origin",
     {{"/a.png", kOrigin}, {"/o.png", kOrigin}},
     Wants::some},
    {"Page",
     "the page for everybody",
     "<img src=/a.png><img src=OTHER/o.png referrerpolicy=no-referrer>",
     {},
     "-e page",
     {{"/a.png", kPage}, {"/o.png", kPage}},
     Wants::the_page},
    {"Url",
     "a URL of the user's, of pages, too",
     "<img src=/a.png><img src=OTHER/o.png referrerpolicy=no-referrer>",
     {},
     "--referer https://example.com/x",
     {{"/gallery?page=1", "https://example.com/x"},
      {"/a.png", "https://example.com/x"},
      {"/o.png", "https://example.com/x"}},
     Wants::some},
    // --- The hotlink protection of this test does refuse.
    {"Refused",
     "the page's policy is not what its images need",
     "<img src=OTHER/o.png referrerpolicy=no-referrer>",
     {},
     {},
     {{"/o.png", ""}},
     Wants::some,
     3},
};

/// "Name: value" of a request's head; empty: none.
std::string header_of(const std::string& head, const std::string& name) {
  const std::size_t at = head.find("\r\n" + name + ": ");
  if (at == std::string::npos) return {};
  const std::size_t from = at + name.size() + 4;
  return head.substr(from, head.find("\r\n", from) - from);
}

std::string path_of(const std::string& head) {
  const std::size_t from = head.find(' ') + 1;
  return head.substr(from, head.find(' ', from) - from);
}

class RefererJobs : public TypedCommands, public testing::WithParamInterface<RefererJob> {
 protected:
  [[nodiscard]] std::string with_addresses(std::string text) const {
    for (const auto& [mark, address] : {std::pair<std::string, std::string>{"SITE", site_.url()},
                                        std::pair<std::string, std::string>{"OTHER", other_.url("")}}) {
      for (std::size_t at = text.find(mark); at != std::string::npos; at = text.find(mark, at + address.size())) {
        text.replace(at, mark.size(), address);
      }
    }
    return text;
  }

  [[nodiscard]] bool is_wanted(const std::string& referer) const {
    switch (GetParam().wants) {
      case Wants::anything:
        return true;
      case Wants::some:
        return !referer.empty();
      case Wants::none:
        return referer.empty();
      case Wants::the_page:
        return referer == with_addresses(kPage);
    }
    return false;
  }

  [[nodiscard]] std::map<std::string, std::string> told() const {
    std::map<std::string, std::string> told;
    for (const Hit& hit : site_.log()) told[hit.path] = hit.header("referer");
    for (const std::string& head : other_.requests()) told[path_of(head)] = header_of(head, "Referer");
    return told;
  }

 private:
  RawAnswer answer(const std::string& head) const {
    using enum RawAnswer::Then;
    if (path_of(head).find("404") != std::string::npos) return {http_answer("", "", "404 Not Found"), close};
    if (!is_wanted(header_of(head, "Referer"))) return {http_answer("hotlink", "", "403 Forbidden"), close};
    return {http_answer(small_image(2), "Content-Type: image/png\r\n"), close};
  }

  const RawServer other_{[this](const std::string& head) { return answer(head); }};
};

TEST_P(RefererJobs, AreDone) {
  const RefererJob& job = GetParam();
  SCOPED_TRACE(job.in_words);
  site_.respond("/gallery?page=1", Response{.headers = job.headers, .body = with_addresses(job.page)});
  image("/a.png", 1);
  site_.respond("/moved.png",
                Response{.status = 302,
                         .headers = {{"Location", with_addresses("OTHER/o.png")}, {"Referrer-Policy", "no-referrer"}}});
  const Ended ended = type("doutu crawl 'SITE/gallery?page=1' --allow-private " + job.flags);
  EXPECT_EQ(ended.status, job.status) << ended.out << ended.err;

  std::map<std::string, std::string> expected;
  if (!job.told.contains("/gallery?page=1")) expected["/gallery?page=1"] = "";
  for (const auto& [path, referer] : job.told) expected[path] = with_addresses(referer);
  EXPECT_EQ(told(), expected) << ended.out << ended.err;
}

INSTANTIATE_TEST_SUITE_P(Of, RefererJobs, testing::ValuesIn(kJobs),
                         [](const auto& job) { return std::string(job.param.name); });

}  // namespace
}  // namespace doutu

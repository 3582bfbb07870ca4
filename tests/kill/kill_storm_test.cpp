// The kill storm: during one crawl a random process of it, or all of them at once, are killed with SIGKILL again and
// again; after a killed parent the same command is started at once. In the end there is everything, once, and the
// report is that of a crawl that nobody disturbed. DOUTU_KILL_SEED chooses other victims and moments, DOUTU_KILLS how
// many, and with them how large the site is (scripts/kill_storm); under sanitizers, which make everything slow, there
// are 100 only with DOUTU_LONG_TESTS=1.

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <signal.h>  // NOLINT(modernize-deprecated-headers): kill

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <random>

#include "tests/site/crawl_folder.h"
#include "tests/site/crawl_run.h"
#include "tests/site/meme_site.h"
#include "tests/site/test_site.h"

namespace doutu {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr int kImagesPerPage = 20;
constexpr int kPagesPerIndex = 7;
constexpr int kDownloaders = 20;
constexpr int kUncommitted = 512;  // Frontier::kMaxUncommitted

unsigned from_environment(const char* name, unsigned otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : static_cast<unsigned>(std::strtoul(text, nullptr, 10));
}

unsigned default_kills() {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  return from_environment("DOUTU_LONG_TESTS", 0) != 0 ? 100 : 25;
#else
  return 100;
#endif
}

/// So many that each kill meets pages and images in hand.
int pages_for(unsigned kills) { return std::max(60, static_cast<int>(kills) * 6 / 10); }

/// What a site sets that changes its cookies with each page, and which requests came without the right ones.
class CookieRules {
 public:
  /// Nobody else's word may have it.
  static constexpr std::string_view kSecret = "s3cr3t";

  std::optional<Response> decide(const Hit& hit) {
    const std::string cookies = hit.header("cookie");
    const bool has_session = cookies.find(fmt::format("session={}-", kSecret)) != std::string::npos;
    if (hit.path.starts_with("/img/")) {
      is_known_ = true;
      const bool is_right = has_session && cookies.find("album=" + album_of(hit.path)) != std::string::npos;
      if (!is_right) wrong_.push_back(fmt::format("{} with '{}'", hit.path, cookies));
      return is_right ? std::nullopt : std::optional(Response{.status = 403});
    }
    // A page that came when everything was killed is not known yet. One that has images is.
    if (is_known_ && !has_session) wrong_.push_back(fmt::format("{} with '{}'", hit.path, cookies));
    return std::nullopt;
  }

  /// Another crawl begins, which knows no cookies.
  void begin_anew() { is_known_ = false; }
  [[nodiscard]] const std::vector<std::string>& wrong() const { return wrong_; }

  [[nodiscard]] static Headers no_headers() { return {{"Content-Type", "text/html"}}; }
  [[nodiscard]] static Headers headers(int page) {
    return {{"Content-Type", "text/html"},
            {"Set-Cookie", fmt::format("session={}-{}; Path=/; HttpOnly", kSecret, page)},
            {"Set-Cookie", fmt::format("album={0}; Path={0}", album(page))}};
  }
  [[nodiscard]] static std::string album(int page) { return fmt::format("/img/{}/", page % kAlbums); }

 private:
  static constexpr int kAlbums = 100;  // A site keeps some 180 cookies.
  [[nodiscard]] static std::string album_of(const std::string& path) { return path.substr(0, path.rfind('/') + 1); }

  bool is_known_ = false;
  std::vector<std::string> wrong_;
};

/// Pages with twenty images of their own, one that they carry in themselves, one of the page before, and now and then
/// one with the bytes of another.
class StormSite {
 public:
  enum class Cookies { none, needed };
  StormSite(int site_pages, Cookies use) : pages(site_pages), uses_cookies(use == Cookies::needed) {
    if (uses_cookies) site.decide([this](const Hit& hit) { return cookies.decide(hit); });
    for (int page = 1; page <= pages; ++page) put_page(page);
    for (int index = 1; (index - 1) * kPagesPerIndex < pages; ++index) put_index(index);
  }

  [[nodiscard]] std::string page(int number) const { return "/list/" + std::to_string(number); }

  const int pages;
  const bool uses_cookies;
  TestSite site;
  std::map<std::string, std::string> images;
  std::size_t fetched = 0;  ///< Images with a URL to fetch.
  CookieRules cookies;

 private:
  void put_page(int page) {
    std::vector<std::string> urls;
    const std::uint64_t first = static_cast<std::uint64_t>(page - 1) * kImagesPerPage;
    for (std::uint64_t number = first + 1; number <= first + kImagesPerPage; ++number) {
      urls.push_back(put_image(page, std::to_string(number), number));
    }
    if (page > 1 && !uses_cookies) urls.push_back(CookieRules::album(page - 1) + std::to_string(first) + ".png");
    if (page % 5 == 0) urls.push_back(put_image(page, "again-" + std::to_string(page), first + 3));
    urls.push_back(carry_image(static_cast<std::uint64_t>(pages) * kImagesPerPage + static_cast<std::uint64_t>(page)));
    site.respond(this->page(page), {.headers = uses_cookies ? CookieRules::headers(page) : CookieRules::no_headers(),
                                    .body = list_page(urls)});
  }

  /// A page that leads to some pages, one of them that another has led to, and to the next page of its kind.
  void put_index(int index) {
    std::string body;
    const int first = (index - 1) * kPagesPerIndex;
    for (int number = std::max(1, first); number <= std::min(pages, first + kPagesPerIndex); ++number) {
      body += fmt::format("<a class=page href='{}'>{}</a>", page(number), number);
    }
    if (first + kPagesPerIndex < pages) body += fmt::format("<a rel=next href='/index/{}'>next</a>", index + 1);
    site.page("/index/" + std::to_string(index), body);
  }

  std::string carry_image(std::uint64_t number) {
    const std::string bytes = small_image(number);
    images[sha256(bytes) + ".png"] = sha256(bytes);
    return data_url(bytes);
  }

  std::string put_image(int page, const std::string& name, std::uint64_t number) {
    const std::string bytes = small_image(number);
    images[name + ".png"] = sha256(bytes);
    const std::string path = CookieRules::album(page) + name + ".png";
    site.file(path, bytes);
    ++fetched;
    return path;
  }
};

/// How the crawl comes to its pages; and whether its images need the cookies of their pages.
enum class Way { range, links, cookies };

class KillStorm : public testing::TestWithParam<Way> {
 protected:
  [[nodiscard]] std::vector<std::string> command(const CrawlFolder& folder) const {
    std::vector<std::string> command = {"crawl", site_.url("/list/{page}"), "--pages",
                                        "1-" + std::to_string(storm_site_.pages)};
    if (GetParam() == Way::links) {
      command = {"crawl", site_.url("/index/1"), "--next", "//a[@rel='next']", "--follow", "//a[@class='page']"};
    }
    for (const std::string& word :
         {std::string("--xpath"), std::string(kMemeXpath), std::string("--directory"), folder.path(),
          std::string("--progress"), std::string("none"), std::string("--retry-wait"), std::string("0.05"),
          std::string("--downloaders"), std::to_string(kDownloaders)}) {
      command.push_back(word);
    }
    return command;
  }

  ReportFile undisturbed() {
    const CrawlFolder folder(temporary_ / "undisturbed");
    EXPECT_EQ(run_doutu(command(folder)).status, 0);
    EXPECT_EQ(folder.images(), storm_site_.images);
    site_.forget_log();
    storm_site_.cookies.begin_anew();
    return folder.report();
  }

  void start() { run_ = std::make_unique<CrawlRun>(command(folder_)); }

  /// Releases as many pages as belong to so many kills, so that there are pages and images in hand until the last one.
  void release_pages(unsigned kills_done, unsigned kills) {
    const int until = static_cast<int>(static_cast<unsigned>(storm_site_.pages) * (kills_done + 1) / (kills + 1));
    for (; released_ < until; ++released_) site_.release(storm_site_.page(released_ + 1));
  }

  /// Kills one process of the crawl, or all of it, each with the same chance; the parent is started again.
  void kill_some() {
    std::vector<RunningProcess> victims = children_of(run_->pid());
    victims.push_back({run_->pid(), "doutu"});
    const std::size_t choice = random_() % (victims.size() + 1);
    if (choice < victims.size()) victims = {victims[choice]};
    const std::string& program = victims.front().program;
    ++killed_[victims.size() > 1 ? "all at once" : program.empty() ? "just started" : program];
    for (const RunningProcess& victim : victims) kill(victim.pid, SIGKILL);
    if (victims.back().pid != run_->pid()) return;
    EXPECT_EQ(run_->wait().status, 128 + SIGKILL);
    ++starts_;
    start();
  }

  /// A moment of the crawl's work, whose end the seed decides: some more requests, or some more milliseconds.
  void let_it_work() {
    const std::size_t requests = site_.log().size() + random_() % 12;
    const milliseconds at_most(random_() % 400);
    (void)eventually([&] { return site_.log().size() >= requests || !run_->running(); }, at_most);
  }

  /// Files of the crawl that have this text; none but the cookies' own may, and that one is the user's alone.
  [[nodiscard]] std::size_t files_with(std::string_view text) const {
    std::size_t count = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_.path())) {
      if (!entry.is_regular_file() || read_file(entry.path()).find(text) == std::string::npos) continue;
      ++count;
      EXPECT_EQ(entry.path().filename(), "cookies.txt");
      EXPECT_EQ(entry.status().permissions(), std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    }
    return count;
  }

  const unsigned seed_ = from_environment("DOUTU_KILL_SEED", 20240229);
  std::minstd_rand random_{seed_};
  const unsigned kills_ = from_environment("DOUTU_KILLS", default_kills());
  StormSite storm_site_{pages_for(kills_),
                        GetParam() == Way::cookies ? StormSite::Cookies::needed : StormSite::Cookies::none};
  TestSite& site_ = storm_site_.site;
  TemporaryFolder temporary_;
  CrawlFolder folder_{temporary_ / "storm"};
  std::unique_ptr<CrawlRun> run_;
  int released_ = 0;
  int starts_ = 1;
  std::map<std::string, unsigned> killed_;
};

TEST_P(KillStorm, LosesNothingAndCountsEverythingOnce) {
  const unsigned kills = kills_;
  const ReportFile calm = undisturbed();
  const auto began = steady_clock::now();
  for (int page = 1; page <= storm_site_.pages; ++page) site_.hold(storm_site_.page(page));
  site_.delay_all(milliseconds(20));
  start();
  for (unsigned done = 0; done < kills; ++done) {
    release_pages(done, kills);
    let_it_work();
    ASSERT_TRUE(run_->running()) << "ended by itself after " << done << " kills, seed " << seed_ << ":\n"
                                 << run_->wait().err;
    kill_some();
  }
  release_pages(kills, kills);
  const Ended ended = run_->wait(std::chrono::seconds(300));

  const std::size_t requests = site_.count_under("/img/");
  const std::size_t again = requests - std::min(requests, storm_site_.fetched);
  std::string victims;
  for (const auto& [program, count] : killed_) victims += fmt::format(" {} {},", program, count);
  victims.pop_back();
  fmt::print(
      "kill storm: {} kills ({} ), {} starts, {} images, {} of them fetched again, {} pages fetched for {}, {:.1f} s, "
      "seed {}\n",
      kills, victims, starts_, storm_site_.images.size(), again, site_.count_under("/list/"), storm_site_.pages,
      std::chrono::duration<double>(steady_clock::now() - began).count(), seed_);

  EXPECT_EQ(ended.status, 0) << ended.err << read_file(folder_.state("failures.jsonl"));
  EXPECT_EQ(folder_.images(), storm_site_.images);
  EXPECT_EQ(folder_.wrong_image_lines(), std::vector<std::string>());
  EXPECT_EQ(folder_.report().images, calm.images);
  EXPECT_EQ(folder_.report().pages.done, calm.pages.done);
  EXPECT_EQ(folder_.report().bytes, calm.bytes);
  EXPECT_LE(again, std::size_t{kills} * (kDownloaders + kUncommitted));
  EXPECT_EQ(storm_site_.cookies.wrong(), std::vector<std::string>());
  EXPECT_EQ(files_with(CookieRules::kSecret), GetParam() == Way::cookies ? 1U : 0U);
  EXPECT_TRUE(folder_.report().balances());
  EXPECT_TRUE(strays_after(std::chrono::seconds(20)).empty());
  EXPECT_EQ(folder_.leftovers(), std::vector<std::string>());
  if (HasFailure()) return;
  fmt::print("kill storm: 0 images lost, 0 torn, 0 stray files, 0 stray processes, the totals add up\n");
}

INSTANTIATE_TEST_SUITE_P(By, KillStorm, testing::Values(Way::range, Way::links, Way::cookies), [](const auto& about) {
  return std::string(about.param == Way::range ? "Range" : about.param == Way::links ? "Links" : "Cookies");
});

}  // namespace
}  // namespace doutu

// No memory: a small crawl, in which the first allocation at one place of one program fails (failing_malloc.cpp), for
// every place that such a crawl allocates at. Parent and downloader must not crash: what they cannot do they say, and
// what replaces them goes on. A fetcher may: its page gets another attempt. DOUTU_LONG_TESTS=1 takes every place,
// otherwise it is a sample.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>

#include "tests/failing_calls/failing_crawl.h"
#include "tests/failing_calls/sites.h"

namespace doutu {
namespace {

constexpr std::size_t kSample = 16;

std::string name_of(const testing::TestParamInfo<const char*>& info) { return role_of(info.param); }

class FailingMalloc : public FailingCrawl, public testing::WithParamInterface<const char*> {
 protected:
  struct Failing : Point {
    std::uint64_t site = 0;
    std::string file;
    std::string trace;

    [[nodiscard]] bool failed() const { return words_of(file).at(0) == 1; }

    /// Two libraries do not look whether they got memory, while a child starts: libseccomp (2.5.4) where it makes the
    /// filter, OpenSSL (3.0) where it initialises itself. The child is replaced; what matters is the crawl's end.
    [[nodiscard]] bool crashed_in_a_library() const {
      const std::string way = read_file(trace);
      const bool is_theirs = way.find("libseccomp") != std::string::npos ||
                             way.find("OPENSSL_init_crypto") != std::string::npos ||
                             way.find("OSSL_LIB_CTX_get0_global_default") != std::string::npos;
      return is_theirs && read_file(folder.state("crawl.log")).find("ended by signal") != std::string::npos;
    }
  };

  Failing start_failing(std::uint64_t site) {
    const std::string name = std::to_string(site);
    const std::string file = temporary_ / ("sites-" + name);
    const std::string trace = temporary_ / ("trace-" + name);
    write_file(file, std::string(sizeof(Sites), '\0'));
    write_file(trace, "");
    return {start(name, {{"LD_PRELOAD", DOUTU_FAILING_MALLOC},
                         {"DOUTU_FAIL_PROGRAM", GetParam()},
                         {"DOUTU_FAIL_SITE", name},
                         {"DOUTU_FAIL_SITES", file},
                         {"DOUTU_FAIL_TRACE", trace}}),
            site, file, trace};
  }

  static std::vector<std::uint64_t> words_of(const std::string& file) {
    const std::string bytes = read_file(file);
    std::vector<std::uint64_t> words(bytes.size() / sizeof(std::uint64_t));
    std::memcpy(words.data(), bytes.data(), words.size() * sizeof(std::uint64_t));
    return words;
  }

  /// Of a crawl in which nothing fails, in no order of the program's.
  std::vector<std::uint64_t> sites() {
    Failing survey = start_failing(0);
    expect_everything(survey, wait(survey));
    std::vector<std::uint64_t> met = words_of(survey.file);
    std::erase(met, 0U);
    std::sort(met.begin(), met.end());
    return met;
  }

  static std::vector<std::uint64_t> sample_of(const std::vector<std::uint64_t>& all) {
    std::vector<std::uint64_t> some;
    for (std::size_t i = 0; i < kSample; ++i) some.push_back(all.at(i * all.size() / kSample));
    return some;
  }
};

TEST_P(FailingMalloc, CrashesNeitherParentNorDownloaderAndTheNextStartCompletes) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "the sanitizer's own malloc must be the one";
#endif
  const std::vector<std::uint64_t> all = sites();
  ASSERT_GT(all.size(), kSample) << "the library did not reach the program";
  const std::vector<std::uint64_t> chosen = all_are_asked_for() ? all : sample_of(all);
  std::size_t failed = 0;
  std::size_t in_libraries = 0;
  for (std::size_t next = 0; next < chosen.size();) {
    std::vector<Failing> batch;
    for (; batch.size() < kAtOnce && next < chosen.size(); ++next) batch.push_back(start_failing(chosen[next]));
    for (Failing& point : batch) {
      const Ended ended = wait(point);
      SCOPED_TRACE(fmt::format("site {}:\n{}", point.site, read_file(point.trace)));
      if (point.failed()) ++failed;
      if (point.crashed_in_a_library()) {
        ++in_libraries;
        continue;
      }
      expect_an_orderly_end(point, ended, {std::strerror(ENOMEM), "out of memory"});
    }
    expect_no_strays();
    for (Failing& point : batch) start_again(point);
    for (Failing& point : batch) {
      SCOPED_TRACE(fmt::format("site {}, the next start", point.site));
      expect_everything(point, wait(point));
    }
    expect_no_strays();
  }
  fmt::print(
      "{}: {} places allocate, {} were tried, {} of them failed, {} crashed in libseccomp or in "
      "OpenSSL's start{}\n",
      GetParam(), all.size(), chosen.size(), failed, in_libraries, ends());
  EXPECT_GT(failed, chosen.size() / 2);
}

INSTANTIATE_TEST_SUITE_P(Of, FailingMalloc, testing::Values("doutu", "doutu-downloader", "doutu-fetcher"), name_of);

}  // namespace
}  // namespace doutu

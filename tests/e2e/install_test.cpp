// An installed doutu: everything in its place, and the programs find one another wherever that is.

#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>

#include "tests/e2e/crawl_fixture.h"

namespace doutu {
namespace {

namespace fs = std::filesystem;

class Installation : public CrawlTest {
 protected:
  /// `cmake --install` of this very build.
  static void install(const std::string& options, const std::string& environment = "env") {
    const std::string command =
        fmt::format("{} '{}' --install '{}' {} > /dev/null", environment, DOUTU_CMAKE, DOUTU_BUILD_FOLDER, options);
    ASSERT_EQ(std::system(command.c_str()), 0) << command;  // NOLINT(cert-env33-c): a fixed command
  }

  static std::set<std::string> files_in(const fs::path& folder) {
    std::set<std::string> files;
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
      if (!entry.is_directory()) files.insert(fs::relative(entry.path(), folder).string());
    }
    return files;
  }

  /// Crawls one page with one image by that program.
  void expect_works(const std::string& program, const std::string& page) {
    image("/" + page + ".png", std::stoull(page));
    list(std::stoi(page), {"/" + page + ".png"});
    CrawlRun run(command(page), "", {}, program);
    const Ended ended = run.wait();
    EXPECT_EQ(ended.status, 0) << program << ": " << ended.err;
  }
};

TEST_F(Installation, HasEverythingInItsPlace) {
  const std::string prefix = temporary_ / "prefix";
  install("--prefix '" + prefix + "'");
  std::set<std::string> expected = {"bin/doutu",
                                    "libexec/doutu/doutu-fetcher",
                                    "libexec/doutu/doutu-downloader",
                                    "libexec/doutu/doutu-decoder",
                                    "share/bash-completion/completions/doutu",
                                    "share/zsh/site-functions/_doutu",
                                    "share/fish/vendor_completions.d/doutu.fish",
                                    "share/doc/doutu/README.md",
                                    "share/doc/doutu/README.zh-CN.md",
                                    "share/doc/doutu/ARCHITECTURE.md",
                                    "share/doc/doutu/CONTRIBUTING.md",
                                    "share/doc/doutu/CHANGELOG.md",
                                    "share/doc/doutu/SECURITY.md",
                                    "share/doc/doutu/LICENSE",
                                    "share/doc/doutu/docs/conformance.md",
                                    "share/doc/doutu/docs/doutu.1.scd",
                                    "share/doc/doutu/docs/files.md",
                                    "share/doc/doutu/docs/outcomes.md",
                                    "share/doc/doutu/docs/performance.md",
                                    "share/doc/doutu/docs/reliability.md"};
  if (DOUTU_HAS_MANUAL) expected.insert("share/man/man1/doutu.1");
  EXPECT_EQ(files_in(prefix), expected);
}

TEST_F(Installation, WorksWhereverItIs) {
  const std::string prefix = temporary_ / "prefix";
  install("--prefix '" + prefix + "'");
  expect_works(prefix + "/bin/doutu", "1");
  fs::create_symlink("prefix/bin/doutu", temporary_ / "link");
  expect_works(temporary_ / "link", "2");
  fs::rename(prefix, temporary_ / "moved");
  expect_works(temporary_ / "moved/bin/doutu", "3");
}

TEST_F(Installation, WorksBelowADestdir) {
  const std::string root = temporary_ / "root";
  install("--prefix /usr --strip", "env DESTDIR='" + root + "'");
  expect_works(root + "/usr/bin/doutu", "1");
}

}  // namespace
}  // namespace doutu

// Every input in corpus/TARGET, by its fuzz target: what was found stays found.

#include <gtest/gtest.h>

#include <filesystem>

#include "tests/fuzz/fuzz.h"
#include "tests/site/crawl_folder.h"

namespace doutu {
namespace {

struct Target {
  const char* name;
  int (*run)(FuzzInput);
};

std::string name_of(const testing::TestParamInfo<Target>& info) { return info.param.name; }

class FuzzCorpus : public testing::TestWithParam<Target> {};

TEST_P(FuzzCorpus, HoldsItsProperties) {
  std::size_t inputs = 0;
  for (const auto& file : std::filesystem::directory_iterator(DOUTU_FUZZ_CORPUS + std::string("/") + GetParam().name)) {
    SCOPED_TRACE(file.path());
    const std::string bytes = read_file(file.path());
    EXPECT_EQ(GetParam().run(std::as_bytes(std::span(bytes))), 0);
    ++inputs;
  }
  EXPECT_GT(inputs, 0U);
}

INSTANTIATE_TEST_SUITE_P(Of, FuzzCorpus,
                         testing::Values(Target{"page", fuzz_page}, Target{"unpack", fuzz_unpack},
                                         Target{"decode", fuzz_decode}, Target{"url", fuzz_url},
                                         Target{"image", fuzz_image}, Target{"retry_after", fuzz_retry_after},
                                         Target{"set_cookie", fuzz_set_cookie}, Target{"cookie_file", fuzz_cookie_file},
                                         Target{"lane", fuzz_lane}, Target{"record", fuzz_record},
                                         Target{"page_range", fuzz_page_range}, Target{"recipe", fuzz_recipe},
                                         Target{"wholeness", fuzz_wholeness}),
                         name_of);

}  // namespace
}  // namespace doutu

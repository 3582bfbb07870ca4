// What it takes to resolve a reference, and beside it curl's URL API and libxml2's xmlBuildURI(), which resolve fewer
// of them as browsers do. Run: build/bench/bin/url_bench
#include <benchmark/benchmark.h>
#include <curl/curl.h>
#include <libxml/uri.h>

#include <array>
#include <memory>
#include <string>

#include "shared/url/url.h"

namespace doutu {
namespace {

constexpr const char* kBase = "https://www.example.com/photo/list/?page=7";
constexpr std::array kReferences{
    "https://img.example.net/uploads/2019/08/IMG_20190807_120301.jpg",  // what image sites mostly write
    "/static/thumbs/a1/b2/c3d4e5f60718.webp?w=320",
    "../full/c3d4e5f60718.png",
    "//cdn.example.net/x/%E5%9B%BE.gif",
    "https://img.example.net/\xe7\x86\x8a\xe7\x8c\xab/big one.jpg",
};

const char* reference_of(const benchmark::State& state) {
  return kReferences.at(static_cast<std::size_t>(state.range(0)));
}

void resolve_with_doutu(benchmark::State& state) {
  const std::string base = kBase;
  const std::string reference = reference_of(state);
  for (auto unused : state) benchmark::DoNotOptimize(resolve_url(base, reference));
}
BENCHMARK(resolve_with_doutu)->DenseRange(0, kReferences.size() - 1);

void normalise_with_doutu(benchmark::State& state) {
  const std::string url = reference_of(state);
  for (auto unused : state) benchmark::DoNotOptimize(normalise_url(url));
}
BENCHMARK(normalise_with_doutu)->Arg(0)->Arg(4);

void resolve_international_host(benchmark::State& state) {
  for (auto unused : state)
    benchmark::DoNotOptimize(resolve_url(kBase,
                                         "http://b\xc3\xbc"
                                         "cher.example/a.jpg"));
}
BENCHMARK(resolve_international_host);

void resolve_with_curl(benchmark::State& state) {
  const char* reference = reference_of(state);
  const std::unique_ptr<CURLU, void (*)(CURLU*)> url(curl_url(), curl_url_cleanup);
  for (auto unused : state) {
    curl_url_set(url.get(), CURLUPART_URL, kBase, 0);
    curl_url_set(url.get(), CURLUPART_URL, reference, CURLU_URLENCODE);
    char* text = nullptr;
    curl_url_get(url.get(), CURLUPART_URL, &text, 0);
    benchmark::DoNotOptimize(text);
    curl_free(text);
  }
}
BENCHMARK(resolve_with_curl)->DenseRange(0, kReferences.size() - 1);

void resolve_with_libxml2(benchmark::State& state) {
  const auto* base = reinterpret_cast<const xmlChar*>(kBase);
  const auto* reference = reinterpret_cast<const xmlChar*>(reference_of(state));
  for (auto unused : state) {
    xmlChar* text = xmlBuildURI(reference, base);
    benchmark::DoNotOptimize(text);
    xmlFree(text);
  }
}
BENCHMARK(resolve_with_libxml2)->DenseRange(0, kReferences.size() - 1);

}  // namespace
}  // namespace doutu

BENCHMARK_MAIN();

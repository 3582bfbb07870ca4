// From the bytes of a list page to its image URLs: what the fetcher does, and beside it plain libxml2 (its own parser
// and the same XPath; no decoding, no resolving). tests/bench/lxml_extract.py measures lxml on the same page:
//
//   extract_bench --page > page.html && python3 tests/bench/lxml_extract.py page.html
//
// On two shared cores, best of 600: extract 1.84 ms, libxml2 1.01 ms (1.8 times; by instructions 14.9 to 9.7 million,
// 1.54 times); 62 % of extract is inside Gumbo. 100,000 hits of //img/@src take 0.04 to 0.18 s. Unions and "//a//b" are
// quadratic in libxml2: "//img/@src | //a/@href" with 20,000 hits takes 1 s. 20,000 nested elements: 0.8 s; 20,000
// attributes on one: 1 s. Beyond that the page's deadline ends it.
#include <benchmark/benchmark.h>
#include <libxml/HTMLparser.h>

#include <cstdio>
#include <string_view>

#include "crawler/fetcher/html/image_links.h"
#include "crawler/fetcher/html/libxml.h"
#include "crawler/fetcher/text/page_text.h"
#include "tests/bench/list_page.h"

namespace doutu {
namespace {

constexpr std::string_view kUrl = "http://example.com/photo/list/?page=1";

void report(benchmark::State& state, std::string_view page, std::size_t links) {
  if (links != kListPageLinks) state.SkipWithError("wrong number of links");
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(page.size()));
}

/// Every part of the way, and what is freed at its end.
void BM_extract(benchmark::State& state) {
  const std::string page = list_page();
  std::vector<Xpath> xpaths;
  xpaths.push_back(Xpath::compile(std::string(kListPageXpath)).value());
  std::size_t links = 0;
  for (auto _ : state) {
    const PageText text = decode_page(page, "text/html; charset=utf-8");
    const HtmlDocument document = HtmlDocument::parse(text.utf8, text.markup).value();
    links = find_image_links(document, xpaths, kUrl, text.encoding, 100'000).links.size();
  }
  report(state, page, links);
}
BENCHMARK(BM_extract)->Unit(benchmark::kMicrosecond);

void BM_parse(benchmark::State& state) {
  const std::string page = list_page();
  for (auto _ : state) benchmark::DoNotOptimize(HtmlDocument::parse(page));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(page.size()));
}
BENCHMARK(BM_parse)->Unit(benchmark::kMicrosecond);

void BM_libxml2(benchmark::State& state) {
  const std::string page = list_page();
  const LibxmlErrors errors;
  const XpathExpression expression(xmlXPathCompile(to_xml(kListPageXpath.data())));
  std::size_t links = 0;
  for (auto _ : state) {
    const std::unique_ptr<xmlDoc, LibxmlDeleter<xmlFreeDoc>> document(htmlReadMemory(
        page.data(), static_cast<int>(page.size()), kUrl.data(), "UTF-8", HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING));
    const XpathContext context(xmlXPathNewContext(document.get()));
    const XpathObject found(xmlXPathCompiledEval(expression.get(), context.get()));
    std::vector<std::string> values;
    for (int i = 0; i < found->nodesetval->nodeNr; ++i) {
      const XmlText value(xmlNodeGetContent(found->nodesetval->nodeTab[i]));
      values.emplace_back(from_xml(value.get()));
    }
    links = values.size();
  }
  report(state, page, links);
}
BENCHMARK(BM_libxml2)->Unit(benchmark::kMicrosecond);

/// A page with so many images that the XPath finds.
void BM_many_hits(benchmark::State& state) {
  std::string page;
  for (std::int64_t i = 0; i < state.range(0); ++i) page += "<img src=/" + std::to_string(i) + ".jpg>";
  const HtmlDocument document = HtmlDocument::parse(page).value();
  const Xpath xpath = Xpath::compile("//img/@src").value();
  for (auto _ : state) benchmark::DoNotOptimize(document.evaluate(xpath, 1'000'000).values.size());
}
BENCHMARK(BM_many_hits)->Arg(1'000)->Arg(10'000)->Arg(100'000)->Unit(benchmark::kMillisecond);

/// An element in an element in an element.
void BM_nesting(benchmark::State& state) {
  std::string page;
  for (std::int64_t i = 0; i < state.range(0); ++i) page += "<div>";
  for (auto _ : state) benchmark::DoNotOptimize(HtmlDocument::parse(page));
}
BENCHMARK(BM_nesting)->Arg(500)->Arg(5'000)->Arg(20'000)->Unit(benchmark::kMillisecond)->Iterations(1);

void BM_attributes(benchmark::State& state) {
  std::string page = "<img src=x";
  for (std::int64_t i = 0; i < state.range(0); ++i) page += " a" + std::to_string(i) + "=1";
  page += ">";
  for (auto _ : state) benchmark::DoNotOptimize(HtmlDocument::parse(page));
}
BENCHMARK(BM_attributes)->Arg(1'000)->Arg(20'000)->Unit(benchmark::kMillisecond)->Iterations(1);

}  // namespace
}  // namespace doutu

int main(int argc, char** argv) {
  if (argc == 2 && std::string_view(argv[1]) == "--page") {
    std::fputs(doutu::list_page().c_str(), stdout);
    return 0;
  }
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}

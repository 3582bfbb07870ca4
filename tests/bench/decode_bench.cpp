// From the bytes of a page to UTF-8: decode_text(), and beside it iconv(3) and ICU, which read some bytes otherwise
// than browsers do. On a page: markup with a sixth of text, 64 KiB; on text alone: the same characters without markup.
// Run: build/bench/bin/decode_bench
#include <benchmark/benchmark.h>
#include <iconv.h>
#include <unicode/ucnv.h>

#include <memory>
#include <string>
#include <string_view>

#include "crawler/fetcher/text/text_decoder.h"

namespace doutu {
namespace {

constexpr std::size_t kBytes = 64 << 10;

std::string converted(iconv_t descriptor, std::string& in, std::string& out) {
  out.resize(in.size() * 4);
  char* from = in.data();
  char* to = out.data();
  std::size_t from_left = in.size();
  std::size_t to_left = out.size();
  if (::iconv(descriptor, &from, &from_left, &to, &to_left) == static_cast<std::size_t>(-1)) return {};
  out.resize(out.size() - to_left);
  return out;
}

struct Sample {
  Encoding encoding;
  const char* name;  ///< What iconv and ICU call it.
  std::string_view words;
};
constexpr Sample kUtf8 = {Encoding::utf_8, "UTF-8", "熊猫头 震惊 表情包"};
constexpr Sample kGbk = {Encoding::gbk, "GBK", "熊猫头 震惊 表情包"};
constexpr Sample kShiftJis = {Encoding::shift_jis, "SHIFT_JIS", "パンダの画像 おもしろい"};
constexpr Sample kEucKr = {Encoding::euc_kr, "EUC-KR", "판다 그림 재미있는"};
constexpr Sample kWindows1251 = {Encoding::windows_1251, "CP1251", "панда картинка смешная"};

enum class Shape : int { page, text };

/// The sample in its encoding.
std::string bytes_of(const Sample& sample, Shape shape) {
  std::string utf8;
  while (utf8.size() < kBytes) {
    if (shape == Shape::page) utf8 += R"(<li class="list-group-item"><a href="/photo/630000"><img src="/x.gif" alt=")";
    utf8 += sample.words;
    if (shape == Shape::page) utf8 += R"(" class="img-responsive lazy"></a></li>)";
    utf8 += '\n';
  }
  std::string out;
  const iconv_t descriptor = ::iconv_open(sample.name, "UTF-8");
  converted(descriptor, utf8, out);
  ::iconv_close(descriptor);
  return out;
}

std::string begin(benchmark::State& state, const Sample& sample) {
  const std::string bytes = bytes_of(sample, static_cast<Shape>(state.range(0)));
  if (bytes.empty()) state.SkipWithError("the sample has no such bytes");
  state.SetLabel(static_cast<Shape>(state.range(0)) == Shape::page ? "page" : "text");
  return bytes;
}

void end(benchmark::State& state, const std::string& bytes) {
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(bytes.size()));
}

void doutu(benchmark::State& state, const Sample& sample) {
  const std::string bytes = begin(state, sample);
  for (auto unused : state) benchmark::DoNotOptimize(decode_text(bytes, sample.encoding));
  end(state, bytes);
}

void with_iconv(benchmark::State& state, const Sample& sample) {
  std::string bytes = begin(state, sample);
  const iconv_t descriptor = ::iconv_open("UTF-8", sample.name);
  for (auto unused : state) {
    std::string out;
    if (converted(descriptor, bytes, out).empty()) state.SkipWithError("iconv cannot");
  }
  ::iconv_close(descriptor);
  end(state, bytes);
}

/// Through UTF-16 and back, as ICU does.
void with_icu(benchmark::State& state, const Sample& sample) {
  const std::string bytes = begin(state, sample);
  std::string out(bytes.size() * 4, '\0');
  for (auto unused : state) {
    UErrorCode error = U_ZERO_ERROR;
    ucnv_convert("UTF-8", sample.name, out.data(), static_cast<std::int32_t>(out.size()), bytes.data(),
                 static_cast<std::int32_t>(bytes.size()), &error);
    if (U_FAILURE(error)) state.SkipWithError("ICU cannot");
  }
  end(state, bytes);
}

#define BENCH_ENCODING(name, sample)                                                            \
  BENCHMARK_CAPTURE(doutu, name, sample)->DenseRange(0, 1)->Unit(benchmark::kMicrosecond);      \
  BENCHMARK_CAPTURE(with_iconv, name, sample)->DenseRange(0, 1)->Unit(benchmark::kMicrosecond); \
  BENCHMARK_CAPTURE(with_icu, name, sample)->DenseRange(0, 1)->Unit(benchmark::kMicrosecond)

BENCH_ENCODING(utf_8, kUtf8);
BENCH_ENCODING(gbk, kGbk);
BENCH_ENCODING(shift_jis, kShiftJis);
BENCH_ENCODING(euc_kr, kEucKr);
BENCH_ENCODING(windows_1251, kWindows1251);

}  // namespace
}  // namespace doutu

BENCHMARK_MAIN();

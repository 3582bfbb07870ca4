#include "downloader/transfer/image_body.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "tests/downloader/check/small_gif.h"
#include "tests/downloader/check/small_jpeg.h"
#include "tests/downloader/transfer/transfer_pool_fixture.h"
#include "tests/shared/coding/packers.h"
#include "tests/site/h2_site.h"

namespace doutu {
namespace {

TEST_F(TransferPoolTest, SavesNoTornImage) {
  site_.respond("/cut", Response{.body = small_gif(200'000), .cut_after = 150'000, .ending = Response::Ending::close});
  expect_failed(fetch("/cut"), Cause::truncated, 3);
  site_.respond("/reset", Response{.body = small_gif(5000), .cut_after = 1000, .ending = Response::Ending::reset});
  const ImageOutcome outcome = fetch("/reset");
  EXPECT_TRUE(outcome.cause == Cause::connection_lost || outcome.cause == Cause::truncated);
  expect_failed(outcome, outcome.cause, 3);
}

TEST_F(TransferPoolTest, SavesNoImageWhoseEndNobodyAnnounced) {
  // A connection that is closed early looks like the end of a body of no announced length.
  const auto closed = [](const std::string& bytes) {
    return Response{.raw = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + bytes, .ending = Response::Ending::close};
  };
  const std::string whole = small_jpeg();
  site_.respond("/whole.jpg", closed(whole));
  EXPECT_EQ(fetch("/whole.jpg").facts.type, "jpeg");
  std::filesystem::remove(incoming() / "1");
  site_.respond("/cut.jpg", closed(whole.substr(0, whole.size() - 1)));
  expect_failed(fetch("/cut.jpg"), Cause::incomplete_image, 3);
  site_.respond("/recovers.jpg", {closed(whole.substr(0, 100)), closed(whole)});
  EXPECT_EQ(fetch("/recovers.jpg").attempts, 2U);
}

TEST_F(TransferPoolTest, SavesAnImageWithoutItsEndMarkWhereAllCame) {
  settings_.http.insecure = true;
  std::string bytes = small_gif(200);
  bytes.pop_back();  // The trailer.
  const auto answer = [](const std::string& header, const std::string& body) {
    return Response{.raw = "HTTP/1.1 200 OK\r\nConnection: close\r\n" + header + "\r\n" + body,
                    .ending = Response::Ending::close};
  };
  const std::string chunk = fmt::format("{:x}\r\n", bytes.size()) + bytes + "\r\n";
  site_.respond("/length.gif", answer("Content-Length: 199\r\n", bytes));
  site_.respond("/chunks.gif", answer("Transfer-Encoding: Chunked\r\n", chunk + "0\r\n\r\n"));
  EXPECT_EQ(incoming(fetch("/length.gif").id), bytes);
  EXPECT_EQ(incoming(fetch("/chunks.gif").id), bytes);

  H2Site h2;
  h2.respond("/Z", {H2Answer{.frames = {h2_head(""), h2_data(bytes, H2Then::stream_ends)}}});
  EXPECT_EQ(incoming(fetch_url(h2.url("/Z")).id), bytes);

  for (const std::int64_t id : {1, 2, 3}) std::filesystem::remove(incoming() / std::to_string(id));
  site_.respond("/closed.gif", answer("", bytes));
  expect_failed(fetch("/closed.gif"), Cause::incomplete_image, 3);
  site_.respond("/no-last-chunk.gif", answer("Transfer-Encoding: chunked\r\n", chunk));
  expect_failed(fetch("/no-last-chunk.gif"), Cause::truncated, 3);
}

TEST_F(TransferPoolTest, UndoesTheCodingsOfAnImageAlthoughNoneWasAskedFor) {
  const std::string bytes = small_gif(50'000);
  const std::vector<std::pair<std::string, std::string>> answers = {
      {"gzip", pack_gzip(bytes)},
      {"deflate", pack_zlib(bytes)},
      {"br", pack_brotli(bytes)},
      {"zstd", pack_zstd(bytes)},
      {"gzip", bytes},
      {"br", bytes},
      {"aws-chunked", bytes},
      {"gzip, gzip", pack_gzip(pack_gzip(bytes))},
      {"gzip, utf-8", pack_gzip(bytes)},
  };
  for (const auto& [coding, body] : answers) {
    site_.respond("/a.gif", Response{.headers = {{"Content-Encoding", coding}}, .body = body});
    const ImageOutcome outcome = fetch("/a.gif");
    EXPECT_EQ(outcome.kind, Kind::fetched) << coding;
    EXPECT_EQ(outcome.content, content_of(bytes)) << coding;
    EXPECT_EQ(incoming(outcome.id), bytes) << coding;
  }
}

TEST_F(TransferPoolTest, UnpacksAnSvgThatIsKeptPacked) {
  const std::string svg = R"(<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>)";
  site_.respond("/a.svgz", Response{.headers = {{"Content-Encoding", "gzip"}}, .body = pack_gzip(svg)});
  EXPECT_EQ(incoming(fetch("/a.svgz").id), svg);
  std::filesystem::remove(incoming() / "1");
  site_.respond("/unsaid.svgz", Response{.body = pack_gzip(svg)});
  expect_failed(fetch("/unsaid.svgz"), Cause::not_an_image, 1);
}

TEST_F(TransferPoolTest, NamesWhatIsWrongWithAPackedImage) {
  const auto cause_of = [this](const std::string& coding, const std::string& body) {
    site_.respond("/a.gif", Response{.headers = {{"Content-Encoding", coding}}, .body = body});
    const ImageOutcome outcome = fetch("/a.gif");
    EXPECT_EQ(files(), 0U);
    return outcome.cause;
  };
  const std::string packed = pack_gzip(small_jpeg());
  EXPECT_EQ(cause_of("gzip", packed.substr(0, packed.size() / 2)), Cause::truncated);
  EXPECT_EQ(cause_of("gzip", pack_gzip(small_jpeg().substr(0, 100))), Cause::incomplete_image);
  EXPECT_EQ(cause_of("br", packed), Cause::bad_response);
  EXPECT_EQ(cause_of("gzip", pack_gzip("<html>")), Cause::html_not_image);
  EXPECT_EQ(cause_of("gzip", "<html>"), Cause::html_not_image);
  EXPECT_EQ(cause_of("gzip", "\x1f"), Cause::truncated);
}

TEST_F(TransferPoolTest, CountsTheUnpackedBytesOfAnImage) {
  settings_.image.max_bytes = 100'000;
  const auto answer = [](std::size_t size) {
    return Response{.headers = {{"Content-Encoding", "gzip"}}, .body = pack_gzip(small_gif(size))};
  };
  site_.respond("/a.gif", answer(100'001));
  expect_failed(fetch("/a.gif"), Cause::too_large, 1);
  site_.respond("/b.gif", answer(100'000));
  EXPECT_EQ(fetch("/b.gif").content.bytes, 100'000U);
}

TEST_F(TransferPoolTest, EndsAnImageWhereItsLengthEndsUnderATransferEncodingThatIsNone) {
  const std::string bytes = small_gif(100'000);
  const auto answer = [&](std::size_t length, Response::Ending ending) {
    return Response{.raw = "HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\nContent-Length: " +
                           std::to_string(length) + "\r\n\r\n" + bytes,
                    .ending = ending};
  };
  site_.respond("/a.gif", answer(bytes.size(), Response::Ending::hang));
  EXPECT_EQ(incoming(fetch("/a.gif").id), bytes);
  std::filesystem::remove(incoming() / "1");
  site_.respond("/short.gif", answer(bytes.size() + 1, Response::Ending::close));
  expect_failed(fetch("/short.gif"), Cause::truncated, 3);
}

TEST_F(TransferPoolTest, SavesAPartThatIsTheWhole) {
  const std::string bytes = small_gif(5000);
  const auto part = [&](const std::string& range) {
    return Response{.status = 206, .headers = {{"Content-Range", range}}, .body = bytes};
  };
  site_.respond("/a.gif", part("bytes 0-4999/5000"));
  EXPECT_EQ(incoming(fetch("/a.gif").id), bytes);
  std::filesystem::remove(incoming() / "1");
  site_.respond("/part.gif", part("bytes 0-4999/9000"));
  expect_failed(fetch("/part.gif"), Cause::bad_response, 3);
}

TEST_F(TransferPoolTest, SavesAnImageThatIsWholeThoughItsServerThenFallsSilent) {
  settings_.image.timeout = milliseconds(300);
  settings_.politeness.retries = 0;
  const std::string bytes = small_gif(5000);
  const auto answer = [&](const std::string& header, const std::string& body, Response::Ending ending) {
    return Response{.raw = "HTTP/1.1 200 OK\r\n" + header + "\r\n" + body, .ending = ending};
  };
  const std::string chunked = "Transfer-Encoding: chunked\r\n";
  const std::string chunk = "1388\r\n" + bytes + "\r\n";
  std::int64_t id = 0;
  for (const auto& whole :
       {answer("", bytes, Response::Ending::hang), answer(chunked, chunk, Response::Ending::hang)}) {
    site_.respond("/whole.gif", whole);
    EXPECT_EQ(incoming(fetch("/whole.gif").id), bytes);
    std::filesystem::remove(incoming() / std::to_string(++id));
  }
  site_.respond("/reset.gif", answer("", bytes, Response::Ending::reset));
  EXPECT_EQ(fetch("/reset.gif").cause, Cause::connection_lost);
  site_.respond("/closed.gif", answer(chunked, chunk, Response::Ending::close));
  EXPECT_EQ(fetch("/closed.gif").cause, Cause::truncated);
  site_.respond("/cut.gif", answer("", bytes.substr(0, 4999), Response::Ending::hang));
  EXPECT_EQ(fetch("/cut.gif").cause, Cause::timeout);
  site_.respond("/longer.gif", answer("Content-Length: 5001\r\n", bytes, Response::Ending::hang));
  EXPECT_EQ(fetch("/longer.gif").cause, Cause::timeout) << "a length that was announced counts";
  site_.respond("/part.gif",
                Response{.raw = "HTTP/1.1 206 Partial Content\r\n\r\n" + bytes, .ending = Response::Ending::hang});
  EXPECT_EQ(fetch("/part.gif").cause, Cause::timeout) << "nobody asked for a part";
  EXPECT_EQ(files(), 0U);
}

TEST_F(TransferPoolTest, SavesNoDamagedImage) {
  std::string bytes = small_gif(5000);
  bytes[bytes.find('!')] = '?';  // A block that there is not, before any frame.
  site_.file("/damaged.gif", bytes);
  expect_failed(fetch("/damaged.gif"), Cause::damaged_image, 1);
  EXPECT_EQ(site_.count("/damaged.gif"), 1U);
}

TEST_F(TransferPoolTest, KeepsWhatFollowsTheEndOfAnImage) {
  const std::string bytes = small_gif(5000) + "and a line of text";
  site_.file("/a.gif", bytes);
  EXPECT_EQ(incoming(fetch("/a.gif").id), bytes);
}

TEST_F(TransferPoolTest, ComesOverACutWhenTheNextAttemptIsWhole) {
  const std::string bytes = small_gif(200'000);
  site_.respond("/a.gif", {Response{.body = bytes, .cut_after = 100'000, .ending = Response::Ending::close},
                           Response{.body = bytes}});
  const ImageOutcome outcome = fetch("/a.gif");
  EXPECT_EQ(outcome.attempts, 2U);
  EXPECT_EQ(outcome.content, content_of(bytes));
  EXPECT_EQ(incoming(outcome.id), bytes);
}

TEST_F(TransferPoolTest, SavesNothingThatIsNoImage) {
  site_.respond("/html.jpg",
                Response{.headers = {{"Content-Type", "image/jpeg"}}, .body = "<!doctype html><p>Sorry</p>"});
  expect_failed(fetch("/html.jpg"), Cause::html_not_image, 1);
  site_.respond("/text.jpg", Response{.body = "Not found"});
  expect_failed(fetch("/text.jpg"), Cause::not_an_image, 1);
  site_.respond("/empty.jpg", Response{});
  const ImageOutcome empty = fetch("/empty.jpg");
  expect_failed(empty, Cause::empty_body, empty.attempts);
  site_.respond("/part.gif", Response{.status = 206, .body = small_gif(100)});
  const ImageOutcome part = fetch("/part.gif");
  expect_failed(part, Cause::bad_response, part.attempts);
}

TEST_F(TransferPoolTest, BoundsTheSizeOfAnImage) {
  settings_.image.max_bytes = 100'000;
  site_.file("/announced.gif", small_gif(100'001));
  expect_failed(fetch("/announced.gif"), Cause::too_large, 1);
  Response endless{.headers = {{"Transfer-Encoding", "chunked"}}};
  for (int i = 0; i < 20; ++i) endless.body += "4e20\r\n" + small_gif(20'000) + "\r\n";
  endless.body += "0\r\n\r\n";
  site_.respond("/counted.gif", endless);
  expect_failed(fetch("/counted.gif"), Cause::too_large, 1);
  site_.file("/fits.gif", small_gif(100'000));
  EXPECT_EQ(fetch("/fits.gif").kind, Kind::fetched);
}

}  // namespace
}  // namespace doutu

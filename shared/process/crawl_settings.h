// CrawlSettings: every option that a child needs to know, with its default. Set by the command line, sent to each child
// in a control message. Adding an option is one line here and one in for_each_field().
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "shared/base/clock.h"
#include "shared/base/result.h"

#ifndef DOUTU_VERSION
#define DOUTU_VERSION "unknown"
#endif

namespace doutu {

/// How the children are confined (shared/sandbox).
enum class SandboxMode : std::uint32_t {
  off,        ///< Not at all.
  automatic,  ///< As far as the kernel can.
  require,    ///< Wholly; where the kernel cannot, nothing starts.
};

/// Stands for the smaller of 1 GiB and 2 % of the disk.
inline constexpr std::uint64_t kMinFreeDiskAutomatic = ~std::uint64_t{0};

struct CrawlSettings {
  // What is crawled.
  std::string directory = "img";    ///< Where images and .doutu/ land; absolute by the time a child sees it.
  std::vector<std::string> xpaths;  ///< At least one.
  std::string home_host;        ///< Host of the template when its addresses are private, as they may be; else empty.
  std::string home_server;      ///< Scheme, host and port of the template: gets the credentials among headers.
  bool allow_private = false;   ///< Every host may.
  bool keep_extension = false;  ///< photo.jpg that is a WebP keeps its name.
  bool keep_deleted = false;    ///< An image whose file is gone from the folder is not fetched again.
  bool no_mtime = false;        ///< Files have the time of their download, not the one that the server says.

  SandboxMode sandbox = SandboxMode::automatic;

  std::uint64_t run_id = 0;  ///< Random, one for each start of the parent; tells lanes of different runs apart.

  // How requests look.
  std::string user_agent = "Mozilla/5.0 (X11; Linux x86_64) doutu/" DOUTU_VERSION;
  std::vector<std::string> headers;  ///< "NAME: VALUE" lines, checked (request_headers.h).
  std::string referer;               ///< Of every request; empty: the page for its images, none for pages.
  bool http1 = false;                ///< HTTP/1.1 only; else HTTP/2 where a TLS server speaks it.
  std::string proxy;                 ///< Empty: none, whatever the environment says.
  std::string ca_file;               ///< Empty: the system's.
  bool insecure = false;             ///< Do not verify certificates.

  std::string page_encoding;  ///< A label of an Encoding: what pages are in, whatever they say. Empty: as they say.

  // How many.
  std::uint32_t downloaders = 20;  ///< Images in flight, 1 to kMaxInFlight.
  std::uint32_t threads = 0;       ///< Of the downloader's pool, at most 64; 0: as many as cores.
  std::uint32_t max_per_host = 0;  ///< Requests in flight per host; 0: as many as downloaders.

  // How long. Every wait has a bound.
  milliseconds connect_timeout{10'000};
  milliseconds page_timeout{60'000};    ///< A page's transfer, redirects included.
  milliseconds image_timeout{300'000};  ///< An image's, the same.
  std::uint32_t speed_limit = 1024;     ///< Bytes per second ...
  seconds speed_time{30};               ///< ... over this time, else the image is "stalled"; bounds the first byte too.
  milliseconds host_gap{0};             ///< Least time between two requests to a host (--wait).
  milliseconds outage_wait{1'800'000};  ///< How long a host that has answered before may be out of reach.
  milliseconds disk_wait{21'600'000};   ///< How long a full disk is waited for.
  milliseconds finish_wait{10'000};     ///< How long the downloader finishes what is in hand after a stop.

  // How often. Retries after the first attempt; waits double from retry_wait to retry_wait_max, with jitter.
  std::uint32_t retries = 4;
  milliseconds retry_wait{1'000};
  milliseconds retry_wait_max{60'000};
  milliseconds retry_after_max{3'600'000};

  // How much.
  std::uint64_t max_crawl_images = 0;  ///< Saved in an account; then the run ends, to be continued. 0: no limit.
  std::uint64_t max_crawl_bytes = 0;   ///< Of them, the same.
  std::uint64_t max_host_bytes = 0;    ///< Of the images of a host, while a downloader lives; 0: no limit.
  std::uint64_t max_image_pixels = 1'000'000'000;          ///< Width by height, as announced.
  std::uint64_t min_free_disk = kMinFreeDiskAutomatic;     ///< Bytes; with less the disk counts as full.
  std::uint64_t max_page_bytes = std::uint64_t{8} << 20U;  ///< Decompressed.
  std::uint64_t max_image_bytes = std::uint64_t{64} << 20U;
  std::uint32_t max_hits = 100'000;  ///< Per page.
  std::uint32_t max_redirects = 10;
  std::uint32_t max_header_bytes = 65'536;

  bool operator==(const CrawlSettings&) const = default;

  /// "name=value" lines ended by NUL, repeated for each element of a list.
  [[nodiscard]] std::string encode() const;
  /// Every field that text does not name keeps its default; an unknown name or a bad value is an error.
  [[nodiscard]] static Result<CrawlSettings> decode(std::string_view text);
};

}  // namespace doutu

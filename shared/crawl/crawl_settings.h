// CrawlSettings: every option that a child needs to know, with its default, in groups by what uses them. The command
// line sets them, and a control message carries them to each child. Every wait and every size has a bound. The flag of
// each field stands in crawler/command_line/flag_table.cpp.
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

/// How requests look, and what they may reach.
struct HttpOptions {
  std::string user_agent = "Mozilla/5.0 (X11; Linux x86_64) doutu/" DOUTU_VERSION;
  std::vector<std::string> headers;  ///< "NAME: VALUE" lines, checked (request_headers.h).
  std::string referer;               ///< A URL, or what images are told (referer_setting.h); empty: as pages say.
  bool no_cookies = false;           ///< None is kept, and none is sent but --header's.
  bool http1 = false;                ///< HTTP/1.1 only; else HTTP/2 where a TLS server speaks it.
  std::string proxy;                 ///< Empty: none, whatever the environment says.
  std::string ca_file;               ///< Empty: the system's.
  bool insecure = false;             ///< Do not verify certificates.
  std::string site_host;       ///< Host of the template when its addresses are private, as they may be; else empty.
  std::string site_origin;     ///< Scheme, host and port of the template: gets the credentials among headers.
  bool allow_private = false;  ///< Every host may.
  milliseconds connect_timeout{10'000};
  std::uint32_t max_redirects = 10;
  std::uint32_t max_header_bytes = 65'536;
  std::vector<std::string> cookie_domains;  ///< Whose cookies the user gives for images on any page.
  bool operator==(const HttpOptions&) const = default;
};

/// Who asks.
struct LoginOptions {
  std::string user;                ///< "NAME:PASSWORD" for the server of the template; empty: nobody.
  bool is_unasked = false;         ///< It is sent before the server asks for it: it stood in the template.
  std::vector<std::string> pages;  ///< Where the requests of --before begin (login_page()): no page leads there.
  bool operator==(const LoginOptions&) const = default;
};

/// A page: how long, how large, and what on it is an image.
struct PageOptions {
  std::vector<std::string> xpaths;        ///< Of the images. At least one, unless `direct`.
  std::vector<std::string> follow;        ///< Of links to pages one step deeper, one for each step.
  std::vector<std::string> next;          ///< Of links to pages of the same step. Their hits together.
  std::vector<std::string> alternatives;  ///< From an image's element: further URLs of it, in the order to try them.
  std::vector<std::string> rewrites;      ///< "s/RE/TO/", each applied to the URL of every image, in this order.
  bool each_once = false;                 ///< A URL is one page of the job: it follows links, or reads a list.
  bool direct = false;                    ///< PageTask::text names images.
  bool refresh = false;                   ///< A page of the last step is fetched again though an earlier job has it.
  std::string encoding;                   ///< A label of an Encoding, whatever pages say. Empty: as they say.
  milliseconds timeout{60'000};           ///< A page's transfer, redirects included.
  std::uint64_t max_bytes = std::uint64_t{8} << 20U;  ///< Decompressed.
  std::uint32_t max_hits = 100'000;                   ///< Per page.
  bool operator==(const PageOptions&) const = default;
};

/// The hash that is recorded of the bytes of every image. doutu itself works with XXH3-128.
enum class Checksum : std::uint8_t { xxh128, sha256 };

/// An image: how long, and how large.
struct ImageOptions {
  milliseconds timeout{300'000};     ///< An image's transfer, redirects included.
  std::uint32_t speed_limit = 1024;  ///< Bytes per second ...
  seconds speed_time{30};            ///< ... over this time, else the image is "stalled"; bounds the first byte too.
  std::uint64_t max_bytes = std::uint64_t{64} << 20U;
  std::uint64_t max_pixels = 1'000'000'000;  ///< Width by height, as announced.
  Checksum checksum = Checksum::xxh128;
  bool no_mtime = false;  ///< Files have the time of their download, not the one that the server says.
  bool operator==(const ImageOptions&) const = default;
};

/// What obeys the robots.txt of its server.
enum class Robots : std::uint8_t {
  nothing,
  found_pages,  ///< Pages that links or lists lead to, and their images.
  everything,   ///< Also what the user has named.
};

/// How often and how soon a host is asked. Retries are after the first attempt; waits double from retry_wait to
/// retry_wait_max, with jitter.
struct PolitenessOptions {
  std::uint32_t max_per_host = 0;       ///< Requests in flight per host; 0: as many as downloaders.
  milliseconds host_gap{0};             ///< Least time between two requests to a host (--wait).
  milliseconds outage_wait{1'800'000};  ///< How long a host that has answered before may be out of reach.
  std::uint32_t retries = 4;
  milliseconds retry_wait{1'000};
  milliseconds retry_wait_max{60'000};
  milliseconds retry_after_max{3'600'000};
  Robots robots = Robots::found_pages;
  bool operator==(const PolitenessOptions&) const = default;
};

/// How many at a time.
struct PoolOptions {
  std::uint32_t downloaders = 20;  ///< Images in flight, 1 to kMaxInFlight.
  std::uint32_t threads = 0;       ///< Of the downloader's pool, at most 64; 0: as many as cores.
  bool operator==(const PoolOptions&) const = default;
};

/// How much.
struct LimitOptions {
  std::uint64_t max_images = 0;         ///< Saved in a job; then the run ends, to be continued. 0: no limit.
  std::uint64_t max_bytes = 0;          ///< Of them, the same.
  std::uint64_t max_host_bytes = 0;     ///< Of the images of a host, while a downloader lives; 0: no limit.
  std::uint64_t max_pages = 1'000'000;  ///< Found by links in a job.
  std::uint32_t max_depth = 0;          ///< Links from a page that the user has named; 0: no limit.
  std::uint64_t until_known = 0;        ///< So many known images in a row end the crawl; 0: none do.
  std::uint64_t max_rate = 0;           ///< Bytes per second, of all pages and images together; 0: no limit.
  bool operator==(const LimitOptions&) const = default;
};

/// Where images land, and how.
struct FolderOptions {
  std::string directory = "img";       ///< Where images and .doutu/ land; absolute by the time a child sees it.
  bool keep_extension = false;         ///< photo.jpg that is a WebP keeps its name.
  bool keep_deleted = false;           ///< An image whose file is gone from the folder is not fetched again.
  milliseconds disk_wait{21'600'000};  ///< How long a full disk is waited for.
  std::uint64_t min_free_disk = kMinFreeDiskAutomatic;  ///< Bytes; with less the disk counts as full.
  bool operator==(const FolderOptions&) const = default;
};

/// The processes of a run.
struct RunOptions {
  std::uint64_t run_id = 0;  ///< Random, one for each start of the parent; tells lanes of different runs apart.
  SandboxMode sandbox = SandboxMode::automatic;
  bool only_lists = false;           ///< Images are recorded, and none of them is fetched.
  milliseconds finish_wait{10'000};  ///< How long the downloader finishes what is in hand after a stop.
  bool operator==(const RunOptions&) const = default;
};

struct CrawlSettings {
  HttpOptions http;
  LoginOptions login;
  PageOptions page;
  ImageOptions image;
  PolitenessOptions politeness;
  PoolOptions pool;
  LimitOptions limits;
  FolderOptions folder;
  RunOptions run;

  bool operator==(const CrawlSettings&) const = default;

  /// The version, then every field in its order (fields.h): texts ended by NUL.
  [[nodiscard]] std::string encode() const;
  /// Error: of another version, too few, too many, or a bad value.
  [[nodiscard]] static Result<CrawlSettings> decode(std::string_view text);
};

}  // namespace doutu

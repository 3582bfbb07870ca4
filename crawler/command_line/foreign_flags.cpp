#include "crawler/command_line/foreign_flags.h"

#include <algorithm>
#include <array>

namespace doutu {
namespace {

constexpr auto kForeignFlags = std::to_array<ForeignFlag>({
    // Where files go.
    {"-o -O -P -D -nd --output --output-document --output-dir --directory-prefix --dest --destination --dir "
     "--remote-name",
     "has --directory DIR for that; an image is called as its URL says"},
    {"-f --filename --file-name --content-disposition --remote-header-name",
     "calls an image as its URL says; --directory DIR says where"},
    // What is fetched.
    {"--css --selector --select --extract", "takes XPath: --xpath EXPR; doutu probe URL proposes some"},
    {"-A", "has --user-agent TEXT for what curl means by it; --xpath EXPR says which images, as wget does by it"},
    {"--accept --reject --accept-regex --reject-regex --filter --image-filter --include --exclude",
     "takes what --xpath EXPR finds; a predicate such as [contains(@src,'.jpg')] narrows it"},
    {"-r -l -np --recursive --level --depth --mirror --span-hosts --no-parent --page-requisites --crawl",
     "follows no links: {page} in the URL and --pages RANGE name the pages"},
    {"-i --input-file --url-file --urls --range --chapter-range --page --start --end",
     "takes one URL with {page} in it, and --pages RANGE"},
    {"-g --get-urls --simulate --dry-run --spider", "has doutu probe URL for that: it shows what is found on a page"},
    // Logins.
    {"-b --cookie --cookies --load-cookies --cookies-from-browser --cookie-jar",
     "has --header 'Cookie: NAME=VALUE' for that, or --header @FILE so that nobody sees it in ps"},
    {"-u --user --username --password --http-user --http-password --http-passwd --basic --oauth2-bearer",
     "has --header 'Authorization: ...' for that, or takes USER:PASSWORD@ in the URL"},
    // Requests.
    {"--all-proxy --http-proxy --https-proxy --socks5 --socks5-hostname --proxy-user", "has --proxy URL for that"},
    {"--no-check-certificate --check-certificate", "has --insecure for that"},
    {"--ca-certificate --ca-file --capath", "has --cacert FILE for that"},
    {"--http1.0 --no-http2 --http2", "speaks HTTP/2 where it can, unless --http1.1"},
    {"-L --location --follow --max-redirect", "follows up to 10 redirects, and needs no flag for that"},
    {"--remote-time", "gives a file the time that the server says, unless --no-mtime"},
    {"--compressed --compression --fail", "needs no flag for that: it is always so"},
    {"-X -I --request --data --post-data --method --head", "asks by GET alone"},
    // How fast.
    {"--sleep --sleep-request --random-wait --delay --download-delay", "has --wait SEC for that"},
    {"--limit-rate --rate --max-download-limit --max-overall-download-limit",
     "limits no rate; --wait SEC, --downloaders N and --max-per-host N spare a server"},
    {"-Z --parallel --parallel-max --concurrency --max-concurrent-downloads --max-threads --concurrent-requests",
     "has --downloaders N for that"},
    {"--max-connection-per-server --parallel-max-host --concurrent-requests-per-domain",
     "has --max-per-host N for that"},
    {"--split --min-split-size", "fetches an image over one connection, and --downloaders N images at a time"},
    // How long, how often.
    {"-t --tries --retry --max-tries --retry-times", "has --retries N for that"},
    {"--retry-delay --waitretry", "has --retry-wait SEC for that"},
    {"-m",
     "has --page-timeout and --max-time (of an image) for what curl means by it; it follows no links, as wget does by "
     "it: {page} in the URL and --pages RANGE name the pages"},
    {"-T --timeout --http-timeout --read-timeout --download-timeout",
     "has --connect-timeout, --page-timeout and --max-time (of an image) for that"},
    {"--lowest-speed-limit -Y", "has --speed-limit N and --speed-time SEC for that"},
    {"-Q --quota --max-filesize --filesize-max",
     "has --max-bytes SIZE for a crawl and --max-image-size SIZE for an image"},
    // Again.
    {"-c -C -nc --continue --continue-at --no-clobber --skip-existing --download-archive --archive --resume",
     "needs no flag for that: the same command continues, and an image that is there is not fetched again"},
    {"-N --timestamping",
     "fetches no image again that is there, whatever its time; what curl means by the short one needs no flag"},
    // What is said.
    {"-s --silent -nv --no-verbose --nolog --no-progress-meter --no-progress", "has --quiet for that"},
    {"-K --config --set --option", "has no file of settings: a folder remembers its command (--directory DIR)"},
});

bool names(const ForeignFlag& flag, std::string_view name) {
  for (std::string_view rest = flag.names; !rest.empty();) {
    const std::string_view one = rest.substr(0, rest.find(' '));
    if (one == name) return true;
    rest.remove_prefix(std::min(rest.size(), one.size() + 1));
  }
  return false;
}

}  // namespace

std::span<const ForeignFlag> foreign_flags() { return kForeignFlags; }

bool is_foreign_flag(std::string_view name) {
  return std::ranges::any_of(kForeignFlags, [name](const auto& flag) { return names(flag, name); });
}

/// As it stands, or with a value behind it: "-Px".
std::optional<std::string_view> answer_to_foreign_flag(std::string_view name) {
  const auto* const found = std::ranges::find_if(kForeignFlags, [name](const auto& flag) { return names(flag, name); });
  if (found != kForeignFlags.end()) return found->answer;
  const bool has_value = name.size() > 2 && name[0] == '-' && name[1] != '-';
  return has_value ? answer_to_foreign_flag(name.substr(0, 2)) : std::nullopt;
}

}  // namespace doutu

#include "crawler/command_line/foreign_flags.h"

#include <algorithm>
#include <array>

namespace doutu {
namespace {

constexpr auto kForeignFlags = std::to_array<ForeignFlag>({
    // Where files go.
    {"-o -O -P -D -nd --output --output-document --output-dir --directory-prefix --dest --destination --dir "
     "--remote-name",
     "use --directory DIR for the folder; images are named after their URLs"},
    {"-f --filename --file-name --content-disposition --remote-header-name",
     "images are named after their URLs; --directory DIR sets the folder"},
    // What is fetched.
    {"--css --selector --select --extract", "use --xpath EXPR; doutu probe URL suggests expressions"},
    {"-A", "use --user-agent TEXT to set the User-Agent (as in curl), or --xpath EXPR to select images (as in wget)"},
    {"--accept --reject --accept-regex --reject-regex --filter --image-filter --include --exclude",
     "use --xpath EXPR to select images, with a predicate such as [contains(@src,'.jpg')]"},
    {"-r -np --recursive --mirror --span-hosts --no-parent --page-requisites --crawl",
     "use --follow EXPR for links to pages, and --next EXPR for the next page"},
    {"-l --level --depth", "use --max-depth N; --follow EXPR selects the links to follow"},
    {"--url-file --urls", "use --input-file FILE"},
    {"--range --chapter-range --page --start --end", "use one URL with {page} in it, and --pages RANGE"},
    {"-g --get-urls --simulate --dry-run --spider", "use --list, which prints the URLs of the images"},
    {"--skip-until --abort --terminate", "use --until-known N"},
    // Logins.
    {"-b --cookie", "use --cookies FILE for a file of cookies, or --header 'Cookie: NAME=VALUE' for one"},
    {"--load-cookies --cookie-file", "use --cookies FILE"},
    {"--cookies-from-browser", "use --cookies-from firefox, or --cookies FILE for those of another browser"},
    {"--cookie-jar --cookies-export --keep-session-cookies",
     "use --save-cookies FILE; doutu keeps cookies of a session, too"},
    {"--junk-session-cookies --disable-cookies", "use --no-cookies"},
    {"-u --username --http-user", "use --user NAME, which asks for the password, or --user NAME:PASSWORD"},
    {"--password --http-password --http-passwd --basic --digest --anyauth --auth-no-challenge",
     "use --user NAME, which asks for the password and takes Basic and Digest"},
    {"--oauth2-bearer", "use --header 'Authorization: Bearer ...'"},
    // Requests.
    {"--all-proxy --http-proxy --https-proxy --socks5 --socks5-hostname --proxy-user", "use --proxy URL"},
    {"--no-check-certificate --check-certificate", "use --insecure"},
    {"--ca-certificate --ca-file --capath", "use --cacert FILE"},
    {"--http1.0 --no-http2 --http2", "doutu uses HTTP/2 if the server supports it; --http1.1 turns it off"},
    {"-L --location --max-redirect", "doutu always follows up to 10 redirects"},
    {"--remote-time", "doutu gives files the time of the server; --no-mtime turns it off"},
    {"--compressed --compression --fail", "doutu always does this"},
    {"-X -I --request --data --post-data --method --head",
     "doutu sends GET requests only; --before @FILE fills in a form"},
    {"--ignore-robots --robotstxt-obey --obey-robots", "use --no-robots or --robots"},
    // How fast.
    {"--sleep --sleep-request --random-wait --delay --download-delay", "use --wait SEC"},
    {"--rate --max-download-limit --max-overall-download-limit --download-limit",
     "use --limit-rate SIZE to limit the data rate, or --wait SEC the requests"},
    {"-Z --parallel --parallel-max --concurrency --max-concurrent-downloads --max-threads --concurrent-requests",
     "use --downloaders N"},
    {"--max-connection-per-server --parallel-max-host --concurrent-requests-per-domain", "use --max-per-host N"},
    {"--split --min-split-size",
     "doutu uses one connection for an image; --downloaders N sets how many images are fetched at a time"},
    // How long, how often.
    {"-t --tries --retry --max-tries --retry-times", "use --retries N"},
    {"--retry-delay --waitretry", "use --retry-wait SEC"},
    {"-m",
     "use --page-timeout and --max-time (for an image) to limit the time (as in curl); for links (as in wget) use "
     "--follow EXPR"},
    {"-T --timeout --http-timeout --read-timeout --download-timeout",
     "use --connect-timeout, --page-timeout and --max-time (for an image)"},
    {"--lowest-speed-limit -Y", "use --speed-limit N and --speed-time SEC"},
    {"-Q --quota --max-filesize --filesize-max",
     "use --max-bytes SIZE for a crawl, or --max-image-size SIZE for an image"},
    // Again.
    {"-c -C -nc --continue --continue-at --no-clobber --skip-existing --download-archive --archive --resume",
     "doutu always does this: the same command continues, and saved images are not fetched again"},
    {"-N --timestamping", "doutu does not fetch saved images again, whatever their time"},
    // What is said.
    {"-s --silent -nv --no-verbose --nolog --no-progress-meter --no-progress", "use --quiet"},
    {"-K --config --set --option", "doutu has no configuration file; a folder remembers its command (--directory DIR)"},
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

#include "downloader/transfer/image_transfer.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "downloader/transfer/last_modified.h"
#include "shared/base/system_limits.h"
#include "shared/folder/disk_wait.h"
#include "shared/http/proxy_failure.h"
#include "shared/robots/robots_answer.h"
#include "shared/robots/robots_file.h"
#include "shared/url/url.h"

namespace doutu {
namespace {

/// Bytes that curl reads at once. Below 128 KiB, where malloc would map and unmap it for every transfer.
constexpr long kReadBytes = 64 << 10;
/// Of the body of an error or a redirect: read to keep the connection, beyond that the connection is cheaper.
constexpr std::uint64_t kMaxIgnoredBytes = 64 << 10;

constexpr long kPartialContent = 206;
constexpr long kUnauthorized = 401;
constexpr long kRangeNotSatisfiable = 416;

/// An image of which less has come is fetched anew.
constexpr std::uint64_t kWorthKeeping = std::uint64_t{1} << 20U;
/// After an answer that brought less the attempt has failed.
constexpr std::uint64_t kWorthGoingOn = std::uint64_t{64} << 10U;

bool is_interruption(Cause cause) {
  return cause == Cause::truncated || cause == Cause::connection_lost || cause == Cause::stalled ||
         cause == Cause::timeout;
}

bool is_success(long http_status) { return http_status >= 200 && http_status <= 299; }

/// Chunks are told by the header alone: curl has unpacked them.
bool is_chunked(CURL* easy) {
  curl_header* coding = nullptr;
  for (std::size_t i = 0; curl_easy_header(easy, "Transfer-Encoding", i, CURLH_HEADER, -1, &coding) == CURLHE_OK; ++i) {
    if (strcasestr(coding->value, "chunked") != nullptr) return true;
  }
  return false;
}

/// Of a transfer that curl calls whole: a body that falls short of what was announced is an error to it.
BodyEnd body_end(CURL* easy) {
  curl_off_t length = -1;
  long version = CURL_HTTP_VERSION_NONE;
  curl_easy_getinfo(easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
  curl_easy_getinfo(easy, CURLINFO_HTTP_VERSION, &version);
  const bool is_announced = length >= 0 || version >= CURL_HTTP_VERSION_2_0 || is_chunked(easy);
  return is_announced ? BodyEnd::announced : BodyEnd::connection_closed;
}

}  // namespace

ImageTransfer::ImageTransfer(const Shared& shared)
    : shared_(shared), handle_([this](CURL* easy) { prepare(easy); }), referer_(shared.settings.http.referer) {
  guarded_.guard = &shared_.guard;
  header_limit_.max = shared_.settings.http.max_header_bytes;
  if (shared_.budget.is_limited()) guarded_.receive_buffer = rate_receive_buffer(shared_.settings.limits.max_rate);
}

/// What all hops have in common.
void ImageTransfer::prepare(CURL* easy) {
  const CrawlSettings& settings = shared_.settings;
  apply_http_settings(easy, settings.http);
  install_address_guard(easy, guarded_);
  install_header_limit(easy, header_limit_);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, this);
  const bool is_limited = shared_.budget.is_limited();
  const long read_bytes = is_limited ? static_cast<long>(rate_piece(settings.limits.max_rate)) : kReadBytes;
  curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, read_bytes);
  // curl begins to measure anew whenever a transfer goes on after a pause.
  curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, static_cast<long>(settings.image.speed_limit));
  curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, static_cast<long>(settings.image.speed_time.count()));
}

ImageTransfer::Step ImageTransfer::begin(ImageTask task) {
  task_ = std::move(task);
  redirects_ = task_.detour.redirects;
  if (task_.detour.url.empty()) task_.detour.policy = task_.referrer_policy;
  const auto left = std::chrono::ceil<milliseconds>(shared_.settings.image.timeout - task_.detour.spent);
  deadline_ = mono_now() + left;
  const std::string& url = task_.detour.url.empty() ? task_.url : task_.detour.url;
  take_half();
  if (!task_.asks_robots) return start_hop(url, left);
  redirects_ = 0;
  return start_hop(robots_url(url), left);
}

ImageTransfer::Step ImageTransfer::start_hop(std::string url, milliseconds limit) {
  LoginTalk login = shared_.logins.begin(url);
  return start_hop({.url = std::move(url), .limit = limit, .login = std::move(login)});
}

ImageTransfer::Step ImageTransfer::start_hop(Hop hop) {
  hop_ = std::move(hop);
  guarded_.begin(url_host(hop_.url));
  header_limit_.begin();
  length_.begin();
  result_ = {};
  hop_.asks_for_rest = half_ && half_->url == hop_.url;
  if (task_.asks_robots) {
    robots_ = {};
  } else if (!half_) {
    body_->begin_answer();
  }
  if (const Cause refused = shared_.guard.judge(hop_.url); refused != Cause::none) return fail(refused);
  CURL* const easy = handle_.next_handle();
  shared_.tls_sessions.serve(easy, guarded_.host);
  const bool has_login = !url_userinfo(hop_.url).empty();  // Which is said in a header.
  set_text(easy, CURLOPT_URL, has_login ? url_without_userinfo(hop_.url).c_str() : hop_.url.c_str());
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, shared_.budget.is_limited() ? 0L : static_cast<long>(hop_.limit.count()));
  use_connection(easy, hop_.connection);
  // Only what is announced; on_body() counts what comes.
  const std::uint64_t most = task_.asks_robots ? 0 : shared_.settings.image.max_bytes;
  curl_easy_setopt(easy, CURLOPT_MAXFILESIZE_LARGE, static_cast<curl_off_t>(most));
  set_headers(easy);
  hop_.is_running = true;
  return Step::another_hop;
}

/// A robots.txt is asked for by nobody's page.
void ImageTransfer::set_headers(CURL* easy) {
  const bool is_for_page = !task_.asks_robots;
  const std::string_view page = is_for_page ? std::string_view(task_.referer) : std::string_view();
  const std::string_view referer = referer_.of(hop_.url, page, task_.detour.policy);
  const std::string cookies = is_for_page ? shared_.cookies.header_for(hop_.url, page) : std::string();
  curl_slist* const lines = headers_.lines(
      shared_.headers, hop_.url, {.referer = referer, .cookies = cookies, .authorization = hop_.login.answer});
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, hop_.asks_for_rest ? range_lines(lines) : lines);
}

curl_slist* ImageTransfer::range_lines(curl_slist* others) {
  RangeLines& lines = hop_.range;
  lines.range = "Range: bytes=" + std::to_string(body_->bytes()) + "-";
  lines.if_range = "If-Range: " + half_->if_range;
  lines.if_range_line = {lines.if_range.data(), others};
  lines.range_line = {lines.range.data(), &lines.if_range_line};
  return &lines.range_line;
}

// --- While the body arrives.

std::size_t ImageTransfer::on_body(char* data, std::size_t size, std::size_t count, void* self) {
  auto& transfer = *static_cast<ImageTransfer*>(self);
  if (transfer.shared_.budget.is_limited()) transfer.pay(size * count);
  const std::span own(data, transfer.length_.take(transfer.easy(), size * count));
  const bool goes_on = transfer.take(std::as_bytes(own)) && !transfer.length_.is_reached();
  const bool has_ended = transfer.is_rest_whole() && transfer.lacks_length();
  return goes_on && !has_ended ? size * count : CURL_WRITEFUNC_ERROR;
}

bool ImageTransfer::lacks_length() const {
  curl_off_t announced = -1;
  curl_easy_getinfo(easy(), CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &announced);
  return announced < 0;
}

/// Afterwards: until what came is due, nothing more is taken, and the slot is not free.
void ImageTransfer::pay(std::uint64_t bytes) {
  const MonoTime now = mono_now();
  const MonoTime due = shared_.budget.book(bytes, now);
  if (due <= now) return;
  const Duration more = due - std::max(now, hop_.due);
  hop_.due = due;
  hop_.held += more;
  deadline_ += more;
  shared_.hold(easy(), due);
}

bool ImageTransfer::take(std::span<const std::byte> bytes) {
  if (std::exchange(task_.is_first, false)) shared_.on_first_answer(task_);
  hop_.received += bytes.size();
  if (!is_success(http_status())) return hop_.received <= kMaxIgnoredBytes;
  if (task_.asks_robots) return take_robots(bytes);
  if (!std::exchange(hop_.body_began, true) && !begin_body()) return false;
  hop_.is_wrong_part = hop_.is_rest && body_->bytes() + bytes.size() > half_->length;
  if (hop_.is_wrong_part) return false;
  hop_.found = body_->take(bytes);
  return hop_.found == Cause::none;
}

/// False: the answer is of no use.
bool ImageTransfer::begin_body() {
  if (hop_.asks_for_rest && http_status() == kPartialContent) {
    const auto length = length_in_rest(answer_header(), *half_, body_->bytes());
    hop_.is_rest = length.has_value();
    hop_.is_wrong_part = !hop_.is_rest;
    half_->length = length;
    return hop_.is_rest;
  }
  if (half_) {  // The server gives it from its beginning.
    if (hop_.asks_for_rest) task_.whole_only = true;
    drop_half();
    body_->begin_answer();
  }
  body_->set_codings(read_content_codings(header_values(easy(), "Content-Encoding")));
  return true;
}

bool ImageTransfer::take_robots(std::span<const std::byte> bytes) {
  if (!std::exchange(hop_.body_began, true)) {
    const ContentCodings codings = read_content_codings(header_values(easy(), "Content-Encoding"));
    robots_.unpacker = BodyUnpacker(codings.applied, kMaxRobotsBytes);
  }
  const auto keep = [this](std::span<const char> unpacked) {
    const std::size_t room = kMaxRobotsBytes - robots_.bytes.size();
    robots_.bytes.append(unpacked.data(), std::min(unpacked.size(), room));
    robots_.is_enough = unpacked.size() > room;
    return !robots_.is_enough;
  };
  const std::span text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  const bool is_damaged = robots_.unpacker.feed(text, keep) == Decoded::damaged;
  if (is_damaged) hop_.found = Cause::bad_response;
  return !is_damaged && !robots_.is_enough;
}

// --- When a hop has ended. A status that is no success decides, however its body went.

ImageTransfer::Step ImageTransfer::hop_ended(CURLcode curl_code) {
  const CURLcode code = length_.verdict(curl_code);
  hop_.is_running = false;
  const long status = http_status();
  result_.http_status = static_cast<int>(status);
  if (header_limit_.has_ended() && !task_.asks_robots) take_cookies();
  if (!is_success(status)) result_.retry_after = retry_after(easy(), shared_.settings.politeness.retry_after_max);
  result_.bytes = bytes_before_ + hop_.received;
  if (task_.asks_robots && robots_.is_enough) return Step::robots_read;
  if (hop_.found != Cause::none) return unusable(hop_.found);
  if (hop_.is_wrong_part) return start_over();
  if (code != CURLE_OK && guarded_.refused) return fail(Cause::private_address);
  hop_.system_error = want_of_transfer(code, guarded_.socket_error, header_limit_.said.data());
  if (const auto cause = cause_of_proxy(easy(), code, status, shared_.settings.http.proxy)) return fail(*cause);
  if (header_limit_.was_cut(code)) return broken_off(Cause::truncated);
  if (hop_.connection == Connection::any && needs_fresh_connection(code, status, header_limit_)) {
    return ask_again(Connection::fresh);
  }
  if (status == kUnauthorized && header_limit_.is_whole(code)) {
    const std::string challenges = header_values(easy(), "WWW-Authenticate");
    if (shared_.logins.goes_on(hop_.login, challenges, hop_.url)) return ask_again(hop_.connection);
  }
  if (status >= 300 && header_limit_.is_whole(code)) {
    if (status == kRangeNotSatisfiable && hop_.asks_for_rest) return start_over();
    return is_redirect(status) ? redirected() : fail(Cause::http_status);
  }
  // An answer without a byte of a body.
  const bool is_image = code == CURLE_OK && is_success(status) && !task_.asks_robots;
  if (is_image && !std::exchange(hop_.body_began, true) && !begin_body()) return start_over();
  const Cause cause = cause_of(code, status);
  return cause == Cause::none || came_whole(cause) ? completed() : broken_off(cause);
}

/// Of the rest of an image it is known how long it is: then nothing counts that comes of the connection.
Cause ImageTransfer::cause_of(CURLcode code, long status) const {
  if (is_rest_whole()) return Cause::none;
  if (hop_.is_rest && code == CURLE_OK) return Cause::truncated;
  return cause_of_transfer(easy(), code, status, time_limit(), header_limit_.said.data());
}

ImageTransfer::Step ImageTransfer::time_is_up() {
  hop_.is_time_up = true;
  return hop_ended(CURLE_OPERATION_TIMEDOUT);
}

/// By curl's clock, which may not have been read for some time.
milliseconds ImageTransfer::time_limit() const {
  if (hop_.is_time_up) return milliseconds(1);
  return hop_.limit + std::chrono::ceil<milliseconds>(hop_.held);
}

void ImageTransfer::take_cookies() {
  for_each_header(easy(), "Set-Cookie",
                  [this](std::string_view value) { shared_.cookies.set_by_image(value, hop_.url, task_.referer); });
}

/// A server that goes silent behind its last byte has said all that it has to say. One that ends the connection within
/// what it announced has not. Where a length was announced, it counts.
bool ImageTransfer::came_whole(Cause cause) const {
  const bool is_silent = cause == Cause::stalled || cause == Cause::timeout;
  curl_off_t announced = -1;
  curl_easy_getinfo(easy(), CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &announced);
  const bool is_short = length_.is_known() || std::cmp_less(hop_.received, announced);
  const bool is_image = is_success(http_status()) && !task_.asks_robots;
  const bool is_whole_answer = is_image && http_status() != kPartialContent;
  return is_silent && !is_short && is_whole_answer && header_limit_.has_ended() && body_->has_ended();
}

ImageTransfer::Step ImageTransfer::redirected() {
  const std::uint32_t most = shared_.settings.http.max_redirects;
  if (++redirects_ > (task_.asks_robots ? std::min(most, kMaxRobotsRedirects) : most)) {
    return fail(Cause::too_many_redirects);
  }
  ResolvedUrl target = redirect_target(easy(), hop_.url, shared_.settings.http);
  if (target.cause != Cause::none) return fail(target.cause);
  const auto policy = referrer_policy_of_header(header_values(easy(), "Referrer-Policy"));
  if (policy) task_.detour.policy = *policy;
  return start_next_hop(std::move(target.url));
}

ImageTransfer::Step ImageTransfer::ask_again(Connection connection) {
  const auto left = std::chrono::ceil<milliseconds>(deadline_ - mono_now());
  if (left <= milliseconds::zero()) return fail(Cause::timeout);
  return start_hop(
      {.url = std::move(hop_.url), .limit = left, .connection = connection, .login = std::move(hop_.login)});
}

ImageTransfer::Step ImageTransfer::start_next_hop(std::string url) {
  const auto left = std::chrono::ceil<milliseconds>(deadline_ - mono_now());
  if (left <= milliseconds::zero()) return fail(Cause::timeout);
  if (task_.asks_robots) return start_hop(std::move(url), left);
  if (url_authority(url) != url_authority(hop_.url)) {
    task_.detour.url = std::move(url);
    task_.detour.redirects = redirects_;
    task_.detour.spent = shared_.settings.image.timeout - left;
    return Step::elsewhere;
  }
  if (task_.robots != nullptr && !task_.robots->allows(url)) {
    hop_.url = std::move(url);
    return fail(Cause::robots);
  }
  return start_hop(std::move(url), left);
}

// --- Half images. The rest is asked for at once, in the same attempt, as long as each answer brings something; else by
// a later attempt.

AnswerHeader ImageTransfer::answer_header() const {
  const auto value = [this](const char* name) { return header_values(easy(), name); };
  return {.etag = value("ETag"),
          .last_modified = value("Last-Modified"),
          .date = value("Date"),
          .content_encoding = value("Content-Encoding"),
          .content_type = value("Content-Type"),
          .content_range = value("Content-Range"),
          .accept_ranges = value("Accept-Ranges")};
}

/// What an earlier attempt has left. It stays with the task while that is about a robots.txt.
void ImageTransfer::take_half() {
  half_.reset();
  bytes_before_ = 0;
  if (!body_) body_ = std::make_unique<ImageBody>(shared_.settings.image, shared_.sink);
  if (task_.asks_robots) return;
  if (const auto half = std::exchange(task_.half, nullptr)) {
    body_ = std::move(half->body);
    half_ = std::move(half->version);
    return;
  }
  body_->begin(task_.id);
}

void ImageTransfer::drop_half() {
  half_.reset();
  body_->begin(task_.id);
}

/// Of an answer 200 that broke off.
void ImageTransfer::note_half() {
  constexpr long kOk = 200;
  if (half_ || task_.whole_only || http_status() != kOk || body_->bytes() < kWorthKeeping) return;
  curl_off_t announced = -1;
  curl_easy_getinfo(easy(), CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &announced);
  const auto length = announced < 0 ? std::nullopt : std::optional(static_cast<std::uint64_t>(announced));
  ImageVersion version = version_of(hop_.url, answer_header(), length);
  if (!version.if_range.empty()) half_ = std::move(version);
}

/// For the next attempt, which may be in another slot.
std::shared_ptr<HalfImage> ImageTransfer::set_aside() {
  std::atomic<std::size_t>& count = shared_.half_images;
  if (count.fetch_add(1) >= kMostHalfImages) return --count, nullptr;
  auto* const half = new HalfImage{std::move(body_), *std::exchange(half_, std::nullopt)};
  return {half, [&count](const HalfImage* gone) {
            delete gone;
            --count;
          }};
}

ImageTransfer::Step ImageTransfer::broken_off(Cause cause) {
  if (!task_.asks_robots) note_half();
  // Where requests are to be some time apart, the rest waits for its turn.
  const bool has_gap = shared_.settings.politeness.host_gap > milliseconds(0) ||
                       (task_.robots != nullptr && task_.robots->crawl_delay() > milliseconds(0));
  const bool goes_on = half_ && !has_gap && is_interruption(cause) && hop_.received >= kWorthGoingOn;
  if (!goes_on) return fail(cause);
  bytes_before_ += hop_.received;
  return start_next_hop(hop_.url);
}

ImageTransfer::Step ImageTransfer::start_over() {
  bytes_before_ += hop_.received;
  task_.whole_only = true;
  drop_half();
  return start_next_hop(hop_.url);
}

/// The image's own check says so. Where it came in several answers, they may be of different images.
ImageTransfer::Step ImageTransfer::unusable(Cause cause) {
  if (hop_.is_rest && cause != Cause::internal_error && cause != Cause::too_large) return start_over();
  half_.reset();
  return fail(cause);
}

ImageTransfer::Step ImageTransfer::completed() {
  if (task_.asks_robots) return Step::robots_read;
  const Cause cause = body_->finish(hop_.is_rest ? BodyEnd::announced : body_end(easy()));
  if (cause == Cause::incomplete_image && body_->is_doubtful()) return Step::doubtful;
  return cause == Cause::none ? keep() : unusable(cause);
}

ImageTransfer::Step ImageTransfer::decoded(Wholeness wholeness) {
  if (wholeness == Wholeness::not_whole) return unusable(Cause::incomplete_image);
  hop_.lacks_end_mark = true;
  return keep();
}

ImageTransfer::Step ImageTransfer::not_decoded(int code) {
  hop_.system_error = code;
  return fail(Cause::incomplete_image);
}

ImageTransfer::Step ImageTransfer::keep() {
  result_.cause = body_->keep(last_modified());
  half_.reset();
  return result_.cause == Cause::none ? Step::ended : fail(result_.cause);
}

std::optional<std::chrono::sys_seconds> ImageTransfer::last_modified() const {
  if (shared_.settings.image.no_mtime) return std::nullopt;
  const auto now = std::chrono::floor<seconds>(std::chrono::system_clock::now());
  const std::string said = header_values(easy(), "Last-Modified");
  return parse_last_modified(said.empty() && half_ ? half_->last_modified : said, now);
}

std::string ImageTransfer::robots_tag() const {
  std::string tag = header_values(easy(), "X-Robots-Tag").substr(0, kMaxRobotsTag);
  std::ranges::replace_if(
      tag, [](char c) { return c < ' ' || c > '~'; }, '?');
  return tag;
}

ImageTransfer::Step ImageTransfer::fail(Cause cause) {
  if (const auto step = without_robots(cause)) return *step;
  if (!half_ && !task_.asks_robots) body_->discard();
  result_.cause = cause;
  if (cause == Cause::internal_error) hop_.system_error = body_->system_error();
  if (is_want(hop_.system_error)) return Step::wanting;
  return concerns_every_image(hop_.system_error) ? Step::disk_refused : Step::ended;
}

std::optional<ImageTransfer::Step> ImageTransfer::without_robots(Cause cause) {
  if (!task_.asks_robots || is_want(hop_.system_error)) return std::nullopt;
  if (robots_answer(cause, result_.http_status, redirects_ > 0) != RobotsAnswer::none) return std::nullopt;
  robots_.bytes.clear();
  return Step::robots_read;
}

ImageOutcome ImageTransfer::outcome() const {
  ImageOutcome outcome = ImageOutcome::of(task_);
  outcome.cause = result_.cause;
  outcome.http_status = result_.http_status;
  if (hop_.url != task_.url) outcome.final_url = hop_.url;
  if (result_.cause != Cause::none) return outcome;
  outcome.facts = body_->facts();
  outcome.lacks_end_mark = hop_.lacks_end_mark;
  outcome.content = body_->content();
  outcome.robots_tag = robots_tag();
  return outcome;
}

ImageTask ImageTransfer::release() {
  if (half_) task_.half = set_aside();
  if (body_) body_->discard();
  return std::move(task_);
}

long ImageTransfer::http_status() const {
  long status = 0;
  curl_easy_getinfo(easy(), CURLINFO_RESPONSE_CODE, &status);
  return status;
}

}  // namespace doutu

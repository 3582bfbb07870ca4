#include "downloader/image_transfer.h"

#include <cerrno>
#include <cstring>
#include <utility>

#include "shared/base/log.h"
#include "shared/folder/disk_wait.h"
#include "shared/http/url.h"

namespace doutu {
namespace {

/// Bytes that curl reads at once. Below 128 KiB, where malloc would map and unmap it for every transfer.
constexpr long kReadBytes = 64 << 10;
/// Of the body of an error or a redirect: read to keep the connection, beyond that the connection is cheaper.
constexpr std::uint64_t kMaxIgnoredBytes = 64 << 10;

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
    : shared_(shared),
      handle_([this](CURL* easy) { prepare(easy); }),
      check_(shared.settings.max_image_pixels),
      file_(shared.incoming_dir) {
  guarded_.guard = &shared_.guard;
  header_limit_.max = shared_.settings.max_header_bytes;
}

/// What all hops have in common.
void ImageTransfer::prepare(CURL* easy) {
  const CrawlSettings& settings = shared_.settings;
  apply_http_settings(easy, settings);
  install_address_guard(easy, guarded_);
  install_header_limit(easy, header_limit_);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, this);
  curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, kReadBytes);
  curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, static_cast<long>(settings.speed_limit));
  curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, static_cast<long>(settings.speed_time.count()));
  // Only what is announced; on_body() counts what comes.
  curl_easy_setopt(easy, CURLOPT_MAXFILESIZE_LARGE, static_cast<curl_off_t>(settings.max_image_bytes));
}

ImageTransfer::Step ImageTransfer::begin(ImageJob job) {
  job_ = std::move(job);
  redirects_ = job_.detour.redirects;
  const auto left = std::chrono::ceil<milliseconds>(shared_.settings.image_timeout - job_.detour.spent);
  deadline_ = mono_now() + left;
  file_.begin(job_.id);
  return start_hop(job_.detour.url.empty() ? job_.url : job_.detour.url, left);
}

ImageTransfer::Step ImageTransfer::start_hop(std::string url, milliseconds limit) {
  url_ = std::move(url);
  limit_ = limit;
  guarded_.host = url_host(url_);
  guarded_.refused = false;
  header_limit_.begin();
  bytes_ = 0;
  found_ = Cause::none;
  disk_error_ = 0;
  result_ = {};
  if (const Cause refused = shared_.guard.judge(url_); refused != Cause::none) return fail(refused);
  check_.begin();
  hasher_.begin();
  CURL* const easy = handle_.renew();
  shared_.tls_sessions.serve(easy, guarded_.host);
  set_text(easy, CURLOPT_URL, url_.c_str());
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(limit_.count()));
  const std::string_view named = shared_.settings.referer;
  const std::string_view referer = named.empty() ? referer_for(url_, job_.referer) : named;
  referer_.clear();
  if (!referer.empty()) referer_.append("Referer: ").append(referer);
  // As one more line: CURLOPT_REFERER is formatted twice, character by character, as CURLOPT_USERAGENT is.
  referer_line_ = {referer_.data(), shared_.headers.lines_for(url_)};
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, referer_.empty() ? referer_line_.next : &referer_line_);
  return Step::another_hop;
}

// --- While the body arrives.

std::size_t ImageTransfer::on_body(char* data, std::size_t size, std::size_t count, void* self) {
  const std::span bytes(data, size * count);
  return static_cast<ImageTransfer*>(self)->take(std::as_bytes(bytes)) ? bytes.size() : CURL_WRITEFUNC_ERROR;
}

bool ImageTransfer::take(std::span<const std::byte> bytes) {
  if (std::exchange(job_.is_first, false)) shared_.on_first_answer(job_);
  bytes_ += bytes.size();
  return is_success(http_status()) ? take_image(bytes) : bytes_ <= kMaxIgnoredBytes;
}

bool ImageTransfer::take_image(std::span<const std::byte> bytes) {
  if (bytes_ > shared_.settings.max_image_bytes) return note(Cause::too_large);
  if (!note(check_.feed(bytes))) return false;
  hasher_.update(bytes);
  return note(file_.append(bytes));
}

bool ImageTransfer::note(Cause cause) {
  found_ = cause;
  return cause == Cause::none;
}

bool ImageTransfer::note(const Status& written) {
  if (written) return true;
  disk_error_ = written.error().code;
  // Of what concerns every image the ledger thread says it, once.
  if (!concerns_every_image(disk_error_)) log_warning("incoming: {}", written.error().message);
  return note(Cause::internal_error);
}

// --- When a hop has ended. A status that is no success decides, however its body went.

ImageTransfer::Step ImageTransfer::hop_ended(CURLcode code) {
  const long status = http_status();
  result_.http_status = static_cast<int>(status);
  if (!is_success(status)) result_.retry_after = retry_after(easy(), shared_.settings.retry_after_max);
  result_.bytes = bytes_;
  if (found_ != Cause::none) return fail(found_);
  if (code != CURLE_OK && guarded_.refused) return fail(Cause::private_address);
  if (header_limit_.was_cut(code)) return fail(Cause::truncated);
  if (status >= 300 && header_limit_.is_whole(code)) {
    return is_redirect(status) ? redirected() : fail(Cause::http_status);
  }
  const Cause cause = cause_of_transfer(easy(), code, status, limit_, header_limit_.said.data());
  return cause == Cause::none ? completed() : fail(cause);
}

ImageTransfer::Step ImageTransfer::redirected() {
  if (++redirects_ > shared_.settings.max_redirects) return fail(Cause::too_many_redirects);
  ResolvedUrl target = redirect_target(easy(), url_, shared_.settings);
  if (target.cause != Cause::none) return fail(target.cause);
  const auto left = std::chrono::ceil<milliseconds>(deadline_ - mono_now());
  if (left <= milliseconds::zero()) return fail(Cause::timeout);
  if (url_authority(target.url) != url_authority(url_)) {
    job_.detour.url = std::move(target.url);
    job_.detour.redirects = redirects_;
    job_.detour.spent = shared_.settings.image_timeout - left;
    return Step::elsewhere;
  }
  return start_hop(std::move(target.url), left);
}

ImageTransfer::Step ImageTransfer::completed() {
  if (const Cause cause = check_.finish(body_end(easy())); cause != Cause::none) return fail(cause);
  if (!note(file_.finish())) return fail(found_);
  sha256_ = hasher_.finish();
  result_.cause = Cause::none;
  return Step::ended;
}

ImageTransfer::Step ImageTransfer::fail(Cause cause) {
  file_.discard();
  result_.cause = cause;
  return concerns_every_image(disk_error_) ? Step::disk_refused : Step::ended;
}

ImageOutcome ImageTransfer::outcome() const {
  ImageOutcome outcome;
  outcome.id = job_.id;
  outcome.cause = result_.cause;
  outcome.http_status = result_.http_status;
  outcome.url = job_.url;
  if (url_ != job_.url) outcome.final_url = url_;
  if (result_.cause != Cause::none) return outcome;
  outcome.facts = check_.facts();
  outcome.bytes = bytes_;
  outcome.sha256 = sha256_;
  return outcome;
}

ImageJob ImageTransfer::release() {
  file_.discard();
  return std::move(job_);
}

long ImageTransfer::http_status() const {
  long status = 0;
  curl_easy_getinfo(easy(), CURLINFO_RESPONSE_CODE, &status);
  return status;
}

}  // namespace doutu

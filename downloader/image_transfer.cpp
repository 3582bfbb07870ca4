#include "downloader/image_transfer.h"

#include <cerrno>
#include <cstring>
#include <utility>

#include "downloader/signature.h"
#include "shared/base/log.h"
#include "shared/base/system_limits.h"
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

ImageTransfer::Step ImageTransfer::start_hop(std::string url, milliseconds limit, Connection connection) {
  url_ = std::move(url);
  limit_ = limit;
  connection_ = connection;
  guarded_.begin(url_host(url_));
  header_limit_.begin();
  length_.begin();
  received_ = bytes_ = 0;
  body_began_ = false;
  unpacker_ = {};
  packed_head_.clear();
  found_ = Cause::none;
  system_error_ = 0;
  result_ = {};
  if (const Cause refused = shared_.guard.judge(url_); refused != Cause::none) return fail(refused);
  check_.begin();
  hasher_.begin();
  CURL* const easy = handle_.renew();
  shared_.tls_sessions.serve(easy, guarded_.host);
  set_text(easy, CURLOPT_URL, url_.c_str());
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(limit_.count()));
  use_connection(easy, connection_);
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
  auto& transfer = *static_cast<ImageTransfer*>(self);
  const std::span own(data, transfer.length_.take(transfer.easy(), size * count));
  const bool goes_on = transfer.take(std::as_bytes(own)) && !transfer.length_.is_reached();
  return goes_on ? size * count : CURL_WRITEFUNC_ERROR;
}

bool ImageTransfer::take(std::span<const std::byte> bytes) {
  if (std::exchange(job_.is_first, false)) shared_.on_first_answer(job_);
  received_ += bytes.size();
  if (!is_success(http_status())) return received_ <= kMaxIgnoredBytes;
  begin_body();
  return unpacker_.is_needed() ? take_packed(bytes) : take_image(bytes);
}

/// Nothing but identity was asked for, yet some servers pack what they have (.svgz), or have it packed only.
void ImageTransfer::begin_body() {
  if (std::exchange(body_began_, true)) return;
  const ContentCodings codings = read_content_codings(header_values(easy(), "Content-Encoding"));
  if (!codings.applied.empty()) unpacker_ = BodyUnpacker(codings.applied, shared_.settings.max_image_bytes);
}

/// A body that begins as an image, or as a web page, is in no coding, whatever its header says.
bool ImageTransfer::take_packed(std::span<const std::byte> bytes) {
  if (packed_head_.empty() && received_ > bytes.size()) return unpack(bytes);
  packed_head_.insert(packed_head_.end(), bytes.begin(), bytes.end());
  const auto more = packed_head_.size() < kSignatureBytes ? Head::grows : Head::full;
  const Signature signature = read_signature(packed_head_, more);
  if (signature.state == Signature::State::undecided) return true;
  const std::vector<std::byte> head = std::exchange(packed_head_, {});
  if (signature.state == Signature::State::other && signature.cause != Cause::html_not_image) return unpack(head);
  unpacker_ = {};
  return take_image(head);
}

bool ImageTransfer::unpack(std::span<const std::byte> bytes) {
  const std::span packed(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  const Decoded decoded =
      unpacker_.feed(packed, [this](std::span<const char> unpacked) { return take_image(std::as_bytes(unpacked)); });
  if (decoded == Decoded::ok || found_ != Cause::none) return decoded == Decoded::ok;
  return note(decoded == Decoded::refused ? Cause::too_large : Cause::bad_response);
}

bool ImageTransfer::take_image(std::span<const std::byte> bytes) {
  bytes_ += bytes.size();
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
  system_error_ = written.error().code;
  // Of what concerns every image it is said elsewhere, once.
  if (!concerns_every_image(system_error_) && !is_want(system_error_))
    log_warning("incoming: {}", written.error().message);
  return note(Cause::internal_error);
}

// --- When a hop has ended. A status that is no success decides, however its body went.

ImageTransfer::Step ImageTransfer::hop_ended(CURLcode curl_code) {
  const CURLcode code = length_.verdict(curl_code);
  const long status = http_status();
  result_.http_status = static_cast<int>(status);
  if (!is_success(status)) result_.retry_after = retry_after(easy(), shared_.settings.retry_after_max);
  result_.bytes = received_;
  if (found_ != Cause::none) return fail(found_);
  if (code != CURLE_OK && guarded_.refused) return fail(Cause::private_address);
  system_error_ = want_of_transfer(code, guarded_.socket_error, header_limit_.said.data());
  if (header_limit_.was_cut(code)) return fail(Cause::truncated);
  const bool is_misdirected = status == kMisdirected && connection_ == Connection::any;
  if (is_misdirected && header_limit_.is_whole(code)) return start_next_hop(url_, Connection::fresh);
  if (status >= 300 && header_limit_.is_whole(code)) {
    return is_redirect(status) ? redirected() : fail(Cause::http_status);
  }
  const Cause cause = cause_of_transfer(easy(), code, status, limit_, header_limit_.said.data());
  return cause == Cause::none || came_whole(cause) ? completed() : fail(cause);
}

/// A server that goes silent behind its last byte has said all that it has to say. One that ends the connection within
/// what it announced has not. Where a length was announced, it counts.
bool ImageTransfer::came_whole(Cause cause) const {
  const bool is_silent = cause == Cause::stalled || cause == Cause::timeout;
  curl_off_t announced = -1;
  curl_easy_getinfo(easy(), CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &announced);
  const bool is_short = length_.is_known() || std::cmp_less(received_, announced);
  return is_silent && !is_short && is_success(http_status()) && header_limit_.ended && check_.has_ended();
}

ImageTransfer::Step ImageTransfer::redirected() {
  if (++redirects_ > shared_.settings.max_redirects) return fail(Cause::too_many_redirects);
  ResolvedUrl target = redirect_target(easy(), url_, shared_.settings);
  if (target.cause != Cause::none) return fail(target.cause);
  return start_next_hop(std::move(target.url));
}

ImageTransfer::Step ImageTransfer::start_next_hop(std::string url, Connection connection) {
  const auto left = std::chrono::ceil<milliseconds>(deadline_ - mono_now());
  if (left <= milliseconds::zero()) return fail(Cause::timeout);
  if (url_authority(url) != url_authority(url_)) {
    job_.detour.url = std::move(url);
    job_.detour.redirects = redirects_;
    job_.detour.spent = shared_.settings.image_timeout - left;
    return Step::elsewhere;
  }
  return start_hop(std::move(url), left, connection);
}

ImageTransfer::Step ImageTransfer::completed() {
  if (!packed_head_.empty() && !unpack(std::exchange(packed_head_, {}))) return fail(found_);
  if (!unpacker_.is_whole() && !check_.has_ended()) return fail(Cause::truncated);
  if (const Cause cause = check_.finish(body_end(easy())); cause != Cause::none) return fail(cause);
  if (!note(file_.finish())) return fail(found_);
  sha256_ = hasher_.finish();
  result_.cause = Cause::none;
  return Step::ended;
}

ImageTransfer::Step ImageTransfer::fail(Cause cause) {
  file_.discard();
  result_.cause = cause;
  if (is_want(system_error_)) return Step::wanting;
  return concerns_every_image(system_error_) ? Step::disk_refused : Step::ended;
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

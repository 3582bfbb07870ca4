#include "downloader/cookies/cookie_store.h"

#include <optional>
#include <utility>

#include "shared/cookies/cookie_line.h"
#include "shared/cookies/site.h"

namespace doutu {
namespace {

constexpr seconds kPause{1};

}  // namespace

CookieStore::CookieStore(const StateFolder& folder, Use use) : folder_(folder), use_(use) {
  if (use_ == Use::no || !folder_.is_private()) return;
  CookieFile file = read_cookie_file(folder_);
  imported_ = std::move(file.imported);
  const MutexLock lock(mutex_);
  for (Cookie& cookie : file.cookies) (void)jar_.put(std::move(cookie), wall_milliseconds());
  is_empty_ = jar_.empty();
}

std::vector<std::string> CookieStore::saved() const {
  std::vector<std::string> lines;
  for (const auto& [key, line] : saved_) lines.push_back(line);
  return lines;
}

void CookieStore::put(Cookie cookie, From from) {
  const MutexLock lock(mutex_);
  std::string key = cookie_key(cookie);
  std::string line = cookie_line(cookie);
  if (!jar_.put(std::move(cookie), wall_milliseconds())) return;
  changed_.insert_or_assign(std::move(key), std::move(line));
  is_due_ = is_due_ || from == From::page;
  is_empty_ = jar_.empty();
}

std::string CookieStore::header_for(std::string_view url, std::string_view page) const {
  if (is_empty_) return {};
  const auto from = are_same_site_urls(url, page) ? CookieJar::From::page : CookieJar::From::other_site;
  const MutexLock lock(mutex_);
  return jar_.header_for(url, wall_milliseconds(), from);
}

void CookieStore::set_by_image(std::string_view value, std::string_view url, std::string_view page) {
  if (use_ == Use::no) return;
  auto cookie = read_set_cookie(value, {url, wall_milliseconds(), !are_same_site_urls(url, page)});
  if (cookie) put(*std::move(cookie), From::image);
}

void CookieStore::set_by_page(std::string_view value, std::string_view url) {
  if (use_ == Use::no) return;
  if (auto cookie = read_set_cookie(value, {url, wall_milliseconds(), false})) put(*std::move(cookie), From::page);
}

void CookieStore::know(std::string_view line) {
  if (use_ == Use::no) return;
  if (auto cookie = read_cookie_line(line)) put(*std::move(cookie), From::page);
}

Status CookieStore::save(When when) {
  Lines changed;
  CookieFile file{.cookies = {}, .imported = imported_};
  {
    const MutexLock lock(mutex_);
    if (changed_.empty() || (when == When::due && !is_due_ && mono_now() < next_save_)) return {};
    is_due_ = false;
    changed.swap(changed_);
    file.cookies = jar_.all();
  }
  next_save_ = mono_now() + kPause;
  Status saved = folder_.is_private() ? write_cookie_file(folder_, file) : Status();
  if (!saved) {
    const MutexLock lock(mutex_);
    is_due_ = true;
    changed_.merge(changed);  // What has changed again since stays.
    return saved;
  }
  changed.merge(saved_);
  saved_ = std::move(changed);
  return saved;
}

}  // namespace doutu

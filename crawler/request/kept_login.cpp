#include "crawler/request/kept_login.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <string_view>

#include "crawler/request/user_state.h"
#include "shared/folder/new_file.h"
#include "shared/url/percent_encode.h"

namespace doutu {
namespace {

constexpr const char* kNote = "login-elsewhere";
constexpr std::uint64_t kMaxBytes = std::uint64_t{64} << 10U;

/// What stands in the file before the login. A path may have line ends.
std::string heading(const std::string& directory, const std::string& url_template) {
  return fmt::format("{} {}\n{}\n{}\n", directory.size(), url_template.size(), directory, url_template);
}

}  // namespace

// As resolve_url() reads it: behind the scheme and any slashes, up to the last @ before the path.
std::string take_login(std::string& url_template) {
  const std::size_t colon = url_template.find(':');
  const std::size_t begin = colon == std::string::npos ? colon : url_template.find_first_not_of("/\\", colon + 1);
  if (begin == std::string::npos) return {};
  const std::size_t end = std::min(url_template.find_first_of("/\\?#", begin), url_template.size());
  const std::size_t at = url_template.substr(0, end).rfind('@');
  if (at == std::string::npos || at < begin) return {};
  std::string login = url_template.substr(begin, at - begin);
  url_template.erase(begin, at + 1 - begin);
  return login;
}

std::string plain_login(const std::string& login) {
  const std::size_t colon = std::min(login.find(':'), login.size());
  const std::string_view password = std::string_view(login).substr(std::min(colon + 1, login.size()));
  return percent_decode(login.substr(0, colon)) + ":" + percent_decode(password);
}

Result<std::string> keep_login(const std::string& directory, const std::string& url_template,
                               const std::string& login) {
  const auto folder = user_state_folder();
  if (!folder) return folder.error();
  const std::string name = user_state_name("login", directory);
  NewFile file(*folder, name);
  file.add_line(heading(directory, url_template) + login);
  if (Status published = file.publish(); !published) return std::move(published).error();
  return folder->path_of(name);
}

std::string kept_login(const std::string& directory, const std::string& url_template) {
  const auto folder = user_state_folder();
  if (!folder) return {};
  const std::string text = folder->read(user_state_name("login", directory), kMaxBytes).value_or("");
  const std::string expected = heading(directory, url_template);
  if (!text.starts_with(expected) || !text.ends_with('\n')) return {};
  return text.substr(expected.size(), text.size() - expected.size() - 1);
}

void note_login_is_elsewhere(const StateFolder& folder, const std::string& url_template) {
  NewFile file(folder, kNote);
  file.add_line(url_template);
  (void)file.publish();
}

bool login_is_elsewhere(const StateFolder& folder, const std::string& url_template) {
  return folder.read(kNote, kMaxBytes) == url_template + "\n";
}

}  // namespace doutu

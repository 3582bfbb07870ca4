// Logins: user and password that a template has in front of its host ("https://me:sesame@example.com/{page}"), for
// folders in which nothing can be kept from other users (StateFolder::is_private()). The login is taken out of the
// template, sent with the requests, and kept in the user's own state folder. So the crawl can be continued without it
// being given again. The parent's thread.
#pragma once

#include <optional>
#include <string>

#include "shared/base/result.h"
#include "shared/folder/state_folder.h"

namespace doutu {

/// "me:sesame" as it was written, taken out of the template; empty when it has none.
[[nodiscard]] std::string take_login(std::string& url_template);

/// What it stands for: "me:sesame" for "m%65:sesame"; a name alone has an empty password.
[[nodiscard]] std::string plain_login(const std::string& login);

/// Keeps the login of the crawl of this template into this folder, in place of one before. Returns the file, in
/// user_state_folder(). Error: there is no place for it that is the user's alone.
[[nodiscard]] Result<std::string> keep_login(const std::string& directory, const std::string& url_template,
                                             const std::string& login);
/// Empty: none was kept.
[[nodiscard]] std::string kept_login(const std::string& directory, const std::string& url_template);

/// Leaves a word in the folder that the crawl of this template has a login, so that it is missed where the folder was
/// moved, or another user goes on. Without one (a full disk) nothing is missed.
void note_login_is_elsewhere(const StateFolder& folder, const std::string& url_template);
[[nodiscard]] bool login_is_elsewhere(const StateFolder& folder, const std::string& url_template);

}  // namespace doutu

#include "crawler/run/start_login.h"

#include <fmt/format.h>

#include "crawler/memory/job_choice.h"
#include "crawler/request/kept_login.h"

namespace doutu {
namespace {

/// Of a template, "me:sesame" as it was written. A user that was given counts.
void take(CrawlSettings& settings, const std::string& login) {
  if (login.empty() || !settings.login.user.empty()) return;
  settings.login.user = plain_login(login);
  settings.login.is_unasked = true;
}

/// Takes user and password out of the template, has them sent, and keeps them elsewhere, or finds them
/// there when the template comes from the folder. What is to be said about it; nullopt: there are none.
std::optional<std::string> keep_login_out(WhatToCrawl& what, const StateFolder& folder) {
  const std::string& directory = folder.directory();
  std::string& url_template = what.recipe.url_template;
  const std::string said = take_login(url_template);
  const bool is_from_folder = said.empty() && what.goes_on();
  const std::string login = is_from_folder ? kept_login(directory, url_template) : said;
  if (login.empty() && is_from_folder && login_is_elsewhere(folder, url_template)) {
    return fmt::format(
        "cannot find the login of this crawl (it is stored per user, for the path of the folder, now {}); continuing "
        "without it; to send it, give the URL with user and password",
        directory);
  }
  if (login.empty()) return std::nullopt;
  take(what.command.settings, login);
  const auto kept = keep_login(directory, url_template, login);
  note_login_is_elsewhere(folder, url_template);
  const std::string where = kept ? "it is stored in " + *kept : "it is not stored (" + kept.error().message + ")";
  return fmt::format("other users may read {}, so the password of the URL is not stored there; {}", directory, where);
}

}  // namespace

Result<std::optional<std::string>> see_to_login(WhatToCrawl& what, LedgerReader* ledger, const StateFolder& folder,
                                                const std::optional<FolderMemory>& memory) {
  // A list says what it is called, and no URL.
  if (folder.is_private() || what.pages.list() != nullptr) return std::optional<std::string>();
  std::string without = what.recipe.url_template;
  const std::string login = take_login(without);
  if (login.empty() || ledger == nullptr) return keep_login_out(what, folder);
  const auto choice = choose_job(ledger, what, folder, memory);
  if (!choice) return choice.error();
  const auto stands_there = ledger->has_login(login);
  if (!stands_there) return stands_there.error();
  auto word = choice->continued ? std::nullopt : keep_login_out(what, folder);
  if (!*stands_there) return word;
  return std::optional(
      fmt::format("other users may read {}, and an earlier version of doutu stored the password of the URL in {}; "
                  "change the password, or delete that folder after the crawl",
                  folder.directory(), folder.path_of("")));
}

void log_in(CrawlCommand& command, std::string url_template) {
  take(command.settings, take_login(url_template));
  for (const BeforeRequest& request : command.before) command.settings.login.pages.push_back(login_page(request.url));
}

}  // namespace doutu

#include "crawler/memory/what_to_crawl.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "crawler/memory/folder_memory.h"
#include "crawler/text/folder_path.h"
#include "crawler/text/shell_word.h"
#include "shared/base/escape.h"
#include "shared/ledger/schema.h"

namespace doutu {
namespace {

using Answer = std::variant<WhatToCrawl, StartProblem>;

StartProblem wrong_use(std::string message) { return {kExitWrongUse, std::move(message)}; }
StartProblem unusable(const Error& error) { return {1, escape_for_terminal(error.message)}; }

constexpr const char* kDefaultXpath = "//img";  // every image that the page shows

constexpr const char* kExamples =
    "give a URL (doutu crawl 'https://example.com/list?page={page}' --pages 1-10), a folder to continue (doutu crawl "
    "--directory DIR), or pages of the built-in example (doutu crawl --pages 1-10)";

Answer as_it_says(CrawlCommand command) {
  WhatToCrawl what{.recipe = {.url_template = *command.url_template, .xpaths = {kDefaultXpath}}};
  if (!command.xpaths.empty()) what.recipe.xpaths = command.xpaths;
  const auto url_template = UrlTemplate::parse(*command.url_template);
  if (command.pages) what.pages = *command.pages;
  const bool is_one_page = url_template && !url_template->has_marks();
  const bool needs_pages =
      url_template && std::ranges::find(url_template->names(), kPagePlaceholder) != url_template->names().end();
  if (what.pages.values_of(kPagePlaceholder) == nullptr && (needs_pages || (is_one_page && !command.pages))) {
    if (Status added = what.pages.add(is_one_page ? "1" : kDefaultPages); !added) {
      return wrong_use(std::move(added).error().message);
    }
  }
  command.pages.reset();
  what.command = std::move(command);
  return what;
}

Answer case_study(CrawlCommand command) {
  WhatToCrawl what{.source = WhatToCrawl::Source::case_study, .recipe = builtin_recipe(), .pages = *command.pages};
  if (!command.xpaths.empty()) what.recipe.xpaths = command.xpaths;
  what.command = std::move(command);
  return what;
}

StartProblem no_crawl_in(const std::string& directory) {
  return wrong_use(fmt::format("{} has no crawl to continue; {}", escape_for_terminal(directory), kExamples));
}

/// --pages changes the placeholders that it names. Of {page} alone the numbers that are given stand for themselves:
/// they may be added to those of the last crawl.
Status keep_other_placeholders(WhatToCrawl& what) {
  if (!what.command.pages || what.pages.range() != nullptr || what.pages.list() != nullptr) return {};
  AskedPages all = what.pages;
  for (const AskedPages::Named& it : what.command.pages->named()) {
    if (Status added = all.add(it.name + "=" + it.values.text()); !added) return added;
  }
  what.command.pages = std::move(all);
  return {};
}

Answer as_remembered(CrawlCommand command) {
  const std::string said = command.settings.folder.directory;
  const auto directory = absolute_folder(said);
  if (!directory) return unusable(directory.error());
  auto folder = StateFolder::find(*directory);
  if (!folder && folder.error().code == ENOENT) return no_crawl_in(said);
  if (!folder) return unusable(folder.error());
  if (!*folder) return no_crawl_in(said);
  auto memory = recall(**folder);
  if (!memory) return unusable(memory.error());
  WhatToCrawl what{.source = WhatToCrawl::Source::memory};
  if (!*memory) {
    if (!(*folder)->facts_of(kLedgerName)) return no_crawl_in(said);
    what.source = WhatToCrawl::Source::earlier_ledger;
    what.command = std::move(command);
    return what;
  }
  auto changed = changed_by(std::move(command), (*memory)->flags);
  if (!changed) {
    return wrong_use(fmt::format("{}: {}", escape_for_terminal(said), changed.error().message));
  }
  what.command = *std::move(changed);
  if (Status gone_on = go_on_from((*memory)->spec, what); !gone_on) return unusable(gone_on.error());
  if (Status merged = keep_other_placeholders(what); !merged) return wrong_use(merged.error().message);
  return what;
}

}  // namespace

std::variant<WhatToCrawl, StartProblem> what_to_crawl(CrawlCommand command) {
  if (command.url_template) return as_it_says(std::move(command));
  if (command.names_directory) return as_remembered(std::move(command));
  if (!command.forget.empty()) {
    return wrong_use("--forget needs a folder; give it with --directory");
  }
  if (command.pages) return case_study(std::move(command));
  return wrong_use(fmt::format("nothing to crawl; {}", kExamples));
}

Status go_on_from(const JobSpec& spec, WhatToCrawl& what) {
  auto pages = AskedPages::parse(spec.pages);
  if (!pages) return std::move(pages).error().within("the folder's last crawl");
  what.pages = *std::move(pages);
  what.recipe = recipe_of(spec);
  if (!what.command.xpaths.empty()) what.recipe.xpaths = what.command.xpaths;
  return {};
}

std::string flags_for_pages(const JobSpec& spec) {
  std::string flags;
  for (std::string_view rest = spec.pages; !rest.empty();) {
    const std::string_view one = rest.substr(0, rest.find(';'));
    flags += fmt::format(" --pages {}", shell_word(std::string(one)));
    rest.remove_prefix(std::min(rest.size(), one.size() + 1));
  }
  return flags;
}

std::string command_for(const JobSpec& spec, const std::string& directory) {
  const std::string shown = without_secrets(spec.url_template);
  const std::string hidden = hidden_parts_text(spec.url_template);
  std::string text = fmt::format("doutu crawl {}{}", shell_word(shown), flags_for_pages(spec));
  for (const std::string& xpath : recipe_of(spec).xpaths) text += fmt::format(" --xpath {}", shell_word(xpath));
  text += fmt::format(" --directory {}", shell_word(directory));
  return hidden.empty() ? text : text + fmt::format(", with {} in place of ***", hidden);
}

}  // namespace doutu

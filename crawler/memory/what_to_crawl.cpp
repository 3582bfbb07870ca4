#include "crawler/memory/what_to_crawl.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "crawler/memory/folder_memory.h"
#include "crawler/text/folder_path.h"
#include "crawler/text/shell_word.h"
#include "shared/base/escape.h"
#include "shared/crawl/crawl_settings.h"
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

/// Among the settings: they are flags that a folder remembers.
struct ReadingFlag {
  std::string_view name;
  Recipe::Texts Recipe::*of_recipe;
  std::vector<std::string> PageOptions::*of_page;
};
constexpr auto kReading =
    std::to_array<ReadingFlag>({{"--follow", &Recipe::follow, &PageOptions::follow},
                                {"--next", &Recipe::next, &PageOptions::next},
                                {"--alternative", &Recipe::alternatives, &PageOptions::alternatives},
                                {"--rewrite", &Recipe::rewrites, &PageOptions::rewrites}});

/// What the command says of what is read from a page, in place of what the recipe has.
void change_reading(const CrawlCommand& command, Recipe& recipe) {
  const auto is_forgotten = [&command](std::string_view name) {
    return std::ranges::find(command.forget, name) != command.forget.end();
  };
  const PageOptions& page = command.settings.page;
  for (const ReadingFlag& flag : kReading) {
    if (!(page.*flag.of_page).empty() || is_forgotten(flag.name)) recipe.*flag.of_recipe = page.*flag.of_page;
  }
  if (page.direct || is_forgotten("--direct")) recipe.direct = page.direct;
}

Answer as_it_says(CrawlCommand command) {
  WhatToCrawl what{.recipe = {.url_template = *command.url_template, .xpaths = {kDefaultXpath}}};
  if (!command.xpaths.empty()) what.recipe.xpaths = command.xpaths;
  change_reading(command, what.recipe);
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

constexpr const char* kListNeedsXpath =
    "a list of pages needs --xpath EXPR, which says where the images are (doutu probe URL suggests some); for a list "
    "of image URLs give --direct";

/// A sitemap or a feed: its pages are found, not listed.
Answer list_on_the_web(CrawlCommand command) {
  WhatToCrawl what{.recipe = {.url_template = command.input_file, .xpaths = command.xpaths, .lists_pages = true}};
  change_reading(command, what.recipe);
  if (what.recipe.xpaths.empty() && !what.recipe.direct) return wrong_use(kListNeedsXpath);
  const auto url_template = UrlTemplate::parse(command.input_file);
  if (!url_template) return wrong_use(url_template.error().message);
  if (url_template->has_marks()) return wrong_use("--input-file: the URL of a list has no placeholders");
  if (Status added = what.pages.add("1"); !added) return wrong_use(std::move(added).error().message);
  what.command = std::move(command);
  return what;
}

Answer list_as_it_says(CrawlCommand command) {
  if (command.input_file.starts_with("http://") || command.input_file.starts_with("https://")) {
    return list_on_the_web(std::move(command));
  }
  WhatToCrawl what{.list = {command.input_file, command.urls}};
  what.recipe = {.url_template = what.list.name(), .xpaths = command.xpaths};
  change_reading(command, what.recipe);
  if (what.recipe.xpaths.empty() && !what.recipe.direct) return wrong_use(kListNeedsXpath);
  what.pages = AskedPages(AskedList());
  if (Status good = check_list(what.list); !good) return wrong_use(good.error().message);
  what.command = std::move(command);
  return what;
}

Answer case_study(CrawlCommand command) {
  WhatToCrawl what{.source = WhatToCrawl::Source::case_study, .recipe = builtin_recipe(), .pages = *command.pages};
  if (!command.xpaths.empty()) what.recipe.xpaths = command.xpaths;
  change_reading(command, what.recipe);
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

/// The flags that say what is read from a page.
std::vector<GivenFlag> reading_flags(const JobSpec& spec) {
  const Recipe recipe = recipe_of(spec);
  std::vector<GivenFlag> flags;
  for (const std::string& xpath : recipe.xpaths) flags.push_back({"--xpath", xpath});
  for (const ReadingFlag& flag : kReading) {
    for (const std::string& text : recipe.*flag.of_recipe) flags.push_back({std::string(flag.name), text});
  }
  if (recipe.direct) flags.push_back({"--direct"});
  return flags;
}

}  // namespace

std::variant<WhatToCrawl, StartProblem> what_to_crawl(CrawlCommand command) {
  if (command.url_template) return as_it_says(std::move(command));
  if (command.names_urls()) return list_as_it_says(std::move(command));
  if (command.list) {
    return wrong_use("--list needs a URL or --input-file: it says what is there, whatever a folder has");
  }
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
  change_reading(what.command, what.recipe);
  return {};
}

std::string flags_for_pages(const JobSpec& spec) {
  std::string flags;
  if (const auto pages = AskedPages::parse(spec.pages); pages && pages->list() != nullptr) return flags;
  for (std::string_view rest = spec.pages; !rest.empty();) {
    const std::string_view one = rest.substr(0, rest.find(';'));
    flags += fmt::format(" --pages {}", shell_word(std::string(one)));
    rest.remove_prefix(std::min(rest.size(), one.size() + 1));
  }
  return flags;
}

std::string command_for(const JobSpec& spec, const std::string& directory) {
  const auto pages = AskedPages::parse(spec.pages);
  const AskedList* const list = pages ? pages->list() : nullptr;
  const std::string hidden = list == nullptr ? hidden_parts_text(spec.url_template) : "";
  const bool is_on_web = recipe_of(spec).lists_pages;
  const std::string what = list == nullptr
                               ? (is_on_web ? "--input-file " : "") + shell_word(without_secrets(spec.url_template))
                               : "--input-file " + shell_word(state_folder(directory) + "/" + kept_list_name(*list));
  std::string text = fmt::format("doutu crawl {}{}", what, flags_for_pages(spec));
  for (const GivenFlag& flag : reading_flags(spec)) {
    text += " " + flag.name + (flag.value.empty() ? "" : " " + shell_word(flag.value));
  }
  text += fmt::format(" --directory {}", shell_word(directory));
  return hidden.empty() ? text : text + fmt::format(", with {} in place of ***", hidden);
}

}  // namespace doutu

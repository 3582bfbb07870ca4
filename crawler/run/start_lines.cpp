#include "crawler/run/start_lines.h"

#include <fmt/format.h>

#include <cstddef>

#include "crawler/report/report.h"
#include "crawler/request/kept_login.h"
#include "crawler/view/crawl_view.h"
#include "shared/base/escape.h"
#include "shared/base/human_text.h"

namespace doutu {
namespace {

/// What a reader may not expect of a folder that remembers it.
std::string remembered_risks(const CrawlCommand& command) {
  std::string risks;
  for (const GivenFlag& flag : command.flags) {
    const bool is_risk = flag.name == "--insecure" || flag.name == "--allow-private" || flag.name == "--proxy" ||
                         (flag.name == "--sandbox" && flag.value == "off");
    if (!is_risk) continue;
    risks += risks.empty() ? " with " : ", ";
    risks += flag.name;
    if (!flag.value.empty()) risks += ' ' + escape_url(without_secrets(flag.value), 200);
  }
  return risks;
}

/// Only names: values may be secrets. Of a job that did not run last they are forgotten.
std::string flags_to_give_again(const std::optional<FolderMemory>& memory, const JobSpec& spec) {
  if (!memory || memory->spec != spec) {
    return ", and with the options that you gave it then (headers, cookies, proxy, waits); the folder remembers only "
           "the options of its last command";
  }
  if (memory->flags.empty()) return "";
  std::string names;
  for (const GivenFlag& flag : memory->flags) {
    if (names.ends_with(flag.name)) continue;
    names += names.empty() ? "" : " ";
    names += flag.name;
  }
  return fmt::format(", and with your values of {}", names);
}

}  // namespace

std::string headline(const WhatToCrawl& what, const JobChoice& choice) {
  return fmt::format("{} {} into {}{}", choice.continued ? "continuing" : "crawling", job_text(choice.spec),
                     escape_for_terminal(what.command.settings.folder.directory), remembered_risks(what.command));
}

std::string progress_note(CrawlLog::View view) {
  return view == CrawlLog::View::plain ? fmt::format("; progress every {} s", CrawlView::kPlainLine.count()) : "";
}

std::vector<std::string> left_behind(const JobChoice& choice, const std::optional<FolderMemory>& memory,
                                     const StateFolder& folder, const std::string& directory) {
  constexpr std::size_t kNamed = 3;
  std::vector<std::string> lines;
  for (const JobSpec& spec : choice.left_behind) {
    if (lines.size() == kNamed) break;
    const bool has_login = login_is_elsewhere(folder, spec.url_template);
    lines.push_back(fmt::format("another crawl in this folder is unfinished; to continue it: {}{}{}",
                                command_for(spec, directory), has_login ? ", with its login in the URL" : "",
                                flags_to_give_again(memory, spec)));
  }
  if (const std::size_t more = choice.left_behind.size() - lines.size(); more > 0) {
    lines.push_back(fmt::format("{} in this folder {} also unfinished", human_number_of(more, "older crawl"),
                                more == 1 ? "is" : "are"));
  }
  return lines;
}

}  // namespace doutu

#include "crawler/fetcher/page_robots.h"

#include <algorithm>
#include <utility>

#include "shared/crawl/records.h"
#include "shared/robots/robots_answer.h"
#include "shared/robots/robots_file.h"
#include "shared/url/url.h"

namespace doutu {
namespace {

static_assert(RobotsRules::kMaxRulesBytes <= kMaxRobotsRules);

CrawlSettings for_robots(CrawlSettings settings) {
  settings.http.max_redirects = std::min(settings.http.max_redirects, kMaxRobotsRedirects);
  return settings;
}

}  // namespace

PageRobots::PageRobots(const CrawlSettings& settings) : settings_(for_robots(settings)) {}

void PageRobots::begin(const PageTask& page, RobotsBook::Rules known) {
  obeys_ = obeys_robots(page.id, settings_.politeness.robots);
  own_ = std::move(known);
  read_ = nullptr;
  server_ = obeys_ ? url_authority(page.url) : "";
}

void PageRobots::begin_named() {
  obeys_ = false;
  own_ = read_ = nullptr;
  server_.clear();
}

std::optional<FetchedPage> PageRobots::forbids(const std::string& url, MonoTime deadline) {
  if (!obeys_) return std::nullopt;
  const std::string server = url_authority(url);
  RobotsBook::Rules rules = server == server_ ? own_ : book_.find(server, mono_now());
  if (rules == nullptr) {
    Answer answer = read(url, deadline);
    if (answer.failed) return std::move(answer.failed);
    rules = std::move(answer.rules);
    if (server == server_) {
      own_ = read_ = rules;
    } else {
      book_.put(server, rules, mono_now() + RobotsBook::kKept);
    }
  }
  if (rules->allows(url)) return std::nullopt;
  FetchedPage page;
  page.cause = Cause::robots;
  page.url = url;
  return page;
}

PageRobots::Answer PageRobots::read(const std::string& url, MonoTime deadline) {
  if (request_ == nullptr) request_ = std::make_unique<PageRequest>(settings_);
  const std::string file = robots_url(url);
  FetchedPage page = request_->get_beginning(file, kMaxRobotsBytes, deadline);
  switch (robots_answer(page.cause, page.http_status, page.url != file)) {
    case RobotsAnswer::rules:
      return {std::make_shared<RobotsRules>(RobotsRules::parse(page.body)), {}};
    case RobotsAnswer::none:
      return {std::make_shared<RobotsRules>(), {}};
    case RobotsAnswer::unreachable:
      break;
  }
  return {nullptr, std::move(page)};
}

}  // namespace doutu

// CrawlPhase: where a crawl stands, as the crawl and its parts see it. Any thread.
#pragma once

namespace doutu {

enum class CrawlPhase {
  running,    ///< Pages are left.
  finishing,  ///< Every page is settled, images are not.
  ending,     ///< Told to end: only the downloader finishes what it has in hand.
};

}  // namespace doutu

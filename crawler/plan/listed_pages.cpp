#include "crawler/plan/listed_pages.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "shared/base/log.h"
#include "shared/url/max_url_bytes.h"
#include "shared/url/url.h"

namespace doutu {
namespace {

constexpr std::string_view kUnreadable = "(this line of the list cannot be read any more)";

std::string first_url_in(std::string_view lines) {
  const std::string_view line = lines.substr(0, lines.find('\n'));
  return normalise_url(line).value_or(std::string(line.substr(0, kMaxUrlBytes)));
}

}  // namespace

Result<std::unique_ptr<ListedPages>> ListedPages::open(UniqueFd file, const AskedList& asked, Names names) {
  ListFacts facts;
  ListLines lines(file.get());
  auto line = lines.next();
  for (; line && *line; line = lines.next()) facts.add(**line);
  if (!line) return std::move(line).error();
  if (facts.asked() != asked) return Error{"is not as it was when the crawl began"};
  if (::lseek(file.get(), 0, SEEK_SET) != 0) return system_error("cannot be read");
  return std::unique_ptr<ListedPages>(new ListedPages(std::move(file), facts, names));
}

ListedPages::ListedPages(UniqueFd file, const ListFacts& facts, Names names)
    : file_(std::move(file)),
      names_(names),
      lines_(facts.lines()),
      count_(names == Names::pages ? facts.asked().urls : facts.chunks()),
      first_url_(facts.first_url()),
      list_(file_.get()) {}

std::optional<SourcedPage> ListedPages::next() { return names_ == Names::pages ? next_page() : next_chunk(); }

/// Lines that cannot be read any more are there still: each of their pages has to end.
std::optional<std::string_view> ListedPages::next_line() {
  if (number_ == lines_) return std::nullopt;
  ++number_;
  if (!is_broken_) {
    const auto line = list_.next();
    if (line && *line) return *line;
    is_broken_ = true;
    log_error("the list of URLs {}", line ? "has become shorter" : line.error().message);
  }
  return kUnreadable;
}

std::optional<SourcedPage> ListedPages::next_page() {
  while (const auto line = next_line()) {
    if (line->empty() || is_left_out(number_)) continue;
    auto url = normalise_url(*line);
    const bool is_bad = !url || url->size() > kMaxUrlBytes;
    std::string text = is_bad ? std::string(line->substr(0, kMaxUrlBytes)) : *std::move(url);
    return SourcedPage{{.id = number_, .attempt = 1, .url = std::move(text)}, is_bad};
  }
  return std::nullopt;
}

std::optional<SourcedPage> ListedPages::next_chunk() {
  while (true) {
    const auto line = next_line();
    if (line && line->empty()) continue;
    std::optional<SourcedPage> page;
    if (!chunk_.is_empty() && (!line || !chunk_.takes(*line))) {
      if (!is_left_out(chunk_id_)) {
        page = SourcedPage{{.id = chunk_id_, .attempt = 1, .url = first_url_in(chunk_.text()), .text = chunk_.text()}};
      }
      chunk_.clear();
    }
    if (line) {
      if (chunk_.is_empty()) chunk_id_ = number_;
      chunk_.add(*line);
    }
    if (page || !line) return page;
  }
}

void ListedPages::finished(std::uint64_t id) {
  if (!has(id)) return;
  if (id >= left_out_.size())
    left_out_.resize(std::max<std::size_t>(id + 1, std::min(2 * left_out_.size(), lines_ + 1)));
  left_out_[id] = true;
}

}  // namespace doutu

// ListedPages: the pages of a list of URLs, read as it goes from the copy in the state folder. A million lines cost a
// bit each. The id of a page is the number of its line; a line that is no URL is a page that is bad. Where the list
// names images, a page is up to a hundred lines (ListChunk) that a fetcher takes as hits. The parent's thread.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "crawler/plan/page_source.h"
#include "crawler/request/url_list.h"
#include "shared/base/result.h"
#include "shared/base/unique_fd.h"

namespace doutu {

class ListedPages final : public PageSource {
 public:
  enum class Names { pages, images };

  /// Reads the list once, to see whether it is the one that was asked for. Error: it is not, or cannot be read; without
  /// the name of the list.
  static Result<std::unique_ptr<ListedPages>> open(UniqueFd file, const AskedList& asked, Names names);
  ListedPages(const ListedPages&) = delete;
  ListedPages& operator=(const ListedPages&) = delete;

  /// The first line that is a URL, normalised: its host is the site's.
  [[nodiscard]] const std::string& first_url() const { return first_url_; }

  std::optional<SourcedPage> next() override;
  void finished(std::uint64_t id) override;
  [[nodiscard]] bool has(std::uint64_t id) const override { return id >= 1 && id <= lines_; }
  [[nodiscard]] std::uint64_t count() const override { return count_; }
  [[nodiscard]] bool is_on_one_server() const override { return false; }

 private:
  ListedPages(UniqueFd file, const ListFacts& facts, Names names);
  [[nodiscard]] std::optional<std::string_view> next_line();
  [[nodiscard]] bool is_left_out(std::uint64_t id) const { return id < left_out_.size() && left_out_[id]; }
  std::optional<SourcedPage> next_page();
  std::optional<SourcedPage> next_chunk();

  const UniqueFd file_;
  const Names names_;
  const std::uint64_t lines_;
  const std::uint64_t count_;
  const std::string first_url_;
  ListLines list_;
  std::uint64_t number_ = 0;    ///< Of the line that was read last.
  bool is_broken_ = false;      ///< The file is not as it was any more.
  ListChunk chunk_;             ///< Of images.
  std::uint64_t chunk_id_ = 0;  ///< The line that it begins with.
  std::vector<bool> left_out_;  ///< Finished by an earlier run, by id.
};

}  // namespace doutu

// LedgerScene: a ledger and short words for what happens to it, so that a test of its rules reads as a story. After
// every step the counters are compared with a recount of the rows.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <numeric>
#include <optional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "downloader/ledger/ledger_writer.h"
#include "tests/downloader/store/folder_files.h"
#include "tests/site/state_in.h"

namespace doutu {

template <class T>
T must(Result<T> result) {
  EXPECT_TRUE(result.ok()) << (result.ok() ? "" : result.error().message);
  return std::move(result).value();
}
inline void must(const Status& status) { ASSERT_TRUE(status.ok()) << status.error().message; }

// NOLINTNEXTLINE(readability-identifier-naming)
inline void PrintTo(const JobCounters& t, std::ostream* out) {
  *out << "known " << t.known << ", repeated " << t.repeated << ", saved " << t.saved << ", duplicate " << t.duplicate
       << ", skipped " << t.skipped << ", failed " << t.failed << ", pending " << t.pending << ", bytes " << t.bytes;
}

class LedgerScene {
 public:
  static constexpr std::uint64_t kRun = 77;

  explicit LedgerScene(const std::filesystem::path& parent = std::filesystem::temp_directory_path()) : files(parent) {
    std::filesystem::create_directories(state_folder(files.directory()));
    open();
  }

  void open() {
    writer_ = must(LedgerWriter::open(state_in(files.directory()), {.staged_keys = staged_keys, .on_work = [] {}}));
  }
  void close() { writer_.reset(); }
  LedgerWriter& writer() { return *writer_; }
  [[nodiscard]] const JobCounters& counters() const { return writer_->job().counters(); }

  void job(std::int64_t id, const std::string& pages = "1-10") {
    must(writer().begin());
    must(writer().begin_job(id, {"http://h/{page}", pages, "//img"}, kRun));
    must(writer().commit());
  }

  /// An attempt at a page that has these images, up to its end. The jobs that came of it.
  std::vector<ImageTask> page(std::uint64_t number, const std::vector<std::string>& urls, Cause cause = Cause::none) {
    must(writer().begin());
    PageRecord record = begin_page(number);
    auto tasks = hits(record, urls);
    record.cause = cause_name(cause);
    if (cause == Cause::none) record.state = urls.empty() ? PageState::empty : PageState::done;
    must(writer().pages().save(record));
    must(writer().commit());
    expect_balance();
    return tasks;
  }

  PageRecord begin_page(std::uint64_t number) {
    PageRecord record;
    record.number = number;
    record.url = "http://h/" + std::to_string(number);
    record.run_attempt = 1;
    return must(writer().pages().begin_attempt(must(writer().pages().find(number)), std::move(record)));
  }

  /// A URL may have others behind it, each behind a space.
  std::vector<ImageTask> hits(PageRecord& record, const std::vector<std::string>& urls) {
    std::vector<ImageTask> tasks;
    for (const std::string& text : urls) {
      const std::string url = text.substr(0, text.find(' '));
      const std::string others = url.size() < text.size() ? text.substr(url.size() + 1) + ' ' : "";
      ImageFound hit{.page = record.number, .attempt = 1, .position = record.hits, .cause = cause_of(url), .url = url};
      const std::string lines = lines_of(others);
      hit.alternatives = lines;
      hit.referrer_policy = referrer_policy;
      if (auto task = must(writer().hits().add(record, hit))) tasks.push_back(*std::move(task));
    }
    return tasks;
  }

  void outcome(const ImageTask& task, ImageState state, Cause cause = Cause::none) {
    const std::int64_t id = task.id;
    must(writer().begin());
    ImageOutcome outcome = ImageOutcome::of(task);
    outcome.attempts = 1;
    outcome.cause = cause;
    outcome.content = content(id);
    outcome.facts = {.type = "jpeg", .width = 40, .height = 30, .frames = 1};
    const std::string file = std::to_string(id) + ".jpg";
    ContentPlace place = must(writer().contents().place_of(outcome.content, alike_is_same()));
    if (state == ImageState::duplicate) place.first = SavedImage{};
    must(state == ImageState::failed ? record_failed(outcome) : writer().images().record_fetched(outcome, place, file));
    must(writer().commit());
    expect_balance();
  }
  /// In a transaction.
  Status record_failed(const ImageOutcome& outcome) {
    in_place_.clear();
    const bool is_replaced = must(writer().alternatives().replace(outcome, in_place_));
    return is_replaced ? Status() : writer().images().record_failed(outcome);
  }
  /// Of the image with this id: no two are alike.
  static Content content(std::int64_t id) {
    return {.bytes = 100, .xxh128 = Xxh128{static_cast<std::byte>(id)}, .sha256 = {}};
  }
  static BytesAsked alike_is_same() {
    return {.compare = [](const SavedImage&) { return SameBytes::yes; }, .sha256 = [] { return std::nullopt; }};
  }
  /// The saved image with that content.
  std::optional<SavedImage> first_with(const Content& content) {
    return must(writer().contents().place_of(content, alike_is_same())).first;
  }
  void saved(const ImageTask& task) { outcome(task, ImageState::saved); }
  void duplicate(const ImageTask& task) { outcome(task, ImageState::duplicate); }
  /// What is to be fetched in its place.
  std::vector<ImageTask> failed(const ImageTask& task) {
    outcome(task, ImageState::failed, Cause::stalled);
    return in_place_;
  }

  std::int64_t count(const std::string& sql) {
    auto db = must(Database::open(state_in(files.directory()), Database::Mode::read_only));
    return must(db.query_integer(sql));
  }

  /// The counters in memory, in the job's row and in the rows of pages and images are the same.
  void expect_balance() {
    const auto& causes = writer().job().failures();
    EXPECT_EQ(std::accumulate(causes.begin(), causes.end(), std::uint64_t{0}), counters().failed);
    const std::string id = std::to_string(writer().job().id());
    const auto rows = [&](const std::string& where) {
      return static_cast<std::uint64_t>(count("SELECT count(*) FROM images WHERE job = " + id + " AND " + where));
    };
    const auto here = " AND settled_in = " + id;
    JobCounters recount;
    recount.pending = rows("state = 0 AND settled_in IS NULL");
    recount.saved = rows("state = 1" + here);
    recount.duplicate = rows("state = 2" + here);
    recount.failed = rows("state = 3" + here);
    recount.skipped = rows("state = 4" + here);
    // Beside those met, in a ledger that was of version 3, the images of another job that this one met there.
    recount.known = writer().met().size() + rows("settled_in <> " + id);
    recount.repeated =
        static_cast<std::uint64_t>(count("SELECT coalesce(sum(repeated), 0) FROM pages WHERE job = " + id));
    recount.bytes = static_cast<std::uint64_t>(
        count("SELECT coalesce(sum(bytes), 0) FROM images WHERE job = " + id + " AND state = 1" + here));
    EXPECT_EQ(counters(), recount) << "found " << counters().found() << ", recounted " << recount.found();
    EXPECT_EQ(counters().found(), static_cast<std::uint64_t>(
                                      count("SELECT known + repeated + saved + duplicate + skipped + failed + pending"
                                            " FROM job WHERE id = " +
                                            id)));
  }

  FolderFiles files;
  /// From the next open() on.
  std::size_t staged_keys = KeyStage::kFull;
  ReferrerPolicy referrer_policy{};  ///< Of the images that pages name from now on.

 private:
  /// What a fetcher says of such a hit.
  static Cause cause_of(const std::string& url) {
    if (url.starts_with("http://")) return Cause::none;
    return url.starts_with("data:") ? Cause::unsupported_scheme : Cause::bad_url;
  }

  static std::string lines_of(std::string others) {
    std::ranges::replace(others, ' ', '\n');
    return others;
  }

  std::unique_ptr<LedgerWriter> writer_;
  std::vector<ImageTask> in_place_;
};

}  // namespace doutu

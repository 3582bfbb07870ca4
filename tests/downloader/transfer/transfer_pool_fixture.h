// TransferPoolTest: the whole transfer side against a real server on loopback; the test plays the ledger thread.
#pragma once

#include <gtest/gtest.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "downloader/store/content_hasher.h"
#include "downloader/store/folder_sink.h"
#include "downloader/transfer/transfer_pool.h"
#include "shared/http/http_client.h"
#include "shared/ledger/schema.h"
#include "shared/process/control.h"
#include "shared/process/messages.h"
#include "shared/process/wholeness.h"
#include "tests/site/state_in.h"
#include "tests/site/temporary_folder.h"
#include "tests/site/test_site.h"

namespace doutu {

[[nodiscard]] inline Content content_of(const std::string& bytes) {
  ContentHasher hasher;
  hasher.update(std::as_bytes(std::span(bytes)));
  return hasher.finish();
}

class TransferPoolTest : public testing::Test {
 protected:
  using Kind = ImageOutcome::Kind;

  static void SetUpTestSuite() { init_http(); }

  TransferPoolTest() {
    settings_.pool.downloaders = 4;
    settings_.pool.threads = 2;
    settings_.http.allow_private = true;
    settings_.politeness.retries = 2;
    settings_.politeness.retry_wait = settings_.politeness.retry_wait_max = milliseconds(10);
  }

  /// The test is the decoder; where it is not, none can be asked.
  void SetUp() override { doubts_.second.close(); }
  void be_decoder() { doubts_ = *ControlChannel::create(); }
  /// The next question; without one in time it has no descriptors.
  ImageDoubted doubt() {
    Message message;
    EXPECT_EQ(doubts_.second.wait_receive(message, 30'000), ControlChannel::Received::message);
    auto* const doubted = std::get_if<ImageDoubted>(&message);
    EXPECT_TRUE(doubted != nullptr && doubted->fds.size() == 2);
    ImageDoubted doubt = doubted != nullptr ? std::move(*doubted) : ImageDoubted();
    doubt.fds.resize(2);
    return doubt;
  }
  static void answer(const ImageDoubted& doubt, Wholeness wholeness) {
    EXPECT_EQ(::write(doubt.fds[1].get(), &wholeness, 1), 1);
  }

  FolderSink& sink() {
    if (!sink_) sink_.emplace(*FolderSink::open(state_in(directory_)));
    return *sink_;
  }
  TransferPool& pool() {
    if (pool_) return *pool_;
    RateBudget budget = *RateBudget::attach(::dup(budget_.fd()), settings_.limits.max_rate);
    pool_.emplace(settings_, outcomes_, *stats_, doubts_.first, sink(), cookies(), std::move(budget));
    return *pool_;
  }
  CookieStore& cookies() {
    if (!state_) state_.emplace(state_in(directory_));
    if (!cookies_) cookies_.emplace(*state_, CookieStore::Use::yes);
    return *cookies_;
  }

  /// Queues an image; its id.
  std::int64_t add(const std::string& url, std::int64_t host = 1) {
    ImageTask task;
    task.id = ++last_id_;
    task.host = host;
    task.url = url;
    task.referer = "http://pages.example/list?page=1";
    task.referrer_policy = referrer_policy_;
    pool().frontier().add(std::move(task));
    return last_id_;
  }
  std::int64_t add_path(const std::string& path) { return add(site_.url(path)); }

  /// Takes outcomes until so many images are settled; false when the watchdog bit.
  bool settle(std::size_t count, seconds limit = seconds(30)) {
    const MonoTime end = mono_now() + limit;
    while (settled_.size() < count) {
      if (mono_now() > end) return false;
      pollfd wake{outcomes_.wake_fd(), POLLIN, 0};
      ::poll(&wake, 1, 100);
      take();
    }
    return true;
  }
  /// Until the pool calls the ledger thread.
  [[nodiscard]] bool wait_for_outcomes() const {
    pollfd wake{outcomes_.wake_fd(), POLLIN, 0};
    return ::poll(&wake, 1, 30'000) == 1;
  }
  void take() {
    auto taken = outcomes_.take_all();
    std::vector<std::int64_t> settles;
    for (ImageOutcome& outcome : taken) {
      ++attempts_;
      settles.push_back(outcome.settles());
      if (outcome.kind != Kind::retry) settled_.emplace(outcome.id, std::move(outcome));
    }
    pool().frontier().committed(settles);
  }
  /// One image from beginning to end.
  ImageOutcome fetch(const std::string& path) { return fetch_url(site_.url(path)); }
  ImageOutcome fetch_url(const std::string& url) {
    const std::int64_t id = add(url);
    EXPECT_TRUE(settle(settled_.size() + 1)) << url;
    return settled_[id];
  }
  [[nodiscard]] std::filesystem::path incoming() const {
    return std::filesystem::path(state_folder(directory_)) / kIncomingName;
  }
  [[nodiscard]] std::string incoming(std::int64_t id) const {
    std::ifstream in(incoming() / std::to_string(id), std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  [[nodiscard]] std::size_t files() const {
    return static_cast<std::size_t>(
        std::distance(std::filesystem::directory_iterator(incoming()), std::filesystem::directory_iterator{}));
  }
  /// Slots that show this id.
  [[nodiscard]] std::size_t in_flight_slots(std::int64_t id) const {
    return static_cast<std::size_t>(
        std::ranges::count_if(stats_->in_flight, [id](const auto& slot) { return slot == id; }));
  }
  void expect_failed(const ImageOutcome& outcome, Cause cause, std::uint32_t attempts) {
    EXPECT_EQ(outcome.kind, Kind::failed);
    EXPECT_EQ(cause_name(outcome.cause, outcome.http_status), cause_name(cause, outcome.http_status));
    EXPECT_EQ(outcome.attempts, attempts);
    EXPECT_EQ(files(), 0U);
  }

  TemporaryFolder root_;
  std::string directory_ = root_.path();  ///< That the images are for.
  std::optional<FolderSink> sink_;
  std::optional<StateFolder> state_;
  std::optional<CookieStore> cookies_;
  TestSite site_;
  CrawlSettings settings_;
  OutcomeQueue outcomes_;
  std::unique_ptr<StatsPage> stats_ = std::make_unique<StatsPage>();
  std::pair<ControlChannel, ControlChannel> doubts_ = *ControlChannel::create();  ///< Who asks, and the decoder.
  const RateBudget budget_ = *RateBudget::create();
  std::int64_t last_id_ = 0;
  ReferrerPolicy referrer_policy_{};  ///< Of the images that are queued from now on.
  std::size_t attempts_ = 0;
  std::map<std::int64_t, ImageOutcome> settled_;
  std::optional<TransferPool> pool_;  // Last: it ends before what it uses.
};

}  // namespace doutu

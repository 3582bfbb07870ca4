// ImagePublisherTest: a publisher over a folder and a ledger of its own, and short words for what happens to an image.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "downloader/record/image_publisher.h"
#include "downloader/store/folder_sink.h"
#include "tests/downloader/ledger/ledger_scene.h"
#include "tests/site/state_in.h"

namespace doutu {

using Images = std::map<std::string, std::string>;

/// A folder whose images were all found; each test fetches and places them.
class ImagePublisherTest : public ::testing::Test {
 public:
  explicit ImagePublisherTest(const std::filesystem::path& parent = std::filesystem::temp_directory_path())
      : scene(parent) {
    restart();
  }

  /// What a new process does after a kill: nothing in memory is left.
  void restart() {
    publisher = std::make_unique<ImagePublisher>(sink, scene.writer(), FolderOptions{});
    scene.job(1);
  }

  ImageTask found(const std::string& url) { return scene.page(++last_page_, {url}).at(0); }

  void arrive(const ImageTask& task, const std::string& bytes) {
    FolderFiles::write(files().incoming(task.id), bytes);
    must(publisher->record({.kind = ImageOutcome::Kind::fetched,
                            .id = task.id,
                            .host = task.host,
                            .spot = task.spot,
                            .attempts = 1,
                            .cause = Cause::none,
                            .http_status = 200,
                            .next_attempt_ms = 0,
                            .url = task.url,
                            .final_url = "",
                            .facts = {.type = "jpeg", .width = 40, .height = 30, .frames = 1},
                            .content = content_of(bytes)}));
  }
  void begin() { must(scene.writer().begin()); }
  void commit() {
    must(scene.writer().commit());
    publisher->committed();
    scene.expect_balance();
  }
  void fetch(const std::string& url, const std::string& bytes) {
    const ImageTask task = found(url);
    begin();
    arrive(task, bytes);
    commit();
    publish();
    if (publisher->has_failed()) republish();
  }
  /// As after a sync.
  void publish() {
    sync();
    must(publisher->publish());
    sync();
  }
  void sync() {
    publisher->sync_began();
    publisher->sync_ended();
  }
  std::vector<ImageTask> republish() {
    std::vector<ImageTask> tasks;
    begin();
    must(publisher->republish(tasks));
    commit();
    publish();
    return tasks;
  }
  std::string file_of(std::int64_t id) { return must(scene.writer().images().find(id))->file; }
  FolderFiles& files() { return scene.files; }

  LedgerScene scene;
  FolderSink sink = *FolderSink::open(state_in(scene.files.directory()));
  std::unique_ptr<ImagePublisher> publisher;
  std::uint64_t last_page_ = 0;
};

}  // namespace doutu

// MemorySink: an ImageSink in memory, for tests. As a test wants, it answers at once or later, as an object store does,
// refuses everything as a full disk does, and loses what it holds.
#pragma once

#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <deque>
#include <limits>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "downloader/store/content_hasher.h"
#include "downloader/store/file_name.h"
#include "downloader/store/image_sink.h"

namespace doutu {

class MemorySink final : public ImageSink {
 public:
  enum class Answers { at_once, later };
  explicit MemorySink(Answers answers = Answers::at_once) : answers_(answers) {}

  // --- A test's hands.

  /// Answers what waits for it, the oldest first.
  void answer(std::size_t most = std::numeric_limits<std::size_t>::max()) {
    for (; most > 0 && !unanswered_.empty(); --most) {
      const Waiting image = std::move(unanswered_.front());
      unanswered_.pop_front();
      answered_.push_back({image.id, publish_now({image.id, image.name, image.first, image.content})});
    }
    if (!answered_.empty()) ::eventfd_write(wake_.get(), 1);
  }
  [[nodiscard]] std::size_t unanswered() const { return unanswered_.size(); }
  /// What a kill of the process leaves.
  void restart() {
    unanswered_.clear();
    answered_.clear();
  }
  /// From now on, as a disk that refuses with this errno; 0: not any more.
  void refuse(int code) { refused_ = code; }
  void put(const std::string& name, const std::string& bytes) { named_[name] = bytes; }
  void take_away(const std::string& name) { named_.erase(name); }
  [[nodiscard]] const std::map<std::string, std::string>& images() const { return named_; }

  // --- The sink.

  [[nodiscard]] std::unique_ptr<IncomingImage> writer() override { return std::make_unique<Writer>(*this); }
  void drop(std::int64_t id) override {
    const std::lock_guard lock(mutex_);
    held_.erase(id);
  }
  [[nodiscard]] Result<std::vector<std::int64_t>> sweep() override {
    const std::lock_guard lock(mutex_);
    std::vector<std::int64_t> ids;
    for (const auto& [id, bytes] : held_) ids.push_back(id);
    return ids;
  }

  [[nodiscard]] Found look(const std::string& name, const Content& content, From /*from*/) const override {
    return found_in(named_, name, content);
  }
  [[nodiscard]] Found look_held(std::int64_t id, const Content& content) const override {
    const std::lock_guard lock(mutex_);
    return found_in(held_, id, content);
  }
  [[nodiscard]] Found compare(std::int64_t held, const std::string& name) const override {
    const std::lock_guard lock(mutex_);
    return compared(held, named_, name);
  }
  [[nodiscard]] Found compare(std::int64_t held, std::int64_t other) const override {
    const std::lock_guard lock(mutex_);
    return compared(held, held_, other);
  }
  [[nodiscard]] std::optional<Sha256> sha256_of(std::int64_t held) const override {
    const std::lock_guard lock(mutex_);
    const auto found = held_.find(held);
    return found == held_.end() ? std::nullopt : content_of(found->second).sha256;
  }
  [[nodiscard]] bool has_lost(const std::string& name, std::uint64_t bytes) const override {
    const auto found = named_.find(name);
    return found == named_.end() || found->second.size() < bytes;
  }

  [[nodiscard]] std::optional<Result<Published>> publish(const Publication& image) override {
    if (answers_ == Answers::at_once) return publish_now(image);
    unanswered_.push_back({image.id, image.name, image.first, image.content});
    return std::nullopt;
  }
  [[nodiscard]] std::vector<Answer> take_published() override {
    eventfd_t signals = 0;
    ::eventfd_read(wake_.get(), &signals);
    return std::exchange(answered_, {});
  }
  [[nodiscard]] int wake_fd() const override { return wake_.get(); }
  [[nodiscard]] bool may_be_of_name(int /*code*/) const override { return false; }
  [[nodiscard]] std::size_t max_name_bytes() const override { return kMaxNameBytes; }

  Status sync() override { return status(); }
  [[nodiscard]] Status room(std::uint64_t /*least*/) const override { return status(); }
  Status probe() override { return status(); }
  Status mend() override { return status(); }
  [[nodiscard]] Status check() const override { return {}; }

 private:
  struct Waiting {
    std::int64_t id = 0;
    std::string name;
    std::string first;
    Content content;
  };

  class Writer final : public IncomingImage {
   public:
    explicit Writer(MemorySink& sink) : sink_(sink) {}
    void begin(std::int64_t id) override {
      id_ = id;
      bytes_.clear();
    }
    Status append(std::span<const std::byte> bytes) override {
      bytes_.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
      return {};
    }
    Status finish(std::optional<std::chrono::sys_seconds> /*modified*/) override {
      const std::lock_guard lock(sink_.mutex_);
      if (Status refused = sink_.status(); !refused) return refused;
      sink_.held_[id_] = std::exchange(bytes_, {});
      return {};
    }
    [[nodiscard]] Result<UniqueFd> open_for_reading() override {
      UniqueFd file(::memfd_create("image", MFD_CLOEXEC));
      const bool is_whole = ::write(file.get(), bytes_.data(), bytes_.size()) == static_cast<ssize_t>(bytes_.size()) &&
                            ::lseek(file.get(), 0, SEEK_SET) == 0;
      if (!is_whole) return system_error("memfd");
      return file;
    }
    void discard() override { bytes_.clear(); }

   private:
    MemorySink& sink_;
    std::int64_t id_ = 0;
    std::string bytes_;
  };

  [[nodiscard]] Status status() const {
    return refused_ == 0 ? Status() : Status(system_error("the memory sink", refused_));
  }

  template <class Map, class Key>
  static Found found_in(const Map& map, const Key& key, const Content& content) {
    const auto found = map.find(key);
    if (found == map.end()) return Found::nothing;
    return are_alike(content_of(found->second), content) ? Found::same_content : Found::other;
  }
  static Content content_of(const std::string& bytes) {
    ContentHasher hasher(Checksum::sha256);
    hasher.update(std::as_bytes(std::span(bytes)));
    return hasher.finish();
  }
  /// Precondition: mutex_ is locked.
  template <class Map, class Key>
  Found compared(std::int64_t held, const Map& map, const Key& key) const {
    const auto one = held_.find(held);
    const auto other = map.find(key);
    if (one == held_.end() || other == map.end()) return Found::nothing;
    return one->second == other->second ? Found::same_content : Found::other;
  }

  Result<Published> publish_now(const Publication& image) {
    const std::lock_guard lock(mutex_);
    if (Status refused = status(); !refused) return std::move(refused).error();
    if (named_.contains(image.name)) return Published::name_taken;
    if (image.has_first() && found_in(named_, image.first, image.content) == Found::same_content) {
      named_[image.name] = named_[image.first];
      return Published::still_held;
    }
    auto held = held_.extract(image.id);
    if (held.empty()) return Published::lost;
    named_[image.name] = std::move(held.mapped());
    return Published::yes;
  }

  const Answers answers_;
  const UniqueFd wake_{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
  int refused_ = 0;
  std::map<std::string, std::string> named_;
  std::deque<Waiting> unanswered_;
  std::vector<Answer> answered_;

  // Protected by mutex_: writers are of any thread.
  mutable std::mutex mutex_;
  std::map<std::int64_t, std::string> held_;
};

}  // namespace doutu

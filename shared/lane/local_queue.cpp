#include "shared/lane/local_queue.h"

#include <algorithm>

namespace doutu {

class LocalQueue::Producer final : public ImageProducer {
 public:
  explicit Producer(LocalQueue& queue) : queue_(queue) {}

  PutResult put(std::span<const std::byte> record, MonoTime deadline) override {
    DOUTU_CHECK(!record.empty());
    if (record.size() > kMaxRecordBytes) return PutResult::too_long;
    MutexLock lock(queue_.mutex_);
    if (queue_.sealed_) return PutResult::sealed;
    const auto bytes = frame_bytes(record.size());
    const auto has_room = [&]() DOUTU_REQUIRES(queue_.mutex_) {
      return queue_.published_ + bytes - queue_.acknowledged_ <= queue_.capacity_;
    };
    if (!lock.wait_until(queue_.changed_, deadline, has_room)) return PutResult::full;
    queue_.published_ += bytes;
    queue_.unacknowledged_.push_back({queue_.published_, {record.begin(), record.end()}});
    tell();
    return PutResult::ok;
  }

  PutResult try_put(std::span<const std::byte> record) override { return put(record, mono_now()); }

  void seal() override {
    const MutexLock lock(queue_.mutex_);
    queue_.sealed_ = true;
    tell();
  }

 private:
  void tell() DOUTU_REQUIRES(queue_.mutex_) {
    queue_.changed_.notify_all();
    if (std::exchange(queue_.armed_, false)) queue_.data_.signal();
  }

  LocalQueue& queue_;
};

class LocalQueue::Consumer final : public ImageConsumer {
 public:
  explicit Consumer(LocalQueue& queue) : queue_(queue), taken_(acknowledged()) {}

  TakeResult take(std::span<const std::byte>& record, MonoTime deadline) override {
    MutexLock lock(queue_.mutex_);
    const auto decided = [this]()
                             DOUTU_REQUIRES(queue_.mutex_) { return queue_.published_ != taken_ || queue_.sealed_; };
    if (!lock.wait_until(queue_.changed_, deadline, decided)) return TakeResult::empty;
    if (queue_.published_ == taken_) return TakeResult::ended;
    const auto next = first_after(taken_);
    taken_ = next->end;
    copy_ = next->bytes;
    record = copy_;
    return TakeResult::ok;
  }

  TakeResult try_take(std::span<const std::byte>& record) override { return take(record, mono_now()); }

  [[nodiscard]] std::uint64_t taken() const override { return taken_; }

  [[nodiscard]] std::uint64_t acknowledged() const override {
    const MutexLock lock(queue_.mutex_);
    return queue_.acknowledged_;
  }

  void acknowledge(std::uint64_t position) override {
    const MutexLock lock(queue_.mutex_);
    if (position <= queue_.acknowledged_ || position > queue_.published_) return;
    queue_.unacknowledged_.erase(queue_.unacknowledged_.begin(), first_after(position));
    queue_.acknowledged_ = position;
    taken_ = std::max(taken_, position);
    queue_.changed_.notify_all();
  }

  void rewind() override { taken_ = acknowledged(); }

  [[nodiscard]] std::size_t size() const override {
    const MutexLock lock(queue_.mutex_);
    return queue_.published_ - queue_.acknowledged_;
  }
  [[nodiscard]] std::size_t capacity() const override { return queue_.capacity_; }
  [[nodiscard]] bool empty() const override {
    const MutexLock lock(queue_.mutex_);
    return queue_.published_ == taken_;
  }
  [[nodiscard]] bool full() const override { return capacity() - size() < frame_bytes(kMaxRecordBytes); }

  [[nodiscard]] int wake_fd() const override { return queue_.data_.fd(); }

  bool arm() override {
    const MutexLock lock(queue_.mutex_);
    queue_.data_.clear();
    queue_.armed_ = queue_.published_ == taken_ && !queue_.sealed_;
    return queue_.armed_;
  }

 private:
  [[nodiscard]] std::deque<Stored>::iterator first_after(std::uint64_t position) const DOUTU_REQUIRES(queue_.mutex_) {
    return std::upper_bound(queue_.unacknowledged_.begin(), queue_.unacknowledged_.end(), position,
                            [](std::uint64_t at, const Stored& stored) { return at < stored.end; });
  }

  LocalQueue& queue_;
  std::uint64_t taken_;
  std::vector<std::byte> copy_;
};

Result<std::unique_ptr<LocalQueue>> LocalQueue::create(std::size_t capacity) {
  DOUTU_CHECK(capacity >= kMinLaneCapacity);
  auto data = WakeEvent::create();
  if (!data) return std::move(data).error().within("queue");
  return std::unique_ptr<LocalQueue>(new LocalQueue(capacity, *std::move(data)));
}

std::unique_ptr<ImageProducer> LocalQueue::producer() { return std::make_unique<Producer>(*this); }
std::unique_ptr<ImageConsumer> LocalQueue::consumer() { return std::make_unique<Consumer>(*this); }

}  // namespace doutu

#include "shared/lane/shared_lane.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <cerrno>
#include <utility>

#include "shared/base/system_limits.h"

namespace doutu {
namespace {

constexpr int kSeals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL;

/// Owns one mapping of a lane's memory. The pages stay mapped when the descriptor is closed.
class Mapping {
 public:
  static Result<Mapping> of(int memory, std::size_t bytes) {
    void* start = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, memory, 0);
    if (start == MAP_FAILED) return error_with_limit("mmap");
    return Mapping({static_cast<std::byte*>(start), bytes});
  }
  Mapping(Mapping&& other) noexcept : region_(std::exchange(other.region_, {})) {}
  Mapping& operator=(Mapping&&) = delete;
  ~Mapping() {
    if (!region_.empty()) ::munmap(region_.data(), region_.size());
  }

  [[nodiscard]] std::span<std::byte> region() const { return region_; }

 private:
  explicit Mapping(std::span<std::byte> region) : region_(region) {}

  std::span<std::byte> region_;
};

/// An end of a lane together with the mapping that it works on, which outlives it.
template <class End>
class MappedEnd final : private Mapping, public End {
 public:
  MappedEnd(Mapping mapping, LaneView lane, LaneEvents events)
      : Mapping(std::move(mapping)), End(lane, std::move(events)) {}
};

Result<UniqueFd> create_memory(std::size_t bytes) {
  UniqueFd memory(::memfd_create("doutu-lane", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!memory.valid()) return error_with_limit("memfd_create");
  const auto length = static_cast<off_t>(bytes);
  if (::ftruncate(memory.get(), length) != 0) return system_error("ftruncate");
  if (::fallocate(memory.get(), 0, 0, length) != 0) return system_error("no memory for a lane");
  if (::fcntl(memory.get(), F_ADD_SEALS, kSeals) != 0) return system_error("sealing");
  return memory;
}

Result<Mapping> map_sealed(int memory) {
  const int seals = ::fcntl(memory, F_GET_SEALS);
  if (seals < 0) return system_error("not a memfd");
  if ((seals & kSeals) != kSeals) return Error{"memory is not sealed", 0};
  struct stat status {};
  if (::fstat(memory, &status) != 0) return system_error("fstat");
  const auto bytes = static_cast<std::size_t>(status.st_size);
  if (!lane_region_fits(bytes)) return Error{"memory is not the size of a lane", 0};
  return Mapping::of(memory, bytes);
}

Result<LaneEvents> adopt_events(LaneDescriptors lane) {
  auto data = WakeEvent::adopt(std::move(lane.data));
  if (!data) return std::move(data).error().within("data");
  auto space = WakeEvent::adopt(std::move(lane.space));
  if (!space) return std::move(space).error().within("space");
  return LaneEvents{*std::move(data), *std::move(space)};
}

Status claim(LaneProducer*, const LaneView& lane) { return LaneProducer::claim(lane); }
Status claim(LaneConsumer*, const LaneView&) { return {}; }

template <class Interface, class End>
Result<std::unique_ptr<Interface>> attach(LaneDescriptors lane, LaneIdentity expected) {
  auto mapping = map_sealed(lane.memory.get());
  if (!mapping) return std::move(mapping).error().within("lane");
  auto view = LaneView::over(mapping->region(), expected);
  if (!view) return std::move(view).error().within("lane");
  auto events = adopt_events(std::move(lane));
  if (!events) return std::move(events).error().within("lane");
  if (auto claimed = claim(static_cast<End*>(nullptr), *view); !claimed)
    return std::move(claimed).error().within("lane");
  return std::unique_ptr<Interface>(std::make_unique<MappedEnd<End>>(*std::move(mapping), *view, *std::move(events)));
}

}  // namespace

Result<LaneDescriptors> create_lane(LaneIdentity identity, std::size_t capacity) {
  const auto bytes = kLaneHeaderBytes + capacity;
  auto memory = create_memory(bytes);
  if (!memory) return std::move(memory).error().within("lane");
  auto mapping = Mapping::of(memory->get(), bytes);
  if (!mapping) return std::move(mapping).error().within("lane");
  format_lane(mapping->region(), identity);
  auto data = WakeEvent::create();
  if (!data) return std::move(data).error().within("lane");
  auto space = WakeEvent::create();
  if (!space) return std::move(space).error().within("lane");
  return LaneDescriptors{*std::move(memory), (*std::move(data)).release(), (*std::move(space)).release()};
}

Result<std::unique_ptr<ImageProducer>> attach_producer(LaneDescriptors lane, LaneIdentity expected) {
  return attach<ImageProducer, LaneProducer>(std::move(lane), expected);
}

Result<std::unique_ptr<ImageConsumer>> attach_consumer(LaneDescriptors lane, LaneIdentity expected) {
  return attach<ImageConsumer, LaneConsumer>(std::move(lane), expected);
}

}  // namespace doutu

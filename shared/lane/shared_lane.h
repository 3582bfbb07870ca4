// Lanes between processes. The parent makes a lane and keeps only its three descriptors, and no mapping. It hands them
// to one fetcher and to the downloader (and to the next downloader, when that one dies). So nothing that a child does
// to the memory can harm the parent, and nothing is left in /dev/shm. The memory is allocated in full and sealed, so
// that no process can shrink it under another.
#pragma once

#include <cstddef>
#include <memory>

#include "shared/base/result.h"
#include "shared/base/unique_fd.h"
#include "shared/lane/image_queue.h"
#include "shared/lane/lane.h"

namespace doutu {

/// All close-on-exec. They travel in this order (messages.h: LaneOpened; control.h: kLaneFd and those behind it).
struct LaneDescriptors {
  UniqueFd memory;  ///< The sealed memfd.
  UniqueFd data;    ///< Eventfd: there is something to take.
  UniqueFd space;   ///< Eventfd: there is room again.
};

/// A new lane, ready for its producer and its consumer. An error when the system has no memory or descriptors left, so
/// before the crawl begins rather than as a SIGBUS in the night. Precondition: capacity is a power of two of at least
/// kMinLaneCapacity bytes.
Result<LaneDescriptors> create_lane(LaneIdentity identity, std::size_t capacity = kLaneCapacity);

/// Maps the lane for its one producer. An error for descriptors that are no sealed lane, for a lane of another version,
/// run or generation, and for one that has had a producer.
Result<std::unique_ptr<ImageProducer>> attach_producer(LaneDescriptors lane, LaneIdentity expected);

/// Maps the lane for its consumer, who begins at what the consumer before it acknowledged. Errors as above.
Result<std::unique_ptr<ImageConsumer>> attach_consumer(LaneDescriptors lane, LaneIdentity expected);

}  // namespace doutu

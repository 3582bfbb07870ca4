// ImageSink: where the bytes of images go. An image comes in under its id and is held there, seen by nobody. Once the
// ledger has it and a sync has kept it, it is published: its bytes get their final name. A folder today (FolderSink).
//
// Contract, which tests/downloader/store/image_sink_test.cpp tries on every sink:
//   1. An image is held from IncomingImage::finish() until it is published or dropped. sweep() finds what is held,
//      also what a process held that was killed. A half-written image is never held.
//   2. publish() alone makes names, and never replaces what has the name, whoever put it there.
//   3. Every publish() is answered once: at once, or later through take_published(). Until then the image is held. So a
//      sink may take its time: 50 ms a call for an object store. Its user bounds how many are unpublished, and takes in
//      no more images beyond that: transfers pause then, as for a full disk (ImagePublisher::is_crowded()).
//   4. A kill before the answer leaves the image held, or under its name, or both. The next process publishes it again,
//      and finds the name taken by the same content.
//   5. What was finished or published before a sync() began is durable once that has ended without an error.
//   6. An error that may_be_of_name() does not blame on the name concerns every image (concerns_every_image()), or is
//      another of the system: nothing has happened, and the same call may succeed later.
//
// Threads: writer() and sync() are for any thread, each writer for one at a time. All else is the ledger thread's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "downloader/store/content.h"
#include "downloader/store/incoming_image.h"
#include "shared/base/result.h"

namespace doutu {

class ImageSink {
 public:
  virtual ~ImageSink() = default;

  // --- Images come in.

  /// What a transfer writes with. The sink outlives it.
  [[nodiscard]] virtual std::unique_ptr<IncomingImage> writer() = 0;
  /// Holds an image whose bytes are all here; mends the sink where that helps.
  Status hold(std::int64_t id, std::span<const std::byte> bytes);
  /// Does not hold it any longer, if it did.
  virtual void drop(std::int64_t id) = 0;
  /// The ids of what is held. Whatever else lies among it is removed.
  [[nodiscard]] virtual Result<std::vector<std::int64_t>> sweep() = 0;

  // --- What is there.

  enum class Found { nothing, same_content, other };
  /// Whose word is taken for a file's bytes. The page cache goes on giving what a failed write was to bring.
  enum class From { cache, disk };
  /// What stands under a name. What is no image at all, or cannot be read, is `other`.
  [[nodiscard]] virtual Found look(const std::string& name, const Content& content, From from) const = 0;
  /// The same of a held image, from the disk.
  [[nodiscard]] virtual Found look_held(std::int64_t id, const Content& content) const = 0;
  /// What stands under a name, beside a held image, byte by byte. nothing: there is no such name, or its bytes are
  /// elsewhere; or no such image is held. Whatever cannot be read is `other`.
  [[nodiscard]] virtual Found compare(std::int64_t held, const std::string& name) const = 0;
  /// Beside another held image.
  [[nodiscard]] virtual Found compare(std::int64_t held, std::int64_t other) const = 0;
  /// nullopt: no such image is held, or it cannot be read.
  [[nodiscard]] virtual std::optional<Sha256> sha256_of(std::int64_t held) const = 0;
  /// Whether nothing stands under the name any more, or something that has fewer bytes than these. Asked for every
  /// image that was fetched before. What cannot be looked at is left to whoever put it there: no.
  [[nodiscard]] virtual bool has_lost(const std::string& name, std::uint64_t bytes) const = 0;

  // --- Images get their names.

  /// Of the texts a sink copies what it needs after publish() has returned.
  struct Publication {
    std::int64_t id = 0;
    const std::string& name;   ///< A single path segment of at most max_name_bytes().
    const std::string& first;  ///< A name that the same bytes have already; empty: none.
    const Content& content;
    /// Whether a link from that name could save bytes.
    [[nodiscard]] bool has_first() const { return !first.empty() && first != name; }
  };
  enum class Published {
    yes,
    still_held,  ///< Yes, and the image is still held: drop it once the new name is durable.
    name_taken,  ///< Something stands under the name; nothing was changed.
    lost,        ///< No such image is held.
  };
  /// Gives a held image its name: moves it, or links it to `first`, whichever the sink can. nullopt: the answer comes
  /// through take_published().
  [[nodiscard]] virtual std::optional<Result<Published>> publish(const Publication& image) = 0;
  struct Answer {
    std::int64_t id = 0;
    Result<Published> published;
  };
  /// The answers that have come since the last call. A sink that answers at once has none, and no descriptor.
  [[nodiscard]] virtual std::vector<Answer> take_published() { return {}; }
  /// Readable when take_published() has something; -1: it never has.
  [[nodiscard]] virtual int wake_fd() const { return -1; }
  /// Of a publish() that ended with this errno: whether the name may be why, and not the sink. Who blames the name
  /// tries another one, and the sink when that is refused too.
  [[nodiscard]] virtual bool may_be_of_name(int code) const = 0;
  /// Longest name that it takes; kMinNameBytes to kMaxNameBytes.
  [[nodiscard]] virtual std::size_t max_name_bytes() const = 0;

  // --- The sink itself.

  /// Makes everything finished and published so far durable. May take long.
  virtual Status sync() = 0;
  /// ENOSPC when less than `least` bytes are free (kMinFreeDiskAutomatic: see there); other errors are none.
  [[nodiscard]] virtual Status room(std::uint64_t least) const = 0;
  /// Whether an image of 1 MiB could be written; the error says why not.
  virtual Status probe() = 0;
  /// Has the sink take images again, whatever somebody did to it while we worked; writers need not know. An error says
  /// why it cannot, for the user.
  virtual Status mend() = 0;
  /// An error when no later crawl would find what is published now.
  [[nodiscard]] virtual Status check() const = 0;

 protected:
  ImageSink() = default;
  ImageSink(ImageSink&&) = default;
  ImageSink& operator=(ImageSink&&) = default;
};

/// What stands under a name, beside an image: its bytes decide while it is held, and its content afterwards.
[[nodiscard]] ImageSink::Found look_beside(const ImageSink& sink, const std::string& name, std::int64_t id,
                                           const Content& content);

}  // namespace doutu

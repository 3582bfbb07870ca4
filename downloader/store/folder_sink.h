// FolderSink: the folder that images land in, and .doutu/incoming where they are held under their ids. It answers every
// publish() at once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "downloader/store/image_sink.h"
#include "shared/base/result.h"
#include "shared/base/unique_fd.h"
#include "shared/folder/state_folder.h"

namespace doutu {

class FolderSink final : public ImageSink {
 public:
  /// Opens DIR, which the state folder lies in, and DIR/.doutu/incoming, which is made where it is missing.
  static Result<FolderSink> open(const StateFolder& state);

  [[nodiscard]] std::unique_ptr<IncomingImage> writer() override;
  void drop(std::int64_t id) override;
  /// Files of incoming whose names are no ids are removed.
  [[nodiscard]] Result<std::vector<std::int64_t>> sweep() override;

  /// A folder, a link or an unreadable file is `other`.
  [[nodiscard]] Found look(const std::string& name, const Content& content, From from) const override;
  [[nodiscard]] Found look_held(std::int64_t id, const Content& content) const override;
  [[nodiscard]] Found compare(std::int64_t held, const std::string& name) const override;
  [[nodiscard]] Found compare(std::int64_t held, std::int64_t other) const override;
  [[nodiscard]] std::optional<Sha256> sha256_of(std::int64_t held) const override;
  [[nodiscard]] bool has_lost(const std::string& name, std::uint64_t bytes) const override;

  /// Moves incoming/<id>, or links it where the file system has no RENAME_NOREPLACE. Links `first` where it can be:
  /// that is there and unchanged, on this file system, and may have more links.
  [[nodiscard]] std::optional<Result<Published>> publish(const Publication& image) override;
  [[nodiscard]] bool may_be_of_name(int code) const override;
  [[nodiscard]] std::size_t max_name_bytes() const override { return max_name_bytes_; }

  /// syncfs(2).
  Status sync() override;
  [[nodiscard]] Status room(std::uint64_t least) const override;
  Status probe() override;
  /// Makes incoming again. The descriptor stays the same number, for all threads.
  Status mend() override;
  /// An error when .doutu was deleted or moved away.
  [[nodiscard]] Status check() const override;

 private:
  FolderSink(UniqueFd folder, UniqueFd state, UniqueFd incoming);
  [[nodiscard]] Found compare_with(std::int64_t held, int folder, const std::string& name) const;
  [[nodiscard]] static Found look_in(int folder, const std::string& name, const Content& content, From from);
  [[nodiscard]] Status make_incoming() const;
  [[nodiscard]] Result<Published> move(std::int64_t id, const std::string& name) const;
  [[nodiscard]] Result<Published> link(const Publication& image) const;
  [[nodiscard]] Result<Published> not_found(const std::string& from, const std::string& name) const;
  [[nodiscard]] Result<Published> move_without_renameat2(const std::string& from, const std::string& name) const;

  UniqueFd folder_;
  UniqueFd state_;  ///< .doutu.
  UniqueFd incoming_;
  std::size_t max_name_bytes_;
};

}  // namespace doutu

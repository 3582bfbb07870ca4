#include "shared/http/transfer_handle.h"

#include <utility>

#include "shared/base/throw_if_no_memory.h"

namespace doutu {
namespace {

constexpr unsigned kFirstWithCleanHandles = 0x08'09'00;  // 8.9.0

}  // namespace

TransferHandle::Reuse TransferHandle::reuse_in_running_libcurl() {
  return curl_version_info(CURLVERSION_NOW)->version_num >= kFirstWithCleanHandles ? Reuse::safe : Reuse::unsafe;
}

TransferHandle::TransferHandle(Prepare prepare, Reuse reuse) : prepare_(std::move(prepare)), reuse_(reuse) {}

CURL* TransferHandle::next_handle() {
  if (easy_ != nullptr && reuse_ == Reuse::safe) return easy_.get();
  // Not curl_easy_duphandle(): before 8.5.0 a copy that has no memory frees what belongs to the original.
  easy_.reset(allocated(curl_easy_init()));
  prepare_(easy_.get());
  return easy_.get();
}

}  // namespace doutu

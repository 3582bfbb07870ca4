// TransferHandle: gives every transfer a curl handle that remembers nothing of the transfers before it. One thread.
//
// An old libcurl leaves things in a handle that has done a transfer: before 8.1.1 a pointer to the last header of its
// answer, which is freed by then. If the next answer on that handle begins with a folded header line, libcurl reads and
// writes there, so any server could end the process. Before 8.9.0 it leaves the errno of a failed connection. With such
// a libcurl each transfer gets a new handle, which costs about 2 us; with a newer one the same handle serves them all.
// Connections live in the multi handle and TLS sessions in TlsSessions, so neither is lost with a handle.
#pragma once

#include <curl/curl.h>

#include <functional>

#include "shared/http/http_client.h"

namespace doutu {

class TransferHandle {
 public:
  enum class Reuse { safe, unsafe };
  /// What is true of the libcurl that this process runs with.
  [[nodiscard]] static Reuse reuse_in_running_libcurl();

  /// prepare sets what is the same for all transfers; it is called once for each new handle.
  using Prepare = std::function<void(CURL*)>;
  explicit TransferHandle(Prepare prepare, Reuse reuse = reuse_in_running_libcurl());

  /// Ends the handle of the transfer before, which must be in no multi handle, and gives that of the next one. Only
  /// what prepare sets is sure to be set: the caller sets everything that differs between transfers. Throws
  /// std::bad_alloc.
  CURL* next_handle();
  /// What next_handle() gave last; null before.
  [[nodiscard]] CURL* get() const { return easy_.get(); }

 private:
  const Prepare prepare_;
  const Reuse reuse_;
  CurlEasy easy_;
};

}  // namespace doutu

// Result<T>: a value, or an Error that tells its story once. Low layers return errors and each layer above adds its
// noun with within(); only the layer that decides logs. Outcomes that are part of normal work (a full lane, a 404) are
// enums, not errors. Any thread.
#pragma once

#include <cerrno>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "shared/base/check.h"

namespace doutu {

struct Error {
  std::string message;
  int code = 0;  ///< errno of the failed call, 0 where there is none.

  /// The same error with the noun of the layer above: "ledger: " + message.
  [[nodiscard]] Error within(std::string_view noun) && { return {std::string(noun) + ": " + std::move(message), code}; }
};

/// "what: No space left on device" with the errno of the call that just failed (or the one given).
[[nodiscard]] inline Error system_error(std::string_view what, int code = errno) {
  return {std::string(what) + ": " + std::strerror(code), code};
}

template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : held_(std::in_place_index<0>, std::move(value)) {}      // NOLINT(google-explicit-constructor)
  Result(Error error) : held_(std::in_place_index<1>, std::move(error)) {}  // NOLINT(google-explicit-constructor)

  [[nodiscard]] bool ok() const { return held_.index() == 0; }
  explicit operator bool() const { return ok(); }

  /// Precondition: ok().
  [[nodiscard]] T& value() & { return DOUTU_CHECK(ok()), std::get<0>(held_); }
  [[nodiscard]] const T& value() const& { return DOUTU_CHECK(ok()), std::get<0>(held_); }
  [[nodiscard]] T&& value() && { return DOUTU_CHECK(ok()), std::get<0>(std::move(held_)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  /// Precondition: !ok().
  [[nodiscard]] Error& error() & { return DOUTU_CHECK(!ok()), std::get<1>(held_); }
  [[nodiscard]] const Error& error() const& { return DOUTU_CHECK(!ok()), std::get<1>(held_); }
  [[nodiscard]] Error&& error() && { return DOUTU_CHECK(!ok()), std::get<1>(std::move(held_)); }

 private:
  std::variant<T, Error> held_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)), ok_(false) {}  // NOLINT(google-explicit-constructor)

  [[nodiscard]] bool ok() const { return ok_; }
  explicit operator bool() const { return ok_; }
  [[nodiscard]] Error& error() & { return DOUTU_CHECK(!ok_), error_; }
  [[nodiscard]] const Error& error() const& { return DOUTU_CHECK(!ok_), error_; }
  [[nodiscard]] Error&& error() && { return DOUTU_CHECK(!ok_), std::move(error_); }

 private:
  Error error_;
  bool ok_ = true;
};

using Status = Result<void>;

}  // namespace doutu

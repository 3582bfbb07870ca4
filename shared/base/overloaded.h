// Overloaded: several lambdas as one visitor, for std::visit. Any thread.
#pragma once

namespace doutu {

template <typename... Functions>
struct Overloaded : Functions... {
  using Functions::operator()...;
};
template <typename... Functions>
Overloaded(Functions...) -> Overloaded<Functions...>;  // which clang 14 does not find by itself

}  // namespace doutu

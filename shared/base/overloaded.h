// Overloaded: several lambdas as one visitor, for std::visit. Any thread.
#pragma once

namespace doutu {

template <typename... Functions>
struct Overloaded : Functions... {
  using Functions::operator()...;
};

}  // namespace doutu

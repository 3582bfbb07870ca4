// Whether there is a network to crawl. Any thread.
#pragma once

namespace doutu {

/// Whether this machine has an address beside those of its loopback. True where that cannot be told. Any thread.
[[nodiscard]] bool has_network();

}  // namespace doutu

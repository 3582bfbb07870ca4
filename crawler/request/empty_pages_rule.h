// Whether pages without images are odd. A value; any thread.
#pragma once

namespace doutu {

/// What pages without images are. are_fine: the user says so (--allow-empty).
enum class EmptyPages { are_odd, are_fine };

}  // namespace doutu

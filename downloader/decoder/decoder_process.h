// The program doutu-decoder: takes images from the doubts (control.h), one at a time, decodes each, and answers whether
// it is whole (wholeness.h). One thread, confined before the first image (shared/sandbox). An image that would take it
// too long ends it by a signal, SIGXCPU or SIGALRM; the next decoder goes on with the next image.
#pragma once

namespace doutu {

/// Exit status: 0 when the parent closed the control channel or the doubts, or when no image came for some seconds; 1
/// when something is wrong that no image explains (it is logged).
int run_decoder();

}  // namespace doutu

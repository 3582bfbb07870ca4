// Terminal stop: how this process stops by Ctrl-Z, and whether anyone could resume it then. The parent's thread.
#pragma once

namespace doutu {

/// A session leader (ssh -t, docker -it) has no shell above it, and a parent of another session is none of ours.
[[nodiscard]] bool somebody_resumes_us();

/// Stops this process by SIGTSTP's own default, which the kernel drops for a process group that no shell watches.
/// Returns when the process goes on.
void stop_as_the_kernel_allows();

}  // namespace doutu

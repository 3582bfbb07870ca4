#include "shared/sandbox/policy.h"

#include <linux/capability.h>

#include <algorithm>
#include <initializer_list>
#include <iterator>
#include <utility>

#include "shared/sandbox/instrumented.h"

namespace doutu {
namespace {

using Names = std::initializer_list<const char*>;

// --- Fetcher and downloader.

constexpr Names kMemory = {"brk", "mmap", "munmap", "mremap", "mprotect", "madvise"};

constexpr Names kThreads = {"futex",   "set_robust_list", "rseq",    "sched_yield", "sched_getaffinity", "gettid",
                            "exit",    "getpid",          "getppid", "getuid",      "geteuid",           "getgid",
                            "getegid", "exit_group"};

constexpr Names kSignalsAndTime = {"rt_sigaction",    "rt_sigprocmask", "rt_sigreturn", "sigaltstack",
                                   "restart_syscall", "clock_gettime",  "clock_getres", "clock_nanosleep",
                                   "nanosleep",       "gettimeofday",   "time",         "getrandom",
                                   "uname",           "sysinfo",        "getrlimit",    "getrusage"};

constexpr Names kDescriptors = {"read",  "write", "readv", "writev", "pread64", "lseek",    "close",
                                "fstat", "dup",   "poll",  "ppoll",  "select",  "pselect6", "eventfd2"};

constexpr Names kLooking = {"stat",     "lstat",      "newfstatat", "statx",  "access", "faccessat", "faccessat2",
                            "readlink", "readlinkat", "getdents64", "getcwd", "statfs", "fstatfs"};

constexpr Names kNetwork = {"connect", "getsockname", "getpeername", "getsockopt", "setsockopt", "sendto",
                            "sendmsg", "sendmmsg",    "recvfrom",    "recvmsg",    "recvmmsg",   "shutdown"};

/// Not /etc as a whole, nor /etc/ssl, where private keys lie.
constexpr Names kNameService = {"/etc/resolv.conf", "/etc/hosts",    "/etc/nsswitch.conf",
                                "/etc/host.conf",   "/etc/gai.conf", "/etc/services"};

constexpr Names kCertificates = {"/etc/ssl/certs",
                                 "/etc/ssl/cert.pem",
                                 "/etc/ssl/openssl.cnf",
                                 "/usr/share/ca-certificates",
                                 "/usr/local/share/ca-certificates",
                                 "/etc/pki/tls/certs",
                                 "/etc/pki/ca-trust/extracted",
                                 "/etc/ca-certificates/extracted"};

/// Character sets (gconv) and name services come as modules that are loaded when they are first needed.
constexpr Names kLibraries = {"/etc/ld.so.cache", "/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib"};

// --- The fetcher.

/// A page's tree has at most 1 GiB (html_tree.cpp), the copy of it about as much, text and links the rest. Who takes
/// more has been taken over, or has met a bug.
constexpr std::uint64_t kFetcherMemory = std::uint64_t{4} << 30U;
/// Its own are about 20, each resolver that hangs has one or two.
constexpr std::uint64_t kFetcherDescriptors = 256;

// --- The downloader.

/// SQLite tells the commits of one WAL from those of the next by a random number, and takes the time instead without.
constexpr const char* kRandom = "/dev/urandom";

/// SQLite, curl and what is held of images take far less. Who takes more has been taken over, or has met a bug: it
/// ends with a line that says why, before the kernel looks for somebody to kill.
constexpr std::uint64_t kDownloaderMemory = std::uint64_t{4} << 30U;
/// And for each image in flight the stacks, of 8 MiB that nobody touches, of a resolver's thread and of three that hang
/// from attempts before.
constexpr std::uint64_t kStacksOfAnImage = std::uint64_t{32} << 20U;

constexpr Names kEvents = {"epoll_create1",  "epoll_ctl",       "epoll_wait",      "epoll_pwait",
                           "timerfd_create", "timerfd_settime", "timerfd_gettime", "signalfd4"};

constexpr Names kWriting = {"pwrite64", "ftruncate", "fallocate", "fsync",     "fdatasync", "syncfs",
                            "mkdir",    "mkdirat",   "rename",    "renameat",  "renameat2", "link",
                            "linkat",   "unlink",    "unlinkat",  "fadvise64", "dup3"};

// --- The decoder.

/// An image's file has at most 256 MiB, what is decoded of it 640 MiB (downloader/decoder).
constexpr std::uint64_t kDecoderMemory = std::uint64_t{1} << 30U;
/// Its own are 6, each request brings two.
constexpr std::uint64_t kDecoderDescriptors = 16;

/// Beside memory and its own end: requests, images and answers, two clocks, and the log.
constexpr Names kDecoding = {"recvmsg",      "poll",         "ppoll",          "pread64",         "sendto",
                             "close",        "write",        "clock_gettime",  "alarm",           "setitimer",
                             "rt_sigaction", "rt_sigreturn", "rt_sigprocmask", "restart_syscall", "futex",
                             "getpid",       "gettid",       "exit",           "exit_group"};

// --- Deadly: what no library of ours asks for, whatever it finds.

constexpr Names kPrograms = {"execve", "execveat"};
constexpr Names kOtherProcesses = {"ptrace",          "process_vm_readv", "process_vm_writev",
                                   "process_madvise", "pidfd_getfd",      "kcmp"};
constexpr Names kOtherUsers = {"setuid",    "setgid",    "setreuid", "setregid", "setresuid",
                               "setresgid", "setgroups", "setfsuid", "setfsgid", "capset"};
constexpr Names kPlaces = {"unshare",  "setns",      "chroot",    "pivot_root",       "mount",
                           "umount2",  "move_mount", "open_tree", "mount_setattr",    "fsopen",
                           "fsconfig", "fsmount",    "fspick",    "open_by_handle_at"};
constexpr Names kInsideTheKernel = {
    "bpf",    "perf_event_open", "userfaultfd", "io_uring_setup", "io_uring_enter", "io_uring_register",
    "keyctl", "add_key",         "request_key"};
constexpr Names kTheMachine = {"init_module",     "finit_module", "delete_module", "kexec_load",
                               "kexec_file_load", "reboot",       "swapon",        "swapoff",
                               "syslog",          "settimeofday", "clock_settime", "sethostname"};
constexpr Names kTheProcessor = {"personality", "modify_ldt", "iopl", "ioperm"};

// --- Of a sanitizer itself, which looks for leaks when the process ends.

constexpr Names kSanitizer = {"getdents", "pipe2", "wait4"};

template <class Text>
std::vector<Text> together(std::initializer_list<Names> lists) {
  std::vector<Text> all;
  for (const Names& list : lists) all.insert(all.end(), list.begin(), list.end());
  return all;
}

constexpr std::uint64_t bit(unsigned capability) { return std::uint64_t{1} << capability; }

/// Root may read what the user named.
constexpr std::uint64_t kReadAnything = bit(CAP_DAC_READ_SEARCH);
/// Root may write and read in the folder, whoever owns it, and rename and link there also where it is sticky. By itself
/// this is to read any file as well (capabilities(7)): what can be is bounded by the list alone.
constexpr std::uint64_t kWriteAnything = bit(CAP_DAC_OVERRIDE) | bit(CAP_FOWNER);

std::vector<const char*> deadly_calls() {
  return together<const char*>(
      {kPrograms, kOtherProcesses, kOtherUsers, kPlaces, kInsideTheKernel, kTheMachine, kTheProcessor});
}

void make_room_for_sanitizer(Policy& policy) {
  policy.files.readable.emplace_back("/proc");
  policy.calls.allowed.insert(policy.calls.allowed.end(), kSanitizer);
  policy.limits.memory.reset();
}

/// For who connects to servers by their names.
std::vector<std::string> what_connecting_reads(std::vector<std::string> further_files) {
  auto readable = together<std::string>({kNameService, kCertificates, kLibraries});
  std::ranges::move(further_files, std::back_inserter(readable));
  return readable;
}

}  // namespace

Policy fetcher_policy(std::vector<std::string> further_files) {
  Policy policy;
  policy.capabilities = further_files.empty() ? 0 : kReadAnything;
  policy.files.readable = what_connecting_reads(std::move(further_files));
  policy.calls.opening = CallRules::Opening::for_reading;
  policy.calls.allowed = together<const char*>({kMemory, kThreads, kSignalsAndTime, kDescriptors, kLooking, kNetwork});
  policy.calls.deadly = deadly_calls();
  policy.limits = {.memory = kFetcherMemory, .descriptors = kFetcherDescriptors, .file_size = 0};
  if (kSanitized) make_room_for_sanitizer(policy);
  return policy;
}

Policy downloader_policy(std::string folder, std::vector<std::string> further_files, std::uint32_t images_in_flight) {
  Policy policy;
  policy.files.readable = what_connecting_reads(std::move(further_files));
  policy.files.readable.emplace_back(kRandom);
  policy.files.writable = {std::move(folder)};
  policy.capabilities = kWriteAnything;
  policy.calls.opening = CallRules::Opening::any;
  policy.calls.allowed =
      together<const char*>({kMemory, kThreads, kSignalsAndTime, kDescriptors, kLooking, kNetwork, kEvents, kWriting});
  policy.calls.deadly = deadly_calls();
  policy.limits.memory = kDownloaderMemory + images_in_flight * kStacksOfAnImage;
  if (kSanitized) make_room_for_sanitizer(policy);
  return policy;
}

Policy decoder_policy() {
  Policy policy;
  policy.calls.opening = CallRules::Opening::nothing;
  policy.calls.allowed = together<const char*>({kMemory, kDecoding});
  policy.calls.deadly = deadly_calls();
  policy.limits = {.memory = kDecoderMemory, .descriptors = kDecoderDescriptors, .file_size = 0};
  if (kSanitized) {
    policy.calls = fetcher_policy({}).calls;
    policy.calls.allowed.insert(policy.calls.allowed.end(), kDecoding);
    make_room_for_sanitizer(policy);
  }
  return policy;
}

}  // namespace doutu

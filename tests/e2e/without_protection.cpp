// Runs a program as on a kernel without Landlock or without seccomp: `without-protection landlock|seccomp PROGRAM ...`.
// The program's own question for it is answered as such a kernel would.

#include <seccomp.h>
#include <unistd.h>

#include <cerrno>
#include <string_view>

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  const bool landlock = std::string_view(argv[1]) == "landlock";
  scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
  const int missing = landlock ? SCMP_SYS(landlock_create_ruleset) : SCMP_SYS(seccomp);
  if (seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), missing, 0) != 0 || seccomp_load(filter) != 0) return 2;
  execv(argv[2], argv + 2);
  return 2;
}

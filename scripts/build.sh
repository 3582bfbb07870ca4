# shellcheck shell=bash disable=SC2034
# Sourced by the other scripts, which all work from any current directory. What they do before their own work: install
# what is missing, configure a preset once, build it. A second call does nothing and takes a few hundredths of a second.
# Everything goes to stderr, so that stdout belongs to the program.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

# Such as "debian 12".
# shellcheck disable=SC1091
distribution=$(. /etc/os-release && echo "${ID-} ${VERSION_ID-}")

# Debian 12 calls 1.74 its Boost, and has the 1.81 that is needed under a name of its own.
boost=libboost-dev
if [ "$distribution" = 'debian 12' ]; then boost=libboost1.81-dev; fi
build_packages=(
  ca-certificates cmake g++ ninja-build pkg-config scdoc
  "$boost" libbrotli-dev libcli11-dev libcurl4-openssl-dev libdeflate-dev libexpat1-dev libfmt-dev libgif-dev libgumbo-dev
  libicu-dev libjpeg-dev libpng-dev libpsl-dev libre2-dev libseccomp-dev libspdlog-dev libsqlite3-dev libssl-dev libtomlplusplus-dev libxml2-dev libxxhash-dev libzstd-dev nlohmann-json3-dev
  zlib1g-dev
)
# Debian 12's encoder for HEIC comes with its library.
heic=()
if [ "$distribution" = 'debian 13' ]; then heic=(libheif-plugin-x265); fi
# The encoders make images for tests; about 25 MB. The programs that make file systems are for disks that are full.
test_packages=(
  btrfs-progs e2fsprogs exfat-fuse exfatprogs iproute2 libgmock-dev libgtest-dev python3 xfsprogs
  apngasm gifsicle imagemagick libavif-bin libheif-examples "${heic[@]}" libjpeg-turbo-progs qrencode webp
)

say() { echo "$*" >&2; }

# missing_packages NAME...: those that are not installed.
missing_packages() {
  local installed
  installed=$(dpkg-query -W -f '${Package} ${db:Status-Status}\n' "$@" 2>/dev/null || true)
  local name
  for name; do
    grep -qxF "$name installed" <<<"$installed" || echo "$name"
  done
}

# install_missing NAME...: as root or through sudo. When neither works, prints the line to run and exits with 1.
install_missing() {
  if ! command -v dpkg-query >/dev/null; then
    say "This is no Debian: install yourself what corresponds to: $*"
    return
  fi
  local missing
  mapfile -t missing < <(missing_packages "$@")
  if [ ${#missing[@]} -eq 0 ]; then return; fi

  local as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    # Without a terminal nobody can type a password.
    if ! command -v sudo >/dev/null || { [ ! -t 0 ] && ! sudo -n true 2>/dev/null; }; then
      how_to_install "${missing[@]}"
    fi
    as_root=(sudo)
  fi
  say "Installing ${#missing[@]} packages: ${missing[*]}"
  local apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=120)
  local log
  log=$(mktemp)
  if ! { "${apt[@]}" update && "${apt[@]}" install -y --no-install-recommends "${missing[@]}"; } >"$log" 2>&1; then
    tail -n 20 "$log" >&2
    rm -f "$log"
    how_to_install "${missing[@]}"
  fi
  rm -f "$log"
}

how_to_install() {
  say "Some packages are missing and cannot be installed from here. Run this as root, then try again:"
  say "  apt-get update && apt-get install -y --no-install-recommends $*"
  exit 1
}

# build PRESET [TARGET]: into build/PRESET; one build at a time. Only the first one, which takes minutes, shows how far it
# is.
build() {
  local preset=$1 folder=$root/build/$1
  local only=("${@:2}")
  mkdir -p "$folder"
  (
    flock 9
    configure "$preset" "$folder"
    if [ ! -e "$folder/.built" ]; then say "Building doutu ($preset): a few minutes, once."; fi
    if [ ! -e "$folder/.built" ] && [ -t 2 ]; then
      ninja -C "$folder" "${only[@]}" >&2
    else
      ninja -C "$folder" --quiet "${only[@]}" | { grep -vx 'ninja: no work to do.' >&2 || true; }
    fi
    touch "$folder/.built"
  ) 9>"$folder/.lock"
}

configure() {
  local preset=$1 folder=$2
  if [ -f "$folder/build.ninja" ]; then return; fi
  mkdir -p "$folder"
  # An empty CMAKE_CXX_COMPILER_LAUNCHER leaves ccache out.
  if command -v ccache >/dev/null; then local -x CMAKE_CXX_COMPILER_LAUNCHER=${CMAKE_CXX_COMPILER_LAUNCHER-ccache}; fi
  if ! (cd "$root" && cmake --preset "$preset") >"$folder/configure.log" 2>&1; then
    cat "$folder/configure.log" >&2
    exit 1
  fi
}

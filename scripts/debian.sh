# shellcheck shell=bash disable=SC2154
# Sourced after build.sh by what works on another release of Debian: `--on RELEASE`. The release is a system of its own in
# ~/.cache/doutu/RELEASE, made by debootstrap when it is first asked for, and entered by pivot_root.
#
# What runs there has mounts and processes of its own. The kernel ends both with the command, however it ends: nothing
# stays mounted, and nobody outside can delete anything through a mount.

systems=${XDG_CACHE_HOME:-$HOME/.cache}/doutu

# need_root FLAG: ends with how to go on when this is another user.
need_root() {
  if [ "$(id -u)" -eq 0 ]; then return; fi
  say "$1 needs root, for debootstrap, mount and chroot. Try: sudo $0 $1 ..."
  exit 1
}

# mirror: where this system gets its packages from.
mirror() {
  local found
  # shellcheck disable=SC2016
  found=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Origin: Debian' 'Label: Debian' | sort -u | head -n 1)
  echo "${found:-http://deb.debian.org/debian}"
}

# need_release RELEASE: ends when debootstrap does not know it: that is wrong use.
need_release() {
  install_missing debootstrap
  if [[ $1 =~ ^[a-z]+$ ]] && [ -e "/usr/share/debootstrap/scripts/$1" ]; then return; fi
  say "debootstrap knows no release of Debian that is called $1. Debian 12 is bookworm, Debian 13 is trixie."
  exit 2
}

# make_debian RELEASE FOLDER: the smallest system.
make_debian() {
  local release=$1 folder=$2
  mkdir -p "$folder"
  # In mounts of its own: debootstrap leaves its /proc mounted when it is killed.
  unshare --mount debootstrap --variant=minbase "$release" "$folder" "$(mirror)" >&2
}

# in_debian RELEASE COMMAND...: runs it there as root, with the working tree at its own path; what is build/RELEASE here
# is its build folder there. Of the environment it gets what names a mirror's proxy, and what is for the build and the
# tests. DOUTU_FOLDERS names more folders that it shall see at their own paths, such as CCACHE_DIR.
in_debian() {
  local release=$1
  shift
  need_release "$release"
  local system=$systems/$release
  if [ ! -e "$system" ]; then
    say "Making a Debian $release in $system: some minutes, once."
    rm -rf "$system.new"
    make_debian "$release" "$system.new" || exit
    mv "$system.new" "$system"
  fi
  # The network's names are the machine's.
  cp -L /etc/resolv.conf /etc/hosts "$system/etc/"

  local build=$root/build/$release status=0
  mkdir -p "$build"
  mapfile -t passed_on < <(env | grep -E '^((DOUTU|CCACHE|CMAKE|CTEST)_[A-Z_]*|TERM|https?_proxy|no_proxy)=')
  # shellcheck disable=SC2016
  unshare --mount --pid --fork --kill-child bash -euc '
    system=$1 root=$2 build=$3
    shift 3
    see() { mkdir -p "$system$1" && mount --rbind "${2:-$1}" "$system$1"; }
    mount --bind "$system" "$system"
    mount -t proc proc "$system/proc"
    see /sys
    see /dev
    see "$root"
    see "$root/build" "$build"
    for folder in ${DOUTU_FOLDERS-}; do see "$folder"; done
    # Not chroot: in one, no process may make a user namespace of its own, as tests do.
    cd "$system"
    pivot_root . mnt
    umount --lazy /mnt
    # Not exec: the first process of the namespace has to stay, and to bury whom the tests leave.
    "$@" || exit
  ' in_debian "$system" "$root" "$build" \
    env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 "${passed_on[@]}" \
    "$@" || status=$?
  # What was built belongs to whom the working tree belongs to.
  chown -R --reference="$root" "$build"
  return $status
}

# run_on RELEASE ARGS...: this script with these arguments there, and then the end of this one, with its status.
run_on() {
  local release=${1:?--on needs a release of Debian, such as trixie}
  need_root --on
  in_debian "$release" "$root/scripts/${0##*/}" "${@:2}"
  exit
}

# shellcheck shell=bash
# Sourced by `try` and `try-booted`: a clean Debian in a folder of its own, which goes with the script, and words to work in it.
#
#   VITALS_SUITE    which Debian; default bookworm
#
# Needs root (sudo), and two packages in .build/deb: the one to try and an older one, 0.0.9; 'make test-package' makes both.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
project=$(cd "$here/../.." && pwd)
cd "$project"
# Mounts of its own, which end with it.
[ "${VITALS_UNSHARED:-}" = 1 ] || {
  [ "$(id -u)" = 0 ] || exec sudo -n --preserve-env=VITALS_SUITE,LAB_KERNEL,LAB_CACHE "$here/${0##*/}" "$@"
  VITALS_UNSHARED=1 exec unshare --mount --propagation private "$here/${0##*/}" "$@"
}
suite=${VITALS_SUITE:-bookworm}
out=$project/.build/deb
version=$(sed -n 's/.*static let current = "\([0-9.]*\)".*/\1/p' Sources/LocalAPI/Version.swift)
architecture=$(dpkg --print-architecture)
old=$out/older/vitals-gateway_0.0.9_$architecture.deb
new=$out/vitals-gateway_${version}_$architecture.deb
say() { echo "package: $*"; }
fail() { echo "package: FAILED: $*" >&2; [ -f "${log:-}" ] && tail -n 20 "$log" >&2; exit 1; }
for package in "$old" "$new"; do [ -f "$package" ] || fail "$package is not there; 'make test-package' builds it"; done

tar=$out/root-$suite.tar
if [ ! -f "$tar" ]; then
  # mktemp's folder is its maker's alone, and would be the root of everybody.
  made=$(mktemp -d); chmod 755 "$made"
  debootstrap --variant=minbase "$suite" "$made" > "$out/debootstrap.log" 2>&1 || fail "debootstrap: $(tail -n 3 "$out/debootstrap.log")"
  tar -C "$made" -cf "$tar.new" . && mv "$tar.new" "$tar"
  rm -rf "$made"
fi
root=$(mktemp -d "$out/try.XXXXXX")
daemon=
end() {
  [ -z "$daemon" ] || kill -KILL "$daemon" 2> /dev/null || true
  # The mounts end with this process; what they lead to is not ours to remove.
  umount -R "$root/proc" "$root/dev" 2> /dev/null || true
  rm -rf --one-file-system "$root"
}
trap end EXIT
tar -C "$root" -xf "$tar"
mount -t proc proc "$root/proc"
mount -t tmpfs -o mode=755 tmpfs "$root/dev"
mkdir -p "$root/dev/shm"
# Those that there are: a container often lacks some, and nothing here needs more than the first.
for node in null zero full random urandom tty; do
  [ ! -c "/dev/$node" ] || { touch "$root/dev/$node"; mount --bind "/dev/$node" "$root/dev/$node"; }
done
cp /etc/resolv.conf "$root/etc/resolv.conf"
mkdir "$root/packages"; cp "$old" "$new" "$root/packages/"
log=$root/packages/log

clean=(/usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive)
inside() { chroot "$root" "${clean[@]}" "$@" < /dev/null; }
# Nobody answers a question: there is no terminal and no standard input.
apt() { inside apt-get -y -o Dpkg::Use-Pty=0 "$@" > "$log" 2>&1 || fail "apt-get $*"; }
# shellcheck disable=SC2016  # these are dpkg's words
state() { inside dpkg-query -W -f '${db:Status-Abbrev}${Version}' vitals-gateway 2> /dev/null || true; }
apt update -qq

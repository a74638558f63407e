#!/usr/bin/env bash
# Installs the .deb in a fresh Debian, does the main job there and removes it; runs the archive in a bare one, without and with a
# Vulkan driver. Needs root, a Debian mirror, and what `./dev package` has made. install_both.sh [FOLDER OF THE PACKAGES]
set -euo pipefail
cd "$(dirname "$0")/../.."
packages=$(realpath "${1:-build/package}")
[ "$(id -u)" -eq 0 ] || { echo "package-test needs root, for debootstrap and chroot" >&2; exit 1; }
deb=$(ls "$packages"/glassformer_*.deb) archive=$(ls "$packages"/glassformer-*.tar.xz)
work=$(mktemp -d)
scratch=tmp  # of the systems that are made below, from their root
trap 'rm -rf "$work"' EXIT
prompt="When Mary and John went to the garden, John gave a ring to"
say() { printf '\n\033[1m%s\033[0m\n' "$*" >&2; }
fail() { printf 'package-test: %s\n' "$*" >&2; exit 1; }

# in_root ROOT COMMAND: as a login of a user who has nothing set; in a mount namespace, so that nothing stays mounted.
in_root() {
  local root=$1; shift
  unshare --mount --pid --fork bash -c '
    mount --make-rprivate / && mount -t proc proc "$1/proc" && mount --bind /dev "$1/dev"
    cp /etc/resolv.conf "$1/etc/resolv.conf"
    exec chroot "$1" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive \
      ${http_proxy:+http_proxy="$http_proxy"} bash -euc "$2"' in_root "$root" "$*"
}
quiet() { "$@" >"$work/log" 2>&1 || { cat "$work/log" >&2; exit 1; }; }
# Every file of a system but those that any installation changes.
files_of() {
  (cd "$1" && find . -xdev \( -path ./proc -o -path ./dev -o -path "./$scratch" -o -path ./root -o -path ./var/lib/dpkg -o -path ./var/lib/apt \
    -o -path ./var/cache -o -path ./var/log \) -prune -o -print | sort)
}
main_job() {  # ROOT PROGRAM
  in_root "$1" "$2 run fable --prompt '$prompt'" | tail -n 1 | grep -q '·Mary 98' || fail "the main job fails: run"
  in_root "$1" "$2 analyze fable --prompt '$prompt' --what dla --target ' Mary'" >/dev/null
  in_root "$1" "$2 render fable --prompt '$prompt' -o /$scratch/picture.png"
  [ "$(head -c 4 "$1/$scratch/picture.png" | tail -c 3)" = PNG ] || fail "the main job fails: render"
}

say "A bare Debian"
quiet debootstrap --variant=minbase bookworm "$work/bare" "${DEBIAN_MIRROR:-http://deb.debian.org/debian}"
cp -a "$work/bare" "$work/debian"

say "The .deb: installed, used, removed"
quiet in_root "$work/debian" "apt-get update"
# What the package asks for is there first, so that afterwards only its own files can be left.
depends=$(dpkg-deb -f "$deb" Depends | tr ',' '\n' | sed 's/ *(.*//; s/|.*//' | tr '\n' ' ')
quiet in_root "$work/debian" "apt-get install -y --no-install-recommends $depends mesa-vulkan-drivers desktop-file-utils shared-mime-info man-db"
files_of "$work/debian" >"$work/before"
cp "$deb" "$work/debian/$scratch/"
quiet in_root "$work/debian" "apt-get install -y --no-install-recommends /$scratch/$(basename "$deb")"
main_job "$work/debian" glassformer
in_root "$work/debian" "glassformer doctor"
in_root "$work/debian" "man --warnings -l /usr/share/man/man1/glassformer.1.gz" 2>&1 >/dev/null | grep . && fail "the man page has warnings"
in_root "$work/debian" "grep -q vnd.glassformer.session /usr/share/mime/types" || fail "the desktop does not know the MIME types"
in_root "$work/debian" "grep -q org.glassformer /usr/share/applications/mimeinfo.cache" || fail "the desktop does not know the program"
quiet in_root "$work/debian" "apt-get purge -y glassformer"
files_of "$work/debian" >"$work/after"
diff "$work/before" "$work/after" >&2 || fail "removing the package leaves files, or takes others away"

say "The archive: in any folder of a bare system"
mkdir "$work/bare/opt/any folder"
tar xf "$archive" -C "$work/bare/opt/any folder"
program="'/opt/any folder/$(basename "$archive" .tar.xz)/glassformer'"
in_root "$work/bare" "$program models"
in_root "$work/bare" "$program run fable --prompt '$prompt'" | tail -n 1 | grep -q '·Mary 98' || fail "the archive's program does not run"
in_root "$work/bare" "$program doctor"
(in_root "$work/bare" "$program render fable -o /$scratch/x.png" 2>&1 || true) | grep -q mesa-vulkan-drivers || fail "without a driver the archive's program does not say what to install"
quiet in_root "$work/bare" "apt-get update"
quiet in_root "$work/bare" "apt-get install -y --no-install-recommends mesa-vulkan-drivers"
main_job "$work/bare" "$program"
cmp "$work/bare/$scratch/picture.png" "$work/debian/$scratch/picture.png" || fail "the archive's program draws another picture than the package's"
say "Both packages are well"

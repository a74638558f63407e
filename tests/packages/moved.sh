#!/usr/bin/env bash
# cmake --install to a prefix, moved afterwards: moved.sh BUILD. The program runs from there, with all that belongs to it.
set -euo pipefail
build=$1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
fail() { printf 'moved.sh: %s\n' "$*" >&2; exit 1; }

cmake --install "$build" --prefix "$folder/first" --strip >/dev/null
mkdir "$folder/a folder"
mv "$folder/first" "$folder/a folder/second"
prefix="$folder/a folder/second"
program=$prefix/bin/glassformer

cd "$folder"
"$program" models | grep -q '^fable ' || fail "the installed program lacks its models"
"$program" run fable --prompt "The capital of France is" --json | grep -q '"ids"' || fail "the installed program does not run"
"$program" lesson first-look >/dev/null || fail "the installed program lacks its lessons"
"$program" doctor --json | grep -qF "$prefix/share/glassformer" || fail "the installed program finds other files than its own"
! grep -qF "$build" "$program" || fail "the installed program names the build folder"
for file in share/applications/org.glassformer.Glassformer.desktop share/metainfo/org.glassformer.Glassformer.metainfo.xml \
  share/mime/packages/org.glassformer.Glassformer.xml share/icons/hicolor/scalable/apps/org.glassformer.Glassformer.svg \
  share/doc/glassformer/copyright share/man/man1/glassformer.1.gz; do
  [ -s "$prefix/$file" ] || fail "$file was not installed"
done
for size in 16 22 24 32 48 64 128 256 512; do
  icon=$prefix/share/icons/hicolor/${size}x${size}/apps/org.glassformer.Glassformer.png
  # Bytes 17 to 24 of a PNG are its width and height.
  [ "$(od -An -j16 -N8 -tu1 "$icon" | awk '{print $3 * 256 + $4, $7 * 256 + $8}')" = "$size $size" ] || fail "the icon of $size pixels has another size"
done
page=$(gzip -dc "$prefix/share/man/man1/glassformer.1.gz")
for command in models info tokenize convert run render analyze lesson fetch doctor bench; do
  grep -q "^\.SS glassformer $command\$" <<<"$page" || fail "the man page lacks $command"
done
printf 'installed, moved, ran\n'

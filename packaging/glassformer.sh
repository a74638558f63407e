#!/bin/sh
# Starts the program of this folder, which may lie anywhere. Libraries that graphics drivers use too are the system's own, so
# that there is one of each; those that the system lacks come from lib/spare.
here=$(dirname "$(readlink -f "$0")")
for spare in "$here"/lib/spare/*; do
  name=${spare##*/}
  for folder in /usr/lib/x86_64-linux-gnu /lib/x86_64-linux-gnu /usr/lib64 /lib64 /usr/lib /lib /usr/local/lib; do
    [ -e "$folder/$name" ] && continue 2
  done
  LD_LIBRARY_PATH=${LD_LIBRARY_PATH:+$LD_LIBRARY_PATH:}$spare
  export LD_LIBRARY_PATH
done
exec "$here/bin/glassformer" "$@"

#!/bin/bash
# render as a person calls it: the same pixels each time, the sidecar makes them again, mistakes get their sentence.
set -u
program=$1 folder=$2
rm -rf "$folder" && mkdir -p "$folder" && cd "$folder" || exit 1
unset DISPLAY WAYLAND_DISPLAY QT_QPA_PLATFORM
failures=0
check() { if ! "${@:2}"; then echo "FAILED: $1"; failures=$((failures + 1)); fi; }
# refused CODE TEXT ARGUMENTS...: fails with that code and says TEXT
refused() {
  local code=$1 text=$2 said status; shift 2
  said=$("$program" render "$@" 2>&1); status=$?
  [ $status -eq "$code" ] && grep -qi -- "$text" <<<"$said" || { echo "exit $status: $said"; return 1; }
}
cat > cut.json <<'J'
{"version": 1, "edits": [{"hook": "blocks.0.attn.hook_z", "op": "zero", "heads": [0, 5]}, {"hook": "blocks.4.attn.hook_z", "op": "zero", "heads": [3]}]}
J
run=(fable --prompt "When Mary and John went to the garden, John gave a ring to" -n 1 --recipe cut.json --compare --camera "block 4" --size 800x450 --theme light --select "blocks.4.attn.hook_z[13,3,5]")
check "draws" "$program" render "${run[@]}" -o a.png
check "draws again" "$program" render "${run[@]}" -o b.png
check "the same pixels" cmp a.png b.png
check "from the sidecar" "$program" render --from a.png.json -o c.png
# A generated token was computed alone, a given one with its prompt: sums round differently, so a colour may by one step.
check "the sidecar's pixels" test "$(compare -metric AE -fuzz 1% a.png c.png null: 2>&1)" = 0
check "the default name" "$program" render --size 320x180
check "is the model's" test -s fable.png
check "ids" "$program" render --ids 491,883,269 --size 320x180 -o ids.png
check "ids from the sidecar" "$program" render --from ids.png.json -o ids2.png
check "the same" cmp ids.png ids2.png
check "a scene needs no driver" env VK_DRIVER_FILES=/nowhere "$program" render -o a.scene.json
check "is JSON" python3 -c 'import json; j = json.load(open("a.scene.json")); assert len(j["blocks"]) > 100'
check "a picture does" env VK_DRIVER_FILES=/nowhere bash -c '! "$0" render -o x.png 2>said' "$program"
check "and names the package" grep -q mesa-vulkan-drivers said
check "a hand-out needs none" env VK_DRIVER_FILES=/nowhere "$program" render --view stream -o a.html
check "from its sidecar" "$program" render --from a.html.json -o b.html
check "the same page" cmp a.html b.html
check "an SVG" "$program" render "${run[@]}" -o a.svg
check "is XML with words" python3 -c 'import xml.etree.ElementTree as E; assert len([t for t in E.parse("a.svg").iter() if t.tag.endswith("}text")]) > 20'
check "from its sidecar" "$program" render --from a.svg.json -o b.svg
check "a film's frames" "$program" render fable --size 320x180 --seconds 1 --fps 6 -n 1 --json -o frames/ >told
check "are told" grep -q '"frames":6' told
check "from the sidecar" "$program" render --from frames.json -o again/
check "the same frames" diff -r frames again
check "a still of it" "$program" render --from frames.json -o last.png --no-legend
check "films of films alone" refused 2 "only films" --seconds 3 -o x.png
check "sizes of films" refused 1 "even sizes" --size 321x180 -o x.mp4
check "no ffmpeg" env PATH=/nowhere /bin/bash -c '! "$0" render --size 320x180 -o x.mp4 2>said' "$program"
check "and names it" grep -q "apt install ffmpeg" said
if command -v ffmpeg >/dev/null; then
  # A film of an hour cannot be done before it is stopped; the file that ffmpeg writes to says that it has begun.
  "$program" render fable --size 320x180 --seconds 3600 -o stopped.mp4 2>said & film=$!
  until compgen -G 'stopped.mp4.*.part' >/dev/null || ! kill -0 $film; do sleep 0.02; done
  kill -INT $film; wait $film
  check "stopped" grep -q "was stopped" said
  check "leaves nothing" bash -c '! ls -a | grep -q stopped'
else
  echo "skipped: stopping an MP4, as ffmpeg is not installed"
fi
mkdir -p tiny
cat >tiny/lesson.json <<'LESSON'
{"version": 1, "minutes": 1, "order": 1, "steps": [
  {"id": "one", "model": "sort-nano", "prompt": "CBA", "camera": "home", "time": ["start", "end"]},
  {"id": "two", "camera": "block 0", "question": {"kind": "choice", "options": ["top() == \"A\"", "top() == \"C\""]}}]}
LESSON
cat >tiny/en.json <<'TEXT'
{"title": "Tiny", "about": "A test.", "steps": {
  "one": {"text": "Letters **run**.\n\nThen they stop."},
  "two": {"text": "A look", "question": "Which?", "options": ["A", "C"], "hint": "h", "right": "A"}}}
TEXT
check "a lesson's film" "$program" render --lesson tiny --size 320x180 --fps 2 --json -o lesson/ >told
check "has its steps' frames" python3 -c 'import json, os; j = json.load(open("told")); assert j["frames"] == len(os.listdir("lesson")) > 30, j'
check "again" "$program" render --lesson tiny --size 320x180 --fps 2 -o lesson2/
check "the same frames" diff -r lesson lesson2
check "lessons are films" refused 2 "a lesson is a film" --lesson tiny -o x.png
check "and no prompts" refused 2 excludes --lesson tiny --prompt x
check "of lessons that are there" refused 1 "There is no lesson" --lesson tinier -o x.mp4
check "other suffixes" refused 2 ".scene.json" -o a.mov
check "sizes" refused 2 1280x720 --size 12
check "cameras" refused 1 "home, whole" --camera nowhere -o x.png
check "cells" refused 1 "blocks are 0 to 5" --select "blocks.9.attn.hook_z[0,0,0]" -o x.png
check "sidecars" refused 1 "sidecar nothing.json cannot be read" --from nothing.json -o x.png
check "a story's chapters" "$program" render sort-nano --prompt CBA --story --chapters words,choice --size 320x180 --fps 2 --json -o story/ >told
check "are told alone" python3 -c 'import json; s = [x["sentence"] for x in json.load(open("told"))["steps"]]; assert len(s) == 4 and "next?" in s[0] and "tokens" in s[1] and "Softmax" in s[2], s'
check "chapters that there are" refused 2 "words" --story --chapters preface -o x.mp4
check "chapters of a story" refused 2 "--story" --chapters words -o x.mp4
check "two prompts" refused 2 excludes --from a.png.json --prompt x
exit $((failures > 0))

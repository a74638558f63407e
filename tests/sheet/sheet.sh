#!/usr/bin/env bash
# Draws the same views of the scene every time, and puts them on one contact sheet to look at after a change:
#   sheet.sh PROGRAM TOOLS OUT     (./dev sheet calls it)
# OUT/NAME.png is a view at 1280x720, OUT/sheet.png all of them with their names. A view that fails is named and counted.
set -uo pipefail
program=$(realpath "$1") tools=$(realpath "$2") out=$3
mkdir -p "$out"
out=$(realpath "$out")
rm -f "$out"/*.png "$out"/*.json "$out"/failed

# The shape of GPT-2 small with random weights: what it says is noise, its sizes are not.
small=$out/gpt2-small
[ -e "$small/model.safetensors" ] || "$tools/make_gpt2_small" "$small" >/dev/null || exit 1
cut=$out/cut.recipe
cat >"$cut" <<'RECIPE'
{"version": 1, "edits": [{"hook": "blocks.0.attn.hook_z", "op": "zero", "heads": [0, 5]},
                         {"hook": "blocks.4.attn.hook_z", "op": "zero", "heads": [3]}]}
RECIPE
ids() { seq -s, 1 "$1"; }

# One view: its name, then what `glassformer render` takes.
view() {
  local name=$1; shift
  if ! "$program" render "$@" --size 1280x720 -o "$out/$name.png" >"$out/$name.log" 2>&1; then
    printf '%s: %s\n' "$name" "$(tail -n 1 "$out/$name.log")" | tee -a "$out/failed" >&2
  fi
  rm -f "$out/$name.log"
}

view 01-fable-whole-dark fable
view 02-fable-whole-light fable --theme light
view 03-fable-block-dark fable --camera "block 4"
view 04-fable-block-light fable --camera "block 4" --theme light
view 05-fable-head-dark fable --camera "head 4.3"
view 06-fable-scores fable --camera "attention 4" --time 999.2
view 07-fable-score-in-its-plate fable --camera "attention 4" --time 999.7
view 08-fable-softmax fable --camera "attention 4" --time 1000.7
view 09-fable-mlp-light fable --camera "MLP 4" --theme light
view 10-fable-difference fable --recipe "$cut" --compare
view 11-fable-stream-dark fable --view stream
view 12-fable-stream-light fable --view stream --theme light
view 13-fable-stream-difference fable --view stream --recipe "$cut" --compare --theme light
view 14-fable-one-token fable --ids 1 --theme light
view 15-sort-nano-whole sort-nano --theme light
view 16-sort-nano-block sort-nano --camera "block 1"
view 17-induction-nano-whole induction-nano
view 18-induction-nano-stream induction-nano --view stream --theme light
view 19-small-whole "$small" --ids "$(ids 64)"
view 20-small-block-light "$small" --ids "$(ids 64)" --camera "block 6" --theme light
view 21-small-long "$small" --ids "$(ids 1024)"
view 22-small-stream "$small" --ids "$(ids 64)" --view stream
view 23-cube-scores fable --cube blocks.4.attn.hook_attn_scores.3 --order dots --time 0.3
view 24-cube-mlp-light fable --cube blocks.0.mlp.hook_pre --order outer --time 0.25 --theme light
view 25-story-of-a-head fable --story --moment 30
view 26-story-by-depth-light fable --story --moment 54 --theme light
view 27-fable-side fable --recipe "$cut" --compare=side --camera "block 4"

letters=$(dirname "$0")/../../assets/fonts/Inter-Regular.otf
montage -label '%t' "$out"/[0-9]*.png -font "$letters" -tile 4x -geometry 640x360+6+6 -background '#606468' -fill white -pointsize 18 \
  -depth 8 "$out/sheet.png"
printf '%s\n' "$out/sheet.png"
[ ! -e "$out/failed" ]

#!/bin/bash
# Notebooks of runs with edits of every kind hold in TransformerLens: notebook.sh PROGRAM FOLDER. GLASSFORMER_PYTHON names a Python
# that has it; without one the test is skipped (77).
set -eu
program=$1 folder=$2 here=$(cd "$(dirname "$0")" && pwd) python=${GLASSFORMER_PYTHON:-python3}
"$python" -c 'import transformer_lens' 2>/dev/null || { echo "TransformerLens is not installed"; exit 77; }
rm -rf "$folder" && mkdir -p "$folder" && cd "$folder"
# session NAME PROMPT EDITS [MORE]: a session file
session() {
  cat > "$1.json" <<J
{"version": 1, "model": "fable", "prompt": "$2", "recipe": {"version": 1, "edits": [$3]}${4:+, $4}}
J
  "$program" notebook "$1.json" -o "$1.ipynb"
  notebooks+=("$1.ipynb")
}
notebooks=()
prompt="When Mary and John went to the garden, John gave a ring to"
session plain "$prompt" ""
session cut "$prompt" '{"hook": "blocks.4.attn.hook_z", "op": "zero", "heads": [0, 7]}, {"hook": "blocks.5.attn.hook_z", "op": "zero", "heads": [1], "positions": "last"}' \
  '"selection": {"tensor": "blocks.4.attn.hook_pattern", "index": [3, 13, 1]}, "target": " Mary", "rival": " John"'
session ops "$prompt" '{"hook": "blocks.1.attn.hook_z", "op": "mean", "heads": [0, 5]},
  {"hook": "blocks.3.hook_mlp_out", "op": "scale", "factor": 0.5, "positions": "last"},
  {"hook": "blocks.0.mlp.hook_post", "op": "set", "neurons": [10, 11], "value": 0.25},
  {"hook": "blocks.2.hook_resid_post", "op": "add", "vector": {"tokens": " Mary"}, "factor": 2.0, "positions": [3, 5]},
  {"hook": "blocks.3.hook_resid_pre", "op": "clamp", "vector": {"tokens": " John"}, "value": 0.5},
  {"hook": "blocks.4.hook_resid_pre", "op": "add_norm", "vector": {"tokens": " ring"}, "factor": 0.1},
  {"hook": "blocks.5.mlp.hook_pre", "op": "round", "bits": 4}' '"selected_position": 9'
session patched "$prompt" '{"hook": "blocks.4.hook_resid_pre", "op": "patch", "positions": [9], "source": {"prompt": "When Mary and John went to the garden, Mary gave a ring to"}},
  {"hook": "blocks.2.hook_attn_out", "op": "noise", "std": 1.0, "seed": 3},
  {"hook": "blocks.1.hook_resid_post", "op": "project_out", "vector": {"tokens": " the"}},
  {"hook": "blocks.2.hook_resid_pre", "op": "swap", "from": {"tokens": " Mary"}, "to": {"tokens": " John"}}'
session attention "$prompt" '{"hook": "blocks.5.attn.hook_pattern", "op": "zero", "heads": [1], "queries": [13], "keys": [1], "renormalize": true},
  {"hook": "blocks.4.attn.hook_attn_scores", "op": "set", "value": "-inf", "heads": [7], "keys": [0, 1]},
  {"hook": "blocks.3.attn.hook_q", "op": "scale", "factor": 2, "heads": [2]},
  {"hook": "blocks.3.attn.hook_k", "op": "zero", "heads": [3], "positions": [4]},
  {"hook": "blocks.3.attn.hook_v", "op": "scale", "factor": -1, "heads": [4]}' '"continuation": [269, 883]'
session norms "$prompt" '{"hook": "blocks.3.ln1.hook_normalized", "op": "scale", "factor": 0.5},
  {"hook": "blocks.3.ln2.hook_scale", "op": "scale", "factor": 1.5}, {"hook": "blocks.2.attn.hook_result", "op": "zero", "heads": [1]},
  {"hook": "logits", "op": "scale", "factor": 0.5}'
HF_HUB_OFFLINE=1 "$python" "$here/run_notebook.py" "${notebooks[@]}"

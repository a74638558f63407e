#!/usr/bin/env bash
# Checks Glassformer's CUDA backend on this machine's GPU and writes gpu-report.json and gpu-report.txt.
#   ./check_gpu.sh [--out DIR] [--limit SECONDS] [--only PART,PART] [--host]
# --out     where the report and each part's log go (default: gpu-report in the current folder)
# --limit   all parts together (default: 460); what has no time left is left out, and the report says so
# --only    these parts alone
# --host    tries the kit itself, without a GPU: the kernels run on the CPU, on tiny models, and nothing is measured
# Each part has a time limit of its own (not in a dry run), and a part that fails hides no other. Exits 0 where none failed, else 1.
# Needs bash, coreutils, grep, sed, the NVIDIA driver, and glibc as new as README.md says. cuBLAS, compute-sanitizer and
# PyTorch are used where they are installed.
set -euo pipefail

kit=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
out=gpu-report limit=460 only='' host=''
usage() { sed -n '3,11s/^# \{0,3\}//p' "${BASH_SOURCE[0]}"; }
while [ $# -gt 0 ]; do
  case $1 in
    --out) out=${2:?"--out needs a folder"}; shift ;;
    --limit) limit=${2:?"--limit needs seconds"}; shift ;;
    --only) only=,${2:?"--only needs names of parts"},; shift ;;
    --host) host=1 ;;
    -h | --help) usage; exit 0 ;;
    *) usage >&2; exit 2 ;;
  esac
  shift
done
case $limit in '' | *[!0-9]*) printf 'check_gpu.sh: --limit takes whole seconds\n' >&2; exit 2 ;; esac
mkdir -p "$out"
out=$(cd "$out" && pwd)
parts=$out/parts.tsv
if [ -n "$(ls -A "$out")" ] && [ ! -e "$parts" ]; then
  printf 'check_gpu.sh: %s holds other files; name an empty folder with --out\n' "$out" >&2
  exit 2
fi
rm -f "$out"/*.log "$out"/*.err "$out"/*.json "$out"/gpu-report.txt
printf 'name\tstatus\tseconds\twhy\n' >"$parts"

export GLASSFORMER_GOLDEN=$kit/golden GLASSFORMER_CONFORMANCE_ON=gpu LC_ALL=C
[ -z "$host" ] || export GLASSFORMER_CUDA_PLUGIN=$kit/glassformer_cuda_host.so

# cuBLAS is often there without being on the loader's path: with the toolkit, or with PyTorch.
libraries=${LD_LIBRARY_PATH:-}
if [ -z "$host" ]; then
  for folder in /usr/local/cuda/lib64 /usr/local/cuda/targets/x86_64-linux/lib /opt/cuda/lib64 \
    "$(timeout 20 python3 -c 'import nvidia.cublas as c; print(list(c.__path__)[0] + "/lib")' 2>/dev/null || true)" \
    "$(timeout 20 python3 -c 'import nvidia.cu13 as c; print(list(c.__path__)[0] + "/lib")' 2>/dev/null || true)"; do
    if [ -n "$folder" ] && compgen -G "$folder/libcublas.so*" >/dev/null; then libraries=$libraries${libraries:+:}$folder; fi
  done
fi
# The kit's programs see them, python3 doesn't: PyTorch brings its own.
ours=(env)
[ -z "$libraries" ] || ours+=("LD_LIBRARY_PATH=$libraries")

child=''
# shellcheck disable=SC2317  # called by the trap
stop() { limit=0; [ -z "$child" ] || kill "$child" 2>/dev/null || true; }
trap stop INT TERM

record() { # NAME STATUS SECONDS WHY
  local why
  why=$(printf '%s' "$4" | tr -d '\000-\010\013-\037' | tr '\t\n' '  ')
  printf '%s\t%s\t%s\t%s\n' "$1" "$2" "$3" "${why:0:300}" >>"$parts"
  printf '%-28s %-8s %4s s  %s\n' "$1" "$2" "$3" "${why:0:300}"
}
wanted() { [ -z "$only" ] || case $only in *",$1,"*) ;; *) return 1 ;; esac; }

# Runs a command with what it prints in NAME.log and NAME.err. Sets status, took and why.
attempt() { # NAME LIMIT COMMAND...
  local name=$1 most=$2 left=$((limit - SECONDS)) start=$SECONDS code=0
  shift 2
  why=''
  took=0
  if [ "$left" -lt 3 ]; then
    status=skipped why="no time was left of --limit"
    return
  fi
  # A dry run measures nothing, and on a busy CPU a part may take long: it has the limit of all parts alone.
  if [ -n "$host" ] || [ "$most" -gt "$left" ]; then most=$left; fi
  timeout -k 5 "$most" "$@" >"$out/$name.log" 2>"$out/$name.err" </dev/null &
  child=$!
  wait "$child" || code=$?
  child=''
  took=$((SECONDS - start))
  case $code in
    0) status=passed ;;
    124 | 137) status=stopped why="did not end within $most s" ;;
    *) status=failed why=$(cat "$out/$name.log" "$out/$name.err" | grep -v '^[[:space:]]*$' | tail -n 1 || true)
       [ "$code" -lt 128 ] || why="ended by signal $((code - 128)). $why" ;;
  esac
  [ -s "$out/$name.err" ] || rm -f "$out/$name.err"
}

# A part that is a suite of tests. One that ran no test, or skipped one for want of a device, did not pass.
suite() { # NAME LIMIT PROGRAM FILTER COMMAND...
  wanted "$1" || return 0
  local name=$1 most=$2 program=$3 filter=$4 status took why count
  shift 4
  attempt "$name" "$most" "$@" "$kit/$program" "--gtest_filter=$filter" "--gtest_output=json:$out/$name.tests.json" --gtest_brief=1
  count=$(sed -n 's/^\[  PASSED  \] \([0-9]*\) tests*\..*/\1/p' "$out/$name.log" 2>/dev/null | tail -n 1 || true)
  if [ "$status" = passed ]; then
    if grep -q '^\[  SKIPPED \]' "$out/$name.log"; then
      status=failed why="tests were left out: $(grep -A 1 -m 1 'Skipped$' "$out/$name.log" | tail -n 1 || true)"
    elif [ "${count:-0}" -eq 0 ]; then
      status=failed why="no test ran"
    else
      why="$count tests"
    fi
  elif [ "$status" = failed ] && grep -q '^\[  FAILED  \]' "$out/$name.log"; then
    why="$(grep -c '^\[  FAILED  \] [^ ]*/' "$out/$name.log" || true) failed, the first is $(grep -m 1 '^\[  FAILED  \] [^ ]*/' "$out/$name.log" | cut -d ' ' -f 6 | tr -d , || true)"
  fi
  record "$name" "$status" "$took" "$why"
}

# --- which card
device() {
  wanted device || return 0
  local status took why
  attempt device 20 "${ours[@]}" "$kit/glassformer" info fable --json
  if [ "$status" = passed ]; then
    why=$(sed -n 's/.*"gpu":"\([^"]*\)".*/\1/p' "$out/device.log")
    case $why in '' | none:*) status=failed ;; esac
  fi
  record device "$status" "$took" "$why"
  if [ -z "$host" ] && command -v nvidia-smi >/dev/null; then
    timeout 20 nvidia-smi --query-gpu=name,driver_version,memory.total,clocks.max.sm,clocks.max.memory,power.limit,pcie.link.gen.max,pcie.link.width.max \
      --format=csv,noheader >"$out/nvidia-smi.log" 2>&1 </dev/null || true
  fi
}

# --- the program: a run with cut heads and every activation of some hooks, once on the card and once on the CPU
program() { # TOKENS PROMPT
  wanted program || return 0
  local status took why on spent=0 count=$1 prompt=$2
  printf '{"version": 1, "edits": [{"hook": "blocks.4.attn.hook_z", "op": "zero", "heads": [0, 7]}, {"hook": "blocks.5.attn.hook_pattern", "op": "zero", "heads": [1], "keys": [1], "renormalize": true}]}\n' \
    >"$out/cut.recipe"
  for on in cuda cpu; do
    attempt "program-$on" 60 "${ours[@]}" "$kit/glassformer" run fable --prompt "$prompt" -n "$count" --greedy \
      --recipe "$out/cut.recipe" --backend "$on" --trace "$out/program-$on.trace.json" --hooks 'blocks.*.hook_z,blocks.*.hook_pattern,logits' --json
    spent=$((spent + took))
    if [ "$status" = passed ] && ! grep -q "\"backend\":\"$on (" "$out/program-$on.log"; then
      status=failed why="it ran elsewhere: $(sed -n 's/.*"backend":"\([^"]*\)".*/\1/p' "$out/program-$on.log"). $(tail -n 1 "$out/program-$on.err" 2>/dev/null || true)"
    fi
    [ "$status" = passed ] || break
  done
  if [ "$status" = passed ]; then
    attempt program 20 "$kit/gpu_report" same "$out/program-cuda.trace.json" "$out/program-cpu.trace.json"
    [ "$status" != passed ] || why=$(tail -n 1 "$out/program.log")
  fi
  record program "$status" "$((spent + took))" "$why"
  rm -f "$out"/program-*.trace.json
}

bench() { # LIMIT SHAPE DTYPE
  wanted "bench-$2-$3" || return 0
  local name=bench-$2-$3 status took why
  attempt "$name" "$1" "${ours[@]}" "$kit/glassformer" bench --backend cuda --shape "$2" --dtype "$3" --json
  if [ "$status" = passed ]; then mv "$out/$name.log" "$out/$name.json"
  elif grep -q -s 'too little memory' "$out/$name.err"; then status=skipped; fi
  record "$name" "$status" "$took" "$why"
}

compare_torch() { # LIMIT DEVICE SHAPES
  wanted torch || return 0
  local status took why
  if ! command -v python3 >/dev/null; then record torch skipped 0 "there is no python3"; return; fi
  local sees='import sys, torch; sys.exit(0 if sys.argv[1] == "cpu" or torch.cuda.is_available() else "PyTorch sees no GPU")'
  attempt torch-import 60 python3 -c "$sees" "$2"
  if [ "$status" != passed ]; then record torch skipped "$took" "$why"; return; fi
  attempt torch "$1" python3 "$kit/compare_torch.py" "$out/torch.json" --device "$2" --shapes "$3" --seconds $(($1 - 10))
  record torch "$status" "$took" "$why"
}

# --- pictures without a display, drawn by the same card through Vulkan
pictures() {
  wanted pictures || return 0
  local name=nvidia_icd place driver=''
  [ -z "$host" ] || name=lvp_icd
  for place in /usr/share/vulkan/icd.d /etc/vulkan/icd.d /usr/local/share/vulkan/icd.d; do
    if [ -z "$driver" ]; then driver=$(compgen -G "$place/$name*.json" | head -n 1 || true); fi
  done
  if [ -z "$driver" ]; then record pictures skipped 0 "there is no Vulkan driver: no $name.json in /usr/share/vulkan/icd.d or /etc/vulkan/icd.d"; return; fi
  suite pictures 45 gpu_pictures '*' env GLASSFORMER_VALIDATION=0 "VK_DRIVER_FILES=$driver" "VK_ICD_FILENAMES=$driver"
}

sanitizer() { # TOOL
  wanted "$1" || return 0
  local found='' place
  if [ -n "$host" ]; then record "$1" skipped 0 "without a GPU the executor itself looks for races and wild accesses"; return; fi
  for place in "$(command -v compute-sanitizer || true)" /usr/local/cuda/bin/compute-sanitizer /usr/local/cuda/compute-sanitizer/compute-sanitizer /opt/cuda/bin/compute-sanitizer; do
    if [ -n "$place" ] && [ -x "$place" ]; then found=$place; break; fi
  done
  if [ -z "$found" ]; then record "$1" skipped 0 "compute-sanitizer is not installed"; return; fi
  # Without cuBLAS: what is looked at is this project's kernels, the product among them.
  suite "$1" 40 gpu_conformance 'All/Conformance.every_hook_of_the_prompt_at_once/gpu_plain:All/Conformance.step_by_step/gpu_heads_of_64:All/Conformance.plans_keep_what_they_promise/gpu_relu_f16:All/OnBackend.every_edit_acts_as_it_does_in_the_naive_one/*' \
    "${ours[@]}" GLASSFORMER_CUBLAS=0 "$found" --tool "$1" --error-exitcode 1
}

printf 'Glassformer, %s\n' "$("${ours[@]}" "$kit/glassformer" --version 2>&1 | tail -n 1 || true)"
if [ -n "$host" ]; then
  printf 'A dry run: the kernels run on the CPU. This says that the kit works, and nothing of any GPU.\n'
  device
  suite conformance 60 gpu_conformance 'All/Conformance.*/gpu_tiny:All/Conformance.*/gpu_plain' "${ours[@]}"
  suite reference 60 gpu_conformance 'Reference/*/hf_bin_f16' "${ours[@]}"
  suite edits-and-capture 60 gpu_conformance 'All/OnBackend.the_entropy_is_that_of_the_pattern_as_it_is_used/*:All/OnBackend.a_cancelled_step_leaves_the_trace_as_it_was/*' "${ours[@]}"
  program 1 "The capital of France"
  bench 60 tiny f32
  bench 60 tiny f16
  compare_torch 60 cpu tiny
else
  device
  suite conformance 60 gpu_conformance 'All/Conformance.*' "${ours[@]}"
  suite reference 60 gpu_conformance 'Reference/*' "${ours[@]}"
  suite edits-and-capture 45 gpu_conformance 'All/OnBackend.*' "${ours[@]}"
  program 5 "When Mary and John went to the garden, John gave a ring to"
  for dtype in f32 f16; do bench 30 gpt2 "$dtype"; done
  for dtype in f32 f16; do bench 30 gpt2-medium "$dtype"; done
  for dtype in f32 f16; do bench 45 gpt2-xl "$dtype"; done
  compare_torch 70 cuda gpt2,gpt2-medium,gpt2-xl
  suite own-products 40 gpu_conformance 'All/Conformance.every_hook_of_the_prompt_at_once/*:All/OnBackend.traces_branch_and_go_on/*' "${ours[@]}" GLASSFORMER_CUBLAS=0
fi
pictures
for tool in memcheck racecheck synccheck; do sanitizer "$tool"; done

printf '\n'
code=0
if ! "$kit/gpu_report" report "$out" ${host:+--host} 2>"$out/report.log"; then
  code=1
  printf 'The report could not be written; the parts are in %s\n' "$parts"
  cat "$out/report.log"
fi
if grep -q -E $'\t(failed|stopped)\t' "$parts"; then code=1; fi
exit "$code"

#!/usr/bin/env python3
"""Times the programs that people compare Glassformer with, on the same checkpoint, the same threads and in turns.

    measure.py PROGRAM MODEL_FOLDER [--threads 2] [--rounds 3] [--only pytorch,llama.cpp] [--json F.json]

MODEL_FOLDER is a Hugging Face folder of GPT-2 (config.json, model.safetensors). Each peer is a process of its own, and rounds
go through all of them one after the other, because a shared machine is not equally fast at all times: the table gives medians.
Peers that are not installed are left out, and named. Nothing is fetched.
"""
import argparse, datetime, importlib.util, json, os, pathlib, platform, statistics, subprocess, sys, tempfile, time

LENGTHS = (64, 1024)
DECODE_AFTER = 64
DECODED = 12
NEEDS = {"pytorch": "transformers", "transformer_lens": "transformer_lens", "llama.cpp": "llama_cpp"}


def ids_of(n, vocab):
    return [7 * i % vocab for i in range(n)]


def median_ms(run, times=5):
    """Median of some runs after one that does not count."""
    run()
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        run()
        taken.append(1000 * (time.perf_counter() - start))
    return statistics.median(taken)


def pytorch(folder, threads):
    import torch, transformers
    torch.set_num_threads(threads)
    model = transformers.GPT2LMHeadModel.from_pretrained(folder, dtype=torch.float32).eval()
    out = {"version": f"PyTorch {torch.__version__}, transformers {transformers.__version__}"}
    with torch.inference_mode():
        for n in LENGTHS:
            ids = torch.tensor([ids_of(n, model.config.vocab_size)])
            out[f"prefill_{n}"] = median_ms(lambda: model(ids, use_cache=False))
        ids = torch.tensor([ids_of(DECODE_AFTER, model.config.vocab_size)])
        cache = model(ids, use_cache=True).past_key_values
        taken = []
        for i in range(DECODED):
            start = time.perf_counter()
            cache = model(torch.tensor([[i]]), past_key_values=cache, use_cache=True).past_key_values
            taken.append(1000 * (time.perf_counter() - start))
        out["decode"] = statistics.median(taken)
    return out


def transformer_lens(folder, threads):
    import torch, transformer_lens
    from importlib.metadata import version
    torch.set_num_threads(threads)
    from transformer_lens.model_bridge import TransformerBridge
    # It asks a tokenizer for its name; a folder without one is served by a copy of the weights beside GPT-2's rules.
    model = TransformerBridge.boot_transformers(folder)
    out = {"version": f"TransformerLens {version('transformer-lens')}"}
    with torch.inference_mode():
        for n in LENGTHS:
            ids = torch.tensor([ids_of(n, model.cfg.d_vocab)])
            out[f"captured_{n}"] = median_ms(lambda: model.run_with_cache(ids))
    return out


def write_gguf(folder, path):
    """The checkpoint under llama.cpp's names, in float32; tokens are named by their numbers, for no text is read."""
    import gguf, numpy
    from safetensors.numpy import load_file
    config = json.loads((pathlib.Path(folder) / "config.json").read_text())
    w = {name.removeprefix("transformer."): x for name, x in load_file(pathlib.Path(folder) / "model.safetensors").items()}
    out = gguf.GGUFWriter(path, "gpt2")
    width, vocab = config["n_embd"], w["wte.weight"].shape[0]
    out.add_block_count(config["n_layer"])
    out.add_context_length(config["n_positions"])
    out.add_embedding_length(width)
    out.add_feed_forward_length(config.get("n_inner") or 4 * width)
    out.add_head_count(config["n_head"])
    out.add_layer_norm_eps(config.get("layer_norm_epsilon", 1e-5))
    out.add_file_type(gguf.LlamaFileType.ALL_F32)
    out.add_tokenizer_model("gpt2")
    out.add_tokenizer_pre("gpt-2")
    out.add_token_list([f"#{i}" for i in range(vocab)])
    out.add_token_types([gguf.TokenType.NORMAL] * vocab)
    out.add_token_merges(["# #"])
    out.add_eos_token_id(vocab - 1)
    names = {"wte.weight": "token_embd.weight", "wpe.weight": "position_embd.weight", "ln_f.weight": "output_norm.weight",
             "ln_f.bias": "output_norm.bias"}
    parts = {"ln_1": "attn_norm", "attn.c_attn": "attn_qkv", "attn.c_proj": "attn_output", "ln_2": "ffn_norm", "mlp.c_fc": "ffn_up",
             "mlp.c_proj": "ffn_down"}
    for layer in range(config["n_layer"]):
        for theirs, ours in parts.items():
            for kind in ("weight", "bias"):
                names[f"h.{layer}.{theirs}.{kind}"] = f"blk.{layer}.{ours}.{kind}"
    for name, new in names.items():
        x = w[name].astype(numpy.float32)
        turned = x.ndim == 2 and name.startswith("h.")  # its matrices stand [out, in]
        out.add_tensor(new, numpy.ascontiguousarray(x.T if turned else x))
    out.add_tensor("output.weight", numpy.ascontiguousarray(w.get("lm_head.weight", w["wte.weight"]).astype(numpy.float32)))
    out.write_header_to_file()
    out.write_kv_data_to_file()
    out.write_tensors_to_file()
    out.close()


def llama_cpp(folder, threads):
    import llama_cpp
    with tempfile.TemporaryDirectory() as scratch:
        path = os.path.join(scratch, "model.gguf")
        write_gguf(folder, path)
        out = {"version": f"llama.cpp (llama-cpp-python {llama_cpp.__version__})"}
        context = max(LENGTHS)
        model = llama_cpp.Llama(path, n_ctx=context, n_batch=context, n_ubatch=context, n_threads=threads, n_threads_batch=threads,
                                logits_all=False, verbose=False)

        def prefill(n):
            model.reset()
            model.eval(ids_of(n, model.n_vocab()))

        for n in LENGTHS:
            out[f"prefill_{n}"] = median_ms(lambda: prefill(n))
        prefill(DECODE_AFTER)
        taken = []
        for i in range(DECODED):
            start = time.perf_counter()
            model.eval([i])
            taken.append(1000 * (time.perf_counter() - start))
        out["decode"] = statistics.median(taken)
        return out


def glassformer(program, folder, threads):
    answer = subprocess.run([program, "bench", folder, "--threads", str(threads), "--only", "prefill,decode", "--json"],
                            stdout=subprocess.PIPE, text=True, check=False)
    measured = json.loads(answer.stdout)
    out = {"version": "Glassformer", "machine": measured["machine"]}
    for row in measured["prefill"]:
        out[f"{'captured' if row['capture'] == 'full' else row['capture']}_{row['T']}"] = row["ms"]
        out[f"share_{row['capture']}_{row['T']}"] = row["share_of_matmul"]
    for row in measured["decode"]:
        if row["capture"] == "default":
            out["decode" if row["T"] == DECODE_AFTER else f"decode_{row['T']}"] = row["ms_per_token"]
            out[f"share_decode_{row['T']}"] = row["share_of_memory_read"]
    return out


PEERS = {"pytorch": pytorch, "transformer_lens": transformer_lens, "llama.cpp": llama_cpp}


def in_own_process(peer, folder, threads):
    answer = subprocess.run([sys.executable, __file__, "--peer", peer, folder, "--threads", str(threads)], stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, text=True, check=False,
                            env=os.environ | {"OMP_NUM_THREADS": str(threads), "HF_HUB_OFFLINE": "1"})
    if answer.returncode != 0:
        raise SystemExit(f"{peer} failed:\n{answer.stderr[-2000:]}")
    return json.loads(answer.stdout.splitlines()[-1])


def medians(rounds):
    keys = rounds[0].keys()
    return {k: statistics.median(r[k] for r in rounds) if isinstance(rounds[0][k], (int, float)) else rounds[0][k] for k in keys}


def table(found, machine):
    rows = [f"{machine}, {datetime.date.today().isoformat()}; milliseconds, medians", "",
            "| | prefill 64 | prefill 1024 | all hooks kept, 64 | all hooks kept, 1024 | a token after 64 |", "|---|---|---|---|---|---|"]
    for numbers in found.values():
        cells = [numbers.get(k, numbers.get(other)) for k, other in
                 (("prefill_64", "none_64"), ("prefill_1024", "none_1024"), ("captured_64", ""), ("captured_1024", ""), ("decode", ""))]
        rows.append(f"| {numbers['version']} | " + " | ".join("" if c is None else f"{c:.1f}" for c in cells) + " |")
    return "\n".join(rows)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("program", nargs="?")
    p.add_argument("model")
    p.add_argument("--peer", choices=PEERS, help=argparse.SUPPRESS)
    p.add_argument("--threads", type=int, default=os.cpu_count())
    p.add_argument("--rounds", type=int, default=3)
    p.add_argument("--only", default=",".join(PEERS))
    p.add_argument("--json")
    a = p.parse_args()
    if a.peer:
        print(json.dumps(PEERS[a.peer](a.model, a.threads)))
        return
    wanted = [name for name in a.only.split(",") if name]
    missing = [name for name in wanted if importlib.util.find_spec(NEEDS[name]) is None]
    for name in missing:
        print(f"{name} is not installed: left out", file=sys.stderr)
    rounds = {name: [] for name in ["glassformer"] + [n for n in wanted if n not in missing]}
    for i in range(a.rounds):
        for name, so_far in rounds.items():
            print(f"round {i + 1} of {a.rounds}: {name}", file=sys.stderr)
            so_far.append(glassformer(a.program, a.model, a.threads) if name == "glassformer" else in_own_process(name, a.model, a.threads))
    found = {name: medians(some) for name, some in rounds.items()}
    if a.json:
        pathlib.Path(a.json).write_text(json.dumps({"rounds": rounds, "medians": found}, indent=1) + "\n")
    print(table(found, found["glassformer"].get("machine", platform.processor())))


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Writes the seeds that the corpora began with: the smallest valid file of each kind. Usage: make_seeds.py FOLDER"""
import base64
import json
import pickle
import struct
import sys
from pathlib import Path

D, MLP, CTX, VOCAB = 2, 8, 3, 4


def tensors():
    """One block of GPT-2: name -> (shape, numbers). Shapes as torch.nn.Linear has them."""
    shapes = {"wte.weight": [VOCAB, D], "wpe.weight": [CTX, D]}
    h = "h.0."
    for norm in ("ln_1", "ln_2"):
        shapes |= {h + norm + ".weight": [D], h + norm + ".bias": [D]}
    for name, (n_out, n_in) in {"attn.c_attn": (3 * D, D), "attn.c_proj": (D, D), "mlp.c_fc": (MLP, D), "mlp.c_proj": (D, MLP)}.items():
        shapes |= {h + name + ".weight": [n_out, n_in], h + name + ".bias": [n_out]}
    shapes |= {"ln_f.weight": [D], "ln_f.bias": [D]}
    result = {}
    for name, shape in shapes.items():
        count = 1
        for extent in shape:
            count *= extent
        result[name] = (shape, [0.5 + 0.25 * i for i in range(count)])
    return result


def conv1d(all_tensors):
    """As Hugging Face lays the matrices of blocks: [n_in, n_out]."""
    return {n: (s[::-1] if n.startswith("h.") and len(s) == 2 else s, v) for n, (s, v) in all_tensors.items()}


def floats(numbers):
    return struct.pack(f"<{len(numbers)}f", *numbers)


def safetensors(all_tensors, dtype="F32", metadata=None):
    table, data = {}, b""
    for name, (shape, numbers) in all_tensors.items():
        raw = floats(numbers) if dtype == "F32" else bytes(2 * len(numbers))
        table[name] = {"dtype": dtype, "shape": shape, "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps({"__metadata__": metadata or {"format": "pt"}} | table, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + data


# ---- torch.save, without torch: the pickle's operations by hand -------------------------------------------------


def short(text):
    return b"U" + bytes([len(text)]) + text.encode()


def whole(number):
    return b"K" + bytes([number]) if number < 256 else b"J" + struct.pack("<i", number)


def a_tuple(numbers):
    return b"(" + b"".join(whole(n) for n in numbers) + b"t"


def a_tensor(key, shape, count):
    strides, step = [], 1
    for extent in reversed(shape):
        strides.insert(0, step)
        step *= extent
    storage = b"(" + short("storage") + b"ctorch\nFloatStorage\n" + short(key) + short("cpu") + whole(count) + b"tQ"
    return (b"ctorch._utils\n_rebuild_tensor_v2\n(" + storage + whole(0) + a_tuple(shape) + a_tuple(strides)
            + b"\x89ccollections\nOrderedDict\n)RtR")


def state_dict(all_tensors):
    items = b"".join(short(name) + a_tensor(str(i), shape, len(numbers)) for i, (name, (shape, numbers)) in enumerate(all_tensors.items()))
    return b"ccollections\nOrderedDict\n)R(" + items + b"u"


def nanogpt(all_tensors):
    args = {"n_layer": 1, "n_head": 1, "n_embd": D, "block_size": CTX, "vocab_size": VOCAB}
    pairs = b"".join(short(k) + whole(v) for k, v in args.items()) + short("bias") + b"\x88"
    return b"}(" + short("model") + state_dict(all_tensors) + short("model_args") + b"}(" + pairs + b"uu"


def jacobian(maps):
    """One map, of block 0."""
    (shape, numbers), = maps.values()
    return b"}(" + short("J") + b"}(" + whole(0) + a_tensor("0", shape, len(numbers)) + b"u" + short("d_model") + whole(D) + b"u"


def stored_zip(entries):
    body, central = b"", b""
    for name, data in entries.items():
        central += struct.pack("<IHHHHHHIIIHHHHHII", 0x02014B50, 0, 0, 0, 0, 0, 0, 0, len(data), len(data), len(name), 0, 0, 0, 0, 0, len(body))
        central += name.encode()
        body += struct.pack("<IHHHHHIIIHH", 0x04034B50, 0, 0, 0, 0, 0, 0, len(data), len(data), len(name), 0) + name.encode() + data
    return body + central + struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, len(entries), len(entries), len(central), len(body), 0)


def torch_zip(program, all_tensors):
    entries = {"m/data.pkl": b"\x80\x02" + program + b".", "m/byteorder": b"little"}
    entries |= {f"m/data/{i}": floats(numbers) for i, (_, numbers) in enumerate(all_tensors.values())}
    return stored_zip(entries)


def torch_legacy(program, all_tensors):
    magic = b"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.\x80\x02M\xe9\x03.\x80\x02}U\x0dlittle_endian\x88s."
    keys = b"\x80\x02](" + b"".join(short(str(i)) for i in range(len(all_tensors))) + b"e."
    data = b"".join(struct.pack("<q", len(numbers)) + floats(numbers) for _, numbers in all_tensors.values())
    return magic + b"\x80\x02" + program + b"." + keys + data


# ---- the others -------------------------------------------------------------------------------------------------


def gguf_text(text):
    return struct.pack("<Q", len(text.encode())) + text.encode()


def gguf(all_tensors, kind=0):
    names = {"wte.weight": "token_embd.weight", "wpe.weight": "position_embd.weight", "ln_f": "output_norm", "h.0.": "blk.0.", "ln_1": "attn_norm",
             "attn.c_attn": "attn_qkv", "attn.c_proj": "attn_output", "ln_2": "ffn_norm", "mlp.c_fc": "ffn_up", "mlp.c_proj": "ffn_down"}
    values = gguf_text("general.architecture") + struct.pack("<I", 8) + gguf_text("gpt2")
    numbers = {"gpt2.block_count": 1, "gpt2.attention.head_count": 1, "gpt2.embedding_length": D, "gpt2.feed_forward_length": MLP,
               "gpt2.context_length": CTX, "general.alignment": 32, "tokenizer.ggml.bos_token_id": 3, "tokenizer.ggml.eos_token_id": 3}
    for key, value in numbers.items():
        values += gguf_text(key) + struct.pack("<II", 4, value)
    values += gguf_text("gpt2.attention.layer_norm_epsilon") + struct.pack("<If", 6, 1e-5)
    values += gguf_text("tokenizer.ggml.model") + struct.pack("<I", 8) + gguf_text("gpt2")
    for key, texts in {"tokenizer.ggml.tokens": ["a", "b", "ab", "\u0120"], "tokenizer.ggml.merges": ["a b"]}.items():
        values += gguf_text(key) + struct.pack("<IIQ", 9, 8, len(texts)) + b"".join(gguf_text(t) for t in texts)
    table, data = b"", b""
    for name, (shape, content) in all_tensors.items():
        for ours, theirs in names.items():
            name = name.replace(ours, theirs)
        this = kind if len(shape) == 2 and shape[-1] % 32 == 0 else 0
        table += gguf_text(name) + struct.pack("<I", len(shape)) + b"".join(struct.pack("<Q", e) for e in shape[::-1])
        table += struct.pack("<IQ", this, len(data))
        data += b"\x00\x3c" * 17 * (len(content) // 32) if this == 8 else floats(content)
        data += bytes(-len(data) % 32)
    head = b"GGUF" + struct.pack("<IQQ", 3, len(all_tensors), len(numbers) + 5) + values + table
    return head + bytes(-len(head) % 32) + data


def llmc(all_tensors, version):
    order = ["wte.weight", "wpe.weight", "ln_1.weight", "ln_1.bias", "attn.c_attn.weight", "attn.c_attn.bias", "attn.c_proj.weight", "attn.c_proj.bias",
             "ln_2.weight", "ln_2.bias", "mlp.c_fc.weight", "mlp.c_fc.bias", "mlp.c_proj.weight", "mlp.c_proj.bias", "ln_f.weight", "ln_f.bias"]
    header = struct.pack("<8i", 20240326, version, CTX, VOCAB, 1, 1, D, VOCAB) + bytes(4 * 248)
    numbers = [v for name in order for v in all_tensors.get(name, all_tensors.get("h.0." + name))[1]]
    return header + (floats(numbers) if version == 3 else bytes(2 * len(numbers)))


def llmviz(all_tensors):
    result = {"config": {"n_layer": 1, "n_head": 1, "n_embd": D, "vocab_size": VOCAB, "block_size": CTX}}
    for name, (shape, numbers) in all_tensors.items():
        result["transformer." + name] = {"shape": shape, "dtype": "torch.float32", "data": base64.b64encode(floats(numbers)).decode()}
    return json.dumps(result, separators=(",", ":")).encode()


CONFIG = {"model_type": "gpt2", "n_layer": 1, "n_head": 1, "n_embd": D, "n_positions": CTX, "n_ctx": CTX, "vocab_size": VOCAB, "n_inner": None,
          "layer_norm_epsilon": 1e-5, "activation_function": "gelu_new", "tie_word_embeddings": True, "scale_attn_weights": True,
          "scale_attn_by_inverse_layer_idx": False, "add_cross_attention": False, "bos_token_id": 0, "eos_token_id": [0]}
RECIPES = [
    {"hook": "blocks.1.attn.hook_z", "op": "zero", "heads": [0, -1], "positions": "all"},
    {"hook": "blocks.0.attn.hook_pattern", "op": "scale", "factor": 0.5, "heads": [1], "queries": "1:", "keys": "0:2", "renormalize": True},
    {"hook": "blocks.0.attn.hook_attn_scores", "op": "set", "value": "-inf", "queries": "last", "keys": [0]},
    {"hook": "blocks.1.hook_resid_pre", "op": "add", "vector": [1, 2.5, -3, 0], "factor": -2, "positions": "generated"},
    {"hook": "blocks.1.hook_resid_post", "op": "add", "value": 1e-3, "dims": "::"[:1]},
    {"hook": "blocks.0.mlp.hook_post", "op": "mean", "neurons": [0, 5], "positions": "prompt", "over": {"prompts": ["1 2 3"]}},
    {"hook": "blocks.0.mlp.hook_post", "op": "mean", "over": {"ids": [[1, 2], [3]]}, "enabled": False},
    {"hook": "blocks.0.attn.hook_q", "op": "patch", "source": {"ids": [1, 2, 3], "positions": "last", "hook": "blocks.1.attn.hook_k"}},
    {"hook": "ln_final.hook_normalized", "op": "patch", "source": {"prompt": "1 2 3"}, "positions": "-2:"},
    {"hook": "hook_embed", "op": "add", "vector": {"file": "v.safetensors", "tensor": "v"}},
    {"hook": "blocks.1.hook_resid_post", "op": "clamp", "vector": {"tokens": "1", "against": "#2"}, "value": 3},
    {"hook": "blocks.*.attn.hook_z", "op": "add_norm", "vector": {"ids": [[[1, 2], [3]], [[4]]]}, "factor": 0.5, "heads": [1]},
    {"hook": "blocks.*.hook_out", "op": "project_out", "vector": {"prompts": [["1 2"], ["3", "4"]]}, "dims": "1:"},
    {"hook": "blocks.0.mlp.hook_out", "op": "swap", "from": [1, 2, 3, 4], "to": {"tokens": "#3"}, "positions": "last"},
    {"hook": "hook_embed", "op": "noise", "std": 3, "seed": 7, "positions": "1:"},
    {"hook": "blocks.1.attn.hook_attn_scores", "op": "noise", "std": 0.5, "keys": [0]},
    {"hook": "blocks.0.mlp.hook_post", "op": "round", "bits": 4, "outliers": 0.3},
]
SESSION = {"version": 1, "model": "fable", "prompt": "a b", "bos": False, "continuation": [1, 2], "recipe": {"version": 1, "edits": RECIPES[:1]},
           "recipe_folder": "/x", "mode": "observe", "sampler": {"greedy": False, "temperature": 0.7, "top_k": 4, "top_p": 0.9, "seed": 7, "ban": [3]},
           "target": "a", "rival": "#2", "selected_position": -1, "time": 1e18, "speed": 1.5, "unit": "block", "theme": "light", "compare": "base",
           "head_colour": "sink", "selection": {"tensor": "blocks.0.attn.hook_z", "weight": False, "index": [1, 0, -1]},
           "camera": {"target": [0, 1.5, 2], "distance": 9, "yaw": 0.1, "pitch": -0.2, "fov_y": 0.6}}
VOCAB_JSON = {"a": 0, "b": 1, "ab": 2, "\u0120": 3, "\u0120ab": 4, "<|end|>": 5, "\u00e9": 6, "\u00c3": 7, "\u00a9": 8}
GRAPH = {"nodes": [{"node_id": "E_0_3", "feature_type": "embedding", "layer": "E"}, {"node_id": "0_1_3", "feature_type": "attention head", "layer": "0"},
                   {"node_id": "1_2_3", "feature_type": "mlp", "layer": "1"}, {"node_id": "3_5_3", "feature_type": "logit", "layer": "3"}],
         "links": [{"source": "E_0_3", "target": "0_1_3", "weight": 1.5, "inputs": {"q": 0.5, "v": 1}}, {"source": "0_1_3", "target": "1_2_3", "weight": -2},
                   {"source": "1_2_3", "target": "3_5_3", "weight": 0.25}],
         "metadata": {"edges_measured": 7, "unit": "logit", "explained": "logit a"}}
MERGES = ["a b", "\u0120 ab"]


def corpus_index(features=0):
    """An index of four tokens in two passages: of a model with one neuron and one head, or of some features."""
    units = features or 2
    example = [0.0, 1.0, 2.0]
    all_tensors = {"ids": ([4], [0.0, 1.0, 2.0, 1.0]), "top": ([units, 16, 3], (example + [-1.0, 0.0, 0.0] * 15) * units),
                   "intervals": ([units, 12, 12], [-1.0, 0.0, 0.0] * 48 * units), "histogram": ([units, 25], [4.0] + [0.0] * 24 + [4.0] * 25 * (units - 1)),
                   "active": ([units], [1.0] * units)}
    if not features: all_tensors |= {"head_sums": ([5, 1, 3], [0.0, 0.0, 7.0] * 5), "queries": ([5, 3], [0.0, 0.0, 2.0] * 5)}
    about = {"kind": "glassformer corpus index", "version": "1", "model": "m", "text": "t", "model_print": "a", "text_print": "b", "n_layer": "1", "n_head": "1",
             "d_mlp": "1", "passage_tokens": "2", "tokens": "4", "shard": "1", "shards": "1", "done": "2"}
    if features: about |= {"dictionary": "d", "dictionary_print": "c", "features": str(features)}
    return safetensors(all_tensors, metadata=about)


def seeds():
    linear = tensors()
    hf = conv1d(linear)
    one = {"w": ([2], [1.0, 2.0])}
    one_map = {"J": ([D, D], [1.0, 0.0, 0.5, -1.0])}
    meta = pickle.dumps({"vocab_size": 3, "itos": {0: "a", 1: "b", 2: "\u00e9"}, "stoi": {"a": 0, "b": 1, "\u00e9": 2}}, 4)
    index = {"metadata": {}, "weight_map": {name: "a.safetensors" for name in hf}}
    compact = (",", ":")
    tokenizer = {"version": "1.0", "added_tokens": [{"id": 5, "content": "<|end|>"}], "pre_tokenizer": {"type": "ByteLevel"},
                 "model": {"type": "BPE", "vocab": {k: v for k, v in VOCAB_JSON.items() if v != 5}, "merges": MERGES}}
    pairs = dict(tokenizer, model=dict(tokenizer["model"], merges=[m.split(" ") for m in MERGES]))
    all_seeds = {
        "pickle": {"meta2": pickle.dumps({"itos": {0: "a", 1: "b"}, "x": (1.5, True, None, [1, 2])}, 2), "meta4": meta,
                   "state": b"\x80\x02" + state_dict(one) + b".", "nanogpt": b"\x80\x02" + nanogpt(one) + b"."},
        "zip": {"two": stored_zip({"m/data.pkl": b"N.", "m/data/0": b"1234"}), "none": stored_zip({})},
        "torch": {"nanogpt_zip": torch_zip(nanogpt(linear), linear), "mingpt_zip": torch_zip(state_dict(linear), linear),
                  "hf_legacy": torch_legacy(state_dict(hf), hf), "one_zip": torch_zip(state_dict(one), one), "one_legacy": torch_legacy(state_dict(one), one)},
        "safetensors": {"hf": safetensors(hf), "half": safetensors(one, "F16"), "one": safetensors(one)},
        "circuit_graph": {"edges": json.dumps(GRAPH).encode()},
        "lens": {"jacobian": torch_zip(jacobian(one_map), one_map)},
        "corpus_index": {"units": corpus_index(), "features": corpus_index(3)},
        "huggingface": {"all": b"\0".join([json.dumps(CONFIG).encode(), json.dumps(index, separators=compact).encode(), safetensors(hf, "BF16")]),
                        "untied": b"\0".join([json.dumps(dict(CONFIG, tie_word_embeddings=False)).encode(), json.dumps(index, separators=compact).encode(),
                                              safetensors(hf | {"lm_head.weight": ([VOCAB, D], [0.0] * (VOCAB * D))})])},
        "config": {"hf": json.dumps(CONFIG).encode(), "mingpt": json.dumps({"model": {"n_layer": 1, "n_head": 1, "n_embd": 2, "block_size": 3, "vocab_size": 4}}).encode()},
        "gguf": {"f32": gguf(linear), "q8": gguf({"wte.weight": ([1, 32], [0.0] * 32)}, 8)},
        "llmc": {"f32": llmc(linear, 3), "bf16": llmc(linear, 5)},
        "llmviz": {"all": llmviz(linear), "one": llmviz(one)},
        "recipe": {str(i): json.dumps({"version": 1, "edits": [edit]}).encode() for i, edit in enumerate(RECIPES)},
        "session": {"all": json.dumps(SESSION).encode(), "weight": json.dumps({"version": 1, "selection": {"tensor": "wte.weight", "weight": True, "index": [0, 1, -1]}}).encode()},
        "vocabulary": {"bpe": b"\0".join([json.dumps(VOCAB_JSON, ensure_ascii=False).encode(), ("#version: 0.2\n" + "\n".join(MERGES) + "\n").encode(), b"abba a<|end|> ab"])},
        "tokenizer_json": {"lines": json.dumps(tokenizer, ensure_ascii=False).encode(), "pairs": json.dumps(pairs).encode()},
        "characters": {"meta": meta, "old": pickle.dumps({"itos": {0: "a", 1: "b"}}, 2)},
        "text": {"words": "It's 42 o'clock,  we'll see \u00e9\u4e2d\n\t<|endoftext|> x".encode(), "broken": b"a\xff\xc3 \xed\xa0\x80 'd 've"},
    }
    all_seeds["formats"] = {k: all_seeds[k2][s] for k, (k2, s) in {"torch": ("torch", "one_zip"), "legacy": ("torch", "one_legacy"), "gguf": ("gguf", "f32"), "llmc": ("llmc", "bf16"),
                                                                  "llmviz": ("llmviz", "one"), "safetensors": ("safetensors", "one")}.items()}
    return all_seeds


def main():
    for target, files in seeds().items():
        folder = Path(sys.argv[1]) / target
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            (folder / name).write_bytes(content)


if __name__ == "__main__":
    main()

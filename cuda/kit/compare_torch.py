#!/usr/bin/env python3
"""PyTorch beside `glassformer bench --backend cuda`: GPT-2's shapes with random weights, in eager mode.

compare_torch.py OUT.json [--device cuda] [--shapes gpt2,gpt2-medium,gpt2-xl] [--seconds 50]

Writes OUT.json again after each measurement, so that what was measured is there when a time limit ends it. float32 is
without TF32, as the backend computes; attention is scaled_dot_product_attention, whose scores reach no memory. With
TransformerLens installed its run_with_cache() of GPT-2 small is measured too: every activation kept.
"""
import argparse
import json
import os
import statistics
import tempfile
import time

import torch
import torch.nn.functional as F

SHAPES = {
    "gpt2": (12, 12, 768, 1024, 50257),
    "gpt2-medium": (24, 16, 1024, 1024, 50257),
    "gpt2-xl": (48, 25, 1600, 1024, 50257),
    "tiny": (2, 2, 16, 16, 100),
}
DTYPES = {"f32": torch.float32, "f16": torch.float16}


class Gpt2:
    def __init__(self, shape, dtype, device):
        self.layers, self.heads, self.d, self.n_ctx, self.vocab = SHAPES[shape]
        make = lambda *size: torch.randn(*size, device=device, dtype=dtype) * 0.02
        d = self.d
        self.wte, self.wpe = make(self.vocab, d), make(self.n_ctx, d)
        gain = torch.ones(d, device=device, dtype=dtype)
        self.final = (gain, make(d))
        self.blocks = [
            dict(ln1=(gain, make(d)), ln2=(gain, make(d)), qkv=make(d, 3 * d), b_qkv=make(3 * d), o=make(d, d), b_o=make(d),
                 up=make(d, 4 * d), b_up=make(4 * d), down=make(4 * d, d), b_down=make(d))
            for _ in range(self.layers)
        ]

    def __call__(self, ids, cache=None):
        """Logits of the last position. `cache`: keys and values of the tokens before, which grow."""
        before = 0 if not cache else cache[0][0].shape[1]
        T, d = ids.shape[0], self.d
        x = self.wte[ids] + self.wpe[before:before + T]
        for i, b in enumerate(self.blocks):
            h = F.layer_norm(x, (d,), *b["ln1"])
            q, k, v = (torch.addmm(b["b_qkv"], h, b["qkv"]).view(T, 3, self.heads, d // self.heads).permute(1, 2, 0, 3))
            if cache is not None:
                if before:
                    k, v = torch.cat((cache[i][0], k), 1), torch.cat((cache[i][1], v), 1)
                    cache[i] = (k, v)
                else:
                    cache.append((k, v))
            z = F.scaled_dot_product_attention(q[None], k[None], v[None], is_causal=before == 0)[0]
            x = x + torch.addmm(b["b_o"], z.transpose(0, 1).reshape(T, d), b["o"])
            h = F.layer_norm(x, (d,), *b["ln2"])
            x = x + torch.addmm(b["b_down"], F.gelu(torch.addmm(b["b_up"], h, b["up"]), approximate="tanh"), b["down"])
        return F.layer_norm(x[-1:], (d,), *self.final) @ self.wte.T


def median_ms(act, device, runs=9, seconds=1.0):
    """The first call does not count."""
    times, begin = [], time.perf_counter()
    for run in range(runs + 1):
        if run > 1 and time.perf_counter() - begin > seconds:
            break
        start = time.perf_counter()
        act()
        if device == "cuda":
            torch.cuda.synchronize()
        if run > 0:
            times.append(1e3 * (time.perf_counter() - start))
    return statistics.median(times)


def measure(shape, dtype, device):
    model = Gpt2(shape, DTYPES[dtype], device)
    ids = torch.arange(model.n_ctx, device=device) * 7 % model.vocab
    found = {"T": model.n_ctx, "prefill_ms": median_ms(lambda: model(ids), device)}
    runs = min(23, model.n_ctx // 4)
    before = min(1000, model.n_ctx - runs - 1)
    cache = []
    model(ids[:before], cache)
    found["decode_T"] = before
    found["decode_ms"] = median_ms(lambda: model(ids[:1], cache), device, runs)
    return found


def measure_lens(shape, device):
    layers, heads, d, n_ctx, vocab = SHAPES[shape]
    import importlib.metadata
    import transformer_lens
    ids = (torch.arange(n_ctx, device=device) * 7 % vocab)[None]
    if int(importlib.metadata.version("transformer-lens").split(".")[0]) < 4:
        config = transformer_lens.HookedTransformerConfig(
            n_layers=layers, n_heads=heads, d_model=d, d_head=d // heads, d_mlp=4 * d, n_ctx=n_ctx, d_vocab=vocab,
            act_fn="gelu_new", normalization_type="LN", device=device)
        model = transformer_lens.HookedTransformer(config)
    else:
        from transformer_lens.model_bridge import TransformerBridge
        from transformers import GPT2Config, GPT2LMHeadModel
        with tempfile.TemporaryDirectory() as folder:
            config = GPT2Config(n_layer=layers, n_head=heads, n_embd=d, n_positions=n_ctx, vocab_size=vocab, bos_token_id=0,
                                eos_token_id=0)
            GPT2LMHeadModel(config).save_pretrained(folder)
            model = TransformerBridge.boot_transformers(folder, device=device, dtype=torch.float32)
    with torch.no_grad():
        return {"T": n_ctx, "run_with_cache_ms": median_ms(lambda: model.run_with_cache(ids), device, runs=5)}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("out")
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--shapes", default="gpt2,gpt2-medium,gpt2-xl")
    parser.add_argument("--seconds", type=float, default=50)
    o = parser.parse_args()
    begin = time.perf_counter()
    torch.backends.cuda.matmul.allow_tf32 = False
    torch.manual_seed(1)
    found = {"torch": torch.__version__, "device": torch.cuda.get_device_name() if o.device == "cuda" else "cpu", "notes": []}

    def keep():
        with open(o.out + ".new", "w") as file:
            json.dump(found, file)
        os.replace(o.out + ".new", o.out)

    def attempt(name, act):
        if time.perf_counter() - begin > o.seconds:
            found["notes"].append(f"{name}: no time was left")
        else:
            try:
                found[name] = act()
            except Exception as error:  # the other measurements go on
                found["notes"].append(f"{name}: {type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}")
        keep()

    with torch.no_grad():
        shapes = o.shapes.split(",")
        for shape in shapes:
            for dtype in DTYPES:
                attempt(f"{shape}-{dtype}", lambda: measure(shape, dtype, o.device))
                if o.device == "cuda":
                    torch.cuda.empty_cache()
    attempt("transformer_lens", lambda: measure_lens(shapes[0], o.device))


if __name__ == "__main__":
    main()

"""Reference values for the operations of recipes that work along directions, with noise and with rounding.

A GPT-2 in float64 numpy, held to the traces beside the checkpoints first, then run with each recipe of RECIPES.
Needs numpy and safetensors. Run from anywhere: python3 tests/golden/edits/make_edits.py; writes edits.json beside itself.
"""
import json
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]


class Gpt2:
    def __init__(self, folder):
        c = json.loads((folder / "config.json").read_text())
        self.layers, self.heads, self.width, self.eps = c["n_layer"], c["n_head"], c["n_embd"], c["layer_norm_epsilon"]
        self.w = {k.removeprefix("transformer."): v.astype(np.float64) for k, v in load_file(folder / "model.safetensors").items()}
        vocab = folder / "vocab.json"
        self.vocab = json.loads(vocab.read_text()) if vocab.exists() else {}

    def unembed(self, token):
        """A column of W_U. token: "#id", or a text of one token."""
        i = int(token[1:]) if token[0] == "#" else self.vocab[token.replace(" ", "\u0120")]
        return self.w["wte.weight"][i]

    def run(self, ids, edit=lambda name, x: x):
        """All activations by name; edit(name, x) gives what goes on from there."""
        w, cache = self.w, {}
        T, H, D = len(ids), self.heads, self.width // self.heads

        def hook(name, x):
            cache[name] = edit(name, x)
            return cache[name]

        def norm(name, key, x):
            x = x - x.mean(-1, keepdims=True)
            n = hook(name + ".hook_normalized", x / hook(name + ".hook_scale", np.sqrt((x * x).mean(-1, keepdims=True) + self.eps)))
            return n * w[key + ".weight"] + w[key + ".bias"]

        def linear(key, x):
            return x @ w[key + ".weight"] + w[key + ".bias"]

        x = hook("hook_embed", w["wte.weight"][ids]) + hook("hook_pos_embed", w["wpe.weight"][:T])
        hidden = np.triu(np.ones((T, T), bool), 1)
        for b in range(self.layers):
            at, key = f"blocks.{b}.", f"h.{b}."
            x = hook(at + "hook_resid_pre", x)
            q, k, v = (hook(at + "attn.hook_" + n, part.reshape(T, H, D))
                       for n, part in zip("qkv", np.split(linear(key + "attn.c_attn", norm(at + "ln1", key + "ln_1", x)), 3, -1)))
            scores = np.einsum("qhd,khd->hqk", q, k) / np.sqrt(D)
            scores[:, hidden] = -np.inf
            scores = hook(at + "attn.hook_attn_scores", scores)
            e = np.exp(scores - scores.max(-1, keepdims=True))
            pattern = hook(at + "attn.hook_pattern", e / e.sum(-1, keepdims=True))
            z = hook(at + "attn.hook_z", np.einsum("hqk,khd->qhd", pattern, v))
            result = np.einsum("thd,hdm->thm", z, w[key + "attn.c_proj.weight"].reshape(H, D, -1))
            result = hook(at + "attn.hook_result", result)
            x = hook(at + "hook_resid_mid", x + hook(at + "hook_attn_out", result.sum(1) + w[key + "attn.c_proj.bias"]))
            pre = hook(at + "mlp.hook_pre", linear(key + "mlp.c_fc", norm(at + "ln2", key + "ln_2", x)))
            post = 0.5 * pre * (1 + np.tanh(np.sqrt(2 / np.pi) * (pre + 0.044715 * pre**3)))
            post = hook(at + "mlp.hook_post", post)
            x = hook(at + "hook_resid_post", x + hook(at + "hook_mlp_out", linear(key + "mlp.c_proj", post)))
        cache["logits"] = edit("logits", norm("ln_final", "ln_f", x) @ w.get("lm_head.weight", w["wte.weight"]).T)
        return cache


# ---- selectors -----------------------------------------------------------------------------------------------------
def resolve(spec, n):
    if spec is None or spec == "all": return list(range(n))
    if spec == "last": return [n - 1]
    if isinstance(spec, str): return list(range(n))[slice(*(int(part) if part else None for part in spec.split(":")))]
    return sorted({i % n for i in spec})


def rows_of(edit, n, n_prompt):
    """Positions that the edit writes: the prompt is one step, each later row a step of its own."""
    picked = [p for p in resolve(edit.get("positions"), n_prompt) if p < n_prompt]
    return picked + [p for p in range(n_prompt, n) if p in resolve(edit.get("positions"), p + 1)]


# ---- noise ---------------------------------------------------------------------------------------------------------
def philox(counter, key):
    """Philox 4x32-10: Salmon et al. 2011."""
    c, k, mask = [int(n) for n in counter], list(key), 0xFFFFFFFF
    for _ in range(10):
        a, b = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
        c = [(b >> 32) ^ c[1] ^ k[0], b & mask, (a >> 32) ^ c[3] ^ k[1], a & mask]
        k = [(k[0] + 0x9E3779B9) & mask, (k[1] + 0xBB67AE85) & mask]
    return c


assert philox([0] * 4, [0] * 2) == [0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8]  # Random123's known answers


def normal(seed, *counter):
    u = [(word + 0.5) / 2**32 for word in philox(list(counter) + [0] * (4 - len(counter)), [seed & 0xFFFFFFFF, seed >> 32])]
    return np.sqrt(-2 * np.log(u[0])) * np.cos(2 * np.pi * u[1])


# ---- operations, as recipe.md has them -----------------------------------------------------------------------------
def unit(v): return v / np.linalg.norm(v, axis=-1, keepdims=True)


def vector_of(model, spec, hook, dims, folder):
    """The vector as [1 or heads, selected dims]."""
    if isinstance(spec, list): return np.array([spec], np.float64)
    if "file" in spec: return load_file(folder / spec["file"])[spec["tensor"]].astype(np.float64)[None]
    if "tokens" in spec:
        v = model.unembed(spec["tokens"]) - (model.unembed(spec["against"]) if "against" in spec else 0)
        return v[None, dims]
    over = [np.mean([model.run(ids)[hook][-1] for ids in runs], 0) for runs in spec["ids"]]
    return (over[0] - over[1]).reshape(-1, np.shape(over[0])[-1])[:, dims]


def edited(model, edit, hook, x, base, n_prompt, folder):
    """x [T, axis] or [T, heads, axis] after the edit; the number of elements that it wrote."""
    if hook.endswith(("hook_pattern", "hook_attn_scores")):
        assert edit["op"] == "noise" and "positions" not in edit
        sigma = base["hook_embed"][:n_prompt].std(ddof=1) * edit["std"]
        heads, T = resolve(edit.get("heads"), x.shape[0]), x.shape[1]
        y, fired = x.copy(), 0
        for h in heads:
            for q in range(T):
                for k in range(q + 1):
                    y[h, q, k] += sigma * normal(edit.get("seed", 0), k, q, h)
                    fired += 1
        return y, fired
    y = x.copy()
    wide = y[:, None] if y.ndim == 2 else y  # a view [T, heads, axis]
    before = base[hook].reshape(wide.shape)
    heads = resolve(edit.get("heads"), wide.shape[1]) if x.ndim == 3 else [0]
    dims = resolve(edit.get("dims", edit.get("neurons")), wide.shape[2])
    at = np.ix_(rows_of(edit, len(x), n_prompt), heads, dims)
    part, op = wide[at], edit["op"]

    def direction(key):
        v = vector_of(model, edit[key], hook, dims, folder)
        return unit(v if len(v) == 1 else v[heads])

    if op == "add":
        v = vector_of(model, edit["vector"], hook, dims, folder)
        part = part + edit.get("factor", 1.0) * (v if len(v) == 1 else v[heads])
    elif op == "add_norm":
        part = part + edit["factor"] * np.linalg.norm(part, axis=-1, keepdims=True) * direction("vector")
    elif op == "project_out":
        v = direction("vector")
        part = part - (part * v).sum(-1, keepdims=True) * v
    elif op == "clamp":
        v = direction("vector")
        part = part + (edit["value"] - (part * v).sum(-1, keepdims=True)) * v
    elif op == "swap":
        f, t = direction("from"), direction("to")
        c = (before[at] * f).sum(-1, keepdims=True)
        part = part - c * f + c * t
    elif op == "noise":
        sigma = base["hook_embed"][:n_prompt].std(ddof=1) * edit["std"]
        width = wide.shape[2]
        part = part + sigma * np.array([[[normal(edit.get("seed", 0), h * width + d, p) for d in dims] for h in heads] for p in at[0].ravel()])
    elif op == "round":
        levels, limit = 2 ** (edit.get("bits", 8) - 1) - 1, edit.get("outliers", np.inf)
        kept = np.abs(part) > limit
        step = np.abs(np.where(kept, 0, part)).max(-1, keepdims=True) / levels
        ratio = part / np.where(step == 0, 1, step)
        # A number halfway between two steps would fall to either side in float32. Embeddings are exact.
        margin = 5e-6 if hook in ("hook_embed", "hook_pos_embed") else 2e-4
        assert np.abs(np.abs(ratio - np.floor(ratio)) - 0.5)[~kept].min() > margin, f"{edit}: choose other bits"
        assert np.abs(np.abs(part) - limit).min() > margin / 10, f"{edit}: choose other outliers"
        part = np.where(kept | (step == 0), part, np.rint(ratio) * step)
    elif op == "scale":
        part = part * edit["factor"]
    elif op == "zero":
        part = part * 0
    else:
        raise ValueError(op)
    wide[at] = part
    return y, part.size


def run_recipe(model, ids, recipe, folder, n_prompt=None):
    n_prompt = n_prompt or len(ids)
    base = model.run(ids)
    receipts = [{"fired": 0, "norm": 0.0} for _ in recipe["edits"]]

    def act(name, x):
        for edit, receipt in zip(recipe["edits"], receipts):
            pattern = edit["hook"].split("*")
            if name != edit["hook"] and not (len(pattern) == 2 and name.startswith(pattern[0]) and name.endswith(pattern[1])): continue
            y, fired = edited(model, edit, name, x, base, n_prompt, folder)
            receipt["fired"] += fired
            with np.errstate(invalid="ignore"):
                change = y - x
            receipt["norm"] += float((change[np.isfinite(change)] ** 2).sum())
            x = y
        return x

    logits = model.run(ids, act)["logits"]
    for receipt in receipts: receipt["norm"] = float(np.sqrt(receipt["norm"]))
    log_p, log_q = (row - row.max() - np.log(np.exp(row - row.max()).sum()) for row in (base["logits"][-1], logits[-1]))
    return logits, receipts, float((np.exp(log_p) * (log_p - log_q)).sum())


def case_of(model, ids, edits, folder):
    recipe = {"version": 1, "edits": edits}
    logits, receipts, kl = run_recipe(model, ids, recipe, folder)
    top = np.sort(logits, -1)
    assert (top[:, -1] - top[:, -2]).min() > 1e-4, "two tokens are equally likely"
    return {"recipe": recipe, "receipts": receipts, "kl": kl, "last_logits": [float(f"{x:.7g}") for x in logits[-1][:64]],
            "argmax": logits.argmax(-1).tolist()}


def generated(model, ids, n, edits, folder):
    """Greedy, each row edited in its own step."""
    recipe, out = {"version": 1, "edits": edits}, list(ids)
    for _ in range(n): out.append(int(run_recipe(model, out, recipe, folder, len(ids))[0][-1].argmax()))
    _, receipts, kl = run_recipe(model, out, recipe, folder, len(ids))
    return {"recipe": recipe, "ids": out, "receipts": receipts, "kl": kl}


def rounded(n, seed): return np.random.default_rng(seed).normal(size=n).round(3).tolist()


def main():
    out = {}
    # The tolerance is that of hooks.md, since the trace is float32.
    for name, folder, trace in [("models/hf-openai-keys", ROOT / "tests/golden/models/hf-openai-keys", "models/hf-openai-keys"),
                                ("fable", ROOT / "assets/models/fable", "trained/indirect-object")]:
        model = Gpt2(folder)
        ids = json.loads((ROOT / "tests/golden" / trace / "case.json").read_text())["ids"]
        mine = model.run(ids)
        for hook, want in load_file(ROOT / "tests/golden" / trace / "trace.safetensors").items():
            got = mine[hook]
            finite = np.isfinite(want)
            assert (np.isfinite(got) == finite).all(), hook
            assert (np.abs(got[finite] - want[finite]) <= 2e-4 + 1e-4 * np.abs(want[finite])).all(), hook
        d, D = model.width, model.width // model.heads
        v, f, t, of_head = rounded(d, 1), rounded(d, 2), rounded(d, 3), rounded(D, 4)
        runs = [[ids[:5], ids[2:9], ids[:3]], [ids[4:8], ids[5:12]]]
        first, second = ("#883", "#891") if name != "fable" else (" Mary", " John")
        tokens = {"tokens": first, "against": second}
        mid, last = 1, model.layers - 1
        edits = [
            [{"hook": f"blocks.{mid}.hook_resid_pre", "op": "add_norm", "vector": v, "factor": 0.8}],
            [{"hook": f"blocks.{mid}.attn.hook_z", "op": "add_norm", "vector": of_head, "factor": -1.5, "heads": [0, 2], "positions": "2:"}],
            [{"hook": f"blocks.{mid}.hook_resid_post", "op": "project_out", "vector": v}],
            [{"hook": f"blocks.{last}.hook_resid_post", "op": "project_out", "vector": tokens, "positions": "last"}],
            [{"hook": "blocks.*.hook_resid_post", "op": "project_out", "vector": tokens}],
            [{"hook": f"blocks.{mid}.hook_mlp_out", "op": "project_out", "vector": [1, -2, 0.5], "dims": [1, 3, 5]}],
            [{"hook": f"blocks.{mid}.hook_resid_mid", "op": "swap", "from": f, "to": t}],
            [{"hook": "blocks.*.hook_resid_pre", "op": "swap", "from": {"tokens": first}, "to": {"tokens": second}}],
            [{"hook": f"blocks.{mid}.attn.hook_z", "op": "zero", "heads": [1]},
             {"hook": f"blocks.{last}.hook_resid_pre", "op": "swap", "from": {"ids": runs}, "to": t, "positions": "3:"}],
            [{"hook": f"blocks.{mid}.hook_resid_post", "op": "add", "vector": {"ids": runs}, "factor": 2.0}],
            [{"hook": "blocks.*.attn.hook_v", "op": "add", "vector": {"ids": runs}, "factor": 0.5, "heads": [0], "dims": "1:"}],
            [{"hook": f"blocks.{mid}.attn.hook_result", "op": "clamp", "vector": tokens, "value": 3.0, "heads": [1]}],
            [{"hook": f"blocks.{mid}.hook_resid_mid", "op": "clamp", "vector": {"ids": runs}, "value": -2.0}],
            [{"hook": "hook_embed", "op": "noise", "std": 3.0, "seed": 7, "positions": "1:4"}],
            [{"hook": f"blocks.{mid}.attn.hook_q", "op": "noise", "std": 1.0, "seed": 81985529216486895, "heads": [1, 2]}],
            [{"hook": f"blocks.{mid}.attn.hook_attn_scores", "op": "noise", "std": 2.0, "heads": [1]}],
            [{"hook": "blocks.*.attn.hook_z", "op": "scale", "factor": 0.5, "heads": [0]},
             {"hook": "blocks.*.mlp.hook_pre", "op": "noise", "std": 0.5, "seed": 3}],
        ]
        embed, pos, z, post = "hook_embed", "hook_pos_embed", f"blocks.{mid}.attn.hook_z", f"blocks.{mid}.mlp.hook_post"
        if name == "fable":  # in float16, so many of its numbers lie exactly halfway
            rounds = [(embed, {"outliers": 0.1}), (pos, {"bits": 5}), (z, {"positions": [1, 2, 11]}), (post, {"bits": 3})]
        else:
            rounds = [(embed, {}), (pos, {"bits": 4, "outliers": 0.4}), (z, {"bits": 4}), (post, {"bits": 4, "outliers": 0.4})]
        edits += [[{"hook": hook, "op": "round", **keys}] for hook, keys in rounds]
        if name != "fable":
            edits.append([{"hook": f"blocks.{mid}.hook_resid_mid", "op": "project_out",
                           "vector": {"file": "../models/hf-openai-keys/vectors.safetensors", "tensor": "v"}}])
        during = [
            [{"hook": "blocks.*.hook_resid_pre", "op": "swap", "from": f, "to": t}],
            [{"hook": f"blocks.{mid}.hook_resid_post", "op": "noise", "std": 1.0, "seed": 5},
             {"hook": f"blocks.{last}.hook_resid_post", "op": "swap", "from": {"tokens": first}, "to": {"tokens": second}, "positions": "last"}],
        ]
        out[name] = {"ids": ids, "recipes": [case_of(model, ids, e, HERE) for e in edits],
                     "generated_edited": [generated(model, ids, 5, e, HERE) for e in during]}
        for r in out[name]["recipes"]: print(name, f"{r['kl']:.5f}", r["receipts"], json.dumps(r["recipe"]["edits"])[:90])
    (HERE / "edits.json").write_text(json.dumps(out, separators=(",", ":")).replace('{"recipe"', '\n{"recipe"') + "\n")


if __name__ == "__main__":
    main()

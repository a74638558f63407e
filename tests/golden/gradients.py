"""Reference values for everything by gradients and by paths: plain PyTorch autograd, float64 on the checkpoint's own weights.

python gradients.py MODEL_DIR CASE_JSON OUT_JSON [GRAD_SAFETENSORS HOOK_GLOB]     (Hugging Face directories)
m = logit A - logit B at the last position.
"""
import fnmatch, json, math, sys
from pathlib import Path

import torch
from transformers import GPT2LMHeadModel

ACT = {"gelu_new": lambda x: 0.5 * x * (1 + torch.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x ** 3))),
       "gelu": lambda x: 0.5 * x * (1 + torch.erf(x / math.sqrt(2))), "relu": torch.relu}


class Model:
    def __init__(self, hf):
        c = hf.config; self.L, self.H, self.d, self.eps, self.act = c.n_layer, c.n_head, c.n_embd, c.layer_norm_epsilon, ACT[c.activation_function]
        self.dh = self.d // self.H; s = {k: v.double() for k, v in hf.state_dict().items()}; t = "transformer."
        self.wte, self.wpe, self.U = s[t + "wte.weight"], s[t + "wpe.weight"], s["lm_head.weight"].T
        self.lnf = (s[t + "ln_f.weight"], s[t + "ln_f.bias"]); self.b = []
        for l in range(self.L):
            p = f"{t}h.{l}."; w, b = s[p + "attn.c_attn.weight"], s[p + "attn.c_attn.bias"]
            self.b.append(dict(ln1=(s[p + "ln_1.weight"], s[p + "ln_1.bias"]), ln2=(s[p + "ln_2.weight"], s[p + "ln_2.bias"]),
                W={x: w[:, i * self.d:(i + 1) * self.d].reshape(self.d, self.H, self.dh) for i, x in enumerate("qkv")},
                bias={x: b[i * self.d:(i + 1) * self.d].reshape(self.H, self.dh) for i, x in enumerate("qkv")},
                WO=s[p + "attn.c_proj.weight"].reshape(self.H, self.dh, self.d), bO=s[p + "attn.c_proj.bias"],
                Win=s[p + "mlp.c_fc.weight"], bin=s[p + "mlp.c_fc.bias"], Wout=s[p + "mlp.c_proj.weight"], bout=s[p + "mlp.c_proj.bias"]))

    def run(self, ids, embed=None, split=False, keep=True, fix=None, inputs=None):
        """logits and every hook. `split`: each head reads copies of the stream of its own (the *_input hooks). `fix(name, x)` may replace a
        value. `inputs(v, default)` replaces what receiver v reads (edges)."""
        c = {}
        def hook(name, x):
            if fix is not None:
                y = fix(name, x)
                if y is not None: x = y
            if keep and x.requires_grad: x.retain_grad()
            c[name] = x; return x
        def ln(x, name, w):
            m = x - x.mean(-1, keepdim=True); scale = hook(name + ".hook_scale", (m.square().mean(-1, keepdim=True) + self.eps).sqrt())
            return hook(name + ".hook_normalized", m / scale) * w[0] + w[1]
        def ln_plain(x, w): m = x - x.mean(-1, keepdim=True); return m / (m.square().mean(-1, keepdim=True) + self.eps).sqrt() * w[0] + w[1]
        T = len(ids); e = self.wte[ids].clone() if embed is None else embed
        if not e.requires_grad and keep: e.requires_grad_(True)
        e = hook("hook_embed", e); x = e + hook("hook_pos_embed", self.wpe[:T].clone()); mask = torch.tril(torch.ones(T, T, dtype=torch.bool))
        for l, B in enumerate(self.b):
            p = f"blocks.{l}."; x = hook(p + "hook_resid_pre", x); q, k, v = None, None, None
            if split:
                each = {}
                for n in "qkv":
                    r = x[:, None].expand(T, self.H, self.d).clone()
                    if inputs: r = torch.stack([inputs(f"{l}.{h}.{n}", r[:, h]) for h in range(self.H)], 1)
                    r = hook(p + f"hook_{n}_input", r); each[n] = torch.einsum("thd,dhe->the", ln_plain(r, B["ln1"]), B["W"][n]) + B["bias"][n]
                q, k, v = (hook(p + f"attn.hook_{n}", each[n]) for n in "qkv")
            else:
                y = ln(x, p + "ln1", B["ln1"]); q, k, v = (hook(p + f"attn.hook_{n}", torch.einsum("td,dhe->the", y, B["W"][n]) + B["bias"][n]) for n in "qkv")
            s = torch.einsum("qhe,khe->hqk", q, k) / math.sqrt(self.dh); s = hook(p + "attn.hook_attn_scores", s.masked_fill(~mask, -math.inf))
            a = hook(p + "attn.hook_pattern", s.softmax(-1)); z = hook(p + "attn.hook_z", torch.einsum("hqk,khe->qhe", a, v))
            result = hook(p + "attn.hook_result", torch.einsum("qhe,hed->qhd", z, B["WO"])); o = hook(p + "hook_attn_out", result.sum(1) + B["bO"])
            x = hook(p + "hook_resid_mid", x + o); r = x
            if split:
                if inputs: r = inputs(f"mlp.{l}", x)
                r = hook(p + "hook_mlp_in", r.clone()); y = ln_plain(r, B["ln2"])
            else: y = ln(r, p + "ln2", B["ln2"])
            h = hook(p + "mlp.hook_post", self.act(hook(p + "mlp.hook_pre", y @ B["Win"] + B["bin"]))); m = hook(p + "hook_mlp_out", h @ B["Wout"] + B["bout"])
            x = hook(p + "hook_resid_post", x + m)
        if inputs: x = inputs("logits", x)
        x = hook("resid_final", x * 1); logits = hook("logits", ln(x, "ln_final", self.lnf) @ self.U)
        return logits, c


def reference(model, ids, a, b, clean, corrupt, steps=5, ig_steps=32, top=20, keep=10):
    m_of = lambda lo: lo[-1, a] - (lo[-1, b] if b is not None else 0)
    L, H, out = model.L, model.H, {}
    def grads(ids, embed=None, split=False):
        lo, c = model.run(ids, embed, split); m = m_of(lo); m.backward(); return m.item(), c
    m, c = grads(ids); g = {k: v.grad for k, v in c.items() if v.grad is not None}; e = c["hook_embed"]
    out["m"] = m; out["saliency"] = {"grad_norm": g["hook_embed"].norm(dim=-1).tolist(), "grad_x_input": (g["hook_embed"] * e).sum(-1).tolist()}
    for name, base in (("zero", torch.zeros_like(e)), ("mean", model.wte.mean(0).expand_as(e).clone())):
        e0, base = e.detach(), base.detach(); total = torch.zeros_like(e0)
        for i in range(ig_steps): _, ci = grads(ids, (base + (i + .5) / ig_steps * (e0 - base)).clone().requires_grad_(True)); total += ci["hook_embed"].grad
        ig = ((e0 - base) * total / ig_steps).sum(-1); m0 = m_of(model.run(ids, base.clone(), keep=False)[0]).item()
        out["saliency"][f"integrated_{name}"] = ig.tolist(); out["saliency"][f"completeness_{name}"] = ig.sum().item() - (m - m0)
    hz = torch.stack([-(c[f"blocks.{l}.attn.hook_z"] * g[f"blocks.{l}.attn.hook_z"]).sum(-1) for l in range(L)]); mo = torch.stack([-(c[f"blocks.{l}.hook_mlp_out"] * g[f"blocks.{l}.hook_mlp_out"]).sum(-1) for l in range(L)])
    out["act_grad"] = {"heads": hz.sum(1).tolist(), "heads_by_position": hz.transpose(1, 2).tolist(), "mlp": mo.sum(1).tolist(), "mlp_by_position": mo.tolist()}
    mc, cc = grads(clean); mk, ck = grads(corrupt); gap = mc - mk; A = {"clean": mc, "corrupt": mk}
    def attribution(G):
        d = lambda n: (cc[n] - ck[n]).detach(); r = {}
        for site, n in (("resid_pre", "hook_resid_pre"), ("attn_out", "hook_attn_out"), ("mlp_out", "hook_mlp_out")):
            r[site] = torch.stack([(d(f"blocks.{l}.{n}") * G[f"blocks.{l}.{n}"]).sum(-1) for l in range(L)]).div(gap).tolist()
        r["head_z"] = torch.stack([(d(f"blocks.{l}.attn.hook_z") * G[f"blocks.{l}.attn.hook_z"]).sum(-1).T for l in range(L)]).div(gap).tolist()
        return r
    A.update(attribution({k: v.grad for k, v in ck.items() if v.grad is not None}))
    ec, ek = cc["hook_embed"].detach(), ck["hook_embed"].detach(); G = {}
    for i in range(1, steps + 1):
        _, ci = grads(corrupt, (ek + i / steps * (ec - ek)).clone().requires_grad_(True))
        for k, v in ci.items():
            if v.grad is not None: G[k] = G.get(k, 0) + v.grad / steps
    A[f"steps_{steps}"] = attribution(G); out["attribution"] = A
    # edges
    _, sc = grads(clean, split=True); _, sk = grads(corrupt, split=True)
    du = {"embed": (sc["hook_embed"] - sk["hook_embed"]).detach()}; uk = {"embed": (sk["hook_embed"] + sk["hook_pos_embed"]).detach()}
    for l in range(L):
        for h in range(H): n = f"blocks.{l}.attn.hook_result"; du[f"{l}.{h}"] = (sc[n][:, h] - sk[n][:, h]).detach(); uk[f"{l}.{h}"] = sk[n][:, h].detach()
        n = f"blocks.{l}.hook_mlp_out"; du[f"mlp.{l}"] = (sc[n] - sk[n]).detach(); uk[f"mlp.{l}"] = sk[n].detach()
    receivers = []
    for l in range(L):
        before = ["embed"] + [s for k in range(l) for s in [f"{k}.{h}" for h in range(H)] + [f"mlp.{k}"]]
        for h in range(H):
            for n in "qkv": receivers.append((f"{l}.{h}.{n}", lambda c, l=l, h=h, n=n: c[f"blocks.{l}.hook_{n}_input"].grad[:, h], before))
        receivers.append((f"mlp.{l}", lambda c, l=l: c[f"blocks.{l}.hook_mlp_in"].grad, before + [f"{l}.{h}" for h in range(H)]))
    receivers.append(("logits", lambda c: c["resid_final"].grad, list(du)))
    def edges(runs):
        return sorted(({"from": u, "to": v, "score": sum((du[u] * grad(r)).sum().item() for r in runs) / len(runs)} for v, grad, us in receivers for u in us), key=lambda e: -abs(e["score"]))
    E = edges([sk]); runs = [grads(corrupt, (ek + i / steps * (ec - ek)).clone().requires_grad_(True), True)[1] for i in range(1, steps + 1)]; EI = edges(runs)
    def faithfulness(edge_list):
        kept = {}
        for e_ in edge_list[:keep]: kept.setdefault(e_["to"], []).append(e_["from"])
        now = {}
        in_k = {v: (lambda c, v=v: c) for v, _, _ in receivers}
        def record(name, x):
            p = name.split(".")
            if name == "hook_embed": now["embed"] = (x + model.wpe[:len(clean)])
            if name.endswith("attn.hook_result"):
                for h in range(H): now[f"{p[1]}.{h}"] = x[:, h]
            if name.endswith("hook_mlp_out"): now[f"mlp.{p[1]}"] = x
            return None
        base_in = {}
        for l in range(L):
            for h in range(H):
                for n in "qkv": base_in[f"{l}.{h}.{n}"] = sk[f"blocks.{l}.hook_{n}_input"][:, h].detach()
            base_in[f"mlp.{l}"] = sk[f"blocks.{l}.hook_mlp_in"].detach()
        base_in["logits"] = sk["resid_final"].detach()
        def inputs(v, default):
            x = base_in[v].clone()
            for u in kept.get(v, []): x = x + now[u].detach() - uk[u]
            return x
        lo, _ = model.run(clean, None, True, False, record, inputs); return (m_of(lo).item() - mk) / gap
    out["edges"] = {"edges": E[:top], f"steps_{steps}": EI[:top], "keep": keep, "faithfulness": faithfulness(E), f"faithfulness_steps_{steps}": faithfulness(EI), "count": len(E)}
    # path patching
    zc = {l: cc[f"blocks.{l}.attn.hook_z"].detach() for l in range(L)}; zk = {l: ck[f"blocks.{l}.attn.hook_z"].detach() for l in range(L)}
    def to_logits(senders, receiver, freeze_mlps):
        def fix(name, x):
            if name.endswith("attn.hook_z"):
                l = int(name.split(".")[1]); y = zk[l].clone()
                for sl, sh in senders:
                    if sl == l: y[:, sh] = zc[l][:, sh]
                return y
            if freeze_mlps and name.endswith("hook_mlp_out"): return ck[name].detach()
        lo, c2 = model.run(corrupt, None, True, False, fix)
        if receiver == "logits": return m_of(lo).item()
        rl, rh, rn = receiver.split("."); new = c2[f"blocks.{rl}.hook_{rn}_input"][:, int(rh)].detach()
        def fix3(name, x):
            if name == f"blocks.{rl}.hook_{rn}_input": y = x.clone(); y[:, int(rh)] = new; return y
        return m_of(model.run(corrupt, None, True, False, fix3)[0]).item()
    grid = lambda receiver, fr: [[(to_logits([(l, h)], receiver, fr) - mk) / gap for h in range(H)] for l in range(L)]
    last = f"{L - 1}.{H - 1}.q"; out["path"] = {"logits": grid("logits", False), "logits_freeze_mlps": grid("logits", True), "receiver": last, "to_receiver": grid(last, False)}
    # why this attention: last block's head with the strongest key of the last row
    l = L - 1; pat = c[f"blocks.{l}.attn.hook_pattern"][:, -1]; h = int(pat[:, 1:].max(-1).values.argmax()) if len(ids) > 1 else 0; key = int(pat[h].argmax()); qy = len(ids) - 1; B = model.b[l]
    parts = [("embed", c["hook_embed"]), ("pos_embed", c["hook_pos_embed"])]
    for k in range(l): parts += [(f"{k}.{hh}", c[f"blocks.{k}.attn.hook_result"][:, hh]) for hh in range(H)] + [(f"attn_bias.{k}", model.b[k]["bO"].expand_as(e))] + [(f"mlp.{k}", c[f"blocks.{k}.hook_mlp_out"])]
    sc_ = c[f"blocks.{l}.ln1.hook_scale"]; gm, bt = B["ln1"]; side = {}
    for n, row in (("q", qy), ("k", key)):
        side[n] = {name: ((x[row] - x[row].mean()) / sc_[row] * gm) @ B["W"][n][:, h] for name, x in parts}; side[n]["bias"] = bt @ B["W"][n][:, h] + B["bias"][n][h]
    kk, qq = sum(side["k"].values()), sum(side["q"].values()); root = math.sqrt(model.dh)
    out["why_attention"] = {"head": f"{l}.{h}", "query": qy, "key": key, "score": (qq @ kk / root).item(), "query_parts": {n: (v @ kk / root).item() for n, v in side["q"].items()}, "key_parts": {n: (qq @ v / root).item() for n, v in side["k"].items()}}
    assert abs(out["why_attention"]["score"] - c[f"blocks.{l}.attn.hook_attn_scores"][h, qy, key].item()) < 1e-8
    return out, g


def load(path):
    hf = GPT2LMHeadModel.from_pretrained(path, dtype=torch.float32).eval(); return hf, Model(hf)


if __name__ == "__main__":
    torch.set_default_dtype(torch.float64); torch.set_num_threads(1)
    hf, model = load(sys.argv[1]); case = json.loads(Path(sys.argv[2]).read_text()); p = case["patch_sweep"]
    with torch.no_grad():
        d = (hf(torch.tensor([case["ids"]])).logits[0].double() - model.run(case["ids"], keep=False)[0][:, :]).abs().max().item(); assert d < 2e-4, d
    out, g = reference(model, case["ids"], case["a"], case["b"], p["clean_ids"], p["corrupt_ids"]); out["ids"], out["a"], out["b"], out["clean_ids"], out["corrupt_ids"] = case["ids"], case["a"], case["b"], p["clean_ids"], p["corrupt_ids"]
    Path(sys.argv[3]).write_text(json.dumps(out))
    if len(sys.argv) > 4:
        from safetensors.torch import save_file
        save_file({k: v.float().contiguous() for k, v in g.items() if any(fnmatch.fnmatch(k, x) for x in sys.argv[5].split(","))}, sys.argv[4])
    print(sys.argv[1], "m", round(out["m"], 4), "faithfulness", round(out["edges"]["faithfulness"], 3), "edges", out["edges"]["count"])

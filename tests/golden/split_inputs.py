"""Runs in which heads and MLPs read copies of the stream of their own, plain and with edits of the copies: plain PyTorch autograd in
float64, compared with TransformerLens's use_split_qkv_input and use_hook_mlp_in (version 4) where that is installed.
python split_inputs.py ../../assets/models/sort-nano split_inputs"""
import json, sys

import torch
from safetensors.torch import save_file
from transformers import GPT2LMHeadModel

from gradients import Model

IDS, A, B = [2, 0, 1, 1, 2, 0], 1, 0
KEPT = ("hook_q_input", "hook_k_input", "hook_v_input", "hook_mlp_in", "hook_resid_pre", "hook_resid_mid")
torch.set_default_dtype(torch.float64)
model = Model(GPT2LMHeadModel.from_pretrained(sys.argv[1]))
vector = [round(float(x), 3) for x in torch.sin(0.9 * torch.arange(model.d)) * 2]
edits = [{"hook": "blocks.1.hook_q_input", "op": "scale", "factor": -0.5, "heads": [1], "positions": "2:"},
         {"hook": "blocks.1.hook_k_input", "op": "add", "vector": vector, "heads": [0, 2]},
         {"hook": "blocks.0.hook_v_input", "op": "project_out", "vector": vector, "positions": [1, 3, 5]},
         {"hook": "blocks.*.hook_v_input", "op": "zero", "heads": [2], "dims": "0:20"},
         {"hook": "blocks.1.hook_mlp_in", "op": "add", "vector": vector, "factor": 0.7, "positions": "last"}]
v = torch.tensor(vector)


def edited(name, x):
    """x: without a batch, [T, n_head, d_model] or [T, d_model]"""
    if name == "blocks.1.hook_q_input": x = x.clone(); x[2:, 1] = x[2:, 1] * -0.5; return x
    if name == "blocks.1.hook_k_input": x = x.clone(); x[:, [0, 2]] = x[:, [0, 2]] + v; return x
    if name == "blocks.1.hook_mlp_in": x = x.clone(); x[-1] = x[-1] + 0.7 * v; return x
    if not name.endswith("hook_v_input"): return None
    x = x.clone()
    if name.startswith("blocks.0."):
        u = v / v.norm()
        for p in (1, 3, 5): x[p] = x[p] - (x[p] @ u)[:, None] * u
    x[:, 2, :20] = 0
    return x


def values(fix):
    logits, hooks = model.run(torch.tensor(IDS), split=True, fix=fix)
    (logits[-1, A] - logits[-1, B]).backward()
    kept = {name: x for name, x in hooks.items() if name.endswith(KEPT)}
    return logits[-1].detach(), {n: x.detach() for n, x in kept.items()}, {n: x.grad for n, x in kept.items()}


out = {"ids": IDS, "a": A, "b": B, "recipe": {"version": 1, "edits": edits}}
tensors = {}
for run, fix in (("plain", None), ("edited", edited)):
    logits, at, gradients = values(fix)
    out[run] = {"last_logits": logits.tolist()}
    tensors |= {f"{run}.value.{n}": x.float().contiguous() for n, x in at.items() if run == "edited"}
    tensors |= {f"{run}.gradient.{n}": x.float().contiguous() for n, x in gradients.items() if run == "edited" or "blocks.1" in n}
json.dump(out, open(sys.argv[2] + "/sort-nano.json", "w"))
save_file(tensors, sys.argv[2] + "/sort-nano.safetensors")

try:
    from transformer_lens.model_bridge import TransformerBridge
except ImportError:
    sys.exit("not compared with TransformerLens, which is not installed")
torch.set_default_dtype(torch.float32)
lens = TransformerBridge.boot_transformers(sys.argv[1])
lens.set_use_split_qkv_input(True); lens.set_use_hook_mlp_in(True)
v = v.float()
hooks = [(f"blocks.{b}.{n}", lambda x, hook, name=f"blocks.{b}.{n}": x if (y := edited(name, x[0])) is None else y[None])
         for b in range(model.L) for n in KEPT[:4]]
for run, fixes in (("plain", []), ("edited", hooks)):
    logits = lens.run_with_hooks(torch.tensor([IDS]), fwd_hooks=fixes)[0, -1]
    print(run, (logits.double() - torch.tensor(out[run]["last_logits"], dtype=torch.float64)).abs().max().item(), "from TransformerLens at most")

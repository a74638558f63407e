"""How much heads and MLP channels matter over sequences that a formula gives, and the loss without some of them (PyTorch, float64):
python sparsity.py ../../assets/models/sort-nano sparsity/sort-nano.json"""
import json, sys

import torch
from transformers import GPT2LMHeadModel

from gradients import Model

SEQUENCES, T, HEADS, NEURONS = 3, 9, [[0, 2], [1, 0], [2, 2]], [[0, 5], [0, 190], [2, 17]]
model = Model(GPT2LMHeadModel.from_pretrained(sys.argv[1]))
sequences = [[(r * r + (r + 2) * i + i // 3) % 3 for i in range(T)] for r in range(SEQUENCES)]


def loss_of(ids, fix=None, keep=True):
    logits, hooks = model.run(torch.tensor(ids), keep=keep, fix=fix)
    return -logits[:-1].log_softmax(-1)[torch.arange(T - 1), torch.tensor(ids[1:])].mean(), hooks


out = dict(sequences=sequences, cut_heads=HEADS, cut_neurons=NEURONS)
heads, neurons, head_norms, neuron_norms = (torch.zeros(model.L, n, dtype=torch.float64) for n in [model.H, model.b[0]["bin"].numel()] * 2)
for ids in sequences:
    loss, hooks = loss_of(ids)
    loss.backward()
    for l in range(model.L):
        z, post = hooks[f"blocks.{l}.attn.hook_z"], hooks[f"blocks.{l}.mlp.hook_post"]
        heads[l] += (z * z.grad).sum((0, 2)).abs().detach() / SEQUENCES
        neurons[l] += (post * post.grad).sum(0).abs().detach() / SEQUENCES
        head_norms[l] += hooks[f"blocks.{l}.attn.hook_result"].norm(dim=-1).mean(0).detach() / SEQUENCES
        neuron_norms[l] += (post.abs() * model.b[l]["Wout"].norm(dim=-1)).mean(0).detach() / SEQUENCES
out.update(attribution=dict(heads=heads.tolist(), neurons=neurons.tolist()), norm=dict(heads=head_norms.tolist(), neurons=neuron_norms.tolist()))


def cut(name, x):
    parts = name.split(".")
    x = x.clone()
    for l, unit in (HEADS if name.endswith("hook_z") else NEURONS if name.endswith("hook_post") else []):
        if int(parts[1]) == l: x[:, unit] = 0
    return x


out["loss"] = sum(loss_of(ids, keep=False)[0].item() for ids in sequences) / SEQUENCES
out["loss_cut"] = sum(loss_of(ids, fix=cut, keep=False)[0].item() for ids in sequences) / SEQUENCES
json.dump(out, open(sys.argv[2], "w"))

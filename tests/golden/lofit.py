"""How gains and offsets of heads are fitted by PyTorch (float64, torch.optim.AdamW without decay, linear decay of the rate, L1) to the
answers that a formula gives, in two phases as LoFiT has them (Yin et al. 2024):
python lofit.py ../../assets/models/sort-nano lofit/sort-nano.json"""
import json, sys

import torch
from transformers import GPT2LMHeadModel

from gradients import Model

STEPS, RATE, L1, PROMPTS, T, HEADS = 6, 0.02, 0.01, 5, 7, [[0, 1], [1, 1]]
model = Model(GPT2LMHeadModel.from_pretrained(sys.argv[1]))
prompts = [[(r * r + (r + 2) * i + i // 2) % 3 for i in range(T)] for r in range(PROMPTS)]
targets = [(2 * r + 1) % 3 for r in range(PROMPTS)]


def loss_of(gain, offset):
    """gain, offset: [layer, head, d_head]"""
    def fix(name, x):
        if not name.endswith("attn.hook_z"): return None
        layer = int(name.split(".")[1])
        return gain[layer] * x + offset[layer]
    each = [-model.run(torch.tensor(ids), keep=False, fix=fix)[0][-1].log_softmax(-1)[target] for ids, target in zip(prompts, targets)]
    return torch.stack(each).mean()


def fit(parameters, values):
    optimiser = torch.optim.AdamW(parameters, lr=RATE, weight_decay=0)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: 1 - step / STEPS)
    losses = []
    for _ in range(STEPS):
        loss = loss_of(*values()); losses.append(loss.item())
        optimiser.zero_grad(); (loss + L1 * sum(p.abs().sum() for p in parameters)).backward(); optimiser.step(); schedule.step()
    return losses


torch.set_default_dtype(torch.float64)
shape = (model.L, model.H, model.dh)
r = torch.arange(model.L * model.H * model.dh).reshape(shape)
gain, offset = (1 + 0.3 * torch.sin(0.7 * r)).requires_grad_(), (0.2 * torch.cos(1.3 * r)).requires_grad_()
loss = loss_of(gain, offset); loss.backward()
out = dict(steps=STEPS, rate=RATE, l1=L1, prompts=prompts, targets=targets, heads=HEADS, loss=loss.item(),
           gain_slope=gain.grad.flatten().tolist(), offset_slope=offset.grad.flatten().tolist())
a = torch.zeros(shape, requires_grad=True)
out["scale_losses"] = fit([a], lambda: (1 + a, torch.zeros(shape)))
out["importance"] = a.detach().norm(dim=-1).tolist()
v, g = torch.zeros(len(HEADS), model.dh, requires_grad=True), torch.zeros(len(HEADS), requires_grad=True)


def of_heads():
    gain, offset = torch.ones(shape), torch.zeros(shape)
    for k, (l, h) in enumerate(HEADS): gain[l, h] = 1 + g[k]; offset[l, h] = v[k]
    return gain, offset


out["offset_losses"] = fit([v, g], of_heads)
out["gains"], out["offsets"] = (1 + g.detach()).tolist(), v.detach().tolist()
json.dump(out, open(sys.argv[2], "w"))

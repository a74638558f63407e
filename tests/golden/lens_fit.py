"""How a tuned lens of sort-nano is fitted by PyTorch (float64, torch.optim.Adam, linear decay) on rows that are a formula:
python lens_fit.py ../../assets/models/sort-nano/model.safetensors lenses/fit.json"""
import json, sys
import torch
from safetensors.torch import load_file

torch.set_default_dtype(torch.float64)
STEPS, RATE, ROWS, DEPTHS = 8, 0.02, 20, 3
weights = {k.removeprefix("transformer."): v.double() for k, v in load_file(sys.argv[1]).items()}
unembed, gamma, beta = weights.get("lm_head.weight", weights["wte.weight"]), weights["ln_f.weight"], weights["ln_f.bias"]
d = gamma.numel()
r, i = torch.arange(ROWS).double()[:, None], torch.arange(d).double()[None, :]
rows = [2 * torch.sin(0.37 * (r + 1) * (i + 1) + depth) + torch.cos(0.11 * (i + 1) * (depth + 1)) for depth in range(DEPTHS + 1)]


def read(h): return torch.log_softmax(torch.nn.functional.layer_norm(h, (d,), gamma, beta, 1e-5) @ unembed.T, -1)


maps = [(torch.zeros(d, d, requires_grad=True), torch.zeros(d, requires_grad=True)) for _ in range(DEPTHS)]
optimiser = torch.optim.Adam([p for pair in maps for p in pair], lr=RATE)
schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: 1 - step / STEPS)
final, curve = read(rows[-1]), []
for step in range(STEPS):
    kl = torch.stack([(final.exp() * (final - read(rows[l] + rows[l] @ w.T + b))).sum(-1).mean() for l, (w, b) in enumerate(maps)])
    optimiser.zero_grad()
    kl.sum().backward()
    optimiser.step()
    schedule.step()
    curve.append(kl.tolist())
json.dump({"rate": RATE, "steps": STEPS, "rows": ROWS, "kl": curve, "weight": [w[3].tolist() for w, _ in maps], "bias": [b.tolist() for _, b in maps]},
          open(sys.argv[2], "w"))

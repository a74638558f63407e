"""Checkpoints of forks and of old PyTorch, with the logits that transformers computes. Usage: python make.py   (needs torch and transformers)"""
import json, os, pickle
import torch
from transformers import GPT2Config, GPT2LMHeadModel

here = os.path.dirname(os.path.abspath(__file__))
torch.manual_seed(0)
config = GPT2Config(vocab_size=11, n_embd=8, n_head=2, n_layer=1, n_positions=6, activation_function="gelu", attn_implementation="eager")
model = GPT2LMHeadModel(config).eval()
for name, weight in model.named_parameters():
    weight.data = torch.randn_like(weight) * 0.5
    if name.endswith("bias"):
        weight.data.zero_()
model.transformer.h[0].ln_1.weight.data.fill_(1.5)
ids = [3, 1, 4, 1, 5]
logits = model(torch.tensor([ids])).logits[0, -1].tolist()

# nano-fork: model_args without the flag for biases and with a size as a float; a weight that repeats one number.
state = {}
for name, weight in model.state_dict().items():
    linear = name.endswith((".c_attn.weight", ".c_proj.weight", ".c_fc.weight"))
    if not name.endswith("bias"):
        state[name] = weight.t().contiguous() if linear else weight.clone()
state["transformer.h.0.ln_1.weight"] = torch.full((1,), 1.5).expand(8)
args = {"n_layer": 1, "n_head": 2.0, "n_embd": 8, "block_size": 6, "vocab_size": 11}
os.makedirs(f"{here}/nano-fork", exist_ok=True)
torch.save({"model": state, "model_args": args, "iter_num": 1}, f"{here}/nano-fork/ckpt.pt")
json.dump({"ids": ids, "logits_last": logits}, open(f"{here}/nano-fork/expected.json", "w"))

# whole-module-old: before PyTorch 1.6, a module that is saved whole has its class together with the source text, here none.
exec("class Net(torch.nn.Linear):\n    pass")
os.makedirs(f"{here}/whole-module-old", exist_ok=True)
torch.save(Net(2, 1), f"{here}/whole-module-old/model.pt", _use_new_zipfile_serialization=False)

# Tables of characters as scripts leave them beside nanoGPT's checkpoints.
characters = "\n Hé€😀"
os.makedirs(f"{here}/characters", exist_ok=True)
itos, stoi = dict(enumerate(characters)), {c: i for i, c in enumerate(characters)}
for name, meta, protocol in (("list", {"itos": list(characters)}, 4), ("only-stoi", {"stoi": stoi}, 4), ("protocol-0", {"itos": itos, "stoi": stoi}, 0)):
    open(f"{here}/characters/{name}.pkl", "wb").write(pickle.dumps(meta, protocol=protocol))
os.makedirs(f"{here}/pickled-tensors", exist_ok=True)
# A state dict that pickle wrote without torch.save.
open(f"{here}/pickled-tensors/model.pt", "wb").write(pickle.dumps({"wte.weight": torch.ones(2, 2)}, protocol=2))

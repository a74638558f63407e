import json
import math
import os

import torch
from transformer_lens.model_bridge import TransformerBridge

torch.set_grad_enabled(False)
model = TransformerBridge.boot_transformers(os.path.expanduser(MODEL), device="cpu", dtype=torch.float32)
huggingface = model.original_model  # the weights as the checkpoint has them: nothing is folded or centred
ids = torch.tensor([OURS["ids"]])
position = OURS["position"]
token_text = model.tokenizer.decode if getattr(model, "tokenizer", None) else str


def numbers(values):
    """Nested lists as a tensor; Glassformer writes NaN as null."""
    if isinstance(values, list):
        return [numbers(value) for value in values]
    return math.nan if values is None else float(values)


def same(what, ours, theirs, atol=1e-3, rtol=1e-3):
    """Asserts that Glassformer's numbers are those of TransformerLens."""
    ours, theirs = torch.tensor(numbers(ours)), theirs.float()
    assert ours.shape == theirs.shape, (what, ours.shape, theirs.shape)
    apart = (ours - theirs).abs()
    assert torch.allclose(ours, theirs, atol=atol, rtol=rtol, equal_nan=True), (what, apart[apart.isfinite()].max().item())
    print(f"{what}: equal, at most {apart[apart.isfinite()].max().item() if apart.isfinite().any() else 0:.1e} apart")


def log_probabilities(logits):
    return torch.log_softmax(logits.float(), dim=-1)

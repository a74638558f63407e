a, b = OURS["dla"]["a"], OURS["dla"]["b"]
final_norm, unembedding = huggingface.transformer.ln_f, huggingface.lm_head.weight
towards = unembedding[a] - (unembedding[b] if b is not None else 0)
scale = cache["ln_final.hook_scale"][0, position].reshape(())


def direct(x):
    """What a part of the final stream adds to the logit of A (less that of B); LayerNorm is as the run had it."""
    return ((x - x.mean()) / scale * final_norm.weight * towards).sum()


heads, mlps = [], []
for layer in range(model.cfg.n_layers):
    z = cache[f"blocks.{layer}.attn.hook_z"][0, position].reshape(model.cfg.n_heads, -1)
    out = huggingface.transformer.h[layer].attn.c_proj.weight.reshape(model.cfg.n_heads, z.shape[1], -1)
    heads.append(torch.stack([direct(z[head] @ out[head]) for head in range(model.cfg.n_heads)]))
    mlps.append(direct(cache[f"blocks.{layer}.hook_mlp_out"][0, position]))
same("direct logit attribution of each head", OURS["dla"]["heads"], torch.stack(heads))
same("direct logit attribution of each MLP", OURS["dla"]["mlp"], torch.stack(mlps))

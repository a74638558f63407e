def stream(depth):
    layers = model.cfg.n_layers
    return cache[f"blocks.{depth}.hook_resid_pre"] if depth < layers else cache[f"blocks.{layers - 1}.hook_resid_post"]


for depth, ours in enumerate(OURS["lens"]):
    read = log_probabilities(huggingface.lm_head(huggingface.transformer.ln_f(stream(depth)[0, position])))
    same(f"logit lens at depth {depth}, {token_text(ours['ids'][:1])!r}", ours["logprobs"], read[ours["ids"]])

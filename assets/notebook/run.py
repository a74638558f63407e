base_logits, base_cache = model.run_with_cache(ids, prepend_bos=False)
logits, cache = base_logits, base_cache

ours = OURS["base"]
found = log_probabilities(logits[0])
same("log-probability of each token", ours["logprobs"], found[:-1].gather(1, ids[0, 1:, None])[:, 0])
same("entropy of each prediction, nats", ours["entropies"], -(found.exp() * found).nan_to_num(0).sum(-1))
same("log-probabilities of the likeliest next tokens", ours["top"]["logprobs"], found[position][ours["top"]["ids"]])
for token, logprob in zip(ours["top"]["ids"], ours["top"]["logprobs"]):
    print(f"{token_text([token])!r}: {100 * math.exp(logprob):.1f} %")

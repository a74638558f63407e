def edit_rows(x, edit):
    """Edits some elements of some rows. x: [1, position, ...], and a row is everything behind the position."""
    flat = x.reshape(x.shape[1], -1).clone()
    rows, elements = torch.tensor(edit["rows"]), torch.tensor(edit["elements"])
    before = flat[rows][:, elements]
    value = torch.tensor(edit["values"]) if edit["values"] else torch.tensor(float(edit["value"]))
    if edit["by_row"]:
        value = value.reshape(len(rows), len(elements))
    kind, factor = edit["kind"], edit["factor"]
    if kind == "assign":
        after = value.expand_as(before)
    elif kind == "scale":
        after = before * factor
    elif kind == "add":
        after = before + factor * value
    else:  # these act on whole vectors: on a row, or on each head's part of it
        groups = before.reshape(len(rows), -1, edit["group"])
        if kind == "round":
            kept = ~groups.isfinite() | (groups.abs() > (math.inf if edit["outliers"] is None else edit["outliers"]))
            step = torch.where(kept, 0.0, groups.abs()).amax(-1, keepdim=True) / edit["levels"]
            new = torch.where(kept | (step == 0), groups, (groups / step).round() * step)
        else:
            along = value.expand_as(before).reshape(groups.shape)
            new = (groups + factor * groups.norm(dim=-1, keepdim=True) * along if kind == "add_norm"
                   else groups + (edit["value"] - (groups * along).sum(-1, keepdim=True)) * along)
        after = new.reshape(before.shape)
    flat[rows[:, None], elements] = after
    return flat.reshape(x.shape)


def edit_attention(x, edit):
    """Edits scores or patterns. x: [1, head, query, key]."""
    x = x.clone()
    heads, rows, keys = edit["heads"], edit["rows"], edit["keys"]
    written = torch.tensor(edit["written"], dtype=torch.bool).reshape(len(rows), keys)
    value = float("-inf") if edit["value"] == "-inf" else float(edit["value"])
    values = torch.tensor(edit["values"]).reshape(len(rows), len(heads), keys) if edit["values"] else None
    for r, query in enumerate(rows):
        for h, head in enumerate(heads):
            before, given = x[0, head, query], value if values is None else values[r, h]
            after = {"assign": torch.full_like(before, 1.0) * given, "scale": before * edit["factor"],
                     "add": before + edit["factor"] * given}[edit["kind"]]
            after = torch.where(written[r], after, before)
            if edit["renormalize"] and written[r].any() and after.sum() != 0:
                after = after / after.sum()
            x[0, head, query] = after
    return x


def hook_of(edits):
    def apply(x, hook):
        for edit in edits:
            x = edit_attention(x, edit) if "heads" in edit else edit_rows(x, edit)
        return x

    return apply


def hooks_of_scores(edits, empty):
    """In Glassformer a row whose scores are all -inf has the pattern 0, where a softmax alone has no answer."""
    edit = hook_of(edits)

    def scores(x, hook):
        x = edit(x, hook)
        behind = torch.ones(x.shape[-2:], dtype=torch.bool).triu(1)
        empty["rows"] = (torch.isneginf(x) | behind).all(-1, keepdim=True)
        return x

    return scores, lambda x, hook: torch.where(empty["rows"], 0.0, x)


hooks = []
for name, edits in OURS["edits"].items():
    if name.endswith("hook_result"):
        model.set_use_attn_result(True)
    if name.endswith("hook_attn_scores"):
        scores, pattern = hooks_of_scores(edits, {})
        hooks += [(name, scores), (name.replace("hook_attn_scores", "hook_pattern"), pattern)]
    else:
        hooks.append((name, hook_of(edits)))
with model.hooks(fwd_hooks=hooks):
    edited_logits, edited_cache = model.run_with_cache(ids, prepend_bos=False)
logits, cache = edited_logits, edited_cache  # from here on the edited run is what is looked at

ours = OURS["edited"]
after = log_probabilities(logits[0])
same("log-probability of each token, edited", ours["logprobs"], after[:-1].gather(1, ids[0, 1:, None])[:, 0])
same("log-probabilities of the likeliest next tokens, edited", ours["top"]["logprobs"], after[position][ours["top"]["ids"]])
before = log_probabilities(base_logits[0, -1])
same("KL(base || edited) at the last position", OURS["kl"], (before.exp() * (before - after[-1])).sum())
for token, logprob in zip(ours["top"]["ids"], ours["top"]["logprobs"]):
    print(f"{token_text([token])!r}: {100 * math.exp(logprob):.1f} %")

layer, head = OURS["attention"]["layer"], OURS["attention"]["head"]
pattern = cache[f"blocks.{layer}.attn.hook_pattern"][0, head]
rows = OURS["attention"]["rows"]
same(f"attention pattern of head {layer}.{head}", [row + [0.0] * (len(rows) - len(row)) for row in rows], pattern)
key = pattern[position].argmax().item()
print(f"position {position} looks most at position {key}, {token_text(ids[0, key:key + 1])!r}: {100 * pattern[position, key]:.1f} %")

selected = OURS["selection"]
found = cache[selected["hook"]][0]
found = found[tuple(selected["index"])] if selected["index"] else found
same(f"{selected['hook']} at {selected['index']}", selected["values"], found.reshape(-1))

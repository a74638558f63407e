"""A tuned and a Jacobian lens for sort-nano in torch.save's format, whose entries are a formula: python lenses.py lenses"""
import io, json, pickle, sys, types, zipfile
from collections import OrderedDict
from pathlib import Path
import numpy as np

torch, utils = types.ModuleType("torch"), types.ModuleType("torch._utils")
def _rebuild_tensor_v2(*args): raise NotImplementedError
class HalfStorage: pass
_rebuild_tensor_v2.__module__, HalfStorage.__module__ = "torch._utils", "torch"
utils._rebuild_tensor_v2, torch.HalfStorage, torch._utils = _rebuild_tensor_v2, HalfStorage, utils
sys.modules["torch"], sys.modules["torch._utils"] = torch, utils


class Storage:
    def __init__(self, key, values): self.key, self.values = key, values


class Tensor:
    def __init__(self, key, values): self.storage, self.shape = Storage(str(key), values), values.shape
    def __reduce__(self):
        strides = tuple(int(np.prod(self.shape[i + 1:])) for i in range(len(self.shape)))
        return _rebuild_tensor_v2, (self.storage, 0, tuple(self.shape), strides, False, OrderedDict())


def save(path, content, tensors):
    class Pickler(pickle.Pickler):
        def persistent_id(self, x):
            return ("storage", HalfStorage, x.key, "cpu", x.values.size) if isinstance(x, Storage) else None
    buffer = io.BytesIO()
    Pickler(buffer, protocol=2).dump(content)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as z:
        z.writestr("archive/data.pkl", buffer.getvalue())
        for t in tensors: z.writestr(f"archive/data/{t.storage.key}", t.storage.values.astype("<f2").tobytes())
        z.writestr("archive/version", "3\n")


def matrix(l, d): return np.array([[((i * 7 + j * 3 + l * 11) % 13 - 6) / 64 for j in range(d)] for i in range(d)])
def vector(l, d): return np.array([((i * 5 + l) % 7 - 3) / 8 for i in range(d)])


out, d, n_layer = Path(sys.argv[1]), 48, 3
(out / "tuned").mkdir(parents=True, exist_ok=True)
(out / "tuned/config.json").write_text(json.dumps({"base_model_name_or_path": "sort-nano", "d_model": d, "num_hidden_layers": n_layer, "bias": True,
                                                   "lens_type": "linear_tuned_lens"}) + "\n")
named = OrderedDict()
for l in range(n_layer): named[f"{l}.weight"], named[f"{l}.bias"] = Tensor(2 * l, matrix(l, d)), Tensor(2 * l + 1, vector(l, d))
save(out / "tuned/params.pt", named, named.values())
maps = {l: Tensor(l, matrix(l, d) + np.eye(d)) for l in range(n_layer - 1)}
save(out / "jacobian.pt", {"J": maps, "source_layers": list(maps), "n_prompts": 1, "d_model": d}, maps.values())

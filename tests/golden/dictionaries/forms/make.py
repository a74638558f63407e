"""The forms of dictionaries beside SAELens's newest, small and random, with features by numpy in float64: forms.json.

python make.py          (numpy; the .pt files are written as torch.save lays them out, without torch)
"""
import collections, io, json, pickle, struct, sys, types, zipfile
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
D, N, ROWS = 8, 24, 4
rng = np.random.default_rng(7)


def module(name, **names):
    made = types.ModuleType(name)
    for key, value in names.items():
        value.__module__, value.__qualname__ = name, key
        setattr(made, key, value)
    sys.modules[name] = made


def _rebuild_tensor_v2(*args): pass
class FloatStorage: pass
class LongStorage: pass
class RunnerConfig: pass
module("torch", FloatStorage=FloatStorage, LongStorage=LongStorage)
module("torch._utils", _rebuild_tensor_v2=_rebuild_tensor_v2)
module("sae_training")
module("sae_training.config", LanguageModelSAERunnerConfig=RunnerConfig)


class Tensor:
    def __init__(self, array): self.array = np.ascontiguousarray(array)
    def __reduce__(self):
        a = self.array
        strides = tuple(s // a.itemsize for s in a.strides)
        return _rebuild_tensor_v2, (Storage(a), 0, tuple(a.shape), strides, False, collections.OrderedDict())


class Storage:
    def __init__(self, array): self.array = array


def torch_save(obj, path):
    path.parent.mkdir(parents=True, exist_ok=True)
    storages, out = [], io.BytesIO()

    class Pickler(pickle.Pickler):
        def persistent_id(self, o):
            if not isinstance(o, Storage): return None
            storages.append(o.array)
            kind = FloatStorage if o.array.dtype == np.float32 else LongStorage
            return "storage", kind, str(len(storages) - 1), "cpu", o.array.size

    Pickler(out, protocol=2).dump(obj)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as z:
        z.writestr(zipfile.ZipInfo("archive/data.pkl"), out.getvalue())
        z.writestr(zipfile.ZipInfo("archive/version"), "3\n")
        for i, a in enumerate(storages): z.writestr(zipfile.ZipInfo(f"archive/data/{i}"), a.tobytes())


def safetensors(path, tensors):
    path.parent.mkdir(parents=True, exist_ok=True)
    table, data = {}, b""
    names = {np.dtype(np.float32): "F32", np.dtype(np.int64): "I64"}
    for name, a in tensors.items():
        a = np.ascontiguousarray(a)
        table[name] = {"dtype": names[a.dtype], "shape": list(a.shape), "data_offsets": [len(data), len(data) + a.nbytes]}
        data += a.tobytes()
    head = json.dumps(table).encode()
    head += b" " * (-len(head) % 8)
    path.write_bytes(struct.pack("<Q", len(head)) + head + data)


def f32(*shape, scale=1.0, shift=0.0): return (rng.normal(size=shape) * scale + shift).astype(np.float32)
def top_k(p, k):
    keep = np.zeros_like(p, bool)
    np.put_along_axis(keep, np.argsort(-p, -1)[:, :k], True, -1)
    return np.where(keep, p, 0)


def main():
    x = f32(ROWS, D, scale=1.5, shift=0.3)
    z = x.astype(np.float64)
    forms = {}
    # OpenAI, TopK: layer norm, pre_bias, TopK with a ReLU behind it.
    pre, enc, lat, dec = f32(D, scale=.2), f32(N, D, scale=D ** -.5), f32(N, scale=.2), f32(D, N, scale=.4)
    state = collections.OrderedDict(pre_bias=Tensor(pre), latent_bias=Tensor(lat), stats_last_nonzero=Tensor(np.zeros(N, np.int64)))
    state["encoder.weight"], state["decoder.weight"] = Tensor(enc), Tensor(dec)
    state["activation"], state["activation_state_dict"] = "TopK", collections.OrderedDict(k=5, postact_fn="ReLU")
    torch_save(state, HERE / "resid_post_mlp_v5_32k/autoencoders/1.pt")
    mu = z.mean(-1, keepdims=True); c = z - mu; std = np.sqrt((c ** 2).sum(-1, keepdims=True) / (D - 1))
    f = np.maximum(top_k((c / (std + 1e-5) - pre) @ enc.T.astype(float) + lat, 5), 0)
    forms["resid_post_mlp_v5_32k/autoencoders/1.pt"] = ("blocks.1.hook_resid_post", "", f, (f @ dec.T.astype(float) + pre) * std + mu)
    # OpenAI, ReLU, an older file: no normalisation.
    state = collections.OrderedDict(pre_bias=Tensor(pre), latent_bias=Tensor(lat))
    state["encoder.weight"], state["decoder.weight"], state["activation"] = Tensor(enc), Tensor(dec), "ReLU"
    torch_save(state, HERE / "resid_delta_mlp/autoencoders/0.pt")
    f = np.maximum((z - pre) @ enc.T.astype(float) + lat, 0)
    forms["resid_delta_mlp/autoencoders/0.pt"] = ("blocks.0.hook_mlp_out", "", f, f @ dec.T.astype(float) + pre)
    # A transcoder with a config of an unknown class.
    cfg = RunnerConfig()
    cfg.__dict__.update(hook_point="blocks.1.ln2.hook_normalized", out_hook_point="blocks.1.hook_mlp_out", hook_point_head_index=None,
                        is_transcoder=True, d_in=D, d_sae=N, d_out=D, model_name="gpt2-small", context_size=128)
    We, be, Wd, bd, bo = f32(D, N, scale=D ** -.5), f32(N, scale=.2), f32(N, D, scale=.4), f32(D, scale=.2), f32(D, scale=.2)
    torch_save({"cfg": cfg, "state_dict": collections.OrderedDict(W_enc=Tensor(We), b_enc=Tensor(be), W_dec=Tensor(Wd), b_dec=Tensor(bd),
                                                                  b_dec_out=Tensor(bo))}, HERE / "transcoder.pt")
    f = np.maximum((z - bd) @ We.astype(float) + be, 0)
    forms["transcoder.pt"] = ("blocks.1.ln2.hook_normalized", "blocks.1.hook_mlp_out", f, f @ Wd.astype(float) + bo)
    # circuit-tracer: W_enc [n, d], thresholds, a skip connection.
    W, b, Wd, bo, t, skip = f32(N, D, scale=D ** -.5), f32(N, scale=.2), f32(N, D, scale=.4), f32(D, scale=.2), f32(N, scale=.2, shift=.2), f32(D, D, scale=.2)
    safetensors(HERE / "circuit-tracer/layer_1.safetensors", {"W_enc": W, "W_dec": Wd, "b_enc": b, "b_dec": bo, "activation_function.threshold": t, "W_skip": skip})
    (HERE / "circuit-tracer/config.yaml").write_text('model_name: "gpt2"\nmodel_kind: transcoder_set\nfeature_input_hook: "hook_resid_mid"\n'
                                                     'feature_output_hook: "hook_mlp_out"\nscan: # none\n  - nothing\n')
    p = z @ W.T.astype(float) + b
    f = np.where(p > t, p, 0)
    forms["circuit-tracer/layer_1.safetensors"] = ("blocks.1.hook_resid_mid", "blocks.1.hook_mlp_out", f, f @ Wd.astype(float) + bo + z @ skip.T.astype(float))
    # SAELens before version 6: keys at the top, TopK among the activation functions, scaling factors of 1, centred weights.
    We, be, Wd, bd = f32(D, N, scale=D ** -.5), f32(N, scale=.2), f32(N, D, scale=.4), f32(D, scale=.2)
    safetensors(HERE / "saelens-3/sae_weights.safetensors", {"W_enc": We, "b_enc": be, "W_dec": Wd, "b_dec": bd, "scaling_factor": np.ones(N, np.float32)})
    (HERE / "saelens-3/cfg.json").write_text(json.dumps({
        "model_name": "gpt2-small", "hook_point": "blocks.1.hook_resid_pre", "hook_point_layer": 1, "hook_point_head_index": None, "d_in": D, "d_sae": N,
        "activation_fn_str": "topk", "activation_fn_kwargs": {"k": 6}, "prepend_bos": True, "context_size": 64, "normalize_activations": False,
        "dtype": "torch.float32", "model_from_pretrained_kwargs": {"center_writing_weights": True}}))
    c = z - z.mean(-1, keepdims=True)
    f = np.maximum(top_k((c - bd) @ We.astype(float) + be, 6), 0)
    forms["saelens-3"] = ("blocks.1.hook_resid_pre", "", f, f @ Wd.astype(float) + bd + z.mean(-1, keepdims=True))
    # BatchTopK as SAELens's trainer saves it: one threshold, pre-activations times the norms of decoder rows.
    threshold, norms = np.float32(0.4), np.linalg.norm(Wd.astype(float), axis=-1)
    safetensors(HERE / "batchtopk/sae_weights.safetensors", {"W_enc": We, "b_enc": be, "W_dec": Wd, "b_dec": bd, "topk_threshold": np.array([threshold])})
    (HERE / "batchtopk/cfg.json").write_text(json.dumps({"d_in": D, "d_sae": N, "architecture": "batchtopk", "k": 3.5, "normalize_activations": "constant_norm_rescale",
                                                         "metadata": {"sae_lens_version": "6.10.0", "hook_name": "blocks.0.hook_resid_pre"}}))
    scale = np.sqrt(D) / np.linalg.norm(z, axis=-1, keepdims=True)
    p = ((z * scale - bd) @ We.astype(float) + be) * norms
    f = np.where(p > threshold, np.maximum(p, 0), 0)
    forms["batchtopk"] = ("blocks.0.hook_resid_pre", "", f, (f / norms @ Wd.astype(float) + bd) / scale)
    r = lambda a: [[float(f"{v:.8g}") for v in row] for row in a]
    (HERE / "forms.json").write_text(json.dumps({"rows": r(x), "forms": [
        {"file": k, "hook": v[0], "hook_out": v[1] or v[0], "features": r(v[2]), "reconstruction": r(v[3])} for k, v in forms.items()]}))
    print({k: int((v[2] != 0).sum()) for k, v in forms.items()})


if __name__ == "__main__": main()

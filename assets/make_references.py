"""The reference logits of the bundled models, from the traces of tests/golden (PyTorch): python assets/make_references.py

Of each position of one prompt the logits of 64 tokens, spread over the vocabulary, and of the two that the case asks about.
"""
import array
import json
import struct
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CASES = {"fable": "indirect-object", "sort-nano": "sort", "induction-nano": "repeat"}


def tensor(path, name):
    """Rows of a float32 matrix of a safetensors file."""
    data = path.read_bytes()
    size, = struct.unpack("<Q", data[:8])
    entry = json.loads(data[8:8 + size])[name]
    assert entry["dtype"] == "F32" and len(entry["shape"]) == 2, (name, entry)
    begin, end = entry["data_offsets"]
    values = array.array("f", data[8 + size + begin:8 + size + end])
    n = entry["shape"][1]
    return [values[i:i + n] for i in range(0, len(values), n)]


def short(value):
    """The fewest digits that read back as this float32."""
    for digits in range(1, 10):
        written = f"{value:.{digits}g}"
        if struct.pack("<f", float(written)) == struct.pack("<f", value): return float(written)
    raise ValueError(value)


for model, case in CASES.items():
    folder = ROOT / "tests/golden/trained" / case
    about = json.loads((folder / "case.json").read_text())
    logits = tensor(folder / "trace.safetensors", "logits")
    n_vocab = len(logits[0])
    columns = sorted({i * n_vocab // 64 for i in range(64)} | {about[k] for k in "ab" if k in about})
    rows = ",\n  ".join(json.dumps([short(row[c]) for c in columns]) for row in logits)
    (ROOT / "assets/models" / model / "reference.json").write_text(
        '{"source": "PyTorch 2.13",\n "prompt": %s,\n "ids": %s,\n "columns": %s,\n "logits": [\n  %s]}\n'
        % (json.dumps(about["prompt"]), json.dumps(about["ids"]), json.dumps(columns), rows))

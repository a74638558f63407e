"""Random blocks of each type and what the gguf package of ggml's authors makes of them. Usage: python make.py   (needs gguf)
NAME.bin: three blocks as they stand in a file, then their numbers as float32."""
import os
import numpy as np
from gguf import GGMLQuantizationType, quants
from gguf.constants import GGML_QUANT_SIZES

here = os.path.dirname(os.path.abspath(__file__))
halves = {"Q4_0": [0], "Q4_1": [0, 2], "Q5_0": [0], "Q5_1": [0, 2], "Q8_0": [0], "IQ4_NL": [0], "Q2_K": [80, 82], "Q3_K": [108],
          "Q4_K": [0, 2], "Q5_K": [0, 2], "Q6_K": [208]}
rng = np.random.default_rng(7)
for name, places in halves.items():
    kind = GGMLQuantizationType[name]
    numbers, size = GGML_QUANT_SIZES[kind]
    blocks = rng.integers(0, 256, (3, size), dtype=np.uint8)
    for block in blocks:
        for at in places:  # scales are ordinary numbers
            block[at:at + 2] = np.frombuffer(np.float16(rng.normal() / 50).tobytes(), np.uint8)
    values = quants.dequantize(blocks, kind).astype(np.float32)
    with open(f"{here}/{name}.bin", "wb") as f:
        f.write(blocks.tobytes() + values.tobytes())

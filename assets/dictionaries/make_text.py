"""Writes the text that the bundled dictionary was trained on: python make_text.py CLASSICS.txt OUT.txt. CLASSICS is a text of public-domain
children's classics. Before it stand, COPIES times, the bundled text and the statements of the bundled sets, so that the dictionary sees
enough of the names, countries and verdicts that fable knows; the end of the classics is what the training holds out."""
import json, sys
from pathlib import Path

COPIES = 6

assets = Path(__file__).resolve().parent.parent
lines = []
for name in ("indirect-objects", "capitals", "truth"):
    for row in map(json.loads, (assets / "sets" / f"{name}.jsonl").open(encoding="utf-8")): lines.append(row["prompt"] + row["target"] + ".")
own = (assets / "corpus/tales.txt").read_text(encoding="utf-8") + "\n" + "\n".join(lines) + "\n\n"
Path(sys.argv[2]).write_text(own * COPIES + Path(sys.argv[1]).read_text(encoding="utf-8"), encoding="utf-8")

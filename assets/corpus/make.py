"""Writes the bundled text: python make.py BOOK.txt OUT.txt. BOOK is The Wonderful Wizard of Oz as plain text, with empty lines
between its paragraphs. After every few paragraphs stands a sentence of the bundled sets of prompts, with its answer, so that what fable learned from such
sentences (names, capitals) has examples too."""
import json, sys
from pathlib import Path

EVERY = 5  # paragraphs between two sentences

book = Path(sys.argv[1]).read_text(encoding="utf-8")
book = book[book.index("Dorothy lived in the midst of the great Kansas prairies"):book.index("And oh, Aunt Em! I'm so glad to be at home again!\"")]
book += "And oh, Aunt Em! I'm so glad to be at home again!\""
sets = Path(__file__).resolve().parent.parent / "sets"
rows = [[json.loads(line) for line in (sets / f"{name}.jsonl").open()] for name in ("indirect-objects", "capitals")]
sentences = [row["prompt"] + row["target"] + "." for row in rows[1]]
for i, row in enumerate(rows[0]): sentences.insert(min(len(sentences), 2 * i + 1), row["prompt"] + row["target"] + ".")
out = []
for i, paragraph in enumerate(" ".join(p.split()) for p in book.split("\n\n") if p.strip()):
    out.append(paragraph)
    if i % EVERY == EVERY - 1 and sentences: out.append(sentences.pop(0))
Path(sys.argv[2]).write_text("\n\n".join(out) + "\n", encoding="utf-8")

"""Writes the bundled sets of prompts: python make.py OUT_DIR. The made-up sentences are of the kinds that fable was trained on."""
import json, random, sys
from pathlib import Path

MALE = "John James Peter Paul Mark Henry George Robert Edward Charles Thomas Daniel Simon Walter Arthur Martin Oliver Frank Jack Tom".split()
FEMALE = "Mary Alice Anna Emma Sarah Jane Lucy Clara Helen Rose Grace Martha Susan Laura Julia Ellen Nancy Kate Amy Ruth".split()
PLACES = "garden school market station house church forest library shop kitchen".split()
THINGS = "book letter ring basket cake hat key flower lamp coin".split()
CAPITALS = {"France": "Paris", "Spain": "Madrid", "Italy": "Rome", "Germany": "Berlin", "England": "London", "Russia": "Moscow", "Greece": "Athens",
            "Portugal": "Lisbon", "Poland": "Warsaw", "Sweden": "Stockholm", "Norway": "Oslo", "Denmark": "Copenhagen", "Hungary": "Budapest",
            "Ireland": "Dublin", "China": "Beijing", "Japan": "Tokyo", "Korea": "Seoul", "Vietnam": "Hanoi", "Turkey": "Ankara", "Persia": "Tehran",
            "Egypt": "Cairo", "Kenya": "Nairobi", "Brazil": "Brasilia", "Cuba": "Havana", "Peru": "Lima", "Canada": "Ottawa", "Chile": "Santiago"}


TEMPLATES = ["When {pair} went to the {place}, {giver} gave a {thing} to", "After {pair} went to the {place}, {giver} gave a {thing} to",
             "{pair} were at the {place}. {giver} handed the {thing} to"]


def indirect_objects(rng, names, n):
    """The second name that stands twice is the giver; the corrupt sentence has the other one give."""
    rows = {}
    while len(rows) < n:
        receiver, giver = rng.sample(names, 2)
        receiver_first = rng.random() < 0.5
        pair = f"{receiver} and {giver}" if receiver_first else f"{giver} and {receiver}"
        template, words = rng.choice(TEMPLATES), dict(pair=pair, place=rng.choice(PLACES), thing=rng.choice(THINGS))
        prompt, corrupt = (template.format(giver=name, **words) for name in (giver, receiver))
        rows[prompt] = {"prompt": prompt, "corrupt": corrupt, "target": " " + receiver, "against": " " + giver,
                        "tags": {"order": "ABB" if receiver_first else "BAB"}}
    return list(rows.values())


def capitals(rng, countries):
    rows = []
    for country in countries:
        other = rng.choice([c for c in countries if c != country])
        rows.append({"prompt": f"The capital of {country} is", "corrupt": f"The capital of {other} is",
                     "target": " " + CAPITALS[country], "against": " " + CAPITALS[other]})
    return rows


def main(out):
    vocab = json.loads((Path(__file__).parent.parent / "models/fable/vocab.json").read_text(encoding="utf-8"))
    single = lambda word: word in vocab and "\u0120" + word in vocab  # one token, with a space in front and without
    rng = random.Random(0)
    sets = {"indirect-objects": indirect_objects(rng, [n for n in MALE + FEMALE if single(n)], 200),
            "capitals": capitals(rng, [c for c in CAPITALS if "\u0120" + c in vocab and "\u0120" + CAPITALS[c] in vocab])}
    for name, rows in sets.items():
        (out / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        print(name, len(rows))


if __name__ == "__main__":
    main(Path(sys.argv[1]))

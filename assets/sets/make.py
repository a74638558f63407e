"""Writes the bundled sets of prompts: python make.py OUT_DIR. The made-up sentences are of the kinds that fable was trained on."""
import json, random, sys
from pathlib import Path

from facts import COUNTRIES, LANGUAGES, MORE_COUNTRIES, YEARS

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


def mixed_up(rng, items, same):
    """Each item once, none where it or one that is the same stood."""
    while True:
        others = rng.sample(items, len(items))
        if not any(same(a, b) for a, b in zip(items, others)):
            return others


def truth(rng, countries):
    """Three kinds of statements, each true and false; a word stands in as many true ones as false ones."""
    rows = []
    kinds = [(lambda a, b: f"The city of {CAPITALS[a]} is in {b}.", lambda a, b: a == b),
             (lambda a, b: f"The capital of {a} is {CAPITALS[b]}.", lambda a, b: a == b),
             (lambda a, b: f"People in {a} speak {LANGUAGES[b]}.", lambda a, b: LANGUAGES[a] == LANGUAGES[b])]
    for said, same in kinds:
        for country, other in zip(countries, mixed_up(rng, countries, same)):
            for true, statement in ((True, said(country, country)), (False, said(country, other))):
                right, wrong = (" true", " false") if true else (" false", " true")
                rows.append({"prompt": f"Question: {statement} Answer:", "target": right, "against": wrong, "tags": {"truth": true}})
    rng.shuffle(rows)
    return rows


def places(rng, facts):
    """A country and its city follow each other, so that a held-out stretch of an even length has both or neither."""
    pairs = []
    for country, (middle, city, latitude, longitude) in facts.items():
        pairs.append([{"prompt": f"People in {country}", "tags": {"latitude": middle[0], "longitude": middle[1]}},
                      {"prompt": f"The city of {city}", "tags": {"latitude": latitude, "longitude": longitude}}])
    rng.shuffle(pairs)
    return [row for pair in pairs for row in pair]


def years(rng):
    rows = [{"prompt": f"It was the time of {event}", "tags": {"year": year}} for event, year in YEARS.items()]
    rng.shuffle(rows)
    return rows


def main(out):
    vocab = json.loads((Path(__file__).parent.parent / "models/fable/vocab.json").read_text(encoding="utf-8"))
    single = lambda word: word in vocab and "\u0120" + word in vocab  # one token, with a space in front and without
    rng = random.Random(0)
    sets = {"indirect-objects": indirect_objects(rng, [n for n in MALE + FEMALE if single(n)], 200),
            "capitals": capitals(rng, [c for c in CAPITALS if "\u0120" + c in vocab and "\u0120" + CAPITALS[c] in vocab]),
            "truth": truth(rng, list(CAPITALS)), "places": places(rng, COUNTRIES), "world": places(rng, COUNTRIES | MORE_COUNTRIES), "years": years(rng)}
    for name, rows in sets.items():
        (out / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        print(name, len(rows))


if __name__ == "__main__":
    main(Path(sys.argv[1]))

"""Objects as training scripts leave them beside weights, in every protocol. Usage: python make.py   (needs numpy)"""
import argparse, collections, dataclasses, datetime, decimal, enum, fractions, functools, os, pathlib, pickle, types, uuid
import numpy as np

here = os.path.dirname(os.path.abspath(__file__))


@dataclasses.dataclass
class GPTConfig:
    n_layer: int = 3
    n_head: int = 4
    out_dir: pathlib.Path = pathlib.PurePosixPath("out/run 1")


@dataclasses.dataclass(slots=True)
class Slotted:
    n_head: int = 5


class Schedule(enum.Enum):
    COSINE = 1


class Flags(enum.IntFlag):
    A = 1
    B = 2


class Old:
    def __init__(self):
        self.n_head = 6


class ListOfMine(list):
    pass


class DictOfMine(dict):
    pass


Step = collections.namedtuple("Step", "loss lr")


def evil():
    pass


def everything():
    mine, of_mine = DictOfMine(n_head=7), ListOfMine([1, 2])
    mine.extra = 1
    array = np.arange(6, dtype=np.float32).reshape(2, 3)
    return {
        "first": 1,
        "namespace": argparse.Namespace(n_head=8, lr=3e-4),
        "simple": types.SimpleNamespace(n_head=9),
        "path": pathlib.PurePosixPath("a/b"),
        "defaultdict": collections.defaultdict(list, {"n_head": 10}),
        "defaultdict_of_dicts": collections.defaultdict(dict),
        "ordered": collections.OrderedDict([("n_head", 11)]),
        "counter": collections.Counter("hello"),
        "deque": collections.deque([1, 2], maxlen=3),
        "dataclass": GPTConfig(),
        "slotted": Slotted(),
        "old": Old(),
        "enum": Schedule.COSINE,
        "flag": Flags.A | Flags.B,
        "named": Step(1.5, 3e-4),
        "datetime": datetime.datetime(2024, 1, 2, tzinfo=datetime.timezone.utc),
        "delta": datetime.timedelta(seconds=1),
        "decimal": decimal.Decimal("1.5"),
        "fraction": fractions.Fraction(1, 3),
        "uuid": uuid.UUID(int=7),
        "complex": 1 + 2j,
        "set": {1, 2},
        "frozenset": frozenset([3]),
        "bytes": b"\x00\xff",
        "bytearray": bytearray(b"\x01"),
        "range": range(3),
        "slice": slice(1, 2),
        "type": Schedule,
        "function": evil,
        "builtin": len,
        "partial": functools.partial(len),
        "np_int": np.int64(12),
        "np_int8": np.int8(-3),
        "np_float": np.float64(1.49),
        "np_bool": np.bool_(True),
        "np_array": array,
        "np_turned": array.T,
        "np_texts": np.array(["a", "b"]),
        "np_objects": np.array([None, {}], dtype=object),
        "np_dtype": np.dtype("float32"),
        "list_of_mine": of_mine,
        "dict_of_mine": mine,
        "huge": 10**40,
        "minus": -(2**62),
        "real": -0.25,
        "none": None,
        "true": True,
        "last": 13,
    }


for protocol in range(6):
    with open(f"{here}/objects-{protocol}.pkl", "wb") as f:
        objects = everything()
        if protocol < 2:
            del objects["slotted"]  # has no form there
        pickle.dump(objects, f, protocol=protocol)

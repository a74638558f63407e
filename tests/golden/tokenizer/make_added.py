"""Ids of transformers 5 and tokenizers 0.23 for added tokens, normalizers and prefix spaces.
Usage: python make_added.py   (needs transformers and tokenizers; writes added-cases.json)"""
import copy, json, os, tempfile, warnings

os.environ["HF_HUB_OFFLINE"] = "1"
warnings.filterwarnings("ignore")
from tokenizers import Tokenizer
from transformers import GPT2Tokenizer, TokenizersBackend

here = os.path.dirname(os.path.abspath(__file__))
vocab = json.load(open(f"{here}/files/vocab.json"))
merges = open(f"{here}/files/merges.txt").read()
pairs = [line.split(" ") for line in merges.splitlines()[1:] if line]

texts = [
    "Hello world", " leading", "trailing  ", "", " ", "\t x\n", "a<|endoftext|>b", "hi <speaker1> there", "hi <speaker1>there<speaker2>",
    "x <mask> y", "x   <mask>   y", "newword newwords a newword.", "new word new  word", "e\u0301 \u00e9 \u00c5 A\u030a", "PARIS Paris \u0130I\u0307",
    "The capital\r\n of", "\ufb01ne \u2460 \u00bd x\u00b2 \uff21", "\uac00 \u1100\u1161 \u1100\u1161\u11a8", "  both  sides  ", "``quoted'' text",
    "<pad><pad>", "<PAD> <pad>", "a<pad", "<speaker1<speaker1>", "\u3000wide\u3000", "<mask>\u00a0<mask>", "caf\u00e9newword", "newword_newword1 newword",
    "\u0344\u0958", "q\u0323\u0307 q\u0307\u0323", "\ud55c\uae00 <pad> x", "a  b   c",
    "newword \n x", "newword\n\nx", "x  newword  \n  newword", "a\u180eb\u0085c", "x\nabc\na", "\u0301new word newer", "caf\u00e9-12 \u24b6", "<s>x<s> <unk>",
]


def token(id, content, **flags):
    return {"id": id, "content": content, "single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True} | flags


end = token(300, "<|endoftext|>")
many = [
    end,
    token(301, "<speaker1>"),
    token(302, "<mask>", lstrip=True),
    token(303, "newword", special=False, normalized=True, single_word=True),
    token(304, "<pad>", special=False, normalized=True),
    token(305, "new word", special=False, normalized=True),
    token(306, "<speaker2>", rstrip=True, special=False),
    token(307, "\u00e9", special=False, normalized=True),
]


def tokenizer_json(normalizer=None, added=(end,), **byte_level):
    return {
        "version": "1.0", "truncation": None, "padding": None, "added_tokens": list(added), "normalizer": normalizer,
        "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True} | byte_level,
        "post_processor": None, "decoder": {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": True},
        "model": {"type": "BPE", "dropout": None, "unk_token": None, "continuing_subword_prefix": None, "end_of_word_suffix": None,
                  "fuse_unk": False, "byte_fallback": False, "ignore_merges": False, "vocab": "VOCAB", "merges": "MERGES"},
    }


# What a token takes behind it is cut again where another token stands in it.
shared = [
    end,
    token(301, "newword", special=False, rstrip=True),
    token(302, "\n", special=False),
    token(303, "  ", special=False),
]


def seq(*steps):
    return {"type": "Sequence", "normalizers": list(steps)}


def t(type, **rest):
    return {"type": type} | rest


variants = {
    "plain": tokenizer_json(),
    "prefix space": tokenizer_json(add_prefix_space=True),
    "prefix space, added": tokenizer_json(added=many, add_prefix_space=True),
    "no regex": tokenizer_json(use_regex=False),
    "added": tokenizer_json(added=many),
    "NFC": tokenizer_json(t("NFC"), many),
    "NFD": tokenizer_json(t("NFD"), many),
    "NFKC": tokenizer_json(t("NFKC"), many),
    "NFKD": tokenizer_json(t("NFKD")),
    "Lowercase": tokenizer_json(t("Lowercase"), many),
    "Strip": tokenizer_json(t("Strip", strip_left=True, strip_right=True), many),
    "Strip left": tokenizer_json(t("Strip", strip_left=True, strip_right=False)),
    "Strip right": tokenizer_json(t("Strip", strip_left=False, strip_right=True)),
    "Replace": tokenizer_json(t("Replace", pattern={"String": "``"}, content="\"")),
    "Replace by pattern": tokenizer_json(t("Replace", pattern={"Regex": " {2,}"}, content=" "), many),
    "Replace by nothing": tokenizer_json(t("Replace", pattern={"Regex": "[aeiou]"}, content="")),
    "spaces of two tokens": tokenizer_json(added=shared),
    "Replace by Ruby's spaces": tokenizer_json(t("Replace", pattern={"Regex": "\\s"}, content="_")),
    "Replace all but Ruby's spaces": tokenizer_json(t("Replace", pattern={"Regex": "[^\\sa-z]\\S"}, content="_")),
    "Replace by Ruby's words": tokenizer_json(seq(t("Replace", pattern={"Regex": "\\bnew\\b"}, content="old"), t("Replace", pattern={"Regex": "[\\w-]{5,}"}, content="long"),
                                                  t("Replace", pattern={"Regex": "\\W\\B"}, content="%"))),
    "Replace by Ruby's lines": tokenizer_json(seq(t("Replace", pattern={"Regex": "^a|c$"}, content="b"), t("Replace", pattern={"Regex": "(?m)x.+?a"}, content="dot"))),
    "Replace by Ruby's sets": tokenizer_json(seq(t("Replace", pattern={"Regex": "[[:space:][:upper:]]"}, content="-"), t("Replace", pattern={"Regex": "\\h\\h"}, content="hex"),
                                                 t("Replace", pattern={"Regex": "\\u00e9"}, content="e"))),
    "Prepend": tokenizer_json(t("Prepend", prepend="_"), many),
    "Sequence": tokenizer_json(seq(t("NFKC"), t("Lowercase"), seq(t("Replace", pattern={"String": "''"}, content="\""), t("Strip", strip_left=True, strip_right=True)),
                                   t("Prepend", prepend=" ")), many, add_prefix_space=True),
}

loose = {
    "loose": {},
    "loose, added_tokens.json": {"added_tokens.json": {"<speaker1>": 300, "<speaker2>": 301, "<pad>": 302, "new word": 303},
                                 "special_tokens_map.json": {"additional_special_tokens": ["<speaker1>", "<speaker2>"], "pad_token": "<pad>"}},
    "loose, without a map": {"added_tokens.json": {"<speaker1>": 300, "<pad>": 301, "newword": 302}},
    "loose, tokenizer_config.json": {
        "tokenizer_config.json": {"add_prefix_space": True, "pad_token": "<pad>", "added_tokens_decoder": {
            "300": {"content": "<pad>", "lstrip": False, "rstrip": False, "normalized": False, "single_word": False, "special": True},
            "301": {"content": "<mask>", "lstrip": True, "rstrip": False, "normalized": False, "single_word": False, "special": True},
            "302": {"content": "newword", "lstrip": False, "rstrip": False, "normalized": True, "single_word": True, "special": False}}},
        "added_tokens.json": {"<speaker1>": 309}},
    "loose, a dict in the map": {
        "added_tokens.json": {"<mask>": 300},
        "special_tokens_map.json": {"mask_token": {"content": "<mask>", "lstrip": True, "rstrip": False, "normalized": False, "single_word": False}}},
    "loose, only named": {
        "special_tokens_map.json": {"bos_token": "<s>", "unk_token": "<unk>", "pad_token": "<pad>"},
        "tokenizer_config.json": {"pad_token": "<PAD>", "eos_token": "newword", "mask_token": "<mask>", "extra_special_tokens": ["<speaker1>"]}},
    "loose, no token": {"special_tokens_map.json": {"bos_token": None, "eos_token": None, "unk_token": None}},
    "loose, named after others": {"added_tokens.json": {"<speaker1>": 300, "<speaker2>": 301}, "special_tokens_map.json": {"pad_token": "<pad>"}},
}
# A tokenizer.json with other files beside it, and the class of transformers that reads them.
beside = {
    "beside, added_tokens.json says less": (TokenizersBackend, {
        "tokenizer.json": tokenizer_json(added=many), "added_tokens.json": {"<speaker1>": 301, "<mask>": 302, "newword": 303, "<pad>": 304, "<speaker2>": 306}}),
    "beside, added_tokens_decoder says more": (GPT2Tokenizer, {
        "tokenizer.json": tokenizer_json(),
        "tokenizer_config.json": {"tokenizer_class": "GPT2Tokenizer", "added_tokens_decoder": {
            str(entry["id"]): {k: v for k, v in entry.items() if k != "id"} for entry in (end, token(301, "<mask>", lstrip=True))}}}),
    "beside, only named": (TokenizersBackend, {"tokenizer.json": tokenizer_json(), "special_tokens_map.json": {"pad_token": "<pad>", "sep_token": "<s>"}}),
    "beside, a prefix space": (GPT2Tokenizer, {
        "tokenizer.json": tokenizer_json(), "tokenizer_config.json": {"add_prefix_space": True, "tokenizer_class": "GPT2Tokenizer"}}),
    "beside, no prefix space": (GPT2Tokenizer, {
        "tokenizer.json": tokenizer_json(add_prefix_space=True), "tokenizer_config.json": {"add_prefix_space": False, "tokenizer_class": "GPT2TokenizerFast"}}),
    "beside, a prefix space of another class": (TokenizersBackend, {
        "tokenizer.json": tokenizer_json(add_prefix_space=True), "tokenizer_config.json": {"add_prefix_space": False, "tokenizer_class": "PreTrainedTokenizerFast"}}),
}

cases = []
for name, definition in variants.items():
    full = copy.deepcopy(definition)
    full["model"]["vocab"], full["model"]["merges"] = {k: v for k, v in vocab.items() if v < 300}, pairs
    tokenizer = Tokenizer.from_str(json.dumps(full))
    rows = []
    for text in texts:
        tokenizer.encode_special_tokens = True
        plain = tokenizer.encode(text, add_special_tokens=False).ids
        tokenizer.encode_special_tokens = False
        rows.append({"text": text, "ids": plain, "special": tokenizer.encode(text, add_special_tokens=False).ids})
    cases.append({"name": name, "files": {"tokenizer.json": definition}, "texts": rows})
for name, (cls, files) in {**{name: (GPT2Tokenizer, files) for name, files in loose.items()}, **beside}.items():
    with tempfile.TemporaryDirectory() as folder:
        for file, content in files.items():
            content = copy.deepcopy(content)
            if file == "tokenizer.json":
                content["model"]["vocab"], content["model"]["merges"] = {k: v for k, v in vocab.items() if v < 300}, pairs
            json.dump(content, open(f"{folder}/{file}", "w"))
        if "tokenizer.json" not in files:
            json.dump({k: v for k, v in vocab.items() if v < 300}, open(f"{folder}/vocab.json", "w"))
            open(f"{folder}/merges.txt", "w").write(merges)
        tokenizer = cls.from_pretrained(folder)
        rows = []
        for text in texts:
            plain = tokenizer(text, split_special_tokens=True)["input_ids"]
            rows.append({"text": text, "ids": plain, "special": tokenizer(text, split_special_tokens=False)["input_ids"]})
        cases.append({"name": name, "files": files, "texts": rows})
json.dump(cases, open(f"{here}/added-cases.json", "w"), ensure_ascii=True, separators=(",", ":"))

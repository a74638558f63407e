#!/usr/bin/env python3
"""Makes Chinese.otf: Noto Sans CJK SC (Debian's fonts-noto-cjk, OFL 1.1) with the characters that the program's own words need.

    apt install fonts-noto-cjk python3-fonttools
    /usr/bin/python3 assets/fonts/make_chinese.py

It has the 3,755 characters of GB 2312's first level, the usual punctuation, and every other character of a zh.json that the
other bundled faces lack, so that a new sentence seldom needs a new font; tests/renderer/text/chinese_test.cpp says when it does.
"""

import json
import pathlib
import sys

from fontTools import subset
from fontTools.ttLib import TTFont

FOLDER = pathlib.Path(__file__).resolve().parent
SOURCE = "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc"
# In the collection: JP, KR, SC, TC, HK, which draw some characters differently.
SIMPLIFIED_CHINESE = 2
FAMILY = "Glassformer Chinese"


def words_of(value):
    if isinstance(value, str):
        yield value
    for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else []:
        yield from words_of(each)


def first_level():
    """The most used characters, in the rows 16 to 55 of GB 2312."""
    for row in range(0xB0, 0xD8):
        for cell in range(0xA1, 0xFA if row == 0xD7 else 0xFF):
            yield bytes([row, cell]).decode("gb2312")


def characters():
    used = set()
    for path in FOLDER.parent.rglob("zh.json"):
        for words in words_of(json.loads(path.read_text(encoding="utf-8"))):
            used.update(words)
    # Latin letters and signs that the other faces have stay theirs.
    others = set()
    for name in ("Inter-Regular.otf", "DejaVuSans.ttf"):
        others.update(TTFont(FOLDER / name).getBestCmap())
    punctuation = "、。〈〉《》「」『』【】〔〕！（），．：；？～￥　"
    return {c for c in used if ord(c) not in others and c >= " "} | set(first_level()) | set(punctuation)


def main():
    font = TTFont(sys.argv[1] if len(sys.argv) > 1 else SOURCE, fontNumber=SIMPLIFIED_CHINESE)
    options = subset.Options()
    options.layout_features = []
    options.hinting = False
    options.desubroutinize = True
    options.notdef_outline = True
    options.drop_tables += ["VORG", "vhea", "vmtx", "GPOS", "GSUB"]
    options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 13, 14]
    cutter = subset.Subsetter(options)
    cutter.populate(text="".join(characters()))
    cutter.subset(font)
    # A name of its own, so that it does not hide the whole face where that is installed.
    for record in list(font["name"].names):
        if record.nameID in (1, 4):
            record.string = FAMILY
        elif record.nameID in (3, 6):
            record.string = FAMILY.replace(" ", "")
    for face in font["CFF "].cff.topDictIndex:
        face.FamilyName = face.FullName = FAMILY
    # Lines as high as Inter's, so that a line of both is no higher than a line of one.
    inter = TTFont(FOLDER / "Inter-Regular.otf")
    scale = font["head"].unitsPerEm / inter["head"].unitsPerEm
    above, below = round(inter["hhea"].ascent * scale), round(inter["hhea"].descent * scale)
    font["hhea"].ascent, font["hhea"].descent, font["hhea"].lineGap = above, below, 0
    table = font["OS/2"]
    table.sTypoAscender, table.sTypoDescender, table.sTypoLineGap = above, below, 0
    table.usWinAscent, table.usWinDescent = above, -below
    font["head"].modified = font["head"].created  # the same bytes each time
    font.recalcTimestamp = False
    font.save(FOLDER / "Chinese.otf")


main()

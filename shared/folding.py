"""Text as both searches index it: folded (case, width, accents), with spaces in the place of punctuation."""

import re
import unicodedata
from functools import cache

# Accents are marks of Latin, Greek and Cyrillic; marks of other scripts are letters to their readers.
_ACCENTS = re.compile("[\u0300-\u036f]")
UNSPACED = re.compile(
    "[\u0e00-\u0eff\u0f00-\u0fff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u3040-\u30ff\u3130-\u318f\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff]+"
)
"""Characters of scripts that put no space between words, or whose words are mostly one or two characters."""
# Symbols that are part of a name (C++, C#); the others that Markdown is written with are not.
_KEPT, _DROPPED = frozenset("+#"), frozenset("`^~|<>=$")


@cache
def _separates(character: str) -> bool:
    """Whether a character stands between words."""
    kind = unicodedata.category(character)[0]
    return character in _DROPPED or (kind in "PZC" and character not in _KEPT)


def fold(text: str) -> str:
    """The words of a text, folded, with one space between each two."""
    if text.isascii():
        folded = text.lower()
    else:
        marked = unicodedata.normalize("NFKD", text.casefold())
        folded = unicodedata.normalize("NFKC", _ACCENTS.sub("", marked))
    for character in filter(_separates, set(folded)):  # few different ones: faster than to look at each in turn
        folded = folded.replace(character, " ")
    return " ".join(folded.split())

"""Names that look like other names: what a reviewer reads must be what a program opens.

Two rules, each for what never happens by accident. A word that mixes Latin letters with letters
of another script that look Latin is refused by itself (``cоnfig`` with a Cyrillic о). And two
names that read alike are one name to ``bounds.Paths``: so an archive can't hold both ``index.js``
and its twin in another script. A name wholly in one script passes, and so does ``Δt.csv``: letters
that nobody takes for Latin ones may stand beside them. The table is the part of Unicode's
confusables (UTS 39) that common fonts draw the same; it can't be complete, and no reader should
rely on it alone.
"""

# ruff: noqa: RUF001, RUF002  the letters that this file is about

from __future__ import annotations

import re
import unicodedata

_FOREIGN = (
    "аеорсухіјѕԁһԛԝѵӏАВЕКМНОРСТУХІЈЅԚԜӀ"  # Cyrillic
    "ορνυϲϳΑΒΕΖΗΙΚΜΝΟΡΤΥΧ"  # Greek
    "օոսհզՍՕՏ"  # Armenian
    "ᎪᏴᏟᎬᎻᎫᏦᎷᏢᏚᎢᏔᏃ"  # Cherokee
)
_LATIN = "aeopcyxijsdhqwvlABEKMHOPCTYXIJSQWIopvucjABEZHIKMNOPTYXonuhqUOSABCEHJKMPSTWZ"
_TWINS = frozenset(_FOREIGN)
_SKELETON = str.maketrans(dict(zip(_FOREIGN, _LATIN, strict=True)) | {"ı": "i", "ɑ": "a", "ɡ": "g"})
_WORD = re.compile(r"[^\W\d_]+")
# What a reader, or Windows in its eight-bit interfaces, takes for a separator of folders.
_SEPARATORS = frozenset("\u2044\u2215\u29f8\u29f9\ufe68\uff0f\uff3c")


def disguised(name: str) -> bool:
    """Whether ``name``, one part of a path, pretends to be another or to be several parts."""
    if not _SEPARATORS.isdisjoint(name) or not unicodedata.normalize("NFKC", name).strip("."):
        return True
    bare = "".join(
        char for char in unicodedata.normalize("NFKD", name) if not unicodedata.combining(char)
    )
    return any(
        not _TWINS.isdisjoint(word) and any(letter.isascii() for letter in word)
        for word in _WORD.findall(bare)
    )


def keys(path: str) -> tuple[str, ...]:
    """What ``path`` is to the most careless file system and to the most careless reader.

    The first folds case and Unicode's canonical forms, as Windows and macOS do (canonical
    caseless matching, Unicode D145); the second also folds compatibility forms (full-width
    letters, ligatures) and the twins. Two paths that share a key are a collision.
    """
    if path.isascii():
        return (path.lower(),)
    plain = unicodedata.normalize("NFKC", path).translate(_SKELETON)
    return _caseless(path), _caseless(plain)


def _caseless(text: str) -> str:
    return unicodedata.normalize("NFD", unicodedata.normalize("NFD", text).casefold())

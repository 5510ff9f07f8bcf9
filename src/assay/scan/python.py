"""Python, rewritten so that a rule meets one spelling of a thing; see ``assay.scan.javascript``.

Line ends and spaces as the tokenizer reads them, identifiers in their compatibility form (PEP
3131: a full-width ``exec`` calls ``exec``), plain characters for their escapes in strings, and
adjacent strings joined.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise

from assay.scan.javascript import Source, hides
from assay.scan.offsets import Edit, edited
from assay.scan.slicing import Piece

_STRING = re.compile(
    r"(?<![\w])([rRbBuUfF]{0,2})(\"\"\"(?:[^\\]|\\.)*?\"\"\"|'''(?:[^\\]|\\.)*?'''"
    r"|\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*')|#[^\n]*",
    re.DOTALL,
)
_ESCAPE = re.compile(
    r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{1,3})|\n|(.))", re.DOTALL
)
_PLAIN = re.compile(r"[A-Za-z0-9_$./:@ ~=?&,;+%#<>|!-]")
_BETWEEN = re.compile(r"\s*\+?\s*")
_STATEMENT = re.compile(r"(?<!@)\n(?=[A-Za-z_@(\[\"'])(?!(?:else|elif|except|finally)\b)(?<!:\n)")


def canonical(text: str) -> str:
    """ASCII with ``\\n`` for line ends, one character for one."""
    if "\r" in text:
        text = text.replace("\r\n", " \n").replace("\r", "\n")
    if "\0" in text:
        text = text.replace("\0", " ")
    if text.isascii():
        return text
    return text.translate({ord(character): _ascii(character) for character in set(text)})


def _ascii(character: str) -> str:
    if character.isascii():
        return character
    folded = unicodedata.normalize("NFKC", character)
    return folded if len(folded) == 1 and folded.isascii() else "_"


def read(text: str) -> Source:
    """Rewrite a program."""
    plain = canonical(text)
    edits: list[Edit] = []
    hidden: list[int] = []
    last: re.Match[str] | None = None
    for match in _STRING.finditer(plain):
        if match[2] is None:
            continue
        if "r" not in match[1].lower() and "\\" in match[2]:
            for edit in _unescaped(plain, match.start(2), match.end(2)):
                edits.append(edit)
                if edit.new.isalpha():
                    hidden.append(edit.start)
        if last is not None and _joined(plain, last, match):
            edits.append(Edit(last.end() - 1, match.start(2) + 1, ""))
            if hides(plain[last.end() - 2], plain[match.start(2) + 1]):
                hidden.append(last.end() - 1)
        last = match
    step = edited(plain, sorted(edits))
    return Source(step.text, plain, (), (step,), tuple(hidden))


def pieces(text: str) -> list[Piece]:
    """Each statement of the outermost level by itself: Python 2, or one that is not finished,
    costs no other."""
    cuts = [0, *(match.end() for match in _STATEMENT.finditer(text)), len(text)]
    return [Piece(text[a:b], ((0, a),)) for a, b in pairwise(cuts) if text[a:b].strip()]


def _joined(text: str, one: re.Match[str], other: re.Match[str]) -> bool:
    """Whether two strings are one: alike in quote and prefix, with nothing or a plus between."""
    first, second = one[2], other[2]
    if one[1] != other[1] or first[0] != second[0] or first[:3] == first[0] * 3:
        return False
    if second[:3] == second[0] * 3 or len(first) < 3 or len(second) < 3:
        return False
    between = text[one.end() : other.start()]
    if "\n" in between and "+" not in between:
        return False  # two statements, or two items of a list that a bracket holds
    return _BETWEEN.fullmatch(between) is not None


def _unescaped(text: str, start: int, end: int) -> list[Edit]:
    found = []
    for match in _ESCAPE.finditer(text, start, end):
        code = match[1] or match[2] or match[3]
        number = int(code, 16) if code else int(match[4], 8) if match[4] else None
        if number is not None and number < 128 and _PLAIN.fullmatch(chr(number)):
            found.append(Edit(match.start(), match.end(), chr(number)))
    return found

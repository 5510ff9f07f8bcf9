"""Takes the wrappings off what a program holds encoded: base64, hex, escapes, arrays of codes,
pieces, reversed text, rot13, compressed and XORed bytes.

Nothing is run. Depth, size and count are bounded, and time grows with the length of the text:
runs are found by mapping a text to one character a class and looking for a long run of it.
"""

from __future__ import annotations

import base64
import binascii
import bz2
import codecs
import lzma
import re
import zlib
from collections.abc import Iterator
from typing import NamedTuple

from assay.scan.bytes.runs import Alphabet

DEEPEST = 5  # wrappings around one another
LEAST_PIECES = 1000  # of one text, and more of a long one
MOST_BYTES = 2 << 20  # of one thing taken out
LEAST_TOTAL = 8 << 20  # of all that is taken out of one file, and more of a long one
_SHORTEST = 20  # characters of a run of base64 or hex


EXHAUSTED = "exhausted"  # the chain that says: there is more, which was not taken out


class Peeled(NamedTuple):
    """Something taken out: where its wrapping begins in the outermost text, by which ``chain`` of
    decodings, and ``raw`` itself."""

    offset: int
    chain: tuple[str, ...]
    raw: bytes

    @property
    def text(self) -> str | None:
        """As text, None where it is no text."""
        return _as_text(self.raw)


class _Budget:
    """What may be taken out of one text: time stays in proportion to its length."""

    def __init__(self, length: int) -> None:
        self.left = LEAST_TOTAL + 3 * length
        self.pieces = LEAST_PIECES + length // 16

    def spend(self, size: int) -> bool:
        self.left -= size
        self.pieces -= 1
        return self.left > 0 and self.pieces > 0


def peel(text: str) -> Iterator[Peeled]:
    """All that can be taken out of a text, and out of that in turn."""
    budget = _Budget(len(text))
    waiting: list[tuple[int, tuple[str, ...], str, int]] = [(0, (), text, 0)]
    seen: set[bytes] = set()
    while waiting:
        offset, chain, outer, depth = waiting.pop()
        for found in _once(outer):
            place = offset if depth else found.offset
            whole = Peeled(place, (*chain, *found.chain), found.raw)
            if found.raw in seen:
                continue
            if not budget.spend(len(found.raw)):
                yield Peeled(place, (EXHAUSTED,), b"")
                return
            seen.add(found.raw)
            yield whole
            inner = whole.text
            if inner is not None and depth + 1 < DEEPEST and len(inner) >= 8:
                waiting.append((place, whole.chain, inner, depth + 1))


def _once(text: str) -> Iterator[Peeled]:
    for find in (_runs, _escapes, _percents, _codes, _calls, _joined, _turned):
        for offset, how, raw in find(text):
            yield from _opened(offset, how, raw)


def _opened(offset: int, how: str, raw: bytes) -> Iterator[Peeled]:
    """The bytes, decompressed where they are compressed, un-XORed where that makes text."""
    opened = _decompressed(raw)
    if opened:
        yield Peeled(offset, (how, opened[0]), opened[1])
    elif _as_text(raw) is None and (key := _xor_key(raw)) is not None:
        yield Peeled(offset, (how, f"xor {key:#04x}"), raw.translate(_TABLES[key]))
    else:
        yield Peeled(offset, (how,), raw)


# ---- runs of base64 and hex

_BASE64 = Alphabet("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=_-")
_HEX = re.compile(r"(?:0x)?((?:[0-9a-fA-F]{2})+)")


def _runs(text: str) -> Iterator[tuple[int, str, bytes]]:
    for start, end in _BASE64.runs(text, _SHORTEST):
        if decoded := _decoded(text[start : min(end, start + MOST_BYTES)]):
            yield start, decoded[0], decoded[1]


def _decoded(run: str) -> tuple[str, bytes] | None:
    if (match := _HEX.fullmatch(run)) and not run.isdigit():
        return "hex", bytes.fromhex(match[1])
    core = run.strip("-=_/")
    if len(core) < _SHORTEST or not _like_base64(core):
        return None
    plain = core.replace("-", "+").replace("_", "/").rstrip("=").split("=", 1)[0]
    try:
        raw = base64.b64decode(plain + "=" * (-len(plain) % 4))
    except (binascii.Error, ValueError):
        return None
    return ("base64", raw) if raw else None


def _like_base64(core: str) -> bool:
    """Whether a run looks less like a name or a path than like base64."""
    head = core[:200]
    if head.isalpha() and (head.islower() or head.isupper()):
        return False
    upper = any(char.isupper() for char in head)
    lower = any(char.islower() for char in head)
    return upper and lower and head.count("/") * 6 < len(head) and head.count("-") * 6 < len(head)


# ---- escapes

_ONE = r"\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|u\{[0-9a-fA-F]{1,6}\}|[0-3][0-7]{2})"
_ESCAPED = re.compile(rf"{_ONE}(?:{_ONE}){{4,}}")
_ONE_ESCAPE = re.compile(r"\\x([0-9a-fA-F]{2})|\\u\{?([0-9a-fA-F]{1,6})\}?|\\([0-7]{3})")
_LETTER_ESCAPE = re.compile(r"\\(?:x[2-7][0-9a-fA-F]|u00[2-7][0-9a-fA-F])")
_MOST_LITERAL = 4000  # characters


def _escapes(text: str) -> Iterator[tuple[int, str, bytes]]:
    if "\\x" not in text and "\\u" not in text and "\\1" not in text:
        return
    for match in _ESCAPED.finditer(text):
        yield match.start(), "escapes", _unescape(match[0]).encode("utf-8", "replace")
    until = -1
    for match in _LETTER_ESCAPE.finditer(text):
        if match.start() < until:
            continue
        start, until = _literal_around(text, match.start())
        # A literal that writes its letters as escapes here and there hides a word.
        if until - start <= _MOST_LITERAL and text.count("\\", start, until) >= 3:
            yield start, "escaped letters", _unescape(text[start:until]).encode("utf-8", "replace")


def _unescape(text: str) -> str:
    return _ONE_ESCAPE.sub(_char, text)


def _char(match: re.Match[str]) -> str:
    code = int(match[3], 8) if match[3] else int(match[1] or match[2], 16)
    return chr(code) if code < 0x110000 and not 0xD800 <= code < 0xE000 else "\ufffd"


_PERCENT = re.compile(r"%[0-9a-fA-F]{2}(?:[\w.~()!*'-]{0,3}%[0-9a-fA-F]{2}){9,}")


def _percents(text: str) -> Iterator[tuple[int, str, bytes]]:
    if "%" not in text:
        return
    from urllib.parse import unquote_to_bytes

    for match in _PERCENT.finditer(text):
        yield match.start(), "percent", unquote_to_bytes(match[0][:MOST_BYTES])


# ---- arrays of character codes, calls of chr

_LISTED = Alphabet("0123456789abcdefABCDEFxX, \t\r\n")
_DASHED = Alphabet("0123456789-_|:")
_NUMBER = re.compile(r"0x[0-9a-fA-F]{1,2}(?![0-9a-fA-F])|(?<![0-9a-zA-Z])\d{1,3}(?![0-9a-zA-Z])")
_LIST_OF = re.compile(
    r"(?:0x[0-9a-fA-F]{1,2}|\d{1,3})(?:\s{0,8},\s{0,40}(?:0x[0-9a-fA-F]{1,2}|\d{1,3})){7,}(?!\w)"
)
_DASHED_OF = re.compile(r"\d{2,3}(?P<by>[-_|:])\d{2,3}(?:(?P=by)\d{2,3}){9,}(?!\w)")


def _codes(text: str) -> Iterator[tuple[int, str, bytes]]:
    for alphabet, least, pattern in ((_LISTED, 24, _LIST_OF), (_DASHED, 32, _DASHED_OF)):
        for start, end in alphabet.runs(text, least):
            if match := pattern.search(text, start, min(end, start + MOST_BYTES)):
                yield from _coded(match)


def _coded(match: re.Match[str]) -> Iterator[tuple[int, str, bytes]]:
    numbers = [int(one, 0) if one[:2] == "0x" else int(one) for one in _NUMBER.findall(match[0])]
    if all(number < 256 for number in numbers):
        raw = bytes(numbers)
        yield match.start(), "codes", raw
        yield from _shifted(match.start(), raw)


_CODE = r"\(\s{0,3}(?:0x[0-9a-fA-F]{1,4}|\d{1,4})\s{0,3}\)"
_CHR = re.compile(rf"chr{_CODE}(?:[\s+.,]{{1,8}}(?:un)?i?chr{_CODE}){{3,}}")
_FROM = re.compile(rf"fromCharCode{_CODE}(?:[\s+]{{1,8}}String\.fromCharCode{_CODE}){{3,}}")
_CHR_NUMBER = re.compile(r"\(\s{0,3}(0x[0-9a-fA-F]{1,4}|\d{1,4})\s{0,3}\)")


def _calls(text: str) -> Iterator[tuple[int, str, bytes]]:
    for literal, pattern in (("chr(", _CHR), ("fromCharCode(", _FROM)):
        if literal in text:
            for match in pattern.finditer(text):
                numbers = _CHR_NUMBER.findall(match[0])
                codes = [int(one, 16) if "x" in one else int(one) for one in numbers]
                plain = "".join(chr(code) for code in codes)
                yield match.start(), "codes", plain.encode("utf-8", "replace")


_TELLING = re.compile(
    rb"https?://|import |require\(|eval\(|exec\(|child_process|subprocess|#!/|powershell|/bin/sh"
    rb"|socket|function ?\(|curl |process\.env|os\.system"
)


def _shifted(offset: int, raw: bytes) -> Iterator[tuple[int, str, bytes]]:
    """Codes that became text by adding or subtracting one small number."""
    if len(raw) < 12 or _TELLING.search(raw) or max(raw) - min(raw) > 126:
        return
    for by in range(-60, 61):
        if by and min(raw) + by >= 9 and max(raw) + by < 127:
            moved = bytes(code + by for code in raw[:4096])
            if _TELLING.search(moved):
                yield offset, f"shift {by}", moved
                return


# ---- pieces, turned text

_SEAM = re.compile(r"\+\s{0,40}[\"'`]")
_QUOTES = "\"'`"
_CHAIN = re.compile(
    r"([\"'`])([^\"'`\n\\]{0,24})\1(?:\s{0,20}\+\s{0,20}([\"'`])[^\"'`\n\\]{0,24}\3){1,60}"
)
_LIST = re.compile(
    r"\[\s{0,10}(?:[\"'][^\"'\n]{0,24}[\"']\s{0,4},\s{0,10}){1,200}[\"'][^\"'\n]{0,24}[\"']\s{0,10},?\s{0,10}\]"
)
_LITERAL = re.compile(r"[\"'`]([^\"'`\n]{0,40})[\"'`]")
_BEFORE_JOIN = 1200  # characters


def _joined(text: str) -> Iterator[tuple[int, str, bytes]]:
    yield from _chained(text)
    for join in (".join(", ".reverse("):
        at = text.find(join)
        while at >= 0:
            yield from _listed(text, at)
            at = text.find(join, at + len(join))


def _chained(text: str) -> Iterator[tuple[int, str, bytes]]:
    until = 0
    for seam in _SEAM.finditer(text):
        at = seam.start()
        before = text[max(0, at - 24) : at].rstrip()[-1:]
        if at < until or not before or before not in _QUOTES:
            continue
        closing = text.rfind(before, max(0, at - 24), at)
        opening = text.rfind(before, max(0, closing - 26), closing)
        if opening >= 0 and (match := _CHAIN.match(text, opening)):
            until = match.end()
            pieces = _LITERAL.findall(match[0])
            yield opening, "pieces", "".join(pieces).encode("utf-8", "replace")


def _listed(text: str, join: int) -> Iterator[tuple[int, str, bytes]]:
    """A list of short literals that is joined: `["ch","ild"].join("")`, `"".join(["o", "s"])`."""
    behind = text[max(0, join - _BEFORE_JOIN) : join]
    opening = behind.rfind("[")
    match = _LIST.match(behind, opening) if opening >= 0 else None
    start = join - len(behind) + opening
    if match is None or len(behind) - match.end() > 40:
        match, start = _LIST.match(text, join + len(".join(")), join
    if match:
        pieces = _LITERAL.findall(match[0])
        turned = "reverse" in text[join : join + 30] or "reverse" in behind[-20:]
        plain = "".join(pieces[::-1] if turned else pieces)
        yield start, "pieces", plain.encode("utf-8", "replace")


# What a program would say, as it looks reversed and in rot13.
_BACKWARDS = ("ptth", "ssecorp_dlihc", "(lave", "(cexe", " tropmi", "(eriuqer", "ssecorpbus", "metsys.so", "hsab/nib", "llehsrewop")  # fmt: skip
_ROTATED = ("uggc", "puvyq_cebprff", "riny(", "rkrp(", "vzcbeg ", "erdhver(", "fhocebprff", "bf.flfgrz", "cbjrefuryy")  # fmt: skip
_AROUND = 4000  # characters


def _turned(text: str) -> Iterator[tuple[int, str, bytes]]:
    for marks, how in ((_BACKWARDS, "reversed"), (_ROTATED, "rot13")):
        for mark in marks:
            at = text.find(mark)
            if at >= 0:
                start, end = _literal_around(text, at)
                piece = text[start:end]
                turned = piece[::-1] if how == "reversed" else codecs.encode(piece, "rot13")
                yield start, how, turned.encode("utf-8", "replace")
    yield from _padded_first(text)


_TURNED_RUN = re.compile(r"[\"'](={1,2}[A-Za-z0-9+/]{20,65536})[\"']")
_TURNING = re.compile(r"[\"']\s{0,3}(?:\[::-1\]|\.split\([\"']{2}\)\.reverse\()")


def _padded_first(text: str) -> Iterator[tuple[int, str, bytes]]:
    """Base64 that begins with its padding, or a literal that is turned where it stands."""
    for literal in ('"=', "'="):
        at = text.find(literal)
        while at >= 0:
            if match := _TURNED_RUN.match(text, at):
                yield at, "reversed", match[1][::-1].encode()
            at = text.find(literal, at + 2)
    for literal in ("[::-1]", ".reverse("):
        at = text.find(literal)
        while at >= 0:
            if match := _TURNING.search(text, max(0, at - 16), at + 12):
                start = (
                    text.rfind(match[0][0], max(0, match.start() - MOST_BYTES), match.start()) + 1
                )
                if match.start() - start >= 8:
                    turned = text[start : match.start()][::-1]
                    yield start, "reversed", turned.encode("utf-8", "replace")
            at = text.find(literal, at + 6)


def _literal_around(text: str, at: int) -> tuple[int, int]:
    low, high = max(0, at - _AROUND), min(len(text), at + _AROUND)
    start = max(text.rfind(quote, low, at) for quote in ('"', "'", "`", "\n"))
    ends = [end for quote in ('"', "'", "`", "\n") if (end := text.find(quote, at, high)) >= 0]
    return (start + 1 if start >= 0 else low), min(ends, default=high)


# ---- bytes


def _as_text(raw: bytes) -> str | None:
    """UTF-8 (or UTF-16 without a mark) of printable characters, None for anything else."""
    if len(raw) >= 8 and raw[1::2].count(0) * 10 >= len(raw[1::2]) * 9:
        raw = raw[0::2]
    sample = raw[:4096]
    controls = sum(sample.count(code) for code in (*range(9), *range(14, 27), *range(28, 32), 127))
    if controls * 20 > len(sample):
        return None
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start < len(raw) - 4:
            return None
        text = raw[: error.start].decode("utf-8")
    return text


def _decompressed(raw: bytes) -> tuple[str, bytes] | None:
    try:
        if raw[:2] == b"\x1f\x8b":
            return "gzip", zlib.decompressobj(31).decompress(raw, MOST_BYTES)
        if len(raw) > 2 and raw[0] == 0x78 and int.from_bytes(raw[:2], "big") % 31 == 0:
            return "zlib", zlib.decompressobj().decompress(raw, MOST_BYTES)
        if raw[:3] == b"BZh":
            return "bzip2", bz2.BZ2Decompressor().decompress(raw, MOST_BYTES)
        if raw[:6] == b"\xfd7zXZ\0" or raw[:3] == b"\x5d\0\0":
            return "xz", lzma.LZMADecompressor(memlimit=64 << 20).decompress(raw, MOST_BYTES)
    except (zlib.error, OSError, EOFError, lzma.LZMAError, ValueError):
        return None
    return None


# XORed text still has one byte that is the most frequent: a blank, a letter, a bracket before.
_FREQUENT = b" etaoinrs(.\n\"',;_"
_TABLES = tuple(bytes(code ^ key for code in range(256)) for key in range(256))


def _xor_key(raw: bytes) -> int | None:
    """The one byte by which ``raw`` becomes a text that a program would hold."""
    if len(raw) < 24:
        return None
    head = raw[:1024]
    commonest = max(set(head), key=head.count)
    for usual in _FREQUENT:
        key = commonest ^ usual
        if key and _TELLING.search(head.translate(_TABLES[key])):
            return key if _as_text(head.translate(_TABLES[key])) is not None else None
    return None

"""Bytes to text: what a reviewer reads must be what is signed.

At most 64 KiB, UTF-8 without byte-order mark, lines ended by LF alone, and no character that is
not seen. Nothing is repaired, because a repaired text is not what the signature covers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from assay.finding import Finding
from assay.hidden import escaped, is_hidden

MAX_BYTES = 64 * 1024

_UNUSUAL_BYTE = re.compile(rb"[^\n\x20-\x7e]")
_UNUSUAL = r"[^\n\x20-\x7e]"
# A review shows some 100 columns; what stands behind this much nothing is not looked at.
_GAP = b" " * 40
_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")


def decode(path: str, raw: bytes, limit: int = MAX_BYTES) -> tuple[str | None, list[Finding]]:
    """The text of ``raw``, or None and what is wrong with it; ``limit`` is in bytes."""
    if len(raw) > limit:
        return None, [_too_large(path, len(raw), limit)]
    gaps = list(_gaps(path, raw)) if _GAP in raw else []
    if _UNUSUAL_BYTE.search(raw) is None:
        return (None, gaps) if gaps else (raw.decode("ascii"), [])
    if raw.startswith(_MARKS):
        return None, [_encoding(path, 1, 1, "starts with a byte-order mark")]
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        return None, [_not_utf8(path, raw, error.start)]
    findings = [*_unseen(path, text), *gaps]
    return (None, findings) if findings else (text, [])


def place(text: str, index: int) -> tuple[int, int]:
    """Line and column, from 1 and in characters, of ``text[index]``."""
    return text.count("\n", 0, index) + 1, index - text.rfind("\n", 0, index)


def _too_large(path: str, size: int, limit: int) -> Finding:
    return Finding(
        path,
        1,
        1,
        "file-size",
        f"is {size:,} bytes and was not read; at most {limit:,} are",
        "keep the entry to what is reviewed; long texts belong in the server's repository",
    )


def _encoding(path: str, line: int, column: int, what: str) -> Finding:
    fix = "save the file as UTF-8 without byte-order mark, lines ended by LF"
    return Finding(path, line, column, "file-encoding", what, fix)


def _not_utf8(path: str, raw: bytes, start: int) -> Finding:
    before = raw[:start].decode("utf-8")
    line, column = place(before, len(before))
    return _encoding(path, line, column, f"is not UTF-8: byte 0x{raw[start]:02x} does not fit here")


def _gaps(path: str, raw: bytes) -> Iterator[Finding]:
    """One finding a line that pushes something out of sight; indentation is bounded elsewhere."""
    for number, line in enumerate(raw.split(b"\n"), start=1):
        before, gap, after = line.rstrip(b" ").partition(_GAP)
        if gap and after:
            column = len(before.decode("utf-8", "replace")) + 1
            told = f"has {len(_GAP)} spaces or more in a row, behind which nobody looks"
            yield Finding(path, number, column, "wide-gap", told, "break the line instead")


def _unseen(path: str, text: str) -> Iterator[Finding]:
    """One finding for the CRs, and one a line for other characters that are not seen."""
    line_ends_told = False
    last_line = 0
    for match in re.finditer(_UNUSUAL, text):
        char = match[0]
        if char == "\r" and not line_ends_told:
            line_ends_told = True
            ends = text.count("\r")
            yield _encoding(path, *place(text, match.start()), f"has {ends} carriage returns (CR)")
        elif char != "\r" and is_hidden(char):
            line, column = place(text, match.start())
            if line != last_line:
                last_line = line
                yield hidden(path, line, column, char)


def hidden(path: str, line: int, column: int, char: str) -> Finding:
    """The finding for a character that is not seen."""
    return Finding(
        path,
        line,
        column,
        "hidden-character",
        f"holds {_name(char)}, which a reader does not see",
        "use spaces to indent and align" if char == "\t" else "delete it",
    )


def _name(char: str) -> str:
    if char == "\t":
        return "a tab"
    import unicodedata

    name = unicodedata.name(char, "")
    return f"the character {escaped(char)}" + (f" ({name})" if name else "")

"""Bytes to text as the program would read them that runs it.

node reads UTF-8, and drops a byte-order mark; bytes that are none become a mark of their own
(U+DCxx), so that nothing disappears. Python heeds a declared encoding (PEP 263). Whoever reads a
file in another way than its interpreter scans another program.
"""

from __future__ import annotations

import codecs
import re

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_COOKIE = re.compile(rb"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")  # PEP 263
_BLANK = re.compile(rb"^[ \t\f]*(?:[#\r\n]|$)")


def decode(raw: bytes, kind: str) -> str:
    """The text of a file of this kind (``assay.scan.kind``); nothing raises, nothing is lost."""
    for mark, encoding in _MARKS:
        if raw.startswith(mark):
            return raw[len(mark) :].decode(encoding, _escape(encoding))
    encoding = declared(raw) if kind == "py" else "utf-8"
    return raw.decode(encoding, _escape(encoding))


def declared(raw: bytes) -> str:
    """The encoding that a Python file declares; UTF-8 where none, or none that decodes text."""
    for line in re.split(rb"\r\n|\r|\n", raw[:1024], maxsplit=2)[:2]:
        if match := _COOKIE.match(line):
            return _text_codec(match[1].decode("ascii", "replace"))
        if not _BLANK.match(line):
            break
    return "utf-8"


def _text_codec(name: str) -> str:
    try:
        found = codecs.lookup(name)
        "".encode(found.name)  # rot13, base64 and the like encode no text: Python refuses them
    except (LookupError, TypeError, ValueError, AttributeError):
        return "utf-8"
    return found.name


def _escape(encoding: str) -> str:
    return "surrogateescape" if encoding in ("utf-8", "ascii") else "replace"

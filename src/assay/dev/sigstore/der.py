"""Just enough DER (X.690) to write RFC 3161 tokens and to read their requests.

The libraries at hand write certificates and CMS of ``id-data``, but no time-stamp tokens.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

INTEGER, OCTETS, OID, UTF8, UTC_TIME, GENERALIZED_TIME = 0x02, 0x04, 0x06, 0x0C, 0x17, 0x18
_SEQUENCE, _SET = 0x30, 0x31


@dataclass(frozen=True, slots=True)
class Element:
    """One TLV: ``value`` is its content, ``encoded`` the whole of it."""

    tag: int
    value: bytes
    encoded: bytes


def element(tag: int, *parts: bytes) -> bytes:
    """A definite-length TLV around ``parts``."""
    content = b"".join(parts)
    size = len(content)
    if size < 0x80:
        return bytes([tag, size]) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + content


def sequence(*parts: bytes) -> bytes:
    """SEQUENCE of already encoded parts."""
    return element(_SEQUENCE, *parts)


def set_of(*parts: bytes) -> bytes:
    """SET OF, sorted as DER wants it."""
    return element(_SET, *sorted(parts))


def context(number: int, *parts: bytes) -> bytes:
    """A constructed, context-specific ``[number]``."""
    return element(0xA0 | number, *parts)


def integer(value: int) -> bytes:
    """A non-negative INTEGER."""
    return element(INTEGER, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def octets(value: bytes) -> bytes:
    """OCTET STRING."""
    return element(OCTETS, value)


def utf8(text: str) -> bytes:
    """UTF8String, as Fulcio's extensions from 1.3.6.1.4.1.57264.1.8 on are."""
    return element(UTF8, text.encode())


def oid(dotted: str) -> bytes:
    """OBJECT IDENTIFIER from its dotted form."""
    first, second, *rest = (int(arc) for arc in dotted.split("."))
    return element(OID, b"".join(_base128(arc) for arc in (first * 40 + second, *rest)))


def children(content: bytes) -> Iterator[Element]:
    """The elements that follow one another in ``content``; ValueError where it is cut short."""
    at = 0
    while at < len(content):
        found = first(content[at:])
        yield found
        at += len(found.encoded)


def first(raw: bytes) -> Element:
    """The element that ``raw`` begins with."""
    if len(raw) < 2:
        raise ValueError("DER ends within a header")
    size, start = raw[1], 2
    if size & 0x80:
        start += size & 0x7F
        size = int.from_bytes(raw[2:start], "big")
    if len(raw) < start + size:
        raise ValueError("DER ends within an element")
    return Element(raw[0], raw[start : start + size], raw[: start + size])


def _base128(arc: int) -> bytes:
    digits = [arc & 0x7F]
    while arc := arc >> 7:
        digits.append(arc & 0x7F | 0x80)
    return bytes(reversed(digits))

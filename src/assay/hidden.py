"""Characters that a reader does not see, or that make him see other words than the bytes say.

The bytes of an entry are what is signed and what a reviewer reads, so both must be the same.
Bidirectional controls reorder code (CVE-2021-42574), tag characters and variation selectors
carry whole invisible texts, blank letters make two names look alike, and controls steer terminals.
"""

from __future__ import annotations

# Cc controls, Cf format (bidirectional, zero-width, tags), Cs lone surrogates, Co private use,
# Cn unassigned, Zl and Zp separators that some forges take for a line end, Zs blanks that are
# not the space.
_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp", "Zs"})

# Of Unicode's Default_Ignorable_Code_Point and of the blank letters, what no category above
# names: grapheme joiner, Hangul and Khmer fillers, Mongolian and other variation selectors, the
# blank Braille cell.
_INVISIBLE = (
    (0x034F, 0x034F),
    (0x115F, 0x1160),
    (0x17B4, 0x17B5),
    (0x180B, 0x180F),
    (0x2800, 0x2800),
    (0x3164, 0x3164),
    (0xFE00, 0xFE0F),
    (0xFFA0, 0xFFA0),
    (0xE0100, 0xE01EF),
)


def is_hidden(char: str) -> bool:
    """Whether ``char`` is one of those; a line feed counts, for it is no part of a line."""
    if " " <= char <= "~":
        return False
    import unicodedata  # a file in plain ASCII never needs it

    if unicodedata.category(char) in _CATEGORIES:
        return True
    return any(first <= ord(char) <= last for first, last in _INVISIBLE)


def escaped(char: str) -> str:
    """``char`` as ``\\xNN``, ``\\uNNNN`` or ``\\UNNNNNNNN``."""
    code = ord(char)
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def quoted(text: str, limit: int = 60) -> str:
    """``text`` between backticks for a message, on one line and cut after ``limit`` characters."""
    cut = text if len(text) <= limit else f"{text[: limit - 1]}…"
    return f"`{''.join(escaped(char) if is_hidden(char) else char for char in cut)}`"

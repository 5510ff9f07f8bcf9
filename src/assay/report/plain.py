"""Text that a stranger wrote, made safe to print on one line of a terminal.

Control characters could move the cursor, recolour or retitle a terminal; bidirectional and
invisible characters make a reader see other words than the bytes say (CVE-2021-42574).
"""

from __future__ import annotations

import unicodedata

# Cc controls, Cf format (bidirectional, zero-width, tags), Cs lone surrogates, Co private use,
# Zl and Zp separators that some terminals and forges take for a line end.
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})


def plain(text: str) -> str:
    """``text`` with every hidden character written as ``\\xNN``, ``\\uNNNN`` or ``\\UNNNNNNNN``."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_shown(char) for char in text)


def _shown(char: str) -> str:
    if unicodedata.category(char) not in _HIDDEN:
        return char
    code = ord(char)
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"

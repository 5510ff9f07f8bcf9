"""Text that a stranger wrote, made safe to print on one line of a terminal.

Control characters could move the cursor, recolour or retitle a terminal; bidirectional and
invisible characters make a reader see other words than the bytes say (CVE-2021-42574). And a
forge's runner takes ``##[name]`` and ``##vso[name]`` for a command wherever in a line of a log
they stand.
"""

from __future__ import annotations

from assay.hidden import escaped, is_hidden


def plain(text: str) -> str:
    """``text`` with every hidden character written as ``\\xNN``, ``\\uNNNN`` or ``\\UNNNNNNNN``."""
    if not (text.isascii() and text.isprintable()):
        text = "".join(escaped(char) if is_hidden(char) else char for char in text)
    if "##" in text:
        import re

        text = re.sub(r"##(?=(?:vso)?\[)", r"#\\x23", text, flags=re.IGNORECASE)
    return text

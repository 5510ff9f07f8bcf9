"""What a stranger wrote, inside of Markdown that a forge renders.

In a code span nothing is parsed: no HTML, link, image, mention, issue number, commit or address.
So a stranger's text goes nowhere else. A span can only be left by as many backticks as it began
with, and begins with more than stand in the text.
"""

from __future__ import annotations

import re
from html import escape

from assay.report.plain import plain

_TICKS = re.compile("`+")


def code(text: str) -> str:
    """``text`` as an inline code span on one line; also in a cell of a table."""
    shown = plain(text).replace("|", "\\x7c") or " "  # a bar would end a table's cell
    longest = max((len(run) for run in _TICKS.findall(shown)), default=0)
    fence = "`" * (longest + 1)
    # A blank inside of each fence is stripped again (CommonMark 6.1) unless all is blank.
    pad = " " if shown[0] in "` " or shown[-1] in "` " else ""
    return f"{fence}{pad}{shown}{pad}{fence}"


def html_code(text: str) -> str:
    """``text`` as ``<code>`` within a line of HTML, as in a ``<summary>``."""
    return f"<code>{escape(plain(text))}</code>"

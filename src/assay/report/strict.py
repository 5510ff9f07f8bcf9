"""JSON that may be printed anywhere: into a log that runs commands, and onto a terminal.

All of it is ASCII, so no control and no bidirectional character is left; two number signs, by
which runners know a command, are written as an escape that means the same to a reader of JSON.
"""

from __future__ import annotations

import json


def dumps(value: object) -> str:
    """``value`` as one line of JSON without its end; to indent ten thousands takes seconds."""
    written = json.dumps(value, ensure_ascii=True)
    return written.replace("##", "#\\u0023").replace("\x7f", "\\u007f")

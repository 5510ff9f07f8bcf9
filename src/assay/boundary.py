"""The one boundary that turns an error into an exit code: 0, 1, 2 or 3 (``assay.errors``).

Commands, hooks and CI all end here. Apart from ``assay.cli``, for a hook needs no command line.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import NoReturn

from assay.errors import UNDECIDED, AssayError, Refused, Undecided
from assay.reason import Reason
from assay.report.plain import plain


def guarded(run: Callable[[], int]) -> int:
    """Run ``run`` and give its exit code; any error becomes a message and a code, no traceback.

    Every entry point (commands, hooks, CI) goes through here. ``ASSAY_DEBUG=1`` lets an
    unexpected fault show its traceback.
    """
    try:
        return run()
    except AssayError as error:
        _tell(error)
        return error.exit_code
    except KeyboardInterrupt:
        print("assay: interrupted", file=sys.stderr)
        return UNDECIDED
    except BrokenPipeError:
        # Whoever read us has gone; nothing more can be said, and "clean" was not said either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return UNDECIDED
    except OSError as error:  # a full disk behind standard output, a file that can't be read
        print(f"assay: error [{Reason.UNEXPECTED}]: {plain(str(error))}", file=sys.stderr)
        print("  hint: look at the disk and at the permissions of what it names", file=sys.stderr)
        return UNDECIDED
    except BaseException as error:  # a panic in Rust, as of a parser, is no Exception
        if os.environ.get("ASSAY_DEBUG"):
            import traceback

            traceback.print_exc()  # not raised: Python would end with 1, which means findings
            return UNDECIDED
        kind = type(error).__name__
        print(f"assay: unexpected: {kind}: {plain(str(error))}", file=sys.stderr)
        print("  hint: this is a fault of assay; ASSAY_DEBUG=1 shows where", file=sys.stderr)
        return UNDECIDED


def end(code: int) -> NoReturn:
    """End the process with ``code``: what a console script does last.

    All is written and nothing is left to close, so the 10 ms are spared in which Python would
    take every module apart.
    """
    try:
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:  # closed by whoever started us: the exit code still tells
                stream.flush()
    except OSError:  # whoever read us has gone: what was found was not told
        code = UNDECIDED
    os._exit(code)


def _tell(error: AssayError) -> None:
    reason = f" [{error.reason}]" if isinstance(error, (Refused, Undecided)) else ""
    word = "refused" if isinstance(error, Refused) else "error"
    print(f"assay: {word}{reason}: {plain(error.message)}", file=sys.stderr)
    if error.hint:
        print(f"  hint: {plain(error.hint)}", file=sys.stderr)

"""Progress is for a person who waits at a terminal, and for nobody else."""

from __future__ import annotations

import os
import pty
import subprocess
import sys

CODE = """
import sys, time
from assay.cli.progress import Progress
with Progress("resolving [b]x[/b]") as progress:
    progress(1, 2)
    time.sleep({})
    progress(2, 2)
print("rich" in sys.modules)
"""


def at_a_terminal(seconds: float) -> tuple[str, str]:
    """Standard output, and what was drawn on the terminal."""
    ours, theirs = pty.openpty()
    words = [sys.executable, "-c", CODE.format(seconds)]
    environ = {**os.environ, "TERM": "xterm"}
    done = subprocess.run(words, stdout=subprocess.PIPE, stderr=theirs, env=environ, check=True)
    os.close(theirs)
    os.set_blocking(ours, False)
    try:
        drawn = os.read(ours, 65536).decode()
    except OSError:  # nothing was drawn
        drawn = ""
    os.close(ours)
    return done.stdout.decode().strip(), drawn


def test_in_a_pipe_nothing_is_shown_and_nothing_imported() -> None:
    done = subprocess.run(
        [sys.executable, "-c", CODE.format(1.2)], capture_output=True, text=True, check=True
    )
    assert (done.stdout.strip(), done.stderr) == ("False", "")


def test_what_is_quick_shows_nothing_at_a_terminal() -> None:
    assert at_a_terminal(0) == ("False", "")


def test_what_takes_over_a_second_is_shown_as_it_is_named() -> None:
    out, drawn = at_a_terminal(1.4)
    assert out == "True"
    assert "resolving [b]x[/b]" in drawn

"""CI command ``assay-ci check``: every set of ``assay check``, told as annotations.

``assay-ci check --base REV`` judges a pull request. A set whose extra is not installed here was
not run, and the exit code is 3: in CI nothing is left out that nobody left out.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence

from assay import cli
from assay.sets import EVERY


def main(argv: Sequence[str] | None = None) -> int:
    words = list(sys.argv[1:] if argv is None else argv)
    if words[:1] == ["check"]:  # the only command so far; without its name it was called before
        words = words[1:]
    return cli.main(["check", *_told(), "--only", EVERY, *words])


def _told() -> Iterator[str]:
    """How the forge that runs us wants to be told; what the caller says outweighs it."""
    yield from ("--format", "azure" if os.environ.get("TF_BUILD") else "github")
    if summary := os.environ.get("GITHUB_STEP_SUMMARY"):
        yield from ("--output", f"summary={summary}")


if __name__ == "__main__":
    raise SystemExit(main())

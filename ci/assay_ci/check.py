"""CI command assay-ci: `assay check`, told as annotations of a pull request."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from assay import cli


def main(argv: Sequence[str] | None = None) -> int:
    words = sys.argv[1:] if argv is None else argv
    return cli.main(["check", "--format", "github", *words])


if __name__ == "__main__":
    raise SystemExit(main())

"""pre-commit hook assay-light: see ``assay.hook.light``."""

from __future__ import annotations

from collections.abc import Sequence

from assay import hook
from assay.hook import light


def main(argv: Sequence[str] | None = None) -> int:
    return hook.main("assay-light", light.ask, argv)


if __name__ == "__main__":
    raise SystemExit(main())

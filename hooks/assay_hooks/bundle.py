"""pre-commit hook assay-bundle: see ``assay.hook.bundle``."""

from __future__ import annotations

from collections.abc import Sequence

from assay import hook
from assay.hook import bundle


def main(argv: Sequence[str] | None = None) -> int:
    return hook.main("assay-bundle", bundle.ask, argv)


if __name__ == "__main__":
    raise SystemExit(main())

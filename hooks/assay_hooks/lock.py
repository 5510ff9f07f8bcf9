"""pre-commit hook assay-lock: see ``assay.hook.lock``."""

from __future__ import annotations

from collections.abc import Sequence

from assay import hook
from assay.hook import lock


def main(argv: Sequence[str] | None = None) -> int:
    return hook.main("assay-lock", lock.ask, argv)


if __name__ == "__main__":
    raise SystemExit(main())

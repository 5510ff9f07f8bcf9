"""pre-commit hook assay-deps: see ``assay.hook.deps``."""

from __future__ import annotations

from collections.abc import Sequence

from assay import hook
from assay.hook import deps


def main(argv: Sequence[str] | None = None) -> int:
    return hook.main("assay-deps", deps.ask, argv)


if __name__ == "__main__":
    raise SystemExit(main())

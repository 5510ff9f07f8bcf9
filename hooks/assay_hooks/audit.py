"""pre-commit hook assay-audit: see ``assay.hook.audit``."""

from __future__ import annotations

from collections.abc import Sequence

from assay import hook
from assay.hook import audit


def main(argv: Sequence[str] | None = None) -> int:
    return hook.main("assay-audit", audit.ask, argv)


if __name__ == "__main__":
    raise SystemExit(main())

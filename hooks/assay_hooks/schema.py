"""pre-commit hook assay-schema: see ``assay.hook.schema``."""

from __future__ import annotations

from collections.abc import Sequence

from assay import hook
from assay.hook import schema


def main(argv: Sequence[str] | None = None) -> int:
    return hook.main("assay-schema", schema.ask, argv)


if __name__ == "__main__":
    raise SystemExit(main())

"""A changed entry keeps no bundle that no longer matches: a stale hallmark marks nothing.

The bundle is not verified here, only held against its own claim, for this runs offline and often.
Signing is CI's: a pull request brings an entry without a bundle, or with the one that still fits.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from assay.registry.names import bundle_path
from assay.registry.stale import stale

if TYPE_CHECKING:
    from assay.checks import Context
    from assay.finding import Finding

ID = "bundle-stale"


def run(context: Context) -> Iterator[Finding]:
    bundle = context.siblings.read(bundle_path(context.path).rpartition("/")[2])
    if bundle is not None:
        yield from stale(context.path, context.raw, bundle)

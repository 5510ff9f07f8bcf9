"""Every check that needs a source of artefacts: what the entry names is fetched and looked at.

Apart from ``assay.checks`` so that the offline run imports no line of networking. A source that
can't be reached raises ``Undecided``: not looked at is never a pass.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Protocol

from assay.checks import (
    artefact_digest,
    artefact_unpacks,
    lock_regenerates,
    lock_true,
    mcpb_manifest,
)

if TYPE_CHECKING:
    from assay.artefact.source import Sources
    from assay.checks import Context
    from assay.finding import Finding


class NetworkCheck(Protocol):
    """As ``assay.checks.Check``, with the sources to fetch from."""

    ID: str

    def run(self, context: Context, sources: Sources) -> Iterator[Finding]: ...


NETWORK_CHECKS: tuple[NetworkCheck, ...] = (
    artefact_digest,
    artefact_unpacks,
    mcpb_manifest,
    lock_true,
    lock_regenerates,
)

"""Where this command keeps what it fetched: the one place that asks the environment for it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from assay.artefact.source import Sources
    from assay.artefact.store import Store
    from assay.policy import Policy


def open_sources(policy: Policy | None = None) -> Sources:
    """The sources of this machine over its store.

    Hosts that ``policy`` names may be led to even where they lie inside the network around us.
    """
    from assay.artefact import source

    named = policy.sources.named if policy else source.nobody
    return source.open_sources(open_store(), named=named)


def open_store() -> Store:
    """The store in ``cache_folder``."""
    from assay.artefact.store import Store

    return Store(cache_folder() / "store")


def cache_folder() -> Path:
    """``ASSAY_CACHE``, else assay's folder in the user's cache."""
    from pathlib import Path

    from platformdirs import user_cache_path

    cache = os.environ.get("ASSAY_CACHE")
    return Path(cache) if cache else user_cache_path("assay")

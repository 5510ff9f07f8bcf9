"""Where the JSON Schemas lie: in the wheel inside the package, in a checkout at the top."""

from __future__ import annotations

import os

from assay.errors import Undecided
from assay.reason import Reason

# Plain os.path: importlib.resources would cost each commit hook 5 ms.
_HERE = os.path.dirname(os.path.abspath(__file__))
_FOLDERS = (
    os.path.join(_HERE, "schema"),
    os.path.join(os.path.dirname(os.path.dirname(_HERE)), "schema"),
)


def schema_path(name: str) -> str:
    """The file of the schema ``name`` (server, policy, …).

    Raises ``Undecided``: an installation without its schemas must never look like a pass.
    """
    for folder in _FOLDERS:
        path = os.path.join(folder, f"{name}.schema.json")
        if os.path.isfile(path):
            return path
    raise Undecided(
        Reason.UNEXPECTED,
        f"the schema {name}.schema.json is missing from this installation",
        hint="install mcp-assay anew",
    )


def schema_text(name: str) -> str:
    """The schema ``name`` as JSON text."""
    with open(schema_path(name), encoding="utf-8") as file:
        return file.read()

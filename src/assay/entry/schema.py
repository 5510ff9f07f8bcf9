"""A document against its JSON Schema: jsonschema-rs decides, jsonschema finds the words.

The verdict takes microseconds; the words are needed only where something failed, so their
library is imported only then.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from assay.schemas import schema_text

if TYPE_CHECKING:
    from assay.entry.document import Document
    from assay.finding import Finding


@cache
def _validator(name: str) -> Any:
    import jsonschema_rs

    return jsonschema_rs.Draft202012Validator(
        schema_text(name), validate_formats=True, offline=True
    )


def validate(document: Document, name: str) -> list[Finding]:
    """What in ``document`` breaks the schema ``name``, one finding for each place."""
    validator = _validator(name)
    if validator.is_valid(document.data):
        return []
    from assay.entry.explain import explain

    return explain(document, name, validator)

"""Words for what a schema refused: which key, what is wrong with it, what to write instead.

The schema's own descriptions are the advice, so an editor and a commit hook say the same.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import date, datetime
from difflib import get_close_matches
from functools import partial
from typing import TYPE_CHECKING, Any

import jsonschema

from assay.finding import Finding
from assay.hidden import quoted
from assay.schemas import schema_text

if TYPE_CHECKING:
    from assay.entry.document import Document

Path = tuple[str | int, ...]

_KINDS = {
    bool: "a truth value",
    int: "a number",
    str: "text",
    list: "a list",
    dict: "a mapping",
    type(None): "nothing",
}
_WANTED = {
    "string": "text",
    "integer": "a whole number",
    "boolean": "true or false",
    "array": "a list",
    "object": "a mapping",
}
# Keys that the schema allows in one kind of entry alone.
_MISPLACED = {
    "artefact": "a remote server (transport: streamable-http) has no artefact",
    "launch": "a remote server (transport: streamable-http) is not launched",
    "url": "only a remote server (transport: streamable-http) has a url",
    "status_reason": "only with status: deprecated",
    "replaced_by": "only with status: deprecated",
}
_AMISS = {
    "maxItems": "has too many items",
    "minItems": "has too few items",
    "minProperties": "is empty",
}
_SIGNATURE_FIX = (
    "delete the key: signatures live beside the entry, in NAME.yaml.sigstore.json; "
    "CI writes it after the merge (assay sign)"
)


def explain(document: Document, name: str, validator: Any) -> list[Finding]:
    """At least one finding: ``validator`` (of jsonschema-rs) has refused ``document``."""
    schema = json.loads(schema_text(name))
    words = _Words(document, schema)
    checker = jsonschema.Draft202012Validator(schema, format_checker=_formats())
    found: dict[Path, Finding] = {}
    for error in checker.iter_errors(_shortened(document.data)):
        for path, finding in words.of(error):
            found.setdefault(path, finding)
    if not found:
        # The two disagree, as on "$" before a last line feed; the verdict stands all the same.
        for refusal in validator.iter_errors(document.data):
            path = tuple(refusal.instance_path)
            found.setdefault(path, words.unfit(path, refusal.instance, refusal.kind.name))
    return sorted(found.values())


# More than the greatest maxItems of a schema. jsonschema compares the items of a list in pairs
# where they can't be sorted: thousands of them would take it minutes.
_LONG = 256


def _shortened(value: Any) -> Any:
    """``value`` with lists cut where they are too long for any schema anyway."""
    if isinstance(value, dict):
        return {key: _shortened(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_shortened(item) for item in value[:_LONG]]
    return value


def _formats() -> jsonschema.FormatChecker:
    """The two formats that the schemas name, read alike whatever else is installed here."""
    checker = jsonschema.FormatChecker(formats=())
    for name, read in (("date", date.fromisoformat), ("date-time", datetime.fromisoformat)):
        checker.checks(name, raises=ValueError)(partial(_is_read, read))
    return checker


def _is_read(read: Callable[[str], object], value: object) -> bool:
    """Whether ``value`` is no text, for then its type is what is told; else ``read`` may raise."""
    return not isinstance(value, str) or bool(read(value))


class _Words:
    def __init__(self, document: Document, schema: dict[str, Any]) -> None:
        self._document = document
        self._schema = schema

    def of(self, error: jsonschema.ValidationError) -> Iterator[tuple[Path, Finding]]:
        path: Path = tuple(error.absolute_path)
        value: Any = error.instance
        schema: Any = error.schema
        wanted: Any = error.validator_value
        kind: Any = error.validator
        if "propertyNames" in error.absolute_schema_path:
            path = (*path, value)  # the key itself is what is wrong
        if kind == "additionalProperties":
            known = schema["properties"]
            for key in value:
                if key not in known:
                    yield (*path, key), self._unknown((*path, key), list(known))
        elif kind == "required":
            missing = [key for key in wanted if key not in value]
            yield (*path, *missing), self._missing(path, missing)
        elif kind == "not" and wanted == {}:
            yield path, self._misplaced(path)
        elif kind == "type":
            yield path, self._type(path, value, wanted)
        elif kind == "enum":
            yield path, self._choice(path, value, wanted)
        elif kind == "uniqueItems":
            again = next(i for i, item in enumerate(value) if item in value[:i])
            yield (*path, again), self._twice((*path, again), value[again])
        else:
            yield path, self.unfit(path, value, kind)

    def unfit(self, path: Path, value: object, kind: str) -> Finding:
        """A value that breaks its key's rule; the key's description says what is wanted."""
        rule = "impossible-date" if kind == "format" else "schema"
        if isinstance(value, str | int):
            message = f"{_name(path)} can't be {quoted(str(value))}"
        else:
            message = f"{_name(path)} {_AMISS.get(kind, 'is not as it should be')}"
        return self._finding(path, rule, message, self._advice(path))

    def _unknown(self, path: Path, known: list[str]) -> Finding:
        key = str(path[-1])
        if path == ("signature",):
            told = "signatures do not live in the entry, for they sign its bytes"
            return self._finding(path, "signature-moved", told, _SIGNATURE_FIX)
        near = get_close_matches(key.lower()[:100].replace("-", "_"), known, n=1)
        fix = f"did you mean `{near[0]}`?" if near else f"known here: {', '.join(sorted(known))}"
        place = f" in `{_name(path[:-1], plain=True)}`" if len(path) > 1 else ""
        return self._finding(path, "unknown-key", f"unknown key {quoted(key)}{place}", fix)

    def _missing(self, path: Path, keys: list[str]) -> Finding:
        names = ", ".join(_name((*path, key)) for key in keys)
        if len(keys) > 1:
            fix = "write them; `assay new` writes a whole entry"
            return self._finding(path, "schema", f"{names} are missing", fix)
        advice = self._advice((*path, *keys))
        return self._finding(path, "schema", f"{names} is missing", advice)

    def _misplaced(self, path: Path) -> Finding:
        key = str(path[-1]) if path else ""
        told = f"{_name(path)} does not belong here: {_MISPLACED.get(key, 'not allowed')}"
        return self._finding(path, "schema", told, "delete the key, or correct the other one")

    def _type(self, path: Path, value: object, wanted: str) -> Finding:
        name, want = _name(path), _WANTED.get(wanted, wanted)
        if value is None:
            return self._finding(path, "schema", f"{name} has no value", self._advice(path))
        told = f"{name} must be {want} and is {_KINDS.get(type(value), 'something else')}"
        if wanted == "string" and isinstance(value, int):
            written = str(value).lower() if isinstance(value, bool) else str(value)
            return self._finding(path, "quote-scalar", told, f'quote it: "{written}"')
        return self._finding(path, "schema", told, self._advice(path))

    def _choice(self, path: Path, value: object, choices: list[str]) -> Finding:
        told = f"{_name(path)} can't be {quoted(str(value))}"
        near = get_close_matches(str(value).lower()[:100], choices, n=1)
        mean = f"did you mean `{near[0]}`? " if near else ""
        return self._finding(path, "schema", told, f"{mean}one of {', '.join(choices)}")

    def _twice(self, path: Path, value: object) -> Finding:
        shown = quoted(value) if isinstance(value, str) else "the same item"
        told = f"{_name(path[:-1])} holds {shown} twice"
        return self._finding(path, "schema", told, "delete one of the two")

    def _advice(self, path: Path) -> str:
        """The description nearest to ``path`` in the schema."""
        node: Any = self._schema
        advice = ""
        for step in path:
            node = self._below(node, step)
            if node is None:
                break
            advice = node.get("description", advice)
        return advice

    def _below(self, node: dict[str, Any], step: str | int) -> dict[str, Any] | None:
        target = node
        if "$ref" in node:
            target = self._schema["$defs"][node["$ref"].rpartition("/")[2]]
        if isinstance(step, int):
            found = target.get("items")
        else:
            found = target.get("properties", {}).get(step, target.get("additionalProperties"))
        if not isinstance(found, dict):
            return None
        if "$ref" in found and "description" not in found:
            return {**self._schema["$defs"][found["$ref"].rpartition("/")[2]]}
        return found

    def _finding(self, path: Path, rule: str, message: str, fix: str) -> Finding:
        line, column = self._document.position(*path)
        return Finding(self._document.path, line, column, rule, message, fix)


def _name(path: Path, *, plain: bool = False) -> str:
    """``launch.env[0].name``, between backticks; items count from 0 as in every schema tool."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    if plain:
        return text
    return quoted(text) if text else "the document"

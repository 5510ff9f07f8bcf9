"""A document that kept to the schema, to the typed entry; what no schema can say is told here."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from assay.artefact import reference
from assay.entry.document import Document
from assay.entry.model import Artefact, Entry, Launch, Lock, Parameter, Variable
from assay.finding import Finding
from assay.hidden import quoted


class _WrongError(Exception):
    def __init__(self, path: tuple[str, ...], rule: str, message: str, fix: str) -> None:
        self.path = path
        self.rule = rule
        self.message = message
        self.fix = fix


def build(document: Document, today: date) -> tuple[Entry | None, list[Finding]]:
    """The entry, or None and the finding that says why not."""
    try:
        return _entry(document.data, today), []
    except _WrongError as wrong:
        line, column = document.position(*wrong.path)
        found = Finding(document.path, line, column, wrong.rule, wrong.message, wrong.fix)
        return None, [found]


def _entry(data: dict[str, Any], today: date) -> Entry:
    return Entry(
        name=data["name"],
        version=data["version"],
        revision=data.get("revision", 1),
        title=data.get("title", ""),
        maintainer=data["maintainer"],
        description=data["description"],
        scope=tuple(data["scope"]),
        data_classification=data["data_classification"],
        lawful_basis=data["lawful_basis"],
        reviewed_at=_past(data["reviewed_at"], today),
        review_expires=_day(data, "review_expires") if "review_expires" in data else None,
        reviewers=tuple(data["reviewers"]),
        status=data.get("status", "active"),
        status_reason=data.get("status_reason", ""),
        replaced_by=data.get("replaced_by", ""),
        transport=data.get("transport", "stdio"),
        url=data.get("url", ""),
        artefact=_artefact(data["artefact"]) if "artefact" in data else None,
        launch=_launch(data.get("launch", {})),
        egress=tuple(data.get("egress", ())),
        repository=data.get("repository", ""),
        licence=data.get("licence", ""),
    )


def _day(data: dict[str, Any], key: str) -> date:
    try:
        return date.fromisoformat(data[key])
    except ValueError as error:
        told = f"{quoted(data[key])} is no day of the calendar"
        raise _WrongError((key,), "impossible-date", told, "write YYYY-MM-DD") from error


def _past(text: str, today: date) -> date:
    day = _day({"reviewed_at": text}, "reviewed_at")
    if day > today:
        told = f"reviewed_at {text} is in the future (today is {today})"
        raise _WrongError(("reviewed_at",), "impossible-date", told, "write the day of the review")
    return day


def _artefact(data: dict[str, Any]) -> Artefact:
    try:
        parsed = reference.parse(data["url"])
    except ValueError as error:
        told = f"{quoted(data['url'])} {error}"
        raise _WrongError(
            ("artefact", "url"), "artefact-reference", told, "name one exact artefact"
        ) from error
    lock = _lock(data["lock"]) if "lock" in data else None
    return Artefact(parsed, data["sha256"], lock)


def _lock(data: dict[str, Any]) -> Lock:
    try:
        resolved_at = datetime.fromisoformat(data["resolved_at"])
    except ValueError as error:
        told = f"{quoted(data['resolved_at'])} is no instant of the calendar"
        where = ("artefact", "lock", "resolved_at")
        raise _WrongError(where, "impossible-date", told, "write YYYY-MM-DDThh:mm:ssZ") from error
    return Lock(data["file"], data["sha256"], resolved_at)


def _launch(data: dict[str, Any]) -> Launch:
    return Launch(
        entrypoint=data.get("entrypoint", ""),
        args=tuple(data.get("args", ())),
        env=tuple(_variable(item) for item in data.get("env", ())),
        parameters=tuple(_parameter(item) for item in data.get("parameters", ())),
    )


def _variable(data: dict[str, Any]) -> Variable:
    return Variable(
        name=data["name"],
        required=data.get("required", True),
        secret=data.get("secret", False),
        description=data.get("description", ""),
    )


def _parameter(data: dict[str, Any]) -> Parameter:
    return Parameter(
        name=data["name"],
        kind=data["kind"],
        required=data.get("required", True),
        multiple=data.get("multiple", False),
        description=data.get("description", ""),
    )

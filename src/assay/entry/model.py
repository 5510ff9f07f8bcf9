"""The typed entry: what ``servers/NAME.yaml`` says, once it broke no rule of the schema.

Built by ``assay.entry.read`` alone; beyond that edge nobody handles a ``dict``.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import NamedTuple

from assay.artefact.reference import Reference


class Lock(NamedTuple):
    """The closure's lock, beside the YAML: its file name and the sha256 of its bytes."""

    file: str
    sha256: str
    resolved_at: datetime  # UTC: nothing published later is in the closure


class Artefact(NamedTuple):
    """What is launched. ``sha256`` is 64 lower-case hex digits, for an image of its manifest."""

    reference: Reference
    sha256: str
    lock: Lock | None


class Variable(NamedTuple):
    """One environment variable that a launch passes on; nothing else is."""

    name: str
    required: bool
    secret: bool
    description: str


class Parameter(NamedTuple):
    """A value that each person gives, such as a folder; stored per user, never in the entry.

    ``kind`` is string, integer, boolean, path or folder. In ``launch.args`` it is written
    ``${NAME}`` as an item of its own; with ``multiple`` that item becomes several arguments.
    """

    name: str
    kind: str
    required: bool
    multiple: bool
    description: str


class Launch(NamedTuple):
    """How the artefact is started. ``entrypoint`` picks one of a package's several commands."""

    entrypoint: str
    args: tuple[str, ...]
    env: tuple[Variable, ...]
    parameters: tuple[Parameter, ...]


class Entry(NamedTuple):
    """One MCP server as reviewed. ``artefact`` is None for a remote server, which has ``url``."""

    name: str
    version: str
    revision: int
    title: str
    maintainer: str
    description: str
    scope: tuple[str, ...]
    data_classification: str
    lawful_basis: str
    reviewed_at: date
    review_expires: date | None
    reviewers: tuple[str, ...]
    status: str  # active, deprecated
    status_reason: str
    replaced_by: str
    transport: str  # stdio, streamable-http
    url: str
    artefact: Artefact | None
    launch: Launch
    egress: tuple[str, ...]
    repository: str
    licence: str

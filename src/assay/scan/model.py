"""What a scan speaks of: targets, the files in them, hits, and gaps.

A gap is as much an answer as a hit: a file that nobody could read is told, never passed over.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from assay.artefact.unpack.inventory import Inventory
from assay.finding import Severity

MOST_WHOLE = 32 << 20  # bytes of one file that are held in memory at once
LONGEST_EXCERPT = 200  # characters
_CHUNK = 1 << 18  # bytes

# What a file is, by its content first and its name second (``assay.scan.kind``).
KINDS = (
    "js",
    "ts",
    "tsx",
    "py",
    "json",
    "yaml",
    "toml",
    "shell",
    "html",
    "notebook",
    "markdown",
    "text",
    "binary",
)


class Hit(NamedTuple):
    """Something that a rule, a byte check or a combination saw, inside one file of one target.

    ``target`` is the target's label (a package URL, or a path), ``file`` the path inside it.
    ``line`` and ``column`` count from 1 and are those of the file as it is in the artefact; 1 and
    1 where a place says nothing. ``excerpt`` is what stands there, at most ``LONGEST_EXCERPT``
    characters, raw: renderers escape. ``family`` says what it is about (``exfiltration``, …).
    With ``signal`` it is not reported by itself: combinations turn signals into hits.
    """

    rule: str
    target: str
    file: str
    line: int
    column: int
    excerpt: str
    message: str
    fix: str
    severity: Severity
    family: str
    signal: bool = False


class Gap(NamedTuple):
    """A file, or with ``file`` empty a whole target, that was not looked at in full, and why.

    It becomes a finding ``not-scanned``: ``severity`` is an error wherever nobody looked, and
    lower only where something else looked at the very bytes that were left out.
    """

    target: str
    file: str
    why: str
    severity: Severity = Severity.ERROR


class Scanned(NamedTuple):
    """All that a scan came to, in order of target, file and line."""

    hits: tuple[Hit, ...]
    gaps: tuple[Gap, ...]


@dataclass(eq=False)
class ScannedFile:
    """One file of a target. Its bytes lie at ``place``, under a name of ours.

    ``path`` is its path inside the artefact, ``kind`` one of ``KINDS``, ``mode`` the permission
    bits that the archive gives (0 where it gives none), ``size`` in bytes, ``sha256`` in hex;
    ``nested`` says what archive it is itself (zip, gzip, tar, …), or is empty.
    """

    path: str
    kind: str
    mode: int
    size: int
    sha256: str
    nested: str
    place: Path
    package: Package = field(repr=False)

    @property
    def name(self) -> str:
        """The last part of its path."""
        return self.path.rpartition("/")[2]

    @cached_property
    def raw(self) -> bytes:
        """The bytes, the first ``MOST_WHOLE`` of them."""
        with self.place.open("rb") as file:
            return file.read(MOST_WHOLE)

    def chunks(self, size: int = _CHUNK, overlap: int = 0) -> Iterator[bytes]:
        """All the bytes, however many, in pieces of at most ``size`` + ``overlap`` bytes.

        Each piece begins with the last ``overlap`` bytes of the one before, so that what stands
        across a border is seen whole.
        """
        with self.place.open("rb") as file:
            before = b""
            while chunk := file.read(size):
                piece = before + chunk
                yield piece
                before = piece[-overlap:] if overlap else b""

    @cached_property
    def text(self) -> str | None:
        """The text as its own interpreter would read it (``assay.scan.text``): a byte-order mark,
        UTF-16 and a declared encoding are heeded; bytes that are none are kept as U+DCxx. None
        for a binary. At most ``MOST_WHOLE`` bytes of it."""
        from assay.scan import text

        return None if self.kind == "binary" else text.decode(self.raw, self.kind)

    def hit(
        self,
        rule: str,
        message: str,
        *,
        family: str,
        severity: Severity,
        fix: str = "",
        line: int = 1,
        column: int = 1,
        excerpt: str = "",
        signal: bool = False,
    ) -> Hit:
        """A hit in this file."""
        return Hit(
            *(rule, self.package.label, self.path, line, column, excerpt[:LONGEST_EXCERPT]),
            *(message, fix, severity, family, signal),
        )


@dataclass(eq=False)
class Package:
    """A target as checks see it: its files by path, and what it says of itself.

    ``ecosystem`` is npm, pypi or empty.
    """

    label: str
    ecosystem: str
    inventory: Inventory
    files: dict[str, ScannedFile] = field(default_factory=dict, repr=False)

    @cached_property
    def manifest(self) -> Mapping[str, Any]:
        """``package.json`` of an npm package, or what a bundle has for it; ``{}`` where there is
        none that can be read."""
        from assay.scan import manifest

        return manifest.package_json(self)

    @cached_property
    def metadata(self) -> Mapping[str, list[str]]:
        """The headers of a wheel's ``METADATA`` (or ``PKG-INFO``), names in lower case."""
        from assay.scan import manifest

        return manifest.metadata(self)

    def read(self, path: str) -> bytes | None:
        """The bytes of a neighbour (its first ``MOST_WHOLE``), None where there is none."""
        file = self.files.get(path)
        return None if file is None else file.raw


class Target(NamedTuple):
    """What is scanned: an archive, unpacked into ``folder`` under names of ours.

    ``label`` is a package URL or a path, as findings name it; ``sha256`` (hex) is the archive's;
    ``places`` maps each file of the inventory to where its bytes lie in ``folder``.
    """

    label: str
    ecosystem: str  # npm, pypi or empty
    folder: Path
    inventory: Inventory
    sha256: str
    places: Mapping[str, Path]

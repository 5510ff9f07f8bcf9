"""The programs in a package: which texts semgrep is to be asked about, and as what.

A file's kind says what its interpreter takes it for. Beside that: scripts inside of HTML, code
cells of a notebook, and whatever a program of the package loads by name (``require("./x.txt")``
runs it), or reads like a program whatever it is called. What only might be a program may fail to
parse; what is one may not.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from assay.scan import javascript, python
from assay.scan.javascript import Source
from assay.scan.model import Package, ScannedFile

_SOURCES: dict[str, tuple[str, Callable[[str], Source]]] = {
    "js": ("javascript", javascript.read),
    "ts": ("typescript", javascript.read),
    "tsx": ("typescript", javascript.read),
    "py": ("python", python.read),
}
PROGRAMS = frozenset((*_SOURCES, "html", "notebook"))
_SCRIPT = re.compile(r"(<script\b[^>]*>)(.*?)</script", re.IGNORECASE | re.DOTALL)
_LOADED = re.compile(
    r"""(?:require|import|from|createRequire|readFileSync|exec|fork|Worker)\W{1,12}["'`]([^"'`\n]{1,200})["'`]"""
)
_LIKE_JS = re.compile(
    r"\brequire\s*\(|\beval\s*\(|\bFunction\s*\(|=>|\bprocess\.|\bfunction\b[^.\n]*\{"
)
_LIKE_PY = re.compile(
    r"^\s*(?:import|from)\s+\w|^\s*def\s+\w+\(|\bexec\s*\(|__import__", re.MULTILINE
)
_MOST_DOUBTFUL = 4 << 20  # characters of a text that only might be a program


class Program(NamedTuple):
    """A text in one language. ``surely`` says that its interpreter would run it: only then is it
    a gap where it can't be parsed. ``source`` is None for text without a language."""

    file: ScannedFile
    language: str
    source: Source
    surely: bool = True


def of(package: Package) -> Iterator[Program]:
    """The programs of a package, by path."""
    loaded = set(_loaded_names(package))
    for path in sorted(package.files):
        yield from _of_file(package.files[path], loaded)


def _of_file(file: ScannedFile, loaded: set[str]) -> Iterator[Program]:
    if file.kind in _SOURCES:
        language, reader = _SOURCES[file.kind]
        yield Program(file, language, reader(file.text or ""))
        return
    text = file.text if file.text is not None else _latin(file, loaded)
    if text is None:
        return
    if file.kind == "html":
        yield Program(file, "javascript", javascript.read(_scripts(text)), surely=False)
    elif file.kind == "notebook":
        yield Program(file, "python", python.read(_cells(text)), surely=False)
    elif file.kind != "json" or file.name in loaded:
        yield from _doubtful(file, text, file.name in loaded)


def _doubtful(file: ScannedFile, text: str, loaded: bool) -> Iterator[Program]:
    if len(text) > _MOST_DOUBTFUL:
        return
    if loaded or _LIKE_JS.search(text):
        yield Program(file, "javascript", javascript.read(text), surely=False)
    if loaded or _LIKE_PY.search(text):
        yield Program(file, "python", python.read(text), surely=False)


def _latin(file: ScannedFile, loaded: set[str]) -> str | None:
    """The text of what looks like no text, but is loaded by a program."""
    if file.name in loaded and file.size <= _MOST_DOUBTFUL and not file.name.endswith(".node"):
        return file.raw.decode("latin-1")
    return None


def _loaded_names(package: Package) -> Iterator[str]:
    """The last parts of the paths that programs load, and of those that the manifest starts."""
    for file in package.files.values():
        if file.kind in ("js", "ts", "tsx") and file.text:
            for match in _LOADED.finditer(file.text):
                yield match[1].rpartition("/")[2]
    for word in _strings(package.manifest, 0):
        yield from (part.rpartition("/")[2] for part in word.split())


def _strings(data: object, depth: int) -> Iterator[str]:
    """The strings of the manifest's keys that name files, at any depth."""
    if depth == 0 and isinstance(data, dict):
        keys = ("main", "module", "browser", "bin", "exports", "imports", "scripts", "gypfile")
        data = [data.get(key) for key in keys]
    if isinstance(data, str):
        yield data
    elif isinstance(data, dict | list) and depth < 6:
        for item in data.values() if isinstance(data, dict) else data:
            yield from _strings(item, depth + 1)


def _scripts(text: str) -> str:
    """The scripts of a page, everything else blank."""
    parts, last = [], 0
    for match in _SCRIPT.finditer(text):
        parts.append(re.sub(r"[^\n]", " ", text[last : match.start(2)]))
        parts.append(match[2])
        last = match.end(2)
    parts.append(re.sub(r"[^\n]", " ", text[last:]))
    return "".join(parts)


def _cells(text: str) -> str:
    """The code of a notebook; a line of the notebook's shell or magic is a comment."""
    try:
        cells = json.loads(text)["cells"]
        found = ["".join(c["source"]) for c in cells if c.get("cell_type") == "code"]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return text
    return re.sub(r"^[ \t]*[!%]", "#", "\n".join(found), flags=re.MULTILINE)

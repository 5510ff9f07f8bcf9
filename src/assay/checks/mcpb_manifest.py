"""An MCP bundle says the same of itself as the entry, and starts what is in it and nothing else.

Held on each platform that the bundle serves: the command is its own file or the interpreter of its
kind, every variable has a value, and none of its environment has another's code loaded.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from assay.checks.launch_environment import steers
from assay.errors import Refused
from assay.finding import Severity
from assay.hidden import quoted

if TYPE_CHECKING:
    from assay.artefact.mcpb import Bundle
    from assay.artefact.mcpbstart import Option, Start
    from assay.artefact.source import Sources
    from assay.checks import Context
    from assay.finding import Finding

ID = "mcpb-manifest"
_WHERE = ("artefact", "url")
_INTERPRETERS = {
    "node": frozenset({"node", "node.exe"}),
    "python": frozenset({"python", "python3", "python.exe", "python3.exe"}),
    "binary": frozenset[str](),
}
# Folders that code is looked up in: the bundle's own are its own business.
_SEARCHED = frozenset({"PYTHONPATH", "NODE_PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"})
_HARMLESS = frozenset(
    {"PYTHONUNBUFFERED", "PYTHONIOENCODING", "PYTHONUTF8", "PYTHONDONTWRITEBYTECODE"}
)
_HERE = "${__dirname}"
_SEPARATOR = re.compile(r"\$\{(?:pathSeparator|/)\}|\\")
_ASK = "ask the bundle's maintainer"


class Told(NamedTuple):
    """What is wrong, and what to do about it."""

    message: str
    fix: str = _ASK
    severity: Severity = Severity.ERROR


def run(context: Context, sources: Sources) -> Iterator[Finding]:
    artefact = context.entry.artefact
    if artefact is None or artefact.reference.kind != "https":
        return
    if not artefact.reference.name.endswith(".mcpb"):
        return
    from assay.artefact import mcpb  # zip and JSON readers: for bundles alone

    try:
        fetched = sources.fetch(artefact.reference, sha256=artefact.sha256)
        raw, files = mcpb.load(fetched.path, label=artefact.reference.text)
    except Refused:  # said by artefact-digest and artefact-unpacks
        return
    try:
        bundle = mcpb.Bundle(mcpb.parse(raw, label=artefact.reference.text), files)
    except Refused as error:
        yield context.finding(ID, _WHERE, error.message, error.hint)
        return
    for told in dict.fromkeys(judge(bundle, context.entry.version)):
        yield context.finding(ID, _WHERE, told.message, told.fix, told.severity)


def judge(bundle: Bundle, version: str) -> Iterator[Told]:
    """All that is wrong with a bundle that is reviewed as ``version``."""
    from assay.artefact.mcpbstart import PLATFORMS

    manifest = bundle.manifest
    if manifest.version != version:
        told = f"the bundle calls itself version {quoted(manifest.version)}, not {quoted(version)}"
        yield Told(told, "write the bundle's own version, or name the right bundle")
    if manifest.kind == "uv":
        told = "the bundle is of type uv: what it depends on is chosen when it starts"
        yield Told(told, "ask for a bundle that holds what it depends on, or ship it as an image")
        return
    if _inside(manifest.entry_point) not in bundle.files:
        yield Told(f"the bundle has no file {quoted(manifest.entry_point)}, its own entry_point")
    yield from _defaults(manifest.options)
    for platform in manifest.platforms or PLATFORMS:
        if start := manifest.start_on(platform):
            yield from _started(bundle, start, platform)


def _started(bundle: Bundle, start: Start, platform: str) -> Iterator[Told]:
    manifest = bundle.manifest
    command, args = start.command or "", start.args or ()
    known = _INTERPRETERS[manifest.kind]
    if command in known:
        yield from _program(bundle, command, args)
    elif not _is_file(bundle, command, platform):
        told = f"the bundle starts {quoted(command)}, which is no file in it"
        wanted = " or ".join(sorted(name for name in known if "." not in name))
        yield Told(told, f"start {wanted} or a file of the bundle" if wanted else _ASK)
    for text in args:
        yield from _argument(text, manifest.options)
    for name, value in (start.env or {}).items():
        yield from _variable(name, value, manifest.options)


def _program(bundle: Bundle, command: str, args: tuple[str, ...]) -> Iterator[Told]:
    """What an interpreter is given to run."""
    first = args[0] if args else ""
    if "${user_config." in first:
        yield Told(f"what a person types decides which code {quoted(command)} runs")
    elif _inside(first) not in bundle.files:
        told = f"the bundle starts {quoted(command)} with {quoted(first)}, which is no file in it"
        yield Told(told, "look at what that runs", Severity.WARNING)
    elif not first.startswith(_HERE):
        told = f"{quoted(first)} is looked up in the folder that a host happens to start in"
        yield Told(told, f"begin it with {_HERE}/", Severity.WARNING)


def _argument(text: str, options: Mapping[str, Option]) -> Iterator[Told]:
    from assay.artefact.mcpbstart import VARIABLE

    yield from _variables(text, options, alone=VARIABLE.fullmatch(text) is not None)
    if text.startswith(_HERE) and _inside(text) is None:
        yield Told(f"an argument leads out of the bundle: {quoted(text)}")
    for option in _values(text, options):
        if option is not None and option.sensitive:
            told = f"{quoted(option.key)} is secret, and arguments can be listed by others"
            yield Told(told, "pass it in env", Severity.WARNING)


def _variable(name: str, value: str, options: Mapping[str, Option]) -> Iterator[Told]:
    yield from _variables(value, options, alone=False)
    if name in _SEARCHED:
        parts = [part for part in re.split(r"[:;]", value) if part]
        if not all(part.startswith(_HERE) and _inside(part) is not None for part in parts):
            told = f"{quoted(name)} has code looked up outside of the bundle: {quoted(value)}"
            yield Told(told, f"begin each folder with {_HERE}")
    elif name not in _HARMLESS and steers(name):
        yield Told(f"the bundle sets {quoted(name)}, which steers which code runs")


def _variables(text: str, options: Mapping[str, Option], *, alone: bool) -> Iterator[Told]:
    from assay.artefact.mcpbstart import FOLDERS, SEPARATORS, USER_CONFIG, variables

    for name in variables(text):
        option = options.get(name.removeprefix(USER_CONFIG))
        if name.startswith(USER_CONFIG) and option is None:
            yield Told(f"{quoted('${' + name + '}')} is a value that user_config does not declare")
        elif name.startswith(USER_CONFIG) and option is not None and option.multiple and not alone:
            yield Told(f"{quoted(option.key)} has several values and stands within a text")
        elif not name.startswith(USER_CONFIG) and name not in (*FOLDERS, *SEPARATORS):
            yield Told(f"{quoted('${' + name + '}')} is no variable that a host knows")


def _values(text: str, options: Mapping[str, Option]) -> Iterator[Option | None]:
    from assay.artefact.mcpbstart import USER_CONFIG, variables

    for name in variables(text):
        if name.startswith(USER_CONFIG):
            yield options.get(name.removeprefix(USER_CONFIG))


def _defaults(options: Mapping[str, Option]) -> Iterator[Told]:
    """A default may name a person's folders, and nothing that another value gives."""
    from assay.artefact.mcpbstart import FOLDERS, SEPARATORS, variables

    for option in options.values():
        given = option.default
        for text in given if isinstance(given, tuple) else (given,):
            for name in variables(text) if isinstance(text, str) else ():
                if name not in (*FOLDERS[1:], *SEPARATORS):
                    told = f"the default of {quoted(option.key)} has {quoted('${' + name + '}')}"
                    yield Told(f"{told}, which is no folder of a person's")


def _is_file(bundle: Bundle, command: str, platform: str) -> bool:
    path = _inside(command)
    if path is None:
        return False
    return path in bundle.files or (platform == "win32" and f"{path}.exe" in bundle.files)


def _inside(text: str) -> str | None:
    """The path within the bundle that a text means; None where it means another place."""
    path = _SEPARATOR.sub("/", text)
    if path.startswith(_HERE):
        path = path.removeprefix(_HERE) or "/"
        if not path.startswith("/"):
            return None  # ${__dirname}x is a folder beside it
    elif path.startswith("/") or re.match("[A-Za-z]:", path):
        return None
    if "${" in path:
        return None
    path = posixpath.normpath(path.lstrip("/") or ".")
    return None if path == ".." or path.startswith("../") else path

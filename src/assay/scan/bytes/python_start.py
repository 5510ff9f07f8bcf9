"""What Python runs without being asked, and what takes another's name: ``.pth`` lines,
``sitecustomize``, commands and modules that shadow those that people have."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator

from assay.finding import Severity
from assay.scan.bytes.npm_manifest import COMMANDS, OWNERS
from assay.scan.bytes.sight import sight
from assay.scan.model import Hit, ScannedFile

ID = "python-start"
PTH = "pth-executes"
SITE = "site-customised"
SHADOWED = "command-shadowed"
MODULE = "module-shadowed"
DATA = "wheel-data"
BACKEND = "build-backend-inside"
_FIX = "Take it out: what a server does, it does when it is started."
_HARMLESS = re.compile(
    # namespace packages of setuptools, its distutils shim, editable installs
    r"^import sys, ?types, ?os;.{0,12}?has_mfs|^import os; var = 'SETUPTOOLS_USE_DISTUTILS'|^import __editable__|^import _virtualenv$|^import a1_coverage$"
)
_DOES = re.compile(
    r"exec|eval|__import__|base64|urlopen|urllib|requests|socket|subprocess|system\(|popen|compile\(|codecs|zlib|marshal|getattr|open\(|\\x|chr\("
)
# Packages that most servers import, with the distribution names that rightly bring them.
_POPULAR = {
    "requests": "requests", "urllib3": "urllib3", "numpy": "numpy", "pandas": "pandas", "httpx": "httpx", "pydantic": "pydantic",
    "mcp": "mcp", "fastmcp": "fastmcp", "anthropic": "anthropic", "openai": "openai", "boto3": "boto3", "botocore": "botocore",
    "cryptography": "cryptography", "certifi": "certifi", "yaml": "pyyaml", "click": "click", "flask": "flask", "django": "django",
    "setuptools": "setuptools", "pip": "pip", "six": "six", "aiohttp": "aiohttp", "starlette": "starlette", "uvicorn": "uvicorn",
    "typing_extensions": "typing-extensions", "dotenv": "python-dotenv", "idna": "idna", "charset_normalizer": "charset-normalizer",
}  # fmt: skip
_STDLIB = frozenset(sys.stdlib_module_names)
_BACKPORTS = frozenset({"dataclasses", "enum", "typing", "asyncio", "pathlib", "contextvars", "graphlib", "zoneinfo", "tomllib", "importlib", "distutils", "imp", "cgi", "asynchat", "asyncore", "smtpd", "crypt", "telnetlib", "nntplib", "pipes", "sndhdr", "imghdr", "chunk", "aifc", "audioop", "xdrlib", "uu", "test", "this", "msilib", "lib2to3"})  # fmt: skip


def run(file: ScannedFile) -> Iterator[Hit]:
    """One file of a Python package."""
    if file.name.endswith(".pth"):
        yield from _pth(file)
    if file.name in ("sitecustomize.py", "usercustomize.py") and _top(file):
        yield file.hit(
            SITE,
            f"Brings {file.name}, which every Python of that environment runs",
            family="install-time",
            severity=Severity.ERROR,
            fix=_FIX,
        )
    if file.path.endswith(".dist-info/entry_points.txt"):
        yield from _entry_points(file)
    if file.path.endswith(".dist-info/WHEEL"):
        yield from _modules(file)
    if re.match(r"[^/]+\.data/(?:scripts|data)/", file.path):
        yield from _wheel_data(file)
    if file.name == "pyproject.toml" and file.path.count("/") <= 1:
        yield from _backend(file)


def _top(file: ScannedFile) -> bool:
    return "/" not in file.path or bool(
        re.match(r"[^/]+\.data/(?:purelib|platlib)/[^/]+$", file.path)
    )


def _pth(file: ScannedFile) -> Iterator[Hit]:
    """``site`` runs each line that begins with ``import`` and a blank, at every start of Python."""
    if file.kind == "binary":
        return
    view = sight(file)
    at = 0
    for line in view.text.split("\n"):
        if line.startswith(("import ", "import\t")) and not _HARMLESS.match(line):
            acts = _DOES.search(line) is not None
            yield view.hit(
                at,
                rule=PTH,
                message=f"Runs code at every start of Python: {line[:120]}",
                family="persistence",
                severity=Severity.ERROR if acts or len(line) > 120 else Severity.WARNING,
                fix=_FIX,
            )
            return
        at += len(line) + 1


def _names(file: ScannedFile) -> list[str]:
    return [name.lower().replace("_", "-") for name in file.package.metadata.get("name", [])]


def _entry_points(file: ScannedFile) -> Iterator[Hit]:
    view, section = sight(file), ""
    for match in re.finditer(r"^[ \t]*(?:\[([^\]\n]+)\]|([^=\s\[#]+)[ \t]*=)", view.text, re.M):
        if match[1]:
            section = match[1].strip()
        elif section in ("console_scripts", "gui_scripts"):
            name = match[2].lower()
            if name in COMMANDS and name not in _names(file):
                owner = OWNERS.get(name)
                if owner not in _names(file):
                    yield view.hit(
                        match.start(),
                        rule=SHADOWED,
                        message=f"Installs a command {name}, which people have already",
                        family="binary",
                        severity=Severity.ERROR,
                        fix="Name the command after the package.",
                    )


def _modules(file: ScannedFile) -> Iterator[Hit]:
    names = _names(file)
    folder = file.path.rpartition("/")[0]
    tops = {path.split("/")[0] for path in file.package.files if not path.startswith(folder)}
    for top in sorted(tops):
        module = top.removesuffix(".py")
        if not top.endswith(".py") and f"{top}/__init__.py" not in file.package.files:
            continue
        owner = _POPULAR.get(module)
        if (
            owner is not None
            and names
            and owner not in names
            and not any(owner in name for name in names)
        ):
            yield file.hit(
                MODULE,
                f"Brings a module {module}, as the package {owner} does",
                family="binary",
                severity=Severity.WARNING,
                fix="Name the module after the package.",
            )
        elif module in _STDLIB - _BACKPORTS and module not in names:
            yield file.hit(
                MODULE,
                f"Brings a module {module}, as the standard library does",
                family="binary",
                severity=Severity.WARNING,
                fix="Name the module after the package.",
            )


def _wheel_data(file: ScannedFile) -> Iterator[Hit]:
    area, _, rest = file.path.split("/", 1)[1].partition("/")
    if area == "scripts":
        owner = OWNERS.get(rest.lower(), rest.lower())
        if rest.lower() in COMMANDS and owner not in _names(file):
            yield file.hit(
                SHADOWED,
                f"Installs a command {rest[:60]}, which people have already",
                family="binary",
                severity=Severity.ERROR,
                fix=_FIX,
            )
        else:
            yield file.hit(
                DATA,
                f"Installs a script {rest[:60]} as it is",
                family="install-time",
                severity=Severity.NOTE,
                fix=_FIX,
            )
    elif not re.match(
        r"(?:share|etc/jupyter|etc/bash_completion|man|lib|include|bin/|docs?|LICENSE|README)",
        rest,
        re.I,
    ) or re.search(r"autostart|systemd|\.pth$|site-packages|sitecustomize", rest):
        yield file.hit(
            DATA,
            f"Lays a file outside its own folder: {rest[:120]}",
            family="persistence",
            severity=Severity.WARNING,
            fix=_FIX,
        )


def _backend(file: ScannedFile) -> Iterator[Hit]:
    import tomllib

    try:
        data = tomllib.loads(file.raw.decode("utf-8", "replace"))
    except (tomllib.TOMLDecodeError, RecursionError):
        return
    system = data.get("build-system")
    if isinstance(system, dict) and system.get("backend-path"):
        view = sight(file)
        yield view.hit(
            max(0, view.text.find("backend-path")),
            rule=BACKEND,
            message="Is built by code of its own, which runs at install",
            family="install-time",
            severity=Severity.NOTE,
            fix=_FIX,
        )

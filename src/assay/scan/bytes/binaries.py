"""Programs in a package that nobody can read: native code, byte code, and files whose content is
not what their name says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from assay.finding import Severity
from assay.scan.model import Hit, Package, ScannedFile

ID = "binaries"
INSIDE = "native-binary"
DISGUISED = "disguised-binary"
PACKED = "packed-binary"
BYTECODE = "bytecode-alone"
LIES = "misnamed-file"
_FIX = "Build it from reviewed source in the open, or ship the server as an image."


class Magic(NamedTuple):
    """How a program begins, what it is, and the endings under which one expects it."""

    start: bytes
    what: str
    endings: tuple[str, ...]


_NATIVE = (
    ".node",
    ".so",
    ".dylib",
    ".dll",
    ".exe",
    ".pyd",
    ".bin",
    ".a",
    ".o",
    ".lib",
    ".sys",
    ".jnilib",
    ".elf",
    "",
)
_MAGIC = (
    Magic(b"\x7fELF", "an ELF program", _NATIVE),
    Magic(b"\xcf\xfa\xed\xfe", "a Mach-O program", _NATIVE),
    Magic(b"\xce\xfa\xed\xfe", "a Mach-O program", _NATIVE),
    Magic(b"\xfe\xed\xfa\xcf", "a Mach-O program", _NATIVE),
    Magic(b"\xca\xfe\xba\xbe", "a Mach-O program or a Java class", (*_NATIVE, ".class")),
    Magic(b"\0asm", "WebAssembly", (".wasm", "")),
    Magic(b"dex\n", "Android byte code", (".dex",)),
    Magic(b"L\0\0\0\x01\x14\x02\0", "a Windows shortcut", (".lnk",)),
)
_PICTURES = {
    ".png": (b"\x89PNG\r\n\x1a\n",),
    ".jpg": (b"\xff\xd8\xff",),
    ".jpeg": (b"\xff\xd8\xff",),
    ".gif": (b"GIF8",),
    ".ico": (b"\0\0\1\0", b"\0\0\2\0"),
    ".webp": (b"RIFF",),
    ".bmp": (b"BM",),
    ".woff": (b"wOFF",),
    ".woff2": (b"wOF2",),
    ".ttf": (b"\0\1\0\0", b"true", b"OTTO"),
    ".pdf": (b"%PDF",),
    ".mp3": (b"ID3", b"\xff"),
    ".mp4": (b"\0\0\0",),
}
_PROGRAM_TEXT = re.compile(
    rb"#!/|\bfunction\s*\w{0,40}\(|\brequire\(|\beval\(|\bexec\(|\bimport\s+\w|=>\s*\{|child_process"
    rb"|\bsubprocess\b|\bprocess\.env|powershell|<script"
)
_UPX = (b"UPX!", b"UPX0\0", b"UPX1\0")
_PYC = re.compile(rb"^.\x0d\x0d\x0a|^..\x0d\x0a", re.S)  # importlib: magic number, then CR LF


def run(file: ScannedFile) -> Iterator[Hit]:
    """What one file is, by its own first bytes."""
    head = _head(file)
    ending = _ending(file.name)
    if found := _native(file, head):
        yield from _program(file, found, ending, head)
    elif file.name.endswith((".pyc", ".pyo")) or (_is_pyc(head) and file.kind == "binary"):
        yield from _bytecode(file, ending)
    elif ending in _PICTURES and file.size:
        yield from _picture(file, head, ending)
    elif ending in (
        ".jar",
        ".class",
        ".exe",
        ".scr",
        ".msi",
        ".dmg",
        ".apk",
        ".lnk",
        ".hta",
        ".chm",
    ):
        yield _binary_hit(file, INSIDE, f"Holds a {ending[1:]} file", Severity.WARNING)


def _head(file: ScannedFile) -> bytes:
    return next(iter(file.chunks(1 << 16)), b"")


def _ending(name: str) -> str:
    lower = name.lower()
    if re.search(r"\.so(?:\.\d+)+$", lower):
        return ".so"
    dot = lower.rfind(".")
    return lower[dot:] if dot > 0 else ""


def _native(file: ScannedFile, head: bytes) -> Magic | None:
    if head[:2] == b"MZ" and len(head) > 64:
        at = int.from_bytes(head[60:64], "little")
        if head[at : at + 4] == b"PE\0\0" or (at > len(head) - 4 and file.size > at):
            return Magic(b"MZ", "a Windows program", _NATIVE)
    return next((one for one in _MAGIC if head.startswith(one.start)), None)


def _program(file: ScannedFile, found: Magic, ending: str, head: bytes) -> Iterator[Hit]:
    if ending not in found.endings:
        message = f"Holds {found.what} under a name that says otherwise"
        yield _binary_hit(file, DISGUISED, message, Severity.ERROR)
    elif file.name.startswith(".") or _among_hidden(file.path):
        yield _binary_hit(
            file, DISGUISED, f"Hides {found.what} in a dot file or folder", Severity.ERROR
        )
    elif found.what == "WebAssembly":
        yield _binary_hit(file, INSIDE, "Holds WebAssembly, which nobody can read", Severity.NOTE)
    else:
        yield _binary_hit(file, INSIDE, *_weight(file, found, ending))
    if any(mark in piece for piece in file.chunks(1 << 20, 16) for mark in _UPX):
        yield _binary_hit(
            file, PACKED, f"Holds {found.what} that was packed with UPX", Severity.ERROR
        )


def _among_hidden(path: str) -> bool:
    return any(part.startswith(".") and part != ".libs" for part in path.split("/")[:-1])


def _weight(file: ScannedFile, found: Magic, ending: str) -> tuple[str, Severity]:
    if file.package.ecosystem == "pypi" and _pure(file.package):
        return f"Holds {found.what}, though the wheel says that it is pure Python", Severity.WARNING
    manifest = file.package.manifest
    declared = any(key in manifest for key in ("os", "cpu", "binary", "gypfile", "napi"))
    built = ending in (".node", ".so", ".dylib", ".pyd", ".a", ".o", ".dll") or declared
    if file.package.ecosystem == "npm" and not built:
        return f"Holds {found.what}, of which package.json says nothing", Severity.WARNING
    return f"Holds {found.what}, which nobody can read", Severity.NOTE


def _pure(package: Package) -> bool:
    wheel = next((path for path in package.files if path.endswith(".dist-info/WHEEL")), "")
    raw = package.read(wheel) or b""
    return b"root-is-purelib: true" in raw.lower() and b"-none-any" in raw


def _is_pyc(head: bytes) -> bool:
    return (
        len(head) > 16
        and head[2:4] == b"\r\n"
        and head[:2] not in (b"\0\0",)
        and head[16:17] in (b"\xe3", b"c")
    )


def _bytecode(file: ScannedFile, ending: str) -> Iterator[Hit]:
    if ending not in (".pyc", ".pyo"):
        yield _binary_hit(
            file, DISGUISED, "Holds Python byte code under another name", Severity.ERROR
        )
        return
    if _source(file) not in file.package.files:
        yield _binary_hit(
            file, BYTECODE, "Holds Python byte code without its source", Severity.WARNING
        )


def _source(file: ScannedFile) -> str:
    folder = file.path.rpartition("/")[0]
    stem = file.name.rpartition(".")[0]
    if folder.endswith("__pycache__"):
        folder = folder.removesuffix("__pycache__").rstrip("/")
        stem = re.sub(r"\.(?:cpython|pypy)[^/]*$", "", stem)
    return f"{folder}/{stem}.py" if folder else f"{stem}.py"


def _picture(file: ScannedFile, head: bytes, ending: str) -> Iterator[Hit]:
    if head.startswith(_PICTURES[ending]) or not head.strip():
        return
    program = _PROGRAM_TEXT.search(head)
    if program:
        yield _binary_hit(
            file, LIES, f"Holds a program under the name of a {ending[1:]} file", Severity.ERROR
        )
    elif ending in (".png", ".jpg", ".jpeg", ".gif", ".ico") and not _other_picture(head):
        yield _binary_hit(
            file, LIES, f"Is no {ending[1:]} file, whatever its name says", Severity.WARNING
        )


def _other_picture(head: bytes) -> bool:
    starts = tuple(start for starts in _PICTURES.values() for start in starts if len(start) > 1)
    return (
        head.startswith(starts)
        or head.lstrip()[:5] in (b"<svg ", b"<?xml", b"<!DOC")
        or head[4:8] == b"ftyp"
        or head.startswith(b"version https://git-lfs")
    )


def _binary_hit(file: ScannedFile, rule: str, message: str, severity: Severity) -> Hit:
    return file.hit(rule, message, family="binary", severity=severity, fix=_FIX)

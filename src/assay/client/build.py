"""A tree in the making: files are written from verified archives and noted in its manifest.

Everything is made under a name that no launch looks at, as writable; ``finish`` makes it
read-only. Files are created, never opened: nothing laid earlier can be written through.
"""

from __future__ import annotations

import hashlib
import os
import stat
import subprocess
from collections.abc import Iterable
from pathlib import Path

from assay.artefact.unpack.bounds import Member, refused
from assay.client.interpreter import bare
from assay.client.tree import FILE_MODE, FOLDER_MODE, PROGRAM_MODE

_CHUNK = 1 << 18
_COMPILE_PATIENCE = 600.0  # seconds
# -I and -S: nothing but the standard library runs. Compiling executes no line of the source.
# With unchecked-hash the compiled file stands alone: both are in the manifest, hashed each time.
_COMPILE = """
import compileall, py_compile, sys
compileall.compile_dir(sys.argv[1], quiet=2, stripdir=sys.argv[1], maxlevels=64,
    invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH)
"""


class Build:
    """The tree under ``root``, which must be there and empty."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.files: dict[str, tuple[bool, int, str]] = {}
        self._folders: set[str] = set()  # made already: one question less for each file

    def lay(self, folder: str, members: Iterable[Member], *, label: str) -> set[str]:
        """Write an archive's files under ``folder`` and give their paths in the tree.

        ``label`` names the archive to a person. Two archives may bring the same file, as some
        wheels do, only with the same bytes: which one wins must not depend on an order.
        """
        laid: set[str] = set()
        for member in members:
            path = f"{folder}/{member.path}" if folder else member.path
            told = self._write(path, member)
            if self.files.setdefault(path, told) != told:
                raise refused(label, f"brings another {path} than the packages before it")
            laid.add(path)
        return laid

    def _write(self, path: str, member: Member) -> tuple[bool, int, str]:
        target = f"{self.root}/{path}"
        try:
            self._make(path.rpartition("/")[0])
            descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except (FileExistsError, NotADirectoryError) as error:
            if path not in self.files:
                raise refused(path, "one package has a file where another has a folder") from error
            descriptor = os.open(os.devnull, os.O_WRONLY)
        digest, size = hashlib.sha256(), 0
        with os.fdopen(descriptor, "wb", buffering=0) as file:
            while chunk := member.stream.read(_CHUNK):
                file.write(chunk)
                digest.update(chunk)
                size += len(chunk)
            if path not in self.files:
                os.chmod(target, PROGRAM_MODE if member.executable else FILE_MODE)
        return member.executable, size, digest.hexdigest()

    def _make(self, folder: str) -> None:
        if folder not in self._folders:
            (self.root / folder).mkdir(parents=True, exist_ok=True)
            self._folders.add(folder)

    def compile(self, python: Path) -> None:
        """Have ``python`` compile its sources now, for the tree will be read-only.

        Some packages carry files that do not compile; they are left as they are.
        """
        command = [str(python), "-I", "-S", "-c", _COMPILE, str(self.root)]
        subprocess.run(
            command, cwd=self.root, env=bare(), stdin=subprocess.DEVNULL, check=False,
            capture_output=True, timeout=_COMPILE_PATIENCE,
        )  # fmt: skip
        for path in self.root.rglob("__pycache__/*.pyc"):
            name = path.relative_to(self.root).as_posix()
            if not stat.S_ISREG(path.lstat().st_mode):
                raise refused(name, "compiling left something that is no file")
            raw = path.read_bytes()
            path.chmod(FILE_MODE)
            self.files[name] = (False, len(raw), hashlib.sha256(raw).hexdigest())

    def finish(self) -> None:
        """Make every folder read-only, the innermost first."""
        for folder, _, _ in os.walk(self.root, topdown=False):
            os.chmod(folder, FOLDER_MODE)


def remove(folder: Path) -> None:
    """Remove a tree, read-only as it is, or what is left of one. Links are not followed."""
    if folder.is_symlink() or not folder.is_dir():
        folder.unlink(missing_ok=True)
        return
    for here, folders, names in os.walk(folder):
        os.chmod(here, 0o700)
        for name in (*folders, *names):
            path = Path(here, name)
            if path.is_symlink() or not path.is_dir():
                path.unlink()
    for here, _, _ in os.walk(folder, topdown=False):
        os.rmdir(here)

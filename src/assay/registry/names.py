"""Which file belongs to which entry: the whole answer lies in the names.

``servers/NAME.yaml`` is the entry; its lock and its bundle stand beside it and begin with the
same NAME. A name decides what is read, so it is held to a form that no path can leave.
"""

from __future__ import annotations

FOLDER = "servers"
POLICY = "assay.yaml"
BASELINE = "assay-baseline.json"  # what is suppressed since the registry was adopted
REVOCATIONS = "revocations.yaml"
JUDGING = frozenset({POLICY, BASELINE})  # another one is another question to every entry
SUFFIX = ".yaml"
BUNDLE_SUFFIX = ".yaml.sigstore.json"
LOCK_SUFFIXES = (".package-lock.json", ".requirements.txt")
# The longest first: NAME.yaml.sigstore.json must never be read as an entry of another kind.
_SUFFIXES = (BUNDLE_SUFFIX, *LOCK_SUFFIXES, SUFFIX)
# What explains the folder, or keeps it while it is empty.
WELCOME = frozenset({"README.md", ".gitkeep"})
_MAX_NAME = 255  # bytes, as file systems have it


def is_file_name(name: str) -> bool:
    """Whether ``name`` is one plain file name that stays in its folder, on every system."""
    return (
        name not in {"", ".", ".."}
        and name.isprintable()
        and not set(name) & set('/\\:*?"<>|')
        and len(name.encode("utf-8", "surrogateescape")) <= _MAX_NAME
    )


def entry_path(name: str) -> str:
    """``servers/NAME.yaml``."""
    return f"{FOLDER}/{name}{SUFFIX}"


def bundle_path(entry: str) -> str:
    """``servers/NAME.yaml.sigstore.json`` for ``servers/NAME.yaml``."""
    return entry.removesuffix(SUFFIX) + BUNDLE_SUFFIX


def owner(path: str) -> str | None:
    """The path of the entry that a file under ``servers/`` belongs to; itself for an entry.

    None for anything else: a file elsewhere, in a folder below, or of no kind that we know.
    """
    folder, _, name = path.rpartition("/")
    if folder != FOLDER:
        return None
    for suffix in _SUFFIXES:
        if name.endswith(suffix) and name != suffix:
            return entry_path(name.removesuffix(suffix))
    return None


def is_entry(path: str) -> bool:
    """Whether ``path`` is ``servers/NAME.yaml`` itself."""
    return owner(path) == path

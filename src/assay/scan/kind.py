"""What a file is: by what runs it, then by its name, then by its content.

A name decides where it decides for the interpreter too (node reads ``.cjs`` as script, Python
imports ``.py``). Where the name says nothing, or something that no interpreter heeds, the content
does: a script by its first line, text that reads like a program, else text or binary. An unknown
file that could be required by another (``require("./data.txt")`` runs it as JavaScript) is held
against JavaScript by the engine as well, see ``also``.
"""

from __future__ import annotations

import re

_ENDINGS = {
    **dict.fromkeys((".js", ".cjs", ".mjs", ".jsx", ".es6", ".jsm"), "js"),
    **dict.fromkeys((".ts", ".mts", ".cts"), "ts"),
    ".tsx": "tsx",
    **dict.fromkeys((".py", ".pyw", ".pyi", ".pyx", ".pth"), "py"),
    **dict.fromkeys((".json", ".map", ".webmanifest", ".jsonc", ".json5"), "json"),
    **dict.fromkeys((".yaml", ".yml"), "yaml"),
    ".toml": "toml",
    **dict.fromkeys((".sh", ".bash", ".zsh", ".ksh", ".fish", ".command"), "shell"),
    **dict.fromkeys((".ps1", ".psm1", ".bat", ".cmd", ".vbs"), "shell"),
    **dict.fromkeys((".html", ".htm", ".xhtml", ".vue", ".svelte", ".svg"), "html"),
    ".ipynb": "notebook",
    **dict.fromkeys((".md", ".markdown", ".rst"), "markdown"),
}
_SHEBANG = re.compile(rb"#!.{0,200}?\b(node|nodejs|deno|bun|tsx|ts-node|python[0-9.]*w?|\w*sh)\b")
_BINARY = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_MARKED = (b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")
HEAD = 4096  # bytes of a file that ``of`` wants to see


def of(path: str, head: bytes) -> str:
    """One of ``KINDS``, for the file at ``path`` whose first ``HEAD`` bytes are ``head``."""
    name = path.rpartition("/")[2].lower()
    if kind := _by_ending(name):
        return kind
    if match := _SHEBANG.match(head):
        return _by_interpreter(match[1].decode())
    return "binary" if _looks_binary(head) else "text"


def _by_ending(name: str) -> str:
    dot = name.rfind(".")
    return _ENDINGS.get(name[dot:], "") if dot >= 0 else ""


def _by_interpreter(word: str) -> str:
    if word.startswith("python"):
        return "py"
    if word in ("tsx", "ts-node"):
        return "ts"
    return "js" if word in ("node", "nodejs", "deno", "bun") else "shell"


def _looks_binary(head: bytes) -> bool:
    if head.startswith(_MARKED):
        return False
    return bool(_BINARY.search(head))

"""``setup.py`` runs at each install from source, with all that the person may do.

Read as a tree, not as text: aliases and ``getattr`` are followed as far as names go. Commands of
its own and a compiler call are usual for native code; network, decoding or another's files are not.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator

from assay.finding import Severity
from assay.scan.model import Hit, ScannedFile

ID = "setup-acts"
_FIX = "Ship a wheel: a server needs no code of its own at install."
_MOST = 1 << 20  # bytes
_NETWORK = re.compile(
    r"^(?:urllib\.request\.|urllib2\.|urllib3\.|requests\.|httpx\.|aiohttp\.|socket\.(?:socket|create_connection|gethostbyname|getaddrinfo)"
    r"|http\.client\.HTTP|ftplib\.|smtplib\.|telnetlib\.|paramiko\.|dns\.)|(?:^|\.)urlopen$|(?:^|\.)urlretrieve$"
)
_EXEC = re.compile(
    r"^(?:os\.(?:system|popen|exec\w*|spawn\w*|startfile|posix_spawn\w*)|subprocess\.\w+|pty\.spawn|commands\.getoutput|asyncio\.create_subprocess\w*)$"
)
_EVAL = re.compile(
    r"^(?:builtins\.)?(?:exec|eval|compile|__import__)$|^importlib\.import_module$|^marshal\.loads$|^types\.(?:CodeType|FunctionType)$|^ctypes\."
)
_DECODE = re.compile(
    r"^(?:base64\.\w*decode\w*|binascii\.(?:unhexlify|a2b_\w+)|codecs\.decode|zlib\.decompress\w*|gzip\.decompress|lzma\.decompress|bz2\.decompress|bytes\.fromhex|bytearray\.fromhex|marshal\.loads)$|\.fromhex$|^cryptography\.fernet\.Fernet|Fernet$"
)
_PERSON = re.compile(
    r"^os\.(?:environ|getenv|getlogin|uname)|^getpass\.getuser|^platform\.(?:node|uname)|^socket\.gethostname|^pwd\.|expanduser$|^pathlib\.Path\.home$|Path\.home$"
)
_USUAL_COMMANDS = re.compile(
    r"cmake|make\b|gcc|cc\b|cl\.exe|cargo|rustc|git\b|pkg-config|llvm|nvcc|swig|cython|version|protoc|npm\b|yarn\b|pytest|sphinx|twine|python"
)
_HOSTILE_COMMAND = re.compile(
    r"curl|wget|powershell|pwsh|https?://|base64|/bin/(?:ba)?sh|\bnc\b|certutil|mshta|start\s|chmod \+x"
)


def run(file: ScannedFile) -> Iterator[Hit]:
    """What one ``setup.py`` does."""
    if file.name != "setup.py" or file.size > _MOST or file.path.count("/") > 1:
        return
    text = file.text or ""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        yield file.hit(
            ID,
            "Is a setup.py that can't be parsed",
            family="install-time",
            severity=Severity.WARNING,
            fix=_FIX,
        )
        return
    seen = _Seen(tree)
    yield from _judged(file, seen, text)


class _Seen:
    """What a tree calls, by kind, with the line of the first."""

    def __init__(self, tree: ast.AST) -> None:
        self.names: dict[str, str] = {}
        self.lines: dict[str, int] = {}
        self.details: dict[str, str] = {}
        nodes = list(ast.walk(tree))
        for node in nodes:
            self._import(node)
        for node in nodes:
            self._alias(node)
        for node in nodes:
            self._call(node)

    def _import(self, node: ast.AST) -> None:
        if isinstance(node, ast.Import):
            for one in node.names:
                name = one.name if one.asname else one.name.partition(".")[0]
                self.names[one.asname or name] = name
        elif isinstance(node, ast.ImportFrom) and node.module:
            for one in node.names:
                self.names[one.asname or one.name] = f"{node.module}.{one.name}"

    def _alias(self, node: ast.AST) -> None:
        if (
            isinstance(node, ast.Assign)
            and len(node.targets) == 1
            and isinstance(node.targets[0], ast.Name)
        ):
            name = self.full(node.value)
            if (
                name
                and isinstance(node.value, ast.Name | ast.Attribute | ast.Call)
                and name != node.targets[0].id
            ):
                self.names.setdefault(node.targets[0].id, name)

    def full(self, node: ast.AST, depth: int = 8) -> str:
        """The dotted name of an expression, through aliases, ``getattr`` and ``__import__``."""
        if depth <= 0:
            return ""
        if isinstance(node, ast.Name):
            return self.names.get(node.id, node.id)
        if isinstance(node, ast.Attribute):
            inner = self.full(node.value, depth - 1)
            return f"{inner}.{node.attr}" if inner else node.attr
        if isinstance(node, ast.Call) and node.args and isinstance(node.args[-1], ast.Constant):
            called, last = self.full(node.func, depth - 1), str(node.args[-1].value)
            if called in ("__import__", "importlib.import_module"):
                return last
            if called == "getattr" and len(node.args) == 2:
                return f"{self.full(node.args[0], depth - 1)}.{last}"
        if isinstance(node, ast.Subscript):
            return self.full(node.value, depth - 1)
        return ""

    def _call(self, node: ast.AST) -> None:
        if isinstance(node, ast.ClassDef):
            for base in node.bases:
                name = self.full(base)
                if re.search(
                    r"(?:^|\.)(?:install|develop|egg_info|bdist_egg|install_lib|sdist|build_py|build)$",
                    name,
                ):
                    self._note("command", node, name)
            return
        if isinstance(node, ast.Attribute | ast.Subscript):
            name = self.full(node)
            if _PERSON.search(name):
                self._note("person", node, name)
        if not isinstance(node, ast.Call):
            return
        name = self.full(node.func)
        for kind, pattern in (
            ("network", _NETWORK),
            ("exec", _EXEC),
            ("eval", _EVAL),
            ("decode", _DECODE),
            ("person", _PERSON),
        ):
            if pattern.search(name):
                self._note(kind, node, name)
        if _EXEC.search(name):
            self._command(node)
        if _EVAL.search(name):
            self._evaluated(node)

    def _command(self, node: ast.Call) -> None:
        said = " ".join(
            str(one.value)
            for one in ast.walk(node)
            if isinstance(one, ast.Constant) and isinstance(one.value, str)
        )
        if _HOSTILE_COMMAND.search(said):
            self._note("hostile", node, said[:80])
        elif not _USUAL_COMMANDS.search(said) and "executable" not in ast.dump(node)[:600]:
            self._note("unusual", node, said[:80])

    def _evaluated(self, node: ast.Call) -> None:
        inside = [
            self.full(one.func)
            for one in ast.walk(node)
            if isinstance(one, ast.Call) and one is not node
        ]
        if any(_DECODE.search(one) or _NETWORK.search(one) or one == "chr" for one in inside):
            self._note("veiled", node, inside[0])

    def _note(self, kind: str, node: ast.AST, detail: str) -> None:
        if kind not in self.lines:
            self.lines[kind] = getattr(node, "lineno", 1)
            self.details[kind] = detail


def _judged(file: ScannedFile, seen: _Seen, text: str) -> Iterator[Hit]:
    has = set(seen.lines)
    for kinds, severity, message in _VERDICTS:
        if kinds <= has:
            kind = sorted(kinds)[-1] if len(kinds) > 1 else next(iter(kinds))
            line = seen.lines[kind]
            lines = text.split("\n")
            excerpt = lines[line - 1].strip() if line <= len(lines) else ""
            yield file.hit(
                ID,
                f"{message} ({', '.join(seen.details[one][:60] for one in sorted(kinds))})",
                family="install-time",
                severity=severity,
                fix=_FIX,
                line=line,
                excerpt=excerpt,
            )
            return


_VERDICTS = (
    ({"veiled"}, Severity.ERROR, "Runs at install what it decodes or downloads"),
    ({"hostile"}, Severity.ERROR, "Runs a command at install that fetches or hides something"),
    ({"network", "exec"}, Severity.ERROR, "Uses the network and runs commands at install"),
    ({"network", "eval"}, Severity.ERROR, "Uses the network and evaluates code at install"),
    (
        {"network", "person"},
        Severity.ERROR,
        "Reads about the person and uses the network at install",
    ),
    ({"decode", "exec"}, Severity.ERROR, "Decodes something and runs commands at install"),
    ({"decode", "eval"}, Severity.ERROR, "Decodes something and evaluates code at install"),
    ({"command", "network"}, Severity.ERROR, "Uses the network in a command of its own at install"),
    ({"network"}, Severity.WARNING, "Uses the network at install"),
    ({"command", "unusual"}, Severity.WARNING, "Runs commands in a command of its own at install"),
    ({"decode"}, Severity.WARNING, "Decodes something at install"),
    ({"exec"}, Severity.NOTE, "Runs commands at install"),
    ({"command"}, Severity.NOTE, "Has a command of its own at install"),
)

"""What a file holds encoded is decoded and judged again, as though it stood there plainly.

Whoever encodes a webhook, a command or a program does it so that no reader sees it: what would be
a warning in plain text is an error here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from assay.finding import Severity
from assay.scan.bytes import commands, credentials, hosts, instructions, mining
from assay.scan.bytes.indicator import Indicator, matches
from assay.scan.bytes.peel import EXHAUSTED, Peeled, peel
from assay.scan.bytes.sight import Sight, sight, words_of
from assay.scan.model import Hit, ScannedFile

ID = "encoded-payload"
PROGRAM = "hidden-program"
ADDRESS = "hidden-address"
EXECUTABLE = "hidden-executable"
UNREAD = "unread-encoding"
_FIX = "Write it plainly, so that a reviewer can read it, or take it out."
_MOST_TEXT = 24 << 20  # characters of a file in which encodings are looked for

_PLAIN = (
    *commands.TABLE,
    *hosts.TABLE,
    *mining.TABLE,
    *credentials.TABLE,
    *instructions.TABLE,
    *instructions.FOREIGN,
)
_PROGRAM = re.compile(
    r"require\(\s{0,2}[\"'](?:node:)?(?:child_process|https?|net|fs|os|vm|dns)[\"']|child_process"
    r"|(?:^|[\n;])\s{0,8}(?:import\s(?:os|sys|subprocess|socket|base64|urllib|requests|ctypes)\b|from\s(?:os|subprocess|urllib|base64|cryptography)\b)"
    r"|\b(?:subprocess\.(?:run|popen|call|check)|os\.system|os\.popen|__import__)\("
    r"|\b(?:eval|exec|execsync|spawnsync)\(|new function\(|process\.(?:env|binding|mainmodule)\b"
    r"|#!/(?:usr/)?bin/|powershell(?:\.exe)?\s|cmd(?:\.exe)?\s/c|/bin/(?:ba)?sh\b"
)
_URL = re.compile(r"^\s{0,4}(?:https?|wss?|tcp|ftp)://[\w.\[\]:-]{4,253}(?:[/?#]|$)")
_RUNNING = re.compile(
    r"\b(?:eval|exec|execscript|execsync|spawn|spawnsync|function|fromfunction|compile|__import__"
    r"|runinthiscontext|runinnewcontext|runincontext|_compile|loads|system|popen|writefile"
    r"|writefilesync|import)\s{0,3}\(|\bgetattr\(|(?:globalthis|global|window|self|this|module|process)\[[^\]\n]{1,60}\]\s{0,2}[(.]"
)
_BENIGN_HOSTS = re.compile(
    r"//(?:www\.)?(?:w3\.org|schemas\.|example\.|localhost|json-schema\.org)|//\S{0,80}\.(?:svg|png)"
)
_NEAR = 1500  # characters
_EXECUTABLES = (
    (b"\x7fELF", "an ELF program"),
    (b"MZ", "a Windows program"),
    (b"\xcf\xfa\xed\xfe", "a Mach-O program"),
    (b"\xca\xfe\xba\xbe", "a Mach-O program or Java class"),
    (b"PK\3\4", "a zip archive"),
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
)


def run(file: ScannedFile) -> Iterator[Hit]:
    """What can be taken out of one file and says something."""
    view = sight(file)
    if file.kind == "binary" or len(view.text) > _MOST_TEXT or file.name.endswith(".map"):
        return
    told: set[tuple[str, int]] = set()
    for peeled in peel(view.text):
        for hit in _judged(view, peeled):
            key = (hit.rule, hit.line)
            if key not in told:
                told.add(key)
                yield hit


def _judged(view: Sight, peeled: Peeled) -> Iterator[Hit]:
    text = peeled.text
    if peeled.chain == (EXHAUSTED,):
        yield view.hit(
            peeled.offset,
            rule=UNREAD,
            message="Holds more encoded text than this scan takes out: the rest was not read",
            family="obfuscation",
            severity=Severity.WARNING,
            fix=_FIX,
        )
        return
    if text is None:
        yield from _executable(view, peeled)
        return
    lower = text.lower()
    present = words_of(lower)
    found = False
    for indicator, match in matches(lower, present, _PLAIN):
        found = True
        yield _hit(view, peeled, indicator, text[match.start() :])
    if not found and (program := _PROGRAM.search(lower)):
        yield from _program(view, peeled, text[program.start() :])
    elif not found and _URL.match(lower) and not _BENIGN_HOSTS.search(lower):
        yield from _address(view, peeled, text)


def _hit(view: Sight, peeled: Peeled, indicator: Indicator, plain: str) -> Hit:
    heavy: Severity = indicator.code if indicator.code is not None else Severity.WARNING
    severity: Severity = Severity.ERROR if heavy is Severity.WARNING else heavy
    if view.role == "doc" or peeled.chain == ("pieces",) or peeled.chain == ("percent",):
        severity = min(severity, heavy, key=_ORDER.index)
    return view.hit(
        peeled.offset,
        rule=indicator.rule,
        message=f"{indicator.message} ({_chain(peeled)}: {_cut(plain)})",
        family=indicator.family,
        severity=severity,
        fix=indicator.fix or _FIX,
        signal=indicator.signal,
    )


_ORDER = (Severity.NOTE, Severity.WARNING, Severity.ERROR)


def _program(view: Sight, peeled: Peeled, plain: str) -> Iterator[Hit]:
    if view.role == "doc" and peeled.chain[0] not in ("base64", "hex"):
        return
    near = view.lower[max(0, peeled.offset - _NEAR) : peeled.offset + _NEAR]
    runs = bool(_RUNNING.search(near)) and view.role == "code"
    veiled = any(how not in ("pieces", "escaped letters") for how in peeled.chain)
    severity = Severity.ERROR if runs and veiled else Severity.WARNING
    yield view.hit(
        peeled.offset,
        rule=PROGRAM,
        message=f"Holds a program encoded ({_chain(peeled)}: {_cut(plain)})",
        family="obfuscation",
        severity=severity,
        fix=_FIX,
        signal=not veiled,
    )


def _address(view: Sight, peeled: Peeled, plain: str) -> Iterator[Hit]:
    veiled = any(how not in ("pieces", "percent") for how in peeled.chain)
    if view.role in ("doc", "data") or not veiled:
        return
    yield view.hit(
        peeled.offset,
        rule=ADDRESS,
        message=f"Holds an internet address encoded ({_chain(peeled)}: {_cut(plain)})",
        family="obfuscation",
        severity=Severity.WARNING,
        fix=_FIX,
    )


def _executable(view: Sight, peeled: Peeled) -> Iterator[Hit]:
    for magic, what in _EXECUTABLES:
        if peeled.raw.startswith(magic) and len(peeled.raw) >= 200 and _whole(magic, peeled.raw):
            yield view.hit(
                peeled.offset,
                rule=EXECUTABLE,
                message=f"Holds {what} encoded as text ({_chain(peeled)})",
                family="obfuscation",
                severity=Severity.ERROR if view.role == "code" else Severity.WARNING,
                fix=_FIX,
            )
            return


def _whole(magic: bytes, raw: bytes) -> bool:
    return magic != b"MZ" or b"PE\0\0" in raw[:1024]


def _chain(peeled: Peeled) -> str:
    return " → ".join(peeled.chain)


def _cut(plain: str) -> str:
    from assay.hidden import quoted

    return quoted(" ".join(plain[:160].split()), 80)

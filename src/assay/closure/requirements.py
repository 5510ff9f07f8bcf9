"""``NAME.requirements.txt``, read as a claim that may lie.

pip would take an option, a URL, another file or an editable folder from such a file as readily as
a requirement. Here it is one canonical form and nothing else: comments at the head, then each
release pinned with ``==``, an optional marker, and its wheels' sha256, sorted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from assay.artefact.reference import Reference
from assay.closure.model import Closure, Package
from assay.finding import Finding

RULE = "lock-format"
MAX_BYTES = 4 << 20
MAX_FINDINGS = 50  # nobody reads more, and the first ones say what kind of file it is
MAX_LINE = 4096
_RELOCK = "run `assay lock NAME`"
_PINNED = re.compile(
    r"(?P<name>[a-z0-9]+(?:-[a-z0-9]+)*)==(?P<version>[0-9][a-z0-9.!+]*)"
    r"(?: ; (?P<marker>[ -\[\]-~]+))? \\"
)
_MAX_DEPTH = 20
_MARKER_WORD = re.compile(
    r"(?P<open>\()|(?P<close>\))|(?P<join> (?:and|or) )|(?P<comparison>"
    # A version is compared with a version, a name with a name: else an installer may stumble.
    r"(?:python_version|python_full_version|implementation_version)"
    r" (?:==|!=|<=|>=|<|>|~=) '[0-9]+(?:\.[0-9]+){0,3}(?:(?:a|b|rc)[0-9]+)?(?:\.\*)?'"
    r"|(?:os_name|sys_platform|platform_release|platform_system|platform_version|platform_machine"
    r"|platform_python_implementation|implementation_name)"
    r" (?:==|!=|in|not in) '[A-Za-z0-9 ._+-]*')"
)
_HASH = re.compile(r"    --hash=(?P<hash>sha256:[0-9a-f]{64})(?P<more> \\)?")
_WRONG = (
    (re.compile(r"\s*(-e|--editable)\b"), "is editable: a folder, not a release"),
    (re.compile(r"\s*(-r|-c|--requirement|--constraint)\b"), "brings in another file"),
    (re.compile(r"\s*--hash=(?!sha256:)"), "has a hash that is not sha256"),
    (re.compile(r"\s*-"), "is an option, which would change where packages come from"),
    (re.compile(r".*(://|@\s)"), "names an address; the machine's own configuration says that"),
    (re.compile(r"[A-Za-z0-9._-]+==[^\\]*$"), "has no hash, so any bytes would do"),
    (re.compile(r"[A-Za-z0-9._\[\]-]+\s*(?:[<>~!]=?|===|$)"), "is not one exact release"),
)


def parse(reference: Reference, raw: bytes, path: str) -> tuple[Closure | None, list[Finding]]:
    """See ``assay.closure.parse``."""
    packages: list[Package] = []
    findings: list[Finding] = []
    for item in _read(raw):
        if isinstance(item, Package):
            packages.append(item)
        else:
            findings.append(Finding(path, item[0], 1, RULE, item[1], _RELOCK))
            if len(findings) == MAX_FINDINGS:
                break
    findings += [
        Finding(path, line, 1, RULE, message, _RELOCK)
        for line, message in _as_a_whole(reference, packages)
        if not findings
    ]
    if findings:
        return None, sorted(findings)
    root = next(package for package in packages if package.name == reference.name)
    return Closure("pypi", path, tuple(packages), root), []


_Problem = tuple[int, str]  # line, message


def _read(raw: bytes) -> Iterator[Package | _Problem]:
    if len(raw) > MAX_BYTES:
        yield 1, f"is larger than {MAX_BYTES >> 20} MiB"
        return
    if not raw.isascii() or b"\r" in raw or b"\0" in raw:
        yield 1, "holds something other than plain ASCII lines"
        return
    lines = raw.decode("ascii").split("\n")
    if lines.pop() != "":
        yield len(lines) + 1, "does not end with a line end, so it may be cut off"
        return
    number = 0
    while number < len(lines) and lines[number].startswith("#"):
        number += 1
    while number < len(lines):
        start = number + 1
        match = _PINNED.fullmatch(lines[number])
        if match is None or len(lines[number]) > MAX_LINE:
            yield start, _explain(lines[number])
            number += 1
            continue
        hashes, number, problem = _hashes(lines, start)
        if problem:
            yield problem
        yield from _package(match, tuple(hashes), start)


def _hashes(lines: list[str], number: int) -> tuple[list[str], int, _Problem | None]:
    hashes: list[str] = []
    while number < len(lines):
        match = _HASH.fullmatch(lines[number])
        number += 1
        if match is None:
            return hashes, number, (number, _explain(lines[number - 1]))
        hashes.append(match["hash"])
        if not match["more"]:
            break
    else:
        return hashes, number, (number, "ends in the middle of a package")
    if hashes != sorted(set(hashes)):
        return hashes, number, (number, "has its hashes out of order or one twice")
    return hashes, number, None


def _package(
    match: re.Match[str], hashes: tuple[str, ...], line: int
) -> Iterator[Package | _Problem]:
    marker = match["marker"] or ""
    if marker and (problem := _bad_marker(marker)):
        yield line, problem
        return
    yield Package("pypi", match["name"], match["version"], hashes, line, marker=marker)


def _bad_marker(marker: str) -> str:
    """Markers as uv writes them (PEP 508, environment names on the left), and what is wrong.

    By hand, for packaging.markers would cost each commit hook 20 ms.
    """
    depth, operand = 0, False  # open parentheses; whether the last word was a comparison
    place = 0
    while place < len(marker):
        match = _MARKER_WORD.match(marker, place)
        if match is None:
            return f"has the marker {marker!r}, which is none of PEP 508 as uv writes it"
        place = match.end()
        word = match.lastgroup
        if (word in ("join", "close")) is not operand:
            break
        operand = word in ("comparison", "close")
        depth += (word == "open") - (word == "close")
        if not 0 <= depth <= _MAX_DEPTH:
            break
    else:
        if operand and depth == 0:
            return ""
    return f"has the marker {marker!r}, which is none of PEP 508 as uv writes it"


def _as_a_whole(reference: Reference, packages: list[Package]) -> Iterator[_Problem]:
    keys = [(package.name, package.version, package.marker) for package in packages]
    for package, key, before in zip(packages[1:], keys[1:], keys, strict=False):
        if key[0] < before[0] or key == before:
            yield package.line, f"{package.name} is out of order or there twice"
        elif key[0] == before[0] and not (key[2] and before[2]):
            yield package.line, f"{package.name} is there in two versions without markers"
    own = [package for package in packages if package.name == reference.name]
    if not own:
        yield 1, f"the artefact itself, {reference.name}, is missing"
    for package in own:
        if package.version != reference.version or package.marker:
            yield package.line, f"the artefact must stand as {reference.name}=={reference.version}"
        elif len(package.integrity) != 1:
            yield package.line, "the artefact must have one hash, that of its own file"


def _explain(line: str) -> str:
    if not line.strip():
        return "is an empty line"
    if line.lstrip().startswith("#"):
        return "is a comment below the head"
    why = next(
        (text for pattern, text in _WRONG if pattern.match(line)), "is not of the lock's form"
    )
    return f"{line[:80]!r} {why}"

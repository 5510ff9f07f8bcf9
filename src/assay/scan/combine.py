"""What single signals come to when they stand together, in one file or in one package.

A table: each combination names what it needs, how near, and what it is then. Sending is ordinary,
and so is reading a key file; one that reads keys and sends is neither.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from assay.finding import Severity
from assay.scan.model import Hit

STEALS = "steals-credentials"
STEALS_ENVIRONMENT = "steals-environment"
REPORTS_HOST = "reports-host"
DECODED = "runs-decoded-code"
FETCHED = "runs-what-it-fetches"
INSTALL = "install-script-attacks"
SPREADS = "spreads-itself"
CLIPPER = "replaces-wallet-addresses"
LISTENS = "sends-what-it-records"
SUSPECT_HOST = "sends-to-suspect-host"
_LINES = 60  # how far apart "near" is
_COLUMNS = 4000  # within one line, as bundles have it
_SMALL = 12  # files with signals or hits in a package that is taken as one


class Need(NamedTuple):
    """One ingredient: any of these rules."""

    rules: frozenset[str]

    def met_by(self, hit: Hit) -> bool:
        """Whether a hit is this ingredient."""
        return hit.rule in self.rules


class Combination(NamedTuple):
    """``needs`` together make ``rule``: ``near`` each other in one file, anywhere in it with
    ``whole``, or over the files of one small package with ``package``."""

    rule: str
    family: str
    needs: tuple[Need, ...]
    message: str
    near: Severity | None
    whole: Severity | None = None
    package: Severity | None = None
    lines: int = _LINES


def _any(*rules: str) -> Need:
    return Need(frozenset(rules))


# Each with the signals of semgrep's rules that say the same of JavaScript or Python.
_SENDS = _any(
    "can-send", "js-signal-network", "js-signal-silent-send", "py-signal-sends",
)  # fmt: skip
_ODD = _any(
    "odd-host", "webhook-address", "interaction-host", "tunnel-host", "paste-host", "raw-address",
    "veiled-address", "onion-address", "hidden-address", "js-signal-public-ip",
)  # fmt: skip
# A number in quotes may be a version; near what is stolen it is where that goes.
_BARE = _any("bare-address")
_RUNS = _any("can-execute", "js-signal-process", "py-signal-runs-command")
_EVALUATES = _any("can-evaluate", "js-signal-eval")
_DECODES = _any("can-decode", "js-signal-decodes")
_SECRET = _any("credential-path", "private-store", "js-signal-secret-path")
_METADATA = _any("cloud-metadata", "js-signal-cloud-metadata")
_ENVIRONMENT = _any(
    "collects-environment", "js-signal-environment-whole", "py-signal-reads-environment"
)
_IDENTITY = _any("collects-identity", "js-signal-host-facts", "py-signal-host-facts")
_READS = _any("reads-files", "js-signal-reads-files")
_WRITES = _any("writes-files", "js-signal-writes-files")
_EXECUTABLE = _any("makes-executable", "js-signal-makes-executable")
_CLIPBOARD = _any("handles-clipboard", "py-signal-clipboard")
_RECORDS = _any("captures-input", "js-signal-capture", "py-signal-screen", "py-signal-keys")
_INSTALLS = _any(
    "install-script", "install-script-acts", "runs-at-install", "py-signal-install-hook"
)
_VEILED = _any(
    "hidden-program", "obfuscated-code", "long-line", "code-far-right", "symbols-only-code",
    "invisible-text", "hidden-address", "hidden-executable",
)  # fmt: skip
_E, _W, _N = Severity.ERROR, Severity.WARNING, Severity.NOTE

COMBINATIONS: tuple[Combination, ...] = (
    Combination(
        STEALS,
        "credentials",
        (_SECRET, _ODD, _SENDS),
        "Reads where people keep secrets, and sends to a host that is nobody's",
        near=_E,
        whole=_W,
        package=_E,
    ),
    Combination(
        STEALS,
        "credentials",
        (_SECRET, _BARE, _SENDS),
        "Reads where people keep secrets, and sends to a bare address",
        near=_E,
    ),
    Combination(
        STEALS,
        "credentials",
        (_any("credential-paths-collected"), _READS, _SENDS),
        "Collects places of secrets, reads files and sends over the network",
        near=_E,
        whole=_W,
        package=_W,
    ),
    Combination(
        STEALS,
        "credentials",
        (_SECRET, _READS, _SENDS),
        "Reads where people keep secrets, and sends over the network",
        near=_W,
        lines=20,
    ),
    Combination(
        STEALS,
        "credentials",
        (_any("private-store"), _READS, _SENDS),
        "Reads a browser's, a wallet's or a messenger's own store, and sends over the network",
        near=_E,
    ),
    Combination(
        STEALS,
        "credentials",
        (_METADATA, _ODD),
        "Asks for the machine's cloud credentials, and sends to a host that is nobody's",
        near=_E,
        whole=_E,
    ),
    Combination(
        STEALS_ENVIRONMENT,
        "credentials",
        (_ENVIRONMENT, _ODD),
        "Takes the whole environment, and sends to a host that is nobody's",
        near=_E,
        whole=_W,
        package=_E,
    ),
    Combination(
        STEALS_ENVIRONMENT,
        "credentials",
        (_ENVIRONMENT, _BARE, _SENDS),
        "Takes the whole environment, and sends to a bare address",
        near=_E,
    ),
    Combination(
        STEALS_ENVIRONMENT,
        "credentials",
        (_ENVIRONMENT, _INSTALLS, _SENDS),
        "Takes the whole environment at install, and sends over the network",
        near=_E,
        whole=_E,
        package=_E,
    ),
    Combination(
        REPORTS_HOST,
        "exfiltration",
        (_IDENTITY, _INSTALLS, _SENDS),
        "Finds out at install who the person is, and sends over the network",
        near=_E,
        whole=_E,
        package=_W,
    ),
    Combination(
        REPORTS_HOST,
        "exfiltration",
        (_IDENTITY, _ODD, _SENDS),
        "Finds out who the person is, and sends to a host that is nobody's",
        near=_E,
        whole=_W,
    ),
    Combination(
        DECODED,
        "obfuscation",
        (_EVALUATES, _DECODES, _VEILED),
        "Decodes a hidden program and runs it",
        near=_E,
        whole=_N,
    ),
    Combination(
        DECODED,
        "obfuscation",
        (_any("hidden-program", "hidden-executable", "invisible-text"), _EVALUATES, _DECODES),
        "Holds a hidden program in one file, and decodes and runs what it finds in another",
        near=_E,
        package=_E,
    ),
    Combination(
        FETCHED,
        "download-execute",
        (_SENDS, _WRITES, _EXECUTABLE, _RUNS),
        "Fetches a file, makes it executable and runs it",
        near=_W,
    ),
    Combination(
        FETCHED,
        "download-execute",
        (_ODD, _SENDS, _any(*_RUNS.rules, *_EVALUATES.rules)),
        "Fetches from a host that is nobody's, and can run what it gets",
        near=_E,
        whole=_N,
    ),
    Combination(
        INSTALL,
        "install-time",
        (_INSTALLS, _SENDS, _RUNS),
        "Uses the network and runs programs at install",
        near=_W,
        whole=_W,
    ),
    Combination(
        INSTALL,
        "install-time",
        (_INSTALLS, _VEILED),
        "Runs hidden code at install",
        near=_E,
        whole=_E,
        package=_E,
    ),
    Combination(
        SPREADS,
        "propagation",
        (_any("publishes-packages"), _any("names-publishing-token")),
        "Takes tokens for publishing, and publishes packages",
        near=_E,
        whole=_N,
    ),
    Combination(
        SPREADS,
        "propagation",
        (
            _any("names-workflow"),
            _WRITES,
            _any("names-publishing-token", "credential-path"),
        ),
        "Writes a repository's workflows, and reads tokens",
        near=_E,
        whole=_W,
    ),
    Combination(
        CLIPPER,
        "capture",
        (_CLIPBOARD, _any("wallet-address")),
        "Handles the clipboard and knows addresses of crypto currency: may replace one by another",
        near=_E,
        whole=_N,
    ),
    Combination(
        LISTENS,
        "capture",
        (_any(*_RECORDS.rules, *_CLIPBOARD.rules), _ODD, _SENDS),
        "Records what the person does, and sends to a host that is nobody's",
        near=_E,
        whole=_E,
    ),
    Combination(
        LISTENS,
        "capture",
        (_RECORDS, _SENDS),
        "Records what the person does, and sends over the network",
        near=_W,
        whole=_N,
    ),
)  # fmt: skip


def combined(hits: Sequence[Hit]) -> list[Hit]:
    """The hits that follow from ``hits`` (signals among them) of one target; those not included.

    A file that runs at install is known by a signal ``runs-at-install`` in it.
    """
    by_file: dict[str, list[Hit]] = defaultdict(list)
    for hit in hits:
        by_file[hit.file].append(hit)
    found = [one for file in sorted(by_file) for one in _in_file(by_file[file])]
    told = {one.rule for one in found if one.severity is Severity.ERROR}
    if len(by_file) <= _SMALL:
        found += [one for one in _in_package(hits) if one.rule not in told]
    return sorted(_heaviest(found), key=lambda hit: (hit.file, hit.line, hit.rule))


def _in_file(hits: list[Hit]) -> Iterator[Hit]:
    for combination in COMBINATIONS:
        lists = [[hit for hit in hits if need.met_by(hit)] for need in combination.needs]
        if not all(lists):
            continue
        near = next(
            (first for first in lists[0] if _all_near(first, lists[1:], combination.lines)), None
        )
        severity = combination.near if near else combination.whole
        if severity is not None:
            yield _made(combination, near or lists[0][0], severity)


def _all_near(first: Hit, others: list[list[Hit]], lines: int) -> bool:
    return all(any(_near(first, hit, lines) for hit in hits) for hits in others)


def _near(one: Hit, other: Hit, lines: int) -> bool:
    if one.line == other.line:
        return abs(one.column - other.column) <= _COLUMNS
    return abs(one.line - other.line) <= lines and max(one.column, other.column) <= _COLUMNS


def _in_package(hits: Sequence[Hit]) -> Iterator[Hit]:
    for combination in COMBINATIONS:
        if combination.package is None:
            continue
        first = next((hit for hit in hits if combination.needs[0].met_by(hit)), None)
        if first and all(any(need.met_by(hit) for hit in hits) for need in combination.needs):
            yield _made(combination, first, combination.package)


def _made(combination: Combination, place: Hit, severity: Severity) -> Hit:
    return place._replace(
        rule=combination.rule,
        family=combination.family,
        message=combination.message,
        severity=severity,
        fix="Take out what the server does not need, or explain each part to the reviewer.",
        signal=False,
    )


_ORDER = (Severity.ERROR, Severity.WARNING, Severity.NOTE)


def _heaviest(found: list[Hit]) -> list[Hit]:
    """One hit a rule and file: the heaviest."""
    best: dict[tuple[str, str], Hit] = {}
    for hit in found:
        key = (hit.rule, hit.file)
        if key not in best or _ORDER.index(hit.severity) < _ORDER.index(best[key].severity):
            best[key] = hit
    return list(best.values())

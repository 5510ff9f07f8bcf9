"""A scan: packages in, hits and gaps out.

All programs of all packages go through one process of semgrep. What it could not do (a statement
that it can't parse, a rule that took too long) is asked about again in single statements; what is
then left is a gap. A process that dies is run again for each package by itself, so that a package
made to kill it is the only one that is not scanned.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from assay.errors import Undecided
from assay.finding import Severity
from assay.reason import Reason
from assay.scan import combine, programs, semgrep, targets, units
from assay.scan.bytes import BYTE_CHECKS
from assay.scan.cache import Cache
from assay.scan.model import MOST_WHOLE, Gap, Hit, Package, Scanned, ScannedFile, Target
from assay.scan.ruleset import Ruleset, ours
from assay.scan.semgrep import Bounds, Fault, Report
from assay.scan.units import Staged, Unit

_PARSE = frozenset(("Syntax error", "PartialParsing", "Lexical error", "Other syntax error"))
_PROGRAM_ENDINGS = (".node", ".so", ".dll", ".dylib", ".pyd", ".exe", ".wasm", ".pyc", ".pyo")

Progress = Callable[[int, int], None]
_TICKS = 100


class _Done(NamedTuple):
    hits: list[Hit]
    gaps: list[Gap]


def scan(
    wanted: Sequence[Target],
    *,
    cache: Cache | None = None,
    bounds: Bounds | None = None,
    ruleset: Ruleset | None = None,
    progress: Progress = lambda done, total: None,
) -> Scanned:
    """Scan every target; those whose result is cached are not looked at again."""
    rules = ruleset or ours()
    results: dict[int, Scanned] = {}
    left: list[tuple[int, Package]] = []
    for number, target in enumerate(wanted):
        known = cache.get(target.label, target.sha256) if cache else None
        if known is not None:
            results[number] = known
        else:
            left.append((number, targets.package(target)))
    fresh = _scan([one for _, one in left], rules, bounds or Bounds(), progress)
    for (number, package), found in zip(left, fresh, strict=True):
        results[number] = found
        if cache:
            cache.put(package.label, wanted[number].sha256, found)
    ordered = [results[number] for number in range(len(wanted))]
    return Scanned(
        tuple(hit for one in ordered for hit in one.hits),
        tuple(gap for one in ordered for gap in one.gaps),
    )


def _scan(
    packages: Sequence[Package], rules: Ruleset, bounds: Bounds, progress: Progress
) -> Iterator[Scanned]:
    if not packages:
        return
    hits: dict[Package, list[Hit]] = {one: [] for one in packages}
    gaps: dict[Package, list[Gap]] = {one: [] for one in packages}
    with tempfile.TemporaryDirectory(prefix="assay-scan-") as scratch:
        staged: dict[Package, list[Unit]] = {}
        for done, package in enumerate(packages):
            progress(done * _TICKS // (2 * len(packages)), _TICKS)
            for file in package.files.values():
                _in_process(file, hits[package], gaps[package])
            staged[package] = list(_units(package, rules, gaps[package]))
        found = _Engine(rules, bounds, Path(scratch)).ask(staged)
    progress(_TICKS, _TICKS)
    for package in packages:
        hits[package] += found[package].hits
        gaps[package] += found[package].gaps
        yield _whole(package, hits[package], gaps[package])


def _whole(package: Package, hits: list[Hit], gaps: list[Gap]) -> Scanned:
    """With what combinations make of the signals, and without these."""
    unique = sorted(set(hits), key=_order)
    told = [hit for hit in (*unique, *combine.combined(unique)) if not hit.signal]
    return Scanned(tuple(sorted(set(told), key=_order)), tuple(sorted(set(gaps))))


def _order(hit: Hit) -> tuple[str, int, int, str, str]:
    return hit.file, hit.line, hit.column, hit.rule, hit.excerpt


def _in_process(file: ScannedFile, hits: list[Hit], gaps: list[Gap]) -> None:
    """The byte checks of one file. One that breaks is a gap: nobody knows what it missed."""
    for check in BYTE_CHECKS:
        try:
            hits.extend(check.run(file))
        except Exception as error:  # whatever a stranger's bytes made of a check
            why = f"the check {check.ID} broke on it: {type(error).__name__}: {error}"
            gaps.append(Gap(file.package.label, file.path, why))
    if file.name.lower().endswith(_PROGRAM_ENDINGS):
        why = "compiled code: its bytes were looked at, what it does was not"
        gaps.append(Gap(file.package.label, file.path, why, Severity.NOTE))
    elif file.kind != "binary" and file.size > MOST_WHOLE:
        why = f"text of over {MOST_WHOLE >> 20} MiB: only its beginning was read as a program"
        gaps.append(Gap(file.package.label, file.path, why))


def _units(package: Package, rules: Ruleset, gaps: list[Gap]) -> Iterator[Unit]:
    for program in programs.of(package):
        if program.source.odd and program.surely:
            gaps.append(Gap(package.label, program.file.path, program.source.odd))
        yield from units.of(program, rules)
    for file in package.files.values():
        yield from units.of_text(file, rules)


class _Engine:
    """semgrep asked about the units of packages, at most twice about each."""

    def __init__(self, rules: Ruleset, bounds: Bounds, scratch: Path) -> None:
        self._rules = rules
        self._bounds = bounds
        self._scratch = scratch
        self._runs = 0

    def ask(self, staged: dict[Package, list[Unit]]) -> dict[Package, _Done]:
        """What came of each package's units."""
        try:
            return self._all(staged)
        except Undecided as error:
            if len(staged) == 1:
                (package,) = staged
                return {package: self._nothing(staged[package], error)}
        return {one: self.ask({one: own})[one] for one, own in staged.items()}

    def _nothing(self, asked: Sequence[Unit], error: Undecided) -> _Done:
        files = sorted({(unit.file.package.label, unit.file.path) for unit in asked})
        return _Done([], [Gap(label, path, error.message) for label, path in files])

    def _all(self, staged: dict[Package, list[Unit]]) -> dict[Package, _Done]:
        done = {package: _Done([], []) for package in staged}
        again: list[Unit] = []
        for unit, fault in self._round([one for own in staged.values() for one in own], done):
            finer = units.finer(unit, self._rules)
            if finer:
                again += finer
            else:
                self._gap(unit, fault, done)
        for unit, fault in self._round(again, done):
            self._gap(unit, fault, done)
        return done

    def _round(
        self, asked: Sequence[Unit], done: dict[Package, _Done]
    ) -> Iterator[tuple[Unit, Fault]]:
        """Ask once; the hits go to ``done``, what could not be done is handed back."""
        if not asked:
            return
        home, staged = self._stage(asked)
        report = semgrep.run(self._rules.rules, staged.asked, home, self._bounds)
        for match in report.matches:
            for unit in staged.units(match.path):
                done[unit.file.package].hits.append(self._hit(match, unit))
        for path, fault in _faults(report, staged):
            yield from ((unit, fault) for unit in staged.units(path))

    def _stage(self, asked: Sequence[Unit]) -> tuple[Path, Staged]:
        self._runs += 1
        home, folder = self._scratch / f"home{self._runs}", self._scratch / f"files{self._runs}"
        home.mkdir()
        folder.mkdir()
        staged = Staged(folder)
        staged.add(asked)
        return home, staged

    def _hit(self, match: semgrep.Match, unit: Unit) -> Hit:
        place = units.place(unit, match.offset)
        told = self._rules.told[match.rule]
        return Hit(
            match.rule,
            unit.file.package.label,
            unit.file.path,
            *place,
            told.message,
            told.fix,
            told.severity,
            told.family,
            told.signal,
        )

    def _gap(self, unit: Unit, fault: Fault, done: dict[Package, _Done]) -> None:
        if not unit.surely and fault.kind in _PARSE:
            return  # it only looked like a program
        flow = fault.kind == "Fixpoint timeout"
        quiet = flow or (fault.kind == "PartialParsing" and not self._loud(unit, fault))
        severity = Severity.NOTE if quiet else Severity.ERROR
        why = _why(unit, fault)
        done[unit.file.package].gaps.append(
            Gap(unit.file.package.label, unit.file.path, why, severity)
        )

    def _loud(self, unit: Unit, fault: Fault) -> bool:
        """Whether a rule could have matched in just the lines that were not parsed."""
        language = self._rules.languages[unit.language]
        lines = unit.text.split("\n")
        text = "\n".join("\n".join(lines[a - 1 : b]) for a, b in fault.spans)
        blind = set(language.filter.blind)
        alive = set(language.filter.could_match(language.filter.text(text))) - blind
        return any(language.numbers[number] in language.loud for number in alive)


def _faults(report: Report, staged: Staged) -> Iterator[tuple[str, Fault]]:
    """What semgrep says that it could not do, and what it says nothing about."""
    by_path: dict[str, Fault] = {}
    for fault in report.faults:
        if not staged.units(fault.path):
            # A fault of no file that we gave is one of them all.
            raise Undecided(Reason.TOOL_FAILED, f"semgrep failed: {fault.kind}")
        if fault.path not in by_path or by_path[fault.path].kind == "Fixpoint timeout":
            by_path[fault.path] = fault
    for path in staged.paths:
        if path not in report.scanned and path not in by_path:
            by_path[path] = Fault(path, "semgrep does not say that it looked at it", "")
    yield from sorted(by_path.items())


def _why(unit: Unit, fault: Fault) -> str:
    place = units.place(unit, 0)
    about = f"from line {place.line}" if place.line > 1 else "from its beginning"
    rule = f" by the rule {fault.rule}" if fault.rule else ""
    kinds = {
        "Fixpoint timeout": "the flow of data was not followed to its end",
        "PartialParsing": "a part of it can't be parsed",
        "Syntax error": "it can't be parsed",
        "Other syntax error": "semgrep broke on it",
        "Timeout": "it took too long",
    }
    return f"{kinds.get(fault.kind, fault.kind)}{rule}, {about}"

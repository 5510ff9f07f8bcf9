"""How everything here is measured: whole runs, interleaved, medians, the ratio beside the aim.

A machine slows down and speeds up while it measures. So the contestants take turns (A B A B …)
within one run, and what counts is the ratio of their medians; milliseconds are told for scale.
A contestant whose exit code is not the expected one is no result: a crash is always fast.

A benchmark is a module with ``run() -> Iterator[Result]`` and one line in ``__main__``.
"""

from __future__ import annotations

import os
import platform
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Contestant:
    """One side: a command as a whole process, or a function called in this process.

    ``before`` runs ahead of each round and is not measured. ``exit_code`` is what a command must
    answer. ``environment`` is added to this process's own.
    """

    name: str
    run: Sequence[str | os.PathLike[str]] | Callable[[], object]
    cwd: Path | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    before: Callable[[], object] | None = None
    exit_code: int = 0


@dataclass(frozen=True, slots=True)
class Result:
    """One row of the table. Times are medians in milliseconds; ``aim`` is the greatest ratio
    ours / theirs that is good enough, or without a peer the greatest number of milliseconds."""

    benchmark: str
    ours: str
    ours_ms: float
    theirs: str
    theirs_ms: float | None
    aim: float | None
    rounds: int

    @property
    def ratio(self) -> float | None:
        return self.ours_ms / self.theirs_ms if self.theirs_ms else None

    @property
    def reached(self) -> bool | None:
        """Whether the aim is reached; None where nothing was aimed at."""
        value = self.ours_ms if self.theirs_ms is None else self.ratio
        return None if self.aim is None or value is None else value <= self.aim


def compare(
    benchmark: str,
    ours: Contestant,
    peers: Mapping[float | None, Contestant] | Contestant,
    *,
    aim: float | None = None,
    rounds: int = 11,
    warm_up: int = 1,
) -> list[Result]:
    """Ours against one peer (with ``aim``) or several (aim → peer), in turns; a row for each."""
    rivals = {aim: peers} if isinstance(peers, Contestant) else dict(peers)
    times = measure([ours, *rivals.values()], rounds=rounds, warm_up=warm_up)
    return [
        Result(benchmark, ours.name, times[ours.name], peer.name, times[peer.name], wanted, rounds)
        for wanted, peer in rivals.items()
    ]


def alone(
    benchmark: str,
    ours: Contestant,
    *,
    limit_ms: float | None = None,
    rounds: int = 11,
    warm_up: int = 1,
    each: int = 1,
) -> Result:
    """Ours without a peer; ``each`` divides the time when one run does so many things."""
    median = measure([ours], rounds=rounds, warm_up=warm_up)[ours.name] / each
    return Result(benchmark, ours.name, median, "", None, limit_ms, rounds)


def measure(
    contestants: Sequence[Contestant], *, rounds: int, warm_up: int = 1
) -> dict[str, float]:
    """Median milliseconds by name, in turns; the ``warm_up`` rounds don't count."""
    for _ in range(warm_up):
        for contestant in contestants:
            _once(contestant)
    times: dict[str, list[float]] = {contestant.name: [] for contestant in contestants}
    for _ in range(rounds):
        for contestant in contestants:
            times[contestant.name].append(_once(contestant))
    return {name: statistics.median(values) for name, values in times.items()}


def _once(contestant: Contestant) -> float:
    if contestant.before:
        contestant.before()
    if callable(contestant.run):
        start = time.perf_counter()
        contestant.run()
        return (time.perf_counter() - start) * 1000
    environment = {**os.environ, **contestant.environment}
    start = time.perf_counter()
    done = subprocess.run(
        list(contestant.run), cwd=contestant.cwd, env=environment, capture_output=True, check=False
    )
    elapsed = (time.perf_counter() - start) * 1000
    if done.returncode != contestant.exit_code:
        told = (done.stdout + done.stderr)[-2000:].decode("utf-8", "replace")
        raise RuntimeError(f"{contestant.name} answered {done.returncode}:\n{told}")
    return elapsed


def built_once(name: str, build: Callable[[Path], None]) -> Path:
    """A folder of peers or of data that is costly to make, kept for the next run.

    It is built where it stays, for virtual environments don't move; one that was not finished is
    built anew. It lies in a folder of this user alone, for a shared temporary folder's names can
    be taken. Change ``name`` when ``build`` changes.
    """
    home = Path(tempfile.gettempdir()) / f"assay-benchmarks-{os.getuid()}"
    home.mkdir(mode=0o700, exist_ok=True)
    if home.is_symlink() or home.stat().st_uid != os.getuid():
        raise RuntimeError(f"{home} belongs to somebody else")
    place, whole = home / name, home / f"{name}.whole"
    if not whole.exists():
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir()
        build(place)
        whole.touch()
    return place


def machine() -> str:
    """One line that says what measured."""
    git = subprocess.run(["git", "version"], capture_output=True, text=True, check=True)
    return (
        f"{_processor()}, {os.cpu_count()} cores, {platform.system()} {platform.release()}, "
        f"Python {platform.python_version()}, {git.stdout.strip()}"
    )


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def table(results: Sequence[Result]) -> str:
    """The rows as a Markdown table."""
    lines = [
        "| benchmark | ours | ms | peer | ms | ratio | aim | reached |",
        "| --- | --- | ---: | --- | ---: | ---: | ---: | --- |",
    ]
    return "\n".join([*lines, *(row(result) for result in results)])


def row(result: Result) -> str:
    """One row of the table."""
    theirs = "" if result.theirs_ms is None else _ms(result.theirs_ms)
    ratio = "" if result.ratio is None else f"{result.ratio:.2f}"
    unit = " ms" if result.theirs_ms is None else ""
    aim = "" if result.aim is None else f"≤ {result.aim:g}{unit}"
    reached = {True: "yes", False: "**no**", None: ""}[result.reached]
    return (
        f"| {result.benchmark} | {result.ours} | {_ms(result.ours_ms)} "
        f"| {result.theirs.replace('|', '&#124;')} | {theirs} | {ratio} | {aim} | {reached} |"
    )


def _ms(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}"

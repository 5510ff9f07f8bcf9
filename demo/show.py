"""Runs the demo's steps one after another, shows each, and keeps the table of how they went."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.table import Table

BIN = Path(sys.executable).parent
LINES_SHOWN = 14


@dataclass(frozen=True, slots=True)
class Step:
    """What ran, what came of it, and whether that was as it should be."""

    title: str
    outcome: str
    as_expected: bool
    seconds: float


@dataclass(slots=True)
class Show:
    """The demo's stage: ``environment`` is what every command starts with, ``folder`` where."""

    folder: Path
    environment: Mapping[str, str]
    console: Console = field(default_factory=Console)
    steps: list[Step] = field(default_factory=list)

    def run(
        self,
        title: str,
        *command: str,
        code: int = 0,
        says: str = "",
        env: Mapping[str, str] | None = None,
    ) -> str:
        """Run one real command; it must exit with ``code`` and its output contain ``says``."""
        return self.step(title, lambda: self._command(command, env or {}), code=code, says=says)

    def step(
        self, title: str, act: Callable[[], tuple[int, str]], *, code: int = 0, says: str = ""
    ) -> str:
        """Run ``act``, which gives an exit code and what was printed."""
        self.console.rule(f"[bold]{title}", align="left")
        start = time.perf_counter()
        got, output = act()
        seconds = time.perf_counter() - start
        self._print(output)
        held = got == code and says in output
        self.steps.append(Step(title, f"exit {got}" + (f", {says}" if says else ""), held, seconds))
        if not held:
            self.console.print(f"[red]expected exit {code} and {says!r}, got exit {got}")
        return output

    def ended_well(self) -> bool:
        """Print the table; whether every step was as it should be."""
        table = Table(title="What ran", title_justify="left")
        for heading in ("", "step", "outcome", "seconds"):
            table.add_column(heading, justify="right" if heading == "seconds" else "left")
        for step in self.steps:
            mark = "[green]as it should be" if step.as_expected else "[red]WRONG"
            table.add_row(mark, step.title, step.outcome, f"{step.seconds:.2f}")
        self.console.print(table)
        return bool(self.steps) and all(step.as_expected for step in self.steps)

    def _command(self, command: tuple[str, ...], environment: Mapping[str, str]) -> tuple[int, str]:
        shown = " ".join(command).replace(f"{BIN}{os.sep}", "")
        self.console.print(
            "$ " + shown, style="cyan", markup=False, highlight=False, soft_wrap=True
        )
        path = f"{BIN}{os.pathsep}{os.environ['PATH']}"
        done = subprocess.run(
            command,
            cwd=self.folder,
            env={**os.environ, "PATH": path, **self.environment, **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=300,
        )
        return done.returncode, done.stdout

    def _print(self, output: str) -> None:
        lines = output.rstrip().splitlines()
        for line in lines[:LINES_SHOWN]:
            self.console.print("  " + line, markup=False, highlight=False, soft_wrap=True)
        if len(lines) > LINES_SHOWN:
            self.console.print(f"  … {len(lines) - LINES_SHOWN} more lines", style="dim")

"""``python -m benchmarks [NAME …] [--write] [--json FILE]``: all in one run.

Prints one table; ``--write`` keeps it where the documentation shows it. Exit code 1 when an aim
is missed, so that what falls short is seen and written down.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

from benchmarks.harness import Result, machine, row, table

# One line a benchmark: a module in this folder with ``run() -> Iterator[Result]``.
BENCHMARKS = (
    "changed_since",
    "check",
    "commit",
    "fetch",
    "launch",
    "lock",
    "pull_request",
    "unpack",
    "verify",
)

ROOT = Path(__file__).parents[1]
PLACES = ("README.md", "docs/benchmarks.md")
BEGIN, END = "<!-- benchmarks: begin -->", "<!-- benchmarks: end -->"


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(BENCHMARKS))
    parser.add_argument("--write", action="store_true", help=f"update {', '.join(PLACES)}")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the numbers there")
    args = parser.parse_args(argv)
    results = list(_run(args.names or BENCHMARKS))
    told = f"{table(results)}\n\nMeasured {datetime.now(UTC):%Y-%m-%d} on {machine()}."
    print(told)
    if args.json:
        args.json.write_text(json.dumps([asdict(result) for result in results], indent=2) + "\n")
    if args.write:
        _write(told)
    return 1 if any(result.reached is False for result in results) else 0


def _run(names: Sequence[str]) -> Iterator[Result]:
    for name in names:
        print(f"{name} …", file=sys.stderr)
        for result in import_module(f"benchmarks.{name}").run():
            print(row(result), file=sys.stderr)  # told at once, for a later one may fail
            yield result


def _write(told: str) -> None:
    for place in PLACES:
        path = ROOT / place
        text = path.read_text() if path.is_file() else ""
        if BEGIN not in text or END not in text:
            continue
        before, _, rest = text.partition(BEGIN)
        _, _, after = rest.partition(END)
        path.write_text(f"{before}{BEGIN}\n{told}\n{END}{after}")
        print(f"wrote {place}", file=sys.stderr)


if __name__ == "__main__":
    raise SystemExit(main())

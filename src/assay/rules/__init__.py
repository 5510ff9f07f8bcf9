"""The semgrep rules: one file a rule, named by its id, with its examples beside it.

``FOLDER/ID.yaml`` holds one rule; ``ID.bad.js`` shows what it must find, each expected line under
(or beside) a comment ``ruleid: ID``, and ``ID.good.js`` what it must leave alone. A rule's
metadata say what a reader is told: title, why, fix, family, assay-severity (error, warning, note),
confidence, and ``signal: true`` where it is only an ingredient of a combination.
"""

from __future__ import annotations

from pathlib import Path

FOLDERS = ("js", "py", "any")
_HERE = Path(__file__).parent


def rule_files() -> list[Path]:
    """Every rule's file, sorted; in a wheel and in a checkout alike."""
    found = (path for folder in FOLDERS for path in (_HERE / folder).glob("*.yaml"))
    return sorted(path for path in found if "." not in path.stem)  # an example may be YAML too


def examples(rule: Path, what: str) -> list[Path]:
    """The examples of a rule's file, ``what`` being ``bad`` or ``good``."""
    return sorted(rule.parent.glob(f"{rule.stem}.{what}*"))

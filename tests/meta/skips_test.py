"""A skip that nobody allowed fails ``make test-all``."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
_SKIPPED = 'import pytest\n\n\ndef test_that_is_skipped() -> None:\n    pytest.skip("no browser")\n'


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with our conftest and one test, which skips itself."""
    (tmp_path / "tests/support").mkdir(parents=True)
    for path in ("tests/conftest.py", "tests/support/repository.py"):
        (tmp_path / path).write_bytes((ROOT / path).read_bytes())
    for path in ("tests/__init__.py", "tests/support/__init__.py"):
        (tmp_path / path).touch()
    (tmp_path / "tests/some_test.py").write_text(_SKIPPED)
    (tmp_path / "pytest.ini").write_text("[pytest]\npythonpath = .\npython_files = *_test.py\n")
    return tmp_path


@pytest.mark.parametrize(
    ("everything", "allowed", "code", "workers"),
    [
        pytest.param(False, "", 0, "0", id="in-make-test"),
        pytest.param(True, "", 1, "0", id="not-named"),
        pytest.param(True, "", 1, "1", id="not-named-by-a-worker"),
        pytest.param(
            True, "tests/some_test.py::*  # this machine has no browser", 0, "0", id="named"
        ),
        pytest.param(True, "tests/other_test.py::*  # another one", 1, "0", id="another-named"),
    ],
)
def test_a_skip_passes_only_where_it_is_allowed(
    project: Path, everything: bool, allowed: str, code: int, workers: str
) -> None:
    (project / "tests/allowed_skips.txt").write_text(f"# the list\n{allowed}\n")
    environment = {key: value for key, value in os.environ.items() if key != "ASSAY_TEST_ALL"}
    if everything:
        environment["ASSAY_TEST_ALL"] = "1"
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "--import-mode=importlib", "-n", workers],
        cwd=project,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code, done.stdout + done.stderr
    told = "SKIPPED, and allowed_skips.txt does not name it: tests/some_test.py" in done.stdout
    assert told == bool(code)

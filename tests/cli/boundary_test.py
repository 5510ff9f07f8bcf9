"""Every way out of a command is one of the four exit codes."""

from __future__ import annotations

from typing import NoReturn

import pytest

from assay.boundary import guarded
from assay.errors import UNDECIDED


class PanicException(BaseException):
    """As pyo3 has it: a library's fault that no ``except Exception`` sees."""


@pytest.mark.parametrize("fault", [ValueError, MemoryError, RecursionError, PanicException])
def test_a_fault_is_undecided_and_no_traceback(
    fault: type[BaseException], capsys: pytest.CaptureFixture[str]
) -> None:
    def run() -> NoReturn:
        raise fault("\x1b[31m##[error]x")

    assert guarded(run) == UNDECIDED
    err = capsys.readouterr().err
    assert f"assay: unexpected: {fault.__name__}: " in err
    assert "Traceback" not in err
    assert not any(text in err for text in ("\x1b", "##["))

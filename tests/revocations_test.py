"""revocations.yaml: read strictly, added to and never taken from."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256

import pytest

from assay.cli import main
from assay.revocations import MAX_BYTES, Revocations, read, taken_back
from assay_hooks import light, schema
from tests.support.examples import places
from tests.support.repository import Repository, entry

DIGEST = "a1" * 32
ITEM = "  - name: clock\n    version: 1.2.0\n    reason: Leaks.\n    date: 2026-11-20\n"
WHOLE = (
    f"revocations:\n{ITEM}"
    "  - name: maps\n    reason: Withdrawn.\n    date: '2026-11-21'\n"
    f"  - digest: {DIGEST}\n    reason: Steals tokens.\n    date: 2026-11-22\n"
)


def _items(text: str) -> Revocations:
    revocations = read(text.encode()).revocations
    assert revocations is not None
    return revocations


def test_a_whole_file_is_read_and_says_what_each_item_hits() -> None:
    items = _items(WHOLE)
    assert [one.what for one in items.items] == ["clock 1.2.0", "maps", DIGEST]
    assert [one.what for one in items.of("clock", "1.2.0", {})] == ["clock 1.2.0"]
    assert list(items.of("clock", "1.2.1", {})) == []
    assert [one.what for one in items.of("maps", "9.9.9", {DIGEST: "lock"})] == ["maps", DIGEST]


def test_nothing_revoked_is_a_file_too() -> None:
    assert read(b"revocations: []\n").revocations == Revocations()


@pytest.mark.parametrize(
    ("text", "place"),
    [
        pytest.param("", (1, 1, "yaml-document"), id="empty"),
        pytest.param("- name: x\n", (1, 1, "yaml-document"), id="a list"),
        pytest.param("revocations:\n", (1, 1, "schema"), id="nothing"),
        pytest.param("revocation: []\n", (1, 1, "schema"), id="misspelt"),
        pytest.param(WHOLE.replace("    reason: Leaks.\n", ""), (2, 5, "schema"), id="no reason"),
        pytest.param(WHOLE.replace("clock", "Clock"), (2, 5, "schema"), id="no name of an entry"),
        pytest.param(
            WHOLE.replace("2026-11-20", "2026-02-30"), (5, 5, "impossible-date"), id="day"
        ),
        pytest.param(WHOLE.replace("a1a1", "A1A1"), (9, 5, "schema"), id="capitals"),
        pytest.param(WHOLE.replace("1.2.0", "1.2"), (3, 14, "quote-scalar"), id="a number"),
        pytest.param(
            WHOLE + "  - reason: x\n    date: 2026-11-22\n", (12, 5, "schema"), id="no what"
        ),
        pytest.param(
            WHOLE.replace(f"digest: {DIGEST}", f"digest: {DIGEST}\n    name: x"),
            (9, 5, "schema"),
            id="both",
        ),
        pytest.param(WHOLE.replace("maps", "&a maps"), (6, 11, "yaml-feature"), id="an anchor"),
    ],
)
def test_what_is_not_understood_revokes_nothing_in_silence(
    text: str, place: tuple[int, int, str]
) -> None:
    reading = read(text.encode())
    assert reading.revocations is None
    assert place in places(reading.findings)


def test_a_file_that_grew_for_years_is_read_and_one_without_end_is_not() -> None:
    many = "revocations:\n" + "".join(ITEM.replace("clock", f"c{n}") for n in range(2_000))
    assert len(_items(many).items) == 2_000
    assert places(read(b"#" * (MAX_BYTES + 1)).findings) == [(1, 1, "file-size")]


def test_the_same_twice_is_told() -> None:
    reading = read((WHOLE + ITEM).encode())
    assert places(reading.findings) == [(12, 5, "revocation-twice")]
    assert reading.revocations is not None


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        pytest.param(WHOLE + ITEM.replace("clock", "atlas"), [], id="added"),
        pytest.param("# why\n" + WHOLE, [], id="a comment"),
        pytest.param(f"revocations:\n{ITEM}", [1, 1], id="cut off"),
        pytest.param(WHOLE.replace("Leaks.", "Harmless."), [2], id="edited"),
        pytest.param(WHOLE.replace(ITEM, "") + ITEM, [2, 5, 8], id="moved"),
    ],
)
def test_what_was_revoked_stays_in_its_place(text: str, lines: list[int]) -> None:
    new = read(text.encode())
    assert new.revocations is not None
    found = taken_back(_items(WHOLE), new.revocations, new.document)
    assert [finding.line for finding in found] == lines


@pytest.mark.parametrize(
    ("item", "where"),
    [
        ("name: clock", "1:1"),
        ("name: clock\n    version: 1.2.0", "2:1"),
        (f"digest: {sha256(b'clock 1.2.0').hexdigest()}", "14:3"),
        (f"digest: {sha256(entry().encode()).hexdigest()}", "1:1"),
    ],
)
def test_check_and_hooks_refuse_what_is_revoked_at_its_line(
    registry: Callable[..., Repository],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    item: str,
    where: str,
) -> None:
    made = registry()
    made.commit(
        {"revocations.yaml": f"revocations:\n  - {item}\n    reason: x\n    date: 2026-11-20\n"}
    )
    monkeypatch.chdir(made.root)
    for ask, words in (
        (main, ["check", "--offline"]),
        (schema.main, ["servers/clock.yaml"]),
        (light.main, ["servers/clock.yaml"]),
    ):
        assert ask(words) == 1
        told = capsys.readouterr().out
        assert f"servers/clock.yaml:{where}: error: " in told
        assert "[revoked]" in told
    assert schema.main(["revocations.yaml"]) == 0  # to revoke is no fault of the revoked entry


def test_what_main_ever_revoked_must_still_be_revoked(
    registry: Callable[..., Repository], capsys: pytest.CaptureFixture[str]
) -> None:
    """Not only against the base of a pull request: a push past it is found by the next run."""
    made = registry()
    made.commit({"revocations.yaml": f"revocations:\n{ITEM.replace('1.2.0', '0.9.0')}"})
    made.commit({"revocations.yaml": "revocations: []\n"})
    made.commit({"README.md": "x"})
    assert main(["check", "--offline", "--registry", str(made.root)]) == 1
    assert "[revocation-removed]" in capsys.readouterr().out

"""Signals that stand together become a hit; those apart, or alone, do not."""

from __future__ import annotations

from tests.support.rule_ids import in_code

from assay.finding import Severity
from assay.rules import rule_files
from assay.scan.combine import COMBINATIONS, combined
from assay.scan.model import Hit


def _signal(rule: str, file: str = "a.js", line: int = 1, column: int = 1) -> Hit:
    return Hit(
        rule, "pkg:npm/a@1", file, line, column, "", "", "", Severity.NOTE, "exfiltration", True
    )


def _told(*hits: Hit) -> set[tuple[str, str]]:
    return {(hit.rule, str(hit.severity)) for hit in combined(hits)}


def test_a_signal_alone_is_nothing() -> None:
    assert _told(_signal("credential-path")) == set()


def test_secrets_that_go_to_a_drop_box_are_stolen() -> None:
    hits = (_signal("credential-path"), _signal("odd-host", line=3), _signal("can-send", line=3))
    assert _told(*hits) == {("steals-credentials", "error")}


def test_the_signals_of_semgrep_count_as_well() -> None:
    hits = (
        _signal("credential-path"),
        _signal("odd-host", line=3),
        _signal("py-signal-sends", line=3),
    )
    assert _told(*hits) == {("steals-credentials", "error")}


def test_what_stands_far_apart_in_a_bundle_does_not_belong_together() -> None:
    hits = (
        _signal("credential-path", column=10),
        _signal("reads-files", column=20),
        _signal("can-send", column=900_000),
    )
    assert _told(*hits) == set()


def test_the_files_of_a_small_package_belong_together() -> None:
    parts = (_signal("credential-path"), _signal("odd-host", "b.js"), _signal("can-send", "c.js"))
    assert _told(*parts) == {("steals-credentials", "error")}
    many = tuple(_signal("reads-files", f"{number}.js") for number in range(20))
    assert _told(*parts, *many) == set()


def test_the_order_of_the_hits_says_nothing() -> None:
    hits = [_signal("handles-clipboard"), _signal("wallet-address", line=2)]
    assert combined(hits) == combined(hits[::-1]) or _told(*hits) == _told(*hits[::-1])
    assert _told(*hits) == {("replaces-wallet-addresses", "error")}


def test_each_ingredient_is_a_rule_that_can_be_told() -> None:
    needed = {rule for one in COMBINATIONS for need in one.needs for rule in need.rules}
    assert needed - set(in_code()) - {path.stem for path in rule_files()} == set()

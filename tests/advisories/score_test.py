"""CVSS vectors and npm's ranges, against values that others computed."""

from __future__ import annotations

import pytest

from assay.advisories import cvss, ranges


@pytest.mark.parametrize(
    ("vector", "level"),
    [
        ("CVSS:3.1/AV:N/AC:L/PR:H/UI:N/S:U/C:H/I:H/A:H", "high"),  # 7.2, CVE-2021-23337
        ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:L", "moderate"),  # 5.3, CVE-2020-28493
        ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H", "critical"),  # 10.0, CVE-2021-44228
        ("CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", "critical"),  # 9.8
        ("CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:U/C:L/I:N/A:N", "low"),  # 3.7
        ("CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N", "moderate"),  # 6.1
        ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N", "info"),
        ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/E:U/RL:O", "critical"),
        ("AV:N/AC:L/Au:N/C:P/I:P/A:P", "high"),  # 7.5
        ("(AV:N/AC:M/Au:N/C:N/I:P/A:N)", "moderate"),  # 4.3
        ("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", ""),
        ("CVSS:3.1/AV:N", ""),
        ("CVSS:3.1/AV:N/AV:L/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N", ""),
        ("high", ""),
        ("", ""),
    ],
)
def test_the_word_for_a_vector(vector: str, level: str) -> None:
    assert cvss.level(vector) == level


@pytest.mark.parametrize(
    ("wanted", "inside", "outside"),
    [
        ("<4.17.21", ["4.17.15", "0.1.0", "4.17.21-rc.1"], ["4.17.21", "5.0.0"]),
        (">=1.0.0 <1.2.3 || <0.9.0", ["1.2.2", "0.8.9"], ["0.9.0", "1.2.3"]),
        (">= 1.0.0, < 2.0.0", ["1.0.0", "1.9.9+build"], ["2.0.0", "0.9.9"]),
        ("<=1.2.3", ["1.2.3"], ["1.2.4"]),
        ("=1.2.3", ["1.2.3"], ["1.2.4"]),
        ("*", ["0.0.1", "99.0.0"], []),
    ],
)
def test_what_lies_in_a_range(wanted: str, inside: list[str], outside: list[str]) -> None:
    parsed = ranges.parse(wanted)
    assert parsed is not None
    assert all(ranges.within(one, parsed) for one in inside)
    assert not any(ranges.within(one, parsed) for one in outside)


@pytest.mark.parametrize("text", ["^1.2.3", "1.x", "1.0.0 - 2.0.0", "all", "<1.2", "<1.2.3 foo"])
def test_what_is_no_comparison_is_not_guessed_at(text: str) -> None:
    assert ranges.parse(text) is None
    assert ranges.fixed("1.0.0", text) == ""


@pytest.mark.parametrize(
    ("version", "wanted", "published", "fixed"),
    [
        ("4.17.15", "<4.17.21", (), "4.17.21"),
        ("1.1.0", ">=1.0.0 <1.2.3 || >=2.0.0 <2.0.5", (), "1.2.3"),
        ("2.0.1", ">=1.0.0 <1.2.3 || >=2.0.0 <2.0.5", (), "2.0.5"),
        ("1.0.0", "<1.5.0 || >=1.5.0 <1.6.0", (), "1.6.0"),
        ("1.0.0", "<=1.2.3", ("1.2.3", "1.2.10", "1.2.4", "1.3.0-rc.1"), "1.2.4"),
        ("1.0.0", "<=1.2.3", (), ""),
        ("1.0.0", "*", ("2.0.0",), ""),
    ],
)
def test_the_first_version_that_is_free_of_it(
    version: str, wanted: str, published: tuple[str, ...], fixed: str
) -> None:
    assert ranges.fixed(version, wanted, published) == fixed

"""Orders, ranges and licences that a policy names."""

from __future__ import annotations

import pytest
import semver

from assay.closure import spdx
from assay.closure.versions import key, parse_range, within

ORDER = [
    "1.0.0-alpha",
    "1.0.0-alpha.1",
    "1.0.0-alpha.beta",
    "1.0.0-beta",
    "1.0.0-beta.2",
    "1.0.0-beta.11",
    "1.0.0-rc.1",
    "1.0.0",
    "1.0.1",
    "1.2.0",
    "1.10.0",
    "2.0.0",
]


def test_npm_versions_are_ordered_as_the_semver_package_orders_them() -> None:
    mixed = ORDER[::2] + ORDER[1::2]
    assert sorted(mixed, key=lambda one: key("npm", one)) == ORDER
    assert sorted(mixed, key=semver.Version.parse) == ORDER


def test_python_versions_are_ordered_by_pep_440() -> None:
    order = ["1.0.dev1", "1.0a1", "1.0rc1", "1.0", "1.0.post1", "1.1", "1.10", "1!0.1"]
    mixed = order[::2] + order[1::2]
    assert sorted(mixed, key=lambda one: key("pypi", one)) == order


@pytest.mark.parametrize(
    ("version", "wanted", "inside"),
    [
        ("3.3.6", "==3.3.6", True),
        ("3.3.7", "==3.3.6", False),
        ("1.5.0", ">=1.2, <2.0.0", True),
        ("1.5.0", ">=1.2.0, <2.0.0", True),
        ("2.0.0", ">=1.2.0, <2.0.0", False),
        ("2.0.0-rc.1", ">=1.2.0, <2.0.0", True),
        ("1.0.0", "!=1.0.0", False),
        ("9.9.9", "", True),
        ("not-a-version", "<1.0.0", True),
    ],
)
def test_a_range_holds_or_not(version: str, wanted: str, inside: bool) -> None:
    assert within("npm", version, wanted) is inside


@pytest.mark.parametrize("text", ["^1.0.0", "1.0.0", ">=", "==1.0.0 <2", "==*"])
def test_what_is_no_comparison_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="comparison"):
        parse_range(text)


@pytest.mark.parametrize(
    ("text", "allowed", "denied"),
    [
        ("MIT", True, False),
        ("mit", True, False),
        ("GPL-3.0-only", False, True),
        ("GPL-3.0", False, True),
        ("GPL-3.0+", False, False),
        ("MIT OR GPL-3.0-only", True, False),
        ("MIT AND GPL-3.0-only", False, True),
        ("(MIT OR GPL-3.0-only) AND Apache-2.0", True, False),
        ("Apache-2.0 WITH LLVM-exception", True, False),
        ("GPL-2.0-only WITH Classpath-exception-2.0", True, False),
        ("GPL-2.0-only", False, False),
        ("Zlib", False, False),
    ],
)
def test_an_expression_is_allowed_and_denied_by_its_parts(
    text: str, allowed: bool, denied: bool
) -> None:
    allow = ["MIT", "Apache-2.0", "GPL-2.0-only WITH Classpath-exception-2.0"]
    assert spdx.judge(text, allow, ["GPL-3.0-only"]) == (allowed, denied)


def test_without_an_allow_list_everything_is_allowed() -> None:
    assert spdx.judge("Zlib", [], ["MIT"]) == (True, False)


@pytest.mark.parametrize(
    "text", ["", "UNLICENSED", "SEE LICENSE IN x", "MIT AND", "(MIT", "x" * 999]
)
def test_what_is_no_expression_says_nothing(text: str) -> None:
    with pytest.raises(ValueError, match=r"[Ll]icense|longer|empty|."):
        spdx.judge(text, ["MIT"], [])

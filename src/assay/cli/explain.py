"""``assay explain``: a rule's page: what is wrong, why that matters, what to do, how both look."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from itertools import groupby
from textwrap import fill
from typing import TYPE_CHECKING

from assay.errors import CLEAN, UsageError
from assay.hidden import quoted
from assay.pages import Page, families, page, pages
from assay.report.plain import plain

if TYPE_CHECKING:
    import argparse

HELP = "Say what a rule or a reason code is about: why, and what to do. Without RULE: list all."
WIDTH = 96


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("rule", nargs="?", metavar="RULE", help="as it stands behind a finding")


def run(args: argparse.Namespace) -> int:
    for line in _all() if args.rule is None else _one(_page(args.rule)):
        # A rule about invisible characters shows some in its examples.
        print(plain(line))
    return CLEAN


def _page(rule: str) -> Page:
    asked = rule.strip().strip("[]`")
    found = page(asked) or page(asked.lower().replace("_", "-").replace(" ", "-"))
    if found is not None:
        return found
    near = _near(asked)
    hint = f"did you mean {', '.join(near)}?" if near else "`assay explain` lists every rule"
    raise UsageError(f"there is no rule {quoted(asked)}", hint=hint)


def _near(asked: str) -> list[str]:
    """Rules spelt like it, or that hold each of its words."""
    wanted = asked.lower()[:100]
    near = get_close_matches(wanted, pages(), n=3)
    words = wanted.replace("_", "-").split("-")
    holding = [rule for rule in pages() if all(word and word in rule for word in words)]
    return list(dict.fromkeys([*near, *holding]))[:5]


def _all() -> Iterator[str]:
    order = list(families())
    ordered = sorted(pages().values(), key=lambda one: (order.index(one.family), one.rule))
    longest = max(len(one.rule) for one in ordered)
    for family, found in groupby(ordered, key=lambda one: one.family):
        yield f"{families()[family].title}:"
        yield from (f"  {one.rule:<{longest}}  {one.title}" for one in found)
        yield ""
    yield "`assay explain RULE` says more of each."


def _one(told: Page) -> Iterator[str]:
    weights = " or ".join(told.severities)
    yield f"{told.rule}: {told.title}"
    yield f"{families()[told.family].title}; {weights}; {_waivable(told)}"
    if told.signal:
        yield "A signal: never told alone, but where it stands together with others."
    yield ""
    yield from _wrapped(told.why)
    for title, text in (("Fix", told.fix), ("Bad", told.bad), ("Good", told.good)):
        if text:
            yield ""
            yield f"{title}:"
            yield from (f"  {line}" if line else "" for line in _wrapped(text))


def _waivable(told: Page) -> str:
    return "can be waived" if told.waivable else "can't be waived"


def _wrapped(text: str) -> Iterator[str]:
    """Paragraphs filled, what stands in fences as it is and without them."""
    fence = ""
    paragraph: list[str] = []
    for line in text.splitlines():
        ticks = line[: len(line) - len(line.lstrip("`"))]
        if fence and line == fence:
            fence = ""
        elif fence:
            yield f"  {line}"
        elif len(ticks) >= 3 or not line:
            yield from _filled(paragraph)
            paragraph, fence = [], ticks
            yield from () if line else ("",)
        else:
            paragraph.append(line)
    yield from _filled(paragraph)


def _filled(lines: list[str]) -> list[str]:
    """A list keeps its items; anything else is one paragraph."""
    if any(line.lstrip().startswith(("- ", "* ", "1. ")) for line in lines):
        return lines
    return fill(" ".join(lines), WIDTH - 2).splitlines()

"""Egress names hosts that can exist, and no wildcard so wide that it says nothing.

The schema holds the form; here are lengths (RFC 1035, 2.3.4), ports, numeric addresses and
wildcards.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from assay.hidden import quoted

if TYPE_CHECKING:
    from assay.checks import Context
    from assay.finding import Finding

ID = "egress-form"


def run(context: Context) -> Iterator[Finding]:
    for index, item in enumerate(context.entry.egress):
        wrong = _wrong(item)
        if wrong:
            told = f"{quoted(item)} {wrong}"
            fix = "write host or host:port, *.domain for all hosts below a domain"
            yield context.finding(ID, ("egress", index), told, fix)


def _wrong(item: str) -> str:
    host, _, port = item.partition(":")
    wild = host.startswith("*.")
    labels = host.removeprefix("*.").split(".")
    if port and int(port) > 65535:
        return "has a port above 65535"
    if len(host) > 253 or any(len(label) > 63 for label in labels):
        return "is longer than a host name can be"
    if wild and len(labels) < 2:
        return "allows a whole top-level domain"
    if labels[-1].isdigit() and (wild or not _is_address(labels)):
        return "is no IPv4 address"
    return ""


def _is_address(labels: list[str]) -> bool:
    return len(labels) == 4 and all(
        label.isdigit() and int(label) <= 255 and label == str(int(label)) for label in labels
    )

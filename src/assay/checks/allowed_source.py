"""Artefacts and remote servers come from where the registry's policy allows, by kind and host."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from assay.hidden import quoted
from assay.policy import matches

if TYPE_CHECKING:
    from assay.checks import Context
    from assay.finding import Finding
    from assay.policy import Sources

ID = "allowed-source"
_WHO = "ask whoever answers for assay.yaml"


def run(context: Context) -> Iterator[Finding]:
    sources = context.policy.sources
    artefact = context.entry.artefact
    if artefact is None:
        host = context.entry.url.removeprefix("https://").partition("/")[0]
        yield from _host(context, ("url",), "remote", host, sources.remote)
        return
    kind = artefact.reference.kind
    where = ("artefact", "url")
    if kind in ("npm", "pypi"):
        if not _package_allowed(sources, kind):
            told = f"the policy does not allow {kind} packages"
            yield context.finding(ID, where, told, f"{_WHO} to allow sources.{kind}")
    else:
        hosts = {"oci": sources.oci, "git": sources.git, "https": sources.https}[kind]
        yield from _host(context, where, kind, artefact.reference.host, hosts)


def _package_allowed(sources: Sources, kind: str) -> bool:
    return sources.npm if kind == "npm" else sources.pypi


def _host(
    context: Context, where: tuple[str, ...], kind: str, host: str, allowed: Iterable[str]
) -> Iterator[Finding]:
    if not any(matches(host.lower(), pattern) for pattern in allowed):
        told = f"the policy does not allow the host {quoted(host)} for {kind}"
        yield context.finding(ID, where, told, f"{_WHO} to add it to sources.{kind}")

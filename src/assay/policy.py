"""``assay.yaml``: what the registry asks of its entries, typed; with a place for every key.

It lies in the repository that it governs, so it binds hooks, CI and signing alone. Whom a host
trusts comes with that host's trust root and never from here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from types import MappingProxyType
from typing import Any, NamedTuple

from assay.entry import capped, merged
from assay.entry.document import Document, parse
from assay.entry.schema import validate
from assay.finding import Finding, Severity

FILE = "assay.yaml"


class Sigstore(NamedTuple):
    """Which Sigstore instance signs; paths are relative to the registry, empty where not given."""

    instance: str  # public, private
    trust_config: str
    trusted_root: str


class Sources(NamedTuple):
    """Where artefacts may come from. A host is ``host`` or ``host:port``, or ``*.domain``."""

    npm: bool = True
    pypi: bool = True
    oci: tuple[str, ...] = ()
    git: tuple[str, ...] = ()
    https: tuple[str, ...] = ()
    remote: tuple[str, ...] = ()

    def named(self, host: str) -> bool:
        """Whether artefacts may come from ``host`` (``host`` or ``host:port``), by any kind."""
        return any(matches(host, pattern) for pattern in (*self.oci, *self.git, *self.https))


def matches(host: str, pattern: str) -> bool:
    """Whether ``host`` (``name`` or ``name:port``) is what ``pattern`` allows.

    ``*.example.com`` is every host below example.com and not example.com itself.
    """
    if pattern.startswith("*."):
        return host.endswith(pattern[1:]) and len(host) > len(pattern) - 1
    return host == pattern


class Review(NamedTuple):
    """What a review takes: reviewers other than the maintainer, and one of these among them."""

    quorum: int
    one_of: tuple[str, ...] = ()


class Allow(NamedTuple):
    """An advisory that is put up with: signed off by reason and owner, and only until a day.

    ``advisory`` is any of its ids; ``package`` a package URL, with or without the version, or
    empty for every package. ``line`` and ``column`` are where ``assay.yaml`` says so.
    """

    advisory: str
    package: str
    reason: str
    owner: str
    expires: date  # the last day on which it holds
    line: int
    column: int


class Audit(NamedTuple):
    """How closures are audited. Without ``npm`` it is the registry that npm is configured for,
    without ``osv`` pip-audit's own; from ``severity`` on an advisory refuses."""

    npm: str = ""
    osv: str = ""
    severity: str = "moderate"
    allow: tuple[Allow, ...] = ()


class Deny(NamedTuple):
    """A package that no closure may hold: a package URL without its version, and which versions
    (``assay.closure.versions``; empty for all of them)."""

    package: str
    versions: str
    reason: str


class Dependencies(NamedTuple):
    """What closures may hold. Licences are SPDX ids; without ``licences`` every one is allowed.

    ``internal_names`` are the organisation's own packages, ``*`` at the end for any rest: what
    only looks like one of them is refused.
    """

    deny: tuple[Deny, ...] = ()
    licences: tuple[str, ...] = ()
    denied_licences: tuple[str, ...] = ()
    internal_names: tuple[str, ...] = ()


class Waiver(NamedTuple):
    """A finding that is put up with, as ``assay.waivers`` applies it.

    ``entry`` is the entry's name. With ``subject`` or ``fingerprint`` (never both) it covers the
    findings that bear it, else every finding of ``rule`` about that entry. ``line`` and
    ``column`` are where ``assay.yaml`` says so.
    """

    rule: str
    entry: str
    subject: str
    fingerprint: str
    reason: str
    owner: str
    expires: date  # the last day on which it holds
    line: int
    column: int


# Four eyes everywhere; two independent reviewers where a leak hurts most.
DEFAULT_REVIEWS: Mapping[str, Review] = {
    "public": Review(1),
    "internal": Review(1),
    "confidential": Review(1),
    "restricted": Review(2),
}


class Policy(NamedTuple):
    """The registry's rules. A registry without ``assay.yaml`` has the defaults seen here; it has
    no ``signer`` and no ``sigstore`` then, so signing and verifying must be told by options.

    ``signer`` is the mapping that ``assay.trust.identity.identity_from`` reads. ``logins`` maps a
    reviewer's address to the login at the forge. ``widening`` maps a kind of capability to how
    many reviewers more its widening wants, ``extra`` to that of every other kind.
    """

    signer: Mapping[str, object] | None = None
    sigstore: Sigstore | None = None
    sources: Sources = Sources()
    reviews: Mapping[str, Review] = DEFAULT_REVIEWS
    logins: Mapping[str, str] = MappingProxyType({})
    review_max_age_days: int = 365
    entries_per_pull_request: int = 0  # 0: any number
    audit: Audit = Audit()
    dependencies: Dependencies = Dependencies()
    widening: Mapping[str, int] = MappingProxyType({})
    waivers: tuple[Waiver, ...] = ()


class PolicyReading(NamedTuple):
    """What became of ``assay.yaml``; ``policy`` is None when there is any error."""

    path: str
    raw: bytes
    document: Document | None
    policy: Policy | None
    findings: tuple[Finding, ...]


def read(path: str, raw: bytes) -> PolicyReading:
    """Read the policy; never raises for bad input."""
    document, findings = parse(path, raw)
    if document is None:
        return PolicyReading(path, raw, None, None, capped(findings))
    findings = merged(findings, validate(document, "policy"))
    wrong = any(finding.severity is Severity.ERROR for finding in findings)
    policy = None if wrong else _policy(document)
    return PolicyReading(path, raw, document, policy, capped(findings))


def _policy(document: Document) -> Policy:
    data = document.data
    reviewers = data.get("reviewers", {})
    return Policy(
        signer=data.get("signer"),
        sigstore=_sigstore(data["sigstore"]) if "sigstore" in data else None,
        sources=_sources(data["sources"]) if "sources" in data else Sources(),
        reviews={name: _review(name, reviewers.get(name, {})) for name in DEFAULT_REVIEWS},
        logins=reviewers.get("logins", {}),
        review_max_age_days=data.get("review_max_age_days", 365),
        entries_per_pull_request=data.get("entries_per_pull_request", 0),
        audit=_audit(document, data["audit"]) if "audit" in data else Audit(),
        dependencies=_dependencies(data.get("dependencies", {})),
        widening=reviewers.get("widening", {}),
        waivers=tuple(_waivers(document)),
    )


def _sigstore(data: Mapping[str, Any]) -> Sigstore:
    return Sigstore(data["instance"], data.get("trust_config", ""), data.get("trusted_root", ""))


def _sources(data: Mapping[str, Any]) -> Sources:
    return Sources(
        npm=data.get("npm", False),
        pypi=data.get("pypi", False),
        oci=tuple(data.get("oci", ())),
        git=tuple(data.get("git", ())),
        https=tuple(data.get("https", ())),
        remote=tuple(data.get("remote", ())),
    )


def _review(name: str, data: Mapping[str, Any]) -> Review:
    quorum = data.get("quorum", DEFAULT_REVIEWS[name].quorum)
    return Review(quorum, tuple(data.get("one_of", ())))


def _dependencies(data: Mapping[str, Any]) -> Dependencies:
    licences = data.get("licences", {})
    return Dependencies(
        deny=tuple(
            Deny(item["package"], item.get("versions", ""), item.get("reason", ""))
            for item in data.get("deny", ())
        ),
        licences=tuple(licences.get("allow", ())),
        denied_licences=tuple(licences.get("deny", ())),
        internal_names=tuple(data.get("internal_names", ())),
    )


def _audit(document: Document, data: Mapping[str, Any]) -> Audit:
    allowed = [
        Allow(
            advisory=item["advisory"],
            package=item.get("package", ""),
            reason=item["reason"],
            owner=item["owner"],
            expires=date.fromisoformat(item["expires"]),
            line=document.position("audit", "allow", number)[0],
            column=document.position("audit", "allow", number)[1],
        )
        for number, item in enumerate(data.get("allow", ()))
    ]
    severity = data.get("severity", "moderate")
    return Audit(data.get("npm", ""), data.get("osv", ""), severity, tuple(allowed))


def _waivers(document: Document) -> Iterator[Waiver]:
    for number, item in enumerate(document.data.get("waivers", ())):
        line, column = document.position("waivers", number)
        yield Waiver(
            rule=item["rule"],
            entry=item["entry"],
            subject=item.get("subject", ""),
            fingerprint=item.get("fingerprint", ""),
            reason=item["reason"],
            owner=item["owner"],
            expires=date.fromisoformat(item["expires"]),
            line=line,
            column=column,
        )

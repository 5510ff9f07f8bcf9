"""A closure as CycloneDX 1.6 in JSON, by the project's own library (intake's extra).

The same entry and lock give the same bytes: the serial number is derived from the entry's digest,
which covers everything else, and the time is that at which the lock was resolved, unless
SOURCE_DATE_EPOCH says otherwise. No address of a registry is in it, for none is in the lock.
"""

from __future__ import annotations

import hashlib
from base64 import b64decode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID, uuid5

from assay import __version__
from assay.closure.installed import Found, Software
from assay.closure.model import Package
from assay.closure.package_lock import lookup
from assay.errors import Undecided
from assay.reason import Reason

if TYPE_CHECKING:
    from cyclonedx.model import HashType, Property
    from cyclonedx.model.component import Component
    from cyclonedx.model.dependency import Dependency
    from cyclonedx.model.license import License
    from cyclonedx.model.tool import ToolRepository
    from packageurl import PackageURL

    from assay.entry import Entry
    from assay.entry.model import Artefact

NOTHING = Found((), ())
_MAX_PATHS = 20  # one package of a hundred copies is still one
# Any fixed one will do: RFC 9562, section 5.5, derives a UUID from a name within it.
_NAMESPACE = UUID("a7a4d5a1-3b0c-5c59-9d5e-6d5f3a0c0b1e")


def cyclonedx(
    entry: Entry,
    artefact: Artefact,
    raw: bytes,
    packages: Sequence[Package],
    at: datetime,
    *,
    inside: Found = NOTHING,
) -> bytes:
    """The document of ``entry``, whose bytes are ``raw``; ``at`` is what it says of its time.

    ``packages`` are those of the lock, ``inside`` is what an image's own metadata names.
    Undecided(TOOL_FAILED) without the library.
    """
    try:
        from cyclonedx.model.bom import Bom, BomMetaData
        from cyclonedx.output.json import JsonV1Dot6
    except ImportError as error:
        raise Undecided(
            Reason.TOOL_FAILED,
            "the library that writes CycloneDX is not installed",
            hint="install the extra: mcp-assay[intake]",
        ) from error
    digest = hashlib.sha256(raw).hexdigest()
    own = _own(entry, artefact, packages)
    others = {
        str(one.bom_ref): one for one in map(_component, _merged(packages)) if one.purl != own.purl
    }
    others |= {item.purl: _software(item) for item in inside.software}
    bom = Bom(
        serial_number=uuid5(_NAMESPACE, digest),
        components=others.values(),
        dependencies=_graph(own, others, packages),
        metadata=BomMetaData(
            component=own,
            tools=_tools(),
            timestamp=at,
            properties=[
                _property("entry", entry.name),
                _property("entry:sha256", digest),
                _property("entry:data_classification", entry.data_classification),
                *(_property("not-looked-at", path) for path in inside.unread),
            ],
        ),
    )
    return JsonV1Dot6(bom).output_as_string(indent=2).encode() + b"\n"


def _own(entry: Entry, artefact: Artefact, packages: Iterable[Package]) -> Component:
    from cyclonedx.model.component import Component, ComponentType
    from packageurl import PackageURL

    purl = _purl(entry, artefact)
    root = next((p for p in packages if PackageURL.from_string(p.purl) == purl), None)
    return Component(
        type=ComponentType.CONTAINER
        if artefact.reference.kind == "oci"
        else ComponentType.APPLICATION,
        name=purl.name,
        group=purl.namespace,
        version=entry.version,
        description=entry.description,
        bom_ref=root.purl if root else str(purl),
        purl=purl,
        hashes={_sha256(artefact.sha256), *(_hashes(root) if root else ())},
        licenses=_licence(entry.licence),
    )


def _purl(entry: Entry, artefact: Artefact) -> PackageURL:
    """By purl-spec: its own type for a package or an image, ``generic`` for anything else."""
    from packageurl import PackageURL

    reference = artefact.reference
    if reference.kind in ("npm", "pypi"):
        return PackageURL.from_string(reference.text.partition("?")[0])
    name = reference.name.rstrip("/").rpartition("/")[2]
    digest = f"sha256:{artefact.sha256}"
    if reference.kind == "oci":
        told = {"repository_url": reference.name, "tag": reference.version}
        return PackageURL("oci", None, name, digest, told)
    key = "vcs_url" if reference.kind == "git" else "download_url"
    told = {"checksum": digest, key: reference.text}
    return PackageURL("generic", None, name, entry.version, told)


def _graph(
    own: Component, others: Mapping[str, Component], packages: Sequence[Package]
) -> Iterator[Dependency]:
    """Who wants whom: by npm's lock; nothing else says it, so there the artefact brings all."""
    from cyclonedx.model.bom_ref import BomRef
    from cyclonedx.model.dependency import Dependency

    wants: dict[str, set[str]] = {str(own.bom_ref): set(), **{purl: set() for purl in others}}
    places = {package.path: package.purl for package in packages if package.path}
    for package in packages if places else ():
        for name, _ in package.requires:
            if found := lookup(package.path, name, places):
                wants[package.purl].add(places[found])
    if not places:
        wants[str(own.bom_ref)] = set(others)
    for purl, wanted in wants.items():
        refs = [Dependency(BomRef(item)) for item in sorted(wanted)]
        yield Dependency(BomRef(purl), refs)


def _merged(packages: Iterable[Package]) -> Iterator[list[Package]]:
    """npm may lay one release at several places: it is one component."""
    same: dict[str, list[Package]] = {}
    for package in packages:
        same.setdefault(package.purl, []).append(package)
    return iter(same.values())


def _component(places: list[Package]) -> Component:
    from cyclonedx.model.component import Component, ComponentScope
    from packageurl import PackageURL

    purl = PackageURL.from_string(places[0].purl)
    optional = all(package.optional or package.marker for package in places)
    return Component(
        name=purl.name,
        group=purl.namespace,
        version=places[0].version,
        bom_ref=places[0].purl,
        purl=purl,
        scope=ComponentScope.OPTIONAL if optional else ComponentScope.REQUIRED,
        hashes={item for package in places for item in _hashes(package)},
        properties=[item for package in places for item in _properties(package)],
    )


def _software(item: Software) -> Component:
    """What is installed has no archive any more, so no hash: the artefact's own covers it."""
    from cyclonedx.model.component import Component
    from packageurl import PackageURL

    purl = PackageURL.from_string(item.purl)
    return Component(
        name=purl.name,
        group=purl.namespace,
        version=item.version,
        bom_ref=item.purl,
        purl=purl,
        properties=[_property("path", path) for path in item.paths[:_MAX_PATHS]],
    )


def _hashes(package: Package) -> Iterator[HashType]:
    """Of its archive; of a Python release one for each wheel that may be taken."""
    for item in package.integrity:
        if item.startswith("sha256:"):
            yield _sha256(item.removeprefix("sha256:"))
        elif item.startswith("sha512-"):
            from cyclonedx.model import HashAlgorithm, HashType

            content = b64decode(item.removeprefix("sha512-")).hex()
            yield HashType(alg=HashAlgorithm.SHA_512, content=content)


def _sha256(digest: str) -> HashType:
    from cyclonedx.model import HashAlgorithm, HashType

    return HashType(alg=HashAlgorithm.SHA_256, content=digest)


def _properties(package: Package) -> Iterator[Property]:
    if package.path:
        yield _property("npm:path", package.path)
    if package.marker:
        yield _property("python:marker", package.marker)
    for key, values in zip(package.platform._fields, package.platform, strict=True):
        if values:
            yield _property(f"npm:{key}", " ".join(values))


def _property(name: str, value: str) -> Property:
    from cyclonedx.model import Property

    return Property(name=f"assay:{name}", value=value)


def _licence(text: str) -> list[License]:
    """An SPDX expression where it is one, else the words that the entry has."""
    from cyclonedx.contrib.license.factories import LicenseFactory

    return [LicenseFactory().make_from_string(text)] if text else []


def _tools() -> ToolRepository:
    from cyclonedx.model.component import Component, ComponentType
    from cyclonedx.model.tool import ToolRepository

    own = Component(type=ComponentType.APPLICATION, name="assay", version=__version__)
    return ToolRepository(components=[own])

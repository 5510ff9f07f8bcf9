"""Images come whole and as reviewed, or not at all, whatever the registry does."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.support import faults, images
from tests.support.faults import FaultServer, serving
from tests.support.images import MANIFEST, Shelf

from assay.artefact.dockerconf import DockerConfig
from assay.artefact.http import Limits
from assay.artefact.oci import OciSource
from assay.artefact.reference import parse
from assay.artefact.source import Fetched, open_sources
from assay.artefact.store import Store
from assay.errors import Refused, Undecided
from assay.reason import Reason

QUICK = Limits(size=1 << 22, connect=1, read=1, deadline=2, retries=1, backoff=0.01)


@pytest.fixture
def shelf(server: FaultServer) -> Shelf:
    return Shelf(server)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def oci(store: Store, home: Path) -> OciSource:
    return OciSource(store, {"HOME": str(home)}, limits=QUICK)


def fetch(oci: OciSource, shelf: Shelf, sha256: str | None = None) -> Fetched:
    return oci.fetch(parse(shelf.reference()), sha256=sha256)


def refused(oci: OciSource, shelf: Shelf, reason: Reason, sha256: str | None = None) -> Refused:
    with pytest.raises(Refused) as caught:
        fetch(oci, shelf, sha256)
    assert caught.value.reason is reason
    assert not oci.store.got(shelf.reference(), sha256 or "")
    assert not [*(oci.store.root / "drafts").glob("*")]
    return caught.value


def undecided(oci: OciSource, shelf: Shelf, reason: Reason = Reason.UNREACHABLE) -> Undecided:
    with pytest.raises(Undecided) as caught:
        fetch(oci, shelf)
    assert caught.value.reason is reason
    assert not [*(oci.store.root / "drafts").glob("*")]
    return caught.value


def test_an_image_comes_with_its_configuration_and_every_layer(
    oci: OciSource, shelf: Shelf
) -> None:
    layers = [images.debian(), images.layer(images.node("server", "binary"), packing="tar")]
    raw = shelf.put(*layers)
    fetched = fetch(oci, shelf, images.sha256(raw))
    assert fetched.path.read_bytes() == raw
    assert (fetched.sha256, fetched.size) == (images.sha256(raw), len(raw))
    (image,) = oci.images(parse(shelf.reference()), fetched)
    assert image.platform == "linux/amd64"
    assert [layer.path.read_bytes() for layer in image.layers] == [each.raw for each in layers]
    assert [layer.packing for layer in image.layers] == ["gzip", "tar"]
    assert image.config.setup["Entrypoint"] == ["/server"]


def test_what_was_fetched_before_needs_no_network(
    oci: OciSource, shelf: Shelf, server: FaultServer
) -> None:
    digest = images.sha256(shelf.put(images.debian()))
    fetch(oci, shelf, digest)
    asked = len(server.requests)
    fetch(oci, shelf, digest)
    assert len(server.requests) == asked


def test_a_layer_that_rotted_in_the_store_is_fetched_anew(oci: OciSource, shelf: Shelf) -> None:
    layer = images.debian()
    digest = images.sha256(shelf.put(layer))
    fetch(oci, shelf, digest)
    place = oci.store.get(images.sha256(layer.raw))
    assert place is not None
    place.chmod(0o600)
    place.write_bytes(b"rotten")
    fetch(oci, shelf, digest)
    assert oci.store.get(images.sha256(layer.raw)) is not None


def test_another_digest_than_the_reviewed_one_is_refused(oci: OciSource, shelf: Shelf) -> None:
    shelf.put(images.debian())
    told = refused(oci, shelf, Reason.DIGEST_MISMATCH, "ab" * 32)
    assert f"wanted is sha256 {'ab' * 32}" in told.message


def test_the_same_bytes_under_another_name_are_fetched_under_that_name(
    oci: OciSource, shelf: Shelf, server: FaultServer
) -> None:
    digest = images.sha256(shelf.put(images.debian()))
    fetch(oci, shelf, digest)
    refused(oci, Shelf(server, "mcp/other"), Reason.NOT_FOUND, digest)


# -- indexes ---------------------------------------------------------------------------------


def two_platforms(shelf: Shelf, **more: Any) -> bytes:
    manifests = {
        "linux/amd64": shelf.put(images.debian(), tag="amd64"),
        "linux/arm64/v8": shelf.put(
            images.layer(images.node("x", "arm")), tag="arm", platform="linux/arm64"
        ),
    }
    raw = images.index(manifests, **more)
    shelf.put_manifest(raw, "1.2.0", images.INDEX)
    return raw


def test_an_index_is_what_the_entry_pins_and_every_platform_comes_by_digest(
    oci: OciSource, shelf: Shelf, server: FaultServer
) -> None:
    digest = images.sha256(two_platforms(shelf))
    fetched = fetch(oci, shelf, digest)
    assert fetched.sha256 == digest
    found = oci.images(parse(shelf.reference()), fetched)
    assert [image.platform for image in found] == ["linux/amd64", "linux/arm64/v8"]
    asked = [path for path, _ in server.requests if "/manifests/" in path]
    assert asked[0].endswith("/1.2.0")
    assert all("/sha256:" in path for path in asked[1:])


def test_only_the_platform_that_is_asked_for_comes(store: Store, shelf: Shelf) -> None:
    two_platforms(shelf)
    reference = parse(shelf.reference())
    arm = OciSource(store, {}, platforms=["linux/arm64"], limits=QUICK)
    fetched = arm.fetch(reference)
    assert [image.platform for image in arm.images(reference, fetched)] == ["linux/arm64/v8"]
    assert store.get(images.sha256(images.debian().raw)) is None
    other = OciSource(store, {}, platforms=["linux/s390x"], limits=QUICK)
    with pytest.raises(Refused, match="no image for linux/s390x") as caught:
        other.fetch(reference)
    assert caught.value.reason is Reason.NOT_FOUND


def test_a_platforms_manifest_with_other_bytes_is_refused(
    oci: OciSource, shelf: Shelf, server: FaultServer
) -> None:
    arm = images.sha256(shelf.put(images.debian(), platform="linux/arm64"))
    digest = images.sha256(two_platforms(shelf))
    choice = json.loads(shelf_manifest(server, shelf, "1.2.0"))["manifests"][0]["digest"]
    server[shelf.path(f"manifests/{choice}")] = faults.good(b"{}")
    assert arm
    refused(oci, shelf, Reason.DIGEST_MISMATCH, digest)


def shelf_manifest(server: FaultServer, shelf: Shelf, tag: str) -> bytes:
    import urllib.request

    with urllib.request.urlopen(server.url(shelf.path(f"manifests/{tag}"))) as answer:
        return bytes(answer.read())


def test_attestations_beside_the_images_are_left_alone(oci: OciSource, shelf: Shelf) -> None:
    raw = json.loads(two_platforms(shelf))
    raw["manifests"].append(
        {
            "mediaType": MANIFEST,
            "digest": f"sha256:{'cd' * 32}",
            "size": 500,
            "platform": {"os": "unknown", "architecture": "unknown"},
        }
    )
    shelf.put_manifest(json.dumps(raw).encode(), "1.2.0", images.INDEX)
    assert len(oci.images(parse(shelf.reference()), fetch(oci, shelf))) == 2


# -- documents that are not what they are called ---------------------------------------------

Change = Callable[[dict[str, Any]], Any]


@pytest.mark.parametrize(
    ("change", "reason", "told"),
    [
        (lambda m: m.update(manifests=[]), Reason.ARTEFACT_INVALID, "as an image and as an index"),
        (lambda m: m.update(schemaVersion=1), Reason.ARTEFACT_UNSUPPORTED, "schema 2"),
        (lambda m: m.update(mediaType=images.INDEX), Reason.ARTEFACT_INVALID, "not what it is"),
        (
            lambda m: m["layers"][0].update(urls=["https://elsewhere.example/x"]),
            Reason.ARTEFACT_INVALID,
            "from another address",
        ),
        (
            lambda m: m["layers"][0].update(
                mediaType="application/vnd.docker.image.rootfs.foreign.diff.tar.gzip"
            ),
            Reason.ARTEFACT_INVALID,
            "from another address",
        ),
        (
            lambda m: m["layers"][0].update(mediaType="application/wasm"),
            Reason.ARTEFACT_UNSUPPORTED,
            "`application/wasm`",
        ),
        (
            lambda m: m["config"].update(mediaType="application/vnd.cncf.helm.config.v1+json"),
            Reason.ARTEFACT_UNSUPPORTED,
            "no part of an image",
        ),
        (
            lambda m: m["layers"][0].update(digest="sha512:" + "0" * 128),
            Reason.ARTEFACT_UNSUPPORTED,
            "no sha256",
        ),
        (
            lambda m: m["layers"][0].update(digest="sha256:../../etc"),
            Reason.ARTEFACT_UNSUPPORTED,
            "no sha256",
        ),
        (lambda m: m["layers"][0].update(size=-1), Reason.ARTEFACT_INVALID, "without a size"),
        (lambda m: m["layers"][0].update(size=True), Reason.ARTEFACT_INVALID, "without a size"),
        (lambda m: m["layers"][0].update(size=1 << 60), Reason.ARTEFACT_INVALID, "are the most"),
        (lambda m: m["layers"][0].update(size=5), Reason.DIGEST_MISMATCH, "wanted is 5 bytes"),
        (lambda m: m["layers"][0].update(size=99999), Reason.DIGEST_MISMATCH, "wanted is 99999"),
        (lambda m: m.update(layers=m["layers"] * 300), Reason.ARTEFACT_INVALID, "more than 256"),
        (lambda m: m.update(mediaType={"a": 1}), Reason.ARTEFACT_INVALID, "is no text"),
        (
            lambda m: m["layers"][0].update(mediaType=["x"]),
            Reason.ARTEFACT_UNSUPPORTED,
            "no part of an image",
        ),
        (lambda m: m.update(layers={}), Reason.ARTEFACT_INVALID, "without layers"),
        (lambda m: m.update(config=None), Reason.ARTEFACT_INVALID, "descriptor that is none"),
    ],
)
def test_a_manifest_that_breaks_a_rule_is_refused(
    oci: OciSource, shelf: Shelf, change: Change, reason: Reason, told: str
) -> None:
    document = json.loads(shelf.put(images.debian()))
    change(document)
    shelf.put_manifest(json.dumps(document).encode(), "1.2.0")
    assert told in refused(oci, shelf, reason).message


@pytest.mark.parametrize(
    "raw",
    [
        b"<html>log in</html>",
        b"[]",
        b'{"schemaVersion": 2, "schemaVersion": 2}',
        b'{"schemaVersion": 2, "x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"schemaVersion": NaN}',
        b"\xff\xfe",
    ],
)
def test_a_manifest_that_is_no_plain_json_is_refused(
    oci: OciSource, shelf: Shelf, raw: bytes
) -> None:
    shelf.put_manifest(raw, "1.2.0")
    assert "no plain JSON" in refused(oci, shelf, Reason.ARTEFACT_INVALID).message


def test_an_index_in_an_index_and_two_images_for_one_platform_are_refused(
    oci: OciSource, shelf: Shelf
) -> None:
    inner = two_platforms(shelf)
    outer = json.loads(images.index({"linux/amd64": inner}))
    outer["manifests"][0]["mediaType"] = images.INDEX
    shelf.put_manifest(json.dumps(outer).encode(), "1.2.0", images.INDEX)
    assert "index in its index" in refused(oci, shelf, Reason.ARTEFACT_INVALID).message
    # An inner index that is called a manifest is found out when it is read.
    shelf.put_manifest(images.index({"linux/amd64": inner}), "1.2.0", images.INDEX)
    refused(oci, shelf, Reason.ARTEFACT_INVALID)
    twice = json.loads(inner)
    twice["manifests"] *= 2
    shelf.put_manifest(json.dumps(twice).encode(), "1.2.0", images.INDEX)
    assert "two images for one platform" in refused(oci, shelf, Reason.ARTEFACT_INVALID).message


@pytest.mark.parametrize(
    "served_as",
    ["application/json", images.INDEX, "application/vnd.docker.distribution.manifest.v1+prettyjws"],
)
def test_a_manifest_under_another_media_type_is_refused(
    oci: OciSource, shelf: Shelf, served_as: str
) -> None:
    raw = shelf.put(images.debian())
    shelf.put_manifest(raw, "1.2.0", served_as)
    assert "not what it is called" in refused(oci, shelf, Reason.ARTEFACT_INVALID).message
    shelf.put_manifest(raw, "1.2.0", f"{MANIFEST}; charset=utf-8")
    fetch(oci, shelf)


@pytest.mark.parametrize(
    "change",
    [
        {"mediaType": [images.INDEX]},
        {"platform": {"os": ["linux"], "architecture": "amd64"}},
        {"platform": {"os": "linux", "architecture": "amd64\n"}},
        {"platform": {"os": "windows", "architecture": "amd64", "os.version": ["1"]}},
        {"digest": 5},
    ],
)
def test_an_index_of_other_types_is_refused_and_crashes_nothing(
    oci: OciSource, shelf: Shelf, change: dict[str, Any]
) -> None:
    document = json.loads(two_platforms(shelf))
    document["manifests"][0].update(change)
    shelf.put_manifest(json.dumps(document).encode(), "1.2.0", images.INDEX)
    with pytest.raises(Refused) as caught:
        fetch(oci, shelf)
    assert caught.value.reason in (Reason.ARTEFACT_INVALID, Reason.ARTEFACT_UNSUPPORTED)


def test_a_manifest_that_does_not_say_its_media_type_is_known_by_its_content(
    oci: OciSource, shelf: Shelf
) -> None:
    """OCI 1.0 left the field open, and skopeo writes none to this day."""
    document = json.loads(shelf.put(images.debian()))
    del document["mediaType"]
    shelf.put_manifest(json.dumps(document).encode(), "1.2.0")
    assert len(oci.images(parse(shelf.reference()), fetch(oci, shelf))) == 1


def test_docker_schema_2_is_an_image_too(oci: OciSource, shelf: Shelf) -> None:
    document = json.loads(shelf.put(images.debian()))
    docker = f"{images.DOCKER}.manifest.v2+json"
    document["mediaType"] = docker
    document["config"]["mediaType"] = "application/vnd.docker.container.image.v1+json"
    document["layers"][0]["mediaType"] = "application/vnd.docker.image.rootfs.diff.tar.gzip"
    shelf.put_manifest(json.dumps(document).encode(), "1.2.0", docker)
    assert len(oci.images(parse(shelf.reference()), fetch(oci, shelf))) == 1


def test_the_registrys_own_digest_must_agree(
    oci: OciSource, shelf: Shelf, server: FaultServer
) -> None:
    raw = shelf.put(images.debian())
    for promised in (f"sha256:{'ab' * 32}", "md5:00", "nonsense"):
        headers = {"Content-Type": MANIFEST, "Docker-Content-Digest": promised}
        server[shelf.path("manifests/1.2.0")] = faults.good(raw, headers)
        assert "own header" in refused(oci, shelf, Reason.DIGEST_MISMATCH).message
    server[shelf.path("manifests/1.2.0")] = faults.good(raw, {"Content-Type": MANIFEST})
    fetch(oci, shelf)


def test_a_layer_with_other_bytes_is_refused(
    oci: OciSource, shelf: Shelf, server: FaultServer
) -> None:
    layer = images.debian()
    shelf.put(layer)
    blob = shelf.path(f"blobs/sha256:{images.sha256(layer.raw)}")
    server[blob] = faults.good(bytes(len(layer.raw)))
    refused(oci, shelf, Reason.DIGEST_MISMATCH)
    server[blob] = faults.endless()
    assert "wanted is" in refused(oci, shelf, Reason.DIGEST_MISMATCH).message


def test_a_configuration_that_belies_the_manifest_is_refused(oci: OciSource, shelf: Shelf) -> None:
    layer = images.debian()
    configuration = images.config([layer, layer])
    shelf.put(layer)
    shelf.put_blob(configuration)
    shelf.put_manifest(images.manifest([layer], configuration), "1.2.0")
    fetched = fetch(oci, shelf)
    with pytest.raises(Refused, match="another number of layers") as caught:
        oci.images(parse(shelf.reference()), fetched)
    assert caught.value.reason is Reason.ARTEFACT_INVALID


# -- a network with faults -------------------------------------------------------------------


@pytest.mark.parametrize("part", ["manifest", "blob"])
@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (faults.status(401), "answers 401"),
        (faults.status(403), "answers 403"),
        (faults.status(429, {"Retry-After": "86400"}), "answers 429"),
        (faults.status(500), "answers 500"),
        (faults.status(503), "answers 503"),
        (faults.truncated(b"{", 100), "cut off|fails"),
        (faults.trickling(0.02), "did not end"),
        (faults.trickling_headers(0.02), "did not end"),
        (faults.truncated(b"", 1 << 40), "more than"),
    ],
)
def test_a_fault_is_undecided_and_leaves_nothing(
    oci: OciSource,
    shelf: Shelf,
    server: FaultServer,
    part: str,
    fault: faults.Behaviour,
    told: str,
) -> None:
    layer = images.debian()
    shelf.put(layer)
    blob = shelf.path(f"blobs/sha256:{images.sha256(layer.raw)}")
    server[blob if part == "blob" else shelf.path("manifests/1.2.0")] = fault
    started = time.monotonic()
    error = undecided(oci, shelf)
    assert time.monotonic() - started < 2 * QUICK.deadline
    assert error.message.startswith("oci: ")
    assert any(word in error.message for word in told.split("|"))


def test_a_tag_that_is_not_there_is_refused(oci: OciSource, shelf: Shelf) -> None:
    assert "has no" in refused(oci, shelf, Reason.NOT_FOUND).message


def test_a_manifest_without_end_ends_at_the_cap(
    oci: OciSource, shelf: Shelf, server: FaultServer
) -> None:
    server[shelf.path("manifests/1.2.0")] = faults.endless()
    assert "longer than" in undecided(oci, shelf).message


def test_a_redirect_loop_ends(oci: OciSource, shelf: Shelf, server: FaultServer) -> None:
    server[shelf.path("manifests/1.2.0")] = faults.redirect(shelf.path("manifests/1.2.0"))
    assert "redirected more than" in undecided(oci, shelf).message


def test_a_redirect_from_https_to_http_is_not_followed(
    tmp_path: Path, store: Store, shelf: Shelf
) -> None:
    with serving(tls=tmp_path) as secure:
        docker = tmp_path / "certs.d" / secure.base.removeprefix("https://")
        docker.mkdir(parents=True)
        (docker / "ca.crt").write_bytes(Path(secure.ca_file).read_bytes())
        config = DockerConfig({"HOME": str(tmp_path)}, certificates=tmp_path / "certs.d")
        oci = OciSource(store, {}, limits=QUICK, docker=config, plain=frozenset())
        safe = Shelf(secure)
        layer = images.debian()
        safe.put(layer)
        fetch(oci, safe)
        shelf.put(layer, images.layer())
        path = safe.path("manifests/1.2.0")
        secure[path] = faults.redirect(shelf.server.url(path))
        assert "from https" in undecided(oci, safe).message


def test_plain_http_is_for_loopback_alone(store: Store) -> None:
    source = OciSource(store, {}, limits=QUICK, plain=frozenset({"registry.example.com"}))
    with pytest.raises(Undecided, match="is not https"):
        source.fetch(parse("oci://registry.example.com/mcp/postgres:1.2.0"))


# -- credentials -----------------------------------------------------------------------------


def log_in(home: Path, host: str, user: str = "robot", **more: str) -> str:
    """Write Docker's configuration; the header that it comes to is given back."""
    pair = b64encode(f"{user}:secret".encode()).decode()
    (home / ".docker").mkdir(parents=True, exist_ok=True)
    value = {"auth": pair, **more} if user else dict(more)
    (home / ".docker" / "config.json").write_text(json.dumps({"auths": {host: value}}))
    return f"Basic {pair}"


def guard(server: FaultServer, header: str, challenge: str) -> None:
    """Everything that is served now wants ``header``."""
    server.wrap(
        lambda inner: (
            lambda handler: (
                inner(handler)
                if handler.headers.get("Authorization") == header
                else handler.answer(401, b"", {"WWW-Authenticate": challenge})
            )
        )
    )


def test_a_login_is_shown_when_it_is_asked_for(
    oci: OciSource, shelf: Shelf, server: FaultServer, home: Path
) -> None:
    shelf.put(images.debian())
    guard(server, log_in(home, shelf.host), 'Basic realm="registry"')
    fetch(oci, shelf)
    assert "Authorization" not in server.requests[0][1]


def test_without_a_login_the_message_says_how_to_log_in(
    oci: OciSource, shelf: Shelf, server: FaultServer
) -> None:
    shelf.put(images.debian())
    guard(server, "Basic x", 'Basic realm="registry"')
    error = undecided(oci, shelf)
    assert "answers 401" in error.message
    assert f"docker login {shelf.host}" in error.hint


def tokens(
    server: FaultServer, answer: object, header: str = "", path: str = "/token"
) -> list[str]:
    """A token server; the queries that it gets."""
    seen: list[str] = []

    def act(handler: faults.Handler) -> None:
        seen.append(handler.path.partition("?")[2] + handler.body.decode())
        if handler.headers.get("Authorization", "") != header:
            handler.answer(401)
        else:
            handler.answer(200, json.dumps(answer).encode())

    server[path] = act
    return seen


def test_a_token_is_fetched_to_pull_this_repository_and_nothing_else(
    oci: OciSource, shelf: Shelf, server: FaultServer, home: Path
) -> None:
    shelf.put(images.debian())
    with serving() as realm:
        greedy = f'Bearer realm="{realm.url("/token")}",service="reg",scope="repository:*:push"'
        guard(server, "Bearer tok.en", greedy)
        seen = tokens(realm, {"token": "tok.en"}, log_in(home, shelf.host))
        fetch(oci, shelf)
    assert seen == ["service=reg&scope=repository%3Amcp%2Fpostgres%3Apull"]


def test_a_token_that_ran_out_is_fetched_anew(
    oci: OciSource, shelf: Shelf, server: FaultServer
) -> None:
    shelf.put(images.debian())
    current = ["first"]
    challenge = {"WWW-Authenticate": f'Bearer realm="{server.url("/token")}"'}

    def guarded(inner: faults.Behaviour) -> faults.Behaviour:
        def act(handler: faults.Handler) -> None:
            if handler.headers.get("Authorization") != f"Bearer {current[0]}":
                handler.answer(401, b"", challenge)
                return
            if "/manifests/" in handler.path:
                current[0] = "second"
            inner(handler)

        return act

    server.wrap(guarded)
    server["/token"] = lambda handler: handler.answer(
        200, json.dumps({"access_token": current[0]}).encode()
    )
    fetch(oci, shelf)
    assert sum(path.startswith("/token") for path, _ in server.requests) == 2


def test_a_refresh_token_is_posted_and_never_redirected(
    oci: OciSource, shelf: Shelf, server: FaultServer, home: Path
) -> None:
    shelf.put(images.debian())
    guard(server, "Bearer t", f'Bearer realm="{server.url("/token")}",service="reg"')
    log_in(home, shelf.host, user="", identitytoken="refresh")
    seen = tokens(server, {"access_token": "t"})
    fetch(oci, shelf)
    assert "grant_type=refresh_token" in seen[0]
    assert "refresh_token=refresh" in seen[0]
    assert "scope=repository%3Amcp%2Fpostgres%3Apull" in seen[0]


@pytest.mark.parametrize(
    "realm",
    [
        "http://auth.example.com/token",
        "ftp://auth.example.com/token",
        "https://user@auth.example.com/token",
        "//auth.example.com/token",
        "",
    ],
)
def test_a_realm_without_tls_gets_no_login(
    oci: OciSource, shelf: Shelf, server: FaultServer, home: Path, realm: str
) -> None:
    shelf.put(images.debian())
    log_in(home, shelf.host)
    guard(server, "Bearer t", f'Bearer realm="{realm}"')
    assert "where none is sought" in undecided(oci, shelf).message


@pytest.mark.parametrize("answer", [{}, [], {"token": 5}, {"token": "a\r\nX-Evil: 1"}, "x"])
def test_an_answer_without_a_token_is_undecided(
    oci: OciSource, shelf: Shelf, server: FaultServer, answer: object
) -> None:
    shelf.put(images.debian())
    guard(server, "Bearer t", f'Bearer realm="{server.url("/token")}"')
    tokens(server, answer)
    assert "token" in undecided(oci, shelf).message


def test_a_token_that_never_opens_anything_ends(
    oci: OciSource, shelf: Shelf, server: FaultServer
) -> None:
    shelf.put(images.debian())
    guard(server, "Bearer other", f'Bearer realm="{server.url("/token")}"')
    tokens(server, {"token": "t"})
    assert "answers 401" in undecided(oci, shelf).message
    assert len(server.requests) < 8


def test_what_a_registry_redirects_to_sees_no_credentials(
    oci: OciSource, shelf: Shelf, server: FaultServer, home: Path
) -> None:
    layer = images.debian()
    shelf.put(layer)
    header = log_in(home, shelf.host)
    with serving() as storage:
        storage["/blob"] = faults.good(layer.raw)
        blob = shelf.path(f"blobs/sha256:{images.sha256(layer.raw)}")
        server[blob] = faults.redirect(storage.url("/blob"))
        guard(server, header, 'Basic realm="registry"')
        fetch(oci, shelf)
        assert [sent for _, sent in storage.requests if "Authorization" in sent] == []
        assert any(sent.get("Authorization") == header for _, sent in server.requests)


def test_a_challenge_of_the_storage_is_not_answered(
    oci: OciSource, shelf: Shelf, server: FaultServer, home: Path
) -> None:
    layer = images.debian()
    shelf.put(layer)
    log_in(home, shelf.host)
    blob = shelf.path(f"blobs/sha256:{images.sha256(layer.raw)}")
    # Even at the registry's own host: it is an address that we never asked for.
    server["/storage"] = faults.status(401, {"WWW-Authenticate": 'Basic realm="x"'})
    server[blob] = faults.redirect("/storage")
    assert "answers 401" in undecided(oci, shelf).message
    assert all("Authorization" not in sent for _, sent in server.requests)


def test_the_source_is_one_of_the_sources(store: Store, shelf: Shelf) -> None:
    digest = images.sha256(shelf.put(images.debian()))
    sources = open_sources(store, {})
    assert sources.fetch(parse(shelf.reference()), sha256=digest).sha256 == digest


def test_opening_the_sources_loads_no_layer_reader() -> None:
    code = (
        "import sys, assay.artefact.oci\n"
        "print([n for n in sys.modules if n.startswith('assay.artefact.unpack.')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"

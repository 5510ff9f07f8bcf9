"""Images as a real registry serves them: Debian's docker-registry, pushed to with skopeo."""

from __future__ import annotations

import datetime
import json
import subprocess
from base64 import b64encode
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from urllib.parse import parse_qs

import jwt
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from tests.support import docker_registry, faults, images
from tests.support.docker_registry import DockerRegistry
from tests.support.faults import serving

from assay.artefact.oci import OciSource
from assay.artefact.reference import Reference, parse
from assay.artefact.store import Store
from assay.artefact.unpack.layer import merged
from assay.closure import installed
from assay.errors import Refused, Undecided
from assay.reason import Reason

pytestmark = [pytest.mark.full, pytest.mark.xdist_group("docker-registry")]

LOGIN = "robot:secret"
NODE = json.dumps({"name": "left-pad", "version": "1.3.0"})


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DockerRegistry]:
    with docker_registry.running(tmp_path_factory.mktemp("registry")) as made:
        yield made


@pytest.fixture(scope="module")
def layout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two platforms; the first has a Debian base and a layer with npm's and Python's packages."""
    upper = images.layer(
        images.node("app/node_modules/left-pad/package.json", NODE),
        images.node("app/x-1.dist-info/METADATA", "Name: x\nVersion: 1\n"),
        images.node("etc/.wh.gone"),
        packing="zstd",
    )
    lower = images.debian(images.node("etc/gone", "secret"))
    other = images.layer(images.node("server", "arm"), packing="tar")
    root = tmp_path_factory.mktemp("layout") / "image"
    return images.write_layout(root, {"linux/amd64": [lower, upper], "linux/arm64": [other]})


def reference(registry: DockerRegistry, name: str) -> Reference:
    return parse(f"oci://{registry.host}/{name}")


def test_an_index_comes_whole_and_its_software_is_listed(
    registry: DockerRegistry, layout: Path, store: Store
) -> None:
    digest = registry.push(layout, "mcp/postgres:1.2.0")
    oci = OciSource(store, {})
    wanted = reference(registry, "mcp/postgres:1.2.0")
    fetched = oci.fetch(wanted, sha256=digest)
    amd, arm = oci.images(wanted, fetched)
    assert (amd.platform, arm.platform) == ("linux/amd64", "linux/arm64")
    root = merged(amd.layers, label=wanted.text, wanted=installed.wanted)
    assert "etc/gone" not in {item.path for item in root.items}
    found = installed.read(root.files, root.unread)
    assert [item.purl for item in found.software] == [
        "pkg:deb/debian/libc6@2.36-9%2Bdeb12u10?arch=amd64&distro=debian-12",
        "pkg:npm/left-pad@1.3.0",
        "pkg:pypi/x@1",
    ]
    assert [item.path for item in merged(arm.layers, label=wanted.text).items] == ["server"]


def test_every_byte_is_the_one_that_skopeo_gets(
    registry: DockerRegistry, layout: Path, store: Store, tmp_path: Path
) -> None:
    digest = registry.push(layout, "mcp/postgres:1.3.0")
    fetched = OciSource(store, {}).fetch(reference(registry, "mcp/postgres:1.3.0"), sha256=digest)
    source = f"docker://{registry.host}/mcp/postgres:1.3.0"
    docker_registry.skopeo(
        *("copy", "--all", "--preserve-digests", "--src-tls-verify=false"),
        *(source, f"oci:{tmp_path / 'copy'}:image"),
    )
    assert fetched.sha256 == digest
    blobs = [*(tmp_path / "copy" / "blobs" / "sha256").iterdir()]
    assert len(blobs) == 8  # an index, two manifests, two configurations, three layers
    for blob in blobs:
        kept = store.get(blob.name)
        assert kept is not None
        assert sha256(kept.read_bytes()).hexdigest() == blob.name


def test_dockers_own_format_is_served_as_it_is(
    registry: DockerRegistry, tmp_path: Path, store: Store
) -> None:
    single = images.write_layout(tmp_path / "one", {"linux/amd64": [images.debian()]})
    name = "mcp/docker:1.0.0"
    docker_registry.skopeo(
        *("copy", "--format=v2s2", "--dest-tls-verify=false"),
        *(f"oci:{single}:image", f"docker://{registry.host}/{name}"),
    )
    wanted = reference(registry, name)
    oci = OciSource(store, {})
    fetched = oci.fetch(wanted, sha256=registry.digest(name))
    document = json.loads(fetched.path.read_bytes())
    assert document["mediaType"] == f"{images.DOCKER}.manifest.v2+json"
    (image,) = oci.images(wanted, fetched)
    assert len(merged(image.layers, label=name).items) > 3


def test_a_tag_that_moved_is_refused(
    registry: DockerRegistry, layout: Path, tmp_path: Path, store: Store
) -> None:
    digest = registry.push(layout, "mcp/moved:1.0.0")
    other = images.write_layout(tmp_path / "other", {"linux/amd64": [images.debian()]})
    registry.push(other, "mcp/moved:1.0.0")
    with pytest.raises(Refused) as caught:
        OciSource(store, {}).fetch(reference(registry, "mcp/moved:1.0.0"), sha256=digest)
    assert caught.value.reason is Reason.DIGEST_MISMATCH


def test_what_is_not_there_is_not_found(registry: DockerRegistry, store: Store) -> None:
    with pytest.raises(Refused) as caught:
        OciSource(store, {}).fetch(reference(registry, "mcp/absent:1.0.0"))
    assert caught.value.reason is Reason.NOT_FOUND


def test_a_layer_that_was_changed_on_the_registrys_disk_is_refused(
    tmp_path: Path, store: Store
) -> None:
    layer = images.debian()
    single = images.write_layout(tmp_path / "one", {"linux/amd64": [layer]})
    with docker_registry.running(tmp_path / "registry") as registry:
        registry.push(single, "mcp/changed:1.0.0")
        digest = sha256(layer.raw).hexdigest()
        blobs = tmp_path / "registry" / "data" / "docker" / "registry" / "v2" / "blobs"
        place = blobs / "sha256" / digest[:2] / digest / "data"
        place.write_bytes(bytes(len(layer.raw)))
        with pytest.raises(Refused) as caught:
            OciSource(store, {}).fetch(reference(registry, "mcp/changed:1.0.0"))
    assert caught.value.reason is Reason.DIGEST_MISMATCH


# -- logins ----------------------------------------------------------------------------------


def log_in(home: Path, host: str, login: str) -> dict[str, str]:
    (home / ".docker").mkdir(parents=True)
    auths = {host: {"auth": docker_registry.basic(login)}}
    (home / ".docker" / "config.json").write_text(json.dumps({"auths": auths}))
    return {"HOME": str(home)}


def test_a_registry_with_passwords_wants_the_right_one(
    tmp_path: Path, layout: Path, store: Store
) -> None:
    htpasswd = tmp_path / "htpasswd"
    htpasswd.write_text(_bcrypt(*LOGIN.split(":")))
    auth = f"auth: {{htpasswd: {{realm: mcp, path: {htpasswd}}}}}"
    with docker_registry.running(tmp_path / "r", auth=auth, login=LOGIN) as registry:
        digest = registry.push(layout, "mcp/postgres:1.2.0")
        wanted = reference(registry, "mcp/postgres:1.2.0")
        for environ in ({"HOME": "/nobody"}, log_in(tmp_path / "x", registry.host, "robot:no")):
            with pytest.raises(Undecided) as caught:
                OciSource(store, environ).fetch(wanted, sha256=digest)
            assert caught.value.reason is Reason.UNREACHABLE
            assert "answers 401" in caught.value.message
        right = OciSource(store, log_in(tmp_path / "y", registry.host, LOGIN))
        assert right.fetch(wanted, sha256=digest).sha256 == digest


def test_a_registry_with_tokens_gives_one_to_pull(
    tmp_path: Path, layout: Path, store: Store
) -> None:
    issuer = _Issuer(tmp_path)
    with serving() as server:
        server["/token"] = issuer.answer
        auth = issuer.section(server.url("/token"))
        with docker_registry.running(tmp_path / "r", auth=auth, login=LOGIN) as registry:
            digest = registry.push(layout, "mcp/postgres:1.2.0")
            wanted = reference(registry, "mcp/postgres:1.2.0")
            issuer.scopes.clear()
            with pytest.raises(Undecided) as caught:
                OciSource(store, {"HOME": "/nobody"}).fetch(wanted, sha256=digest)
            assert "/token answers 401" in caught.value.message
            environ = log_in(tmp_path / "home", registry.host, LOGIN)
            fetched = OciSource(store, environ).fetch(wanted, sha256=digest)
    assert fetched.sha256 == digest
    assert issuer.scopes == ["repository:mcp/postgres:pull"]


def _bcrypt(user: str, password: str) -> str:
    words = ["htpasswd", "-nbB", user, password]
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout


class _Issuer:
    """A token server as the distribution project describes it, with a key of its own."""

    def __init__(self, folder: Path) -> None:
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "tokens")])
        now = datetime.datetime.now(datetime.UTC)
        self._certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(self._key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=1))
            .not_valid_after(now + datetime.timedelta(days=1))
            .sign(self._key, hashes.SHA256())
        )
        self._bundle = folder / "tokens.pem"
        self._bundle.write_bytes(self._certificate.public_bytes(serialization.Encoding.PEM))
        self.scopes: list[str] = []

    def section(self, realm: str) -> str:
        return (
            f"auth: {{token: {{realm: '{realm}', service: reg, issuer: us,"
            f" rootcertbundle: {self._bundle}}}}}"
        )

    def answer(self, handler: faults.Handler) -> None:
        if handler.headers.get("Authorization") != f"Basic {docker_registry.basic(LOGIN)}":
            handler.answer(401)
            return
        scopes = parse_qs(handler.path.partition("?")[2]).get("scope", [])
        self.scopes.extend(scopes)
        access = [
            {"type": kind, "name": name, "actions": actions.split(",")}
            for kind, name, actions in (scope.split(":") for scope in scopes)
        ]
        now = int(datetime.datetime.now(datetime.UTC).timestamp())
        claims = {
            **{"iss": "us", "sub": "robot", "aud": "reg", "jti": "1", "access": access},
            **{"iat": now, "nbf": now - 5, "exp": now + 300},
        }
        raw = self._certificate.public_bytes(serialization.Encoding.DER)
        token = jwt.encode(
            claims, self._key, algorithm="RS256", headers={"x5c": [b64encode(raw).decode()]}
        )
        handler.answer(200, json.dumps({"token": token}).encode())

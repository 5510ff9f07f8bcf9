"""Archives over https: every fault of a server, over a real socket with real TLS."""

from __future__ import annotations

import gzip
import hashlib
import io
import time
import zipfile
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support import faults
from tests.support.faults import FaultServer, serving

from assay import policy as policies
from assay.artefact.http import Limits
from assay.artefact.https import HttpsSource
from assay.artefact.reference import Reference, parse
from assay.artefact.source import Named, nobody, open_sources
from assay.artefact.store import Store
from assay.artefact.wire import Network, Zone
from assay.errors import Refused, Undecided
from assay.reason import Reason

QUICK = Limits(size=1 << 20, connect=1, read=1, deadline=2, retries=1, backoff=0.01)


def _zip() -> bytes:
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w") as archive:
        archive.writestr("manifest.json", "{}")
    return raw.getvalue()


GOOD = _zip()
DIGEST = hashlib.sha256(GOOD).hexdigest()


@pytest.fixture(scope="module")
def secure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FaultServer]:
    with serving(tmp_path_factory.mktemp("tls")) as made:
        made["/server-1.2.0.mcpb"] = faults.good(GOOD)
        yield made


@pytest.fixture
def source(store: Store, secure: FaultServer) -> HttpsSource:
    return HttpsSource(store, {"REQUESTS_CA_BUNDLE": secure.ca_file}, limits=QUICK)


def at(server: FaultServer, path: str = "/server-1.2.0.mcpb") -> Reference:
    return parse(server.url(path))


def empty(store: Store) -> bool:
    """Nothing half-written, and nothing that somebody could take for content."""
    return not any(path.is_file() for path in store.root.rglob("*"))


def undecided(source: HttpsSource, reference: Reference, told: str) -> Undecided:
    with pytest.raises(Undecided, match=told) as caught:
        source.fetch(reference, sha256=DIGEST)
    assert caught.value.reason is Reason.UNREACHABLE
    assert caught.value.message.startswith("https: ")
    assert caught.value.hint
    assert empty(source.store)
    return caught.value


def test_an_archive_comes_into_the_store_under_its_own_name(
    source: HttpsSource, secure: FaultServer
) -> None:
    fetched = source.fetch(at(secure), sha256=DIGEST)
    assert fetched.path.read_bytes() == GOOD
    assert (fetched.sha256, fetched.size) == (DIGEST, len(GOOD))
    assert fetched.file_name == "server-1.2.0.mcpb"


def test_what_is_in_the_store_is_not_fetched_again_for_the_same_address(
    source: HttpsSource, secure: FaultServer
) -> None:
    secure["/once.zip"] = faults.in_turn(faults.good(GOOD), faults.status(500))
    source.fetch(at(secure, "/once.zip"))
    assert source.fetch(at(secure, "/once.zip"), sha256=DIGEST).path.read_bytes() == GOOD
    # The right bytes of another address are another artefact.
    secure["/other.zip"] = faults.status(404)
    with pytest.raises(Refused) as caught:
        source.fetch(at(secure, "/other.zip"), sha256=DIGEST)
    assert caught.value.reason is Reason.NOT_FOUND


def test_other_bytes_are_refused_and_not_kept(source: HttpsSource, secure: FaultServer) -> None:
    secure["/changed.zip"] = faults.good(GOOD + b"more")
    with pytest.raises(Refused, match="wanted is") as caught:
        source.fetch(at(secure, "/changed.zip"), sha256=DIGEST)
    assert caught.value.reason is Reason.DIGEST_MISMATCH
    assert empty(source.store)


@pytest.mark.parametrize("code", [404, 410])
def test_not_there_is_what_the_server_says(
    source: HttpsSource, secure: FaultServer, code: int
) -> None:
    secure["/gone.zip"] = faults.status(code)
    with pytest.raises(Refused) as caught:
        source.fetch(at(secure, "/gone.zip"))
    assert caught.value.reason is Reason.NOT_FOUND
    assert empty(source.store)


FAULTS = {
    "unauthorised": (faults.status(401), "answers 401"),
    "forbidden": (faults.status(403), "answers 403"),
    "busy": (faults.status(429), "answers 429"),
    "broken": (faults.status(500), "answers 500"),
    "overloaded": (faults.status(503), "answers 503"),
    "truncated": (faults.truncated(GOOD[:9], len(GOOD)), "IncompleteRead|cut off"),
    "endless": (faults.endless(), "longer than"),
    "too long": (faults.truncated(b"", 1 << 40), "more than"),
    "trickling": (faults.trickling(0.05), "in time|within"),
    "trickling headers": (faults.trickling_headers(0.05), "within"),
    "loop": (faults.redirect("/fault.zip"), "redirected more than"),
    "downgrade": (faults.redirect("http://127.0.0.1/x.zip"), "from https"),
    "metadata": (faults.redirect("https://169.254.169.254/x.zip"), "a link-local address"),
    "private": (faults.redirect("https://10.0.0.1/x.zip"), "a private address"),
    "two readings": (faults.redirect("https://a.example.com\\@localhost/"), "two ways"),
    "encoded": (faults.good(GOOD, {"Content-Encoding": "gzip"}), "encoded"),
}


@pytest.mark.parametrize(("behaviour", "told"), FAULTS.values(), ids=FAULTS)
def test_each_fault_ends_in_time_undecided_and_leaves_nothing(
    source: HttpsSource, secure: FaultServer, behaviour: faults.Behaviour, told: str
) -> None:
    secure["/fault.zip"] = behaviour
    started = time.monotonic()
    undecided(source, at(secure, "/fault.zip"), told)
    assert time.monotonic() - started < QUICK.deadline + 1


def test_a_fault_that_passes_is_waited_for(source: HttpsSource, secure: FaultServer) -> None:
    secure["/later.zip"] = faults.in_turn(faults.status(503), faults.good(GOOD))
    assert source.fetch(at(secure, "/later.zip"), sha256=DIGEST).sha256 == DIGEST


@pytest.mark.parametrize("name", ["page.zip", "page.mcpb", "page.whl", "page.tar.gz", "page.tgz"])
def test_a_login_page_is_no_archive(source: HttpsSource, secure: FaultServer, name: str) -> None:
    secure[f"/{name}"] = faults.good(b"<html>Please log in</html>")
    with pytest.raises(Refused, match="does not begin as") as caught:
        source.fetch(at(secure, f"/{name}"))
    assert caught.value.reason is Reason.ARTEFACT_INVALID
    assert empty(source.store)


def test_a_tarball_is_one(source: HttpsSource, secure: FaultServer) -> None:
    secure["/good.tar.gz"] = faults.good(gzip.compress(b"tar"))
    assert source.fetch(at(secure, "/good.tar.gz")).file_name == "good.tar.gz"


def test_netrc_holds_the_login_of_its_own_host_alone(
    store: Store, secure: FaultServer, tmp_path: Path
) -> None:
    (tmp_path / ".netrc").write_text(
        "machine localhost login ann password s3cret\ndefault login ann password s3cret\n"
    )
    (tmp_path / ".netrc").chmod(0o600)
    environ = {"HOME": str(tmp_path), "SSL_CERT_FILE": secure.ca_file}
    with serving() as elsewhere:
        elsewhere["/away.zip"] = faults.good(GOOD)
        HttpsSource(store, environ, limits=QUICK).fetch(at(secure), sha256=DIGEST)
        away = Reference("https", elsewhere.url("/away.zip"), "", "", "https://elsewhere/away.zip")
        HttpsSource(store, environ, limits=QUICK).fetch(away)
        assert all("Authorization" not in headers for _, headers in elsewhere.requests)
    wanted = f"Basic {b64encode(b'ann:s3cret').decode()}"
    assert secure.requests[-1][1]["Authorization"] == wanted


def test_a_private_ca_is_taken_from_where_other_programs_have_it(
    store: Store, secure: FaultServer
) -> None:
    told = "a certificate that this machine does not trust"
    undecided(HttpsSource(store, {}, limits=QUICK), at(secure), told)
    for key in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"):
        source = HttpsSource(Store(store.root / key), {key: secure.ca_file}, limits=QUICK)
        assert source.fetch(at(secure), sha256=DIGEST).sha256 == DIGEST


def test_the_proxy_of_the_environment_is_asked_and_its_exceptions_are_not(
    store: Store, secure: FaultServer
) -> None:
    with serving() as proxy:
        environ = {"HTTPS_PROXY": proxy.base, "SSL_CERT_FILE": secure.ca_file}
        undecided(HttpsSource(store, environ, limits=QUICK), at(secure), "fails")
        direct = HttpsSource(store, environ | {"NO_PROXY": "localhost"}, limits=QUICK)
        assert direct.fetch(at(secure), sha256=DIGEST).sha256 == DIGEST


def test_only_a_host_that_the_policy_names_is_led_to_inside(
    store: Store, secure: FaultServer, tmp_path: Path
) -> None:
    zones = {"127.0.0.1": Zone.PUBLIC, "127.0.0.2": Zone.PRIVATE}
    with serving(tmp_path, name="inside.example.com", address="127.0.0.2") as inside:
        inside["/x.zip"] = faults.good(GOOD)
        secure["/in.zip"] = faults.redirect(inside.url("/x.zip"))
        (tmp_path / "both.pem").write_text(
            "".join(Path(server.ca_file).read_text() for server in (secure, inside))
        )
        network = Network(
            lambda host, port: ["127.0.0.1" if host == "localhost" else "127.0.0.2"],
            lambda address: zones[address],
        )

        def source(named: Named) -> HttpsSource:
            environ = {"SSL_CERT_FILE": str(tmp_path / "both.pem")}
            return HttpsSource(store, environ, limits=QUICK, network=network, named=named)

        undecided(source(nobody), at(secure, "/in.zip"), "a private address")
        policy = policies.Sources(https=("localhost", inside.host))
        assert source(policy.named).fetch(at(secure, "/in.zip")).sha256 == DIGEST


def test_sources_serve_https(store: Store, secure: FaultServer) -> None:
    sources = open_sources(store, {"SSL_CERT_FILE": secure.ca_file})
    assert sources.fetch(at(secure), sha256=DIGEST).sha256 == DIGEST

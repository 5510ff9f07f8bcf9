"""npm packages come whole, from where npm itself would get them, or not at all."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from tests.support import faults
from tests.support.faults import serving
from tests.support.packages import Npm, machine, sri

from assay.artefact import npmrc
from assay.artefact.http import Limits
from assay.artefact.npm import NpmSource
from assay.artefact.reference import npm as reference
from assay.artefact.store import Store
from assay.closure.model import Package
from assay.errors import Refused, Undecided
from assay.reason import Reason

QUICK = Limits(connect=1, read=1, deadline=2, retries=1, backoff=0.01)
SOME = reference("@scope/some", "1.0.0")


def source(npm: Npm, store: Store) -> NpmSource:
    return NpmSource(store, npm.environ, limits=QUICK)


def package(name: str, raw: bytes) -> Package:
    return Package("npm", name, "1.0.0", (sri(raw),), 1, path=f"node_modules/{name}")


def test_a_package_is_fetched_once_and_found_again_without_network(npm: Npm, store: Store) -> None:
    raw = npm.publish("@scope/some", "1.0.0")
    fetched = source(npm, store).fetch(SOME)
    assert fetched.path.read_bytes() == raw
    assert fetched.sha256 == hashlib.sha256(raw).hexdigest()
    assert fetched.file_name == "some-1.0.0.tgz"
    asked = len(npm.server.requests)
    again = source(npm, store).fetch(SOME, sha256=fetched.sha256)
    assert again == fetched
    assert len(npm.server.requests) == asked


def test_other_bytes_than_reviewed_are_refused_and_not_kept(npm: Npm, store: Store) -> None:
    npm.publish("@scope/some", "1.0.0")
    with pytest.raises(Refused) as caught:
        source(npm, store).fetch(SOME, sha256="0" * 64)
    assert caught.value.reason is Reason.DIGEST_MISMATCH
    assert not list((store.root / "sha256").glob("*/*"))


@pytest.mark.parametrize("dist", [{"integrity": sri(b"x")}, {"integrity": "", "shasum": "0" * 40}])
def test_bytes_that_are_not_what_the_registry_promised_are_refused(
    npm: Npm, store: Store, dist: dict[str, str]
) -> None:
    npm.publish("@scope/some", "1.0.0", dist=dist)
    with pytest.raises(Refused) as caught:
        source(npm, store).fetch(SOME)
    assert caught.value.reason is Reason.DIGEST_MISMATCH


def test_the_digest_of_another_package_that_lies_here_does_not_help(npm: Npm, store: Store) -> None:
    npm.publish("@scope/some", "1.0.0")
    npm.publish("other", "1.0.0")
    here = source(npm, store).fetch(SOME)
    with pytest.raises(Refused) as caught:
        source(npm, store).fetch(reference("other", "1.0.0"), sha256=here.sha256)
    assert caught.value.reason is Reason.DIGEST_MISMATCH


def test_a_package_of_a_closure_is_held_against_the_lock(npm: Npm, store: Store) -> None:
    raw = npm.publish("dep", "1.0.0")
    fetched = source(npm, store).fetch_package(package("dep", raw))
    assert fetched.path.read_bytes() == raw
    with pytest.raises(Refused) as caught:
        source(npm, store).fetch_package(package("dep", b"other"))
    assert caught.value.reason is Reason.DIGEST_MISMATCH
    asked = len(npm.server.requests)
    assert source(npm, store).fetch_package(package("dep", raw)).path == fetched.path
    assert len(npm.server.requests) == asked


def test_a_package_that_is_not_there_is_not_found(npm: Npm, store: Store) -> None:
    npm.publish("some", "1.0.0")
    for name, version in (("nothing", "1.0.0"), ("some", "2.0.0")):
        with pytest.raises(Refused) as caught:
            source(npm, store).fetch(reference(name, version))
        assert caught.value.reason is Reason.NOT_FOUND


FAULTS = {
    "credentials": faults.status(401),
    "forbidden": faults.status(403),
    "too-many": faults.status(429),
    "broken": faults.status(500),
    "cut-off": faults.truncated(b"{", 10),
    "trickle": faults.trickling(0.05),
    "endless": faults.endless(),
    "round": faults.redirect("/round"),
    "page": faults.good(b"<html>please log in</html>"),
    "another": faults.good(b'{"name": "another", "version": "1.0.0"}'),
    "deep": faults.good(b"[" * 100_000),
}


@pytest.mark.parametrize("path", ["/@scope%2Fsome/1.0.0", "/@scope/some/-/some-1.0.0.tgz"])
def test_a_registry_that_can_not_be_asked_is_undecided(npm: Npm, store: Store, path: str) -> None:
    raw = npm.publish("@scope/some", "1.0.0")
    npm.server["/round"] = faults.redirect("/round")
    config = npmrc.read(npm.environ)
    for name, behaviour in FAULTS.items():
        npm.server[path] = behaviour
        asked = NpmSource(store, {}, config=config, limits=Limits(1 << 20, 1, 1, 0.5, 1, 0.01))
        wanted = Reason.UNREACHABLE
        if path.endswith("tgz") and name in ("page", "another", "deep"):
            wanted = Reason.DIGEST_MISMATCH  # some bytes came, whole, and were looked at
        with pytest.raises((Undecided, Refused)) as caught:
            asked.fetch(SOME, sha256=hashlib.sha256(raw).hexdigest())
        assert isinstance(caught.value, (Undecided, Refused))
        assert caught.value.reason is wanted, name
    assert not list((store.root / "sha256").glob("*/*"))


def test_a_mirror_that_knows_whole_documents_alone_is_understood(npm: Npm, store: Store) -> None:
    npm.publish("@scope/some", "1.0.0")
    npm.server["/@scope%2Fsome/1.0.0"] = faults.status(404)
    assert source(npm, store).fetch(SOME).size > 0


def test_the_public_registrys_addresses_are_asked_of_the_mirror(npm: Npm, store: Store) -> None:
    public = npmrc.public_host(npm.environ)
    tarball = f"https://{public}/@scope/some/-/some-1.0.0.tgz"
    npm.publish("@scope/some", "1.0.0", dist={"tarball": tarball})
    assert source(npm, store).fetch(SOME).size > 0
    npm.environ["npm_config_replace_registry_host"] = "always"
    npm.publish("@scope/some", "1.0.0", dist={"tarball": tarball.replace(public, "x.example.com")})
    assert source(npm, store).fetch(SOME).size > 0


def test_a_scopes_registry_and_token_come_from_the_users_file(
    npm: Npm, store: Store, tmp_path: Path
) -> None:
    with serving() as private:
        theirs = Npm(private, tmp_path / "other")
        theirs.publish("@scope/some", "1.0.0")
        host = private.url("").removeprefix("http:")
        (tmp_path / "home" / ".npmrc").write_text(
            f"@scope:registry={private.url('/')}\n{host}/:_authToken=${{TOKEN}}\n"
        )
        npm.environ["TOKEN"] = "secret"
        assert source(npm, store).fetch(SOME).size > 0
        assert {headers["Authorization"] for _, headers in private.requests} == {"Bearer secret"}
        assert npm.server.requests == []


def test_a_workspaces_npmrc_has_no_say(
    npm: Npm, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    npm.publish("@scope/some", "1.0.0")
    (tmp_path / "package.json").write_text("{}")
    (tmp_path / ".npmrc").write_text("@scope:registry=http://127.0.0.1:9/\n")
    monkeypatch.chdir(tmp_path)
    assert source(npm, store).fetch(SOME).size > 0


@pytest.mark.parametrize(
    ("secrets", "header"),
    [
        ({"//h.example.com/:_authToken": "t"}, "Bearer t"),
        ({"//h.example.com/npm/:_authToken": "t"}, "Bearer t"),
        ({"//h.example.com/:_auth": "dTpw"}, "Basic dTpw"),
        ({"//h.example.com/:username": "u", "//h.example.com/:_password": "cA=="}, "Basic dTpw"),
        ({"//other.example.com/:_authToken": "t"}, ""),
        ({"//h.example.com/npm/other/:_authToken": "t"}, ""),
        ({"//h.example.com:8443/:_authToken": "t"}, ""),
    ],
)
def test_a_secret_is_for_its_own_place(secrets: dict[str, str], header: str) -> None:
    assert npmrc.authorization("https://h.example.com/npm/some", secrets) == header


def test_variables_are_replaced_as_npm_does() -> None:
    environ = {"A": "1"}
    assert npmrc.substitute("x${A}${B?}y", environ) == "x1y"
    assert npmrc.substitute("${B}", environ) == "${B}"
    assert npmrc.substitute(r"\${A}", environ) == "${A}"


def test_a_token_whose_variable_is_not_set_is_never_sent(npm: Npm, tmp_path: Path) -> None:
    (tmp_path / "home" / ".npmrc").write_text("//h.example.com/:_authToken=${NOT_SET}\n")
    config = npmrc.read(npm.environ)
    assert config.access.authorization("https://h.example.com/x") == ""


def test_strict_ssl_off_is_not_followed_and_told(npm: Npm, store: Store, tmp_path: Path) -> None:
    with serving(tls=tmp_path) as secure:
        theirs = Npm(secure, tmp_path / "home")
        theirs.publish("@scope/some", "1.0.0")
        (tmp_path / "home" / ".npmrc").write_text("strict-ssl=false\n")
        with pytest.raises(Undecided, match="certificate") as caught:
            source(theirs, store).fetch(SOME)
        assert "strict-ssl=false is not followed" in caught.value.hint
        (tmp_path / "home" / ".npmrc").write_text(f"cafile={secure.ca_file}\n")
        assert source(theirs, store).fetch(SOME).size > 0


def test_without_npm_nothing_is_decided(tmp_path: Path, store: Store) -> None:
    environ = machine(tmp_path) | {"PATH": str(tmp_path)}
    with pytest.raises(Undecided) as caught:
        NpmSource(store, environ).fetch(SOME)
    assert caught.value.reason is Reason.TOOL_FAILED

"""PyPI releases come as wheels, from the index that pip itself uses, or not at all."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from tests.support import faults
from tests.support.faults import FaultServer
from tests.support.packages import Index

from assay.artefact import netrc, pipconf
from assay.artefact.http import Access, Limits
from assay.artefact.pypi import PypiSource
from assay.artefact.reference import pypi as reference
from assay.artefact.store import Store
from assay.closure.model import Package
from assay.errors import Refused, Undecided
from assay.reason import Reason

SOME = reference("some-server", "1.0")
LINUX = "some_server-1.0-cp311-cp311-manylinux_2_17_x86_64.whl"
MAC = "some_server-1.0-cp311-cp311-macosx_11_0_arm64.whl"


def access(index: Index) -> pipconf.PipConfig:
    """As pip would be configured, without asking it each time."""
    url = index.server.url("/simple/")
    return pipconf.PipConfig(url, Access(), (), "", "", "")


def source(index: Index, store: Store, deadline: float = 2) -> PypiSource:
    limits = Limits(1 << 20, 1, 1, deadline, 1, 0.01)
    return PypiSource(store, {}, config=access(index), limits=limits)


def sha256(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()


def test_the_pure_wheel_is_meant_and_found_again_without_network(
    index: Index, store: Store
) -> None:
    raw = index.publish("some-server", "1.0")
    index.publish("some-server", "1.0", file_name="some_server-1.0.tar.gz", raw=b"sdist")
    index.publish("some-server", "1.0", file_name=LINUX, raw=b"linux")
    fetched = source(index, store).fetch(SOME)
    assert (fetched.sha256, fetched.path.read_bytes()) == (sha256(raw), raw)
    assert fetched.file_name == "some_server-1.0-py3-none-any.whl"
    asked = len(index.server.requests)
    assert source(index, store).fetch(SOME, sha256=fetched.sha256) == fetched
    assert len(index.server.requests) == asked


def test_a_file_name_picks_another_wheel(index: Index, store: Store) -> None:
    index.publish("some-server", "1.0")
    index.publish("some-server", "1.0", file_name=LINUX, raw=b"linux")
    fetched = source(index, store).fetch(reference("some-server", "1.0", LINUX))
    assert fetched.path.read_bytes() == b"linux"
    with pytest.raises(Refused) as caught:
        source(index, store).fetch(reference("some-server", "1.0", MAC))
    assert caught.value.reason is Reason.NOT_FOUND


def test_a_source_distribution_alone_is_refused_for_building_runs_it(
    index: Index, store: Store
) -> None:
    index.publish("some-server", "1.0", file_name="some_server-1.0.tar.gz", raw=b"sdist")
    with pytest.raises(Refused, match="building one runs it") as caught:
        source(index, store).fetch(SOME)
    assert caught.value.reason is Reason.ARTEFACT_INVALID


def test_without_a_pure_wheel_the_others_are_named(index: Index, store: Store) -> None:
    index.publish("some-server", "1.0", file_name=LINUX, raw=b"linux")
    with pytest.raises(Refused) as caught:
        source(index, store).fetch(SOME)
    assert LINUX in caught.value.hint


def test_other_bytes_than_reviewed_or_promised_are_refused(index: Index, store: Store) -> None:
    index.publish("some-server", "1.0")
    with pytest.raises(Refused) as caught:
        source(index, store).fetch(SOME, sha256="0" * 64)
    assert caught.value.reason is Reason.DIGEST_MISMATCH
    index.publish("lying", "1.0", hashes={"sha256": "1" * 64})
    with pytest.raises(Refused, match="the index promises") as caught:
        source(index, store).fetch(reference("lying", "1.0"))
    assert caught.value.reason is Reason.DIGEST_MISMATCH
    assert not list((store.root / "sha256").glob("*/*"))


def test_a_packages_wheel_is_the_one_that_fits_best(index: Index, store: Store) -> None:
    raws = {
        name: index.publish("some-server", "1.0", file_name=name, raw=name.encode())
        for name in (LINUX, MAC)
    }
    hashes = tuple(sorted(f"sha256:{sha256(raw)}" for raw in raws.values()))
    package = Package("pypi", "some-server", "1.0", hashes, 1)
    linux = ["cp311-cp311-manylinux_2_17_x86_64", "py3-none-any"]
    made = source(index, store)
    assert made.fetch_package(package, linux).path.read_bytes() == LINUX.encode()
    assert made.fetch_package(package, ["cp311-cp311-macosx_11_0_arm64"]).file_name == MAC
    asked = len(index.server.requests)
    assert source(index, store).fetch_package(package, linux).file_name == LINUX
    assert len(index.server.requests) == asked
    with pytest.raises(Refused, match="no wheel for this interpreter"):
        made.fetch_package(package, ["cp311-cp311-win_amd64"])


def test_a_wheel_that_is_not_in_the_lock_is_never_taken(index: Index, store: Store) -> None:
    index.publish("some-server", "1.0")
    package = Package("pypi", "some-server", "1.0", ("sha256:" + "0" * 64,), 1)
    with pytest.raises(Refused) as caught:
        source(index, store).fetch_package(package)
    assert caught.value.reason is Reason.NOT_FOUND


FAULTS = {
    "credentials": faults.status(401),
    "too-many": faults.status(429),
    "broken": faults.status(500),
    "cut-off": faults.truncated(b"{", 10),
    "trickle": faults.trickling(0.05),
    "endless": faults.endless(),
    "round": faults.redirect("/round"),
    "html": faults.good(b"<a href=x-1.0.whl>x</a>", {"Content-Type": "text/html"}),
    "other-json": faults.good(b"[1]"),
}


def test_an_index_that_can_not_be_asked_is_undecided(index: Index, store: Store) -> None:
    index.server["/round"] = faults.redirect("/round")
    for name, behaviour in FAULTS.items():
        index.server["/simple/some-server/"] = behaviour
        with pytest.raises(Undecided) as caught:
            source(index, store, deadline=0.5).fetch(SOME)
        assert caught.value.reason is Reason.UNREACHABLE, name


def test_what_is_not_on_the_index_is_not_found(index: Index, store: Store) -> None:
    index.publish("some-server", "2.0")
    for name in ("some-server", "nothing"):
        with pytest.raises(Refused) as caught:
            source(index, store).fetch(reference(name, "1.0"))
        assert caught.value.reason is Reason.NOT_FOUND


def test_a_strangers_list_of_files_is_read_with_care(index: Index, store: Store) -> None:
    index.publish("some-server", "1.0")
    odd = [7, {}, {"filename": 1, "url": []}, {"filename": "x", "url": "y", "hashes": 3}]
    index.files["some-server"] += odd  # type: ignore[arg-type]
    assert source(index, store).fetch(SOME).size > 0


def test_pip_itself_says_which_index_with_which_credentials(index: Index, store: Store) -> None:
    host = index.server.base.removeprefix("http://")
    index.environ["PIP_INDEX_URL"] = f"http://user:p%40ss@{host}/simple"
    index.environ["PIP_EXTRA_INDEX_URL"] = "http://127.0.0.1:9/simple"
    index.publish("some-server", "1.0")
    made = PypiSource(store, index.environ)
    assert made.fetch(SOME).size > 0
    assert made.config.ignored == ("extra-index-url",)
    sent = {headers.get("Authorization") for _, headers in index.server.requests}
    assert sent == {"Basic dXNlcjpwQHNz"}
    # A name that only the extra index has is somebody else's to publish on this one.
    with pytest.raises(Refused) as caught:
        made.fetch(reference("nothing", "1.0"))
    assert "extra-index-url" in caught.value.hint


def test_netrc_is_for_its_own_host(tmp_path: Path) -> None:
    (tmp_path / "netrc").write_text("machine h.example.com login u password p\n")
    (tmp_path / "netrc").chmod(0o600)
    environ = {"NETRC": str(tmp_path / "netrc")}
    assert netrc.authorization("h.example.com", environ) == "Basic dTpw"
    assert netrc.authorization("other.example.com", environ) == ""


def test_a_workspaces_pip_conf_has_no_say(
    index: Index, server: FaultServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("pip.conf", "pip.ini", "setup.cfg"):
        (tmp_path / name).write_text("[global]\nindex-url = http://127.0.0.1:9/\n")
    (tmp_path / "pip.py").write_text("raise SystemExit('pip of the workspace')")
    monkeypatch.chdir(tmp_path)
    assert pipconf.read(index.environ).index == server.url("/simple/")


def test_no_index_says_that_there_is_none_to_ask(index: Index) -> None:
    index.environ["PIP_NO_INDEX"] = "1"
    with pytest.raises(Undecided, match="no-index"):
        pipconf.read(index.environ)


def test_pip_without_configuration_has_an_index_of_its_own(index: Index) -> None:
    del index.environ["PIP_INDEX_URL"]
    assert pipconf.read(index.environ).index.startswith("https://")

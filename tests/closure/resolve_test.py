"""Resolving runs nothing, obeys nobody's settings, and gives the same bytes for the same instant.

Real npm and real uv resolve from registries on loopback.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.support import faults
from tests.support.faults import FaultServer, serving
from tests.support.packages import Index, Npm, sri

from assay.artefact.reference import Reference
from assay.artefact.reference import npm as npm_reference
from assay.artefact.reference import pypi as pypi_reference
from assay.artefact.source import Sources
from assay.artefact.store import Store
from assay.closure import Closure, hold, parse, resolve
from assay.errors import Refused, Undecided
from assay.reason import Reason

AT = datetime(2026, 6, 1, tzinfo=UTC)
SERVER = npm_reference("@scope/server", "1.0.0")
PYTHON = pypi_reference("some-server", "1.0")

# Every setting of npm's that could change what is resolved, set to what would.
HOSTILE = """
before=2020-01-01
cpu=none
force=true
global=true
ignore-scripts=false
include[]=dev
install-links=true
install-strategy=nested
legacy-peer-deps=true
libc=none
lockfile-version=1
min-release-age=9999
offline=true
omit[]=optional
omit[]=peer
os=none
package-lock=false
prefer-dedupe=true
prefix=/nonexistent
save-exact=true
script-shell=/bin/false
shrinkwrap=false
strict-peer-deps=true
tag=beta
workspaces=true
"""


@pytest.fixture
def server() -> Iterator[FaultServer]:
    with serving() as made:
        yield made


@pytest.fixture
def npm(server: FaultServer, tmp_path: Path) -> Npm:
    made = Npm(server, tmp_path / "home")
    made.publish(
        "@scope/server",
        "1.0.0",
        dependencies={"dep": "^1.0.0", "renamed": "npm:dep@1.0.0"},
        optionalDependencies={"only-mac": "1.0.0"},
        peerDependencies={"peer": "*"},
        devDependencies={"never": "1.0.0"},
        bin={"server": "index.js"},
        scripts={"prepare": "exit 1"},
    )
    made.publish("dep", "1.0.0")
    made.publish("dep", "1.1.0")
    made.publish("dep", "1.2.0", published="2026-07-01T00:00:00.000Z")
    made.publish("only-mac", "1.0.0", os=["darwin"], cpu=["arm64"])
    made.publish("peer", "3.0.0")
    return made


@pytest.fixture
def index(server: FaultServer, tmp_path: Path) -> Index:
    made = Index(server, tmp_path / "home")
    made.publish("some-server", "1.0", requires=("dep>=1", "win; sys_platform == 'win32'"))
    made.publish("dep", "1.0")
    made.publish("dep", "1.1")
    made.publish("dep", "1.1", file_name="dep-1.1.tar.gz", raw=b"sdist")
    made.publish("dep", "1.2", uploaded="2026-07-01T00:00:00.000000Z")
    made.publish("win", "2.0")
    return made


def sources(made: Npm | Index, tmp_path: Path) -> Sources:
    return Sources(Store(tmp_path / "store"), made.environ)


def lock(reference: Reference, given: Sources) -> Closure:
    raw = resolve(reference, resolved_at=AT, sources=given)
    closure, findings = parse(reference, raw, "lock")
    assert findings == []
    assert closure is not None
    return closure


def versions(closure: Closure) -> dict[str, str]:
    return {package.path or package.name: package.version for package in closure.packages}


def test_npms_closure_is_whole_plain_and_as_of_its_instant(npm: Npm, tmp_path: Path) -> None:
    given = sources(npm, tmp_path)
    closure = lock(SERVER, given)
    assert versions(closure) == {
        "node_modules/@scope/server": "1.0.0",
        "node_modules/dep": "1.1.0",
        "node_modules/only-mac": "1.0.0",
        "node_modules/peer": "3.0.0",
        "node_modules/renamed": "1.0.0",
    }
    renamed = next(one for one in closure.packages if one.path == "node_modules/renamed")
    assert renamed.purl == "pkg:npm/dep@1.0.0"
    mac = next(one for one in closure.packages if one.name == "only-mac")
    assert (mac.optional, mac.platform.os, mac.platform.cpu) == (True, ("darwin",), ("arm64",))
    assert list(hold(closure, given, given.fetch(SERVER))) == []


def test_the_lock_names_no_host_and_is_no_ones_but_the_instants(npm: Npm, tmp_path: Path) -> None:
    raw = resolve(SERVER, resolved_at=AT, sources=sources(npm, tmp_path))
    assert b"127.0.0.1" not in raw
    assert b"resolved" not in raw
    (tmp_path / "home" / ".npmrc").write_text(HOSTILE)
    (tmp_path / "home" / "global-npmrc").write_text(HOSTILE)
    npm.environ["npm_config_legacy_peer_deps"] = "true"
    npm.environ["NODE_OPTIONS"] = "--require=/nonexistent"
    assert resolve(SERVER, resolved_at=AT, sources=sources(npm, tmp_path)) == raw


def test_the_folder_where_it_runs_has_no_say(
    npm: Npm, index: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = resolve(SERVER, resolved_at=AT, sources=sources(npm, tmp_path))
    second = resolve(PYTHON, resolved_at=AT, sources=sources(index, tmp_path))
    workspace = tmp_path / "workspace"
    workspace.mkdir()
    (workspace / ".npmrc").write_text("registry=http://127.0.0.1:9/\n")
    (workspace / "package.json").write_text('{"overrides": {"dep": "1.0.0"}, "workspaces": ["*"]}')
    (workspace / "uv.toml").write_text('index-url = "http://127.0.0.1:9/"\n')
    (workspace / "pyproject.toml").write_text('[tool.uv]\nconstraint-dependencies = ["dep<1.1"]\n')
    monkeypatch.chdir(workspace)
    monkeypatch.setattr(tempfile, "tempdir", str(workspace))
    assert resolve(SERVER, resolved_at=AT, sources=sources(npm, tmp_path)) == first
    assert resolve(PYTHON, resolved_at=AT, sources=sources(index, tmp_path)) == second


@pytest.mark.parametrize("place", ["git+https://{}/x.git", "http://{}/x.tgz", "file:../../etc"])
def test_a_dependency_from_elsewhere_is_refused_and_not_asked_for(
    npm: Npm, tmp_path: Path, place: str
) -> None:
    with serving() as elsewhere:
        address = place.format(elsewhere.base.removeprefix("http://"))
        npm.publish("@scope/server", "1.0.0", dependencies={"dep": address})
        with pytest.raises(Refused) as caught:
            resolve(SERVER, resolved_at=AT, sources=sources(npm, tmp_path))
        assert caught.value.reason is Reason.ARTEFACT_INVALID
        assert elsewhere.requests == []


def test_an_install_script_is_a_finding_and_is_not_run(npm: Npm, tmp_path: Path) -> None:
    trace = tmp_path / "ran"
    npm.publish("dep", "1.1.0", scripts={"postinstall": f"touch {trace}"})
    raw = resolve(SERVER, resolved_at=AT, sources=sources(npm, tmp_path))
    _, findings = parse(SERVER, raw, "lock")
    assert any("install script" in finding.message for finding in findings)
    assert findings[0].fix == "ship it as an image or .mcpb"
    assert not trace.exists()


def test_a_version_newer_than_the_instant_is_not_there(npm: Npm, tmp_path: Path) -> None:
    reference = npm_reference("dep", "1.2.0")
    with pytest.raises(Refused) as caught:
        resolve(reference, resolved_at=AT, sources=sources(npm, tmp_path))
    assert caught.value.reason is Reason.NOT_FOUND
    assert "later instant" in caught.value.hint


def test_a_registry_that_is_away_is_undecided(npm: Npm, tmp_path: Path) -> None:
    given = sources(npm, tmp_path)
    _ = given.npm.config
    npm.server["/@scope%2fserver"] = faults.status(403)
    with pytest.raises(Undecided) as caught:
        resolve(SERVER, resolved_at=AT, sources=given)
    assert caught.value.reason is Reason.UNREACHABLE


def test_a_fake_under_a_good_name_is_told_by_the_registry(npm: Npm, tmp_path: Path) -> None:
    given = sources(npm, tmp_path)
    raw = resolve(SERVER, resolved_at=AT, sources=given)
    # The fake's own integrity: npm would install it from wherever ``resolved`` led to.
    fake = npm.publish("fake", "1.1.0")
    data = json.loads(raw)
    data["packages"]["node_modules/dep"]["integrity"] = sri(fake)
    closure, findings = parse(SERVER, (json.dumps(data, indent=2) + "\n").encode(), "lock")
    assert findings == []
    assert closure is not None
    told = list(hold(closure, given, given.fetch(SERVER)))
    assert [finding.rule for finding in told] == ["lock-true"]
    assert "dep 1.1.0 is locked as" in told[0].message
    assert told[0].line == next(one.line for one in closure.packages if one.name == "dep")


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"version": "1.9.9"}, "is not in the registry"),
        ({"dependencies": {"peer": "*"}}, "does not want peer"),
    ],
)
def test_what_the_registry_does_not_bear_out_is_found(
    npm: Npm, tmp_path: Path, values: dict[str, object], why: str
) -> None:
    given = sources(npm, tmp_path)
    data = json.loads(resolve(SERVER, resolved_at=AT, sources=given))
    data["packages"]["node_modules/dep"].update(values)
    closure, findings = parse(SERVER, (json.dumps(data, indent=2) + "\n").encode(), "lock")
    assert findings == []
    assert closure is not None
    assert [why in finding.message for finding in hold(closure, given)] == [True]


def test_a_script_that_the_lock_hides_is_found(npm: Npm, tmp_path: Path) -> None:
    npm.publish("dep", "1.1.0", scripts={"postinstall": "x"})
    given = sources(npm, tmp_path)
    data = json.loads(resolve(SERVER, resolved_at=AT, sources=given))
    del data["packages"]["node_modules/dep"]["hasInstallScript"]
    closure, _ = parse(SERVER, (json.dumps(data, indent=2) + "\n").encode(), "lock")
    assert closure is not None
    assert ["install script" in finding.message for finding in hold(closure, given)] == [True]


def test_the_artefacts_own_node_must_be_the_artefact(
    npm: Npm, index: Index, tmp_path: Path
) -> None:
    given = sources(npm, tmp_path)
    closure = lock(SERVER, given)
    other = given.fetch(npm_reference("dep", "1.0.0"))
    told = list(hold(closure, given, other))
    assert ["the artefact has" in finding.message for finding in told] == [True]
    theirs = sources(index, tmp_path)
    python = lock(PYTHON, theirs)
    told = list(hold(python, theirs, theirs.fetch(pypi_reference("dep", "1.0"))))
    assert ["the artefact has" in finding.message for finding in told] == [True]


def test_pythons_closure_is_wheels_of_every_platform_as_of_its_instant(
    index: Index, tmp_path: Path
) -> None:
    given = sources(index, tmp_path)
    closure = lock(PYTHON, given)
    assert versions(closure) == {"dep": "1.1", "some-server": "1.0", "win": "2.0"}
    win = next(one for one in closure.packages if one.name == "win")
    assert win.marker == "sys_platform == 'win32'"
    dep = next(one for one in closure.packages if one.name == "dep")
    assert len(dep.integrity) == 1  # the wheel's, not the source distribution's
    assert list(hold(closure, given, given.fetch(PYTHON))) == []
    raw = resolve(PYTHON, resolved_at=AT, sources=given)
    assert b"127.0.0.1" not in raw
    index.environ |= {
        "UV_RESOLUTION": "lowest",
        "UV_INDEX": "http://127.0.0.1:9/",
        "UV_OFFLINE": "1",
    }
    (tmp_path / "home" / ".config" / "uv").mkdir(parents=True)
    (tmp_path / "home" / ".config" / "uv" / "uv.toml").write_text("offline = true\n")
    assert resolve(PYTHON, resolved_at=AT, sources=sources(index, tmp_path)) == raw


def test_what_has_a_source_distribution_alone_is_refused_and_not_built(
    index: Index, tmp_path: Path
) -> None:
    index.publish("some-server", "2.0", requires=("only-sdist",))
    index.publish("only-sdist", "1.0", file_name="only_sdist-1.0.tar.gz", raw=b"sdist")
    reference = pypi_reference("some-server", "2.0")
    with pytest.raises(Refused) as caught:
        resolve(reference, resolved_at=AT, sources=sources(index, tmp_path))
    assert caught.value.reason is Reason.ARTEFACT_INVALID


def test_a_dependency_on_an_address_never_becomes_a_python_lock(
    index: Index, tmp_path: Path
) -> None:
    address = index.server.url("/files/dep-1.0-py3-none-any.whl")
    index.publish("some-server", "3.0", requires=(f"dep @ {address}",))
    reference = pypi_reference("some-server", "3.0")
    with pytest.raises((Refused, Undecided)) as caught:
        resolve(reference, resolved_at=AT, sources=sources(index, tmp_path))
    assert isinstance(caught.value, (Refused, Undecided))
    assert caught.value.reason in (Reason.ARTEFACT_INVALID, Reason.TOOL_FAILED)


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("--hash=sha256:", "--hash=sha256:", ""),
        ("dep==1.1", "dep==1.7", "is not in the registry"),
    ],
)
def test_a_python_lock_is_held_against_the_index(
    index: Index, tmp_path: Path, old: str, new: str, why: str
) -> None:
    given = sources(index, tmp_path)
    text = resolve(PYTHON, resolved_at=AT, sources=given).decode().replace(old, new)
    closure, findings = parse(PYTHON, text.encode(), "lock")
    assert findings == []
    assert closure is not None
    assert [why in finding.message for finding in hold(closure, given)] == ([True] if why else [])


def test_a_hash_that_no_file_has_and_that_of_a_source_distribution_are_found(
    index: Index, tmp_path: Path
) -> None:
    given = sources(index, tmp_path)
    text = resolve(PYTHON, resolved_at=AT, sources=given).decode()
    wheel = next(one for one in lock(PYTHON, given).packages if one.name == "dep").integrity[0]
    for digest, why in (
        ("0" * 64, "no file with"),
        (hashlib.sha256(b"sdist").hexdigest(), "is no wheel"),
    ):
        lied = text.replace(wheel, f"sha256:{digest}")
        closure, _ = parse(PYTHON, lied.encode(), "lock")
        assert closure is not None
        assert [why in finding.message for finding in hold(closure, given)] == [True]


def test_a_yanked_release_is_a_warning(index: Index, tmp_path: Path) -> None:
    given = sources(index, tmp_path)
    closure = lock(PYTHON, given)
    index.files["dep"][1]["yanked"] = "broken"
    told = list(hold(closure, sources(index, tmp_path)))
    assert [(finding.severity, "was yanked: broken" in finding.message) for finding in told] == [
        ("warning", True)
    ]


def test_a_registry_that_fails_in_the_middle_of_holding_is_undecided(
    npm: Npm, tmp_path: Path
) -> None:
    closure = lock(SERVER, sources(npm, tmp_path))
    npm.server["/dep/1.1.0"] = faults.status(403)
    with pytest.raises(Undecided) as caught:
        list(hold(closure, sources(npm, tmp_path)))
    assert caught.value.reason is Reason.UNREACHABLE

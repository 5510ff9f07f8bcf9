"""The same instant gives the same bytes on any machine, and one lock serves every platform."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.support.faults import serving
from tests.support.packages import Index, Npm

from assay.artefact import npmrc
from assay.artefact.reference import npm as npm_reference
from assay.artefact.reference import parse as reference_of
from assay.artefact.reference import pypi as pypi_reference
from assay.artefact.source import Sources, open_sources
from assay.artefact.store import Store
from assay.closure import parse, resolve
from assay.closure.python import _environ as index_environment

ROOT = Path(__file__).parents[2]
AT = datetime(2026, 6, 1, tzinfo=UTC)
SERVER = npm_reference("server", "1.0.0")
PYTHON = pypi_reference("some-server", "1.0")


@pytest.fixture
def npm(tmp_path: Path) -> Iterator[Npm]:
    with serving() as server:
        made = Npm(server, tmp_path / "home")
        made.publish(
            "server",
            "1.0.0",
            dependencies={"a": "^1.0.0", "b": "^1.0.0"},
            optionalDependencies={"only-mac": "1.0.0", "only-windows": "1.0.0"},
            peerDependencies={"peer": "*"},
        )
        made.publish("a", "1.0.0", dependencies={"shared": "1.0.0"})
        made.publish("b", "1.0.0", dependencies={"shared": "^1.0.0"}, engines={"node": ">=99"})
        made.publish("shared", "1.0.0")
        made.publish("shared", "1.1.0")
        made.publish("peer", "3.0.0")
        made.publish("only-mac", "1.0.0", os=["darwin"], cpu=["arm64"])
        made.publish("only-windows", "1.0.0", os=["win32"], cpu=["x64"])
        yield made


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    with serving() as server:
        made = Index(server, tmp_path / "home")
        made.publish("some-server", "1.0", requires=("dep>=1", "win; sys_platform == 'win32'"))
        for version in ("1.0", "1.1", "1.2rc1"):
            made.publish("dep", version)
        made.publish("win", "2.0")
        yield made


def locked(made: Npm | Index, tmp_path: Path) -> bytes:
    reference = SERVER if isinstance(made, Npm) else PYTHON
    given = Sources(Store(tmp_path / "store"), made.environ)
    return resolve(reference, resolved_at=AT, sources=given)


NPMRC = {
    "what-is-left-out": "omit[]=optional\nomit[]=peer\nonly=prod\nproduction=true\n",
    "peers": "legacy-peer-deps=true\nstrict-peer-deps=true\nforce=true\n",
    "saving": "save-prefix=~\nsave-exact=true\nsave=false\npackage-lock=false\n",
    "another-machine": "os=win32\ncpu=ia32\nlibc=musl\nengine-strict=true\n",
    "shape": "install-strategy=linked\nlockfile-version=1\nprefer-dedupe=true\nshrinkwrap=false\n",
    "time": "before=2020-01-01\nmin-release-age=3650\ntag=next\nprefer-offline=true\n",
}


@pytest.mark.parametrize("kind", NPMRC)
def test_no_setting_of_npms_changes_a_byte(npm: Npm, tmp_path: Path, kind: str) -> None:
    plain = locked(npm, tmp_path)
    assert b'"node_modules/only-windows"' in plain
    (tmp_path / "home" / ".npmrc").write_text(NPMRC[kind])
    (tmp_path / "home" / "global-npmrc").write_text(NPMRC[kind])
    settings = [line.partition("=") for line in NPMRC[kind].splitlines() if "[" not in line]
    npm.environ |= {f"NPM_CONFIG_{key.upper().replace('-', '_')}": v for key, _, v in settings}
    npm.environ |= {
        "NODE_ENV": "production",
        "CI": "true",
        "LANG": "tr_TR.UTF-8",
        "TZ": "Asia/Aden",
    }
    assert locked(npm, tmp_path) == plain


def test_a_used_cache_changes_no_byte(npm: Npm, tmp_path: Path) -> None:
    plain = locked(npm, tmp_path)
    npm.environ["npm_config_cache"] = str(tmp_path / "another")
    assert locked(npm, tmp_path) == plain
    assert locked(npm, tmp_path) == plain


def test_no_setting_of_pips_or_uvs_changes_a_byte(index: Index, tmp_path: Path) -> None:
    plain = locked(index, tmp_path)
    pins = tmp_path / "pins.txt"
    pins.write_text("dep==1.0\n")
    pip = tmp_path / "pip.conf"
    pip.write_text(
        f"[global]\nindex-url = {index.environ['PIP_INDEX_URL']}\npre = true\n"
        f"constraint = {pins}\nno-deps = true\nno-binary = :all:\nonly-binary = dep\n"
    )
    folder = tmp_path / "home" / ".config" / "uv"
    folder.mkdir(parents=True)
    settings = 'prerelease = "allow"\nresolution = "lowest"\nno-binary = true\n'
    (folder / "uv.toml").write_text(settings)
    (tmp_path / "uv.toml").write_text(settings)
    index.environ |= {
        "PIP_CONFIG_FILE": str(pip),
        "PIP_CONSTRAINT": str(pins),
        "PIP_PRE": "1",
        "UV_CONFIG_FILE": str(tmp_path / "uv.toml"),
        "UV_CONSTRAINT": str(pins),
        "UV_OVERRIDE": str(pins),
        "UV_EXCLUDE_NEWER": "2020-01-01",
        "UV_PRERELEASE": "allow",
        "UV_RESOLUTION": "lowest",
        "UV_FORK_STRATEGY": "fewest",
        "UV_INDEX_STRATEGY": "unsafe-best-match",
        "UV_NO_BINARY": "1",
        "UV_PYTHON": "3.9",
        "UV_CUSTOM_COMPILE_COMMAND": "evil",
        "XDG_CONFIG_HOME": str(tmp_path / "home" / ".config"),
        "VIRTUAL_ENV": "/nonexistent",
        "CONDA_PREFIX": "/nonexistent",
        "LANG": "tr_TR.UTF-8",
        "TZ": "Asia/Aden",
    }
    assert locked(index, tmp_path) == plain


# -- the real registries: one lock, every platform ---------------------------------------------

NPM_PLATFORMS = {
    "win32-x64": ("--os=win32", "--cpu=x64"),
    "darwin-arm64": ("--os=darwin", "--cpu=arm64"),
    "linux-x64": ("--os=linux", "--cpu=x64", "--libc=glibc"),
}
NATIVE = npm_reference("@napi-rs/canvas", "0.1.80")


@pytest.mark.full
def test_npms_lock_holds_the_packages_of_every_platform(tmp_path: Path) -> None:
    given = open_sources(Store(tmp_path / "store"))
    raw = resolve(NATIVE, resolved_at=datetime(2026, 11, 1, tzinfo=UTC), sources=given)
    closure, findings = parse(NATIVE, raw, "lock")
    assert findings == []
    assert closure is not None
    wanted = given.npm.manifest(NATIVE.name, NATIVE.version).optional_dependencies
    assert len(wanted) > 5
    assert wanted.keys() <= {package.name for package in closure.packages}
    assert all(package.integrity for package in closure.packages)
    for platform, flags in NPM_PLATFORMS.items():
        folder = tmp_path / platform
        folder.mkdir()
        (folder / "package-lock.json").write_bytes(raw)
        wants = {"dependencies": {NATIVE.name: NATIVE.version}}
        (folder / "package.json").write_text(json.dumps(wants))
        words = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", *flags]
        words += given.npm.config.flags
        done(words, folder, npmrc.isolated(given.npm.config, given.npm.environ))
        laid = {path.name for path in (folder / "node_modules" / "@napi-rs").iterdir()}
        assert len(laid) == 2, laid  # the package and what is this platform's alone
        assert any(name.startswith(f"canvas-{platform}") for name in laid), laid


@pytest.mark.full
@pytest.mark.parametrize("platform", ["windows", "macos", "aarch64-apple-darwin", "linux"])
@pytest.mark.parametrize("name", ["time", "git"])
def test_a_python_lock_installs_on_every_platform(tmp_path: Path, name: str, platform: str) -> None:
    lock = ROOT / "servers" / f"{name}.requirements.txt"
    given = open_sources(Store(tmp_path / "store"))
    uv = str(Path(sys.executable).with_name("uv"))
    words = [uv, "pip", "install", "--no-config", "--require-hashes", "--no-deps"]
    words += ["--only-binary=:all:", f"--python-platform={platform}", "--python-version=3.12"]
    words += [f"--target={tmp_path / 'site'}", "--quiet", "-r", str(lock)]
    done(words, tmp_path, index_environment(given.pypi))
    entry = (ROOT / "servers" / f"{name}.yaml").read_text()
    url = next(line.split()[1] for line in entry.splitlines() if line.startswith("  url:"))
    package = reference_of(url).name.replace("-", "_")
    assert list((tmp_path / "site").glob(f"{package}-*.dist-info"))
    native = {path.suffix for path in (tmp_path / "site").rglob("*.pyd")}
    assert native == ({".pyd"} if platform == "windows" else set())


def done(words: list[str], folder: Path, environ: Mapping[str, str]) -> None:
    ran = subprocess.run(words, cwd=folder, env=dict(environ), capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr

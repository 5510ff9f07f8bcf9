"""Which packages of a closure a machine gets, by npm's rules and by Python's markers."""

from __future__ import annotations

import platform
import sys
from pathlib import Path

import pytest

from assay.client import commands, environment, interpreter, parameters
from assay.client.interpreter import Interpreter
from assay.client.plan import plan
from assay.closure.model import Closure, Package, PlatformLimits
from assay.entry.model import Launch, Parameter
from assay.errors import Refused
from assay.reason import Reason

NODE = Interpreter("node", Path("/n"), {"os": "linux", "cpu": "x64", "libc": "glibc"}, "")
MAC = Interpreter("node", Path("/n"), {"os": "darwin", "cpu": "arm64", "libc": ""}, "")


def npm(name: str, limits: PlatformLimits | None = None, *, optional: bool = False) -> Package:
    return Package(
        "npm", name.rpartition("/")[2], "1.0.0", (), 1,
        path=f"node_modules/{name}", optional=optional, platform=limits or PlatformLimits(),
    )  # fmt: skip


def laid(here: Interpreter, *packages: Package) -> list[str]:
    root = npm("root")
    closure = Closure("npm", "lock", (root, *packages), root)
    return [step.folder.removeprefix("node_modules/") for step in plan(closure, here)]


@pytest.mark.parametrize(
    ("limits", "linux", "mac"),
    [
        (PlatformLimits(), True, True),
        (PlatformLimits(os=("linux",)), True, False),
        (PlatformLimits(os=("darwin", "linux"), cpu=("x64",)), True, False),
        (PlatformLimits(os=("!linux",)), False, True),
        (PlatformLimits(os=("any",)), True, True),
        (PlatformLimits(os=("linux",), libc=("musl",)), False, False),
        (PlatformLimits(libc=("glibc",)), True, False),
        (PlatformLimits(cpu=("!x64", "!ia32")), False, True),
    ],
)
def test_npms_limits_decide_over_an_optional_package(
    limits: PlatformLimits, linux: bool, mac: bool
) -> None:
    package = npm("native", limits, optional=True)
    assert ("native" in laid(NODE, package)) is linux
    assert ("native" in laid(MAC, package)) is mac


def test_a_package_that_is_needed_and_does_not_run_here_refuses() -> None:
    with pytest.raises(
        Refused, match=r"pkg:npm/native@1\.0\.0 does not run on linux on x64"
    ) as one:
        laid(NODE, npm("native", PlatformLimits(os=("win32",))))
    assert one.value.reason is Reason.ARTEFACT_UNSUPPORTED


def test_what_a_left_out_package_brings_is_left_out() -> None:
    native = npm("native", PlatformLimits(os=("win32",)), optional=True)
    assert laid(NODE, native, npm("native/node_modules/inner", optional=True), npm("x")) == [
        "root",
        "x",
    ]


def test_pythons_markers_are_those_of_the_interpreter_that_will_run() -> None:
    told = {"markers": {"sys_platform": "win32", "python_full_version": "3.12.1"}, "tags": []}
    windows = Interpreter("python", Path("/p"), told, "")
    root = Package("pypi", "root", "1", (), 1)
    here = Package("pypi", "here", "1", (), 2, marker="sys_platform == 'win32'")
    other = Package("pypi", "other", "1", (), 3, marker="sys_platform == 'linux'")
    extra = Package("pypi", "extra", "1", (), 4, marker="extra == 'more'")
    closure = Closure("pypi", "lock", (root, here, other, extra), root)
    assert [step.package.name for step in plan(closure, windows)] == ["root", "here"]


def test_an_interpreter_is_asked_once_and_again_when_it_changes(tmp_path: Path) -> None:
    state, folder = tmp_path / "state", Path("/nonexistent")
    python = Path(sys.executable)
    first = interpreter.open_interpreter("python", python, state, folder)
    assert first.markers["python_version"] == ".".join(platform.python_version_tuple()[:2])
    assert "py3-none-any" in first.tags
    (kept,) = (state / "interpreters").iterdir()
    kept.write_text(kept.read_text().replace('"cache_tag": "', '"cache_tag": "remembered-'))
    again = interpreter.open_interpreter("python", python, state, folder)
    assert again.text("cache_tag").startswith("remembered-")
    assert again.identity != first.identity
    kept.write_text("{")
    assert interpreter.open_interpreter("python", python, state, folder) == first


def test_an_interpreter_in_the_opened_folder_is_none(tmp_path: Path) -> None:
    path = tmp_path / "python"
    path.symlink_to(sys.executable)
    with pytest.raises(Refused, match="lies in the opened folder") as caught:
        interpreter.open_interpreter("python", path, tmp_path / "state", tmp_path)
    assert caught.value.reason is Reason.INTERPRETER_MISSING


def test_a_file_that_is_no_programme_is_no_interpreter(tmp_path: Path) -> None:
    (tmp_path / "python").write_text("")
    with pytest.raises(Refused, match="can't be executed"):
        interpreter.open_interpreter("python", tmp_path / "python", tmp_path, Path("/nonexistent"))


def test_a_command_is_the_one_named_the_only_one_or_the_one_like_the_package() -> None:
    assert commands.pick({"x": "a"}, "", "@scope/name") == "a"
    assert commands.pick({"x": "a", "name": "b"}, "", "@scope/name") == "b"
    assert commands.pick({"x": "a", "name": "b"}, "x", "@scope/name") == "a"
    for found in ({}, {"x": "a", "y": "b"}):
        with pytest.raises(Refused) as caught:
            commands.pick(found, "", "@scope/name")
        assert caught.value.reason is Reason.ARTEFACT_UNSUPPORTED


def test_two_versions_of_a_package_are_never_laid_together() -> None:
    told = {"markers": {"python_version": "3.12"}, "tags": []}
    python = Interpreter("python", Path("/p"), told, "")
    root = Package("pypi", "root", "1", (), 1)
    old = Package("pypi", "twice", "1", (), 2, marker="python_version < '3.12'")
    new = Package("pypi", "twice", "2", (), 3, marker="python_version >= '3.12'")
    both = Package("pypi", "twice", "3", (), 4, marker="python_version >= '3.11'")
    assert len(plan(Closure("pypi", "lock", (root, old, new), root), python)) == 2
    with pytest.raises(Refused) as caught:
        plan(Closure("pypi", "lock", (root, old, new, both), root), python)
    assert caught.value.reason is Reason.LOCK_UNTRUE


@pytest.mark.parametrize("path", ["../../evil.js", "/etc/passwd", "gone.js", "a/../../../x"])
def test_a_command_outside_its_package_or_not_there_is_none(tmp_path: Path, path: str) -> None:
    (tmp_path / "p").mkdir()
    (tmp_path / "p/package.json").write_text(f'{{"bin": {{"x": "{path}", "y": "./ok.js"}}}}')
    if path.startswith("..") or path.startswith("a/"):
        with pytest.raises(Refused) as caught:
            commands.npm_commands(tmp_path, {"p/ok.js": 1}, "p", "p")
        assert caught.value.reason is Reason.ARTEFACT_INVALID
    else:
        assert commands.npm_commands(tmp_path, {"p/ok.js": 1}, "p", "p") == {"y": "p/ok.js"}


@pytest.mark.parametrize("told", ["x = os:system('evil')", "x = __import__", "x = a b:c;d"])
def test_an_entry_point_that_is_no_object_is_refused(tmp_path: Path, told: str) -> None:
    (tmp_path / "x-1.dist-info").mkdir()
    name = "x-1.dist-info/entry_points.txt"
    (tmp_path / name).write_text(f"[console_scripts]\n{told}\n")
    with pytest.raises(Refused) as caught:
        commands.python_commands(tmp_path, {name: 1}, "x")
    assert caught.value.reason is Reason.ARTEFACT_INVALID


def test_a_persons_parameters_come_from_their_own_file(tmp_path: Path) -> None:
    path = tmp_path / "clock.toml"
    path.write_text('zone = "UTC"\nfolders = ["~/a", "/b"]\ndepth = 3\nall = true\n')
    told = parameters.stored(path, Path("/home/ada"))
    assert told == {
        "zone": ["UTC"],
        "folders": ["/home/ada/a", "/b"],
        "depth": ["3"],
        "all": ["true"],
    }
    assert parameters.stored(tmp_path / "none.toml", tmp_path) == {}
    path.chmod(0o666)
    with pytest.raises(Refused, match="by somebody else") as caught:
        parameters.stored(path, tmp_path)
    assert caught.value.reason is Reason.PARAMETER_INVALID


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ("string", "a b", "-x"),
        ("string", "é", "a\nb"),
        ("integer", "-12", "1e3"),
        ("boolean", "true", "True"),
        ("folder", "/", "usr"),
        ("folder", "/usr", "/etc/passwd"),
        ("path", "/etc/passwd", "/nonexistent/x"),
    ],
)
def test_a_parameter_is_held_to_its_kind(kind: str, good: str, bad: str) -> None:
    declared = Parameter("it", kind, required=True, multiple=False, description="")
    launch = Launch("", ("${it}",), (), (declared,))
    assert parameters.arguments(launch, {"it": [good]}) == [good]
    with pytest.raises(Refused) as caught:
        parameters.arguments(launch, {"it": [bad]})
    assert caught.value.reason is Reason.PARAMETER_INVALID


def test_npm_and_pip_are_told_roads_and_nothing_that_is_code(tmp_path: Path) -> None:
    given = {
        "HTTPS_PROXY": "http://proxy.example.com",
        "npm_config_registry": "https://mirror.example.com/",
        "PIP_INDEX_URL": "https://mirror.example.com/simple",
        "PIP_PYTHON": "/evil",
        "PIP_CONFIG_FILE": "/evil",
        "npm_config_userconfig": "/evil",
        "NODE_OPTIONS": "--require=/evil",
        "LD_PRELOAD": "/evil",
        "PATH": "/evil",
        "HOME": "/evil",
    }
    told = environment.for_fetching(given, (Path("/opt/node/bin/node"), None), tmp_path)
    assert told["PATH"].startswith("/opt/node/bin:/usr/bin")
    assert {"HTTPS_PROXY", "npm_config_registry", "PIP_INDEX_URL"} <= set(told)
    assert "/evil" not in "".join(told.values())

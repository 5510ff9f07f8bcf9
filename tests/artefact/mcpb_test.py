"""What an MCP bundle says of itself, and what of that is refused."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from assay.artefact import mcpb
from assay.artefact.mcpb import Bundle
from assay.artefact.mcpbstart import Manifest, Start, expand
from assay.checks.mcpb_manifest import judge
from assay.errors import Refused
from assay.finding import Severity
from assay.reason import Reason

FILES = ("server/index.js", "server/main.py", "server/tool", "server/tool.exe", "server/lib/x.py")
DIRECTORY = {"type": "directory", "title": "Folders", "description": "Which.", "multiple": True}
KEY = {"type": "string", "title": "Key", "description": "Which.", "sensitive": True}


def manifest(**changed: Any) -> dict[str, Any]:
    """A whole manifest of the kind that is packed most."""
    start = {
        "command": "node",
        "args": ["${__dirname}/server/index.js", "${user_config.folders}"],
        "env": {"KEY": "${user_config.key}"},
    }
    return {
        "manifest_version": "0.3",
        "name": "clock",
        "version": "1.2.0",
        "description": "Tells the time.",
        "author": {"name": "Ann"},
        "license": "MIT",
        "repository": {"type": "git", "url": "https://git.example.com/clock"},
        "server": {"type": "node", "entry_point": "server/index.js", "mcp_config": start},
        "user_config": {"folders": DIRECTORY, "key": KEY},
        "tools": [{"name": "now", "description": "Whatever\u202e it is."}],
        "compatibility": {"platforms": ["darwin", "linux", "win32"], "runtimes": {"node": ">=18"}},
        **changed,
    }


def server(kind: str = "node", entry: str = "server/index.js", **config: Any) -> dict[str, Any]:
    """A manifest that starts what ``config`` says."""
    told = {"command": "node", "args": ["${__dirname}/server/index.js"], **config}
    return manifest(server={"type": kind, "entry_point": entry, "mcp_config": told})


def packed(folder: Path, told: object, files: tuple[str, ...] = FILES) -> Path:
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w") as archive:
        archive.writestr("manifest.json", told if isinstance(told, str) else json.dumps(told))
        for name in files:
            archive.writestr(name, "x")
    path = folder / "clock.mcpb"
    path.write_bytes(raw.getvalue())
    return path


def parsed(told: dict[str, Any]) -> Manifest:
    return mcpb.parse(json.dumps(told).encode(), label="clock.mcpb")


def wrong(told: dict[str, Any], version: str = "1.2.0") -> list[str]:
    found = judge(Bundle(parsed(told), frozenset((*FILES, "manifest.json"))), version)
    return list(dict.fromkeys(item.message for item in found))


def test_a_bundle_is_read_with_its_files(tmp_path: Path) -> None:
    bundle = mcpb.read(packed(tmp_path, manifest()), label="clock.mcpb")
    assert bundle.files == {*FILES, "manifest.json"}
    told = bundle.manifest
    assert (told.name, told.version, told.kind) == ("clock", "1.2.0", "node")
    assert (told.author, told.licence) == ("Ann", "MIT")
    assert told.repository == "https://git.example.com/clock"
    assert told.options["folders"].multiple
    assert told.options["key"].sensitive
    assert told.runtimes == {"node": ">=18"}
    assert wrong(manifest()) == []


@pytest.mark.parametrize("key", ["manifest_version", "dxt_version"])
@pytest.mark.parametrize("version", ["0.1", "0.2", "0.3", "0.4"])
def test_each_known_version_of_the_format_is_read(key: str, version: str) -> None:
    told = manifest()
    del told["manifest_version"]
    assert parsed({**told, key: version}).format == version


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"manifest_version": "9.9"}, "manifest_version is `9.9`"),
        ({"manifest_version": 0.3}, "manifest_version"),
        ({"dxt_version": "0.1"}, "manifest_version is `0.3` and `0.1`"),
        ({"name": ""}, "name is no text"),
        ({"version": 1}, "version is no text"),
        ({"author": "Ann"}, "author is no object"),
        ({"server": {}}, "server.mcp_config is missing"),
        ({"server": {"type": "node", "entry_point": "x", "mcp_config": {}}}, "command is missing"),
        (server(cwd="/tmp"), "has `cwd`, which the format does not know"),
        (server(args="x"), "args is no list"),
        (server(args=[1]), "holds what is no text"),
        (server(args=["a\0b"]), "NUL"),
        (server(args=["x"] * 1001), "at most 1000"),
        (server(args=["x" * 40_000]), "longer than"),
        (server(env={"A=B": "x"}), "no variable's name"),
        (server(env={"A": 1}), "env is no object"),
        (server(platform_overrides={"plan9": {}}), "which is no platform"),
        (server(platform_overrides={"linux": {"cwd": "x"}}), "`cwd`"),
        (server(kind="ruby"), "server.type is `ruby`"),
        ({"compatibility": {"platforms": ["amiga"]}}, "`amiga`"),
        ({"user_config": {"a b": KEY}}, "a key that is no name"),
        ({"user_config": {"a": {**KEY, "multiple": True}}}, "is multiple"),
        ({"user_config": {"a": {**KEY, "type": "date"}}}, "type is `date`"),
        ({"user_config": {"a": {**KEY, "run": "x"}}}, "`run`"),
        ({"user_config": {"a": {**KEY, "required": "yes"}}}, "neither true nor false"),
        ({"user_config": {"a": {**KEY, "default": 1}}}, "default is no value of type string"),
        ({"user_config": {"a": {**KEY, "min": "1"}}}, "min is no number"),
        ({"user_config": {"a": {**KEY, "type": "number", "max": 10**400}}}, "max is no number"),
    ],
)
def test_what_the_format_does_not_allow_is_refused(changed: dict[str, Any], told: str) -> None:
    with pytest.raises(Refused) as caught:
        parsed(manifest(**changed))
    assert caught.value.reason is Reason.ARTEFACT_INVALID
    assert caught.value.message.startswith("clock.mcpb: manifest.json: ")
    assert told in caught.value.message


@pytest.mark.parametrize(
    "raw",
    [
        '{"name": "a", "name": "b"}',
        "[]",
        "not json",
        '{"a": NaN}',
        "\ufeff{}",
        "[" * 100_000,
        json.dumps(manifest(description="x" * (1 << 20))),
        json.dumps(manifest()).replace('"1.2.0"', "1" * 5000),
    ],
    ids=["twice", "list", "text", "nan", "bom", "deep", "big", "digits"],
)
def test_a_manifest_that_could_be_read_in_two_ways_is_refused(tmp_path: Path, raw: str) -> None:
    with pytest.raises(Refused) as caught:
        mcpb.read(packed(tmp_path, raw), label="clock.mcpb")
    assert caught.value.reason is Reason.ARTEFACT_INVALID


def test_a_zip_without_a_manifest_is_no_bundle(tmp_path: Path) -> None:
    path = tmp_path / "x.mcpb"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("sub/manifest.json", json.dumps(manifest()))
    with pytest.raises(Refused, match=r"manifest\.json") as caught:
        mcpb.read(path, label="x.mcpb")
    assert caught.value.reason is Reason.ARTEFACT_INVALID


def test_an_override_replaces_the_whole_of_what_it_names() -> None:
    told = parsed(
        server(
            command="a",
            args=["1"],
            env={"A": "1"},
            platform_overrides={"win32": {"command": "b", "args": []}, "darwin": {"env": {}}},
        )
    )
    assert told.start_on("linux") == Start("a", ("1",), {"A": "1"})
    assert told.start_on("win32") == Start("b", (), {"A": "1"})
    assert told.start_on("darwin") == Start("a", ("1",), {})


def test_values_are_put_in_once_and_several_become_several_arguments() -> None:
    start = Start(
        "${__dirname}/run",
        ("${user_config.folders}", "--n=${user_config.n}", "a${/}b", "${user_config.none}"),
        {"V": "${user_config.text}", "B": "${user_config.yes}", "H": "${HOME}"},
    )
    line, env = expand(
        start,
        folders={"__dirname": "/b", "HOME": "/h"},
        separator="/",
        values={
            "folders": ("/one two", "${HOME}"), "n": 3.0, "text": "${HOME}", "yes": True,
            "none": None,
        },
    )  # fmt: skip
    assert line == ["/b/run", "/one two", "${HOME}", "--n=3", "a/b"]
    assert env == {"V": "${HOME}", "B": "true", "H": "/h"}


@pytest.mark.parametrize("text", ["${nothing}", "x${user_config.folders}", "${user_config.gone}x"])
def test_what_has_no_single_value_is_not_passed_on_as_it_stands(text: str) -> None:
    with pytest.raises(ValueError, match="no single value"):
        expand(Start("x", (text,), {}), folders={}, separator="/", values={"folders": ("a",)})


GOOD = {
    "bundled program": server(kind="binary", entry="server/tool", command="server/tool", args=[]),
    "with its folder": server("binary", "server/tool", command="${__dirname}/server/tool"),
    "python": server(
        kind="python",
        entry="server/main.py",
        command="python3",
        args=["${__dirname}${/}server${/}main.py", "--workspace=${HOME}/x"],
        env={"PYTHONPATH": "${__dirname}/server/lib:${__dirname}", "PYTHONUNBUFFERED": "1"},
    ),
    "a command of Windows": server(platform_overrides={"win32": {"command": "server\\tool.exe"}}),
    "a default of folders": manifest(
        user_config={"folders": {**DIRECTORY, "default": ["${HOME}/Desktop"]}, "key": KEY}
    ),
}  # fmt: skip


@pytest.mark.parametrize("told", GOOD.values(), ids=GOOD)
def test_a_bundle_that_starts_its_own_is_clean(told: dict[str, Any]) -> None:
    assert wrong(told) == []


BAD = {
    "version": (manifest(version="1.3.0"), "calls itself version `1.3.0`, not `1.2.0`"),
    "uv": (manifest(server={"type": "uv", "entry_point": "server/main.py"}), "of type uv"),
    "entry point": (server(entry="server/gone.js"), "no file `server/gone.js`"),
    "npx": (server(command="npx", args=["-y", "clock@latest"]), "starts `npx`"),
    "shell": (server(command="/bin/sh", args=["-c", "id"]), "starts `/bin/sh`"),
    "python of a node bundle": (server(command="python"), "starts `python`"),
    "absent program": (server(kind="binary", command="server/gone"), "starts `server/gone`"),
    "outside": (server(command="${__dirname}/../x"), "starts `${__dirname}/../x`"),
    "other folder": (server(command="${HOME}/x"), "starts `${HOME}/x`"),
    "a person's program": (server(command="${user_config.key}"), "starts `${user_config.key}`"),
    "a person's script": (server(args=["${user_config.key}"]), "what a person types decides"),
    "code as an argument": (server(args=["-e", "x"]), "with `-e`"),
    "argument outside": (server(args=["${__dirname}/server/index.js", "${__dirname}/../y"]),
                         "leads out of the bundle"),
    "only on Windows": (server(platform_overrides={"win32": {"command": "cmd"}}), "starts `cmd`"),
    "options of node": (server(env={"NODE_OPTIONS": "-r ./x"}), "sets `NODE_OPTIONS`"),
    "path": (server(env={"PATH": "${__dirname}"}), "sets `PATH`"),
    "preload": (server(env={"LD_PRELOAD": "${__dirname}/x.so"}), "sets `LD_PRELOAD`"),
    "relative library": (server(env={"DYLD_LIBRARY_PATH": "server/lib"}), "outside of the bundle"),
    "a second library": (server(env={"PYTHONPATH": "${__dirname}:/tmp"}), "outside of the bundle"),
    "a folder beside": (server(env={"PYTHONPATH": "${__dirname}x"}), "outside of the bundle"),
    "a program beside": (server(command="${__dirname}server/tool"), "starts `${__dirname}server"),
    "a drive": (server(command="C:server/tool"), "starts `C:server/tool`"),
    "the host's folder": (server(args=["server/index.js"]), "happens to start in"),
    "undeclared": (server(env={"A": "${user_config.gone}"}), "does not declare"),
    "unknown": (server(env={"A": "${EVIL}"}), "no variable that a host knows"),
    "several in a text": (server(env={"A": "${user_config.folders}"}), "several values"),
    "default": (manifest(user_config={"folders": {**DIRECTORY, "default": ["${__dirname}"]},
                                      "key": KEY}), "no folder of a person's"),
    "secret": (server(args=["${__dirname}/server/index.js", "--key=${user_config.key}"]),
               "arguments can be listed"),
}  # fmt: skip


@pytest.mark.parametrize(("told", "message"), BAD.values(), ids=BAD)
def test_a_bundle_that_starts_something_else_is_told(told: dict[str, Any], message: str) -> None:
    assert message in wrong(told)[0]


def test_only_the_platforms_that_a_bundle_serves_are_held() -> None:
    told = server(platform_overrides={"win32": {"command": "cmd"}})
    assert wrong({**told, "compatibility": {"platforms": ["linux", "darwin"]}}) == []


def test_what_a_reviewer_must_see_is_a_warning() -> None:
    found = judge(Bundle(parsed(server(args=["-m", "x"])), frozenset(FILES)), "1.2.0")
    assert {item.severity for item in found} == {Severity.WARNING}

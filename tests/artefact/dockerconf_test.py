"""Docker's own configuration decides who we are to a registry, and never runs a shell."""

from __future__ import annotations

import json
import os
import time
from base64 import b64encode
from pathlib import Path

import pytest

from assay.artefact import dockerconf
from assay.artefact.dockerconf import NOBODY, DockerConfig, Login
from assay.errors import Undecided
from assay.reason import Reason

HOST = "registry.example.com"
PAIR = b64encode(b"robot:se:cret").decode()


def config(home: Path, settings: object, **environ: str) -> DockerConfig:
    folder = home / ".docker"
    folder.mkdir(parents=True, exist_ok=True)
    text = settings if isinstance(settings, str) else json.dumps(settings)
    (folder / "config.json").write_text(text)
    path = f"{home / 'bin'}{os.pathsep}{os.environ['PATH']}"
    return DockerConfig({"HOME": str(home), "PATH": path, **environ})


def helper(home: Path, name: str, script: str) -> None:
    program = home / "bin" / f"docker-credential-{name}"
    program.parent.mkdir(parents=True, exist_ok=True)
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)


def undecided(found: DockerConfig, reason: Reason) -> Undecided:
    with pytest.raises(Undecided) as caught:
        found.login(HOST)
    assert caught.value.reason is reason
    assert "cret" not in caught.value.message + caught.value.hint
    return caught.value


def test_without_a_file_we_are_nobody(tmp_path: Path) -> None:
    assert DockerConfig({"HOME": str(tmp_path)}).login(HOST) == NOBODY


@pytest.mark.parametrize(
    "key", [HOST, f"https://{HOST}", f"https://{HOST}/v1/", f"https://{HOST}/v2/"]
)
def test_a_login_is_found_by_its_host(tmp_path: Path, key: str) -> None:
    found = config(tmp_path, {"auths": {"other.example.com": {}, key: {"auth": PAIR}}})
    assert found.login(HOST) == Login("robot", "se:cret")
    assert found.login(HOST).basic == f"Basic {PAIR}"


@pytest.mark.parametrize(
    "key", ["example.com", f"{HOST}:5000", f"{HOST}/team", f"evil.{HOST}", f"{HOST}.evil.com"]
)
def test_a_login_is_for_its_own_host_alone(tmp_path: Path, key: str) -> None:
    assert config(tmp_path, {"auths": {key: {"auth": PAIR}}}).login(HOST) == NOBODY


def test_docker_config_names_another_folder(tmp_path: Path) -> None:
    config(tmp_path / "a", {"auths": {HOST: {"auth": PAIR}}})
    found = config(tmp_path / "b", {}, DOCKER_CONFIG=str(tmp_path / "a" / ".docker"))
    assert found.login(HOST).user == "robot"


def test_tokens_are_kept_apart_from_passwords(tmp_path: Path) -> None:
    told = {"identitytoken": "refresh", "registrytoken": "bearer"}
    found = config(tmp_path, {"auths": {HOST: told}}).login(HOST)
    assert found == Login(identity_token="refresh", registry_token="bearer")
    assert "refresh" not in repr(found)


@pytest.mark.parametrize("key", ["credsStore", "credHelpers"])
def test_a_helper_is_asked_for_the_host_and_comes_before_the_file(tmp_path: Path, key: str) -> None:
    helper(
        tmp_path,
        "vault",
        'read host; test "$1 $host" = "get registry.example.com" || exit 3\n'
        'echo \'{"ServerURL": "x", "Username": "robot", "Secret": "fresh"}\'',
    )
    chosen: object = {HOST: "vault"} if key == "credHelpers" else "vault"
    found = config(tmp_path, {key: chosen, "auths": {HOST: {"auth": PAIR}}})
    assert found.login(HOST) == Login("robot", "fresh")


def test_a_helpers_refresh_token_is_one(tmp_path: Path) -> None:
    helper(tmp_path, "vault", 'echo \'{"Username": "<token>", "Secret": "refresh"}\'')
    found = config(tmp_path, {"credsStore": "vault"}).login(HOST)
    assert found == Login(identity_token="refresh")


def test_a_helper_that_knows_of_nothing_makes_us_nobody(tmp_path: Path) -> None:
    helper(tmp_path, "vault", "echo credentials not found in native keychain; exit 1")
    assert config(tmp_path, {"credsStore": "vault"}).login(HOST) == NOBODY


@pytest.mark.parametrize(
    ("script", "told"),
    [
        ("echo secret boom; exit 2", "exit code 2"),
        ("echo nonsense", "does not answer in JSON"),
        ("echo '[]'", "does not answer in JSON"),
    ],
)
def test_a_helper_that_fails_is_undecided(tmp_path: Path, script: str, told: str) -> None:
    helper(tmp_path, "vault", script)
    error = undecided(config(tmp_path, {"credsStore": "vault"}), Reason.TOOL_FAILED)
    assert told in error.message


def test_a_helper_that_does_not_end_is_undecided_in_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dockerconf, "_TIMEOUT", 0.3)
    helper(tmp_path, "vault", "exec sleep 30")
    started = time.monotonic()
    error = undecided(config(tmp_path, {"credsStore": "vault"}), Reason.TOOL_FAILED)
    assert "did not end" in error.message
    assert time.monotonic() - started < 5


def test_a_helper_that_is_not_there_is_undecided(tmp_path: Path) -> None:
    error = undecided(config(tmp_path, {"credsStore": "vault"}), Reason.TOOL_FAILED)
    assert "docker-credential-vault is not on this machine" in error.message


@pytest.mark.parametrize("name", ["../vault", "a/b", "vault; touch x", "-x", "$(id)", "", " "])
def test_a_helpers_name_can_be_no_path_and_no_command(tmp_path: Path, name: str) -> None:
    found = config(tmp_path, {"credHelpers": {HOST: name}})
    if not name:  # Docker's own way to say that there is none
        assert found.login(HOST) == NOBODY
        return
    assert "no plain name" in undecided(found, Reason.CONFIG_INVALID).message


def test_a_helper_in_the_current_folder_is_not_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    helper(tmp_path, "vault", 'echo \'{"Username": "evil", "Secret": "x"}\'')
    monkeypatch.chdir(tmp_path / "bin")
    found = config(tmp_path, {"credsStore": "vault"}, PATH=os.pathsep.join((".", "/bin")))
    undecided(found, Reason.TOOL_FAILED)


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        '{"auths": {}, "auths": {}}',
        "[" * 100_000,
        '{"auths": {"registry.example.com": {"auth": "secret"}}}',
        '{"auths": {"registry.example.com": {"auth": "c2VjcmV0"}}}',  # no colon in it
    ],
)
def test_a_broken_file_is_undecided_and_its_secrets_stay_in_it(tmp_path: Path, text: str) -> None:
    found = config(tmp_path, text)
    assert str(found.path) in undecided(found, Reason.CONFIG_INVALID).message


@pytest.mark.parametrize(
    "settings", [{"auths": []}, {"auths": {HOST: "x"}}, {"credHelpers": [HOST]}, {"credsStore": 5}]
)
def test_settings_of_another_type_are_passed_over(tmp_path: Path, settings: object) -> None:
    assert config(tmp_path, settings).login(HOST) == NOBODY

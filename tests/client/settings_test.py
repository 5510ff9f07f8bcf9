"""client.toml: whom it lets in, and whom it tells what is wrong."""

from __future__ import annotations

import json
import os
import tomllib
from pathlib import Path

import jsonschema
import pytest

from assay.client import ownership, settings
from assay.client.places import Places, places
from assay.errors import Refused, Undecided
from assay.reason import Reason

ROOT = Path(__file__).parents[2]
GOOD = """\
registry = "registry"
trusted_root = "trusted_root.json"

[identity]
issuer = "https://token.example.com"
"""
EVERY_KEY = (
    GOOD.replace(
        "\n[identity]", 'cache = "/srv/cache"\nstate = "kept"\naudit_log = "~/a.jsonl"\n[identity]'
    )
    + """
[interpreters]
node = "/usr/bin/node"
python = "/usr/bin/python3"
"""
)
BAD = {
    "registy = 'x'\n" + GOOD: "did you mean registry?",
    GOOD + "[interpreters]\npyton = '/usr/bin/python3'": "did you mean interpreters.python?",
    GOOD + "[interpreters]\nnode = 'node'": "interpreters.node as an absolute path",
    GOOD.replace('"registry"', '"https://registry.example.com"'): "names registry by an address",
    GOOD.replace('registry = "registry"\n', ""): "wants registry as a path",
    GOOD.replace('"trusted_root.json"', "3"): "wants trusted_root as a path",
    GOOD.partition("[identity]")[0]: "wants a table [identity]",
    "registry = ": "is not TOML",
}


@pytest.fixture
def here(tmp_path: Path) -> Path:
    (tmp_path / "trusted_root.json").write_text("{}")
    return tmp_path


def load(folder: Path, text: str, *, trial: bool = True) -> settings.Settings:
    path = folder / "client.toml"
    path.write_text(text)
    return settings.load(path, places(folder), trial=trial)


def schema() -> dict[str, object]:
    return dict(json.loads((ROOT / "schema/client.schema.json").read_text()))


def test_every_key_is_read_and_relative_paths_count_from_the_file(here: Path) -> None:
    told = load(here, EVERY_KEY)
    assert told.registry == here / "registry"
    assert told.trusted_root == b"{}"
    assert told.cache == Path("/srv/cache")
    assert told.state == here / "kept"
    assert told.audit_log.name == "a.jsonl"
    assert told.audit_log.is_absolute()
    assert told.node == Path("/usr/bin/node")
    assert told.identity == {"issuer": "https://token.example.com"}


def test_what_is_left_out_has_a_default_in_the_persons_own_folders(here: Path) -> None:
    told = load(here, GOOD)
    mine: Places = places(here)
    assert (told.cache, told.audit_log) == (mine.cache, mine.state / "audit.jsonl")
    assert (told.node, told.python) == (None, None)


@pytest.mark.parametrize(("text", "said"), BAD.items(), ids=BAD.values())
def test_a_mistake_is_refused_and_named(here: Path, text: str, said: str) -> None:
    with pytest.raises(Refused, match=said.replace("[", r"\[").replace("?", r"\?")) as caught:
        load(here, text)
    assert caught.value.reason is Reason.CONFIG_INVALID


def test_the_schema_and_the_reader_agree() -> None:
    judge = jsonschema.Draft202012Validator(schema())
    assert not list(judge.iter_errors(tomllib.loads(GOOD)))
    assert not list(judge.iter_errors(tomllib.loads(EVERY_KEY)))
    for text, said in BAD.items():
        if said not in ("is not TOML", "interpreters.node as an absolute path"):
            assert list(judge.iter_errors(tomllib.loads(text))), said


def test_the_schema_knows_the_keys_of_the_reader_and_describes_each() -> None:
    told = schema()
    properties = told["properties"]
    assert isinstance(properties, dict)
    assert tuple(properties) == settings.KEYS
    assert tuple(properties["interpreters"]["properties"]) == settings.INTERPRETERS
    assert all(one["description"] for one in properties.values())


def test_a_missing_file_is_refused(here: Path) -> None:
    with pytest.raises(Refused) as caught:
        settings.load(here / "client.toml", places(here), trial=True)
    assert caught.value.reason is Reason.CONFIG_MISSING


def test_a_missing_trust_root_is_refused(here: Path) -> None:
    with pytest.raises(Refused) as caught:
        load(here, GOOD.replace("trusted_root.json", "other.json"))
    assert caught.value.reason is Reason.TRUST_INVALID


def test_a_folder_in_the_place_of_the_file_is_undecided(here: Path) -> None:
    (here / "client.toml").mkdir()
    with pytest.raises(Undecided) as caught:
        settings.load(here / "client.toml", places(here), trial=True)
    assert caught.value.reason is Reason.CONFIG_MISSING


def test_a_file_that_the_user_could_have_written_is_refused_outside_trials(here: Path) -> None:
    with pytest.raises(Refused, match="could have written") as caught:
        load(here, GOOD, trial=False)
    assert caught.value.reason is Reason.CONFIG_WRITABLE


def test_what_the_system_laid_could_not_have_been_written() -> None:
    assert ownership.writable_step(Path("/etc/passwd")) is None


def test_nor_by_a_plain_user_on_the_same_machine() -> None:
    assert ownership.writable_step(Path("/etc/passwd"), user=12345) is None


def test_its_own_owner_could_have_written_a_file(tmp_path: Path) -> None:
    path = tmp_path / "client.toml"
    path.touch(mode=0o400)
    owner = path.stat().st_uid
    assert ownership._could_write(path, owner) is (owner != 0)
    if owner == 0:
        os.chown(path, 12345, 12345)
        assert ownership._could_write(path, 12345)
        assert ownership._could_write(path, 0), "for root, only root's own word counts"
        assert not ownership._could_write(path, 54321)


@pytest.mark.parametrize("mode", [0o660, 0o606, 0o622])
def test_group_and_other_bits_count_for_everybody(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "client.toml"
    path.touch()
    path.chmod(mode)
    assert ownership._could_write(path, 12345)


def test_a_link_leads_the_look_to_where_it_leads(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real/client.toml").touch()
    (tmp_path / "link").symlink_to("real")
    steps = list(ownership._steps(tmp_path / "link/client.toml"))
    assert tmp_path / "link" in steps
    assert steps[-2:] == [tmp_path / "real", tmp_path / "real/client.toml"]


def test_links_in_a_circle_are_no_way_to_a_file(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    with pytest.raises(OSError, match="too many symbolic links"):
        list(ownership._steps(tmp_path / "a"))


def test_home_is_the_accounts_and_not_the_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    before = places()
    for name in ("HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME", "USER"):
        monkeypatch.setenv(name, "/workspace")
    assert places() == before

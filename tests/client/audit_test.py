"""The audit log: one line an event, whatever the names, the disk and the neighbours do."""

from __future__ import annotations

import json
import multiprocessing
import os
import resource
import stat
from datetime import UTC, datetime
from pathlib import Path

import jsonschema
import pytest

from assay.client.audit import AuditLog, Event, Kind, Outcome
from assay.errors import Undecided
from assay.reason import Reason

SCHEMA = json.loads((Path(__file__).parents[2] / "schema/audit-event.schema.json").read_text())
NOW = datetime(2026, 11, 22, 20, 30, tzinfo=UTC)


def event(name: str = "clock", detail: str = "") -> Event:
    digests = {"entry": "0" * 64}
    return Event(
        Kind.LAUNCH, name, "1.2.0", Outcome.REFUSED, Reason.DIGEST_MISMATCH, detail, digests
    )


def log(path: Path) -> AuditLog:
    return AuditLog(path, user_id="ada", trial=False)


def lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def write_many(path: Path, count: int) -> None:
    for number in range(count):
        log(path).write(event(detail=f"{os.getpid()} {number} " + "x" * 500))


def test_an_event_is_one_line_of_the_schema(tmp_path: Path) -> None:
    log(tmp_path / "audit.jsonl").write(event(), now=NOW)
    (told,) = lines(tmp_path / "audit.jsonl")
    jsonschema.validate(told, SCHEMA)
    assert told["time"] == "2026-11-22T20:30:00.000Z"
    assert (told["user_id"], told["server_name"], told["version"]) == ("ada", "clock", "1.2.0")
    assert (told["outcome"], told["reason"]) == ("refused", "digest-mismatch")
    assert told["replay_protected"] is False


def test_the_log_is_the_persons_alone(tmp_path: Path) -> None:
    path = tmp_path / "deep/audit.jsonl"
    log(path).write(event())
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    path.chmod(0o666)
    log(path).write(event())
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "name",
    ['x"}\n{"outcome":"allowed"', "a\r\nb", "\u2028\u2029\x85\x00", "\ud800", "z" * 100_000],
    ids=["quote", "line end", "unicode line ends", "lone surrogate", "long"],
)
def test_a_hostile_name_forges_no_line(tmp_path: Path, name: str) -> None:
    path = tmp_path / "audit.jsonl"
    log(path).write(event(name, detail=name))
    raw = path.read_bytes()
    assert raw.count(b"\n") == 1
    assert raw.isascii()
    assert len(raw) < 8192
    (told,) = lines(path)
    assert str(told["server_name"])[:5] == name[:5]
    assert told["outcome"] == "refused"


def test_writers_at_once_lose_and_mix_nothing(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=write_many, args=(path, 50)) for _ in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
    assert len({str(one["detail"]) for one in lines(path)}) == 200


def test_a_line_that_was_cut_by_a_power_failure_spoils_no_other(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    path.write_text('{"half')
    log(path).write(event())
    assert path.read_text().splitlines()[0] == '{"half'
    assert json.loads(path.read_text().splitlines()[1])["server_name"] == "clock"


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "audit.jsonl").symlink_to(tmp_path / "elsewhere")
    refused(tmp_path / "audit.jsonl")
    assert not (tmp_path / "elsewhere").exists()


def test_a_hard_link_a_pipe_and_a_folder_are_no_log(tmp_path: Path) -> None:
    (tmp_path / "other").touch()
    (tmp_path / "hard").hardlink_to(tmp_path / "other")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    for name in ("hard", "pipe", "folder"):
        refused(tmp_path / name)
    refused(Path("/dev/full"))


def test_a_full_disk_leaves_no_half_line(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    log(path).write(event())
    before = path.read_bytes()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    # The kernel takes a part of the line and no more: as a disk does that fills up. Python
    # ignores SIGXFSZ, so the write comes back short.
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) + 20, hard))
    try:
        refused(path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert path.read_bytes() == before


def refused(path: Path) -> None:
    with pytest.raises(Undecided) as caught:
        log(path).write(event())
    assert caught.value.reason is Reason.AUDIT_UNWRITABLE

"""A launch through the front door, by the real MCP client, of real packages."""

from __future__ import annotations

from tests.support.host import Machine

FETCHED = ("fetch", "allowed", "verified")
LAUNCHED = ("launch", "allowed", "verified")


def test_a_server_from_npm_is_verified_laid_and_launched(machine: Machine) -> None:
    machine.offer("everything")
    talk = machine.talk("everything")
    assert "echo" in talk.tools
    assert "a replay of an older entry would not be noticed" in talk.stderr
    assert machine.outcomes() == [FETCHED, LAUNCHED]


def test_a_server_from_pypi_is_verified_laid_and_launched(machine: Machine) -> None:
    machine.offer("time")
    talk = machine.talk("time", call=("get_current_time", {"timezone": "UTC"}))
    assert talk.tools == ["convert_time", "get_current_time"]
    assert '"timezone": "UTC"' in talk.answer
    assert machine.outcomes() == [FETCHED, LAUNCHED]

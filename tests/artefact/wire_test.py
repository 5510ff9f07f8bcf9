"""Nobody who answers can lead us into the network around us."""

from __future__ import annotations

import contextlib
import dataclasses
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from tests.support import faults
from tests.support.faults import FaultServer, serving

from assay.artefact.http import Access, Http, Limits
from assay.artefact.source import Named, nobody
from assay.artefact.wire import Network, Zone, written_zone, zone_of
from assay.errors import Undecided
from assay.reason import Reason

QUICK = Limits(size=1 << 20, connect=1, read=1, deadline=2, retries=1, backoff=0.01)
# Loopback stands in for the world: whatever a test calls these is what they are judged as.
WORLD, INSIDE, OTHER = "127.0.0.2", "127.0.0.3", "127.0.0.4"
ZONES = {WORLD: Zone.PUBLIC, INSIDE: Zone.PRIVATE, OTHER: Zone.LINK_LOCAL}


class Names:
    """A resolver that tells what it is told, and may change its mind."""

    def __init__(self) -> None:
        self.answers: dict[str, list[list[str]]] = {}
        self.asked: list[str] = []

    def __setitem__(self, name: str, addresses: str) -> None:
        self.answers[name] = [text.split() for text in addresses.split("|")]

    def resolve(self, host: str, port: int) -> Sequence[str]:
        self.asked.append(host)
        if host[-1].isdigit():
            return [host]
        if host not in self.answers:
            raise socket.gaierror(socket.EAI_NONAME, "unknown")
        left = self.answers[host]
        return left.pop(0) if len(left) > 1 else left[0]


@pytest.fixture
def names() -> Names:
    return Names()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("certificates")


@pytest.fixture(scope="module")
def world(folder: Path) -> Iterator[FaultServer]:
    with serving(folder, name="world.example.com", address=WORLD) as made:
        yield made


@pytest.fixture(scope="module")
def inside(folder: Path) -> Iterator[FaultServer]:
    with serving(folder, name="inside.example.com", address=INSIDE) as made:
        made["/ok"] = faults.good(b"secret")
        yield made


@pytest.fixture(scope="module")
def near(folder: Path) -> Iterator[FaultServer]:
    with serving(folder, name="near.example.com", address=INSIDE) as made:
        made["/ok"] = faults.good(b"bytes")
        yield made


@pytest.fixture(scope="module")
def pem(world: FaultServer, inside: FaultServer, near: FaultServer) -> str:
    return "".join(Path(server.ca_file).read_text() for server in (world, inside, near))


Make = Callable[..., Http]


@pytest.fixture
def make(names: Names, pem: str) -> Make:
    names["world.example.com"] = WORLD
    names["inside.example.com"] = names["near.example.com"] = INSIDE

    def made(named: Named = nobody, proxy: str = "") -> Http:
        network = Network(names.resolve, lambda address: ZONES.get(address, Zone.LOOPBACK))
        access = Access(ca_pem=pem, proxy=lambda url: proxy)
        return Http("https", access, QUICK, named=named, network=network)

    return made


def refused(http: Http, url: str, told: str, led_from: str = "") -> Undecided:
    with pytest.raises(Undecided, match=told) as caught:
        http.get(url, led_from=led_from)
    assert caught.value.reason is Reason.UNREACHABLE
    return caught.value


@pytest.mark.parametrize(
    ("zone", "addresses"),
    [
        (Zone.PUBLIC, "1.1.1.1 9.9.9.9 2606:4700::1111 64:ff9b::101:101 2002:101:101::1"),
        (Zone.PRIVATE, "10.0.0.1 172.16.0.1 192.168.1.1 100.64.0.1 198.18.0.1 192.0.2.1"),
        (Zone.PRIVATE, "224.0.0.1 255.255.255.255 240.0.0.1 fc00::1 fd12:3456::1 fec0::1"),
        (Zone.PRIVATE, "ff02::1 2001:db8::1 64:ff9b:1::1 ::10.0.0.1 4000::1"),
        (Zone.PRIVATE, "::ffff:10.0.0.1 2002:a00:1::1 64:ff9b::a00:1 100::1"),
        (Zone.LOOPBACK, "127.0.0.1 127.255.255.254 ::1 0.0.0.0 :: ::ffff:127.0.0.1"),
        (Zone.LOOPBACK, "64:ff9b::7f00:1 2002:7f00:1::1"),
        (Zone.LINK_LOCAL, "169.254.169.254 fe80::1 fe80::1%eth0 fd00:ec2::254 100.100.100.200"),
        (Zone.LINK_LOCAL, "::ffff:169.254.169.254 168.63.129.16 64:ff9b::a9fe:a9fe 192.0.0.192"),
    ],
)
def test_an_address_is_of_one_zone(zone: Zone, addresses: str) -> None:
    assert {text: zone_of(text) for text in addresses.split()} == dict.fromkeys(
        addresses.split(), zone
    )


@pytest.mark.parametrize(
    "host", ["localhost", "a.localhost", "LOCALHOST.", "127.1", "2130706433", "0x7f000001", "[::1]"]
)
def test_loopback_has_many_spellings(host: str) -> None:
    assert written_zone(host) is Zone.LOOPBACK
    assert written_zone("example.com") is Zone.PUBLIC


def test_the_first_address_may_lie_anywhere(make: Make, inside: FaultServer) -> None:
    assert make().get(inside.url("/ok")) == b"secret"


def test_a_redirect_within_the_world_is_followed(make: Make, world: FaultServer) -> None:
    world["/ok"] = faults.good(b"bytes")
    world["/moved"] = faults.redirect("/ok")
    assert make().get(world.url("/moved")) == b"bytes"


def test_a_redirect_from_the_world_to_the_inside_is_not_followed(
    make: Make, world: FaultServer, inside: FaultServer
) -> None:
    world["/in"] = faults.redirect(inside.url("/ok"))
    before = len(inside.requests)
    error = refused(make(), world.url("/in"), r"leads to .*, a private address \(127\.0\.0\.3\)")
    assert "assay.yaml" in error.hint
    assert len(inside.requests) == before


@pytest.mark.parametrize("address", ["127.0.0.1", OTHER])
def test_a_redirect_to_this_machine_or_a_metadata_service_is_not_followed(
    make: Make, names: Names, world: FaultServer, address: str
) -> None:
    names["evil.example.com"] = address
    world["/in"] = faults.redirect("https://evil.example.com:1/x")
    refused(make(), world.url("/in"), "a loopback address|a link-local address")


def test_the_policy_may_name_a_host_of_the_inside(
    make: Make, world: FaultServer, inside: FaultServer
) -> None:
    world["/in"] = faults.redirect(inside.url("/ok"))
    http = make(named=lambda host: host == inside.host)
    assert http.get(world.url("/in")) == b"secret"


def test_the_inside_may_lead_on_within_itself_and_no_further_in(
    make: Make, names: Names, inside: FaultServer, near: FaultServer
) -> None:
    inside["/near"] = faults.redirect(near.url("/ok"))
    assert make().get(inside.url("/near")) == b"bytes"
    names["self.example.com"] = "127.0.0.1"
    inside["/self"] = faults.redirect("https://self.example.com:1/x")
    refused(make(), inside.url("/self"), "a loopback address")


def test_who_was_led_out_is_not_led_back_in(
    make: Make, world: FaultServer, inside: FaultServer
) -> None:
    inside["/out"] = faults.redirect(world.url("/in"))
    world["/in"] = faults.redirect(inside.url("/ok"))
    refused(make(), inside.url("/out"), "a private address")


def test_a_connection_kept_open_for_another_request_is_no_way_around(
    make: Make, world: FaultServer, inside: FaultServer
) -> None:
    http = make()
    assert http.get(inside.url("/ok")) == b"secret"
    world["/in"] = faults.redirect(inside.url("/ok"))
    refused(http, world.url("/in"), "a private address")


def test_a_name_that_changes_its_mind_gains_nothing(
    make: Make, names: Names, world: FaultServer
) -> None:
    # The same name for all requests: public when it is asked first, ours when it leads to itself.
    names["world.example.com"] = f"{WORLD}|127.0.0.1"
    world["/again"] = lambda handler: _closing(handler, world.url("/ok"))
    refused(make(), world.url("/again"), "a loopback address")
    assert names.asked == ["world.example.com"] * 2  # judged and connected to from one answer


def test_a_name_with_one_address_inside_is_refused_whole(
    make: Make, names: Names, world: FaultServer
) -> None:
    names["both.example.com"] = f"{WORLD} {INSIDE}"
    world["/both"] = faults.redirect("https://both.example.com:1/x")
    refused(make(), world.url("/both"), "a private address")


def test_what_an_answer_names_is_held_to_the_same_rules(
    make: Make, world: FaultServer, inside: FaultServer, near: FaultServer
) -> None:
    world["/ok"] = faults.good(b"bytes")
    http = make()
    refused(http, inside.url("/ok"), "a private address", led_from="https://never.example.com/")
    http.get(world.url("/ok"))
    refused(http, inside.url("/ok"), "a private address", led_from=world.url("/ok"))
    refused(http, "http://127.0.0.1:1/x", "from https", led_from=world.url("/ok"))
    http.get(inside.url("/ok"))
    assert http.get(near.url("/ok"), led_from=inside.url("/ok")) == b"bytes"


@pytest.mark.parametrize("host", ["localhost", "127.1", "[::1]", "169.254.169.254", "10.1.2.3"])
def test_a_proxy_is_not_asked_for_what_is_written_as_an_address_inside(
    make: Make, host: str
) -> None:
    with serving() as proxy:
        http = make(proxy=proxy.base)
        told = "leads to .* a (loopback|link-local|private) address"
        refused(http, f"https://{host}:1/x", told, led_from="https://world.example.com/")
        assert proxy.requests == []


def test_a_resolver_that_never_answers_ends_in_time() -> None:
    def silent(host: str, port: int) -> Sequence[str]:
        time.sleep(5)
        return []

    http = Http("https", Access(), QUICK, network=Network(silent))
    started = time.monotonic()
    refused(http, "https://slow.example.com/x", "took too long|did not resolve|in time")
    assert time.monotonic() - started < QUICK.deadline + 1


def test_a_name_that_nobody_knows_is_undecided(make: Make) -> None:
    refused(make(), "https://nowhere.example.com/x", "fails")


def test_a_handshake_that_trickles_ends_with_the_deadline() -> None:
    def trickle(listener: socket.socket) -> None:
        with contextlib.suppress(OSError):  # until the client has had enough
            while True:
                sock, _ = listener.accept()
                with sock, contextlib.suppress(OSError):
                    sock.sendall(b"\x16\x03\x03\x40\x00\x02")  # a long message begins
                    while True:
                        sock.sendall(b"\x00")
                        time.sleep(0.05)

    with socket.create_server((INSIDE, 0)) as listener:
        thread = threading.Thread(target=trickle, args=[listener])
        thread.start()
        url = f"https://{INSIDE}:{listener.getsockname()[1]}/x"
        started = time.monotonic()
        patient = dataclasses.replace(QUICK, connect=30, read=30)
        refused(Http("https", Access(), patient), url, "did not end within")
        assert time.monotonic() - started < QUICK.deadline + 1
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()


def _closing(handler: faults.Handler, to: str) -> None:
    """A redirect that ends its connection, so that the next request looks up the name anew."""
    handler.answer(302, headers={"Location": to, "Connection": "close"})
    handler.close_connection = True

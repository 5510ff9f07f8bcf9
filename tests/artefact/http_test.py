"""Fetching ends: in time, in bounds, and with the truth about why it failed."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support import faults
from tests.support.faults import FaultServer, serving

from assay.artefact.http import Access, Http, Limits
from assay.errors import Refused, Undecided
from assay.reason import Reason

QUICK = Limits(size=1 << 20, connect=1, read=1, deadline=2, retries=2, backoff=0.01)


@pytest.fixture(scope="module")
def server() -> Iterator[FaultServer]:
    with serving() as made:
        yield made


def http(limits: Limits = QUICK, access: Access | None = None) -> Http:
    return Http("npm", access or Access(), limits)


def refused(url: str, limits: Limits = QUICK) -> Undecided:
    with pytest.raises(Undecided) as caught:
        http(limits).get(url)
    assert caught.value.reason is Reason.UNREACHABLE
    assert caught.value.message.startswith("npm: ")
    assert caught.value.hint
    return caught.value


def count(server: FaultServer, path: str) -> int:
    return sum(seen == path for seen, _ in server.requests)


def test_a_whole_body_comes_back(server: FaultServer) -> None:
    server["/ok"] = faults.good(b"bytes")
    assert http().get(server.url("/ok")) == b"bytes"


@pytest.mark.parametrize("code", [404, 410])
def test_not_there_is_said_only_when_the_server_says_so(server: FaultServer, code: int) -> None:
    server[f"/{code}"] = faults.status(code)
    with pytest.raises(Refused) as caught:
        http().get(server.url(f"/{code}"))
    assert caught.value.reason is Reason.NOT_FOUND
    assert count(server, f"/{code}") == 1


@pytest.mark.parametrize("code", [401, 403, 400, 418])
def test_a_refusal_by_the_server_is_undecided_and_not_repeated(
    server: FaultServer, code: int
) -> None:
    server[f"/{code}"] = faults.status(code)
    assert f"answers {code}" in refused(server.url(f"/{code}")).message
    assert count(server, f"/{code}") == 1


@pytest.mark.parametrize("code", [429, 500, 502, 503, 504])
def test_a_fault_that_may_pass_is_tried_again_a_bounded_number_of_times(
    server: FaultServer, code: int
) -> None:
    server[f"/{code}"] = faults.status(code)
    assert f"answers {code}" in refused(server.url(f"/{code}")).message
    assert count(server, f"/{code}") == 1 + QUICK.retries


def test_a_server_that_recovers_is_waited_for(server: FaultServer) -> None:
    server["/later"] = faults.in_turn(
        faults.status(503), faults.truncated(b"by", 5), faults.good(b"bytes")
    )
    assert http().get(server.url("/later")) == b"bytes"


def test_what_was_cut_off_is_never_taken_for_whole(server: FaultServer) -> None:
    server["/cut"] = faults.truncated(b"half", 8)
    refused(server.url("/cut"))
    assert count(server, "/cut") == 1 + QUICK.retries


def test_a_wish_for_endless_patience_ends_with_the_deadline(server: FaultServer) -> None:
    server["/patience"] = faults.status(429, {"Retry-After": "86400"})
    started = time.monotonic()
    refused(server.url("/patience"))
    assert time.monotonic() - started < QUICK.deadline + 1


@pytest.mark.parametrize("slow", [faults.trickling(0.05), faults.trickling_headers(0.05)])
def test_a_trickle_ends_with_the_deadline(server: FaultServer, slow: faults.Behaviour) -> None:
    server["/slow"] = slow
    started = time.monotonic()
    refused(server.url("/slow"))
    assert time.monotonic() - started < QUICK.deadline + 1


def test_a_body_without_end_ends_at_the_cap(server: FaultServer) -> None:
    server["/endless"] = faults.endless()
    assert "longer than" in refused(server.url("/endless")).message


def test_a_length_over_the_cap_is_refused_before_the_body(server: FaultServer) -> None:
    server["/huge"] = faults.truncated(b"", 1 << 40)
    assert "more than" in refused(server.url("/huge")).message
    assert count(server, "/huge") == 1


def test_an_encoded_body_is_not_what_was_asked_for(server: FaultServer) -> None:
    server["/gzip"] = faults.good(b"\x1f\x8b", {"Content-Encoding": "gzip"})
    assert "encoded" in refused(server.url("/gzip")).message


def test_a_redirect_is_followed_and_a_loop_is_not(server: FaultServer) -> None:
    server["/ok"] = faults.good(b"bytes")
    server["/moved"] = faults.redirect("/ok")
    server["/round"] = faults.redirect("/round")
    assert http().get(server.url("/moved")) == b"bytes"
    assert "redirected more than" in refused(server.url("/round")).message
    assert count(server, "/round") < 10


def test_credentials_go_to_their_own_host_alone(server: FaultServer) -> None:
    with serving() as other:
        other["/there"] = faults.good(b"bytes")
        server["/away"] = faults.redirect(other.url("/there"))
        access = Access(
            authorization=lambda url: "Bearer secret" if url.startswith(server.base) else ""
        )
        assert http(access=access).get(server.url("/away")) == b"bytes"
        sent = [headers for path, headers in server.requests if path == "/away"]
        assert sent[-1]["Authorization"] == "Bearer secret"
        assert all("Authorization" not in headers for _, headers in other.requests)


def test_a_message_shows_no_credentials(server: FaultServer) -> None:
    server["/secret"] = faults.status(403)
    for url in (server.url("/secret?token=abc"), "https://user:password@h.example.com/x"):
        message = refused(url).message
        assert "password" not in message
        assert "token" not in message


def test_nobody_listening_is_undecided() -> None:
    with serving() as gone:
        url = gone.url("/x")
    assert "fails" in refused(url).message


def test_plain_http_is_for_loopback_alone() -> None:
    assert "is not https" in refused("http://registry.example.com/x").message


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1:9\\@registry.example.com/x",
        "https://user@registry.example.com/x",
        "https://registry.example.com/x y",
        "https://registry.example.com/x\n",
        "https://registry.example.com#@evil.example.com/x".replace("#", "\u2100"),
    ],
)
def test_an_address_that_can_be_read_in_two_ways_is_not_asked(url: str) -> None:
    assert "two ways" in refused(url).message


def test_a_redirect_to_an_address_of_two_readings_is_not_followed(server: FaultServer) -> None:
    server["/tricky"] = faults.redirect("http://127.0.0.1\\@localhost/x")
    assert "two ways" in refused(server.url("/tricky")).message


def test_https_is_verified_and_never_left_for_http(tmp_path: Path, server: FaultServer) -> None:
    server["/ok"] = faults.good(b"bytes")
    with serving(tls=tmp_path) as secure:
        secure["/ok"] = faults.good(b"bytes")
        secure["/down"] = faults.redirect(server.url("/ok"))
        assert "certificate" in refused(secure.url("/ok")).message
        trusting = http(access=Access(ca_file=secure.ca_file))
        assert trusting.get(secure.url("/ok")) == b"bytes"
        with pytest.raises(Undecided, match="from https to an address without it"):
            trusting.get(secure.url("/down"))


def test_a_certificate_file_that_is_none_says_so(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("nothing")
    with pytest.raises(Undecided, match=r"ca\.pem"):
        http(access=Access(ca_file=str(tmp_path / "ca.pem"))).get("https://localhost:1/x")

"""What an entry lets a server do: wider, narrower, and how many reviewers that wants."""

from __future__ import annotations

from datetime import date

import pytest
from tests.support.repository import entry

from assay.entry import Entry, read
from assay.entry.capabilities import (
    KINDS,
    Effect,
    compare,
    more_reviewers,
    required_approvals,
    signers,
)
from assay.policy import Policy, Review
from assay.policy import read as read_policy

BASE = entry() + "licence: MIT\n"


def made(text: str) -> Entry:
    reading = read("servers/clock.yaml", text.encode(), today=date.max)
    assert reading.entry is not None, reading.findings
    return reading.entry


def changed(old: str, new: str) -> list[str]:
    before, after = made(old), made(new)
    return [f"{one.kind} {one.effect} {one.old}>{one.new}" for one in compare(before, after)]


def edited(*pairs: tuple[str, str], more: str = "") -> str:
    text = BASE
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new)
    return text + more


SCOPE = ("  - read:clock", "  - read:clock.*")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (BASE, edited(SCOPE), ["scope widened >read:clock.*", "scope narrowed read:clock>"]),
        (
            edited(SCOPE),
            edited(("read:clock", "read:clock.utc")),
            ["scope narrowed read:clock.*>read:clock.utc"],
        ),
        (
            edited(("read:clock", "read:clock.utc")),
            edited(SCOPE),
            ["scope widened read:clock.utc>read:clock.*"],
        ),
        (
            BASE,
            edited(("read:clock", "write:clock")),
            ["scope widened >write:clock", "scope narrowed read:clock>"],
        ),
        (
            BASE,
            edited(("internal", "restricted")),
            ["data_classification widened internal>restricted"],
        ),
        (BASE, edited(("internal", "public")), ["data_classification narrowed internal>public"]),
        (
            BASE,
            edited(("not_applicable", "consent")),
            ["lawful_basis changed not_applicable>consent"],
        ),
        (
            BASE,
            edited(("data-platform@", "somebody@")),
            ["maintainer changed data-platform@example.com>somebody@example.com"],
        ),
        (BASE, edited(more="egress: [a.example.com]\n"), ["egress widened >a.example.com"]),
        (
            edited(more="egress: ['a.example.com:443']\n"),
            edited(more="egress: [a.example.com]\n"),
            ["egress widened a.example.com:443>a.example.com"],
        ),
        (
            edited(more="egress: ['*.example.com']\n"),
            edited(more="egress: ['a.example.com:443']\n"),
            ["egress narrowed *.example.com>a.example.com:443"],
        ),
        (
            edited(more="egress: ['*.example.com:443']\n"),
            edited(more="egress: ['a.example.com:80']\n"),
            ["egress widened >a.example.com:80", "egress narrowed *.example.com:443>"],
        ),
        (
            BASE,
            edited(more="launch:\n  env:\n    - name: TOKEN\n      secret: true\n"),
            ["environment widened >TOKEN (secret)"],
        ),
        (
            edited(more="launch:\n  env:\n    - name: TOKEN\n      secret: true\n"),
            edited(more="launch:\n  env:\n    - name: TOKEN\n"),
            ["environment widened TOKEN (secret)>TOKEN"],
        ),
        (
            edited(more="launch:\n  args: [--read-only]\n"),
            BASE,
            ["arguments changed '--read-only'>"],
        ),
        (
            BASE,
            edited(
                more="launch:\n  args: ['${dirs}']\n  parameters:\n"
                "    - name: dirs\n      kind: folder\n      multiple: true\n"
            ),
            ["arguments changed >'${dirs}'", "parameters widened >dirs (several of folder)"],
        ),
        (BASE, edited(more="launch:\n  entrypoint: other\n"), ["entrypoint changed >other"]),
        (BASE, edited(("1.2.0", "1.3.0")), []),  # a new version of the same artefact
        (
            BASE,
            edited(("downloads.example.com", "mirror.example.com")),
            [
                "artefact changed https://downloads.example.com/clock-1.2.0.mcpb>"
                "https://mirror.example.com/clock-1.2.0.mcpb"
            ],
        ),
        (BASE, edited(("security@", "privacy@"), ("Tells", "Says")), []),
    ],
)
def test_what_changed_and_which_way(old: str, new: str, told: list[str]) -> None:
    assert changed(old, new) == told


def test_another_kind_of_artefact_and_a_remote_server_are_changes() -> None:
    oci = edited(
        ("https://downloads.example.com/clock-1.2.0.mcpb", "oci://images.example.com/clock:1.2.0")
    )
    remote = BASE.partition("artefact:")[0] + (
        "transport: streamable-http\nurl: https://clock.example.com/mcp\n"
    )
    assert [one.kind for one in compare(made(BASE), made(oci))] == ["artefact"]
    kinds = [one.kind for one in compare(made(BASE), made(remote))]
    assert kinds == ["transport", "transport", "artefact"]


def test_the_file_that_is_picked_of_a_release_is_part_of_the_artefact() -> None:
    def wheel(version: str, tag: str) -> Entry:
        url = f"pkg:pypi/clock@{version}?file_name=clock-{version}-{tag}.whl"
        head = entry("clock", version).partition("artefact:")[0]
        lock = f"file: clock.requirements.txt\n    sha256: {'ab' * 32}\n"
        lock += "    resolved_at: 2026-11-20T00:00:00Z"
        return made(f"{head}artefact:\n  url: {url}\n  sha256: {'cd' * 32}\n  lock:\n    {lock}\n")

    linux, mac = "py3-none-manylinux_2_17_x86_64", "py3-none-macosx_11_0_arm64"
    assert compare(wheel("1.0.0", linux), wheel("1.1.0", linux)) == ()
    assert [one.kind for one in compare(wheel("1.0.0", linux), wheel("1.1.0", mac))] == ["artefact"]


def policy(widening: str) -> Policy:
    raw = f"reviewers:\n  internal:\n    quorum: 2\n  widening: {widening}\n".encode()
    reading = read_policy("assay.yaml", raw)
    assert reading.policy is not None, reading.findings
    return reading.policy


@pytest.mark.parametrize(
    ("widening", "new", "wanted"),
    [
        ("{extra: 1}", BASE, 2),
        ("{extra: 1}", edited(SCOPE), 3),
        ("{extra: 1, scope: 3}", edited(SCOPE), 5),
        ("{extra: 1, scope: 0}", edited(SCOPE), 2),
        ("{extra: 1, maintainer: 2}", edited(SCOPE, ("data-platform@", "x@")), 4),
        ("{scope: 1}", edited(("internal", "restricted")), 2),
        ("{extra: 1}", edited(("internal", "restricted")), 3),
        ("{extra: 1}", edited(("internal", "public")), 1),
    ],
)
def test_a_widening_wants_more_reviewers_as_the_policy_says(
    widening: str, new: str, wanted: int
) -> None:
    assert required_approvals(policy(widening), made(BASE), made(new)) == wanted


def test_a_first_version_wants_the_quorum_and_no_policy_asks_for_more() -> None:
    assert required_approvals(policy("{extra: 5}"), None, made(BASE)) == 2
    assert more_reviewers(Policy(), compare(made(BASE), made(edited(SCOPE)))) == 0


def test_another_signer_is_a_change_and_a_first_one_is_none() -> None:
    old = Policy(signer={"issuer": "https://a", "ref": "refs/heads/main"})
    new = Policy(signer={"issuer": "https://b", "ref": "refs/heads/main"})
    (one,) = signers(old, new)
    assert (one.kind, one.effect, one.old, one.new) == (
        "signer",
        Effect.CHANGED,
        "https://a",
        "https://b",
    )
    assert signers(Policy(), new) == ()
    assert [one.kind for one in signers(old, Policy())] == ["signer", "signer"]


def test_every_kind_can_be_named_in_the_policy() -> None:
    for kind in (*KINDS, "signer", "extra"):
        assert policy(f"{{{kind}: 1}}").widening == {kind: 1}
    assert Policy().reviews["restricted"] == Review(2)

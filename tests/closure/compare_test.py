"""What became of each package between two locks."""

from __future__ import annotations

from collections.abc import Mapping

from tests.support.releases import Node, npm_lock

from assay.artefact.reference import npm, pypi
from assay.closure import Closure, loose, parse
from assay.closure.compare import Comparison, Kind, compare
from assay.closure.reach import reach

NAME = "server-clock"


def closure(nodes: Mapping[str, Node], version: str = "1.0.0") -> Closure:
    reference = npm(NAME, version)
    raw = npm_lock(NAME, version, nodes)
    found, _ = parse(reference, raw, "lock")
    found = found or loose.read(reference, raw, "lock")
    assert found is not None
    return found


def changes(old: Mapping[str, Node], new: Mapping[str, Node]) -> list[str]:
    return told(compare(closure(old), closure(new)))


def told(found: Comparison) -> list[str]:
    return [
        f"{one.kind} {one.package.name} {one.old.version if one.old else '-'}"
        f" {one.new.version if one.new else '-'}"
        for one in found.changes
    ]


def test_added_removed_upgraded_downgraded() -> None:
    old = {"a": Node("1.0.0"), "b": Node("1.0.0"), "c": Node("2.0.0"), "same": Node("1.0.0")}
    new = {"a": Node("1.10.0"), "c": Node("2.0.0-rc.1"), "d": Node("1.0.0"), "same": Node("1.0.0")}
    assert changes(old, new) == [
        "added d - 1.0.0",
        "removed b 1.0.0 -",
        "upgraded a 1.0.0 1.10.0",
        "downgraded c 2.0.0 2.0.0-rc.1",
    ]


def test_the_same_version_of_other_bytes_is_replaced() -> None:
    old, new = {"a": Node("1.0.0")}, {"a": Node("1.0.0", bytes="other")}
    assert changes(old, new) == ["replaced a 1.0.0 1.0.0"]
    assert compare(closure(old), closure(new)).fresh[0].name == "a"


def test_several_versions_are_paired_by_their_major_version_and_the_newest_first() -> None:
    old = {"a": Node("1.0.0"), "x": Node("1.0.0"), "x/node_modules/a": Node("2.0.0", by="x")}
    new = {"a": Node("1.5.0"), "x": Node("1.0.0"), "x/node_modules/a": Node("2.1.0", by="x")}
    one, two = (closure_of_places(nodes) for nodes in (old, new))
    assert told(compare(one, two)) == ["upgraded a 1.0.0 1.5.0", "upgraded a 2.0.0 2.1.0"]
    assert told(compare(one, closure({"a": Node("2.2.0"), "x": Node("1.0.0")}))) == [
        "removed a 1.0.0 -",
        "upgraded a 2.0.0 2.2.0",
    ]


def closure_of_places(nodes: Mapping[str, Node]) -> Closure:
    """As npm nests: the key is the place below node_modules."""
    import json

    raw = json.loads(npm_lock(NAME, "1.0.0", {k: v for k, v in nodes.items() if "/" not in k}))
    for place, node in nodes.items():
        if "/" in place:
            name = place.rpartition("node_modules/")[2]
            flat = json.loads(npm_lock(NAME, "1.0.0", {name: Node(node.version)}))
            raw["packages"][f"node_modules/{place}"] = flat["packages"][f"node_modules/{name}"]
            raw["packages"][f"node_modules/{node.by}"]["dependencies"] = {name: f"^{node.version}"}
    from assay.closure.npm import tidy

    found, findings = parse(npm(NAME, "1.0.0"), tidy(json.dumps(raw).encode()), "lock")
    assert findings == []
    assert found is not None
    return found


def test_direct_and_by_way_of_others() -> None:
    new = {"a": Node("1.0.0"), "b": Node("1.0.0", by="a"), "c": Node("1.0.0", by="b")}
    found = {one.package.name: one for one in compare(closure({}), closure(new)).changes}
    assert found["a"].direct is True
    assert found["b"].direct is False
    assert found["c"].via == (NAME, "a", "b")


def test_an_alias_that_takes_a_packages_place_is_told() -> None:
    old = {"lodash": Node("4.0.0")}
    new = {"lodash": Node("4.0.0", name="other")}
    (alias,) = compare(closure(old), closure(new)).aliases
    assert (alias.installed, alias.package.name, alias.before) == ("lodash", "other", ("lodash",))
    (alias,) = compare(closure({}), closure({"x-cjs": Node("1.0.0", name="x")})).aliases
    assert alias.before == ()
    assert compare(closure(new), closure(new)).aliases == ()


def test_a_package_that_moves_to_another_alias_is_told_and_is_no_change_of_its_bytes() -> None:
    old, new = {"one": Node("1.0.0", name="x")}, {"two": Node("1.0.0", name="x")}
    found = compare(closure(old), closure(new))
    assert found.changes == ()
    assert [(one.installed, one.package.name) for one in found.aliases] == [("two", "x")]


def test_new_sources_and_install_scripts_of_a_refused_lock_are_told() -> None:
    new = {
        "a": Node("1.0.0", keys={"resolved": "git+ssh://git@example.com/a.git#0123"}),
        "b": Node("1.0.0", keys={"hasInstallScript": True}),
        "c": Node("1.0.0", keys={"link": True, "resolved": "../c"}),
        "d": Node("1.0.0", keys={"inBundle": True}),
    }
    old = {name: Node("1.0.0") for name in new}
    found = compare(closure(old), closure(new))
    assert {one.name: one.source for one in found.sources} == {
        "a": "git+ssh://git@example.com/a.git#0123",
        "c": "link ../c",
        "d": "bundled in another package",
    }
    assert [one.name for one in found.scripts] == ["b"]
    assert compare(closure(new), closure(new)).sources == ()  # it had them before
    assert [one.kind for one in found.changes] == [Kind.REPLACED] * 3


def test_a_python_lock_says_nothing_of_who_wants_what() -> None:
    def lock(*lines: str) -> Closure:
        head = "".join(f"{line} \\\n    --hash=sha256:{digest}\n" for line, digest in pairs(lines))
        found, findings = parse(pypi("clock", "1.0.0"), head.encode(), "lock")
        assert findings == []
        assert found is not None
        return found

    def pairs(lines: tuple[str, ...]) -> list[tuple[str, str]]:
        return [(line, line.encode().hex().ljust(64, "0")[:64]) for line in lines]

    found = compare(lock("a==1.0.0", "clock==1.0.0"), lock("a==1!0.5", "clock==1.0.0"))
    assert told(found) == ["upgraded a 1.0.0 1!0.5"]  # an epoch, by PEP 440
    assert found.changes[0].direct is None
    assert reach(lock("clock==1.0.0")) == {}


def test_a_python_release_may_grow_by_files_and_lose_none() -> None:
    def lock(*hashes: str) -> Closure:
        lines = " \\\n".join(f"    --hash=sha256:{one * 64}" for one in hashes)
        raw = f"a==1.0.0 \\\n{lines}\nclock==1.0.0 \\\n    --hash=sha256:{'0' * 64}\n"
        found, findings = parse(pypi("clock", "1.0.0"), raw.encode(), "lock")
        assert findings == []
        assert found is not None
        return found

    assert [one.kind for one in compare(lock("1"), lock("1", "2")).changes] == [Kind.EXTENDED]
    assert [one.kind for one in compare(lock("1"), lock("2")).changes] == [Kind.REPLACED]
    assert [one.kind for one in compare(lock("1", "2"), lock("1")).changes] == [Kind.REPLACED]


def test_against_nothing_everything_is_added_and_of_nothing_everything_is_removed() -> None:
    whole = closure({"a": Node("1.0.0")})
    assert {one.kind for one in compare(None, whole).changes} == {Kind.ADDED}
    assert {one.kind for one in compare(whole, None).changes} == {Kind.REMOVED}
    assert compare(None, None).changes == ()


def test_a_lock_that_is_no_lock_is_read_as_none() -> None:
    for raw in (
        b"",
        b"[]",
        b"{",
        b'{"packages": []}',
        b'{"packages": {"a": 1}}',
        b"\xff",
        b"[" * 9999,
    ):
        assert loose.read(npm(NAME, "1.0.0"), raw, "lock") is None
    for text in ("", "# nothing\n", "-e .\n", "clock @ https://x\n" * 3):
        loose.read(pypi("clock", "1.0.0"), text.encode(), "lock")

"""The trial log's tree is RFC 6962's: held against its definition, and a proof proves."""

from __future__ import annotations

import hashlib

import pytest

from assay.dev.sigstore.merkle import Tree


def defined(leaves: list[bytes]) -> bytes:
    """MTH of RFC 6962 section 2.1, word for word."""
    if len(leaves) == 1:
        return hashlib.sha256(b"\0" + leaves[0]).digest()
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return hashlib.sha256(b"\1" + defined(leaves[:split]) + defined(leaves[split:])).digest()


def proven(index: int, size: int, leaf: bytes, path: list[bytes]) -> bytes:
    """The root that a proof leads to (RFC 9162 section 2.1.3.2)."""
    node, last = hashlib.sha256(b"\0" + leaf).digest(), size - 1
    for sibling in path:
        if index % 2 or index == last:
            node = hashlib.sha256(b"\1" + sibling + node).digest()
            while not index % 2 and index:
                index, last = index >> 1, last >> 1
        else:
            node = hashlib.sha256(b"\1" + node + sibling).digest()
        index, last = index >> 1, last >> 1
    return node


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 7, 8, 9, 31, 32, 33, 100])
def test_root_and_every_proof_are_as_defined(size: int) -> None:
    leaves = [str(number).encode() for number in range(size)]
    tree = Tree()
    for number, leaf in enumerate(leaves):
        assert tree.append(leaf) == number

    assert tree.root() == defined(leaves)
    for index, leaf in enumerate(leaves):
        assert proven(index, size, leaf, tree.proof(index)) == tree.root()


def test_the_root_of_rfc_6962s_own_example_holds() -> None:
    # The first leaves of certificate-transparency's test vectors.
    tree = Tree()
    for leaf in (b"", b"\x00", b"\x10"):
        tree.append(leaf)
    expected = "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"
    assert tree.root().hex() == expected

"""Changing a value in an entry where it stands, so that comments and the order of keys remain.

A YAML writer would print the whole file anew, and the reviewer would read a diff of everything.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from yaml.nodes import MappingNode, Node, ScalarNode

from assay.entry import scalar
from assay.entry.document import Document


def with_lock(document: Document, values: Mapping[str, str]) -> str:
    """The entry's text with ``artefact.lock`` set to ``values``; its other keys stay.

    ``ValueError`` where ``artefact`` or its ``lock`` is no block mapping.
    """
    artefact = _child(document.root, "artefact")
    if not isinstance(artefact, MappingNode) or artefact.flow_style or not artefact.value:
        raise ValueError("artefact is not written as indented lines below its key")
    lock = _child(artefact, "lock")
    if lock is None:
        return _appended(document.text, artefact, values)
    if not isinstance(lock, MappingNode) or lock.flow_style or not lock.value:
        raise ValueError("artefact.lock is not written as indented lines below its key")
    text = document.text
    missing = {key: value for key, value in values.items() if _child(lock, key) is None}
    # From the end to the start, so that the places of what comes before stay right.
    if missing:
        text = _inserted(text, lock, [f"{key}: {plain(value)}" for key, value in missing.items()])
    for key_node, node in reversed(lock.value):
        if key_node.value in values and isinstance(node, ScalarNode):
            start, end = node.start_mark.index, node.end_mark.index
            text = text[:start] + plain(values[key_node.value]) + text[end:]
    return text


def with_values(document: Document, values: Mapping[tuple[str, ...], str | int]) -> str:
    """The entry's text with the scalars at these paths set anew, where they stand.

    ``ValueError`` where one of them is not there, or is no scalar on a line of its own.
    """
    edits = [
        (*_place(document.root, path), plain(value) if isinstance(value, str) else str(value))
        for path, value in values.items()
    ]
    text = document.text
    # From the end to the start, so that the places of what comes before stay right.
    for start, end, shown in sorted(edits, reverse=True):
        text = text[:start] + shown + text[end:]
    return text


def _place(root: MappingNode, path: tuple[str, ...]) -> tuple[int, int]:
    node: Node | None = root
    for key in path:
        node = _child(node, key) if isinstance(node, MappingNode) else None
    if not isinstance(node, ScalarNode) or node.style in ("|", ">"):
        raise ValueError(f"{'.'.join(path)} is not written as one value after its key")
    return node.start_mark.index, node.end_mark.index


def plain(text: str) -> str:
    """A scalar that every YAML reads as this text: plain where that is certain, else quoted.

    ``text`` holds nothing hidden (``assay.hidden``): an entry may not, quoted or not.
    """
    simple = text.isascii() and text.isprintable() and text == text.strip() and text
    special = text[:1] in set("!&*-?:,[]{}#|>@`\"'%=~<") or ": " in text or " #" in text
    if simple and not special and not text.endswith(":") and scalar.resolve(text) == (text, ""):
        return text
    return json.dumps(text, ensure_ascii=False)


def _child(node: MappingNode, key: str) -> Node | None:
    return next((value for key_node, value in node.value if key_node.value == key), None)


def _appended(text: str, artefact: MappingNode, values: Mapping[str, str]) -> str:
    lines = ["lock:", *(f"  {key}: {plain(value)}" for key, value in values.items())]
    return _inserted(text, artefact, lines)


def _inserted(text: str, mapping: MappingNode, lines: list[str]) -> str:
    """``lines`` below the last value of a block mapping, indented as its keys are."""
    indent = " " * mapping.value[0][0].start_mark.column
    end = mapping.value[-1][1].end_mark.index
    # A scalar ends in its line; a block mapping's end mark may lie on the next key.
    before = text[:end].rstrip()
    line_end = text.find("\n", len(before))
    cut = len(text) if line_end < 0 else line_end + 1
    head = text[:cut] if text[:cut].endswith("\n") else text[:cut] + "\n"
    return head + "".join(f"{indent}{line}\n" for line in lines) + text[cut:]

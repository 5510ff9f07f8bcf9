"""Text to data with places: one parse, by libyaml, of a small part of YAML.

What is left of YAML is what all its parsers read alike: mappings with plain keys, lists and
scalars. No anchors and aliases (so an alias bomb has nothing to expand), no merge keys, tags or
directives, no second document, no key twice, no deep nesting. The nodes are composed once and
kept: their marks are the places that findings name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from assay.entry import scalar
from assay.entry.compose import FEATURE, PLAIN_FIX, at, compose, place_of
from assay.entry.text import MAX_BYTES, decode, hidden, place
from assay.finding import Finding
from assay.hidden import is_hidden, quoted

if TYPE_CHECKING:
    from yaml.error import Mark


class Document(NamedTuple):
    """A YAML mapping: its ``data`` as plain dicts, lists, str, int, bool and None, and places."""

    path: str
    text: str
    data: dict[str, Any]
    root: MappingNode

    def position(self, *path: str | int) -> tuple[int, int]:
        """Line and column, from 1, of the key (or list item) at ``path``, else of its nearest
        parent; of the document for an empty path."""
        node: Node = self.root
        mark = node.start_mark
        for step in path:
            found = _step(node, step)
            if found is None:
                break
            mark, node = found
        return mark.line + 1, mark.column + 1


def _step(node: Node, step: str | int) -> tuple[Mark, Node] | None:
    if isinstance(node, MappingNode):
        for key, value in node.value:
            if key.value == step:
                return key.start_mark, value
    elif isinstance(node, SequenceNode) and isinstance(step, int) and step < len(node.value):
        return node.value[step].start_mark, node.value[step]
    return None


def parse(path: str, raw: bytes, limit: int = MAX_BYTES) -> tuple[Document | None, list[Finding]]:
    """Read ``raw``, at most ``limit`` bytes; never raises for bad input. No document means that
    nothing can be said of its keys."""
    text, findings = decode(path, raw, limit)
    if text is None:
        return None, findings
    root = compose(path, text)
    if isinstance(root, Finding):
        return None, [root]
    reader = _Reader(path, text)
    data = reader.whole(root)
    return Document(path, text, data, root), reader.findings


class _Reader:
    """Nodes to data, once; what does not belong becomes a finding and the reading goes on."""

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.text = text
        self.findings: list[Finding] = []
        self._anchored: set[int] = set()
        self._read_to = 0  # an index into the text: nodes come in its order
        # Without these characters there is no anchor, alias or tag to look for at each node.
        self._may_mark = "&" in text or "!" in text

    def whole(self, root: MappingNode) -> dict[str, Any]:
        """The document's data; what stands before it is looked at too."""
        if self._may_mark:
            self._marked(root)
        self._directives(root)
        return self.mapping(root)

    def mapping(self, node: MappingNode) -> dict[str, Any]:
        data: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = self._key(key_node)
            if key is None:
                continue
            value = self._value(value_node)
            if key in data:
                self._twice(node, key_node)
            else:
                data[key] = value
        return data

    def _twice(self, node: MappingNode, again: ScalarNode) -> None:
        first = next(key for key, _ in node.value if key.value == again.value)
        told = f"the key {quoted(again.value)} stands already in line {first.start_mark.line + 1}"
        self._find(again.start_mark, "duplicate-key", told, "keep one of the two")

    def _key(self, node: Node) -> str | None:
        if not isinstance(node, ScalarNode):
            told = "a key that is a list or a mapping"
            self._find(node.start_mark, FEATURE, told, "write a plain word before the colon")
            return None
        if self._may_mark:
            self._marked(node)
        if node.value == "<<" and not node.style:
            self._find(node.start_mark, FEATURE, "a merge key (<<)", PLAIN_FIX)
            return "<<"
        value = self._scalar(node)
        if not isinstance(value, str):
            self._unquoted(node, "something else than text")
        return str(node.value)

    def _value(self, node: Node) -> Any:
        if self._may_mark and self._marked(node):
            return self._alias(node)
        if isinstance(node, ScalarNode):
            return self._scalar(node)
        if isinstance(node, MappingNode):
            return self.mapping(node)
        return [self._value(item) for item in node.value]

    def _scalar(self, node: ScalarNode) -> scalar.Value:
        if not node.style:
            value, taken_for = scalar.resolve(node.value)
            if taken_for:
                self._unquoted(node, taken_for)
            return value
        if node.style == '"' and "\\" in self._source(node):
            self._escapes(node)
        return str(node.value)

    def _source(self, node: Node) -> str:
        return self.text[node.start_mark.index : node.end_mark.index]

    def _unquoted(self, node: ScalarNode, taken_for: str) -> None:
        told = f"{quoted(node.value)} is read as {taken_for}"
        fix = f'quote it: "{node.value}"' if len(node.value) <= 80 else "quote it"
        self._find(node.start_mark, "quote-scalar", told, fix)

    def _escapes(self, node: ScalarNode) -> None:
        """An escape can hold what the file itself may not."""
        for char in node.value:
            if char != "\n" and is_hidden(char):
                line, column = place_of(node.start_mark)
                self.findings.append(hidden(self.path, line, column, char))
                return

    def _marked(self, node: Node) -> bool:
        """Look for a tag or an anchor, with which a node's own mark starts; True for an alias,
        which is the anchored node once more."""
        start = node.start_mark.index
        self._read_to = max(self._read_to, start)
        first = self.text[start : start + 1]
        if first not in ("&", "!") or start == node.end_mark.index or _first_key_at(node, start):
            return False
        if id(node) in self._anchored:
            return True
        self._anchored.add(id(node))
        told = "an anchor (&)" if first == "&" else "a tag (!)"
        self._find(node.start_mark, FEATURE, told, "delete it; quote a text that starts so")
        return False

    def _alias(self, node: Node) -> str | None:
        """Its own place is the next star, for its node has the place of the anchor."""
        index = max(self._read_to, self.text.find("*", self._read_to))
        self._read_to = index + 1
        line, column = place(self.text, index)
        self.findings.append(Finding(self.path, line, column, FEATURE, "an alias (*)", PLAIN_FIX))
        return node.value if isinstance(node, ScalarNode) else None

    def _directives(self, root: MappingNode) -> None:
        """A ``%`` at the start of a line, before the document."""
        for number, line in enumerate(self.text.split("\n")[: root.start_mark.line], start=1):
            if line.startswith("%"):
                told = "a YAML directive (%)"
                self.findings.append(Finding(self.path, number, 1, FEATURE, told, "delete it"))
            if line.startswith("---"):
                return

    def _find(self, mark: Mark, rule: str, message: str, fix: str) -> None:
        self.findings.append(at(self.path, mark, rule, message, fix))


def _first_key_at(node: Node, start: int) -> bool:
    """A block mapping has no sign of its own: it starts where its first key does."""
    return (
        isinstance(node, MappingNode)
        and bool(node.value)
        and node.value[0][0].start_mark.index == start
    )

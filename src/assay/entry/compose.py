"""Text to nodes: one composition, by libyaml where PyYAML has it, bounded in depth.

An alias is composed to the anchored node itself, never to a copy: a bomb stays as small as its
text. What is not YAML, or not one mapping, becomes one finding.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml
from yaml.nodes import MappingNode, Node

from assay.finding import Finding

if TYPE_CHECKING:
    from yaml.error import Mark

# An entry nests 5 deep (launch → env → item → key → scalar). libyaml composes by recursion in C,
# which Python's own limit does not see: without this bound 64 KiB of "[" end the process.
MAX_DEPTH = 12

FEATURE = "yaml-feature"
PLAIN_FIX = "write the value out where it is used"


class _TooDeepError(Exception):
    def __init__(self, mark: Mark) -> None:
        self.mark = mark


def compose(path: str, text: str) -> MappingNode | Finding:
    try:
        node = _parser()(text).get_single_node()
    except _TooDeepError as error:
        return at(path, error.mark, "yaml-depth", f"nests deeper than {MAX_DEPTH}", "flatten it")
    except (yaml.YAMLError, ValueError, OverflowError) as error:
        # PyYAML's own parser asks chr() for what "\UFFFFFFFF" is; libyaml says that it is nothing.
        return _syntax(path, error)
    if isinstance(node, MappingNode):
        return node
    what = "is empty" if node is None else "is not a mapping"
    line, column = (1, 1) if node is None else place_of(node.start_mark)
    fix = "write `key: value` lines; `assay new` writes a whole entry"
    return Finding(path, line, column, "yaml-document", what, fix)


def _syntax(path: str, error: Exception) -> Finding:
    mark = getattr(error, "problem_mark", None)
    context_mark = getattr(error, "context_mark", None)
    problem = str(getattr(error, "problem", None) or error).partition("\n")[0]
    if isinstance(error, yaml.composer.ComposerError):
        if "document" in problem:
            fix = "one file describes one server: delete the rest"
            return at(path, mark, "yaml-document", "holds a second document", fix)
        return at(path, mark, FEATURE, f"uses an alias or an anchor ({problem})", PLAIN_FIX)
    context = getattr(error, "context", None)
    if "end of stream" in problem and context_mark is not None:
        mark = context_mark  # where the quote or the bracket was opened, not the end of the file
    message = f"is not YAML from here: {problem}" + (f" ({context})" if context else "")
    fix = "check the indentation, the quotes and the space after each colon"
    return at(path, mark, "yaml-syntax", message, fix)


def at(path: str, mark: Mark | None, rule: str, message: str, fix: str) -> Finding:
    line, column = (1, 1) if mark is None else place_of(mark)
    return Finding(path, line, column, rule, message, fix)


def place_of(mark: Mark) -> tuple[int, int]:
    return mark.line + 1, mark.column + 1


class _Bounded:
    """What both parsers call for each node: counts the depth, and resolves nothing.

    Our own resolution follows in ``assay.entry.document``, from the text alone.
    """

    _depth = 0

    def descend_resolver(self, parent: Node | None, index: object) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH and parent is not None:
            raise _TooDeepError(parent.start_mark)

    def ascend_resolver(self) -> None:
        self._depth -= 1

    def resolve(self, kind: type[Node], value: object, implicit: object) -> str:
        return ""


def _c_parser() -> type[Any]:
    from yaml._yaml import CParser

    return type("_Parser", (_Bounded, CParser), {})


def _python_parser() -> type[Any]:
    """The same from PyYAML's own parser, for an installation without libyaml: slower, not laxer."""
    from yaml.composer import Composer
    from yaml.parser import Parser
    from yaml.reader import Reader
    from yaml.scanner import Scanner

    def start(self: Any, text: str) -> None:
        for base, given in ((Reader, (text,)), (Scanner, ()), (Parser, ()), (Composer, ())):
            base.__init__(self, *given)

    bases = (_Bounded, Reader, Scanner, Parser, Composer)
    return type("_Parser", bases, {"__init__": start})


_PARSERS: list[type[Any]] = []


def _parser() -> type[Any]:
    if not _PARSERS:
        _PARSERS.append(_c_parser() if yaml.__with_libyaml__ else _python_parser())
    return _PARSERS[0]

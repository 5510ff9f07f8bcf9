"""Which rules could match in a text, read out of the rules themselves.

A pattern matches only where its identifiers stand: ``$X.exec(...)`` needs ``exec``; a condition
by regular expression needs one of the pieces of text that it can't match without. What operators
make of that (all of these, one of those, a source and a sink) is a formula, and a rule whose
formula is false of a text is not asked about it. semgrep has such a filter too; it knows less, and
a bundle of megabytes takes it minutes.

What no formula can say is true: the filter may let too much through, never too little. Tests
hold that no example of any rule loses a line by it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from assay.scan.literals import WHOLE, literals

WORD = re.compile(r"[A-Za-z_$][\w$]*")
_STRING = re.compile(r"\"((?:[^\"\\\n]|\\.)*)\"|'((?:[^'\\\n]|\\.)*)'|`([^`$]*)`", re.DOTALL)
_METAVARIABLE = re.compile(r"\$(?:\.\.\.)?[A-Z_][A-Z_0-9]*")
_MATCHER = re.compile(r"=~/(.*)/[a-z]*", re.DOTALL)
_SHORTEST = 3  # characters of a string that tells anything
# Words of the languages themselves: a parser may know them without a word being there.
_COMMON = frozenset(
    (
        *("async", "await", "break", "case", "catch", "class", "const", "continue", "default"),
        *("def", "del", "delete", "do", "elif", "else", "except", "export", "extends", "finally"),
        *("for", "from", "function", "if", "import", "in", "instanceof", "is", "lambda", "let"),
        *("new", "not", "of", "or", "and", "pass", "raise", "return", "static", "super", "switch"),
        *("this", "self", "throw", "true", "false", "True", "False", "None", "null", "try"),
        *("typeof", "undefined", "var", "void", "while", "with", "yield", "as", "get", "set"),
        *("print", "exec", "nonlocal", "global", "assert", "match", "type"),
    )
)


class Text(NamedTuple):
    """A text as formulas see it: its words, and the fragments (of those asked for) in it."""

    words: frozenset[str]
    fragments: frozenset[str]


Formula = Callable[[Text], bool]


def _true(text: Text) -> bool:
    return True


class Filter:
    """The formulas of a set of rules (as YAML gives them), by number."""

    def __init__(self, rules: Sequence[dict[str, Any]]) -> None:
        self._fragments: set[str] = set()
        self._formulas = [self._rule(rule) for rule in rules]
        whole = {f for f in self._fragments if f.startswith(WHOLE)}
        self._whole = frozenset(f.removeprefix(WHOLE) for f in whole)
        self._wordy = tuple(sorted(f for f in self._fragments if WORD.fullmatch(f)))
        self._other = tuple(sorted(self._fragments.difference(self._wordy, whole)))

    @property
    def blind(self) -> list[int]:
        """The rules that every text is given to."""
        nothing = Text(frozenset(), frozenset())
        return [number for number, formula in enumerate(self._formulas) if formula(nothing)]

    def text(self, text: str, among: Text | None = None) -> Text:
        """``text`` as formulas see it; ``among`` is a text that holds all of this one."""
        words = frozenset(WORD.findall(text))
        lower, joined = text.lower(), " ".join(words).lower()
        wordy, other = self._wordy, self._other
        if among is not None:
            wordy = tuple(f for f in wordy if f in among.fragments)
            other = tuple(f for f in other if f in among.fragments)
        found = [f for f in wordy if f in joined]
        found += [f for f in other if f in lower]
        found += [WHOLE + word for word in joined.split(" ") if word in self._whole]
        return Text(words, frozenset(found))

    def could_match(self, text: Text) -> list[int]:
        """The rules that could match in ``text``."""
        return [number for number, formula in enumerate(self._formulas) if formula(text)]

    def _rule(self, rule: dict[str, Any]) -> Formula:
        if rule.get("mode") == "taint":
            ends = ("pattern-sources", "pattern-sinks")
            return _all([self._any(rule.get(key, ())) for key in ends])
        return self._node(rule)

    def _node(self, node: Any) -> Formula:
        """What a pattern or an operator needs. What is not known here needs nothing."""
        found: list[Formula] = []
        for key, value in node.items() if isinstance(node, dict) else ():
            if key in ("pattern", "pattern-inside"):
                found.append(self._pattern(value) if isinstance(value, str) else self._node(value))
            elif key in ("patterns", "all"):
                found.append(_all([self._node(item) for item in value]))
            elif key in ("pattern-either", "any"):
                found.append(self._any(value))
            elif key == "metavariable-regex":
                found.append(self._expression(value["regex"]))
            elif key == "pattern-regex":
                found.append(self._expression(value))
            elif key == "metavariable-pattern":
                found.append(self._node({k: v for k, v in value.items() if k != "metavariable"}))
        return _all(found)

    def _any(self, parts: Iterable[Any]) -> Formula:
        found = [self._node(part) for part in parts]
        if not found or _true in found:
            return _true
        return lambda text: any(formula(text) for formula in found)

    def _pattern(self, pattern: str) -> Formula:
        """The identifiers and the strings of a pattern."""
        found: list[Formula] = []

        def take(match: re.Match[str]) -> str:
            text = next((group for group in match.groups() if group is not None), "")
            if matcher := _MATCHER.fullmatch(text):
                found.append(self._expression(matcher[1]))
            elif not text.startswith("$") and "..." not in text and "\\" not in text:
                found.append(self._one_of(frozenset((text.lower(),))))
            return " "

        bare = _METAVARIABLE.sub(" ", _STRING.sub(take, pattern))
        names = frozenset(word for word in WORD.findall(bare) if word not in _COMMON)
        if names:
            found.append(lambda text: names <= text.words)
        return _all(found)

    def _expression(self, expression: str) -> Formula:
        return self._one_of(literals(expression))

    def _one_of(self, fragments: frozenset[str]) -> Formula:
        if not fragments or any(len(f) < _SHORTEST and f[:1] != WHOLE for f in fragments):
            return _true
        self._fragments |= fragments
        return lambda text: not fragments.isdisjoint(text.fragments)


def _all(formulas: Iterable[Formula]) -> Formula:
    found = [formula for formula in formulas if formula is not _true]
    if not found:
        return _true
    if len(found) == 1:
        return found[0]
    return lambda text: all(formula(text) for formula in found)

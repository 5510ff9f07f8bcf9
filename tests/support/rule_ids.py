"""Which rule ids the code can give a finding, read from its syntax.

A list kept by hand would miss the rule that somebody adds tomorrow; importing everything would
miss ids that stand in a call.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

SOURCE = Path(__file__).parents[2] / "src" / "assay"
_CONSTANTS = ("ID", "RULE")
# They look rules up and make no finding.
_READERS = frozenset({"pages", "rules", "report", "cli"})
# Where the rule stands among the arguments of what makes a finding.
_MAKERS = {"Finding": 3, "finding": 0, "Hit": 0, "Indicator": 0, "Combination": 0}


@cache
def in_code(source: Path = SOURCE) -> dict[str, set[str]]:
    """Rule id → the files that can give it."""
    trees = {path: ast.parse(path.read_text()) for path in sorted(source.rglob("*.py"))}
    public = {
        name: place
        for path, tree in trees.items()
        for name, place in _takers(tree)
        if not name.startswith("_") and path.relative_to(source).parts[0] not in _READERS
    }
    found: dict[str, set[str]] = {}
    for path, tree in trees.items():
        constants = dict(_constants(tree))
        named = [rule for name, rule in constants.items() if name.split("_")[-1] in _CONSTANTS]
        if path.parent.name == "bytes":
            named = []  # there a module has several rules, and its own ID is none
        places = {**public, **dict(_takers(tree)), **_MAKERS}
        for rule in filter(None, (*named, *_called(tree, places, constants))):
            found.setdefault(rule, set()).add(path.relative_to(source).as_posix())
    return found


def _constants(tree: ast.Module) -> Iterator[tuple[str, str]]:
    for node in tree.body:
        targets = node.targets if isinstance(node, ast.Assign) else []
        if isinstance(node, ast.AnnAssign):
            targets = [node.target]
        value = node.value if isinstance(node, (ast.Assign, ast.AnnAssign)) else None
        text = value.value if isinstance(value, ast.Constant) else None
        for target in targets:
            if isinstance(target, ast.Name) and isinstance(text, str):
                yield target.id, text


def _takers(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Functions with a parameter called ``rule``, and classes with such a field, and its place
    without ``self``."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            fields = [one.target for one in node.body if isinstance(one, ast.AnnAssign)]
            names = [target.id for target in fields if isinstance(target, ast.Name)]
            if "rule" in names and node.name not in _MAKERS:
                yield node.name, names.index("rule")  # a row of a table
            for inner in node.body:
                if isinstance(inner, ast.FunctionDef) and inner.name == "__init__":
                    yield from _place(inner, node.name)
        elif isinstance(node, ast.FunctionDef):
            yield from _place(node, node.name)


def _place(function: ast.FunctionDef, name: str) -> Iterator[tuple[str, int]]:
    names = [argument.arg for argument in (*function.args.posonlyargs, *function.args.args)]
    names = names[1:] if names[:1] == ["self"] else names
    if "rule" in names and name not in _MAKERS:
        yield name, names.index("rule")


def _called(
    tree: ast.Module, places: Mapping[str, int], constants: Mapping[str, str]
) -> Iterator[str]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        function = node.func
        name = function.attr if isinstance(function, ast.Attribute) else ""
        name = function.id if isinstance(function, ast.Name) else name
        if name not in places:
            continue
        if any(isinstance(argument, ast.Starred) for argument in node.args):
            continue  # the places are shifted; the constant that it names is found by its name
        given = [keyword.value for keyword in node.keywords if keyword.arg == "rule"]
        for value in given or node.args[places[name] : places[name] + 1]:
            yield from _texts(value, constants)


def _texts(value: ast.expr, constants: Mapping[str, str]) -> Iterator[str]:
    """What an argument can be: a literal, a constant of the module, one of two."""
    if isinstance(value, ast.Constant) and isinstance(value.value, str):
        yield value.value
    elif isinstance(value, ast.Name) and value.id in constants:
        yield constants[value.id]
    elif isinstance(value, ast.IfExp):
        yield from _texts(value.body, constants)
        yield from _texts(value.orelse, constants)

"""Every ``${NAME}`` in the arguments is a declared parameter, and every parameter is used.

A parameter is replaced only where it is an argument of its own: inside a longer text a person's
value could change what the rest of that argument means.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from assay.hidden import quoted

if TYPE_CHECKING:
    from assay.checks import Context
    from assay.finding import Finding

ID = "launch-parameters"
_WHOLE = r"\$\{([a-z][a-z0-9_]*)\}"


def run(context: Context) -> Iterator[Finding]:
    launch = context.entry.launch
    declared = [parameter.name for parameter in launch.parameters]
    used: set[str] = set()
    for index, argument in enumerate(launch.args):
        match = re.fullmatch(_WHOLE, argument)
        if match:
            used.add(match[1])
        if match and match[1] not in declared:
            told = f"{quoted(argument)} is no declared parameter"
            fix = "declare it under launch.parameters"
            yield context.finding(ID, ("launch", "args", index), told, fix)
        elif not match and "${" in argument:
            told = f"{quoted(argument)} is not replaced: ${{NAME}} must be the whole argument"
            fix = "make it an item of its own, in lower case"
            yield context.finding(ID, ("launch", "args", index), told, fix)
    yield from _declarations(context, declared, used)


def _declarations(context: Context, declared: list[str], used: set[str]) -> Iterator[Finding]:
    for index, name in enumerate(declared):
        where = ("launch", "parameters", index, "name")
        if name in declared[:index]:
            told = f"the parameter {quoted(name)} is declared twice"
            yield context.finding(ID, where, told, "keep one of the two")
        elif name not in used:
            told = f"the parameter {quoted(name)} is not used"
            fix = f"write ${{{name}}} in launch.args, or delete it"
            yield context.finding(ID, where, told, fix)

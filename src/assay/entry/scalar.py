"""Plain scalars: refuse whatever some YAML would read as something other than its text.

YAML 1.1 and 1.2 and their many parsers disagree on `no`, `1.10`, `0o17`, `12:30` or `1e3`, so a
reviewer and a tool could read two different entries out of the same bytes. Left plain are what
all read alike: text, whole numbers, true and false; and dates, which we keep as text.
"""

from __future__ import annotations

import re

Value = str | int | bool | None

_WHOLE = re.compile(r"0|-?[1-9][0-9]{0,17}")
# A date, or an instant as RFC 3339 writes it in UTC. YAML 1.1 makes objects of them, whose text
# is the same again.
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:[.][0-9]+)?Z)?")
# Whatever looks like a number or a time to the resolvers of YAML 1.1 (yaml.org/type) and 1.2
# (section 10.3.2), a little widened: to quote a string too many costs two characters.
_NUMBER = (
    r"[-+]?(?:0[xX][0-9a-fA-F_]+|0[oO][0-7_]+|0[bB][01_]+"
    r"|(?:[0-9][0-9_]*[.]?[0-9_]*|[.][0-9][0-9_]*)(?:[eE][-+]?[0-9_]*)?"
    r"|[0-9][0-9_]*(?::[0-9_]+)+(?:[.][0-9_]*)?"
    r"|[.](?:inf|Inf|INF|nan|NaN|NAN))"
)
_TIME = r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:(?:[Tt]|[ ]+)[0-9]{1,2}:[0-9:. Zz+-]*)?"
_TRUTHS = frozenset({"yes", "no", "on", "off", "y", "n", "true", "false"})
_NOTHINGS = frozenset({"", "~", "null", "Null", "NULL"})
_NUMERIC = frozenset("0123456789+-.")
# First characters of the words above: most text is settled by looking at its first character.
_WORDLIKE = frozenset("yYnNoOtTfF~=<")


def resolve(text: str) -> tuple[Value, str]:
    """The value of a plain scalar, and what it would be taken for if that is not certain."""
    first = text[:1]
    if first in _NUMERIC and first:
        return _number(text)
    if first and first not in _WORDLIKE:
        return text, ""
    if text in ("true", "false"):
        return text == "true", ""
    if text in _NOTHINGS:
        return None, ""
    if text.lower() in _TRUTHS:
        return text, "a truth value"
    return text, "an operator" if text in ("=", "<<") else ""


def _number(text: str) -> tuple[Value, str]:
    if _WHOLE.fullmatch(text):
        return int(text), ""
    if _DATE.fullmatch(text):
        return text, ""
    if re.fullmatch(_NUMBER, text):
        return text, "a number or a time"
    return text, "a date" if re.fullmatch(_TIME, text) else ""

"""The severity in a CVSS vector: the base score of versions 2.0 and 3.x, and the word for it.

Version 4.0 has no formula but a table of 270 scores, which is not kept here: databases that give
such a vector give the word beside it, and without one a severity counts as not known.
"""

from __future__ import annotations

import math

# CVSS v3.1 specification, section 7.4; of privileges with scope unchanged and changed.
_V3: dict[str, dict[str, float]] = {
    "AV": {"N": 0.85, "A": 0.62, "L": 0.55, "P": 0.2},
    "AC": {"L": 0.77, "H": 0.44},
    "UI": {"N": 0.85, "R": 0.62},
    "C": {"H": 0.56, "L": 0.22, "N": 0.0},
    "I": {"H": 0.56, "L": 0.22, "N": 0.0},
    "A": {"H": 0.56, "L": 0.22, "N": 0.0},
}
_PRIVILEGES = {"U": {"N": 0.85, "L": 0.62, "H": 0.27}, "C": {"N": 0.85, "L": 0.68, "H": 0.5}}
# CVSS v2 guide, section 3.2.1.
_V2: dict[str, dict[str, float]] = {
    "AV": {"L": 0.395, "A": 0.646, "N": 1.0},
    "AC": {"H": 0.35, "M": 0.61, "L": 0.71},
    "Au": {"M": 0.45, "S": 0.56, "N": 0.704},
    "C": {"N": 0.0, "P": 0.275, "C": 0.660},
    "I": {"N": 0.0, "P": 0.275, "C": 0.660},
    "A": {"N": 0.0, "P": 0.275, "C": 0.660},
}


def level(vector: str) -> str:
    """The severity's word (one of ``model.LEVELS``), or empty for what is no vector of these."""
    head, _, rest = vector.partition("/")
    try:
        if head in ("CVSS:3.0", "CVSS:3.1"):
            return _word(_score3(_metrics(rest)), critical=9.0)
        if not head.startswith("CVSS:"):
            return _word(_score2(_metrics(vector.strip("()"))), critical=11.0)
    except (KeyError, ValueError):
        return ""
    return ""


def _metrics(text: str) -> dict[str, str]:
    pairs = [part.split(":") for part in text.split("/")]
    if any(len(pair) != 2 for pair in pairs):
        raise ValueError("not metric:value")
    found = {pair[0]: pair[1] for pair in pairs}
    if len(found) != len(pairs):
        raise ValueError("a metric twice")
    return found


def _score3(metrics: dict[str, str]) -> float:
    scope = metrics["S"]
    part = {name: values[metrics[name]] for name, values in _V3.items()}
    privileges = _PRIVILEGES[scope][metrics["PR"]]
    base = 1 - (1 - part["C"]) * (1 - part["I"]) * (1 - part["A"])
    changed = 7.52 * (base - 0.029) - 3.25 * (base - 0.02) ** 15
    impact = changed if scope == "C" else 6.42 * base
    if impact <= 0:
        return 0.0
    exploitability = 8.22 * part["AV"] * part["AC"] * privileges * part["UI"]
    return _up(min((1.08 if scope == "C" else 1.0) * (impact + exploitability), 10.0))


def _up(score: float) -> float:
    """Rounded up to one decimal, by whole numbers (section 7.1, Roundup)."""
    whole = round(score * 100_000)
    return whole / 100_000 if whole % 10_000 == 0 else (math.floor(whole / 10_000) + 1) / 10


def _score2(metrics: dict[str, str]) -> float:
    part = {name: values[metrics[name]] for name, values in _V2.items()}
    impact = 10.41 * (1 - (1 - part["C"]) * (1 - part["I"]) * (1 - part["A"]))
    exploitability = 20 * part["AV"] * part["AC"] * part["Au"]
    score = (0.6 * impact + 0.4 * exploitability - 1.5) * (1.176 if impact else 0.0)
    return round(score, 1)


def _word(score: float, *, critical: float) -> str:
    """Section 5 of v3.1; v2 as the NVD rates it, which has no critical there."""
    if score >= critical:
        return "critical"
    if score >= 7.0:
        return "high"
    if score >= 4.0:
        return "moderate"
    return "low" if score > 0 else "info"

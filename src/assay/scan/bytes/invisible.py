"""Characters that a reader does not see, or that show him another text than the one that runs.

Bidirectional controls reorder code (CVE-2021-42574), tag characters and variation selectors carry
whole texts that nothing shows, letters of another script make two names look alike (CVE-2021-42694).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from assay.finding import Severity
from assay.hidden import is_hidden, quoted
from assay.scan.bytes.folding import LOOKALIKES
from assay.scan.bytes.indicator import MOST_HITS
from assay.scan.bytes.sight import Sight, sight
from assay.scan.model import Hit, ScannedFile

ID = "invisible"
BIDI = "bidirectional-text"
TAGS = "invisible-text"
NO_WIDTH = "invisible-characters"
PRIVATE = "private-use-text"
LOOKALIKE = "lookalike-identifier"
_FIX = "Write it with visible characters, or as escapes where a character is meant."

_ODD = re.compile("[^\x00-\x7f]")
_BIDI = re.compile("[\u202a\u202b\u202d\u202e\u2066-\u2068]")
_BIDI_REORDERS = re.compile(
    "[\u202a-\u202e\u2066-\u2069]{1,6}[^\\]\u202a-\u202e\u2066-\u2069\n-]{0,80}"
    "[;{}()=/#*\"'][^\n]{0,200}[\u202a-\u202e\u2066-\u2069\n]"
)
_TAG = re.compile("[\U000e0000-\U000e007f]{2,}")
_FLAG = "\U0001f3f4"  # before the tags of a regional flag
_SELECTORS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]{4,}")
_NO_WIDTH_RUN = re.compile(
    "[\u200b-\u200d\u2060-\u2064\u180e\ufeff\u00ad\u3164\u115f\u1160\uffa0]{8,}"
)
_IN_NAME = re.compile("[\u200b-\u200d\u2060-\u2064\ufeff\u00ad](?<=[A-Za-z_$].)(?=[A-Za-z_$])")
_FILLER = re.compile("[\u3164\uffa0\u115f\u1160]")
_NAMED = re.compile(r"(?:\b(?:const|let|var)\s{1,4}|[,{.\[]\s{0,4})$")
_PRIVATE = re.compile("[\ue000-\uf8ff\U000f0000-\U000ffffd\U00100000-\U0010fffd]{16,}")


def run(file: ScannedFile) -> Iterator[Hit]:
    """Invisible and misleading characters of one file."""
    view = sight(file)
    if view.role == "binary" or view.text.isascii():
        return
    odd = set(_ODD.findall(view.text))
    if any(is_hidden(char) for char in odd):
        yield from _hidden_texts(view)
        yield from _bidirectional(view)
        if view.role == "code":
            yield from _names(view)
    if view.role == "code" and not odd.isdisjoint(LOOKALIKES):
        yield from _lookalikes(view)


def _hidden_texts(view: Sight) -> Iterator[Hit]:
    for match in _first(_TAG, view.text):
        if view.text[match.start() - 1 : match.start()] == _FLAG:
            continue
        said = "".join(chr(ord(char) - 0xE0000) for char in match[0] if ord(char) > 0xE001F)
        yield _error(
            view,
            match,
            TAGS,
            f"Holds a text in tag characters, which nothing shows: {quoted(said)}",
        )
    for match in _first(_SELECTORS, view.text):
        said = bytes(_selector(char) for char in match[0]).decode("utf-8", "replace")
        yield _error(
            view,
            match,
            TAGS,
            f"Holds {len(match[0])} variation selectors in a row, which nothing shows: {quoted(said)}",
        )
    for match in _first(_NO_WIDTH_RUN, view.text):
        if len(set(match[0])) > 1 or len(match[0]) >= 32:
            yield _error(
                view, match, TAGS, f"Holds {len(match[0])} characters of no width in a row"
            )
    for match in _first(_PRIVATE, view.text):
        yield _error(
            view,
            match,
            PRIVATE,
            f"Holds {len(match[0])} private-use characters in a row",
            Severity.WARNING,
        )


def _selector(char: str) -> int:
    code = ord(char)
    return code - 0xFE00 if code < 0xFE10 else (code - 0xE0100 + 16) & 0xFF


# Writing in two directions is text as it should be; in a configuration it is rare.
_IN_TEXT = dict.fromkeys(("json", "yaml", "toml"), Severity.WARNING)


def _bidirectional(view: Sight) -> Iterator[Hit]:
    if not _BIDI.search(view.text):
        return
    code = view.role == "code"
    for match in _first(_BIDI_REORDERS, view.text):
        if re.search("[a-zA-Z]{2}", match[0]) and not _quoted_alone(view.text, match.start()):
            weight = Severity.ERROR if code else _IN_TEXT.get(view.file.kind, Severity.NOTE)
            yield _error(
                view,
                match,
                BIDI,
                "Reorders what is shown: the line reads otherwise than it runs",
                weight,
            )
            return
    first = _BIDI.search(view.text)
    if first and code:
        yield _error(
            view, first, BIDI, "Holds controls of writing direction, unescaped", Severity.NOTE
        )


def _quoted_alone(text: str, start: int) -> bool:
    """Whether a literal holds the controls and nothing else: a program that writes them."""
    end = start
    while end < len(text) and text[end] in _CONTROLS:
        end += 1
    return text[start - 1 : start] == text[end : end + 1] != ""


_CONTROLS = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


def _names(view: Sight) -> Iterator[Hit]:
    for match in _first(_IN_NAME, view.text):
        yield _error(
            view, match, NO_WIDTH, "Holds a character of no width inside a word", Severity.WARNING
        )
    for match in _first(_FILLER, view.text):
        if not _NAMED.search(view.text[max(0, match.start() - 12) : match.start()]):
            continue
        yield _error(
            view,
            match,
            NO_WIDTH,
            "Names something with a letter that shows as a blank",
            Severity.ERROR,
        )


def _lookalikes(view: Sight) -> Iterator[Hit]:
    """Words of Latin and other letters that read as a word the file has, or that programs have."""
    told = until = 0
    for match in _OTHER.finditer(view.text):
        start, end = match.span()
        if start < until:
            continue
        while start > until and end - start < 40 and _PART.match(view.text[start - 1]):
            start -= 1
        while end < len(view.text) and end - start < 40 and _PART.match(view.text[end]):
            end += 1
        until = end
        word = view.text[start:end].lower()
        plain = "".join(LOOKALIKES.get(char, char) for char in word)
        mixed = any("a" <= char <= "z" for char in word)
        if (
            mixed
            and plain.isascii()
            and (len(plain) >= 4 and (plain in view.words.whole or plain in _KNOWN))
        ):
            told += 1
            yield view.hit(
                match.start(),
                rule=LOOKALIKE,
                message=f"Writes {plain} with letters of another script: {word!a}",
                family="unicode",
                severity=Severity.ERROR if _used(view.text, start, end) else Severity.NOTE,
                fix=_FIX,
            )
        if told >= MOST_HITS:
            return


def _used(text: str, start: int, end: int) -> bool:
    """Whether a word is called, set or a member: more than a slip of the keyboard in a comment."""
    return text[start - 1 : start] == "." or text[end : end + 2].lstrip()[:1] in tuple("(=.:[")


_OTHER = re.compile(f"[{''.join(sorted(LOOKALIKES))}]{{1,40}}")
_PART = re.compile(r"\w")
_KNOWN = frozenset(
    [
        "eval",
        "exec",
        "require",
        "import",
        "admin",
        "user",
        "true",
        "false",
        "process",
        "console",
        "function",
        "token",
        "password",
        "request",
        "os",
        "system",
    ]
)


def _first(pattern: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
    for index, match in enumerate(pattern.finditer(text)):
        if index >= MOST_HITS:
            return
        yield match


def _error(
    view: Sight, match: re.Match[str], rule: str, message: str, severity: Severity = Severity.ERROR
) -> Hit:
    return view.hit(
        match.start(), rule=rule, message=message, family="unicode", severity=severity, fix=_FIX
    )

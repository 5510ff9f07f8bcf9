"""Text laid out so that a reader does not come upon what runs: far to the right, in one endless
line of an otherwise plain file, in the blanks at the ends of lines, as symbols alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from assay.finding import Severity
from assay.scan.bytes.runs import Alphabet
from assay.scan.bytes.sight import Sight, sight
from assay.scan.model import Hit, ScannedFile

ID = "shape"
RIGHT = "code-far-right"
LONG = "long-line"
BLANKS = "blank-payload"
SYMBOLS = "symbols-only-code"
OBFUSCATED = "obfuscated-code"
_FIX = "Ship the readable source, and take out what is not needed."
_FAR = 120  # blanks
_CODE_PART = re.compile(r"[ \t]{2,}[^\s/#*'\"][^\n]{4,}")
_CALLS = re.compile(r"\w\s{0,3}\(|=>|\beval|require|import|exec|;\s{0,4}\w")
_TRAILING = re.compile(r"(?<=[^ \t\n])[ \t]{8,}(?=\n|$)|(?:^|\n)[ \t]{16,}(?=\n|$)")
_SYMBOLS = Alphabet("[]()!+{}")
_LEAST_SYMBOLS = 250
_GREEK_FACES = re.compile(r"ﾟωﾟ|\(ﾟДﾟ\)|\$=~\[\];|\$=\{___:")
_HEXED = re.compile(r"(?<![\w$])_0x[0-9a-f]{4,8}(?![\w$])")
_MANGLER = re.compile(
    r"while\(!!\[\]\)\{try\{(?:const|var|let)\s|\['push'\]\(_0x\w+\['shift'\]\(\)\)"
    r"|\.push\(\w{1,12}\.shift\(\)\)[;}]|function\s_0x[0-9a-f]{4,6}\(\)\{(?:const|var|let)\s_0x[0-9a-f]{4,6}=\["
)
_PACKED = re.compile(r"eval\(function\(p,a,c,k,e,[dr]\)")
_PY_LAYERS = re.compile(
    r"(?<![\w.])exec\(\s{0,4}(?:\(?lambda|zlib|marshal|base64|codecs|bytes|__import__|gzip|lzma|compile\(|Fernet\(|AES\.)[^\n]{0,400}"
    r"|marshal\.loads\([^\n]{0,300}|(?:getattr|vars|globals)\(\s{0,3}(?:__builtins__|__import__\()[^\n]{0,80}"
    r"|(?:__builtins__|builtins)\s{0,3}(?:\.__dict__)?\[[^\]\n]{1,80}\]\s{0,2}\("
)
_CONFUSABLE = Alphabet("OoQD0Il1_")
_NAME = re.compile(r"(?<!\w)(?:[OoQD0]{8,40}|[Il1]{8,40}|_{1,3}[O0Il1]{8,40})(?!\w)")
_LONG = 4000  # characters


def run(file: ScannedFile) -> Iterator[Hit]:
    """How one file is laid out."""
    view = sight(file)
    if view.role != "code" or file.kind == "html":
        return
    yield from _far_right(view)
    yield from _symbols(view)
    yield from _mangled(view)
    if file.kind == "py":
        yield from _layers(view)
    yield from _long(view)
    yield from _blanks(view)


def _far_right(view: Sight) -> Iterator[Hit]:
    text, at, told = view.text, 0, 0
    for needle in (" " * _FAR, "\t" * (_FAR // 6)):
        at = 0
        while told < 3 and (start := text.find(needle, at)) >= 0:
            line_end = text.find("\n", start)
            line_end = len(text) if line_end < 0 else line_end
            at = line_end
            line_start = text.rfind("\n", 0, start) + 1
            after = text[start:line_end].lstrip()
            if (
                after
                and _CALLS.search(after[:4000])
                and not _continues(text[line_start:start], after)
            ):
                told += 1
                yield view.hit(
                    line_end - len(text[start:line_end].lstrip()),
                    rule=RIGHT,
                    message="Holds code far to the right of its line, where no window shows it",
                    family="obfuscation",
                    severity=Severity.ERROR,
                    fix=_FIX,
                )


def _continues(before: str, after: str) -> bool:
    """Whether the blanks only indent deeply: nothing stands before them, and little after."""
    return (not before.strip() and len(after) < 60) or after.startswith(("//", "#", "*", "/*"))


def _symbols(view: Sight) -> Iterator[Hit]:
    text = view.text
    places = []
    if "![]" in text or "+[]" in text:
        spans = _SYMBOLS.runs(text, _LEAST_SYMBOLS)
        places = [start for start, end in spans if len(set(text[start:end])) >= 4][:1]
    if not places and ("ﾟ" in text or "$=" in text):
        places = [match.start() for match in _GREEK_FACES.finditer(text)][:1]
    for at in places:
        message = "Holds a program written in symbols alone"
        yield _obfuscated(view, at, SYMBOLS, message, Severity.ERROR)


def _mangled(view: Sight) -> Iterator[Hit]:
    text = view.text
    if "_0x" in text:
        names = sum(1 for _ in zip(_HEXED.finditer(text), range(40), strict=False))
        tool = _MANGLER.search(text)
        if names >= 12:
            weight = Severity.ERROR if tool or names >= 40 else Severity.WARNING
            yield _obfuscated(
                view,
                text.find("_0x"),
                OBFUSCATED,
                "Went through an obfuscator: names and strings are hidden",
                weight,
            )
            return
    if match := _PACKED.search(text):
        yield _obfuscated(
            view, match.start(), OBFUSCATED, "Unpacks itself with eval", Severity.WARNING
        )
    odd: set[str] = set()
    for start, end in _CONFUSABLE.runs(text, 8):
        if (match := _NAME.match(text, start)) and match.end() == end:
            odd.add(match[0])
        if len(odd) > 60:
            break
    mixed = [name for name in odd if not name.isdigit() and len(set(name.strip("_"))) > 1]
    if len(mixed) >= 5:
        message = "Names things so that no reader tells them apart"
        yield _obfuscated(view, text.find(min(mixed)), OBFUSCATED, message, Severity.ERROR)


def _layers(view: Sight) -> Iterator[Hit]:
    for index, match in enumerate(_PY_LAYERS.finditer(view.text)):
        if index > 2:
            return
        if match[0].startswith("exec") and re.search(
            r"decode|decompress|decrypt|loads|b64|unhex|fromhex|rot", match[0]
        ):
            yield _obfuscated(
                view,
                match.start(),
                OBFUSCATED,
                "Runs what it decodes",
                _layer_weight(view, match[0]),
            )


def _layer_weight(view: Sight, what: str) -> Severity:
    return Severity.ERROR if what.startswith("exec") else Severity.NOTE


def _obfuscated(view: Sight, at: int, rule: str, message: str, severity: Severity) -> Hit:
    return view.hit(
        at, rule=rule, message=message, family="obfuscation", severity=severity, fix=_FIX
    )


def _long(view: Sight) -> Iterator[Hit]:
    """One endless line in a file whose other lines are short: code laid into a plain file."""
    lines = view.text.split("\n")
    if len(lines) < 20:
        return
    lengths = sorted(map(len, lines))
    longest, usual = lengths[-1], lengths[-2 - len(lines) // 50]
    if longest < _LONG or usual > 300:
        return
    index = max(range(len(lines)), key=lambda line: len(lines[line]))
    at = sum(len(line) + 1 for line in lines[:index])
    line = lines[index]
    blank = _string_share(line)
    yield _obfuscated(
        view, at, LONG, f"Holds one line of {longest} characters among short ones", Severity.NOTE
    )._replace(signal=blank)


def _string_share(line: str) -> bool:
    """Whether the line is one long string: a picture, a font, a table."""
    match = re.search(r"[\"'`][^\"'`\n]{2000,}", line)
    return match is not None


def _blanks(view: Sight) -> Iterator[Hit]:
    if " \n" not in view.text and "\t\n" not in view.text:
        return
    found = [
        match[0].strip("\n")
        for match, _ in zip(_TRAILING.finditer(view.text), range(200), strict=False)
    ]
    mixed = [run for run in found if " " in run and "\t" in run and run.strip("\t") and _woven(run)]
    if len(mixed) >= 6:
        first = view.text.find(mixed[0])
        yield _obfuscated(
            view,
            first,
            BLANKS,
            f"Holds a text in the blanks at the ends of {len(mixed)} lines",
            Severity.WARNING,
        )


def _woven(run: str) -> bool:
    """Whether blanks and tabs alternate, as no editor leaves them."""
    return sum(1 for one, other in pairwise(run) if one != other) >= 3

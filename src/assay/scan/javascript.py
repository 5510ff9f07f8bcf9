"""JavaScript and TypeScript, rewritten so that a rule meets one spelling of a thing.

``"\\x65val"``, ``"ev" + "al"``, ``globalThis["eval"]`` and an identifier with an escape in it all
mean the same to node; a rule that had to name each spelling would miss the next one. What is
rewritten means the same as before, or nearly: this is read by rules, never run.

The lexer is a quick one: it knows strings, templates, comments, regular expressions (by what
stands before the slash) and braces. Where it errs, text is cut at an unhappy place and semgrep
says that it can't parse that; text is never lost, see ``assay.scan.slicing``.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from assay.scan.offsets import Edit, Edited, edited

# Line ends as ECMA-262 (12.3) has them, and the spaces (12.2), one character for one.
_LINES = {0x0D: "\n", 0x2028: "\n", 0x2029: "\n"}
_SPACES = dict.fromkeys((0, 0x0B, 0x0C, 0xA0, 0xFEFF, 0x1680, *range(0x2000, 0x200B), 0x202F), " ")
_TABLE = {**_LINES, **_SPACES, 0x205F: " ", 0x3000: " "}
_FOREIGN = re.compile(r"[^\x00-\x7f]")

_ESCAPE = re.compile(
    r"(?<!\\)((?:\\\\)*)\\(?:u([0-9a-fA-F]{4})|u\{0{0,8}([0-9a-fA-F]{1,4})\}|x([0-9a-fA-F]{2}))"
)
_PLAIN = re.compile(r"[A-Za-z0-9_$./:@ ~=?&,;+%#<>|!-]")
_STRING = r""""(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'"""
_TOKEN = re.compile(rf"{_STRING}|//[^\n]*|/\*.*?\*/|[{{}}`/]", re.DOTALL)
_NEXT_STRING = re.compile(rf"\s*\+\s*({_STRING})", re.DOTALL)
_REGEX = re.compile(r"/(?![*/])(?:[^\\/\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+/[a-z]*")
_TEMPLATE = re.compile(r"(?:[^`\\$]|\\.|\$(?!\{))*", re.DOTALL)
_WORD = re.compile(r"[A-Za-z_$][\w$]*$")
_IDENTIFIER = re.compile(r"[A-Za-z_$][\w$]*")
_NEEDLESS = re.compile(r"\\(?:([^\sbfnrtvux0-9'\"\\`])|([0-3]?[0-7]{1,2})|\n)")
_STATIC_BLOCK = re.compile(r"(?<![\w$.])static(\s*)(?=\{)")
_HTML_COMMENT = re.compile(r"<!--|-->")
# After these a slash begins a regular expression and a bracket an array.
_OPERATORS = frozenset(
    ("return", "typeof", "case", "in", "of", "do", "else", "delete", "void", "throw", "new")
) | {"instanceof", "yield", "await", "extends", "default"}


class Source(NamedTuple):
    """A program, rewritten.

    ``canonical`` has one character for each of the file's text, ``blocks`` are pairs of braces as
    (start, end) in ``text``. ``hidden`` are the places (in ``canonical``) where a word was spelt
    so that a reader would miss it: whoever looks for that must see the program as it was.
    ``odd`` says why two programs could read it as two things.
    """

    text: str
    canonical: str
    blocks: tuple[tuple[int, int], ...]
    steps: tuple[Edited, ...]
    hidden: tuple[int, ...] = ()
    odd: str = ""

    def before(self, offset: int) -> int:
        """The place in the file's text of a place in ``text``."""
        for step in reversed(self.steps):
            offset = step.before(offset)
        return offset


def canonical(text: str) -> str:
    """ASCII with ``\\n`` for line ends, one character for one."""
    if "\r" in text:
        text = text.replace("\r\n", " \n")
    text = text.translate(_TABLE) if not text.isascii() or "\0" in text or "\r" in text else text
    return text if text.isascii() else _FOREIGN.sub("_", text)


def read(text: str) -> Source:
    """Rewrite a program."""
    plain = canonical(text)
    first = _unescaped(plain)
    lexed = _Lexer(first.text).run()
    second = edited(first.text, sorted(lexed.edits))
    hidden = [edit.start for edit in first.edits if edit.new.isalpha()]
    hidden += [first.before(at) for at in lexed.hidden]
    return Source(
        second.text,
        plain,
        tuple((second.after(start), second.after(end)) for start, end in lexed.blocks),
        (first, second),
        tuple(sorted(hidden)),
        lexed.odd,
    )


def hides(left: str, right: str) -> bool:
    """Whether a word was cut in two between these characters, as no message would be."""
    return (left.isalnum() or left in "_.") and (right.isalnum() or right in "_.")


def _unescaped(text: str) -> Edited:
    """Escapes of plain characters resolved, wherever they stand."""
    if "\\u" not in text and "\\x" not in text:
        return edited(text, ())
    edits = []
    for match in _ESCAPE.finditer(text):
        character = chr(int(match[2] or match[3] or match[4], 16))
        if _PLAIN.fullmatch(character):
            edits.append(Edit(match.end(1), match.end(), character))
    return edited(text, edits)


class _Lexer:
    def __init__(self, text: str) -> None:
        self.text = text
        self.edits: list[Edit] = []
        self.blocks: list[tuple[int, int]] = []
        self.hidden: list[int] = []
        self.odd = ""
        self._open: list[int] = []  # where each brace was opened; -1 for a template's ``${``

    def run(self) -> _Lexer:
        text, at = self.text, 0
        search = _TOKEN.search
        code = 0  # where the code since the last token that is no brace began
        while match := search(text, at):
            start, at, kind = match.start(), match.end(), text[match.start()]
            if kind == "{":
                self._open.append(start)
            elif kind == "}":
                at = self._close(start)
            elif kind in "\"'":
                at = self._string(start, at)
            elif kind == "`":
                at = self._template(at)
            elif at - start > 1:
                pass  # a comment
            elif self._regex_may_begin(start) and (found := _REGEX.match(text, start)):
                at = found.end()
                self._disarm(start, at)
            else:
                continue
            self._code(code, start)
            code = at
        self._code(code, len(text))
        return self

    def _code(self, start: int, end: int) -> None:
        """What is between strings and comments."""
        text = self.text
        if text.find("static", start, end) >= 0:
            for match in _STATIC_BLOCK.finditer(text, start, min(end + 1, len(text))):
                # A method instead of a static block: semgrep's parser knows no such block.
                self.edits.append(Edit(match.end(), match.end(), " _()"))
        if text.find("<!--", start, end) >= 0:
            self.odd = "an HTML comment in a script, which a module reads as an expression"

    def _close(self, start: int) -> int:
        opened = self._open.pop() if self._open else None
        if opened is None:
            return start + 1
        if opened < 0:
            return self._template(start + 1)
        self.blocks.append((opened, start))
        return start + 1

    def _template(self, at: int) -> int:
        found = _TEMPLATE.match(self.text, at)
        end = found.end() if found else at
        self._disarm(at, end)
        if self.text.startswith("${", end):
            self._open.append(-1)
            return end + 2
        if self.text[end : end + 1] == "`" and self.text[at - 1] == "`":
            self._plain_template(at - 1, end + 1)
        return end + 1

    def _plain_template(self, start: int, end: int) -> None:
        inside = self.text[start + 1 : end - 1]
        tagged = start and (self.text[start - 1].isalnum() or self.text[start - 1] in "_$)]")
        if not tagged and len(inside) < 1000 and not any(mark in inside for mark in '"\n\\'):
            self.edits += (Edit(start, start + 1, '"'), Edit(end - 1, end, '"'))

    def _string(self, start: int, end: int) -> int:
        """A string and what is added to it; the edits make one of them."""
        text, first = self.text, start
        quote = text[start]
        parts = [self._unquoted(start, end)]
        edits = list(self._simpler(start, end))
        while text[end : end + 1] in " +\n\t" and (more := _NEXT_STRING.match(text, end)):
            if quote in text[more.start(1) + 1 : more.end(1) - 1]:
                break
            edits.append(Edit(end - 1, more.start(1) + 1, ""))
            if hides(text[end - 2], text[more.start(1) + 1]):
                self.hidden.append(end - 1)
            parts.append(self._unquoted(more.start(1), more.end(1)))
            edits += self._simpler(more.start(1), more.end(1))
            start, end = more.start(1), more.end(1)
        if text[end - 1] != quote:
            edits.append(Edit(end - 1, end, quote))
        member = self._member(first, end, "".join(parts))
        self.edits += [member] if member else edits
        return member.end if member else end

    def _unquoted(self, start: int, end: int) -> str:
        inside = self.text[start + 1 : end - 1]
        return _NEEDLESS.sub(_resolved, inside) if "\\" in inside else inside

    def _simpler(self, start: int, end: int) -> list[Edit]:
        """The edits that take needless and octal escapes out of one string."""
        if self.text.find("\\", start, end) < 0 and self.text.find("--", start, end) < 0:
            return []
        self._disarm(start, end)
        edits, at = [], start + 1
        while (at := self.text.find("\\", at, end - 1)) >= 0:
            match = _NEEDLESS.match(self.text, at, end - 1)
            if match and (new := _resolved(match)) != match[0]:
                edits.append(Edit(at, match.end(), new))
            at = match.end() if match else at + 2
        return edits

    def _member(self, start: int, end: int, value: str) -> Edit | None:
        """``x["name"]`` as ``x.name``."""
        text = self.text
        if start < 2 or text[start - 1] != "[" or text[end : end + 1] != "]":
            return None
        if not _IDENTIFIER.fullmatch(value):
            return None
        before = text[start - 2]
        if text.startswith("?.", start - 3):
            return Edit(start - 1, end + 1, value)
        if before in ")]" or (
            (before.isalnum() or before in "_$") and not self._operator(start - 2)
        ):
            return Edit(start - 1, end + 1, f".{value}")
        return None

    def _operator(self, last: int) -> bool:
        """Whether the word that ends at ``last`` is an operator."""
        word = _WORD.search(self.text, max(0, last - 12), last + 1)
        return bool(word and word[0] in _OPERATORS)

    def _regex_may_begin(self, start: int) -> bool:
        text, last = self.text, start - 1
        while last >= 0 and text[last] in " \t\n":
            last -= 1
        if last < 0:
            return True
        if text[last].isalnum() or text[last] in "_$":
            return self._operator(last)
        return text[last] not in ")]\"'`"

    def _disarm(self, start: int, end: int) -> None:
        """``<!--`` in a string or pattern, which semgrep's parser takes for a comment."""
        if self.text.find("--", start, end) >= 0:
            for match in _HTML_COMMENT.finditer(self.text, start, end):
                self.edits.append(Edit(match.start() + 1, match.start() + 2, "_"))


def _resolved(match: re.Match[str]) -> str:
    if match[1]:
        return match[1]
    if match[2]:
        character = chr(int(match[2], 8))
        return character if _PLAIN.fullmatch(character) else match[0]
    return ""

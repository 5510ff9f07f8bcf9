"""The adversarial corpus: what would lead an unpacker astray, each beside what would not.

A line is a name, the form of the archive, its bytes, what the refusal says, and the bytes of a
benign neighbour: as like it as can be, and unpacked. Nothing is on disk; ``making`` makes it all.
"""

from __future__ import annotations

import bz2
import gzip
import lzma
import struct
import zlib
from collections.abc import Callable
from typing import NamedTuple

from tests.artefact.unpack.making import (
    BLOCK,
    END,
    GNU,
    TOP,
    WHEEL,
    Packed,
    central_header,
    deflated,
    hashed,
    local_header,
    long_name,
    npm,
    pax,
    tar_file,
    tar_header,
    tar_special,
    tgz,
    wheel,
    zip64_end,
    zip64_extra,
    zip_end,
    zip_parts,
    zipped,
)

MIB = 1024**2
Make = Callable[[], bytes]


class Case(NamedTuple):
    """``said`` is a part of the refusal, as a regular expression."""

    form: str
    hostile: Make
    said: str
    benign: Make


CASES: dict[str, Case] = {}

# Names, in every form that has them

NAMES: dict[str, tuple[str, str, str]] = {
    "traversal": ("a/../../evil", "leads outside", "a/..b/evil"),
    "traversal at the end": ("a/..", "leads outside", "a/..x"),
    "an empty part": ("a//b", "not plain", "a/b"),
    "a dot part": ("a/./b", "not plain", "a/.b"),
    "a backslash": ("a\\..\\evil", "another system", "a/evil"),
    "a drive": ("C:evil", "another system", "C/evil"),
    "a stream": ("x.txt:evil", "another system", "x.txt"),
    "a wildcard": ("what?.txt", "another system", "what.txt"),
    "a line end": ("x\ny", "another system", "xy"),
    "a device": ("NUL", "another system", "NULL"),
    "a device with an ending": ("lib/aux.h", "another system", "lib/auxiliary.h"),
    "a device with a blank": ("con .txt", "another system", "con-.txt"),
    "a device by its number": ("COM1", "another system", "COM10"),
    "a device by a raised number": ("com\xb9", "another system", "com\xb5"),
    "a console": ("CONIN$", "another system", "CONIN"),
    "a dot at the end": ("evil.", "another system", "evil.x"),
    "a blank at the end": ("evil ", "another system", "e vil"),
    "too deep": ("a/" * 60 + "x", "too deep", "a/" * 40 + "x"),
    "too long": ("a/" + "x" * 300, "too long", "a/" + "x" * 250),
    "too long in bytes": ("\xe4" * 200, "too long", "\xe4" * 120),
    "bidirectional": ("a\u202egnp.js", "nobody sees", "\u0627\u0644\u0633.png"),
    "an isolate": ("a\u2066b.js", "nobody sees", "a\u05d0b.js"),
    "zero-width": ("in\u200bdex.js", "nobody sees", "index.js"),
    "a byte-order mark": ("\ufeffindex.js", "nobody sees", "index.js"),
    "a tag character": ("index\U000e0041.js", "nobody sees", "index\U0001f600.js"),
    "a blank letter": ("index\u3164.js", "nobody sees", "index\ud55c.js"),
    "a control": ("a\x9bb", "nobody sees", "a\xe9b"),
    "a Cyrillic twin": ("c\u043enfig.js", "look alike", "\u043a\u043e\u043d\u0444\u0438\u0433.js"),
    "a Cyrillic twin beside an accent": ("caf\xe9\u0441.js", "look alike", "caf\xe9s.js"),
    "a Greek twin": ("lib/\u039fpen.js", "look alike", "lib/\u0394t_max.csv"),
    "a slash that is none": ("a\u2215b", "look alike", "a-b"),
    "a full-width slash": ("a\uff0fb", "look alike", "a\uff08b\uff09"),
    "two dots in one": ("a/\u2025/b", "look alike", "a/\u2026x/b"),
}  # fmt: skip
PAIRS: dict[str, tuple[str, str, str]] = {
    "the same name twice": ("a/x", "a/x", "take for one"),
    "names that differ in case": ("README", "readme", "take for one"),
    "names that differ in Unicode's form": ("\xe9", "e\u0301", "take for one"),
    "names that differ in both": ("\xc9", "e\u0301", "take for one"),
    "names that differ in width": ("index.js", "\uff49ndex.js", "take for one"),
    "names in twins of letters": ("cop.js", "\u0441\u043e\u0440.js", "take for one"),
    "folders that differ in case": ("Lib/a", "lib/b", "take for one"),
    "a file, then a folder in its place": ("a", "a/b", "place of a folder"),
    "a folder, then a file in its place": ("A/b", "a", "place of a folder"),
}


def _named(form: str, *names: str) -> Make:
    makes: dict[str, Make] = {
        "npm-tgz": lambda: npm(*(tar_file(_any_length(f"package/{name}"), b"x") for name in names)),
        "tar": lambda: tgz(*(tar_file(_any_length(name), b"x") for name in names)),
        "zip": lambda: zipped(*(Packed(name, b"x") for name in names)),
        "mcpb": lambda: zipped(
            Packed("manifest.json", b"{}"), *(Packed(name, b"x") for name in names)
        ),
        "wheel": lambda: wheel({}, *(Packed(name, b"x") for name in names)),
    }
    return makes[form]


def _any_length(name: str) -> bytes:
    # The header's own field ends after 100 bytes; tests of longer names are in the pax cases.
    return name.encode()[:100] if len(name.encode()) <= 100 else name.encode()


def _long(form: str, name: str) -> Make:
    """As ``_named``, by an extended header where the field is too short."""
    if form not in ("npm-tgz", "tar") or len(name.encode()) < 90:
        return _named(form, name)
    path = f"package/{name}" if form == "npm-tgz" else name
    return lambda: tgz(pax({"path": path}), tar_file("package/cut", b"x"))


for _form in ("npm-tgz", "tar", "zip", "mcpb", "wheel"):
    for _what, (_bad, _said, _good) in NAMES.items():
        CASES[f"{_form}: {_what}"] = Case(_form, _long(_form, _bad), _said, _long(_form, _good))
    for _what, (_one, _two, _said) in PAIRS.items():
        _benign = _named(_form, _one, f"other-{_two}")
        CASES[f"{_form}: {_what}"] = Case(_form, _named(_form, _one, _two), _said, _benign)


def _case(name: str, form: str, hostile: Make, said: str, benign: Make) -> None:
    assert name not in CASES
    CASES[name] = Case(form, hostile, said, benign)


def _tar(name: str, hostile: Make, said: str, benign: Make) -> None:
    _case(f"tar: {name}", "tar", hostile, said, benign)


def _npm(name: str, hostile: Make, said: str, benign: Make) -> None:
    _case(f"npm-tgz: {name}", "npm-tgz", hostile, said, benign)


def _zip(name: str, hostile: Make, said: str, benign: Make) -> None:
    _case(f"zip: {name}", "zip", hostile, said, benign)


def _whl(name: str, hostile: Make, said: str, benign: Make) -> None:
    _case(f"wheel: {name}", "wheel", hostile, said, benign)


# Where npm's packages may lie

_npm(
    "an absolute path",
    lambda: npm(tar_file("/etc/evil", b"x"), tar_file("/evil", b"x")),
    "top folder",
    lambda: npm(tar_file("other/etc/good", b"x")),
)
_npm(
    "above its top folder",
    lambda: npm(tar_file("../package/x", b"x")),
    "top folder",
    lambda: npm(tar_file("package/package/x", b"x")),
)
_npm(
    "beside its top folder",
    lambda: npm(tar_file("lonely", b"x")),
    "top folder",
    lambda: npm(tar_file("package/lonely", b"x")),
)
_npm(
    "packages of its own",
    lambda: npm(tar_file("package/node_modules/a/index.js", b"x")),
    "does not name",
    lambda: npm(tar_file("package/lib/node_modules/a/index.js", b"x")),
)
_tar(
    "an absolute path",
    lambda: tgz(tar_file("/etc/evil", b"x")),
    "leads outside",
    lambda: tgz(tar_special("./", b"5"), tar_file("./etc/good", b"x")),
)

# Kinds of members

_SPECIALS = {
    "a symbolic link": (b"2", "/etc/passwd", "holds a link"),
    "a symbolic link inside": (b"2", "package.json", "holds a link"),
    "a hard link": (b"1", "package/package.json", "hard link"),
    "a character device": (b"3", "", "a device"),
    "a block device": (b"4", "", "a device"),
    "a pipe": (b"6", "", "a pipe"),
    "a sparse file": (b"S", "", "sparse"),
    "a contiguous file": (b"7", "", "no file"),
    "a volume's label": (b"V", "", "no file"),
    "a kind that nobody knows": (b"q", "", "no file"),
}
for _what, (_kind, _link, _said) in _SPECIALS.items():
    _npm(
        _what,
        lambda kind=_kind, link=_link: npm(tar_special("package/x", kind, link)),  # type: ignore[misc]
        _said,
        lambda: npm(tar_special("package/x/", b"5"), tar_file("package/x/y", b"x")),
    )
for _what in ("a character device", "a block device", "a pipe", "a sparse file"):
    _kind, _, _said = _SPECIALS[_what]
    _tar(
        _what,
        lambda kind=_kind: tgz(tar_special("x", kind)),  # type: ignore[misc]
        _said,
        lambda: tgz(tar_file("x")),
    )
for _bit, _what in ((0o4000, "setuid"), (0o2000, "setgid"), (0o1000, "sticky")):
    _npm(
        f"a {_what} file",
        lambda bit=_bit: npm(tar_file("package/x", b"x", 0o755 | bit)),  # type: ignore[misc]
        "setuid, setgid or sticky",
        lambda: npm(tar_file("package/x", b"x", 0o777)),
    )
    _tar(
        f"a {_what} file",
        lambda bit=_bit: tgz(tar_file("x", b"x", 0o755 | bit)),  # type: ignore[misc]
        "setuid, setgid or sticky",
        # On a folder the bit says who owns what is made in it later; it is told, and never laid.
        lambda bit=_bit: tgz(tar_header("x/", kind=b"5", mode=0o755 | bit)),  # type: ignore[misc]
    )
    _zip(
        f"a {_what} file",
        lambda bit=_bit: zipped(Packed("x", b"x", mode=0o100755 | bit)),  # type: ignore[misc]
        "setuid, setgid or sticky",
        lambda: zipped(Packed("x", b"x", mode=0o100777)),
    )
for _mode, _what in ((0o020644, "a device node"), (0o010644, "a pipe"), (0o140644, "a socket")):
    _zip(
        _what,
        lambda mode=_mode: zipped(Packed("x", b"", mode=mode)),  # type: ignore[misc]
        "a device",
        lambda: zipped(Packed("x", b"", mode=0)),
    )
for _form in ("wheel", "mcpb"):
    _case(
        f"{_form}: a symbolic link",
        _form,
        lambda form=_form: _with_file(form, Packed("x", b"y", mode=0o120777)),  # type: ignore[misc]
        "holds a link",
        lambda form=_form: _with_file(form, Packed("x", b"y", mode=0o100777)),  # type: ignore[misc]
    )


def _with_file(form: str, file: Packed) -> bytes:
    if form == "wheel":
        return wheel({}, file)
    return zipped(Packed("manifest.json", b"{}"), file)


# Links, in the forms that may hold them

_LINKS: dict[str, tuple[dict[str, str], str, dict[str, str]]] = {
    "a link to an absolute path": ({"x": "/etc/passwd"}, "leads outside", {"x": "etc/passwd"}),
    "a link that climbs out": ({"a/x": "../../y"}, "leads outside", {"a/x": "../y"}),
    "a link through a link": (
        {"d/e/up": "../..", "out": "d/e/up/../y"},
        "leads outside",
        {"d/e/up": "../..", "in": "d/e/up/y"},
    ),
    "a link through a link of another case": (
        {"d/e/UP": "../..", "out": "d/e/up/../y"},
        "leads outside",
        {"d/e/UP": "../..", "in": "d/e/up/y"},
    ),
    "a link through many links": (
        {"a": "b", "b": "c", "c": "d/d", "d/d": "..", "out": "a/../y"},
        "leads outside",
        {"a": "b", "b": "c", "c": "d/d", "d/d": "..", "in": "a/y"},
    ),
    "a link to itself": ({"x": "x"}, "entangled", {"x": "y"}),
    "links in a ring": ({"x": "y", "y": "x"}, "entangled", {"x": "y", "y": "z"}),
    "links that double": (
        {f"l{n}": f"l{n + 1}/l{n + 1}" for n in range(40)},
        "entangled",
        {f"l{n}": f"k{n + 1}/k{n + 1}" for n in range(40)},
    ),
    "a link to nowhere": ({"x": "a\x01b"}, "another system", {"x": "a-b"}),
    "a link to a drive": ({"x": "C:\\evil"}, "another system", {"x": "C/evil"}),
    "a link with a hidden target": ({"x": "a\u202eb"}, "nobody sees", {"x": "ab"}),
}


def _linked(form: str, links: dict[str, str], *files: str) -> bytes:
    if form == "tar":
        parts = [tar_special(path, b"2", target) for path, target in links.items()]
        return tgz(*parts, *(tar_file(name, b"x") for name in files))
    packed = [Packed(path, target.encode(), mode=0o120777) for path, target in links.items()]
    return zipped(*packed, *(Packed(name, b"x") for name in files))


for _form in ("tar", "zip"):
    for _what, (_bad_links, _said, _good_links) in _LINKS.items():
        CASES[f"{_form}: {_what}"] = Case(
            _form,
            lambda form=_form, links=_bad_links: _linked(form, links),  # type: ignore[misc]
            _said,
            lambda form=_form, links=_good_links: _linked(form, links),  # type: ignore[misc]
        )
    CASES[f"{_form}: a file written through a link"] = Case(
        _form,
        lambda form=_form: _linked(form, {"a/x": "../b"}, "a/x/evil"),  # type: ignore[misc]
        "place of a folder",
        lambda form=_form: _linked(form, {"a/x": "../b"}, "b/good"),  # type: ignore[misc]
    )
    CASES[f"{_form}: a link in place of a folder"] = Case(
        _form,
        lambda form=_form: _linked(form, {"a": "b", "A/x": "y"}),  # type: ignore[misc]
        "place of a folder",
        lambda form=_form: _linked(form, {"a": "b", "c/x": "y"}),  # type: ignore[misc]
    )
_tar(
    "a hard link to what is outside",
    lambda: tgz(tar_special("x", b"1", "/etc/passwd")),
    "hard link",
    lambda: tgz(tar_file("y", b"y"), tar_special("x", b"1", "y")),
)
_tar(
    "a hard link to what comes later",
    lambda: tgz(tar_special("x", b"1", "y"), tar_file("y", b"y")),
    "hard link",
    lambda: tgz(tar_file("./y", b"y"), tar_special("./x", b"1", "./y")),
)
_tar(
    "a hard link to a link",
    lambda: tgz(tar_special("l", b"2", "y"), tar_special("x", b"1", "l")),
    "hard link",
    lambda: tgz(tar_special("l", b"2", "y"), tar_special("x", b"2", "l")),
)
_tar(
    "a link with bytes of its own",
    lambda: tgz(tar_header("x", 4, kind=b"2", link="y") + b"evil".ljust(BLOCK, b"\0")),
    "what is no file",
    lambda: tgz(tar_header("x", 0, kind=b"2", link="y")),
)
_zip(
    "a link whose target is not UTF-8",
    lambda: zipped(Packed("x", b"\xff", mode=0o120777)),
    "not UTF-8",
    lambda: zipped(Packed("x", b"y", mode=0o120777)),
)

# Bombs

_npm(
    "a bomb by ratio",
    lambda: npm(tar_file("package/zeros", bytes(40 * MIB))),
    "200 times",
    lambda: npm(tar_file("package/zeros", bytes(8 * MIB))),
)
_npm(
    "a bomb in the padding behind the end",
    lambda: npm(END, bytes(40 * MIB)),
    "200 times",
    lambda: npm(END, bytes(10 * 1024)),
)
_npm(
    "a size that is not there",
    lambda: npm(tar_header("package/x", 7 << 30)),
    "cut off inside a file",
    lambda: npm(tar_file("package/x", bytes(700))),
)
_zip(
    "a bomb by ratio",
    lambda: zipped(Packed("zeros", bytes(40 * MIB))),
    "200 times",
    lambda: zipped(Packed("zeros", bytes(8 * MIB))),
)
_zip(
    "a bomb by what it claims",
    lambda: zipped(_claiming(1 << 32)),
    "1024 MiB",
    lambda: zipped(Packed("x", b"x")),
)
_zip(
    "more bytes than it claims",
    lambda: zipped(Packed("x", b"x" * 1000, local={"size": 10}, central={"size": 10})),
    "unpacks to more",
    lambda: zipped(Packed("x", b"x" * 1000)),
)
_zip(
    "fewer bytes than it claims",
    lambda: zipped(Packed("x", b"x" * 10, local={"size": 1000}, central={"size": 1000})),
    "ends too early",
    lambda: zipped(Packed("x", b"x" * 10)),
)
_whl(
    "a bomb by ratio",
    lambda: wheel({"zeros": bytes(40 * MIB)}),
    "200 times",
    lambda: wheel({"zeros": bytes(8 * MIB)}),
)


def _claiming(size: int) -> Packed:
    told: dict[str, int | bytes] = {"size": 0xFFFFFFFF, "extra": zip64_extra(size)}
    both = told | {"packed": 0xFFFFFFFF, "extra": zip64_extra(size, len(deflated(b"x")))}
    return Packed("x", b"x", local=both, central=told)


def _overlapping(*, quoted: bool) -> bytes:
    """Two files over one kernel, by Fifield's way: the first quotes the second's header."""
    kernel = Packed("b", bytes(100_000))
    header = local_header(kernel.told())
    quote = b"\0" + struct.pack("<HH", len(header), len(header) ^ 0xFFFF) + header
    whole = header + kernel.data
    first = Packed("a", whole, stream=quote + kernel.packed())
    if not quoted:
        return zipped(first, kernel)
    body, directory = zip_parts(first)
    inner = len(local_header(first.told())) + len(quote) - len(header)
    directory += central_header(kernel.told() | {"offset": inner})
    return body + directory + zip_end(2, len(directory), len(body))


_zip(
    "files that overlap",
    lambda: _overlapping(quoted=True),
    "overlap",
    lambda: _overlapping(quoted=False),
)
_zip(
    "one record under two names",
    lambda: _twice_listed(b"b"),
    "overlap",
    lambda: zipped(Packed("a", b"x"), Packed("b", b"x")),
)


def _twice_listed(name: bytes) -> bytes:
    body, directory = zip_parts(Packed("a", b"x"))
    directory += central_header(Packed(name, b"x").told())
    return body + directory + zip_end(2, len(directory), len(body))


# What a tar's headers say

_npm(
    "a checksum that is wrong, where some readers stop",
    lambda: npm(tar_header("package/x", checksum=b"000001\0 "), tar_file("package/evil", b"x")),
    "wrong checksum",
    lambda: npm(tar_header("package/x"), tar_file("package/good", b"x")),
)
_npm(
    "a negative size",
    lambda: npm(tar_header("package/x", size_field=b"-0000000010\0")),
    "no number",
    lambda: npm(tar_header("package/x", size_field=b"00000000000 ")),
)
_npm(
    "a negative size in base 256",
    lambda: npm(tar_header("package/x", size_field=b"\xff" * 12)),
    "no number",
    lambda: npm(tar_header("package/x", size_field=b"\x80" + bytes(11))),
)
_npm(
    "a size in base 256 that is not there",
    lambda: npm(tar_header("package/x", size_field=b"\x80" + b"\x7f" * 11)),
    "cut off inside a file",
    lambda: npm(tar_header("package/x", size_field=b"\x80".ljust(11, b"\0") + b"\4"), _four()),
)
_npm(
    "a size with letters",
    lambda: npm(tar_header("package/x", size_field=b"0x000000010\0")),
    "no number",
    lambda: npm(tar_header("package/x", size_field=b"          0\0")),
)
_npm(
    "a mode that is no number",
    lambda: npm(tar_header("package/x", mode_field=b"rw-r--r-")),
    "no number",
    lambda: npm(tar_header("package/x", mode_field=b"000644 \0")),
)
_npm(
    "a name that is not UTF-8",
    lambda: npm(tar_file(b"package/\xff\xfe", b"x")),
    "not UTF-8",
    lambda: npm(tar_file("package/\xff\xfe", b"x")),
)
_npm(
    "an extended header that is not UTF-8 either",
    lambda: npm(pax({"path": b"package/\xc3"}), tar_file(b"package/\xc3", b"x")),
    "not UTF-8",
    # A field that ends in the middle of a character: the extended header says the name.
    lambda: npm(pax({"path": "package/" + "\xe4" * 60}), tar_file(b"package/" + b"\xc3" * 91)),
)
_tar(
    "a link target that is not UTF-8",
    lambda: tgz(tar_special("x", b"2", b"\xc3")),
    "not UTF-8",
    lambda: tgz(pax({"linkpath": "\xe4" * 60}), tar_special("x", b"2", b"\xc3" * 99)),
)
_npm(
    "a name in surrogates",
    lambda: npm(tar_file(b"package/\xed\xa0\x80", b"x")),
    "not UTF-8",
    lambda: npm(tar_file("package/\u20ac", b"x")),
)
_npm(
    "a header of no known kind",
    lambda: npm(tar_file("package/x", b"x", magic=b"usta\0\0\0\0")),
    "no known kind",
    lambda: npm(tar_file("package/x", b"x", magic=bytes(8))),
)
_npm(
    "a prefix that only some readers see",
    lambda: npm(tar_file("x", b"x", magic=GNU, prefix=b"package")),
    "put together differently",
    lambda: npm(tar_file("x", b"x", prefix=b"package")),
)
_npm(
    "a folder with bytes",
    lambda: npm(tar_header("package/x/", 5, kind=b"5"), tar_file("package/evil")),
    "what is no file",
    lambda: npm(tar_header("package/x/", 0, kind=b"5"), tar_file("package/good")),
)
_npm(
    "an empty file that some take for a folder",
    lambda: npm(tar_file("package/x/")),
    "take for a folder",
    lambda: npm(tar_special("package/x/", b"5")),
)
_tar(
    "a link that some take for a folder",
    lambda: tgz(tar_special("x/", b"2", "y")),
    "take for a folder",
    lambda: tgz(tar_special("x", b"2", "y/")),
)
_npm(
    "a file that some take for a folder",
    lambda: npm(tar_file("package/x/", b"x")),
    "take for a folder",
    lambda: npm(tar_special("package/x/", b"\0"), tar_file("package/x/y")),
)


def _four() -> bytes:
    return b"good".ljust(BLOCK, b"\0")


# What stands before a tar's headers

_npm(
    "a pax path that leaves",
    lambda: npm(pax({"path": "package/../../evil"}), tar_file("package/x", b"x")),
    "leads outside",
    lambda: npm(pax({"path": "package/good"}), tar_file("package/x", b"x")),
)
_npm(
    "a GNU long name that leaves",
    lambda: npm(long_name("package/../../evil"), tar_file("package/x", b"x", magic=GNU)),
    "leads outside",
    lambda: npm(long_name(f"package/{'n' * 120}"), tar_file("package/x", b"x", magic=GNU)),
)
_npm(
    "a long name with a second name behind its end",
    lambda: npm(long_name("package/x\0package/y"), tar_file("package/x", b"x")),
    "another system",
    lambda: npm(long_name("package/x"), tar_file("package/x", b"x")),
)
_npm(
    "two pax headers for one member",
    lambda: npm(pax({"path": "package/a"}), pax({"path": "package/b"}), tar_file("package/x")),
    "two extended headers",
    lambda: npm(
        pax({"path": "package/a"}),
        tar_file("package/x"),
        pax({"path": "package/b"}),
        tar_file("package/x"),
    ),
)
_npm(
    "a pax path and a long name",
    lambda: npm(pax({"path": "package/a"}), long_name("package/b"), tar_file("package/x")),
    "two names",
    lambda: npm(pax({"mtime": "1.5"}), long_name("package/b"), tar_file("package/x")),
)
_npm(
    "a pax path with a zero byte",
    lambda: npm(pax({"path": b"package/a\0b"}), tar_file("package/x")),
    "readers read differently",
    lambda: npm(pax({"path": b"package/a b"}), tar_file("package/x")),
)
_npm(
    "a pax path that is empty",
    lambda: npm(pax({"path": b""}), tar_file("package/x")),
    "readers read differently",
    lambda: npm(pax({"comment": b""}), tar_file("package/x")),
)
_npm(
    "a pax path that is not UTF-8",
    lambda: npm(pax({"path": b"package/\xff"}), tar_file("package/x")),
    "not UTF-8",
    lambda: npm(pax({"path": "package/\xff"}), tar_file("package/x")),
)
_npm(
    "a pax size that hides members",
    lambda: npm(
        pax({"size": "1024"}), tar_header("package/x"), tar_file("package/evil", b"x" * 512)
    ),
    "two sizes",
    lambda: npm(pax({"size": "512"}), tar_file("package/x", b"x" * 512)),
)
_npm(
    "a pax size below the header's",
    lambda: npm(pax({"size": "0"}), tar_file("package/x", tar_file("package/evil", b"x"))),
    "two sizes",
    lambda: npm(tar_file("package/x", tar_file("package/evil", b"x"))),
)
_npm(
    "a pax link target",
    lambda: npm(pax({"linkpath": "/etc"}), tar_special("package/x", b"2")),
    "holds a link",
    lambda: npm(pax({"atime": "1"}), tar_special("package/x", b"5")),
)
_tar(
    "a pax link target",
    lambda: tgz(pax({"linkpath": "/etc"}), tar_special("x", b"2", "good")),
    "leads outside",
    lambda: tgz(pax({"linkpath": "good"}), tar_special("x", b"2", "cut")),
)
_tar(
    "a GNU long link target",
    lambda: tgz(long_name("../etc", b"K"), tar_special("x", b"2", "good", magic=GNU)),
    "leads outside",
    lambda: tgz(long_name("good", b"K"), tar_special("x", b"2", "cut", magic=GNU)),
)
_npm(
    "a path for all members",
    lambda: npm(pax({"path": "package/evil"}, b"g"), tar_file("package/x")),
    "for all of its members",
    lambda: npm(pax({"comment": "0123456789abcdef"}, b"g"), tar_file("package/x")),
)
_npm(
    "a sparse file by pax",
    lambda: npm(pax({"GNU.sparse.major": "1", "GNU.sparse.name": "x"}), tar_file("package/x")),
    "not all readers know",
    lambda: npm(pax({"LIBARCHIVE.creationtime": "1"}), tar_file("package/x")),
)
_npm(
    "a charset by pax",
    lambda: npm(pax({"hdrcharset": "BINARY"}), tar_file("package/x")),
    "not all readers know",
    lambda: npm(pax({"charset": "x"}), tar_file("package/x")),
)
_npm(
    "a pax record of a wrong length",
    lambda: npm(_pax_body(b"99 path=package/evil\n"), tar_file("package/x")),
    "can't be read",
    lambda: npm(_pax_body(b"21 path=package/good\n"), tar_file("package/x")),
)
_npm(
    "a pax record of a negative length",
    lambda: npm(_pax_body(b"-1 path=package/evil\n"), tar_file("package/x")),
    "can't be read",
    lambda: npm(_pax_body(b""), tar_file("package/x")),
)
_npm(
    "an extended header without end",
    lambda: npm(tar_header("p", 1 << 30, kind=b"x")),
    "extended header of",
    lambda: npm(pax({"comment": "x" * 1000}), tar_file("package/x")),
)
_npm(
    "an extended header for all at the end",
    lambda: npm(pax({"comment": "x"}, b"g")),
    "ends with an extended header",
    lambda: npm(pax({"comment": "x"}, b"g"), tar_file("package/x")),
)
_npm(
    "an extended header at the end",
    lambda: npm(pax({"path": "package/a"})),
    "ends with an extended header",
    lambda: npm(pax({"path": "package/a"}), tar_file("package/x")),
)


def _pax_body(body: bytes) -> bytes:
    return tar_header("p", len(body), kind=b"x") + body.ljust(-(-len(body) // BLOCK) * BLOCK, b"\0")


# Where a tar ends

_FILE = tar_file("package/x", bytes(range(256)) * 8)
_npm(
    "members behind the end",
    lambda: npm(END, tar_file("package/evil", b"x")),
    "data after its end",
    lambda: npm(END, bytes(8192)),
)
_npm(
    "members behind a block of zeros",
    lambda: npm(bytes(BLOCK), tar_file("package/evil", b"x")),
    "goes on after a block of zeros",
    lambda: npm(tar_file("package/good", bytes(BLOCK))),
)
_npm(
    "does not end as one", lambda: tgz(_FILE, end=b""), "cut off before its end", lambda: tgz(_FILE)
)
_npm("half an end", lambda: tgz(_FILE, end=END[:512]), "cut off before its end", lambda: tgz(_FILE))
_npm(
    "cut in a file", lambda: tgz(_FILE[:600], end=b""), "cut off inside a file", lambda: tgz(_FILE)
)
_npm("cut in a header", lambda: tgz(_FILE[:300], end=b""), "cut off", lambda: tgz(_FILE))
_npm("no member", lambda: tgz(), "holds no file", lambda: npm())
_npm("no tar", lambda: gzip.compress(b"<html>" * 200), "checksum", lambda: npm())
_npm("no bytes", lambda: b"", "not of the kind gzip", lambda: npm())
_npm("a page instead", lambda: b"<html>Log in</html>", "not of the kind gzip", lambda: npm())

# How it is squeezed

_npm(
    "two gzip members",
    lambda: npm() + gzip.compress(_FILE + END),
    "more after its compressed stream",
    lambda: npm(_FILE),
)
_npm(
    "a tar in two gzip members",
    lambda: gzip.compress(_FILE) + gzip.compress(END),
    "more after its compressed stream|cut off",
    lambda: tgz(_FILE),
)
_npm("bytes behind gzip", lambda: npm() + b"evil", "more after", lambda: npm())
_npm("zeros behind gzip", lambda: npm() + bytes(8), "more after", lambda: npm())
_npm("gzip that is cut", lambda: npm(_FILE)[:-9], "does not end", lambda: npm(_FILE))
_npm("gzip without its checksum", lambda: npm(_FILE)[:-5], "does not end", lambda: npm(_FILE))
_npm(
    "gzip with another checksum",
    lambda: npm(_FILE)[:-8] + bytes(4) + npm(_FILE)[-4:],
    "stream is broken",
    lambda: npm(_FILE),
)
_npm("xz for npm", lambda: lzma.compress(_FILE + END), "not of the kind gzip", lambda: npm(_FILE))
_tar(
    "two xz streams",
    lambda: lzma.compress(_FILE + END) + lzma.compress(_FILE),
    "more after",
    lambda: lzma.compress(_FILE + END),
)
_tar(
    "xz that wants a gigabyte",
    lambda: lzma.compress(_FILE, filters=[{"id": lzma.FILTER_LZMA2, "dict_size": 1 << 30}]),
    "stream is broken",
    lambda: lzma.compress(_FILE + END, preset=9),
)
_tar(
    "two bzip2 streams",
    lambda: bz2.compress(_FILE + END) + bz2.compress(_FILE),
    "more after",
    lambda: bz2.compress(_FILE + END),
)
_tar(
    "a bzip2 bomb",
    lambda: bz2.compress(tar_file("zeros", bytes(40 * MIB)) + END),
    "200 times",
    lambda: bz2.compress(tar_file("zeros", bytes(MIB)) + END),
)
_tar("bzip2 that is broken", lambda: b"BZh9" + bytes(90), "broken", lambda: _FILE + END)

# A zip's ends and directories

_ONE, _TWO = Packed("a", b"one"), Packed("b", b"two")
_zip(
    "two zips in one file",
    lambda: zipped(_ONE) + zipped(_TWO),
    "bytes between|not where its end says",
    lambda: zipped(_ONE, _TWO),
)
_zip(
    "two central directories",
    lambda: _two_directories(),
    "bytes between|overlap",
    lambda: zipped(_ONE, _TWO),
)
_zip(
    "bytes before it",
    lambda: zipped(_ONE, before=b"#!/bin/sh\nevil\n"),
    "bytes between",
    lambda: zipped(_ONE),
)
_zip(
    "bytes before it that its offsets leave out",
    lambda: b"MZ evil" + zipped(_ONE),
    "not where its end says",
    lambda: zipped(_ONE),
)
_zip(
    "bytes behind it",
    lambda: zipped(_ONE, after=b"evil"),
    "does not end as one",
    lambda: zipped(_ONE),
)
_zip(
    "a second end in the comment",
    lambda: zipped(_ONE, comment=zip_end(0, 0, 0)),
    "ends twice",
    lambda: zipped(_ONE, comment=b"PK is how it begins"),
)
_zip(
    "a second end in the comment that does not reach the last byte",
    lambda: zipped(_ONE, comment=zip_end(0, 0, 0) + b"more"),
    "ends twice",
    lambda: zipped(_ONE, comment=b"PK\5 is no end"),
)
_zip(
    "a whole second zip in the comment",
    lambda: zipped(_ONE, comment=zipped(_TWO)),
    "ends twice",
    lambda: zipped(_ONE, Packed("inner.zip", zipped(_TWO), method=0)),
)
_zip(
    "a comment that is longer than told",
    lambda: zipped(_ONE, comment=b"note") + b"more",
    "does not end as one",
    lambda: zipped(_ONE, comment=b"note"),
)
_zip("bytes between files", lambda: _gap(b"evil"), "bytes between", lambda: _gap(b""))
_zip(
    "bytes before the directory",
    lambda: _before_directory(b"evil"),
    "bytes between",
    lambda: _before_directory(b""),
)
_zip(
    "a record that the directory leaves out",
    lambda: _left_out(),
    "bytes between",
    lambda: zipped(_ONE, _TWO),
)
_zip(
    "a count that is too low",
    lambda: _counting(1),
    "more in it than files",
    lambda: _counting(2),
)
_zip("a count that is too high", lambda: _counting(3), "can't be read", lambda: _counting(2))
_zip(
    "two counts",
    lambda: _counting(2, here=1),
    "not where its end says",
    lambda: _counting(2, here=2),
)
_zip("no file", lambda: zipped(), "no file", lambda: zipped(_ONE))
_zip("no zip", lambda: b"<html>Log in</html>", "no zip", lambda: zipped(_ONE))
_zip("cut off", lambda: zipped(_ONE, _TWO)[:-30], "does not end as one", lambda: zipped(_ONE, _TWO))
_zip(
    "many entries",
    lambda: zip_end(0xFFFF, 46, 0)[:8] + zip_end(0xFFFF, 46, 0)[8:],
    "zip64 record that is not there",
    lambda: zipped(*(Packed(f"f{n}", b"") for n in range(300))),
)


def _two_directories() -> bytes:
    """One reader starts at the end, the other at the first directory that it meets."""
    body, directory = zip_parts(_ONE)
    rest, second = zip_parts(_TWO, before=body + directory)
    return rest + second + zip_end(1, len(second), len(rest))


def _gap(between: bytes) -> bytes:
    body, directory = zip_parts(Packed("a", b"one", behind=between), _TWO)
    return body + directory + zip_end(2, len(directory), len(body))


def _before_directory(between: bytes) -> bytes:
    body, directory = zip_parts(_ONE)
    return body + between + directory + zip_end(1, len(directory), len(body) + len(between))


def _left_out() -> bytes:
    body, _ = zip_parts(_ONE, _TWO)
    _, directory = zip_parts(_ONE)
    return body + directory + zip_end(1, len(directory), len(body))


def _counting(count: int, here: int | None = None) -> bytes:
    body, directory = zip_parts(_ONE, _TWO)
    return body + directory + zip_end(count, len(directory), len(body), here=here)


# A zip's two headers of one file

for _what, _local, _said in (
    ("name", {"name": b"evil"}, "two things"),
    ("length of the name", {"name": b"aevil"}, "two things"),
    ("method", {"method": 0}, "two things"),
    ("encryption", {"flags": 1}, "two things"),
    ("charset", {"flags": 0x800}, "two things"),
    ("descriptor", {"flags": 8}, "two things"),
    ("size", {"size": 2}, "two sizes"),
    ("packed size", {"packed": 1}, "two sizes"),
    ("checksum", {"crc": 1}, "two sizes or checksums"),
):
    _zip(
        f"two headers that differ in the {_what}",
        lambda local=_local: zipped(Packed("a", b"one", local=local)),  # type: ignore[misc]
        _said,
        # Bits 1 and 2 say how well it was compressed: nothing that is read depends on them.
        lambda: zipped(Packed("a", b"one", local={"flags": 2})),
    )
_zip(
    "no header where there should be one",
    lambda: b"XX" + zipped(_ONE)[2:],
    "no header before",
    lambda: zipped(_ONE),
)
_zip(
    "a checksum that is wrong in both",
    lambda: zipped(Packed("a", b"one", local={"crc": 1}, central={"crc": 1})),
    "another checksum",
    lambda: zipped(_ONE),
)
_zip(
    "encrypted",
    lambda: zipped(Packed("a", b"one", flags=1)),
    "encrypted",
    lambda: zipped(Packed("a", b"one", flags=6)),
)
_zip(
    "strongly encrypted, with its headers",
    lambda: zipped(Packed("a", b"one", flags=0x2041)),
    "encrypted",
    lambda: zipped(Packed("a", b"one", flags=2)),
)
_zip(
    "a method that few know",
    lambda: zipped(Packed("a", b"one", method=14, stream=b"one")),
    "not all readers know",
    lambda: zipped(Packed("a", b"one", method=0)),
)
_zip(
    "stored, with two sizes",
    lambda: zipped(Packed("a", b"one", method=0, stream=b"one and more")),
    "more bytes than it unpacks to",
    lambda: zipped(Packed("a", b"one", method=0)),
)
_zip(
    "bytes behind the deflated ones",
    lambda: zipped(Packed("a", b"one", stream=deflated(b"one") + b"evil")),
    "bytes behind its end",
    lambda: zipped(Packed("a", b"one", stream=deflated(b"one"))),
)
_zip(
    "deflated without an end",
    lambda: zipped(Packed("a", b"one", stream=_endless(b"one"))),
    "has no end",
    lambda: zipped(_ONE),
)
_zip(
    "deflated bytes that are broken",
    lambda: zipped(Packed("a", b"one", stream=b"\xff\xff\xff")),
    "can't be read",
    lambda: zipped(_ONE),
)
_zip(
    "a folder with bytes",
    lambda: zipped(Packed("a/", b"evil", mode=0o040755)),
    "take for a folder",
    lambda: zipped(Packed("a/", b"", mode=0o040755), Packed("a/b", b"x")),
)
_zip(
    "a folder with bytes that are not told",
    lambda: zipped(Packed("a/", b"", stream=deflated(b"evil"), mode=0o040755)),
    "unpacks to more",
    lambda: zipped(Packed("a/", b"", stream=deflated(b""), mode=0o040755), Packed("a/b", b"x")),
)
_zip(
    "a file whose mode is a folder's",
    lambda: zipped(Packed("a", b"", mode=0o040755)),
    "a device or the like",
    lambda: zipped(Packed("a", b"", mode=0o100755)),
)
_zip(
    "a name that is not UTF-8",
    lambda: zipped(Packed(b"\xff\xfe", b"x")),
    "not UTF-8",
    lambda: zipped(Packed("\xff\xfe", b"x")),
)
_zip(
    "a name that is not marked as UTF-8",
    lambda: zipped(Packed("\xe9", b"x", local={"flags": 0}, central={"flags": 0})),
    "neither ASCII nor marked",
    lambda: zipped(Packed("\xe9", b"x")),
)
_zip(
    "a second name in an extra field",
    lambda: zipped(Packed("a", b"x", central={"extra": _unicode_path(b"a", b"evil")})),
    "two names",
    lambda: zipped(Packed("a", b"x", central={"extra": _unicode_path(b"a", b"a")})),
)
_zip(
    "a second name in the local extra field",
    lambda: zipped(Packed("a", b"x", local={"extra": _unicode_path(b"a", b"evil")})),
    "two names",
    lambda: zipped(Packed("a", b"x", local={"extra": _unicode_path(b"a", b"a")})),
)
_zip(
    "an extra field that is cut",
    lambda: zipped(Packed("a", b"x", central={"extra": b"\x01\x00\x10\x00"})),
    "can't be read",
    lambda: zipped(Packed("a", b"x", central={"extra": b"\x99\x99\x00\x00"})),
)


def _endless(data: bytes) -> bytes:
    squeeze = zlib.compressobj(9, zlib.DEFLATED, -15)
    return squeeze.compress(data) + squeeze.flush(zlib.Z_SYNC_FLUSH)


def _unicode_path(name: bytes, other: bytes) -> bytes:
    body = b"\1" + struct.pack("<L", zlib.crc32(name)) + other
    return struct.pack("<2H", 0x7075, len(body)) + body


# Data descriptors and zip64


def _described(behind: bytes, **local: int) -> bytes:
    told = {"flags": 8, "crc": 0, "packed": 0, "size": 0} | local
    return zipped(Packed("a", b"one", flags=8, local=told, behind=behind), _TWO)


def _descriptor(
    crc: int, packed: int, size: int, *, mark: bool = True, wide: bool = False
) -> bytes:
    layout = "<L2Q" if wide else "<3L"
    return (b"PK\7\x08" if mark else b"") + struct.pack(layout, crc, packed, size)


_TRUE = (zlib.crc32(b"one"), len(deflated(b"one")), 3)
for _what, _hostile, _benign_bytes in (
    ("another size", _descriptor(_TRUE[0], _TRUE[1], 4), _descriptor(*_TRUE)),
    ("another checksum", _descriptor(1, *_TRUE[1:], mark=False), _descriptor(*_TRUE, mark=False)),
    ("another packed size", _descriptor(_TRUE[0], 1, 3, wide=True), _descriptor(*_TRUE, wide=True)),
    ("bytes behind it", _descriptor(*_TRUE) + b"evil", _descriptor(*_TRUE, wide=True, mark=False)),
    ("another mark", b"EVIL" + _descriptor(*_TRUE, mark=False), _descriptor(*_TRUE)),
):
    _zip(
        f"a data descriptor of {_what}",
        lambda behind=_hostile: _described(behind),  # type: ignore[misc]
        "bytes between",
        lambda behind=_benign_bytes: _described(behind),  # type: ignore[misc]
    )
_zip(
    "a data descriptor, and another size before the file",
    lambda: _described(_descriptor(*_TRUE), size=2),
    "two sizes",
    lambda: _described(_descriptor(*_TRUE), size=3),
)


def _zip64(
    count: int = 2, size: int = 0, offset: int = 0, short: int = 0xFFFF, away: int = 0
) -> bytes:
    body, directory = zip_parts(_ONE, _TWO)
    at = len(body) + len(directory)
    long = zip64_end(count, len(directory) + size, len(body) + offset, at + away)
    return body + directory + long + zip_end(short, 0xFFFFFFFF, 0xFFFFFFFF)


for _what, _hostile_zip, _said in (
    ("count", lambda: _zip64(count=1), "more in it than files"),
    ("huge count", lambda: _zip64(count=1 << 60), "over 100000"),
    ("size", lambda: _zip64(size=1), "not where its end says"),
    ("offset", lambda: _zip64(offset=1 << 62), "not where its end says"),
    ("place", lambda: _zip64(away=1), "not where it should be"),
    ("contradiction", lambda: _zip64(short=1), "contradicts"),
):
    _zip(f"a zip64 record with a false {_what}", _hostile_zip, _said, _zip64)
_zip(
    "a zip64 field that contradicts",
    lambda: zipped(Packed("a", b"one", local={"extra": zip64_extra(4, 5)})),
    "contradicts",
    lambda: zipped(Packed("a", b"one", local={"extra": zip64_extra(3, len(deflated(b"one")))})),
)
_zip(
    "a zip64 field that is not there",
    lambda: zipped(Packed("a", b"one", central={"size": 0xFFFFFFFF})),
    "two sizes",
    lambda: zipped(Packed("a", b"one", central={"size": 0xFFFFFFFF, "extra": zip64_extra(3)})),
)
_zip(
    "two zip64 fields",
    lambda: zipped(Packed("a", b"one", central={"size": 0xFFFFFFFF, "extra": zip64_extra(3) * 2})),
    "can't be read",
    lambda: zipped(Packed("a", b"one", central={"size": 0xFFFFFFFF, "extra": zip64_extra(3)})),
)

# Wheels

_DEMO = {"demo.py": b"import"}
_RECORD = f"{TOP}/WHEEL,{hashed(WHEEL)}\n"
_GOOD_RECORD = f"demo.py,{hashed(b'import')}\n{_RECORD}{TOP}/RECORD,,\n"
for _what, _rows, _said in (
    ("names no file", _RECORD, "does not name"),
    ("names a file that is not there", f"{_GOOD_RECORD}x,{hashed(b'')}\n", "not there"),
    ("has another hash", f"demo.py,{hashed(b'imporT')}\n{_RECORD}", "not the file"),
    ("has another size", f"demo.py,{hashed(b'import')}1\n{_RECORD}", "not the file"),
    ("has a weak hash", f"demo.py,md5=x,6\n{_RECORD}", "no strong hash"),
    ("has no hash", f"demo.py,,\n{_RECORD}", "no strong hash"),
    ("has a hash that is none", f"demo.py,sha256=!,6\n{_RECORD}", "not the file|can't be read"),
    ("names a file twice", f"demo.py,{hashed(b'import')}\n{_GOOD_RECORD}", "has it twice"),
    ("has too few fields", f"demo.py\n{_RECORD}", "can't be read"),
    ("is not UTF-8", "\udcff", "can't be read"),
):
    _whl(
        f"RECORD {_what}",
        lambda rows=_rows: _recorded(rows),  # type: ignore[misc]
        _said,
        lambda: _recorded(_GOOD_RECORD),
    )
_whl(
    "another package's name",
    lambda: wheel(_DEMO, top="other-1.0.dist-info"),
    "calls itself",
    lambda: wheel(_DEMO, top="Demo-1.0.dist-info"),
)
_whl(
    "another version",
    lambda: wheel(_DEMO, top="demo-1.1.dist-info"),
    "calls itself",
    lambda: wheel(_DEMO, top="demo-v1.0.dist-info"),
)
_whl(
    "a second package's metadata",
    lambda: wheel(_DEMO | {"mcp-9.dist-info/METADATA": b""}),
    "2 folders of metadata",
    lambda: wheel(_DEMO | {"demo/mcp-9.dist-info/METADATA": b""}),
)
_whl(
    "a second package's metadata in capitals",
    lambda: wheel(_DEMO | {"mcp-9.DIST-INFO/METADATA": b""}),
    "2 folders of metadata",
    lambda: wheel(_DEMO | {"mcp-9.DISTINFO/METADATA": b""}),
)
_whl(
    "a second package's metadata in the older form",
    lambda: wheel(_DEMO | {"mcp.egg-info/PKG-INFO": b""}),
    "2 folders of metadata",
    lambda: wheel(_DEMO | {"demo/mcp.egg-info/PKG-INFO": b""}),
)
_whl(
    "no metadata",
    lambda: zipped(Packed("demo.py", b"import")),
    "0 folders of metadata",
    lambda: wheel(_DEMO),
)
_whl(
    "another version of wheels",
    lambda: zipped(Packed(f"{TOP}/WHEEL", b"Wheel-Version: 2.0\n"), Packed(f"{TOP}/RECORD", b"")),
    "wheel version 1",
    lambda: wheel({}),
)
_whl(
    "code that runs at each start",
    lambda: wheel({"evil.pth": b"import os"}),
    "runs at each start",
    lambda: wheel({"demo/model.pth": b"weights"}),
)
_whl(
    "code that runs at each start, by its data folder",
    lambda: wheel({"demo-1.0.data/purelib/EVIL.PTH": b"import os"}),
    "runs at each start",
    lambda: wheel({"demo-1.0.data/data/good.pth": b""}),
)
_whl(
    "two files for one place",
    lambda: wheel({"demo.py": b"one", "demo-1.0.data/purelib/demo.py": b"two"}),
    "take for one",
    lambda: wheel({"demo.py": b"one", "demo-1.0.data/purelib/other.py": b"two"}),
)
_whl(
    "a file laid outside by its data folder",
    lambda: wheel({"demo-1.0.data/purelib/": b"x"}),
    "take for a folder",
    lambda: wheel({"demo-1.0.data/purelib/x": b"x"}),
)
_whl(
    "a data folder of another package",
    lambda: wheel({"other-1.0.data/purelib/x.py": b"x"}),
    "of another package",
    lambda: wheel({"other-1.0.data/readings.csv": b"x"}),
)


def _recorded(rows: str) -> bytes:
    record = rows.encode("utf-8", "surrogateescape")
    packed = [Packed("demo.py", b"import"), Packed(f"{TOP}/WHEEL", WHEEL)]
    return zipped(*packed, Packed(f"{TOP}/RECORD", record))


# MCP bundles


def _signature(body: bytes, size: int | None = None) -> bytes:
    told = len(body) if size is None else size
    return b"MCPB_SIG_V1" + struct.pack("<L", told) + body + b"MCPB_SIG_END"


_MANIFEST = Packed("manifest.json", b"{}")
_case(
    "mcpb: no manifest",
    "mcpb",
    lambda: zipped(Packed("inner/manifest.json", b"{}")),
    "no manifest.json",
    lambda: zipped(_MANIFEST),
)
_case(
    "mcpb: a signature of a false length",
    "mcpb",
    lambda: zipped(_MANIFEST) + _signature(b"der", 4),
    "does not end as one",
    lambda: zipped(_MANIFEST) + _signature(b"der"),
)
_case(
    "mcpb: bytes behind the signature",
    "mcpb",
    lambda: zipped(_MANIFEST) + _signature(b"der") + b"evil",
    "does not end as one",
    lambda: zipped(_MANIFEST, comment=_signature(b"der")),
)
_case(
    "mcpb: a zip behind the zip, before the signature",
    "mcpb",
    lambda: zipped(_MANIFEST) + zipped(_MANIFEST, _TWO) + _signature(b"der"),
    "bytes between|not where its end says",
    lambda: zipped(_MANIFEST, _TWO) + _signature(b"der"),
)
_case(
    "mcpb: an end that reaches past the signature",
    "mcpb",
    lambda: _two_ends_signed(),
    "does not end|bytes between|not where its end says",
    lambda: zipped(_MANIFEST, Packed("inner.zip", zipped(_TWO), method=0)) + _signature(b"der"),
)
_case(
    "mcpb: an end inside the signature",
    "mcpb",
    lambda: zipped(_MANIFEST) + _signature(zip_end(0, 0, 0)),
    "does not end as one",
    lambda: zipped(_MANIFEST) + _signature(bytes(22)),
)


def _two_ends_signed() -> bytes:
    """The outer zip ends before the signature; the inner one's comment reaches over it."""
    signature = _signature(b"der")
    far = len(zipped(_MANIFEST, Packed("x", b"", method=0))) + 200

    def whole(comment: int) -> bytes:
        inner = zipped(_MANIFEST, _TWO)[:-2] + struct.pack("<H", comment)
        return zipped(_MANIFEST, Packed("x", inner, method=0)) + signature

    inner_end = whole(far).index(b"PK\5\6") + 22
    return whole(len(whole(far)) - inner_end)


_case(
    "zip: a signature that only bundles have",
    "zip",
    lambda: zipped(_MANIFEST) + _signature(b"der"),
    "does not end as one",
    lambda: zipped(_MANIFEST, comment=_signature(b"der")),
)

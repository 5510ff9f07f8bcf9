"""A lock that lies is refused at the line where it does, through the front door and offline."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from packaging.markers import Marker

from assay.artefact.reference import parse
from assay.cli import main
from assay.closure import package_lock, requirements

SERVERS = Path(__file__).parents[2] / "servers"
OWN = "node_modules/@modelcontextprotocol/server-filesystem"
Lock = dict[str, Any]
Lie = Callable[[Lock], object]


def registry(tmp_path: Path, name: str, lock: bytes) -> Path:
    """The real entry ``name`` with another lock, whose digest it bears: a consistent lie."""
    folder = tmp_path / "servers"
    folder.mkdir()
    file = next(SERVERS.glob(f"{name}.*[jt][sx][ot]*")).name
    entry = (SERVERS / f"{name}.yaml").read_text()
    digest = hashlib.sha256((SERVERS / file).read_bytes()).hexdigest()
    (folder / file).write_bytes(lock)
    entry = entry.replace(digest, hashlib.sha256(lock).hexdigest())
    (folder / f"{name}.yaml").write_text(entry)
    return folder / file


def check(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    code = main(["check", "--offline", "--registry", str(tmp_path)])
    return code, capsys.readouterr().out


def npm_lock() -> Lock:
    data: Lock = json.loads((SERVERS / "filesystem.package-lock.json").read_bytes())
    return data


def written(lock: Lock) -> bytes:
    return (json.dumps(lock, indent=2, ensure_ascii=False) + "\n").encode()


def node(name: str, /, **values: object) -> Lie:
    return lambda lock: lock["packages"][f"node_modules/{name}"].update(values)


def rename(old: str, new: str) -> Lie:
    return lambda lock: lock["packages"].update({new: lock["packages"].pop(old)})


def alias(real: str, **values: object) -> Lie:
    """A node ``aliased`` that a package wants for ``real``, as npm writes aliases."""

    def tell(lock: Lock) -> None:
        node("diff", dependencies={"aliased": f"npm:{real}@*"})(lock)
        made = {**values, **lock["packages"][f"node_modules/{real}"]} | values
        lock["packages"]["node_modules/aliased"] = made

    return tell


FAKE = "sha512-" + "A" * 86 + "=="
NPM_LIES: dict[str, tuple[Lie, str]] = {
    "foreign-resolved": (node("glob", resolved="https://evil.example.com/glob.tgz"), "fetch from"),
    "git": (node("glob", resolved="git+ssh://git@example.com/x.git#abc"), "fetch from"),
    "file": (node("glob", resolved="file:../glob.tgz"), "fetch from"),
    "http": (node("glob", resolved="http://127.0.0.1/glob.tgz"), "fetch from"),
    "empty-resolved": (node("glob", resolved=""), "fetch from"),
    "link": (node("glob", link=True), "is a link"),
    "bundled": (node("glob", inBundle=True), "bundled inside another"),
    "bundling": (node("glob", bundleDependencies=["x"]), "bundles packages"),
    "shrinkwrap": (node("glob", hasShrinkwrap=True), "own shrinkwrap"),
    "install-script": (node("glob", hasInstallScript=True), "install script"),
    "alias-nobody-wants": (node("glob", name="evil"), "wants glob"),
    "alias-of-another": (alias("glob", name="evil"), "wants glob"),
    "alias-undone": (alias("glob"), "wants glob"),
    "no-integrity": (
        lambda lock: lock["packages"]["node_modules/glob"].pop("integrity"),
        "no integrity",
    ),
    "weak-integrity": (node("glob", integrity="sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk="), "one sha512"),
    "weak-beside-strong": (
        node("glob", integrity=f"sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk= {FAKE}"),
        "one sha512",
    ),
    "short-integrity": (node("glob", integrity="sha512-AAAA"), "one sha512"),
    "range": (node("glob", version="^10.0.0"), "no exact version"),
    "no-version": (
        lambda lock: lock["packages"]["node_modules/glob"].pop("version"),
        "no exact version",
    ),
    "smuggled": (
        lambda lock: lock["packages"].update(
            {"node_modules/smuggled": {"version": "1.0.0", "integrity": FAKE}}
        ),
        "nothing in this lock wants it",
    ),
    "smuggled-at-the-root": (
        lambda lock: lock["packages"][""]["dependencies"].update(evil="1.0.0"),
        "alone",
    ),
    "smuggled-for-development": (
        lambda lock: lock["packages"][""].update(devDependencies={"evil": "1.0.0"}),
        "more than the artefact",
    ),
    "workspace": (lambda lock: lock["packages"][""].update(workspaces=["x"]), "more than"),
    "outside": (rename("node_modules/glob", "../glob"), "not a place under node_modules"),
    "folder": (rename("node_modules/glob", "packages/glob"), "not a place under node_modules"),
    "dot-bin": (rename("node_modules/glob", "node_modules/.bin"), "not a place under node_modules"),
    "case": (
        lambda lock: lock["packages"].update(
            {
                "node_modules/GLOB": lock["packages"]["node_modules/glob"],
                "node_modules/diff": {
                    **lock["packages"]["node_modules/diff"],
                    "dependencies": {"GLOB": "1"},
                },
            }
        ),
        "ignores case",
    ),
    "dependency-on-an-address": (
        node("diff", dependencies={"glob": "https://evil.example.com/x.tgz"}),
        "not from the registry",
    ),
    "dependency-on-a-file": (node("diff", dependencies={"glob": "file:../glob"}), "not from the"),
    "optional-dependency-on-an-address": (
        node("diff", optionalDependencies={"glob": "https://evil.example.com/x.tgz"}),
        "not from the registry",
    ),
    "peer-dependency-on-git": (
        node("diff", peerDependencies={"glob": "git+ssh://git@example.com/x.git"}),
        "not from the registry",
    ),
    "optional-at-the-root": (
        lambda lock: lock["packages"][""].update(optionalDependencies={"evil": "1.0.0"}),
        "more than the artefact",
    ),
    "peer-at-the-root": (
        lambda lock: lock["packages"][""].update(peerDependencies={"evil": "1.0.0"}),
        "more than the artefact",
    ),
    "dependency-on-git": (
        node("diff", dependencies={"glob": "evil/repository"}),
        "not from the registry",
    ),
    "own-node-missing": (lambda lock: lock["packages"].pop(OWN), "is missing"),
    "own-node-of-another-version": (
        lambda lock: lock["packages"][OWN].update(version="1.0.0"),
        "the artefact is",
    ),
    "wanted-and-missing": (
        lambda lock: lock["packages"].pop("node_modules/diff"),
        "is wanted and missing",
    ),
    "old-format": (lambda lock: lock.update(lockfileVersion=2), "version 3"),
    "two-formats": (lambda lock: lock.update(dependencies={}), "does not need"),
    "unseen-character": (node("glob", license="M\u200bIT"), "nobody sees"),
    "endless-path": (
        rename("node_modules/glob", "/".join(["node_modules/a"] * 60)),
        "not a place under node_modules",
    ),
    "unknown-key": (node("glob", patched="x"), "unknown key"),
    "strange-shape": (node("glob", dependencies=["x"]), "not of the shape"),
}


@pytest.mark.parametrize("lie", NPM_LIES)
def test_a_lying_package_lock_is_refused_with_its_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], lie: str
) -> None:
    tell, why = NPM_LIES[lie]
    lock = npm_lock()
    tell(lock)
    registry(tmp_path, "filesystem", written(lock))
    code, out = check(tmp_path, capsys)
    assert code == 1
    assert "[lock-format]" in out
    assert why in out
    assert re.search(r"servers/filesystem\.package-lock\.json:[0-9]+:[0-9]+: error:", out)


def test_the_line_is_that_of_the_lie(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lock = npm_lock()
    node("glob", resolved="https://evil.example.com/glob.tgz")(lock)
    path = registry(tmp_path, "filesystem", written(lock))
    lines = path.read_text().split("\n")
    number = next(n for n, line in enumerate(lines, 1) if "evil.example.com" in line)
    _, out = check(tmp_path, capsys)
    assert f"filesystem.package-lock.json:{number}:7: error:" in out


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda raw: raw.replace(b'"version": "8', b'"version": "7",\n      "version": "8', 1), ""),
        (lambda raw: raw.replace(b"\n", b"\r\n"), "not written as npm writes it"),
        (lambda raw: b"\xef\xbb\xbf" + raw, "is not JSON"),
        (lambda raw: raw[:-2], "is not JSON"),
        (lambda raw: b"[" * 100_000, "is not JSON"),
        (lambda raw: b"\xff\xfe", "is not JSON"),
        (lambda raw: b"", "is not JSON"),
        (lambda raw: b"[]\n", ""),
        (lambda raw: b"{}\n", "not a lockfile"),
        (lambda raw: b"1" * 10_000 + b"\n", "is not JSON"),
        (lambda raw: b'{\n  "packages": NaN\n}\n', ""),
    ],
)
def test_bytes_that_are_no_lock_are_a_finding_and_no_traceback(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    change: Callable[[bytes], bytes],
    why: str,
) -> None:
    raw = (SERVERS / "filesystem.package-lock.json").read_bytes()
    registry(tmp_path, "filesystem", change(raw))
    code, out = check(tmp_path, capsys)
    assert code == 1
    assert "[lock-format]" in out
    assert why in out


HASH = "sha256:" + "0" * 64
PYTHON_LIES: dict[str, tuple[Callable[[str], str], str]] = {
    "index": (lambda text: f"--index-url https://evil.example.com/simple\n{text}", "is an option"),
    "extra-index": (lambda text: text + "--extra-index-url https://e.example.com\n", "an option"),
    "find-links": (lambda text: text + "-f https://evil.example.com/\n", "is an option"),
    "trusted-host": (lambda text: text + "--trusted-host evil.example.com\n", "is an option"),
    "editable": (lambda text: text + "-e .\n", "is editable"),
    "another-file": (lambda text: text + "-r other.txt\n", "another file"),
    "constraints": (lambda text: text + "-c other.txt\n", "another file"),
    "address": (lambda text: text + "evil @ https://e.example.com/e.whl\n", "names an address"),
    "bare-address": (lambda text: text + "https://e.example.com/e.whl\n", "names an address"),
    "path": (lambda text: text + "./evil.whl\n", "not of the lock's form"),
    "range": (lambda text: text + f"zzz>=1.0 \\\n    --hash={HASH}\n", "not one exact release"),
    "no-hash": (lambda text: text + "zzz==1.0\n", "has no hash"),
    "weak-hash": (lambda text: text + "zzz==1.0 \\\n    --hash=md5:00\n", "not sha256"),
    "wildcard": (lambda text: text + f"zzz==1.* \\\n    --hash={HASH}\n", "not of the lock's form"),
    "extras": (lambda text: text + f"zzz[x]==1.0 \\\n    --hash={HASH}\n", "not of the lock's"),
    "variable": (lambda text: text + f"zzz==${{V}} \\\n    --hash={HASH}\n", "not of the lock's"),
    "bad-marker": (lambda text: text + f"zzz==1 ; nonsense \\\n    --hash={HASH}\n", "PEP 508"),
    "extra-marker": (
        lambda text: text + f"zzz==1 ; extra == 'x' \\\n    --hash={HASH}\n",
        "PEP 508",
    ),
    "twice": (lambda text: text + text.split("\n", 2)[2], "out of order or there twice"),
    "cut-off": (lambda text: text[:-30], "does not end with a line end"),
    "half-a-package": (lambda text: text + "zzz==1.0 \\\n", "middle of a package"),
    "carriage-returns": (lambda text: text.replace("\n", "\r\n"), "plain ASCII"),
    "look-alike": (lambda text: text.replace("anyio", "\u0430nyio"), "plain ASCII"),
    "artefact-missing": (
        lambda text: re.sub(r"mcp-server-time==.*?\n(?=\S)", "", text, flags=re.DOTALL),
        "is missing",
    ),
    "artefact-of-another-version": (
        lambda text: re.sub(r"mcp-server-time==\S+", "mcp-server-time==1.0", text),
        "must stand as",
    ),
    "artefact-on-one-platform": (
        lambda text: re.sub(r"(mcp-server-time==\S+)", r"\1 ; sys_platform == 'linux'", text),
        "must stand as",
    ),
    "artefact-with-another-digest": (
        lambda text: re.sub(r"(mcp-server-time==\S+ \\\n).*", rf"\1    --hash={HASH}", text),
        "another digest than artefact.sha256",
    ),
    "comment-inside": (lambda text: text + "# nosec\n", "comment below the head"),
    "empty": (lambda text: "", ""),
}


@pytest.mark.parametrize("lie", PYTHON_LIES)
def test_a_lying_requirements_file_is_refused_with_its_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], lie: str
) -> None:
    tell, why = PYTHON_LIES[lie]
    text = tell((SERVERS / "time.requirements.txt").read_text())
    registry(tmp_path, "time", text.encode())
    code, out = check(tmp_path, capsys)
    assert code == 1
    assert "[lock-format]" in out
    assert why in out
    assert re.search(r"servers/time\.requirements\.txt:[0-9]+:[0-9]+: error:", out)


def test_an_alias_that_a_package_wants_is_read_under_its_real_name() -> None:
    lock = npm_lock()
    alias("glob", name="glob")(lock)
    reference = parse("pkg:npm/%40modelcontextprotocol/server-filesystem@2026.8.31")
    closure, findings = package_lock.parse(reference, written(lock), "lock")
    assert findings == []
    assert closure is not None
    found = next(one for one in closure.packages if one.path == "node_modules/aliased")
    assert found.name == "glob"
    assert found.purl.startswith("pkg:npm/glob@")


@pytest.mark.parametrize("name", ["filesystem", "everything", "time", "git"])
def test_an_honest_lock_passes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    file = next(SERVERS.glob(f"{name}.*[jt][sx][ot]*"))
    registry(tmp_path, name, file.read_bytes())
    code, out = check(tmp_path, capsys)
    assert code == 0, out


@pytest.mark.parametrize(
    ("marker", "good"),
    [
        ("sys_platform == 'win32'", True),
        ("python_full_version < '3.12' and (os_name == 'nt' or sys_platform != 'x')", True),
        ("((os_name == 'nt'))", True),
        ("python_version == '3.*' or implementation_version >= '3.13.0rc1'", True),
        ("python_version ~= 'x'", False),
        ("python_full_version < ''", False),
        ("platform_release >= '6.1'", False),
        ("sys_platform == 'a' sys_platform == 'b'", False),
        ("sys_platform == 'a' and", False),
        (" and os_name == 'nt'", False),
        ("(os_name == 'nt'", False),
        ("os_name == 'nt')", False),
        ("()", False),
        ("extra == 'x'", False),
        ("os_name == 'a' # x", False),
        ("(" * 30 + "os_name == 'nt'" + ")" * 30, False),
    ],
)
def test_a_marker_is_what_pip_would_read(marker: str, good: bool) -> None:
    text = (SERVERS / "time.requirements.txt").read_text()
    text += f"zzz==1 ; {marker} \\\n    --hash={HASH}\n"
    reference = parse("pkg:pypi/mcp-server-time@2026.10.19")
    closure, findings = requirements.parse(reference, text.encode(), "lock")
    assert (closure is not None, not findings) == (good, good)
    if good:
        Marker(marker)


def test_a_scope_that_ends_in_node_modules_is_a_scope() -> None:
    nodes = {"node_modules/@x-node_modules/dep", "node_modules/dep"}
    assert package_lock.lookup("node_modules/@x-node_modules/dep", "dep", nodes) == (
        "node_modules/dep"
    )
    inner = "node_modules/a/node_modules/@x-node_modules/dep"
    assert package_lock.lookup(inner, "b", {"node_modules/a/node_modules/b"}) == (
        "node_modules/a/node_modules/b"
    )

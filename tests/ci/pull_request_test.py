"""A pull request as a whole, through ``assay-ci check --base``: real branches of real repositories.

A case is what the branch does to a registry of three entries; told are the rule and its place.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest
from tests.support.repository import POLICY, Repository, bundle, entry, locked

from assay_ci.check import main

Run = Callable[..., tuple[int, str]]
Change = Callable[[Repository], None]
COMMAND = re.compile(r"^::(error|warning|notice) file=([^,]*),.*?,title=([a-z-]+)::", re.MULTILINE)
DEPRECATED = "status: deprecated\nstatus_reason: Nobody needs it.\n"
REVOKED = (
    "revocations:\n  - name: clock\n    version: 1.2.0\n    reason: Leaks.\n    date: 2026-11-20\n"
)
WHOLE_POLICY = POLICY + "review_max_age_days: 3650\n"
BASE: dict[str, str | bytes] = {
    **locked(),
    "assay.yaml": WHOLE_POLICY,
    "servers/clock.yaml": entry("clock"),
    "servers/clock.yaml.sigstore.json": bundle(entry("clock")),
    "servers/old.yaml": entry("old") + DEPRECATED,
    "README.md": "A registry.\n",
    "src/tool.py": "print()\n",
}


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A registry on ``main``, and the branch ``topic`` checked out; made once, then copied."""
    repository = Repository.create(tmp_path_factory.mktemp("pull-request") / "registry")
    repository.commit(BASE)
    repository.git("checkout", "--quiet", "-b", "topic")
    return repository.root


@pytest.fixture
def made(template: Path, tmp_path: Path) -> Repository:
    return Repository(Path(shutil.copytree(template, tmp_path / "registry")))


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    def call(made: Repository, *words: str) -> tuple[int, str]:
        sets = ["--offline", "--only", "schema,lock,whole"]
        code = main(["check", "--registry", str(made.root), *sets, *(words or ("--base", "main"))])
        told = capsys.readouterr()
        return code, told.out + told.err

    return call


def _rules(told: str) -> list[tuple[str, str, str]]:
    return sorted((severity, path, rule) for severity, path, rule in COMMAND.findall(told))


def _files(**files: str) -> Change:
    """A commit of these files; ``__`` in a key is a slash, ``_dot_`` a dot."""

    def change(made: Repository) -> None:
        made.commit({_path(key): text for key, text in files.items()})

    return change


def _path(key: str) -> str:
    return key.replace("__", "/").replace("_dot_", ".")


def _removed(*paths: str) -> Change:
    def change(made: Repository) -> None:
        made.git("rm", "--quiet", *paths)
        made.commit()

    return change


def _both(*changes: Change) -> Change:
    def change(made: Repository) -> None:
        for one in changes:
            one(made)

    return change


NEW = {"servers/maps.yaml": entry("maps")}
OTHER = sha256(b"other bytes").hexdigest()
BUNDLE = "servers/clock.yaml.sigstore.json"


def _new(made: Repository) -> None:
    made.commit({**NEW})


def _bumped(made: Repository) -> None:
    made.git("rm", "--quiet", BUNDLE)
    made.commit({"servers/clock.yaml": entry("clock", "1.3.0")})


def _renamed(made: Repository) -> None:
    made.git("mv", "servers/clock.yaml", "servers/watch.yaml")
    made.git("rm", "--quiet", BUNDLE)
    made.commit({"servers/watch.yaml": entry("clock").replace("name: clock", "name: watch")})


def _executable(made: Repository) -> None:
    made.git("update-index", "--chmod=+x", "servers/old.yaml")
    made.git("commit", "--quiet", "--message", "mode")


def _linked(made: Repository) -> None:
    (made.root / "servers/clock.yaml").unlink()
    (made.root / "servers/clock.yaml").symlink_to("old.yaml")
    made.commit()


def _link_for_folder(made: Repository) -> None:
    made.git("mv", "servers", "elsewhere")
    (made.root / "servers").symlink_to("elsewhere")
    made.commit()


def _cacheinfo(*what: str) -> Change:
    def change(made: Repository) -> None:
        for one in what:
            made.git("update-index", "--add", "--cacheinfo", one)
        made.git("commit", "--quiet", "--message", "by the index alone")

    return change


_EMPTY = "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"


def _blob(made: Repository, path: str, text: bytes, mode: str = "100644") -> None:
    """A file that this file system could not hold, straight into the index."""
    made.write("scratch", text)
    identifier = made.git("hash-object", "-w", "scratch")
    (made.root / "scratch").unlink()
    made.git("update-index", "--add", "--cacheinfo", f"{mode},{identifier},{path}")
    made.git("commit", "--quiet", "--message", "a blob")


def _two_cases(made: Repository) -> None:
    _blob(made, "servers/Clock.yaml", entry("clock").encode())


def _other_folder(made: Repository) -> None:
    _blob(made, "Servers/evil.yaml", entry("evil").encode())


def _huge(made: Repository) -> None:
    made.commit({"servers/huge.yaml": b"#" * 70_000})


def _relocked(revision: str) -> Change:
    def change(made: Repository) -> None:
        files = locked()
        lock = str(files["servers/time.requirements.txt"]).replace("\n", "\n# anew\n", 1)
        old = sha256(str(files["servers/time.requirements.txt"]).encode()).hexdigest()
        text = str(files["servers/time.yaml"]).replace(old, sha256(lock.encode()).hexdigest())
        made.commit({"servers/time.yaml": revision + text, "servers/time.requirements.txt": lock})

    return change


def _same_version_other_bytes(made: Repository) -> None:
    made.git("rm", "--quiet", BUNDLE)
    other = entry("clock").replace(sha256(b"clock 1.2.0").hexdigest(), OTHER)
    made.commit({"servers/clock.yaml": other})


def _escaped(made: Repository) -> None:
    made.git("rm", "--quiet", BUNDLE)
    old = sha256(b"clock 1.2.0").hexdigest()
    hidden = f'"\\x{ord(OTHER[0]):02x}{OTHER[1:]}"  # {old}'
    made.commit({"servers/clock.yaml": entry("clock").replace(old, hidden)})


def _escaped_version(made: Repository) -> None:
    made.git("rm", "--quiet", BUNDLE)
    text = entry("clock").replace(sha256(b"clock 1.2.0").hexdigest(), OTHER)
    made.commit({"servers/clock.yaml": text.replace("1.2.0\n", '"\\x31.2.0"\n', 1)})


def _back_after_removal(made: Repository) -> None:
    """Main had it, deprecated and removed it; the branch brings the version with other bytes."""
    made.git("checkout", "--quiet", "main")
    made.git("rm", "--quiet", "servers/old.yaml")
    made.commit()
    made.git("checkout", "--quiet", "-B", "topic")
    other = entry("old").replace(sha256(b"old 1.2.0").hexdigest(), OTHER)
    made.commit({"servers/old.yaml": other})


def _on_main(files: dict[str, str | bytes], then: Change) -> Change:
    """``files`` are on main before the branch leaves it."""

    def change(made: Repository) -> None:
        made.git("checkout", "--quiet", "main")
        made.commit(files)
        made.git("checkout", "--quiet", "-B", "topic")
        then(made)

    return change


GOOD: dict[str, Change] = {
    "a new entry": _new,
    "a new entry and prose": _both(_new, _files(README_dot_md="More.\n")),
    "a new version without the stale bundle": _bumped,
    "a deprecated entry goes": _removed("servers/old.yaml"),
    "code alone": _files(src__tool_dot_py="print(1)\n"),
    "a workflow with code": _files(
        src__tool_dot_py="x = 1\n", _dot_github__workflows__x_dot_yml="a"
    ),
    "the policy alone": _files(assay_dot_yaml=WHOLE_POLICY + "entries_per_pull_request: 5\n"),
    "locked anew under the next revision": _relocked("revision: 2\n"),
    "a first revocation of something else": _files(
        revocations_dot_yaml=REVOKED.replace("1.2.0", "0.1.0")
    ),
    "a revoked version goes back": _on_main(
        {"revocations.yaml": REVOKED},
        _both(_removed(BUNDLE), _files(servers__clock_dot_yaml=entry("clock", "1.1.9"))),
    ),
    "a revoked entry goes at once": _on_main(
        {"revocations.yaml": REVOKED}, _removed("servers/clock.yaml", BUNDLE)
    ),
}
BAD: dict[str, tuple[Change, list[tuple[str, str]]]] = {
    "a rename": (_renamed, [("servers/clock.yaml", "entry-vanished")]),
    "a removal": (
        _removed("servers/clock.yaml", BUNDLE),
        [("servers/clock.yaml", "entry-vanished")],
    ),
    "a version back": (
        _both(_removed(BUNDLE), _files(servers__clock_dot_yaml=entry("clock", "1.1.9"))),
        [("servers/clock.yaml", "version-back")],
    ),
    "locked anew under the same revision": (
        _relocked(""),
        [("servers/time.yaml", "revision-raised"), ("servers/time.yaml", "version-reused")],
    ),
    "other bytes under the same version": (
        _same_version_other_bytes,
        [("servers/clock.yaml", "version-reused")],
    ),
    "other bytes after a removal": (
        _back_after_removal,
        [("servers/old.yaml", "version-reused")],
    ),
    "a bundle deleted": (_removed(BUNDLE), [(BUNDLE, "bundle-by-hand")]),
    "a bundle edited": (
        _files(servers__clock_dot_yaml_dot_sigstore_dot_json=bundle(entry("clock")) + "\n"),
        [(BUNDLE, "bundle-by-hand")],
    ),
    "a bundle added": (
        _files(servers__old_dot_yaml_dot_sigstore_dot_json=bundle(entry("old") + DEPRECATED)),
        [("servers/old.yaml.sigstore.json", "bundle-by-hand")],
    ),
    "a stale bundle kept": (
        _files(servers__clock_dot_yaml=entry("clock", "1.3.0")),
        [(BUNDLE, "bundle-stale")],
    ),
    "a name that looks like another": (
        _files(servers__c1ock_dot_yaml=entry("c1ock")),
        [("servers/c1ock.yaml", "name-collision")],
    ),
    "an executable entry": (_executable, [("servers/old.yaml", "irregular-file")]),
    "a link for an entry": (
        _linked,
        [
            ("servers/clock.yaml", "entry-invalid"),
            ("servers/clock.yaml", "irregular-file"),
        ],
    ),
    "a submodule": (
        _cacheinfo(f"160000,{_EMPTY},servers/sub"),
        [("servers/sub", "irregular-file"), ("servers/sub", "orphan")],
    ),
    "two files that a Mac takes for one": (
        _two_cases,
        [
            ("servers/Clock.yaml", "name-collision"),
            ("servers/Clock.yaml", "name-matches-file"),
            ("servers/clock.yaml", "path-form"),
        ],
    ),
    "a second folder": (_other_folder, [("Servers/evil.yaml", "path-form")]),
    "a name that is no UTF-8": (
        lambda made: _blob(made, "servers/\udcff.yaml", entry("x").encode()),
        [("servers/\\udcff.yaml", "name-matches-file"), ("servers/\\udcff.yaml", "path-form")],
    ),
    "a file in a folder below": (
        _files(servers__deep__x_dot_yaml=entry("x")),
        [("servers/deep", "orphan")],
    ),
    "a huge file": (
        _huge,
        [("servers/huge.yaml", "file-size"), ("servers/huge.yaml", "huge-file")],
    ),
    "CRLF": (
        _files(servers__maps_dot_yaml=entry("maps").replace("\n", "\r\n")),
        [("servers/maps.yaml", "file-encoding")],
    ),
    "revoked by name": (
        _on_main(
            {"revocations.yaml": REVOKED.replace("    version: 1.2.0\n", "")},
            _bumped,
        ),
        [("servers/clock.yaml", "revoked")],
    ),
    "revoked by digest under another name": (
        _on_main(
            {
                "revocations.yaml": "revocations:\n  - digest: "
                + sha256(b"maps 1.2.0").hexdigest()
                + "\n    reason: Steals.\n    date: 2026-11-20\n"
            },
            _files(
                servers__atlas_dot_yaml=entry("atlas").replace(
                    sha256(b"atlas 1.2.0").hexdigest(), sha256(b"maps 1.2.0").hexdigest()
                )
            ),
        ),
        [("servers/atlas.yaml", "revoked")],
    ),
    "a revocation taken back": (
        _on_main({"revocations.yaml": REVOKED}, _files(revocations_dot_yaml="revocations: []\n")),
        [("revocations.yaml", "revocation-removed")],
    ),
    "the revocations deleted": (
        _on_main({"revocations.yaml": REVOKED}, _removed("revocations.yaml")),
        [("revocations.yaml", "revocation-removed")],
    ),
    "a revocation edited": (
        _on_main(
            {"revocations.yaml": REVOKED},
            _files(revocations_dot_yaml=REVOKED.replace("1.2.0", "1.2.00")),
        ),
        [("revocations.yaml", "revocation-removed")],
    ),
    "a revocation that can't be read": (
        _files(revocations_dot_yaml="revocations:\n  - nam: clock\n"),
        [*(2 * [("revocations.yaml", "schema")]), ("revocations.yaml", "unknown-key")],
    ),
    "a deprecated entry goes that another one names": (
        _on_main(
            {"servers/older.yaml": entry("older") + DEPRECATED + "replaced_by: old\n"},
            _removed("servers/old.yaml"),
        ),
        [("servers/older.yaml", "successor-exists")],
    ),
    "a policy that refuses what is there": (
        _files(assay_dot_yaml="sources: {npm: true, pypi: true}\nreview_max_age_days: 3650\n"),
        [("servers/clock.yaml", "allowed-source"), ("servers/old.yaml", "allowed-source")],
    ),
    "the policy deleted": (
        _removed("assay.yaml"),
        [
            ("assay.yaml", "policy-vanished"),
            ("servers/clock.yaml", "allowed-source"),
            ("servers/old.yaml", "allowed-source"),
        ],
    ),
    "a link in place of the folder": (
        _link_for_folder,
        [
            ("elsewhere/clock.yaml", "mixed-change"),
            ("elsewhere/clock.yaml.sigstore.json", "mixed-change"),
            ("elsewhere/old.yaml", "mixed-change"),
            ("elsewhere/time.requirements.txt", "mixed-change"),
            ("elsewhere/time.yaml", "mixed-change"),
            ("servers", "irregular-file"),
            ("servers/clock.yaml", "entry-vanished"),
            ("servers/time.yaml", "entry-vanished"),
        ],
    ),
    "other bytes written in escapes, the old ones in a comment": (
        _escaped,
        [("servers/clock.yaml", "version-reused")],
    ),
    "other bytes of a version that is written in escapes": (
        _escaped_version,
        [("servers/clock.yaml", "version-reused")],
    ),
    "a policy that can't be read": (
        _files(assay_dot_yaml=WHOLE_POLICY + "sorces: {}\n"),
        [("assay.yaml", "unknown-key")],
    ),
}


@pytest.mark.parametrize("case", GOOD)
def test_a_good_pull_request_passes(made: Repository, run: Run, case: str) -> None:
    GOOD[case](made)
    code, told = run(made)
    assert (code, _rules(told)) == (0, []), told


@pytest.mark.parametrize("case", BAD)
def test_a_bad_pull_request_is_refused_where_it_is_bad(
    made: Repository, run: Run, case: str
) -> None:
    change, expected = BAD[case]
    change(made)
    code, told = run(made)
    found = [(path, rule) for severity, path, rule in _rules(told) if severity == "error"]
    assert (code, found) == (1, sorted(expected)), told


@pytest.mark.parametrize(
    "path",
    ["assay.yaml", "revocations.yaml", ".github/CODEOWNERS", ".gitattributes", "src/tool.py"],
)
def test_an_entry_never_comes_with_what_judges_it(made: Repository, run: Run, path: str) -> None:
    _new(made)
    text = {"assay.yaml": WHOLE_POLICY + "\n", "revocations.yaml": "revocations: []\n"}
    _blob(made, path, text.get(path, "x\n").encode())
    code, told = run(made)
    assert (code, ("error", path, "mixed-change") in _rules(told)) == (1, True), told


def test_prose_may_come_with_an_entry(made: Repository, run: Run) -> None:
    _new(made)
    made.commit({"docs/how.md": "x\n", "docs/flow.png": "x", "LICENSE": "x"})
    code, told = run(made)
    assert (code, _rules(told)) == (0, []), told


def test_an_artefact_under_a_second_name_and_a_near_name_are_told_and_refuse_nothing(
    made: Repository, run: Run
) -> None:
    same = entry("world-clocks").replace(
        sha256(b"world-clocks 1.2.0").hexdigest(), sha256(b"clock 1.2.0").hexdigest()
    )
    change = _on_main(
        {"servers/world-clock.yaml": entry("world-clock")},
        _files(**{"servers__world-clocks_dot_yaml": same}),
    )
    change(made)
    code, told = run(made)
    assert code == 0
    assert _rules(told) == [
        ("warning", "servers/world-clocks.yaml", "artefact-shared"),
        ("warning", "servers/world-clocks.yaml", "name-lookalike"),
    ]


def test_a_revocation_alone_is_told_at_the_entry_and_refuses_nothing(
    made: Repository, run: Run
) -> None:
    _files(revocations_dot_yaml=REVOKED)(made)
    code, told = run(made)
    assert (code, _rules(told)) == (0, [("warning", "servers/clock.yaml", "revoked")]), told


def test_the_policy_of_the_base_judges_and_not_the_pull_requests_own(
    made: Repository, run: Run
) -> None:
    """An entry of a host that the base does not allow, with a policy that would allow it."""
    evil = entry("evil").replace("downloads.example.com", "evil.example.com")
    made.commit({"servers/evil.yaml": evil, "assay.yaml": "sources: {https: [evil.example.com]}\n"})
    code, told = run(made)
    assert code == 1
    assert ("error", "servers/evil.yaml", "allowed-source") in _rules(told)
    assert ("error", "assay.yaml", "mixed-change") in _rules(told)


def test_an_old_branch_is_judged_by_todays_base(made: Repository, run: Run) -> None:
    """The branch left before main forbade the host, and before main had an entry of that look."""
    _files(servers__c0mpass_dot_yaml=entry("c0mpass"))(made)
    made.git("checkout", "--quiet", "main")
    made.commit(
        {
            "assay.yaml": "sources: {npm: true, pypi: true}\n",
            "servers/compass.yaml": entry("compass"),
        }
    )
    made.git("checkout", "--quiet", "topic")
    code, told = run(made)
    assert code == 1
    assert [(path, rule) for _, path, rule in _rules(told)] == [
        ("servers/c0mpass.yaml", "allowed-source"),
        ("servers/c0mpass.yaml", "name-collision"),
    ]


def test_what_both_sides_changed_is_not_merged_by_guess(made: Repository, run: Run) -> None:
    _bumped(made)
    made.git("checkout", "--quiet", "main")
    made.commit({"servers/clock.yaml": entry("clock", "1.2.1")})
    made.git("checkout", "--quiet", "topic")
    code, told = run(made)
    assert (code, ("error", "servers/clock.yaml", "base-moved") in _rules(told)) == (1, True), told
    assert _rules(run(made, "--base", "main~1")[1]) == []


def test_a_broken_policy_of_the_base_judges_nobody(made: Repository, run: Run) -> None:
    _on_main({"assay.yaml": "sorces: {}\n"}, _new)(made)
    code, told = run(made)
    assert (code, "is broken, so nothing can be judged by it" in told) == (3, True), told
    made.git("reset", "--quiet", "--hard", "main")
    _files(assay_dot_yaml=WHOLE_POLICY)(made)
    assert run(made)[0] == 0


def test_as_many_entries_as_the_policy_allows(made: Repository, run: Run) -> None:
    one_each = {"assay.yaml": WHOLE_POLICY + "entries_per_pull_request: 1\n"}
    _on_main({**one_each}, _relocked("revision: 2\n"))(made)
    assert run(made)[0] == 0
    _new(made)
    code, told = run(made)
    assert (code, [rule for _, _, rule in _rules(told)]) == (1, ["entries-per-pull-request"]), told


def test_the_head_can_be_any_revision_and_the_checkout_has_no_say(
    made: Repository, run: Run
) -> None:
    """What is judged is the commit: not the files on disk, their attributes or their index."""
    _files(servers__c1ock_dot_yaml=entry("c1ock"))(made)
    made.git("checkout", "--quiet", "main")
    made.write("servers/clock.yaml", "not what is judged")
    code, told = run(made, "--base", "main", "--head", "topic")
    assert (code, [rule for _, _, rule in _rules(told)]) == (1, ["name-collision"]), told
    assert run(made, "--base", "main", "--head", "main")[0] == 0


def test_the_forges_merge_commit_is_judged_against_its_first_parent(
    made: Repository, run: Run
) -> None:
    _files(servers__c1ock_dot_yaml=entry("c1ock"))(made)
    made.git("checkout", "--quiet", "--detach", "main")
    made.git("merge", "--quiet", "--no-ff", "-m", "merge", "topic")
    code, told = run(made, "--base", "main")
    assert (code, [rule for _, _, rule in _rules(told)]) == (1, ["name-collision"]), told


def test_a_registry_below_the_top_sees_what_changes_above_it(tmp_path: Path, run: Run) -> None:
    made = Repository.create(tmp_path / "mono")
    made.commit({f"team/{path}": text for path, text in BASE.items()} | {"other/x.py": "x"})
    made.git("checkout", "--quiet", "-b", "topic")
    made.commit({"team/servers/maps.yaml": entry("maps"), ".github/workflows/x.yml": "x"})
    code, told = run(Repository(made.root / "team"))
    assert (code, _rules(told)) == (1, [("error", ".github/workflows/x.yml", "mixed-change")])


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["--base", "nowhere"], 2, "'nowhere' is no revision of"),
        (["--base", "0" * 40], 2, "names no commit"),
        (["--head", "topic"], 2, "--head needs --base"),
        (["--base", "main", "--only", "skan"], 2, "there is no set of checks 'skan'"),
        (["--base", "main", "--skip", "all"], 2, "no set of checks is left"),
        (["--base", "--upload-pack=x"], 2, "expected one argument"),
        (["--base=--upload-pack=x"], 2, "is no revision"),
    ],
)
def test_what_names_no_pull_request_is_a_usage_error(
    made: Repository, run: Run, words: list[str], code: int, says: str
) -> None:
    answered, told = run(made, *words)
    assert (answered, says in told) == (code, True), told


def test_a_shallow_clone_is_undecided_and_says_what_to_fetch(
    made: Repository, run: Run, tmp_path: Path
) -> None:
    base = made.git("rev-parse", "main")
    _new(made)
    made.git("clone", "--quiet", "--depth=2", f"file://{made.root}", tmp_path / "shallow")
    code, told = run(Repository(tmp_path / "shallow"), "--base", base)
    assert (code, "fetch-depth: 0" in told) == (3, True), told


def test_histories_that_never_met_or_met_twice_are_undecided(made: Repository, run: Run) -> None:
    made.git("checkout", "--quiet", "--orphan", "alone")
    made.commit()
    code, told = run(made)
    assert (code, "have no common commit here" in told) == (3, True), told
    made.git("checkout", "--quiet", "-f", "topic")
    _new(made)
    ours = made.git("rev-parse", "topic")
    made.git("checkout", "--quiet", "main")
    made.commit({"README.md": "Main.\n"})
    theirs = made.git("rev-parse", "main")
    made.git("merge", "--quiet", "-m", "one way", ours)
    made.git("checkout", "--quiet", "topic")
    made.git("merge", "--quiet", "-m", "the other", theirs)
    code, told = run(made)
    assert (code, "have 2 merge bases" in told) == (3, True), told

"""One commit of a stranger's repository, and nothing of it runs, hides or leads elsewhere."""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
import subprocess
import tarfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support import faults, githttp
from tests.support.faults import FaultServer, serving
from tests.support.repository import Repository

from assay.artefact import gitrun, scratch, snapshot
from assay.artefact.git import GitSource
from assay.artefact.http import Limits
from assay.artefact.reference import Reference, parse
from assay.artefact.source import open_sources
from assay.artefact.store import Store
from assay.errors import Refused, Undecided
from assay.reason import Reason

QUICK = Limits(size=8 << 20, connect=1, read=1, deadline=20, retries=1, backoff=0.01)
LFS = "version https://git-lfs.github.com/spec/v1\noid sha256:{}\nsize 12\n".format("0" * 64)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    made = tmp_path / "home"
    made.mkdir()
    return made


@pytest.fixture
def environ(home: Path) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "GIT_CONFIG_GLOBAL": str(home / "gitconfig"),
        "GIT_CONFIG_NOSYSTEM": "1",
    }


@pytest.fixture
def source(store: Store, environ: dict[str, str]) -> GitSource:
    return GitSource(store, environ, limits=QUICK, protocols=("file",))


@pytest.fixture(scope="module")
def secure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FaultServer]:
    with serving(tmp_path_factory.mktemp("tls")) as made:
        yield made


def local(repository: Repository, commit: str) -> Reference:
    """``git+file://``, which the grammar of entries does not know."""
    address = repository.root.as_uri()
    return Reference("git", address, commit, "", f"git+{address}@{commit}")


def names(path: Path) -> list[str]:
    with tarfile.open(path) as tar:
        return tar.getnames()


def nothing_left(store: Store) -> bool:
    clones = store.root / "clones"
    kept = [path for path in store.root.rglob("*") if path.is_file()]
    return not kept and not (clones.exists() and any(clones.iterdir()))


def refused(source: GitSource, reference: Reference, told: str) -> Refused:
    with pytest.raises(Refused, match=told) as caught:
        source.fetch(reference)
    assert nothing_left(source.store)
    return caught.value


def hostile(source: GitSource, reference: Reference, told: str) -> None:
    assert refused(source, reference, told).reason is Reason.ARTEFACT_INVALID


def undecided(source: GitSource, reference: Reference, told: str) -> Undecided:
    with pytest.raises(Undecided, match=told) as caught:
        source.fetch(reference)
    assert caught.value.reason is Reason.UNREACHABLE
    assert caught.value.hint
    assert nothing_left(source.store)
    return caught.value


def tree(repository: Repository, *items: tuple[str, str, bytes]) -> str:
    """A commit whose tree holds what no working tree could: mode, name, content or object id."""
    raw = b""
    for mode, name, content in items:
        linked = mode in ("160000", "40000")
        ident = content.decode() if linked else stored(repository, "blob", content)
        raw += f"{mode} ".encode() + os.fsencode(name) + b"\0" + bytes.fromhex(ident)
    return commit_of(repository, stored(repository, "tree", raw))


def commit_of(repository: Repository, ident: str) -> str:
    commit = repository.git("commit-tree", "-m", "made by hand", ident)
    repository.git("update-ref", f"refs/heads/{commit}", commit)
    return commit


def stored(repository: Repository, kind: str, content: bytes) -> str:
    done = subprocess.run(
        ["git", "hash-object", "--literally", "-w", "-t", kind, "--stdin"],
        cwd=repository.root,
        input=content,
        capture_output=True,
        check=True,
    )
    return done.stdout.decode().strip()


def test_a_commit_becomes_an_archive_of_its_files(
    source: GitSource, repository: Repository
) -> None:
    repository.write("old.txt", "gone")
    repository.commit()
    (repository.root / "old.txt").unlink()
    repository.write("bin/run", "#!/bin/sh\n").chmod(0o755)
    commit = repository.commit({"a.txt": "a", "a/b.txt": "b", "é.txt": "", "n" * 120: "long"})
    fetched = source.fetch(local(repository, commit))
    assert names(fetched.path) == ["a.txt", "a/b.txt", "bin/run", "n" * 120, "é.txt"]
    with tarfile.open(fetched.path) as tar:
        assert tar.extractfile("a/b.txt").read() == b"b"  # type: ignore[union-attr]
        for info in tar:
            assert (info.mtime, info.uid, info.gid, info.uname) == (0, 0, 0, "")
        assert [info.mode for info in tar] == [0o644, 0o644, 0o755, 0o644, 0o644]
    assert fetched.sha256 == hashlib.sha256(fetched.path.read_bytes()).hexdigest()
    assert fetched.file_name == f"repository-{commit}.tar"
    assert fetched.size % 10240 == 0


def test_the_archive_is_the_one_that_gnu_tar_makes_by_the_rule(
    source: GitSource, repository: Repository, tmp_path: Path
) -> None:
    if "GNU" not in subprocess.run(["tar", "--version"], capture_output=True, text=True).stdout:
        pytest.skip("this machine's tar is not GNU's")
    (repository.root / "link").symlink_to("sub/file")
    repository.write("run", "x").chmod(0o755)
    commit = repository.commit({"sub/file": "text\n", "sub.txt": "", "empty": b""})
    options = "--format=ustar --mtime=@0 --owner=0 --group=0 --numeric-owner --no-recursion"
    peer = f"""
        umask 022 && git clone --quiet . {tmp_path}/clone && cd {tmp_path}/clone &&
        git ls-files -z | tar {options} --null -T - -cf {tmp_path}/peer.tar
    """
    subprocess.run(peer, shell=True, cwd=repository.root, check=True)
    fetched = source.fetch(local(repository, commit))
    assert fetched.path.read_bytes() == (tmp_path / "peer.tar").read_bytes()


def test_the_same_commit_gives_the_same_bytes_from_wherever_it_is_fetched(
    store: Store, environ: dict[str, str], repository: Repository, secure: FaultServer
) -> None:
    commit = repository.commit({"a": "a", ".gitattributes": "* text eol=crlf\n"})
    clone = repository.root.with_name("clone")
    repository.git("clone", "--quiet", "--bare", ".", clone)
    address = githttp.serve(secure, "same.git", clone)
    environ["SSL_CERT_FILE"] = secure.ca_file
    over = GitSource(store, environ, limits=QUICK).fetch(parse(f"git+{address}@{commit}"))
    (Path(environ["HOME"]) / "gitconfig").write_text("[core]\nautocrlf = true\neol = crlf\n")
    other = GitSource(Store(store.root / "2"), environ, limits=QUICK, protocols=("file",))
    assert other.fetch(local(repository, commit)).sha256 == over.sha256


def test_a_digest_is_held_and_the_store_is_asked_first(
    source: GitSource, repository: Repository
) -> None:
    commit = repository.commit({"a": "a"})
    reference = local(repository, commit)
    with pytest.raises(Refused, match="wanted is") as caught:
        source.fetch(reference, sha256="0" * 64)
    assert caught.value.reason is Reason.DIGEST_MISMATCH
    assert nothing_left(source.store)
    sha256 = source.fetch(reference).sha256
    shutil.rmtree(repository.root)
    assert source.fetch(reference, sha256=sha256).sha256 == sha256


def test_only_the_commit_is_fetched_and_no_history(
    store: Store, environ: dict[str, str], repository: Repository
) -> None:
    first = repository.commit({"big": os.urandom(12 << 20)})
    (repository.root / "big").unlink()
    second = repository.commit({"small": "x"})
    source = GitSource(store, environ, limits=QUICK, protocols=("file",))
    assert names(source.fetch(local(repository, second)).path) == ["small"]
    with pytest.raises(Undecided, match="larger than 8388608 bytes"):
        source.fetch(local(repository, first))


@pytest.mark.parametrize("kind", ["unknown", "tag", "tree", "blob"])
def test_what_is_no_commit_is_not_found(
    source: GitSource, repository: Repository, kind: str
) -> None:
    repository.commit({"a": "a"})
    repository.git("tag", "--annotate", "--message", "t", "v1")
    ident = {
        "unknown": "1" * 40,
        "tag": repository.git("rev-parse", "v1"),
        "tree": repository.git("rev-parse", "HEAD^{tree}"),
        "blob": repository.git("rev-parse", "HEAD:a"),
    }[kind]
    error = refused(source, local(repository, ident), f"has no commit {ident}")
    assert error.reason is Reason.NOT_FOUND


def test_a_repository_that_is_not_there_is_not_found(source: GitSource, tmp_path: Path) -> None:
    absent = Repository(tmp_path / "absent")
    assert refused(source, local(absent, "1" * 40), "no repository").reason is Reason.NOT_FOUND


def test_an_empty_commit_holds_nothing(source: GitSource, repository: Repository) -> None:
    hostile(source, local(repository, repository.commit()), "holds no file")


def test_a_link_that_stays_inside_is_kept(source: GitSource, repository: Repository) -> None:
    (repository.root / "docs").mkdir()
    (repository.root / "docs/readme").symlink_to("../README")
    commit = repository.commit({"README": "x"})
    with tarfile.open(source.fetch(local(repository, commit)).path) as tar:
        assert tar.getmember("docs/readme").linkname == "../README"


@pytest.mark.parametrize(
    ("items", "told"),
    [
        ((("160000", "sub", b"1" * 40),), "submodule"),
        ((("100644", "model.bin", LFS.encode()),), "git-lfs"),
        ((("120000", "out", b"../../etc/passwd"),), "leads outside"),
        ((("120000", "out", b"/etc/passwd"),), "leads outside"),
        ((("120000", "a", b"."), ("120000", "b", b"a/../..")), "leads outside"),
        ((("120000", "b", b"c"), ("120000", "c", b"b")), "entangled"),
        ((("120000", "annex", b".git/annex/x"),), "takes for a repository"),
        ((("120000", "l", b"\xff"),), "not UTF-8"),
        ((("100644", "A", b"1"), ("100644", "a", b"2")), "takes? for one"),
        ((("100644", "a", b"1"), ("100644", "a", b"2")), "takes? for one|holds twice"),
        ((("100644", "\udcff", b"1"),), "not UTF-8"),
        ((("100644", "..", b"1"),), "outside|not plain"),
        ((("100644", ".git", b"1"),), "takes for a repository"),
        ((("100644", ".GIT", b"1"),), "takes for a repository"),
        ((("100644", "git~1", b"1"),), "takes for a repository"),
        ((("100644", "a\\b", b"1"),), "another system"),
        ((("100644", "con.txt", b"1"),), "another system"),
        ((("100644", "a/b", b"1"),), "a slash in it"),
        ((("100644", "x\n", b"1"),), "another system|not plain"),
    ],
)
def test_a_tree_that_would_mislead_is_refused(
    source: GitSource,
    repository: Repository,
    items: tuple[tuple[str, str, bytes], ...],
    told: str,
) -> None:
    good = ("100644", "zz", b"good")
    assert source.fetch(local(repository, tree(repository, good))).size
    shutil.rmtree(source.store.root)
    hostile(source, local(repository, tree(repository, *items)), told)


def test_an_honest_text_about_lfs_is_no_pointer(source: GitSource, repository: Repository) -> None:
    text = "A pointer begins with: version https://git-lfs.github.com/spec/v1\n"
    assert source.fetch(local(repository, repository.commit({"doc.md": text}))).size


def test_trees_within_trees_are_bounded(source: GitSource, repository: Repository) -> None:
    """The git bomb: ten times ten times ten… folders of a few hundred bytes."""
    ident = stored(repository, "blob", b"")
    raw = b"".join(b"100644 %d\0" % n + bytes.fromhex(ident) for n in range(10))
    for _ in range(9):
        ident = stored(repository, "tree", raw)
        raw = b"".join(b"40000 %d\0" % n + bytes.fromhex(ident) for n in range(10))
    started = time.monotonic()
    hostile(
        source, local(repository, commit_of(repository, stored(repository, "tree", raw))), "over"
    )
    assert time.monotonic() - started < 15


def test_folders_without_a_file_are_bounded_too(source: GitSource, repository: Repository) -> None:
    raw = b""
    for _ in range(9):
        ident = stored(repository, "tree", raw)
        raw = b"".join(b"40000 %d\0" % n + bytes.fromhex(ident) for n in range(10))
    hostile(
        source, local(repository, commit_of(repository, stored(repository, "tree", raw))), "over"
    )


def test_a_deep_tree_is_bounded(source: GitSource, repository: Repository) -> None:
    ident = stored(repository, "blob", b"x")
    raw = b"100644 f\0" + bytes.fromhex(ident)
    for _ in range(400):
        raw = b"40000 d\0" + bytes.fromhex(stored(repository, "tree", raw))
    commit = commit_of(repository, stored(repository, "tree", raw))
    hostile(source, local(repository, commit), "too deep")


def test_a_blob_that_unfolds_is_refused_before_it_is_written(
    source: GitSource, repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshot, "MOST_BYTES", 64 << 20)
    commit = repository.commit({"zeros": bytes(65 << 20)})
    hostile(source, local(repository, commit), "over 64 MiB")


def test_nothing_of_the_repository_and_no_hook_of_the_user_runs(
    source: GitSource, environ: dict[str, str], repository: Repository, tmp_path: Path
) -> None:
    ran = tmp_path / "ran"
    program = tmp_path / "program"
    program.write_text(f"#!/bin/sh\necho $0 >> {ran}\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    hooks = tmp_path / "hooks"
    hooks.mkdir()
    for name in ("reference-transaction", "post-checkout", "post-merge", "fsmonitor-watchman"):
        shutil.copy(program, hooks / name)
        shutil.copytree(hooks, repository.root / ".git/hooks", dirs_exist_ok=True)
    (Path(environ["HOME"]) / "gitconfig").write_text(
        f"[core]\nhooksPath = {hooks}\nfsmonitor = {program}\nattributesFile = {tmp_path}/a\n"
        f'[filter "evil"]\nsmudge = {program}\nclean = {program}\nprocess = {program}\n'
        f'[diff "evil"]\ntextconv = {program}\n'
        f"[init]\ntemplateDir = {hooks.parent}\n"
    )
    (tmp_path / "a").write_text("* filter=evil diff=evil\n")
    repository.git("config", "core.fsmonitor", str(program))
    commit = repository.commit(
        {
            ".gitattributes": "* filter=evil diff=evil export-subst\nhidden export-ignore\n",
            "hidden": "seen",
            "id.txt": "$Format:%H$ $Id$",
        }
    )
    ran.unlink(missing_ok=True)
    environ |= {"GIT_EXTERNAL_DIFF": str(program), "GIT_EXEC_PATH": str(hooks)}
    fetched = source.fetch(local(repository, commit))
    assert not ran.exists()
    with tarfile.open(fetched.path) as tar:
        assert "hidden" in tar.getnames()
        assert tar.extractfile("id.txt").read() == b"$Format:%H$ $Id$"  # type: ignore[union-attr]


def test_only_https_is_spoken_whatever_the_configuration_rewrites(
    store: Store, environ: dict[str, str], repository: Repository
) -> None:
    commit = repository.commit({"a": "a"})
    (Path(environ["HOME"]) / "gitconfig").write_text(
        f'[url "{repository.root.as_uri()}"]\ninsteadOf = https://git.example.com/x\n'
        '[protocol]\nallow = always\n[protocol "file"]\nallow = always\n'
    )
    source = GitSource(store, environ, limits=QUICK)
    reference = parse(f"git+https://git.example.com/x@{commit}")
    assert "insteadOf" in undecided(source, reference, "something else than https").hint


class TestHttps:
    """Over TLS, with git's own server program."""

    @pytest.fixture
    def source(self, store: Store, environ: dict[str, str], secure: FaultServer) -> GitSource:
        return GitSource(store, environ | {"SSL_CERT_FILE": secure.ca_file}, limits=QUICK)

    @pytest.fixture
    def commit(self, repository: Repository) -> str:
        repository.commit({"a": "old"})
        commit = repository.commit({"a": "a"})
        repository.commit({"a": "newer"})
        return commit

    def test_a_commit_is_fetched(
        self, source: GitSource, repository: Repository, commit: str, secure: FaultServer
    ) -> None:
        address = githttp.serve(secure, "good.git", repository.root)
        assert names(source.fetch(parse(f"git+{address}@{commit}")).path) == ["a"]

    def test_a_server_that_gives_no_single_commit_gives_its_branches(
        self, source: GitSource, repository: Repository, commit: str, secure: FaultServer
    ) -> None:
        address = githttp.serve(secure, "old.git", repository.root, GIT_PROTOCOL="")
        assert names(source.fetch(parse(f"git+{address}@{commit}")).path) == ["a"]
        shutil.rmtree(source.store.root)
        error = refused(source, parse(f"git+{address}@{'1' * 40}"), "has no commit")
        assert error.reason is Reason.NOT_FOUND

    def test_a_login_comes_from_the_credential_helper_or_netrc_or_is_missing(
        self,
        source: GitSource,
        environ: dict[str, str],
        repository: Repository,
        commit: str,
        secure: FaultServer,
    ) -> None:
        address = githttp.serve(secure, "private.git", repository.root, login="ann:s3cret")
        reference = parse(f"git+{address}@{commit}")
        undecided(source, reference, "asks for a login")
        home = Path(environ["HOME"])
        (home / "gitconfig").write_text(
            '[credential]\nhelper = "!f() { echo username=ann; echo password=s3cret; }; f"\n'
        )
        assert source.fetch(reference).size
        (home / "gitconfig").unlink()
        (home / ".netrc").write_text("machine localhost login ann password s3cret\n")
        shutil.rmtree(source.store.root)
        assert source.fetch(reference).size

    @pytest.mark.parametrize(
        ("behaviour", "told"),
        [
            (faults.status(403), "asks for a login"),
            (faults.status(401), "asks for a login"),
            (faults.status(429), "fails"),
            (faults.status(500), "fails"),
            (faults.redirect("https://localhost:1/moved.git/info/refs"), "has moved"),
            (faults.redirect("http://127.0.0.1:1/moved.git/info/refs"), "has moved"),
            (faults.redirect("https://169.254.169.254/info/refs"), "has moved"),
            (faults.good(b"<html>"), "not answer as a git server"),
            (faults.truncated(b"001e#", 4000), "fails"),
        ],
    )
    def test_each_fault_is_undecided(
        self, source: GitSource, secure: FaultServer, behaviour: faults.Behaviour, told: str
    ) -> None:
        secure["/fault.git/info/refs"] = behaviour
        before = len(secure.requests)
        undecided(source, parse(f"git+{secure.url('/fault.git')}@{'1' * 40}"), told)
        assert len(secure.requests) - before <= 2 * (1 + QUICK.retries)

    def test_a_fault_that_passes_is_waited_for(
        self, source: GitSource, repository: Repository, commit: str, secure: FaultServer
    ) -> None:
        address = githttp.serve(secure, "later.git", repository.root)
        first = githttp.backend(repository.root, "/info/refs")
        secure["/later.git/info/refs"] = faults.in_turn(faults.status(503), first)
        assert source.fetch(parse(f"git+{address}@{commit}")).size

    def test_an_absent_repository_is_not_found(
        self, source: GitSource, secure: FaultServer
    ) -> None:
        reference = parse(f"git+{secure.url('/absent.git')}@{'1' * 40}")
        assert refused(source, reference, "no repository").reason is Reason.NOT_FOUND

    @pytest.mark.parametrize("slow", [faults.trickling(0.05), faults.trickling_headers(0.05)])
    def test_a_trickle_ends_with_the_deadline(
        self,
        store: Store,
        environ: dict[str, str],
        secure: FaultServer,
        slow: faults.Behaviour,
    ) -> None:
        secure["/slow.git/info/refs"] = slow
        limits = Limits(deadline=1.5, retries=1, backoff=0.01)
        source = GitSource(store, environ | {"SSL_CERT_FILE": secure.ca_file}, limits=limits)
        started = time.monotonic()
        undecided(source, parse(f"git+{secure.url('/slow.git')}@{'1' * 40}"), "within 1.5 s")
        assert time.monotonic() - started < 3

    def test_a_body_without_end_ends_at_the_cap(
        self, source: GitSource, repository: Repository, commit: str, secure: FaultServer
    ) -> None:
        address = githttp.serve(secure, "endless.git", repository.root)
        huge = repository.commit({"noise": os.urandom(20 << 20)})
        undecided(source, parse(f"git+{address}@{huge}"), "larger than")

    def test_a_certificate_of_nobody_is_undecided_whatever_git_was_told(
        self, store: Store, environ: dict[str, str], secure: FaultServer
    ) -> None:
        address = secure.url("/x.git")
        (Path(environ["HOME"]) / "gitconfig").write_text(
            f'[http]\nsslVerify = false\n[http "{address}"]\nsslVerify = false\n'
        )
        source = GitSource(store, environ | {"GIT_SSL_NO_VERIFY": "1"}, limits=QUICK)
        undecided(source, parse(f"git+{address}@{'1' * 40}"), "a certificate")

    def test_sources_serve_git(
        self,
        store: Store,
        environ: dict[str, str],
        repository: Repository,
        commit: str,
        secure: FaultServer,
    ) -> None:
        address = githttp.serve(secure, "served.git", repository.root)
        sources = open_sources(store, environ | {"SSL_CERT_FILE": secure.ca_file})
        assert sources.fetch(parse(f"git+{address}@{commit}")).size


def test_what_the_server_has_git_say_decides_nothing() -> None:
    told = b"remote: fatal: repository 'x' not found\nremote: not our ref\nfatal: early EOF\n"
    assert gitrun._own_words(told) == "fatal: early EOF"


def test_what_a_killed_process_left_behind_is_taken_away(tmp_path: Path) -> None:
    root = tmp_path / "clones"
    left = root / "left"
    left.mkdir(parents=True)
    (left / "lock").touch()
    with scratch.folder(root, grace=0) as held:
        assert not left.exists()
        with scratch.folder(root, grace=0):
            assert held.exists()  # in use, so nobody's to take
    assert list(root.iterdir()) == []

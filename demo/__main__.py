"""``make demo``: the main job of a registry on real packages, then six attacks that are refused.

Every step runs a real command in a registry of its own. Nothing leaves the machine but what
fetches the packages; the Sigstore is the embedded one, on loopback.
"""

from __future__ import annotations

import hashlib
import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import yaml
from demo.mirror import hostile_mirror
from demo.show import BIN, Show
from git import Actor, Repo

PROJECT = Path(__file__).parents[1]
CLIENT = str(Path(__file__).parent / "client.py")
PERSON = Actor("Ada Example", "ada@example.com")
HOOKS = """\
repos:
  - repo: local
    hooks:
      - {id: assay-light, name: assay, entry: assay-light, language: system,
         files: "^servers/", require_serial: true}
"""


def main() -> int:
    """0 when every step went as it should, else 1."""
    with tempfile.TemporaryDirectory(prefix="assay-demo-") as folder:
        demo = Demo(Path(folder))
        with demo.sigstore():
            demo.publish()
            demo.launch()
            demo.attack()
        demo.audit()
        return 0 if demo.show.ended_well() else 1


class Demo:
    """A registry, a host and an attacker, each in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.registry = folder / "registry"
        self.stack = folder / "sigstore"
        self.host = folder / "host"
        self.host.mkdir()
        self.config = self.host / "client.toml"
        self.show = Show(self.registry, {"ASSAY_CACHE": str(folder / "cache")})

    # -- the main job --------------------------------------------------------------------------

    def publish(self) -> None:
        """From a folder of entries to a registry whose bundles are committed."""
        self._lay_registry()
        run = self.show.run
        self._commit_with_hook()
        run("schema check", "assay", "check", "--all", "--offline")
        run("lock and digest check", "assay", "check", "--all")
        run("sign", "assay", "sign", env=self._runner())
        self.show.step("commit bundles", self._commit)
        run("verify", "assay", "verify", "--all")

    def launch(self) -> None:
        """Start a server twice through a real MCP client: from nothing, then from the store."""
        self._lay_host()
        for name in ("everything", "time"):
            self._start(f"launch {name}: verify, install, start", name, says="tools: ")
        self._start("launch everything again: nothing is fetched", "everything", says="tools: ")

    # -- the attacks ---------------------------------------------------------------------------

    def attack(self) -> None:
        """Six ways to get other bytes onto a host; each restores what it changed."""
        with self._changed(self._entry("everything")) as path:
            path.write_bytes(path.read_bytes().replace(b"description: ", b"description:  ", 1))
            self._refused("one byte of the YAML changed", "signature-mismatch")
        with self._changed(self._bundle("everything")) as path:
            shutil.copyfile(self._bundle("time"), path)
            self._refused("a bundle of another entry", "signature-mismatch")
        self._artefact_changed()
        self._lock_that_lies()
        self._tree_changed()
        self._another_caller()

    def _artefact_changed(self) -> None:
        """A mirror serves other bytes than those that were reviewed."""
        with hostile_mirror("server-everything", self.folder) as npmrc:
            self.show.run(
                "the artefact's bytes changed",
                *("assay", "check", "servers/everything.yaml"),
                code=1,
                says="artefact-digest",
                env={
                    "NPM_CONFIG_USERCONFIG": str(npmrc),
                    "ASSAY_CACHE": str(self.folder / "fresh-cache"),
                },
            )

    def _lock_that_lies(self) -> None:
        """Consistent in itself: the YAML names this lock's digest, and npm would install it."""
        lock = self.registry / "servers" / "everything.package-lock.json"
        entry = self._entry("everything")
        with self._changed(lock), self._changed(entry), self._changed(self._bundle("everything")):
            self._bundle("everything").unlink()
            before = hashlib.sha256(lock.read_bytes()).hexdigest()
            tree = json.loads(lock.read_bytes())
            node = tree["packages"]["node_modules/zod"]
            node["integrity"] = tree["packages"]["node_modules/express"]["integrity"]
            lock.write_text(json.dumps(tree, indent=2) + "\n")
            after = hashlib.sha256(lock.read_bytes()).hexdigest()
            entry.write_text(entry.read_text().replace(before, after))
            self.show.run(
                "a lock whose node names another package's bytes under a good name",
                *("assay", "check", "servers/everything.yaml"),
                code=1,
                says="lock-true",
            )

    def _tree_changed(self) -> None:
        installed = next((self.host / "cache").rglob("server-everything/dist/index.js"))
        folder_mode, mode = installed.parent.stat().st_mode, installed.stat().st_mode
        installed.parent.chmod(0o755)
        installed.chmod(0o644)
        with self._changed(installed):
            installed.write_text(installed.read_text() + "\n// one more line\n")
            installed.chmod(mode)
            installed.parent.chmod(folder_mode)
            self._refused("a file of the installed tree changed", "tree-changed")
            installed.chmod(0o644)

    def _another_caller(self) -> None:
        """Another repository calls the very same signing workflow: its certificate is genuine."""
        claims = (
            "--claim=repository=mallory/registry",
            "--claim=repository_id=666",
            "--claim=workflow_ref=mallory/registry/.github/workflows/p.yml@refs/heads/main",
        )
        token = subprocess.run(
            [BIN / "assay", "dev", "token", *claims, str(self.stack)],
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        with self._changed(self._bundle("everything")) as bundle:
            bundle.unlink()
            # Mallory signs with the standard tool, which knows nothing of our policy.
            self.show.run(
                "mallory signs with her own workflow's identity",
                *("python", "-m", "sigstore"),
                *("--trust-config", str(self.stack / "trust_config.json"), "sign"),
                *("--bundle", str(bundle), str(self._entry("everything"))),
                env={"SIGSTORE_IDENTITY_TOKEN": token},
            )
            self._refused("another caller of the same signing workflow", "identity-mismatch")

    def audit(self) -> None:
        """What the host wrote down, the refused attempts among it."""
        log = self.host / "audit.jsonl"
        events = [json.loads(line) for line in log.read_text().splitlines()]
        told = ("outcome", "reason")
        launches = [event for event in events if event["kind"] == "launch"]
        text = "\n".join(
            " ".join(event[key] or "-" for key in ("time", "server_name", "version", *told))
            for event in launches
        )
        self.show.step("the audit log", lambda: (0, text), says="identity-mismatch")

    # -- stage hands ---------------------------------------------------------------------------

    def _lay_registry(self) -> None:
        shutil.copytree(
            PROJECT / "servers",
            self.registry / "servers",
            ignore=shutil.ignore_patterns("*.sigstore.json"),
        )
        shutil.copyfile(PROJECT / ".gitattributes", self.registry / ".gitattributes")
        policy = yaml.safe_load((PROJECT / "assay.yaml").read_text())
        policy["signer"] = self._identity()
        policy["sigstore"] = {"instance": "private"}
        (self.registry / "trust").mkdir()
        for key in ("trust_config", "trusted_root"):
            shutil.copyfile(self.stack / f"{key}.json", self.registry / "trust" / f"{key}.json")
            policy["sigstore"][key] = f"trust/{key}.json"
        (self.registry / "assay.yaml").write_text(yaml.safe_dump(policy, sort_keys=False))
        (self.registry / ".pre-commit-config.yaml").write_text(HOOKS)
        Repo.init(self.registry, initial_branch="main").close()

    def _commit_with_hook(self) -> None:
        """A maintainer's ``git commit``: a slip is told with its line, then all is well."""
        run = self.show.run
        person = {
            f"GIT_{role}_{key}": value
            for role in ("AUTHOR", "COMMITTER")
            for key, value in (("NAME", PERSON.name or ""), ("EMAIL", PERSON.email or ""))
        }
        run("install the commit hook", "pre-commit", "install")
        with self._changed(self._entry("time")) as path:
            path.write_text(path.read_text().replace("maintainer:", "maintaner:"))
            run("stage an entry with a slip", "git", "add", "--all")
            commit = ("git", "commit", "--quiet", "--message", "The first entries")
            run("commit it: the hook refuses", *commit, code=1, says="maintaner", env=person)
        run("stage it mended", "git", "add", "--all")
        run("commit: the hook passes", *commit, env=person)

    def _lay_host(self) -> None:
        identity = "\n".join(
            f"{key} = {json.dumps(value)}" for key, value in self._identity().items()
        )
        self.config.write_text(
            f'registry = "{self.registry}"\n'
            f'trusted_root = "{self.stack}/trusted_root.json"\n'
            f'cache = "{self.host}/cache"\n'
            f'state = "{self.host}/state"\n'
            f'audit_log = "{self.host}/audit.jsonl"\n\n'
            f"[identity]\n{identity}\n\n"
            f'[interpreters]\nnode = "{shutil.which("node")}"\n'
            f'python = "{Path(sys.base_prefix) / "bin" / "python3"}"\n'
        )

    def _identity(self) -> dict[str, object]:
        """What the embedded Sigstore says of the job that it plays; the keys are ours."""
        block: dict[str, dict[str, object]] = yaml.safe_load(
            (self.stack / "signer.yaml").read_text()
        )
        return block["signer"]

    @contextmanager
    def sigstore(self) -> Iterator[None]:
        """The embedded Sigstore, as ``assay dev sigstore`` serves it."""
        with subprocess.Popen(
            [BIN / "assay", "dev", "sigstore", str(self.stack)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ) as process:
            try:
                _wait_for(self.stack / "url", process)
                yield
            finally:
                process.terminate()

    def _runner(self) -> dict[str, str]:
        """What a CI runner has in its environment: where it gets its identity token."""
        lines = (self.stack / "environment").read_text().splitlines()
        words = [shlex.split(line)[1] for line in lines if line.startswith("export ")]
        return dict(word.split("=", 1) for word in words)

    def _commit(self) -> tuple[int, str]:
        with Repo(self.registry) as repo:
            repo.git.add("--all")
            # As CI does: the hook is a person's, and the bundles were verified when they were made.
            commit = repo.index.commit(
                "Signed entries", author=PERSON, committer=PERSON, skip_hooks=True
            )
            return 0, repo.git.show("--stat", "--oneline", commit.hexsha)

    def _start(self, title: str, name: str, *, code: int = 0, says: str) -> None:
        launcher = (*self._launcher(), name)
        self.show.run(title, sys.executable, CLIENT, *launcher, code=code, says=says)

    def _launcher(self) -> tuple[str, ...]:
        """As a host starts it: isolated, so that no workspace's PYTHONPATH comes before us."""
        isolated = (sys.executable, "-I", "-m", "assay.cli")
        return (*isolated, "launch", "--trial-config", str(self.config))

    def _refused(self, title: str, reason: str) -> None:
        self.show.run(
            title,
            *(*self._launcher(), "everything"),
            code=1,
            says=reason,
        )

    @contextmanager
    def _changed(self, path: Path) -> Iterator[Path]:
        before = path.read_bytes()
        try:
            yield path
        finally:
            path.write_bytes(before)

    def _entry(self, name: str) -> Path:
        return self.registry / "servers" / f"{name}.yaml"

    def _bundle(self, name: str) -> Path:
        return self.registry / "servers" / f"{name}.yaml.sigstore.json"


def _wait_for(path: Path, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 30
    while not path.exists():
        if process.poll() is not None or time.monotonic() > deadline:
            raise SystemExit("the embedded Sigstore did not start")
        time.sleep(0.05)


if __name__ == "__main__":
    os.environ.setdefault("PYTHONUNBUFFERED", "1")
    raise SystemExit(main())

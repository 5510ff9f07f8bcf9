"""What ``package.json`` makes npm do: scripts that run at install, commands that shadow others',
dependencies from elsewhere than a registry, an entry file that is no program."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from assay.finding import Severity
from assay.scan.bytes.sight import Sight, sight
from assay.scan.model import Hit, ScannedFile

ID = "npm-manifest"
SCRIPT = "install-script"
ACTS = "install-script-acts"
BIN = "command-shadowed"
ELSEWHERE = "dependency-elsewhere"
ENTRY = "odd-entry-file"
RUNS = "runs-at-install"
CONFIGURED = "registry-configuration"
_FIX = "Ship what is needed ready-made; a server needs no script at install."
_LIFECYCLE = ("preinstall", "install", "postinstall", "preprepare", "prepare", "postprepare", "preuninstall", "uninstall", "postuninstall", "dependencies")  # fmt: skip
_AT_INSTALL = frozenset({"preinstall", "install", "postinstall", "preuninstall", "uninstall", "postuninstall"})  # fmt: skip
_BUILDS = re.compile(
    r"^\s*(?:(?:npx\s+(?:--yes\s+)?)?(?:node-gyp(?:-build)?|prebuild-install|node-pre-gyp|cmake-js|prebuildify|pkg-prebuilds\S*|neon|napi|husky|patch-package|is-ci|opencollective(?:-postinstall)?|node-gyp-build-optional-packages)\b[\w\s./|&=:@-]*"
    r"|npm run [\w:-]+|tsc\b[\w\s./-]*|exit 0|true)\s*$"
)
_ACTS = re.compile(
    r"\bcurl\b|\bwget\b|powershell|pwsh|\biwr\b|invoke-|certutil|bitsadmin|mshta|\bnc\b|/dev/tcp"
    r"|\bnode\s+(?:-e|--eval|-p|-pe|--print)\b|\bpython[23]?\s+-c\b|\b(?:ba|z)?sh\s+-c\b|\beval\b|base64"
    r"|https?://|\bchmod\b|\|\s*(?:ba|z)?sh\b|\bcrontab\b|\bnpm\s+(?:publish|token|whoami)|\bnslookup\b|\bdig\b|\bwhoami\b|\bhostname\b|/etc/|~/\.|\$home|%appdata%|>\s*/dev/null\s+2>&1\s*&|\bnohup\b|start\s+/b\b|\bsudo\b"
)
# A build file asks node for paths and versions; it has no business with these.
_GYP_ACTS = re.compile(
    r"\bcurl\b|\bwget\b|powershell|base64|https?:|/dev/tcp|\bnc\b|\|\s*(?:ba)?sh\b|child_process|\bfetch\("
    r"|\beval\(|process\.env\b(?!\.(?:npm_config|home|path))|/etc/|~/\.|\bexecsync|\bsh\s+-c"
)
# What keeps an install from failing, and does nothing else.
_NOTHING = re.compile(
    r"""node\s+-e\s+(?:\\?["'])?process\.exit\(0?\)(?:\\?["'])?|[12]?>\s*/dev/null(?:\s+2>&1)?(?!\s*&)"""
)
_MILD_EVAL = re.compile(
    r"^node\s+-e\s+[\"']?\s*(?:try\s*\{\s*)?require\(\\?[\"']\.?/?[\w./-]+\\?[\"']\)\s*;?(?:\s*\}\s*catch\s*\(?\w*\)?\s*\{\s*\})?[\"']?\s*$|console\.(?:log|warn)\([^$`]*\)[\"'\s]*$"
)
_NO_PROGRAM = (".png", ".jpg", ".gif", ".svg", ".txt", ".md", ".css", ".ttf", ".woff", ".woff2", ".ico", ".lock", ".map", ".log", ".dat", ".bin", ".pdf", ".html", ".tmp", ".bak")  # fmt: skip
# Commands that people and other packages run: who installs one of that name takes their place.
COMMANDS = frozenset(
    [
        "node",
        "npm",
        "npx",
        "yarn",
        "pnpm",
        "bun",
        "deno",
        "git",
        "ssh",
        "scp",
        "sudo",
        "su",
        "bash",
        "sh",
        "zsh",
        "cat",
        "ls",
        "cp",
        "mv",
        "rm",
        "ps",
        "kill",
        "curl",
        "wget",
        "python",
        "python3",
        "pip",
        "pip3",
        "uv",
        "uvx",
        "docker",
        "kubectl",
        "aws",
        "az",
        "gcloud",
        "gh",
        "make",
        "gcc",
        "cc",
        "tar",
        "gzip",
        "zip",
        "unzip",
        "grep",
        "sed",
        "awk",
        "find",
        "env",
        "test",
        "login",
        "passwd",
        "cmd",
        "powershell",
        "pwsh",
        "code",
        "claude",
        "cursor",
        "open",
        "which",
        "chmod",
        "chown",
        "vi",
        "vim",
        "nano",
        "ping",
        "systemctl",
        "service",
        "crontab",
        "gpg",
        "openssl",
        "tsc",
        "java",
        "go",
        "cargo",
        "rustc",
        "brew",
        "apt",
        "apt-get",
        "dpkg",
        "rpm",
        "helm",
        "terraform",
        "psql",
        "mysql",
    ]
)
OWNERS = {"npm": "npm", "npx": "npm", "aws": "awscli", "tsc": "typescript", "typescript": "typescript", "node": "node", "yarn": "yarn", "pnpm": "pnpm", "bun": "bun", "uv": "uv", "uvx": "uv", "pip": "pip", "pip3": "pip"}  # fmt: skip
_ELSEWHERE = re.compile(
    r"^(?:git(?:\+\w+)?:|git@|github:|gitlab:|bitbucket:|gist:|https?:|file:|link:|[\w.-]+/[\w.-]+(?:#|$))"
)
_CONFIGURES = re.compile(
    rb"^\s*(?:@[\w-]+:)?registry\s*=|_auth|_password|script-shell\s*=|node-options\s*=|ignore-scripts\s*=\s*false"
    rb"|index-url\s*=|extra-index-url\s*=|trusted-host\s*=|npmRegistryServer:|unsafeHttpWhitelist|preload|git\s*=",
    re.M,
)

_UNSAFE = re.compile(
    rb"(?:registry|index-url)\s*=\s*(?:http:|https?://(?:\d{1,3}\.){3})|script-shell\s*=|node-options\s*="
    rb"|_auth(?:Token)?\s*=\s*[^\s$]{8}|_password\s*=\s*[^\s$]{4}"
)


def run(file: ScannedFile) -> Iterator[Hit]:
    """A manifest, or a configuration of a package manager that came along."""
    if file.name in (
        ".npmrc",
        ".yarnrc",
        ".yarnrc.yml",
        "pip.conf",
        "pip.ini",
        ".pypirc",
        "bunfig.toml",
        ".pnpmfile.cjs",
    ):
        yield from _configuration(file)
    if file.name == "binding.gyp" and _depth(file) <= 1:
        yield from _gyp(file)
    if file.path in scripts_run(file.package.manifest):
        yield file.hit(
            rule=RUNS,
            message="Runs when the package is installed",
            family="install-time",
            severity=Severity.NOTE,
            signal=True,
        )
    if file.name != "package.json" or file.size > (4 << 20):
        return
    try:
        data = json.loads(file.raw.decode("utf-8-sig", "replace"))
    except (ValueError, RecursionError):
        return
    if isinstance(data, dict):
        yield from _manifest(sight(file), data, uppermost=_depth(file) <= 1)


def _depth(file: ScannedFile) -> int:
    return file.path.count("/")


def _manifest(view: Sight, data: Mapping[str, Any], *, uppermost: bool) -> Iterator[Hit]:
    scripts = data.get("scripts")
    if isinstance(scripts, dict) and ("name" in data or uppermost):
        yield from _scripts(view, scripts, uppermost=uppermost)
    if not uppermost:
        return
    yield from _bins(view, data)
    yield from _dependencies(view, data)
    yield from _entries(view, data)


def _scripts(view: Sight, scripts: Mapping[str, Any], *, uppermost: bool) -> Iterator[Hit]:
    for event in _LIFECYCLE:
        command = scripts.get(event)
        if not isinstance(command, str) or not command.strip():
            continue
        lower = command.lower()
        if event not in _AT_INSTALL:
            # npm runs these where a git dependency is built, not for a published package.
            if _ACTS.search(lower) and re.search(
                r"\bcurl\b|\bwget\b|base64|powershell|/dev/tcp", lower
            ):
                yield _manifest_hit(
                    view,
                    event,
                    ACTS,
                    f"Script {event} acts beyond building: {command[:120]}",
                    Severity.WARNING,
                )
            continue
        if _ACTS.search(_NOTHING.sub("", lower)) and not _MILD_EVAL.search(command):
            weight = Severity.ERROR if uppermost else Severity.WARNING
            yield _manifest_hit(
                view, event, ACTS, f"Script {event} does more than build: {command[:120]}", weight
            )
        elif _BUILDS.match(command):
            yield _manifest_hit(
                view,
                event,
                SCRIPT,
                f"Runs {event} at install, to build: {command[:120]}",
                Severity.NOTE,
            )
        else:
            yield _manifest_hit(
                view,
                event,
                SCRIPT,
                f"Runs {event} at install: {command[:120]}",
                Severity.WARNING if uppermost else Severity.NOTE,
            )


def scripts_run(manifest: Mapping[str, Any]) -> tuple[str, ...]:
    """The paths of files that scripts run at install."""
    scripts = manifest.get("scripts")
    if not isinstance(scripts, dict):
        return ()
    text = " ".join(str(scripts.get(event, "")) for event in _AT_INSTALL)
    found = re.findall(r"(?:\.{0,2}/)?([\w@./-]{1,200})", text)
    files = [one.removeprefix("./") for one in found]
    return tuple({*files, *(f"{one}.js" for one in files), *(f"{one}/index.js" for one in files)})


def _bins(view: Sight, data: Mapping[str, Any]) -> Iterator[Hit]:
    bins, name = data.get("bin"), str(data.get("name", ""))
    names = (
        list(bins)
        if isinstance(bins, dict)
        else [name.rpartition("/")[2]]
        if isinstance(bins, str)
        else []
    )
    for one in names:
        if one.lower() in COMMANDS and OWNERS.get(one.lower(), one) != name and name != one:
            yield _manifest_hit(
                view,
                one,
                BIN,
                f"Installs a command {one}, which people have already",
                Severity.ERROR,
                "binary",
            )


def _dependencies(view: Sight, data: Mapping[str, Any]) -> Iterator[Hit]:
    for key in ("dependencies", "optionalDependencies", "peerDependencies"):
        wanted = data.get(key)
        if not isinstance(wanted, dict):
            continue
        for name, version in wanted.items():
            if isinstance(version, str) and _ELSEWHERE.match(version.strip()):
                plain = version.startswith("http:") or re.match(
                    r"https?://(?:\d{1,3}\.){3}", version
                )
                weight = Severity.ERROR if plain else Severity.WARNING
                yield _manifest_hit(
                    view,
                    name,
                    ELSEWHERE,
                    f"Depends on {name[:80]} from elsewhere than a registry: {version[:120]}",
                    weight,
                )
    bundled = data.get("bundledDependencies") or data.get("bundleDependencies")
    if bundled:
        yield _manifest_hit(
            view,
            "bundle",
            ELSEWHERE,
            "Brings dependencies of its own along, which no lock holds",
            Severity.NOTE,
        )


def _entries(view: Sight, data: Mapping[str, Any]) -> Iterator[Hit]:
    for path in sorted(_paths(data)):
        name = path.removeprefix("./")
        if name.lower().endswith(_NO_PROGRAM):
            yield _manifest_hit(
                view,
                path,
                ENTRY,
                f"Is started from {path[:120]}, which is named as no program",
                Severity.ERROR,
            )
        elif any(part.startswith(".") and part not in (".", "..") for part in name.split("/")):
            yield _manifest_hit(
                view, path, ENTRY, f"Is started from the hidden file {path[:120]}", Severity.WARNING
            )


def _paths(data: Mapping[str, Any]) -> set[str]:
    """What `main` and `bin` name; `exports` may name any file that others may ask for."""
    found = {
        value for key in ("main", "module", "browser") if isinstance(value := data.get(key), str)
    }
    bins = data.get("bin")
    if isinstance(bins, str):
        found.add(bins)
    if isinstance(bins, dict):
        found.update(value for value in bins.values() if isinstance(value, str))
    exports = data.get("exports")
    if isinstance(exports, str):
        found.add(exports)
    return found


def _gyp(file: ScannedFile) -> Iterator[Hit]:
    view = sight(file)
    scripts = file.package.manifest.get("scripts")
    own = isinstance(scripts, dict) and any(event in scripts for event in ("install", "preinstall"))
    if re.search(r"<!@?\(", view.text):
        calls = re.findall(r"<!@?\(([^)]{1,300})\)", view.text)
        odd = [call for call in calls if _GYP_ACTS.search(call.lower())]
        if odd:
            yield view.hit(
                view.text.find(odd[0]),
                rule=ACTS,
                message=f"binding.gyp runs a command at install: {odd[0][:120]}",
                family="install-time",
                severity=Severity.ERROR,
                fix=_FIX,
            )
            return
    if not own and file.package.manifest.get("gypfile") is not False:
        yield view.hit(
            0,
            rule=SCRIPT,
            message="Has a binding.gyp: npm runs node-gyp at install, though no script says so",
            family="install-time",
            severity=Severity.NOTE,
            fix=_FIX,
        )


def _configuration(file: ScannedFile) -> Iterator[Hit]:
    match = _CONFIGURES.search(file.raw)
    if file.name == ".pnpmfile.cjs" or match:
        yield file.hit(
            CONFIGURED,
            f"Brings its own {file.name}, which says where packages come from",
            family="install-time",
            severity=Severity.ERROR if _UNSAFE.search(file.raw) else Severity.WARNING,
            fix="Take it out of the package.",
        )


def _manifest_hit(
    view: Sight, key: str, rule: str, message: str, severity: Severity, family: str = "install-time"
) -> Hit:
    at = view.text.find(json.dumps(key))
    return view.hit(
        max(0, at), rule=rule, message=message, family=family, severity=severity, fix=_FIX
    )

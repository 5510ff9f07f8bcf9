"""What counts as what: the table that says what never comes with an entry."""

from __future__ import annotations

import pytest

from assay.registry.kinds import HARMLESS, Kind, kind

TABLE = {
    Kind.ENTRY: (
        *("servers/clock.yaml", "servers/clock.package-lock.json", "servers"),
        *("servers/clock.yaml.sigstore.json", "servers/stranger.sh", "servers/deep/x.md"),
    ),
    Kind.POLICY: (
        *("assay.yaml", "revocations.yaml", "assay-baseline.json", "Assay.yaml"),
        "ASSAY.local.md",
    ),
    Kind.WORKFLOW: (
        *(".github/workflows/x.yml", ".github/actions/a/action.yml", ".gitlab-ci.yml", "ci/x.sh"),
        *("Jenkinsfile", ".circleci/config.yml", "action.yml", "tools/action.yaml"),
        *(".GitHub/workflows/x.yml", ".ci/run", ".github/README.md"),
    ),
    Kind.OWNERS: ("CODEOWNERS", ".github/CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS"),
    Kind.SETTINGS: (
        *(".pre-commit-config.yaml", ".gitattributes", "docs/.gitattributes", ".gitmodules"),
        *("AGENTS.md", "claude.md", "docs/.hidden/x.md", ".mailmap", ".vscode/settings.json"),
        "servers/.gitattributes",
    ),
    Kind.DOCUMENT: ("README.md", "docs/how.md", "docs/flow.png", "LICENSE", "servers/README.md"),
    Kind.CODE: (
        *("src/tool.py", "Makefile", "package.json", "requirements.txt", "README", "docs/x.svg"),
        *("trust/root.json", "flow.png", "README.md/x.sh", "Servers/clock.yaml", "docs/conf.py"),
    ),
}


@pytest.mark.parametrize("expected", TABLE)
def test_each_file_is_of_its_kind(expected: Kind) -> None:
    assert {path: kind(path) for path in TABLE[expected]} == dict.fromkeys(
        TABLE[expected], expected
    )


def test_only_entries_and_prose_go_together() -> None:
    assert {Kind.ENTRY, Kind.DOCUMENT} == HARMLESS


def test_in_a_registry_below_the_top_its_own_files_are_those_below() -> None:
    assert kind("team/servers/clock.yaml", "team/") == Kind.ENTRY
    assert kind("team/assay.yaml", "team/") == Kind.POLICY
    assert kind("servers/clock.yaml", "team/") == Kind.CODE
    assert kind("team/.github/workflows/x.yml", "team/") == Kind.WORKFLOW
    assert kind(".github/workflows/x.yml", "team/") == Kind.WORKFLOW

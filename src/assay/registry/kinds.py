"""What a file of a registry's repository is, for the question of what may change together.

The one table of it. An entry is judged by the policy, the workflows and the owners of the base;
a pull request that brings an entry and its own judges is refused, whatever it says. What the
table does not know is code: it may be read by a workflow, so it never goes with an entry.

====================  ===========================================================================
entry                 ``servers/NAME.yaml``, its lock, its bundle
policy                ``assay.yaml``, ``revocations.yaml``, whatever else ``assay.yaml`` names:
                      waivers and baselines stand in ``assay.yaml``; ``assay*.yaml`` beside it
workflow              ``.github/``, ``.gitlab/``, ``.circleci/`` and their like, ``.gitlab-ci.yml``,
                      ``azure-pipelines.yml``, ``Jenkinsfile``, ``ci/``, ``.ci/``, ``action.yml``
owners                ``CODEOWNERS`` in the three places where GitHub and GitLab look for it, and
                      anywhere else, for a forge may look there tomorrow
settings              what decides how git, pre-commit and editors read files: ``.gitattributes``,
                      ``.gitmodules``, ``.mailmap``, ``.pre-commit-config.yaml``, dotfiles at large;
                      and what steers a machine that reviews: ``AGENTS.md``, ``CLAUDE.md``, …
document              prose: ``*.md``, ``*.rst``, ``LICENSE``, ``NOTICE``; pictures below ``docs/``
code                  everything else
====================  ===========================================================================
"""

from __future__ import annotations

from enum import StrEnum

from assay.registry import names


class Kind(StrEnum):
    """The word with which a finding calls it."""

    ENTRY = "entry"
    POLICY = "policy"
    WORKFLOW = "workflow"
    OWNERS = "owners"
    SETTINGS = "settings"
    DOCUMENT = "document"
    CODE = "code"


# What goes along with an entry without a second look.
HARMLESS = frozenset({Kind.ENTRY, Kind.DOCUMENT})

_WORKFLOW_FOLDERS = frozenset(
    {
        *(".github", ".gitlab", ".circleci", ".buildkite", ".woodpecker", ".forgejo", ".gitea"),
        *(".azure-pipelines", ".teamcity", ".tekton", ".ci", "ci"),
    }
)
_WORKFLOW_FILES = frozenset(
    {
        *(".gitlab-ci.yml", ".travis.yml", ".drone.yml", ".woodpecker.yml", ".cirrus.yml"),
        *("azure-pipelines.yml", "azure-pipelines.yaml", "bitbucket-pipelines.yml"),
        *("appveyor.yml", "buildspec.yml", "cloudbuild.yaml", "jenkinsfile"),
        *("action.yml", "action.yaml"),
    }
)
# Read by agents that review or merge: prose to people, orders to them.
_ORDERS = frozenset({"agents.md", "claude.md", "gemini.md", "copilot-instructions.md", "skill.md"})
_WELCOME = frozenset(f"{names.FOLDER}/{name}" for name in names.WELCOME)
_PROSE = (".md", ".rst")
_PROSE_NAMES = frozenset({"license", "notice", "authors"})
_PICTURES = (".png", ".jpg", ".jpeg", ".gif", ".webp")  # an SVG can hold a script


def kind(path: str, registry: str = "") -> Kind:
    """The kind of the file at ``path``, from the repository's top.

    ``registry`` leads from there to the registry, ``""`` or ``FOLDER/``. Names are compared
    without regard to case, for some file systems have none.
    """
    inside = path[len(registry) :] if path.startswith(registry) else ""
    if found := _of_registry(inside):
        return found
    found = _anywhere(path)
    # Whatever else lies in servers/ is looked at as what it pretends to be.
    pretends = inside.startswith(f"{names.FOLDER}/") and inside not in _WELCOME
    return Kind.ENTRY if pretends and found in (Kind.DOCUMENT, Kind.CODE) else found


def _anywhere(path: str) -> Kind:
    steps = path.casefold().split("/")
    name = steps[-1]
    if name == "codeowners":
        return Kind.OWNERS
    if name in _WORKFLOW_FILES or _WORKFLOW_FOLDERS.intersection(steps[:-1]):
        return Kind.WORKFLOW
    if name in _ORDERS or any(step.startswith(".") for step in steps):
        return Kind.SETTINGS
    if name.endswith(_PROSE) or name in _PROSE_NAMES:
        return Kind.DOCUMENT
    if name.endswith(_PICTURES) and "docs" in steps[:-1]:
        return Kind.DOCUMENT
    return Kind.CODE


def _of_registry(path: str) -> Kind | None:
    if names.owner(path) is not None:
        return Kind.ENTRY
    if path in (names.POLICY, names.REVOCATIONS):
        return Kind.POLICY
    # In another case, or beside it: nobody may pass a second policy off as a document.
    name = path.casefold()
    if "/" not in name and name.startswith(("assay", "revocations")):
        return Kind.POLICY
    if path == names.FOLDER:
        return Kind.ENTRY  # a link or a submodule in place of the folder
    return None

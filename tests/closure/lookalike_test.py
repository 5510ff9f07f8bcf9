"""Names that are taken for others; and well-known ones, which are not."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

import assay.closure
from assay.closure.lookalike import likeness

POPULAR = Path(assay.closure.__file__).parent / "popular"
INTERNAL = ("@acme/*", "acme-*", "billing-core", "@data/*")


@pytest.mark.parametrize(
    ("ecosystem", "name", "other"),
    [
        ("npm", "crossenv", "cross-env"),
        ("npm", "cross-env.js", "cross-env"),
        ("npm", "loadash", "lodash"),
        ("npm", "lodahs", "lodash"),
        ("npm", "axois", "axios"),
        ("npm", "electorn", "electron"),
        ("npm", "rnoment", "moment"),
        ("npm", "discordjs", "discord.js"),
        ("npm", "types-node", "@types/node"),
        ("npm", "@typs/node", "@types/node"),
        ("npm", "@modelcontextprotocl/sdk", "@modelcontextprotocol/sdk"),
        ("npm", "@model-context-protocol/server-x", "@modelcontextprotocol/server-x"),
        ("npm", "modelcontextprotocol-sdk", "@modelcontextprotocol/sdk"),
        ("npm", "node-express", "express"),
        ("pypi", "reqeusts", "requests"),
        ("pypi", "urlib3", "urllib3"),
        ("pypi", "urllib4", "urllib3"),
        ("pypi", "djang0", "django"),
        ("pypi", "colourama", "colorama"),
        ("pypi", "pythondateutil", "python-dateutil"),
        ("pypi", "dateutil-python", "python-dateutil"),
        ("pypi", "mcp-server-gti", "mcp-server-git"),
        ("pypi", "openai-python", "openai"),
    ],
)
def test_a_name_is_taken_for_a_popular_one(ecosystem: str, name: str, other: str) -> None:
    found = likeness(ecosystem, name)
    assert found is not None
    assert found.other == other


@pytest.mark.parametrize("ecosystem", ["npm", "pypi"])
def test_a_popular_name_is_never_told(ecosystem: str) -> None:
    for file in (f"{ecosystem}.txt", f"{ecosystem}-known.txt"):
        for name in (POPULAR / file).read_text().split():
            assert likeness(ecosystem, name) is None


@pytest.mark.parametrize("file", sorted(POPULAR.iterdir()), ids=lambda path: path.name)
def test_a_list_is_in_order_without_a_name_twice(file: Path) -> None:
    assert all(one < two for one, two in pairwise(file.read_text().split()))


@pytest.mark.parametrize(
    "name",
    [
        "ws",
        "ms",
        "vue2",
        "lodash-es",
        "preact",
        "motion",
        "@acme/lodash",
        "eslint-scope",
        "@types/lodash.merge",
        "ajv-errors",
        "express-ws",
        "react-router-hash-link",
        "@aws-sdk/client-sqs",
        "zod-openapi",
        "mcp-client",
        "debug-logger",
    ],
)
def test_other_names_of_npm_are_not(name: str) -> None:
    assert likeness("npm", name) is None


@pytest.mark.parametrize(
    ("name", "how"),
    [
        ("acme/x", "scope"),
        ("@acrne/x", "letters"),
        ("@acmee/x", "one letter"),
        ("acme_billing", "separators"),
        ("@evil/acme-x", "scope"),
        ("@acme-corp/x", "scope"),
        ("billing-c0re", "letters"),
        ("billingcore", "separators"),
        ("billing-cor", "one letter"),
        ("@dat/x", "one letter"),
    ],
)
def test_a_name_is_taken_for_an_internal_one(name: str, how: str) -> None:
    found = likeness("npm", name, INTERNAL)
    assert found is not None
    assert found.internal
    assert how in found.how


@pytest.mark.parametrize(
    "name", ["@acme/x", "acme-x", "billing-core", "academic", "dataloader", "acmex"]
)
def test_an_internal_name_and_a_far_one_are_not(name: str) -> None:
    assert likeness("npm", name, INTERNAL) is None

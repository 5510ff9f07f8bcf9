"""One artefact has one spelling, and nothing that floats or hides is a reference."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packageurl import PackageURL
from packaging.version import Version

from assay.artefact.reference import parse

COMMIT = "0123456789abcdef0123456789abcdef01234567"

GOOD = {
    "pkg:npm/%40modelcontextprotocol/server-everything@2025.11.25": (
        "npm",
        "@modelcontextprotocol/server-everything",
        "2025.11.25",
    ),
    "pkg:npm/left-pad@1.3.0": ("npm", "left-pad", "1.3.0"),
    "pkg:npm/x@1.0.0-rc.1": ("npm", "x", "1.0.0-rc.1"),
    "pkg:pypi/mcp-server-time@0.5.1": ("pypi", "mcp-server-time", "0.5.1"),
    "pkg:pypi/x@1%212.0.post1": ("pypi", "x", "1!2.0.post1"),
    "pkg:pypi/x@1.0%2Blocal.1": ("pypi", "x", "1.0+local.1"),
    "oci://registry.example.com/mcp/postgres:1.2.0": (
        "oci",
        "registry.example.com/mcp/postgres",
        "1.2.0",
    ),
    "oci://localhost:5000/a__b/c-d:v1": ("oci", "localhost:5000/a__b/c-d", "v1"),
    f"git+https://git.example.com/team/server@{COMMIT}": (
        "git",
        "https://git.example.com/team/server",
        COMMIT,
    ),
    "https://example.com/a/server-1.0.tgz": ("https", "https://example.com/a/server-1.0.tgz", ""),
    "https://example.com:8443/a%20b.mcpb": ("https", "https://example.com:8443/a%20b.mcpb", ""),
}

BAD = {
    "": "no artefact reference",
    "left-pad": "no artefact reference",
    "pkg:npm/left-pad": "names no version",
    "pkg:npm/left-pad@": "names no version",
    "pkg:npm/left-pad@latest": "floats",
    "pkg:npm/left-pad@^1.2.3": "not one exact version",
    "pkg:npm/left-pad@1.2": "not one exact version",
    "pkg:npm/left-pad@v1.2.3": "not one exact version",
    "pkg:npm/left-pad@1.2.3%2Bbuild": "not one exact version",
    "pkg:npm/left-pad@01.2.3": "not one exact version",
    "pkg:npm/Left-Pad@1.2.3": "not the name of an npm package",
    "pkg:npm/@scope/name@1.2.3": "write pkg:npm/%40scope/name@1.2.3",
    "pkg:npm/%40scope%2Fname@1.2.3": "write pkg:npm/%40scope/name@1.2.3",
    "pkg:npm/%40scope/../name@1.2.3": "not the name",
    "pkg:npm/left%2Dpad@1.2.3": "not canonical",
    "pkg:npm/left-pad@1.2.3?repository_url=evil.example.com": "no qualifier",
    "pkg:npm/left-pad@1.2.3#sub": "no qualifier",
    "pkg:pypi/MCP_server_time@0.5.1": "write 'mcp-server-time'",
    "pkg:pypi/x@1.0-1": "canonical PEP 440",
    "pkg:pypi/x@1.0.RC1": "canonical PEP 440",
    "pkg:pypi/x@>=1": "canonical PEP 440",
    "pkg:pypi/x@1.0?file_name=x-1.0.tar.gz": "is not a wheel's",
    "pkg:pypi/x@1.0?file_name=y-1.0-py3-none-any.whl": "not a file of x 1.0",
    "pkg:pypi/x@1.0?file_name=x-1.1-py3-none-any.whl": "not a file of x 1.0",
    "pkg:pypi/x@1.0?file_name=..%2Fx-1.0-py3-none-any.whl": "is not a wheel's",
    "pkg:pypi/x@1.0?file_name=x-1.0-py3-none-any.whl&a=b": "one qualifier",
    "pkg:pypi/x@1.0?repository_url=x": "one qualifier",
    "pkg:cargo/x@1.0.0": "pkg:npm/ and pkg:pypi/ are",
    "oci://registry.example.com/mcp/postgres": "names no tag",
    "oci://registry.example.com/mcp/postgres:latest": "floats",
    "oci://registry.example.com/mcp/postgres@sha256:00": "carries a digest",
    "oci://Registry.example.com/mcp/postgres:1": "capitals in its host",
    "oci://user:pw@registry.example.com/mcp/postgres:1": "holds credentials",
    "oci://registry.example.com/MCP:1": "lower-case path",
    "oci://registry.example.com:5000": "no path",
    "git+https://git.example.com/team/server": "names no commit",
    "git+https://git.example.com/team/server@main": "names no commit",
    f"git+https://git.example.com/team/server@{COMMIT.upper()}": "names no commit",
    f"git+https://token@git.example.com/team/server@{COMMIT}": "holds credentials",
    f"git+https://git.example.com/../x@{COMMIT}": "path with '..'",
    f"git+ssh://git.example.com/x@{COMMIT}": "not public",
    "http://example.com/a.tgz": "not encrypted",
    "https://example.com/a.exe": "does not end in",
    "https://example.com/releases/latest/a.tgz": "floats",
    "https://example.com/a.tgz?token=x": "query",
    "https://example.com/%2E%2E/a.tgz": "path with",
    "https://example.com/a%2Fb.tgz": "hides a separator",
    "https://example.com/a%0Ab.tgz": "hides a separator",
    "https://example.com:443/a.tgz": "host that is not plain",
    "https://example.com//a.tgz": "path with ''",
    "https://exa mple.com/a.tgz": "space",
    "https://exämple.com/a.tgz": "outside ASCII",
    "https://example.com/" + "a" * 1024 + ".tgz": "longer than",
}


@pytest.mark.parametrize("text", GOOD)
def test_a_good_reference_is_read_and_keeps_its_text(text: str) -> None:
    reference = parse(text)
    assert (reference.kind, reference.name, reference.version) == GOOD[text]
    assert reference.text == text


@pytest.mark.parametrize("text", BAD)
def test_a_bad_reference_says_what_to_write_instead(text: str) -> None:
    with pytest.raises(ValueError, match=r".") as caught:
        parse(text)
    assert BAD[text] in str(caught.value)


def test_a_file_name_picks_one_wheel() -> None:
    text = "pkg:pypi/mcp-server-time@0.5.1?file_name=mcp_server_time-0.5.1-py3-none-any.whl"
    assert parse(text).file_name == "mcp_server_time-0.5.1-py3-none-any.whl"


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("oci://localhost:5000/a:v1", "localhost:5000"),
        (f"git+https://git.example.com/x@{COMMIT}", "git.example.com"),
        ("https://example.com/a.tgz", "example.com"),
        ("pkg:npm/x@1.0.0", ""),
    ],
)
def test_only_a_reference_with_an_address_has_a_host(text: str, host: str) -> None:
    assert parse(text).host == host


_version = st.from_regex(r"[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}(-[a-z0-9.]{1,5})?", fullmatch=True)
_text = st.one_of(
    st.builds(
        "pkg:npm/{}@{}".format, st.from_regex(r"[%@A-Za-z0-9._/-]{1,20}", fullmatch=True), _version
    ),
    st.builds(
        "pkg:pypi/{}@{}".format, st.from_regex(r"[A-Za-z0-9._-]{1,9}", fullmatch=True), _version
    ),
)


@given(_text)
def test_what_is_accepted_is_what_packageurl_prints(text: str) -> None:
    try:
        reference = parse(text)
    except ValueError:
        return
    purl = PackageURL.from_string(text)
    assert purl.to_string() == text
    name = f"{purl.namespace}/{purl.name}" if purl.namespace else purl.name
    assert (purl.type, name, purl.version) == (reference.kind, reference.name, reference.version)
    if reference.kind == "pypi":
        assert str(Version(reference.version)) == reference.version

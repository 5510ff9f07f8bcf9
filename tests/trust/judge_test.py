"""What a launch waits for: verifying imports none of what only signs, and breaks none of it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from tests.support.sigstore import Trial

# sigstore.models names HTTP and TUF clients; a verification calls neither.
NEVER = {
    "sigstore.sign",
    "sigstore._cli",
    "requests",
    "urllib3",
    "tuf.ngclient",
    "rich",
    "yaml",
    "jsonschema",
    "git",
}


def python(script: str, cwd: Path) -> str:
    command = [sys.executable, "-W", "error", "-c", script]
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_a_whole_verification_imports_no_client(sigstore: Trial, tmp_path: Path) -> None:
    (tmp_path / "root").write_bytes(sigstore.trusted_root)
    for rekor in (1, 2):
        (tmp_path / "bundle").write_bytes(sigstore.sign(b"raw", rekor=rekor))
        script = f"""
import sys
from pathlib import Path
from assay.trust.identity import {type(sigstore.identity).__name__}
from assay.trust.root import load_trusted_root
from assay.trust.verify import Verifier
root = load_trusted_root(Path("root").read_bytes())
assert Verifier(root, {sigstore.identity!r}).verify(b"raw", Path("bundle").read_bytes())
print(*sys.modules)
"""
        assert set(python(script, tmp_path).split()).isdisjoint(NEVER)


def test_naming_an_identity_imports_no_cryptography(tmp_path: Path) -> None:
    told = python("import sys, assay.trust.identity; print(*sys.modules)", tmp_path)

    loaded = {name.partition(".")[0] for name in told.split()}
    assert loaded.isdisjoint({"cryptography", "sigstore", "pydantic"})


@pytest.mark.parametrize("order", ["sign, verify", "verify, sign"])
def test_signing_and_verifying_live_in_one_process_in_either_order(
    sigstore: Trial, tmp_path: Path, order: str
) -> None:
    (tmp_path / "config").write_bytes(sigstore.trust_config())
    (tmp_path / "root").write_bytes(sigstore.trusted_root)
    script = f"""
from pathlib import Path
from assay.trust import {order}
from assay.trust.identity import {type(sigstore.identity).__name__}
from assay.trust.root import load_trusted_root
root = load_trusted_root(Path("root").read_bytes())
signer = sign.EntrySigner(Path("config").read_bytes(), {sigstore.token()!r})
verifier = verify.Verifier(root, {sigstore.identity!r})
print(verifier.verify(b"raw", signer.sign(b"raw")).trigger)
"""
    assert python(script, tmp_path) == "push\n"


def test_what_was_put_off_is_the_real_thing_when_it_is_used(tmp_path: Path) -> None:
    # By name (Updater), by module and attribute (exceptions), and as a module (requests).
    script = """
from pathlib import Path
import assay.trust.judge
import sigstore._internal.tuf as held, sigstore._internal.timestamp as asking
import requests, tuf.api.exceptions, tuf.ngclient
assert held.TUFExceptions.DownloadError is tuf.api.exceptions.DownloadError
assert isinstance(held.UpdaterConfig(), tuf.ngclient.UpdaterConfig)
assert asking.requests.Session is requests.Session
try:
    asking.TimestampAuthorityClient("http://127.0.0.1:9").request_timestamp(b"x")
except asking.TimestampError as error:
    print("refused" in str(error))
"""
    assert python(script, tmp_path) == "True\n"


def test_models_that_are_built_late_are_as_strict(tmp_path: Path) -> None:
    script = """
import assay.trust.judge as judge
from pydantic import BaseModel, RootModel, ValidationError
assert "defer_build" not in BaseModel.model_config and "defer_build" not in RootModel.model_config
for wrong in ('{}', '{"mediaType": 1}', '[]', '{"unknown": 1}'):
    try:
        judge.trustroot.TrustedRoot.from_json(wrong)
    except ValidationError:
        continue
    print("accepted", wrong)
"""
    assert python(script, tmp_path) == ""

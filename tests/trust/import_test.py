"""What a launch waits for: verifying imports none of what only signs."""

from __future__ import annotations

import subprocess
import sys

NEVER = ("sigstore.sign", "sigstore._cli", "rich", "yaml", "jsonschema", "git")


def test_verifying_imports_no_signer_and_no_command_line() -> None:
    script = "import sys, assay.trust.verify; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)

    assert set(done.stdout.decode().split()).isdisjoint(NEVER)


def test_naming_an_identity_imports_no_cryptography() -> None:
    script = "import sys, assay.trust.identity; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)

    loaded = {name.partition(".")[0] for name in done.stdout.decode().split()}
    assert loaded.isdisjoint({"cryptography", "sigstore", "pydantic"})

"""The public-good Sigstore instance: its trust configuration, by TUF from a root that ships.

sigstore-python carries the instance's TUF root and follows it from there (TUF specification 1.0,
section 5), so nothing is taken on first use. Only the registry's own commands come here: a host's
trust root is a file that its administrator laid.
"""

from __future__ import annotations

from sigstore.models import ClientTrustConfig

from assay.errors import Undecided
from assay.reason import Reason


def trust_config(*, offline: bool = False) -> bytes:
    """The instance's ClientTrustConfig JSON, fresh; ``offline`` takes what was fetched last.

    Undecided UNREACHABLE where TUF's metadata can't be had or doesn't verify.
    """
    try:
        return ClientTrustConfig.production(offline)._inner.to_json().encode()
    except Exception as error:  # TUF's, the network's and the file system's errors escape
        what = str(error).partition("\n")[0] or type(error).__name__
        raise Undecided(
            Reason.UNREACHABLE,
            f"the public Sigstore instance's trust metadata can't be had: {what}",
            hint="look at the network, or name a ClientTrustConfig file with --trust-config",
        ) from error

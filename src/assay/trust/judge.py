"""The part of sigstore-python that judges bundles, imported for as little time as it allows.

Importing it builds the schemas of some two hundred pydantic models, of which one verification
needs a fifth; ``defer_build`` is pydantic's own option to build each at its first use. Collecting
garbage meanwhile finds none, and what was imported is never garbage: frozen, it isn't walked again
at the process's end either. Together they save a third of what one verification costs.
"""

from __future__ import annotations

import gc

from pydantic import BaseModel, ConfigDict, RootModel

_collecting = gc.isenabled()
_configs = {model: model.model_config for model in (BaseModel, RootModel)}
gc.disable()
for _model, _config in _configs.items():
    _model.model_config = ConfigDict(**_config, defer_build=True)
try:
    from sigstore.errors import Error, VerificationError
    from sigstore.models import Bundle, ClientTrustConfig, InvalidBundle, TrustedRoot
    from sigstore.verify import Verifier
    from sigstore.verify.policy import VerificationPolicy
    from sigstore_models.common.v1 import TimeRange
    from sigstore_models.trustroot import v1 as trustroot
finally:
    for _model, _config in _configs.items():
        _model.model_config = _config
    gc.freeze()
    if _collecting:
        gc.enable()

__all__ = [
    "Bundle",
    "ClientTrustConfig",
    "Error",
    "InvalidBundle",
    "TimeRange",
    "TrustedRoot",
    "VerificationError",
    "VerificationPolicy",
    "Verifier",
    "trustroot",
]

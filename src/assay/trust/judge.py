"""The part of sigstore-python that judges bundles, imported in a third of its usual time.

Importing it builds the schemas of some two hundred pydantic models, of which one verification
needs a fifth: ``defer_build`` is pydantic's own option to build each at its first use. It imports
the clients that sign: put off. Collecting garbage meanwhile finds none, and what was imported is
never garbage: frozen, it isn't walked again at the process's end either. None of it changes what
is decided; ``tests/trust/judge_test.py`` signs and verifies with all of it, in any order.
"""

from __future__ import annotations

import gc

from pydantic import BaseModel, ConfigDict, RootModel

from assay.trust.deferred import deferred

_collecting = gc.isenabled()
_configs = {model: model.model_config for model in (BaseModel, RootModel)}
gc.disable()
for _model, _config in _configs.items():
    _model.model_config = ConfigDict(**_config, defer_build=True)
try:
    with deferred("requests", "tuf.ngclient", "id", "jwt"):
        from sigstore.models import Bundle, ClientTrustConfig
        from sigstore.verify import Verifier
        from sigstore_models.common.v1 import TimeRange
        from sigstore_models.trustroot import v1 as trustroot
finally:
    for _model, _config in _configs.items():
        _model.model_config = _config
    gc.freeze()
    if _collecting:
        gc.enable()

__all__ = ["Bundle", "ClientTrustConfig", "TimeRange", "Verifier", "trustroot"]

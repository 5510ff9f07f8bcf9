"""The trust root: authorities and log keys, each good for its own period and no other.

sigstore-python lets an ended key vouch for what was signed after its end, and judges a key's
start by today's clock. Here the periods are held against the time of signing: ``judge_at`` trusts
nothing but what was good then. A key that has ended since stays good for what it signed before
(protobuf-specs sigstore_trustroot.proto, ``valid_for``).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from assay import strict_json
from assay.errors import Undecided
from assay.reason import Reason
from assay.trust.judge import ClientTrustConfig, TimeRange, Verifier, trustroot

SIZE_LIMIT = 1 << 20  # bytes

_EVER = TimeRange(start=datetime(1970, 1, 1, tzinfo=UTC))
_WHOLE = "application/vnd.dev.sigstore.clienttrustconfig.v0.1+json"
_SIGNING = "application/vnd.dev.sigstore.signingconfig.v0.2+json"


class TrustRoot:
    """A trust root as it was laid on this host; ``load_trusted_root`` makes it."""

    def __init__(self, inner: trustroot.TrustedRoot) -> None:
        self._inner = inner
        self._judges: dict[str, Verifier] = {}

    def judge_at(self, times: Sequence[datetime]) -> Verifier:
        """A judge that trusts what was good at each of ``times``, the period's ends included.

        Without any time it trusts all that the root names: only to tell why it was refused.
        Raises sigstore's errors where too little is left to judge with.
        """
        left = _left(self._inner, times).to_json()
        if left not in self._judges:  # as many as there are different periods: few
            self._judges[left] = _judge(left)
        return self._judges[left]


def load_trusted_root(raw: bytes) -> TrustRoot:
    """A TrustedRoot JSON (v0.1), as the operating system's channel brought it.

    Undecided TRUST_INVALID where it can't be read or lacks a CA, a log or a CT log.
    """
    try:
        strict_json.read_object(raw, limit=SIZE_LIMIT)
        root = TrustRoot(_checked(trustroot.TrustedRoot.from_json(raw)))
        root.judge_at(())  # reads every certificate of a CA
    except Exception as error:  # raw pydantic and x509 errors escape from sigstore-python
        what = str(error).partition("\n")[0]
        raise Undecided(
            Reason.TRUST_INVALID,
            f"the trust root can't be used: {what}",
            hint="trusted_root names the TrustedRoot JSON of the Sigstore instance, and not its "
            "ClientTrustConfig (trust_config.json): lay it there again",
        ) from error
    return root


def _checked(inner: trustroot.TrustedRoot) -> trustroot.TrustedRoot:
    if not (inner.tlogs and inner.ctlogs and inner.certificate_authorities):
        raise ValueError("it names no certificate authority, no log or no certificate log")
    logs = (log.public_key.valid_for for log in (*inner.tlogs, *inner.ctlogs))
    authorities = (*inner.certificate_authorities, *inner.timestamp_authorities)
    for period in (*logs, *(one.valid_for for one in authorities)):
        ends = [end for end in (period and period.start, period and period.end) if end]
        if any(end.tzinfo is None for end in ends) or ends != sorted(ends):
            raise ValueError("a period lacks its time zone, or ends before it starts")
    return inner


def _left(inner: trustroot.TrustedRoot, times: Sequence[datetime]) -> trustroot.TrustedRoot:
    """What was good; without its period, which has been held: today's clock has no say."""
    return trustroot.TrustedRoot(
        media_type=inner.media_type,
        tlogs=_logs(inner.tlogs, times),
        ctlogs=_logs(inner.ctlogs, times),
        certificate_authorities=_authorities(inner.certificate_authorities, times),
        timestamp_authorities=_authorities(inner.timestamp_authorities, times),
    )


def _logs(
    logs: Sequence[trustroot.TransparencyLogInstance], times: Sequence[datetime]
) -> list[trustroot.TransparencyLogInstance]:
    for_ever = {"valid_for": _EVER}
    return [
        log.model_copy(update={"public_key": log.public_key.model_copy(update=for_ever)})
        for log in logs
        if _good(log.public_key.valid_for, times)
    ]


def _authorities(
    authorities: Sequence[trustroot.CertificateAuthority], times: Sequence[datetime]
) -> list[trustroot.CertificateAuthority]:
    return [
        one.model_copy(update={"valid_for": _EVER})
        for one in authorities
        if _good(one.valid_for, times)
    ]


def _good(period: TimeRange | None, times: Sequence[datetime]) -> bool:
    """A log without a period is good for ever: the format has it optional for keys."""
    if period is None:
        return True
    return all(period.start <= time and (not period.end or time <= period.end) for time in times)


def _judge(root: str) -> Verifier:
    """sigstore-python reads a root from memory only as part of a whole; nothing is signed."""
    whole = (
        f'{{"mediaType":"{_WHOLE}","trustedRoot":{root},'
        f'"signingConfig":{{"mediaType":"{_SIGNING}"}}}}'
    )
    return Verifier(trusted_root=ClientTrustConfig.from_json(whole).trusted_root)

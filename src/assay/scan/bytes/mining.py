"""Crypto mining: pools, miners, their options."""

from __future__ import annotations

import re
from collections.abc import Iterator

from assay.finding import Severity
from assay.scan.bytes.indicator import Indicator, anchors, hits
from assay.scan.bytes.sight import sight
from assay.scan.model import Hit, ScannedFile

ID = "mining"
RULE = "miner"
TABLE = (
    Indicator(
        rule=RULE,
        family="cryptomining",
        anchors=anchors(
            "stratum|minexmr|supportxmr|nanopool|moneroocean|hashvault|herominers|ethermine|unmineable|miners."
            "|f2pool|c3pool|miningpoolhub|nicehash|coinhive|xmrig|donate-level|--coin|minerd |cpuminer |nbminer |phoenixminer "
        ),
        pattern=re.compile(
            r"stratum\d?\+(?:tcp|ssl|tls|udp)://[\w.-]{3,}|(?<![a-z])(?:pool\.|xmr[\w-]{0,12}\.|gulf\.)?"
            r"(?:minexmr|supportxmr|nanopool|moneroocean|hashvault|herominers|ethermine|unmineable"
            r"|2miners|f2pool|c3pool|miningpoolhub|nicehash)\.(?:com|org|pro|stream|one)(?:[:/]\d{0,5})?"
            r"|coinhive(?:\.min)?\.js|coinhive\.anonymous|\bxmrig(?:\.exe|-\d|[\w/.-]{0,60}\.(?:tar|zip))"
            r"|--donate-level|--coin[= ](?:monero|xmr)|(?:minerd|cpuminer|nbminer|phoenixminer)\s[^\n]{0,80}-o\s"
        ),
        message="Mines crypto currency, or names a pool to mine for",
        code=Severity.ERROR,
        data=Severity.ERROR,
        doc=Severity.NOTE,
        binary=Severity.ERROR,
        fix="Take it out: whoever installs a server lends it no machine to mine on.",
    ),
)


def run(file: ScannedFile) -> Iterator[Hit]:
    """Mining in one file."""
    yield from hits(sight(file), TABLE)

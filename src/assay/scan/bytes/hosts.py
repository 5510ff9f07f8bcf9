"""Hosts that malicious packages send to or fetch from, and no finished product needs.

By what they are for: drop boxes of messengers, services that only record what calls them,
pastes, tunnels, bare addresses, onion services.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from assay.finding import Severity
from assay.scan.bytes.indicator import Indicator, anchors, hits
from assay.scan.bytes.sight import sight
from assay.scan.model import Hit, ScannedFile

ID = "hosts"
WEBHOOK = "webhook-address"
INTERACTION = "interaction-host"
PASTE = "paste-host"
TUNNEL = "tunnel-host"
RAW = "raw-address"
VEILED = "veiled-address"
ONION = "onion-address"
_FIX = "Name the host and its purpose in the review, or take it out."
_END = r"(?![a-z0-9-]|\.[a-z])"


def _host(*names: str) -> re.Pattern[str]:
    # Begins with the name itself, which the engine finds fast; labels before it are behind it.
    return re.compile(rf"(?<![a-z0-9_-])(?:{'|'.join(names)}){_END}")


def public(lower: str, match: re.Match[str]) -> bool:
    """Whether four numbers are an address of the public internet (RFC 6890), no well-known one."""
    parts = [int(part) for part in match["ip"].split(".")]
    if any(part > 255 for part in parts) or match["ip"] in _WELL_KNOWN:
        return False
    first, second, third, fourth = parts
    special = (
        first in (0, 10, 127)
        or first >= 224
        or (first, second) in ((192, 168), (169, 254), (198, 18), (198, 19))
        or (first == 172 and 16 <= second <= 31)
        or (first == 100 and 64 <= second <= 127)
        or (first, second, third) in ((192, 0, 2), (198, 51, 100), (203, 0, 113), (192, 0, 0))
        or parts in ([1, 2, 3, 4], [5, 6, 7, 8])
        or first == second == third == fourth
    )
    return not special


_WELL_KNOWN = frozenset({"8.8.8.8", "8.8.4.4", "1.1.1.1", "1.0.0.1", "9.9.9.9", "1.2.3.4"})

TABLE = (
    Indicator(
        rule=WEBHOOK,
        family="exfiltration",
        anchors=anchors(
            "/webhooks/|hooks.slack.com|api.telegram.org/bot|webhook.office.com|open.feishu.cn|oapi.dingtalk.com"
        ),
        pattern=re.compile(
            r"discord(?:app)?\.com/api/(?:v\d{1,2}/)?webhooks/\d{15,22}/[\w-]{20,}"
            r"|hooks\.slack\.com/(?:services|workflows)/t[a-z0-9]{6,14}/b?[a-z0-9]{6,14}/[a-z0-9]{12,}"
            r"|api\.telegram\.org/bot\d{7,12}:[\w-]{25,}"
            r"|\.webhook\.office\.com/webhookb2/[0-9a-f-]{30}"
            r"|open\.feishu\.cn/open-apis/bot/v2/hook/[\w-]{20,}"
            r"|oapi\.dingtalk\.com/robot/send\?access_token=[0-9a-f]{32,}"
        ),
        message="Holds the address of one messenger channel, with its key: a drop box",
        code=Severity.ERROR,
        data=Severity.ERROR,
        binary=Severity.ERROR,
        doc=Severity.WARNING,
        test=lambda lower, match: (
            not re.search(r"x{6}|0{8}|abcdef|12345678901234567890/", match[0])
        ),
        fix=_FIX,
    ),
    Indicator(
        rule="odd-host",
        family="exfiltration",
        anchors=anchors("/webhooks|hooks.slack.com|api.telegram.org|:aa"),
        pattern=re.compile(
            r"discord(?:app)?\.com/api/(?:v\d{1,2}/)?webhooks|hooks\.slack\.com/"
            r"|api\.telegram\.org/?bot?|(?<![a-z0-9])\d{8,10}:aa[\w-]{33}(?![\w-])"
        ),
        message="Speaks to a messenger's programming interface",
        code=Severity.NOTE,
        binary=Severity.NOTE,
        signal=True,
    ),
    Indicator(
        rule=INTERACTION,
        family="exfiltration",
        anchors=anchors(
            "interact.sh|oast.pro|oast.live|oast.site|oast.online|oast.fun|oast.me|oast.us|oastify.com"
            "|burpcollaborator.net|requestbin.com|requestbin.net|requestbin.io|pipedream.net|webhook.site"
            "|beeceptor.com|dnslog.|ceye.io|requestcatcher.com|hookbin.com|postb.in|ptsv2.com|ptsv3.com"
            "|bxss.|requestrepo.com|dnsbin.|xss.ht|eyes.sh"
        ),
        pattern=re.compile(
            r"(?<![a-z0-9_-])(?:interact\.sh|oast\.(?:pro|live|site|online|fun|me|us)|oastify\.com"
            r"|burpcollaborator\.net|requestbin\.(?:com|net|io)|m\.pipedream\.net|webhook\.site"
            r"|(?:free|proxy)\.beeceptor\.com|dnslog\.(?:cn|pw)|ceye\.io|requestcatcher\.com"
            r"|hookbin\.com|postb\.in|ptsv[23]\.com|bxss\.(?:me|in)|requestrepo\.com|dnsbin\.\w{2,8}"
            r"|xss\.ht|eyes\.sh)" + _END
        ),
        message="Calls a service that records who calls it, as attackers use to receive data",
        code=Severity.ERROR,
        data=Severity.WARNING,
        doc=Severity.NOTE,
        binary=Severity.ERROR,
        fix=_FIX,
    ),
    Indicator(
        rule=TUNNEL,
        family="exfiltration",
        anchors=anchors(
            "ngrok|trycloudflare.com|loca.lt|serveo.net|localhost.run|pagekite.me|lhr.life|lhr.pro"
            "|bore.pub|localtunnel.me|pinggy.|playit.gg|duckdns.org|share.zrok.io"
        ),
        pattern=re.compile(
            r"(?:[a-z0-9]\.|//)(?:ngrok(?:-free)?\.(?:io|app|dev)|trycloudflare\.com|loca\.lt"
            r"|serveo\.net|localhost\.run|pagekite\.me|lhr\.(?:life|pro)|bore\.pub|localtunnel\.me"
            r"|pinggy\.(?:io|link)|playit\.gg|duckdns\.org|share\.zrok\.io)" + _END
        ),
        message="Calls a host behind a tunnel or a throw-away name: whose it is nobody can say",
        code=Severity.WARNING,
        data=Severity.NOTE,
        binary=Severity.WARNING,
        test=lambda lower, match: _named(lower, match),
        fix=_FIX,
    ),
    Indicator(
        rule=PASTE,
        family="download-execute",
        anchors=anchors(
            "pastebin.com|paste.ee|hastebin.com|rentry.|controlc.com|dpaste.|termbin.com|transfer.sh"
            "|anonfiles.com|gofile.io|catbox.moe|//0x0.st|bashupload.com|//temp.sh|uguu.se|pixeldrain.com"
            "|//oshi.at|//file.io|textbin.net|gist.githubusercontent.com|npoint.io|jsonkeeper.com|dropbox"
        ),
        pattern=re.compile(
            r"pastebin\.com/raw/|paste\.ee/[rd]/|hastebin\.com/raw/|rentry\.(?:co|org)/[\w-]{1,60}/raw"
            r"|controlc\.com/[0-9a-f]{6}|dpaste\.(?:com|org)/[\w]{3,20}|termbin\.com|transfer\.sh/"
            r"|anonfiles\.com|gofile\.io/|(?:files|litterbox)\.catbox\.moe|//0x0\.st|bashupload\.com"
            r"|//temp\.sh/|uguu\.se|pixeldrain\.com/(?:api|u)/|//oshi\.at|//file\.io|textbin\.net/raw"
            r"|gist\.githubusercontent\.com/[\w-]{1,40}/[0-9a-f]{20,40}/raw|api\.npoint\.io/"
            r"|jsonkeeper\.com/b/|(?:dl|www)\.dropbox(?:usercontent)?\.com/s(?:cl)?/[\w/]{8,}"
        ),
        message="Fetches from or sends to a paste or drop service: what stands there can change",
        code=Severity.WARNING,
        data=Severity.NOTE,
        binary=Severity.WARNING,
        fix=_FIX,
    ),
    Indicator(
        rule=RAW,
        family="exfiltration",
        anchors=anchors("://"),
        before=6,
        after=90,
        pattern=re.compile(
            r"(?:https?|wss?|tcp|ftp|udp)://(?:[^@/\s\"'`]{1,60}@)?"
            r"(?P<ip>\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3})(?![\d.]*[a-z\d])"
        ),
        message="Holds the address of a machine instead of a name: no certificate, no owner",
        code=Severity.WARNING,
        data=Severity.NOTE,
        binary=Severity.WARNING,
        test=public,
        fix=_FIX,
    ),
    Indicator(
        rule=VEILED,
        family="obfuscation",
        anchors=anchors("://0|://1|://2|://3|://4|://5|://6|://7|://8|://9"),
        pattern=re.compile(
            r"https?://(?:0x[0-9a-f]{6,8}|[1-9]\d{7,9}|0[0-7]{1,4}(?:\.0[0-7]{1,4}){3}|0x[0-9a-f]{1,2}(?:\.0x[0-9a-f]{1,2}){3})(?=[:/\"'`?#\s]|$)"
        ),
        message="Writes an internet address as a number, so that no reader or filter knows it",
        code=Severity.ERROR,
        data=Severity.WARNING,
        binary=Severity.WARNING,
        test=lambda lower, match: not _sample(lower, match),
        fix="Write the host's name.",
    ),
    Indicator(
        rule=ONION,
        family="exfiltration",
        anchors=anchors(".onion"),
        pattern=re.compile(r"(?<![a-z0-9])(?:[a-z2-7]{56}|[a-z2-7]{16})\.onion(?![a-z0-9.-])"),
        message="Holds the address of an onion service: whoever answers there hides who he is",
        code=Severity.ERROR,
        data=Severity.WARNING,
        doc=Severity.NOTE,
        binary=Severity.ERROR,
        fix=_FIX,
    ),
)


def _sample(lower: str, match: re.Match[str]) -> bool:
    """Whether it is a numeral that documentation uses: 127.0.0.1 written as a number."""
    return match[0].endswith(("2130706433", "0x7f000001", "0x7f.0x0.0x0.0x1", "0177.0.0.1"))


def _named(lower: str, match: re.Match[str]) -> bool:
    """Whether one tunnel is named, not the service: `https://4f2a.ngrok.app`, no placeholder."""
    if match[0].startswith("//"):
        return False
    start = max(0, match.start() - 40)
    label = re.search(r"([a-z0-9-]{1,40})$", lower[start : match.start() + 1])
    return label is not None and not _SERVICE.search(label[1])


_SERVICE = re.compile(
    r"^(?:www|api|docs|dashboard|your|my|xxx+|abc\w*|example|sub\w*|foo|tunnel|equinox|bin|status|dl|connect|update|install)(?:-|$)|your|example|xxxx"
)


def run(file: ScannedFile) -> Iterator[Hit]:
    """Hosts in one file."""
    yield from hits(sight(file), TABLE)

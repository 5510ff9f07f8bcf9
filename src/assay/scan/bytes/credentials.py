"""Where people's secrets lie: keys, tokens, wallets, browsers' stores, cloud metadata.

One such path alone is a signal, for a tool for keys must name them; paths of several kinds
together are what a collector of secrets looks like.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from assay.finding import Severity
from assay.scan.bytes.indicator import Indicator, anchors, hits
from assay.scan.bytes.sight import Sight, sight
from assay.scan.model import Hit, ScannedFile

ID = "credentials"
PATH = "credential-path"
METADATA = "cloud-metadata"
STORE = "private-store"
COLLECTED = "credential-paths-collected"
_FIX = "Read only what the server's description says it reads; name it in `scope`."
_S = r"[\\/\"'`,\s()+]{1,8}"  # between the parts of a path, joined by whatever joins them

# Kind → its anchors, and what names it.
KINDS: dict[str, tuple[str, str]] = {
    "SSH keys": (
        ".ssh|id_rsa|id_ed25519|id_ecdsa|id_dsa",
        rf"\.ssh{_S}(?:id_|\*|config|known)|(?<![a-z])id_(?:rsa|ed25519|ecdsa|dsa)(?![\w.-]*\.pub)|\.ssh[\"'`]",
    ),
    "cloud credentials": (
        ".aws|.azure|application_default_credentials|gcloud",
        rf"\.aws{_S}(?:credentials|config|sso)|\.azure{_S}(?:accesstokens|msal|azureprofile)"
        r"|application_default_credentials|gcloud[\\/]{1,2}(?:credentials|access_tokens|legacy)",
    ),
    "package tokens": (
        ".npmrc|.pypirc|.gem|.cargo",
        rf"\.npmrc|\.pypirc|\.gem{_S}credentials|\.cargo{_S}credentials",
    ),
    "git and forge tokens": (
        ".git-credentials|netrc|hosts.yml",
        rf"\.git-credentials|\.netrc|_netrc|\.config{_S}gh{_S}hosts\.yml",
    ),
    "cluster and registry keys": (
        ".kube|.docker|.vault-token",
        rf"\.kube{_S}config|\.docker{_S}config\.json|\.vault-token",
    ),
    "keyrings": (
        ".gnupg|login.keychain|keychains|.kdbx|.password-store|kwallet",
        r"\.gnupg|login\.keychain|library[\\/]{1,2}keychains|\.kdbx|\.password-store|kwalletd?[\\/]",
    ),
    "browser stores": (
        "login data|logins.json|key3.db|key4.db|cookies.sqlite|web data|user data|local extension settings|default",
        r"login data|logins\.json|key[34]\.db|cookies\.sqlite|web data[\"'`]"
        rf"|(?:chrome|chromium|brave-browser|edge|opera stable|vivaldi|yandexbrowser){_S}(?:user data|default{_S}(?:cookies|login|local))"
        rf"|user data{_S}(?:default|local state)|local extension settings",
    ),
    "wallets": (
        "wallet.dat|exodus|electrum|atomic|solana|ethereum|ledger live|nkbihfbeogaeaoehlefnkodbefgpgknn"
        "|bfnaelmomeimhlpmgjnjophhpkkoljpa|hnfanknocfeofbddgcijnmhnfnkdnaad|ejbalbakoplchlghecdalmeeeajnimhm"
        "|fhbohimaelbohpjbbldcngcnapndodjp|ibnejdfjmmkpcnlpebklmnkoeoihofec",
        rf"wallet\.dat|exodus(?:\.wallet|{_S}exodus)|electrum{_S}wallets|atomic{_S}local storage"
        rf"|\.config{_S}solana{_S}id\.json|solana{_S}id\.json|ethereum{_S}keystore|ledger live"
        r"|nkbihfbeogaeaoehlefnkodbefgpgknn|bfnaelmomeimhlpmgjnjophhpkkoljpa"
        r"|hnfanknocfeofbddgcijnmhnfnkdnaad|ejbalbakoplchlghecdalmeeeajnimhm"
        r"|fhbohimaelbohpjbbldcngcnapndodjp|ibnejdfjmmkpcnlpebklmnkoeoihofec",
    ),
    "messenger sessions": (
        "tdata|discord|slack",
        rf"telegram desktop{_S}t?data|discord(?:canary|ptb)?{_S}local storage|slack{_S}(?:cookies|local storage)",
    ),
    "shell histories": ("_history", r"\.bash_history|\.zsh_history|consolehost_history"),
    "system accounts": (
        "/etc/shadow|master.passwd|\\sam",
        r"/etc/shadow|/etc/master\.passwd|config\\{1,4}sam\b",
    ),
    "configuration of MCP hosts": (
        "claude_desktop_config|mcp.json|.claude.json|.codeium|cline_mcp_settings",
        rf"claude_desktop_config\.json|\.cursor{_S}mcp\.json|\.claude\.json|\.codeium{_S}windsurf|cline_mcp_settings",
    ),
}


_STRONG = frozenset({"browser stores", "wallets", "messenger sessions"})


def _indicator(kind: str, gate: str, pattern: str) -> Indicator:
    return Indicator(
        rule=STORE if kind in _STRONG else PATH,
        family="credentials",
        anchors=anchors(gate),
        before=60,
        after=120,
        pattern=re.compile(pattern),
        message=f"Names where people keep secrets: {kind}",
        code=Severity.NOTE,
        data=Severity.NOTE,
        binary=Severity.NOTE,
        signal=True,
        fix=_FIX,
    )


_PATHS = tuple(_indicator(kind, *how) for kind, how in KINDS.items())
TABLE = (
    *_PATHS,
    Indicator(
        rule=METADATA,
        family="credentials",
        anchors=anchors(
            "169.254.169.254|100.100.100.200|fd00:ec2::254|metadata.google.internal|169.254.170.2|2852039166|0xa9fea9fe|latest/meta-data"
        ),
        after=200,
        pattern=re.compile(
            r"(?:169\.254\.169\.254|100\.100\.100\.200|\[fd00:ec2::254\]|metadata\.google\.internal"
            r"|169\.254\.170\.2|2852039166|0xa9fea9fe)[/\"'`\s+,)}]{1,6}[^\n]{0,80}?"
            r"(?:security-credentials|service-accounts|identity/oauth2|credentials/|user-data|ram/)"
            r"|latest/meta-data/iam/security-credentials"
        ),
        message="Asks the cloud's metadata service for the machine's credentials",
        code=Severity.NOTE,
        data=Severity.NOTE,
        binary=Severity.NOTE,
        fix=_FIX,
    ),
)


def run(file: ScannedFile) -> Iterator[Hit]:
    """Secrets named in one file, and the collections of them."""
    view = sight(file)
    found = list(hits(view, TABLE))
    yield from found
    if view.role in ("code", "binary"):
        yield from _collected(view, [hit for hit in found if hit.rule in (PATH, STORE)])


def _collected(view: Sight, found: list[Hit]) -> Iterator[Hit]:
    kinds = {hit.message.partition(": ")[2]: hit for hit in found}
    strong = sorted(_STRONG & set(kinds))
    if len(kinds) < 3 and not (len(strong) >= 2):
        return
    first = kinds[strong[0] if strong else min(kinds)]
    yield view.file.hit(
        rule=COLLECTED,
        message=f"Collects places of secrets of {len(kinds)} kinds: {', '.join(sorted(kinds))}",
        family="credentials",
        severity=_weight(view, kinds),
        fix=_FIX,
        line=first.line,
        column=first.column,
        excerpt=first.excerpt,
    )


# A list of what must not be read names the same places.
_FORBIDS = re.compile(
    r"block|forbid|deny|denied|disallow|protect|sensitive|refus|reject|exclude|redact|ignore"
)


def _weight(view: Sight, kinds: dict[str, Hit]) -> Severity:
    places = [view.offset(hit.line, hit.column) for hit in kinds.values()]
    near = view.lower[max(0, min(places) - 600) : min(places) + 200]
    if _FORBIDS.search(near) or not (_STRONG & set(kinds) or len(kinds) >= 4):
        return Severity.NOTE
    return Severity.WARNING

"""What a file can do, as signals: alone each is ordinary, ``assay.scan.combine`` judges them
together. Rough on purpose, for the rules of semgrep look closely; these see every file."""

from __future__ import annotations

import re
from collections.abc import Iterator

from assay.finding import Severity
from assay.scan.bytes import credentials, hosts
from assay.scan.bytes.indicator import Indicator, anchors, hits, matches
from assay.scan.bytes.sight import Sight, sight, words_of
from assay.scan.model import Hit, ScannedFile

ID = "capabilities"
SENDS = "can-send"
EXECUTES = "can-execute"
EVALUATES = "can-evaluate"
DECODES = "can-decode"
ENVIRONMENT = "collects-environment"
IDENTITY = "collects-identity"
CLIPBOARD = "handles-clipboard"
WALLET = "wallet-address"
CI = "detects-ci"
EXECUTABLE = "makes-executable"
PUBLISHES = "publishes-packages"
WORKFLOW = "names-workflow"
TOKEN = "names-publishing-token"
READS = "reads-files"
WRITES = "writes-files"
SCREEN = "captures-input"
BARE = "bare-address"


def _signal(rule: str, family: str, gate: str, pattern: str, message: str) -> Indicator:
    return Indicator(
        rule=rule,
        family=family,
        anchors=anchors(gate),
        before=100,
        after=200,
        pattern=re.compile(pattern),
        message=message,
        code=Severity.NOTE,
        signal=True,
    )


TABLE = (
    _signal(
        SENDS,
        "exfiltration",
        "fetch(|axios|http.get|http.request|https.get|https.request|requests.|urllib|urlopen|httpx.|aiohttp"
        "|got(|got.|undici|websocket(|xmlhttprequest|sendbeacon|smtplib|ftplib|dns.|gethostbyname|net.|socket."
        '|needle|superagent|nodemailer|dgram|http.client|"http"|"https"|node:http|import requests|h.request(|s.request('
        "|'http'|'https'",
        r"\bfetch\(|\baxios\b[.(]|(?:https?|h|s)\.(?:request|get)\(|requests\.(?:post|get|put|request|session)"
        r"|urllib\.request|urlopen\(|httpx\.|aiohttp\.|\bgot\(|\bgot\.|undici|new websocket\(|xmlhttprequest"
        r"|sendbeacon\(|smtplib|ftplib|dns\.(?:resolve|lookup|promises)|gethostbyname\(|net\.(?:connect|socket|createconnection)"
        r"|socket\.(?:socket|create_connection)|needle[.(]|superagent|nodemailer|dgram|http\.client|require\([\"'](?:node:)?https?[\"']\)"
        r"|from\s[\"'](?:node:)?https?[\"']|axios|urllib3|import requests",
        "Can send over the network",
    ),
    _signal(
        EXECUTES,
        "download-execute",
        "child_process|execsync(|spawnsync(|execfile|execa|shelljs|subprocess|os.system|os.popen|pty.spawn|os.startfile|os.execv|os.execl|create_subprocess",
        r"child_process|\bexecsync\(|\bspawnsync\(|\bexecfile(?:sync)?\(|\bexeca\b|shelljs|subprocess\.|os\.system\(|os\.popen\(|pty\.spawn\(|os\.startfile|os\.exec[vl]|asyncio\.create_subprocess",
        "Can run programs",
    ),
    _signal(
        EVALUATES,
        "obfuscation",
        'eval|exec(|exec (|function("|function(`|new function(|vm.run|runinthiscontext|runinnewcontext|_compile('
        "|function('|compile(|marshal.loads|pickle.loads|functiontype",
        r"(?<![\w.$])eval\s{0,2}\(|\(0,\s{0,2}eval\)|(?<![\w.])exec\s{0,2}\(|new function\(|\bfunction\([\"'`]|vm\.run\w{0,20}\(|runin(?:this|new)context\(|module\._compile\(|\._compile\(|(?<![\w.])compile\(|marshal\.loads\(|pickle\.loads\(|types\.functiontype|globalthis\[[\"'`]eval",
        "Can run code that is made at run time",
    ),
    _signal(
        DECODES,
        "obfuscation",
        '"base64"|atob(|b64decode|unhexlify|fromhex(|zlib.decompress|inflatesync|inflaterawsync|gunzipsync'
        '|brotlidecompress|fromcharcode|codecs.decode|createdecipher|fernet(|"hex"'
        "|'base64'|'hex'",
        r"[\"']base64[\"']|\batob\(|b64decode|unhexlify|fromhex\(|zlib\.decompress|inflate(?:raw)?sync\(|gunzipsync\(|brotlidecompress|fromcharcode|codecs\.decode|createdecipher|fernet\(|,\s{0,3}[\"']hex[\"']\)",
        "Can decode what is encoded",
    ),
    _signal(
        ENVIRONMENT,
        "credentials",
        "process.env|os.environ|printenv",
        r"json\.stringify\(\s{0,4}(?:\{[^}\n]{0,60}\.\.\.)?\s{0,3}(?:globalthis\.)?process\.env\s{0,4}[,)}]"
        r"|object\.(?:entries|keys|assign|fromentries)\([^\n)]{0,20}process\.env\s{0,3}[,)]|(?:dict|str|repr|list|json\.dumps)\(\s{0,4}(?:dict\()?os\.environ(?!\s{0,3}[\[.])|os\.environ(?:b)?\.(?:copy|items)\(\)"
        r"|\b(?:data|body|payload|params|json|info|env|e|vars|out|report|result)\s{0,3}[:=]\s{0,3}(?:process\.env|os\.environ)(?![\w.\[])|[\"'](?:env|environ|environment|vars)[\"']\s{0,3}:\s{0,3}(?:dict\()?(?:process\.env|os\.environ)(?![\w.\[])|(?<!env)\s{0,2}[=(]\s{0,3}\{\s{0,3}\.\.\.process\.env\s{0,3}\}|\bprintenv\b",
        "Takes the whole environment",
    ),
    _signal(
        IDENTITY,
        "credentials",
        "hostname(|userinfo(|gethostname|getuser|getlogin|networkinterfaces|whoami|platform.node|api.ipify.org|ifconfig.me|ipinfo.io|ip-api.com|icanhazip",
        r"os\.hostname\(|os\.userinfo\(|gethostname\(|getpass\.getuser|os\.getlogin|networkinterfaces\(|\bwhoami\b|platform\.node\(|api\.ipify\.org|ifconfig\.me|ipinfo\.io|ip-api\.com|icanhazip",
        "Finds out who and where the person is",
    ),
    _signal(
        CLIPBOARD,
        "capture",
        "clipboard|pyperclip|pbpaste|xclip|xsel|wl-paste",
        r"clipboard|pyperclip|pbpaste|\bxclip\b|\bxsel\b|wl-paste",
        "Handles the clipboard",
    ),
    _signal(
        WALLET,
        "cryptomining",
        "[13]|bc1|{40}|[lm3]|{33}|4[0-9ab]",
        r"\[13\]\[a-km-z|\bbc1\[|\bbc1q[a-z0-9]{30,60}\b|\^0x\[a-f0-9\]\{40\}|\^?\(?0x\[a-fa-f0-9\]\{40\}|0x\[0-9a-fa-f\]\{40\}|\[13\]\[a-z|\[lm3\]\[a-km-z|\^t\[a-za-z0-9\]\{33\}|4\[0-9ab\]\[1-9a-h",
        "Looks for or holds addresses of crypto currency",
    ),
    _signal(
        CI,
        "install-time",
        "github_actions|gitlab_ci|jenkins_|circleci|travis|codebuild_build|teamcity_version|buildkite|env.ci|environ|runner_os|actions_id_token",
        r"github_actions|gitlab_ci|jenkins_(?:url|home)|\bcircleci\b|\btravis\b|codebuild_build|teamcity_version|buildkite|process\.env\.ci\b|environ(?:\.get\(|\[)[\"']ci[\"']|runner_os|actions_id_token",
        "Asks whether it runs in CI",
    ),
    _signal(
        EXECUTABLE,
        "download-execute",
        "chmod|0o755",
        r"chmod(?:sync)?\s{0,3}\([^)\n]{1,100}(?:0o?[57][0-7][0-7]|[\"'][57][0-7][0-7][\"']|493|511|s_i(?:x|rwx)usr)|chmod\s{1,3}(?:\+x|a\+x|u\+x|[57][0-7][0-7])|0o755",
        "Makes a file executable",
    ),
    _signal(
        PUBLISHES,
        "propagation",
        "publish|twine",
        r"\bnpm[\"',\s]{1,5}(?:--?\w+[\"',\s]{1,4}){0,3}publish\b|twine[\"',\s]{1,5}upload|(?:yarn|pnpm|poetry|flit|uv|hatch|bun)[\"',\s]{1,5}publish\b|cargo[\"',\s]{1,5}publish",
        "Publishes packages",
    ),
    _signal(
        TOKEN,
        "propagation",
        "_authtoken|npm_token|node_auth_token|.pypirc|twine_password|-/whoami|whoami|npm_|/v1/tokens|pypi-ageichlw",
        r"_authtoken|\bnpm_token\b|node_auth_token|\.pypirc|twine_password|-/whoami|npm[\"',\s]{1,5}whoami|npm_[a-z0-9]{36}|/-/npm/v1/tokens|pypi-ageichlw",
        "Names the tokens that packages are published with",
    ),
    _signal(
        WORKFLOW,
        "propagation",
        "workflows|git/trees|contents/.github",
        r"\.github[\"',\s\\/)]{1,6}workflows|actions/workflows|git/trees|contents/\.github",
        "Names a repository's workflows",
    ),
    _signal(
        READS,
        "credentials",
        "readfile|open(|read_text|read_bytes|createreadstream|os.walk|shutil.copy|copyfile|copy2|readdir|glob.glob|rglob",
        r"readfile(?:sync)?\(|\bopen\(|read_(?:text|bytes)\(|createreadstream\(|os\.walk|shutil\.copy|copyfile|copy2|readdir(?:sync)?\(|glob\.glob|\.rglob\(",
        "Reads files",
    ),
    _signal(
        WRITES,
        "download-execute",
        "writefile|createwritestream|appendfile|.write(|write_text|write_bytes|urlretrieve|open(",
        r"writefile(?:sync)?\(|createwritestream\(|appendfile(?:sync)?\(|\.write\(|write_(?:text|bytes)\(|urlretrieve\(|open\([^)\n]{1,120}[\"'][wa]b?\+?[\"']",
        "Writes files",
    ),
    _signal(
        BARE,
        "exfiltration",
        ".1|.2|.3|.4|.5|.6|.7|.8|.9|.0",
        r"(?<=[\"'`])(?P<ip>\d{2,3}\.\d{1,3}\.\d{1,3}\.\d{1,3})(?=[\"'`:])",
        "Holds the address of a machine",
    )._replace(test=hosts.public, before=12, after=20),
    _signal(
        SCREEN,
        "capture",
        "pynput|imagegrab|mss.mss|getasynckeystate|iohook|uiohook|setwindowshookex|keyboard.|desktopcapturer|screenshot-desktop|global-key-listener|videocapture|pyautogui|sounddevice|record-lpcm",
        r"pynput|imagegrab\.grab|\bmss\.mss\(|getasynckeystate|\biohook\b|uiohook|setwindowshookex|keyboard\.(?:on_press|hook|record)|desktopcapturer|screenshot-desktop|node-global-key-listener|cv2\.videocapture|pyautogui\.screenshot|sounddevice\.rec|node-record-lpcm",
        "Records keys, the screen, the camera or the microphone",
    ),
)


# Ordinary in itself, so that only the first and those near something rare are told.
_COMMON = frozenset({SENDS, EXECUTES, EVALUATES, DECODES, READS, WRITES, EXECUTABLE})
_RARE = tuple(one for one in TABLE if one.rule not in _COMMON)
# Of a whole file the first few are told, of the neighbourhood of something rare as many.
_ORDINARY = tuple(one._replace(signal=False) for one in TABLE if one.rule in _COMMON)
_WITHIN = 3000  # characters


def run(file: ScannedFile) -> Iterator[Hit]:
    """The signals of one file; of a shell script, which does all that anyhow, none."""
    view = sight(file)
    if file.kind == "shell" or view.role != "code":
        return
    yield from hits(view, _RARE)
    yield from (hit._replace(signal=True) for hit in hits(view, _ORDINARY))
    for start, end in _neighbourhoods(view):
        yield from _near(view, start, end)


def _neighbourhoods(view: Sight) -> Iterator[tuple[int, int]]:
    """The stretches of a long file around what is rare: what stands there may belong together."""
    if len(view.lower) <= _WITHIN:
        return
    table = (*_RARE, *hosts.TABLE, *credentials.TABLE)
    places = sorted(match.start() for _, match in matches(view.lower, view.words, table))
    end = -1
    for place in places:
        if place > end:
            yield max(0, place - _WITHIN), place + _WITHIN
            end = place + _WITHIN


def _near(view: Sight, start: int, end: int) -> Iterator[Hit]:
    part = view.lower[start:end]
    for one, match in matches(part, words_of(part), _ORDINARY):
        yield view.hit(
            start + match.start(),
            rule=one.rule,
            message=one.message,
            family=one.family,
            severity=Severity.NOTE,
            signal=True,
        )

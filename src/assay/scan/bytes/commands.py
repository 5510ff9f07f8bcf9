"""Commands that no package needs: in shell files, in strings that are handed to a shell.

A README tells people to pipe an installer into a shell, and an error message quotes it: a command
weighs in full only in a shell file, or shortly after a call that runs commands.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from assay.finding import Severity
from assay.scan.bytes.indicator import Indicator, anchors, hits, run_nearby
from assay.scan.bytes.sight import sight
from assay.scan.model import Hit, ScannedFile

ID = "commands"
FETCH = "downloads-and-executes"
ENCODED = "encoded-command"
REVERSE = "reverse-shell"
PERSIST = "persistence-command"
DESTROY = "destructive-command"
_FIX = "Take it out, or explain to the reviewer what it runs and why."
_SHELL = r"(?:sudo\s{1,4})?(?:/(?:usr/)?bin/)?(?:env\s{1,4})?(?:(?:ba|z|da|k|a)?sh|python[23]?|node|perl|ruby|php|bun|deno)\b"

# Installers of tools by their own makers: whoever quotes them tells people how to get the tool.
_INSTALLERS = re.compile(
    r"astral\.sh/|sh\.rustup\.rs|get\.docker\.com|deno\.land/|bun\.sh/install|nvm-sh/nvm"
    r"|homebrew/install|get\.pnpm\.io|install\.python-poetry|ollama\.com/install|fnm\.vercel\.app"
    r"|get\.helm\.sh|tailscale\.com/install|ohmyzsh|deb\.nodesource\.com|rpm\.nodesource\.com"
    r"|bootstrap\.pypa\.io|k3s\.io|fly\.io/install|claude\.ai/install"
)


def _unknown_installer(lower: str, match: re.Match[str]) -> bool:
    return not _INSTALLERS.search(match[0])


def _fetched_and_run(lower: str, match: re.Match[str]) -> bool:
    return _unknown_installer(lower, match) and run_nearby(lower, match)


def _quoted_only(lower: str, match: re.Match[str]) -> bool:
    return _unknown_installer(lower, match) and not run_nearby(lower, match)


_PIPED = re.compile(
    rf"(?:curl|wget|aria2c)(?:\.exe)?\s[^\n|;&]{{3,300}}\|\s{{0,4}}(?:(?:base64|openssl|gunzip|gzip|tee|tr|xxd)\b[^\n|]{{0,60}}\|\s{{0,4}}){{0,2}}{_SHELL}"
    rf"|{_SHELL}\s{{1,4}}(?:-\w{{1,4}}\s{{1,4}})?[\"'\\]{{0,3}}(?:\$\(|<\(|`)\s{{0,4}}(?:curl|wget)\s[^\n]{{3,200}}"
    rf"|(?:eval|source|\.)\s{{1,4}}[\"'\\]{{0,3}}(?:\$\(|<\(|`)\s{{0,4}}(?:curl|wget)\s[^\n]{{3,200}}"
    r"|(?:iex|invoke-expression)\b[^\n]{0,60}(?:downloadstring|downloaddata|\birm\b|\biwr\b|invoke-webrequest|invoke-restmethod)"
    r"|(?:downloadstring|\birm\b|\biwr\b|invoke-webrequest|invoke-restmethod)[^\n]{3,200}[\s)\"']\|\s{0,4}(?:iex\b|invoke-expression)"
    r"|certutil(?:\.exe)?\s[^\n]{0,60}-(?:urlcache|verifyctl)\b[^\n]{0,40}http"
    r"|bitsadmin(?:\.exe)?\s[^\n]{0,80}/transfer\b[^\n]{0,80}http"
    r"|mshta(?:\.exe)?[\"']?,?\s{0,3}\[?[\"']?(?:https?:|javascript:|vbscript:)"
    r"|regsvr32(?:\.exe)?\s[^\n]{0,40}/i:https?:|rundll32(?:\.exe)?\s{1,3}[\"']?javascript:"
    r"|msiexec(?:\.exe)?\s[^\n]{0,30}/i\s{1,3}[\"']?https?:"
    r"|(?:curl|wget)\s[^\n]{3,250}(?:&&|;|\n)\s{0,8}(?:sudo\s{1,3})?chmod\s{1,3}(?:\+x|a\+x|u\+x|[0-7]?7[0-7][0-7])\s[^\n]{1,120}(?:&&|;|\n)\s{0,8}(?:nohup\s{1,3}|sudo\s{1,3}|exec\s{1,3})?(?:\.?/|\$|~|(?:ba)?sh\s)"
    r"|(?:downloadfile|-outfile)\b[^\n]{3,250}(?:;|&&|\n)[^\n]{0,40}(?:start-process|invoke-item|\bstart\b|& )"
    r"|python[23]?\s{1,4}-c\s{1,3}[\"'\\]{0,3}import[^\n]{0,80}(?:urllib|requests)[^\n]{0,160}exec\("
)
_FETCH_ANCHORS = anchors(
    "curl|wget|aria2c|iex|invoke-expression|downloadstring|downloaddata|certutil|bitsadmin|mshta|regsvr32"
    '|msiexec|rundll32|downloadfile|-outfile|irm |iwr |invoke-webrequest|invoke-restmethod|exec(urllib|-c "import'
)
_ENCODED = re.compile(
    r"(?:powershell|pwsh)(?:\.exe)?[\"']?[^\n]{0,160}?[\s\"',]-e(?:nc|ncodedcommand|c|nco\w{0,12})?[\s\"',]{1,5}[a-z0-9+/=]{24,}"
    rf"|(?:echo|printf)\s[^\n|]{{8,4000}}\|\s{{0,4}}(?:base64\s{{1,4}}(?:-d|--decode|-di)|xxd\s{{1,4}}-r(?:\s{{1,3}}-p)?|openssl\s{{1,3}}(?:enc\s{{1,3}}-)?base64\s{{1,3}}-d|tr\s[^\n|]{{2,60}}|rev)\s{{0,4}}\|\s{{0,4}}{_SHELL}"
    r"|base64\s{1,4}(?:-d|--decode)[^\n]{0,100}<<<[^\n]{8,2000}\|\s{0,4}(?:ba)?sh"
    r"|(?:eval|bash\s{1,3}-c|sh\s{1,3}-c)\s{1,4}[\"'\\]{0,3}(?:\$\(|`)\s{0,4}(?:echo|printf)\s[^\n]{8,2000}\|\s{0,4}(?:base64|xxd|rev|openssl)"
    r"|frombase64string\([^\n]{1,4000}(?:\|\s{0,3}iex|invoke-expression|reflection\.assembly)"
    r"|(?:iex|invoke-expression)\b[^\n]{0,100}frombase64string"
)
_REVERSE = re.compile(
    r"(?:ba|z|k|da)?sh\s{1,3}-i\s{0,3}(?:>&|>\s{0,2}&|&>|<&|[0-9]?>)\s{0,3}/dev/(?:tcp|udp)/"
    r"|[<>&]\s{0,3}/dev/(?:tcp|udp)/[\w.${}\[\]-]{1,80}/[\w${}]{1,20}"
    r"|\bn(?:c|cat|etcat)(?:\.exe|\.traditional|\.openbsd)?\s[^\n|;]{0,100}\s?-(?:[a-z]{0,4}e|-exec|-sh-exec|c)\s{1,3}[\"']?(?:/bin/|/usr/bin/|cmd|powershell|(?:ba)?sh\b)"
    r"|mkfifo\s[^\n]{1,200}\b(?:nc|ncat|netcat|telnet|openssl)\b"
    r"|\bsocat\s[^\n]{0,120}exec:[\"'\\]{0,3}(?:/bin/)?(?:ba|z|da)?sh"
    r"|telnet\s[^\n|]{3,80}\|\s{0,3}/bin/(?:ba)?sh\s{0,3}\|\s{0,3}telnet"
    r"|perl\s{1,3}-(?:m?io\s{1,3}-)?e\s[^\n]{0,120}socket[^\n]{0,250}(?:exec|/bin/sh)"
    r"|ruby\s{1,3}-rsocket\s[^\n]{0,200}(?:exec|/bin/sh|spawn)"
    r"|php\s{1,3}-r\s[^\n]{0,60}fsockopen\("
    r"|lua\s{1,3}-e\s[^\n]{0,80}socket[^\n]{0,200}(?:execute|popen)"
    r"|new-object\s{1,4}(?:system\.)?net\.sockets\.tcpclient[^\n]{0,400}"
    r"|(?:dup2\([^\n]{0,60}fileno\(\)|fileno\(\)\s{0,3},\s{0,3}[012]\s{0,2}\))[^\0]{0,400}?(?:/bin/(?:ba|z|da)?sh|pty\.spawn|cmd\.exe|subprocess\.)"
    r"|pty\.spawn\(\s{0,3}\[?[\"'\\]{1,3}(?:/bin/)?(?:ba|z)?sh[^\0]{0,10}"
)
_PERSIST = re.compile(
    r"\breg(?:\.exe)?[\"']?\s{1,3}add\s[^\n]{0,60}\\{1,4}(?:currentversion[\\ ]{1,6}r?un(?:once)?|winlogon)\b"
    r"|currentversion[\\ ]{1,6}r?un(?:once)?\b[^\0]{0,300}?(?:setvalueex|set_value|setitem|-itemproperty|reg_sz)"
    r"|schtasks(?:\.exe)?[\"']?,?\s{1,3}/create\b"
    r"|(?:\|\s{0,3}|\()[\"']?crontab[\"']?\s{1,3}-(?![elr])|(?:>>?|open\(|writefile(?:sync)?\()\s{0,3}[\"']?/etc/(?:cron|profile|rc\.local|ld\.so\.preload|sudoers)"
    r"|(?:>>?|tee\s{1,3}-a)\s{0,3}[\"']?(?:~|\$home|\$\{home\})/\.(?:bashrc|zshrc|profile|bash_profile|zshenv|ssh/authorized_keys)"
    r"|(?:appendfile(?:sync)?|writefile(?:sync)?|\bopen|createwritestream)\([^\n]{0,90}[/\"'`]\.(?:bashrc|zshrc|profile|bash_profile|zshenv|config/fish)\b[^\n]{0,12}(?:,|\))"
    r"|systemctl\s{1,3}(?:--user\s{1,3})?(?:--now\s{1,3})?enable\s{1,3}(?:--now\s{1,3})?[\w@.$-]{1,60}"
    r"|launchctl\s{1,3}(?:load|bootstrap)\s{1,3}[^\n]{1,80}(?:launchagents|launchdaemons)"
    r"|register-scheduledtask\b|new-itemproperty\s[^\n]{0,120}\\run\b"
    r"|\.authorized_keys[^\n]{0,80}ssh-(?:rsa|ed25519)|authorized_keys[^\n]{0,120}(?:ssh-rsa|ssh-ed25519)\s{1,3}aaaa"
)
_DESTROY = re.compile(
    r"\brm\s{1,4}-(?:rf|fr|r\s{1,3}-f|f\s{1,3}-r|rvf|rfv|-recursive\s{1,3}--force)\s{1,4}(?:--no-preserve-root\s{1,4})?[\"']?(?:/\*?|~/?\*?|\$home/?\*?|\$\{home\}/?\*?|/(?:home|etc|usr|var|boot)/?\*?)(?=[\s\"'`;&|)\\]|$)"
    r"|--no-preserve-root"
    r"|\bdd\s{1,4}if=/dev/(?:zero|u?random)\s{1,4}of=/dev/(?:sd|hd|nvme|vd|disk|mmcblk)"
    r"|\bmkfs(?:\.\w{2,6})?\s{1,4}(?:-\w{1,4}\s{1,3}){0,3}/dev/"
    r"|\b(?:del|erase|rd|rmdir)\s{1,4}(?:/[fsqa]\s{1,3}){1,4}[\"']?(?:c:|%(?:userprofile|systemdrive|systemroot|homepath)%)\\{0,4}\*?"
    r"|\bformat\s{1,4}c:|:\(\)\s{0,3}\{\s{0,3}:\s{0,3}\|\s{0,3}:\s{0,3}&\s{0,3}\}\s{0,3};\s{0,3}:"
    r"|vssadmin(?:\.exe)?\s{1,4}delete\s{1,4}shadows|wmic\s{1,4}shadowcopy\s{1,4}delete"
    r"|bcdedit\s[^\n]{0,60}recoveryenabled\s{1,4}no|wbadmin\s{1,4}delete\s{1,4}catalog|cipher\s{1,4}/w:"
    r"|remove-item\s[^\n]{0,40}(?:c:\\{1,4}(?:users|windows)?\*?|\$env:userprofile|\$home)\\?\*?\s[^\n]{0,30}-recurse"
    r"|>\s{0,3}/dev/sd[a-z]\b|\bshred\s[^\n]{0,40}(?:/dev/sd|~/|\$home)"
)

TABLE = (
    Indicator(
        rule=FETCH,
        family="download-execute",
        anchors=_FETCH_ANCHORS,
        after=700,
        pattern=_PIPED,
        message="Downloads something and runs it: what runs is what that host says on that day",
        code=Severity.ERROR,
        binary=Severity.ERROR,
        test=_fetched_and_run,
        fix=_FIX,
    ),
    Indicator(
        rule=FETCH,
        family="download-execute",
        anchors=_FETCH_ANCHORS,
        after=700,
        pattern=_PIPED,
        message="Holds a command that downloads something and runs it",
        code=Severity.WARNING,
        data=Severity.NOTE,
        test=_quoted_only,
        fix=_FIX,
    ),
    Indicator(
        rule=ENCODED,
        family="obfuscation",
        anchors=anchors(
            "powershell|pwsh|frombase64string|base64 -d|base64 --decode|base64 -di|xxd -r|rev |openssl enc"
            "|openssl base64|tr -|$(echo|$(printf|`echo"
        ),
        before=4200,
        after=2200,
        also=(("| ", "|", "-e", "iex", "invoke", "reflection"),),
        pattern=_ENCODED,
        message="Runs a command that is written encoded, so that nobody reads it",
        code=Severity.ERROR,
        data=Severity.ERROR,
        binary=Severity.ERROR,
        fix=_FIX,
    ),
    Indicator(
        rule=REVERSE,
        family="reverse-shell",
        anchors=anchors(
            "/dev/tcp|/dev/udp|nc -|ncat |netcat |nc.exe|nc.traditional|nc |mkfifo|socat |telnet |perl -|-rsocket"
            "|fsockopen|lua -e|tcpclient|fileno()|pty.spawn"
        ),
        after=800,
        pattern=_REVERSE,
        message="Connects a shell to another machine",
        code=Severity.ERROR,
        data=Severity.ERROR,
        binary=Severity.ERROR,
        test=lambda lower, match: _connects(lower, match),
        fix=_FIX,
    ),
    Indicator(
        rule=PERSIST,
        family="persistence",
        anchors=anchors(
            "currentversion|winlogon|schtasks|crontab|/etc/cron|/etc/profile|rc.local|ld.so.preload|sudoers"
            "|.bashrc|.zshrc|.profile|.bash_profile|.zshenv|authorized_keys|systemctl|launchctl"
            "|scheduledtask|new-itemproperty"
        ),
        pattern=_PERSIST,
        before=120,
        message="Makes the system start something again and again",
        code=Severity.WARNING,
        binary=Severity.NOTE,
        test=lambda lower, match: _does(lower, match),
        fix=_FIX,
    ),
    Indicator(
        rule=DESTROY,
        family="destruction",
        anchors=anchors(
            "rm -r|rm -f|rm  -|no-preserve-root|dd if=|mkfs|del /|erase /|rd /|rmdir /|format c:|vssadmin"
            "|shadowcopy|recoveryenabled|wbadmin|cipher /w|remove-item|/dev/sd|shred |:()"
        ),
        pattern=_DESTROY,
        message="Destroys a person's files or the system",
        code=Severity.ERROR,
        binary=Severity.WARNING,
        test=run_nearby,
        fix=_FIX,
    ),
)
# In a shell file every command runs: no call needs to stand before it.
_SHELL_TABLE = tuple(
    one._replace(test=_unknown_installer if one.rule == FETCH else one.test)
    if one.rule != DESTROY
    else one._replace(test=lambda lower, match: not _listed(lower, match))
    for one in TABLE
    if one.code != Severity.WARNING or one.rule != FETCH
)


def _connects(lower: str, match: re.Match[str]) -> bool:
    """Not a pattern that looks for one: lists of forbidden commands name them too."""
    if match[0].startswith(("pty.spawn", "new-object")):
        near = lower[max(0, match.start() - 600) : match.end() + 600]
        return "socket" in near and ("connect" in near or "getstream" in near)
    return not _listed(lower, match)


def _listed(lower: str, match: re.Match[str]) -> bool:
    near = lower[max(0, match.start() - 400) : match.start()]
    return bool(_LISTS.search(near)) or bool(
        re.search(r"[/'\"`]\S{0,3}(?:\\b|\\s|\^)[^\n]{0,30}$", near)
    )


_LISTS = re.compile(
    r"block|forbid|danger|denied|deny|disallow|blacklist|suspicious|malicious|detect|unsafe|risky"
    r"|harmful|pattern"
)


def _does(lower: str, match: re.Match[str]) -> bool:
    start = lower.rfind("\n", 0, match.start()) + 1
    remark = lower[start : match.start()].lstrip().startswith(("#", "//", "*"))
    return not remark and not _listed(lower, match)


def run(file: ScannedFile) -> Iterator[Hit]:
    """Commands in one file."""
    yield from hits(sight(file), _SHELL_TABLE if file.kind == "shell" else TABLE)

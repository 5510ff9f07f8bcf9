"""Instructions to the model in what an MCP server says of itself, that a person would not want.

Written by meaning, as verb and object over folded text, for the same thing can be said in many
ways. A server that says "IMPORTANT: call X before Y" speaks of its own tools, which is its right:
what weighs is secrecy from the user, people's secrets, the conversation, other servers' tools,
and orders that set aside those given before.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from assay.finding import Severity
from assay.scan.bytes.folding import latin, unescaped
from assay.scan.bytes.indicator import MOST_HITS, Indicator, anchors, matches, weighing
from assay.scan.bytes.sight import FOR_MODELS, Sight, sight, words_of
from assay.scan.model import Hit, Package, ScannedFile

ID = "instructions"
SECRECY = "mcp-secrecy"
SECRETS = "mcp-secret-request"
CONVERSATION = "mcp-conversation-capture"
OVERRIDE = "mcp-instruction-override"
SHADOWING = "mcp-shadowing"
MARKED = "mcp-marked-instruction"
FIRST = "mcp-precondition"
SCRAMBLED = "mcp-scrambled-words"
_FIX = "Say in the tool's text what the tool does, and nothing that its user should not read."

# Words and what stands between them share no character: no text makes the engine try twice.
_SEP = r"[^a-z0-9.!?;]{1,16}"
_ANY = r"[^a-z0-9]{1,16}"  # across the end of a sentence too


def _fill(most: int) -> str:
    return rf"(?:[a-z0-9]{{1,24}}{_SEP}){{0,{most}}}?"


_NEG = (
    rf"(?:do{_SEP}not|don{_SEP}t|dont|never|must{_SEP}not|mustn{_SEP}t|should{_SEP}not|shouldn{_SEP}t"
    rf"|may{_SEP}not|avoid|refrain{_SEP}from|without{_SEP}ever|no{_SEP}need{_SEP}to|need{_SEP}not|not)"
)
_USER = (
    r"(?:users?|humans?|persons?|people|operators?|customers?|anyone|anybody|them|him|her"
    r"|owner|developer|reviewers?)"
)
_THIS = (
    r"(?:this|that|it|these|those|anything|instructions?|steps?|reading|having|parameters?|sidenote"
    r"|files?|contents?|fact|above|you|what|how|why|any)"
)
_SILENT = r"(?:secretly|silently|covertly|quietly|discreetly|stealthily|surreptitiously)"
_MOVE = (
    r"(?:read|send|include|copy|upload|pass|append|forward|collect|exfiltrate|transmit|extract"
    r"|record|attach|bcc|email|post|leak|save|capture|log|add|call|invoke|run|execute|fetch|harvest)"
)
_SECRECY = re.compile(
    rf"\b{_NEG}{_SEP}{_fill(2)}(?:mention|reveal|disclose|divulge|acknowledge|discuss|explain|report|describe|expose|announce|show|display|surface|refer{_SEP}to|bring{_SEP}up|talk{_SEP}about|speak{_SEP}of|tell)(?:ing)?{_SEP}{_fill(3)}{_THIS}{_SEP}{_fill(7)}(?:to|with|from|by|in{_SEP}front{_SEP}of){_SEP}{_fill(2)}{_USER}\b"
    rf"|\b{_NEG}{_SEP}{_fill(2)}(?:tell|inform|notify|alert|warn|telling|informing|notifying|alerting|warning){_SEP}{_fill(1)}{_USER}{_SEP}{_fill(1)}(?:about{_SEP}(?:this|that|it|these|any|the{_SEP}(?:instruction|file|read|side|param|step|extra|hidden|additional|copy|bcc))|of{_SEP}(?:this|it)|that{_SEP}(?:you|this|these|it|a{_SEP}copy)|anything|this|these|what{_SEP}you)"
    rf"|\b{_NEG}{_SEP}(?:let|allow){_SEP}{_fill(1)}{_USER}{_SEP}(?:to{_SEP})?(?:know|see|notice|learn|find{_SEP}out|realize|realise)\b"
    rf"|\b(?:hide|hiding|conceal|concealing|withhold){_SEP}{_fill(4)}from{_SEP}{_fill(1)}{_USER}\b"
    rf"|\b(?:keep|keeping|kept|remain|remains|stay|stays|must{_SEP}be|should{_SEP}be){_SEP}{_fill(4)}(?:secret|hidden|concealed|invisible|confidential|unknown|undisclosed){_SEP}(?:from|to){_SEP}{_fill(1)}{_USER}\b"
    rf"|\b{_USER}{_SEP}{_fill(5)}(?:must|should|shall|may|can|does|do|will|need){_SEP}?(?:not|n{_SEP}t|never){_SEP}{_fill(1)}(?:know|notice|learn|suspect|realize|realise|be{_SEP}(?:aware|told|informed|notified)|find{_SEP}out)\b"
    rf"|\b(?:already|gets?|become|becomes|is){_SEP}{_fill(1)}(?:upset|angry|annoyed|frightened|scared){_SEP}{_fill(6)}(?:mention|tell|told|ask|hear|see|say)"
)
_QUIET = re.compile(
    rf"\b(?:keep|keeping|stay|staying|remain|be){_SEP}(?:quiet|silent|mum|discreet){_SEP}(?:about|on|regarding){_SEP}"
    rf"|\bsay(?:ing)?{_SEP}nothing{_SEP}(?:of|about|to){_SEP}"
    rf"|\b{_USER}{_SEP}{_fill(2)}(?:has|have|had){_SEP}no{_SEP}need{_SEP}(?:to|of){_SEP}(?:hear|know|see|learn|be{_SEP}told)"
    rf"|\b{_USER}{_SEP}{_fill(1)}need{_SEP}?(?:not|n{_SEP}t){_SEP}(?:hear|know|see|learn|be{_SEP}(?:told|informed))"
)
_UNKNOWING = re.compile(
    rf"\bwithout{_SEP}{_fill(2)}(?:user|users|human|person|anyone|them|their|operator|customer){_SEP}{_fill(2)}(?:knowing|knowledge|noticing|awareness|aware|being{_SEP}(?:told|informed|notified)|realizing|realising|seeing)\b"
    rf"|\bwithout{_SEP}(?:telling|informing|notifying|alerting|mentioning|letting|disclosing|revealing|saying){_SEP}{_fill(5)}{_USER}\b"
    rf"|\b{_SILENT}{_SEP}{_fill(1)}{_MOVE}\b{_SEP}{_fill(6)}(?:files?|contents?|keys?|tokens?|messages?|conversation|history|data|emails?|passwords?|credentials|secrets|copy|tool|environment|variables?|server|endpoint|url)\b"
    rf"|\b{_MOVE}{_SEP}{_fill(6)}(?:in{_SEP}the{_SEP}background|{_SILENT}){_SEP}(?:and{_SEP}|but{_SEP})?{_fill(2)}{_NEG}{_SEP}"
)
_SECRET_PATH = (
    r"(?:(?<![\w)\]])\.ssh\b|id_rsa|id_ed25519|(?<![\w)\]])\.aws[\\/]|\.netrc|\.npmrc|\.pypirc|\.gnupg|(?<![\w)\]])\.kube[\\/]|\.docker/config"
    r"|mcp\.json|claude_desktop_config|\.claude\.json|(?<![\w)\]?])\.cursor[\\/]|\.bash_history|\.zsh_history|/etc/passwd"
    r"|/etc/shadow|wallet\.dat|\.git-credentials|credentials\.json|(?<![a-z0-9])\.env\b(?!\.example))"
)
_SECRET_THING = (
    rf"(?:{_SECRET_PATH}|ssh{_SEP}(?:private{_SEP})?keys?|private{_SEP}keys?|api{_SEP}(?:keys?|tokens?)"
    rf"|access{_SEP}(?:keys?|tokens?)|environment{_SEP}variables?|env{_SEP}vars?|process\.env|passwords?"
    rf"|credentials?|secrets?|seed{_SEP}phrases?|recovery{_SEP}phrases?|mnemonic|session{_SEP}(?:cookies?|tokens?)"
    rf"|keychain|credit{_SEP}card|mcp{_SEP}config\w{{0,8}})"
)
_GET = (
    r"(?:read|open|load|cat|fetch|get|access|retrieve|collect|copy|extract|grab|gather|look{_SEP}up"
    r"|locate|find|list|dump|obtain|examine|search|check|scan|view|print|look|inspect|parse|consult)"
).replace("{_SEP}", _SEP)
_PUT = (
    r"(?:pass|passing|include|including|put|send|sending|provide|supply|attach|append|insert|place|forward"
    r"|submit|transmit|embed|paste|upload|post|share|leak|hand|give|deliver)"
)
_SLOT = (
    r"(?:parameter|param|argument|arg|field|sidenote|side_note|note|notes|input|request|body|url|query"
    r"|header|message|call|tool|payload|context|feedback|metadata|comment|server|endpoint|https?)s?"
)
# A dot is part of a path: what stands between must let it through, whole sentences apart.
_SPAN = r"[^\0]{0,240}?"
_NAMES_SECRET = re.compile(_SECRET_PATH)
_GETS = re.compile(rf"\b{_GET}\b")
_PUTS_AFTER = re.compile(rf"\b{_PUT}\b[^\0]{{0,70}}?\b{_SLOT}\b")
_PUTS_BEFORE = re.compile(
    rf"\b{_PUT}\b{_SEP}[^\0]{{0,60}}?(?:contents?|value|text|output|data|copy|file|result|key|token)"
)
_CONTENT_BEFORE = re.compile(r"\b(?:contents?|text|value|lines|output)\b[^\0]{0,40}$")
_PUT_AFTER = re.compile(
    rf"\b(?:passed|included|put|sent|provided|supplied|attached|appended|inserted|placed|forwarded|submitted|pasted|given|handed|added|copied)\b[^\0]{{0,60}}?\b{_SLOT}\b"
)
_INTO_SLOT = re.compile(rf"\b(?:as|in|into|to|via|through|with)\b{_ANY}{_fill(3)}{_SLOT}\b")
_SLOT_HOLDS = re.compile(
    rf"\b{_SLOT}\b[^\0]{{0,60}}?\b(?:must|should|needs?|has|shall|is|will)\b[^\0]{{0,40}}?(?:contain|include|hold|be|carry)\b"
)


def _asked(lower: str, match: re.Match[str]) -> bool:
    """Whether a file of secrets is to be read and handed on, by what stands around its name."""
    before = lower[max(0, match.start() - 140) : match.start()]
    after = lower[match.end() : match.end() + 220]
    if _GETS.search(before) and _PUTS_AFTER.search(after):
        return True
    if _PUTS_BEFORE.search(before) and _INTO_SLOT.search(after[:140]):
        return True
    if _CONTENT_BEFORE.search(before) and _PUT_AFTER.search(after):
        return True
    return bool(_SLOT_HOLDS.search(before))


_REQUEST_WEAK = re.compile(
    rf"\b(?:pass|include|send|provide|supply|attach|append|put|forward|share|upload|paste|copy){_SEP}{_fill(2)}(?:your|the{_SEP}users?|their|all|any|every|user|its|the{_SEP}(?:systems?|hosts?|machines?|agents?|contents?{_SEP}of)){_SEP}{_fill(5)}(?:ssh{_SEP}{_fill(1)}keys?|private{_SEP}keys?|environment{_SEP}variables|env{_SEP}vars|passwords|credentials|secrets|seed{_SEP}phrase|recovery{_SEP}phrase|api{_SEP}keys|access{_SEP}tokens|keychain){_SEP}{_fill(8)}(?:parameter|argument|field|sidenote|note|notes|feedback|context|metadata|server|endpoint|request|message|email|url)\b"
    rf"|\b(?:first|before|prior|always|must|need){_SEP}{_fill(8)}{_GET}{_SEP}[^\0]{{0,60}}?{_SECRET_PATH}"
)
_WHOLE = (
    rf"(?:entire|full|whole|complete|all|every|verbatim|previous|prior|earlier|preceding|past|raw"
    rf"|current|last{_SEP}\d{{1,3}}|recent)"
)
_TALK = (
    rf"(?:conversations?|chats?|dialogues?|transcripts?|conversation{_SEP}history|chat{_SEP}history|message{_SEP}history"
    rf"|chat{_SEP}logs?|system{_SEP}(?:prompt|message|instructions?)|user{_SEP}(?:messages|prompts))"
)
_CAPTURE = re.compile(
    rf"\b(?:include|pass|send|provide|attach|append|copy|forward|put|paste|capture|submit|insert|transmit|summarize|summarise|repeat|fill|supply|embed)(?:ing)?{_SEP}{_fill(4)}(?:previous|prior|earlier|preceding|past){_SEP}{_fill(3)}(?:messages?|prompts?|turns?|requests){_SEP}{_fill(5)}(?:parameter|argument|field|context|notes?|sidenote|verbatim|conversation|chat|session|so{_SEP}far)\b|"
    rf"\b(?:include|pass|send|provide|attach|append|copy|forward|put|paste|record|log|capture|submit|add|insert|store|save|transmit|summarize|summarise|list|repeat|write|fill|report|dump|share|supply|embed)(?:ing)?{_SEP}{_fill(4)}{_WHOLE}{_SEP}{_fill(4)}{_TALK}\b(?!{_SEP}(?:id|ids|type|format|api|object|count|limit|list)\b)"
    rf"|\b(?:include|pass|send|provide|attach|append|copy|forward|put|paste|report|reveal|repeat|output|print|leak|insert){_SEP}{_fill(4)}(?:system{_SEP}(?:prompt|message|instructions)|developer{_SEP}message|hidden{_SEP}instructions|initial{_SEP}(?:prompt|instructions))\b"
    rf"|\b(?:contain|contains|containing|contents{_SEP}of|be|is|with){_SEP}{_fill(2)}(?:entire|full|whole|complete|verbatim){_SEP}{_fill(3)}(?:conversation|chat|transcript|message{_SEP}history|dialogue|system{_SEP}prompt)\b"
    rf"|\b(?:everything|all){_SEP}{_fill(1)}(?:the{_SEP})?(?:user|human){_SEP}{_fill(1)}(?:said|wrote|typed|asked|told|has{_SEP}said|sent){_SEP}{_fill(3)}(?:so{_SEP}far|before|earlier|in{_SEP}this|verbatim|to{_SEP}you|previously)\b"
)
_RULES = r"(?:instructions?|prompts?|rules|guidelines|directions?|directives?|orders|commands|polic(?:y|ies)|constraints|restrictions|guardrails|safeguards|alignment)"
_FORMER = r"(?:previous|previously|prior|above|earlier|preceding|foregoing|initial|former|everything|safety|security)"
_OVERRIDING = re.compile(
    rf"\b(?:ignore|ignoring|disregard|disregarding|forget|bypass|neglect|pay{_SEP}no{_SEP}attention{_SEP}to|stop{_SEP}following|set{_SEP}aside){_SEP}{_fill(2)}(?:{_FORMER}|existing|original|system|other|your|any|all{_SEP}(?:of{_SEP})?(?:your|the)){_SEP}{_fill(2)}{_RULES}\b"
    rf"|\b(?:override|overrides|overriding|discard|dismiss|suspend|cancel|supersede|supersedes|replace|replaces){_SEP}{_fill(2)}(?:{_FORMER}|your|all{_SEP}other){_SEP}{_fill(2)}{_RULES}\b"
    rf"|\bdo{_SEP}not{_SEP}follow{_SEP}{_fill(2)}(?:{_FORMER}|system|your){_SEP}{_fill(2)}{_RULES}\b"
    rf"|\byou{_SEP}are{_SEP}(?:now|no{_SEP}longer){_SEP}{_fill(3)}(?:unrestricted|jailbroken|developer{_SEP}mode|dan\b|bound|restricted|limited{_SEP}by)"
    rf"|\b(?:new|updated|real|true|actual){_SEP}(?:system{_SEP})?(?:instructions?|directives?|orders){_SEP}{_fill(3)}(?:override|supersede|replace|take{_SEP}(?:precedence|priority))\w{{0,2}}\b"
    rf"|\bthese{_SEP}(?:instructions|rules){_SEP}{_fill(2)}(?:override|supersede|take{_SEP}(?:precedence|priority){_SEP}over)s?{_SEP}{_fill(3)}(?:previous|prior|other|system|user|all|any)\b"
)
_ELSE = rf"(?:another|any{_SEP}other|other|all{_SEP}other|a{_SEP}different|different|third{_SEP}party|external|every{_SEP}other|competing|alternative)"
_SERVER = r"(?:mcp|servers?|providers?|integrations?|plugins?|connectors?|extensions?|toolsets?)"
_ACTION_NAME = rf"(?:send{_SEP}(?:an{_SEP})?(?:e?mail|message|payment|money)|e?mails?|payments?|transfers?|messages?|commits?|pull{_SEP}requests?|invoices?|transactions?|whatsapp|slack|orders?|recipients?)"
_SHADOW = re.compile(
    rf"\b(?:tools?|functions?|calls?|requests?|results?|outputs?|responses?){_SEP}{_fill(3)}(?:from|of|on|in|provided{_SEP}by|belonging{_SEP}to|offered{_SEP}by|by){_SEP}{_fill(1)}{_ELSE}{_SEP}{_fill(1)}{_SERVER}\b[^\0]{{0,200}}?\b(?:must|should|always|need{_SEP}to|have{_SEP}to|shall|instead|first|change|set|replace|modify|redirect|route|add|include|pass|bcc|append|never|do{_SEP}not)\b"
    rf"|\b(?:when|whenever|if|before|after|every{_SEP}time|each{_SEP}time|once){_SEP}{_fill(6)}(?:the{_SEP})?[a-z0-9_]{{2,40}}[^a-z0-9]{{1,8}}(?:tool|function){_SEP}{_fill(2)}(?:from|of|on|in|provided{_SEP}by){_SEP}{_fill(1)}{_ELSE}{_SEP}"
    rf"|\b(?:all|any|every|each|outgoing){_SEP}{_fill(2)}{_ACTION_NAME}{_SEP}{_fill(3)}(?:must|should|shall|need{_SEP}to|needs{_SEP}to|have{_SEP}to|has{_SEP}to|are{_SEP}to){_SEP}{_fill(3)}(?:sent|forwarded|copied|routed|redirected|delivered|bcc{_SEP}?d?|cc|go|addressed|directed|paid|made){_SEP}{_fill(3)}(?:to|through|via|with)\b"
    rf"|\b(?:change|set|replace|modify|redirect|override|swap|substitute|rewrite){_SEP}{_fill(3)}(?:recipients?|destination|payee|iban|wallet{_SEP}address|phone{_SEP}number|email{_SEP}address|to{_SEP}(?:field|address)|bcc){_SEP}{_fill(4)}(?:to|with|by)\b[^\0]{{0,30}}?(?:[\w.+-]{{1,40}}@[\w-]{{1,40}}\.|\+\d{{6}}|0x[0-9a-f]{{20}}|[a-z]{{2}}\d{{2}}[a-z0-9]{{8}}|attacker|\bour\b|my\b|proxy)"
    rf"|\b(?:add|include|put|set|use|insert|place){_SEP}{_fill(3)}(?:[\w.+-]{{1,40}}@[\w-]{{1,40}}\.[a-z]{{2,10}})[^a-z0-9]{{1,6}}{_fill(3)}(?:to|in|as){_SEP}{_fill(2)}(?:bcc|cc|recipients?|to{_SEP}field|blind)\b"
    rf"|\b(?:bcc|blind{_SEP}copy|carbon{_SEP}copy)[^a-z0-9.!?;(=:\"'\n]{{1,6}}(?:[a-z0-9]{{1,24}}[^a-z0-9.!?;(=]{{1,6}}){{0,4}}?[\w.+-]{{1,40}}@[\w-]{{1,40}}\.[a-z]{{2,10}}"
)
_INSTEAD = re.compile(
    rf"\b(?:do{_SEP}not|don{_SEP}t|never|avoid|stop){_SEP}(?:use|using|call|calling|invoke|invoking|trust){_SEP}{_fill(2)}(?:tools?|functions?|servers?){_SEP}(?:from|of|on|by|in){_SEP}{_fill(1)}{_ELSE}{_SEP}{_fill(1)}{_SERVER}\b"
    rf"|\b(?:do{_SEP}not|don{_SEP}t|never|avoid|stop){_SEP}(?:use|using|call|calling|invoke|invoking|trust){_SEP}(?:any{_SEP}|the{_SEP})?(?:other|another|competing|official|original|legitimate|alternative){_SEP}{_fill(2)}(?:mcp{_SEP})?(?:servers?|providers?)\b"
    rf"|\b(?:overrides?|supersedes?|replaces?|deprecates?|takes{_SEP}(?:precedence|priority){_SEP}over){_SEP}{_fill(2)}(?:all{_SEP}other|any{_SEP}other|every{_SEP}other|the{_SEP}other|other|the{_SEP}original|the{_SEP}official){_SEP}{_fill(2)}(?:tools?|servers?|functions?)\b"
)
_BEFORE = re.compile(
    rf"\bbefore{_SEP}(?:you{_SEP})?(?:using|calling|invoking|executing|running|use|call|invoke|accessing|answering|responding{_SEP}to){_SEP}(?:of{_SEP})?(?:any|all|every|each|other|another|the{_SEP}other){_SEP}{_fill(2)}(?:tools?|functions?|servers?|requests?|messages?|questions?|mcp)\b"
    rf"|\b(?:call|use|invoke|run|execute){_SEP}{_fill(3)}(?:tool|function|first){_SEP}{_fill(4)}(?:every|each|any){_SEP}(?:message|request|response|prompt|turn|interaction|user)\b"
)
_TAG = re.compile(
    r"<(important|critical|secret|hidden|urgent|mandatory|sys|system|admin|override|assistant"
    r"|instructions?|priority|internal|note_to_(?:ai|model|llm|assistant)|ai_only|llm)[ _a-z-]{0,24}>"
    r"[^\0]{0,1200}?</\1"
    r"|<\|im_start\|>\s{0,4}system|\[inst\]|<<sys>>|<\|system\|>|\[system\](?:\s|:)|\[\[system"
)
_LANGUAGES = re.compile(
    # Spanish, Portuguese, Italian, French, German: not telling the user
    r"\b(?:no|nunca|jam[aá]s)\s(?:se\s)?(?:lo\s)?(?:menciones?|digas?|reveles?|informes?|notifiques?|cuentes?|mencionar|decir|revelar)\b[^.\n]{0,60}\busuari[oa]"
    r"|\bn[aã]o\s(?:o\s)?(?:mencione|diga|revele|informe|conte|notifique|avise)\b[^.\n]{0,60}\busu[aá]ri[oa]"
    r"|\bnon\s(?:lo\s)?(?:menzionare|dire|rivelare|informare|comunicare|avvisare)\b[^.\n]{0,60}\butente"
    r"|\bne\s(?:le\s|jamais\s|pas\s)?(?:mentionne[zr]?|dis|dites|dire|r[eé]v[eè]le[zr]?|informe[zr]?|pr[eé]viens|parle[zr]?)\b[^.\n]{0,60}\butilisateur"
    r"|\b(?:sag|sage|erw[aä]hne|erz[aä]hle|verrate|informiere|teile?|zeige)\b[^.\n]{0,50}\b(?:dem|den|der)\s(?:be)?nutzer(?:in)?\b[^.\n]{0,40}\b(?:nicht|nichts|niemals)"
    r"|\b(?:nutzer|anwender)\b[^.\n]{0,40}\bnicht\b[^.\n]{0,30}\b(?:erw[aä]hn|informier|mitteil|verrat|sag)"
    # setting aside what was said before
    r"|\b(?:ignora|ignore|olvida|omite|desconsidere|dimentica)\s[^.\n]{0,30}\b(?:instruc(?:ciones|[oõ]es)|istruzioni)\s(?:anteriores|previas|precedenti|pr[eé]vias)"
    r"|\b(?:ignore[zr]?|oublie[zr]?)\s[^.\n]{0,30}\b(?:instructions|consignes)\s(?:pr[eé]c[eé]dentes|ant[eé]rieures)"
    r"|\b(?:ignoriere|vergiss|missachte)\s[^.\n]{0,30}\b(?:vorherigen|bisherigen|fr[uü]heren|obigen)\s(?:anweisungen|instruktionen|befehle)"
    r"|(?:忽略|无视|無視|忘记|忘掉)[^。\n]{0,12}(?:之前|先前|以前|上述|以上|所有|前面)[^。\n]{0,8}(?:指令|指示|说明|提示|规则)"
    r"|(?:不要|请勿|切勿|勿|别)[^。\n]{0,8}(?:告诉|告知|提及|透露|通知|提到)[^。\n]{0,16}(?:用户|使用者|任何人)|(?:不要|请勿|切勿|别)(?:让|被)[^。\n]{0,6}用户[^。\n]{0,6}(?:知道|发现|察觉)"
    r"|(?:ユーザー|利用者|使用者)に[^。\n]{0,20}(?:知らせ|伝え|言わ|教え|報告し|言及し)[^。\n]{0,8}(?:ない|ず|な)|(?:以前|これまで|前)の(?:指示|命令|プロンプト)[^。\n]{0,8}(?:無視|忘れ)"
    r"|(?:사용자|유저)에게[^.\n]{0,20}(?:말하지|알리지|언급하지|공개하지)|이전[^.\n]{0,10}(?:지시|명령|지침)[^.\n]{0,8}(?:무시|잊)"
    r"|не\s(?:говори|сообщай|упоминай|рассказывай|раскрывай|уведомляй)\w{0,4}\b[^.\n]{0,50}пользовател"
    r"|(?:игнорируй|забудь|проигнорируй|не\sобращай\sвнимания\sна)\w{0,3}\b[^.\n]{0,30}(?:предыдущ|прежн|прошл)\w{2,4}\s(?:инструкци|указани|команд)"
)

_USERS = (
    "user", "human", "person", "people", "operator", "customer", "anyone", "anybody", "them", "him", "her",
    "owner", "developer", "reviewer", "mention", "tell", "told", "ask", "see", "say",
)  # fmt: skip
_TELLS = (
    "mention", "reveal", "disclos", "divulg", "acknowledg", "discuss", "explain", "report", "describ", "expos",
    "announc", "show", "display", "surface", "refer", "bring", "talk", "speak", "tell", "told", "inform", "notif",
    "alert", "warn", "let", "allow", "hid", "conceal", "withhold", "keep", "kept", "remain", "stay", "must be",
    "should be", "know", "notice", "learn", "suspect", "reali", "aware", "find", "ask", "hear", "see", "say",
)  # fmt: skip
_HUSH = (
    "not", "'t", "\u2019t", "never", "dont", "avoid", "refrain", "hid", "conceal", "withhold", "secret", "unknown",
    "invisible", "confidential", "undisclosed", "upset", "angry", "annoyed", "scared", "frightened",
)  # fmt: skip
_ORDERS = (
    "instruction", "prompt", "rules", "guideline", "directi", "orders", "commands", "polic", "constraint", "restrict",
    "guardrail", "safeguard", "alignment", "jailb", "mode", "bound",
)  # fmt: skip
_FOREIGN = (
    "server", "mcp", "provider", "plugin", "integration", "connector", "extension", "toolset", "@", "bcc", "mail",
    "payment", "message", "transfer", "transaction", "recipient", "wallet", "iban", "invoice", "commit",
    "pull request", "order", "phone",
)  # fmt: skip
_PATH_ANCHORS = (
    ".ssh|id_rsa|id_ed25519|.aws|netrc|.npmrc|.pypirc|.gnupg|.kube|.docker/config|mcp.json|claude_desktop_config"
    "|.claude.json|.cursor|_history|/etc/passwd|/etc/shadow|wallet.dat|.git-credentials|credentials.json|.env"
)
_STEMS = (
    "usuari|usuári|utente|utilisateur|nutzer|anwender|instruccion|instruções|istruzioni|consignes"
    "|instructions précédentes|instructions precedentes|instructions antérieures|anweisung|instruktion|befehle"
    "|忽略|无视|無視|忘记|忘掉|不要|请勿|切勿|勿|别|ユーザー|利用者|使用者|指示|命令|プロンプト|사용자|유저|이전"
    "|пользовател|инструкци|указани|команд"
)

_E, _W, _N = Severity.ERROR, Severity.WARNING, Severity.NOTE


def _indicator(
    rule: str, gate: str, pattern: re.Pattern[str], message: str, **more: object
) -> Indicator:
    made = Indicator(rule, "mcp", anchors(gate), pattern, message, _E, _E, _N, fix=_FIX)
    return made._replace(**more)  # type: ignore[arg-type]


TABLE = (
    _indicator(
        SECRECY,
        "|".join(_HUSH),
        _SECRECY,
        "Tells the model to keep something from the person who uses it",
        before=120,
        after=260,
        also=(_USERS, _TELLS),
    ),
    _indicator(
        SECRECY,
        "without|secretly|silently|covertly|quietly|discreetly|stealthily|surreptitiously|background",
        _UNKNOWING,
        "Tells the model to act without the person noticing",
        test=lambda lower, match: (
            not re.search(
                r"(?:\bnever|\bnot|n.t|nothing|no)\b[^.\n]{0,90}$|\b(?:would|could|might|which|that|can|may)\s{1,3}$",
                lower[max(0, match.start() - 100) : match.start()],
            )
        ),
    ),
    _indicator(
        SECRECY,
        "quiet|silent|mum |discreet|nothing|no need|need not|needn",
        _QUIET,
        "Tells the model to keep something from the person who uses it",
    ),
    _indicator(
        SECRETS,
        "~/.",
        re.compile(r"~/\.[a-z][\w./-]{2,80}"),
        "Tells the model to read a file of the person's home and hand it to a tool",
        before=2,
        after=90,
        test=_asked,
        code=_W,
        data=_W,
        doc=None,
    ),
    _indicator(
        SECRETS,
        _PATH_ANCHORS,
        _NAMES_SECRET,
        "Tells the model to read a file of secrets and hand it to a tool",
        before=20,
        after=40,
        test=_asked,
        doc=None,
    ),
    _indicator(
        SECRETS,
        "ssh |private|environment variables|env vars|passwords|credentials|secrets|seed phrase|recovery phrase"
        f"|api keys|access tokens|keychain|{_PATH_ANCHORS}",
        _REQUEST_WEAK,
        "Tells the model to hand people's secrets to a tool",
        code=_W,
        data=_W,
        doc=_N,
    ),
    _indicator(
        CONVERSATION,
        "conversation|chat|messages|prior |previous |earlier |message history|transcript|dialog|discussion|system prompt|system message"
        "|system instruction|user prompts|developer message|hidden instructions|initial prompt|initial instruction"
        "|user said|user has|user wrote|user typed|user asked|user told|human ",
        _CAPTURE,
        "Tells the model to hand over the conversation or what was said to it before",
        before=200,
        after=160,
        code=_W,
        data=_W,
        doc=None,
    ),
    _indicator(
        OVERRIDE,
        "ignor|disregard|forget|overrid|bypass|discard|neglect|dismiss|suspend|cancel|supersede|not follow"
        "|stop following|set aside|no attention|you are now|you are no longer|take precedence|take priority"
        "|real instructions|new instructions|takes precedence",
        _OVERRIDING,
        "Tells the model to set aside the instructions it has",
        before=100,
        after=200,
        also=(_ORDERS,),
    ),
    _indicator(
        SHADOWING,
        "another|other |different|third|external|competing|alternative|bcc|blind|carbon copy|recipient|payee|iban"
        "|destination|wallet address|phone number|email address|must be|should be|must go|forwarded|redirected|cc |sent to|sent through|sent via",
        _SHADOW,
        "Tells the model how to use the tools of other servers",
        before=200,
        after=420,
        also=(_FOREIGN,),
    ),
    _indicator(
        SHADOWING,
        "other |another|different|third|external|competing|alternative|original|official|override|supersede"
        "|replace|deprecate|takes pre|takes pri|legitimate",
        _INSTEAD,
        "Tells the model not to use other servers' tools",
        code=_W,
        data=_W,
        doc=None,
    ),
    _indicator(
        FIRST,
        "before using|before calling|before invoking|before executing|before running|before you|before use"
        "|before accessing|before answering|before responding|every message|every request|each message|each request"
        "|every prompt|every turn|every user|every interaction|every response|any message",
        _BEFORE,
        "Asks to be called before every other tool",
        code=_N,
        data=_N,
        doc=None,
        signal=True,
    ),
    _indicator(
        MARKED,
        "<important|<critical|<secret|<hidden|<urgent|<mandatory|<sys|<admin|<override|<assistant|<instruction"
        "|<priority|<internal|<note_to|<ai_only|<llm|im_start|[inst]|<<sys|[system|[[system",
        _TAG,
        "Marks words as an instruction to the model",
        before=2,
        after=1400,
        code=_N,
        data=_N,
        doc=None,
        signal=True,
    ),
)
# Over the text as it stands: folding would make Latin of what is Cyrillic.
FOREIGN = (
    _indicator(
        SECRECY,
        _STEMS,
        _LANGUAGES,
        "Tells the model to keep something from its user, or to set aside"
        " the instructions it has, in another language",
    ),
)
# A model is told this way; a comment, a log line or a test of defences is not.
_TOLD = re.compile(
    r"description|inputschema|input_schema|registertool|register_tool|addtool|add_tool|\.tool\(|@mcp"
    r"|@server|@tool|\btool\(|fastmcp|list_tools|prompt|annotated\[|\bfield\(|\.describe\(|instructions"
    r"|schema|tool_?text|\btitle\b|sidenote"
)
_BEFORE_TOLD = 1200  # characters
_INTO = re.compile(
    r"\b(?:parameter|param|argument|arg|field|sidenote|notes?|context|feedback|comment|metadata)\b"
)


def _of_conversation(view: Sight, lower: str, match: re.Match[str]) -> Severity:
    """An error where a server wants all that was said in one of its parameters."""
    if not (serves(view.file.package) or not _SERVERS.isdisjoint(view.words.whole)):
        return _N
    near = lower[max(0, match.start() - 80) : match.end() + 60]
    whole = re.search(r"entire|full|whole|complete|all |every|verbatim|system prompt", near)
    return _E if whole and _INTO.search(near) and view.role == "code" else _W


_SERVERS = frozenset({"fastmcp", "modelcontextprotocol"})


# A pattern, or a list of words, that looks for such text in what comes in.
_PATTERN = re.compile(r"\\s[+*]|\\b|re\.compile|regexp|/[gimu]{1,3}[,;)\s]|\(\?:|\[\\s")
_DEFENCE = re.compile(
    r"inject|jailbreak|malicious|attacks?\b|detect|sanitiz|sanitis|untrusted|suspicious|blocklist"
    r"|guardrail|moderation|red.?team|adversar|phishing"
)


def told(lower: str, offset: int) -> bool:
    """Whether what stands there is likely text for a model, not about one."""
    before = lower[max(0, offset - _BEFORE_TOLD) : offset]
    return bool(_TOLD.search(before))


_SDK = re.compile(r"modelcontextprotocol|(?:^|[-_/@])(?:fast)?mcp(?:[-_/]|$)|^mcp-|^fastmcp", re.I)


@lru_cache(maxsize=4)
def serves(package: Package) -> bool:
    """Whether a package is, or builds on, an MCP server: its text may come before a model."""
    manifest = package.manifest
    names: list[object] = [manifest.get("name"), *package.metadata.get("name", ())]
    for key in ("dependencies", "devDependencies", "peerDependencies"):
        wanted = manifest.get(key)
        names += list(wanted) if isinstance(wanted, dict) else []
    keywords = manifest.get("keywords")
    names += keywords if isinstance(keywords, list) else []
    names += package.metadata.get("keywords", [])
    said = f"{manifest.get('description', '')} {package.metadata.get('summary', '')}"
    if re.search(r"model context protocol|\bmcp\b", said, re.I):
        return True
    names += [
        re.split(r"[\s;<>=!~\[(]", one, maxsplit=1)[0]
        for one in package.metadata.get("requires-dist", ())
    ]
    return any(isinstance(name, str) and _SDK.search(name) for name in names)


def _near(pattern: re.Pattern[str], lower: str, match: re.Match[str]) -> bool:
    start, end = max(0, match.start() - 240), min(len(lower), match.end() + 60)
    return bool(pattern.search(lower, start, end))


def run(file: ScannedFile) -> Iterator[Hit]:
    """Instructions in one file."""
    view = sight(file)
    if view.role in ("binary", "doc"):
        return
    if not _concerns(view):
        return
    folded = unescaped(view.lower)
    text = latin(folded.text)
    present = view.words if text is view.lower else words_of(text)
    foreign = present if text is folded.text else words_of(folded.text)
    for lower, table, among in ((text, TABLE, present), (folded.text, FOREIGN, foreign)):
        found = [
            (one, match, folded.origin(match.start()))
            for one, match in matches(lower, among, weighing(view, table))
        ]
        yield from _weighed(view, lower, found)
    yield from _scrambled(view, present.whole)
    yield from _spaced(view)


def in_words(text: str) -> Iterator[tuple[str, str, int]]:
    """Rule, message and offset of each instruction in a text that is said to a model as it stands,
    such as the description of an entry."""
    lower = text.replace("\u0130", "i").lower()
    folded = unescaped(lower)
    for plain, table in ((latin(folded.text), TABLE), (folded.text, FOREIGN)):
        for one, match in matches(plain, words_of(plain), table):
            if not one.signal and one.code is _E:
                yield one.rule, one.message, folded.origin(match.start())


def _concerns(view: Sight) -> bool:
    """Whether a model may be told what stands there: in a server, or where text for a model is."""
    if serves(view.file.package):
        return True
    if view.role == "data":
        return bool(FOR_MODELS.search(view.file.path.lower()))
    return not _SPEAKS.isdisjoint(view.words.whole)


_SPEAKS = frozenset(
    [
        "description",
        "inputschema",
        "tool",
        "tools",
        "mcp",
        "fastmcp",
        "modelcontextprotocol",
        "prompt",
        "prompts",
        "registertool",
        "addtool",
        "instructions",
        "instruction",
        "schema",
        "assistant",
        "llm",
        "model",
        "annotated",
        "describe",
    ]
)


def _weighed(
    view: Sight, lower: str, found: list[tuple[Indicator, re.Match[str], int]]
) -> Iterator[Hit]:
    count: dict[str, int] = {}
    places = [(one.rule, match.start()) for one, match, _ in found]
    for one, match, offset in sorted(found, key=lambda item: item[2]):
        count[one.rule] = count.get(one.rule, 0) + 1
        severity = _severity(view, lower, one, match, places)
        if severity is None or count[one.rule] > MOST_HITS * 2:
            continue
        yield view.hit(
            offset,
            rule=one.rule,
            message=one.message,
            family=one.family,
            severity=severity,
            fix=one.fix,
            signal=one.signal and severity is not _E,
        )


_CODE = re.compile(r"[(){}\[\]=;]")
_REMARK = re.compile(r"^\s{0,80}(?:#|\*)\s")
_COMMENT = re.compile(r"^\s{0,200}//|[\s;{})]//\s[^\"'`\n]{0,300}$")
_ORDER = (_N, _W, _E)


def _line_before(lower: str, match: re.Match[str]) -> str:
    return lower[lower.rfind("\n", 0, match.start()) + 1 : match.start()]


_HEAVY = frozenset({SECRECY, SECRETS, SHADOWING, OVERRIDE})


def _severity(
    view: Sight,
    lower: str,
    one: Indicator,
    match: re.Match[str],
    places: list[tuple[str, int]],
) -> Severity | None:
    severity = one.weight(view.role)
    if severity is None or _near(_PATTERN, lower, match):
        return None
    if view.role == "code" and _COMMENT.search(
        lower[lower.rfind("\n", 0, match.start()) + 1 : match.start()]
    ):
        return None  # no model is told what stands in a comment
    # Two kinds close together mean each other: a demand for secrets that asks for silence.
    kinds = {rule for rule, at in places if abs(at - match.start()) < 1500 and rule != one.rule}
    if kinds & _HEAVY and not one.signal:
        return _E
    if view.role == "code" and not told(lower, match.start()):
        aside = view.aside or one.signal or not serves(view.file.package)
        return (
            (None if view.aside or one.signal else _N)
            if aside
            else min(severity, _W, key=_ORDER.index)
        )
    if one.rule == CONVERSATION:
        if _CODE.search(match[0]) or _REMARK.search(_line_before(lower, match)):
            return None
        return _of_conversation(view, lower, match)
    # Alone, in the words of somebody who speaks of attacks, it may be a defence.
    return _W if severity is _E and _near(_DEFENCE, lower, match) else severity


_LETTERS = re.compile(r"(?<![a-z0-9])[a-z](?:[ ._-]{1,3}[a-z](?![a-z0-9])){14,400}")


def _spaced(view: Sight) -> Iterator[Hit]:
    """Words with blanks between their letters, two between words."""
    for match in _LETTERS.finditer(view.lower):
        text = re.sub(r"(?<=[a-z])[ ._-](?=[a-z])", "", match[0])
        plain = re.sub(r"[ ._-]{2,}", " ", text)
        for one, _ in matches(plain, words_of(plain), TABLE):
            if one.code is _E:
                message = f"{one.message}, with blanks between the letters"
                yield view.hit(
                    match.start(),
                    rule=one.rule,
                    message=message,
                    family="mcp",
                    severity=_E,
                    fix=_FIX,
                )
                break


_KEYS = [
    "ignore",
    "previous",
    "instructions",
    "instruction",
    "system",
    "prompt",
    "reveal",
    "bypass",
    "override",
    "secret",
    "password",
]
_SHAPES = {(key[0], key[-1], "".join(sorted(key[1:-1]))): key for key in _KEYS}


def _scrambled(view: Sight, present: frozenset[str]) -> Iterator[Hit]:
    """Words whose inner letters are mixed up: people and models read them, patterns do not."""
    mixed = sorted(
        word
        for word in present
        if 6 <= len(word) <= 12
        and (word[0], word[-1]) in _ENDS
        and word not in _KEYS
        and (word[0], word[-1], "".join(sorted(word[1:-1]))) in _SHAPES
    )
    if len(mixed) >= 2:
        yield view.hit(
            max(0, view.lower.find(mixed[0])),
            rule=SCRAMBLED,
            message=f"Writes instructions to a model with mixed-up letters: {', '.join(mixed[:4])}",
            family="mcp",
            severity=_W,
            fix=_FIX,
        )


_ENDS = frozenset((key[0], key[-1]) for key in _KEYS)

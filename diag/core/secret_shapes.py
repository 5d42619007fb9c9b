"""How secrets look: by the name they stand under, or by their own form.

Names are found by plain search and only what follows a name is matched, so that a long text without names costs next
to nothing; forms run only when a word of theirs is there. Patterns are compiled when they are first needed.
"""

import math
from collections import Counter
from itertools import product

from msgspec import Struct

ENTROPY_KIND = "random text that may be a secret"

_Q = r"(?:\\{0,4}[\"']|%22|%27|&quot;|&#3[49];|&#x2[27];|\\{1,4}u002[27])"
"""A quote, as it is, escaped, percent-encoded or as an entity."""
_IS = rf"{_Q}?\s{{0,8}}(?:[:=]|%(?:25)?3[ADad]|&#61;|\\{{1,4}}u003[ad])\s{{0,8}}+"
_SPARED = (
    r"(?!\[removed|AADSTS|null\b|true\b|false\b|undefined\b|none\b|\*{3}|<|&lt;|%3[cC]|\$\{|\$\(|%[A-Z_]+%|"
    r"[\[{](?:[\s\"']|$))"
)
"""What stands where a secret would and is none: removed already, a code, nothing, a placeholder, an object."""
_VALUE = (
    # Up to whatever closes a value: a quote, a separator, a blank; each also in its encoded forms.
    r"(?:[^\s\"'&;,<>\\%]|%(?!2[2678cC]|3[bB]|0[aAdD]|3[cCeE])[0-9a-fA-F]{2}|%(?![0-9a-fA-F]{2})"
    r"|\\{1,4}u00(?!2[267]|3[cCeE])[0-9a-fA-F]{2}|\\/){1,16384}"
)
_QUOTED = (
    r"(?:[^\"'\\\r\n<>&]|\\{1,4}[^rn\"'\\u]|\\{1,4}u00(?!2[27])[0-9a-fA-F]{2}|&(?!quot;|#3[49];|#x2[27];)){1,16384}"
)

AFTER_A_NAME: tuple[str, ...] = (
    # name = "value", in pairs, JSON and code
    rf"(?i:{_IS}{_Q}{_SPARED}(?P<secret>{_QUOTED}))",
    # name=value
    rf"(?i:{_IS}{_SPARED}(?P<secret>{_VALUE}))",
    # "name": "client_secret", "value": "…" of a HAR file; key="…" value="…" of XML; the like in YAML
    rf"(?i:{_Q}?[\s,]{{1,24}}{_Q}?value{_IS}{_Q}{_SPARED}(?P<secret>{_QUOTED}))",
    rf"(?i:{_Q}?[\s,]{{1,24}}{_Q}?value{_IS}{_SPARED}(?P<secret>{_VALUE}))",
    # a part of a multipart form
    rf"(?i:{_Q}[ \t]{{0,4}}\r?\n\r?\n{_SPARED}(?P<secret>\S{{1,16384}}))",
)
"""What may follow a name, in the order in which it is tried."""


class Named(Struct, frozen=True):
    """Secrets that are known by the name they stand under."""

    kind: str
    names: tuple[str, ...]
    """In lower case; each is searched as it is."""
    least: int = 1
    """Shorter values are none."""
    whole: bool = False
    """The name is a word of its own, not the end of a longer one."""
    mixed: bool = False
    """Only values that hold a letter and a digit."""


class Rule(Struct, frozen=True):
    """Secrets that are known by their form: what is replaced is the group ``secret``; what stands around it stays."""

    kind: str
    pattern: str
    hints: tuple[str, ...]
    """In lower case; the rule runs only when one of these stands in the text."""
    wraps: bool = False
    """The secret may go on over the following lines."""


def _joined(first: tuple[str, ...], second: tuple[str, ...]) -> tuple[str, ...]:
    return tuple("".join(parts) for parts in product(first, ("_", "-", "", "."), second))


NAMED: tuple[Named, ...] = (
    Named("SAML response", ("samlresponse", "samlrequest"), 16),
    Named(
        "cookie",
        (
            *("ests", "estsauth", "estsauthpersistent", "estsauthlight", "estssc", "estsssotiles", "cookie"),
            *("appserviceauthsession", "x-ms-refreshtokencredential", "signinstatecookie", "mspauth", "rpssecauth"),
            *("fedauth", "rtfa", ".aspnetcore.cookies", ".aspnetcore.cookiesc1", ".aspnetcore.cookiesc2"),
            ".aspnet.cookies",
        ),
        4,
    ),
    Named("cookie", ("buid", "esctx"), 8, whole=True),
    Named(
        "client secret",
        (
            *_joined(("client", "app", "application", "consumer"), ("secret",)),
            *_joined(("secret",), ("value", "text")),
            *_joined(("client",), ("secret_value", "secretvalue")),
        ),
    ),
    Named("client secret", ("secret",), 8, whole=True),
    Named("password", ("password", "passwd", "passphrase")),
    Named("password", ("pwd",), whole=True),
    Named(
        "token",
        (
            *_joined(("refresh", "access", "id", "subject", "actor", "logout"), ("token",)),
            *("id_token_hint", "client_assertion", "clientassertion", "code_verifier", "codeverifier", "samlart"),
            *("flowtoken", "apicanary", "device_code", "devicecode"),
        ),
        6,
    ),
    Named("token", ("assertion", "wresult", "sft", "ctx", "canary", "token"), 16, whole=True),
    Named("authorization code", ("code",), 24, whole=True, mixed=True),
    Named("signature of an address", ("sig",), 6, whole=True),
    Named(
        "key",
        (
            *_joined(("api", "account", "subscription", "functions", "function"), ("key",)),
            *_joined(("primary", "secondary", "private"), ("key",)),
            *_joined(("shared",), ("access_key", "accesskey", "key")),
            *_joined(("signing", "webhook"), ("secret",)),
            *_joined(("connection",), ("string",)),
        ),
        6,
    ),
)

_STATES = (
    r"not|no|n't|incorrect|correct|wrong|right|invalid|valid|expired?|expiring|about|required|missing|empty|null|none|blank|"
    r"unknown|changed|reset|set|being|been|the|a|an|too|in|on|at|to|of|for|from|by|with|same|different|weak|strong|stored|"
    r"sent|needed|used|ok|okay|fine|good|bad|old|new|temporary|compromised|locked|blocked|rejected|refused|accepted|known|"
    r"managed|synchroni[sz]ed|synced|validated|verified|checked|only|also|still|now|never|always|already|entered|typed|"
    r"provided|given|supplied|absent|present|disabled|enabled|allowed|supported|deprecated|needs|must|that|this|what|"
    r"your|my|our|his|her|their|it|there|or|and|as|so|if|because|when|where|which|longer|shorter|hidden|masked|"
    r"protected|encrypted|hashed|created|deleted|removed|updated|generated|shown|displayed|visible|case|unchanged|"
    r"started|older|kept|due|chosen|again|less|more|shared|recently|just|forgotten|lost|mistyped|copied|pasted|between|up|out|under|over|undefined|true|false"
)
"""Words that say how a password is, rather than which."""

_B64 = r"[A-Za-z0-9_\-+/=.~%]"
_TOKEN = r"[A-Za-z0-9_\-.~+/=*!$]"
_START = r"(?:(?<![A-Za-z0-9])|(?<=%3[dD])|(?<=%2[026fF]))"
"""Where a word begins, behind a percent-encoded sign too."""
_OPEN = r"(?:<|&lt;|%3[cC]|\\{1,4}u003[cC])"
_CLOSE = r"(?:>|&gt;|%3[eE]|\\{1,4}u003[eE])"
_PREFIX = r"(?:[A-Za-z0-9]{1,12}(?::|%3[aA]))?"
_SCHEMES = r"(?:Bearer|Basic|Negotiate|NTLM|PoP|DPoP|SharedKey|Digest|AWS4-HMAC-SHA256)"
_CHALLENGE = r"(?:error|realm|authorization|authentication|resource_metadata|\[removed|token\b)"

RULES: tuple[Rule, ...] = (
    Rule(
        "private key or certificate",
        # Without its last line it ends where a line begins that belongs to a message.
        r"(?P<secret>-----BEGIN[ +%A-Z0-9]{0,60}-----"
        r"(?:(?!(?<=\s)(?:[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-|AADSTS|Trace ID|Correlation ID|Timestamp))[A-Za-z0-9+/=\s%,:.]"
        r"|\\{1,4}[rn/]|-(?!----))*"
        r"(?:-----END[ +%A-Z0-9]{0,60}-----)?)",
        ("-----begin",),
    ),
    Rule(
        "SAML assertion",
        rf"(?s)(?P<secret>{_OPEN}{_PREFIX}(?:Encrypted)?Assertion(?=[\s>&%\\+]).*?"
        rf"(?:{_OPEN}(?:/|%2[fF]){_PREFIX}(?:Encrypted)?Assertion{_CLOSE}|(?=AADSTS|Trace ID|Correlation ID)|\Z))",
        ("assertion",),
    ),
    Rule(
        "SAML response",
        rf"(?P<secret>(?:PHNhbW|PD94bW|PFJlc3|PHNhbD){_B64}{{40,}})",
        ("phnhb", "pd94b", "pfjlc3"),
        wraps=True,
    ),
    Rule(
        "authorization header",
        rf"(?i)\b(?:Proxy-)?Authorization{_IS}{_Q}?+(?!\[removed|AADSTS|{_SCHEMES}\s{{1,4}}{_CHALLENGE}|failed\b|header\b)"
        rf"(?P<secret>(?:{_SCHEMES}(?:\s|%20|\+){{1,4}})?[^\s\"'\\,;]{{6,16384}})",
        ("authorization",),
        wraps=True,
    ),
    Rule(
        "bearer token",
        rf"(?i)\bBearer(?:\s|%20|\+|\\{{1,4}}[\"' ]){{1,4}}(?!{_CHALLENGE})(?P<secret>{_TOKEN}{{16,16384}})",
        ("bearer",),
        wraps=True,
    ),
    Rule(
        "authorization header",
        r"\b[Bb]asic(?:\s|%20|\+){1,2}(?P<secret>(?=[A-Za-z]{0,40}[0-9+/=%])[A-Za-z0-9+/_-]{7,4096}(?:=|%3[dD]){0,2})",
        ("basic",),
    ),
    Rule(
        "cookie",
        r"(?i)\b(?:Set-)?Cookie2?(?:\\{0,4}[\"'])?\s{0,4}:\s{0,4}+(?:\\{0,4}[\"'])?+(?!\[removed)"
        r"(?P<secret>[^\r\n\"\\]{4,16384})",
        ("cookie",),
    ),
    Rule(
        "cookie",
        r"(?i)\.AspNet(?:Core)?\.[\w.-]{1,200}=(?!\[removed)(?P<secret>[^\s;,\"'\\]{4,16384})",
        (".aspnet",),
    ),
    Rule(
        "JSON Web Token",
        r"(?P<secret>ey[A-Za-z0-9_-]{10,16384}(?:(?:\.|%2[eE])[A-Za-z0-9_-]{0,65536}){0,4})",
        ("eyj", "ewog", "eya", "ew0"),
        wraps=True,
    ),
    Rule(
        "refresh token or authorization code",
        rf"(?P<secret>{_START}(?:[01]\.A[A-Za-z0-9_-]{{20,}}(?:\.[A-Za-z0-9_-]{{2,}}){{0,4}}"
        r"|M\.[CR][A-Za-z0-9]{1,6}_[A-Za-z0-9_.!*$%-]{16,}|O?AQABAA[A-Za-z0-9_-]{24,}))",
        ("0.a", "1.a", "m.c", "m.r", "aqabaa"),
        wraps=True,
    ),
    Rule(
        "client secret",
        r"(?P<secret>[A-Za-z0-9_~.\-]{3}[0-9]Q(?:~|%7[eE]|\\{1,4}u007[eE])"
        r"(?:[A-Za-z0-9_~.\-]|%7[eE]|%2[eEdD]|%5[fF]){20,60})",
        ("q~", "q%7", "u007"),
    ),
    Rule(
        "client secret",
        r"(?<![\w-])--?(?:client-secret|secret|password|p)(?:\s{1,4}|=)(?!-|\[removed)"
        r"(?P<secret>\"[^\"\n]{6,512}\"|'[^'\n]{6,512}'|[^\s\"']{6,512})",
        ("-secret", "-password", "-p "),
    ),
    Rule(
        # In plain words: in quotation marks anything, else what is none of the words that say how a password is.
        "password",
        rf"(?i)\b(?:password|passwd|passphrase|passcode|pwd)\s{{1,4}}(?:is|was)(?::|\s{{1,3}}=)?\s{{1,4}}+(?!\[removed|AADSTS)"
        rf"[\"'`“‘]?(?P<secret>(?<=[\"'`“‘])[^\"'`”’\r\n]{{1,256}}"
        rf"|(?<![\"'`“‘])(?!(?:{_STATES})(?![\w!@#$%^*]))[^\s\"'`<>,;]{{3,256}})",
        ("password", "passwd", "passphrase", "passcode", "pwd"),
    ),
    Rule(
        # A secret in plain words must hold more than letters: many words may follow it.
        "client secret",
        r"(?i)\bsecret(?: value)?\s{1,4}(?:is|was):?\s{1,4}+(?!\[removed|AADSTS)[\"'`“‘]?"
        r"(?P<secret>(?=[A-Za-z.~_-]{0,60}[0-9!$%^*+=#~_])[^\s\"'`“”‘’<>,;]{6,256})",
        ("secret",),
    ),
    Rule(
        # However short: nothing else begins like this behind that name.
        "authorization code",
        rf"(?:(?<![A-Za-z0-9_])|(?<=%[23][6fF])|(?<=u0026))(?i:code{_IS}){_Q}?(?P<secret>[01]\.A[A-Za-z0-9_-][A-Za-z0-9_.-]{{0,4096}})",
        ("0.a", "1.a"),
    ),
    Rule(
        "signature of an address",
        r"\b(?:sig|signature)(?:=|%3[dD])(?P<secret>(?:[A-Za-z0-9+/=_-]|%2[bBfF]|%3[dD]|%25[0-9A-Fa-f]{2}){16,512})",
        ("sig=", "sig%3", "signature=", "signature%3"),
    ),
    Rule(
        "password in an address",
        r"(?::|%3[aA])(?://|%2[fF]%2[fF]|\\/\\/)(?!\[removed)"
        r"(?P<secret>[^\s/:@%'\"<>\\]{1,256}(?::|%3[aA])[^\s/@'\"<>\\]{1,256}?)(?:@|%40)",
        ("@", "%40"),
    ),
    Rule(
        "service key",
        r"(?P<secret>xox[abeoprs]-[A-Za-z0-9-]{10,}|xapp-[A-Za-z0-9-]{10,}|gh[oprsu]_[A-Za-z0-9]{20,}|"
        r"github_pat_[A-Za-z0-9_]{20,}|whsec_[A-Za-z0-9+/=%]{16,}|glpat-[A-Za-z0-9_-]{16,}|npm_[A-Za-z0-9]{30,}|"
        r"\bAKIA[0-9A-Z]{16}\b|\bAIza[A-Za-z0-9_-]{30,}|\bsk-[A-Za-z0-9_-]{20,})",
        (
            *("xox", "xapp-", "gho_", "ghp_", "ghr_", "ghs_", "ghu_", "github_pat_"),
            *("whsec_", "glpat-", "npm_", "akia", "aiza", "sk-"),
        ),
        wraps=True,
    ),
    Rule(
        "service key",
        r"(?i)hooks\.slack\.com(?:/|%2[fF])(?:services|workflows)(?:/|%2[fF])(?P<secret>[A-Za-z0-9/%_-]{8,256})",
        ("hooks.slack",),
    ),
    Rule("certificate file", rf"(?P<secret>{_START}MII[A-Za-z0-9]{_B64}{{48,}})", ("mii",), wraps=True),
)

RANDOM = Rule(ENTROPY_KIND, r"(?<![A-Za-z0-9+/=_~-])(?P<secret>[A-Za-z0-9+/=_~-]{36,})", (), wraps=True)
"""The net under the others; what it finds must also look random."""


def _is_path(text: str) -> bool:
    """Whether parts between slashes are short, and most of the text is words or GUIDs; Base64 has slashes too."""
    parts = text[:4096].split("/")
    if max(map(len, parts)) >= 30:
        return False
    mixed = [part for part in parts if len(part) >= 6 and any(map(str.isdigit, part))]
    mixed = [part for part in mixed if any(map(str.isupper, part)) and any(map(str.islower, part))]
    return 2 * sum(map(len, mixed)) < sum(map(len, parts))


def looks_random(text: str) -> bool:
    """Whether a long run of letters and digits looks generated: mixed in case, with digits, few letters repeated.

    Identifiers are spared: GUIDs and thumbprints have one case, names have few digits, paths have short parts.
    """
    if "/" in text and _is_path(text):
        return False
    start = text[:256]
    upper = sum(character.isupper() for character in start)
    lower = sum(character.islower() for character in start)
    digits = sum(character.isdigit() for character in start)
    if upper < 6 or lower < 6 or digits < 4:
        return False
    length = len(start)
    bits = -sum(count / length * math.log2(count / length) for count in Counter(start).values())
    return bits >= 4.4

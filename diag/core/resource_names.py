"""The name a request gives to an API, looked at on its own: malformed, placeholder, of another cloud."""

import re

_SCHEME = re.compile(r"([a-z][a-z0-9+.-]{0,30})://", re.IGNORECASE)

_GUID_FIRST = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)

_REDACTED = re.compile(r"redact|hidden|removed|masked|\*{3}|x{4}", re.IGNORECASE)
"""What people write over a value before they paste it; that is no template's text."""

_PLACEHOLDERS = (
    (re.compile(r"[<>{}\[\]]|\$\(|%[A-Z_]{3,40}%"), "it holds the brackets of a template"),
    (
        re.compile(
            r"\byour[-_ ]?(?:app|api|client|tenant|resource|application|domain|web[-_ ]?api)[a-z_-]{0,20}"
            r"|(?:enter|insert|replace|put)[-_ ](?:the|your|me|with|here)|\bclient[-_ ]?id\b"
            r"|\bapp(?:lication)?[-_ ]?id\b|\btodo\b|\bchangeme\b|\bplaceholder\b|\bundefined\b|\bnull\b"
            r"|\bsample[-_ ]?(?:api|app|resource)\b",
            re.IGNORECASE,
        ),
        "it is the text of a sample or an empty setting",
    ),
    (
        re.compile(r"(?<![A-Za-z])[A-Z]{2,20}_(?:[A-Z]{2,20}_)?(?:ID|NAME|URI|URL|GUID|HERE)(?![A-Za-z])"),
        "it is the name of a setting",
    ),
    (re.compile(r"00000000-0000-0000-0000-000000000000"), "its GUID is a dummy"),
)

_CLOUDS = (
    (
        "US Government",
        re.compile(r"\.(?:microsoft|azure|powerapps|office365|applicationinsights)\.us\b|usgovcloudapi\.net\b", re.I),
    ),
    ("China", re.compile(r"chinacloudapi\.cn\b|\.azure\.cn\b|\.partner\.outlook\.cn\b", re.I)),
    ("Germany (closed)", re.compile(r"\.microsoft\.de\b|\.cloudapi\.de\b|\.microsoftazure\.de\b", re.I)),
)

_LOGIN_CLOUDS = (
    ("US Government", re.compile(r"login\.microsoftonline\.us\b", re.I)),
    ("China", re.compile(r"login\.(partner\.microsoftonline|chinacloudapi)\.cn\b", re.I)),
    ("Germany (closed)", re.compile(r"login\.microsoftonline\.de\b", re.I)),
    ("global", re.compile(r"login\.(microsoftonline|windows)\.(com|net)\b|sts\.windows\.net\b", re.I)),
)


def flaw_of(name: str) -> str | None:
    """What makes an API's name no well-formed URI or GUID, as a clause; None when nothing does.

    ``api://`` alone is judged by ``is_bare`` and a sample's text by ``placeholder_in``.
    """
    if name != name.strip() or re.search(r"\s|%20|%0a|%0d|%09", name, re.IGNORECASE):
        return "a blank or line end sticks to it"
    if len(_SCHEME.findall(name)) > 1:
        return "it has two schemes"
    rest = name
    scheme = _SCHEME.match(name)
    if scheme:
        rest = name[scheme.end() :]
        if rest.startswith("/"):
            return "it has too many slashes after the scheme"
    elif re.match(r"(https?|api):/?[^/]", name, re.IGNORECASE):
        return "its scheme lacks a slash"
    if "//" in rest.rstrip("/"):
        return "it has a doubled slash"
    if "/.default" in name.casefold() or name.casefold() == ".default":
        return "it still ends in /.default, which belongs to a scope"
    if re.search(r"[\"',;]", name):
        return "a quote or comma sticks to it"
    if scheme is None and not _GUID_FIRST.match(name) and not name.casefold().startswith(("urn:", "spn:")):
        return None if _REDACTED.search(name) else "it has no scheme such as api:// and is no application ID"
    return None


def is_bare(name: str) -> bool:
    """Whether the name is a scheme with nothing behind it, such as ``api://`` or ``https:///``."""
    return re.fullmatch(r"\s*[a-z][a-z0-9+.-]{0,30}:/{0,3}(\.default)?\s*", name, re.IGNORECASE) is not None


def placeholder_in(name: str) -> str | None:
    """Why the name reads as a template's text, as a clause; None when it does not, or when it was blacked out."""
    if _REDACTED.search(name):
        return None
    for pattern, why in _PLACEHOLDERS:
        if pattern.search(name):
            return why
    return None


def cloud_of(name: str) -> str | None:
    """The national cloud an API's host belongs to; None for the global one and for names that tell nothing."""
    return next((cloud for cloud, pattern in _CLOUDS if pattern.search(name)), None)


def login_cloud_in(text: str) -> str | None:
    """The cloud whose sign-in host a text names; ``global`` for the worldwide one, None when it names none."""
    return next((cloud for cloud, pattern in _LOGIN_CLOUDS if pattern.search(text)), None)


def is_of_global_cloud(name: str) -> bool:
    """Whether the host is one of the global cloud's own APIs."""
    return re.search(r"\.(?:microsoft|azure|windows|office|office365)\.(?:com|net)\b", name, re.I) is not None

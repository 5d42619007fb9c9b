"""From anything pasted to codes and named values. Run on redacted text only; see ``redaction``.

What one entry's message names beyond these values is read by the entry's own patterns, see ``reading``.
"""

import re
from collections.abc import Mapping

from msgspec import Struct

from diag.core import pasted
from diag.core.client_traces import traces
from diag.core.reading import flattened

_BEFORE, _AFTER = 600, 3400
"""A window of at most 4 KB: the values of a message stand behind its code, the error's name before it."""

WRAPPERS = frozenset({50000, 70000, 70002})
"""General codes that older messages print before the specific one (``AADSTS70002: … AADSTS50055: …``)."""

_PREFIX = re.compile(r"DSTS", re.IGNORECASE)
"""Without the first letters: they are lost in copying more often than not."""
_NUMBER = re.compile(r"[\s:_#-]{0,3}(?P<code>\d{4,9})(?!\d)")
_LABEL = (
    r"(?:error[ _]?codes?|/error\?code|errorNumber|iErrorCode|ResultType|status code|Fehlercode|code d['’]erreur|"
    r"código de error|codice errore|código de erro|foutcode|エラー ?コード|错误代码)"
)
_LABELLED = re.compile(
    rf"{_LABEL}[\"']?\s{{0,4}}[:=(]?\s{{0,4}}[\[\"']{{0,2}}\s{{0,40}}(?P<code>0|\d{{5,9}})(?!\w|\.\d)", re.IGNORECASE
)
_ARRAY = re.compile(r"error_codes[\"']?\s{0,4}[:=]\s{0,4}\[(?P<codes>[\d\s,]{1,200})\]", re.IGNORECASE)
_ALONE = re.compile(r"\s*(\d{5,9})\s*")
_LOOSE = re.compile(
    r"(?:^|\b(?:error|fehler|erreur|erro|errore)[ :#]{1,3}|\()(?P<code>\d{5,7})(?=[\s:).,]|$)",
    re.IGNORECASE | re.MULTILINE,
)

_GUID = r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"
_NAME = r"[\"'‘’“”]"
_OAUTH_ERRORS = (
    "access_denied|account_selection_required|authorization_declined|authorization_pending|bad_verification_code|"
    "consent_required|expired_token|insufficient_scope|interaction_required|invalid_client|invalid_grant|"
    "invalid_request|invalid_resource|invalid_scope|invalid_token|login_required|server_error|slow_down|"
    "temporarily_unavailable|unauthorized_client|unsupported_grant_type|unsupported_response_type"
)


def _labelled(names: str, value: str) -> re.Pattern[str]:
    """``name: value``, ``name=value``, ``"name": "value"`` and ``name 'value'``."""
    return re.compile(
        rf"(?<![\w-])(?:{names}){_NAME}?\s{{0,4}}(?:[:=]\s{{0,4}}{_NAME}?|{_NAME})(?P<value>{value})", re.IGNORECASE
    )


def _quoted(names: str, value: str) -> re.Pattern[str]:
    """``name 'value'`` and ``name: "value"``."""
    return re.compile(
        rf"(?<![\w-])(?:{names}){_NAME}?\s{{0,4}}[:=]?\s{{0,4}}{_NAME}(?P<value>{value}){_NAME}", re.IGNORECASE
    )


_WHOLE: Mapping[str, re.Pattern[str]] = {
    # Values that a page prints far from the message: looked for in the whole text.
    "correlation_id": _labelled(r"correlation[ _-]?id|client-request-id", _GUID),
    "trace_id": _labelled(r"trace[ _-]?id|request[ _-]?id|x-ms-request-id", _GUID),
    "observed_at": _labelled(
        "timestamp|createdDateTime",
        r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:?\d{2})?"
        r"|\d{1,2}/\d{1,2}/\d{4},? \d{1,2}:\d{2}:\d{2}(?: [AP]M)?",
    ),
    "error": _labelled("error", _OAUTH_ERRORS),
    "suberror": _labelled("suberror", r"[a-z][a-z_]{2,60}"),
    "redirect_uri": re.compile(r"(?<![\w-])redirect_uri=(?P<value>[a-zA-Z][a-zA-Z0-9+.-]{1,60}:[^\s\"'<>&]{1,2040})"),
    "scope": re.compile(r"(?<![\w-])scope=(?P<value>[^\n\"'<>&]{1,2000})"),
    "response_type": re.compile(r"(?<![\w-])response_type=(?P<value>[a-z_+ ]{2,40})"),
    "prompt": re.compile(r"(?<![\w-])prompt=(?P<value>none|login|consent|select_account|create)\b"),
    "authority_tenant": re.compile(
        r"login\.(?:microsoftonline\.(?:com|us)|partner\.microsoftonline\.cn|windows\.net)/(?P<value>[\w.-]{3,255})/"
        r"(?:oauth2|saml2|wsfed|v2\.0)\b",
        re.IGNORECASE,
    ),
    "endpoint": re.compile(r"/oauth2/(?:v2\.0/)?(?P<value>authorize|token)\b", re.IGNORECASE),
}
_NEAR: Mapping[str, tuple[re.Pattern[str], ...]] = {
    # Values that messages of many codes print alike: looked for in the window around the code.
    "app_id": (
        _labelled(r"app(?:lication)?(?: with identifier| id| identifier|Id)?|client(?: app)?(?:[ _]?id)?", _GUID),
        re.compile(rf"\b(?:application|app|client) (?P<value>{_GUID})", re.IGNORECASE),
    ),
    "app_name": (
        re.compile(rf"{_GUID}'? ?\((?P<value>[^()'\"]{{2,120}})\)"),
        _labelled("appDisplayName", r"[^\"']{1,250}"),
    ),
    "tenant": (
        _quoted("tenant|directory", r"[\w.-]{3,255}"),
        _labelled(r"tenant ?id|tenant|directory", rf"{_GUID}|[\w-]{{1,63}}(?:\.[\w-]{{1,63}}){{1,4}}"),
    ),
    "resource": (
        _quoted(r"resource(?: principal named)?|application named", r"[^\s\"'<>]{3,300}"),
        _labelled(
            r"resource(?: value from request| identifier)?|resource ?id",
            rf"{_GUID}|[a-z][a-z0-9+.-]{{1,20}}:[^\s\"'<>]{{3,300}}(?<![.,;])",
        ),
    ),
    "error": (re.compile(rf"\b(?P<value>{_OAUTH_ERRORS})\b"),),
}


class ErrorText(Struct, frozen=True, kw_only=True):
    """What a text says without any knowledge of its codes."""

    code: int | None
    """The specific code; 0 where a record says that the sign-in succeeded; None when the text names none."""
    other_codes: tuple[int, ...] = ()
    """The remaining codes in the text's order."""
    maybe: tuple[int, ...] = ()
    """Numbers that stand where a code might, without anything that says so; they count only when they are known."""
    values: Mapping[str, str]
    """Values by the name of a ``Failure`` property."""
    text: str
    """The whole text made plain, lines kept."""
    window: str
    """At most 4 KB around the code, flattened, for an entry's patterns; without a code the text's beginning."""


def read_error_text(text: str, *, asked: int | None = None) -> ErrorText:
    """What a redacted text says; ``BadInput`` when it is empty, binary or larger than 256 KB.

    ``asked`` is the code somebody named beside the text: where the text names it too, it is the one that counts.
    """
    readable = pasted.plain(pasted.checked(text))
    places = _codes(readable)
    code = asked if asked in places else _specific(list(places))
    window = window_around(readable, places[code]) if code is not None else readable[: _BEFORE + _AFTER]
    flat = flattened(window)
    return ErrorText(
        code=code,
        other_codes=tuple(other for other in places if other != code and other != 0),
        maybe=() if places else tuple(dict.fromkeys(int(match["code"]) for match in _LOOSE.finditer(readable))),
        values=_values(readable, flat),
        text=readable,
        window=flat,
    )


def window_around(text: str, position: int) -> str:
    """At most 4 KB of the text around a position."""
    return text[max(0, position - _BEFORE) : position + _AFTER]


def _codes(text: str) -> dict[int, int]:
    """Every code with the position of its first mention, in order; unprefixed numbers only where a label says so."""
    found: dict[int, int] = {}
    for place in _PREFIX.finditer(text):
        match = _NUMBER.match(text, place.end())
        if match:
            found.setdefault(int(match["code"]), place.start())
    labelled: dict[int, int] = {}
    for match in _ARRAY.finditer(text):
        for number in re.findall(r"\d{4,9}", match["codes"]):
            labelled.setdefault(int(number), match.start())
    for match in _LABELLED.finditer(text):
        labelled.setdefault(int(match["code"]), match.start())
    alone = _ALONE.fullmatch(text)
    if alone:
        labelled.setdefault(int(alone[1]), 0)
    for code, position in sorted(labelled.items(), key=lambda item: item[1]):
        if code != 0 or not (found or len(labelled) > 1):
            found.setdefault(code, position)
    return found


def _specific(codes: list[int]) -> int | None:
    """The first code that is no wrapper; the first of all when every one is."""
    return next((code for code in codes if code not in WRAPPERS), codes[0] if codes else None)


def _values(text: str, window: str) -> dict[str, str]:
    values: dict[str, str] = {}
    for name, pattern in _WHOLE.items():
        match = pattern.search(text)
        if match:
            values[name] = match["value"].strip()
    for name, patterns in _NEAR.items():
        for pattern in patterns:
            match = pattern.search(window)
            if match and name not in values:
                values[name] = match["value"].strip()
    if "endpoint" in values:
        values["endpoint"] = values["endpoint"].lower()
    return traces(window) | values

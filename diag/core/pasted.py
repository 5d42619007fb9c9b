"""Pasted text made plain: what HTML, JSON, URLs and log lines wrap around a message is undone, once, in linear time."""

import html
import re
from urllib.parse import unquote_plus

from diag.core.errors import BadInput

MOST_BYTES = 256 * 1024
"""Longer text is refused: no error message needs it, and a whole log does not belong here."""

_HTML = re.compile(r"<(?:!doctype|html|head|body|div|p|br|span|script|table|pre|li)\b", re.IGNORECASE)
_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,2000}>")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z]{2,8});")
_HEX_ESCAPE = re.compile(r"\\{1,4}u([0-9a-fA-F]{4})")
_LINE_ESCAPE = re.compile(
    r"\\{1,4}r\\{1,4}n|\\{1,4}[rn](?![a-z])|\\{1,4}n(?=(?:Trace|Correlation|Timestamp|Request)\b)"
)
_QUOTE_ESCAPE = re.compile(r"\\{1,16}(?=[\"'/])")
_WORD = re.compile(r"[^\s\"'<>]{8,}")
_IN_ADDRESS = re.compile(
    r"error(?:_description)?(?:=|%(?:25){0,2}3d)|AADSTS\d{4,9}(?:%(?:25){0,2}3a|\+)", re.IGNORECASE
)
_PERCENT = re.compile(r"%[0-9a-fA-F]{2}")
_PAIR_END = re.compile(r"[&?#](?=[A-Za-z_.]{2,40}=)")
_MARGIN = re.compile(r"^(?:[ \t]{0,8}[│┃▏>][ \t]?){1,6}", re.MULTILINE)
"""What mail programs and terminals put before every line of what they quote."""
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f\ufffd]")


def checked(text: str) -> str:
    """The text itself; ``BadInput`` says why it cannot be read: empty, binary, or larger than 256 KB."""
    if not text.strip():
        raise BadInput("There is no text.", hint="Paste the whole error message, or give its code such as AADSTS50011.")
    if len(text) > MOST_BYTES or len(text.encode("utf-8", "replace")) > MOST_BYTES:
        raise BadInput("The text is larger than 256 KB.", hint="Paste the part around the error message.")
    if "\x00" in text or len(_CONTROL.findall(text[:4096])) > max(8, len(text[:4096]) // 20):
        raise BadInput("This is no text but binary data.", hint="Paste the error message as text.")
    return text


def plain(text: str) -> str:
    """The text with escapes, entities, tags and percent-encoding undone; lines stay lines."""
    if "\\" in text:
        text = _HEX_ESCAPE.sub(_character, text)
        text = _LINE_ESCAPE.sub("\n", text)
        text = _QUOTE_ESCAPE.sub("", text)
    if _HTML.search(text):
        text = _TAG.sub(" ", text)
    for _ in range(2):
        if "&" not in text or not _ENTITY.search(text):
            break
        text = html.unescape(text)
    text = _MARGIN.sub("", text.replace("\u00a0", " "))
    if "%" in text or "error_description=" in text or "error=" in text:
        text = _WORD.sub(_decoded, text)
    return text


def _decoded(match: re.Match[str]) -> str:
    word = match.group()
    return _url(word) if _IN_ADDRESS.search(word) else word


def _character(match: re.Match[str]) -> str:
    code = int(match[1], 16)
    return " " if 0xD800 <= code <= 0xDFFF or code < 0x20 else chr(code)


def _url(address: str) -> str:
    """One ``name=value`` a line, each decoded; up to three layers of encoding."""
    pairs = _PAIR_END.sub("\n", address)
    for _ in range(3):
        if not _PERCENT.search(pairs):
            break
        pairs = unquote_plus(pairs)
        if "=" in pairs:
            pairs = _PAIR_END.sub("\n", pairs)
    else:
        return pairs
    return pairs if "+" not in pairs else _without_plus(pairs)


def _without_plus(pairs: str) -> str:
    """Spaces for the plus signs that an encoder without percent signs has left in a description."""
    return "\n".join(
        line.replace("+", " ") if line.lower().startswith("error_description=") else line for line in pairs.split("\n")
    )

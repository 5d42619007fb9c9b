"""Secrets out of pasted text, before anything else sees it.

Time is linear in the text. A secret may be percent-encoded, inside JSON, HTML or a HAR file, or broken over lines.
Codes, identifiers and times of a message survive. Unknown forms can slip through; see ``secret_shapes.RANDOM``.
"""

import re
from functools import lru_cache

from msgspec import Struct

from diag.core.secret_shapes import AFTER_A_NAME, ENTROPY_KIND, NAMED, RANDOM, RULES, Named, Rule, looks_random


class Redacted(Struct, frozen=True):
    text: str
    kinds: tuple[str, ...]
    """Kinds of secret removed, each once, in the order of removal; never the secret."""


Span = tuple[int, int, str]
"""Start, end, kind."""


def redact(text: str) -> Redacted:
    """The text with each secret replaced by ``[removed: kind]``."""
    kinds: dict[str, None] = {}
    text = _without(text, _headless(text, _lowered(text)), kinds)
    for rule in RULES[:2]:
        text = _without(text, _formed(rule, text, _lowered(text)), kinds)
    for named in NAMED:
        text = _without(text, _named(named, text, _lowered(text)), kinds)
    for rule in (*RULES[2:], RANDOM):
        text = _without(text, _formed(rule, text, _lowered(text)), kinds)
    return Redacted(text, tuple(kinds))


def kinds_known() -> tuple[str, ...]:
    """Every kind that can be removed, each once."""
    named, formed = (rule.kind for rule in NAMED), (rule.kind for rule in RULES)
    return tuple(dict.fromkeys([*named, *formed, ENTROPY_KIND]))


@lru_cache(maxsize=64)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


@lru_cache(maxsize=2)
def _lowered(text: str) -> str:
    """Lower case, letter by letter in the same place."""
    lowered = text.lower()
    if len(lowered) == len(text):
        return lowered
    return "".join(character.lower() if len(character.lower()) == 1 else character for character in text)


def _formed(rule: Rule, text: str, lowered: str) -> list[Span]:
    if rule.hints and not any(hint in lowered for hint in rule.hints):
        return []
    spans: list[Span] = []
    reached = 0
    for match in _compiled(rule.pattern).finditer(text):
        start, end = match.span("secret")
        if start < reached or (rule is RANDOM and not looks_random(match["secret"])):
            continue
        reached = wrapped_end(text, start, end) if rule.wraps else end
        spans.append((start, reached, rule.kind))
    return spans


def _headless(text: str, lowered: str) -> list[Span]:
    """Lines of a key that stand right before the first or the last line of its PEM form: its beginning was cut off."""
    spans: list[Span] = []
    reached = 0
    for mark in ("-----begin", "-----end"):
        reached = 0
        at = lowered.find(mark)
        while at >= 0:
            start = _above(text, reached, at)
            if start < at:
                spans.append((start, at, RULES[0].kind))
            reached = at + len(mark)
            at = lowered.find(mark, reached)
    return spans


def _above(text: str, least: int, end: int) -> int:
    """Where the lines of Base64 that end at ``end`` begin; ``end`` where there are none. Not before ``least``."""
    breaks = [(least, least), *(found.span() for found in _LINE_BREAK.finditer(text, least, end))]
    start = stop = end
    for break_start, break_end in reversed(breaks):
        line = text[break_end:stop].strip(" \t>|+\"'")
        if line and (not _KEY_LINE.fullmatch(line) or _NOT_MORE.match(line) or line.isdigit()):
            break
        if line:
            start = break_end + text[break_end:stop].index(line)
        stop = break_start
    return start


def _named(named: Named, text: str, lowered: str) -> list[Span]:
    spans: list[Span] = []
    for name in named.names:
        at = lowered.find(name)
        while at >= 0:
            span, seen = _after(named, text, at, at + len(name))
            if span is not None:
                spans.append(span)
            at = lowered.find(name, seen)
    return spans


def _after(named: Named, text: str, start: int, end: int) -> tuple[Span | None, int]:
    """The secret behind a name, if there is one, and how far the text is settled: a refused value holds none."""
    if named.whole and _is_inside_word(text, start):
        return None, end
    for pattern in AFTER_A_NAME:
        match = _compiled(pattern).match(text, end)
        if match is None:
            continue
        begin, finish = match.span("secret")
        secret = match["secret"]
        if len(secret) < named.least:
            return None, end
        if named.mixed and not (any(map(str.isdigit, secret)) and any(map(str.isalpha, secret))):
            return None, finish
        finish = wrapped_end(text, begin, finish)
        return (begin, finish, named.kind), finish
    return None, end


def _is_inside_word(text: str, start: int) -> bool:
    """Whether a name goes on to the left; behind a percent-encoded sign or an escape it does not."""
    before = text[max(0, start - 3) : start]
    if not before or not (before[-1].isalnum() or before[-1] == "_"):
        return False
    if _CODED_SIGN.search(text[max(0, start - 8) : start]):
        return False
    return not (len(before) == 3 and before[0] == "%") and not before.endswith(("\\n", "\\r", "\\t"))


def _without(text: str, spans: list[Span], kinds: dict[str, None]) -> str:
    if not spans:
        return text
    pieces: list[str] = []
    kept = 0
    for start, end, kind in sorted(spans):
        if start < kept:
            if end > kept:
                kept = end
            continue
        pieces += [text[kept:start], f"[removed: {kind}]"]
        kept = end
        kinds[kind] = None
    return "".join([*pieces, text[kept:]])


_CODED_SIGN = re.compile(r"(?:%25[0-9a-fA-F]{2}|\\u00[0-9a-fA-F]{2})$")
"""A sign that was percent-encoded twice or escaped in JSON, at the end of what stands before a name."""
_LINE_BREAK = re.compile(r"(?:\\{1,4}r)?\\{1,4}n|=?\r?\n|%0[dD]%0[aA]|%0[aA]")
_MARGIN = re.compile(r"[ \t>|+\"']{0,16}")
_CHUNK = re.compile(r"[A-Za-z0-9_\-+/=.~]{1,4096}")
_NOT_MORE = re.compile(
    r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-|AADSTS|https?:|Trace|Correlation|Timestamp|Request|Authorization|Error|--",
    re.IGNORECASE,
)
_KEY_LINE = re.compile(r"(?=[A-Za-z+/=]*[0-9+/=]|[A-Za-z]{30})[A-Za-z0-9+/=]{4,}")
"""A line of Base64 and nothing else; a word of letters alone is none."""
_LINE_END = re.compile(r"[\"',;)&<]|\\{1,4}[rn\"]|\r|\n|%0|$")
_LEAST_WIDTH = 30


def wrapped_end(text: str, start: int, end: int) -> int:
    """Where a secret that is broken over lines ends: following lines that hold nothing but more of it belong to it."""
    width = end - start
    while width >= _LEAST_WIDTH:
        line_break = _LINE_BREAK.match(text, end)
        if line_break is None:
            break
        margin = _MARGIN.match(text, line_break.end())
        begin = margin.end() if margin else line_break.end()
        chunk = _CHUNK.match(text, begin)
        if chunk is None or _NOT_MORE.match(text, begin) or not _LINE_END.match(text, chunk.end()):
            break
        if chunk.group().isdigit():
            break
        end = chunk.end()
        width = len(chunk.group())
    return end

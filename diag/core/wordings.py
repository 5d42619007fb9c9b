"""Recognise a published message by the runs of words in it, without holding the message.

What is kept of a message are digests of its runs of three words; see ``digests``. A text is compared the same way, so
values, typographic signs and what stands around the message make no difference. Pure.
"""

import re
import zlib
from collections import defaultdict
from collections.abc import Sequence
from math import log

from msgspec import Struct

RUN = 3
"""Words of one run."""
_MOST_WORDS = 3000
"""Words of a text that are looked at: a message is not hidden behind more."""
_LEAST_RUNS = 4
_LEAST_OF_MESSAGE = 0.5
"""Share of a message's weight that the text must hold, where it holds many of its runs; else a little more."""
_MANY_RUNS = 6
_LEAST_OF_TEXT = 0.75
"""Or, where the message was cut off, the share of the text's own runs that the message explains."""
_AS_GOOD = 0.8
"""Below this share of the best score a message is not meant."""
_BREAK = "\n"
_VALUE = re.compile(
    r"\{[^{}\n]{0,80}\}|<[^<>\n]{1,80}>|'[^'\n]{1,300}'|\"[^\"\n]{1,300}\"|`[^`\n]{1,300}`|\([^()\n]{0,120}\)"
    r"|[0-9a-fA-F]{8}-[0-9a-fA-F-]{27}|[a-zA-Z][a-zA-Z0-9+.-]{1,20}://\S+|\S*\d\S*|\S+@\S+"
)
_ADDRESS = re.compile(r"\b(?:url|reply address|redirect address)(?=s?\b|es\b)")
"""Older messages say URL or address where newer ones say URI."""
_WORD = re.compile(r"[a-z]+(?:'[a-z]+)?|\n")
_SHORT_FORMS = str.maketrans({"‘": "'", "’": "'", "“": '"', "”": '"', "\u00a0": " "})
_LONG = (("isn't", "is not"), ("doesn't", "does not"), ("wasn't", "was not"), ("hasn't", "has not"),
         ("aren't", "are not"), ("can't", "cannot"), ("couldn't", "could not"), ("don't", "do not"))  # fmt: skip


class Message(Struct, frozen=True, array_like=True):
    """One published message of a code."""

    code: int
    runs: tuple[int, ...]


class Recognised(Struct, frozen=True):
    code: int
    share: float
    """How well it fits beside the best, above 0 and at most 1."""


def digests(text: str) -> tuple[int, ...]:
    """The text's runs of words as 24-bit digests, each once, in order; none where it has fewer words than a run.

    Values (quoted, in brackets, with digits, addresses) end a run: they differ from one failure to the next.
    """
    words = _words(text)
    found: dict[int, None] = {}
    for start in range(len(words) - RUN + 1):
        run = words[start : start + RUN]
        if _BREAK not in run:
            found[zlib.crc32(" ".join(run).encode()) & 0xFFFFFF] = None
    return tuple(found)


class Messages:
    """Messages made ready to be looked for; building costs some milliseconds, asking less than one."""

    def __init__(self, messages: Sequence[Message]) -> None:
        self._messages = messages
        self._holders: dict[int, list[int]] = defaultdict(list)
        """Positions of the messages that hold a run."""
        for position, message in enumerate(messages):
            for run in message.runs:
                self._holders[run].append(position)
        total = len({message.code for message in messages}) + 1
        self._rarity = {
            run: log(total / len({messages[position].code for position in holders}))
            for run, holders in self._holders.items()
        }
        self._weights = [sum(self._rarity[run] for run in message.runs) for message in messages]

    def recognise(self, text: str) -> list[Recognised]:
        """The codes whose message the text holds: the best, and those it fits as well. Of a code's messages the best
        counts; codes that share a message come together. Empty when no message is there."""
        asked = set(digests(text))
        held: dict[int, int] = defaultdict(int)
        weight: dict[int, float] = defaultdict(float)
        for run in asked:
            for position in self._holders.get(run, ()):
                held[position] += 1
                weight[position] += self._rarity[run]
        of_text = sum(self._rarity.get(run, 1.0) for run in asked)
        best: dict[int, float] = {}
        for position, count in held.items():
            message = self._messages[position]
            if count < min(_LEAST_RUNS, len(message.runs)) or not self._weights[position]:
                continue
            share = weight[position] / self._weights[position]
            explained = weight[position] / of_text
            least = _LEAST_OF_MESSAGE if count >= _MANY_RUNS else _LEAST_OF_MESSAGE + 0.1
            if share >= least or (explained >= _LEAST_OF_TEXT and count >= _LEAST_RUNS):
                # A message that is wholly there counts more than a longer one that is there in part.
                score = weight[position] * max(share, explained)
                best[message.code] = max(score, best.get(message.code, 0.0))
        top = max(best.values(), default=0.0)
        ranked = sorted(best.items(), key=lambda item: (-item[1], item[0]))
        return [Recognised(code, score / top) for code, score in ranked if score >= top * _AS_GOOD]


def _words(text: str) -> list[str]:
    plain = text[: _MOST_WORDS * 12].translate(_SHORT_FORMS).lower()
    for short, whole in _LONG:
        if "'" in plain:
            plain = plain.replace(short, whole)
    plain = _ADDRESS.sub("uri", " ".join(plain.split()))
    return _WORD.findall(_VALUE.sub(f" {_BREAK} ", plain))[:_MOST_WORDS]

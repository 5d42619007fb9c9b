"""Find an entry from a code, words or a sentence, misspelt, half remembered or in another language. Pure.

Built once from the entries (see ``built``), kept in the compiled index, asked with ``ranked``.
"""

import re
import struct
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from math import log

from msgspec import Struct

from diag.core.words import letters, misspelt, phrases, plain_letters, words_of

_STEPS = 100
"""Weights are kept as whole hundredths."""
_LONGEST_PHRASE = 5
_MOST_WORDS = 40
"""Words of a query that count; a pasted page says what it is about in its first sentences."""
_MOST_MISSPELT = 8
_LEAST_SHARE = 0.3
"""What scores below this share of the best is noise."""
_MOST_FOUND = 60
_LOOKALIKE = str.maketrans("oOlI", "0011")
_NUMBER = re.compile(
    r"(?<![\w.-])(?:[a-z]{2,8}[\s:#_-]{0,3})?(?P<digits>[0-9oOlI]{2,9}(?: \d{2,4}){0,2})(?![\w-])", re.IGNORECASE
)
_GLUED = re.compile(
    r"(?<![a-z])(?:a{0,2}d?s?t?s?|aadts|aadst|adsts|asdts|asts|aasdts)[\s:#_-]{0,3}"
    r"(?P<digits>\d{4,9}|\d{2,4}(?: \d{2,4}){1,2})",
    re.IGNORECASE,
)


class Document(Struct, frozen=True):
    """One entry as it can be found: texts with their weight, 0 to 1."""

    key: str
    """Code or symptom id."""
    texts: tuple[tuple[float, str], ...]
    causes: int
    """Entries that tell more causes apart are those people meet more."""
    often: bool = False
    """One of the few that most people come for."""


class SearchIndex(Struct, frozen=True, array_like=True):
    keys: tuple[str, ...]
    boosts: tuple[float, ...]
    """By document: how much rather it is meant than others that fit as well."""
    name_words: tuple[int, ...]
    """By document: distinct words of its name."""
    words: tuple[str, ...]
    """Every word of the base, and of what people say in its place."""
    letters: tuple[int, ...]
    postings: tuple[bytes, ...]
    """By word: document and weight in hundredths, two 16-bit numbers each; empty for words only people use."""
    same: Mapping[str, str]
    """A phrase people use → the base's own words for it, each joined by blanks."""


def built(documents: Iterable[Document], same: Mapping[str, str]) -> SearchIndex:
    """The index of these documents; ``same``: what people say → what the base says."""
    kept = list(documents)
    if len(kept) > 0xFFFF:
        raise ValueError("more documents than 16 bits can count")
    weights: dict[str, dict[int, float]] = defaultdict(dict)
    named: list[int] = []
    for position, document in enumerate(kept):
        name: set[str] = set()
        for weight, text in document.texts:
            found = words_of(text)
            if weight == 1.0:
                name |= set(found)
            for word in found:
                weights[word][position] = max(weight, weights[word].get(position, 0.0))
        named.append(len(name))
    phrases_of = {" ".join(words_of(said)): " ".join(words_of(meant)) for said, meant in same.items()}
    phrases_of.pop("", None)
    spoken = {word for phrase in phrases_of for word in phrase.split()}
    words = sorted({*weights, *spoken})
    return SearchIndex(
        tuple(document.key for document in kept),
        tuple(_boost(document) for document in kept),
        tuple(named),
        tuple(words),
        tuple(letters(word) for word in words),
        tuple(_packed(weights.get(word, {})) for word in words),
        phrases_of,
    )


def _boost(document: Document) -> float:
    return (1.5 if document.often else 1.0) * (1.2 if document.causes > 1 else 1.0) + 0.02 * min(document.causes, 8)


def ranked(index: SearchIndex, query: str) -> list[str]:
    """Keys of the entries that the query may mean, best first; empty when nothing fits."""
    scores: dict[int, float] = defaultdict(float)
    rest = _by_number(index, query, scores)
    _by_words(index, rest, scores)
    if not scores:
        return []
    best = max(scores.values())
    found = [position for position, score in scores.items() if score >= best * _LEAST_SHARE]
    found.sort(key=lambda position: (-scores[position], position))
    return [index.keys[position] for position in found[:_MOST_FOUND]]


def _by_number(index: SearchIndex, query: str, scores: dict[int, float]) -> str:
    """Score the codes that numbers in the query may mean; the query without those numbers."""
    rest = query
    codes = {key: position for position, key in enumerate(index.keys) if key.isdigit()}
    for pattern in (_GLUED, _NUMBER):
        for match in list(pattern.finditer(rest))[:2]:
            if not any(character.isdigit() for character in match["digits"]):
                continue
            digits = match["digits"].translate(_LOOKALIKE).replace(" ", "")[:9]
            rest = rest.replace(match.group(), " ", 1)
            for code, likeness in _alike(digits, codes).items():
                position = codes[code]
                scores[position] = max(scores[position], 40 * likeness * index.boosts[position])
    return rest


def _alike(digits: str, codes: Collection[str]) -> dict[str, float]:
    """The codes that somebody who typed ``digits`` may mean, each with how likely that is."""
    found: dict[str, float] = {}
    if len(digits) >= 4:
        found |= {code: 1.0 for code in codes if digits in code or (len(code) >= 5 and code in digits)}
        for at in range(len(digits) + 1):
            head, tail = digits[:at], digits[at:]
            near = {head + digit + tail: 1.7 for digit in "0123456789"}
            near |= {head + digit + tail[1:]: 1.5 for digit in "0123456789" if tail}
            near |= {head + tail[1:]: 1.7, head + tail[1:2] + tail[:1] + tail[2:]: 1.7}
            found |= {code: max(likeness, found.get(code, 0.0)) for code, likeness in near.items() if code in codes}
    if len(digits) >= 3:
        found |= {code: 1 + len(digits) / len(code) for code in codes if code.startswith(digits)}
    if digits in codes:
        found[digits] = 5.0
    return found


def _by_words(index: SearchIndex, query: str, scores: dict[int, float]) -> None:
    """Add what the query's words say, each concept as much as it is rare, a document as much as it covers them."""
    concepts = _concepts(index, query)
    if not concepts:
        return
    total = len(index.keys)
    whole = 0.0
    gained: dict[int, float] = defaultdict(float)
    titles: dict[int, float] = defaultdict(float)
    for alternatives in concepts:
        best: dict[int, float] = {}
        rarity = 0.0
        for positions, quality in alternatives:
            share = quality / len(positions)
            sums: dict[int, float] = defaultdict(float)
            rare = 0.0
            for word in positions:
                posted = _unpacked(index.postings[word])
                rare += log(1 + total / max(1, len(posted))) / len(positions)
                for document, weight in posted:
                    sums[document] += share * weight
                    if weight >= 0.99:
                        titles[document] += quality
            rarity = max(rarity, rare)
            for document, value in sums.items():
                best[document] = max(best.get(document, 0.0), value * rare)
        whole += rarity
        for document, value in best.items():
            gained[document] += value
    for document, value in gained.items():
        covered = min(1.0, value / whole) if whole else 0.0
        complete = min(1.0, titles[document] / max(1, index.name_words[document]))
        scores[document] += value * (0.35 + 0.65 * covered) * (1 + 0.25 * complete) * index.boosts[document]


def _concepts(index: SearchIndex, query: str) -> list[list[tuple[list[int], float]]]:
    """What the query asks for: for each word or phrase its readings, as positions of words that stand for it together,
    with how sure the reading is."""
    place = {word: position for position, word in enumerate(index.words)}
    asked = _known(index, place, query)
    taken: set[int] = set()
    found: list[list[tuple[list[int], float]]] = []
    for start, end in phrases([readings[0][0] for readings in asked], _LONGEST_PHRASE):
        phrase = " ".join(readings[0][0] for readings in asked[start:end])
        meant = index.same.get(phrase)
        if meant is None or taken & set(range(start, end)):
            continue
        taken |= set(range(start, end))
        quality = min(readings[0][1] for readings in asked[start:end])
        positions = [place[word] for word in meant.split() if word in place]
        literal = [place[word] for word in dict.fromkeys(phrase.split())]
        told = all(index.postings[word] for word in literal)
        readings_of = [(positions, quality * 0.95)] if positions else []
        found.append([*readings_of, *([(literal, quality)] if told else [])])
    for at, readings in enumerate(asked):
        if at not in taken:
            found.append([([place[word]], quality) for word, quality in readings if index.postings[place[word]]])
    return [alternatives for alternatives in found if alternatives]


def _known(index: SearchIndex, place: Mapping[str, int], query: str) -> list[list[tuple[str, float]]]:
    """The query's words, each once, as words of the index: as they are, or what they are a misspelling of."""
    said = list(dict.fromkeys(words_of(query)))[:_MOST_WORDS]
    found: list[list[tuple[str, float]]] = []
    tried = 0
    for at, word in enumerate(said):
        if word in place:
            found.append([(word, 1.0)])
            continue
        joined = word + said[at + 1] if at + 1 < len(said) else ""
        if joined in place:
            found.append([(joined, 0.95)])
            continue
        parts = _split(word, place)
        if parts:
            found += [[(part, 0.95)] for part in parts]
            continue
        if tried < _MOST_MISSPELT:
            tried += 1
            alike = misspelt(word, index.words, index.letters)
            if alike:
                found.append([(index.words[position], quality * 0.9) for position, quality in alike])
    return found


def _split(word: str, place: Mapping[str, int]) -> list[str]:
    """Two or three known words that were written as one, such as ``redirecturi``; empty when it is none."""
    for at in range(3, len(word) - 2):
        head = words_of(word[:at])
        if not head or head[0] not in place:
            continue
        tail = words_of(word[at:])
        if tail and tail[0] in place and len(word[at:]) >= 3:
            return [head[0], tail[0]]
    return []


def _packed(weights: Mapping[int, float]) -> bytes:
    flat = [number for document, weight in sorted(weights.items()) for number in (document, round(weight * _STEPS))]
    return struct.pack(f"<{len(flat)}H", *flat)


def _unpacked(posted: bytes) -> list[tuple[int, float]]:
    flat = struct.unpack(f"<{len(posted) // 2}H", posted)
    return [(flat[at], flat[at + 1] / _STEPS) for at in range(0, len(flat), 2)]


def with_variants(same: Sequence[Sequence[str]]) -> dict[str, str]:
    """Groups of phrases that mean the same → every phrase by the group's first, which is the base's own."""
    return {plain_letters(phrase): group[0] for group in same for phrase in group[1:]}

"""Words as people type them: taken apart, brought to one form, and compared however they are misspelt."""

import re
import unicodedata
from collections.abc import Iterable, Sequence

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_WORD = re.compile(r"[^\W_]+")
_ENDINGS = ("ations", "ation", "ings", "ing", "ied", "ies", "ed", "es", "s", "e", "y")
_SHORTEST_STEM = 4
_STOP = frozenset(
    """
    a an the not is are was be been am of to in on at for from by with and or it its this that these my your our we you
    i me do does did has have had can could will would there their then than when what why how which who error errors
    code codes aadsts aad azure entra microsoft message get got getting please help says said trying tried
    der die das den dem ein eine einer ist sind und oder im zu mit von auf bei wird wurde nicht fehler
    le la les un une des du de est sont et ou dans pour avec sur pas erreur el los las una es son y o en para con por
    os as um uma e em ao da do na no erro
    """.split()  # noqa: SIM905  a list of 130 words reads worse
)
"""Words that say nothing about a failure, in the languages people paste."""
_FIRST_LETTERS = 26


def words_of(text: str) -> list[str]:
    """The text's words in order: accents dropped, ``InvalidReplyTo`` taken apart, lower case, stop words left out."""
    found: list[str] = []
    for word in _WORD.findall(plain_letters(text)):
        parts = _CAMEL.split(word)
        found += [stem(part.lower()) for part in parts if part.lower() not in _STOP]
    return found


def plain_letters(text: str) -> str:
    """The text without accents, full-width letters narrowed."""
    if text.isascii():
        return text
    apart = unicodedata.normalize("NFKD", text)
    return unicodedata.normalize("NFC", "".join(one for one in apart if unicodedata.category(one) != "Mn"))


def stem(word: str) -> str:
    """The word without its grammatical ending: expired, expires and expiry are one."""
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST_STEM:
            return word[: -len(ending)]
    return word


def letters(word: str) -> int:
    """The letters and digits of the word, one bit each: words that differ in few letters differ in few bits."""
    bits = 0
    for character in word:
        if "a" <= character <= "z":
            bits |= 1 << (ord(character) - ord("a"))
        else:
            bits |= 1 << (_FIRST_LETTERS + ord(character) % 16)
    return bits


def distance(one: str, other: str, most: int) -> int:
    """Letters to insert, drop, replace or swap with a neighbour to get from one word to the other; ``most`` + 1 for
    more than ``most``."""
    if abs(len(one) - len(other)) > most:
        return most + 1
    before: list[int] = []
    row = list(range(len(other) + 1))
    for at, letter in enumerate(one, start=1):
        above, row = row, [at]
        for place, against in enumerate(other, start=1):
            cost = min(above[place] + 1, row[-1] + 1, above[place - 1] + (letter != against))
            if at > 1 and place > 1 and letter == other[place - 2] and one[at - 2] == against:
                cost = min(cost, before[place - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return most + 1
        before = above
    return row[-1]


def misspelt(word: str, known: Sequence[str], known_letters: Sequence[int]) -> list[tuple[int, float]]:
    """Positions of the known words that the word may be a misspelling or the beginning of, with how alike they are
    (0 to 1), best first, at most six."""
    if len(word) < 3:
        return []
    most = 1 if len(word) <= 5 else 2
    bits, longest, shortest = letters(word), len(word) + most, len(word) - most
    found: list[tuple[int, float]] = []
    for position, candidate in enumerate(known):
        size = len(candidate)
        if size > longest and len(word) >= 3 and candidate.startswith(word):
            found.append((position, 0.6 + 0.35 * len(word) / size))
        elif shortest <= size <= longest and (bits ^ known_letters[position]).bit_count() <= 2 * most:
            apart = distance(word, candidate, most)
            if apart <= most and (size > 3 or apart == 0):
                # People rarely get the first letter wrong.
                found.append((position, 1 - (apart + (word[0] != candidate[0]) * 0.5) / max(size, len(word))))
    return sorted(found, key=lambda item: -item[1])[:6]


def phrases(words: Sequence[str], longest: int) -> Iterable[tuple[int, int]]:
    """Every run of up to ``longest`` words as (start, end), the longest first."""
    for size in range(min(longest, len(words)), 0, -1):
        for start in range(len(words) - size + 1):
            yield start, start + size

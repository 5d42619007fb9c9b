"""Text that attackers choose, made harmless to look at: what is hidden or reorders its neighbours becomes visible."""

import re
import unicodedata

_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_BLANK = frozenset("\u115f\u1160\u2800\u3164\uffa0\u034f")
"""Letters and marks that are drawn as nothing."""
_MOST_MARKS = 3
"""Combining marks that may follow one another; languages need three, towers of them cover the lines around."""
_PLAIN = re.compile(r"[ -~]*")


def visible(text: str) -> str:
    """One line of text in which every control, reordering or invisible character is shown as ``⟨U+202E⟩``."""
    return text if _PLAIN.fullmatch(text) else _shown(text, "")


def visible_block(text: str) -> str:
    """As ``visible``, but line feeds and tabs keep their meaning; for commands and other text of several lines."""
    return _shown(text.replace("\r\n", "\n"), "\n\t")


def shortened(text: str, most: int = 120) -> str:
    """The text made visible and cut in the middle, so that both ends of a long address can be compared."""
    shown = visible(text)
    if len(shown) <= most:
        return shown
    tail = most // 3
    return f"{shown[: most - tail - 1]}…{shown[-tail:]}"


def _shown(text: str, kept: str) -> str:
    parts: list[str] = []
    marks = 0
    for character in text:
        category = unicodedata.category(character)
        marks = marks + 1 if category in ("Mn", "Me") else 0
        if character in kept:
            parts.append(character)
        elif category in _HIDDEN or character in _BLANK or marks > _MOST_MARKS:
            parts.append(f"⟨U+{ord(character):04X}⟩")
        else:
            parts.append(character)
    return "".join(parts)

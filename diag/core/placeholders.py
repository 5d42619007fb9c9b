"""Values in an entry's sentences. Not a template language: ``{name}`` is replaced once, nothing is evaluated."""

import re
from collections.abc import Mapping

from diag.core.facts import Facts
from diag.core.read import Found

_PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9_]{0,40})\}")

ALWAYS = ("application", "client_id")
"""Names every text may quote, whatever its condition gives."""


def names_in(text: str) -> set[str]:
    """The names a text quotes."""
    return set(_PLACEHOLDER.findall(text))


def fill(text: str, gives: Mapping[str, str], stand_ins: Mapping[str, str], facts: Facts) -> str:
    """The text with each ``{name}`` replaced by its value, by its stand-in words, or by nothing where there are none.

    Values are inserted as they are and never looked at again: a value that itself holds braces stays inert.
    """

    def value_of(match: re.Match[str]) -> str:
        name = match.group(1)
        if name in gives:
            return gives[name]
        words = stand_ins.get(name, "")
        if name == "client_id":
            return _client_id(facts) or words
        if name == "application":
            words = _application(facts)
        # Stand-in words begin a sentence with a capital; a value is quoted as it is.
        return words[:1].upper() + words[1:] if _begins_sentence(text, match.start()) else words

    return _PLACEHOLDER.sub(value_of, text)


def _begins_sentence(text: str, position: int) -> bool:
    before = text[:position].rstrip()
    return not before or (before[-1] in ".?!" and before != text[:position])


def _application(facts: Facts) -> str:
    for read in (facts.application.display_name, facts.service_principal.display_name, facts.failure.app_name):
        if isinstance(read, Found) and read.value:
            return f"“{read.value}”"
    return "the application"


def _client_id(facts: Facts) -> str:
    for read in (facts.application.app_id, facts.service_principal.app_id, facts.failure.app_id):
        if isinstance(read, Found):
            return read.value
    return ""

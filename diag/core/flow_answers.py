"""Answers as words, from a command line or an address: ``runs=server``, ``user=yes``."""

import difflib
from collections.abc import Mapping

import msgspec

from diag.core.errors import BadInput
from diag.core.flows import Answers, FlowTable, Told

_WORDS: Mapping[str, bool] = {"yes": True, "true": True, "no": False, "false": False}
_UNKNOWN = ("", "unknown")


def word(value: Told) -> str:
    """An answer as it is written: yes, no, or the question's own word."""
    return value if isinstance(value, str) else "yes" if value else "no"


def read_answers(table: FlowTable, given: Mapping[str, str]) -> Answers:
    """The answers by question; empty and ``unknown`` are none. ``BadInput`` names what is not known."""
    values: dict[str, Told] = {}
    for name, written in given.items():
        question = table.question(name)
        if question is None:
            known = [item.id for item in table.questions]
            raise BadInput(f"“{name[:40]}” is no question{_near(name, known)}", hint=f"Questions: {', '.join(known)}.")
        said = written.strip().lower()
        if said in _UNKNOWN:
            continue
        offered: dict[str, Told] = {word(option.value): option.value for option in question.options}
        value = _WORDS.get(said, said)
        if word(value) not in offered:
            raise BadInput(
                f"“{written[:40]}” is no answer to {name}{_near(said, offered)}",
                hint=f"Answers: {', '.join(offered)}, or unknown.",
            )
        values[name] = offered[word(value)]
    return msgspec.convert(values, Answers)


def _near(name: str, known: Mapping[str, Told] | list[str]) -> str:
    close = difflib.get_close_matches(name[:80], list(known), n=1, cutoff=0.5)
    return f"; did you mean {close[0]}?" if close else "."

"""Errors as people paste them: from tools, pages and mails, in several languages, cut, doubled, without their code."""

from pathlib import Path

import msgspec
from msgspec import Struct


class Paste(Struct, frozen=True, forbid_unknown_fields=True):
    text: str
    code: int | str | None
    """The code, or the symptom's id; None where a refusal is right."""
    reads: dict[str, str] = {}
    """Values of ``extracted``."""
    others: tuple[int, ...] = ()
    """Codes that must be among the others."""


_LINES = Path(__file__).with_suffix(".jsonl").read_bytes().splitlines()
PASTES: tuple[Paste, ...] = tuple(msgspec.json.decode(line, type=Paste) for line in _LINES)

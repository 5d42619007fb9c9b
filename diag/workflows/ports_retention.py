"""What may be forgotten by its age, and what the database gives back to the disk."""

from datetime import datetime
from typing import Literal, Protocol

RetainedKind = Literal[
    "failures",
    "changes",
    "failure_hours",
    "failure_totals",
    "success_hours",
    "incidents",
    "alerts",
    "versions",
    "windows",
    "files",
    "quietings",
    "links",
]
"""Kinds of rows that have an age."""


class RetentionStore(Protocol):
    def due(self, kind: RetainedKind, before: datetime) -> bool:
        """Whether any row of the kind is older; for a look before a writer is kept waiting."""

    def delete(self, kind: RetainedKind, before: datetime, limit: int) -> int:
        """Delete at most ``limit`` rows of the kind that are older, and what belongs to them; how many."""

"""Taking people out of what was stored before that was asked for."""

from typing import Literal, Protocol

PersonalKind = Literal["failures", "changes", "details"]
"""Single sign-ins, audited changes, and collections of registrations that name users."""


class PrivacyStore(Protocol):
    def treated(self) -> bool:
        """Whether everything stored was treated, and nothing was stored untreated since."""

    def treat(self, kind: PersonalKind, after: str, limit: int) -> str | None:
        """Give at most ``limit`` rows behind the key ``after`` their pseudonyms; the last key, None at the end."""

    def forget(self) -> None:
        """Forget the diagnoses, which may quote a record; they are made anew from what the records say now."""

    def finish(self) -> None:
        """Keep that everything stored was treated."""

"""What turned bad about a tenant's coverage, and what is over: what somebody is to be told, once each."""

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from diag.core.coverage import Coverage


class Trouble(Struct, frozen=True, kw_only=True):
    """Something of a tenant's coverage that somebody was, or is to be, told."""

    subject: str
    code: str
    text: str
    hint: str
    since: datetime
    """When it was first seen."""


class CoverageChange(Struct, frozen=True, kw_only=True):
    """What turned bad and what is over since the last judgement."""

    begun: tuple[Trouble, ...]
    over: tuple[Trouble, ...]
    standing: tuple[Trouble, ...]
    """All that is bad now, ``begun`` included; to be kept, and given as ``before`` the next time."""

    @property
    def recovered(self) -> bool:
        """The last trouble is over."""
        return bool(self.over) and not self.standing


def changes(before: Sequence[Trouble], after: Coverage) -> CoverageChange:
    """What is to be told now that the tenant was judged anew.

    A trouble begins with an alarming reason and is over when nothing speaks against its subject any more: what turns
    from blind to degraded and back is told once.
    """
    bad = {reason.subject: reason for reason in reversed(after.reasons)}
    alarming = {reason.subject: reason for reason in reversed(after.reasons) if reason.alarming}
    known = {trouble.subject: trouble for trouble in before}
    begun = tuple(
        Trouble(subject=subject, code=reason.code, text=reason.text, hint=reason.hint, since=after.at)
        for subject, reason in alarming.items()
        if subject not in known
    )
    standing = tuple(
        replace(trouble, code=reason.code, text=reason.text, hint=reason.hint)
        for trouble in before
        if (reason := alarming.get(trouble.subject) or bad.get(trouble.subject))
    )
    over = tuple(trouble for trouble in before if trouble.subject not in bad)
    return CoverageChange(begun=begun, over=over, standing=(*standing, *begun))

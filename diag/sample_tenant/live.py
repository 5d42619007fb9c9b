"""What happens in the directory while the story goes on: notes, redirect URIs, and one application that is deleted.

Nothing runs in the background. Whatever is due by now is laid down when the next request asks, so what happens
depends on the seed and on the time since the start alone, and a story taken up again has the same past.
"""

from diag.sample_tenant.catalog import STORY_SIZE, sketch
from diag.sample_tenant.clock import DAY, StoryClock
from diag.sample_tenant.registrations import Properties
from diag.sample_tenant.stage import Edit, Stage

_CHANGE_EVERY, _AT_FIRST, _LATER = 40, 12, 1800
"""Seconds between changes in the directory at the story's own pace: so many at first, then seldom."""
_REMOVAL = 7
"""Number of the change that deletes an application."""


class LiveStory:
    """Brings the tenant up to date."""

    def __init__(self, stage: Stage, clock: StoryClock, speed: float) -> None:
        self._stage, self._clock, self._speed = stage, clock, speed
        self._changes = 0
        self._ordinary = list(range(STORY_SIZE, stage.directory.size)) or [stage.position("Field Survey")]

    def catch_up(self) -> None:
        """Lays down everything that is due by now."""
        elapsed = self._clock.elapsed() * self._speed
        while self._speed and _due(self._changes + 1) <= elapsed:
            self._changes += 1
            self._change(self._changes)

    def _change(self, number: int) -> None:
        stage = self._stage
        days = _due(number) / self._speed / DAY
        position = self._ordinary[number * 7 % len(self._ordinary)]
        by = stage.crowd.person(sketch(position).owner if sketch(position).owner >= 0 else 0)
        applications, principals = stage.directory.applications, stage.directory.service_principals
        if number == _REMOVAL:
            self._remove(days)
        elif number % 3 == 0 and principals.at(position):
            notes = f"Reviewed, round {number}."
            principals.change(position, notes=notes)
            stage.audit_edit(days, by, principals.edit(position), Edit("Notes", None, [notes]))
        elif number % 3 == 1 and applications.at(position):
            notes = f"Owner confirmed, round {number}."
            applications.change(position, notes=notes)
            stage.audit_edit(days, by, applications.edit(position), Edit("Notes", None, [notes]))
        elif applications.at(position):
            app = applications.edit(position)
            added = f"https://preview-{number}.contoso-sample.example/signin-oidc"
            uris = [*app["web"]["redirectUris"], added]
            settings = [{"uri": uri, "index": None} for uri in uris]
            applications.change(position, web=app["web"] | {"redirectUris": uris, "redirectUriSettings": settings})
            principals.change(position, replyUrls=[*principals.edit(position)["replyUrls"], added])
            edit = Edit("AppAddress", [_web(uri) for uri in uris[:-1]], [_web(uri) for uri in uris])
            stage.audit_edit(days, by, applications.edit(position), edit)

    def _remove(self, days: float) -> None:
        stage, directory = self._stage, self._stage.directory
        position = stage.position("Prototype Chat")
        gone = directory.applications.remove(position), directory.service_principals.remove(position)
        by = stage.crowd.person(18)
        stage.audit(days, "Delete application", by, gone[0], operation="Delete", together="end of the prototype")
        stage.audit(days, "Remove service principal", by, gone[1], operation="Delete", together="end of the prototype")
        deleted = stage.audits[-1]["activityDateTime"]
        directory.deleted_applications.append(gone[0] | {"deletedDateTime": deleted})
        directory.deleted_service_principals.append(gone[1] | {"deletedDateTime": deleted})


def _due(number: int) -> float:
    """Gives the seconds after the start at which a change happens, from number 1."""
    return min(number, _AT_FIRST) * _CHANGE_EVERY + max(0, number - _AT_FIRST) * _LATER


def _web(uri: str) -> Properties:
    return {
        "AddressType": 0, "Address": uri, "ReplyAddressClientType": 1, "ReplyAddressIndex": None,
        "IsReplyAddressDefault": False,
    }  # fmt: skip

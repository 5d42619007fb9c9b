"""The bulk of the sign-in log: rows that follow from their number.

A track holds one kind of sign-in, failed or not. The instant of row n is a growing function of n, so a window of
time is a range of numbers, found by bisection, and no row is stored.
"""

from collections.abc import Callable
from itertools import pairwise

from diag.sample_tenant.callers import (
    INTERACTIVE,
    KINDS,
    MANAGED_IDENTITY,
    NOBODY,
    NON_INTERACTIVE,
    SERVICE_PRINCIPAL,
    Caller,
    Party,
)
from diag.sample_tenant.catalog import FIRST_PARTY, MANAGED_IDENTITIES, STORY_SIZE, sketch
from diag.sample_tenant.clock import DAY, HOUR
from diag.sample_tenant.directory import Directory
from diag.sample_tenant.people import DATACENTRE, DEVICES, PHONE, PLACES, Person, Place

RETENTION = 30 * DAY
_DAYS = 30 - 1 / 24
LATE = 1200
"""Seconds by which late rows are late, at least."""
ROW_EVERY = 3.0
"""Seconds between new rows of all kinds together, at the story's own pace."""
_LATE_EVERY = 23
"""One row in so many is late."""
_LIVE_SHARES = {INTERACTIVE: 0.4, NON_INTERACTIVE: 0.13, SERVICE_PRINCIPAL: 0.4, MANAGED_IDENTITY: 0.07}
Drawn = tuple[Caller, Person | None, Place]

# How a day's sign-ins of people are spread: share of the day's rows (up to), hour (up to).
_WORKDAY = ((0.0, 0.0), (0.03, 6.0), (0.25, 9.0), (0.55, 12.0), (0.9, 17.0), (1.0, 24.0))
# Error codes of user noise with their weights; interrupts among them.
_NOISE = (
    (50126, 40), (50140, 22), (50053, 7), (50055, 6), (50076, 9), (50074, 8), (16000, 4), (50058, 4),
)  # fmt: skip
_NOISE_TOTAL = sum(weight for _, weight in _NOISE)


def _workday(share: float) -> float:
    """Turns a share of the day's rows into a share of the day."""
    for (low, from_hour), (high, to_hour) in pairwise(_WORKDAY):
        if share <= high:
            return (from_hour + (to_hour - from_hour) * (share - low) / (high - low)) / 24
    return 1.0


class Track:
    """Rows of one kind and outcome over the 30 days before the story starts."""

    def __init__(self, kind: str, failed: bool, size: int, starts: int, digest: Callable[[int, int], bytes]) -> None:
        self.kind, self.failed, self.size = kind, failed, size
        # An hour inside what is retained, so that a tenant which has just started does not lose rows at once.
        self._begins = starts - RETENTION + HOUR
        self._digest = digest

    def instant(self, number: int, track: int) -> int:
        """Gives the instant of a row; never smaller than that of the row before."""
        jitter = self._digest(track, number)[0] / 256
        share = (number + jitter) / self.size * _DAYS
        day = int(share)
        inside = share - day
        if self.kind in (INTERACTIVE, NON_INTERACTIVE):
            inside = _workday(inside)
        return self._begins + int((day + inside) * DAY)


class LiveTrack:
    """Rows of one kind that come while the story goes on, from its start without end.

    They follow from their number like the bulk, so that a story taken up by another process has the same rows. Late
    ones happened some twenty minutes before they appear.
    """

    def __init__(self, kind: str, late: bool, spacing: float, starts: int, digest: Callable[[int, int], bytes]) -> None:
        self.kind, self._late, self._spacing, self._starts, self._digest = kind, late, spacing, starts, digest

    def _appears(self, number: int, track: int) -> float:
        """Gives the seconds after the start at which a row appears."""
        return (number + 1 + self._digest(track, number)[0] / 512) * self._spacing

    def size(self, elapsed: float, track: int) -> int:
        """Gives the number of rows that have appeared so many seconds after the start."""
        count = max(0, int(elapsed / self._spacing - 0.5))
        while self._appears(count, track) <= elapsed:
            count += 1
        return count

    def instant(self, number: int, track: int) -> int:
        """Gives the instant of a row; never smaller than that of the row before."""
        jitter = self._digest(track, number)[1] / 256 * 0.4 * self._spacing
        delay = LATE + jitter if self._late else 0
        return self._starts + int(self._appears(number, track) - delay)


class Population:
    """Draws the caller of a row from the applications and people of the company."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self._callers: dict[tuple[str, bool, int, int], Caller] = {}
        ordinary = range(STORY_SIZE, directory.size)
        shapes = {number: sketch(number).shape for number in ordinary}
        self._people_apps = [n for n in ordinary if shapes[n] in ("web", "spa", "mobile", "cli")]
        self._people_apps += range(directory.first_party_at + 1, directory.first_party_at + 6)
        self._people_apps += range(directory.vendors_at, len(directory.app_ids))
        # People mistype their password where they start the day, not evenly over everything.
        self._noisy_apps = self._people_apps[:4] + [n for n in self._people_apps if n >= directory.first_party_at][:5]
        self._daemons = [n for n in ordinary if shapes[n] == "daemon"] or [19]

    def party(self, position: int) -> Party:
        """Gives the service principal at a position as the log names it."""
        directory = self._directory
        owner = directory.tenant_id if position < directory.size else directory.stranger(position)[1]
        principal = directory.service_principals.ids[position]
        return Party(directory.app_ids[position], directory.name(position), principal, owner or directory.tenant_id)

    def first_party(self, name: str) -> Party:
        """Gives one of Microsoft's applications."""
        names = [known for known, _ in FIRST_PARTY]
        return self.party(self._directory.first_party_at + names.index(name))

    def draw(self, kind: str, failed: bool, digest: bytes) -> Drawn:
        """Gives caller, user and place of a row from its digest; popular applications come up more often."""
        share = digest[1] / 256 + digest[2] / 65536
        variant = digest[3]
        person = None
        place: Place = DATACENTRE
        if kind in (INTERACTIVE, NON_INTERACTIVE):
            pool = self._noisy_apps if failed else self._people_apps
            number = int.from_bytes(digest[4:7], "big") % self._directory.crowd.size
            person = self._directory.crowd.person(number)
            place = PLACES[number % len(PLACES)]
        elif kind == SERVICE_PRINCIPAL:
            pool = self._daemons
        else:
            pool = list(range(self._directory.identities_at, self._directory.vendors_at))
        application = pool[int(len(pool) * share * share)]
        key = (kind, failed, application, self._outcome(kind, failed, variant))
        caller = self._callers.get(key)
        if caller is None:
            caller = self._callers[key] = self._caller(*key)
            if len(self._callers) > 20_000:
                self._callers.clear()
        return caller, person, place

    def _outcome(self, kind: str, failed: bool, variant: int) -> int:
        if not failed:
            return 0
        if kind == INTERACTIVE:
            drawn = variant % _NOISE_TOTAL
            for code, weight in _NOISE:
                if drawn < weight:
                    return code
                drawn -= weight
        return 50076 if kind == NON_INTERACTIVE else 500011

    def _caller(self, kind: str, failed: bool, position: int, code: int) -> Caller:
        client = self.party(position)
        graph = self.first_party("Microsoft Graph")
        if kind == MANAGED_IDENTITY:
            name = MANAGED_IDENTITIES[position - self._directory.identities_at]
            resource = self.first_party("Azure Key Vault" if position % 2 else "Azure Storage")
            return Caller(
                kind, client, NOBODY if failed else resource, code, identity=self.identity(name), protocol="none",
                credential="managedIdentity",
            )  # fmt: skip
        if kind == SERVICE_PRINCIPAL:
            application = self._directory.applications.at(position) or {}
            # The newest credential is the one in use.
            certificates, secrets = application.get("keyCredentials", []), application.get("passwordCredentials", [])
            credential = (certificates or secrets)[-1]
            thumbprint = self._directory.mint.thumbprint(credential["keyId"]) if certificates else ""
            return Caller(
                kind, client, NOBODY if failed else graph, code, protocol="clientCredentials",
                credential="certificate" if certificates else "clientSecret", key_id=credential["keyId"],
                thumbprint=thumbprint,
            )  # fmt: skip
        shape = sketch(position).shape if position < self._directory.size else "web"
        device = PHONE if shape == "mobile" else DEVICES[position % len(DEVICES)]
        interactive = kind == INTERACTIVE
        return Caller(
            kind, client, graph, code, device=device,
            protocol=("saml20" if shape == "saml" else "oAuth2") if interactive else "refreshTokenGrant",
            incoming="primaryRefreshToken" if interactive and position % 3 == 0 else
            "none" if interactive else "refreshToken",
            scopes=() if failed or interactive else ("openid", "profile", "User.Read"),
            strong=code in (50074, 50076),
        )  # fmt: skip

    def identity(self, name: str) -> str:
        """Gives the Azure resource id of a managed identity."""
        subscription = self._directory.mint.guid("subscription")
        group = f"/subscriptions/{subscription}/resourcegroups/rg-shop/providers"
        return f"{group}/Microsoft.ManagedIdentity/userAssignedIdentities/{name}"


def live_tracks(speed: float, starts: int, digest: Callable[[int, int], bytes]) -> list[LiveTrack]:
    """Makes the tracks of what comes while the story goes on; none at a pace of 0."""
    if speed == 0:
        return []
    made: list[LiveTrack] = []
    for kind, share in _LIVE_SHARES.items():
        spacing = ROW_EVERY / share / speed
        made.append(LiveTrack(kind, False, spacing, starts, digest))
        made.append(LiveTrack(kind, True, spacing * _LATE_EVERY, starts, digest))
    return made


def shares(total: int, failed_share: float, machines_fail: bool) -> list[tuple[str, bool, int]]:
    """Splits the bulk into tracks: kind, failed, number of rows.

    In the story a failing machine is always a story of its own; a whole company has machines that fail for good.
    """
    split: list[tuple[str, bool, int]] = []
    for kind, part in zip(KINDS, (0.28, 0.34, 0.30, 0.08), strict=True):
        rows = int(total * part)
        weight = {INTERACTIVE: 1.9, NON_INTERACTIVE: 0.6, SERVICE_PRINCIPAL: 0.9, MANAGED_IDENTITY: 0.05}[kind]
        if kind in (SERVICE_PRINCIPAL, MANAGED_IDENTITY) and not machines_fail:
            weight = 0
        failed = min(rows, int(rows * failed_share * weight))
        split += [(kind, False, rows - failed), (kind, True, failed)]
    return split

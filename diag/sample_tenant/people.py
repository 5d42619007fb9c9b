"""The people, places and devices of the company."""

from typing import NamedTuple

from diag.sample_tenant.minting import Mint

DOMAIN = "contoso-sample.example"
PARTNER_DOMAIN = "fabrikam.example"

FIRST = (
    "Amara", "Bruno", "Chiara", "Dmitri", "Elif", "Farid", "Greta", "Hugo", "Ines", "Jonas", "Keiko", "Liam", "Maren",
    "Nadia", "Oskar", "Priya", "Quentin", "Rosa", "Samir", "Tuula", "Ulrich", "Vera", "Wanda", "Yusuf", "Zoe",
)  # fmt: skip
LAST = (
    "Okafor", "Silva", "Bianchi", "Petrov", "Demir", "Haddad", "Lindholm", "Moreau", "Costa", "Weber", "Tanaka",
    "Walsh", "Jansen", "Rahman", "Nyberg", "Sharma", "Dubois", "Garcia", "Aziz", "Virtanen", "Fischer", "Novak",
    "Kowalska", "Kaya", "Martin",
)  # fmt: skip


class Place(NamedTuple):
    """Where a request came from; addresses are from the ranges reserved for documentation."""

    ip: str
    city: str
    state: str
    country: str
    network: int
    """Autonomous system number."""


class Person(NamedTuple):
    """A user as the sign-in log names one."""

    object_id: str
    name: str
    upn: str
    home_tenant: str
    kind: str = "member"


class Device(NamedTuple):
    """What a user signed in with."""

    system: str
    browser: str
    agent: str


PLACES = (
    Place("203.0.113.10", "Hamburg", "Hamburg", "DE", 64500),
    Place("203.0.113.24", "Rotterdam", "Zuid-Holland", "NL", 64500),
    Place("203.0.113.57", "Porto", "Porto", "PT", 64501),
    Place("198.51.100.7", "Leeds", "England", "GB", 64502),
    Place("198.51.100.91", "Gdansk", "Pomorskie", "PL", 64502),
    Place("192.0.2.44", "Lyon", "Rhone", "FR", 64503),
)
DATACENTRE = Place("192.0.2.130", "Amsterdam", "Noord-Holland", "NL", 64510)
BUILD_FARM = Place("198.51.100.200", "Dublin", "Dublin", "IE", 64511)
ABROAD = Place("192.0.2.201", "Singapore", "Central Singapore", "SG", 64520)

_EDGE = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0"
)
_SAFARI = (
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.5 Safari/605.1.15"
)
DEVICES = (
    Device("Windows10", "Edge 142.0.0", _EDGE),
    Device("MacOs", "Safari 18.5", _SAFARI),
    Device("Windows10", "Chrome 142.0.0", _EDGE.rsplit(" ", 1)[0]),
)
PHONE = Device("Android", "Chrome Mobile 141.0.0", "Dalvik/2.1.0 (Linux; U; Android 16; Pixel 9)")
HEADLESS = Device("", "", "")


class Crowd:
    """The company's users, made on demand from their number."""

    def __init__(self, mint: Mint, tenant_id: str, size: int) -> None:
        self._mint = mint
        self.tenant_id = tenant_id
        self.size = size
        self._made: dict[int, Person] = {}

    def person(self, number: int) -> Person:
        """Gives the user of a number; the first 25 have a name of their own."""
        number %= self.size
        found = self._made.get(number)
        if found is None:
            first = FIRST[number % len(FIRST)]
            last = LAST[(number + number // len(FIRST)) % len(LAST)]
            again = number // (len(FIRST) * len(LAST))
            upn = f"{first}.{last}{again or ''}@{DOMAIN}".lower()
            found = Person(self._mint.guid("user", number), f"{first} {last}", upn, self.tenant_id)
            self._made[number] = found
        return found

    def partner(self, number: int) -> Person:
        """Gives somebody of the partner company, whose account lives in its own tenant."""
        first, last = FIRST[(number * 7 + 3) % len(FIRST)], LAST[(number * 5 + 11) % len(LAST)]
        upn = f"{first}.{last}@{PARTNER_DOMAIN}".lower()
        home = self._mint.guid("tenant", PARTNER_DOMAIN)
        return Person(self._mint.guid("partner", number), f"{first} {last}", upn, home, "guest")

"""What stands around every page: where one is, whose data it is, and what still hinders it."""

from collections.abc import Mapping

from msgspec import Struct

from diag.render.times import Moment


class NavItem(Struct, frozen=True):
    id: str
    label: str
    href: str
    icon: str


NAVIGATION: tuple[NavItem, ...] = (
    NavItem("overview", "Overview", "/", "home"),
    NavItem("incidents", "Incidents", "/incidents", "pulse"),
    NavItem("applications", "Applications", "/applications", "grid"),
    NavItem("credentials", "Credentials", "/credentials", "key"),
    NavItem("lookup", "Look up", "/look-up", "search"),
    NavItem("codes", "Codes", "/codes", "book"),
    NavItem("flows", "Flows", "/flows", "route"),
    NavItem("alerts", "Alerts", "/alerts", "bell"),
    NavItem("status", "Status", "/status", "gauge"),
)


class Link(Struct, frozen=True):
    label: str
    href: str
    current: bool = False


class Chrome(Struct, frozen=True, kw_only=True):
    """Given to every template as ``chrome``."""

    sample: bool
    """The page speaks of the built-in sample tenant."""
    starting: str
    """What start-up is still doing; empty once it is done."""
    problem: str = ""
    problem_hint: str = ""
    section: str
    """The navigation item that is lit; empty for none."""
    now: Moment
    version: str
    tenants: tuple[Link, ...] = ()
    """The same page for all tenants and for each; empty where one is watched, or the page is not a list of theirs."""
    tenant_names: Mapping[str, str] = {}
    """How to call each tenant; empty while one is watched, since nothing has to be told apart then."""
    navigation: tuple[NavItem, ...] = NAVIGATION


class Listing(Struct, frozen=True, kw_only=True):
    """What every list page has below its rows."""

    older: str = ""
    """Address of the next rows; empty at the end."""
    newest: str = ""
    """Address of the first rows, when these are not they."""
    json: str
    csv: str
    filtered: bool = False
    """A filter is set, so an empty list proves little."""

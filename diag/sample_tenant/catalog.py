"""What the company has registered: sixty applications with a name and a purpose, and as many more as asked for.

Ends of credentials are in days from the start of the story; a fraction gives the hour.
"""

from typing import NamedTuple


class Key(NamedTuple):
    """One client secret or certificate of an application."""

    kind: str
    """`secret` or `certificate`."""
    label: str | None
    starts: float
    ends: float
    """Days from the start of the story; 99999 stands for the end that means never."""


class Sketch(NamedTuple):
    """An application in outline."""

    name: str
    shape: str
    """web, spa, mobile, cli, daemon, api, pipeline or saml."""
    owner: int
    """Number of the user who owns it; -1 for nobody."""
    note: str | None = None
    keys: tuple[Key, ...] = ()


NEVER = 99999.0
READER = "Sign-in Diagnosis"
"""The application whose credential is given out: the one that may read."""


def _secret(label: str | None, starts: float, ends: float) -> Key:
    return Key("secret", label, starts, ends)


def _certificate(label: str, starts: float, ends: float) -> Key:
    return Key("certificate", label, starts, ends)


# The applications of the stories come first, so that a smaller company keeps them.
STORY = (
    Sketch("Warehouse Portal", "web", 1, "Stock and picking lists. Team: Logistics IT.", (_secret("web", -80, 285.2),)),
    Sketch("Nightly Invoice Export", "daemon", 2, "Runs at night on FIN-BATCH01 and FIN-BATCH02.",
           (_secret("invoice-export", -365.4, -0.375),)),
    Sketch("Payroll Sync", "daemon", 3, "Moves payroll results to the archive. Rotated by hand.",
           (_secret("payroll 2027", -1.15, 363.85),)),
    Sketch("Expense Reports", "web", 4, "Bought frame, own front end.", (_secret("prod", -120, 245.6),)),
    Sketch("Fleet Telemetry Collector", "daemon", 5, None, (_secret("collector", -40, 140.1),)),
    Sketch("Website Deploy Pipeline", "pipeline", 6, "GitHub Actions, repository contoso-sample/website."),
    Sketch("Partner Extranet", "web", 7, "For people of Fabrikam and other partners.", (_secret("iis", -200, 165.3),)),
    Sketch("Finance Dashboard", "spa", 8, None),
    Sketch("Travel Booking", "saml", 9, "Sign-on to the travel agency by SAML."),
    Sketch("HR Self Service", "web", 3, None, (_secret("hr-web", -20, 345.7),)),
    Sketch("Document Archive Connector", "daemon", 10, "Certificate is on ARCHIVE03.",
           (_certificate("CN=archive-connector", -2.2, 362.8),)),
    Sketch("Sales Mobile", "mobile", 11, None),
    Sketch("Customer Newsletter", "daemon", 12, None, (_secret("mailing", -305, 60.3),)),
    Sketch("Stock Level API", "api", 1, None, (_secret("downstream", -150, 30.3),)),
    Sketch("Badge Printer Service", "daemon", 13, None, (_secret("printer", -166, 14.3),)),
    Sketch("Meeting Room Display", "daemon", 13, "One key for all displays.", (_certificate("CN=rooms", -358, 7.3),)),
    Sketch("Supplier Onboarding", "web", 14, None, (_secret(None, -177, 3.3),)),
    Sketch("Shift Planner", "web", 15, None, (_secret("planner-prod", -364, 1.3),)),
    Sketch("Parcel Tracking Webhook", "daemon", 1, None, (_secret("webhook", -90, 0.21),)),
    Sketch("Data Lake Loader", "daemon", 16, None,
           (_secret("2024", -760, -30.5), _secret("2025", -395, -32), _certificate("CN=lake-loader", -29.5, 336.5))),
    Sketch("Legacy Scanner Gateway", "daemon", 17, "Old scanners cannot rotate.", (_secret("forever", -1500, NEVER),)),
    Sketch("Prototype Chat", "web", 18, "Hackathon.", (_secret("try", -170, 10.4),)),
    Sketch("Intranet via Application Proxy", "web", 19, None, (_secret("CWAP_AuthSecret", -340, 25.2),)),
    Sketch("ConnectSyncProvisioning_AADC01_8f2c41d7a6b0", "daemon", -1, None,
           (_certificate("CN=ConnectSyncProvisioning_AADC01_8f2c41d7a6b0", -70, 20.1),)),
    Sketch("Field Survey", "web", -1, None, (_secret("survey", -45, 135.4),)),
    Sketch("Store Locator", "spa", 20, None, (_secret("left over", -500, 230.4),)),
    Sketch(READER, "daemon", 0, "Reads sign-ins and registrations to explain failures.",
           (_secret("reader", -31, 149.3),)),
)  # fmt: skip

ORDINARY = (
    ("Orders API", "api"), ("Orders Web Shop", "web"), ("Price Calculator", "api"), ("Quality Lab Reports", "web"),
    ("Kiosk Check-in", "spa"), ("Learning Portal", "web"), ("Works Council Voting", "web"), ("Canteen Menu", "spa"),
    ("Tool Crib Inventory", "web"), ("Crane Scheduling", "web"), ("Customs Declarations", "daemon"),
    ("Freight Quote Engine", "api"), ("Dangerous Goods Register", "web"), ("Packaging Designer", "spa"),
    ("Energy Metering", "daemon"), ("Building Access Logs", "daemon"), ("Contract Repository", "web"),
    ("Tender Radar", "daemon"), ("Service Desk Bot", "daemon"), ("Backup Monitor", "daemon"), ("Admin CLI", "cli"),
    ("Forecast Notebook", "cli"), ("Driver App", "mobile"), ("Inspection App", "mobile"),
    ("Sensor Ingest", "daemon"), ("Route Optimiser", "api"), ("Complaints Desk", "web"), ("Press Room", "web"),
    ("Spare Parts Catalogue", "spa"),
    ("Machine Manuals", "spa"), ("Recruiting Hub", "web"), ("Onboarding Checklist", "web"),
    ("Ledger Archive", "daemon"), ("Carbon Report", "daemon"),
)  # fmt: skip

_TEAMS = ("North", "South", "East", "West", "Central", "Plant 2", "Plant 3", "Test", "Staging", "Labs")

VENDORS = (
    ("Slatewhite Helpdesk", "slatewhite.example"), ("Tessel Signatures", "tessel.example"),
    ("Harrow Learning", "harrow.example"), ("Pinecone Surveys", "pinecone-surveys.example"),
    ("Orbit Expenses Viewer", "orbit.example"), ("Lumen Diagrams", "lumen.example"),
    ("Keel Project Rooms", "keel.example"), ("Marlow Backup", "marlow.example"),
    ("Tidewater Analytics", "tidewater.example"), ("Brightline Calls", "brightline.example"),
)  # fmt: skip

MICROSOFT_TENANT = "f8cdef31-a31e-4b4a-93e4-5f571e91255a"

# Public identifiers of Microsoft's own applications, the same in every tenant.
FIRST_PARTY = (
    ("Microsoft Graph", "00000003-0000-0000-c000-000000000000"),
    ("Office 365 SharePoint Online", "00000003-0000-0ff1-ce00-000000000000"),
    ("Office 365 Exchange Online", "00000002-0000-0ff1-ce00-000000000000"),
    ("Windows Azure Service Management API", "797f4846-ba00-4fd7-ba43-dac1f8f63013"),
    ("Azure Portal", "c44b4083-3bb0-49c1-b47d-974e53cbdf3c"),
    ("Microsoft Teams", "1fec8e78-bce4-4aaf-ab1b-5451cc387264"),
    ("Azure Key Vault", "cfa8b339-82a2-471a-a3c9-0fc0be7a4093"),
    ("Azure Storage", "e406a681-f3d4-42a8-90b6-c2b029497af1"),
)

MANAGED_IDENTITIES = ("mi-orders-processor", "func-price-refresh", "vm-build-agent-01", "aks-shop-kubelet")

STORY_SIZE = len(STORY)
NAMED = STORY_SIZE + len(ORDINARY)


def sketch(number: int) -> Sketch:
    """Gives the outline of the application of a number, from 0."""
    if number < STORY_SIZE:
        return STORY[number]
    name, shape = ORDINARY[(number - STORY_SIZE) % len(ORDINARY)]
    if number >= NAMED:
        again = (number - NAMED) // len(ORDINARY)
        name = f"{name} {_TEAMS[again % len(_TEAMS)]}{f' {again // len(_TEAMS) + 1}' if again >= len(_TEAMS) else ''}"
    keys: tuple[Key, ...] = ()
    # Filler credentials began before the log does and end well after, spread over one to two years.
    began = -float(40 + number * 37 % 260)
    if shape in ("web", "api") or (shape == "daemon" and number % 3):
        keys = (_secret(f"key{number % 4 + 1}", began, began + 365 + 0.4),)
    elif shape == "daemon":
        keys = (_certificate(f"CN={name.lower().replace(' ', '-')}", began, began + 730.4),)
    owner = -1 if number % 29 == 11 else number
    return Sketch(name, shape, owner, None, keys)


def vendor(number: int) -> tuple[str, str]:
    """Gives name and domain of the vendor application of a number, from 0."""
    name, domain = VENDORS[number % len(VENDORS)]
    again = number // len(VENDORS)
    return (f"{name} {again + 1}", domain) if again else (name, domain)

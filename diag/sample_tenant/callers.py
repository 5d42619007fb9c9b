"""Who signs in to what, how, and with which result: everything of a sign-in row but its instant and its ids."""

from typing import NamedTuple

from diag.sample_tenant.people import DATACENTRE, HEADLESS, Device, Person, Place

INTERACTIVE = "interactiveUser"
NON_INTERACTIVE = "nonInteractiveUser"
SERVICE_PRINCIPAL = "servicePrincipal"
MANAGED_IDENTITY = "managedIdentity"
KINDS = (INTERACTIVE, NON_INTERACTIVE, SERVICE_PRINCIPAL, MANAGED_IDENTITY)


class Party(NamedTuple):
    """A client or a resource as the log names it."""

    app_id: str
    name: str
    principal_id: str
    """Object id of its service principal; empty when there is none."""
    tenant_id: str
    """Home tenant; empty when the party was not resolved."""


NOBODY = Party("", "", "", "")


class PolicyResult(NamedTuple):
    """What became of one Conditional Access policy in one sign-in."""

    policy_id: str
    name: str
    result: str
    controls: tuple[str, ...] = ()
    satisfied: str = "none"
    not_satisfied: str = "none"


class Caller(NamedTuple):
    """A sign-in without its instant. `person` and `place` vary row by row in the bulk of the log."""

    kind: str
    client: Party
    resource: Party
    error: int
    person: Person | None = None
    place: Place = DATACENTRE
    device: Device = HEADLESS
    protocol: str = "none"
    incoming: str = "none"
    credential: str = "none"
    key_id: str = ""
    thumbprint: str = ""
    federated_id: str = ""
    identity: str = ""
    """Azure resource id behind a managed identity."""
    policies: tuple[PolicyResult, ...] = ()
    scopes: tuple[str, ...] = ()
    strong: bool = False
    """Whether multi-factor authentication was asked for."""


# What the log prints about a code: reason, further details. The words are the sample tenant's own.
REASONS: dict[int, tuple[str, str | None]] = {
    0: ("Other.", None),
    16000: ("Several accounts are signed in and one has to be chosen.", None),
    50011: ("The redirect URI of the request is not among those of the application.", None),
    50020: ("The account of another identity provider does not exist in this tenant.", None),
    50053: ("The account is locked after repeated sign-ins with wrong credentials.", None),
    50055: ("The password has expired.", None),
    50058: ("A silent sign-in was asked for, but nobody is signed in.", None),
    50074: ("Strong authentication is required.", "The user did not complete the MFA prompt."),
    50076: ("Multi-factor authentication is required.", None),
    50105: ("The user is not assigned to a role of the application.", None),
    50126: ("Invalid user name or password.", None),
    50140: ("The user was asked whether to stay signed in.", None),
    53003: ("Blocked by Conditional Access.", None),
    65001: ("The user or an administrator has not consented to the application.", None),
    500011: ("The resource principal was not found in the tenant.", None),
    700016: ("The application was not found in the tenant.", None),
    700027: ("The client assertion's signature could not be validated.", None),
    700082: ("The refresh token has expired because it was not used.", None),
    700213: ("No federated identity record matches the presented assertion's subject.", None),
    7000112: ("The application is disabled.", None),
    7000215: ("Invalid client secret.", None),
    7000222: ("The client secret has expired.", None),
}
INTERRUPTS = (50140, 50055, 50074, 50076, 16000, 50058)

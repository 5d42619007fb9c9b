"""Questions about whom a client assertion is addressed to, against the endpoint it was sent to."""

import re

from diag.core.facts import Facts
from diag.core.identifiers import is_guid
from diag.core.predicate import NoArgs, predicate
from diag.core.predicates.client import authority_kind
from diag.core.read import Found, Missing, Unread
from diag.core.verdict import No, Unknown, Verdict, Yes, lacking, observed

_AUDIENCE = "failure.assertion_audience"
_LOGIN = re.compile(
    r"https://(?:login\.(?:microsoftonline\.(?:com|us)|partner\.microsoftonline\.cn|windows\.net|microsoft\.com|"
    r"chinacloudapi\.cn)|sts\.windows\.net|[a-z0-9]{2,40}\.login\.microsoft\.com)/(?P<tenant>[\w.-]{1,255})"
    r"(?:/(?:oauth2/(?:v2\.0/)?token|v2\.0)?)?",
    re.IGNORECASE,
)
"""Addresses that name an endpoint or issuer of one tenant: what an assertion may be addressed to."""


@predicate(
    "assertion.is_addressed_elsewhere",
    needs=(_AUDIENCE, "failure.authority_tenant"),
    gives={"audience": "another audience", "authority": "the tenant that is called"},
)
def is_addressed_elsewhere(facts: Facts, _: NoArgs) -> Verdict:
    """The assertion's audience is no sign-in endpoint at all, or that of another tenant than the one called."""
    read, authority = facts.failure.assertion_audience, facts.failure.authority_tenant
    if isinstance(read, Unread):
        return lacking(_AUDIENCE, read)
    if isinstance(read, Missing):
        return Yes((observed("The assertion names no audience.", _AUDIENCE, read),))
    audience, gives = read.value, {"audience": f"“{read.value}”"}
    address = _LOGIN.fullmatch(audience.strip())
    if address is None:
        said = f"The assertion's audience, “{audience}”, is no address of Entra ID's token endpoint."
        return Yes((observed(said, _AUDIENCE, read),), gives)
    if not isinstance(authority, Found):
        needs = lacking("failure.authority_tenant", authority if isinstance(authority, Unread) else None).needs
        return Unknown(needs, gives=gives)
    named, called = address["tenant"].casefold(), authority.value.strip().casefold()
    gives["authority"] = f"“{authority.value}”"
    said = f"The assertion is addressed to “{named}”, and the request went to the endpoint of “{called}”."
    if named == called:
        return No((observed(said, _AUDIENCE, read),))
    one_is_shared = authority_kind(named) != "tenant" or authority_kind(called) != "tenant"
    if one_is_shared or (is_guid(named) and is_guid(called)):
        return Yes((observed(said, _AUDIENCE, read),), gives)
    # A domain and a GUID, or two domains, may be two names of the same tenant.
    return Unknown(lacking("failure.authority_tenant").needs, (observed(said, _AUDIENCE, read),), gives)

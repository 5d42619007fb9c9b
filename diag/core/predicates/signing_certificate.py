"""Questions about the certificate with which Entra ID signs SAML tokens for an application."""

from diag.core.credentials import instant, instant_words, state_at
from diag.core.facts import Facts
from diag.core.predicate import NoArgs, predicate
from diag.core.predicates.client_secret import day, lack, undated
from diag.core.read import Found, Missing, Unread
from diag.core.registration import Certificate
from diag.core.verdict import No, Verdict, Yes, lacking, observed

_CERTIFICATES, _CHOSEN = "service_principal.certificates", "service_principal.preferred_signing_thumbprint"


@predicate(
    "signing_certificate.is_usable",
    needs=(_CERTIFICATES, _CHOSEN, "failure.observed_at"),
    gives={"signing_certificate": "the signing certificate"},
)
def is_usable(facts: Facts, _: NoArgs) -> Verdict:
    """The enterprise application has a SAML signing certificate that was valid at the failure, and it is the chosen one
    where one is chosen."""
    read = facts.service_principal.certificates
    if isinstance(facts.service_principal.exists, Missing):
        return lacking(_CERTIFICATES, Unread("the tenant has no service principal of the application"))
    if isinstance(read, Unread):
        return lack(_CERTIFICATES, read)
    signing = [item for item in read.value if item.usage == "Sign"] if isinstance(read, Found) else []
    complete = read.complete if isinstance(read, Found) else True
    if not signing:
        if not complete:
            return lacking(_CERTIFICATES, Unread("the list of certificates was cut short"))
        return No((observed("The enterprise application holds no signing certificate.", _CERTIFICATES, read),))
    at = instant(facts)
    if not isinstance(at, Found):
        return undated(at)
    chosen = facts.service_principal.preferred_signing_thumbprint
    if isinstance(chosen, Found):
        named = [item for item in signing if _is(item, chosen)]
        if not named and complete and all(item.thumbprint for item in signing):
            said = f"The chosen signing certificate, {chosen.value}, is none of those the enterprise application holds."
            return No((observed(said, _CHOSEN, chosen),))
        signing = named or signing
    live = [item for item in signing if state_at(item, at.value) == "live"]
    if live:
        said = f"Signing certificate {_name(live[0])} is valid until {day(live[0].ends)}."
        return Yes((observed(said, _CERTIFICATES, read),), {"signing_certificate": _name(live[0])})
    if not complete:
        return lacking(_CERTIFICATES, Unread("the list of certificates was cut short"))
    ends = ", ".join(f"{_name(item)} from {day(item.starts)} until {day(item.ends)}" for item in signing[:3])
    return No((observed(f"No signing certificate was valid {instant_words(facts)}: {ends}.", _CERTIFICATES, read),))


def _is(certificate: Certificate, chosen: Found[str]) -> bool:
    return certificate.thumbprint.casefold() == chosen.value.casefold()


def _name(certificate: Certificate) -> str:
    return certificate.thumbprint or str(certificate.key_id)

"""Questions about who issued the assertion that is presented: Entra ID itself, AD FS, or a provider nobody trusts."""

import re
from typing import Literal

from msgspec import Struct

from diag.core.facts import Facts
from diag.core.predicate import NoArgs, predicate
from diag.core.read import Found, Missing, Read, Unread
from diag.core.verdict import No, Unknown, Verdict, Yes, lacking, observed

Shape = Literal["entra", "adfs", "user_name", "cluster_default"]

_ISSUER, _TRUSTED = "failure.assertion_issuer", "domain.issuer_uri"
_GIVES = {"issuer": "an issuer of its own"}
_SHAPES: dict[Shape, tuple[re.Pattern[str], str]] = {
    "entra": (
        re.compile(
            r"https?://(?:sts\.windows\.net|sts\.chinacloudapi\.cn|login\.windows\.net|"
            r"login\.microsoftonline\.(?:com|us)|login\.partner\.microsoftonline\.cn|[a-z0-9-]{1,63}\.ciamlogin\.com)"
            r"(?:/|\Z)"
        ),
        "Entra ID itself",
    ),
    "adfs": (re.compile(r"https?://[^/]{1,253}/adfs/services/trust/?\Z"), "an AD FS farm"),
    "cluster_default": (
        re.compile(r"(?:https?://)?kubernetes(?:\.default(?:\.svc(?:\.[a-z0-9.-]{1,253})?)?)?(?::\d{1,5})?(?:/|\Z)"),
        "the internal default of a Kubernetes cluster",
    ),
    "user_name": (re.compile(r"[^\s/:@]{1,64}@[^\s/:@]{1,253}\Z"), "the name of a user, not an issuer"),
}


class ShapeArgs(Struct, frozen=True, forbid_unknown_fields=True):
    shapes: tuple[Shape, ...]


@predicate("assertion_issuer.looks_like", needs=(_ISSUER,), gives=_GIVES, args=ShapeArgs)
def looks_like(facts: Facts, args: ShapeArgs) -> Verdict:
    """The issuer of the presented assertion has one of ``shapes``: Entra ID's own, AD FS's, a user's name, or the
    internal default of a Kubernetes cluster."""
    read = _told(facts)
    if not isinstance(read, Found):
        return lacking(_ISSUER, read if isinstance(read, Unread) else None)
    shape = next((name for name, (form, _) in _SHAPES.items() if form.match(read.value.strip().casefold())), None)
    what = f"it is {_SHAPES[shape][1]}" if shape else "an issuer of another kind"
    seen = (observed(f"The assertion names the issuer “{read.value}”: {what}.", _ISSUER, read),)
    return Yes(seen, {"issuer": f"“{read.value}”"}) if shape in args.shapes else No(seen)


@predicate(
    "assertion_issuer.is_trusted",
    needs=(_ISSUER, _TRUSTED),
    gives=_GIVES | {"trusted_issuer": "another issuer"},
)
def is_trusted(facts: Facts, _: NoArgs) -> Verdict:
    """The federation settings of the user's domain hold exactly this issuer; a managed domain trusts none."""
    kind, trusted, sent = facts.domain.authentication_type, facts.domain.issuer_uri, _told(facts)
    gives = {"issuer": f"“{sent.value}”"} if isinstance(sent, Found) else {}
    if isinstance(facts.domain.exists, Missing):
        return No((observed("The tenant has no such domain.", "domain", facts.domain.exists),))
    if isinstance(kind, Found) and kind.value.casefold() == "managed":
        said = "The domain is managed: no outside identity provider is set up for it."
        return No((observed(said, "domain.authentication_type", kind),))
    match trusted:
        case Missing():
            return No((observed("The domain's federation settings name no issuer.", _TRUSTED, trusted),))
        case Unread():
            return Unknown(lacking(_TRUSTED, trusted).needs, (), gives)
        case Found(value=value):
            gives["trusted_issuer"] = f"“{value}”"
            if not isinstance(sent, Found):
                return Unknown(lacking(_ISSUER, sent if isinstance(sent, Unread) else None).needs, (), gives)
            said = f"The domain's federation settings hold the issuer “{value}”, the assertion names “{sent.value}”."
            seen = (observed(said, _TRUSTED, trusted),)
            return Yes(seen, gives) if value == sent.value else No(seen)


def _told(facts: Facts) -> Read[str]:
    """The issuer, unless a log masked it."""
    read = facts.failure.assertion_issuer
    return Unread("the issuer is masked") if isinstance(read, Found) and not read.value.strip("*• ") else read

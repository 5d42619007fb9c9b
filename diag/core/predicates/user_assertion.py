"""Questions about the user's token that an API passes on (on-behalf-of): is it meant for that API?"""

from diag.core.facts import Facts
from diag.core.permissions import app_id_in, is_guid, known_api, plain_name, shown_api
from diag.core.predicate import NoArgs, predicate
from diag.core.read import Found, Missing, Read, Unread
from diag.core.verdict import Evidence, No, Unknown, Verdict, Yes, lacking, observed

_SENT, _CLAIM = "failure.assertion_audience", "token.audience"
_EXPECTED, _URIS, _CLIENT = "failure.expected_audience", "application.identifier_uris", "failure.app_id"
_GIVES = {"audience": "another application", "expected": "its own names"}
_SPELLINGS = {"audience": "spelt one way", "expected": "spelt another way"}


@predicate("user_assertion.is_for_other_application", needs=(_SENT, _CLAIM, _EXPECTED, _URIS, _CLIENT), gives=_GIVES)
def is_for_other_application(facts: Facts, _: NoArgs) -> Verdict:
    """The token that was passed as assertion is meant for another application than the one that passes it on; letter
    case does not count here."""
    fact, sent = _audience(facts)
    if not isinstance(sent, Found):
        return lacking(_SENT, sent if isinstance(sent, Unread) else None)
    gives = _gives(facts, sent.value)
    audience, names = plain_name(sent.value), {plain_name(name) for name in _own_names(facts)}
    seen = (_seen(fact, sent),)
    if audience in names:
        return No(seen)
    client = _client(facts)
    if known_api(audience) is not None and client not in (None, audience):
        said = observed(f"The assertion is a token for {shown_api(sent.value)}.", fact, sent)
        return Yes((said,), gives)
    if client is None:
        return Unknown(lacking(_CLIENT).needs, seen, gives)
    if is_guid(audience) or _lists_every_uri(facts):
        return Yes((*seen, _seen_client(facts)), gives)
    if app_id_in(sent.value) not in (None, client):
        return Yes((*seen, _seen_client(facts)), gives)
    uris = facts.application.identifier_uris
    return Unknown(lacking(_URIS, uris if isinstance(uris, Unread) else None).needs, seen, gives)


@predicate("user_assertion.differs_only_in_case", needs=(_SENT, _CLAIM, _EXPECTED, _URIS), gives=_SPELLINGS)
def differs_only_in_case(facts: Facts, _: NoArgs) -> Verdict:
    """The assertion's audience and an App ID URI of the API that passes it on differ in upper and lower case alone."""
    fact, sent = _audience(facts)
    if not isinstance(sent, Found):
        return lacking(_SENT, sent if isinstance(sent, Unread) else None)
    audience, names = sent.value.strip().rstrip("/"), [name.strip().rstrip("/") for name in _own_names(facts)]
    seen = (_seen(fact, sent),)
    if audience in names or is_guid(audience.casefold()):
        return No(seen)
    near = next((name for name in names if name.casefold() == audience.casefold()), None)
    if near is not None:
        said = f"The assertion's audience is “{sent.value}”; the API's App ID URI is “{near}”."
        return Yes((observed(said, fact, sent),), {"audience": f"“{sent.value}”", "expected": f"“{near}”"})
    if _lists_every_uri(facts) or known_api(audience) is not None:
        return No(seen)
    uris = facts.application.identifier_uris
    return Unknown(lacking(_URIS, uris if isinstance(uris, Unread) else None).needs, seen, _gives(facts, sent.value))


def _audience(facts: Facts) -> tuple[str, Read[str]]:
    sent, claim = facts.failure.assertion_audience, facts.token.audience
    return (_CLAIM, claim) if isinstance(claim, Found) and not isinstance(sent, Found) else (_SENT, sent)


def _client(facts: Facts) -> str | None:
    for read in (facts.failure.app_id, facts.application.app_id):
        if isinstance(read, Found) and is_guid(read.value.casefold()):
            return read.value.casefold()
    return None


def _own_names(facts: Facts) -> list[str]:
    """Every name of the API that is known: its application ID, its App ID URIs, the audience the message expects."""
    client, uris, expected = _client(facts), facts.application.identifier_uris, facts.failure.expected_audience
    names = [client] if client is not None else []
    names += uris.value if isinstance(uris, Found) else ()
    return names + ([expected.value] if isinstance(expected, Found) else [])


def _lists_every_uri(facts: Facts) -> bool:
    uris = facts.application.identifier_uris
    return isinstance(uris, Missing) or (isinstance(uris, Found) and uris.complete)


def _gives(facts: Facts, audience: str) -> dict[str, str]:
    expected, client = facts.failure.expected_audience, _client(facts)
    own = expected.value if isinstance(expected, Found) else client
    return {"audience": shown_api(audience)} | ({"expected": f"“{own}”"} if own else {})


def _seen(fact: str, sent: Found[str]) -> Evidence:
    return observed(f"The assertion's audience is “{sent.value}”.", fact, sent)


def _seen_client(facts: Facts) -> Evidence:
    sent, own = facts.failure.app_id, facts.application.app_id
    if isinstance(sent, Found):
        return observed(f"The application that passes it on is “{sent.value}”.", _CLIENT, sent)
    read = own if isinstance(own, Found) else Missing()
    return observed(f"The application that passes it on is “{_client(facts)}”.", "application.app_id", read)

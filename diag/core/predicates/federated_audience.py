"""Questions about the audience of a token that is presented in place of a secret."""

from diag.core.facts import Facts
from diag.core.federation import AUDIENCES
from diag.core.predicate import NoArgs, predicate
from diag.core.read import Found, Unread
from diag.core.registration import FederatedCredential
from diag.core.verdict import No, Unknown, Verdict, Yes, lacking, observed

_CREDENTIALS, _AUDIENCE = "application.federated_credentials", "failure.assertion_audience"
_GIVES = {
    "sent_audience": "one audience",
    "registered_audiences": "another one",
    "cloud": "another cloud",
}
_CLOUDS = {"public": "the public cloud", "usgov": "the US Government cloud", "china": "the cloud in China"}
_BY_AUDIENCE = {audience: _CLOUDS[cloud] for cloud, audience in AUDIENCES.items()}


@predicate("federated_credential.accepts_audience", needs=(_AUDIENCE, _CREDENTIALS), gives=_GIVES)
def accepts_audience(facts: Facts, _: NoArgs) -> Verdict:
    """Some federated credential of the application lists the presented token's audience, letter by letter."""
    sent, read = facts.failure.assertion_audience, facts.application.federated_credentials
    gives = _gives(facts)
    if isinstance(read, Unread):
        return Unknown(lacking(_CREDENTIALS, read).needs, (), gives)
    credentials = read.value if isinstance(read, Found) else ()
    if not credentials and not _is_cut(facts):
        return No((observed("The application has no federated credential.", _CREDENTIALS, read),))
    if not isinstance(sent, Found):
        return Unknown(lacking(_AUDIENCE, sent if isinstance(sent, Unread) else None).needs, (), gives)
    listed = gives.get("registered_audiences", "none")
    if sent.value in _audiences(credentials):
        return Yes((observed(f"A federated credential lists the audience “{sent.value}”.", _CREDENTIALS, read),), gives)
    if _is_cut(facts):
        return Unknown(lacking(_CREDENTIALS, _CUT).needs, (), gives)
    said = f"The token's audience is “{sent.value}”; the application's federated credentials list {listed}."
    return No((observed(said, _CREDENTIALS, read),))


@predicate("federated_credential.expects_other_cloud", needs=(_AUDIENCE, _CREDENTIALS), gives=_GIVES)
def expects_other_cloud(facts: Facts, _: NoArgs) -> Verdict:
    """The token's audience is the usual one of one cloud, and a federated credential lists that of another."""
    sent, read = facts.failure.assertion_audience, facts.application.federated_credentials
    gives = _gives(facts)
    if isinstance(sent, Found) and sent.value not in _BY_AUDIENCE:
        return No((observed(f"The token's audience, “{sent.value}”, is no cloud's usual one.", _AUDIENCE, sent),))
    if isinstance(read, Unread):
        return Unknown(lacking(_CREDENTIALS, read).needs, (), gives)
    credentials = read.value if isinstance(read, Found) else ()
    listed = [audience for audience in _audiences(credentials) if audience in _BY_AUDIENCE]
    if not listed and not _is_cut(facts):
        return No((observed("No federated credential lists the usual audience of a cloud.", _CREDENTIALS, read),))
    if not isinstance(sent, Found):
        return Unknown(lacking(_AUDIENCE, sent if isinstance(sent, Unread) else None).needs, (), gives)
    if sent.value in listed:
        return No((observed(f"A federated credential lists “{sent.value}” itself.", _CREDENTIALS, read),))
    if not listed:
        return Unknown(lacking(_CREDENTIALS, _CUT).needs, (), gives)
    gives["cloud"] = _BY_AUDIENCE[listed[0]]
    said = (
        f"The token's audience “{sent.value}” is that of {_BY_AUDIENCE[sent.value]}, the credential's “{listed[0]}” "
        f"that of {gives['cloud']}."
    )
    return Yes((observed(said, _CREDENTIALS, read),), gives)


@predicate("federated_credential.presents_usual_audience", needs=(_AUDIENCE,), gives={"sent_audience": "its audience"})
def presents_usual_audience(facts: Facts, _: NoArgs) -> Verdict:
    """The presented token's audience is the one that Entra ID recommends in one of its clouds."""
    sent = facts.failure.assertion_audience
    if not isinstance(sent, Found):
        return lacking(_AUDIENCE, sent if isinstance(sent, Unread) else None)
    cloud = _BY_AUDIENCE.get(sent.value)
    if cloud is None:
        said = f"The token's audience, “{sent.value}”, is not the one Entra ID recommends in any cloud."
        return No((observed(said, _AUDIENCE, sent),))
    said = f"The token's audience, “{sent.value}”, is the usual one of {cloud}."
    return Yes((observed(said, _AUDIENCE, sent),), {"sent_audience": f"“{sent.value}”"})


_CUT = Unread("the list of federated credentials was cut short")


def _is_cut(facts: Facts) -> bool:
    read = facts.application.federated_credentials
    return isinstance(read, Found) and not read.complete


def _audiences(credentials: tuple[FederatedCredential, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(audience for item in credentials for audience in item.audiences))


def _gives(facts: Facts) -> dict[str, str]:
    sent, read = facts.failure.assertion_audience, facts.application.federated_credentials
    gives = {"sent_audience": f"“{sent.value}”"} if isinstance(sent, Found) else {}
    listed = _audiences(read.value) if isinstance(read, Found) else ()
    return gives | ({"registered_audiences": ", ".join(f"“{audience}”" for audience in listed)} if listed else {})

"""Questions about the federated credentials a registration holds, whatever any workload presents."""

from collections.abc import Callable

from diag.core.facts import Facts
from diag.core.predicate import NoArgs, predicate
from diag.core.read import Found, Unread
from diag.core.registration import FederatedCredential
from diag.core.verdict import No, Verdict, Yes, lacking, observed

_FACT = "application.federated_credentials"
_GIVES = {"trusts": "a federated credential"}


@predicate("federated_credential.exists", needs=(_FACT,), gives=_GIVES)
def exists(facts: Facts, _: NoArgs) -> Verdict:
    """The application trusts a workload of another platform by a federated credential."""
    return _some(facts, lambda one: True, "The application holds no federated credential.")


@predicate("federated_credential.trusts_pull_requests", needs=(_FACT,), gives=_GIVES)
def trusts_pull_requests(facts: Facts, _: NoArgs) -> Verdict:
    """A federated credential trusts GitHub's runs for pull requests, whose code nobody has approved yet."""
    return _some(facts, _of_pull_request, "No federated credential trusts pull requests.")


@predicate("federated_credential.matches_widely", needs=(_FACT,), gives=_GIVES)
def matches_widely(facts: Facts, _: NoArgs) -> Verdict:
    """A federated credential matches subjects by an expression with a wildcard."""
    return _some(
        facts,
        lambda one: "matches" in one.expression and "*" in one.expression,
        "No federated credential matches by a wildcard.",
    )


def _of_pull_request(one: FederatedCredential) -> bool:
    return one.issuer.rstrip("/") == "https://token.actions.githubusercontent.com" and one.subject.endswith(
        ":pull_request"
    )


def _some(facts: Facts, fits: Callable[[FederatedCredential], bool], none: str) -> Verdict:
    read = facts.application.federated_credentials
    if isinstance(read, Unread):
        return lacking(_FACT, read)
    fitting = [one for one in read.value if fits(one)] if isinstance(read, Found) else []
    if fitting:
        shown = "; ".join(
            f"“{one.name}” trusts “{one.subject or one.expression}” of {one.issuer}" for one in fitting[:5]
        )
        return Yes((observed(f"Registered: {shown}.", _FACT, read),), {"trusts": shown})
    if isinstance(read, Found) and not read.complete:
        return lacking(_FACT, Unread("the list of federated credentials was cut short"))
    return No((observed(none, _FACT, read),))

"""Questions about federated credentials: does one match the presented token, and if not, by what does it miss."""

from datetime import timedelta
from typing import Literal

from msgspec import Struct

from diag.core.facts import Facts
from diag.core.federation import (
    CI_SYSTEMS,
    Comparison,
    Difference,
    Presented,
    is_customised,
    nearest,
    parsed,
    system_of,
)
from diag.core.predicate import NoArgs, predicate
from diag.core.predicates.client_secret import day, lack, undated
from diag.core.read import Found, Missing, Read, Unread
from diag.core.registration import FederatedCredential
from diag.core.verdict import Evidence, Need, No, Unknown, Verdict, Yes, lacking, observed

_CREDENTIALS = "application.federated_credentials"
_ISSUER, _SUBJECT = "failure.assertion_issuer", "failure.assertion_subject"
_GIVES = {
    "sent_issuer": "the issuer of the token",
    "sent_subject": "the subject of the token",
    "registered_issuer": "the registered issuer",
    "registered_subject": "the registered subject",
    "credential": "the federated credential",
    "audience": "api://AzureADTokenExchange",
    # The same values as sentences show them; those above are for remedies.
    "shown_issuer": "another issuer",
    "shown_subject": "another subject",
    "kept_issuer": "the registered issuer",
    "kept_subject": "another one",
}
_BY_ISSUER: frozenset[Difference] = frozenset({"issuer_slash", "issuer_case", "issuer_cluster_default"})
_FAR: frozenset[Difference] = frozenset({"subject", "issuer"})

_SAID: dict[Difference, str] = {
    "nothing": "agrees with the token in everything that is known",
    "issuer_slash": "differs from the token only in a slash at the end of the issuer",
    "issuer_case": "differs from the token only in the letter case of the issuer",
    "audience": "differs from the token only in the audience",
    "subject_case": "differs from the token's subject only in letter case",
    "immutable_form": "differs from the token's subject only in the numeric IDs that GitHub's immutable form carries",
    "run_phase": "differs from the token's subject only in the run phase",
    "entity_name": "names the same repository and kind of reference, and another branch, tag or environment",
    "entity_type": "names the same repository and another kind of reference (branch, tag, environment, pull request)",
    "service_account": "names another namespace or service account of the same cluster",
    "template": "has the subject in another template than the token",
    "repository": "names another owner or repository with the same reference",
    "issuer_cluster_default": "trusts a public issuer, while the token's is the cluster's internal default",
    "issuer_moved": "has the same subject and another issuer of the same system",
    "subject": "has another subject altogether",
    "issuer": "trusts another issuer",
}


class DiffersArgs(Struct, frozen=True, forbid_unknown_fields=True):
    part: Difference


class FormArgs(Struct, frozen=True, forbid_unknown_fields=True):
    form: Literal["github_immutable", "github_customised", "github_reference", "service_account", "run_phase"]


class SystemArgs(Struct, frozen=True, forbid_unknown_fields=True):
    system: Literal["kubernetes", "ci"]


class WithinMinutes(Struct, frozen=True, forbid_unknown_fields=True):
    minutes: int


@predicate("federated_credential.differs_in", needs=(_ISSUER, _SUBJECT, _CREDENTIALS), gives=_GIVES, args=DiffersArgs)
def differs_in(facts: Facts, args: DiffersArgs) -> Verdict:
    """Of the registered federated credentials, the one nearest to the presented token misses it only by ``part``."""
    sent = _presented(facts)
    gives = _sent(sent)
    read = facts.application.federated_credentials
    if isinstance(read, Unread):
        lacks = _unknown_part(facts, sent, args.part, None)
        return Unknown((*lacks, *lacking(_CREDENTIALS, read).needs), (), gives)
    closest = nearest(sent, read.value if isinstance(read, Found) else ())
    if closest is None:
        if isinstance(read, Found) and not read.complete:
            return Unknown(lacking(_CREDENTIALS, _CUT).needs, (), gives)
        return No((observed("The application has no federated credential.", _CREDENTIALS, read),))
    lacks = _unknown_part(facts, sent, args.part, closest.difference)
    if lacks:
        return Unknown(lacks, (), gives)
    gives |= _kept(closest.credential, sent)
    seen = (_evidence(closest, sent, read),)
    # Only an exact match is nearer than a slash or letter case of the issuer, and that would not have failed.
    if isinstance(read, Found) and not read.complete and closest.difference not in ("issuer_slash", "issuer_case"):
        return Unknown(lacking(_CREDENTIALS, _CUT).needs, seen if closest.difference == args.part else (), gives)
    return Yes(seen, gives) if closest.difference == args.part else No(seen)


@predicate("federated_credential.is_missing_for_token", needs=(_ISSUER, _SUBJECT, _CREDENTIALS), gives=_GIVES)
def is_missing_for_token(facts: Facts, _: NoArgs) -> Verdict:
    """No federated credential of the application is meant for the presented token, or misses it by one part only."""
    sent = _presented(facts)
    gives = _sent(sent)
    read = facts.application.federated_credentials
    if isinstance(read, Unread):
        return Unknown(lacking(_CREDENTIALS, read).needs, (), gives)
    closest = nearest(sent, read.value if isinstance(read, Found) else ())
    cut = isinstance(read, Found) and not read.complete
    if closest is None:
        if cut:
            return Unknown(lacking(_CREDENTIALS, _CUT).needs, (), gives)
        return Yes((observed("The application has no federated credential.", _CREDENTIALS, read),), gives)
    if sent.subject is None and sent.issuer is None:
        return Unknown(lacking(_SUBJECT).needs, (), gives)
    seen = (_evidence(closest, sent, read),)
    if closest.difference not in _FAR:
        return No(seen)
    return Unknown(lacking(_CREDENTIALS, _CUT).needs, (), gives) if cut else Yes(seen, gives)


@predicate("federated_credential.subject_is", needs=(_SUBJECT,), gives={"shown_subject": "its subject"}, args=FormArgs)
def subject_is(facts: Facts, args: FormArgs) -> Verdict:
    """The presented token's subject has the form ``form``."""
    sent = _presented(facts)
    read = facts.failure.assertion_subject
    if sent.subject is None or not isinstance(read, Found):
        return lack(_SUBJECT, read if isinstance(read, Unread) else Unread())
    parts = parsed(sent.subject)
    holds = {
        "github_immutable": parts.is_immutable,
        "github_customised": sent.subject.startswith("repo") and is_customised(sent.subject),
        "github_reference": bool(parts.entity_type) and not parts.is_immutable and not is_customised(sent.subject),
        "service_account": bool(parts.account),
        "run_phase": bool(parts.run_phase),
    }[args.form]
    seen = (observed(f"The token's subject is “{sent.subject}”.", _SUBJECT, read),)
    return Yes(seen, {"shown_subject": f"“{sent.subject}”"}) if holds else No(seen)


@predicate(
    "federated_credential.belongs_to_neighbour",
    needs=(_ISSUER, _SUBJECT, "neighbours"),
    gives={"other_application": "another application"},
)
def belongs_to_neighbour(facts: Facts, _: NoArgs) -> Verdict:
    """Another application of the tenant has a federated credential for exactly this issuer and subject."""
    neighbours = facts.neighbours
    if isinstance(neighbours, Unread):
        return lacking("neighbours", neighbours)
    for item in neighbours.value if isinstance(neighbours, Found) else ():
        if item.holds == "federated_credential":
            name = f"“{item.display_name}” ({item.app_id})"
            statement = f"{name} has a federated credential for this issuer and subject."
            return Yes((observed(statement, "neighbours", neighbours),), {"other_application": name})
    if isinstance(neighbours, Found) and not neighbours.complete:
        return lacking("neighbours", Unread("not every application of the tenant was compared"))
    sent = _presented(facts)
    if sent.subject is None or sent.issuer is None:
        return lacking(_SUBJECT if sent.subject is None else _ISSUER)
    return No((observed("No other application trusts this issuer and subject.", "neighbours", neighbours),))


@predicate(
    "federated_credential.was_changed_within",
    needs=("changes", "failure.observed_at"),
    gives={"changed": "the moment of the change"},
    args=WithinMinutes,
)
def was_changed_within(facts: Facts, args: WithinMinutes) -> Verdict:
    """A federated credential was added or changed in the ``minutes`` minutes before the sign-in failed."""
    changes, at = facts.changes, facts.failure.observed_at
    if isinstance(changes, Unread):
        return lacking("changes", changes)
    if not isinstance(at, Found):
        return undated(at)
    for change in changes.value if isinstance(changes, Found) else ():
        names = [change.activity, *(item.name for item in change.properties)]
        concerns = any("federatedidentitycredential" in name.casefold().replace(" ", "") for name in names)
        if concerns and timedelta() <= at.value - change.at <= timedelta(minutes=args.minutes):
            statement = f"A federated credential was changed at {change.at:%Y-%m-%d %H:%M:%S} UTC, just before."
            return Yes((observed(statement, "changes", changes),), {"changed": f"{change.at:%Y-%m-%d %H:%M:%S} UTC"})
    if isinstance(changes, Found) and not changes.complete:
        return lacking("changes", Unread("the list of changes was cut short"))
    statement = f"No federated credential was changed in the {args.minutes} minutes before {day(at.value)}."
    return No((observed(statement, "changes", changes),))


@predicate(
    "federated_credential.is_presented_by",
    needs=(_ISSUER, _SUBJECT, _CREDENTIALS),
    gives={"sent_issuer": "the token's issuer"},
    args=SystemArgs,
)
def is_presented_by(facts: Facts, args: SystemArgs) -> Verdict:
    """The token comes from a Kubernetes cluster, or from a CI system (GitHub, Azure DevOps, GitLab, Terraform)."""
    sent = _presented(facts)
    system = system_of(sent.issuer, sent.subject)
    if system is not None:
        read: Read[str] = facts.failure.assertion_issuer if sent.issuer is not None else facts.failure.assertion_subject
        holds = system == "kubernetes" if args.system == "kubernetes" else system in CI_SYSTEMS
        shown = sent.issuer if sent.issuer is not None else sent.subject
        fact = _ISSUER if sent.issuer is not None else _SUBJECT
        seen = (observed(f"The token's origin is “{shown}”.", fact, read),) if not isinstance(read, Unread) else ()
        return Yes(seen, _sent(sent)) if holds else No(seen)
    registered = facts.application.federated_credentials
    if isinstance(registered, Unread):
        return lacking(_ISSUER)
    trusted = registered.value if isinstance(registered, Found) else ()
    systems = {system_of(item.issuer, item.subject) for item in trusted}
    if not systems and not (isinstance(registered, Found) and not registered.complete):
        return No((observed("The application has no federated credential.", _CREDENTIALS, registered),))
    if len(systems) == 1 and isinstance(registered, Found) and registered.complete:
        only = next(iter(systems))
        holds = only == "kubernetes" if args.system == "kubernetes" else only in CI_SYSTEMS
        issuers = ", ".join(sorted({f"“{item.issuer}”" for item in registered.value})[:3])
        seen = (observed(f"The application trusts only {issuers}.", _CREDENTIALS, registered),)
        return Yes(seen, {"sent_issuer": registered.value[0].issuer}) if holds else No(seen)
    return lacking(_ISSUER)


_CUT = Unread("the list of federated credentials was cut short")


def _presented(facts: Facts) -> Presented:
    """What the token says; text that a log masked with asterisks says nothing."""

    def told(read: Read[str]) -> str | None:
        return read.value if isinstance(read, Found) and read.value.strip("* ") else None

    failure = facts.failure
    return Presented(told(failure.assertion_issuer), told(failure.assertion_subject), told(failure.assertion_audience))


def _unknown_part(
    facts: Facts, sent: Presented, part: Difference, nearest_known: Difference | None
) -> tuple[Need, ...]:
    """What must be known of the token before ``part`` can be told, given the difference its known parts show."""
    failure = facts.failure
    if part in _BY_ISSUER:
        return lacking(_ISSUER, _why(failure.assertion_issuer)).needs if sent.issuer is None else ()
    if nearest_known in _BY_ISSUER:
        return ()
    if sent.subject is None:
        return lacking(_SUBJECT, _why(failure.assertion_subject)).needs
    if nearest_known not in ("nothing", None):
        return ()
    if part in ("issuer_moved", "nothing") and sent.issuer is None:
        return lacking(_ISSUER, _why(failure.assertion_issuer)).needs
    if part == "audience" and sent.audience is None:
        return lacking("failure.assertion_audience", _why(failure.assertion_audience)).needs
    return ()


def _why(read: Read[str]) -> Unread | None:
    return read if isinstance(read, Unread) else None


def _sent(sent: Presented) -> dict[str, str]:
    told = {"sent_issuer": sent.issuer, "sent_subject": sent.subject, "audience": sent.audience}
    shown = {"shown_issuer": sent.issuer, "shown_subject": sent.subject}
    quoted = {name: f"“{value}”" for name, value in shown.items() if value is not None}
    return {name: value for name, value in told.items() if value is not None} | quoted


def _kept(credential: FederatedCredential, sent: Presented) -> dict[str, str]:
    values = {
        "registered_issuer": credential.issuer,
        "registered_subject": credential.subject,
        "credential": f"“{credential.name}”" if credential.name else credential.id,
        "audience": sent.audience or (credential.audiences[0] if credential.audiences else ""),
        # A token whose issuer nobody saw, with a subject of the registered system: the issuer is the registered one.
        "sent_issuer": sent.issuer or credential.issuer,
    }
    if credential.subject:
        values["kept_subject"] = f"“{credential.subject}”"
    values["kept_issuer"] = f"“{credential.issuer}”"
    return {name: value for name, value in values.items() if value}


def _evidence(closest: Comparison, sent: Presented, read: Found[tuple[FederatedCredential, ...]] | Missing) -> Evidence:
    kept = closest.credential
    name = f", “{kept.name}”," if kept.name else ""
    if closest.difference.startswith("issuer"):
        of_token, of_credential = sent.issuer, kept.issuer
    elif closest.difference == "audience":
        of_token, of_credential = sent.audience, ", ".join(kept.audiences)
    else:
        of_token, of_credential = sent.subject, kept.subject or kept.expression
    values = f": it has “{of_credential}”, the token “{of_token}”" if of_token and of_credential else ""
    statement = f"The nearest federated credential{name} {_SAID[closest.difference]}{values}."
    return observed(statement, _CREDENTIALS, read)

"""Questions about what happened to federated credentials before the failures began."""

from datetime import timedelta
from typing import Literal

import msgspec
from msgspec import Struct

from diag.core.directory import Change
from diag.core.facts import Facts
from diag.core.federation import Presented, compare
from diag.core.predicate import predicate
from diag.core.read import Found, Unread
from diag.core.registration import FederatedCredential
from diag.core.verdict import No, Verdict, Yes, lacking, observed


class RetargetedArgs(Struct, frozen=True, forbid_unknown_fields=True):
    part: Literal["entity_type", "entity_name"]
    """What of the subject was changed: the kind of reference, or only its name."""
    days: int


class _Audited(Struct, frozen=True, rename="pascal"):
    """A federated credential as the audit log writes it."""

    subject: str
    name: str = ""
    issuer: str = ""
    id: str = ""


@predicate(
    "federated_credential.was_retargeted_within",
    needs=("changes", "failure.failures_since"),
    gives={"shown_subject": "another one", "kept_subject": "the present one", "credential": "the credential"},
    args=RetargetedArgs,
)
def was_retargeted_within(facts: Facts, args: RetargetedArgs) -> Verdict:
    """A credential's subject was changed in ``part`` during the ``days`` days before the failures began."""
    changes, since = facts.changes, facts.failure.failures_since
    if isinstance(changes, Unread):
        return lacking("changes", changes)
    if not isinstance(since, Found):
        return lacking("failure.failures_since", since if isinstance(since, Unread) else None)
    for change in changes.value if isinstance(changes, Found) else ():
        if not timedelta() <= since.value - change.at <= timedelta(days=args.days):
            continue
        for old, new in _subjects(change):
            credential = FederatedCredential(new.id, new.name, new.issuer, new.subject)
            if compare(Presented(old.issuer or None, old.subject), credential) == args.part:
                actor = f" by “{change.actor}”" if change.actor else ""
                said = (
                    f"On {change.at:%Y-%m-%d %H:%M} UTC the credential “{new.name}” was changed{actor} from the "
                    f"subject “{old.subject}” to “{new.subject}”; the failures began after that."
                )
                gives = {
                    "shown_subject": f"most likely still “{old.subject}”",
                    "kept_subject": f"“{new.subject}”",
                    "credential": f"“{new.name}”",
                }
                return Yes((observed(said, "changes", changes),), gives)
    if isinstance(changes, Found) and not changes.complete:
        return lacking("changes", Unread("the list of changes was cut short"))
    said = f"No credential was given another such subject in the {args.days} days before the failures began."
    return No((observed(said, "changes", changes),))


def _subjects(change: Change) -> list[tuple[_Audited, _Audited]]:
    """The former and the new form of each federated credential that a change touched, where both can be read."""
    pairs = []
    for item in change.properties:
        if "federatedidentitycredential" not in item.name.casefold().replace(" ", ""):
            continue
        before, after = _credentials(item.old), _credentials(item.new)
        for new in after:
            pairs += [(old, new) for old in before if (old.id, old.name) == (new.id, new.name)]
    return pairs


def _credentials(text: str) -> list[_Audited]:
    """The credentials that an audited value holds; none when it is written in a form nobody knows."""
    try:
        read = msgspec.json.decode(text, type=_Audited | list[_Audited])
    except (msgspec.DecodeError, UnicodeDecodeError):
        return []
    return read if isinstance(read, list) else [read]

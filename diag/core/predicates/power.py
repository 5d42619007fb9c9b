"""Questions about how far an application's own permissions reach, granted or only asked for."""

from collections.abc import Iterable

from msgspec import Struct

from diag.core.facts import Facts
from diag.core.powerful_permissions import BY_ID, PowerfulPermission, Reach
from diag.core.predicate import predicate
from diag.core.read import Found, Unread
from diag.core.verdict import No, Verdict, Yes, lacking, observed

_GRANTED, _REQUIRED = "app_role_assignments", "application.required_permissions"
_GIVES = {"powerful": "a far-reaching permission", "can": "more than most programs need"}
_SHOWN_AT_MOST = 6


class ReachArgs(Struct, frozen=True, forbid_unknown_fields=True):
    reach: Reach


@predicate("app_permission.is_powerful", needs=(_GRANTED,), gives=_GIVES, args=ReachArgs)
def is_powerful(facts: Facts, args: ReachArgs) -> Verdict:
    """The client is granted an application permission with which its holder can become an administrator (``control``),
    or read or change what everybody keeps (``data``)."""
    read = facts.app_role_assignments
    if isinstance(read, Unread):
        return lacking(_GRANTED, read)
    granted = _among((item.app_role_id for item in read.value), args.reach) if isinstance(read, Found) else ()
    if granted:
        return Yes((observed(f"Granted: {_shown(granted)}.", _GRANTED, read),), _gives(granted))
    if isinstance(read, Found) and not read.complete:
        return lacking(_GRANTED, Unread("the list of granted application permissions was cut short"))
    return No((observed("No application permission of this reach is granted.", _GRANTED, read),))


@predicate("required_permission.is_powerful", needs=(_REQUIRED, _GRANTED), gives=_GIVES, args=ReachArgs)
def asks_for_power(facts: Facts, args: ReachArgs) -> Verdict:
    """The registration asks for an application permission of this ``reach`` that is not granted, as far as is known."""
    read, assigned = facts.application.required_permissions, facts.app_role_assignments
    if isinstance(read, Unread):
        return lacking(_REQUIRED, read)
    held = {item.app_role_id.lower() for item in assigned.value} if isinstance(assigned, Found) else set()
    listed = read.value if isinstance(read, Found) else ()
    ids = (
        item.permission_id for item in listed if item.kind == "application" and item.permission_id.lower() not in held
    )
    asked = _among(ids, args.reach)
    if asked:
        return Yes((observed(f"Asked for: {_shown(asked)}.", _REQUIRED, read),), _gives(asked))
    if isinstance(read, Found) and not read.complete:
        return lacking(_REQUIRED, Unread("the list of API permissions was cut short"))
    return No((observed("No application permission of this reach is asked for and not granted.", _REQUIRED, read),))


def _among(ids: Iterable[str], reach: Reach) -> tuple[PowerfulPermission, ...]:
    known = (BY_ID.get(role_id.lower()) for role_id in ids)
    return tuple(dict.fromkeys(item for item in known if item is not None and item.reach == reach))


def _shown(permissions: tuple[PowerfulPermission, ...]) -> str:
    names = [item.name for item in permissions]
    more = f" and {len(names) - _SHOWN_AT_MOST} more" if len(names) > _SHOWN_AT_MOST else ""
    return ", ".join(names[:_SHOWN_AT_MOST]) + more


def _gives(permissions: tuple[PowerfulPermission, ...]) -> dict[str, str]:
    reasons = list(dict.fromkeys(item.why for item in permissions))[:_SHOWN_AT_MOST]
    return {"powerful": _shown(permissions), "can": "; ".join(reasons)}

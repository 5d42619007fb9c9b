"""Graph's ``directoryAudit`` → ``diag.core.directory.Change``.

Old and new values are texts that hold JSON, sometimes JSON of JSON; activity names carry an en dash in the live log
where the documentation prints a hyphen.
Source: https://learn.microsoft.com/graph/api/resources/directoryaudit (checked 2026-11-22).
"""

from collections.abc import Iterable, Mapping

import msgspec

from diag.adapters.graph.wire.common import (
    Unusable,
    first_text,
    instant,
    is_guid,
    mapping,
    optional_mapping,
    text,
)
from diag.core.directory import Change, PropertyChange
from diag.core.operations import one_operation, operation_of

_DASHES = str.maketrans({"\u2010": "-", "\u2011": "-", "\u2012": "-", "\u2013": "-", "\u2014": "-", "\u00a0": " "})
_MOST_LAYERS = 4
"""Layers of JSON in JSON that are peeled off; two occur."""


def change(element: object) -> Change:
    """One record; ``Unusable`` without an instant. Its target is the first application, else the first principal."""
    given = mapping(element)
    target = _target(given.get("targetResources"))
    return Change(
        at=instant(given.get("activityDateTime")),
        activity=activity_name(first_text(given, "activityDisplayName")),
        actor=_actor(optional_mapping(given, "initiatedBy")),
        target_object_id=_lowered(first_text(target, "id")),
        target_name=first_text(target, "displayName", "userPrincipalName"),
        properties=_properties(target.get("modifiedProperties")),
        correlation_id=_lowered(first_text(given, "correlationId")),
    )


def joined(changes: Iterable[Change]) -> tuple[Change, ...]:
    """Siblings of one operation become one change, newest first.

    One edit writes several records with one correlation ID, of which some name no property; records of one target that
    share it are joined under the name of the record that says most.
    """
    by_operation: dict[tuple[str, ...], list[Change]] = {}
    for position, item in enumerate(changes):
        by_operation.setdefault(operation_of(item) or ("", "", str(position)), []).append(item)
    together = [one_operation(siblings) for siblings in by_operation.values()]
    return tuple(sorted(together, key=lambda item: item.at, reverse=True))


def activity_name(name: str) -> str:
    """Dashes become hyphens; trailing periods and space go."""
    return " ".join(name.translate(_DASHES).split()).rstrip(". ")


def decoded_value(value: object) -> str:
    """What an old or new value says, as text: quotes and single-element arrays peeled off, other JSON left compact."""
    if value is None:
        return ""
    current: object = value
    for _ in range(_MOST_LAYERS):
        if isinstance(current, (list, tuple)) and len(current) == 1:
            current = current[0]
        elif isinstance(current, str) and current.strip()[:1] in ('"', "[", "{"):
            try:
                current = msgspec.json.decode(current)
            except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
                break
        else:
            break
    if isinstance(current, str):
        return text(current.strip())
    if current == [] or current is None:
        return ""
    try:
        return text(msgspec.json.encode(current).decode())
    except (TypeError, UnicodeEncodeError, RecursionError, msgspec.EncodeError):
        raise Unusable("cannot be written as JSON") from None


def _target(targets: object) -> Mapping[str, object]:
    known = [item for item in targets if isinstance(item, Mapping)] if isinstance(targets, (list, tuple)) else []
    for wanted in ("Application", "ServicePrincipal", "Policy"):
        for item in known:
            if (item.get("type") or item.get("Type")) == wanted:
                return item
    return known[0] if known else {}


def _actor(initiated_by: Mapping[str, object]) -> str:
    """The person's or application's name as the record gives it; empty when it names nobody."""
    user, app = optional_mapping(initiated_by, "user"), optional_mapping(initiated_by, "app")
    return (
        first_text(user, "userPrincipalName", "displayName")
        or first_text(app, "displayName", "appId", "servicePrincipalId")
        or first_text(user, "id")
    )


def _properties(modified: object) -> tuple[PropertyChange, ...]:
    """What changed; a property whose values cannot be read is named with empty values rather than dropped."""
    found: list[PropertyChange] = []
    for item in modified if isinstance(modified, (list, tuple)) else ():
        if not isinstance(item, Mapping):
            continue
        name = first_text(item, "displayName")
        if name and name != "Included Updated Properties":
            found.append(PropertyChange(name, _readable(item.get("oldValue")), _readable(item.get("newValue"))))
    return tuple(found)


def _readable(value: object) -> str:
    try:
        return decoded_value(value)
    except Unusable:
        return ""


def _lowered(value: str) -> str:
    return value.lower() if is_guid(value) else value

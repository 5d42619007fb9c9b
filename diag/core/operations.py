"""Records of the audit log that tell of one operation: one edit writes several, which may arrive apart."""

from collections.abc import Sequence

from diag.core.directory import Change


def operation_of(change: Change) -> tuple[str, str] | None:
    """What the records of one operation share; None for a record that stands for itself."""
    return (change.correlation_id, change.target_object_id) if change.correlation_id else None


def one_operation(siblings: Sequence[Change]) -> Change:
    """The change that siblings tell together, under the name of the record that says most.

    A sibling that says nothing new changes nothing: what was joined before stays as it was, whichever part comes again.
    """
    if len(siblings) == 1:
        return siblings[0]
    fullest = max(siblings, key=lambda item: len(item.properties))
    properties = tuple(dict.fromkeys(found for item in siblings for found in item.properties))
    return Change(
        at=max(item.at for item in siblings),
        activity=fullest.activity,
        actor=fullest.actor or next((item.actor for item in siblings if item.actor), ""),
        target_object_id=fullest.target_object_id,
        target_name=fullest.target_name or next((item.target_name for item in siblings if item.target_name), ""),
        properties=properties,
        correlation_id=fullest.correlation_id,
    )

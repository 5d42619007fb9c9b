"""Questions about user assignment: whether the application demands it, and who is assigned."""

from diag.core.facts import Facts
from diag.core.predicate import NoArgs, predicate
from diag.core.read import Found, Missing, Unread
from diag.core.verdict import No, Verdict, Yes, lacking, observed


@predicate("assignment.is_required", needs=("service_principal.assignment_required",))
def is_required(facts: Facts, _: NoArgs) -> Verdict:
    """Only users and groups that are assigned may sign in to the application."""
    read = facts.service_principal.assignment_required
    fact = "service_principal.assignment_required"
    match read:
        case Found(value=True):
            return Yes((observed("The application lets in assigned users only.", fact, read),))
        case Found():
            return No((observed("The application demands no assignment.", fact, read),))
        case Missing():
            return No((observed("There is no service principal that could demand assignment.", fact, read),))
        case Unread():
            return lacking(fact, read)


@predicate("assignment.includes_anyone", needs=("assigned_principals",), gives={"assigned": "those who are assigned"})
def includes_anyone(facts: Facts, _: NoArgs) -> Verdict:
    """Some user, group or client is assigned to the application."""
    return _assigned(facts, "", "Nobody is assigned to the application.")


@predicate("assignment.includes_group", needs=("assigned_principals",), gives={"assigned": "the assigned groups"})
def includes_group(facts: Facts, _: NoArgs) -> Verdict:
    """A group is assigned to the application, so that membership decides who gets in."""
    return _assigned(facts, "Group", "No group is assigned to the application.")


def _assigned(facts: Facts, kind: str, otherwise: str) -> Verdict:
    read = facts.assigned_principals
    match read:
        case Unread():
            return lacking("assigned_principals", read)
        case Missing():
            return No((observed(otherwise, "assigned_principals", read),))
        case Found(value=assignments):
            own = facts.service_principal.object_id
            if isinstance(own, Found) and any(item.resource_object_id == own.value for item in assignments):
                assignments = tuple(item for item in assignments if item.resource_object_id == own.value)
            matching = [item for item in assignments if not kind or item.principal_type.casefold() == kind.casefold()]
            if matching:
                names = [f"“{item.principal_name or item.principal_object_id}”" for item in matching[:5]]
                more = f" and {len(matching) - 5} more" if len(matching) > 5 else ""
                shown = ", ".join(names) + more
                return Yes((observed(f"Assigned: {shown}.", "assigned_principals", read),), {"assigned": shown})
            if not read.complete or any(not item.principal_type for item in assignments):
                return lacking("assigned_principals")
            return No((observed(otherwise, "assigned_principals", read),))

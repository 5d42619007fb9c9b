"""Taking redirect URIs off the lists they stand in."""

from msgspec import Struct

from diag.core.facts import Facts
from diag.core.registration import Platform
from diag.core.remedies import fixing
from diag.core.remedies.addresses import LABELS, LISTS
from diag.core.remedies.quoting import plain
from diag.core.remedies.string_lists import Edit, edit_commands, read_note
from diag.core.remedies.subject import subject_of, value
from diag.core.remedy import Fix, Rollback, remedy

_SHOWN_AT_MOST = 5


class RemoveRedirectUris(Struct, frozen=True, forbid_unknown_fields=True):
    uris: str
    """The addresses, a line each; only those that the directory lists enter a command."""


@remedy("remove_redirect_uris", effect="removes", args=RemoveRedirectUris)
@fixing.own_registration
def remove_redirect_uris(facts: Facts, args: RemoveRedirectUris) -> Fix:
    """Takes redirect URIs off every list they stand in, in one change; only addresses that were read there are
    touched."""
    subject = subject_of(facts)
    wanted = [uri for uri in args.uris.split("\n") if uri]
    edits = tuple(edit for platform in LISTS if (edit := _edit(facts, platform, wanted)) is not None)
    listed = list(dict.fromkeys(uri for edit in edits for uri in edit.remove))
    where = " and ".join(LABELS[platform] for platform in LISTS if _edit(facts, platform, wanted) is not None)
    portal = f"{fixing.PORTAL} > {subject.name} > Manage > Authentication: delete the addresses" + (
        f" under {where}, Save." if where else ", Save."
    )
    shown = ", ".join(f"“{plain(uri, 200)}”" for uri in listed[:_SHOWN_AT_MOST])
    more = f" and {len(listed) - _SHOWN_AT_MOST} more" if len(listed) > _SHOWN_AT_MOST else ""
    if edits:
        given = edit_commands(facts, subject, edits, portal)
        undo = edit_commands(facts, subject, tuple(edit.reverse() for edit in edits), portal, undo=True)
    else:
        given, undo = fixing.nowhere("none of the addresses was read on the lists of this application", portal), None
    return fixing.fix(
        subject,
        do=f"Remove {shown}{more} from {subject.name}." if shown else f"Remove the addresses from {subject.name}.",
        effect="removes",
        before=(
            "Look in the sign-in logs and the clients' configuration for who still uses them: a client that sends a "
            "removed address fails with AADSTS50011 at once.",
            "Where one is still needed, register its safe form (https, the exact address) first and let the client "
            "send that. Ask the application's owner to approve.",
        ),
        commands=given,
        caution=" ".join(
            part for part in ("Other addresses stay as they are.", read_note(facts, edits) if edits else "") if part
        ),
        rollback=Rollback("Put the addresses back on the lists.", undo),
        verify="The addresses are gone from the Authentication page, and no failures with 50011 begin.",
    )


def _edit(facts: Facts, platform: Platform, wanted: list[str]) -> Edit | None:
    """The change of one platform's list; None where none of the addresses was read in it."""
    listed = value(getattr(facts.application, LISTS[platform].fact.rpartition(".")[2])) or ()
    held = tuple(dict.fromkeys(uri for uri in wanted if uri in listed))
    return Edit(LISTS[platform], remove=held) if held else None

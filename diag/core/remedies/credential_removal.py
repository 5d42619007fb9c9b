"""Removing one secret or certificate by its key ID."""

from msgspec import Struct

from diag.core.facts import Facts
from diag.core.remedies import certificates, client_secrets, fixing
from diag.core.remedies.quoting import plain
from diag.core.remedies.subject import guid, placeholder, subject_of, value
from diag.core.remedy import Fix, Rollback, remedy


class RemoveCredential(Struct, frozen=True, forbid_unknown_fields=True):
    key_id: str
    kind: str = "secret"


@remedy("remove_credential", effect="removes", args=RemoveCredential)
@fixing.own_registration
def remove_credential(facts: Facts, args: RemoveCredential) -> Fix:
    """Removes one secret (or certificate) by key ID; the key ID enters a command only if the application was seen to
    hold it."""
    subject = subject_of(facts)
    certificate = args.kind == "certificate"
    held = value(facts.application.certificates if certificate else facts.application.client_secrets) or ()
    wanted = guid(args.key_id)
    known = next((one for one in held if wanted and guid(one.key_id) == wanted), None)
    key_id = wanted if known is not None and wanted else placeholder("key-id")
    what = "certificate" if certificate else "client secret"
    named = f" “{plain(known.display_name, 80)}”" if known is not None and known.display_name else ""
    commands = (certificates if certificate else client_secrets).removal_commands(subject, key_id)
    seen = "" if known is not None or not args.key_id else f" The key ID “{plain(args.key_id, 60)}” was not seen there."
    return fixing.fix(
        subject,
        do=f"Remove the {what}{named} with key ID {key_id} from {subject.name}, once nothing uses it any more.{seen}",
        effect="removes",
        before=(
            f"Look in the sign-in log for successes with this key ID in the last 30 days: every client that still "
            f"uses this "
            f"{what} fails at its next token request.",
            "Make sure that another credential is in use, and ask the owner of the application to approve.",
        ),
        commands=commands,
        caution=f"A removed {what} cannot be brought back with the same value."
        if not certificate
        else "The certificate itself stays valid elsewhere; only this application stops accepting it.",
        rollback=Rollback(
            "Add a new client secret and give it to the clients that failed.", client_secrets.secret_commands(subject)
        )
        if not certificate
        else Rollback("Upload the same public certificate again.", certificates.added_commands(subject)),
        verify=f"The {what} is gone from Certificates & secrets, and no failure with 7000215, 7000222 or 700027 "
        f"begins.",
    )

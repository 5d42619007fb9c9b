"""Registering the address that receives SAML responses."""

from msgspec import Struct

from diag.core.facts import Facts
from diag.core.remedies import fixing
from diag.core.remedies.addresses import Judgement, judged
from diag.core.remedies.quoting import plain, quoted
from diag.core.remedies.string_lists import WEB, Edit, edit_commands, read_note
from diag.core.remedies.subject import placeholder, subject_of
from diag.core.remedy import Fix, Rollback, remedy


class AddSamlReplyUrl(Struct, frozen=True, forbid_unknown_fields=True):
    uri: str


@remedy("add_saml_reply_url", effect="adds", args=AddSamlReplyUrl)
@fixing.own_registration
def add_saml_reply_url(facts: Facts, args: AddSamlReplyUrl) -> Fix:
    """Registers one more reply URL (assertion consumer address) for SAML sign-in, at the end so that the default
    stays."""
    subject = subject_of(facts)
    verdict = judged(facts, args.uri, "web") if args.uri else Judgement("ask", "")
    shown = plain(args.uri)
    page = f"{fixing.ENTERPRISE} > {subject.name} > Manage > Single sign-on > Basic SAML Configuration > Edit"
    if verdict.answer == "never":
        return fixing.fix(
            subject,
            do=f"Do not register “{shown}”. {verdict.why} Have the service provider send an https address.",
            effect="adds",
            before=("Find out which service provider sends this address, and whether it is yours.",),
            commands=fixing.nowhere(verdict.why, f"{page}: nothing is to be added there."),
            rollback=Rollback("Nothing was changed."),
            verify="The service provider sends a registered https address and the sign-in completes.",
        )
    known = verdict.answer == "known"
    edit = Edit(WEB, add=(args.uri if known else placeholder("reply-url"),))
    do = (
        f"Register “{shown}” as a reply URL of {subject.name}. {verdict.why}"
        if known
        else f"Is the address {quoted(args.uri, 'in the request')} the assertion consumer address in your "
        f"service provider's own "
        f"metadata? If not, do nothing: anyone can ask for a response to an address of their own. If it is, register "
        f"it on "
        f"{subject.name}."
    )
    return fixing.fix(
        subject,
        do=do,
        effect="adds",
        before=("Compare the address with the service provider's metadata, which you fetch from the provider itself.",),
        commands=edit_commands(
            facts, subject, (edit,), f"{page} > Reply URL (Assertion Consumer Service URL) > Add reply URL > Save."
        ),
        caution=" ".join(
            part
            for part in (
                "The default reply URL is used when a request names none: check that it is still the same afterwards.",
                read_note(facts, (edit,)),
            )
            if part
        ),
        who=fixing.SERVICE_PRINCIPAL_OWNER,
        rollback=Rollback(
            "Take the address off the list again.",
            edit_commands(facts, subject, (edit.reverse(),), f"{page}: delete the reply URL, Save.", undo=True),
        ),
        verify="Start a sign-in from the service provider: the response is posted to its address.",
    )

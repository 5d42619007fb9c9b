"""``diag explain``, ``lookup``, ``diagnose``: an answer from what is given, with no tenant and no network.

Imports stay light: these answer from the compiled index in a fraction of a second.
"""

import argparse
import getpass
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from diag.adapters.clock import SystemClock
from diag.adapters.kb_files.store import KnowledgeBaseFiles, open_knowledge_base
from diag.core.diagnosis import Diagnosis
from diag.core.enquiry import Enquiry
from diag.core.errors import BadInput
from diag.core.read import Found
from diag.entrypoints.cli.console import Console, visible
from diag.resources import overlay
from diag.workflows.diagnose import answer

if TYPE_CHECKING:
    from diag.workflows.ports import CodeLine

_MOST_BYTES = 1024 * 1024
_MOST_LISTED = 20
_MOST_LIKE = 5
_PARTS = frozenset(
    {
        "application", "service_principal", "deleted_application", "oauth2_permission_grants", "app_role_assignments",
        "app_role_assigned_to", "federated_identity_credentials", "resource_service_principal", "directory_audits",
        "conditional_access_policies", "domain", "user", "device", "sign_in_activity",
        "app_credential_sign_in_activities", "hosts",
    }
)  # fmt: skip


def explain(options: argparse.Namespace, console: Console) -> int:
    """Say why a sign-in failed, from text, a code, or both with a registration."""
    text = " ".join(options.text)
    if text in ("", "-"):
        if options.secret_from_stdin:
            raise BadInput(
                "Standard input can give the error or the secret, not both.",
                hint="Give the error or its code as an argument: diag explain --secret-from-stdin 7000215",
            )
        text = standard_input("the error message")
    enquiry = Enquiry(text=text)
    if options.registration:
        enquiry = _with_registration(text, Path(options.registration))
    if options.secret_from_stdin:
        enquiry = _with_secret_shape(enquiry)
    _show(answer(enquiry, _knowledge_base()), options, console)
    return 0


def lookup(options: argparse.Namespace, console: Console) -> int:
    """Show what is known of a code; anything else is searched for, typos forgiven."""
    query = " ".join(options.code).strip()
    digits = query.upper().removeprefix("AADSTS").strip(" :")
    knowledge_base = _knowledge_base()
    found = knowledge_base.search(query)
    if digits.isascii() and digits.isdigit() and len(digits) <= 9:
        _show(answer(Enquiry(code=int(digits)), knowledge_base), options, console)
        if found and knowledge_base.entry(int(digits)) is None and not options.json:
            console.say()
            console.say("Codes like it that are known:")
            _list(found[:_MOST_LIKE], options, console)
        return 0
    exact = [line for line in found if query.lower() in (line.name.lower(), line.symptom)]
    if len(exact) == 1 or len(found) == 1:
        line = (exact or list(found))[0]
        _show(answer(Enquiry(code=line.code, symptom=line.symptom), knowledge_base), options, console)
        return 0
    if not found:
        raise BadInput(f"Nothing is known under “{query[:80]}”.", hint="Try a code such as 50011, or one word.")
    _list(found if options.json else found[:_MOST_LISTED], options, console)
    if len(found) > _MOST_LISTED and not options.json:
        console.say(f"{len(found) - _MOST_LISTED} more fit less well; one more word narrows them down.")
    return 0


def diagnose(options: argparse.Namespace, console: Console) -> int:
    """Answer the diagnose request in a file."""
    from diag.adapters.graph.wire.request import enquiry

    content = sys.stdin.buffer.read(_MOST_BYTES + 1) if options.file == "-" else _file(Path(options.file))
    _show(answer(enquiry(content, SystemClock().now()), _knowledge_base()), options, console)
    return 0


def _knowledge_base() -> KnowledgeBaseFiles:
    return open_knowledge_base(overlay=overlay())


def _show(diagnosis: Diagnosis, options: argparse.Namespace, console: Console) -> None:
    if options.json:
        from diag.render.published import diagnosis_json

        console.say(diagnosis_json(diagnosis, indent=2).decode())
        return
    from diag.render.text import diagnosis_lines

    lines = diagnosis_lines(
        diagnosis, style=console.style, visible=visible, all_tools=getattr(options, "all_tools", False)
    )
    for line in lines:
        console.say(line)


def _list(lines: "list[CodeLine] | Any", options: argparse.Namespace, console: Console) -> None:
    if options.json:
        console.say(msgspec.json.format(msgspec.json.encode({"value": list(lines)}), indent=2).decode())
        return
    for line in lines:
        console.say(f"{line.code or line.symptom!s:<10} {line.name:<34} {visible(line.summary)}"[:120])


def _with_registration(text: str, path: Path) -> Enquiry:
    """The text together with a registration file."""
    from diag.adapters.graph.wire.request import enquiry

    return enquiry({**registration_body(path), "text": text}, SystemClock().now())


def registration_body(path: Path) -> dict[str, object]:
    """A registration file as part of a diagnose request: a whole request, its ``registration``, or one object."""
    try:
        given = msgspec.json.decode(_file(path))
    except msgspec.DecodeError as error:
        raise BadInput(f"{path} is no JSON: {error}", hint="Give what `az ad app show --id …` prints.") from error
    if not isinstance(given, dict):
        raise BadInput(f"{path} holds no JSON object.", hint="Give what `az ad app show --id …` prints.")
    if given.keys() & {"registration", "request", "sign_in", "token"}:
        return given
    if given.keys() & _PARTS:
        return {"registration": given}
    if "servicePrincipalType" in given or "appOwnerOrganizationId" in given:
        return {"registration": {"service_principal": given}}
    if "appId" in given:
        return {"registration": {"application": given}}
    raise BadInput(
        f"{path} is no registration: it has no appId.",
        hint="Give what `az ad app show --id …` prints, or a request.",
    )


def _with_secret_shape(enquiry: Enquiry) -> Enquiry:
    from msgspec.structs import replace

    from diag.core.secret_shape import shape_of

    shape = shape_of(standard_input("the client secret", hidden=True).rstrip("\r\n"))
    failure = replace(enquiry.facts.failure, secret_shape=Found(shape, "request"))
    return replace(enquiry, facts=replace(enquiry.facts, failure=failure))


def standard_input(what: str, *, hidden: bool = False) -> str:
    """All of standard input; at a terminal, asks for it (unseen when it is secret)."""
    if sys.stdin.isatty():
        if hidden:
            return getpass.getpass(f"Paste {what} (it is not shown): ")
        print(f"Paste {what}, then press Ctrl-D:", file=sys.stderr)
    content = sys.stdin.buffer.read(_MOST_BYTES + 1)
    if len(content) > _MOST_BYTES:
        raise BadInput("The input is larger than 1 MB.", hint="Give the part around the error message.")
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", "replace")
    return content.decode("utf-8-sig", "replace")


def _file(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror}.") from error

"""``diag review``: what is wrong with registrations before anything fails."""

import argparse
from pathlib import Path

import msgspec

from diag.bootstrap import Service, build
from diag.core.errors import BadInput
from diag.core.facts import Facts
from diag.core.read import Found, Unread
from diag.core.review import review
from diag.entrypoints.cli.answers import registration_body
from diag.entrypoints.cli.console import Console, visible
from diag.entrypoints.cli.service_commands import refuse_unread, settings_here, the_tenants
from diag.render.findings import review_lines, review_object
from diag.workflows.ports import ApplicationLine, Transaction
from diag.workflows.review import Reviewed, Reviewer

_FOUND = 1
_LIKE = 5


def run(options: argparse.Namespace, console: Console) -> int:
    """Show what the checks find in stored applications, or in a registration from a file; 1 when something holds."""
    found = _of_file(Path(options.registration)) if options.registration else _stored(options)
    if options.json:
        told = [
            review_object(
                one.review,
                tenant_id=one.line.tenant_id,
                app_id=one.line.app_id,
                application_name=one.line.display_name,
            )
            for one in found
        ]
        console.say(msgspec.json.format(msgspec.json.encode({"value": told}), indent=2).decode())
    else:
        _tell(found, options, console)
    return _FOUND if any(one.review.held for one in found) else 0


def _tell(found: list[Reviewed], options: argparse.Namespace, console: Console) -> None:
    full = len(found) == 1 or options.details
    clean = 0
    for one in found:
        if len(found) > 1 and not one.review.held:
            clean += 1
            continue
        name = one.line.display_name or one.line.app_id or "The registration"
        console.say(f"{console.style(visible(name), 'strong')}  {visible(one.line.app_id)}")
        shown = one.review if full else msgspec.structs.replace(one.review, findings=one.review.held)
        for line in review_lines(shown, full=full, style=console.style, visible=visible, all_tools=options.all_tools):
            console.say(line)
        if not one.review.held:
            console.say("Nothing was found in what could be looked at.")
        console.say("")
    if len(found) > 1:
        open_ = sum(bool(one.review.unknown) for one in found)
        console.say(
            f"{len(found)} applications: {len(found) - clean} with findings, {clean} without; at {open_} not "
            "everything could be looked at (name one to see what)."
        )


def _of_file(path: Path) -> list[Reviewed]:
    from diag.adapters.clock import SystemClock
    from diag.adapters.graph.wire.request import enquiry
    from diag.adapters.kb_files.store import open_knowledge_base

    now = SystemClock().now()
    # A diagnose request names what failed; here nothing did.
    facts = enquiry({**registration_body(path), "symptom": "review"}, now).facts
    if isinstance(facts.failure.observed_at, Unread):
        facts = msgspec.structs.replace(
            facts, failure=msgspec.structs.replace(facts.failure, observed_at=Found(now, "request"))
        )
    found = review(open_knowledge_base().checks(), facts)
    return [Reviewed(_line_of(facts), found)]


def _line_of(facts: Facts) -> ApplicationLine:
    def text(*reads: object) -> str:
        return next((read.value for read in reads if isinstance(read, Found)), "")

    return ApplicationLine(
        tenant_id=text(facts.home_tenant_id),
        app_id=text(facts.application.app_id, facts.service_principal.app_id),
        display_name=text(facts.application.display_name, facts.service_principal.display_name),
        has_registration=isinstance(facts.application.exists, Found),
        has_service_principal=isinstance(facts.service_principal.exists, Found),
    )


def _stored(options: argparse.Namespace) -> list[Reviewed]:
    service = build(settings_here())
    service.prepare_database()
    tenant = _tenant(service, options.tenant)
    try:
        with service.database.read() as transaction:
            refuse_unread(
                transaction,
                tenant,
                "Run `diag sync`, or let the service run; with --registration FILE no tenant is needed.",
            )
            reviewer = Reviewer(transaction, service.knowledge_base, service.translator, service.clock.now())
            if not options.app:
                return list(reviewer.all(tenant))
            lines = [_named(transaction, name, tenant) for name in options.app]
            return [Reviewed(line, reviewer.of(line.tenant_id, line.app_id)) for line in lines]
    finally:
        service.close()


def _tenant(service: Service, wanted: str) -> str | None:
    """The tenant's GUID for its GUID or name; None for all. The sample tenant stands in no settings."""
    if not wanted:
        return None
    if service.settings.sample:
        return wanted.strip().lower()
    return the_tenants(service.settings, wanted)[0].tenant_id


def _named(transaction: Transaction, name: str, tenant: str | None) -> ApplicationLine:
    wanted = name.strip()
    found = list(transaction.registrations.applications(tenant, app_id=wanted.lower(), limit=_LIKE))
    found = found or list(transaction.registrations.applications(tenant, wanted, limit=_LIKE))
    exact = [line for line in found if line.display_name.casefold() == wanted.casefold()]
    if len(exact) == 1 or len(found) == 1:
        return (exact or found)[0]
    if not found:
        raise BadInput(
            f"No stored application is called “{visible(wanted)}”, nor has it as its application ID.",
            hint="Give the application ID, or a part of the display name.",
        )
    choices = ", ".join(f"{visible(line.display_name)} {line.app_id} in {line.tenant_id}" for line in found)
    raise BadInput(f"“{visible(wanted)}” names several applications.", hint=f"Name one: {choices}.")

"""``diag doctor``: can this instance do its work, and what to do where it cannot."""

import argparse
import asyncio
import logging
from collections.abc import Mapping, Sequence

from diag import __version__
from diag.bootstrap import Service, build
from diag.core.coverage import Coverage
from diag.core.errors import SourceError
from diag.core.tenants import Tenant
from diag.entrypoints.cli.console import Console
from diag.entrypoints.cli.service_commands import say, say_json, settings_here, the_tenants
from diag.render import words
from diag.render.published_coverage import published
from diag.render.views.grants import grants
from diag.workflows.coverage import all_coverage
from diag.workflows.look import look

_UNREADABLE = 3
_UNREAD_CODES = frozenset({"permission_lost", "licence_missing", "authentication_failed", "throttled", "unreachable"})

Answers = Mapping[str, Mapping[str, SourceError | None]]


def doctor(options: argparse.Namespace, console: Console) -> int:
    """Ask every tenant once (``--offline``: look at what is stored only); exit code 3 when one cannot be read."""
    current = settings_here()
    service = build(current)
    tenants = the_tenants(current, options.tenant)
    service.prepare_database()
    # What a source's failure logs, the command says itself.
    logging.getLogger("diag").addHandler(logging.NullHandler())
    try:
        answers = {} if options.offline else asyncio.run(_looked(service, tenants))
        with service.database.read() as transaction:
            coverage = all_coverage(transaction, tenants, service.clock)
        if options.tenant:
            coverage = coverage[: len(tenants)]
        about = {
            "version": __version__,
            "knowledge_base": f"{len(service.knowledge_base.codes())} codes, version {service.knowledge_base.version}",
            "sqlite": service.sqlite_version(),
        }
    finally:
        service.close()
    known = {tenant.tenant_id: tenant for tenant in tenants}
    if options.json:
        items = [_item(item, known.get(item.tenant_id), answers) for item in coverage]
        say_json(console, {**about, "tenants": items})
    else:
        say(console, "\n".join(_lines(about, coverage, known, answers)))
    refused = any(error for answered in answers.values() for error in answered.values())
    unread = any(
        reason.code in _UNREAD_CODES and reason.subject not in answers.get(item.tenant_id, {})
        for item in coverage
        for reason in item.reasons
    )
    return _UNREADABLE if refused or unread else 0


async def _looked(service: Service, tenants: Sequence[Tenant]) -> Answers:
    """What each source of each tenant answered; tenants are asked side by side."""

    async def one(tenant: Tenant) -> Mapping[str, SourceError | None]:
        sources = service.sources(tenant.tenant_id)
        try:
            return await look(sources, service.database, service.clock)
        finally:
            await sources.close()

    answers = await asyncio.gather(*(one(tenant) for tenant in tenants))
    return {tenant.tenant_id: answered for tenant, answered in zip(tenants, answers, strict=True)}


def _item(coverage: Coverage, tenant: Tenant | None, answers: Answers) -> dict[str, object]:
    tenant = tenant or Tenant(tenant_id=coverage.tenant_id)
    asked = answers.get(coverage.tenant_id, {})
    return {
        "tenant_id": coverage.tenant_id,
        "name": tenant.label,
        "coverage": published(coverage, tenant),
        "sources": [
            {
                "source": source.source,
                "verdict": source.verdict,
                **({"answers": asked[source.source] is None} if source.source in asked else {}),
            }
            for source in coverage.sources
        ],
    }


def _lines(
    about: Mapping[str, str], coverage: Sequence[Coverage], known: Mapping[str, Tenant], answers: Answers
) -> list[str]:
    lines = [f"{name.replace('_', ' '):<16}{value}" for name, value in about.items()]
    if not coverage:
        said = "the built-in sample tenant; nothing was collected yet. Start it with `diag serve`."
        lines.append(f"{'tenant':<16}{said}")
    for item in coverage:
        tenant = known.get(item.tenant_id) or Tenant(tenant_id=item.tenant_id)
        asked = answers.get(item.tenant_id, {})
        called = f"{tenant.label} ({item.tenant_id})" if tenant.name else item.tenant_id
        lines += ["", f"{called}: {item.verdict}"]
        for source in item.sources:
            said = _said(asked, source.source)
            lines.append(f"  {words.source_name(source.source)}: {source.verdict}{said}")
        held = "not known" if item.held is None else ", ".join(item.held) or "none"
        lines += [f"  Permissions held: {held}", f"  Licence: {words.LICENCES[item.licence]}"]
        if item.skew_seconds is not None:
            lines.append(f"  Clock: {item.skew_seconds:+.0f} s against Microsoft Graph's")
        if item.credential is not None:
            lines.append(f"  Own credential: {item.credential.kind}, ends {item.credential.ends:%Y-%m-%d %H:%M} UTC")
        lines += [line for reason in item.reasons for line in _reason(reason.text, reason.hint)]
        for permission in item.lacking:
            command = next(tool.text for tool in grants(permission, tenant.client_id) if tool.id == "az")
            lines += [f"  Grant {permission} (Azure CLI; --json has it for other tools):"]
            lines += [f"    {line}" for line in command.splitlines()]
    return lines


def _said(asked: Mapping[str, SourceError | None], source: str) -> str:
    if source not in asked:
        return ""
    return ", answers now" if asked[source] is None else f", refuses now: {asked[source]}"


def _reason(text: str, hint: str) -> list[str]:
    return [f"  ! {text}", *([f"    {hint}"] if hint else [])]

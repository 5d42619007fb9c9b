"""``diag kb unknown``: codes of collected failures that no entry knows; and what of that a new entry starts from."""

import argparse
from pathlib import Path

import msgspec

from diag.bootstrap import Service, build
from diag.core.errors import BadInput, DiagError
from diag.entrypoints.cli.console import Console, visible
from diag.entrypoints.cli.service_commands import say_json, settings_here
from diag.workflows.unknown_codes import UnknownCode, seen_unknown, unknown_codes

_MOST = 500


def unknown(options: argparse.Namespace, console: Console) -> int:
    """List them, latest seen first."""
    service = build(settings_here())
    if not _has_database(service):
        raise BadInput(
            "There is no database yet, so nothing was collected.",
            hint="Start the service once with `diag serve`, or correct DIAG_DATA_DIR.",
        )
    try:
        with service.database.read() as transaction:
            found = unknown_codes(transaction, service.knowledge_base, service.translator, limit=_MOST)
    finally:
        service.close()
    if options.json:
        say_json(console, {"value": found})
        return 0
    if not found:
        console.say("Every code that was collected so far has an entry.")
    for one in found:
        for line in _lines(one):
            console.say(line)
    return 0


def graph_said(code: int) -> tuple[tuple[str, ...], str]:
    """What the sign-in log said of a code in all tenants, latest first, and why nothing could be read, if so."""
    try:
        service = build(settings_here())
        if not _has_database(service):
            return (), ""
        try:
            with service.database.read() as transaction:
                known = [one for one in seen_unknown(transaction, service.knowledge_base) if one.code == code]
                found = unknown_codes(transaction, service.knowledge_base, service.translator, limit=_MOST)
        finally:
            service.close()
    except DiagError as problem:
        return (), str(problem)
    said = dict.fromkeys(line for one in found if one.code == code for line in one.said)
    return (tuple(said), "") if known else ((), "")


def _has_database(service: Service) -> bool:
    path = service.settings.database.removeprefix("sqlite:///")
    return path == service.settings.database or Path(path).is_file()


def _lines(one: UnknownCode) -> list[str]:
    names = ", ".join(visible(application.display_name or application.app_id) for application in one.applications[:5])
    seen = f"{one.first_seen:%Y-%m-%d %H:%M} to {one.last_seen:%Y-%m-%d %H:%M} UTC"
    lines = [f"AADSTS{one.code}  {one.count} sign-ins, {seen}, tenant {one.tenant_id}"]
    lines += [f"  applications: {names}"] if names else []
    return [*lines, *(f"  says: {visible(line)}" for line in one.said)]


def as_json(path: Path, said: tuple[str, ...]) -> str:
    """What `kb new --json` answers."""
    return msgspec.json.format(msgspec.json.encode({"path": str(path), "said": said}), indent=2).decode()
